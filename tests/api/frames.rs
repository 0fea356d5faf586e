//! Frames over real QUIC connections: what HTTP answers, frames answer.

use dialgate::gateway::door::{RouteName, SystemError};
use dialgate::transport::Options;
use dialgate::transport::auth::sign;
use dialgate::wire::frame::{Intent, Reason, Told};
use dialgate::wire::limits::FRAME_BATCH_INTENTS_MAX;
use dialgate::wire::native::Native;
use serde_json::{Value, json};

use crate::client::Request;
use crate::framed::{
    Line, all_published, asking, batch, connect, disposition, error, framing, hello, intent,
    published, reported,
};
use crate::stand_in::{self, House, NOW, token, token_kind, token_of_b};

/// What HTTP answers to the same intent, without the request's id.
fn over_http(house: &House, scope: &str, asked: &Intent<'_>) -> Value {
    let mut body = json!({});
    for (name, text) in [
        ("account_id", &asked.account_id),
        ("phone", &asked.phone),
        ("channel", &asked.channel),
        ("action_type", &asked.action_type),
        ("source_system", &asked.source_system),
        ("request_id", &asked.request_id),
    ] {
        if let Some(text) = text {
            body[name] = json!(text);
        }
    }
    let request = Request::new("POST", "/api/gate/contact-intent");
    let request = request.token(&token(scope)).json(body.to_string());
    let mut heard = house.ask(&request).json();
    if let Some(error) = heard.get_mut("error") {
        error.as_object_mut().unwrap().remove("request_id");
    }
    heard
}

/// What HTTP says of itself where it has read nothing: it repeats nothing.
fn forgetful(mut answer: Value) -> Value {
    for name in ["account_id", "channel", "source_system"] {
        answer[name] = Value::Null;
    }
    answer
}

#[test]
fn each_answer_has_the_twelve_fields_of_http() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        let pigeon = Intent {
            channel: Some("pigeon".into()),
            ..intent("A-1")
        };
        let mut asked = vec![intent("A-1"), intent("BLOCKED"), pigeon];
        let faults: Vec<String> = (0..SystemError::ALL.len())
            .map(|n| format!("FAULT-{n}"))
            .collect();
        asked.extend(faults.iter().map(|account| intent(account)));
        for (number, asked) in (1..).zip(&asked) {
            line.say(asking(number, asked)).await;
            let frame = line.hear().await;
            assert_eq!(frame.header.correlation, number);
            let told = published(&frame, asked, "demo");
            assert_eq!(told, over_http(house, "gate:ask", asked), "{number}");
        }
        let counted = house.gateway.counted.lock().unwrap();
        let own = counted
            .iter()
            .filter(|count| **count == (RouteName::ContactIntent, 200));
        assert_eq!(own.count(), 2 * asked.len());
    });
}

/// FRAMES-1: whatever is wrong, the answer blocks.
#[test]
fn what_http_refuses_frames_refuse_alike() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        let long = "a".repeat(65);
        let without_phone = Intent {
            phone: None,
            ..intent("A")
        };
        let without_account = Intent {
            account_id: None,
            ..intent("A")
        };
        let empty_key = Intent {
            request_id: Some("".into()),
            ..intent("A")
        };
        for asked in [intent(&long), without_phone, without_account, empty_key] {
            line.say(asking(9, &asked)).await;
            let told = published(&line.hear().await, &asked, "demo");
            assert_eq!(forgetful(told), over_http(house, "gate:ask", &asked));
        }
        assert!(house.gateway.asked.lock().unwrap().is_empty());
        // A key with another body: the key is in the frame, not in a header.
        line.say(asking(9, &intent("REUSED"))).await;
        let told = published(&line.hear().await, &intent("REUSED"), "demo");
        assert_eq!(told["error"]["code"], "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(told["error"]["field"], "request_id");
        assert_eq!(told["allow"], false);
    });
}

#[test]
fn a_batch_is_answered_whole_in_its_order() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        let bad = Intent {
            phone: None,
            ..intent("A-2")
        };
        let asked = [
            intent("A-1"),
            bad,
            intent("BLOCKED"),
            intent("REUSED"),
            intent("A-3"),
        ];
        line.say(batch(3, &asked)).await;
        let frame = line.hear().await;
        assert_eq!(frame.header.correlation, 3);
        let told = all_published(&frame, &asked, "demo");
        let said: Vec<_> = told.iter().map(|told| &told["error"]["code"]).collect();
        assert_eq!(
            said,
            [
                &Value::Null,
                &json!("MISSING"),
                &Value::Null,
                &json!("IDEMPOTENCY_KEY_REUSED"),
                &Value::Null
            ]
        );
        let allowed: Vec<_> = told.iter().map(|told| told["allow"] == true).collect();
        assert_eq!(allowed, [true, false, false, false, true]);
        for count in [FRAME_BATCH_INTENTS_MAX, FRAME_BATCH_INTENTS_MAX + 1, 0] {
            line.say(batch(4, &vec![intent("A-1"); count])).await;
            let frame = line.hear().await;
            let expected = match count {
                0 => Some(("EMPTY_BATCH".to_owned(), None)),
                FRAME_BATCH_INTENTS_MAX => None,
                _ => Some(("TOO_MANY_INTENTS".to_owned(), None)),
            };
            assert_eq!(error(&frame), expected, "{count}");
        }
    });
}

#[test]
fn dispositions_are_reported_under_their_own_scope() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let body = br#"{"account_id":"A-1","audit_id":482,"outcome":"no_answer"}"#;
        let mut line = Line::welcomed(&connection, "outcome:write").await;
        line.say(disposition(1, body)).await;
        assert_eq!(
            reported(&line.hear().await),
            (200, json!({"audit_id": 483}))
        );
        line.say(disposition(2, b"[]")).await;
        let (status, problem) = reported(&line.hear().await);
        assert_eq!((status, &problem["code"]), (422, &json!("NOT_AN_OBJECT")));
        let run = house.gateway.errands.lock().unwrap().clone();
        assert_eq!(run, [(Native::RecordAttempt, String::new(), body.to_vec())]);
        // Each scope for its own.
        line.say(asking(3, &intent("A-1"))).await;
        let told = published(&line.hear().await, &intent("A-1"), "demo");
        assert_eq!(
            forgetful(told),
            over_http(house, "outcome:write", &intent("A-1"))
        );
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        line.say(disposition(4, body)).await;
        let (status, problem) = reported(&line.hear().await);
        assert_eq!((status, &problem["code"]), (403, &json!("SCOPE_MISSING")));
        assert_eq!(house.gateway.errands.lock().unwrap().len(), 1);
    });
}

#[test]
fn explain_tells_texts_and_rules_with_the_codes() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        for explain in [false, true] {
            let asked = Intent {
                explain,
                ..intent("BLOCKED")
            };
            line.say(asking(1, &asked)).await;
            let frame = line.hear().await;
            let Told::Decision(told) = Told::open(&frame).unwrap() else {
                panic!("no decision");
            };
            let finding = &told.findings[0];
            assert_eq!((finding.gate, finding.code.as_str()), (3, "CEASE"));
            assert_eq!(finding.sentence.is_empty(), !explain);
            assert_eq!(finding.citation.is_empty(), !explain);
        }
        let own = stand_in::intent("BLOCKED");
        let mut request = stand_in::asking(own);
        request.path = "/api/gate/contact-intent?explain=true";
        let heard = house.ask(&request).json();
        assert_eq!(heard["gates"][2]["codes"][0]["code"], "CEASE");
    });
}

#[test]
fn a_hello_is_refused_as_a_header_is() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut other = token_kind();
        other.secret = b"another secret, just as long as ours".as_slice().into();
        let mut elsewhere = token_kind();
        elsewhere.audience = "elsewhere".into();
        for (token, code) in [
            (String::new(), "TOKEN_MALFORMED"),
            ("x.y.z".to_owned(), "TOKEN_MALFORMED"),
            (
                sign(&other, "demo", "gate:ask", NOW, 600).unwrap(),
                "TOKEN_FORGED",
            ),
            (
                sign(&elsewhere, "demo", "gate:ask", NOW, 600).unwrap(),
                "TOKEN_AUDIENCE",
            ),
            (
                sign(&token_kind(), "demo", "gate:ask", NOW.minus(661), 600).unwrap(),
                "TOKEN_EXPIRED",
            ),
            (
                sign(&token_kind(), "nobody", "gate:ask", NOW, 600).unwrap(),
                "TENANT_UNDECLARED",
            ),
        ] {
            let mut line = Line::open(&connection).await;
            line.say([hello(1, &token), asking(2, &intent("A-1"))].concat())
                .await;
            let rest = line.rest().await;
            assert_eq!(rest.len(), 1, "{code}");
            assert_eq!(error(&rest[0]).unwrap().0, code);
            assert_eq!(rest[0].header.correlation, 1);
            assert_eq!(line.stopped().await, Some(Reason::Unauthorized));
        }
        assert!(house.gateway.asked.lock().unwrap().is_empty());
    });
}

#[test]
fn every_stream_has_its_own_caller() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut a = Line::welcomed(&connection, "gate:ask").await;
        let mut b = Line::open(&connection).await;
        b.say(hello(0, &token_of_b("gate:ask"))).await;
        let frame = b.hear().await;
        let Told::Welcome(welcome) = Told::open(&frame).unwrap() else {
            panic!("no welcome");
        };
        assert_eq!(welcome.tenant.as_str(), "demo-b");
        assert_eq!(welcome.now.to_native(), NOW.0);
        for line in [&mut a, &mut b] {
            line.say(asking(1, &intent("A-1"))).await;
            line.hear().await;
        }
        let asked = house.gateway.asked.lock().unwrap();
        let tenants: Vec<u16> = asked.iter().map(|(tenant, _)| tenant.0).collect();
        assert_eq!(tenants, [0, 1]);
    });
}
