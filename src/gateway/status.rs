//! What the house may know of the engine thread without asking it.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::snapshots::SnapshotStatus;
use crate::clock::ClockState;
use crate::ledger::{CommitStatus, Head, SealReason};

/// Figures of the engine thread. Each is read on its own.
#[derive(Debug)]
pub struct GatewayStatus {
    /// The committer's figures and the seal.
    pub commit: Arc<CommitStatus>,
    /// Snapshots.
    pub snapshots: Arc<SnapshotStatus>,
    /// Grows when a tenant is declared that the data directory did not know.
    heads: RwLock<Vec<(Arc<str>, Mutex<Head>)>>,
    live: AtomicU32,
    bulk: AtomicU32,
    clock: AtomicU8,
    /// Accounts held.
    pub accounts: AtomicU64,
    /// Rows there were when this process began to write.
    pub rows_at_start: u64,
}

impl GatewayStatus {
    /// A status for these tenants, with the heads they have.
    pub fn new(
        commit: Arc<CommitStatus>,
        snapshots: Arc<SnapshotStatus>,
        heads: Vec<(Arc<str>, Head)>,
    ) -> Self {
        Self {
            commit,
            snapshots,
            rows_at_start: heads.iter().map(|(_, head)| head.seq).sum(),
            heads: RwLock::new(
                heads
                    .into_iter()
                    .map(|(name, head)| (name, Mutex::new(head)))
                    .collect(),
            ),
            live: AtomicU32::new(0),
            bulk: AtomicU32::new(0),
            clock: AtomicU8::new(0),
            accounts: AtomicU64::new(0),
        }
    }

    /// Nothing is decided any more.
    pub fn sealed(&self) -> bool {
        self.commit.seal.reason().is_some()
    }

    /// Why, in a word.
    pub fn seal_word(&self) -> Option<String> {
        self.commit.seal.reason().map(|reason| reason.to_string())
    }

    /// A row fitted no frame: state and ledger differ, and nothing of the pending frame is committed.
    pub fn row_refused(&self) {
        self.commit.seal.set(SealReason::RowRefused);
    }

    /// Notes what waits.
    pub fn waiting(&self, live: usize, bulk: usize) {
        self.live
            .store(u32::try_from(live).unwrap_or(u32::MAX), Ordering::Relaxed);
        self.bulk
            .store(u32::try_from(bulk).unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    /// What waits: live, bulk.
    pub fn queues(&self) -> (u32, u32) {
        (
            self.live.load(Ordering::Relaxed),
            self.bulk.load(Ordering::Relaxed),
        )
    }

    /// Notes the clock's state.
    pub fn clock(&self, state: ClockState) {
        let number = match state {
            ClockState::Trusted => 0,
            ClockState::BehindHead(_) => 1,
            ClockState::Drifted(_) => 2,
            ClockState::AheadAtStart(_) => 3,
        };
        self.clock.store(number, Ordering::Relaxed);
    }

    /// The clock's state in a word.
    pub fn clock_word(&self) -> &'static str {
        match self.clock.load(Ordering::Relaxed) {
            0 => "trusted",
            1 => "behind_head",
            2 => "drifted",
            _ => "ahead_at_start",
        }
    }

    /// Makes room for the heads of tenants that are new; those known keep theirs. `names` are all
    /// tenants in order of number.
    pub fn names<'a>(&self, names: impl ExactSizeIterator<Item = &'a Arc<str>>) {
        let mut heads = self.heads.write().unwrap_or_else(PoisonError::into_inner);
        let known = heads.len();
        let new = names.skip(known);
        heads.extend(new.map(|name| (Arc::clone(name), Mutex::default())));
    }

    /// Notes a durable head.
    pub fn head(&self, tenant: usize, head: Head) {
        let heads = self.heads.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, slot)) = heads.get(tenant) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = head;
        }
    }

    /// Durable heads by tenant.
    pub fn heads(&self) -> Vec<(Arc<str>, Head)> {
        let read = |slot: &Mutex<Head>| *slot.lock().unwrap_or_else(PoisonError::into_inner);
        let heads = self.heads.read().unwrap_or_else(PoisonError::into_inner);
        heads
            .iter()
            .map(|(name, slot)| (Arc::clone(name), read(slot)))
            .collect()
    }
}
