//! What is wrong with a request body, and with which field of it.

use super::limits::{CALLER_TEXT_BYTES_MAX, DEBT_IDS_MAX};

/// Why a body is refused. One kind a cause; the text never repeats a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldCode {
    /// The bytes are not one JSON value in UTF-8.
    InvalidJson,
    /// The bytes are not a form of bounded size in UTF-8.
    InvalidForm,
    /// The JSON value is not an object.
    NotAnObject,
    /// A required field is absent or null.
    Missing,
    /// The value's JSON type is not the field's.
    WrongType,
    /// A string over its bound.
    TooLong,
    /// A list over its bound.
    TooMany,
    /// The field stands there twice.
    Duplicate,
    /// Not a word of the closed list.
    UnknownWord,
    /// Not an RFC 3339 instant.
    InvalidInstant,
    /// Not a telephone number of the North American plan.
    InvalidPhone,
    /// Not an e-mail address of the ordinary form.
    InvalidEmail,
    /// Not a date `YYYY-MM-DD`.
    InvalidDate,
    /// Not a time of day `HH:MM`.
    InvalidTime,
    /// Says something else than the path does.
    Conflict,
    /// A name that the gateway itself goes by.
    Reserved,
    /// An empty string where one cannot be meant.
    Empty,
    /// A header value that is not visible ASCII.
    NotVisibleAscii,
    /// The idempotency key was used with another body.
    KeyReused,
    /// JSON, but neither a list nor an object with the one field `intents`.
    NotABatch,
    /// A batch without intents.
    EmptyBatch,
    /// More intents than one batch may have.
    TooManyIntents,
    /// A key for a batch as a whole.
    KeyOnBatch,
    /// A key for a stream as a whole.
    KeyOnStream,
    /// Text that no page of this list gave out as its cursor.
    InvalidCursor,
    /// A query parameter the route does not have.
    UnknownParameter,
    /// A query parameter whose percent-encoding is broken or no UTF-8.
    NotPercentEncoded,
    /// Not a whole number within the bounds.
    OutOfRange,
}

impl FieldCode {
    /// The machine code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "INVALID_JSON",
            Self::InvalidForm => "INVALID_FORM",
            Self::NotAnObject => "NOT_AN_OBJECT",
            Self::Missing => "MISSING",
            Self::WrongType => "WRONG_TYPE",
            Self::TooLong => "TOO_LONG",
            Self::TooMany => "TOO_MANY",
            Self::Duplicate => "DUPLICATE",
            Self::UnknownWord => "UNKNOWN_WORD",
            Self::InvalidInstant => "INVALID_INSTANT",
            Self::InvalidPhone => "INVALID_PHONE",
            Self::InvalidEmail => "INVALID_EMAIL",
            Self::InvalidDate => "INVALID_DATE",
            Self::InvalidTime => "INVALID_TIME",
            Self::Conflict => "CONFLICT",
            Self::Reserved => "RESERVED",
            Self::Empty => "EMPTY",
            Self::NotVisibleAscii => "NOT_VISIBLE_ASCII",
            Self::KeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::NotABatch => "NOT_A_BATCH",
            Self::EmptyBatch => "EMPTY_BATCH",
            Self::TooManyIntents => "TOO_MANY_INTENTS",
            Self::KeyOnBatch => "IDEMPOTENCY_KEY_ON_BATCH",
            Self::KeyOnStream => "IDEMPOTENCY_KEY_ON_STREAM",
            Self::InvalidCursor => "INVALID_CURSOR",
            Self::UnknownParameter => "UNKNOWN_PARAMETER",
            Self::NotPercentEncoded => "NOT_PERCENT_ENCODED",
            Self::OutOfRange => "OUT_OF_RANGE",
        }
    }

    /// One sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            Self::InvalidJson => "The body is not valid JSON.",
            Self::InvalidForm => "The body is not a valid form.",
            Self::NotAnObject => "The body is not a JSON object.",
            Self::Missing => "A required field is missing.",
            Self::WrongType => "The field has the wrong JSON type.",
            Self::TooLong => "The text is longer than 64 bytes.",
            Self::TooMany => "The list has more than 32 entries.",
            Self::Duplicate => "The field is given more than once.",
            Self::UnknownWord => "The word is not one of the published ones.",
            Self::InvalidInstant => "The text is not an RFC 3339 instant.",
            Self::InvalidPhone => "The text is not a telephone number.",
            Self::InvalidEmail => "The text is not an e-mail address.",
            Self::InvalidDate => "The text is not a date of the form YYYY-MM-DD.",
            Self::InvalidTime => "The text is not a time of day of the form HH:MM.",
            Self::Conflict => "The field says something else than the path.",
            Self::Reserved => "The name is one of the gateway's own.",
            Self::Empty => "The text is empty.",
            Self::NotVisibleAscii => "The value has characters other than visible ASCII.",
            Self::KeyReused => "The idempotency key was used with another body.",
            Self::NotABatch => "The body is neither a list nor an object of the one list intents.",
            Self::EmptyBatch => "The batch has no intents.",
            Self::TooManyIntents => "The batch has more than 1000 intents.",
            Self::KeyOnBatch => "A batch has no key; the request_id of each intent is its key.",
            Self::KeyOnStream => "A stream has no key; the request_id of each intent is its key.",
            Self::InvalidCursor => "The cursor is none of this list under these filters.",
            Self::UnknownParameter => "The query has a parameter this path does not have.",
            Self::NotPercentEncoded => "The text is not percent-encoded UTF-8.",
            Self::OutOfRange => "The number is out of bounds.",
        }
    }
}

/// A refused body: answered 422.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", field.unwrap_or("body"), code.as_str())]
pub struct FieldError {
    /// The field or header at fault; `None` when it is the body as a whole.
    pub field: Option<&'static str>,
    /// What is wrong with it.
    pub code: FieldCode,
}

impl FieldError {
    /// A fault of one field.
    pub const fn of(field: &'static str, code: FieldCode) -> Self {
        Self {
            field: Some(field),
            code,
        }
    }

    /// A fault of the whole body.
    pub const fn body(code: FieldCode) -> Self {
        Self { field: None, code }
    }
}

/// A text a caller chose, within its bound.
pub(super) fn bounded<T: AsRef<str>>(field: &'static str, text: T) -> Result<T, FieldError> {
    if text.as_ref().len() > CALLER_TEXT_BYTES_MAX {
        return Err(FieldError::of(field, FieldCode::TooLong));
    }
    Ok(text)
}

/// A list of them, within its bound and owned.
pub(super) fn bounded_list<T: AsRef<str>>(
    field: &'static str,
    list: impl ExactSizeIterator<Item = T>,
) -> Result<Vec<Box<str>>, FieldError> {
    if list.len() > DEBT_IDS_MAX {
        return Err(FieldError::of(field, FieldCode::TooMany));
    }
    list.map(|text| Ok(bounded(field, text)?.as_ref().into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::limits;

    #[test]
    fn messages_state_the_bounds_in_force() {
        assert!(
            FieldCode::TooLong
                .message()
                .contains(&CALLER_TEXT_BYTES_MAX.to_string())
        );
        assert!(
            FieldCode::TooMany
                .message()
                .contains(&DEBT_IDS_MAX.to_string())
        );
        assert!(
            FieldCode::TooManyIntents
                .message()
                .contains(&limits::BATCH_INTENTS_MAX.to_string())
        );
    }

    #[test]
    fn an_error_prints_field_and_code() {
        let of = FieldError::of("phone", FieldCode::Missing);
        assert_eq!(of.to_string(), "phone: MISSING");
        let body = FieldError::body(FieldCode::InvalidJson);
        assert_eq!(body.to_string(), "body: INVALID_JSON");
    }
}
