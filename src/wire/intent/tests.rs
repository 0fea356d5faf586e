//! Both sides of every bound of an intent's body.

use super::*;

const SAMPLE: &str = r#"{"account_id":"ACC-001","phone":"(818) 555-1234","channel":"phone","action_type":"call","source_system":"five9"}"#;

fn ask(body: &str) -> Result<AskRequest, FieldError> {
    decode(body.as_bytes(), None, false)
}

/// The sample with one more field.
fn with(field: &str) -> String {
    format!("{{{field},{}", SAMPLE.trim_start_matches('{'))
}

/// The published five with this channel, contact field and action.
fn on(channel: &str, contact: &str) -> String {
    format!(
        r#"{{"account_id":"A","channel":"{channel}","action_type":"call","source_system":"s"{contact}}}"#
    )
}

fn refused(body: &str) -> (Option<&'static str>, FieldCode) {
    let error = ask(body).unwrap_err();
    (error.field, error.code)
}

#[test]
fn the_published_sample_reads() {
    let ask = ask(SAMPLE).unwrap();
    let number = PhoneNumber::parse("8185551234").unwrap();
    assert_eq!(&*ask.intent.account_id, "ACC-001");
    assert_eq!(ask.intent.contact, ContactPoint::Phone(number));
    assert_eq!(ask.intent.channel, Some(Channel::Phone));
    assert_eq!(ask.intent.action, Some(Action::Call));
    assert_eq!(&*ask.intent.source_system, "five9");
    assert_eq!(ask.intent.role, Asked::Absent);
    assert_eq!(ask.intent.dial_mode, Asked::Absent);
    assert_eq!(ask.intent.purpose, Purpose::Collection);
    assert_eq!(ask.intent.to_place, Asked::Absent);
    assert!(ask.intent.debt_ids.is_empty() && !ask.intent.dry_run);
    assert_eq!(ask.key, None);
    assert_eq!(ask.echo, Echo::new("ACC-001", "phone", "five9"));
    assert_eq!(
        (
            ask.echo.account_id(),
            ask.echo.channel(),
            ask.echo.source_system()
        ),
        ("ACC-001", "phone", "five9")
    );
}

#[test]
fn every_optional_field_reads() {
    let body = with(
        r#""request_id":"r-1","person_id":"P-1","party_role":"spouse","dial_mode":"preview",
        "purpose":"reminder","to_place":"school","campaign_id":"c","agent_id":"a",
        "email":"x@example.com","debt_ids":["D-1","D-2"],"dry_run":true,"tenant_id":"other""#,
    );
    let ask = decode(body.as_bytes(), None, true).unwrap();
    assert_eq!(ask.request_id.as_deref(), Some("r-1"));
    assert_eq!(ask.intent.person_id.as_deref(), Some("P-1"));
    assert_eq!(ask.intent.role, Asked::Known(PartyRole::Spouse));
    assert_eq!(ask.intent.dial_mode, Asked::Known(DialMode::Preview));
    assert_eq!(ask.intent.purpose, Purpose::Reminder);
    assert_eq!(ask.intent.to_place, Asked::Known(PlaceKind::School));
    assert_eq!(ask.to_place.as_deref(), Some("school"));
    assert_eq!(ask.campaign_id.as_deref(), Some("c"));
    assert_eq!(ask.agent_id.as_deref(), Some("a"));
    assert_eq!(ask.intent.debt_ids, ["D-1".into(), "D-2".into()]);
    assert!(ask.intent.dry_run && ask.intent.exception_scope);
    assert_eq!(ask.key.map(|key| key.text), Some("r-1".into()));
}

#[test]
fn null_is_absent() {
    let ask = ask(&with(
        r#""request_id":null,"dry_run":null,"debt_ids":null,"purpose":null"#,
    ));
    let ask = ask.unwrap();
    assert_eq!((ask.key, ask.intent.dry_run), (None, false));
}

#[test]
fn required_fields_are_named_when_missing() {
    for field in [
        "account_id",
        "channel",
        "action_type",
        "source_system",
        "phone",
    ] {
        let body = SAMPLE.replace(&format!("\"{field}\":"), "\"other\":");
        assert_eq!(refused(&body), (Some(field), FieldCode::Missing));
    }
}

#[test]
fn each_channel_asks_for_its_own_contact_point() {
    let missing = |field| (Some(field), FieldCode::Missing);
    for channel in ["phone", "sms", "fax"] {
        assert_eq!(
            refused(&on(channel, r#","email":"a@b.co""#)),
            missing("phone")
        );
    }
    for channel in ["email", "social"] {
        assert_eq!(
            refused(&on(channel, r#","phone":"8185551234""#)),
            missing("email")
        );
    }
    let contact = |body: &str| ask(body).unwrap().intent.contact;
    for channel in ["mail", "in_person"] {
        let named = on(channel, r#","phone":"x","email":"y""#);
        assert_eq!(contact(&named), ContactPoint::Absent);
    }
    assert_eq!(contact(&on("pigeon", "")), ContactPoint::Absent);
    assert_eq!(
        contact(&on("pigeon", r#","phone":"x""#)),
        ContactPoint::BadPhone
    );
    assert_eq!(
        contact(&on("email", r#","email":"Jane.Doe@Example.COM""#)),
        ContactPoint::Email("jane.doe@example.com".into())
    );
}

#[test]
fn a_bad_contact_point_is_for_the_gate_to_refuse() {
    for text in ["", "911", "+44 20 7946 0000", "555-1234 ext 5", "\\u0000"] {
        let body = on("phone", &format!(r#","phone":"{text}""#));
        assert_eq!(ask(&body).unwrap().intent.contact, ContactPoint::BadPhone);
    }
    for text in [
        "", "a", "@b.co", "a@", "a@b", "a@b.", "a@.b", "a@b@c.co", "a b@c.co", "a@b..co",
    ] {
        let body = on("email", &format!(r#","email":"{text}""#));
        assert_eq!(
            ask(&body).unwrap().intent.contact,
            ContactPoint::BadEmail,
            "{text}"
        );
    }
}

#[test]
fn unknown_words_are_kept_unknown_and_echoed() {
    let body = r#"{"account_id":"","channel":"Phone","action_type":"shout","source_system":"",
        "party_role":"uncle","dial_mode":"auto","purpose":"fun","to_place":"pub"}"#;
    let ask = ask(body).unwrap();
    assert_eq!((ask.intent.channel, ask.intent.action), (None, None));
    assert_eq!(ask.intent.role, Asked::Unknown);
    assert_eq!(ask.intent.dial_mode, Asked::Unknown);
    assert_eq!(ask.intent.to_place, Asked::Unknown);
    assert_eq!(ask.intent.purpose, Purpose::Collection);
    assert_eq!(ask.echo.channel(), "Phone");
}

#[test]
fn answering_something_makes_it_a_reply() {
    let ask = |field: &str| ask(&with(field)).unwrap().intent;
    let reply = ask(r#""in_response_to":"inbound_text","purpose":"collection""#);
    assert_eq!(reply.purpose, Purpose::Reply);
    assert_eq!(reply.in_response_to, Some(Inbound::Text));
    let nothing = ask(r#""in_response_to":"smoke_signal""#);
    assert_eq!(
        (nothing.purpose, nothing.in_response_to),
        (Purpose::Collection, None)
    );
    assert_eq!(ask(r#""purpose":"reply""#).in_response_to, None);
}

#[test]
fn wrong_types_name_the_field() {
    for (field, value) in [
        ("request_id", "1"),
        ("person_id", "[]"),
        ("party_role", "{}"),
        ("dial_mode", "true"),
        ("purpose", "1.5"),
        ("in_response_to", "-1"),
        ("to_place", "false"),
        ("campaign_id", "[\"x\"]"),
        ("agent_id", "7"),
        ("email", "{\"a\":[1,{}]}"),
        ("debt_ids", "\"D\""),
        ("debt_ids", "[\"D\",1]"),
        ("debt_ids", "[[\"D\"]]"),
        ("dry_run", "\"true\""),
        ("dry_run", "1"),
    ] {
        let body = with(&format!("\"{field}\":{value}"));
        assert_eq!(
            refused(&body),
            (Some(field), FieldCode::WrongType),
            "{field} {value}"
        );
    }
    let number = SAMPLE.replace("\"ACC-001\"", "17");
    assert_eq!(refused(&number), (Some("account_id"), FieldCode::WrongType));
}

#[test]
fn texts_of_64_bytes_pass_and_65_do_not() {
    for (name, field) in [("account_id", "ACC-001"), ("source_system", "five9")] {
        let at = SAMPLE.replace(field, &"\u{e9}".repeat(32));
        assert!(ask(&at).is_ok());
        let over = SAMPLE.replace(field, &format!("{}x", "\u{e9}".repeat(32)));
        assert_eq!(refused(&over), (Some(name), FieldCode::TooLong));
    }
    let debts = |count: usize, bytes: usize| {
        let one = format!("\"{}\"", "d".repeat(bytes));
        with(&format!("\"debt_ids\":[{}]", vec![one; count].join(",")))
    };
    assert_eq!(ask(&debts(32, 64)).unwrap().intent.debt_ids.len(), 32);
    assert_eq!(
        refused(&debts(33, 1)),
        (Some("debt_ids"), FieldCode::TooMany)
    );
    assert_eq!(
        refused(&debts(1, 65)),
        (Some("debt_ids"), FieldCode::TooLong)
    );
}

#[test]
fn a_field_given_twice_is_refused_and_an_unknown_one_is_not() {
    assert_eq!(
        refused(&with(r#""account_id":"ACC-002""#)),
        (Some("account_id"), FieldCode::Duplicate)
    );
    // The same name spelt with an escape is the same name.
    assert_eq!(
        refused(&with(r#""chann\u0065l":"sms""#)),
        (Some("channel"), FieldCode::Duplicate)
    );
    assert!(ask(&with(r#""note":1,"note":[2,{"note":null}]"#)).is_ok());
}

#[test]
fn what_is_not_one_json_object_names_no_field() {
    for body in [
        "",
        " ",
        "{",
        "nope",
        "{\"account_id\":}",
        "{} {}",
        "{\"phone\":1e999}",
        "'{}'",
    ] {
        assert_eq!(refused(body), (None, FieldCode::InvalidJson), "{body}");
    }
    for body in ["[]", "null", "true", "1", "\"{}\""] {
        assert_eq!(refused(body), (None, FieldCode::NotAnObject), "{body}");
    }
    let nested = |name: &str| {
        let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
        with(&format!("\"{name}\":{deep}"))
    };
    assert!(ask(&nested("note")).is_ok());
    assert_eq!(refused(&nested("email")), (None, FieldCode::InvalidJson));
    let not_utf8 = [SAMPLE.as_bytes().split_at(20).0, b"\xff\"}"].concat();
    let error = decode(&not_utf8, None, false).unwrap_err();
    assert_eq!(error, FieldError::body(FieldCode::InvalidJson));
}

#[test]
fn the_header_goes_before_request_id_and_keys_are_bounded() {
    let body = with(r#""request_id":"r-1""#);
    let keyed = |key: &[u8]| decode(body.as_bytes(), Some(key), false);
    let key = keyed(b"k-1").unwrap().key.unwrap();
    assert_eq!(&*key.text, "k-1");
    assert_eq!(key.body, body_digest(body.as_bytes()));
    assert_ne!(key.body, body_digest(SAMPLE.as_bytes()));
    assert!(keyed("k".repeat(64).as_bytes()).is_ok());
    for (bytes, code) in [
        ("k".repeat(65).as_bytes(), FieldCode::TooLong),
        (b"", FieldCode::Empty),
        (b"a b", FieldCode::NotVisibleAscii),
        ("\u{e9}".as_bytes(), FieldCode::NotVisibleAscii),
    ] {
        assert_eq!(keyed(bytes).unwrap_err(), FieldError::of(KEY_HEADER, code));
    }
    let empty = with(r#""request_id":"""#);
    assert_eq!(refused(&empty), (Some("request_id"), FieldCode::Empty));
}

#[test]
fn the_digest_is_the_head_of_sha_256() {
    // SHA-256 of nothing begins e3b0c442 98fc1c14 9afbf4c8 996fb924.
    assert_eq!(body_digest(b""), 0xe3b0_c442_98fc_1c14_9afb_f4c8_996f_b924);
}
