//! What has to be written down.

use super::{LedgerPlace, ParcelId};

crate::domain::words::words!(
    /// Why a letter was given up.
    Cause {
        /// The system said no.
        Refused = "refused",
        /// It answered nothing that can be read, so many times while it took others.
        GivenUp = "given_up",
        /// It cannot be sent at all.
        Unsendable = "unsendable",
    }
);

/// A letter that was given up, with those behind it of the same statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dead {
    /// Which.
    pub id: ParcelId,
    /// Letters of it that were confirmed before.
    pub confirmed: u32,
    /// Why.
    pub cause: Cause,
    /// Times it was sent and counted.
    pub tries: u32,
    /// When, seconds since 1970.
    pub at: i64,
}

/// Confirmed letters that stand for all of a statement.
pub const ALL: u32 = u32::MAX;

/// What changed since it was last written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The new place.
    pub place: Option<LedgerPlace>,
    /// Letters confirmed of statements beyond the place; [`ALL`]: it is finished.
    pub done: Vec<(ParcelId, u32)>,
    /// Rows before this one need not be known any more, except those in `done`: they were confirmed
    /// since.
    pub forget_before: Option<u64>,
    /// Given up.
    pub dead: Vec<Dead>,
    /// Given up once, and confirmed since.
    pub alive: Vec<ParcelId>,
}

impl Changes {
    /// Rows before this one need not be known any more, those noted so far included.
    pub(super) fn forget(&mut self, before: u64) {
        self.done.retain(|((seq, _), _)| *seq >= before);
        self.forget_before = self.forget_before.max(Some(before));
    }

    /// Nothing changed.
    pub fn is_empty(&self) -> bool {
        self.place.is_none() && !self.is_urgent()
    }

    /// More than the place changed: without it, letters would be sent again after a crash.
    pub fn is_urgent(&self) -> bool {
        !self.done.is_empty() || !self.dead.is_empty() || !self.alive.is_empty()
    }

    /// How much there is.
    pub fn len(&self) -> usize {
        self.done.len() + self.dead.len() + self.alive.len()
    }
}
