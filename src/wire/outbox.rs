//! `GET /api/sor/outbox` and `POST /api/sor/outbox/retry`.

use serde::{Deserialize, Serialize};

use super::field::{FieldCode, FieldError};

/// How telling the tenant's system of record stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OutboxPage {
    /// Statements read from the ledger and not finished.
    pub waiting: u64,
    /// Letters under way.
    pub under_way: u32,
    /// How many may be under way at present.
    pub calls: u32,
    /// Age of the oldest that waits, seconds.
    pub lag_s: u64,
    /// Durable frames that have not been read.
    pub lag_frames: u64,
    /// Letters confirmed since the start.
    pub confirmed: u64,
    /// Answers that said nothing, since the start.
    pub unsure: u64,
    /// Letters without an answer, since the start.
    pub silent: u64,
    /// Rows passed over since the start because their words are erased.
    pub erased: u64,
    /// Letters given up.
    pub dead: u64,
    /// Whether so many were given up that no more rows are read until some were tried again and taken.
    pub full: bool,
    /// Where the next page of them begins (`from`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_from: Option<u64>,
    /// Those, oldest row first.
    pub dead_letters: Vec<DeadLetter>,
}

/// A letter that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DeadLetter {
    /// The row it tells of.
    pub row_id: u64,
    /// Its number among the row's letters.
    pub letter: u32,
    /// `refused`, `given_up`, `unsendable`.
    pub cause: &'static str,
    /// Tries that counted.
    pub tries: u32,
    /// When it was given up.
    pub at: String,
}

/// Which given-up letters are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryRequest {
    /// Those of this row; `None`: all.
    pub row_id: Option<u64>,
}

#[derive(Deserialize)]
struct RetryBody {
    row_id: Option<serde_json::Value>,
}

impl RetryRequest {
    /// Reads a body: `{"row_id": N}`, or `{}` for all.
    ///
    /// # Errors
    /// [`FieldError`].
    pub fn read(body: &[u8]) -> Result<Self, FieldError> {
        let invalid = FieldError::body(FieldCode::InvalidJson);
        let value: serde_json::Value = serde_json::from_slice(body).map_err(|_cause| invalid)?;
        let not_an_object = FieldError::body(FieldCode::NotAnObject);
        let body: RetryBody = serde_json::from_value(value).map_err(|_cause| not_an_object)?;
        let wrong = FieldError::of("row_id", FieldCode::WrongType);
        let row_id = body.row_id.map(|value| value.as_u64().ok_or(wrong));
        Ok(Self {
            row_id: row_id.transpose()?,
        })
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RetryAnswer {
    /// Letters that are tried again.
    pub retried: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_names_a_row_or_means_all() {
        let read = |text: &str| RetryRequest::read(text.as_bytes());
        assert_eq!(read("{}").unwrap().row_id, None);
        assert_eq!(read(r#"{"row_id":7}"#).unwrap().row_id, Some(7));
        assert!(read(r#"{"row_id":"7"}"#).is_err());
        assert!(read("[]").is_err());
        assert!(read("x").is_err());
    }
}
