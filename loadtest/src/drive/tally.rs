//! What a window counts: latencies, verdicts, bytes, faults.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::connection::Answer;
use crate::figures::{float, micros, per};
use crate::reply::find;

/// Latencies are kept in nanoseconds, to 64 ns or three digits, whichever is coarser.
const LATENCY_NANOS_MIN: u64 = 100;
/// Longest latency kept; longer ones count as this.
const LATENCY_NANOS_MAX: u64 = 60_000_000_000;
/// Different sets of blocking gates kept apart; more are counted together as `other`.
const MIX_ENTRIES_MAX: usize = 64;
const OTHER: &[u8] = b"other";

/// Counts of one thread, or of several added up.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    latency: Histogram<u64>,
    late: Histogram<u64>,
    /// Answers with status 200.
    pub(crate) requests: u64,
    /// Of these, ALLOW.
    pub(crate) allowed: u64,
    /// Broken connections and answers other than 200.
    pub(crate) errors: u64,
    /// Arrivals that could not be sent before the window was given up (open loop only).
    pub(crate) unsent: u64,
    bytes: u64,
    mix: Vec<(Vec<u8>, u64)>,
    first_fault: Option<String>,
}

/// The figures of a tally.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Summary {
    /// Answers with status 200.
    pub(crate) requests: u64,
    /// Broken connections and other statuses.
    pub(crate) errors: u64,
    /// Arrivals never sent.
    pub(crate) unsent: u64,
    /// Median latency in microseconds.
    pub(crate) p50_us: f64,
    /// 99th percentile.
    pub(crate) p99_us: f64,
    /// 99.9th percentile.
    pub(crate) p999_us: f64,
    /// Longest.
    pub(crate) max_us: f64,
    /// 99th percentile of how late the client itself was to notice that a request was due.
    pub(crate) late_p99_us: f64,
    /// Response bytes, head and body, per request.
    pub(crate) response_bytes: Option<f64>,
    /// Share of ALLOW among the answers.
    pub(crate) allow_share: Option<f64>,
    /// Answers by verdict: `ALLOW`, or the blocking gates.
    pub(crate) mix: BTreeMap<String, u64>,
    /// The first fault of the window in words, if any.
    pub(crate) first_fault: Option<String>,
}

impl Tally {
    /// An empty tally.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let histogram = || Histogram::new_with_bounds(LATENCY_NANOS_MIN, LATENCY_NANOS_MAX, 3);
        Ok(Self {
            latency: histogram()?,
            late: histogram()?,
            requests: 0,
            allowed: 0,
            errors: 0,
            unsent: 0,
            bytes: 0,
            mix: Vec::new(),
            first_fault: None,
        })
    }

    /// Counts one answer that took `nanos`.
    pub(super) fn answer(&mut self, answer: &Answer<'_>, nanos: u64) {
        if answer.status != 200 {
            self.fault(|| format!("status {}", answer.status));
            return;
        }
        self.latency.saturating_record(nanos);
        self.requests += 1;
        self.bytes += answer.bytes as u64;
        // Of a batch the first verdict stands for all; a fault is looked for in the last as well.
        let batch = answer.body.strip_prefix(b"[");
        if batch.is_some() && answer.body.ends_with(b"}}]") {
            let code = String::from_utf8_lossy(error_code(answer.body).unwrap_or(b"?"));
            self.fault(|| format!("the last of a batch is a system error: {code}"));
        }
        let first = batch.unwrap_or(answer.body);
        // `allow` is the first field; looking there first spares a search of the whole body.
        let allowed = first.starts_with(b"{\"allow\":true")
            || batch.is_none() && find(first, b"\"allow\":true").is_some();
        if allowed {
            self.allowed += 1;
        } else {
            self.block(blocked_by(first));
        }
    }

    /// Counts an answer with this body that took `nanos`; no decision is a fault.
    pub(crate) fn body(&mut self, status: u16, body: &[u8], nanos: u64) {
        if !body.starts_with(b"{\"allow\":true")
            && let Some(code) = error_code(body)
        {
            let words = || format!("no decision: {}", String::from_utf8_lossy(code));
            return self.fault(words);
        }
        let bytes = body.len();
        self.answer(
            &Answer {
                status,
                body,
                bytes,
            },
            nanos,
        );
    }

    /// Counts a decision in `bytes` bytes that took `nanos`: ALLOW, or BLOCK by these gates.
    pub(crate) fn decided(&mut self, blocked_by: Option<&[u8]>, bytes: usize, nanos: u64) {
        self.echoed(bytes, nanos);
        match blocked_by {
            None => self.allowed += 1,
            Some(gates) => self.block(gates),
        }
    }

    /// Counts an answer of `bytes` bytes that decides nothing and took `nanos`.
    pub(crate) fn echoed(&mut self, bytes: usize, nanos: u64) {
        self.latency.saturating_record(nanos);
        self.requests += 1;
        self.bytes += bytes as u64;
    }

    /// Counts a failure to get an answer of status 200.
    pub(crate) fn fault(&mut self, words: impl FnOnce() -> String) {
        self.errors += 1;
        self.first_fault.get_or_insert_with(words);
    }

    /// Counts an arrival that was given up after waiting `nanos`. It enters the histogram with the
    /// time it had already waited: leaving it out would flatter exactly the overloaded server.
    pub(crate) fn give_up(&mut self, nanos: u64) {
        self.unsent += 1;
        self.latency.saturating_record(nanos);
    }

    /// Notes how long after it was due the client noticed an arrival (open loop only): a part of its
    /// latency that is the client's own, and no server's.
    pub(crate) fn noticed(&mut self, nanos: u64) {
        self.late.saturating_record(nanos);
    }

    fn block(&mut self, gates: &[u8]) {
        if let Some((_, count)) = self.mix.iter_mut().find(|(name, _)| name == gates) {
            *count += 1;
        } else if self.mix.len() < MIX_ENTRIES_MAX || gates == OTHER {
            self.mix.push((gates.to_vec(), 1));
        } else {
            self.block(OTHER);
        }
    }

    /// Adds another tally.
    pub(crate) fn add(&mut self, other: &Self) -> anyhow::Result<()> {
        self.latency.add(&other.latency)?;
        self.late.add(&other.late)?;
        self.requests += other.requests;
        self.allowed += other.allowed;
        self.errors += other.errors;
        self.unsent += other.unsent;
        self.bytes += other.bytes;
        for (name, count) in &other.mix {
            match self.mix.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += count,
                None => self.mix.push((name.clone(), *count)),
            }
        }
        if self.first_fault.is_none() {
            self.first_fault.clone_from(&other.first_fault);
        }
        Ok(())
    }

    /// The figures so far.
    pub(crate) fn summary(&self) -> Summary {
        let at = |quantile| micros(self.latency.value_at_quantile(quantile));
        let requests = float(self.requests);
        let mut mix: BTreeMap<String, u64> = BTreeMap::new();
        mix.insert("ALLOW".to_owned(), self.allowed);
        for (gates, count) in &self.mix {
            let name = String::from_utf8_lossy(gates).replace('"', "");
            *mix.entry(name).or_default() += count;
        }
        Summary {
            requests: self.requests,
            errors: self.errors,
            unsent: self.unsent,
            p50_us: at(0.5),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: micros(self.latency.max()),
            late_p99_us: micros(self.late.value_at_quantile(0.99)),
            response_bytes: per(float(self.bytes), requests),
            allow_share: per(float(self.allowed), requests),
            mix,
            first_fault: self.first_fault.clone(),
        }
    }
}

/// The code of an answer without a decision, of a batch the last such code.
fn error_code(body: &[u8]) -> Option<&[u8]> {
    const KEY: &[u8] = b"\"error\":{\"code\":\"";
    let at = body.windows(KEY.len()).rposition(|window| window == KEY)?;
    let code = body.get(at + KEY.len()..)?;
    code.get(..code.iter().position(|&byte| byte == b'"')?)
}

/// What stands between the brackets of `blocked_by`, or `?` for a body without it.
fn blocked_by(body: &[u8]) -> &[u8] {
    const KEY: &[u8] = b"\"blocked_by\":[";
    let list = find(body, KEY).and_then(|at| body.get(at + KEY.len()..));
    let end = list.and_then(|list| list.iter().position(|&byte| byte == b']'));
    list.zip(end)
        .and_then(|(list, end)| list.get(..end))
        .unwrap_or(b"?")
}

#[cfg(test)]
mod tests {
    use super::{Answer, Tally, blocked_by, error_code};

    fn answer(body: &str) -> Answer<'_> {
        Answer {
            status: 200,
            body: body.as_bytes(),
            bytes: 100,
        }
    }

    #[test]
    fn percentiles_of_a_known_set() {
        let mut tally = Tally::new().unwrap();
        for micros in 1..=1_000_u64 {
            tally.answer(&answer("{\"allow\":true}"), micros * 1_000);
        }
        let summary = tally.summary();
        let near = |got: f64, want: f64| (got - want).abs() <= want * 0.002;
        assert!(near(summary.p50_us, 500.0), "{}", summary.p50_us);
        assert!(near(summary.p99_us, 990.0), "{}", summary.p99_us);
        assert!(near(summary.p999_us, 999.0), "{}", summary.p999_us);
        assert!(near(summary.max_us, 1_000.0), "{}", summary.max_us);
        assert_eq!((summary.requests, summary.errors), (1_000, 0));
    }

    #[test]
    fn verdicts_are_kept_apart_and_added_up() {
        let mut one = Tally::new().unwrap();
        one.answer(&answer("{\"allow\":true,\"blocked_by\":[]}"), 1_000);
        one.answer(
            &answer("{\"allow\":false,\"blocked_by\":[\"TIMING\"]}"),
            1_000,
        );
        let mut two = Tally::new().unwrap();
        two.answer(
            &answer("{\"allow\":false,\"blocked_by\":[\"TIMING\"]}"),
            1_000,
        );
        two.answer(
            &answer("{\"allow\":false,\"blocked_by\":[\"ACCOUNT\",\"TIMING\"]}"),
            1_000,
        );
        two.answer(
            &Answer {
                status: 401,
                body: b"",
                bytes: 9,
            },
            1_000,
        );
        one.add(&two).unwrap();
        let summary = one.summary();
        assert_eq!(summary.mix["ALLOW"], 1);
        assert_eq!(summary.mix["TIMING"], 2);
        assert_eq!(summary.mix["ACCOUNT,TIMING"], 1);
        assert_eq!((summary.requests, summary.errors), (4, 1));
        assert_eq!(summary.first_fault.as_deref(), Some("status 401"));
        assert_eq!(blocked_by(b"{}"), b"?");
    }

    #[test]
    fn the_65th_set_of_gates_and_later_ones_are_counted_together() {
        let mut tally = Tally::new().unwrap();
        for gate in 0..67 {
            let body = format!("{{\"allow\":false,\"blocked_by\":[\"G{gate}\"]}}");
            tally.answer(&answer(&body), 1_000);
        }
        let mix = tally.summary().mix;
        assert_eq!((mix["G0"], mix["G63"], mix["other"]), (1, 1, 3));
        assert!(!mix.contains_key("G64"));
    }

    #[test]
    fn no_decision_is_a_fault_with_its_code() {
        let error =
            "{\"allow\":false,\"blocked_by\":[\"SYSTEM_ERROR\"],\"error\":{\"code\":\"DEADLINE\"}}";
        let mut tally = Tally::new().unwrap();
        tally.body(200, error.as_bytes(), 1_000);
        tally.body(200, b"{\"allow\":true}", 1_000);
        tally.body(200, b"{\"allow\":false,\"blocked_by\":[\"TIMING\"]}", 1_000);
        let batch = format!("[{{\"allow\":true}},{error}]");
        tally.answer(&answer(&batch), 1_000);
        tally.echoed(9, 1_000);
        let summary = tally.summary();
        assert_eq!((summary.requests, summary.errors), (4, 2));
        assert_eq!((summary.mix["ALLOW"], summary.mix["TIMING"]), (2, 1));
        let fault = summary.first_fault.unwrap();
        assert_eq!(fault, "no decision: DEADLINE");
        assert_eq!(error_code(batch.as_bytes()), Some(&b"DEADLINE"[..]));
        assert_eq!(error_code(b"{}"), None);
    }

    #[test]
    fn what_was_given_up_stays_in_the_percentiles() {
        let mut tally = Tally::new().unwrap();
        tally.answer(&answer("{\"allow\":true}"), 1_000);
        tally.give_up(2_000_000_000);
        assert!(tally.summary().max_us > 1_990_000.0);
        assert_eq!((tally.summary().unsent, tally.summary().requests), (1, 1));
    }
}
