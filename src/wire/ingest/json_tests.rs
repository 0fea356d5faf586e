//! JSON uploads read in pieces: forms, faults and bounds.

use super::json::{JsonReader, OPENING_BYTES_MAX};
use super::reject::{Fault, Refused, RejectCode, Rejected};
use super::{Numbered, limits};
use crate::domain::record::Line;

/// What came of an input cut into chunks: `line ok` or `line field CODE`.
fn read(text: &[u8], chunk: usize) -> Result<Vec<String>, Refused> {
    let (mut reader, mut found) = (JsonReader::default(), Vec::new());
    let mut sink = |result: Result<Numbered, Rejected>| {
        found.push(match result {
            Ok(good) => {
                let Line::Account(record) = good.record else {
                    panic!("an account");
                };
                format!("{} {}", good.line, record.account_id.unwrap().as_str())
            }
            Err(bad) => {
                format!(
                    "{} {} {}",
                    bad.line,
                    bad.fault.field,
                    bad.fault.code.as_str()
                )
            }
        });
    };
    for part in text.chunks(chunk) {
        reader.push(part, &mut sink)?;
    }
    reader.finish(&mut sink)?;
    Ok(found)
}

fn reads(text: &str, expected: &[&str]) {
    for chunk in 1..=text.len().max(1) {
        assert_eq!(
            read(text.as_bytes(), chunk).unwrap(),
            expected,
            "chunks of {chunk}"
        );
    }
}

#[test]
fn ingest_1_three_forms_and_any_chunks() {
    reads(
        r#"[{"account_id":"a"}, {"account_id":"b"}]"#,
        &["1 a", "2 b"],
    );
    reads(
        "\u{feff} { \"records\" :\n [{\"account_id\":\"a\"},7,{\"account_id\":1}] }\n",
        &["1 a", "2  WRONG_TYPE", "3 account_id WRONG_TYPE"],
    );
    reads(
        "\n{\"account_id\":\"a\"}\r\n{\"account\n\n{\"account_id\":\"b\"}",
        &["2 a", "3  INVALID_JSON", "5 b"],
    );
    reads("{\"record\":\"account\",\"account_id\":\"a\"}\n", &["1 a"]);
    reads("{\"records\":1}", &["1 records UNKNOWN_FIELD"]);
    reads("[]", &[]);
    reads("{\"records\":[]}", &[]);
    reads("", &[]);
    reads(" \n", &[]);
}

#[test]
fn an_input_cut_short_or_run_on_says_so() {
    reads(r#"[{"account_id":"a"},{"acc"#, &["1 a", "2  INVALID_JSON"]);
    reads(
        r#"{"records":[{"account_id":"a"}]"#,
        &["1 a", "2  INVALID_JSON"],
    );
    reads(
        r#"{"records":[{"account_id":"a"}]} x y"#,
        &["1 a", "2  INVALID_JSON"],
    );
    reads(r#"[{"account_id":"a"}]}"#, &["1 a", "2  INVALID_JSON"]);
    reads(r#"[{"account_id":"a"},]"#, &["1 a", "2  INVALID_JSON"]);
}

#[test]
fn what_is_no_json_is_refused_whole() {
    for text in ["account_id,state\n", "\"a\"", "7", "{", "\u{feff}x"] {
        for chunk in [1, 100] {
            let fault = Fault::row(RejectCode::InvalidJson);
            assert_eq!(read(text.as_bytes(), chunk), Err(Refused(fault)), "{text}");
        }
    }
    let blanks = " ".repeat(OPENING_BYTES_MAX + 1);
    assert!(read(blanks.as_bytes(), 100).is_err());
}

#[test]
fn a_row_is_bounded() {
    let id = "x".repeat(limits::ROW_BYTES_MAX);
    let long = format!("{{\"account_id\":\"{id}\"}}");
    let rows = format!("{{\"account_id\":\"a\"}}\n{long}\n{{\"account_id\":\"b\"}}");
    let expected = ["1 a", "2  ROW_TOO_LARGE", "3 b"];
    assert_eq!(read(rows.as_bytes(), 1_000).unwrap(), expected);
    let rows = format!("[{{\"account_id\":\"a\"}},{long},{{\"account_id\":\"b\"}}]");
    assert_eq!(read(rows.as_bytes(), 1_000).unwrap(), expected);
}
