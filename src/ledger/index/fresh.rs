//! What is known of rows before, or besides, the database: postings of the segment in use, places
//! of frames that are not in the index yet, and the figures of each chain.
//!
//! The follower writes it, readers read it. Postings come before the frame counts as absorbed, and
//! leave only after the database has them: a reader who looks here first misses nothing.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use super::postings::ActivePostings;
use crate::ledger::row::{FramePos, TenantNo};
use crate::wire::marks::Counts;

/// See the file's own page.
#[derive(Debug, Default)]
pub struct Fresh {
    /// Postings of the segment in use.
    pub(super) postings: ActivePostings,
    tail: RwLock<Tail>,
}

/// What the database lacks, and the figures.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// The last frame that was absorbed.
    pub(super) absorbed: u64,
    /// Tenant, its first seq in the frame, the frame; in order.
    pub(super) places: Vec<(TenantNo, u64, FramePos)>,
    /// Tenant, a row, the later row that speaks of it.
    pub(super) links: Vec<(TenantNo, u64, u64)>,
    /// Figures by tenant number.
    pub(super) counts: Vec<Counts>,
    /// Tenants whose figures the database has not as they are.
    pub(super) counted: BTreeSet<TenantNo>,
}

impl Fresh {
    /// Whether the frame has been absorbed.
    pub fn has(&self, frame: u64) -> bool {
        self.look(|tail| tail.absorbed >= frame)
    }

    /// Rows of a tenant up to the last frame absorbed.
    pub fn rows(&self, tenant: TenantNo) -> u64 {
        self.look(|tail| {
            let counts = tail.counts.get(usize::from(tenant));
            counts.map_or(0, |counts| counts.rows)
        })
    }

    /// A tenant's figures up to the last frame absorbed.
    pub fn counts(&self, tenant: TenantNo) -> Counts {
        self.look(|tail| {
            let counts = tail.counts.get(usize::from(tenant));
            counts.cloned().unwrap_or_default()
        })
    }

    pub(super) fn look<T>(&self, read: impl FnOnce(&Tail) -> T) -> T {
        read(&self.tail.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn change(&self, write: impl FnOnce(&mut Tail)) {
        write(&mut self.tail.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Tail {
    /// The frame holding a row, if it is among the places here.
    pub(super) fn place(&self, tenant: TenantNo, seq: u64) -> Option<FramePos> {
        let mine = |place: &&(TenantNo, u64, FramePos)| place.0 == tenant && place.1 <= seq;
        self.places.iter().rev().find(mine).map(|place| place.2)
    }

    /// The first later row that speaks of a row.
    pub(super) fn link(&self, tenant: TenantNo, seq: u64) -> Option<u64> {
        let mine = |link: &&(TenantNo, u64, u64)| (link.0, link.1) == (tenant, seq);
        self.links.iter().find(mine).map(|link| link.2)
    }

    /// A tenant's figures, to be added to.
    pub(super) fn counts_of(&mut self, tenant: TenantNo) -> &mut Counts {
        let at = usize::from(tenant);
        if self.counts.len() <= at {
            self.counts.resize_with(at + 1, Counts::default);
        }
        &mut self.counts[at]
    }
}
