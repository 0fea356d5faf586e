//! Bounds of an ingest, each refused with its own code.

pub use crate::wire::limits::ROW_BYTES_MAX;

/// Bytes of one text.
pub const TEXT_BYTES_MAX: usize = crate::wire::limits::CALLER_TEXT_BYTES_MAX;
/// Columns of a CSV file.
pub const COLUMNS_MAX: usize = 512;
/// Debts of a record, and in a list that names debts.
pub const DEBTS_MAX: usize = crate::wire::limits::DEBT_IDS_MAX;
/// Numbers of a record.
pub const PHONES_MAX: usize = 32;
/// E-mail addresses of a record.
pub const EMAILS_MAX: usize = 16;
/// Facts of a record.
pub const FACTS_MAX: usize = 64;
/// Attempts of a record.
pub const ATTEMPTS_MAX: usize = 256;
/// Parties of a record.
pub const PARTIES_MAX: usize = 32;
/// Periods of an inconvenient time.
pub const PERIODS_MAX: usize = 32;
/// Items of the other lists (days, gates, consent kinds).
pub const WORDS_MAX: usize = 12;
