//! When an address that fails is left alone, and when a call may be tried again after another.

use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};

/// Opens after so many failures in a row, and then lets one call through now and then.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    /// Failures since the last answer.
    failures: AtomicU32,
    /// When the next call may try it, milliseconds of the upstream's own time.
    next_ms: AtomicU64,
}

/// What a breaker goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    /// Failures in a row that open it.
    pub(super) failures: u32,
    /// How long it stays open, milliseconds.
    pub(super) open_ms: u64,
}

impl Breaker {
    /// Whether a call may go this way now. While it is open one call may in each `open_ms`, and who
    /// was told so is that one.
    pub(super) fn admits(&self, rule: Rule, now_ms: u64) -> bool {
        if !self.is_open(rule) {
            return true;
        }
        let (order, next) = (Ordering::Relaxed, self.next_ms.load(Ordering::Relaxed));
        let then = now_ms.saturating_add(rule.open_ms);
        now_ms >= next
            && self
                .next_ms
                .compare_exchange(next, then, order, order)
                .is_ok()
    }

    /// Whether it is open, tries aside.
    pub(super) fn is_open(&self, rule: Rule) -> bool {
        self.failures.load(Ordering::Relaxed) >= rule.failures
    }

    /// Milliseconds until the next call may try.
    pub(super) fn wait_ms(&self, now_ms: u64) -> u64 {
        self.next_ms.load(Ordering::Relaxed).saturating_sub(now_ms)
    }

    /// A call failed.
    pub(super) fn failed(&self, rule: Rule, now_ms: u64) {
        let before = self.failures.fetch_add(1, Ordering::Relaxed);
        if before.saturating_add(1) >= rule.failures {
            let next = now_ms.saturating_add(rule.open_ms);
            self.next_ms.fetch_max(next, Ordering::Relaxed);
        }
        if before == u32::MAX {
            self.failures.store(u32::MAX, Ordering::Relaxed);
        }
    }

    /// A call was answered, whatever the answer says.
    pub(super) fn answered(&self) {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }
}

/// Calls that may be tried again: a share of all calls, so that a system in trouble is not asked twice
/// as much.
#[derive(Debug)]
pub(super) struct Budget {
    percent: i64,
    /// Hundredths of a call.
    left: AtomicI64,
}

/// Calls that may be tried again before there was any other.
const RESERVE: i64 = 10;
/// Saved up at most, calls.
const SAVED_MAX: i64 = 100;

impl Budget {
    pub(super) fn new(percent: u32) -> Self {
        let percent = i64::from(percent);
        let reserve = if percent == 0 { 0 } else { RESERVE * 100 };
        Self {
            percent,
            left: AtomicI64::new(reserve),
        }
    }

    /// A call came in.
    pub(super) fn earn(&self) {
        if self.left.load(Ordering::Relaxed) < SAVED_MAX * 100 {
            self.left.fetch_add(self.percent, Ordering::Relaxed);
        }
    }

    /// Whether one may be tried again; it is spent.
    pub(super) fn spend(&self) -> bool {
        let (order, less) = (Ordering::Relaxed, |left: i64| {
            (left >= 100).then(|| left - 100)
        });
        self.left.fetch_update(order, order, less).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        failures: 3,
        open_ms: 1_000,
    };

    #[test]
    fn it_opens_at_the_bound_and_lets_one_through_in_each_span() {
        let breaker = Breaker::default();
        breaker.failed(RULE, 0);
        breaker.failed(RULE, 0);
        assert!(breaker.admits(RULE, 0) && !breaker.is_open(RULE));
        breaker.failed(RULE, 10);
        assert!(breaker.is_open(RULE));
        assert!(!breaker.admits(RULE, 1_009));
        assert_eq!(breaker.wait_ms(1_009), 1);
        assert!(breaker.admits(RULE, 1_010));
        assert!(!breaker.admits(RULE, 1_010), "one at a time");
        assert!(!breaker.admits(RULE, 2_009));
        assert!(breaker.admits(RULE, 2_010));
        breaker.answered();
        assert!(breaker.admits(RULE, 2_010) && breaker.admits(RULE, 2_010));
        // A success in between: the failures are in a row or they are not.
        breaker.failed(RULE, 3_000);
        breaker.failed(RULE, 3_000);
        breaker.answered();
        breaker.failed(RULE, 3_000);
        assert!(breaker.admits(RULE, 3_000));
    }

    #[test]
    fn a_tenth_of_the_calls_may_be_tried_again_and_no_more() {
        let budget = Budget::new(10);
        let reserve = (0..100).filter(|_| budget.spend()).count();
        assert_eq!(i64::try_from(reserve), Ok(RESERVE));
        for _ in 0..100 {
            budget.earn();
        }
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 10);
        for _ in 0..1_000_000 {
            budget.earn();
        }
        let saved = (0..1_000).filter(|_| budget.spend()).count();
        assert_eq!(i64::try_from(saved), Ok(SAVED_MAX));
        let none = Budget::new(0);
        none.earn();
        assert!(!none.spend());
    }
}
