//! Hours of the day, 12 CFR 1006.6(b)(1)(i): `[08:00, 21:00)` in every place the facts suggest.
//!
//! Every channel has hours but mail: an electronic message happens when it is sent (comment
//! 6(b)(1)(i)-1), a letter has no hour. Whoever collects is held to them, first party too. An
//! unknown channel is held to them as well. Nobody's place known: blocked, whatever lifts hours,
//! for state law cannot be found either.

use super::local::zones;
use super::ready::{Ready, Visit};
use super::weekly;
use crate::domain::case::Case;
use crate::domain::facts::PriorConsent;
use crate::domain::gates::purpose;
use crate::domain::rules::FederalId;
use crate::domain::verdict::{Code, Finding};
use crate::domain::words::{Channel, GivenTo};

/// Shows the condition.
pub(super) fn each(case: &Case<'_>, visit: &mut (impl Visit + ?Sized)) {
    if !has_hours(case) {
        return;
    }
    let rule = case.world.pack.federal_no(FederalId::CallHours);
    let zones = zones(case);
    if zones.is_empty() {
        let code = Code::LocationUnknown;
        visit(Finding { code, rule }, Ready::Never);
        return;
    }
    let hours = case.world.pack.federal().hours;
    let ready = unless_lifted(case, weekly::open(case, zones, |_date| Some(hours)));
    let code = Code::CallHours;
    visit(Finding { code, rule }, ready);
}

/// Whether the channel has hours.
pub(super) fn has_hours(case: &Case<'_>) -> bool {
    case.intent.channel != Some(Channel::Mail)
}

/// A condition that yields to what lifts the hours, now or from an instant to come.
pub(super) fn unless_lifted(case: &Case<'_>, ready: Ready) -> Ready {
    if ready == Ready::Now || lifted(case) {
        return Ready::Now;
    }
    let to_come = consents(case).filter_map(|consent| consent.at.get());
    let to_come = to_come.filter(|at| *at > case.now).min();
    to_come.map_or(ready, |at| ready.or_from(at))
}

/// Whether a time of day otherwise inconvenient is permitted: the consumer consented directly to
/// this collector (1006.6(b)(4)(i)), or is being answered (comment 6(b)(1)-2).
fn lifted(case: &Case<'_>) -> bool {
    consented(case) || purpose::reply_covers(case)
}

fn consented(case: &Case<'_>) -> bool {
    consents(case).any(|consent| {
        consent.at.get().is_some_and(|at| at <= case.now)
            && consent.until.get().is_none_or(|until| case.now < until)
    })
}

/// Consents to times of day, given to this collector.
fn consents<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a PriorConsent> {
    let all = case
        .person_extras()
        .map_or(&[][..], |extras| &extras.prior_consents);
    all.iter()
        .filter(|consent| consent.given_to == GivenTo::Collector && consent.times)
}
