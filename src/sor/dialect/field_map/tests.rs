//! Names, words and what is found by them.

use super::*;
use crate::sor::catalogue::shipped;
use crate::sor::route::System;

/// The catalogue that ships, and the map of it.
pub(in crate::sor::dialect) fn whl() -> (Catalogue, FieldMap) {
    let catalogue = Catalogue::parse(System::Whl, "whl", shipped(System::Whl)).unwrap();
    let map = FieldMap::of(&catalogue).unwrap();
    (catalogue, map)
}

fn tree(json: &str) -> Tree {
    Tree::of_json(json.as_bytes()).unwrap()
}

#[test]
fn every_fault_of_the_tables_is_found() {
    let (mut catalogue, _) = whl();
    catalogue.fields.remove("do_not_call");
    catalogue
        .fields
        .insert("acount_id".into(), vec!["x".into()]);
    catalogue
        .fields
        .insert("email".into(), vec!["a.b.c.d.e".into()]);
    catalogue.fields.insert("phone".into(), vec!["  ".into()]);
    catalogue.words.insert("cease".into(), Vec::new());
    catalogue
        .words
        .insert("over".into(), vec!["x".into(); NAMES_MAX + 1]);
    let found = FieldMap::of(&catalogue).unwrap_err();
    let mut found: Vec<(&str, &str, FieldProblem)> = found
        .iter()
        .map(|f| (f.table, f.key.as_str(), f.problem))
        .collect();
    found.sort_by_key(|(table, key, _)| (*table, *key));
    let expected = [
        ("fields", "acount_id", FieldProblem::Unknown),
        ("fields", "do_not_call", FieldProblem::Missing),
        ("fields", "email", FieldProblem::BadName),
        ("fields", "phone", FieldProblem::BadName),
        ("words", "cease", FieldProblem::Empty),
        ("words", "over", FieldProblem::TooMany),
    ];
    assert_eq!(found, expected);
}

#[test]
fn an_account_is_found_in_whatever_wraps_it() {
    let (_, map) = whl();
    let one = |id: &str| Found::One(id.into());
    for (body, found) in [
        (r#"{"account_id":"A-1"}"#, one("A-1")),
        (r#"{"accountId":17}"#, one("17")),
        (r#"{"data":{"account":{"id":"A-1"}}}"#, one("A-1")),
        (r#"{"dispute":{"id":"D-1","account_id":"A-1"}}"#, one("A-1")),
        (
            r#"[{"account_id":"A-1"},{"Account ID":" A-1 "}]"#,
            one("A-1"),
        ),
        (r#"{"id":"D-1"}"#, Found::Nothing),
        (r#"{"account_id":null,"account":"null"}"#, Found::Nothing),
        (
            r#"{"consumer":{"address":{"account_id":"A-1"}}}"#,
            Found::Nothing,
        ),
    ] {
        assert_eq!(map.accounts(&tree(body)), found, "{body}");
    }
}

/// Whatever two readers could take differently is no account.
#[test]
fn accounts_that_differ_are_none() {
    let (_, map) = whl();
    let long = format!(r#"{{"account_id":"{}"}}"#, "a".repeat(65));
    for body in [
        r#"{"account_id":"A","account_id":"B"}"#,
        r#"{"account_id":"A","accountId":"B"}"#,
        r#"{"account_id":"A","data":{"account_id":"B"}}"#,
        r#"{"account_id":["A","B"]}"#,
        r#"{"account_id":"A","account_no":1.5}"#,
        r#"{"account_id":true}"#,
        &long,
    ] {
        let found = map.accounts(&tree(body));
        assert!(matches!(found, Found::Several(_)), "{body}: {found:?}");
    }
}

#[test]
fn every_address_that_receives_is_found() {
    let (_, map) = whl();
    let body = r#"{"to":"Ann <Ann@x.co>; b@x.co","cc":["c@x.co"],"deep":{"whatever":"d@x.co"},
        "from":"agency@y.co","reply_to":{"email":"agency@y.co"},"body":"write to e@x.co please"}"#;
    let found = map.addresses(&tree(body));
    let expected: Vec<Box<str>> = ["ann@x.co", "b@x.co", "c@x.co", "d@x.co"]
        .map(Box::from)
        .into();
    assert_eq!(found, expected);
}

#[test]
fn a_flag_is_affirmed_by_whatever_does_not_deny_it() {
    let (_, map) = whl();
    for (value, expected) in [
        ("true", true),
        ("false", false),
        ("null", false),
        ("1", true),
        ("0", false),
        ("0.5", true),
        (r#""YES""#, true),
        (r#""no""#, false),
        (r#""""#, false),
        (r#""2024-02-01""#, true),
        (r#""1900-01-01""#, false),
        (r#""0000-00-00 00:00:00""#, false),
        (r#""dismissed""#, false),
        (r#""whatever""#, true),
        (r#"{"chapter":7}"#, true),
        (r#"{"chapter":7,"active":false}"#, false),
        (r#"{"chapter":7,"status":"dismissed"}"#, false),
        (r#"{"chapter":null,"filed":null}"#, false),
        ("{}", false),
        ("[]", false),
        (r#"[{"active":false},{"chapter":13}]"#, true),
    ] {
        let signs = map.flagged(&tree(&format!(r#"{{"bankruptcy":{value}}}"#)));
        assert_eq!(signs.contains(&Sign::Bankruptcy), expected, "{value}");
    }
}

#[test]
fn words_are_heard_whole() {
    let (_, map) = whl();
    for (text, signs) in [
        ("CEASE & DESIST RECEIVED", vec![Sign::Cease]),
        ("Consumer filed Bankruptcy", vec![Sign::Bankruptcy]),
        ("account_recalled", vec![Sign::Recalled]),
        ("PIF", vec![Sign::Paid]),
        ("reopened", vec![]),
        ("open", vec![]),
        ("bankruptcy dismissed", vec![]),
        ("unpaid", vec![]),
        ("disclosed", vec![]),
    ] {
        assert_eq!(map.spoken(text), signs, "{text}");
    }
}

#[test]
fn an_alert_that_is_over_says_nothing() {
    let (_, map) = whl();
    let alerts = r#"{"alerts":[{"type":"cease_and_desist"},{"type":"deceased","resolved":true},
        {"type":"attorney","active":"no"},{"alert":"dispute","resolved_at":"2026-01-02"}, "DNC",
        {"type":"minor","resolved_at":null}]}"#;
    let signs = map.alerted(&tree(alerts));
    assert_eq!(signs, [Sign::Cease, Sign::DoNotCall, Sign::Minor]);
}
