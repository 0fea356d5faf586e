//! The personal fields of a decision or outcome: canonical JSON beside the row, never in the chain.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A caller's strings, as asked. Fields stand in ASCII order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SubjectFields<'a> {
    /// The caller's account id.
    #[serde(borrow)]
    pub account_id: Cow<'a, str>,
    /// Who did it (outcomes).
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Cow<'a, str>>,
    /// Agent.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<Cow<'a, str>>,
    /// Hash of the request body, 32 hex digits, beside an idempotency key.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub body: Option<Cow<'a, str>>,
    /// The dialer's call id (outcomes).
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<Cow<'a, str>>,
    /// Campaign.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<Cow<'a, str>>,
    /// Debts named.
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    pub debt_ids: Vec<Cow<'a, str>>,
    /// E-mail address as given.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub email: Option<Cow<'a, str>>,
    /// Idempotency key.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub key: Option<Cow<'a, str>>,
    /// Person named.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<Cow<'a, str>>,
    /// Number as given.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Cow<'a, str>>,
    /// Request id.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Cow<'a, str>>,
    /// Source system.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub source_system: Option<Cow<'a, str>>,
}

impl SubjectFields<'_> {
    /// Canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        // Strings into memory: nothing can fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads canonical bytes back; `None` when they are not such a subject (or are erased).
    pub fn decode(bytes: &[u8]) -> Option<SubjectFields<'_>> {
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_back_and_is_in_order() {
        let subject = SubjectFields {
            account_id: "ACC-001".into(),
            debt_ids: vec!["D\"1".into()],
            phone: Some("(818) 555-1234".into()),
            source_system: Some("five9".into()),
            ..SubjectFields::default()
        };
        let bytes = subject.encode();
        let text = r#"{"account_id":"ACC-001","debt_ids":["D\"1"],"phone":"(818) 555-1234","source_system":"five9"}"#;
        assert_eq!(String::from_utf8_lossy(&bytes), text);
        assert_eq!(SubjectFields::decode(&bytes), Some(subject));
    }
}
