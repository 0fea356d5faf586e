//! Rows as events, and what filters let through.

use super::*;

const SUBJECT: &[u8] = br#"{"account_id":"ACC-1","agent_id":"A7","campaign_id":"C","phone":"+18185551234","source_system":"five9"}"#;

fn blocked() -> Event {
    let body = br#"{"a":1,"b":96,"c":[601,704],"cr":[0,0],"e":3,"g":4095,"i":[1,1,0,1,1,0,0],"k":"d","p":1,"q":9,"sd":["x"],"t":1778004000,"v":1,"x":1778090400}"#;
    Event::read(9, body, Some(SUBJECT)).unwrap()
}

fn text(event: &Event) -> &str {
    std::str::from_utf8(&event.text).unwrap()
}

#[test]
fn a_block_byte_for_byte() {
    let event = blocked();
    assert_eq!(event.kind, EventKind::Block);
    assert_eq!(
        text(&event),
        concat!(
            "id: 9\nevent: block\n",
            r#"data: {"audit_id":9,"at":"2026-05-05T18:00:00Z","decision":"BLOCK","#,
            r#""blocked_by":["FAIRNESS","TIMING"],"codes":["ATTEMPT_GAP","CALL_7_IN_7"],"dry_run":false,"#,
            r#""next_allowed_at":"2026-05-06T18:00:00Z","account_id":"ACC-1","channel":"phone","#,
            r#""source_system":"five9","agent_id":"A7","campaign_id":"C"}"#,
            "\n\n"
        )
    );
}

#[test]
fn an_allow_says_how_long_and_shows_no_number() {
    let body = br#"{"a":1,"b":0,"i":[2,3,0,0,1,0,0],"k":"d","q":4,"sd":["x"],"t":0,"u":300}"#;
    let event = Event::read(4, body, Some(SUBJECT)).unwrap();
    assert_eq!(event.kind, EventKind::Decision);
    assert!(text(&event).contains(r#""decision":"ALLOW","blocked_by":[],"codes":[]"#));
    assert!(text(&event).contains(r#""use_by":"1970-01-01T00:05:00Z""#));
    assert!(text(&event).contains(r#""channel":"sms""#));
    assert!(!text(&event).contains("818"));
}

#[test]
fn other_rows_and_what_is_no_news() {
    let read = |body: &[u8], subject| Event::read(1, body, subject);
    let outcome = br#"{"a":1,"k":"o","o":"voicemail","q":1,"r":7,"sd":["x"],"t":0}"#;
    let outcome = read(outcome, Some(SUBJECT)).unwrap();
    assert_eq!(outcome.kind, EventKind::Outcome);
    assert!(text(&outcome).contains(r#""outcome":"voicemail","settles":7,"matched":true"#));
    let stray = read(br#"{"k":"o","q":1,"t":0,"w":"do_not_call"}"#, None).unwrap();
    assert!(text(&stray).contains(r#""outcome":"do_not_call""#));
    let used = read(
        br#"{"a":1,"b":0,"k":"d","q":1,"t":0,"u":1,"w":[1,2]}"#,
        None,
    )
    .unwrap();
    assert_eq!(used.kind, EventKind::Decision);
    assert!(text(&stray).contains(r#""matched":false"#));
    assert!(!text(&stray).contains("erased"));
    let facts = br#"{"k":"f","q":1,"r":[{"a":1,"r":{}},{"a":2,"r":{}}],"sd":["x"],"t":0}"#;
    let facts = read(facts, None).unwrap();
    assert_eq!(facts.kind, EventKind::Fact);
    assert!(text(&facts).contains(r#""records":2,"erased":true"#));
    let law = read(br#"{"k":"v","pack":"x","q":1,"t":0}"#, None).unwrap();
    assert_eq!(law.kind, EventKind::Admin);
    assert!(text(&law).contains(r#""act":"activation""#));
    assert!(read(br#"{"a":[1],"k":"u","q":1,"t":0}"#, None).is_none());
    assert!(read(br#"{"k":"?","q":1,"t":0}"#, None).is_none());
    assert!(read(b"not json", None).is_none());
}

/// A record's texts are a list: what stands first in it is no account.
#[test]
fn a_list_of_texts_names_nobody() {
    let body =
        br#"{"k":"f","q":1,"r":[{"r":{"fact":"do_not_call","phone":"$1"}}],"sd":["x"],"t":0}"#;
    let listed = br#"["jo","+18185551234","A7","C"]"#;
    let event = Event::read(1, body, Some(listed)).unwrap();
    assert_eq!(event.kind, EventKind::Fact);
    for word in ["jo", "8185551234", "A7", "account_id", "source_system"] {
        assert!(!text(&event).contains(word), "{word}: {}", text(&event));
    }
    assert!(!Filter::read("account=jo").unwrap().wants(&event));
}

#[test]
fn health_has_no_id() {
    let health = health("sealed", UnixSeconds(0));
    assert_eq!(
        std::str::from_utf8(&health).unwrap(),
        "event: health\ndata: {\"status\":\"sealed\",\"at\":\"1970-01-01T00:00:00Z\"}\n\n"
    );
}

#[test]
fn a_filter_lets_through_what_it_names() {
    let event = blocked();
    for (query, wanted) in [
        ("", true),
        ("types=block", true),
        ("types=decision,block", true),
        ("types=decision", false),
        (
            "account=ACC-1&agent=A7&campaign=C&source_system=five9&channel=phone",
            true,
        ),
        ("account=ACC-2", false),
        ("agent=A8", false),
        ("channel=sms", false),
        ("gate=TIMING", true),
        ("gate=ACCOUNT", false),
        ("code=CALL_7_IN_7", true),
        ("code=DO_NOT_CALL", false),
        ("outcome=voicemail", false),
    ] {
        let filter = Filter::read(query).unwrap();
        assert_eq!(filter.wants(&event), wanted, "{query}");
    }
    assert!(
        Filter::read("types=health")
            .unwrap()
            .wants_kind(EventKind::Health)
    );
}

#[test]
fn a_filter_that_means_nothing_is_refused() {
    for query in [
        "types=",
        "types=blocks",
        "types=block,",
        "gate=timing",
        "code=X",
        "channel=Phone",
        "x=1",
    ] {
        assert!(Filter::read(query).is_err(), "{query}");
    }
}

#[test]
fn last_event_ids_are_numbers() {
    assert_eq!(last_event_id(b"0"), Ok(0));
    assert_eq!(last_event_id(b"482"), Ok(482));
    for text in [
        &b""[..],
        b"-1",
        b"+1",
        b"1.0",
        b"x",
        b"\xff",
        b"99999999999999999999",
    ] {
        assert!(last_event_id(text).is_err());
    }
}
