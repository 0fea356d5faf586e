//! Numbers of the do-not-call list, as JSON and as CSV.

use super::numbers::{ListEdit, Named, request};
use super::{CsvReader, Numbered, RejectCode as Code, Rejected};
use crate::domain::record::{FactKind, Line, Personal};
use crate::domain::time::UnixSeconds;
use crate::wire::limits::DNC_NUMBERS_MAX;

const NOW: UnixSeconds = UnixSeconds(1_778_004_000);

fn refused(body: &str, edit: ListEdit) -> (String, Code) {
    let fault = request(body.as_bytes(), edit, NOW).unwrap_err();
    (fault.field.into_owned(), fault.code)
}

#[test]
fn a_request_is_the_fact_that_a_portfolio_states() {
    let body = r#"{"phone":"(818) 555-0100","reason":"asked","source":"letter","actor":"r",
        "expires_at":"2026-06-01T00:00:00Z"}"#;
    let Named::One(Line::Contact(fact)) = request(body.as_bytes(), ListEdit::Add, NOW).unwrap()
    else {
        panic!("one number");
    };
    assert_eq!(fact.fact, Some(FactKind::DoNotCall));
    assert_eq!(fact.phone, Some(Personal::from("+18185550100")));
    assert_eq!(fact.until, UnixSeconds::parse("2026-06-01T00:00:00Z").ok());
    assert_eq!(fact.lifted, None);
    let body = br#"{"phone":"8185550100","reason":"asked back"}"#;
    let Named::One(Line::Contact(fact)) = request(body, ListEdit::Remove, NOW).unwrap() else {
        panic!("one number");
    };
    assert_eq!(fact.lifted, Some(true));
}

#[test]
fn a_request_is_refused_by_field_and_code() {
    use ListEdit::{Add, Remove};
    let long = format!(r#"{{"phone":"8185550100","source":"{}"}}"#, "s".repeat(65));
    let many = format!(r#"{{"phones":[{}"1"]}}"#, "\"1\",".repeat(DNC_NUMBERS_MAX));
    for (body, edit, field, code) in [
        ("{}", Add, "phone", Code::Missing),
        ("[]", Add, "", Code::WrongType),
        ("{", Add, "", Code::InvalidJson),
        (r#"{"phone":"1"}"#, Add, "phone", Code::InvalidPhone),
        (r#"{"phone":8185550100}"#, Add, "phone", Code::WrongType),
        (r#"{"number":"1"}"#, Add, "number", Code::UnknownField),
        (
            r#"{"phone":"1","phones":["1"]}"#,
            Add,
            "phones",
            Code::Unexpected,
        ),
        (
            r#"{"phone":"8185550100","expires_at":"soon"}"#,
            Add,
            "expires_at",
            Code::InvalidDate,
        ),
        (
            r#"{"phone":"8185550100","expires_at":"2026-05-05T18:00:00Z"}"#,
            Add,
            "expires_at",
            Code::OutOfRange,
        ),
        (
            r#"{"phone":"8185550100"}"#,
            Remove,
            "reason",
            Code::LiftNeedsReason,
        ),
        (
            r#"{"phones":["8185550100"]}"#,
            Remove,
            "reason",
            Code::LiftNeedsReason,
        ),
        (
            r#"{"phone":"8185550100","reason":"r","expires_at":"2026-06-01T00:00:00Z"}"#,
            Remove,
            "expires_at",
            Code::Unexpected,
        ),
        (&long, Add, "source", Code::TooLong),
        (&many, Add, "phones", Code::TooMany),
    ] {
        assert_eq!(refused(body, edit), (field.to_owned(), code), "{body}");
    }
}

#[test]
fn a_bad_number_in_a_list_spoils_itself_alone() {
    let body = br#"{"phones":["8185550100","911","8185550101"]}"#;
    let Named::List(lines) = request(body, ListEdit::Add, NOW).unwrap() else {
        panic!("a list");
    };
    let good: Vec<bool> = lines.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, true]);
    assert_eq!(lines[1].as_ref().unwrap_err().line, 2);
}

fn read(file: &str, edit: ListEdit) -> Vec<Result<u32, (u32, String, Code)>> {
    let mut lines = Vec::new();
    let mut sink = |line: Result<Numbered, Rejected>| {
        lines.push(match line {
            Ok(good) => Ok(good.line),
            Err(bad) => Err((bad.line, bad.fault.field.into_owned(), bad.fault.code)),
        });
    };
    let mut reader = CsvReader::of_numbers(edit, NOW);
    reader.push(file.as_bytes(), &mut sink).unwrap();
    reader.finish(&mut sink).unwrap();
    lines
}

#[test]
fn a_file_names_its_bad_rows_and_keeps_the_rest() {
    let file = "phone,reason,source,expires_at\n8185550100,asked,letter,\n1,,,\n\
        8185550101,,,soon\n\n,r,,\n8185550102,\n+1 (818) 555-0103,,,2026-06-01T00:00:00Z\n";
    let bad = |line, field: &str, code| Err((line, field.to_owned(), code));
    assert_eq!(
        read(file, ListEdit::Add),
        [
            Ok(2),
            bad(3, "phone", Code::InvalidPhone),
            bad(4, "expires_at", Code::InvalidDate),
            bad(6, "phone", Code::Missing),
            bad(7, "", Code::InvalidCsv),
            Ok(8),
        ]
    );
    assert_eq!(
        read("phone\n8185550100\n", ListEdit::Remove),
        [bad(2, "reason", Code::LiftNeedsReason)]
    );
}

#[test]
fn a_header_without_numbers_is_none() {
    for (header, field, code) in [
        ("reason\n", "phone", Code::Missing),
        ("phone,phone\n", "phone", Code::DuplicateColumn),
        ("phone,note\n", "note", Code::UnknownColumn),
        ("8185550100\n", "?", Code::UnknownColumn),
    ] {
        let mut reader = CsvReader::of_numbers(ListEdit::Add, NOW);
        let refused = reader.push(header.as_bytes(), &mut |_line| {}).unwrap_err();
        assert_eq!((&*refused.0.field, refused.0.code), (field, code));
    }
}
