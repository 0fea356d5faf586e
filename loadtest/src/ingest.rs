//! Loading a portfolio through the server's ingest route, in pages, over a few connections.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::drive::Target;
use crate::figures::{float, per};
use crate::plain::Plain;
use crate::portfolio::Portfolio;
use crate::{clock, interrupt};

const PATH: &str = "/api/queue/ingest/json";
const CONTENT_TYPE: &str = "application/json";
/// Accounts a page: about 1.9 MB.
pub(crate) const PAGE_ACCOUNTS: u64 = 2_000;
const CONNECTIONS: u64 = 4;

/// What the server says about a page.
#[derive(Deserialize)]
struct PageAnswer {
    applied: u64,
    unchanged: u64,
    #[serde(default)]
    rejected: Vec<serde_json::Value>,
}

/// How a load went.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Loaded {
    /// Accounts sent.
    pub(crate) accounts: u64,
    /// Records the server applied.
    pub(crate) applied: u64,
    /// Records it already had.
    pub(crate) unchanged: u64,
    /// Bytes of records sent.
    pub(crate) bytes: u64,
    /// From the first page to the last durable answer.
    pub(crate) seconds: f64,
    /// Accounts a second.
    pub(crate) accounts_per_second: Option<f64>,
}

impl std::fmt::Display for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            accounts,
            applied,
            unchanged,
            seconds,
            ..
        } = self;
        let rate = self.accounts_per_second.unwrap_or(0.0);
        write!(
            f,
            "loaded {accounts} accounts in {seconds:.1} s ({rate:.0}/s; "
        )?;
        write!(f, "applied {applied}, unchanged {unchanged})")
    }
}

/// Pages made before they are sent, so that making them takes nothing from what is measured.
pub(crate) struct Pages<'a> {
    bodies: Vec<Vec<u8>>,
    next: &'a AtomicU64,
}

impl<'a> Pages<'a> {
    /// The next `count` pages, none of which an earlier call with the same `next` made.
    pub(crate) fn make(
        portfolio: Portfolio,
        next: &'a AtomicU64,
        count: u64,
    ) -> anyhow::Result<Self> {
        let pages = portfolio.accounts().div_ceil(PAGE_ACCOUNTS);
        let mut bodies = Vec::new();
        for _ in 0..count {
            let page = next.fetch_add(1, Ordering::Relaxed);
            if page >= pages {
                bail!("every account of the portfolio has been loaded: more --import-accounts");
            }
            bodies.push(page_body(portfolio, page)?);
        }
        Ok(Self { bodies, next })
    }

    /// Sends them over one connection, back to back, until told to stop; the next call makes the rest
    /// anew. How many accounts were taken in.
    pub(crate) fn send(self, target: &Target, stop: &AtomicBool) -> anyhow::Result<u64> {
        let mut plain = Plain::connect(target.address, &target.token)?;
        let (mut taken, mut bodies) = (0, self.bodies.into_iter());
        while !stop.load(Ordering::Relaxed) {
            interrupt::check()?;
            let Some(body) = bodies.next() else {
                bail!("the import ran out of pages before its window ended");
            };
            let [applied, unchanged] = send_page(&mut plain, &body)?;
            taken += applied + unchanged;
        }
        self.next.fetch_sub(bodies.len() as u64, Ordering::Relaxed);
        Ok(taken)
    }
}

/// Loads the whole portfolio; any rejected record is an error, as the run would mean nothing.
/// `progress` hears how many accounts are durable.
pub(crate) fn load(
    target: &Target,
    portfolio: Portfolio,
    progress: &(impl Fn(u64) + Sync),
) -> anyhow::Result<Loaded> {
    let pages = portfolio.accounts().div_ceil(PAGE_ACCOUNTS);
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let began = clock::now();
    let sums = std::thread::scope(|scope| {
        let lane = || -> anyhow::Result<[u64; 3]> {
            let mut plain = Plain::connect(target.address, &target.token)?;
            let mut sums = [0; 3];
            loop {
                interrupt::check()?;
                let page = next.fetch_add(1, Ordering::Relaxed);
                if page >= pages {
                    return Ok(sums);
                }
                let sent = load_page(&mut plain, portfolio, page)?;
                sums = [sums[0] + sent[0], sums[1] + sent[1], sums[2] + sent[2]];
                progress(done.fetch_add(PAGE_ACCOUNTS, Ordering::Relaxed) + PAGE_ACCOUNTS);
            }
        };
        let lanes: Vec<_> = (0..CONNECTIONS.min(pages))
            .map(|_| scope.spawn(lane))
            .collect();
        lanes.into_iter().try_fold([0; 3], |sums: [u64; 3], lane| {
            let part = lane
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            anyhow::Ok([sums[0] + part[0], sums[1] + part[1], sums[2] + part[2]])
        })
    })?;
    let elapsed: Duration = clock::now().duration_since(began);
    let accounts = portfolio.accounts();
    Ok(Loaded {
        accounts,
        applied: sums[0],
        unchanged: sums[1],
        bytes: sums[2],
        seconds: elapsed.as_secs_f64(),
        accounts_per_second: per(float(accounts), elapsed.as_secs_f64()),
    })
}

/// Sends one page: applied, unchanged, bytes.
fn load_page(plain: &mut Plain, portfolio: Portfolio, page: u64) -> anyhow::Result<[u64; 3]> {
    let body = page_body(portfolio, page)?;
    let [applied, unchanged] = send_page(plain, &body)?;
    Ok([applied, unchanged, body.len() as u64])
}

/// Sends what a page says: applied, unchanged.
fn send_page(plain: &mut Plain, body: &[u8]) -> anyhow::Result<[u64; 2]> {
    let answer = plain.post(PATH, CONTENT_TYPE, body)?;
    if answer.status != 200 {
        let words: String = String::from_utf8_lossy(&answer.body)
            .chars()
            .take(300)
            .collect();
        bail!("ingest answered {}: {words}", answer.status);
    }
    let counts: PageAnswer = serde_json::from_slice(&answer.body).context("ingest answer")?;
    if let Some(first) = counts.rejected.first() {
        let rejected = counts.rejected.len();
        bail!("ingest rejected {rejected} records, the first: {first}");
    }
    Ok([counts.applied, counts.unchanged])
}

/// One page as a JSON array.
fn page_body(portfolio: Portfolio, page: u64) -> std::io::Result<Vec<u8>> {
    let first = page * PAGE_ACCOUNTS;
    let end = (first + PAGE_ACCOUNTS).min(portfolio.accounts());
    let mut body = Vec::with_capacity(2 << 20);
    body.push(b'[');
    for index in first..end {
        portfolio.write_record(index, &mut body)?;
        // Each record's newline becomes the comma before the next.
        if let Some(last) = body.last_mut() {
            *last = if index + 1 < end { b',' } else { b']' };
        }
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::{PAGE_ACCOUNTS, page_body};
    use crate::portfolio::Portfolio;

    #[test]
    fn pages_are_arrays_and_the_last_holds_the_rest() {
        let portfolio = Portfolio::new(1, PAGE_ACCOUNTS + 1);
        let ids = |page| -> Vec<String> {
            let body = page_body(portfolio, page).unwrap();
            let page: Vec<serde_json::Value> = serde_json::from_slice(&body).unwrap();
            page.iter()
                .map(|record| record["account_id"].to_string())
                .collect()
        };
        assert_eq!(ids(0).len(), usize::try_from(PAGE_ACCOUNTS).unwrap());
        assert_eq!(ids(0).last().unwrap(), "\"ACC-0002000\"");
        assert_eq!(ids(1), ["\"ACC-0002001\""]);
    }
}
