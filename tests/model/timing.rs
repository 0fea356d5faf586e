//! TIMING by the text: hours, stated times, and the federal windows. State windows have a file of
//! their own.

use dialgate::domain::verdict::Code;
use dialgate::domain::words::{Channel, LineType, OverrideKind, PartyRole};

use super::case::{Case, Codes, note};
use super::law::Rule;
use super::local::{self, weekday};
use super::state_counts;
use super::world::{Attempt, CallConsent, Inconvenient};

const OPEN: i64 = 8 * 3_600;
const CLOSE: i64 = 21 * 3_600;
const WEEK: i64 = 7;

/// What TIMING finds at an instant, if nothing else happens until then.
pub(crate) fn codes(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    hours(case, at, &mut found);
    if case.channel_is(Channel::Phone) {
        federal_windows(case, at, &mut found);
    }
    state_counts::codes(case, at, &mut found);
    found
}

fn has_hours(case: &Case<'_>) -> bool {
    case.q
        .channel
        .is_some_and(|channel| channel != Channel::Mail)
}

/// Times otherwise closed are open to whoever was asked to come then.
fn lifted(case: &Case<'_>, at: i64) -> bool {
    asked_to_come(case, at)
        || case.overridden(OverrideKind::CourtPermission, 7, at)
        || (case.person == case.account.consumer
            && case.overridden(OverrideKind::DirectConsent, 7, at))
}

/// By the consumer: in a consent given to this collector, or by coming first.
fn asked_to_come(case: &Case<'_>, at: i64) -> bool {
    let asked_for = case.who.prior_consents.iter().any(|consent| {
        let ended = consent.until.is_some_and(|until| until <= at);
        consent.direct && consent.times && consent.at <= at && !ended
    });
    asked_for || case.answers(at)
}

fn hours(case: &Case<'_>, at: i64, found: &mut Codes) {
    if !has_hours(case) {
        return;
    }
    note(found, case.zones.is_empty(), Code::LocationUnknown);
    let closed = |zone: &local::Zone| !(OPEN..CLOSE).contains(&zone.local(at).second);
    if !lifted(case, at) {
        let any = case.zones.iter().any(|zone| closed(zone));
        note(found, any, Code::CallHours);
        // Whatever was recorded binds, also when a clock set back says that it is not yet.
        let mut stated = case.who.inconvenient.iter();
        let any = stated.any(|i| case.zones.iter().any(|zone| is_inconvenient(i, zone, at)));
        note(found, any, Code::InconvenientTime);
    }
    for rule in case.rules.iter().filter(|rule| rule.kind == "call_hours") {
        // What only repeats federal law yields to what federal law yields to.
        if case.in_force(rule, at) && (rule.stricter || !asked_to_come(case, at)) {
            state_hours(case, rule, at, found);
        }
    }
}

fn state_hours(case: &Case<'_>, rule: &Rule, at: i64, found: &mut Codes) {
    let bounds = rule.values["daily"].as_array().expect("two times");
    let [open, close] = [0, 1].map(|n| clock(bounds[n].as_str().expect("a time")));
    let own = rule.word("zone");
    let zones = if own.is_empty() {
        case.zones.clone()
    } else {
        vec![local::zone(own)]
    };
    let closed = |zone: &&local::Zone| !(open..close).contains(&zone.local(at).second);
    note(found, zones.iter().any(closed), Code::StateHours);
}

fn clock(text: &str) -> i64 {
    let mut parts = text
        .split(':')
        .map(|part| part.parse::<i64>().expect("a number"));
    let (hour, minute) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    hour * 3_600 + minute * 60
}

fn is_inconvenient(said: &Inconvenient, zone: &local::Zone, at: i64) -> bool {
    let here = zone.local(at);
    let dated = |day: i64| {
        said.from_day.is_none_or(|from| from <= day)
            && said.until_day.is_none_or(|until| day <= until)
    };
    said.periods.iter().any(|(days, from, to)| {
        let on = |day: i64| days.iter().any(|d| i64::from(*d) == weekday(day));
        if from < to {
            dated(here.day) && on(here.day) && (*from..*to).contains(&here.second)
        } else {
            // Past midnight: what begins today, or what began yesterday, be it today or yesterday
            // that lies within the dates.
            let begins = dated(here.day) && on(here.day) && here.second >= *from;
            let began = (dated(here.day) || dated(here.day - 1)) && on(here.day - 1);
            begins || (began && here.second < *to)
        }
    })
}

fn federal_windows(case: &Case<'_>, at: i64, found: &mut Codes) {
    // 1006.14(b)(3)(iii): calls to an attorney are not counted.
    let mut parties = case.account.parties.iter();
    let party = parties.find(|p| p.person == case.person);
    let attorney = party.is_some_and(|p| p.role == PartyRole::Attorney);
    for debt in case.debts.iter().filter(|_| !attorney) {
        let talks = || case.attempts().filter(|a| a.call() && a.talk(debt));
        let free = consented(case, debt, at, case.phone.map(|p| &*p.number));
        if free && !talks().any(|talk| talk.at == at) {
            continue;
        }
        let week = case.attempts().filter(|a| {
            let recent = case.within(a.at, WEEK, at);
            recent && counts(a, debt) && !consented(case, debt, a.at, a.contact.as_deref())
        });
        note(found, week.count() >= 7, Code::Call7In7);
        let resting = talks().any(|talk| case.within(talk.at, WEEK, at));
        note(found, resting, Code::CallAfterConversation);
    }
    prerecorded(case, at, found);
}

fn counts(attempt: &Attempt, debt: &str) -> bool {
    use dialgate::domain::words::Outcome;
    attempt.call()
        && attempt.placed()
        && attempt.outcome != Outcome::NotConnected
        && attempt.debts.contains(debt)
}

/// Whether somebody had consented to calls about a debt to this number at that time.
fn consented(case: &Case<'_>, debt: &str, at: i64, number: Option<&str>) -> bool {
    let holds = |consent: &CallConsent| {
        // It lasts while its last day lasts in every place suggested.
        let lasts = |zone: &local::Zone| {
            let seventh = zone.day(consent.at) + WEEK - 1;
            zone.day(at)
                <= consent
                    .last_day
                    .map_or(seventh, |stated| stated.min(seventh))
        };
        let talked_since = case
            .attempts()
            .any(|a| a.call() && a.talk(debt) && consent.at < a.at && a.at < at);
        let one = std::iter::once(debt.to_owned()).collect();
        consent.at <= at
            && !case.zones.is_empty()
            && case.zones.iter().all(|zone| lasts(zone))
            && consent.revoked.is_none_or(|revoked| at < revoked)
            && consent.scope.touches(&account_of(case, debt), &one)
            && consent
                .number
                .as_deref()
                .is_none_or(|only| Some(only) == number)
            && !talked_since
    };
    case.who.call_consents.iter().any(holds)
}

/// An account that a debt is of: the one asked about, if it has it.
fn account_of(case: &Case<'_>, debt: &str) -> String {
    let own = case.account.debts.iter().any(|d| d.key == debt);
    if own {
        case.q.account.clone()
    } else {
        String::new()
    }
}

/// 64.1200(a)(3)(iii): three in thirty days to a residential line, unless consented to.
fn prerecorded(case: &Case<'_>, at: i64, found: &mut Codes) {
    // What is not known to be a landline needs consent: CONSENT's to see.
    let residential = case.line() == LineType::Landline && !case.number_at_work();
    if !case.prerecorded() || !residential || case.prerecorded_consent(at) {
        return;
    }
    let recorded = case.rung().filter(|a| a.call() && a.prerecorded);
    let recent = recorded.filter(|a| case.within(a.at, 30, at)).count();
    note(found, recent >= 3, Code::Prerecorded3In30);
}
