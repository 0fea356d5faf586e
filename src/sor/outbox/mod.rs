//! What a system of record is told: a cursor over a tenant's rows, kept in a small database.
//!
//! Rows are read in the order of the ledger ([`row`]); what a row tells becomes letters by the dialect;
//! a [`Lane`] sends them in order per account and keeps a place before the first row that is not
//! finished, and which rows beyond it are. Nothing is copied out of the ledger: the [`Book`] holds
//! places and numbers, no word of anybody.
//!
//! Invariants
//! - OUTBOX-1: a letter is sent until it is confirmed, refused definitely or given up; what was not
//!   confirmed is in the book or behind the place in it.
//! - OUTBOX-2: a letter of an account is sent only when every earlier one of that account is finished.
//! - OUTBOX-3: the same letter has the same key whenever it is sent.
//! - OUTBOX-4: a try counts against a letter only when the system took another one since the last: a
//!   system that takes nothing is waited for.
//! - OUTBOX-5: what the system itself caused is not sent back to it.
//! - OUTBOX-6: what was given up is kept; at [`SOR_DEAD_MAX`](crate::wire::limits::SOR_DEAD_MAX) the cursor
//!   stops, so that nothing is dropped.

mod book;
pub mod changes;
mod lane;
#[cfg(test)]
mod lane_tests;
pub mod row;

pub use book::{Book, BookError, Kept, OwedRow};
pub use changes::{Cause, Changes, Dead};
pub use lane::{Figures, Job, Lane, Pace, Parcel, Told};

/// Where the next frame of the ledger lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LedgerPlace {
    /// Its number.
    pub frame: u64,
    /// Its segment.
    pub segment: u32,
    /// Where it begins there.
    pub offset: u32,
}

/// One thing a row tells: the row's seq, and the number of its first letter among the row's.
pub type ParcelId = (u64, u32);

/// The key of a letter: whoever gets it twice may know it by that.
pub fn letter_key(tenant: &str, (seq, first): ParcelId, letter: u32) -> String {
    format!("{tenant}/{seq}/{}", first.saturating_add(letter))
}
