//! Records as ledger rows keep them: canonical JSON in the chained body, texts beside it.
//!
//! The body has its keys in ASCII order (RECORD-1: the fields are declared so), no spaces and no
//! floats. Where a [`Personal`](crate::domain::record::Personal) text stands, the body has the
//! placeholder `"$<index>"`; the subject is a canonical JSON array with the text at that index.
//! Erasing the subject therefore leaves every chained byte as it was (RECORD-2).
//!
//! No other string begins with `$`: they are closed words, dates, instants and zone names.

mod restore;
#[cfg(test)]
mod tests;
mod writer;

pub use restore::{RestoreError, restore, restore_fact};
pub use writer::{WriteError, write};
