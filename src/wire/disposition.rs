//! The body of `POST /api/queue/account/{account_id}/disposition` -> [`Disposition`].

use super::field::{FieldCode, FieldError};
use super::object::Object;
use crate::domain::time::UnixSeconds;
use crate::domain::words::Outcome;

/// What became of one allowed contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// The decision it settles, in the caller's tenant.
    pub audit_id: u64,
    /// One of the six published words.
    pub outcome: Outcome,
    /// When it happened; absent: now.
    pub occurred_at: Option<UnixSeconds>,
    /// The caller's id of the call; the same id again is the same call.
    pub call_id: Option<Box<str>>,
    /// The debts talked about; empty: those of the intent.
    pub debt_ids: Vec<Box<str>>,
    /// Who reports.
    pub actor: Option<Box<str>>,
}

const NAMES: [&str; 6] = [
    "audit_id",
    "outcome",
    "occurred_at",
    "call_id",
    "debt_ids",
    "actor",
];
const AUDIT_ID: usize = 0;
const OUTCOME: usize = 1;
const OCCURRED_AT: usize = 2;
const CALL_ID: usize = 3;
const DEBT_IDS: usize = 4;
const ACTOR: usize = 5;

/// Decodes a body.
///
/// # Errors
/// [`FieldError`], the first fault in the order above.
pub fn decode(body: &[u8]) -> Result<Disposition, FieldError> {
    let mut fields = Object::empty(&NAMES);
    fields.read(body)?;
    Ok(Disposition {
        audit_id: fields.required_number(AUDIT_ID)?,
        outcome: outcome(&fields.required(OUTCOME)?)?,
        occurred_at: match fields.text(OCCURRED_AT)? {
            Some(text) => Some(instant(&text)?),
            None => None,
        },
        call_id: fields.boxed(CALL_ID)?,
        debt_ids: fields.texts(DEBT_IDS)?,
        actor: fields.boxed(ACTOR)?,
    })
}

/// The rows know more outcomes than callers may report here.
fn outcome(text: &str) -> Result<Outcome, FieldError> {
    match Outcome::parse(text) {
        Some(
            outcome @ (Outcome::NotDialed
            | Outcome::NotConnected
            | Outcome::NoAnswer
            | Outcome::Voicemail
            | Outcome::Conversation
            | Outcome::Sent),
        ) => Ok(outcome),
        _ => Err(FieldError::of("outcome", FieldCode::UnknownWord)),
    }
}

fn instant(text: &str) -> Result<UnixSeconds, FieldError> {
    let refused = FieldError::of("occurred_at", FieldCode::InvalidInstant);
    UnixSeconds::parse(text).map_err(|_why| refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_field() {
        let body = br#"{"audit_id":482,"outcome":"conversation","occurred_at":"2026-05-05T11:00:00-07:00",
            "call_id":"C-1","debt_ids":["D-1","D-2"],"actor":"agent 7","unknown":{"audit_id":[1]}}"#;
        let expected = Disposition {
            audit_id: 482,
            outcome: Outcome::Conversation,
            occurred_at: Some(UnixSeconds(1_778_004_000)),
            call_id: Some("C-1".into()),
            debt_ids: vec!["D-1".into(), "D-2".into()],
            actor: Some("agent 7".into()),
        };
        assert_eq!(decode(body), Ok(expected));
    }

    #[test]
    fn exactly_six_outcomes_are_published() {
        let accepted = Outcome::ALL
            .iter()
            .filter(|word| outcome(word.as_str()).is_ok());
        let words: Vec<_> = accepted.map(|word| word.as_str()).collect();
        let published = [
            "not_dialed",
            "not_connected",
            "no_answer",
            "voicemail",
            "conversation",
            "sent",
        ];
        assert_eq!(words, published);
    }

    #[test]
    fn names_the_field_at_fault() {
        use FieldCode as C;
        let long = format!(
            r#"{{"audit_id":1,"outcome":"sent","actor":"{}"}}"#,
            "a".repeat(65)
        );
        for (body, field, code) in [
            ("{}", Some("audit_id"), C::Missing),
            (r#"{"audit_id":null}"#, Some("audit_id"), C::Missing),
            (r#"{"audit_id":"1"}"#, Some("audit_id"), C::WrongType),
            (r#"{"audit_id":-1}"#, Some("audit_id"), C::WrongType),
            (r#"{"audit_id":1.0}"#, Some("audit_id"), C::WrongType),
            (r#"{"audit_id":1}"#, Some("outcome"), C::Missing),
            (
                r#"{"audit_id":1,"outcome":"SENT"}"#,
                Some("outcome"),
                C::UnknownWord,
            ),
            (
                r#"{"audit_id":1,"outcome":"pending"}"#,
                Some("outcome"),
                C::UnknownWord,
            ),
            (
                r#"{"audit_id":1,"outcome":"sent","occurred_at":"2026-05-05"}"#,
                Some("occurred_at"),
                C::InvalidInstant,
            ),
            (
                r#"{"audit_id":1,"outcome":"sent","occurred_at":7}"#,
                Some("occurred_at"),
                C::WrongType,
            ),
            (
                r#"{"audit_id":1,"outcome":"sent","debt_ids":"D"}"#,
                Some("debt_ids"),
                C::WrongType,
            ),
            (&long, Some("actor"), C::TooLong),
            (
                r#"{"audit_id":1,"audit_id":1}"#,
                Some("audit_id"),
                C::Duplicate,
            ),
            ("[]", None, C::NotAnObject),
            ("", None, C::InvalidJson),
        ] {
            assert_eq!(
                decode(body.as_bytes()),
                Err(FieldError { field, code }),
                "{body}"
            );
        }
    }
}
