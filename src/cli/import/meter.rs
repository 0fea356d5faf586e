//! How far an import is, on standard error: a line that is written over on a terminal, a line every
//! few seconds elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::cli::ingest_answer::IngestAnswer;
use crate::clock::Clock;

/// Between two looks of a line that is written over.
const TERMINAL_EVERY: Duration = Duration::from_millis(200);
/// Between two lines elsewhere.
const PLAIN_EVERY: Duration = Duration::from_secs(10);

/// How it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Terminal,
    Plain,
    Quiet,
}

/// The meter of one import.
#[derive(Debug)]
pub(super) struct Meter {
    shown: Shown,
    clock: Clock,
    begun: Instant,
    last: Instant,
    total: u64,
    /// Bytes and records that an earlier run brought.
    skipped: (u64, u64),
}

/// How far it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Reading {
    bytes: u64,
    total: u64,
    records: u64,
    rejected: u64,
    /// Of this run: bytes, records, milliseconds.
    run: (u64, u64, u64),
}

impl Meter {
    /// A meter of `total` bytes.
    pub(super) fn new(total: u64, quiet: bool) -> Self {
        let clock = Clock::system();
        let now = clock.instant();
        let shown = if quiet {
            Shown::Quiet
        } else if std::io::stderr().is_terminal() {
            Shown::Terminal
        } else {
            Shown::Plain
        };
        Self {
            shown,
            clock,
            begun: now,
            last: now,
            total,
            skipped: (0, 0),
        }
    }

    /// Begins behind what an earlier run brought.
    pub(super) fn skip(&mut self, bytes: u64, answer: &IngestAnswer) {
        self.skipped = (bytes, answer.records());
    }

    /// Shows how far it is, if it is time.
    pub(super) fn at(&mut self, bytes: u64, answer: &IngestAnswer) {
        let now = self.clock.instant();
        let every = match self.shown {
            Shown::Terminal => TERMINAL_EVERY,
            Shown::Plain => PLAIN_EVERY,
            Shown::Quiet => return,
        };
        if now.saturating_duration_since(self.last) < every {
            return;
        }
        self.last = now;
        let spent = now.saturating_duration_since(self.begun).as_millis();
        let records = answer.records();
        let reading = Reading {
            bytes,
            total: self.total,
            records,
            rejected: answer.refused(),
            run: (
                bytes.saturating_sub(self.skipped.0),
                records.saturating_sub(self.skipped.1),
                u64::try_from(spent).unwrap_or(u64::MAX),
            ),
        };
        self.show(&line(&reading));
    }

    /// Says something beside the figures, such as why nothing moves.
    pub(super) fn say(&self, what: &str) {
        if self.shown != Shown::Quiet {
            self.show(what);
        }
    }

    fn show(&self, what: &str) {
        let mut out = std::io::stderr().lock();
        let _unread = if self.shown == Shown::Terminal {
            // To the start of the line, and what the longer line before it left is wiped.
            write!(out, "\r{what}\x1b[K").and_then(|()| out.flush())
        } else {
            writeln!(out, "{what}")
        };
    }

    /// Leaves an empty line behind for whatever is printed next.
    pub(super) fn clear(&self) {
        if self.shown == Shown::Terminal {
            self.show("");
        }
    }
}

fn line(at: &Reading) -> String {
    let percent = (at.bytes * 100).checked_div(at.total).unwrap_or(100);
    let (bytes, records, ms) = at.run;
    let a_second = |n: u64| n.saturating_mul(1000).checked_div(ms).unwrap_or(0);
    let left = at.total.saturating_sub(at.bytes);
    let eta = left
        .checked_div(a_second(bytes))
        .map_or_else(|| "?".to_owned(), clock_of);
    let tenths = |n: u64| format!("{}.{}", n >> 20, ((n & 0xf_ffff) * 10) >> 20);
    format!(
        "{percent:>3} %  {} of {} MiB  {} records  {} a second  {} rejected  {eta} left",
        tenths(at.bytes),
        tenths(at.total),
        at.records,
        a_second(records),
        at.rejected,
    )
}

/// Seconds as `M:SS` or `H:MM:SS`.
fn clock_of(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_share_rate_and_time_left() {
        let reading = Reading {
            bytes: 3 << 20,
            total: 12 << 20,
            records: 4_000,
            rejected: 2,
            run: (2 << 20, 3_000, 1_500),
        };
        assert_eq!(
            line(&reading),
            " 25 %  3.0 of 12.0 MiB  4000 records  2000 a second  2 rejected  0:06 left"
        );
    }

    #[test]
    fn nothing_yet_and_nothing_at_all_have_a_line_too() {
        assert_eq!(
            line(&Reading::default()),
            "100 %  0.0 of 0.0 MiB  0 records  0 a second  0 rejected  ? left"
        );
    }

    #[test]
    fn times_are_read_as_on_a_clock() {
        assert_eq!(clock_of(59), "0:59");
        assert_eq!(clock_of(3_599), "59:59");
        assert_eq!(clock_of(3_600), "1:00:00");
    }
}
