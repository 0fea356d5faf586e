//! State and city law on hours, quiet days and counts.
//!
//! Which rules apply is `reach`'s to say. A rule of hours that forbids nothing federal law allows
//! yields to what lifts the federal hours; a stricter one does not.

use super::hours::{has_hours, unless_lifted};
use super::local::{upcoming, zones};
use super::ready::{Ready, Visit};
use super::{inconvenient, state_counts, weekly};
use crate::domain::case::Case;
use crate::domain::gates::reach;
use crate::domain::rules::{
    CallHours, DayWindow, Gate, HolidayBan, HolidayHours, HolidayList, HoursZone, RuleKind,
    StateRule, WeeklyHours, WorkplaceLimit,
};
use crate::domain::time::{CivilDate, UnixSeconds};
use crate::domain::verdict::{Code, Finding};

/// A day without closing hours.
const ALL_DAY: DayWindow = DayWindow {
    open: 0,
    close: 86_400,
};

/// Shows every condition of every rule that applies.
pub(super) fn each(case: &Case<'_>, visit: &mut (impl Visit + ?Sized)) {
    for rule in reach::rules(case).filter(|rule| rule.gate == Some(Gate::Timing)) {
        if let Some((code, ready)) = condition(case, rule) {
            let rule = rule.no;
            visit(Finding { code, rule }, ready);
        }
    }
}

/// What a rule at home in TIMING blocks with.
pub fn state_rule(case: &Case<'_>, rule: &StateRule) -> Option<Code> {
    condition(case, rule).and_then(|(code, ready)| (ready != Ready::Now).then_some(code))
}

/// When a rule permits the contact, and the code it blocks with; `None` when it has none to ask.
fn condition(case: &Case<'_>, rule: &StateRule) -> Option<(Code, Ready)> {
    Some(match &rule.kind {
        RuleKind::CallHours(CallHours::Weekly(hours)) if has_hours(case) => {
            let ready = yielding(case, rule, hours_ready(case, hours));
            (Code::StateHours, ready)
        }
        RuleKind::CallHours(CallHours::KnownWakingHours) if has_hours(case) => {
            let ready = yielding(case, rule, inconvenient::awake(case));
            (Code::StateHours, ready)
        }
        RuleKind::HolidayBan(ban) if has_hours(case) => {
            let ready = yielding(case, rule, ban_ready(case, ban));
            (Code::StateQuietDay, ready)
        }
        RuleKind::Frequency(frequency) if counted_here(case, rule) => {
            let (code, ready) = state_counts::ready(case, frequency);
            (code, expiring(case, rule, ready))
        }
        RuleKind::WorkplaceLimit(WorkplaceLimit::Count { .. }) if counted_here(case, rule) => {
            let ready = state_counts::work_ready(case, rule);
            (Code::WorkFrequency, expiring(case, rule, ready))
        }
        _ => return None,
    })
}

/// Whether the tenant counts this rule: of every suggested state, or of the residence only. Where
/// no residence is known, every suggested state's counts stand.
fn counted_here(case: &Case<'_>, rule: &StateRule) -> bool {
    let residence = case.places.residence();
    !case.policy.state_counts_residence
        || residence.is_empty()
        || residence.contains(rule.jurisdiction)
}

fn yielding(case: &Case<'_>, rule: &StateRule, ready: Ready) -> Ready {
    let ready = if rule.stricter_than_federal {
        ready
    } else {
        unless_lifted(case, ready)
    };
    if ready == Ready::Now {
        return Ready::Now;
    }
    expiring(case, rule, ready)
}

/// A rule that blocks ceases to when its last date has passed everywhere.
fn expiring(case: &Case<'_>, rule: &StateRule, ready: Ready) -> Ready {
    let Some(after) = rule.in_force.to.map(|last| last.plus_days(1)) else {
        return ready;
    };
    let end: Option<UnixSeconds> = zones(case)
        .iter()
        .map(|zone| upcoming(case, *zone, after, 0))
        .max();
    end.map_or(ready, |end| ready.or_from(end))
}

fn hours_ready(case: &Case<'_>, hours: &WeeklyHours) -> Ready {
    let window_of = |date: CivilDate| window_of(case, hours, date);
    match &hours.zone {
        HoursZone::ConsumerLocal => weekly::open(case, zones(case), window_of),
        HoursZone::Named(zone) => weekly::open(case, std::slice::from_ref(zone), window_of),
    }
}

/// The window of a date.
pub(super) fn window_of(
    case: &Case<'_>,
    hours: &WeeklyHours,
    date: CivilDate,
) -> Option<DayWindow> {
    let closed =
        hours.holidays == HolidayHours::Closed && case.world.pack.holidays().is_either(date);
    hours.on(date.weekday()).filter(|_| !closed)
}

fn ban_ready(case: &Case<'_>, ban: &HolidayBan) -> Ready {
    weekly::open(case, zones(case), |date| {
        let quiet = ban.bans_weekday(date.weekday())
            || match ban.holidays {
                HolidayList::None => false,
                // A state's own holidays are not in the pack; such a rule cannot be enforced.
                HolidayList::Federal | HolidayList::StateLegal => {
                    case.world.pack.holidays().is_either(date)
                }
            };
        (!quiet).then(|| ban.hours.unwrap_or(ALL_DAY))
    })
}
