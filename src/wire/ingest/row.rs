//! One JSON object to one line of an ingest.
//!
//! The plain account record, by far the most frequent, is read in one pass straight into its type.
//! Rows of another kind say so in `record`; only they are looked at twice. What is wrong with a
//! refused row is found out in a second, slower reading ([`fault`](super::fault)).

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::fault;
use super::reject::{Fault, RejectCode};
use super::strip;
use super::validate;
use crate::domain::record::{AccountRecord, AttemptRecord, FactRecord, KillRecord, Line, Personal};

/// What a row says it is; absent means an account.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RowKind {
    Account,
    Attempt,
    Fact,
    Contact,
    Kill,
    ClockAccept,
}

#[derive(Deserialize)]
struct Kinded {
    #[serde(default)]
    record: Option<RowKind>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Nothing {}

/// Reads and checks one object.
///
/// # Errors
/// The first [`Fault`] found.
pub(super) fn read(text: &[u8]) -> Result<Line, Fault> {
    let text = std::str::from_utf8(text)
        .map_err(|_position| Fault::row(RejectCode::InvalidUtf8))?
        .trim_ascii();
    let mut line = parse(text)?;
    validate::line(&mut line)?;
    Ok(line)
}

fn parse(text: &str) -> Result<Line, Fault> {
    if !text.starts_with('{') {
        // A list would be read as a record without field names.
        return Err(fault::find::<AccountRecord>(text, &[]));
    }
    // A row that nowhere says "record" can only be an account.
    if !text.contains("\"record\"") {
        return match serde_json::from_str::<AccountRecord>(text) {
            Ok(record) => Ok(Line::Account(Box::new(record))),
            Err(_carries_text) => Err(fault::find::<AccountRecord>(text, &[])),
        };
    }
    let kind = match serde_json::from_str::<Kinded>(text) {
        Ok(kinded) => kinded.record.unwrap_or(RowKind::Account),
        Err(_carries_text) => return Err(fault::find::<Kinded>(text, &[])),
    };
    Ok(match kind {
        RowKind::Account => Line::Account(Box::new(flat::<AccountRecord>(text, false)?.0)),
        RowKind::Attempt => {
            let (attempt, account_id) = flat::<AttemptRecord>(text, true)?;
            Line::Account(Box::new(AccountRecord {
                account_id,
                attempts: vec![attempt],
                ..AccountRecord::default()
            }))
        }
        RowKind::Fact => {
            let (fact, account_id) = flat::<FactRecord>(text, true)?;
            Line::Account(Box::new(AccountRecord {
                account_id,
                facts: vec![fact],
                ..AccountRecord::default()
            }))
        }
        RowKind::Contact => Line::Contact(Box::new(flat::<FactRecord>(text, false)?.0)),
        RowKind::Kill => Line::Kill(flat::<KillRecord>(text, false)?.0),
        RowKind::ClockAccept => {
            let Nothing {} = flat::<Nothing>(text, false)?.0;
            Line::ClockAccept
        }
    })
}

/// Reads a row whose record stands beside `record` and, when `with_account`, `account_id`.
fn flat<T: DeserializeOwned>(
    text: &str,
    with_account: bool,
) -> Result<(T, Option<Personal>), Fault> {
    match strip::read::<T>(text, with_account) {
        Ok((record, aside)) => Ok((record, aside.account_id)),
        Err(_carries_text) => {
            let aside: &[&str] = if with_account {
                &["record", "account_id"]
            } else {
                &["record"]
            };
            Err(fault::find::<T>(text, aside))
        }
    }
}
