//! CSV intake from bytes to records and refusals.

use super::reject::{Fault, Refused, RejectCode, Rejected};
use super::{CsvReader, JsonReader, Numbered, limits};
use crate::domain::record::Line;

fn lines(text: &[u8], chunk: usize) -> Result<Vec<Result<Numbered, Rejected>>, Refused> {
    let (mut reader, mut found) = (CsvReader::default(), Vec::new());
    let mut sink = |result| found.push(result);
    for part in text.chunks(chunk) {
        reader.push(part, &mut sink)?;
    }
    reader.finish(&mut sink)?;
    Ok(found)
}

/// `line id` or `line column CODE` of every row.
fn read(text: &str, chunk: usize) -> Vec<String> {
    let show = |result: Result<Numbered, Rejected>| match result {
        Ok(Numbered {
            line,
            record: Line::Account(record),
        }) => {
            format!("{line} {}", record.account_id.unwrap().as_str())
        }
        Ok(other) => format!("{} other", other.line),
        Err(bad) => format!(
            "{} {} {}",
            bad.line,
            bad.fault.field,
            bad.fault.code.as_str()
        ),
    };
    lines(text.as_bytes(), chunk)
        .unwrap()
        .into_iter()
        .map(show)
        .collect()
}

fn refused(text: &str) -> (String, RejectCode) {
    let Err(Refused(Fault { field, code })) = lines(text.as_bytes(), 7) else {
        panic!("refused whole");
    };
    (field.into_owned(), code)
}

/// Both forms give the same records.
fn same(csv: &str, json: &str) {
    let (mut reader, mut expected) = (JsonReader::default(), Vec::new());
    let mut sink = |result: Result<Numbered, Rejected>| expected.push(result.unwrap().record);
    reader.push(json.as_bytes(), &mut sink).unwrap();
    reader.finish(&mut sink).unwrap();
    let found = lines(csv.as_bytes(), 64).unwrap();
    let found: Vec<_> = found.into_iter().map(|row| row.unwrap().record).collect();
    assert_eq!(found, expected);
}

#[test]
fn ingest_1_any_chunks_quotes_and_line_ends() {
    let text =
        "\u{feff}account_id,creditor,state\r\n\"a,1\",\"Big \"\"B\"\"\nBank\",GA\r\n\r\nb,,\r\nc";
    for chunk in 1..=text.len() {
        assert_eq!(
            read(text, chunk),
            ["2 a,1", "5 b", "6  INVALID_CSV"],
            "chunks of {chunk}"
        );
    }
    same(
        "account_id,creditor\n\"a,1\",\"Big \"\"B\"\"\nBank\"\n",
        r#"{"account_id":"a,1","creditor":"Big \"B\"\u000aBank"}"#,
    );
}

#[test]
fn an_unclosed_quote_spoils_its_own_line() {
    let text = "account_id,state\na,\"GA\nb,GA\nc,\"TX\"\nd,GA\n";
    for chunk in [1, 5, 100] {
        assert_eq!(read(text, chunk), ["2  INVALID_CSV", "3 b", "4 c", "5 d"]);
    }
    assert_eq!(read("account_id\n\"a\nb", 3), ["2  INVALID_CSV", "3 b"]);
    let long = "b,GA\n".repeat(limits::ROW_BYTES_MAX / 5 + 9);
    let text = format!("account_id,state\na,\"GA\n{long}c,GA\n");
    let found = read(&text, 4_096);
    assert_eq!(found.len(), limits::ROW_BYTES_MAX / 5 + 11);
    assert_eq!(found[0], "2  INVALID_CSV");
    assert!(
        found
            .iter()
            .skip(1)
            .all(|row| row.ends_with(" b") || row.ends_with(" c"))
    );
}

#[test]
fn a_row_is_bounded_and_the_rest_is_read() {
    let long = "x".repeat(limits::ROW_BYTES_MAX + 1);
    let text = format!("account_id,state\na,GA\n{long},GA\nb,GA\n");
    assert_eq!(read(&text, 1_000), ["2 a", "3  ROW_TOO_LARGE", "4 b"]);
    let text = format!("account_id,state\na,\"GA\n{long},GA\nb,GA\n");
    assert_eq!(
        read(&text, 1_000),
        ["2  INVALID_CSV", "3  ROW_TOO_LARGE", "4 b"]
    );
    assert_eq!(
        lines(b"account_id\n\xff\n", 99).unwrap()[0]
            .as_ref()
            .unwrap_err()
            .fault
            .code,
        RejectCode::InvalidUtf8
    );
}

#[test]
fn the_header_is_sound_or_nothing_is_read() {
    assert_eq!(
        refused("account_id,atorney\na,true\n"),
        ("atorney".into(), RejectCode::UnknownColumn)
    );
    for column in [
        "phone_0",
        "phone_33",
        "phone_01",
        "phone_x",
        "phone_N",
        "phone_1_2",
        "state_1",
    ] {
        let text = format!("account_id,{column}\na,b\n");
        assert_eq!(
            refused(&text),
            (column.to_owned(), RejectCode::UnknownColumn),
            "{column}"
        );
    }
    assert_eq!(refused("account_id,<b>\n").0, "?");
    assert_eq!(
        refused("account_id,state,state\n"),
        ("state".into(), RejectCode::DuplicateColumn)
    );
    assert_eq!(
        refused("state,zip\nGA,30301\n"),
        ("account_id".into(), RejectCode::Missing)
    );
    assert_eq!(refused(""), (String::new(), RejectCode::Missing));
    assert_eq!(refused("account_id,\"state\n").1, RejectCode::InvalidCsv);
    assert_eq!(
        refused("{\"account_id\":\"a\"}\n").1,
        RejectCode::UnknownColumn
    );
    assert_eq!(read("account_id, phone_32 \na,4045550100", 3), ["2 a"]);
}

/// WIRE-2: a file without a header is refused by its first row, which is not shown.
#[test]
fn the_first_row_of_a_file_without_a_header_is_not_repeated() {
    for cell in [
        "8185550100",
        "+18185550100",
        "818-555-0100",
        "(818) 555-0100",
        "ACC-1047",
        "acc1047",
        "John Smith",
        "Smith",
        "123-45-6789",
        "ann@mail.example",
        "12 elm st.",
        "1985-04-12",
    ] {
        for text in [format!("{cell}\n"), format!("account_id,{cell}\nA,b\n")] {
            assert_eq!(
                refused(&text),
                ("?".into(), RejectCode::UnknownColumn),
                "{cell}"
            );
        }
    }
}

#[test]
fn columns_say_what_fields_say() {
    same(
        "account_id,person_id,state,zip,phone_2,phone_1_type,phone_1,deceased,cease_at,\
         bankruptcy_status,bankruptcy_chapter,do_not_call_2,text_consent_1_at,refused,reason,\
         minor,email_3,email_3_employer,email_opt_out_3,debt_1,promise_until,stated_zone\n\
         a,p,GA,30301-1234,4045550102,wireless,(404) 555-0101,TRUE,2026-05-05T18:00:00Z,filed,13,true,\
         2026-05-05T18:00:00+02:00,sms|phone,over now,false,A@B.co,true,true,d1,2026-06-01,\
         America/New_York\n",
        r#"{"account_id":"a","person_id":"p","state":"GA","zip":"30301","reason":"over now",
         "phones":[{"number":"+14045550102"},{"number":"+14045550101","line_type":"wireless"}],
         "emails":[{"address":"a@b.co","employer_provided":true}],"debts":[{"debt_id":"d1"}],
         "facts":[{"fact":"deceased"},{"fact":"cease","form":"written","at":"2026-05-05T18:00:00Z"},
         {"fact":"bankruptcy","status":"filed","chapter":13},
         {"fact":"do_not_call","phone":"4045550102"},
         {"fact":"consent","phone":"4045550101","consent":["text"],"given_to":"collector",
          "at":"2026-05-05T16:00:00Z"},
         {"fact":"medium_opt_out","medium":"sms"},{"fact":"medium_opt_out","medium":"phone"},
         {"fact":"minor","lifted":true,"reason":"over now"},
         {"fact":"contact_opt_out","address":"a@b.co"},
         {"fact":"promise","until_date":"2026-06-01"},
         {"fact":"stated_zone","zone":"America/New_York"}]}"#
            .replace('\n', " ")
            .as_str(),
    );
}

#[test]
fn columns_of_what_states_ask() {
    same(
        "account_id,email_1,email_1_from_consumer,email_written_consent_1_at,party_1,party_1_role,\
         party_1_employer,unreachable_at_home,judgment,nv_medical_notice_at,dc_written_notice_at,\
         ny_disclosure_at,itemised_statement_at\n\
         a,a@b.co,true,2026-05-05T18:00:00Z,e,third_party,true,true,true,2026-05-01T18:00:00Z,\
         2026-05-02T18:00:00Z,2026-05-03T18:00:00Z,2026-05-04T18:00:00Z\n",
        r#"{"account_id":"a","emails":[{"address":"a@b.co","from_consumer":true}],
         "parties":[{"person_id":"e","role":"third_party","employer":true}],
         "facts":[{"fact":"consent","address":"a@b.co","consent":["email"],"written":true,
          "given_to":"collector","at":"2026-05-05T18:00:00Z"},
         {"fact":"unreachable_at_home"},{"fact":"judgment"},
         {"fact":"notice_sent","notice":"nv_medical","at":"2026-05-01T18:00:00Z"},
         {"fact":"notice_sent","notice":"dc_written","at":"2026-05-02T18:00:00Z"},
         {"fact":"notice_sent","notice":"ny_disclosure","at":"2026-05-03T18:00:00Z"},
         {"fact":"notice_sent","notice":"itemised_statement","at":"2026-05-04T18:00:00Z"}]}"#
            .replace('\n', " ")
            .as_str(),
    );
}

#[test]
fn record_rows_are_the_records() {
    same(
        "record,account_id,fact,periods,debts,at,outcome,phone,inbound,scope,value,on,gates,override,\
         actor,document_id,until\n\
         fact,a,inconvenient_time,\"1,2 09:00-12:30|6|22:00-06:00\",,,,,,,,,,,,,\n\
         attempt,a,,,d1|d2,2026-05-05T18:00:00Z,no_answer,404-555-0100,false,,,,,,,,\n\
         contact,,do_not_call,,,,,4045550100,,,,,,,,,\n\
         kill,,,,,,,,,channel,sms,true,,,,,\n\
         clock_accept,,,,,,,,,,,,,,,,\n\
         fact,a,override,,,,,,,,,,2|6,supervisor,kim,doc,2026-05-05T18:00:00Z\n\
         ,b,,,,,,,,,,,,,,,\n",
        concat!(
            r#"{"account_id":"a","facts":[{"fact":"inconvenient_time","periods":[{"days":[1,2],"from":"09:00","to":"12:30"},{"days":[6]},{"from":"22:00","to":"06:00"}]}]}"#,
            "\n",
            r#"{"record":"attempt","account_id":"a","debts":["d1","d2"],"at":"2026-05-05T18:00:00Z","outcome":"no_answer","phone":"+14045550100","inbound":false}"#,
            "\n",
            r#"{"record":"contact","fact":"do_not_call","phone":"+14045550100"}"#,
            "\n",
            r#"{"record":"kill","scope":"channel","value":"sms","on":true}"#,
            "\n",
            r#"{"record":"clock_accept"}"#,
            "\n",
            r#"{"record":"fact","account_id":"a","fact":"override","override":"supervisor","gates":[2,6],"actor":"kim","document_id":"doc","until":"2026-05-05T18:00:00Z"}"#,
            "\n",
            r#"{"account_id":"b"}"#,
        ),
    );
}

#[test]
fn a_bad_cell_is_named_by_its_column() {
    for (columns, cells, expected) in [
        ("phone_7", "555", "phone_7 INVALID_PHONE"),
        (
            "phone_2,phone_9",
            "4045550100,404.555.0100",
            "phone_9 CONFLICT",
        ),
        ("phone_3_type", "wireless", "phone_3 MISSING"),
        ("do_not_call_4", "true", "do_not_call_4 MISSING"),
        ("email_2", "nobody", "email_2 INVALID_EMAIL"),
        ("state", "Georgia", "state UNKNOWN_WORD"),
        ("zip", "3030", "zip INVALID_ZIP"),
        ("deceased", "false", "deceased LIFT_NEEDS_REASON"),
        ("deceased", "dead", "deceased WRONG_TYPE"),
        ("cease_at", "2026-05-05", "cease_at INVALID_DATE"),
        ("bankruptcy_chapter", "8", "bankruptcy_chapter OUT_OF_RANGE"),
        ("promise_reminder", "true", "promise_reminder MISSING"),
        ("refused", "sms|pigeon", "refused UNKNOWN_WORD"),
        ("stated_zone", "Georgia", "stated_zone UNKNOWN_WORD"),
        ("fact", "cease", "fact UNEXPECTED"),
        ("record", "bill", "record UNKNOWN_WORD"),
        (
            "record,fact,chapter",
            "fact,bankruptcy,x",
            "chapter WRONG_TYPE",
        ),
        (
            "record,fact,phone",
            "fact,cease,4045550100",
            "facts.0.phone UNEXPECTED",
        ),
        ("record,deceased", "fact,true", "deceased UNEXPECTED"),
        ("creditor", &"x".repeat(65), "creditor TOO_LONG"),
    ] {
        let text = format!(
            "account_id,{columns}\na,{cells}\nb{}\n",
            ",".repeat(cells.matches(',').count() + 1)
        );
        assert_eq!(
            read(&text, 50),
            [format!("2 {expected}"), "3 b".to_owned()],
            "{columns}"
        );
    }
}

#[test]
fn the_examples_are_accepted() {
    let csv = include_str!("../../../examples/portfolio.csv");
    let found = lines(csv.as_bytes(), 500).unwrap();
    let refused: Vec<_> = found.iter().filter_map(|row| row.as_ref().err()).collect();
    assert_eq!((found.len(), refused), (8, Vec::new()));
    let (mut reader, mut count) = (JsonReader::default(), 0);
    let mut sink = |result: Result<Numbered, Rejected>| count += u32::from(result.is_ok());
    reader
        .push(
            include_bytes!("../../../examples/portfolio.ndjson"),
            &mut sink,
        )
        .unwrap();
    reader.finish(&mut sink).unwrap();
    assert_eq!(count, 8);
}
