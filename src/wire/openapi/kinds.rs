//! What a parameter or field of a hand-read body may hold.

use serde_json::{Value, json};

use crate::wire::limits::{CALLER_TEXT_BYTES_MAX, DEBT_IDS_MAX, NOTE_BYTES_MAX};

/// A kind of value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// There is none.
    None,
    /// A text of the caller's. The bound is one of bytes, which a description cannot say.
    Text,
    /// The same, not empty.
    Name,
    /// The same in a path, where some characters mean something else.
    Segment,
    /// A note, longer than a name.
    Note,
    /// What the page before gave.
    Cursor,
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// An RFC 3339 instant.
    Instant,
    /// `YYYY-MM-DD`.
    Date,
    /// A whole number within these bounds.
    Number(u64, u64),
    /// True or false.
    Flag,
    /// A North American telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A list of names.
    Names,
    /// A list of texts.
    Texts,
    /// `HH:MM`.
    Clock,
    /// ISO weekdays.
    Weekdays,
}

impl Kind {
    pub(super) fn schema(&self) -> Value {
        let text_max = CALLER_TEXT_BYTES_MAX;
        match self {
            Self::None => json!({}),
            Self::Text => {
                json!({ "type": "string", "maxLength": text_max })
            }
            Self::Name => json!({ "type": "string", "minLength": 1, "maxLength": text_max }),
            Self::Segment => json!({
                "type": "string", "minLength": 1, "maxLength": text_max,
                "pattern": "^[A-Za-z0-9_-]+$",
            }),
            Self::Note => {
                json!({ "type": "string", "minLength": 1, "maxLength": NOTE_BYTES_MAX })
            }
            Self::Cursor => json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" }),
            Self::Words(words) => json!({ "type": "string", "enum": words() }),
            Self::Instant => json!({ "type": "string", "format": "date-time" }),
            Self::Date => json!({ "type": "string", "format": "date" }),
            Self::Number(least, most) => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Self::Flag => json!({ "type": "boolean" }),
            Self::Phone => json!({
                "type": "string", "pattern": r"^\+1(201|202|212|213|818|312)[2-9](0[0-9]|[2-9][0-9])[0-9]{4}$",
                "examples": ["+18185551234"],
            }),
            Self::Email => json!({
                "type": "string", "pattern": "^[a-z0-9]{1,16}@[a-z0-9]{1,16}\\.(com|org)$",
                "examples": ["consumer@example.com"],
            }),
            Self::Names => json!({
                "type": "array", "maxItems": DEBT_IDS_MAX, "items": Self::Name.schema(),
            }),
            Self::Texts => json!({
                "type": "array", "maxItems": DEBT_IDS_MAX, "items": Self::Text.schema(),
            }),
            Self::Clock => {
                json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" })
            }
            Self::Weekdays => json!({
                "type": "array", "maxItems": 7, "uniqueItems": true,
                "items": { "type": "string", "pattern": "^[1-7]$" },
            }),
        }
    }
}
