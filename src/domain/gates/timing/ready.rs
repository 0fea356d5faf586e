//! When a condition passes, if nothing else happens.

use crate::domain::time::UnixSeconds;
use crate::domain::verdict::Finding;

/// When a condition passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain::gates) enum Ready {
    /// It passes.
    Now,
    /// It blocks now and at every instant before this one, which lies after now. At this one it is
    /// to be asked again: a condition need look ahead only as far as it sees easily.
    NotBefore(UnixSeconds),
    /// Time alone does not cure it.
    Never,
}

impl Ready {
    /// Ready from `instant` on.
    pub(in crate::domain::gates) fn from(instant: UnixSeconds, now: UnixSeconds) -> Self {
        if instant <= now {
            Self::Now
        } else {
            Self::NotBefore(instant)
        }
    }

    /// Both conditions.
    #[must_use]
    pub(in crate::domain::gates) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Now, ready) | (ready, Self::Now) => ready,
            (Self::NotBefore(one), Self::NotBefore(two)) => Self::NotBefore(one.max(two)),
        }
    }

    /// The condition ceases to exist at `end` at the latest.
    #[must_use]
    pub(in crate::domain::gates) fn or_from(self, end: UnixSeconds) -> Self {
        match self {
            Self::Now => Self::Now,
            Self::NotBefore(instant) => Self::NotBefore(instant.min(end)),
            Self::Never => Self::NotBefore(end),
        }
    }
}

/// Who is shown conditions: the finding each makes when it blocks, and when it is ready.
pub(in crate::domain::gates) trait Visit: FnMut(Finding, Ready) {}
impl<F: FnMut(Finding, Ready) + ?Sized> Visit for F {}
