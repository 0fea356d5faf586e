//! What types cannot say: needed fields, bounds, fields that go together, normal form of texts.
//!
//! Whether a line lifts something (`status: open`, `wrong: false`) depends on what the gate already
//! knows, so that is asked when the line is applied.

use super::fact;
use super::limits::{
    ATTEMPTS_MAX, DEBTS_MAX, EMAILS_MAX, FACTS_MAX, PARTIES_MAX, PHONES_MAX, TEXT_BYTES_MAX,
};
use super::reject::{Fault, RejectCode as Code};
use crate::domain::phone::PhoneNumber;
use crate::domain::place::StateCode;
use crate::domain::record::{
    AccountRecord, AttemptRecord, DebtRecord, EmailRecord, FactKind, KillRecord, Line, PartyRecord,
    Personal, PhoneRecord,
};
use crate::domain::words::{Channel, KillScope, Outcome, PartyRole, PlaceKind};
use crate::wire::email;

/// Checks a line and brings its texts to their normal form (INGEST-2).
///
/// # Errors
/// The first [`Fault`] found, in the order of the fields.
pub fn line(line: &mut Line) -> Result<(), Fault> {
    match line {
        Line::Account(record) => account(record),
        Line::Contact(record) => {
            let binds_all = matches!(
                record.fact,
                Some(FactKind::DoNotCall | FactKind::ContactOptOut | FactKind::Revocation) | None
            );
            if !binds_all {
                return Err(Fault::at("fact", Code::Unexpected));
            }
            fact::check(record)
        }
        Line::Kill(record) => kill(record),
        Line::ClockAccept => Ok(()),
    }
}

fn account(record: &mut AccountRecord) -> Result<(), Fault> {
    needed("account_id", record.account_id.as_ref())?;
    text("creditor", record.creditor.as_ref())?;
    text("person_id", record.person_id.as_ref())?;
    text("portfolio", record.portfolio.as_ref())?;
    text("reason", record.reason.as_ref())?;
    if let Some(zip) = &mut record.zip {
        *zip = Personal::from(
            five_digits(zip.as_str()).ok_or_else(|| Fault::at("zip", Code::InvalidZip))?,
        );
    }
    each("attempts", &mut record.attempts, ATTEMPTS_MAX, attempt)?;
    each("debts", &mut record.debts, DEBTS_MAX, debt)?;
    each("emails", &mut record.emails, EMAILS_MAX, email_entry)?;
    each("facts", &mut record.facts, FACTS_MAX, fact::check)?;
    each("parties", &mut record.parties, PARTIES_MAX, party)?;
    each("phones", &mut record.phones, PHONES_MAX, phone)?;
    once("debts", "debt_id", &record.debts, |debt| &debt.debt_id)?;
    once("emails", "address", &record.emails, |email| &email.address)?;
    once("parties", "person_id", &record.parties, |party| {
        &party.person_id
    })?;
    // Two persons may share a number.
    once("phones", "number", &record.phones, |phone| {
        (&phone.number, &phone.person_id)
    })?;
    parties_are_others(record)
}

/// A party is somebody besides the consumer.
fn parties_are_others(record: &AccountRecord) -> Result<(), Fault> {
    let Some(consumer) = &record.person_id else {
        return Ok(());
    };
    let same = |party: &PartyRecord| party.person_id.as_ref() == Some(consumer);
    match record.parties.iter().position(same) {
        Some(at) => Err(Fault::at("person_id", Code::Conflict).within("parties", at)),
        None => Ok(()),
    }
}

fn attempt(record: &mut AttemptRecord) -> Result<(), Fault> {
    if record.at.is_none() {
        return Err(Fault::at("at", Code::Missing));
    }
    let told = record.inbound == Some(true) || !record.conversation_about.is_empty();
    match record.outcome {
        None if !told => return Err(Fault::at("outcome", Code::Missing)),
        // History has an outcome; only a decision of this gate awaits one.
        Some(Outcome::Pending) => return Err(Fault::at("outcome", Code::Unexpected)),
        _ => {}
    }
    let channel = record.channel.unwrap_or(Channel::Phone);
    let by_number = matches!(channel, Channel::Phone | Channel::Sms | Channel::Fax);
    if record.phone.is_some() && !by_number {
        return Err(Fault::at("phone", Code::Unexpected));
    }
    if record.address.is_some() && !matches!(channel, Channel::Email | Channel::Social) {
        return Err(Fault::at("address", Code::Unexpected));
    }
    if record.prerecorded == Some(true) && channel != Channel::Phone {
        return Err(Fault::at("prerecorded", Code::Unexpected));
    }
    address("address", &mut record.address)?;
    text("call_id", record.call_id.as_ref())?;
    texts("conversation_about", &record.conversation_about)?;
    texts("debts", &record.debts)?;
    text("person_id", record.person_id.as_ref())?;
    number("phone", &mut record.phone)
}

fn debt(record: &mut DebtRecord) -> Result<(), Fault> {
    needed("debt_id", record.debt_id.as_ref())?;
    text("group", record.group.as_ref())
}

fn email_entry(record: &mut EmailRecord) -> Result<(), Fault> {
    needed("address", record.address.as_ref())?;
    text("person_id", record.person_id.as_ref())?;
    address("address", &mut record.address)
}

fn party(record: &mut PartyRecord) -> Result<(), Fault> {
    needed("person_id", record.person_id.as_ref())?;
    match record.role {
        None => Err(Fault::at("role", Code::Missing)),
        // The consumer is the account's own person; an unknown role says nothing.
        Some(PartyRole::Consumer | PartyRole::Unknown) => Err(Fault::at("role", Code::Unexpected)),
        Some(_) => Ok(()),
    }
}

fn phone(record: &mut PhoneRecord) -> Result<(), Fault> {
    needed("number", record.number.as_ref())?;
    text("person_id", record.person_id.as_ref())?;
    if !matches!(
        record.place,
        None | Some(PlaceKind::Home | PlaceKind::Employment)
    ) {
        return Err(Fault::at("place", Code::Unexpected));
    }
    number("number", &mut record.number)
}

fn kill(record: &mut KillRecord) -> Result<(), Fault> {
    text("value", Some(&record.value))?;
    text("reason", record.reason.as_ref())?;
    let known = match record.scope {
        KillScope::State => StateCode::parse(record.value.as_str()).is_some(),
        KillScope::Channel => Channel::parse(record.value.as_str()).is_some(),
        KillScope::Tenant | KillScope::Portfolio => true,
    };
    if !known {
        return Err(Fault::at("value", Code::UnknownWord));
    }
    if !record.on && record.reason.is_none() {
        return Err(Fault::at("reason", Code::LiftNeedsReason));
    }
    Ok(())
}

/// Checks every item of a list, and its length.
fn each<T>(
    list: &str,
    items: &mut [T],
    items_max: usize,
    check: fn(&mut T) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if items.len() > items_max {
        return Err(Fault {
            field: list.to_owned().into(),
            code: Code::TooMany,
        });
    }
    for (at, item) in items.iter_mut().enumerate() {
        check(item).map_err(|fault| fault.within(list, at))?;
    }
    Ok(())
}

/// Refuses a list that names the same thing twice. Lists are short, so pairs are compared.
fn once<'r, T, N: PartialEq>(
    list: &str,
    field: &'static str,
    items: &'r [T],
    name: fn(&'r T) -> N,
) -> Result<(), Fault> {
    for (at, item) in items.iter().enumerate().skip(1) {
        if items
            .iter()
            .take(at)
            .any(|earlier| name(earlier) == name(item))
        {
            return Err(Fault::at(field, Code::Conflict).within(list, at));
        }
    }
    Ok(())
}

/// Checks a text that may be absent.
pub(super) fn text(field: &'static str, value: Option<&Personal>) -> Result<(), Fault> {
    match value.map_or(1, |text| text.as_str().len()) {
        0 => Err(Fault::at(field, Code::Empty)),
        1..=TEXT_BYTES_MAX => Ok(()),
        _ => Err(Fault::at(field, Code::TooLong)),
    }
}

/// Checks a text that must be there.
pub(super) fn needed(field: &'static str, value: Option<&Personal>) -> Result<(), Fault> {
    if value.is_none() {
        return Err(Fault::at(field, Code::Missing));
    }
    text(field, value)
}

/// Checks a list of debt ids.
pub(super) fn texts(list: &'static str, values: &[Personal]) -> Result<(), Fault> {
    if values.len() > DEBTS_MAX {
        return Err(Fault::at(list, Code::TooMany));
    }
    for (at, value) in values.iter().enumerate() {
        text("", Some(value)).map_err(|fault| fault.within(list, at))?;
        if values.iter().take(at).any(|earlier| earlier == value) {
            return Err(Fault::row(Code::Conflict).within(list, at));
        }
    }
    Ok(())
}

/// Brings a number to E.164.
pub(super) fn number(field: &'static str, value: &mut Option<Personal>) -> Result<(), Fault> {
    if let Some(held) = value {
        let number = PhoneNumber::parse(held.as_str())
            .map_err(|_kind| Fault::at(field, Code::InvalidPhone))?
            .e164();
        if number.as_str() != held.as_str() {
            *held = Personal::from(number.as_str());
        }
    }
    Ok(())
}

/// Brings an address to lower case.
pub(super) fn address(field: &'static str, value: &mut Option<Personal>) -> Result<(), Fault> {
    text(field, value.as_ref())?;
    if let Some(held) = value {
        let lowered =
            email::normalise(held.as_str()).ok_or_else(|| Fault::at(field, Code::InvalidEmail))?;
        *held = Personal(lowered.into());
    }
    Ok(())
}

/// The five digits of a ZIP or ZIP+4 code.
fn five_digits(text: &str) -> Option<&str> {
    let (five, four) = match text.split_once('-') {
        Some((five, four)) => (five, Some(four)),
        None => (text, None),
    };
    let digits = |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
    (digits(five, 5) && four.is_none_or(|four| digits(four, 4))).then_some(five)
}
