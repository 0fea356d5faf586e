//! Both sides of every bound of a batch's body.

use super::*;

const INTENT: &str = r#"{"account_id":"A","phone":"(818) 555-1234","channel":"phone","action_type":"call","source_system":"five9"}"#;

/// Every element, or what is wrong with the whole.
fn all(body: &str) -> Result<(Form, Vec<Element>), FieldCode> {
    let whole = |error: FieldError| {
        assert_eq!(error.field, None, "{body}");
        error.code
    };
    let mut batch = Batch::open(body.as_bytes(), false).map_err(whole)?;
    let mut elements = Vec::new();
    while let Some(element) = batch.next_intent().map_err(whole)? {
        elements.push(element);
    }
    Ok((batch.form(), elements))
}

fn list(count: usize) -> String {
    format!("[{}]", vec![INTENT; count].join(","))
}

#[test]
fn both_forms_are_read_and_answered_in_kind() {
    for (body, form) in [
        (format!("[{INTENT}]"), Form::List),
        (format!("{{\"intents\":[{INTENT}]}}"), Form::Object),
        (
            format!(" {{ \"intents\"\t:\r\n[ {INTENT} ] }} \n"),
            Form::Object,
        ),
    ] {
        let (found, elements) = all(&body).unwrap();
        assert_eq!((found, elements.len()), (form, 1), "{body}");
        let ask = elements.into_iter().next().unwrap().unwrap();
        assert_eq!(&*ask.intent.account_id, "A");
        let mut answer = form.opening().to_vec();
        answer.extend_from_slice(form.closing());
        assert!(serde_json::from_slice::<serde_json::Value>(&answer).is_ok());
    }
}

#[test]
fn the_count_is_bounded_on_both_sides() {
    assert_eq!(all("[]").unwrap_err(), FieldCode::EmptyBatch);
    assert_eq!(all("{\"intents\":[ ]}").unwrap_err(), FieldCode::EmptyBatch);
    assert_eq!(all(&list(1)).unwrap().1.len(), 1);
    let most = all(&list(BATCH_INTENTS_MAX)).unwrap().1;
    assert_eq!(most.len(), BATCH_INTENTS_MAX);
    assert_eq!(
        all(&list(BATCH_INTENTS_MAX + 1)).unwrap_err(),
        FieldCode::TooManyIntents
    );
}

#[test]
fn other_json_is_no_batch() {
    for body in [
        "1",
        "\"intents\"",
        "null",
        "{}",
        INTENT,
        "{\"intents\":1}",
        "{\"intents\":{}}",
        "{\"intents\":null}",
        &format!("{{\"intents\":[{INTENT}],\"atomic\":true}}"),
        &format!("{{\"atomic\":true,\"intents\":[{INTENT}]}}"),
        &format!("{{\"intents\":[{INTENT}],\"intents\":[{INTENT}]}}"),
    ] {
        assert_eq!(all(body).unwrap_err(), FieldCode::NotABatch, "{body}");
    }
}

#[test]
fn what_is_not_json_anywhere_spoils_the_batch() {
    for body in [
        "",
        " ",
        "[",
        "[}",
        "{\"intents\":[",
        &format!("[{INTENT}"),
        &format!("[{INTENT},]"),
        &format!("[,{INTENT}]"),
        &format!("[{INTENT} {INTENT}]"),
        &format!("[{INTENT}],"),
        &format!("[{INTENT}] x"),
        &format!("[{INTENT}}}]"),
        &format!("[{INTENT},{{\"a\":}}]"),
        &format!("[{INTENT},tru]"),
        &format!("[{INTENT},12x]"),
        &format!("[{INTENT}]]"),
        &format!("{{\"intents\":[{INTENT}]"),
    ] {
        assert_eq!(all(body).unwrap_err(), FieldCode::InvalidJson, "{body}");
    }
    let mut bytes = format!("[{INTENT}]").into_bytes();
    bytes[20] = 0xff;
    assert_eq!(
        Batch::open(&bytes, false).unwrap_err().code,
        FieldCode::InvalidJson
    );
}

#[test]
fn a_bad_intent_is_its_own_fault() {
    let of = |field, code| Err((field, code));
    for (element, expected) in [
        ("7", of(None, FieldCode::NotAnObject)),
        ("null", of(None, FieldCode::NotAnObject)),
        ("\"}{\"", of(None, FieldCode::NotAnObject)),
        ("[{}]", of(None, FieldCode::NotAnObject)),
        ("-1.5e3", of(None, FieldCode::NotAnObject)),
        ("{}", of(Some("account_id"), FieldCode::Missing)),
        (
            r#"{"account_id":7}"#,
            of(Some("account_id"), FieldCode::WrongType),
        ),
        (
            r#"{"account_id":"a","account_id":"b"}"#,
            of(Some("account_id"), FieldCode::Duplicate),
        ),
    ] {
        let body = format!("[{INTENT},{element} , {INTENT}]");
        let (_, elements) = all(&body).unwrap();
        let found: Vec<_> = elements
            .iter()
            .map(|e| e.as_ref().map(|_ask| ()).map_err(|e| (e.field, e.code)))
            .collect();
        assert_eq!(found, [Ok(()), expected, Ok(())], "{element}");
    }
}

#[test]
fn an_intent_has_the_key_it_would_have_alone() {
    let one = INTENT.replacen(
        '{',
        "{\"request_id\":\"r-1\",\"later\":[1,{\"x\":\"]\"}],",
        1,
    );
    let alone = intent::decode(one.as_bytes(), None, true).unwrap();
    let body = format!("[ {one} ,\n{one}]");
    let mut batch = Batch::open(body.as_bytes(), true).unwrap();
    for _ in 0..2 {
        let ask = batch.next_intent().unwrap().unwrap().unwrap();
        assert_eq!(ask.key, alone.key);
        assert_eq!(ask.key.unwrap().text, "r-1".into());
        assert!(ask.intent.exception_scope);
    }
    assert!(batch.next_intent().unwrap().is_none());
}
