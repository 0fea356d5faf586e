//! Compliance events: rows somebody who answers for the law wants to hear of, and their
//! acknowledgement.

use serde::{Deserialize, Serialize};

use super::item::TrailItem;
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::limits::{CALLER_TEXT_BYTES_MAX, NOTE_BYTES_MAX, PAGE_ITEMS_MAX};
use crate::wire::marks::{EventKind, restrictive_facts};

/// Restrictions named of one event; a row of an upload may hold hundreds.
const NAMED_MAX: usize = 25;

/// An event: the row in a line, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Event {
    /// The row's id.
    pub event_id: u64,
    /// What kind of event.
    pub event: &'static str,
    /// Restrictions it states or lifts, each kind once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub restrictions: Vec<&'static str>,
    /// Whether it was acknowledged.
    pub acknowledged: bool,
    /// By which row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<u64>,
    /// The row.
    #[serde(flatten)]
    pub row: TrailItem,
}

impl Event {
    /// Tells an event.
    pub fn new(kind: EventKind, row: TrailItem, body: &[u8], by: Option<u64>) -> Self {
        let mut restrictions = Vec::new();
        if kind == EventKind::Restriction {
            for fact in restrictive_facts(body) {
                let word = fact.as_str();
                if restrictions.len() < NAMED_MAX && !restrictions.contains(&word) {
                    restrictions.push(word);
                }
            }
        }
        Self {
            event_id: row.audit_id,
            event: kind.as_str(),
            restrictions,
            acknowledged: by.is_some(),
            acknowledged_by: by,
            row,
        }
    }
}

/// The body of an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckRequest {
    /// Rows, ascending, each once.
    pub ids: Vec<u64>,
    /// Who acknowledges.
    pub actor: String,
    /// What they noted.
    pub note: Option<String>,
}

#[derive(Deserialize)]
struct AckBody {
    event_id: Option<serde_json::Value>,
    event_ids: Option<Vec<serde_json::Value>>,
    actor: Option<serde_json::Value>,
    note: Option<serde_json::Value>,
}

impl AckRequest {
    /// Reads a body: `event_id` or `event_ids` (at most [`PAGE_ITEMS_MAX`]), `actor`, `note`.
    ///
    /// # Errors
    /// [`FieldError`].
    pub fn read(body: &[u8]) -> Result<Self, FieldError> {
        let invalid = FieldError::body(FieldCode::InvalidJson);
        let value: serde_json::Value = serde_json::from_slice(body).map_err(|_cause| invalid)?;
        if !value.is_object() {
            return Err(FieldError::body(FieldCode::NotAnObject));
        }
        let wrong = FieldError::of("event_ids", FieldCode::WrongType);
        let body: AckBody = serde_json::from_value(value).map_err(|_cause| wrong)?;
        let (name, listed) = match (body.event_id, body.event_ids) {
            (Some(_), Some(_)) => {
                return Err(FieldError::of("event_id", FieldCode::Duplicate));
            }
            (Some(one), None) => ("event_id", vec![one]),
            (None, Some(list)) => ("event_ids", list),
            (None, None) => return Err(FieldError::of("event_id", FieldCode::Missing)),
        };
        if listed.is_empty() {
            return Err(FieldError::of(name, FieldCode::Empty));
        }
        if listed.len() > PAGE_ITEMS_MAX {
            return Err(FieldError::of(name, FieldCode::OutOfRange));
        }
        let number = |value: &serde_json::Value| {
            let wrong = FieldError::of(name, FieldCode::WrongType);
            value.as_u64().ok_or(wrong)
        };
        let mut ids = listed.iter().map(number).collect::<Result<Vec<_>, _>>()?;
        ids.sort_unstable();
        ids.dedup();
        let actor = text("actor", body.actor.as_ref(), CALLER_TEXT_BYTES_MAX)?;
        Ok(Self {
            ids,
            actor: actor.ok_or(FieldError::of("actor", FieldCode::Missing))?,
            note: text("note", body.note.as_ref(), NOTE_BYTES_MAX)?,
        })
    }
}

fn text(
    name: &'static str,
    value: Option<&serde_json::Value>,
    bytes_max: usize,
) -> Result<Option<String>, FieldError> {
    let Some(value) = value else { return Ok(None) };
    let wrong = FieldError::of(name, FieldCode::WrongType);
    let text = value.as_str().ok_or(wrong)?;
    if text.is_empty() {
        return Err(FieldError::of(name, FieldCode::Empty));
    }
    if text.len() > bytes_max {
        return Err(FieldError::of(name, FieldCode::OutOfRange));
    }
    Ok(Some(text.to_owned()))
}

/// Who acknowledged, beside the row.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AckSubject<'a> {
    /// Who.
    pub actor: &'a str,
    /// What they noted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'a str>,
}

/// What became of an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AckAnswer {
    /// Events acknowledged now.
    pub acknowledged: Vec<u64>,
    /// Events that had been before.
    pub already: Vec<u64>,
    /// The row of it; `None` when nothing changed.
    pub row_id: Option<u64>,
    /// Nothing changed.
    pub unchanged: bool,
}
