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
    let mut ready = weekly::open(case, zones, |_date| Some(hours));
    if ready != Ready::Now && lifted(case) {
        ready = Ready::Now;
    }
    let code = Code::CallHours;
    visit(Finding { code, rule }, ready);
}

/// Whether the channel has hours.
pub(super) fn has_hours(case: &Case<'_>) -> bool {
    case.intent.channel != Some(Channel::Mail)
}

/// Whether a time of day otherwise inconvenient is permitted: the consumer consented directly to
/// this collector (1006.6(b)(4)(i)), or is being answered (comment 6(b)(1)-2).
pub(super) fn lifted(case: &Case<'_>) -> bool {
    consented(case) || purpose::reply_covers(case)
}

fn consented(case: &Case<'_>) -> bool {
    case.person_extras().is_some_and(|extras| {
        extras.prior_consents.iter().any(|consent| {
            consent.given_to == GivenTo::Collector
                && consent.times
                && consent.at.get().is_some_and(|at| at <= case.now)
                && consent.until.get().is_none_or(|until| case.now < until)
        })
    })
}
