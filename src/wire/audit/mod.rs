//! Rows as the audit routes tell them.
//!
//! What was chained is told as it stands; what a caller wrote comes from the row's subject, and is
//! said to be erased when it is. Bodies of later versions may have more fields: they are passed over.

mod body;
mod event;
mod facts;
mod figures;
mod item;
mod log;
mod said;

pub use body::{Bodies, CodeSaid, Inclusion, RowAnswer, SubjectSaid};
pub use event::{AckAnswer, AckRequest, AckSubject, Event};
pub use facts::{FactsSaid, RECORDS_SHOWN_MAX};
pub use figures::{StatsAnswer, WordCount};
pub use item::TrailItem;
pub use log::CallLogItem;
pub use said::Said;

use crate::domain::hex::hex;
use crate::domain::time::UnixSeconds;

/// A row as it was found.
#[derive(Debug, Clone)]
pub struct RowSeen<'r> {
    /// Position in the tenant's chain.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// Chained bytes.
    pub body: &'r [u8],
    /// Posting keys: account, contact point; 0 = none.
    pub keys: [u64; 2],
    /// Its subjects; `None` = erased.
    pub subjects: Vec<Option<&'r [u8]>>,
}

impl RowSeen<'_> {
    /// Whether a subject of it was destroyed.
    pub fn erased(&self) -> bool {
        self.subjects.iter().any(Option::is_none)
    }

    fn hash(&self) -> String {
        hex(&self.hash)
    }

    /// What the first subject says, if it is one of a caller's.
    pub fn said(&self) -> Said {
        let first = self.subjects.first().copied().flatten();
        first.and_then(Said::read).unwrap_or_default()
    }
}

/// RFC 3339 in UTC.
fn instant(at: i64) -> String {
    UnixSeconds(at).rfc3339().as_str().to_owned()
}

#[cfg(test)]
mod tests;
