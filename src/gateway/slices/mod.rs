//! How much of a page of facts the engine thread applies before it looks at the live lane again.
//!
//! A page is applied in slices of about [`SLICE_US`]; what a record costs is learnt from the slices
//! before. Each slice has its own rows, so live decisions between two slices lie between them in
//! the chain, and replay meets them in the same order.

use std::time::Duration;

use super::work::{PageJob, ReplyTo};
use crate::domain::ids::TenantNo;
use crate::engine::commands::{FactsPage, Item, PageResult};

/// Time a slice should take, microseconds: what a live command waits at most behind facts.
const SLICE_US: u64 = 100;
/// Items of the first slice.
const ITEMS_FIRST: usize = 16;
/// Items of a slice at least: below this its rows would cost more than its records.
const ITEMS_MIN: usize = 8;
/// Items of a slice at most.
const ITEMS_MAX: usize = 64;
/// Bytes of a slice: a slice is one fact row, and a body takes twice that
/// (`ledger::limits::BODY_BYTES_MAX`), the shortest frame four times. No item alone has more.
const SLICE_BYTES_MAX: usize = 128 * 1024;
/// Bytes that an item costs its row beside its canonical bytes and its subject, rather more than less:
/// digest, numbers, headers.
const ITEM_BYTES: usize = 256;
/// A frame that has grown to this, bytes, waits for the committer before more facts go in: a live
/// row committed with them, or behind them, waits for all of it to be written.
const FRAME_BYTES_MAX: u32 = 128 * 1024;

/// The pending frame, as far as facts care.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Its bytes so far.
    pub(super) frame_bytes: u32,
    /// It has neither rows nor answers: nothing to commit.
    pub(super) empty: bool,
    /// A slice was applied since the last frame was handed over.
    pub(super) has_slice: bool,
}

/// Whether the pending frame takes another slice: while it is small, and only the first one while
/// somebody asks for decisions. That one then waits for a slice and for the commit of a slice, and the
/// processor has a pause in each commit, however fast an upload comes. A slice that left no row gives
/// nothing to commit, so nothing would come for the next one to wait for.
pub(super) fn fits(room: Room, beside: bool) -> bool {
    let waits = room.has_slice && !room.empty && beside;
    room.frame_bytes < FRAME_BYTES_MAX && !waits
}

/// The measure of slices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    items: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { items: ITEMS_FIRST }
    }
}

impl Pace {
    /// Learns from a slice of `items` that took `span`.
    pub(super) fn learn(&mut self, items: usize, span: Duration) {
        let limit = Duration::from_micros(SLICE_US);
        if span > limit {
            // Halved at most: one slice in which the thread was put aside says little of records.
            self.items = (items / 2).max(ITEMS_MIN);
        } else if items >= self.items && span < limit * 3 / 4 {
            self.items = (self.items + self.items / 4).min(ITEMS_MAX);
        }
    }

    /// How many of `items` make the next slice: at least one, if there is one.
    fn of(self, items: &[Item]) -> usize {
        let mut bytes = 0;
        let fits = items.iter().take(self.items).take_while(|item| {
            bytes += item.body.len() + item.subject.bytes.len() + ITEM_BYTES;
            bytes <= SLICE_BYTES_MAX
        });
        fits.count().max(1).min(items.len())
    }
}

/// A page of which a part may have been applied.
#[derive(Debug)]
pub(super) struct Carried {
    page: FactsPage,
    at: usize,
    result: PageResult,
    reply: ReplyTo,
}

impl Carried {
    /// A page just taken out of the lane.
    pub(super) fn new(job: PageJob) -> Self {
        Self {
            page: job.page,
            at: 0,
            result: PageResult::default(),
            reply: job.reply,
        }
    }

    /// The next slice.
    pub(super) fn slice(&self, pace: Pace) -> (TenantNo, &[Item]) {
        let left = self.page.items.get(self.at..).unwrap_or(&[]);
        let slice = left.get(..pace.of(left)).unwrap_or(left);
        (self.page.tenant, slice)
    }

    /// Notes what became of a slice of `items`; whether the page is done.
    pub(super) fn applied(&mut self, items: usize, result: PageResult) -> bool {
        self.at += items.max(1);
        self.result.applied += result.applied;
        self.result.unchanged += result.unchanged;
        self.result.rejected.extend(result.rejected);
        self.at >= self.page.items.len()
    }

    /// Who waits, and for what.
    pub(super) fn done(self) -> (ReplyTo, PageResult) {
        (self.reply, self.result)
    }
}

#[cfg(test)]
mod tests;
