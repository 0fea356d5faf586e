//! Canonical form, round trips.

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{RestoreError, WriteError, restore, write};
use crate::domain::record::{AccountRecord, Line, Personal};
use crate::wire::ingest::samples;

fn written<T: Serialize>(value: &T) -> (String, String) {
    let (mut body, mut subject) = (Vec::new(), Vec::new());
    write(value, &mut body, &mut subject).unwrap();
    (
        String::from_utf8(body).unwrap(),
        String::from_utf8(subject).unwrap(),
    )
}

fn returns<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let (body, subject) = written(value);
    let back: T = restore(body.as_bytes(), subject.as_bytes()).unwrap();
    assert_eq!(&back, value);
}

/// Every object's keys, checked against their sorted order.
fn keys_sorted(json: &serde_json::Value, text: &str) {
    // `Value` keeps objects sorted, so printing it sorts the keys.
    assert_eq!(json.to_string(), text);
}

/// RECORD-1.
#[test]
fn record_1_keys_stand_in_ascii_order() {
    for line in [samples::everything(), samples::contact(), samples::kill()] {
        let (body, subject) = written(&line);
        keys_sorted(&serde_json::from_str(&body).unwrap(), &body);
        keys_sorted(&serde_json::from_str(&subject).unwrap(), &subject);
        returns(&line);
    }
    let (body, subject) = written(&Line::ClockAccept);
    assert_eq!(
        (body.as_str(), subject.as_str()),
        ("\"clock_accept\"", "[]")
    );
    returns(&Line::ClockAccept);
}

#[test]
fn record_1_the_sample_has_every_field() {
    let Line::Account(record) = samples::everything() else {
        panic!("an account");
    };
    let (body, _) = written(&record);
    // Every name that `deny_unknown_fields` would list.
    for refused in [
        "{\"?\":1}",
        "{\"facts\":[{\"?\":1}]}",
        "{\"attempts\":[{\"?\":1}]}",
        "{\"debts\":[{\"?\":1}]}",
        "{\"emails\":[{\"?\":1}]}",
        "{\"parties\":[{\"?\":1}]}",
        "{\"phones\":[{\"?\":1}]}",
        "{\"facts\":[{\"periods\":[{\"?\":1}]}]}",
    ] {
        let message = serde_json::from_str::<AccountRecord>(refused)
            .unwrap_err()
            .to_string();
        let names = message.split('`').skip(3).step_by(2);
        for name in names {
            assert!(
                body.contains(&format!("\"{name}\":")),
                "{name} is not in the sample"
            );
        }
    }
}

/// RECORD-2: texts, and what looks like a place of one.
#[test]
fn record_2_texts_lie_in_the_subject() {
    let record = AccountRecord {
        account_id: Some(Personal::from("A-\"1\"")),
        creditor: Some(Personal::from("$0")),
        zip: Some(Personal::from("30301")),
        ..AccountRecord::default()
    };
    let (body, subject) = written(&record);
    assert_eq!(body, r#"{"account_id":"$0","creditor":"$1","zip":"$2"}"#);
    assert_eq!(subject, r#"["A-\"1\"","$0","30301"]"#);
    returns(&record);
}

/// RECORD-2: wherever a body has a text of its own, it takes no other; so none of them was chosen by
/// a caller.
#[test]
fn record_2_what_stands_in_the_body_is_a_word_or_an_instant() {
    fn taken(value: &mut serde_json::Value, refuses: &mut dyn FnMut(&mut String)) {
        match value {
            serde_json::Value::String(text) if !text.starts_with('$') => refuses(text),
            serde_json::Value::Array(all) => all.iter_mut().for_each(|one| taken(one, refuses)),
            serde_json::Value::Object(all) => all.values_mut().for_each(|one| taken(one, refuses)),
            _ => {}
        }
    }
    for line in [samples::everything(), samples::contact(), samples::kill()] {
        let (body, subject) = written(&line);
        let whole: serde_json::Value = serde_json::from_str(&body).unwrap();
        let mut words = 0;
        taken(&mut whole.clone(), &mut |_| words += 1);
        assert!(words > 0);
        for at in 0..words {
            let (mut changed, mut seen) = (whole.clone(), 0);
            taken(&mut changed, &mut |text| {
                if seen == at {
                    *text = "Ann of 12 Elm".to_owned();
                }
                seen += 1;
            });
            let changed = changed.to_string();
            let read = restore::<Line>(changed.as_bytes(), subject.as_bytes());
            assert_eq!(read, Err(RestoreError::Record), "{changed}");
        }
    }
}

#[test]
fn what_was_not_written_together_is_refused() {
    let body = br#"{"account_id":"$1"}"#;
    for (body, subject, error) in [
        (&body[..], &br#"["a"]"#[..], RestoreError::Placeholder),
        (
            b"{\"account_id\":\"$x\"}",
            br#"["a"]"#,
            RestoreError::Placeholder,
        ),
        (
            b"{\"account_id\":\"$00\"}",
            br#"["a"]"#,
            RestoreError::Placeholder,
        ),
        (body, b"", RestoreError::Subject),
        (body, br#"["a" "b"]"#, RestoreError::Subject),
        (body, br#"["a",]"#, RestoreError::Subject),
        (b"{\"account_id\":\"$0", br#"["a"]"#, RestoreError::Record),
        (
            b"{\"state\":\"$0\"}",
            br#"["Georgia"]"#,
            RestoreError::Record,
        ),
    ] {
        assert_eq!(restore::<AccountRecord>(body, subject), Err(error));
    }
}

#[test]
fn floats_have_no_canonical_form() {
    let (mut body, mut subject) = (Vec::new(), Vec::new());
    assert_eq!(
        write(&1.5_f64, &mut body, &mut subject),
        Err(WriteError::Unsupported)
    );
    assert_eq!(write(&-3_i8, &mut body, &mut subject), Ok(()));
    assert_eq!(body, b"-3");
}

proptest! {
    #[test]
    fn any_texts_return(id in ".{0,40}", name in ".{0,40}", other in "[$\"\\\\\u{0}-\u{1f}a]{0,9}") {
        let record = AccountRecord {
            account_id: Some(Personal(id.into())),
            creditor: Some(Personal(name.into())),
            portfolio: Some(Personal(other.into())),
            ..AccountRecord::default()
        };
        returns(&record);
    }

    #[test]
    fn any_record_returns(record in samples::records()) {
        let (body, subject) = written(&record);
        keys_sorted(&serde_json::from_str(&body).unwrap(), &body);
        prop_assert!(!body.contains('@') && !subject.is_empty());
        returns(&record);
    }
}
