//! Reading the ledger beside the path that writes it: rows newest first, by key, by time, by seq.
//!
//! A reading blocks its thread, so it never runs on a listening one: [`READERS_MAX`] run at once,
//! [`READINGS_MAX`] may be under way, and one more is told to come again.
//!
//! Invariants
//! - TRAIL-1: what was acknowledged before a reading began is found by it, or it says that it cannot.
//! - TRAIL-2: the pages of a walk hold every row of it exactly once, whatever is added meanwhile.
//! - TRAIL-3: a reading sees rows of its caller's tenant alone.

mod times;
mod walk;

pub(in crate::gateway) use times::{end_before, first_at};
pub(in crate::gateway) use walk::{Source, Walked, walk};

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::door::SystemError;
use crate::domain::ids::TenantNo;
use crate::ledger::frame::RawRow;
use crate::ledger::{FindError, Finder, Reading, SubjectView};
use crate::wire::audit::RowSeen;
use crate::wire::limits::{INDEX_POLL_MS, INDEX_WAIT_MS_MAX, READERS_MAX, READINGS_MAX};
use crate::wire::problem::Problem;

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub(in crate::gateway) enum TrailError {
    /// Too many readings are under way.
    #[error("too many readings")]
    Overloaded,
    /// The index does not know yet what was acknowledged.
    #[error("the index is behind")]
    Behind,
    /// The ledger could not be read.
    #[error(transparent)]
    Unreadable(#[from] FindError),
    /// The thread that read it broke off.
    #[error("the reading broke off")]
    BrokenOff,
}

impl TrailError {
    /// What the caller is told.
    pub(in crate::gateway) fn problem(&self) -> Problem {
        match self {
            Self::Overloaded => super::native::fault(SystemError::Overloaded),
            Self::Behind => Problem::new(
                503,
                "INDEX_BEHIND",
                "The index of the ledger does not know the newest rows yet.",
            ),
            Self::Unreadable(_) | Self::BrokenOff => super::native::fault(SystemError::Internal),
        }
    }
}

/// The readers' room. Clones share it.
#[derive(Debug, Clone)]
pub struct Trail {
    finder: Finder,
    under_way: Arc<Semaphore>,
    readers: Arc<Semaphore>,
}

impl Trail {
    /// Over a running ledger.
    pub fn new(finder: Finder) -> Self {
        Self {
            finder,
            under_way: Arc::new(Semaphore::new(READINGS_MAX)),
            readers: Arc::new(Semaphore::new(READERS_MAX)),
        }
    }

    /// Reads up to what is acknowledged now. `newest` is the tenant's acknowledged head.
    ///
    /// Cancellation: dropped, the reading goes on to its end and is forgotten; it keeps its place until
    /// then.
    pub(in crate::gateway) async fn read<T: Send + 'static>(
        &self,
        (tenant, newest): (TenantNo, u64),
        read: impl FnOnce(&mut Reading<'_>) -> Result<T, FindError> + Send + 'static,
    ) -> Result<T, TrailError> {
        let place = Arc::clone(&self.under_way).try_acquire_owned();
        let place = place.map_err(|_full| TrailError::Overloaded)?;
        let reader = Arc::clone(&self.readers).acquire_owned().await;
        let reader = reader.map_err(|_closed| TrailError::BrokenOff)?;
        let finder = self.finder.clone();
        let reading = move || {
            let _held = (place, reader);
            caught_up(&finder, tenant, newest)?;
            read(&mut finder.reading()).map_err(TrailError::from)
        };
        let read = tokio::task::spawn_blocking(reading).await;
        let read = read.map_err(|_panicked| TrailError::BrokenOff)?;
        if let Err(error @ TrailError::Unreadable(_)) = &read {
            tracing::error!(%error, "rows of the ledger could not be read");
        }
        read
    }
}

/// TRAIL-1: waits until the index knows every frame that is durable now, and the tenant's head.
fn caught_up(finder: &Finder, tenant: TenantNo, newest: u64) -> Result<(), TrailError> {
    let durable = finder.durable();
    for _ in 0..INDEX_WAIT_MS_MAX / INDEX_POLL_MS {
        if finder.has(durable) && finder.fresh().rows(tenant.0) >= newest {
            return Ok(());
        }
        if finder.failed() {
            break;
        }
        std::thread::sleep(Duration::from_millis(INDEX_POLL_MS));
    }
    Err(TrailError::Behind)
}

/// A row as answers are made of it.
pub(in crate::gateway) fn seen<'r>(row: &RawRow<'r>) -> RowSeen<'r> {
    let text = |subject| match subject {
        SubjectView::Present(subject) => Some(subject.bytes),
        SubjectView::Erased => None,
    };
    RowSeen {
        seq: row.head.seq,
        hash: row.head.hash,
        body: row.body,
        keys: row.keys,
        subjects: row.subjects.clone().map(text).collect(),
    }
}

#[cfg(test)]
mod tests;
