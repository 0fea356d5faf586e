//! Rows as they are told.

use super::*;
use crate::wire::field::FieldCode;
use crate::wire::marks::Marks;

fn told(body: &str, subjects: Vec<Option<&[u8]>>) -> TrailItem {
    let row = RowSeen {
        seq: 9,
        hash: [0xab; 32],
        body: body.as_bytes(),
        keys: [0, 0],
        subjects,
    };
    TrailItem::of(&row, &Marks::read(row.body).unwrap(), None).unwrap()
}

#[test]
fn a_decision_in_a_line() {
    let body = r#"{"a":1,"b":64,"c":[701],"cr":[3],"e":2,"g":4095,"i":[1,1,0,0,1,0,0],"k":"d","q":9,"sd":[],"t":1778004000,"v":1,"x":5}"#;
    let subject = br#"{"account_id":"A","phone":"(818) 555-1234","source_system":"five9"}"#;
    let item = told(body, vec![Some(subject)]);
    assert_eq!(item.decision, Some("BLOCK"));
    assert_eq!(
        (&*item.blocked_by, &*item.codes),
        (&["TIMING"][..], &["CALL_HOURS"][..])
    );
    assert_eq!(
        (item.channel, &*item.at),
        (Some("phone"), "2026-05-05T18:00:00Z")
    );
    assert_eq!(item.account_id.as_deref(), Some("A"));
    assert!(!item.erased);
    let gone = told(body, vec![None]);
    assert_eq!((gone.account_id, gone.erased), (None, true));
    assert_eq!(gone.codes, ["CALL_HOURS"]);
}

#[test]
fn a_fact_row_with_and_without_its_texts() {
    let body = concat!(
        r#"{"k":"f","q":9,"r":[{"a":5,"r":{"account_id":"$0","facts":[{"actor":"$1","fact":"cease"},"#,
        r#"{"fact":"attorney","lifted":true}]}},{"r":{"fact":"do_not_call","phone":"$0"}}],"t":5}"#
    );
    let item = told(
        body,
        vec![Some(br#"["A","clerk 7"]"#), Some(br#"["+18185551234"]"#)],
    );
    assert_eq!(item.records, Some(2));
    let [account, contact] = &item.facts[..] else {
        panic!("{:?}", item.facts);
    };
    assert_eq!(account.account_id.as_deref(), Some("A"));
    assert_eq!(account.actor.as_deref(), Some("clerk 7"));
    assert_eq!(account.facts, ["cease", "lifted:attorney"]);
    assert_eq!(contact.contact.as_deref(), Some("+18185551234"));
    assert_eq!(contact.facts, ["do_not_call"]);
    let gone = told(body, vec![None, None]);
    assert!(gone.erased && gone.facts.iter().all(|facts| facts.erased));
    assert_eq!(gone.facts[0].account_id, None);
    assert_eq!(gone.facts[0].facts, ["cease", "lifted:attorney"]);
}

#[test]
fn an_acknowledgement_names_rows_and_somebody() {
    let read = |body: &str| AckRequest::read(body.as_bytes());
    let whole = read(r#"{"event_ids":[5,3,5],"actor":"officer","note":"seen"}"#).unwrap();
    assert_eq!(whole.ids, [3, 5]);
    assert_eq!(
        (&*whole.actor, whole.note.as_deref()),
        ("officer", Some("seen"))
    );
    assert_eq!(read(r#"{"event_id":7,"actor":"o"}"#).unwrap().ids, [7]);
    let many = format!(r#"{{"event_ids":[{}1],"actor":"o"}}"#, "1,".repeat(200));
    let long = format!(r#"{{"event_id":7,"actor":"{}"}}"#, "o".repeat(65));
    for (body, field, code) in [
        ("[", None, FieldCode::InvalidJson),
        ("[]", None, FieldCode::NotAnObject),
        ("{}", Some("event_id"), FieldCode::Missing),
        (r#"{"event_id":1}"#, Some("actor"), FieldCode::Missing),
        (
            r#"{"event_id":1,"event_ids":[1]}"#,
            Some("event_id"),
            FieldCode::Duplicate,
        ),
        (
            r#"{"event_ids":[],"actor":"o"}"#,
            Some("event_ids"),
            FieldCode::Empty,
        ),
        (
            r#"{"event_id":"1","actor":"o"}"#,
            Some("event_id"),
            FieldCode::WrongType,
        ),
        (
            r#"{"event_id":-1,"actor":"o"}"#,
            Some("event_id"),
            FieldCode::WrongType,
        ),
        (
            r#"{"event_ids":7,"actor":"o"}"#,
            Some("event_ids"),
            FieldCode::WrongType,
        ),
        (
            r#"{"event_id":1,"actor":""}"#,
            Some("actor"),
            FieldCode::Empty,
        ),
        (&*many, Some("event_ids"), FieldCode::OutOfRange),
        (&*long, Some("actor"), FieldCode::OutOfRange),
    ] {
        let refused = read(body).unwrap_err();
        assert_eq!((refused.field, refused.code), (field, code), "{body}");
    }
}

/// A list is a record's texts, or the one reason of a kill switch: nothing else is read out of it.
#[test]
fn a_list_of_texts_is_no_caller() {
    assert_eq!(Said::read(br#"["jo","+18185551234"]"#), None);
    assert_eq!(Said::read(b"[]"), None);
    let reason = Said::read(br#"["flooded"]"#).unwrap();
    assert_eq!(reason.reason.as_deref(), Some("flooded"));
    let said = Said::read(br#"{"account_id":"A"}"#).unwrap();
    assert_eq!(said.account_id.as_deref(), Some("A"));
}
