//! COMPLIANCE by the text: what no time cures.

use dialgate::domain::verdict::Code;
use dialgate::domain::words::{
    BankruptcyStatus, Channel, DebtKind, Form, HoldKind, NoticeKind, OverrideKind, PartyRole,
    Purpose,
};

use super::case::{Case, Codes, note};
use super::local::{date_of, day_of, weekday};
use super::world::{Bankruptcy, Notice, Person, Scope, World};

pub(crate) fn codes(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    bankruptcy(case, &mut found);
    standing(case, &mut found);
    cease(case, at, &mut found);
    attorney(case, at, &mut found);
    disputes(case, at, &mut found);
    holds(case, at, &mut found);
    found
}

fn known<'a>(world: &'a World, id: &str) -> Option<&'a Person> {
    world.people.get(id)
}

/// Whether the person is asked for as one who owes on their own, or as the attorney: what others
/// said does not bind them.
fn alone(case: &Case<'_>) -> bool {
    matches!(case.role(), Some(PartyRole::CoDebtor | PartyRole::Attorney))
}

/// Whose wishes bind: the person's, and those of the consumer they stand for.
fn bound(case: &Case<'_>) -> Vec<Person> {
    let consumer = known(case.world, &case.account.consumer).filter(|_| !alone(case));
    std::iter::once(&case.who)
        .chain(consumer)
        .cloned()
        .collect()
}

/// A debtor's case protects the debtor, whoever stands for them, and, in chapters 12 and 13, who
/// owes a consumer debt with them.
fn bankruptcy(case: &Case<'_>, found: &mut Codes) {
    let co_debtor = case.role() == Some(PartyRole::CoDebtor);
    let consumer = known(case.world, &case.account.consumer).filter(|_| !co_debtor);
    let debtors = std::iter::once(&case.who).chain(consumer);
    for debtor in debtors {
        for debt in &case.debts {
            note(found, stayed(debtor, debt, |_| true), Code::Bankruptcy);
            note(found, discharged(debtor, debt), Code::BankruptcyDischarged);
        }
    }
    let owing = case
        .account
        .parties
        .iter()
        .filter(|p| p.role == PartyRole::CoDebtor);
    let owing = owing
        .map(|p| &p.person)
        .chain([&case.account.consumer].into_iter().filter(|_| co_debtor));
    for other in owing.filter(|id| **id != case.person) {
        let Some(other) = known(case.world, other) else {
            continue;
        };
        let commercial = |key: &String| {
            let mut debts = case.account.debts.iter().filter(|d| d.key == *key);
            debts.any(|d| d.kind == DebtKind::Commercial)
        };
        let chapter = |chapter: Option<u8>| chapter.is_none_or(|n| n == 12 || n == 13);
        let any = case
            .debts
            .iter()
            .any(|debt| !commercial(debt) && stayed(other, debt, chapter));
        note(found, any, Code::BankruptcyCoDebtor);
    }
}

fn reaches(case: &Bankruptcy, debt: &str) -> bool {
    match &case.scope {
        Scope::Debts(debts) => debts.contains(debt),
        Scope::Everything | Scope::Account(_) => true,
    }
}

/// What became of cases that reach the debt, in the order it happened, told first of two at once.
fn history<'a>(who: &'a Person, debt: &str) -> Vec<&'a Bankruptcy> {
    let all = who.bankruptcies.iter().filter(|b| reaches(b, debt));
    let mut all: Vec<&Bankruptcy> = all.collect();
    all.sort_by_key(|b| b.since);
    all
}

fn same_case(one: &Bankruptcy, other: &Bankruptcy) -> bool {
    one.chapter == other.chapter || one.chapter.is_none() || other.chapter.is_none()
}

/// A petition that reaches the debt and that nothing later about the same case has ended.
fn stayed(who: &Person, debt: &str, counts: impl Fn(Option<u8>) -> bool) -> bool {
    let all = history(who, debt);
    all.iter().enumerate().any(|(n, filed)| {
        let mut later = all[n + 1..].iter();
        filed.status == BankruptcyStatus::Filed
            && counts(filed.chapter)
            && !later
                .any(|later| later.status != BankruptcyStatus::Filed && same_case(later, filed))
    })
}

/// A discharge that reaches the debt, not followed by a reaffirmation, nor preceded by one since its
/// own petition.
fn discharged(who: &Person, debt: &str) -> bool {
    let all = history(who, debt);
    all.iter().enumerate().any(|(n, discharge)| {
        let agreed = |b: &&&Bankruptcy| b.status == BankruptcyStatus::Reaffirmed;
        let after = all[n + 1..].iter().filter(agreed).count();
        let before = &all[..n];
        let petition = before
            .iter()
            .rposition(|b| b.status == BankruptcyStatus::Filed && same_case(b, discharge));
        let since = petition.map_or(&[][..], |petition| &before[petition..]);
        let since = since.iter().filter(agreed);
        let since = since.filter(|b| same_case(b, discharge)).count();
        discharge.status == BankruptcyStatus::Discharged && after + since == 0
    })
}

fn standing(case: &Case<'_>, found: &mut Codes) {
    let role = case.role().unwrap_or(PartyRole::Unknown);
    let consumer = known(case.world, &case.account.consumer)
        .cloned()
        .unwrap_or_default();
    let mut parties = case
        .account
        .parties
        .iter()
        .filter(|p| p.person == case.person);
    let authorised = parties.any(|p| p.authorised)
        || case.purpose(case.world.now) == Purpose::LocationInformation;
    let stands = case.person != case.account.consumer
        && matches!(
            role,
            PartyRole::Spouse
                | PartyRole::Parent
                | PartyRole::Guardian
                | PartyRole::Executor
                | PartyRole::Successor
                | PartyRole::CoDebtor
                | PartyRole::Attorney
        );
    let dead = case.who.deceased || (consumer.deceased && !stands && !authorised);
    note(found, dead, Code::Deceased);
    // Marriage does not make one speak for a minor.
    let raises = stands && role != PartyRole::Spouse;
    note(
        found,
        case.who.minor || (consumer.minor && !raises && !authorised),
        Code::Minor,
    );
    let policy = case.world.policy.military_blocks;
    let serves = |who: &Person, day: i64| {
        who.military
            .is_some_and(|until| until.is_none_or(|until| day <= until))
    };
    let days = case.days(case.world.now);
    let serving = bound(case)
        .iter()
        .any(|who| days.iter().any(|day| serves(who, *day)));
    note(found, policy && serving, Code::Military);
}

fn cease(case: &Case<'_>, at: i64, found: &mut Codes) {
    if case.role() == Some(PartyRole::Attorney) && case.person != case.account.consumer {
        return;
    }
    let oral_counts = case
        .rules
        .iter()
        .any(|rule| rule.kind == "cease_request" && case.in_force(rule, at));
    let lifted = matches!(
        case.purpose(at),
        Purpose::NoticeOfRemedy | Purpose::TerminateEfforts
    );
    let asked = case
        .ceases()
        .into_iter()
        .filter(|c| c.form == Form::Written || oral_counts)
        .any(|c| !case.answers_anew(at, c.received, c.answered));
    note(found, asked && !lifted, Code::Cease);
}

fn attorney(case: &Case<'_>, at: i64, found: &mut Codes) {
    if case.role() == Some(PartyRole::Attorney) && case.person != case.account.consumer {
        return;
    }
    let permitted = case.overridden(OverrideKind::CourtPermission, 3, at);
    let rules = || {
        case.rules
            .iter()
            .filter(|r| r.kind == "attorney" && case.in_force(r, at))
    };
    let word_suffices = rules().any(|rule| rule.word("notice") == "oral_by_consumer");
    for who in bound(case) {
        for known in &who.attorneys {
            let federal = known.contact_known && !permitted;
            let state = word_suffices || (known.contact_known && rules().count() > 0);
            let concerns = case.is_concerned(&known.scope);
            let answers = case.answers_anew(at, known.since, known.answered);
            let blocks = concerns && !known.lifted && (federal || state) && !answers;
            note(found, blocks, Code::Attorney);
        }
    }
}

/// A written dispute inside the validation period, until it is answered.
fn disputes(case: &Case<'_>, at: i64, found: &mut Codes) {
    for dispute in &case.account.disputes {
        let open = dispute.form == Form::Written
            && dispute.answered.is_none_or(|answered| answered > at)
            && dispute.scope.touches(&case.q.account, &case.debts);
        let inside = dispute.said_in_period || in_period(case, dispute.received);
        note(found, open && inside, Code::DisputePending);
    }
}

/// Whether an instant lies inside the validation period, in whichever place makes it so.
fn in_period(case: &Case<'_>, received: i64) -> bool {
    let sent = case
        .account
        .notices
        .iter()
        .filter(|n| n.kind == NoticeKind::Validation && n.returned.is_none());
    let Some(newest) = sent.map(|n| n.sent).max() else {
        return true;
    };
    let sent = case.days(newest).into_iter().max().unwrap_or(0);
    let said = case.days(received).into_iter().min().unwrap_or(0);
    let mut receipt = sent;
    let mut business = 0;
    while business < 5 {
        receipt += 1;
        business += i64::from(weekday(receipt) < 6 && !holiday(receipt));
    }
    said <= receipt + 30
}

/// 5 USC 6103(a), the date itself and the one it is observed on.
pub(crate) fn holiday(day: i64) -> bool {
    legal(day) || (weekday(day) == 5 && fixed(day + 1)) || (weekday(day) == 1 && fixed(day - 1))
}

fn fixed(day: i64) -> bool {
    let (_, month, date) = date_of(day);
    [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)].contains(&(month, date))
}

fn legal(day: i64) -> bool {
    let (year, month, date) = date_of(day);
    let nth = (date - 1) / 7 + 1;
    let monday = weekday(day) == 1;
    let last = date_of(day + 7).1 != month;
    fixed(day)
        || (monday && [(1, 3), (2, 3), (9, 1), (10, 2)].contains(&(month, nth)))
        || (monday && month == 5 && last)
        || (month == 11 && weekday(day) == 4 && nth == 4)
        || day == day_of(year, 1, 1)
}

fn holds(case: &Case<'_>, at: i64, found: &mut Codes) {
    let stolen = case.account.identity_theft.iter();
    let stolen = stolen
        .filter(|s| s.touches(&case.q.account, &case.debts))
        .count()
        > 0;
    note(found, stolen, Code::IdentityTheft);
    for (hold, (since, until)) in &case.account.holds {
        let ended = until.is_some_and(|until| until <= at);
        let given = |n: &&Notice| {
            n.kind == NoticeKind::ItemisedStatement
                && (*since..=at).contains(&n.sent)
                && n.returned.is_none()
        };
        // What was asked for is on its way, or is this letter.
        let letter = case.channel_is(Channel::Mail) && case.purpose(at) == Purpose::LegallyRequired;
        let given = case.account.notices.iter().filter(given).count() > 0 || letter;
        let over = ended || (given && *hold == HoldKind::Itemisation);
        let code = match hold {
            HoldKind::Court => Code::CourtHold,
            HoldKind::Litigation => Code::LitigationHold,
            HoldKind::CharityCare | HoldKind::Itemisation => Code::StateHold,
            HoldKind::Creditor | HoldKind::SystemOfRecord => continue,
        };
        note(found, !over, code);
    }
}
