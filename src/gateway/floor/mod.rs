//! The floor: what happens to a tenant's accounts, told as it becomes durable.
//!
//! One thread behind the path reads the ledger's newest frames a few times in each twentieth of a
//! second and hands their events out. Committing knows nothing of it, and nobody waits for a listener:
//! whoever does not take what is ready is dropped, and goes on later where it broke off, because
//! whatever it missed is in the ledger.
//!
//! Invariants
//! - FLOOR-1: a listener hears every event it wants, once and in order, from where it began until it
//!   is dropped.
//! - FLOOR-2: nothing is told before it is durable.
//! - FLOOR-3: what waits for a listener is bounded, in bytes: what was handed over and not taken,
//!   what waits beyond, and what is read for it meanwhile.

mod hall;
mod thread;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::signal::Signal;
use crate::domain::ids::TenantNo;
use crate::wire::floor::Filter;
use crate::wire::limits::{FLOOR_CHUNKS_MAX, FLOOR_SUBSCRIBERS_MAX, FLOOR_TENANT_SUBSCRIBERS_MAX};

pub use thread::{FloorThread, Sources};

/// Events on their way to one listener, each piece whole events; ends when the listener is dropped
/// by us. Dropping it ends the subscription.
#[derive(Debug)]
pub struct EventStream {
    pieces: mpsc::Receiver<Bytes>,
    /// Bytes in them, counted by whoever tells.
    untaken: Arc<AtomicUsize>,
}

impl EventStream {
    /// The next piece; `None` at the end. Cancellation safe.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let piece = self.pieces.poll_recv(cx);
        if let Poll::Ready(Some(bytes)) = &piece {
            self.untaken.fetch_sub(bytes.len(), Ordering::Relaxed);
        }
        piece
    }
}

/// There is no room for one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many listen")]
pub struct TooMany;

/// Where listeners arrive.
#[derive(Debug, Default)]
pub struct Floor {
    arrived: Mutex<Vec<Arrival>>,
    /// Listeners by tenant, arrivals included.
    counts: Mutex<Vec<(TenantNo, usize)>>,
    all: AtomicUsize,
    signal: Signal,
    stop: AtomicBool,
}

/// Somebody who wants to hear.
#[derive(Debug)]
struct Arrival {
    tenant: TenantNo,
    filter: Filter,
    /// The first row wanted.
    next: u64,
    /// A frame up to which there is nothing it wants; `None` when it goes on with what was there
    /// already.
    after: Option<u64>,
    to: mpsc::Sender<Bytes>,
    /// Bytes handed over that it has not taken.
    untaken: Arc<AtomicUsize>,
}

impl Floor {
    /// Listens to a tenant's events from row `next` on. `after` is a frame that was durable when
    /// the tenant's newest row was looked for, and `None` when rows from `next` on may be in the
    /// ledger already.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn listen(
        &self,
        tenant: TenantNo,
        filter: Filter,
        (next, after): (u64, Option<u64>),
    ) -> Result<EventStream, TooMany> {
        self.count_in(tenant)?;
        let (to, stream) = mpsc::channel(FLOOR_CHUNKS_MAX);
        let arrival = Arrival {
            tenant,
            filter,
            next,
            after,
            to,
            untaken: Arc::default(),
        };
        let untaken = Arc::clone(&arrival.untaken);
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.push(arrival);
        drop(arrived);
        self.signal.raise();
        Ok(EventStream {
            pieces: stream,
            untaken,
        })
    }

    fn take_arrived(&self) -> Vec<Arrival> {
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *arrived)
    }

    fn count_in(&self, tenant: TenantNo) -> Result<(), TooMany> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let all = counts.iter().map(|(_, count)| count).sum::<usize>();
        let known = counts.iter_mut().find(|(no, _)| *no == tenant);
        let own = known.as_ref().map_or(0, |(_, count)| *count);
        if all >= FLOOR_SUBSCRIBERS_MAX || own >= FLOOR_TENANT_SUBSCRIBERS_MAX {
            return Err(TooMany);
        }
        match known {
            Some((_, count)) => *count += 1,
            None => counts.push((tenant, 1)),
        }
        self.all.store(all + 1, Ordering::Relaxed);
        Ok(())
    }

    fn count_out(&self, tenant: TenantNo) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, count)) = counts.iter_mut().find(|(no, _)| *no == tenant) {
            *count = count.saturating_sub(1);
        }
        counts.retain(|(_, count)| *count > 0);
        let all = counts.iter().map(|(_, count)| count).sum();
        self.all.store(all, Ordering::Relaxed);
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.all.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
