//! How a number came on the do-not-call list and off it again, from the rows that say so.
//!
//! The state names the newest of them, and each names the one before it (`w` in the row). So a
//! number's history costs one look at the ledger a change, no index entry a number, and is found
//! in rows of a million numbers as in rows of one. Blocks: never on a listening thread.

use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lookup::{self, Unreadable};
use crate::domain::ids::TenantNo;
use crate::domain::phone::PhoneNumber;
use crate::domain::record::{AccountRecord, FactKind, FactRecord, Personal, phone_of};
use crate::domain::time::UnixSeconds;
use crate::engine::kind_of;
use crate::engine::query::widened;
use crate::ledger::Index;
use crate::ledger::frame::RawRow;
use crate::ledger::row::SubjectView;
use crate::wire::do_not_call::ListingChange;
use crate::wire::record;
use crate::wire::subject::SubjectFields;

/// Changes of a history at most, and rows read for it.
pub const CHANGES_MAX: usize = 50;

/// Changes, newest first, and whether they go back to the first.
pub type History = (Vec<ListingChange>, bool);

/// A row of facts, as far as it tells of the list.
#[derive(Deserialize)]
struct FactsRow<'a> {
    #[serde(borrow, default)]
    r: Vec<LandedRow<'a>>,
    t: UnixTime,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct UnixTime(i64);

#[derive(Deserialize)]
struct LandedRow<'a> {
    a: Option<u32>,
    #[serde(borrow)]
    r: &'a RawValue,
    #[serde(default)]
    w: Vec<u32>,
}

/// What of a body is there without its subject.
#[derive(Deserialize)]
struct Bare<'a> {
    fact: Option<FactKind>,
    #[serde(default)]
    lifted: bool,
    #[serde(borrow)]
    until: Option<&'a str>,
}

/// What one row tells of a number.
#[derive(Debug, Default)]
struct Told {
    /// Newest first.
    changes: Vec<ListingChange>,
    /// Rows that may have said it before, by their low bits.
    before: Vec<u32>,
    /// Who is meant cannot be told any more.
    lost: bool,
}

/// The changes of a number's place on the list, beginning with row `newest` of the tenant's chain.
///
/// # Errors
/// [`Unreadable`].
pub(super) fn history(
    index: &Index,
    dir: &Path,
    tenant: TenantNo,
    number: PhoneNumber,
    newest: u64,
) -> Result<History, Unreadable> {
    let mut changes: Vec<ListingChange> = Vec::new();
    let mut next = vec![newest];
    for _ in 0..CHANGES_MAX {
        let mut told = None;
        // More than one only after a record that listed several numbers: all but one are about others.
        for seq in std::mem::take(&mut next) {
            let read = |row: &RawRow<'_>| told_by(row, number);
            let found = lookup::row(index, dir, tenant, seq, read)?;
            told = found
                .filter(|found| !found.changes.is_empty() || found.lost)
                .map(|found| (seq, found));
            if told.is_some() {
                break;
            }
        }
        let Some((seq, found)) = told else {
            return Ok((changes, false));
        };
        changes.extend(found.changes);
        if found.lost {
            return Ok((changes, false));
        }
        next = found.before.iter().map(|low| widened(*low, seq)).collect();
        next.retain(|row| *row > 0 && *row < seq);
        if next.is_empty() {
            return Ok((changes, true));
        }
    }
    Ok((changes, false))
}

/// An outcome, as far as it tells of the list.
#[derive(Deserialize)]
struct OutcomeRow {
    /// When the facts it states took effect.
    fa: Option<i64>,
    t: i64,
}

/// An outcome put the number on the list: outcomes take none off it. Such rows do not name the row
/// before them, so the history ends here.
fn told_by_outcome(row: &RawRow<'_>, number: PhoneNumber) -> Told {
    let read = serde_json::from_slice::<OutcomeRow>(row.body);
    let at = read.map_or(0, |read| read.fa.unwrap_or(read.t));
    let mut change = ListingChange {
        row_id: row.head.seq,
        at: UnixSeconds(at),
        action: Some(action(false)),
        source: Some("outcome".to_owned()),
        ..ListingChange::default()
    };
    match row.subjects.clone().next() {
        Some(SubjectView::Present(subject)) => {
            let fields = SubjectFields::decode(subject.bytes).unwrap_or_default();
            // A row may be looked at for want of knowing which of two numbers it was about. Where it
            // names none, the decision it settles did.
            let said = fields.phone.as_deref();
            if said.is_some_and(|said| PhoneNumber::parse(said) != Ok(number)) {
                return Told::default();
            }
            change.actor = fields.actor.map(Into::into);
            change.account_id = Some(fields.account_id.into_owned()).filter(|id| !id.is_empty());
        }
        Some(SubjectView::Erased) | None => change.erased = true,
    }
    Told {
        changes: vec![change],
        before: Vec::new(),
        lost: true,
    }
}

/// What a row tells of a number.
fn told_by(row: &RawRow<'_>, number: PhoneNumber) -> Told {
    if kind_of(row.body) == Some(b'o') {
        return told_by_outcome(row, number);
    }
    let Ok(body) = serde_json::from_slice::<FactsRow<'_>>(row.body) else {
        return Told {
            lost: true,
            ..Told::default()
        };
    };
    let recorded = UnixSeconds(body.t.0);
    let mut told = Told::default();
    let mut erased: Vec<&LandedRow<'_>> = Vec::new();
    for (landed, subject) in body.r.iter().zip(row.subjects.clone()) {
        let SubjectView::Present(subject) = subject else {
            erased.push(landed);
            continue;
        };
        let said = stated(landed, subject.bytes, number);
        if said.is_empty() {
            continue;
        }
        told.before.extend(&landed.w);
        for (fact, account_id) in said {
            let change = change(&fact, account_id.as_ref(), recorded);
            told.changes.insert(0, change);
        }
    }
    if told.changes.is_empty() && !erased.is_empty() {
        told = erased_change(&erased, recorded);
    }
    for change in &mut told.changes {
        change.row_id = row.head.seq;
    }
    told
}

/// The statements about the number in one item, in their order.
fn stated(
    landed: &LandedRow<'_>,
    subject: &[u8],
    number: PhoneNumber,
) -> Vec<(FactRecord, Option<Personal>)> {
    let body = landed.r.get().as_bytes();
    let about = |fact: &FactRecord| {
        let same = fact.phone.as_ref().and_then(phone_of) == Some(number);
        same && fact.fact == Some(FactKind::DoNotCall)
    };
    if landed.a.is_none() {
        let fact = record::restore_fact(body, subject).ok().filter(about);
        return fact.into_iter().map(|fact| (fact, None)).collect();
    }
    let Ok(record) = record::restore::<AccountRecord>(body, subject) else {
        return Vec::new();
    };
    let id = record.account_id;
    let facts = record.facts.into_iter().filter(about);
    facts.map(|fact| (fact, id.clone())).collect()
}

fn change(
    fact: &FactRecord,
    account_id: Option<&Personal>,
    recorded: UnixSeconds,
) -> ListingChange {
    let text = |text: Option<&Personal>| text.map(|text| text.as_str().to_owned());
    ListingChange {
        row_id: 0,
        at: fact.at.unwrap_or(recorded),
        action: Some(action(fact.lifted == Some(true))),
        until: fact.until,
        reason: text(fact.reason.as_ref()),
        source: text(fact.source.as_ref()),
        actor: text(fact.actor.as_ref()),
        document_id: text(fact.document_id.as_ref()),
        account_id: text(account_id),
        erased: false,
    }
}

fn action(lifted: bool) -> &'static str {
    if lifted { "remove" } else { "add" }
}

/// The personal fields are gone. Which number an item was about is known only when it can have been no
/// other.
fn erased_change(erased: &[&LandedRow<'_>], recorded: UnixSeconds) -> Told {
    let unknown = ListingChange {
        at: recorded,
        erased: true,
        ..ListingChange::default()
    };
    let bare = match erased {
        [only] if only.a.is_none() => serde_json::from_str::<Bare<'_>>(only.r.get()).ok(),
        _ => None,
    };
    match (bare, erased) {
        (Some(bare), [only]) if bare.fact == Some(FactKind::DoNotCall) => Told {
            changes: vec![ListingChange {
                action: Some(action(bare.lifted)),
                until: bare.until.and_then(|text| UnixSeconds::parse(text).ok()),
                ..unknown
            }],
            before: only.w.clone(),
            lost: false,
        },
        _ => Told {
            changes: vec![unknown],
            before: Vec::new(),
            lost: true,
        },
    }
}
