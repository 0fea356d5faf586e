//! What came back, in one form whichever line brought it. Pure.

mod date;
mod frame;
mod json;
#[cfg(test)]
mod tests;

pub(super) use frame::decision;
pub(super) use json::{Heard, HeardReport, batch, report, single};

use super::verdict::{Garbled, Reason};
use crate::domain::time::UnixSeconds;

/// An answer that was read whole and is about the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// An explicit yes.
    Allow(Allow),
    /// Anything else.
    Block(Blocked),
}

/// An explicit yes, with all that a permit needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allow {
    /// Its row.
    pub(super) audit_id: u64,
    /// The instant from which it is dead.
    pub(super) use_by: UnixSeconds,
    /// When it was decided.
    pub(super) decided_at: UnixSeconds,
    /// When it was answered, where the line says so.
    pub(super) answered_at: Option<UnixSeconds>,
}

/// A no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blocked {
    /// Why.
    pub(super) reason: Reason,
    /// Its row, if it has one.
    pub(super) audit_id: Option<u64>,
    /// When to ask again.
    pub(super) next_allowed_at: Option<UnixSeconds>,
}

/// Why bytes are no answer to the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// They are no answer.
    Garbled(Garbled),
    /// They answer something else.
    Mismatch,
}

impl From<Garbled> for Unread {
    fn from(what: Garbled) -> Self {
        Self::Garbled(what)
    }
}
