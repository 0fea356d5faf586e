//! The counts of states and the city, as `config/rules/README.md` says they are read.

use std::collections::BTreeSet;

use dialgate::domain::verdict::Code;
use dialgate::domain::words::{LineType, Outcome, PartyRole, PlaceKind};

use super::case::{Case, Codes, note};
use super::law::Rule;
use super::world::{Attempt, Phone};

/// What the counts of the places suggested find at an instant.
pub(crate) fn codes(case: &Case<'_>, at: i64, found: &mut Codes) {
    for rule in case.rules.iter().filter(|rule| rule.kind == "frequency") {
        if !case.in_force(rule, at) || (rule.says("replies_exempt") && case.answers(at)) {
            continue;
        }
        if let Some(rest) = rule.window("after_conversation_days") {
            let talks = case
                .attempts()
                .filter(|a| a.call() && a.conversed() && about_account(case, a));
            let resting = talks.filter(|a| case.within(a.at, rest, at)).count() > 0;
            note(found, resting, Code::StateAfterConversation);
        } else {
            note(found, used_up(case, rule, at), Code::StateFrequency);
        }
    }
}

fn used_up(case: &Case<'_>, rule: &Rule, at: i64) -> bool {
    let limit = rule.number("limit").expect("a limit");
    let days = rule.window("rolling_days").or(rule.window("calendar_days"));
    let days = days.expect("a window");
    let target = rule.word("target");
    let second = rule.values.get("second").map(|second| {
        let days = second["window"]["rolling_days"].as_integer();
        (
            second["limit"].as_integer().unwrap_or(0),
            days.unwrap_or(0),
            second["target"].as_str().unwrap_or_default(),
        )
    });
    let first = full(case, rule, (limit, days, target), at);
    let second = second.is_some_and(|figures| full(case, rule, figures, at));
    let talks = rule.number("conversations_limit").is_some_and(|limit| {
        let talks = case.attempts().filter(|a| a.call() && a.conversed());
        let talks = talks.filter(|a| case.within(a.at, days, at));
        reaches(talks.count(), limit)
    });
    first || second || talks
}

fn reaches(count: usize, limit: i64) -> bool {
    i64::try_from(count).is_ok_and(|count| count >= limit)
}

fn full(case: &Case<'_>, rule: &Rule, (limit, days, target): (i64, i64, &str), at: i64) -> bool {
    if !aimed(case, target) {
        return false;
    }
    let recent =
        |a: &&Attempt| case.within(a.at, days, at) && counted(rule, a) && hit(case, target, a);
    let all = || case.family_attempts().filter(recent);
    let of_consumer = || all().filter(|a| same_people(case, rule, a)).count();
    let of_debt = |debt: &String, people: &dyn Fn(&Attempt) -> bool| {
        all()
            .filter(|a| a.debts.contains(debt) && people(a))
            .count()
    };
    let own = |a: &Attempt| a.person == case.person;
    let family = |a: &Attempt| own(a) || in_household(role_of(case, &a.person));
    let debtors = |a: &Attempt| own(a) || owes(role_of(case, &a.person));
    let any_debt = |people: &dyn Fn(&Attempt) -> bool| {
        case.debts
            .iter()
            .any(|debt| reaches(of_debt(debt, people), limit))
    };
    match rule.word("unit") {
        "per_debt" if target.starts_with("household") => any_debt(&family),
        "per_debt" => any_debt(&own),
        "per_account" => reaches(
            all().filter(|a| own(a) && of_account(case, a)).count(),
            limit,
        ),
        "per_consumer" => reaches(of_consumer(), limit),
        "per_consumer_or_claim" => reaches(of_consumer(), limit) || any_debt(&debtors),
        "per_wireless_number" => {
            let wireless = matches!(case.line(), LineType::Wireless | LineType::Unknown);
            let here = case
                .rung()
                .filter(|a| case.within(a.at, days, at) && listed(rule, a) && hit(case, target, a));
            wireless && reaches(here.count(), limit)
        }
        other => panic!("a unit nobody models: {other}"),
    }
}

/// What somebody is to the account asked about; none: a stranger to it.
fn role_of(case: &Case<'_>, id: &str) -> Option<PartyRole> {
    if id == case.account.consumer {
        return Some(PartyRole::Consumer);
    }
    let party = case.account.parties.iter().find(|p| p.person == id);
    party.map(|party| party.role)
}

/// Who owes, and the spouse.
fn owes(role: Option<PartyRole>) -> bool {
    matches!(
        role,
        Some(PartyRole::Consumer | PartyRole::CoDebtor | PartyRole::Spouse)
    )
}

/// Who may live with the consumer and owes nothing.
fn in_household(role: Option<PartyRole>) -> bool {
    let not = [
        PartyRole::Consumer,
        PartyRole::CoDebtor,
        PartyRole::Attorney,
    ];
    role.is_some_and(|role| !not.contains(&role))
}

/// The debts of the account asked about.
fn of_account(case: &Case<'_>, attempt: &Attempt) -> bool {
    let own: BTreeSet<String> = case.account.debts.iter().map(|d| d.key.clone()).collect();
    !attempt.debts.is_disjoint(&own)
}

/// Whose contacts a rule counts: the person's; with the spouse's where the rule says so.
fn same_people(case: &Case<'_>, rule: &Rule, attempt: &Attempt) -> bool {
    let role = role_of(case, &attempt.person);
    let asked_for_spouse = case.role() == Some(PartyRole::Spouse);
    let spouse =
        role == Some(PartyRole::Spouse) || (role == Some(PartyRole::Consumer) && asked_for_spouse);
    attempt.person == case.person || (rule.says("includes_spouse") && spouse)
}

/// Whether an attempt is one of those the rule counts.
fn counted(rule: &Rule, attempt: &Attempt) -> bool {
    attempt.placed() && listed(rule, attempt)
}

/// The same, whether or not it reached whom it was meant for.
fn listed(rule: &Rule, attempt: &Attempt) -> bool {
    let channel = attempt.channel.as_str();
    let listed = |list: &Vec<String>| list.iter().any(|one| one == channel);
    let unable = attempt.outcome == Outcome::VoicemailUnableToLeave;
    attempt.outcome != Outcome::NotConnected
        && rule.channels.as_ref().is_none_or(listed)
        && !(rule.says("unable_to_leave_message_exempt") && unable)
        && !(rule.says("replies_exempt") && attempt.reply)
}

/// Whether a conversation was about the account asked about.
fn about_account(case: &Case<'_>, attempt: &Attempt) -> bool {
    let own = case.account.debts.iter();
    own.filter(|debt| attempt.about.contains(&debt.key)).count() > 0
}

/// Whether the question is aimed at what the rule protects.
fn aimed(case: &Case<'_>, target: &str) -> bool {
    if target.is_empty() {
        return true;
    }
    if target.starts_with("household") && !in_household(case.role().or(Some(PartyRole::Unknown))) {
        return false;
    }
    let to = PlaceKind::parse(&case.q.to_place);
    let at_home = matches!(target, "personal_number" | "household_at_residence");
    let elsewhere =
        (at_home && to == Some(PlaceKind::Employment)) || (!at_home && to == Some(PlaceKind::Home));
    !elsewhere && may_be(case.phone, target)
}

/// Whether an attempt hit it.
fn hit(case: &Case<'_>, target: &str, attempt: &Attempt) -> bool {
    if target.is_empty() {
        return true;
    }
    if attempt.at_work {
        return matches!(target, "other_number" | "household_elsewhere");
    }
    let mut filed = case.account.phones.iter();
    let phone = filed.find(|p| attempt.contact.as_ref() == Some(&p.number));
    may_be(phone, target)
}

/// Whether a number may be of a kind: what nobody described is of whichever kind blocks.
fn may_be(phone: Option<&Phone>, target: &str) -> bool {
    let Some(phone) = phone else { return true };
    let at_home = phone.place == Some(PlaceKind::Home);
    let at_work = phone.place == Some(PlaceKind::Employment);
    let wireless = phone.line == Some(LineType::Wireless);
    match target {
        "personal_number" => at_home || phone.personal || !at_work,
        "other_number" => at_work || !(at_home || phone.personal || wireless),
        "household_at_residence" => at_home || !(wireless || at_work),
        "household_elsewhere" => !at_home,
        other => panic!("a target nobody models: {other}"),
    }
}
