//! The fields of row bodies, and a whole row as it is told.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::instant;
use crate::domain::hex::hex;
use crate::domain::rules::RuleText;
use crate::domain::verdict::{Code, Gate};

/// Fields of every kind of row that answers need; those of another kind are missing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Bodies {
    pub(super) at: Option<i64>,
    pub(super) b: Option<u16>,
    pub(super) c: Vec<u16>,
    pub(super) cr: Vec<u16>,
    pub(super) dr: u8,
    pub(super) i: Vec<u64>,
    pub(super) o: Option<String>,
    pub(super) on: Option<bool>,
    pub(super) op: Option<String>,
    pub(super) pack: Option<String>,
    pub(super) sc: Option<String>,
    pub(super) t: i64,
    pub(super) x: Option<i64>,
    #[serde(deserialize_with = "list")]
    pub(super) f: Vec<u16>,
    #[serde(deserialize_with = "one")]
    pub(super) r: Option<u64>,
    #[serde(deserialize_with = "one")]
    pub(super) u: Option<u64>,
    pub(super) v: serde_json::Value,
    /// Of an outcome, the word it was reported in; of a decision, what it used up.
    #[serde(deserialize_with = "word")]
    pub(super) w: Option<String>,
}

/// A text; anything else is none.
fn word<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(value.as_str().map(str::to_owned))
}

/// A list of numbers; anything else is none.
fn list<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<u16>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// A number; anything else is none.
fn one<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(serde_json::Value::deserialize(from)?.as_u64())
}

impl Bodies {
    /// Reads a body, fact rows aside: their records are read one by one.
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// The row of the activation it was decided under.
    pub fn decided_under(&self) -> Option<u64> {
        self.b.and(self.v.as_u64())
    }

    /// The pack an activation names.
    pub fn pack(&self) -> Option<&str> {
        self.pack.as_deref()
    }

    /// The gates that block.
    pub(super) fn blocked_by(&self) -> Vec<&'static str> {
        let blocked = self.b.unwrap_or(0);
        let gates = Gate::ALL.into_iter();
        gates
            .filter(|gate| blocked & gate.bit() != 0)
            .map(Gate::name)
            .collect()
    }

    /// The codes.
    pub(super) fn codes(&self) -> Vec<&'static str> {
        let known = self.c.iter().filter_map(|code| Code::from_number(*code));
        known.map(Code::as_str).collect()
    }

    /// Each code with its texts: the pack's where a rule stands behind it and the pack is there.
    pub fn codes_said(&self, texts: Option<&[RuleText]>) -> Vec<CodeSaid> {
        let mut rules = self.cr.iter();
        let mut all = Vec::new();
        for number in &self.c {
            let rule = rules.next();
            let Some(code) = Code::from_number(*number) else {
                continue;
            };
            let rule = rule.and_then(|no| texts?.get(usize::from(*no)));
            let own = code.text();
            all.push(CodeSaid {
                code: code.as_str(),
                gate: code.gate().name(),
                sentence: rule.map_or(own.sentence, |rule| &rule.sentence).to_owned(),
                citation: rule.map_or(own.source, |rule| &rule.citation).to_owned(),
                rule: rule.map(|rule| rule.id.to_string()),
            });
        }
        all
    }

    /// Ids of the rules that were noted.
    pub fn flags_said(&self, texts: Option<&[RuleText]>) -> Vec<String> {
        let rules = self.f.iter();
        let known = rules.filter_map(|no| Some(texts?.get(usize::from(*no))?.id.to_string()));
        known.collect()
    }
}

/// A code of a decision, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CodeSaid {
    /// The code.
    pub code: &'static str,
    /// Its gate.
    pub gate: &'static str,
    /// One sentence.
    pub sentence: String,
    /// Where the law or policy says so.
    pub citation: String,
    /// The rule's id in the pack that decided.
    pub rule: Option<String>,
}

/// A subject of a row.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SubjectSaid {
    /// Hex; absent when erased. SHA-256 over salt and subject is the digest in `sd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    /// The bytes as they were sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Destroyed.
    pub erased: bool,
}

impl SubjectSaid {
    /// One that is there.
    pub fn present(salt: &[u8], subject: &[u8]) -> Self {
        Self {
            salt: Some(hex(salt)),
            subject: Some(String::from_utf8_lossy(subject).into_owned()),
            erased: false,
        }
    }

    /// One that was destroyed.
    pub const fn gone() -> Self {
        Self {
            salt: None,
            subject: None,
            erased: true,
        }
    }
}

/// Where a row lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Inclusion {
    /// Segment file's number.
    pub segment: u32,
    /// Frame's number in the chain of frames.
    pub frame: u64,
    /// Byte offset of the frame in the segment.
    pub offset: u32,
    /// The frame's length with padding, bytes.
    pub bytes: u32,
}

/// A row, whole.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RowAnswer {
    /// Position in the tenant's chain.
    pub audit_id: u64,
    /// Kind.
    pub kind: &'static str,
    /// Engine time.
    pub at: String,
    /// The bytes that were chained, as text.
    pub bytes: String,
    /// `SHA-256(prev_hash || bytes)`, hex.
    pub hash: String,
    /// Hash of the row before, hex; zeros before the first.
    pub prev_hash: String,
    /// What the callers wrote.
    pub subjects: Vec<SubjectSaid>,
    /// The bytes as JSON.
    #[schema(value_type = Object)]
    pub fields: Box<RawValue>,
    /// Of a decision, its codes in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codes: Option<Vec<CodeSaid>>,
    /// Of a decision, ids of the rules that were noted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Of a decision, SHA-256 of the pack that decided, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// Whether the texts are that pack's; else they are this program's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack_read: Option<bool>,
    /// Row that acknowledged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<u64>,
    /// Where it lies.
    pub inclusion: Inclusion,
}

impl RowAnswer {
    /// Instants as answers spell them.
    pub fn instant(at: i64) -> String {
        instant(at)
    }
}
