//! Whose word a caller's fact may be said to be.

use super::reject::{Fault, RejectCode as Code};
use crate::domain::record::{FactRecord, Line, SYSTEM_SOURCE_MARK};

/// Whether the sources that a caller names may be a caller's. What is learnt from a system of record is
/// not told to it, so a caller's word that went by its name would never reach it.
///
/// # Errors
/// The first [`Fault`].
pub fn is_the_callers(line: &Line) -> Result<(), Fault> {
    let fault = || Fault::at("source", Code::Reserved);
    match line {
        Line::Account(record) => {
            let at = record.facts.iter().position(is_a_systems);
            at.map_or(Ok(()), |at| Err(fault().within("facts", at)))
        }
        Line::Contact(fact) if is_a_systems(fact) => Err(fault()),
        Line::Contact(_) | Line::Kill(_) | Line::ClockAccept => Ok(()),
    }
}

fn is_a_systems(fact: &FactRecord) -> bool {
    let source = fact.source.as_ref();
    source.is_some_and(|source| source.as_str().starts_with(SYSTEM_SOURCE_MARK))
}
