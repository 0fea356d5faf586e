//! When a gateway that could not be reached is tried again. One for all who use a line, so that a
//! thousand calls do not knock a thousand times.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::client::limits::{CONNECT_PAUSE_MS, CONNECT_PAUSE_MS_MAX};
use crate::client::retry::Pauses;

const PAUSES: Pauses = Pauses {
    first: Duration::from_millis(CONNECT_PAUSE_MS),
    longest: Duration::from_millis(CONNECT_PAUSE_MS_MAX),
};

/// Failures in a row, and when the next attempt may be made.
#[derive(Debug, Default)]
pub(in crate::client) struct Recovery(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    not_before: Option<Instant>,
    broken: bool,
}

impl Recovery {
    /// How long to wait before connecting at `now`.
    pub(in crate::client) fn wait(&self, now: Instant) -> Duration {
        let until = self.state(|state| state.not_before);
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// There was no connection to be had at `now`. Those who fail together count once: the pause
    /// that is running is not begun anew.
    pub(in crate::client) fn failed(&self, now: Instant, dice: u64) {
        self.state(|state| {
            state.broken = true;
            if state.not_before.is_none_or(|until| until <= now) {
                state.failures = state.failures.saturating_add(1);
                state.not_before = now.checked_add(PAUSES.after(state.failures, dice));
            }
        });
    }

    /// A connection broke.
    pub(in crate::client) fn broke(&self) {
        self.state(|state| state.broken = true);
    }

    /// There is one again. Whether one had been lost before.
    pub(in crate::client) fn stands(&self) -> bool {
        self.state(|state| std::mem::take(state).broken)
    }

    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::time::UnixSeconds;

    #[test]
    fn those_who_fail_together_wait_once_and_those_who_fail_again_wait_longer() {
        let (clock, recovery) = (Clock::manual(UnixSeconds(0)), Recovery::default());
        assert_eq!(recovery.wait(clock.instant()), Duration::ZERO);
        let mut pauses = Vec::new();
        for _ in 0..12 {
            let now = clock.instant();
            (0..50).for_each(|_| recovery.failed(now, 0));
            pauses.push(recovery.wait(now).as_millis());
            clock.advance(recovery.wait(now));
            assert_eq!(recovery.wait(clock.instant()), Duration::ZERO);
        }
        assert_eq!(pauses[..4], [25, 50, 100, 200]);
        assert_eq!(pauses[11], u128::from(CONNECT_PAUSE_MS_MAX) / 2);
        assert!(recovery.stands(), "it was lost");
        assert!(!recovery.stands(), "told once");
        recovery.failed(clock.instant(), 0);
        assert_eq!(
            recovery.wait(clock.instant()).as_millis(),
            25,
            "from the beginning"
        );
    }
}
