//! What the client counts, through the `metrics` crate: whoever embeds it has the recorder.
//!
//! Handles are made once with the client. No label holds anything that a caller or consumer chose.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Unit, counter, gauge, histogram};

use super::verdict::{Reason, Verdict};

const ASKED: &str = "dialgate_client_asked_total";
const ALLOWED: &str = "dialgate_client_allowed_total";
const BLOCKED: &str = "dialgate_client_blocked_total";
const LATE: &str = "dialgate_client_late_total";
const RETRIES: &str = "dialgate_client_retries_total";
const RECONNECTS: &str = "dialgate_client_reconnects_total";
const REPORTED: &str = "dialgate_client_reports_total";
const UNDER_WAY: &str = "dialgate_client_under_way";
const LATENCY: &str = "dialgate_client_ask_duration_seconds";

/// The words of [`Reason::as_str`].
const REASONS: [&str; 14] = [
    "gates",
    "not_decided",
    "refused",
    "timeout",
    "busy",
    "late",
    "unreachable",
    "disconnected",
    "garbled",
    "mismatch",
    "no_token",
    "no_name",
    "unusable",
    "too_many",
];

/// The handles.
pub(super) struct Gauges {
    asked: Counter,
    allowed: Counter,
    blocked: [Counter; REASONS.len()],
    late: Counter,
    retries: Counter,
    reconnects: Counter,
    reported: [Counter; 2],
    under_way: Gauge,
    latency: Histogram,
}

impl Gauges {
    /// Describes and makes them with the recorder that is installed now.
    pub(super) fn new() -> Self {
        metrics::describe_counter!(ASKED, Unit::Count, "Contact intents asked about.");
        metrics::describe_counter!(ALLOWED, Unit::Count, "Permits given.");
        metrics::describe_counter!(BLOCKED, Unit::Count, "Blocks, by reason.");
        metrics::describe_counter!(LATE, Unit::Count, "ALLOWs that came too late to be used.");
        metrics::describe_counter!(RETRIES, Unit::Count, "Repeats of questions and reports.");
        metrics::describe_counter!(RECONNECTS, Unit::Count, "Connections made after one broke.");
        metrics::describe_counter!(REPORTED, Unit::Count, "Reports, by result.");
        metrics::describe_gauge!(UNDER_WAY, Unit::Count, "Questions under way.");
        metrics::describe_histogram!(LATENCY, Unit::Seconds, "From a call of ask to its verdict.");
        Self {
            asked: counter!(ASKED),
            allowed: counter!(ALLOWED),
            blocked: REASONS.map(|reason| counter!(BLOCKED, "reason" => reason)),
            late: counter!(LATE),
            retries: counter!(RETRIES),
            reconnects: counter!(RECONNECTS),
            reported: ["done", "failed"].map(|result| counter!(REPORTED, "result" => result)),
            under_way: gauge!(UNDER_WAY),
            latency: histogram!(LATENCY),
        }
    }

    /// A verdict was given `after` its question was put.
    pub(super) fn verdict(&self, verdict: &Verdict, after: Duration) {
        self.asked.increment(1);
        self.latency.record(after.as_secs_f64());
        let Some(block) = verdict.block() else {
            self.allowed.increment(1);
            return;
        };
        let reason = block.reason();
        if *reason == Reason::Late {
            self.late.increment(1);
        }
        let at = REASONS.iter().position(|word| *word == reason.as_str());
        if let Some(counter) = at.and_then(|at| self.blocked.get(at)) {
            counter.increment(1);
        }
    }

    /// Something is put to the gateway again.
    pub(super) fn retry(&self) {
        self.retries.increment(1);
    }

    /// A connection was made after one broke.
    pub(super) fn reconnect(&self) {
        self.reconnects.increment(1);
    }

    /// A report was answered, or given up.
    pub(super) fn reported(&self, done: bool) {
        let [good, bad] = &self.reported;
        if done { good } else { bad }.increment(1);
    }

    /// So many questions more are under way, until what is returned is dropped.
    pub(super) fn under_way(&self, count: usize) -> UnderWay<'_> {
        let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        self.under_way.increment(count);
        UnderWay(&self.under_way, count)
    }
}

/// Questions under way.
pub(super) struct UnderWay<'g>(&'g Gauge, f64);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.decrement(self.1);
    }
}

impl std::fmt::Debug for Gauges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gauges")
    }
}
