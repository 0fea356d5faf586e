//! E-mails that were sent, put together from the events of each.

use super::attempts::{name, placed};
use super::columns::address;
use super::conditions::stated;
use super::envelope::Row;
use super::fields::Fields;
use crate::domain::record::{AttemptRecord, EmailRecord, FactKind, FactRecord, Personal};
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::domain::words::{Action, Channel, Outcome};
use crate::sor::dialect::formats::{Spoken, stamp};

/// What the events come to.
#[derive(Debug, Default)]
pub(super) struct Mails {
    pub(super) attempts: Vec<AttemptRecord>,
    pub(super) addresses: Vec<EmailRecord>,
    pub(super) facts: Vec<FactRecord>,
}

/// Reads the events of one account. Whatever names an e-mail says that it was sent.
pub(super) fn read(account: &str, rows: &[Row], zone: Option<ZoneId>, now: UnixSeconds) -> Mails {
    let mut mails = Mails::default();
    let mut names: Vec<Personal> = Vec::new();
    for row in rows.iter().map(Fields::of) {
        let text = |field: &str| row.text(field).unwrap_or_default();
        let to = address(&text("ToAddress"));
        event(&mut mails, &Spoken::of(&text("TrackingType")), to.clone());
        let (id, loaded) = (text("EmailID"), text("DateLoaded"));
        // Without an id each event is taken for an e-mail of its own.
        let key = if id.is_empty() {
            format!("email||{loaded}")
        } else {
            format!("email|{id}")
        };
        let call = name(account, &key, 0);
        if names.contains(&call) {
            continue;
        }
        names.push(call.clone());
        let at = stamp(&loaded).known();
        mails.attempts.push(AttemptRecord {
            action_type: Some(Action::Email),
            address: to,
            at: Some(at.map_or(now, |stamp| placed(stamp, zone, now, false))),
            call_id: Some(call),
            channel: Some(Channel::Email),
            outcome: Some(Outcome::Sent),
            ..AttemptRecord::default()
        });
    }
    mails
}

/// What an event says of its address. An address the account does not have is not put on file for
/// having been written to.
fn event(mails: &mut Mails, what: &Spoken, to: Option<Personal>) {
    let Some(to) = to else {
        return;
    };
    if what.says_any(&["BOUNCE*", "HARDBOUNCE", "INVALID*", "DROPPED", "REJECT*"]) {
        mails.addresses.push(EmailRecord {
            address: Some(to.clone()),
            wrong: Some(true),
            ..EmailRecord::default()
        });
    }
    if what.says_any(&[
        "UNSUBSCRIBE*",
        "OPT OUT*",
        "OPTOUT*",
        "COMPLAINT*",
        "SPAM*",
        "ABUSE",
    ]) {
        let refusal = FactRecord {
            address: Some(to),
            ..stated(FactKind::ContactOptOut)
        };
        mails.facts.push(refusal);
    }
}
