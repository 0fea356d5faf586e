//! Every field, and every fault by its field.

use super::*;

#[test]
fn reads_what_was_always_read() {
    let body =
        br#"{"audit_id":482,"outcome":"conversation","occurred_at":"2026-05-05T11:00:00-07:00",
        "call_id":"C-1","debt_ids":["D-1","D-2"],"actor":"agent 7","unknown":{"audit_id":[1]}}"#;
    let expected = Disposition {
        audit_id: Some(482),
        occurred_at: Some(UnixSeconds(1_778_004_000)),
        call_id: Some("C-1".into()),
        debt_ids: vec!["D-1".into(), "D-2".into()],
        actor: Some("agent 7".into()),
        ..Disposition::of(Reported::Conversation)
    };
    assert_eq!(decode(body), Ok(expected));
}

#[test]
fn reads_every_field() {
    let body = br#"{"account_id":"A","outcome":"inconvenient_time","phone":"(818) 555-1234",
        "email":"Ann@Example.com","channel":"sms","action_type":"text","direction":"inbound",
        "duration_s":86400,"agent_id":"a-7","conversation_about":["D-3"],"party_role":"spouse",
        "person_id":"P-2","spoke_with":"third_party","prerecorded":true,"form":"oral",
        "reason":"said so","campaign_id":"c","source_system":"five9","promise_date":"2026-06-01",
        "inconvenient_from":"09:00","inconvenient_to":"24:00","inconvenient_days":["1","7"]}"#;
    let expected = Disposition {
        account_id: Some("A".into()),
        phone: PhoneNumber::parse("8185551234").ok(),
        email: Some("ann@example.com".into()),
        channel: Some(Channel::Sms),
        action: Some(Action::Text),
        direction: Direction::Inbound,
        duration_s: Some(86_400),
        agent_id: Some("a-7".into()),
        conversation_about: vec!["D-3".into()],
        party_role: Some(PartyRole::Spouse),
        person_id: Some("P-2".into()),
        spoke_with: Some(SpokeWith::ThirdParty),
        prerecorded: true,
        form: Some(Form::Oral),
        reason: Some("said so".into()),
        campaign_id: Some("c".into()),
        source_system: Some("five9".into()),
        promise_date: CivilDate::from_ymd(2026, 6, 1),
        inconvenient_from: Some(ClockTime(9 * 3600)),
        inconvenient_to: Some(ClockTime(86_400)),
        inconvenient_days: vec![1, 7],
        ..Disposition::of(Reported::InconvenientTime)
    };
    assert_eq!(decode(body), Ok(expected));
}

#[test]
fn every_word_is_read_and_no_other() {
    for word in Reported::ALL {
        let body = format!(r#"{{"audit_id":1,"outcome":"{}"}}"#, word.as_str());
        assert_eq!(decode(body.as_bytes()).map(|said| said.outcome), Ok(*word));
    }
    let refused = Err(FieldError::of("outcome", FieldCode::UnknownWord));
    assert_eq!(decode(br#"{"audit_id":1,"outcome":"pending"}"#), refused);
}

#[test]
fn names_the_field_at_fault() {
    use FieldCode as C;
    let long = format!(
        r#"{{"audit_id":1,"outcome":"sent","actor":"{}"}}"#,
        "a".repeat(65)
    );
    for (body, field, code) in [
        ("{}", Some("outcome"), C::Missing),
        (r#"{"audit_id":"1"}"#, Some("audit_id"), C::WrongType),
        (r#"{"audit_id":-1}"#, Some("audit_id"), C::WrongType),
        (r#"{"audit_id":1.0}"#, Some("audit_id"), C::WrongType),
        (r#"{"audit_id":1}"#, Some("outcome"), C::Missing),
        (
            r#"{"audit_id":1,"outcome":"SENT"}"#,
            Some("outcome"),
            C::UnknownWord,
        ),
        (r#"{"outcome":"no_answer"}"#, Some("phone"), C::Missing),
        (
            r#"{"outcome":"sent","channel":"email"}"#,
            Some("email"),
            C::Missing,
        ),
        (&long, Some("actor"), C::TooLong),
        (
            r#"{"audit_id":1,"audit_id":1}"#,
            Some("audit_id"),
            C::Duplicate,
        ),
        ("[]", None, C::NotAnObject),
        ("", None, C::InvalidJson),
    ] {
        assert_eq!(
            decode(body.as_bytes()),
            Err(FieldError { field, code }),
            "{body}"
        );
    }
}

#[test]
fn names_the_field_whose_value_is_wrong() {
    use FieldCode as C;
    let one = |rest: &str| format!(r#"{{"audit_id":1,"outcome":"sent",{rest}}}"#);
    for (rest, field, code) in [
        (
            r#""occurred_at":"2026-05-05""#,
            "occurred_at",
            C::InvalidInstant,
        ),
        (r#""occurred_at":7"#, "occurred_at", C::WrongType),
        (r#""debt_ids":"D""#, "debt_ids", C::WrongType),
        (r#""phone":"555""#, "phone", C::InvalidPhone),
        (r#""email":"ann""#, "email", C::InvalidEmail),
        (r#""channel":"fon""#, "channel", C::UnknownWord),
        (r#""direction":"in""#, "direction", C::UnknownWord),
        (r#""duration_s":86401"#, "duration_s", C::OutOfRange),
        (r#""call_id":"""#, "call_id", C::Empty),
        (
            r#""promise_date":"2026-02-30""#,
            "promise_date",
            C::InvalidDate,
        ),
        (
            r#""inconvenient_from":"9:00""#,
            "inconvenient_from",
            C::InvalidTime,
        ),
        (
            r#""inconvenient_days":["0"]"#,
            "inconvenient_days",
            C::OutOfRange,
        ),
    ] {
        let refused = Err(FieldError::of(field, code));
        assert_eq!(decode(one(rest).as_bytes()), refused, "{rest}");
    }
}
