//! One fact of a request: an account's, or one that binds a number or address for the whole tenant.
//!
//! Its fields are those of a portfolio's fact and are checked by the same code. It stands beside
//! `account_id`, or alone in a list `facts` as in a portfolio's record.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::cells;
use super::columns;
use super::fault;
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
        let said: Listed = serde_json::from_str(text)
            .map_err(|_carries_text| fault::find::<Listed>(text, &[]))?;
        let [fact] = <[FactRecord; 1]>::try_from(said.facts).map_err(|facts| {
            let code = if facts.is_empty() { Code::Missing } else { Code::TooMany };
            Fault::at("facts", code)
        })?;
        (fact, said.account_id)
    } else {
        let (fact, aside) =
            strip::read::<FactRecord>(text, true).map_err(|_carries_text| unreadable())?;
        (fact, aside.account_id)
    };
    let mut line = line(fact, account_id)?;
    match validate::line(&mut line) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let flat = br#"{"account_id":"A","fact":"cease","form":"written","actor":"m"}"#;
        let listed = br#"{"account_id":"A","facts":[{"fact":"cease","form":"written","actor":"m"}]}"#;
        let line = read(flat).unwrap();
        assert_eq!(read(listed).unwrap(), line);
        let Line::Account(record) = line else {
            panic!("an account's");
        };
        assert_eq!(record.facts.len(), 1);
        let tenants = br#"{"fact":"do_not_call","phone":"818 555 0100"}"#;
        assert!(matches!(read(tenants), Ok(Line::Contact(_))));
    }

    #[test]
    fn fields_are_spelt_as_in_csv() {
        let fields = [("account_id", "A"), ("fact", "override"), ("gates", "6|7"), ("lifted", "true")];
        let body = write(fields).unwrap();
        let text = r#"{"account_id":"A","fact":"override","gates":[6,7],"lifted":true}"#;
        assert_eq!(String::from_utf8(body).unwrap(), text);
        let refused = |name, text| write([(name, text)]).unwrap_err().code;
        assert_eq!(refused("nose", "1"), Code::UnknownField);
        assert_eq!(refused("chapter", "seven"), Code::WrongType);
    }

    #[test]
    fn it_is_refused_by_field_and_code() {
        for (body, field, code) in [
            ("", "", Code::InvalidJson),
            ("[]", "", Code::WrongType),
            ("{}", "fact", Code::Missing),
            (r#"{"account_id":"A"}"#, "fact", Code::Missing),
            (r#"{"account_id":"A","fact":"spoke"}"#, "fact", Code::UnknownWord),
            (r#"{"account_id":"A","fact":"cease","nose":1}"#, "nose", Code::UnknownField),
            (r#"{"account_id":"A","fact":"cease","record":"kill"}"#, "record", Code::UnknownField),
            (r#"{"account_id":"A","fact":"cease","zone":"UTC"}"#, "zone", Code::UnknownWord),
            (r#"{"account_id":"A","fact":"cease","chapter":7}"#, "chapter", Code::Unexpected),
            (r#"{"account_id":"A","fact":"cease","at":"noon"}"#, "at", Code::InvalidDate),
            (r#"{"account_id":"A","fact":"cease","lifted":true}"#, "reason", Code::LiftNeedsReason),
            (r#"{"account_id":"","fact":"cease"}"#, "account_id", Code::Empty),
            (r#"{"fact":"cease"}"#, "account_id", Code::Missing),
            (r#"{"fact":"do_not_call","phone":"911"}"#, "phone", Code::InvalidPhone),
            (r#"{"account_id":"A","facts":[]}"#, "facts", Code::Missing),
            (r#"{"account_id":"A","facts":[{"fact":"cease"},{"fact":"minor"}]}"#, "facts", Code::TooMany),
            (r#"{"account_id":"A","facts":[{"fact":"hold"}]}"#, "facts.0.hold", Code::Missing),
            (r#"{"account_id":"A","facts":[{"fact":"minor"}],"state":"GA"}"#, "state", Code::UnknownField),
        ] {
            let fault = read(body.as_bytes()).unwrap_err();
            assert_eq!((&*fault.field, fault.code), (field, code), "{body}");
        }
    }
}
