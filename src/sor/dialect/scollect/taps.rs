//! What follows from calls that change something.
//!
//! Restrictions follow from the request alone. What permits is rare here: a flag that is given back does
//! not say that the consumer took a refusal back, so only what the system itself owns is lifted.

use super::attempts;
use super::columns;
use super::conditions::undone;
use super::contacts::is_json;
use super::fields::{Body, FILE_NUMBER, Fields};
use super::numbers::{Number, Standing, spelt};
use super::permissions;
use super::words::Words;
use crate::domain::record::{AccountRecord, FactRecord, Line, Personal, PhoneRecord};
use crate::domain::time::UnixSeconds;
use crate::sor::call::Call;
use crate::sor::dialect::formats::phone;
use crate::sor::dialect::{Again, Change, Tapped};
use crate::sor::route::Duty;
use crate::wire::query::percent_decoded;

/// Accounts that the spellings of one body may name.
const SPELT_MAX: usize = 4;

/// What one account's call says, before it is put into lines.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Restrictive facts, taken back on a refusal where that can be.
    pub(super) facts: Vec<FactRecord>,
    /// Restrictive facts that stay: what was said was said, whether the system noted it or not.
    pub(super) lasting: Vec<FactRecord>,
    /// Restrictions that are no facts, with what undoes them.
    pub(super) records: Vec<(AccountRecord, Option<AccountRecord>)>,
    /// What permits or only tells.
    pub(super) permits: Vec<AccountRecord>,
    /// Whether the account is to be read again.
    pub(super) again: bool,
}

/// What follows from a call.
pub(super) fn tapped(call: &Call<'_>, words: &Words) -> Tapped {
    let Some(body) = Body::read(call.body).filter(|_| is_json(call)) else {
        return unreadable(call.duty);
    };
    let fields = body.fields();
    if tells(call.query, &fields) {
        return unreadable(call.duty);
    }
    let accounts = accounts(&fields);
    let mut tapped = Tapped::default();
    for account in &accounts {
        let told = told(call, account, &fields, words);
        if told.again {
            tapped.again = Again::Account(account.clone());
        }
        put(&mut tapped, account, told);
    }
    // Of several accounts none is meant for certain, and a public caller never permits.
    if accounts.len() > 1 || call.public {
        tapped.permit.clear();
    }
    if accounts.len() > 1 && tapped.again != Again::Nothing {
        tapped.again = Again::All;
    }
    tapped
}

/// What a call changes that says it in another way than the documented one. A payment restricts nothing:
/// everything is read again. Whatever else changes something may forbid.
fn unreadable(duty: Duty) -> Tapped {
    let changes = [
        Duty::InsertPhone,
        Duty::UpdatePhone,
        Duty::InsertAttempt,
        Duty::UpdatePermissions,
        Duty::UpdateAccount,
    ];
    Tapped {
        again: match duty {
            Duty::Payment => Again::All,
            _ => Again::Nothing,
        },
        is_unreadable: changes.contains(&duty),
        ..Tapped::default()
    }
}

/// Whether a query names a field of the body, or an account: which of both the system goes by, nobody
/// could tell.
fn tells(query: &str, fields: &Fields<'_>) -> bool {
    let names = query
        .split(['&', ';'])
        .filter_map(|pair| pair.split('=').next());
    names.filter(|name| !name.is_empty()).any(|name| {
        percent_decoded(name).is_none_or(|name| {
            let name = name.trim();
            FILE_NUMBER.contains(&&*name.to_ascii_lowercase()) || fields.has(name)
        })
    })
}

/// Every account the body may mean: a restriction reaches each of them.
fn accounts(fields: &Fields<'_>) -> Vec<Box<str>> {
    let mut accounts = Vec::new();
    for value in fields.values(&["filenumber", "filename"]) {
        let raw = crate::sor::dialect::formats::scalar(value);
        if let Some(account) = raw.and_then(|raw| super::fields::canonical(&raw))
            && !accounts.contains(&account)
            && accounts.len() < SPELT_MAX
        {
            accounts.push(account);
        }
    }
    accounts
}

fn told(call: &Call<'_>, account: &str, fields: &Fields<'_>, words: &Words) -> Told {
    match call.duty {
        Duty::InsertPhone => number(fields, true),
        Duty::UpdatePhone => number(fields, false),
        Duty::InsertAttempt => attempt(account, fields, words, call.now),
        Duty::UpdatePermissions => permissions::told(fields),
        Duty::UpdateAccount => columns::told(fields, words, call.now),
        Duty::Payment => Told {
            again: true,
            ..Told::default()
        },
        _ => Told::default(),
    }
}

fn put(tapped: &mut Tapped, account: &str, told: Told) {
    let line = |record: AccountRecord| {
        Line::Account(Box::new(AccountRecord {
            account_id: Some(Personal::from(account)),
            ..record
        }))
    };
    let of_fact = |fact: FactRecord| AccountRecord {
        facts: vec![fact],
        ..AccountRecord::default()
    };
    for fact in told.facts {
        let undo = undone(&fact).map(|fact| line(of_fact(fact)));
        tapped.restrict.push(Change {
            apply: line(of_fact(fact)),
            undo,
        });
    }
    for fact in told.lasting {
        tapped.restrict.push(Change {
            apply: line(of_fact(fact)),
            undo: None,
        });
    }
    for (record, undo) in told.records {
        tapped.restrict.push(Change {
            apply: line(record),
            undo: undo.map(line),
        });
    }
    tapped.permit.extend(told.permits.into_iter().map(line));
}

/// A number put on an account, or another type or status of one.
fn number(fields: &Fields<'_>, is_new: bool) -> Told {
    let text = |name: &str| fields.text(name).unwrap_or_default();
    let mut told = Told {
        again: true,
        ..Told::default()
    };
    let Some(number) = phone(&text("phonenumber")).known() else {
        return told;
    };
    let read = Number::read(number, &text("phonetype"), &text("phonestatus"), "");
    told.facts = read.facts();
    let record = |phone: PhoneRecord| AccountRecord {
        phones: vec![phone],
        ..AccountRecord::default()
    };
    if read.standing == Standing::Wrong {
        let wrong = record(PhoneRecord {
            number: Some(spelt(number)),
            wrong: Some(true),
            ..PhoneRecord::default()
        });
        let right = || AccountRecord {
            reason: Some(Personal::from(super::conditions::SOURCE)),
            ..record(PhoneRecord {
                number: Some(spelt(number)),
                wrong: Some(false),
                ..PhoneRecord::default()
            })
        };
        // A new number that was refused is not on the system's file: here it stays forbidden.
        told.records.push((wrong, (!is_new).then(right)));
    } else if read.is_filed() && !read.do_not_call {
        told.permits.push(record(read.record()));
    }
    told
}

/// A contact somebody made: it happened, whether or not the system takes it down.
fn attempt(account: &str, fields: &Fields<'_>, words: &Words, now: UnixSeconds) -> Told {
    let text = |name: &str| fields.text(name).unwrap_or_default();
    let attempt = attempts::inserted(account, fields, now);
    let mut told = Told::default();
    if text("type") != attempts::OWN_TYPE {
        let record = AccountRecord {
            attempts: vec![attempt],
            ..AccountRecord::default()
        };
        told.records.push((record, None));
    }
    let dispo = text("dispo");
    let conditions = words.conditions(&dispo);
    told.lasting = conditions
        .into_iter()
        .map(super::conditions::Condition::fact)
        .collect();
    if let Some(number) = phone(&text("phonenumber")).known() {
        told.lasting
            .extend(Number::read(number, "", &dispo, "").facts());
    }
    told
}
