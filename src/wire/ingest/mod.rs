//! Facts intake: a stream of chunks to numbered, checked lines, good and refused.
//!
//! Nothing here holds more than one row; a row is at most
//! [`ROW_BYTES_MAX`](limits::ROW_BYTES_MAX). Every line is either handed out whole and checked or
//! named with its field and code; no value is ever echoed.
//!
//! Invariants
//! - INGEST-1: how the input is cut into chunks changes nothing.
//! - INGEST-2: a line handed out is in normal form: numbers in E.164, addresses in lower case, ZIP
//!   codes of five digits. So the same facts spelt otherwise are the same record.
//! - INGEST-3: a file cut at a [`cut::Cutter`]'s places and read part by part says what it says read
//!   whole, line numbers included.

mod cells;
mod columns;
mod csv;
#[cfg(test)]
mod csv_tests;
pub mod cut;
#[cfg(test)]
mod cut_tests;
mod draft;
mod elements;
mod fact;
mod fault;
mod json;
#[cfg(test)]
mod json_tests;
mod kinds;
pub mod limits;
mod lines;
pub mod numbers;
#[cfg(test)]
mod numbers_tests;
pub mod one_fact;
#[cfg(test)]
mod one_fact_tests;
mod origin;
pub mod reject;
mod row;
#[cfg(test)]
pub(crate) mod samples;
mod strip;
mod validate;
#[cfg(test)]
mod validate_tests;

pub use csv::CsvReader;
pub use json::JsonReader;
pub use numbers::ListEdit;
pub use origin::is_the_callers;
pub use reject::{Fault, Refused, RejectCode, Rejected};
pub use validate::line as check;

use crate::domain::record::Line;

/// A good line.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbered {
    /// As in [`Rejected::line`].
    pub line: u32,
    /// What it says.
    pub record: Line,
}

/// Where lines go, in the order of the input.
pub type Sink<'a> = dyn FnMut(Result<Numbered, Rejected>) + 'a;
