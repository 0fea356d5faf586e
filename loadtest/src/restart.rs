//! Asking while the server is stopped and killed, again and again, and started anew each time: what
//! was acknowledged has to be on record, and nothing twice.
//!
//! Each asker repeats a question under the same `request_id` until it has an answer or its time is
//! over, as a dialer's client does; without an answer a contact counts as blocked. The server's own
//! client library is not used: what is right here is judged by other code, from the exported ledger.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::drive::Target;
use crate::plain::Plain;
use crate::portfolio::{ACCOUNTS_MAX, Portfolio};
use crate::random::SplitMix64;
use crate::server::{self, READY_TIMEOUT_MAX, Server};
use crate::{clock, ingest, interrupt, machine, progress};

const PATH: &str = "/api/gate/contact-intent";
/// For one question, its repeats included.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two repeats of a question.
const PAUSE: Duration = Duration::from_millis(10);

/// Options of `loadtest restart`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    server: server::ServerOptions,
    /// How many accounts.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=ACCOUNTS_MAX))]
    accounts: u64,
    /// Connections that ask without a pause.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    connections: u16,
    /// How often the server is ended: in order and by SIGKILL in turn.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=100))]
    restarts: u16,
    /// Seconds between two ends.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Seed of the portfolio and of the choice of accounts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What was heard, by the row that an answer named.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Heard {
    request_id: String,
    account_id: String,
    allow: bool,
}

/// What all askers share.
struct Floor {
    target: Target,
    portfolio: Portfolio,
    over: AtomicBool,
    retried: AtomicU64,
    blocked: AtomicU64,
    heard: Mutex<BTreeMap<u64, Heard>>,
    wrong: Mutex<Option<anyhow::Error>>,
}

/// Runs and prints.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    println!("{}\nseed {}", machine::describe(), options.seed);
    let mut server = Server::start(&options.server)?;
    let portfolio = Portfolio::new(options.seed, options.accounts);
    let bar = progress::bar(options.accounts);
    let loaded = ingest::load(&server.target(), portfolio, &|done| bar.set_position(done))?;
    bar.finish_and_clear();
    println!("{loaded}");
    let floor = Floor {
        target: server.target(),
        portfolio,
        over: AtomicBool::new(false),
        retried: AtomicU64::new(0),
        blocked: AtomicU64::new(0),
        heard: Mutex::default(),
        wrong: Mutex::default(),
    };
    let asked = std::thread::scope(|scope| {
        let askers: Vec<_> = (0..options.connections)
            .map(|asker| {
                let floor = &floor;
                let seed = options.seed.wrapping_add(u64::from(asker));
                scope.spawn(move || floor.ask(seed, asker))
            })
            .collect();
        let ended = end_and_start(&mut server, options, &floor);
        floor.over.store(true, Ordering::Relaxed);
        let asked: Vec<_> = askers
            .into_iter()
            .map(std::thread::ScopedJoinHandle::join)
            .collect();
        ended.and_then(|()| {
            let mut sum = 0_u64;
            for asker in asked {
                sum += asker.ok().context("an asker fell over")?;
            }
            Ok(sum)
        })
    })?;
    if let Some(wrong) = floor.wrong.into_inner().ok().flatten() {
        return Err(wrong);
    }
    let heard = floor
        .heard
        .into_inner()
        .ok()
        .context("an asker fell over")?;
    let exported = server.stop_and_export()?;
    let lost = lost(&heard, &exported)?;
    println!(
        "{asked} asked over {} restarts: {} answered, {} repeats, {} blocked without an answer, {lost} lost",
        options.restarts,
        heard.len(),
        floor.retried.into_inner(),
        floor.blocked.into_inner(),
    );
    if lost > 0 {
        bail!("{lost} acknowledged rows are not on record");
    }
    Ok(())
}

/// Ends the server and starts it again, in order and by SIGKILL in turn. On the thread that starts
/// servers, since they live no longer than it.
fn end_and_start(server: &mut Server, options: &Options, floor: &Floor) -> anyhow::Result<()> {
    let between = Duration::from_secs(options.seconds);
    for n in 0..options.restarts {
        std::thread::sleep(between);
        interrupt::check()?;
        if floor.wrong.lock().is_ok_and(|wrong| wrong.is_some()) {
            return Ok(());
        }
        let (how, ready) = if n % 2 == 0 {
            ("SIGTERM", server.stop_and_restart(READY_TIMEOUT_MAX)?)
        } else {
            ("SIGKILL", server.kill_and_restart(READY_TIMEOUT_MAX)?)
        };
        println!("{how}: ready {:.3} s after the start", ready.as_secs_f64());
    }
    std::thread::sleep(between);
    Ok(())
}

impl Floor {
    /// Asks until it is over; how many questions.
    fn ask(&self, seed: u64, who: u16) -> u64 {
        let mut random = SplitMix64::new(seed);
        let (mut line, mut asked) = (None, 0_u64);
        while !self.over.load(Ordering::Relaxed) {
            let index = random.below(self.portfolio.accounts());
            let account = self.portfolio.account(index);
            let (id, phone) = (
                format!("ACC-{:0width$}", account.number, width = account.digits),
                account.phones[0],
            );
            let request_id = format!("{who}-{asked}");
            let body = format!(
                r#"{{"account_id":"{id}","phone":"+1{phone}","channel":"phone","action_type":"call","source_system":"load","request_id":"{request_id}"}}"#,
            );
            asked += 1;
            let heard = self.one(&mut line, &body);
            match heard.and_then(|said| self.note(request_id, &id, said)) {
                Ok(()) => {}
                Err(wrong) => {
                    if let Ok(mut kept) = self.wrong.lock() {
                        kept.get_or_insert(wrong);
                    }
                    break;
                }
            }
        }
        asked
    }

    /// One question, repeated with the same bytes; `None` without an answer in time.
    fn one(
        &self,
        line: &mut Option<Plain>,
        body: &str,
    ) -> anyhow::Result<Option<serde_json::Value>> {
        let until = clock::now() + PATIENCE;
        while clock::now() < until {
            let mut kept = match line.take() {
                Some(kept) => kept,
                None => match Plain::connect(self.target.address, &self.target.token) {
                    Ok(made) => made,
                    Err(_not_there) => {
                        self.again();
                        continue;
                    }
                },
            };
            let Ok(answer) = kept.post(PATH, "application/json", body.as_bytes()) else {
                self.again();
                continue;
            };
            let said: serde_json::Value = serde_json::from_slice(&answer.body)?;
            if answer.status != 200 {
                bail!("status {}: {said}", answer.status);
            }
            *line = Some(kept);
            if said.get("error").is_none() {
                return Ok(Some(said));
            }
            // No decision, and nothing allowed: worth another try.
            if said.get("allow") != Some(&false.into()) {
                bail!("an error that allows: {said}");
            }
            self.again();
        }
        Ok(None)
    }

    fn again(&self) {
        self.retried.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(PAUSE);
    }

    /// Keeps what was heard; no two questions may hear of one row.
    fn note(
        &self,
        request_id: String,
        account_id: &str,
        said: Option<serde_json::Value>,
    ) -> anyhow::Result<()> {
        let Some(said) = said else {
            self.blocked.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        };
        let row = said.get("audit_id").and_then(serde_json::Value::as_u64);
        let allow = said.get("allow").and_then(serde_json::Value::as_bool);
        let (row, allow) = row
            .zip(allow)
            .with_context(|| format!("no decision: {said}"))?;
        if said.get("account_id").and_then(|id| id.as_str()) != Some(account_id) {
            bail!("an answer about another account: {said}");
        }
        let heard = Heard {
            request_id,
            account_id: account_id.to_owned(),
            allow,
        };
        let mut all = self.heard.lock().ok().context("an asker fell over")?;
        if let Some(other) = all.insert(row, heard) {
            bail!("row {row} was the answer to {} already", other.request_id);
        }
        Ok(())
    }
}

/// How many rows of what was heard are not on record as they were heard.
///
/// # Errors
/// When a question was decided twice, or the export is not what it should be.
fn lost(heard: &BTreeMap<u64, Heard>, exported: &str) -> anyhow::Result<u64> {
    let mut missing = heard.clone();
    let mut rows = BTreeMap::new();
    for line in exported.lines() {
        let row: Row = serde_json::from_str(line)?;
        let body: Body = serde_json::from_str(&row.bytes)?;
        if body.k != "d" {
            continue;
        }
        let subject = row
            .subjects
            .first()
            .context("a decision without a subject")?;
        let subject: Asked = serde_json::from_str(&subject.subject)?;
        if let Some(first) = rows.insert(subject.request_id.clone(), row.seq) {
            bail!(
                "{} was decided twice: rows {first} and {}",
                subject.request_id,
                row.seq
            );
        }
        let on_record = Heard {
            request_id: subject.request_id,
            account_id: subject.account_id,
            allow: body.b == 0,
        };
        if missing.get(&row.seq) == Some(&on_record) {
            missing.remove(&row.seq);
        }
    }
    Ok(u64::try_from(missing.len())?)
}

#[derive(serde::Deserialize)]
struct Row {
    seq: u64,
    bytes: String,
    subjects: Vec<Sealed>,
}

#[derive(serde::Deserialize)]
struct Sealed {
    subject: String,
}

#[derive(serde::Deserialize)]
struct Body {
    k: String,
    #[serde(default)]
    b: u64,
}

#[derive(serde::Deserialize)]
struct Asked {
    request_id: String,
    account_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seq: u64, request_id: &str, blocked: u64) -> String {
        let subject = format!(r#"{{\"account_id\":\"A\",\"request_id\":\"{request_id}\"}}"#);
        let bytes = format!(r#"{{\"b\":{blocked},\"k\":\"d\"}}"#);
        format!(r#"{{"seq":{seq},"bytes":"{bytes}","subjects":[{{"subject":"{subject}"}}]}}"#)
    }

    fn heard(all: &[(u64, &str, bool)]) -> BTreeMap<u64, Heard> {
        let one = |(seq, request_id, allow): &(u64, &str, bool)| {
            let heard = Heard {
                request_id: (*request_id).to_owned(),
                account_id: "A".to_owned(),
                allow: *allow,
            };
            (*seq, heard)
        };
        all.iter().map(one).collect()
    }

    #[test]
    fn what_is_missing_or_different_is_lost() {
        let exported = [row(2, "a", 0), row(3, "b", 4)].join("\n");
        let lost = |all: &[(u64, &str, bool)]| lost(&heard(all), &exported).unwrap();
        assert_eq!(lost(&[(2, "a", true), (3, "b", false)]), 0);
        assert_eq!(lost(&[(2, "a", true)]), 0);
        assert_eq!(lost(&[(2, "a", false), (3, "b", false)]), 1);
        assert_eq!(lost(&[(2, "b", true), (4, "c", true)]), 2);
        let twice = [row(2, "a", 0), row(3, "a", 0)].join("\n");
        assert!(super::lost(&heard(&[]), &twice).is_err());
    }
}
