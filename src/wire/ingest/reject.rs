//! What a line is refused with: its number, the field, a closed code. Values are never echoed.

use std::borrow::Cow;

use crate::domain::words::words;

words!(
    /// Why a line, or a whole file, is refused.
    RejectCode {
        /// The row, or the file around it, is not well-formed JSON.
        InvalidJson = "INVALID_JSON",
        /// The row is not UTF-8.
        InvalidUtf8 = "INVALID_UTF8",
        /// The row has more or fewer cells than the header, or an unclosed quote.
        InvalidCsv = "INVALID_CSV",
        /// The row is longer than [`ROW_BYTES_MAX`](super::limits::ROW_BYTES_MAX).
        RowTooLarge = "ROW_TOO_LARGE",
        /// A CSV header names a column that does not exist; the file is refused whole.
        UnknownColumn = "UNKNOWN_COLUMN",
        /// A CSV header names a column twice; the file is refused whole.
        DuplicateColumn = "DUPLICATE_COLUMN",
        /// A field that this kind of record does not have.
        UnknownField = "UNKNOWN_FIELD",
        /// A field twice in one object.
        DuplicateField = "DUPLICATE_FIELD",
        /// Text where a number belongs, an object where a list belongs, and the like.
        WrongType = "WRONG_TYPE",
        /// A field the record needs is absent.
        Missing = "MISSING",
        /// A text of no characters; leave the field out to say nothing.
        Empty = "EMPTY",
        /// A text longer than [`TEXT_BYTES_MAX`](super::limits::TEXT_BYTES_MAX).
        TooLong = "TOO_LONG",
        /// A list longer than its bound.
        TooMany = "TOO_MANY",
        /// Not a word of the field's vocabulary.
        UnknownWord = "UNKNOWN_WORD",
        /// Not a number of the North American Numbering Plan.
        InvalidPhone = "INVALID_PHONE",
        /// Not an e-mail address.
        InvalidEmail = "INVALID_EMAIL",
        /// Not a date `YYYY-MM-DD`, not an RFC 3339 instant, or an end before its beginning.
        InvalidDate = "INVALID_DATE",
        /// Not a time of day `HH:MM` or `HH:MM:SS`, or an empty period.
        InvalidTime = "INVALID_TIME",
        /// Not a ZIP code.
        InvalidZip = "INVALID_ZIP",
        /// A number outside the field's range.
        OutOfRange = "OUT_OF_RANGE",
        /// A field that does not go with the fact, or with another field of the record.
        Unexpected = "UNEXPECTED",
        /// The same thing twice in one record.
        Conflict = "CONFLICT",
        /// A source that the gateway itself goes by.
        Reserved = "RESERVED",
        /// A restriction is lifted without a reason.
        LiftNeedsReason = "LIFT_NEEDS_REASON",
        /// The credential lacks the scope this record needs.
        Forbidden = "FORBIDDEN",
        /// The record names a number that is neither on file nor in the record.
        UnknownPhone = "UNKNOWN_PHONE",
        /// The record names an address that is neither on file nor in the record.
        UnknownEmail = "UNKNOWN_EMAIL",
        /// The record names a debt that is neither on file nor in the record.
        UnknownDebt = "UNKNOWN_DEBT",
        /// The record names a person that is neither on file nor in the record.
        UnknownPerson = "UNKNOWN_PERSON",
        /// A table is full.
        CapacityReached = "CAPACITY_REACHED"
    }
);

impl RejectCode {
    /// One sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::InvalidJson => "The body is not valid JSON.",
            Self::InvalidUtf8 => "The body is not UTF-8.",
            Self::InvalidCsv => "The row has another number of cells than the header.",
            Self::RowTooLarge => "The record is longer than permitted.",
            Self::UnknownColumn => "The header names an unknown column.",
            Self::DuplicateColumn => "The header names a column twice.",
            Self::UnknownField => "There is no such field here.",
            Self::DuplicateField => "A field is given more than once.",
            Self::WrongType => "The value has the wrong JSON type.",
            Self::Missing => "A required field is missing.",
            Self::Empty => "The text is empty.",
            Self::TooLong => "The text is longer than 64 bytes.",
            Self::TooMany => "The list has too many entries.",
            Self::UnknownWord => "The word is not one of the published ones.",
            Self::InvalidPhone => "The text is not a North American telephone number.",
            Self::InvalidEmail => "The text is not an e-mail address.",
            Self::InvalidDate => "The text is not a date or instant that can be meant here.",
            Self::InvalidTime => "The text is not a time of day.",
            Self::InvalidZip => "The text is not a ZIP code.",
            Self::OutOfRange => "The value is out of range.",
            Self::Unexpected => "The field does not go with what else is said.",
            Self::Conflict => "The record contradicts itself or what is on file.",
            Self::Reserved => "The name is one of the gateway's own.",
            Self::LiftNeedsReason => "Lifting a restriction needs a reason.",
            Self::Forbidden => "The credential does not permit it.",
            Self::UnknownPhone => "The account has no such number.",
            Self::UnknownEmail => "The account has no such address.",
            Self::UnknownDebt => "The account has no such debt.",
            Self::UnknownPerson => "The account has no such person.",
            Self::CapacityReached => "A table is full.",
        }
    }
}

/// A fault found in a record: where and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Dotted path of the field, `phones.1.number`; a column's name in CSV; empty for the whole row.
    pub field: Cow<'static, str>,
    /// Why.
    pub code: RejectCode,
}

impl Fault {
    /// A fault of the row as a whole.
    pub const fn row(code: RejectCode) -> Self {
        Self {
            field: Cow::Borrowed(""),
            code,
        }
    }

    /// A fault of one field.
    pub fn at(field: &'static str, code: RejectCode) -> Self {
        Self {
            field: Cow::Borrowed(field),
            code,
        }
    }

    /// The same fault seen from outside: `item` of the list `list`.
    #[must_use]
    pub fn within(self, list: &str, item: usize) -> Self {
        let field = if self.field.is_empty() {
            format!("{list}.{item}")
        } else {
            format!("{list}.{item}.{}", self.field)
        };
        Self {
            field: Cow::Owned(field),
            ..self
        }
    }
}

/// A refused line of an ingest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The line in a file of lines (a CSV header is line 1), the position in a list of records;
    /// both count from 1.
    pub line: u32,
    /// What is wrong with it.
    pub fault: Fault,
}

/// The whole input is refused, before any of its lines was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the input is refused whole: {} {}", .0.code.as_str(), .0.field)]
pub struct Refused(pub Fault);
