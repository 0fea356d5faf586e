//! Answers of the compliance reads, as JSON.
//!
//! None of them is an answer of the gate: a word says what an intent *would* be answered, and the
//! field `allow` stands in none of them (WIRE-1).

pub mod check;
pub mod file;
pub mod hours;
pub mod law;
pub mod risk;
pub mod summary;

use serde::Serialize;
use serde_json::value::RawValue;

use super::answer;
use crate::domain::rules::{RuleText, Window};
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::{Finding, Findings};

/// An answer's bytes. Only strings and numbers go in, so nothing can fail.
pub fn bytes(answer: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(answer).unwrap_or_default()
}

/// RFC 3339 UTC, whole seconds.
pub(super) fn instant(at: UnixSeconds) -> String {
    at.rfc3339().as_str().to_owned()
}

/// One reason with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reason {
    /// The gate that gives it.
    pub gate: &'static str,
    /// Machine code.
    pub code: &'static str,
    /// One sentence.
    pub sentence: String,
    /// Law, or `agency policy`.
    pub citation: String,
    /// The rule of the pack behind it.
    pub rule: Option<String>,
}

impl Reason {
    /// Of a finding, in the words of the pack that found it.
    pub fn of(finding: Finding, texts: &[RuleText]) -> Self {
        let rule = texts.get(usize::from(finding.rule.0));
        let own = finding.code.text();
        Self {
            gate: finding.code.gate().as_str(),
            code: finding.code.as_str(),
            sentence: rule.map_or(own.sentence, |rule| &rule.sentence).to_owned(),
            citation: rule.map_or(own.source, |rule| &rule.citation).to_owned(),
            rule: rule.map(|rule| rule.id.to_string()),
        }
    }

    /// Of all findings, in order.
    pub fn all(findings: &Findings, texts: &[RuleText]) -> Vec<Self> {
        let list = findings.list().iter();
        list.map(|finding| Self::of(*finding, texts)).collect()
    }
}

/// How long a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Span {
    /// `rolling_days`, `calendar_day`, `hours`, `days_after_conversation`, `days_after_exchange` or
    /// `seconds`.
    pub kind: &'static str,
    /// How many of them.
    pub count: u32,
}

impl Span {
    /// Of a window of a rule.
    pub fn of(window: Window) -> Self {
        let (kind, count) = match window {
            Window::RollingDays(n) => ("rolling_days", n),
            Window::CalendarDay => ("calendar_day", 1),
            Window::ExactHours(n) => ("hours", n),
            Window::AfterConversationDays(n) => ("days_after_conversation", n),
            Window::AfterExchangeDays(n) => ("days_after_exchange", n),
        };
        let count = count.into();
        Self { kind, count }
    }
}

/// What the gates' own writer says of all twelve.
pub(super) fn gates(findings: &Findings, texts: &[RuleText]) -> Box<RawValue> {
    let mut out = Vec::with_capacity(1024);
    answer::push_gates(&mut out, findings, texts);
    raw(out)
}

/// What it says of rules that are only noted.
pub(super) fn flags(findings: &Findings, texts: &[RuleText]) -> Box<RawValue> {
    let mut out = Vec::with_capacity(64);
    answer::push_flags(&mut out, findings, texts);
    raw(out)
}

fn raw(json: Vec<u8>) -> Box<RawValue> {
    let text = String::from_utf8(json).unwrap_or_default();
    RawValue::from_string(text).unwrap_or_else(|_never| RawValue::NULL.to_owned())
}
