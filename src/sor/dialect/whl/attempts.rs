//! The attempts of an account, by the system's call log.

use crate::domain::record::{AttemptRecord, Personal};
use crate::domain::time::{SECONDS_PER_DAY, UnixSeconds, ZoneId};
use crate::domain::words::{Channel, Outcome};
use crate::sor::dialect::field_map::{Field, FieldMap, Found, Meaning, OUTCOMES, Tree, number};
use crate::sor::dialect::formats;

/// Attempts of one account that are taken in: what a file may hold of them by its length in bytes.
const ATTEMPTS_MAX: usize = 64;
/// Older ones are in no window that anything counts by.
const AGE_MAX_S: i64 = 45 * SECONDS_PER_DAY;

/// The attempts the log has of the account, the newest first; `None`: one of them does not say when it
/// was made, and without it the counts would be too low.
pub(super) fn of(
    map: &FieldMap,
    account: &str,
    log: &Tree,
    (zone, now): (Option<ZoneId>, UnixSeconds),
) -> Option<Vec<AttemptRecord>> {
    let rows = map.rows(log).into_iter();
    let rows = rows.filter(|row| match map.accounts(row) {
        // Who asked for one account's calls and is not told whose they are takes them as its own.
        Found::Nothing => !row.fields().is_empty(),
        found => found.all().iter().any(|id| **id == *account),
    });
    let read: Option<Vec<AttemptRecord>> = rows.map(|row| attempt(map, row, (zone, now))).collect();
    let mut all = read?;
    all.retain(|attempt| attempt.at >= Some(now.minus(AGE_MAX_S)));
    all.sort_by_key(|attempt| std::cmp::Reverse(attempt.at));
    all.truncate(ATTEMPTS_MAX);
    Some(all)
}

fn attempt(
    map: &FieldMap,
    row: &Tree,
    (zone, now): (Option<ZoneId>, UnixSeconds),
) -> Option<AttemptRecord> {
    let at = instant(map, row, zone)?.min(now);
    let phone = map.texts(row, Field::Phone).into_iter().find_map(number);
    Some(AttemptRecord {
        at: Some(at),
        call_id: map.name(row, Field::CallId).map(Personal),
        channel: Some(Channel::Phone),
        inbound: is_inbound(map, row).then_some(true),
        outcome: Some(outcome(map, row)),
        phone: phone.map(|number| Personal::from(number.e164().as_str())),
        ..AttemptRecord::default()
    })
}

/// The latest instant a row can mean.
fn instant(map: &FieldMap, row: &Tree, zone: Option<ZoneId>) -> Option<UnixSeconds> {
    let texts = map.texts(row, Field::AttemptAt);
    let instants = texts.iter().filter_map(|text| {
        let exact = UnixSeconds::parse(text).ok();
        exact.or_else(|| {
            formats::stamp(text)
                .known()
                .map(|stamp| formats::latest(stamp, zone))
        })
    });
    instants.max()
}

fn is_inbound(map: &FieldMap, row: &Tree) -> bool {
    let values = map.values(row, Field::Direction);
    !values.is_empty()
        && values.iter().all(|value| match value {
            Tree::Flag(flag) => *flag,
            _ => value
                .text()
                .is_some_and(|text| map.means(text, Meaning::Inbound)),
        })
}

/// The strictest outcome its words can mean. What nobody knows was a conversation: it may have been.
fn outcome(map: &FieldMap, row: &Tree) -> Outcome {
    let texts = map.texts(row, Field::Outcome);
    let means = |meaning| texts.iter().any(|text| map.means(text, meaning));
    let known = OUTCOMES.iter().find(|(meaning, _)| means(*meaning));
    known.map_or(Outcome::Conversation, |(_, outcome)| *outcome)
}
