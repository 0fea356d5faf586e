//! Contacts that were made, either way.

use dialgate::domain::record::{AttemptRecord, FactKind, FactRecord};
use dialgate::domain::words::{Channel, Inbound, Outcome, PartyRole, Purpose};

use crate::facts::{Fact, Stated};
use crate::fields::Said;
use crate::file::File;
use crate::words;

/// Translates a contact; `None`: it is none.
pub(crate) fn translate(fact: &Fact<'_>, file: &mut File) -> Said<Option<Vec<Stated>>> {
    let channel = match fact.kind {
        "outbound_call" | "outbound_voicemail" | "call_attempt" => Channel::Phone,
        "outbound_text" | "outbound_sms" => Channel::Sms,
        "outbound_email" => Channel::Email,
        "outbound_letter" | "outbound_mail" => Channel::Mail,
        "outbound_fax" => Channel::Fax,
        "outbound_visit" | "outbound_in_person" => Channel::InPerson,
        "inbound_call" | "inbound_voicemail" => return inbound_call(fact, file).map(Some),
        kind if kind.starts_with("inbound_") => return inbound(fact, file).map(Some),
        _ => return Ok(None),
    };
    outbound(fact, channel, file).map(Some)
}

fn outbound(fact: &Fact<'_>, channel: Channel, file: &mut File) -> Said<Vec<Stated>> {
    let fields = &fact.fields;
    fields.idle(&[
        "dropped_mid_settlement",
        "initiated",
        "collector",
        "via",
        "message",
    ]);
    let to = fields
        .text(&["to"])?
        .map(words::party)
        .transpose()?
        .flatten();
    let about = fields.texts(&["conversation_about"])?;
    let result = fields.text(&["result", "outcome"])?;
    let mut attempt = addressed(fact, channel, file)?;
    attempt.person_id = file.person(to.as_ref());
    match channel {
        Channel::Phone | Channel::Sms | Channel::Fax => {
            let label = fields.text(&["number", "phone"])?;
            attempt.phone = Some(file.number(label, to.as_ref()));
        }
        Channel::Email | Channel::Social => {
            let text = fields.text(&["address", "email"])?;
            attempt.address = Some(file.address(text, to.as_ref()));
        }
        Channel::Mail | Channel::InPerson => {}
    }
    let called = channel == Channel::Phone;
    let default = if fact.kind == "outbound_voicemail" {
        "voicemail"
    } else {
        "no_answer"
    };
    attempt.outcome = Some(if called {
        words::result(result.unwrap_or(default), !about.is_empty())
    } else {
        Outcome::Sent
    });
    let purpose = fields.text(&["purpose"])?;
    attempt.purpose = Some(
        purpose
            .and_then(Purpose::parse)
            .unwrap_or(Purpose::Collection),
    );
    let answers = fields.text(&["in_response_to"])?;
    attempt.in_response_to = answers.map(words::inbound).transpose()?;
    attempt.prerecorded = fields.flag(&["prerecorded"])?;
    let mut stated = vec![Stated::Attempt(Box::new(attempt))];
    let third = to.filter(|party| party.role == PartyRole::ThirdParty);
    if let (Some(third), Some("answered")) = (third, result) {
        stated.push(Stated::from(FactRecord {
            at: fact.at,
            fact: Some(FactKind::LocationAnswered),
            person_id: file.person(Some(&third)),
            ..FactRecord::default()
        }));
    }
    Ok(stated)
}

/// Time, channel and debts. A contact counts toward the debts it was allocated to, else toward those
/// it concerned, else toward those that were talked about.
fn addressed(fact: &Fact<'_>, channel: Channel, file: &mut File) -> Said<AttemptRecord> {
    let fields = &fact.fields;
    let at = fact.at.ok_or_else(|| fields.fault("when?"))?;
    let counted = fields.texts(&["counted_toward", "count_toward"])?;
    let concerned = fields.texts(&["debt", "debts"])?;
    let about = fields.texts(&["conversation_about"])?;
    file.debts(&concerned);
    let about_records = file.debts(&about);
    let debts = [counted, concerned, about]
        .into_iter()
        .find(|debts| !debts.is_empty())
        .unwrap_or_default();
    Ok(AttemptRecord {
        at: Some(at),
        channel: Some(channel),
        conversation_about: about_records,
        debts: file.debts(&debts),
        ..AttemptRecord::default()
    })
}

fn inbound_call(fact: &Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    fact.fields
        .idle(&["from_place", "to", "via", "initiated", "collector"]);
    let from = fact.fields.text(&["from"])?;
    let from = from.map(words::party).transpose()?.flatten();
    let mut attempt = addressed(fact, Channel::Phone, file)?;
    attempt.inbound = Some(true);
    if fact.fields.flag(&["about_debt"])? == Some(true) && attempt.conversation_about.is_empty() {
        attempt.outcome = Some(Outcome::Conversation);
    }
    let label = fact.fields.text(&["number", "phone"])?;
    attempt.phone = Some(file.number(label, from.as_ref()));
    attempt.person_id = file.person(from.as_ref());
    Ok(vec![Stated::Attempt(Box::new(attempt))])
}

fn inbound(fact: &Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    let fields = &fact.fields;
    fields.idle(&["via", "collector", "from_place"]);
    let kind = words::inbound(fact.kind)?;
    let about_debt = fields.flag(&["about_debt"])? != Some(false);
    let mut record = fact.record(file)?;
    record.debts = Vec::new();
    record.fact = Some(FactKind::Inbound);
    record.inbound = Some(kind);
    match kind {
        Inbound::Text => {
            let label = fields.text(&["number", "phone"])?;
            record.phone = Some(file.number(label, None));
        }
        // An address is one the consumer used only when it was used about the debt.
        Inbound::Email => {
            let text = fields.text(&["address", "email"])?;
            let address = file.address(text, None);
            record.address = about_debt.then_some(address);
        }
        Inbound::Call | Inbound::Letter => {}
    }
    Ok(vec![Stated::from(record)])
}
