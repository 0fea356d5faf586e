//! Which restrictions calls on their way rest on, so that one call's refusal does not lift what another
//! still needs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::wire::limits::SOR_TAPS_MAX;

/// Restrictions by their key, and how many calls rest on each.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    calls: Mutex<HashMap<u128, u32>>,
}

/// A call's hand on a restriction; let go when dropped.
#[derive(Debug)]
pub(super) struct Hand {
    all: Arc<UnderWay>,
    key: u128,
}

impl UnderWay {
    /// Takes hold of a restriction; `None` when [`SOR_TAPS_MAX`] are held.
    pub(super) fn hold(self: &Arc<Self>, key: u128) -> Option<Hand> {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() >= SOR_TAPS_MAX && !calls.contains_key(&key) {
            return None;
        }
        *calls.entry(key).or_default() += 1;
        Some(Hand {
            all: Arc::clone(self),
            key,
        })
    }
}

impl Hand {
    /// Whether another call rests on the same restriction.
    pub(super) fn is_shared(&self) -> bool {
        let calls = self
            .all
            .calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        calls.get(&self.key).is_some_and(|count| *count > 1)
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let mut calls = self
            .all
            .calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = calls.get_mut(&self.key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                calls.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TAP-2: whether another call rests on it.
    #[test]
    fn a_restriction_is_shared_for_as_long_as_two_calls_rest_on_it() {
        let all = Arc::<UnderWay>::default();
        let one = all.hold(1).unwrap();
        assert!(!one.is_shared());
        let two = all.hold(1).unwrap();
        let other = all.hold(2).unwrap();
        assert!(one.is_shared() && two.is_shared() && !other.is_shared());
        drop(two);
        assert!(!one.is_shared());
        drop((one, other));
        assert!(all.calls.lock().unwrap().is_empty());
    }

    #[test]
    fn more_than_the_bound_are_not_held() {
        let all = Arc::<UnderWay>::default();
        let keys = 0..u128::try_from(SOR_TAPS_MAX).unwrap();
        let hands: Vec<Hand> = keys.map(|key| all.hold(key).unwrap()).collect();
        assert!(all.hold(u128::MAX).is_none());
        // One that is held already takes no room.
        assert!(all.hold(0).is_some());
        drop(hands);
        assert!(all.hold(u128::MAX).is_some());
    }
}
