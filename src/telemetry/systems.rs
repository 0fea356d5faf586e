//! What became of calls to systems of record, of letters to them and of reading them: counted where it
//! happens and set here at each scrape, summed over tenants.

use metrics::{Counter, Gauge};

use super::labels::{OutboxLetter, SystemCall, SystemRead, SystemRecord};

/// The sums, as they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SystemSums {
    /// Calls by what came of them, in the order of [`SystemCall::ALL`].
    pub calls: [u64; 7],
    /// Calls under way.
    pub calls_open: u64,
    /// Tenants none of whose addresses answers.
    pub down: u64,
    /// Accounts asked for by what came of it, in the order of [`SystemRead::ALL`].
    pub reads: [u64; 4],
    /// Records that were read, in the order of [`SystemRecord::ALL`].
    pub records: [u64; 3],
    /// Tenants whose system has not been read whole, though it could be.
    pub incomplete: u64,
    /// Letters and rows, in the order of [`OutboxLetter::ALL`].
    pub letters: [u64; 4],
    /// Statements that wait.
    pub waiting: u64,
    /// Age of the oldest of them, seconds.
    pub lag_s: u64,
    /// Letters given up.
    pub dead: u64,
    /// Tenants of whom no more rows are read, because too many were given up.
    pub full: u64,
}

/// The handles.
#[derive(Debug)]
pub(super) struct Systems {
    pub(super) calls: Vec<Counter>,
    pub(super) calls_open: Gauge,
    pub(super) down: Gauge,
    pub(super) reads: Vec<Counter>,
    pub(super) records: Vec<Counter>,
    pub(super) incomplete: Gauge,
    pub(super) letters: Vec<Counter>,
    pub(super) waiting: Gauge,
    pub(super) lag: Gauge,
    pub(super) dead: Gauge,
    pub(super) full: Gauge,
}

const _: () = assert!(SystemCall::ALL.len() == 7 && SystemRead::ALL.len() == 4);
const _: () = assert!(SystemRecord::ALL.len() == 3 && OutboxLetter::ALL.len() == 4);

impl Systems {
    pub(super) fn set(&self, sums: &SystemSums) {
        let counts = [
            (&self.calls, &sums.calls[..]),
            (&self.reads, &sums.reads[..]),
            (&self.records, &sums.records[..]),
            (&self.letters, &sums.letters[..]),
        ];
        for (counters, values) in counts {
            for (counter, value) in counters.iter().zip(values) {
                counter.absolute(*value);
            }
        }
        for (gauge, value) in [
            (&self.calls_open, sums.calls_open),
            (&self.down, sums.down),
            (&self.incomplete, sums.incomplete),
            (&self.waiting, sums.waiting),
            (&self.lag, sums.lag_s),
            (&self.dead, sums.dead),
            (&self.full, sums.full),
        ] {
            gauge.set(f64::from(u32::try_from(value).unwrap_or(u32::MAX)));
        }
    }
}
