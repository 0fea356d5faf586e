//! An account, put together from what its reads tell.
//!
//! What is read restricts, and tells of numbers and places. It lifts one thing alone: disputes that the
//! system says were answered, as of when it says so. A status `open` lifts nothing, because nobody can
//! say whether the system heard already what closed the account here.

use super::{Whl, attempts, disputes};
use crate::domain::record::{
    AccountRecord, EmailRecord, FactKind, FactRecord, Personal, PhoneRecord,
};
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::domain::words::{LineType, Medium, PlaceKind};
use crate::sor::call::{Heard, Request};
use crate::sor::dialect::field_map::{
    Field, FieldMap, Found, Meaning, Sign, Tree, named, number, restrict,
};
use crate::sor::dialect::status::verdict;
use crate::sor::dialect::whereabouts::Whereabouts;
use crate::sor::dialect::{Hydrated, Verdict};
use crate::sor::route::Duty;
use crate::wire::email;

/// Phones and addresses of one account at most; what stands behind them is not contacted.
const POINTS_MAX: usize = 16;

/// The account, once every read was answered.
pub(super) fn of(
    whl: &Whl,
    account: &str,
    heard: &[Heard],
    zone: Option<ZoneId>,
    now: UnixSeconds,
) -> Hydrated {
    let reads = whl.reads_of(account);
    let Some((heard, of_lists)) = heard.split_at_checked(reads.len()) else {
        return Hydrated::Unreadable;
    };
    let lists = lists(whl, account, heard);
    if lists.len() != of_lists.len() {
        return Hydrated::Unreadable;
    }
    let mut told = Vec::new();
    for ((duty, _), heard) in reads.iter().zip(heard) {
        match answer(*duty, heard) {
            Answer::Tells(tree) => told.push((*duty, tree)),
            Answer::HasNothing if *duty == Duty::AccountCard => return Hydrated::NoSuchAccount,
            Answer::HasNothing => {}
            Answer::Unreadable => return Hydrated::Unreadable,
        }
    }
    let card = told.iter().find(|(duty, _)| *duty == Duty::AccountCard);
    let Some((_, card)) = card.filter(|(_, card)| is_of(&whl.map, card, account)) else {
        return Hydrated::Unreadable;
    };
    let mut record = carded(&whl.map, account, card);
    for (duty, tree) in &told {
        match duty {
            Duty::Alerts => {
                let Some(signs) = alerts(&whl.map, tree) else {
                    return Hydrated::Unreadable;
                };
                for sign in signs {
                    restrict(&mut record, sign);
                }
            }
            Duty::Compliance => flags(&whl.map, tree, &mut record),
            // A list under a name nobody knows, or half of one, is not an empty one.
            Duty::Disputes | Duty::Attempts if !whl.map.is_whole_listing(tree) => {
                return Hydrated::Unreadable;
            }
            Duty::Disputes => disputes::of(&whl.map, account, tree, (zone, now), &mut record.facts),
            Duty::Attempts => match attempts::of(&whl.map, account, tree, (zone, now)) {
                Some(attempts) => record.attempts = attempts,
                None => return Hydrated::Unreadable,
            },
            _ => {}
        }
    }
    for ((number, _), heard) in lists.iter().zip(of_lists) {
        match answer(Duty::CheckDoNotCall, heard) {
            Answer::Tells(tree) => match whl.map.is_listed(&tree) {
                Some(true) => record.facts.push(do_not_call(number)),
                Some(false) => {}
                // Not told is not "no".
                None => return Hydrated::Unreadable,
            },
            Answer::HasNothing => {}
            Answer::Unreadable => return Hydrated::Unreadable,
        }
    }
    let mut line = crate::domain::record::Line::Account(Box::new(record));
    if crate::wire::ingest::check(&mut line).is_err() {
        return Hydrated::Unreadable;
    }
    match line {
        crate::domain::record::Line::Account(record) => Hydrated::Known(record),
        _ => Hydrated::Unreadable,
    }
}

/// The questions whether the numbers of a card are on the system's do-not-call list, each with its
/// number. The system tells that of one number at a time.
pub(super) fn lists(whl: &Whl, account: &str, heard: &[Heard]) -> Vec<(Personal, Request)> {
    let mut reads = whl.reads_of(account).into_iter().zip(heard);
    let card = reads.find(|((duty, _), _)| *duty == Duty::AccountCard);
    let card = card.map(|(_, heard)| answer(Duty::AccountCard, heard));
    let Some(Answer::Tells(card)) = card else {
        return Vec::new();
    };
    let mut record = AccountRecord::default();
    phones(&whl.map, &card, &mut record);
    let numbers = record.phones.into_iter().filter_map(|phone| phone.number);
    let question = |number: Personal| {
        let digits = number.as_str().trim_start_matches("+1").to_owned();
        Some((number, whl.request(Duty::CheckDoNotCall, &[&digits])?))
    };
    numbers.filter_map(question).collect()
}

/// What the alerts of an account speak of; none: they cannot be read, or are not all of them.
fn alerts(map: &FieldMap, tree: &Tree) -> Option<Vec<Sign>> {
    if !map.is_understood(tree) {
        return None;
    }
    let mut signs = map.alerted(tree);
    let tags = map.values(tree, Field::Tags).into_iter();
    signs.extend(tags.flat_map(|value| map.alerted(value)));
    Some(signs)
}

fn do_not_call(number: &Personal) -> FactRecord {
    FactRecord {
        fact: Some(FactKind::DoNotCall),
        phone: Some(number.clone()),
        ..FactRecord::default()
    }
}

/// What one read came to.
enum Answer {
    Tells(Tree),
    HasNothing,
    Unreadable,
}

/// A system without such a read, or without anything to tell, says 404. Whoever is refused was not
/// told that there is nothing.
fn answer(duty: Duty, heard: &Heard) -> Answer {
    match (heard.status, verdict(heard.status)) {
        (404 | 410, _) => Answer::HasNothing,
        (204 | 405 | 501, _) if duty != Duty::AccountCard => Answer::HasNothing,
        (_, Verdict::Done) => Tree::of_json(&heard.body).map_or(Answer::Unreadable, Answer::Tells),
        _ => Answer::Unreadable,
    }
}

/// Whether a card is that account's. One that names none is nobody's: an error told with status 200
/// must not become an account.
pub(super) fn is_of(map: &FieldMap, card: &Tree, account: &str) -> bool {
    id_of(map, card).as_deref() == Some(account)
}

/// The account a card is of.
pub(super) fn id_of(map: &FieldMap, card: &Tree) -> Option<Box<str>> {
    match map.accounts(card) {
        Found::One(id) => Some(id),
        Found::Nothing => map.name(card, Field::OwnId),
        Found::Several(_) => None,
    }
}

/// What the card itself tells.
fn carded(map: &FieldMap, account: &str, card: &Tree) -> AccountRecord {
    let mut record = AccountRecord {
        account_id: named(account).map(Personal),
        creditor: map.name(card, Field::Creditor).map(Personal),
        person_id: map.name(card, Field::PersonId).map(Personal),
        portfolio: map.name(card, Field::Portfolio).map(Personal),
        ..AccountRecord::default()
    };
    whereabouts(map, card).put(&mut record);
    flags(map, card, &mut record);
    for value in map.values(card, Field::Tags) {
        let signs = map.alerted(value);
        for sign in signs {
            restrict(&mut record, sign);
        }
    }
    phones(map, card, &mut record);
    emails(map, card, &mut record);
    record
}

/// Restrictions by flags and by the status.
fn flags(map: &FieldMap, tree: &Tree, record: &mut AccountRecord) {
    // A flag on one number is that number's.
    for sign in map
        .flagged(tree)
        .into_iter()
        .filter(|sign| *sign != Sign::Wrong)
    {
        restrict(record, sign);
    }
    for text in map.texts(tree, Field::Status) {
        map.spoken(text)
            .into_iter()
            .for_each(|sign| restrict(record, sign));
    }
}

/// Every place the card names.
fn whereabouts(map: &FieldMap, card: &Tree) -> Whereabouts {
    let mut all = Whereabouts::default();
    for (field, take) in [
        (
            Field::State,
            Whereabouts::state as fn(&mut Whereabouts, &str),
        ),
        (Field::Zip, Whereabouts::zip),
    ] {
        for value in map.values(card, field) {
            place(value, take, &mut all);
        }
    }
    all
}

/// What stands where a place stands: a text, or an object or a list of them.
fn place(value: &Tree, take: fn(&mut Whereabouts, &str), all: &mut Whereabouts) {
    match value {
        Tree::Null => {}
        Tree::Text(text) => take(all, text),
        Tree::Flag(_) | Tree::Fraction(_) => all.unread(),
        Tree::List(items) => items.iter().for_each(|item| place(item, take, all)),
        Tree::Object(fields) => fields.iter().for_each(|(_, value)| place(value, take, all)),
    }
}

fn phones(map: &FieldMap, card: &Tree, record: &mut AccountRecord) {
    for value in map.points(card, Field::Phone) {
        let texts = map.own_points(value);
        for found in texts.into_iter().filter_map(number) {
            let spelt = Personal::from(found.e164().as_str());
            let known = record
                .phones
                .iter()
                .any(|phone| phone.number.as_ref() == Some(&spelt));
            if known || record.phones.len() >= POINTS_MAX {
                continue;
            }
            record.phones.push(PhoneRecord {
                line_type: line_type(map, value),
                place: is_at_work(map, value).then_some(PlaceKind::Employment),
                wrong: is_wrong(map, value).then_some(true),
                number: Some(spelt.clone()),
                ..PhoneRecord::default()
            });
            record.facts.extend(refusals(map, value, &spelt));
        }
    }
}

/// What a number's own flags and words refuse.
fn refusals(map: &FieldMap, value: &Tree, number: &Personal) -> Vec<FactRecord> {
    let signs = own_signs(map, value);
    let mut facts = Vec::new();
    if signs.contains(&Sign::DoNotCall) || signs.contains(&Sign::Cease) {
        facts.push(do_not_call(number));
    }
    if signs.contains(&Sign::NoTexts) || signs.contains(&Sign::Cease) {
        facts.push(FactRecord {
            fact: Some(FactKind::ContactOptOut),
            medium: Some(Medium::Texts),
            phone: Some(number.clone()),
            ..FactRecord::default()
        });
    }
    facts
}

fn emails(map: &FieldMap, card: &Tree, record: &mut AccountRecord) {
    for value in map.points(card, Field::Email) {
        for text in map.own_points(value) {
            let Some(address) = email::normalise(text) else {
                continue;
            };
            let address = Personal::from(&*address);
            let known = record
                .emails
                .iter()
                .any(|known| known.address.as_ref() == Some(&address));
            if known || record.emails.len() >= POINTS_MAX {
                continue;
            }
            record.emails.push(EmailRecord {
                employer_provided: is_at_work(map, value).then_some(true),
                wrong: is_wrong(map, value).then_some(true),
                address: Some(address.clone()),
                ..EmailRecord::default()
            });
            let signs = own_signs(map, value);
            if signs.contains(&Sign::NoEmail) || signs.contains(&Sign::Cease) {
                record.facts.push(FactRecord {
                    fact: Some(FactKind::ContactOptOut),
                    address: Some(address),
                    ..FactRecord::default()
                });
            }
        }
    }
}

/// Signs on one number or address.
fn own_signs(map: &FieldMap, value: &Tree) -> Vec<Sign> {
    if value.fields().is_empty() {
        return Vec::new();
    }
    let mut signs = map.flagged(value);
    for field in [Field::Kind, Field::Status] {
        for text in map.texts(value, field) {
            signs.extend(map.spoken(text));
        }
    }
    signs
}

fn is_wrong(map: &FieldMap, value: &Tree) -> bool {
    own_signs(map, value).contains(&Sign::Wrong)
}

fn kinds<'t>(map: &FieldMap, value: &'t Tree) -> Vec<&'t str> {
    if value.fields().is_empty() {
        return Vec::new();
    }
    map.texts(value, Field::Kind)
}

fn is_at_work(map: &FieldMap, value: &Tree) -> bool {
    kinds(map, value)
        .iter()
        .any(|text| map.means(text, Meaning::Employment))
}

/// Landline and voice over IP only where nothing says wireless.
fn line_type(map: &FieldMap, value: &Tree) -> Option<LineType> {
    let kinds = kinds(map, value);
    let says = |meaning| kinds.iter().any(|text| map.means(text, meaning));
    if says(Meaning::Wireless) {
        Some(LineType::Wireless)
    } else if says(Meaning::Voip) {
        Some(LineType::Voip)
    } else {
        says(Meaning::Landline).then_some(LineType::Landline)
    }
}
