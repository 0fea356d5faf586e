//! A person's attempts: oldest first, as long as any window of law needs.

use crate::domain::facts::Attempt;
use crate::domain::time::UnixSeconds;

/// Seconds an attempt is remembered: the longest window a pack may have, and days enough to cover zones
/// and the day a window starts on.
pub(super) const REMEMBERED_S: i64 = 40 * 86_400;
const _: () = assert!((crate::domain::rules::WINDOW_DAYS_MAX + 3) * 86_400 <= REMEMBERED_S);

/// Inserts by time, forgetting what is older than every window. Beyond `max` + 1 entries the
/// oldest goes, be it the new one: the ring then still shows that it overflowed, and TIMING counts
/// every window full. What is forgotten never depends on the capacity, which differs between an
/// engine that ran and one that was restored.
pub(super) fn insert(ring: &mut Vec<Attempt>, attempt: Attempt, now: UnixSeconds, max: usize) {
    let oldest = now.0 - REMEMBERED_S;
    if ring.first().is_some_and(|a| i64::from(a.at.0) < oldest) {
        let stale = ring.partition_point(|a| i64::from(a.at.0) < oldest);
        ring.drain(..stale);
    }
    if ring.len() == ring.capacity() {
        ring.reserve_exact(if ring.capacity() < 5 {
            5 - ring.capacity()
        } else {
            4
        });
    }
    if ring.last().is_none_or(|newest| newest.at <= attempt.at) {
        ring.push(attempt);
    } else {
        let at = ring.partition_point(|a| a.at <= attempt.at);
        ring.insert(at, attempt);
    }
    if ring.len() > max + 1 {
        ring.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::{At, ContactKey};
    use crate::domain::ids::{DebtNo, DebtSet};

    fn attempt(at: i64) -> Attempt {
        Attempt {
            at: At::of(UnixSeconds(at)),
            call: 0,
            debts: DebtSet::one(DebtNo(0)),
            audit: 0,
            contact: ContactKey::NONE,
            kind: 0,
            outcome: 0,
            flags: 0,
        }
    }

    #[test]
    fn keeps_order_forgets_the_old_and_shows_overflow() {
        let mut ring = Vec::new();
        let now = UnixSeconds(REMEMBERED_S * 2);
        insert(&mut ring, attempt(1), now, 256);
        for n in [5, 3, 4, 7] {
            insert(&mut ring, attempt(now.0 - n), now, 256);
        }
        insert(&mut ring, attempt(now.0), now, 256);
        let times: Vec<i64> = ring.iter().map(|a| now.0 - i64::from(a.at.0)).collect();
        assert_eq!(times, [7, 5, 4, 3, 0]);
        for n in 0..400 {
            insert(&mut ring, attempt(now.0 + n), now, 256);
        }
        assert_eq!(ring.len(), 257);
    }
}
