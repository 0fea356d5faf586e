//! The line of one tenant on one listening thread: when its next turn may begin.
//!
//! A turn has a length, ten times what an intent usually keeps the thread at work, so that a tenant that
//! asks without end leaves nine parts of ten to the others. Turns nobody took are kept for a short while:
//! whoever asks little is never held back, not even after a stall.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::wire::limits::{SLICE_TURN_US, TURN_US, TURNS_KEPT_MAX};

/// From a turn to the next.
const TURN: Duration = Duration::from_micros(TURN_US);
/// What a further intent of a slice adds.
const FURTHER: Duration = Duration::from_micros(SLICE_TURN_US);
/// How far behind a line may be: what a tenant may take at once.
const KEPT: Duration = Duration::from_micros(TURN_US * TURNS_KEPT_MAX as u64);

/// When the next turn may begin; `None` before the first.
#[derive(Debug, Default)]
pub(super) struct Line(Cell<Option<Instant>>);

impl Line {
    /// Books the next turn for somebody who asks `now`; how long it has to be waited for. `None` when that is
    /// longer than `patience`: nothing is booked then.
    pub(super) fn book(&self, now: Instant, patience: Duration) -> Option<Duration> {
        let earliest = now.checked_sub(KEPT).unwrap_or(now);
        let begins = self.0.get().map_or(earliest, |next| next.max(earliest));
        let wait = begins.saturating_duration_since(now);
        if wait > patience {
            return None;
        }
        self.0.set(Some(begins + TURN));
        Some(wait)
    }

    /// The turn just booked was for `intents` that came together: the next is so much later.
    pub(super) fn lengthen(&self, intents: usize) {
        let further = u32::try_from(intents.saturating_sub(1)).unwrap_or(u32::MAX);
        let longer = FURTHER * further;
        if let Some(next) = self.0.get() {
            self.0.set(Some(next + longer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::time::UnixSeconds;

    const PATIENCE: Duration = Duration::from_millis(1);

    fn base() -> Instant {
        Clock::manual(UnixSeconds(0)).instant()
    }

    #[test]
    fn turns_that_were_kept_come_at_once_and_then_one_at_a_time() {
        let (line, now) = (Line::default(), base());
        let waits: Vec<_> = std::iter::from_fn(|| line.book(now, PATIENCE)).collect();
        let (kept, spaced) = waits.split_at(TURNS_KEPT_MAX as usize + 1);
        assert!(kept.iter().all(Duration::is_zero));
        let each: Vec<_> = (1..=5).map(|n| TURN * n).collect();
        assert_eq!(spaced, each, "as many as the patience holds");
    }

    #[test]
    fn what_found_no_place_takes_none() {
        let (line, now) = (Line::default(), base());
        while line.book(now, PATIENCE).is_some() {}
        let later = now + TURN;
        assert_eq!(line.book(later, PATIENCE), Some(PATIENCE));
        assert_eq!(line.book(later, PATIENCE), None);
    }

    #[test]
    fn nobody_waits_for_ever() {
        // A flood asks ten times at every turn: one of them gets in, each time.
        let (line, mut now) = (Line::default(), base());
        while line.book(now, PATIENCE).is_some() {}
        for _ in 0..1_000 {
            now += TURN;
            let let_in = (0..10).filter(|_| line.book(now, PATIENCE).is_some());
            assert_eq!(let_in.count(), 1);
        }
    }

    #[test]
    fn whoever_asks_seldom_never_waits() {
        let (line, mut now) = (Line::default(), base());
        for _ in 0..1_000 {
            now += TURN;
            assert_eq!(line.book(now, Duration::ZERO), Some(Duration::ZERO));
        }
    }

    #[test]
    fn a_slice_counts_as_its_intents_and_turns_are_kept_for_a_while_only() {
        let (line, now) = (Line::default(), base());
        while line.book(now, Duration::ZERO).is_some() {}
        let idle = now + Duration::from_mins(1);
        assert_eq!(line.book(idle, Duration::ZERO), Some(Duration::ZERO));
        line.lengthen(1);
        line.lengthen(1 + 4 * TURNS_KEPT_MAX as usize);
        assert_eq!(line.book(idle, PATIENCE), Some(TURN));
    }
}
