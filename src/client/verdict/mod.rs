//! May it be made, or not. Pure: time is an argument.
//!
//! Invariants
//! - CLIENT-1: a [`Permit`] is made in one place, `judge`, of an ALLOW that was read whole, that
//!   names a row, what was asked about (account, channel and source; in a frame the question's
//!   number) and an instant ahead.
//! - CLIENT-2: a permit ends at its `use_by` by the wall clock, or when as much time has run as the
//!   answer left it by the gateway's own clock, counted from the first time the question was sent:
//!   whichever comes first.
//! - CLIENT-3: everything else is a [`Block`].

mod judge;
mod permit;
mod reason;

use std::fmt;

pub(super) use judge::{Times, judge};
pub use permit::{Expired, Permit, Spent};
pub use reason::{ErrorCode, Garbled, Gates, Reason};

use super::disposition::Disposition;
use crate::domain::outcome::Reported as Outcome;
use crate::domain::time::UnixSeconds;

/// What came of asking. There is no third thing, and no way to make a permit of a yes or no:
///
/// ```compile_fail
/// use dialgate::client::Verdict;
/// let verdict = Verdict::from(true);
/// ```
#[derive(Debug)]
#[must_use = "a contact may be made with a permit only, and what was reserved is spent or given back"]
pub enum Verdict {
    /// It may be made, now.
    Permit(Permit),
    /// It must not.
    Block(Block),
}

impl Verdict {
    /// The permit, if it is one.
    pub fn permit(self) -> Option<Permit> {
        match self {
            Self::Permit(permit) => Some(permit),
            Self::Block(_) => None,
        }
    }

    /// The block, if it is one.
    pub fn block(&self) -> Option<&Block> {
        match self {
            Self::Permit(_) => None,
            Self::Block(block) => Some(block),
        }
    }
}

/// The contact must not be made.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "a block is an answer, too"]
pub struct Block {
    reason: Reason,
    audit_id: Option<u64>,
    next_allowed_at: Option<UnixSeconds>,
    /// Whose attempt is reserved though nobody may use it.
    reserved: Option<Box<str>>,
}

impl Block {
    pub(super) fn because(reason: Reason) -> Self {
        Self {
            reason,
            audit_id: None,
            next_allowed_at: None,
            reserved: None,
        }
    }

    /// Why.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The row it stands in, if it stands in one.
    pub fn audit_id(&self) -> Option<u64> {
        self.audit_id
    }

    /// The earliest instant worth asking again, where only time is in the way. A hint.
    pub fn next_allowed_at(&self) -> Option<UnixSeconds> {
        self.next_allowed_at
    }

    /// For an ALLOW that came too late to be used: the report that gives its attempt back.
    /// `answers_for_it` is whoever says that no contact was made.
    pub fn give_back(&self, answers_for_it: &str) -> Option<Disposition> {
        let (account, audit_id) = (self.reserved.as_deref()?, self.audit_id?);
        let report = Disposition::of_decision(account, audit_id, Outcome::NotDialed);
        Some(Disposition {
            actor: Some(answers_for_it.to_owned()),
            ..report
        })
    }
}

/// Names nobody.
impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("reason", &self.reason)
            .field("audit_id", &self.audit_id)
            .field("next_allowed_at", &self.next_allowed_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

#[cfg(test)]
mod tests;
