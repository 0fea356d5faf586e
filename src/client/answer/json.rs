//! Answers as HTTP brings them.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::date::http_date;
use super::{Allow, Blocked, Said, Unread};
use crate::client::disposition::{ReportError, Reported};
use crate::client::intent::Question;
use crate::client::limits::FRESH_S;
use crate::client::verdict::{ErrorCode, Garbled, Gates, Reason};
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::Gate;

/// A response that was received whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) struct Heard {
    /// Of HTTP.
    pub(in crate::client) status: u16,
    /// The header `dialgate-use-by`, if it stands there once.
    pub(in crate::client) use_by: Option<Box<str>>,
    /// The header `date`.
    pub(in crate::client) date: Option<Box<str>>,
    /// The body.
    pub(in crate::client) body: Bytes,
}

/// What stands for a gate where there was no decision.
const SYSTEM_ERROR: &str = "SYSTEM_ERROR";

/// The twelve published fields and what may follow them.
#[derive(Deserialize)]
struct Fields {
    allow: bool,
    decision: String,
    blocked_by: Vec<String>,
    audit_id: Option<u64>,
    account_id: Option<String>,
    channel: Option<String>,
    source_system: Option<String>,
    next_allowed_at: Option<String>,
    expires_at: Option<String>,
    use_by: Option<String>,
    error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
}

/// Reads bytes that are text all through: a reader that skips a field does not look at its bytes.
fn read<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<T, Garbled> {
    let text = std::str::from_utf8(bytes).map_err(|_no_text| Garbled::Form)?;
    serde_json::from_str(text).map_err(|_no_answer| Garbled::Form)
}

/// Reads the answer to one question.
pub(in crate::client) fn single(question: &Question, heard: &Heard) -> Result<Said, Unread> {
    let fields = read::<Fields>(&heard.body);
    if heard.status != 200 {
        let code = fields.ok().and_then(|fields| fields.error);
        return Ok(refused(heard.status, code.as_ref()));
    }
    let fields = fields?;
    let use_by = heard.use_by.as_deref();
    said(question, &fields, use_by, answered_at(heard))
}

/// Reads the answers to questions that were put together: as many as there were questions.
pub(in crate::client) fn batch(
    questions: &[&Question],
    heard: &Heard,
) -> Vec<Result<Said, Unread>> {
    let all = |said: Result<Said, Unread>| questions.iter().map(|_| said.clone()).collect();
    if heard.status != 200 {
        let code = read::<Fields>(&heard.body).ok();
        let code = code.and_then(|fields| fields.error);
        return all(Ok(refused(heard.status, code.as_ref())));
    }
    let Ok(answers) = read::<Vec<&RawValue>>(&heard.body) else {
        return all(Err(Garbled::Form.into()));
    };
    if answers.len() != questions.len() {
        return all(Err(Unread::Mismatch));
    }
    let at = answered_at(heard);
    let each = questions.iter().zip(answers).map(|(question, answer)| {
        let fields = serde_json::from_str::<Fields>(answer.get());
        let fields = fields.map_err(|_no_answer| Garbled::Form)?;
        said(question, &fields, fields.use_by.as_deref(), at)
    });
    each.collect()
}

fn refused(status: u16, fault: Option<&Fault>) -> Said {
    let code = ErrorCode::read(fault.map_or("", |fault| &fault.code));
    Said::Block(Blocked {
        reason: Reason::Refused { status, code },
        audit_id: None,
        next_allowed_at: None,
    })
}

fn answered_at(heard: &Heard) -> Option<UnixSeconds> {
    heard.date.as_deref().and_then(http_date)
}

fn said(
    question: &Question,
    fields: &Fields,
    use_by: Option<&str>,
    answered_at: Option<UnixSeconds>,
) -> Result<Said, Unread> {
    if !fields.allow {
        return blocked(fields).map(Said::Block);
    }
    let no = !fields.blocked_by.is_empty() || fields.error.is_some();
    if fields.decision != "ALLOW" || no {
        return Err(Garbled::Contradiction.into());
    }
    let same = fields.account_id.as_deref() == Some(&*question.account_id)
        && fields.channel.as_deref() == Some(question.channel)
        && fields.source_system.as_deref() == Some(&*question.source_system);
    if !same {
        return Err(Unread::Mismatch);
    }
    let instant = |text: Option<&str>| UnixSeconds::parse(text?).ok();
    let fresh_until = instant(fields.expires_at.as_deref()).ok_or(Garbled::Incomplete)?;
    Ok(Said::Allow(Allow {
        audit_id: fields.audit_id.ok_or(Garbled::Incomplete)?,
        use_by: instant(use_by).ok_or(Garbled::Incomplete)?,
        decided_at: fresh_until.minus(FRESH_S),
        answered_at,
    }))
}

fn blocked(fields: &Fields) -> Result<Blocked, Unread> {
    if fields.decision != "BLOCK" {
        return Err(Garbled::Contradiction.into());
    }
    let mut gates = Gates::default();
    for name in fields
        .blocked_by
        .iter()
        .filter(|name| *name != SYSTEM_ERROR)
    {
        // A gate of a later version than this client's still blocks.
        if let Some(gate) = Gate::ALL.into_iter().find(|gate| gate.as_str() == *name) {
            gates.add(gate);
        }
    }
    let reason = match &fields.error {
        Some(fault) => Reason::NotDecided(ErrorCode::read(&fault.code)),
        None => Reason::Gates(gates),
    };
    let next = fields.next_allowed_at.as_deref();
    Ok(Blocked {
        reason,
        audit_id: fields.audit_id,
        next_allowed_at: next.and_then(|text| UnixSeconds::parse(text).ok()),
    })
}

/// What came back of a report.
#[derive(Deserialize)]
struct ReportFields {
    account_id: String,
    audit_id: Option<u64>,
    outcome: String,
    row_id: Option<u64>,
    kept: bool,
    clock_ahead: bool,
}

#[derive(Deserialize)]
struct Problem {
    code: Option<String>,
}

/// What a report has to be told about.
pub(in crate::client) struct HeardReport<'d> {
    /// Whose.
    pub(in crate::client) account_id: &'d str,
    /// The word.
    pub(in crate::client) outcome: &'d str,
    /// Of HTTP, or of the frame.
    pub(in crate::client) status: u16,
    /// JSON.
    pub(in crate::client) body: &'d [u8],
}

/// Reads the answer to a report.
pub(in crate::client) fn report(heard: &HeardReport<'_>) -> Result<Reported, ReportError> {
    let status = heard.status;
    if status != 200 {
        let problem = read::<Problem>(heard.body).ok();
        let code = problem.and_then(|problem| problem.code).unwrap_or_default();
        let code = ErrorCode::read(&code);
        return Err(match status {
            401 | 429 | 500.. => ReportError::Unheard(Reason::Refused { status, code }),
            _ => ReportError::Refused { status, code },
        });
    }
    let garbled = |what| ReportError::Unheard(Reason::Garbled(what));
    let fields = read::<ReportFields>(heard.body);
    let fields = fields.map_err(garbled)?;
    if fields.account_id != heard.account_id || fields.outcome != heard.outcome {
        return Err(ReportError::Unheard(Reason::Mismatch));
    }
    Ok(Reported {
        row_id: fields.row_id,
        audit_id: fields.audit_id,
        kept: fields.kept,
        clock_ahead: fields.clock_ahead,
    })
}
