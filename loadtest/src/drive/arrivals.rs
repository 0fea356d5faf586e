//! The open loop's schedule: arrival `i` is due at `i / rate`, whatever the server does.
//!
//! Pure: time is an argument, in nanoseconds since the start of the window, so the schedule can be
//! tested without waiting. A latency is measured from the scheduled instant, not from the moment
//! of sending; a request that had to wait for a free connection carries that wait.

/// Most arrivals of one window, so a mistyped rate ends in an error and not in a swollen queue.
pub(crate) const ARRIVALS_MAX: u64 = 100_000_000;

/// Arrivals at a fixed rate within a span.
#[derive(Debug, Clone)]
pub(crate) struct Arrivals {
    /// Length of the schedule in nanoseconds.
    span: u64,
    /// Number of arrivals in it.
    total: u64,
    next: u64,
}

impl Arrivals {
    /// `rate` arrivals a second, spread evenly over `span` nanoseconds, the first at once. At
    /// least one, at most [`ARRIVALS_MAX`].
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 1..=ARRIVALS_MAX before the cast"
    )]
    pub(crate) fn new(rate: f64, span: u64) -> Self {
        let wanted = rate * crate::figures::float(span) / 1e9;
        let total = wanted
            .round()
            .clamp(1.0, crate::figures::float(ARRIVALS_MAX)) as u64;
        Self {
            span,
            total,
            next: 0,
        }
    }

    /// When the next arrival is due; `None` after the last.
    pub(crate) fn next_due(&self) -> Option<u64> {
        (self.next < self.total).then(|| self.due(self.next))
    }

    /// Takes the next arrival if it is due at `now`, and says when it was due.
    pub(crate) fn take(&mut self, now: u64) -> Option<u64> {
        let due = self.next_due().filter(|&due| due <= now)?;
        self.next += 1;
        Some(due)
    }

    /// Computed from the index each time, so no rounding adds up over a window.
    fn due(&self, index: u64) -> u64 {
        let nanos = u128::from(index) * u128::from(self.span) / u128::from(self.total.max(1));
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::{ARRIVALS_MAX, Arrivals};

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn nothing_is_due_one_nanosecond_early() {
        let mut arrivals = Arrivals::new(1_000.0, SECOND);
        assert_eq!(arrivals.take(0), Some(0));
        assert_eq!(arrivals.take(999_999), None);
        assert_eq!(arrivals.take(1_000_000), Some(1_000_000));
        assert_eq!(arrivals.next_due(), Some(2_000_000));
    }

    #[test]
    fn after_a_stall_every_missed_arrival_keeps_its_own_instant() {
        let mut arrivals = Arrivals::new(100.0, SECOND);
        let late: Vec<u64> = std::iter::from_fn(|| arrivals.take(SECOND / 2)).collect();
        assert_eq!(late.len(), 51);
        assert_eq!((late[0], late[1], late[50]), (0, 10_000_000, 500_000_000));
        // Latency from the schedule: the second of them waited 490 ms, not nothing.
        assert_eq!(SECOND / 2 - late[1], 490_000_000);
    }

    #[test]
    fn the_count_is_rate_times_span_and_the_last_lies_inside() {
        let mut arrivals = Arrivals::new(3.0, SECOND);
        let all: Vec<u64> = std::iter::from_fn(|| arrivals.take(u64::MAX)).collect();
        assert_eq!(all, [0, 333_333_333, 666_666_666]);
        assert_eq!(arrivals.next_due(), None);
    }

    #[test]
    fn the_count_is_bounded_on_both_sides() {
        assert_eq!(Arrivals::new(0.0, SECOND).total, 1);
        assert_eq!(Arrivals::new(1e18, SECOND).total, ARRIVALS_MAX);
    }
}
