//! How the portal is told: by internal notes on the client. It has no place for anything else.

use super::Portal;
use crate::domain::record::{FactRecord, Line, Personal};
use crate::domain::time::UnixSeconds;
use crate::sor::call::Request;
use crate::sor::dialect::{Outgoing, requests};
use crate::sor::route::Duty;
use crate::wire::disposition::Disposition;

/// The notes that tell it; none without a client to put them to.
pub(super) fn of(
    portal: &Portal,
    account: Option<&str>,
    what: &Outgoing,
    at: UnixSeconds,
) -> Vec<Request> {
    match what {
        Outgoing::Outcome(said) => {
            let client = account.or(said.account_id.as_deref());
            note(portal, client, &outcome(said, at))
        }
        Outgoing::DoNotCall { phone, on, reason } => {
            let list = if *on {
                "on the do-not-call list"
            } else {
                "off the do-not-call list"
            };
            let why = reason
                .as_deref()
                .map(|why| format!(" ({why})"))
                .unwrap_or_default();
            note(portal, account, &format!("{phone}: {list}{why}."))
        }
        Outgoing::Stated(line) => match &**line {
            Line::Account(record) => {
                let named = record.account_id.as_ref().map(Personal::as_str);
                let texts = record.facts.iter().filter_map(fact);
                texts
                    .flat_map(|text| note(portal, named.or(account), &text))
                    .collect()
            }
            Line::Contact(said) => {
                let text = fact(said);
                text.map(|text| note(portal, account, &text))
                    .unwrap_or_default()
            }
            Line::Kill(_) | Line::ClockAccept => Vec::new(),
        },
    }
}

fn note(portal: &Portal, client: Option<&str>, text: &str) -> Vec<Request> {
    let filled = || {
        let client: u64 = client?.parse().ok()?;
        let request = portal.request(Duty::AddNote, &[])?;
        let text = format!("dialgate: {text}");
        let fields = [
            ("client_id", Some(client.into())),
            ("note_text", Some(text.into())),
        ];
        Some(requests::with_body(request, fields))
    };
    filled().into_iter().collect()
}

fn outcome(said: &Disposition, at: UnixSeconds) -> String {
    let instant = said.occurred_at.unwrap_or(at).rfc3339();
    let channel = said.channel.map_or("phone", |channel| channel.as_str());
    let mut text = format!(
        "{channel}: {} at {}",
        said.outcome.as_str(),
        instant.as_str()
    );
    let named = [
        ("agent", &said.agent_id),
        ("call", &said.call_id),
        ("reason", &said.reason),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            text.push_str(", ");
            text.push_str(name);
            text.push(' ');
            text.push_str(value);
        }
    }
    text.push('.');
    text
}

fn fact(said: &FactRecord) -> Option<String> {
    let kind = said.fact?.as_str();
    Some(match said.lifted {
        Some(true) => format!("{kind} lifted."),
        _ => format!("{kind}."),
    })
}
