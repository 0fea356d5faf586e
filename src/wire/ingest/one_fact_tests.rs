//! One fact of a request, in both forms.

use super::RejectCode as Code;
use super::one_fact::{read, write};
use crate::domain::record::Line;

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
    let fields = [
        ("account_id", "A"),
        ("fact", "override"),
        ("gates", "6|7"),
        ("lifted", "true"),
    ];
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
        (
            r#"{"account_id":"A","fact":"spoke"}"#,
            "fact",
            Code::UnknownWord,
        ),
        (
            r#"{"account_id":"A","fact":"cease","nose":1}"#,
            "nose",
            Code::UnknownField,
        ),
        (
            r#"{"account_id":"A","fact":"cease","record":"kill"}"#,
            "record",
            Code::UnknownField,
        ),
        (
            r#"{"account_id":"A","fact":"cease","zone":"Mars/Olympus"}"#,
            "zone",
            Code::UnknownWord,
        ),
        (
            r#"{"account_id":"A","fact":"cease","chapter":7}"#,
            "chapter",
            Code::Unexpected,
        ),
        (
            r#"{"account_id":"A","fact":"cease","at":"noon"}"#,
            "at",
            Code::InvalidDate,
        ),
        (
            r#"{"account_id":"A","fact":"cease","lifted":true}"#,
            "reason",
            Code::LiftNeedsReason,
        ),
        (
            r#"{"account_id":"","fact":"cease"}"#,
            "account_id",
            Code::Empty,
        ),
        (r#"{"fact":"cease"}"#, "account_id", Code::Missing),
        (
            r#"{"fact":"do_not_call","phone":"911"}"#,
            "phone",
            Code::InvalidPhone,
        ),
    ] {
        let fault = read(body.as_bytes()).unwrap_err();
        assert_eq!((&*fault.field, fault.code), (field, code), "{body}");
    }
}

#[test]
fn a_list_of_facts_has_one() {
    for (body, field, code) in [
        (r#"{"account_id":"A","facts":[]}"#, "facts", Code::Missing),
        (
            r#"{"account_id":"A","facts":[{"fact":"cease"},{"fact":"minor"}]}"#,
            "facts",
            Code::TooMany,
        ),
        (
            r#"{"account_id":"A","facts":[{"fact":"hold"}]}"#,
            "facts.0.hold",
            Code::Missing,
        ),
        (
            r#"{"account_id":"A","facts":[{"fact":"minor"}],"state":"GA"}"#,
            "state",
            Code::UnknownField,
        ),
    ] {
        let fault = read(body.as_bytes()).unwrap_err();
        assert_eq!((&*fault.field, fault.code), (field, code), "{body}");
    }
}
