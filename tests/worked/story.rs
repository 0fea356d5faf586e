//! A vector read whole: what is on file, what happened when, what is asked, what is expected.

use dialgate::domain::intent::Intent;
use dialgate::domain::record::AccountRecord;
use dialgate::domain::time::{SECONDS_PER_DAY, UnixSeconds};
use serde_json::Value;

use crate::about_contacts::current_consent;
use crate::facts::{self, Fact, Stated};
use crate::fields::{Fields, Said};
use crate::file::File;
use crate::moments::{Moment, moment};
use crate::question;

/// Facts about e-mail addresses: with one of these nothing is taken for granted of any address.
const EMAIL_FACTS: [&str; 4] = [
    "email_history",
    "email_address",
    "creditor_email_notice",
    "creditor_notice",
];
/// Facts about texts: likewise of consent to texts.
const TEXT_FACTS: [&str; 5] = [
    "inbound_text",
    "inbound_sms",
    "reassigned_number_check",
    "text_consent",
    "consent_to_texts",
];

/// What a vector expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Allow,
    Block,
    PeriodOpen,
    PeriodClosed,
}

/// A vector ready to be told to an engine.
#[derive(Debug)]
pub(crate) struct Story {
    /// The record the file begins with, and from when.
    pub(crate) opening: (UnixSeconds, AccountRecord),
    /// What happened since, in order of time.
    pub(crate) events: Vec<(UnixSeconds, Stated)>,
    /// What is asked, and when.
    pub(crate) asked: (UnixSeconds, Intent),
    /// What is expected.
    pub(crate) expected: Expected,
    /// The rule it is about.
    pub(crate) rule: String,
    /// The first opening, if the vector names one.
    pub(crate) next: Option<Moment>,
    /// Instants and days are local here.
    pub(crate) file: File,
}

/// Reads a vector.
pub(crate) fn read(vector: &Value) -> Said<Story> {
    let fields = Fields::of(vector, "vector")?;
    fields.idle(&["id", "citation", "kind"]);
    let mut file = File::blank()?;
    let list = match fields.value(&["facts"]) {
        Some(Value::Array(list)) => list.as_slice(),
        _ => return Err(fields.fault("facts are missing")),
    };
    let contact = fields.value(&["question_contact"]);
    let contact = contact.ok_or_else(|| fields.fault("question_contact is missing"))?;
    look_ahead(&mut file, list, contact)?;
    let at = moment(fields.needed(&["question_at"])?, file.local)?.instant(file.local);
    let expected = match fields.needed(&["expected"])? {
        "allow" => Expected::Allow,
        "block" => Expected::Block,
        "validation_period_open" => Expected::PeriodOpen,
        "validation_period_closed" | "validation_period_ended" => Expected::PeriodClosed,
        other => return Err(fields.fault(&format!("expected {other:?}?"))),
    };
    let rule = fields.needed(&["rule"])?.to_owned();
    let next = fields.text(&["next_allowed_on_or_after"])?;
    let next = next.map(|text| moment(text, file.local)).transpose()?;
    fields.finish()?;

    // Area codes in evidence go to numbers in the order in which these are met.
    let mut told = Vec::new();
    for value in list.iter().filter(|fact| is_evidence(fact)) {
        told.extend(translated(value, &mut file)?);
    }
    for value in list.iter().filter(|fact| !is_evidence(fact)) {
        told.extend(translated(value, &mut file)?);
    }
    let intent = question::translate(contact, &mut file)?;
    file.complete();
    let opening = file.opening()?;
    let asked = (at, intent);
    let (start, events) = arrange(told, &asked, list, &file);
    Ok(Story {
        opening: (start, opening),
        events,
        asked,
        expected,
        rule,
        next,
        file,
    })
}

fn is_evidence(fact: &Value) -> bool {
    fact.get("type").and_then(Value::as_str) == Some("location_evidence")
}

fn translated(value: &Value, file: &mut File) -> Said<Vec<(Option<UnixSeconds>, Stated)>> {
    let fact = Fact::of(value, file)?;
    let at = fact.at;
    let stated = facts::translate(fact, file)?;
    Ok(stated.into_iter().map(|one| (at, one)).collect())
}

/// What must be known before the first fact is read: whose clock, which number is meant.
fn look_ahead(file: &mut File, list: &[Value], contact: &Value) -> Said<()> {
    let text = |value: &Value, names: &[&str]| {
        let mut said = names.iter().filter_map(|name| value.get(*name)?.as_str());
        said.next().map(str::to_owned)
    };
    let mut zone: Option<(u8, String)> = None;
    for fact in list {
        let names = ["iana_timezone", "time_zone", "timezone", "zone"];
        if let Some(name) = text(fact, &names) {
            let evidence = text(fact, &["evidence"]).unwrap_or_default();
            let weight = match evidence.as_str() {
                "" | "stated" | "consumer_statement" => 0,
                word if word.contains("address") => 1,
                _ => 2,
            };
            if zone.as_ref().is_none_or(|(known, _)| weight < *known) {
                zone = Some((weight, name));
            }
        }
        let kind = text(fact, &["type"]).unwrap_or_default();
        file.tells_of_notice |= kind.starts_with("validation_");
    }
    if let Some((_, name)) = zone {
        file.local = crate::moments::zone(&name)?;
    }
    let mut own = list
        .iter()
        .chain([contact])
        .filter(|said| text(said, &["to"]).is_none_or(|to| to == "consumer"));
    if let Some(label) = own
        .clone()
        .find_map(|said| text(said, &["number", "phone"]))
    {
        file.main_number = label;
        file.names_numbers = true;
    }
    if let Some(address) = own.find_map(|said| text(said, &["address", "email"])) {
        file.main_address = address;
    }
    Ok(())
}

type Events = Vec<(UnixSeconds, Stated)>;

/// Everything in order of time, with what the vector leaves unsaid.
fn arrange(
    told: Vec<(Option<UnixSeconds>, Stated)>,
    (at, intent): &(UnixSeconds, Intent),
    list: &[Value],
    file: &File,
) -> (UnixSeconds, Events) {
    let at = *at;
    let has = |kinds: &[&str]| {
        let kind = |fact: &Value| fact.get("type").and_then(Value::as_str).map(str::to_owned);
        list.iter()
            .filter_map(kind)
            .any(|kind| kinds.contains(&kind.as_str()))
    };
    let first = told
        .iter()
        .filter_map(|(at, _)| *at)
        .min()
        .unwrap_or(at)
        .min(at);
    let start = first.minus(40 * SECONDS_PER_DAY);
    // Current, and older than anything that could end it.
    let consented = first
        .minus(SECONDS_PER_DAY)
        .max(at.minus(50 * SECONDS_PER_DAY));
    let mut opening = Vec::new();
    if !file.names_numbers && !has(&TEXT_FACTS) {
        let numbers = file.consumer_numbers().into_iter();
        opening.extend(numbers.map(|number| current_consent(Some(number), None, consented)));
    }
    if !has(&EMAIL_FACTS) {
        let addresses = file.consumer_addresses().into_iter();
        opening.extend(addresses.map(|address| current_consent(None, Some(address), consented)));
    }
    let all: Vec<Stated> = told.iter().map(|(_, stated)| stated.clone()).collect();
    let rests_on = question::rests_on(intent, &all, at);
    let mut events: Vec<(UnixSeconds, Stated)> =
        opening.into_iter().map(|stated| (start, stated)).collect();
    events.extend(
        told.into_iter()
            .map(|(when, stated)| (when.unwrap_or(start), stated)),
    );
    events.extend(rests_on.map(|stated| (at, stated)));
    // What comes after the question is not known when it is asked.
    events.retain(|(when, _)| *when <= at);
    events.sort_by_key(|(when, _)| *when);
    (start, events)
}
