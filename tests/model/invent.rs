//! Random stories, dense around every bound: instants fall on openings, midnights, ends of
//! reservations and of windows, and a second to either side.

use dialgate::domain::place::StateCode;
use dialgate::domain::record::{
    AccountRecord, AttemptRecord, DebtRecord, EmailRecord, FactKind, KillRecord, PartyRecord,
    PhoneRecord,
};
use dialgate::domain::time::UnixSeconds;
use dialgate::domain::words::{
    AccountStatus, AddressStatus, Channel, CollectorRole, DebtKind, Inbound, KillScope, LineType,
    Outcome, PartyRole, PlaceKind, Purpose,
};

use super::dice::Dice;
use super::local::{self, DAY};
use super::places;
use super::policy;
use super::story::{Question, Report, Step, Story};
use super::{invent_asks, invent_facts};

/// ZIP, state, area codes: one zone and several, one law and several, no law, half hours.
const REGIONS: &[(&str, &str, &[&str])] = &[
    ("30301", "GA", &["404", "404", "770"]),
    ("35801", "AL", &["256", "404", "334"]),
    ("85001", "AZ", &["602", "928", "480"]),
    ("86515", "AZ", &["928", "505"]),
    ("96801", "HI", &["808", "415"]),
    ("99501", "AK", &["907", "206"]),
    ("46401", "IN", &["219", "317", "312"]),
    ("37201", "TN", &["615", "865"]),
    ("32501", "FL", &["850", "305"]),
    ("02108", "MA", &["617", "617", "413"]),
    ("10001", "NY", &["212", "518", "917"]),
    ("12207", "NY", &["518", "315"]),
    ("98101", "WA", &["206", "509"]),
    ("20001", "DC", &["202", "202"]),
    ("25301", "WV", &["304", "681"]),
    ("79901", "TX", &["915", "512"]),
    ("00901", "PR", &["787"]),
    ("55401", "MN", &["612"]),
    ("89101", "NV", &["702"]),
    ("53201", "WI", &["414", "906"]),
    ("", "NY", &["518", "607"]),
    ("", "AZ", &["602"]),
    ("", "", &["206", "617"]),
    ("", "", &["709", "416"]),
    ("", "", &["800"]),
];

/// Days in which something changes: clocks, the law, the year, the pack's review; and in between.
const STARTS: &[(i64, i64, i64)] = &[
    (2026, 3, 6),
    (2026, 5, 1),
    (2026, 7, 1),
    (2026, 8, 29),
    (2026, 10, 27),
    (2026, 12, 22),
    (2027, 1, 28),
    (2027, 3, 10),
    (2027, 6, 27),
];

/// What a story is about.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    pub accounts: Vec<&'static str>,
    /// Numbers on some account's file.
    pub phones: Vec<String>,
    pub emails: Vec<&'static str>,
    pub debts: Vec<&'static str>,
    /// Besides the consumer, with their roles.
    pub people: Vec<(&'static str, PartyRole)>,
    pub zones: Vec<String>,
    pub law: Vec<String>,
    /// One consumer, whom little stands in the way of but law and their own wishes.
    pub plain: bool,
    /// Kinds of fact the story dwells on; none: on calls.
    pub theme: &'static [FactKind],
    /// One in so many records restricts; more: a calm story.
    pub calm: u64,
    /// Attempts told so far that have a call id.
    pub told: Vec<AttemptRecord>,
    /// Questions asked with a key, and how many there were.
    pub keyed: (Vec<Question>, u64),
    /// The gap of its policy, seconds.
    pub gap: i64,
    pub now: i64,
    pub start: i64,
}

/// One story.
pub(crate) fn story(dice: &mut Dice, many: usize) -> Story {
    let (year, month, day) = dice.of(STARTS);
    let start = local::day_of(year, month, day) * DAY + dice.seconds(3 * DAY as u64);
    let policies = policy::list();
    let plain = dice.one_in(2);
    let which = dice.index(if plain { 3 } else { policies.len() });
    let mut cast = Cast {
        accounts: vec!["A"],
        phones: Vec::new(),
        emails: vec!["ann@example.com", "bob@example.org"],
        debts: vec!["D0", "D1", "D2"],
        people: Vec::new(),
        zones: Vec::new(),
        law: Vec::new(),
        theme: dice
            .maybe(2, |d| d.of(invent_facts::THEMES))
            .unwrap_or_default(),
        calm: dice.of(if plain {
            &[100, 200]
        } else {
            &[1, 2, 8, 30, 200]
        }),
        plain,
        told: Vec::new(),
        keyed: (Vec::new(), 0),
        gap: policies[which].gap,
        now: start,
        start,
    };
    let mut steps = opening(dice, &mut cast);
    if !cast.theme.is_empty() {
        // What is dwelt on is said of few contact points.
        let few = 1 + dice.index(2);
        cast.phones.truncate(few);
        cast.emails.truncate(1);
    }
    while steps.len() < many {
        let step = one(dice, &mut cast);
        if let Step::Wait(by) = &step {
            cast.now += by;
        }
        steps.push(step);
    }
    Story {
        policy: which,
        start,
        steps,
    }
}

fn opening(dice: &mut Dice, cast: &mut Cast) -> Vec<Step> {
    let (zip, state, codes) = dice.of(REGIONS);
    let stray = dice.maybe(6, |d| d.of(REGIONS).2[0]);
    for (n, code) in codes.iter().copied().chain(stray).enumerate() {
        cast.phones.push(format!("+1{code}555010{n}"));
    }
    if !cast.plain && dice.one_in(2) {
        let roles = [
            PartyRole::CoDebtor,
            PartyRole::Spouse,
            PartyRole::ThirdParty,
            PartyRole::Parent,
            PartyRole::Executor,
            PartyRole::Attorney,
            PartyRole::Guardian,
            PartyRole::Successor,
        ];
        cast.people.push(("P1", dice.of(&roles)));
        if dice.one_in(2) {
            cast.people.push(("P2", dice.of(&roles)));
        }
    }
    let numbers: Vec<&str> = cast.phones.iter().map(|p| &**p).collect();
    let known = |text: &'static str| (!text.is_empty()).then_some(text);
    let suggested = places::suggest(known(zip), known(state), &numbers);
    cast.zones = suggested.zones.into_iter().collect();
    cast.law = suggested.law.into_iter().collect();
    let mut first = account(dice, cast, "A");
    first.zip = known(zip).filter(|_| !dice.one_in(8)).map(Into::into);
    first.state = known(state)
        .filter(|_| dice.one_in(2))
        .and_then(StateCode::parse);
    let mut steps = vec![Step::Tell(Box::new(first))];
    // Mostly another consumer's, with some of the same numbers.
    if dice.one_in(3) {
        cast.accounts.push("B");
        let mut second = account(dice, cast, "B");
        second.zip = known(zip).map(Into::into);
        steps.push(Step::Tell(Box::new(second)));
    }
    steps
}

fn account(dice: &mut Dice, cast: &Cast, id: &str) -> AccountRecord {
    let mut phones = Vec::new();
    for (n, number) in cast.phones.iter().enumerate() {
        if n == 0 || !dice.one_in(4) {
            phones.push(phone(dice, cast, number));
        }
    }
    let person_id = dice.maybe(2, |_| "P0".into());
    if let Some((id, _)) = cast.people.first()
        && person_id.is_some()
        && dice.one_in(2)
    {
        one_telephone_of_two(dice, &mut phones, id);
    }
    let roles = [
        CollectorRole::ThirdParty,
        CollectorRole::DebtBuyer,
        CollectorRole::FirstParty,
    ];
    let parties = cast.people.iter().map(|(id, role)| PartyRecord {
        authorised: dice.maybe(3, |d| d.one_in(2)),
        employer: dice.maybe(3, |d| d.one_in(2)),
        person_id: Some((*id).into()),
        role: Some(*role),
    });
    AccountRecord {
        account_id: Some(id.into()),
        parties: parties.collect(),
        phones,
        person_id,
        collector_role: dice.maybe(3, |d| d.of(&roles)),
        creditor: dice.maybe(3, |d| d.of(&["acme", "zenith"]).into()),
        portfolio: dice.maybe(3, |d| d.of(&["prime", "old"]).into()),
        address: dice.maybe(6, |d| d.of(AddressStatus::ALL)),
        debts: debts(dice),
        emails: emails(dice, cast),
        ..AccountRecord::default()
    }
}

/// Of the consumer and of somebody else, filed in either order.
fn one_telephone_of_two(dice: &mut Dice, phones: &mut Vec<PhoneRecord>, other: &str) {
    let Some(first) = phones.pop() else { return };
    let of = |id: &str| PhoneRecord {
        person_id: Some(id.into()),
        ..first.clone()
    };
    let mut both = [of("P0"), of(other)];
    if dice.one_in(2) {
        both.reverse();
    }
    phones.extend(both);
}

fn phone(dice: &mut Dice, cast: &Cast, number: &str) -> PhoneRecord {
    let lines = [
        LineType::Wireless,
        LineType::Landline,
        LineType::Voip,
        LineType::Unknown,
    ];
    let owner = cast.people.first().filter(|_| dice.one_in(4));
    PhoneRecord {
        line_type: dice.maybe(1, |d| d.of(&lines)),
        number: Some(number.into()),
        person_id: owner.map(|(id, _)| (*id).into()),
        personal: dice.maybe(4, |d| !d.one_in(4)),
        place: dice.maybe(3, |d| d.of(&[PlaceKind::Home, PlaceKind::Employment])),
        wrong: dice.maybe(cast.calm * 4, |_| true),
    }
}

fn debts(dice: &mut Dice) -> Vec<DebtRecord> {
    let grouped = dice.one_in(4);
    let many = dice.index(4);
    (0..many)
        .map(|n| DebtRecord {
            debt_id: Some(format!("D{n}").as_str().into()),
            group: (grouped && n < 2).then(|| "G".into()),
            kind: dice.maybe(3, |d| d.of(DebtKind::ALL)),
            status: dice.maybe(12, |d| d.of(AccountStatus::ALL)),
        })
        .collect()
}

fn emails(dice: &mut Dice, cast: &Cast) -> Vec<EmailRecord> {
    let owner = cast.people.first().map(|(id, _)| *id);
    let list = cast
        .emails
        .iter()
        .filter(|_| !dice.one_in(3))
        .collect::<Vec<_>>();
    list.into_iter()
        .map(|address| EmailRecord {
            address: Some((*address).into()),
            employer_provided: dice.maybe(5, |d| d.one_in(2)),
            from_consumer: dice.maybe(3, |d| !d.one_in(4)),
            person_id: owner.filter(|_| dice.one_in(6)).map(Into::into),
            wrong: dice.maybe(cast.calm * 4, |_| true),
        })
        .collect()
}

fn one(dice: &mut Dice, cast: &mut Cast) -> Step {
    match dice.below(40) {
        0..=3 => {
            let mut record = about(dice, cast);
            let many = dice.of(&[1, 1, 1, 2, 3, 6, 7, 12, 30]);
            let spread = dice.of(&[1, 1, 1, 7, 7, 8, 8, 31, 70]);
            let pattern = attempt(dice, cast, spread);
            for _ in 0..many {
                let at = instant_before(dice, cast, spread);
                let other = attempt(dice, cast, spread);
                let pick = if dice.one_in(3) {
                    other
                } else {
                    pattern.clone()
                };
                record.attempts.push(AttemptRecord {
                    at: Some(UnixSeconds(at)),
                    // A call has one instant; several reports may speak of it.
                    call_id: dice.maybe(4, |_| format!("c{at}").as_str().into()),
                    ..pick
                });
            }
            told_again(dice, cast, &mut record);
            let named = record.attempts.iter().filter(|a| a.call_id.is_some());
            cast.told.extend(named.cloned());
            Step::Tell(Box::new(record))
        }
        4..=6 => {
            let mut record = about(dice, cast);
            record.facts = vec![if cast.theme.is_empty() {
                invent_facts::lenient(dice, cast)
            } else {
                invent_facts::of_theme(dice, cast)
            }];
            Step::Tell(Box::new(record))
        }
        7 if dice.one_in(cast.calm) => {
            let mut record = about(dice, cast);
            record.facts = vec![invent_facts::any(dice, cast)];
            Step::Tell(Box::new(record))
        }
        8 if dice.one_in(cast.calm) => Step::TellAll(Box::new(invent_facts::of_tenant(dice, cast))),
        9 if dice.one_in(cast.calm) => change(dice, cast),
        10 if dice.one_in(cast.calm) => kill(dice, cast),
        11 if dice.one_in(cast.calm * 4) => Step::Clock(dice.one_in(2)),
        12..=16 => Step::Settle(Report {
            back: dice.index(3),
            outcome: dice.of(&[
                Outcome::NotDialed,
                Outcome::NotConnected,
                Outcome::NoAnswer,
                Outcome::NoAnswer,
                Outcome::Voicemail,
                Outcome::Voicemail,
                Outcome::Conversation,
                Outcome::Sent,
            ]),
            ago: dice.maybe(2, |d| d.seconds(400)),
            debts: dice
                .maybe(5, |d| vec![d.of(&cast.debts).to_owned()])
                .unwrap_or_default(),
            actor: dice.one_in(2),
        }),
        17..=23 => Step::Wait(wait(dice, cast)),
        _ => Step::Ask(invent_asks::keyed(dice, cast)),
    }
}

/// Calls told before are told again, perhaps of another account, perhaps otherwise.
fn told_again(dice: &mut Dice, cast: &Cast, record: &mut AccountRecord) {
    if cast.told.is_empty() || !dice.one_in(3) {
        return;
    }
    record.attempts.clear();
    let newest = cast.told.len().min(8);
    let same = dice.one_in(2);
    for known in &cast.told[cast.told.len() - newest..] {
        let mut again = known.clone();
        if !same {
            let other = attempt(dice, cast, 1);
            again.outcome = other.outcome.filter(|_| again.channel.is_none());
            again.outcome = again.outcome.or(known.outcome);
            again.inbound = other.inbound;
            again.debts = other.debts;
            again.conversation_about = other.conversation_about;
            again.in_response_to = other.in_response_to;
        }
        record.attempts.push(again);
    }
}

pub(crate) fn about(dice: &mut Dice, cast: &Cast) -> AccountRecord {
    AccountRecord {
        account_id: Some(dice.of(&cast.accounts).into()),
        reason: dice.maybe(2, |_| "asked".into()),
        ..AccountRecord::default()
    }
}

/// Something about the account itself changes.
fn change(dice: &mut Dice, cast: &Cast) -> Step {
    let mut record = about(dice, cast);
    match dice.below(5) {
        0 => record.status = Some(dice.of(AccountStatus::ALL)),
        1 => {
            let number = cast.phones[dice.index(cast.phones.len())].clone();
            let mut phone = phone(dice, cast, &number);
            phone.wrong = dice.maybe(2, |d| d.one_in(2));
            phone.person_id = None;
            record.phones = vec![phone];
        }
        2 => record.address = Some(dice.of(AddressStatus::ALL)),
        3 => {
            record.debts = debts(dice);
        }
        _ => {
            record.zip = Some(dice.of(REGIONS).0)
                .filter(|zip| !zip.is_empty())
                .map(Into::into);
        }
    }
    Step::Tell(Box::new(record))
}

fn kill(dice: &mut Dice, cast: &Cast) -> Step {
    let scope = dice.of(KillScope::ALL);
    let state = cast.law.first().map_or("GA", |state| &**state).to_owned();
    let value = match scope {
        KillScope::Tenant => "agency".to_owned(),
        KillScope::Portfolio => dice.of(&["prime", "old"]).to_owned(),
        KillScope::State => state,
        KillScope::Channel => dice.of(&["phone", "sms"]).to_owned(),
    };
    let on = dice.one_in(3);
    Step::Kill(KillRecord {
        on,
        reason: (!on).then(|| "over".into()),
        scope,
        value: value.as_str().into(),
    })
}

/// A call or message, mostly outbound and unanswered.
fn attempt(dice: &mut Dice, cast: &Cast, spread: u64) -> AttemptRecord {
    let outcomes = [
        Outcome::NoAnswer,
        Outcome::NoAnswer,
        Outcome::NoAnswer,
        Outcome::Voicemail,
        Outcome::VoicemailUnableToLeave,
        Outcome::Dropped,
        Outcome::Conversation,
        Outcome::NotConnected,
        Outcome::NotDialed,
        Outcome::WrongNumber,
    ];
    let mut one = AttemptRecord {
        at: Some(UnixSeconds(instant_before(dice, cast, spread))),
        outcome: Some(dice.of(&outcomes)),
        phone: Some(cast.phones[dice.index(cast.phones.len())].as_str().into()),
        debts: debt_names(dice, cast).into_iter().map(Into::into).collect(),
        conversation_about: dice
            .maybe(8, |d| vec![d.of(&cast.debts).into()])
            .unwrap_or_default(),
        inbound: dice.maybe(8, |_| true),
        prerecorded: dice.maybe(5, |_| true),
        in_response_to: dice.maybe(10, |d| d.of(Inbound::ALL)),
        purpose: dice.maybe(20, |d| d.of(Purpose::ALL)),
        ..AttemptRecord::default()
    };
    match dice.below(10) {
        0 | 1 => (one.channel, one.outcome) = (Some(Channel::Sms), Some(Outcome::Sent)),
        2 => {
            one.phone = None;
            one.address = Some(dice.of(&cast.emails).into());
            (one.channel, one.outcome) = (Some(Channel::Email), Some(Outcome::Sent));
        }
        3 => {
            one.phone = None;
            (one.channel, one.outcome) = (Some(Channel::Mail), Some(Outcome::Sent));
        }
        _ => {}
    }
    one
}

pub(crate) fn debt_names(dice: &mut Dice, cast: &Cast) -> Vec<&'static str> {
    match dice.below(6) {
        0 | 1 => vec![dice.of(&cast.debts)],
        2 => vec!["D0", "D1"],
        _ => Vec::new(),
    }
}

/// A past instant, mostly on an edge of some local day.
pub(crate) fn instant_before(dice: &mut Dice, cast: &Cast, days: u64) -> i64 {
    let back = dice.seconds(days);
    let edge = edge(dice, cast, -back);
    edge.filter(|at| *at <= cast.now)
        .unwrap_or_else(|| cast.now - back * DAY - dice.seconds(3_600))
}

/// An instant at which a wall clock of the story shows midnight, eight, nine or noon, or is a
/// second off.
pub(crate) fn edge(dice: &mut Dice, cast: &Cast, days: i64) -> Option<i64> {
    if cast.zones.is_empty() {
        return None;
    }
    let zone = local::zone(&cast.zones[dice.index(cast.zones.len())]);
    let second = dice.of(&[0, 0, 8, 8, 12, 15, 15, 19, 21]) * 3_600 + dice.of(&[-1, 0, 0, 1]);
    let day = zone.day(cast.now) + days;
    let shows = |at: &i64| zone.local(*at).day * DAY + zone.local(*at).second == day * DAY + second;
    zone.instants(day, second).find(shows)
}

fn wait(dice: &mut Dice, cast: &Cast) -> i64 {
    let by = match dice.below(10) {
        0 => dice.seconds(60),
        1 => 300 + dice.of(&[-1, 0, 1]),
        2 => cast.gap.max(10) + dice.of(&[-1, 0, 1]),
        3 => dice.seconds(7_200),
        4 | 5 => {
            let days = dice.of(&[6, 7, 7, 8, 1, 30, 31]);
            edge(dice, cast, days).map_or(DAY, |at| at - cast.now)
        }
        _ => {
            let days = dice.of(&[0, 0, 1, 1, 2]);
            edge(dice, cast, days).map_or(3_600, |at| at - cast.now)
        }
    };
    // A story stays near the day it was set on.
    let most = cast.start + 75 * DAY - cast.now;
    by.max(1).min(most.max(1))
}
