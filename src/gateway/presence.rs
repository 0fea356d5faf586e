//! Who asked for single decisions a moment ago: what batches, uploads and floods make room for.
//!
//! Somebody who waits for one answer is at a dialer; whoever sends many at once is not. As long as
//! somebody was there within the last [`LATELY_MS`], the others go in smaller steps. Alone, nobody is
//! held back.
//!
//! Two places are enough: one for whoever asked, one for whoever else did. Each is one word that is
//! written once a tick at most, so asking costs two loads. Rejected: a time for each tenant, over
//! which every question would have to look.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::rests::Rests;
use crate::domain::ids::TenantNo;

/// How long somebody who asked counts as there, milliseconds: some gaps of a slow floor's calls.
const LATELY_MS: u64 = 128;
/// How exactly that is kept, milliseconds.
const TICK_MS: u64 = 16;
/// The same in ticks.
const LATELY: u64 = LATELY_MS / TICK_MS;

/// Who asked a moment ago. Marks are read and written each on its own: a race costs one request its
/// full or its small share.
#[derive(Debug)]
pub struct Presence {
    base: Instant,
    /// Tick and tenant; zero before anybody asked.
    marks: [AtomicU64; 2],
    /// What batches rest for.
    pub batches: Rests,
    /// What uploads rest for.
    pub uploads: Rests,
}

/// A tick and who asked in it.
fn mark(tick: u64, tenant: TenantNo) -> u64 {
    tick << 16 | u64::from(tenant.0)
}

impl Presence {
    /// Nobody has asked at `base`.
    pub fn new(base: Instant) -> Self {
        Self {
            base,
            marks: Default::default(),
            batches: Rests::new(base),
            uploads: Rests::new(base),
        }
    }

    /// A tick no mark of zero is near to.
    fn tick(&self, now: Instant) -> u64 {
        let span: Duration = now.saturating_duration_since(self.base);
        let ticks = u64::try_from(span.as_millis()).unwrap_or(u64::MAX) / TICK_MS;
        (ticks + LATELY + 1).min(u64::MAX >> 16)
    }

    /// Notes that `tenant` asks for one decision.
    pub fn asked(&self, tenant: TenantNo, now: Instant) {
        let tick = self.tick(now);
        let new = mark(tick, tenant);
        let [first, second] = &self.marks;
        let known = first.load(Ordering::Relaxed);
        let own = known & 0xffff == u64::from(tenant.0) || known >> 16 < tick - LATELY;
        let place = if own { first } else { second };
        if place.load(Ordering::Relaxed) != new {
            place.store(new, Ordering::Relaxed);
        }
    }

    /// Whether anybody asked a moment ago.
    pub fn anybody(&self, now: Instant) -> bool {
        self.any(now, |_tenant| true)
    }

    /// Whether anybody but `tenant` did.
    pub fn others(&self, tenant: TenantNo, now: Instant) -> bool {
        self.any(now, |other| other != tenant)
    }

    fn any(&self, now: Instant, which: impl Fn(TenantNo) -> bool) -> bool {
        let oldest = self.tick(now) - LATELY;
        self.marks.iter().any(|place| {
            let found = place.load(Ordering::Relaxed);
            let tenant = TenantNo(u16::try_from(found & 0xffff).unwrap_or(u16::MAX));
            found >> 16 >= oldest && which(tenant)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::time::UnixSeconds;

    const ONE: TenantNo = TenantNo(0);
    const TWO: TenantNo = TenantNo(7);
    const THREE: TenantNo = TenantNo(u16::MAX);

    #[test]
    fn who_asked_is_there_for_a_moment() {
        let base = Clock::manual(UnixSeconds(0)).instant();
        let at = |ms| base + Duration::from_millis(ms);
        let presence = Presence::new(base);
        assert!(!presence.anybody(base) && !presence.others(TWO, base));
        presence.asked(ONE, base);
        let seen = |ms| {
            let now = at(ms);
            [
                presence.anybody(now),
                presence.others(ONE, now),
                presence.others(TWO, now),
            ]
        };
        assert_eq!(seen(0), [true, false, true]);
        assert_eq!(seen(LATELY_MS + TICK_MS - 1), [true, false, true]);
        assert_eq!(seen(LATELY_MS + TICK_MS), [false; 3]);
    }

    #[test]
    fn each_sees_the_others_and_nobody_itself() {
        let base = Clock::manual(UnixSeconds(0)).instant();
        let presence = Presence::new(base);
        let others = |now| [ONE, TWO, THREE].map(|who| presence.others(who, now));
        presence.asked(ONE, base);
        presence.asked(TWO, base);
        assert_eq!(others(base), [true; 3]);
        presence.asked(THREE, base);
        assert_eq!(others(base), [true; 3]);
        // The first leaves: the others still see each other, or nobody, but never themselves.
        let later = base + Duration::from_millis(2 * LATELY_MS);
        presence.asked(THREE, later);
        assert_eq!(others(later), [true, true, false]);
        presence.asked(TWO, later);
        assert_eq!(others(later), [true; 3]);
    }
}
