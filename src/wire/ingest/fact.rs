//! The checks of one fact: its fields, its bounds, what its fields say together.

use super::kinds::{self, Fields};
use super::limits::{PERIODS_MAX, WORDS_MAX};
use super::reject::{Fault, RejectCode as Code};
use super::validate::{address, number, text, texts};
use crate::domain::record::{FactKind, FactRecord, PeriodRecord};
use crate::domain::words::{ConsentKind, Medium, PlaceKind};

/// Checks a fact and brings its texts to their normal form.
pub(super) fn check(fact: &mut FactRecord) -> Result<(), Fault> {
    let Some(kind) = fact.fact else {
        return Err(Fault::at("fact", Code::Missing));
    };
    shape(fact, kind)?;
    bounds(fact)?;
    together(fact, kind)?;
    address("address", &mut fact.address)?;
    number("phone", &mut fact.phone)?;
    texts("debts", &fact.debts)?;
    text("actor", fact.actor.as_ref())?;
    text("document_id", fact.document_id.as_ref())?;
    text("person_id", fact.person_id.as_ref())?;
    text("reason", fact.reason.as_ref())?;
    text("source", fact.source.as_ref())
}

fn shape(fact: &FactRecord, kind: FactKind) -> Result<(), Fault> {
    let has = Fields::of(fact);
    let shape = kinds::of(kind);
    let lifts = fact.lifted == Some(true);
    if let Some(field) = has.without(shape.allowed).first_name() {
        return Err(Fault::at(field, Code::Unexpected));
    }
    if lifts && fact.reason.is_none() {
        return Err(Fault::at("reason", Code::LiftNeedsReason));
    }
    let missing = shape.needed.without(has).first_name();
    let unstated = shape.stated.without(has).first_name().filter(|_| !lifts);
    if let Some(field) = missing.or(unstated) {
        return Err(Fault::at(field, Code::Missing));
    }
    if let Some(field) = shape.some_of.first_name()
        && !lifts
        && !has.meets(shape.some_of)
    {
        return Err(Fault::at(field, Code::Missing));
    }
    Ok(())
}

fn bounds(fact: &FactRecord) -> Result<(), Fault> {
    if !matches!(fact.chapter, None | Some(7 | 9 | 11 | 12 | 13)) {
        return Err(Fault::at("chapter", Code::OutOfRange));
    }
    if fact.consent.len() > WORDS_MAX {
        return Err(Fault::at("consent", Code::TooMany));
    }
    if fact.gates.len() > WORDS_MAX {
        return Err(Fault::at("gates", Code::TooMany));
    }
    if let Some(at) = fact.gates.iter().position(|gate| !(1..=12).contains(gate)) {
        return Err(Fault::row(Code::OutOfRange).within("gates", at));
    }
    if fact.periods.len() > PERIODS_MAX {
        return Err(Fault::at("periods", Code::TooMany));
    }
    for (at, period) in fact.periods.iter().enumerate() {
        period_holds(period).map_err(|fault| fault.within("periods", at))?;
    }
    if fact
        .from_date
        .zip(fact.until_date)
        .is_some_and(|(from, until)| until < from)
    {
        return Err(Fault::at("until_date", Code::InvalidDate));
    }
    if fact
        .at
        .zip(fact.until)
        .is_some_and(|(at, until)| until <= at)
    {
        return Err(Fault::at("until", Code::InvalidDate));
    }
    Ok(())
}

/// Both ends or neither, not empty; weekdays 1 to 7.
fn period_holds(period: &PeriodRecord) -> Result<(), Fault> {
    if period.days.len() > 7 {
        return Err(Fault::at("days", Code::TooMany));
    }
    if let Some(at) = period.days.iter().position(|day| !(1..=7).contains(day)) {
        return Err(Fault::row(Code::OutOfRange).within("days", at));
    }
    match (period.from, period.to) {
        (Some(_), None) => Err(Fault::at("to", Code::Missing)),
        (None, Some(_)) => Err(Fault::at("from", Code::Missing)),
        (Some(from), Some(_)) if from.0 >= 86_400 => Err(Fault::at("from", Code::InvalidTime)),
        (Some(from), Some(to)) if from == to => Err(Fault::at("to", Code::InvalidTime)),
        (Some(_), Some(_)) | (None, None) => Ok(()),
    }
}

/// What the fields of one kind demand of each other.
fn together(fact: &FactRecord, kind: FactKind) -> Result<(), Fault> {
    match kind {
        FactKind::ContactOptOut => {
            one_point(fact)?;
            match (fact.phone.is_some(), fact.medium) {
                (true, Some(Medium::Calls | Medium::Texts | Medium::Fax))
                | (false, None | Some(Medium::Email)) => Ok(()),
                (true, None) => Err(Fault::at("medium", Code::Missing)),
                (_, Some(_)) => Err(Fault::at("medium", Code::Unexpected)),
            }
        }
        FactKind::Consent | FactKind::Revocation => {
            one_point(fact)?;
            let by_address = |kind| matches!(kind, ConsentKind::Email | ConsentKind::Social);
            let fits = |kind: &ConsentKind| fact.address.is_some() == by_address(*kind);
            match fact.consent.iter().position(|kind| !fits(kind)) {
                Some(at) => Err(Fault::row(Code::Unexpected).within("consent", at)),
                None => Ok(()),
            }
        }
        FactKind::Inbound if fact.phone.is_some() && fact.address.is_some() => {
            Err(Fault::at("address", Code::Unexpected))
        }
        FactKind::PriorConsent if fact.times != Some(true) && fact.places != Some(true) => {
            Err(Fault::at("times", Code::Missing))
        }
        FactKind::Attorney if fact.all_debts == Some(true) && !fact.debts.is_empty() => {
            Err(Fault::at("debts", Code::Unexpected))
        }
        FactKind::InconvenientPlace
            if fact.form.is_some() && fact.place != Some(PlaceKind::Employment) =>
        {
            Err(Fault::at("form", Code::Unexpected))
        }
        FactKind::Approval if fact.purpose.is_some() && fact.action.is_some() => {
            Err(Fault::at("purpose", Code::Unexpected))
        }
        FactKind::Approval if fact.purpose.is_some() && fact.document_id.is_none() => {
            Err(Fault::at("document_id", Code::Missing))
        }
        _ => Ok(()),
    }
}

/// A number or an address, not both.
fn one_point(fact: &FactRecord) -> Result<(), Fault> {
    match (fact.phone.is_some(), fact.address.is_some()) {
        (true, true) => Err(Fault::at("address", Code::Unexpected)),
        (false, false) => Err(Fault::at("phone", Code::Missing)),
        _ => Ok(()),
    }
}
