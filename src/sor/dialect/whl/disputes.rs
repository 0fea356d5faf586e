//! The disputes of an account, by the system's list of them.

use crate::domain::record::{FactKind, FactRecord};
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::sor::dialect::field_map::{Field, FieldMap, Found, Meaning, Tree};
use crate::sor::dialect::formats;

/// Facts of disputes at most: more of them say nothing new.
const DISPUTES_MAX: usize = 8;

/// Adds what the list says: an open dispute restricts. Where all of them were answered, and all say
/// when, disputes up to then are; one that came since, and that the system may not have heard of,
/// stays.
pub(super) fn of(
    map: &FieldMap,
    account: &str,
    list: &Tree,
    (zone, now): (Option<ZoneId>, UnixSeconds),
    facts: &mut Vec<FactRecord>,
) {
    let rows = map.rows(list);
    let rows: Vec<&Tree> = rows
        .into_iter()
        .filter(|row| may_be_of(map, row, account))
        .collect();
    let open = rows.iter().filter(|row| !is_answered(map, row));
    let opened = open.map(|row| dispute(instant(map, row, Field::OpenedAt, zone)));
    let opened: Vec<FactRecord> = opened.take(DISPUTES_MAX).collect();
    if !opened.is_empty() {
        for fact in opened {
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        }
        return;
    }
    let answered: Option<Vec<UnixSeconds>> = rows
        .iter()
        .map(|row| instant(map, row, Field::ResolvedAt, zone))
        .collect();
    let newest = answered.and_then(|all| all.into_iter().max());
    facts.extend(newest.map(|at| FactRecord {
        at: Some(at.min(now)),
        fact: Some(FactKind::Verification),
        ..FactRecord::default()
    }));
}

/// A row that names no account is of whom was asked for.
fn may_be_of(map: &FieldMap, row: &Tree, account: &str) -> bool {
    match map.accounts(row) {
        Found::Nothing => !row.fields().is_empty(),
        found => found.all().iter().any(|id| **id == *account),
    }
}

fn is_answered(map: &FieldMap, row: &Tree) -> bool {
    let statuses = map.texts(row, Field::Status);
    let ended =
        |text: &&str| map.means(text, Meaning::Resolved) || (map.means(text, Meaning::Over));
    (!statuses.is_empty() && statuses.iter().all(ended))
        || (statuses.is_empty() && map.is_over(row))
}

/// The earliest instant a row can mean.
fn instant(map: &FieldMap, row: &Tree, field: Field, zone: Option<ZoneId>) -> Option<UnixSeconds> {
    let texts = map.texts(row, field);
    let instants = texts.iter().filter_map(|text| {
        let exact = UnixSeconds::parse(text).ok();
        exact.or_else(|| {
            formats::stamp(text)
                .known()
                .map(|stamp| formats::earliest(stamp, zone))
        })
    });
    instants.min()
}

/// When a dispute came in decides whether it came in time; unknown, it did.
fn dispute(at: Option<UnixSeconds>) -> FactRecord {
    FactRecord {
        at,
        fact: Some(FactKind::Dispute),
        in_period: at.is_none().then_some(true),
        ..FactRecord::default()
    }
}
