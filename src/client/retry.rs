//! When a call is put to the gateway again, and how often altogether. Pure: chance is an argument.
//!
//! CLIENT-4: repeats cost a share of the calls and no more. A gateway in trouble hears at most
//! `retry_percent` repeats a hundred calls, beyond those that untroubled calls have saved up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::limits::RETRIES_SAVED_MAX;

/// A pause that doubles up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pauses {
    /// The first one, at most.
    pub(super) first: Duration,
    /// Any, at most.
    pub(super) longest: Duration,
}

impl Pauses {
    /// The pause after `failures` failures in a row, from one: between half of the step and all of
    /// it, by `dice`, so that many who failed together do not come back together.
    pub(super) fn after(&self, failures: u32, dice: u64) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1));
        let step = self.first.saturating_mul(doubled.unwrap_or(u32::MAX));
        let step = step.min(self.longest);
        let half = step / 2;
        let spread = u64::try_from(half.as_micros()).unwrap_or(u64::MAX);
        let more = dice.checked_rem(spread.saturating_add(1)).unwrap_or(0);
        (half + Duration::from_micros(more)).min(step)
    }
}

/// Hundredths of a repeat.
const WHOLE: u64 = 100;

/// What all calls of a client may repeat.
#[derive(Debug)]
pub(super) struct RetryBudget {
    percent: u64,
    /// In hundredths of a repeat.
    saved: AtomicU64,
}

impl RetryBudget {
    /// A full one.
    pub(super) fn new(percent: u32) -> Self {
        let full = if percent == 0 { 0 } else { Self::full() };
        Self {
            percent: u64::from(percent),
            saved: AtomicU64::new(full),
        }
    }

    fn full() -> u64 {
        u64::from(RETRIES_SAVED_MAX) * WHOLE
    }

    /// A call began.
    pub(super) fn earn(&self) {
        self.change(|saved| Some((saved + self.percent).min(Self::full())));
    }

    /// Whether one more repeat is within the budget; it is taken from it then.
    pub(super) fn spend(&self) -> bool {
        self.change(|saved| saved.checked_sub(WHOLE))
    }

    fn change(&self, to: impl Fn(u64) -> Option<u64>) -> bool {
        let order = Ordering::Relaxed;
        self.saved.fetch_update(order, order, to).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSES: Pauses = Pauses {
        first: Duration::from_millis(50),
        longest: Duration::from_secs(3),
    };

    #[test]
    fn a_pause_doubles_up_to_its_bound_and_is_spread_over_its_upper_half() {
        let longest = |failures| PAUSES.after(failures, 0).as_millis() * 2;
        assert_eq!([1, 2, 3].map(longest), [50, 100, 200]);
        for failures in 1..100 {
            let step = PAUSES.after(failures, 0) * 2;
            assert!(step <= PAUSES.longest && step >= PAUSES.first);
            for dice in [1, 7, 24_999, 25_000, u64::MAX] {
                let pause = PAUSES.after(failures, dice);
                assert!(step / 2 <= pause && pause <= step, "{failures} {dice}");
            }
        }
        assert_eq!(longest(7), 3_000);
        assert_eq!(longest(u32::MAX), 3_000);
    }

    /// CLIENT-4.
    #[test]
    fn a_hundred_calls_pay_for_the_percent_and_the_savings_have_a_bound() {
        let budget = RetryBudget::new(20);
        let all = |budget: &RetryBudget| (0..10_000).take_while(|_| budget.spend()).count();
        assert_eq!(all(&budget), RETRIES_SAVED_MAX as usize);
        (0..100).for_each(|_| budget.earn());
        assert_eq!(all(&budget), 20);
        (0..1_000_000).for_each(|_| budget.earn());
        assert_eq!(all(&budget), RETRIES_SAVED_MAX as usize);
        let none = RetryBudget::new(0);
        none.earn();
        assert_eq!(all(&none), 0);
    }
}
