//! One fact of a request: an account's, or one that binds a number or address for the whole tenant.
//!
//! Its fields are those of a portfolio's fact and are checked by the same code. It stands beside
//! `account_id`, or alone in a list `facts` as in a portfolio's record.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::cells;
use super::columns;
use super::fault;
use super::origin::is_the_callers;
use super::reject::{Fault, RejectCode as Code};
use super::strip;
use super::validate;
use crate::domain::record::{AccountRecord, FactKind, FactRecord, Line, Personal};
use crate::wire::json_text::push_string;

/// Which of the two forms it is.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    facts: Option<IgnoredAny>,
    record: Option<IgnoredAny>,
}

/// The form of a portfolio's record.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Listed {
    account_id: Option<Personal>,
    facts: Vec<FactRecord>,
}

/// Reads and checks a body that states one fact.
///
/// # Errors
/// The first [`Fault`] found.
pub fn read(body: &[u8]) -> Result<Line, Fault> {
    let text = std::str::from_utf8(body).map_err(|_position| Fault::row(Code::InvalidUtf8))?;
    let text = text.trim_ascii();
    let unreadable = || fault::find::<FactRecord>(text, &["account_id"]);
    if !text.starts_with('{') {
        return Err(unreadable());
    }
    let form: Form = serde_json::from_str(text).map_err(|_carries_text| unreadable())?;
    if form.record.is_some() {
        return Err(Fault::at("record", Code::UnknownField));
    }
    let listed = form.facts.is_some();
    let (fact, account_id) = if listed {
        let said: Listed =
            serde_json::from_str(text).map_err(|_carries_text| fault::find::<Listed>(text, &[]))?;
        let [fact] = <[FactRecord; 1]>::try_from(said.facts).map_err(|facts| {
            let code = if facts.is_empty() {
                Code::Missing
            } else {
                Code::TooMany
            };
            Fault::at("facts", code)
        })?;
        (fact, said.account_id)
    } else {
        let (fact, aside) =
            strip::read::<FactRecord>(text, true).map_err(|_carries_text| unreadable())?;
        (fact, aside.account_id)
    };
    let mut line = line(fact, account_id)?;
    match validate::line(&mut line).and_then(|()| is_the_callers(&line)) {
        Ok(()) => Ok(line),
        Err(fault) => Err(seen_from(listed, fault)),
    }
}

/// Writes a fact's body from fields spelt as CSV spells them. What they mean together is checked by
/// whoever [`read`]s it.
///
/// # Errors
/// An unknown field, or one that is spelt otherwise.
pub fn write<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Vec<u8>, Fault> {
    let mut object = vec![b'{'];
    for (name, text) in fields {
        let fault = |code| Fault {
            field: columns::shown(name).into(),
            code,
        };
        let spelling = columns::spelling(name).ok_or_else(|| fault(Code::UnknownField))?;
        if object.len() > 1 {
            object.push(b',');
        }
        push_string(&mut object, name);
        object.push(b':');
        cells::push(&mut object, spelling, text).map_err(fault)?;
    }
    object.push(b'}');
    Ok(object)
}

/// Without an account it must be a fact that binds all of the tenant's.
fn line(fact: FactRecord, account_id: Option<Personal>) -> Result<Line, Fault> {
    if account_id.is_some() {
        return Ok(Line::Account(Box::new(AccountRecord {
            account_id,
            facts: vec![fact],
            ..AccountRecord::default()
        })));
    }
    match fact.fact {
        None => Err(Fault::at("fact", Code::Missing)),
        Some(FactKind::DoNotCall | FactKind::ContactOptOut | FactKind::Revocation) => {
            Ok(Line::Contact(Box::new(fact)))
        }
        Some(_) => Err(Fault::at("account_id", Code::Missing)),
    }
}

/// The path of a fault in the form that was sent.
fn seen_from(listed: bool, fault: Fault) -> Fault {
    match fault.field.strip_prefix("facts.0.") {
        Some(field) if !listed => Fault {
            field: field.to_owned().into(),
            ..fault
        },
        _ => fault,
    }
}
