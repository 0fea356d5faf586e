//! Facts about the person: wishes, demands, consents, and what became of them.

use dialgate::domain::record::{ClockTime, FactKind, FactRecord, PeriodRecord, Personal};
use dialgate::domain::words::{BankruptcyStatus, Form, GivenTo, Medium, PartyRole};

use crate::facts::{Fact, Stated};
use crate::fields::{Fields, Said};
use crate::file::{File, Party};
use crate::{about_contacts, words};

/// Translates a fact about a person; `None`: it is about something else.
pub(crate) fn translate(fact: &Fact<'_>, file: &mut File) -> Said<Option<Vec<Stated>>> {
    let record = match fact.kind {
        "time_zone_stated" | "stated_time_zone" | "consumer_stated_time_zone" => {
            let names = ["iana_timezone", "time_zone", "timezone", "zone"];
            let zone = crate::moments::zone(fact.fields.needed(&names)?)?;
            let mut record = of(fact, FactKind::StatedZone, file)?;
            record.zone = Some(zone);
            record
        }
        "inconvenient_time" | "inconvenient_times" => inconvenient_time(fact, file)?,
        "inconvenient_time_lifted"
        | "inconvenient_time_withdrawn"
        | "time_no_longer_inconvenient" => lift(fact, FactKind::InconvenientTime, file)?,
        "inconvenient_place" => inconvenient_place(fact, true, file)?,
        "inconvenient_place_lifted" | "inconvenient_place_withdrawn" => {
            inconvenient_place(fact, false, file)?
        }
        "employer_prohibits"
        | "employer_prohibition"
        | "employer_prohibits_calls"
        | "employer_prohibits_contact" => {
            fact.fields.idle(&["place", "known_from"]);
            of(fact, FactKind::EmployerProhibits, file)?
        }
        "prior_consent" | "direct_prior_consent" => prior_consent(fact, file)?,
        "prior_consent_to_calls" | "consent_to_calls" | "call_consent" => call_consent(fact, file)?,
        "consent_revoked"
        | "consent_withdrawn"
        | "text_consent_revoked"
        | "email_consent_revoked" => revocation(fact, file)?,
        "medium_opt_out" | "medium_opt_out_lifted" | "medium_opt_in" => {
            return media(fact, file).map(Some);
        }
        "deceased" | "consumer_deceased" | "death" => of(fact, FactKind::Deceased, file)?,
        "minor" | "consumer_is_minor" => of(fact, FactKind::Minor, file)?,
        "military" | "military_service" | "active_duty" => {
            let until = fact.date(&["until"], file)?;
            let mut record = of(fact, FactKind::Military, file)?;
            record.until_date = until;
            record
        }
        "third_party_answered" | "location_answered" | "location_information_received" => {
            of(fact, FactKind::LocationAnswered, file)?
        }
        "co_debtor" | "spouse" | "parent" | "guardian" | "executor" | "third_party"
        | "guardian_appointed" | "executor_appointed" => {
            somebody(fact, file)?;
            return Ok(Some(Vec::new()));
        }
        kind if kind.starts_with("bankruptcy") => bankruptcy(fact, file)?,
        kind if kind.starts_with("attorney") => attorney(fact, file)?,
        kind if kind.starts_with("cease") => return cease(fact, file).map(Some),
        _ => return Ok(None),
    };
    Ok(Some(vec![Stated::from(record)]))
}

fn of(fact: &Fact<'_>, kind: FactKind, file: &mut File) -> Said<FactRecord> {
    let mut record = fact.record(file)?;
    record.fact = Some(kind);
    Ok(record)
}

fn lift(fact: &Fact<'_>, kind: FactKind, file: &mut File) -> Said<FactRecord> {
    fact.fields
        .idle(&["periods", "days", "place", "via", "until"]);
    let mut record = of(fact, kind, file)?;
    record.lifted = Some(true);
    record.reason = Some(Personal::from("the vector says so"));
    Ok(record)
}

fn inconvenient_time(fact: &Fact<'_>, file: &mut File) -> Said<FactRecord> {
    let fields = &fact.fields;
    fields.idle(&["via"]);
    let (from, until) = (
        fact.date(&["from_date", "starts", "since"], file)?,
        fact.date(&["until", "until_date", "ends"], file)?,
    );
    let mut record = of(fact, FactKind::InconvenientTime, file)?;
    (record.from_date, record.until_date) = (from, until);
    let periods = fields.objects(&["periods"])?;
    record.periods = if periods.is_empty() {
        vec![period(fields)?]
    } else {
        let mut read = Vec::new();
        for said in periods {
            read.push(period(&said)?);
            said.finish()?;
        }
        read
    };
    Ok(record)
}

fn period(said: &Fields<'_>) -> Said<PeriodRecord> {
    let clock = |names: &[&str]| -> Said<Option<ClockTime>> {
        let text = said.text(names)?;
        text.map(|text| ClockTime::parse(text).ok_or_else(|| said.fault(text)))
            .transpose()
    };
    let mut days = Vec::new();
    let listed = said.value(&["days"]).and_then(|days| days.as_array());
    for day in listed.into_iter().flatten() {
        let day = day.as_u64().and_then(|day| u8::try_from(day).ok());
        days.push(day.ok_or_else(|| said.fault("days are ISO weekdays"))?);
    }
    let (from, to) = (clock(&["from"])?, clock(&["to"])?);
    Ok(PeriodRecord { days, from, to })
}

fn inconvenient_place(fact: &Fact<'_>, on: bool, file: &mut File) -> Said<FactRecord> {
    let place = words::place(fact.fields.needed(&["place"])?);
    let mut record = if on {
        of(fact, FactKind::InconvenientPlace, file)?
    } else {
        lift(fact, FactKind::InconvenientPlace, file)?
    };
    record.place = Some(place);
    Ok(record)
}

/// Consent to times and places otherwise inconvenient. A scope speaks of times, places or both.
fn prior_consent(fact: &Fact<'_>, file: &mut File) -> Said<FactRecord> {
    let fields = &fact.fields;
    fields.idle(&["via", "medium"]);
    let scope = fields.text(&["scope"])?.unwrap_or("any time");
    let (times, places) = (scope.contains("time"), scope.contains("place"));
    if !times && !places {
        return Err(fields.fault(&format!("{scope:?}: times or places?")));
    }
    let until = fact.end(&["until", "expires"], file)?;
    let mut record = of(fact, FactKind::PriorConsent, file)?;
    let to = fields.text(&["given_to"])?.unwrap_or("collector");
    record.given_to = Some(words::given_to(to)?);
    record.debts = Vec::new();
    record.until = until;
    (record.times, record.places) = (Some(times), Some(places));
    Ok(record)
}

fn call_consent(fact: &Fact<'_>, file: &mut File) -> Said<FactRecord> {
    let fields = &fact.fields;
    fields.idle(&["via", "scope", "medium"]);
    let last = fact.date(&["date_specified", "until", "last_day"], file)?;
    let mut record = of(fact, FactKind::CallConsent, file)?;
    record.until_date = last;
    let to = fields
        .text(&["given_to"])?
        .map(words::given_to)
        .transpose()?;
    record.given_to = to.or(Some(GivenTo::Collector));
    let number = fields.text(&["number", "phone"])?;
    record.phone = number.map(|label| file.number(Some(label), None));
    Ok(record)
}

/// A revocation that names a medium or a contact point is of the consent to that; any other ends the
/// consents to times, places and further calls.
fn revocation(fact: &Fact<'_>, file: &mut File) -> Said<FactRecord> {
    let fields = &fact.fields;
    fields.idle(&["via"]);
    let medium = match fact.kind {
        "text_consent_revoked" => Some("text"),
        "email_consent_revoked" => Some("email"),
        _ => fields.text(&["medium", "channel", "for"])?,
    };
    let pointed = fields
        .value(&["number", "phone", "address", "email"])
        .is_some();
    let mut record = of(fact, FactKind::ConsentRevoked, file)?;
    if medium.is_none() && !pointed {
        return Ok(record);
    }
    record.fact = Some(FactKind::Revocation);
    record.debts = Vec::new();
    if let Some(medium) = medium {
        record.consent = words::consent_kinds(medium)?;
    }
    let email = medium.is_some_and(|word| word.contains("mail"));
    about_contacts::point(fact, &mut record, email, file)?;
    Ok(record)
}

fn media(fact: &Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    let fields = &fact.fields;
    fields.idle(&["via", "words"]);
    let media = fields.texts(&["medium", "media", "mediums"])?;
    if media.is_empty() {
        return Err(fields.fault("which medium?"));
    }
    let mut stated = Vec::new();
    for word in media {
        let medium: Medium = words::medium(word)?;
        let mut record = if fact.kind == "medium_opt_out" {
            of(fact, FactKind::MediumOptOut, file)?
        } else {
            lift(fact, FactKind::MediumOptOut, file)?
        };
        // A refused medium is refused for any debt.
        record.debts = Vec::new();
        record.medium = Some(medium);
        stated.push(Stated::from(record));
    }
    Ok(stated)
}

/// A fact that brings somebody onto the file.
fn somebody(fact: &Fact<'_>, file: &mut File) -> Said<()> {
    let role = fact.kind.trim_end_matches("_appointed");
    let label = fact.fields.text(&["name", "id", "label", "who"])?;
    let text = label.map_or_else(|| role.to_owned(), |label| format!("{role}:{label}"));
    let party = words::party(&text)?;
    fact.fields.idle(&["debt", "debts"]);
    file.person(party.as_ref());
    Ok(())
}

fn bankruptcy(fact: &Fact<'_>, file: &mut File) -> Said<FactRecord> {
    let fields = &fact.fields;
    let status = fields.text(&["status"])?;
    let word = status.unwrap_or_else(|| fact.kind.trim_start_matches("bankruptcy_"));
    let status = match word {
        "discharged" | "discharge" => BankruptcyStatus::Discharged,
        "dismissed" | "dismissal" | "closed" => BankruptcyStatus::Dismissed,
        "reaffirmed" | "reaffirmation" => BankruptcyStatus::Reaffirmed,
        "bankruptcy" | "filed" | "petition" | "notice" | "open" | "stay" => BankruptcyStatus::Filed,
        other => return Err(fields.fault(&format!("{other:?} is no known state"))),
    };
    let chapter = fields.number(&["chapter"])?;
    let by = fields.text(&["by", "debtor", "filed_by"])?;
    let by = by.map(words::party).transpose()?.flatten();
    let mut record = of(fact, FactKind::Bankruptcy, file)?;
    record.chapter = chapter.and_then(|chapter| u8::try_from(chapter).ok());
    record.status = Some(status);
    record.reason = Some(Personal::from("the vector says so"));
    record.person_id = record.person_id.or_else(|| file.person(by.as_ref()));
    Ok(record)
}

fn attorney(fact: &Fact<'_>, file: &mut File) -> Said<FactRecord> {
    let fields = &fact.fields;
    fields.idle(&[
        "attorney",
        "attorney_name",
        "via",
        "reply_days",
        "responded",
    ]);
    let contact_known = fields.flag(&["attorney_contact_known", "contact_known"])?;
    let all_debts = fields.flag(&["all_debts"])?;
    let form = fields.text(&["form"])?.map(words::form).transpose()?;
    let on = match fact.kind {
        "attorney"
        | "attorney_representation"
        | "attorney_represented"
        | "attorney_retained"
        | "attorney_representation_received" => true,
        "attorney_unresponsive"
        | "attorney_no_response"
        | "attorney_consents"
        | "attorney_consent_to_direct_contact"
        | "attorney_consents_to_direct_contact"
        | "attorney_representation_ended"
        | "attorney_withdrawn" => false,
        other => return Err(format!("no such type of fact: {other}")),
    };
    file.person(Some(&Party {
        id: "attorney".to_owned(),
        role: PartyRole::Attorney,
    }));
    let mut record = if on {
        of(fact, FactKind::Attorney, file)?
    } else {
        lift(fact, FactKind::Attorney, file)?
    };
    record.contact_known = contact_known;
    record.all_debts = all_debts;
    record.form = form;
    Ok(record)
}

/// A request binds when it is received; that it was sent is nothing yet.
fn cease(fact: &Fact<'_>, file: &mut File) -> Said<Vec<Stated>> {
    let fields = &fact.fields;
    let form = fields.text(&["form", "via", "medium"])?;
    let mut form = form.map(words::form).transpose()?;
    if let Some(written) = fields.flag(&["written", "in_writing"])? {
        form = Some(if written { Form::Written } else { Form::Oral });
    }
    let mut record = match fact.kind {
        "cease_letter_mailed"
        | "cease_sent"
        | "cease_email_sent"
        | "cease_letter_sent"
        | "cease_mailed" => {
            fact.record(file)?;
            return Ok(Vec::new());
        }
        "cease"
        | "cease_received"
        | "cease_request"
        | "cease_request_received"
        | "cease_letter_received"
        | "cease_communication_received" => of(fact, FactKind::Cease, file)?,
        "cease_oral" | "cease_oral_request" | "cease_requested_orally" => {
            form = Some(Form::Oral);
            of(fact, FactKind::Cease, file)?
        }
        "cease_lifted" | "cease_withdrawn" => lift(fact, FactKind::Cease, file)?,
        other => return Err(format!("no such type of fact: {other}")),
    };
    record.form = form;
    Ok(vec![Stated::from(record)])
}
