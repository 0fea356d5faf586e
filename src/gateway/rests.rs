//! Rests: the share of the processors that batches and uploads keep to while somebody asks for single
//! decisions.
//!
//! After a step of work they rest a multiple of the time it took. All batches share one account and all
//! uploads another, so twice as many do not take twice the share. A rest is bounded: however many share
//! the account, everybody's next step comes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::wire::limits::BULK_REST_MS_MAX;

/// The longest rest.
const REST_MAX: Duration = Duration::from_millis(BULK_REST_MS_MAX);

/// What those of one kind have worked, and until when that has to be rested for.
#[derive(Debug)]
pub struct Rests {
    base: Instant,
    /// Microseconds after `base`.
    rested_at: AtomicU64,
}

impl Rests {
    /// Nobody has worked before `base`.
    pub fn new(base: Instant) -> Self {
        Self {
            base,
            rested_at: AtomicU64::new(0),
        }
    }

    /// Books a step that took `worked` and ended `now`; how long to rest before the next, `times` as long as
    /// all steps that are not rested for took, but at most [`BULK_REST_MS_MAX`].
    ///
    /// Two that book at once may lose one of the two steps: a rest too short, once.
    pub fn after(&self, worked: Duration, times: u32, now: Instant) -> Duration {
        let ended = now.saturating_duration_since(self.base);
        let before = Duration::from_micros(self.rested_at.load(Ordering::Relaxed));
        let begun = before.max(ended.saturating_sub(worked));
        let rested = begun + worked * times.saturating_add(1);
        let rested = rested.min(ended + REST_MAX);
        let micros = u64::try_from(rested.as_micros()).unwrap_or(u64::MAX);
        self.rested_at.store(micros, Ordering::Relaxed);
        rested.saturating_sub(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::time::UnixSeconds;

    const STEP: Duration = Duration::from_micros(100);

    fn base() -> Instant {
        Clock::manual(UnixSeconds(0)).instant()
    }

    #[test]
    fn a_step_is_rested_for_so_many_times_as_long() {
        let base = base();
        let rests = Rests::new(base);
        let ended = base + Duration::from_secs(1);
        assert_eq!(rests.after(STEP, 9, ended), STEP * 9);
        // Rested for: the next counts from its own beginning.
        assert_eq!(rests.after(STEP, 9, ended + STEP * 11), STEP * 9);
        assert_eq!(
            rests.after(STEP, 0, ended + Duration::from_secs(1)),
            Duration::ZERO
        );
    }

    #[test]
    fn many_share_what_one_may_use() {
        let base = base();
        let rests = Rests::new(base);
        let ended = base + Duration::from_secs(1);
        assert_eq!(rests.after(STEP, 9, ended), STEP * 9);
        assert_eq!(rests.after(STEP, 9, ended), STEP * 19);
    }

    #[test]
    fn nobody_rests_for_ever() {
        let base = base();
        let rests = Rests::new(base);
        let mut now = base;
        for _ in 0..1_000 {
            now += STEP;
            let rest = rests.after(Duration::from_secs(1), 9, now);
            assert_eq!(rest, REST_MAX);
        }
    }
}
