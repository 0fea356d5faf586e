//! One address of a system: its breaker, its health, how much is under way there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use super::address::Address;
use super::breaker::Breaker;

/// Names an address among all of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SiteKey {
    /// The upstream's number.
    pub(super) upstream: u64,
    /// The address's place in its list.
    pub(super) site: usize,
}

/// One address of a system.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) address: Address,
    pub(super) breaker: Breaker,
    /// The last probe was answered. Before any: taken for healthy.
    pub(super) healthy: AtomicBool,
    /// Calls under way.
    pub(super) calls: AtomicU32,
}

impl Site {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            breaker: Breaker::default(),
            healthy: AtomicBool::new(true),
            calls: AtomicU32::new(0),
        }
    }
}

/// A call in the count of its upstream, until dropped.
#[derive(Debug)]
pub(super) struct Admitted(Arc<AtomicUsize>);

impl Admitted {
    /// Counts one call in; nothing when there are `max` already.
    pub(super) fn one_of(calls: &Arc<AtomicUsize>, max: usize) -> Option<Self> {
        let admitted = Self(Arc::clone(calls));
        let before = calls.fetch_add(1, Ordering::Relaxed);
        (before < max).then_some(admitted)
    }

    /// One that no count knows.
    pub(super) fn uncounted() -> Self {
        Self(Arc::new(AtomicUsize::new(1)))
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A call in the count of its address, until dropped.
#[derive(Debug)]
pub(super) struct Placed(Arc<Site>);

impl Placed {
    pub(super) fn at(site: &Arc<Site>) -> Self {
        site.calls.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(site))
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}
