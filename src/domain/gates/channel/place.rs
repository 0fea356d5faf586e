//! Where the contact would reach the person, and whether it may.
//!
//! 12 CFR 1006.6(b)(1)(ii), (b)(3) and comment 6(b)(1)(ii)-1: mail, visits and landlines are tied to
//! a place, e-mail and mobile numbers are not, unless the caller says where or the number is known to
//! be at work. A line of unknown kind counts as a landline. Contact at work is barred when the
//! employer prohibits it or the consumer called work inconvenient: both are reported as EMPLOYER.

use super::purpose;
use crate::domain::case::Case;
use crate::domain::facts::Phone;
use crate::domain::intent::Asked;
use crate::domain::rules::FederalId;
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{Channel, GivenTo, LineType, PlaceKind};

/// Asks for the place.
pub(super) fn ask(case: &Case<'_>, found: &mut Findings) {
    if case.intent.to_place == Asked::Unknown {
        found.block(Code::UnknownPlace);
    }
    let Some(extras) = case.person_extras() else {
        return;
    };
    let consented = consents(case);
    let answers = purpose::reply_covers(case);
    let inconvenient = |place: PlaceKind| {
        extras.inconvenient_places & (1 << place.number()) != 0 && !consented && !answers
    };
    let at_work = is_at(case, PlaceKind::Employment);
    let prohibited = extras.employer_prohibits && !consented;
    if at_work && (prohibited || inconvenient(PlaceKind::Employment)) {
        let rule = case.world.pack.federal_no(FederalId::Employer);
        found.block_by(Code::Employer, rule);
    }
    let mut elsewhere = PlaceKind::ALL
        .iter()
        .filter(|place| **place != PlaceKind::Employment);
    if elsewhere.any(|place| is_at(case, *place) && inconvenient(*place)) {
        let rule = case.world.pack.federal_no(FederalId::InconvenientPlace);
        found.block_by(Code::InconvenientPlace, rule);
    }
}

/// Whether the contact may reach the person at such a place, as far as anybody said.
fn is_at(case: &Case<'_>, place: PlaceKind) -> bool {
    let work_number = case.phone.is_some_and(|phone| phone.has(Phone::WORK));
    match (place, case.intent.to_place) {
        (PlaceKind::Employment, _) if work_number => true,
        (_, Asked::Known(stated)) => stated == place,
        (PlaceKind::Home, Asked::Absent | Asked::Unknown) => is_tied_to_home(case),
        _ => false,
    }
}

/// What is addressed to the residence when nobody names a place.
fn is_tied_to_home(case: &Case<'_>) -> bool {
    match case.intent.channel {
        Some(Channel::Mail | Channel::InPerson) => true,
        Some(Channel::Phone | Channel::Fax) => case.phone.is_some_and(|phone| {
            let fixed = matches!(phone.line_type, LineType::Landline | LineType::Unknown);
            fixed && !phone.has(Phone::WORK)
        }),
        _ => false,
    }
}

/// Consent given to this collector itself, covering places (1006.6(b)(4)(i)).
fn consents(case: &Case<'_>) -> bool {
    case.person_extras().is_some_and(|extras| {
        extras.prior_consents.iter().any(|consent| {
            let ended = consent.until.get().is_some_and(|until| until <= case.now);
            consent.given_to == GivenTo::Collector
                && consent.places
                && !ended
                && consent.at.get().is_none_or(|at| at <= case.now)
        })
    })
}
