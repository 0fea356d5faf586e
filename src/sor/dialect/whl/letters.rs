//! How WHL is told.
//!
//! It documents no bodies, so ours have the names of our own interface, which is the one it names for
//! its gate. What it has no place for is not sent.

use serde_json::{Value, json};

use super::Whl;
use crate::domain::record::{AccountRecord, FactKind, FactRecord, Line, Personal};
use crate::domain::time::UnixSeconds;
use crate::domain::words::Form;
use crate::sor::call::Request;
use crate::sor::dialect::{Outgoing, requests};
use crate::sor::route::Duty;
use crate::wire::disposition::{Direction, Disposition};

/// The requests that tell it.
pub(super) fn of(
    whl: &Whl,
    account: Option<&str>,
    what: &Outgoing,
    at: UnixSeconds,
) -> Vec<Request> {
    let letter = match what {
        Outgoing::Outcome(said) => {
            let named = account.or(said.account_id.as_deref());
            named.and_then(|account| outcome(whl, account, said, at))
        }
        Outgoing::DoNotCall { phone, on, reason } => listed(whl, phone, *on, reason.as_deref()),
        Outgoing::Stated(line) => return stated(whl, line, at),
    };
    letter.into_iter().collect()
}

fn outcome(whl: &Whl, account: &str, said: &Disposition, at: UnixSeconds) -> Option<Request> {
    let request = whl.request(Duty::TakeOutcome, &[account])?;
    let text = |text: &Option<Box<str>>| text.as_deref().map(Value::from);
    let number = said.phone.map(|phone| phone.e164().as_str().into());
    let instant = said.occurred_at.unwrap_or(at);
    let debts = (!said.debt_ids.is_empty()).then(|| json!(said.debt_ids));
    Some(requests::with_body(
        request,
        [
            ("account_id", Some(account.into())),
            ("outcome", Some(said.outcome.as_str().into())),
            ("occurred_at", Some(instant.rfc3339().as_str().into())),
            ("phone", number),
            ("email", text(&said.email)),
            (
                "channel",
                said.channel.map(|channel| channel.as_str().into()),
            ),
            (
                "action_type",
                said.action.map(|action| action.as_str().into()),
            ),
            (
                "direction",
                (said.direction == Direction::Inbound).then(|| "inbound".into()),
            ),
            ("duration_s", said.duration_s.map(Value::from)),
            ("agent_id", text(&said.agent_id)),
            ("call_id", text(&said.call_id)),
            ("campaign_id", text(&said.campaign_id)),
            ("debt_ids", debts),
            ("form", said.form.map(|form: Form| form.as_str().into())),
            ("reason", text(&said.reason)),
            ("source_system", text(&said.source_system)),
        ],
    ))
}

fn listed(whl: &Whl, phone: &str, on: bool, reason: Option<&str>) -> Option<Request> {
    let duty = if on {
        Duty::AddDoNotCall
    } else {
        Duty::RemoveDoNotCall
    };
    let mut request = whl.request(duty, &[])?;
    // A number is on the list or it is not, however often that is said.
    request.idempotent = true;
    let fields = [
        ("phone", Some(phone.into())),
        ("reason", reason.map(Value::from)),
    ];
    Some(requests::with_body(request, fields))
}

/// Of what an officer states WHL has a place for do-not-call numbers and for disputes.
fn stated(whl: &Whl, line: &Line, at: UnixSeconds) -> Vec<Request> {
    match line {
        Line::Contact(fact) => told(whl, None, fact, at).into_iter().collect(),
        Line::Account(record) => {
            let account = account_of(record);
            let facts = record.facts.iter();
            facts
                .filter_map(|fact| told(whl, account, fact, at))
                .collect()
        }
        Line::Kill(_) | Line::ClockAccept => Vec::new(),
    }
}

fn account_of(record: &AccountRecord) -> Option<&str> {
    record.account_id.as_ref().map(Personal::as_str)
}

fn told(whl: &Whl, account: Option<&str>, fact: &FactRecord, at: UnixSeconds) -> Option<Request> {
    let on = fact.lifted != Some(true);
    let reason = fact.reason.as_ref().map(Personal::as_str);
    match fact.fact? {
        FactKind::DoNotCall => listed(whl, fact.phone.as_ref()?.as_str(), on, reason),
        FactKind::Dispute if on => {
            let request = whl.request(Duty::OpenDispute, &[])?;
            let opened = fact.at.unwrap_or(at);
            Some(requests::with_body(
                request,
                [
                    ("account_id", Some(account?.into())),
                    ("opened_at", Some(opened.rfc3339().as_str().into())),
                    ("form", fact.form.map(|form| form.as_str().into())),
                    ("source", Some("dialgate".into())),
                ],
            ))
        }
        _ => None,
    }
}
