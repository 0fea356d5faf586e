//! Frames over real QUIC connections: what HTTP answers, frames answer; and what only streams have:
//! hellos, windows, slow readers, ends.

use std::time::Duration;

use dialgate::gateway::door::{RouteName, SystemError};
use dialgate::transport::Options;
use dialgate::transport::auth::{Auth, Expected, sign};
use dialgate::wire::frame::{Disposition, Intent, Intents, Kind, RawFrame, Reason, Told, push};
use dialgate::wire::limits::{FRAME_BATCH_INTENTS_MAX, FRAME_WINDOW_INTENTS};
use dialgate::wire::native::Native;
use serde_json::{Value, json};

use crate::auth::published as published_key;
use crate::client::Request;
use crate::framed::{
    Line, all_published, asking, batch, believing, closed, connect, connect_with, error, framing,
    hello, intent, ping, published, soon,
};
use crate::protocols::Protocol;
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

fn disposition(correlation: u64, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let said = Disposition { body: body.into() };
    assert!(push(&mut out, Kind::Disposition, correlation, &said));
    out
}

fn reported(frame: &RawFrame) -> (u16, Value) {
    match Told::open(frame).unwrap() {
        Told::Reported(told) => {
            let body = serde_json::from_slice(&told.body).unwrap();
            (told.status.to_native(), body)
        }
        other => panic!("no report: {other:?}"),
    }
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

/// What came together is one slice, in its order, whatever the cuts.
#[test]
fn what_comes_together_is_asked_together() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        let names: Vec<String> = (0..100).map(|n| format!("A-{n}")).collect();
        let frames = (1..).zip(&names).map(|(n, name)| asking(n, &intent(name)));
        let bytes: Vec<u8> = frames.flatten().collect();
        for part in bytes.chunks(7_001) {
            line.say(part).await;
        }
        let mut numbers = Vec::new();
        for _ in 0..100 {
            numbers.push(line.hear().await.header.correlation);
        }
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(1..=100));
        let asked = house.gateway.asked.lock().unwrap();
        let order: Vec<&str> = asked
            .iter()
            .map(|(_, ask)| &*ask.intent.account_id)
            .collect();
        assert_eq!(order, names);
        let slices = house.gateway.slices.lock().unwrap();
        assert!(slices.len() < 50, "{slices:?}");
        assert!(
            slices.iter().all(|many| (1..=32).contains(many)),
            "{slices:?}"
        );
    });
}

/// While others ask, slices wait for their turn and keep their order.
#[test]
fn slices_that_wait_for_a_turn_keep_their_order() {
    framing(&Options::default(), async |house| {
        *house.gateway.others_ask.lock().unwrap() = Some(Duration::from_millis(20));
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        let names: Vec<String> = (0..300).map(|n| format!("A-{n}")).collect();
        for (n, name) in (1..).zip(&names) {
            line.say(asking(n, &intent(name))).await;
        }
        for _ in 0..300 {
            line.hear().await;
        }
        let asked = house.gateway.asked.lock().unwrap();
        let order: Vec<&str> = asked
            .iter()
            .map(|(_, ask)| &*ask.intent.account_id)
            .collect();
        assert_eq!(order, names);
    });
}

/// Under the window a ping behind silent intents is heard at once; at it, not before one is answered.
#[test]
fn beyond_the_window_nothing_is_read() {
    for (silent, first) in [
        (FRAME_WINDOW_INTENTS - 1, Kind::Pong),
        (FRAME_WINDOW_INTENTS, Kind::Decision),
    ] {
        framing(&Options::default(), async |house| {
            let connection = connect(house).await;
            let mut line = Line::welcomed(&connection, "gate:ask").await;
            let mut bytes = Vec::new();
            for number in 1..=silent {
                bytes.extend(asking(u64::try_from(number).unwrap(), &intent("SILENT")));
            }
            bytes.extend(ping(0));
            let (recv, send) = (&mut line.recv, &mut line.send);
            let said = send.write_all(&bytes);
            let heard = recv.read_chunk(usize::MAX, true);
            let (said, heard) = tokio::join!(soon(said), soon(heard));
            said.unwrap();
            let chunk = heard.unwrap().unwrap();
            assert_eq!(chunk.bytes.get(5), Some(&(first as u8)), "{silent}");
        });
    }
}

/// A client that takes no answers is read from no more; the stream beside it goes on.
#[test]
fn a_slow_reader_slows_its_own_stream_only() {
    framing(&Options::default(), async |house| {
        let narrow = quinn::VarInt::from_u32(16 * 1024);
        let connection = connect_with(house, |transport| {
            transport.stream_receive_window(narrow);
        })
        .await;
        let mut slow = Line::welcomed(&connection, "gate:ask").await;
        let mut fast = Line::welcomed(&connection, "gate:ask").await;
        let bytes: Vec<u8> = (0..200).flat_map(|_| asking(1, &intent("A-1"))).collect();
        let mut stuck = false;
        for _ in 0..100 {
            let written = slow.send.write_all(&bytes);
            if tokio::time::timeout(Duration::from_millis(300), written)
                .await
                .is_err()
            {
                stuck = true;
                break;
            }
        }
        assert!(stuck, "what nobody takes is read for ever");
        let before = house.gateway.asked.lock().unwrap().len();
        for number in 0..500 {
            fast.say(asking(number, &intent("A-2"))).await;
            assert_eq!(fast.hear().await.header.correlation, number);
        }
        let after = house.gateway.asked.lock().unwrap().len();
        assert_eq!(after - before, 500, "the slow stream was read");
        // Once it takes them, it has them all.
        assert_eq!(slow.hear().await.header.kind, Kind::Decision);
    });
}

#[test]
fn who_takes_no_answers_is_cut_off() {
    let options = Options {
        write_timeout: Duration::from_millis(200),
        ..Options::default()
    };
    framing(&options, async |house| {
        let narrow = quinn::VarInt::from_u32(4 * 1024);
        let connection = connect_with(house, |transport| {
            transport.stream_receive_window(narrow);
        })
        .await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        let bytes: Vec<u8> = (0..200).flat_map(|_| asking(1, &intent("A-1"))).collect();
        line.say(bytes).await;
        assert_eq!(line.stopped().await, Some(Reason::WriteTimeout));
        let mut other = Line::welcomed(&connection, "gate:ask").await;
        other.say(ping(1)).await;
        assert_eq!(other.hear().await.header.kind, Kind::Pong);
    });
}

/// A frame of every way to be wrong: its stream ends with the reason; what it asked before is answered,
/// and the stream beside it goes on.
#[test]
fn a_bad_frame_ends_its_own_stream_with_a_reason() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut beside = Line::welcomed(&connection, "gate:ask").await;
        let good = asking(7, &intent("A-1"));
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            bytes
        };
        let mut large = good.clone();
        large[..4].copy_from_slice(&65_537_u32.to_le_bytes());
        let mut damaged = good.clone();
        damaged.truncate(20);
        damaged[..4].copy_from_slice(&4_u32.to_le_bytes());
        let mut in_batch = Vec::new();
        let broken = Intents {
            intents: vec![vec![1, 2, 3]],
        };
        assert!(push(&mut in_batch, Kind::Intents, 7, &broken));
        for (bytes, reason, correlation) in [
            (with(4, 9), Reason::BadVersion, 0),
            (with(6, 1), Reason::BadHeader, 7),
            (with(5, 99), Reason::UnknownKind, 7),
            (with(5, 66), Reason::NotFromClient, 7),
            (large, Reason::FrameTooLarge, 7),
            (damaged, Reason::BadPayload, 7),
            (in_batch, Reason::BadPayload, 7),
        ] {
            let mut line = Line::welcomed(&connection, "gate:ask").await;
            line.say([asking(1, &intent("A-1")), bytes, ping(8)].concat())
                .await;
            let rest = line.rest().await;
            let mut decided = rest
                .iter()
                .filter(|frame| frame.header.kind == Kind::Decision);
            assert_eq!(decided.next().unwrap().header.correlation, 1);
            assert!(decided.next().is_none(), "{reason}");
            let mut errors = rest.iter().filter(|frame| frame.header.kind == Kind::Error);
            let told = errors.next().unwrap();
            assert_eq!(error(told), Some((reason.as_str().to_owned(), None)));
            assert_eq!(told.header.correlation, correlation, "{reason}");
            assert_eq!(rest.len(), 2, "{reason}");
            assert_eq!(line.stopped().await, Some(reason));
            beside.say(ping(1)).await;
            assert_eq!(beside.hear().await.header.kind, Kind::Pong);
        }
    });
}

#[test]
fn nothing_comes_before_a_hello_and_half_a_frame_is_none() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        for bytes in [asking(5, &intent("A-1")), ping(5), disposition(5, b"{}")] {
            let mut line = Line::open(&connection).await;
            line.say(bytes).await;
            let rest = line.rest().await;
            assert_eq!(error(&rest[0]).unwrap().0, "HELLO_EXPECTED");
            assert_eq!(line.stopped().await, Some(Reason::HelloExpected));
        }
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        line.say(&asking(1, &intent("A-1"))[..50]).await;
        line.send.finish().unwrap();
        let rest = line.rest().await;
        assert_eq!(error(&rest[0]).unwrap().0, "TRUNCATED");
        assert!(house.gateway.asked.lock().unwrap().is_empty());
        // A stream that says nothing and ends is nobody's fault.
        let mut line = Line::open(&connection).await;
        line.send.finish().unwrap();
        assert!(line.rest().await.is_empty());
    });
}

#[test]
fn hellos_come_in_time_and_silent_streams_end() {
    let options = Options {
        header_timeout: Duration::from_millis(200),
        idle_timeout: Duration::from_millis(400),
        ..Options::default()
    };
    framing(&options, async |house| {
        let connection = connect(house).await;
        let mut silent = Line::open(&connection).await;
        silent.say(&hello(1, &token("gate:ask"))[..9]).await;
        let rest = silent.rest().await;
        assert_eq!(error(&rest[0]).unwrap().0, "HELLO_TIMEOUT");
        let mut idle = Line::welcomed(&connection, "gate:ask").await;
        let rest = idle.rest().await;
        assert_eq!(error(&rest[0]).unwrap().0, "IDLE_TIMEOUT");
        assert_eq!(idle.stopped().await, Some(Reason::IdleTimeout));
    });
}

#[test]
fn a_unidirectional_stream_ends_the_connection() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut one = soon(connection.open_uni()).await.unwrap();
        soon(one.write_all(b"x")).await.unwrap();
        assert_eq!(closed(&connection).await, Some(Reason::UnexpectedStream));
    });
}

fn lapsed(frame: &RawFrame) -> bool {
    let told = published(frame, &intent("A-1"), "demo");
    let lapsed = told["error"]["code"] == "token_expired";
    assert_eq!(told["allow"], !lapsed);
    lapsed
}

#[test]
fn an_expired_token_answers_blocks_until_a_new_hello() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask outcome:write").await;
        let mut other = Line::welcomed(&connection, "gate:ask").await;
        house.set_wall(NOW.plus(659));
        line.say(asking(1, &intent("A-1"))).await;
        assert_eq!(
            published(&line.hear().await, &intent("A-1"), "demo")["allow"],
            true
        );
        house.set_wall(NOW.plus(660));
        for number in 2..4 {
            line.say(asking(number, &intent("A-1"))).await;
            assert!(lapsed(&line.hear().await));
        }
        other.say(batch(4, &[intent("A-1"), intent("A-2")])).await;
        let told = all_published(&other.hear().await, &[intent("A-1"), intent("A-2")], "demo");
        assert!(
            told.iter()
                .all(|told| told["error"]["code"] == "token_expired")
        );
        line.say(disposition(5, b"{}")).await;
        let (status, problem) = reported(&line.hear().await);
        assert_eq!((status, &problem["code"]), (401, &json!("token_expired")));
        // Not even if the clock goes back.
        house.set_wall(NOW);
        line.say(asking(6, &intent("A-1"))).await;
        assert!(lapsed(&line.hear().await));
        assert_eq!(house.gateway.asked.lock().unwrap().len(), 1);
        line.say([hello(7, &token("gate:ask")), asking(8, &intent("A-1"))].concat())
            .await;
        assert_eq!(line.hear().await.header.kind, Kind::Welcome);
        assert_eq!(
            published(&line.hear().await, &intent("A-1"), "demo")["allow"],
            true
        );
    });
}

#[test]
fn a_withdrawn_key_answers_blocks_until_a_new_hello() {
    let expected = Expected {
        issuer: "dialgate".into(),
        audience: "dialgate".into(),
    };
    let (signer, keys) = published_key();
    let auth = Auth::with_verifiers(expected, keys, 1).unwrap();
    Protocol::Http1Tls.during(|| {
        believing(House::believing(auth, &Options::default()), async |house| {
            let connection = connect(house).await;
            let mut line = Line::open(&connection).await;
            let old = signer.sign("demo", "gate:ask", NOW, 600).unwrap();
            line.say([hello(1, &old), asking(2, &intent("A-1"))].concat())
                .await;
            assert_eq!(line.hear().await.header.kind, Kind::Welcome);
            assert!(!lapsed(&line.hear().await));
            let (signer, keys) = published_key();
            house.auth.replace(keys);
            line.say(asking(3, &intent("A-1"))).await;
            assert!(lapsed(&line.hear().await));
            let new = signer.sign("demo", "gate:ask", NOW, 600).unwrap();
            line.say([hello(4, &new), asking(5, &intent("A-1"))].concat())
                .await;
            assert_eq!(line.hear().await.header.kind, Kind::Welcome);
            assert!(!lapsed(&line.hear().await));
            assert_eq!(house.gateway.asked.lock().unwrap().len(), 2);
        });
    });
}

#[test]
fn a_drain_answers_what_was_read_and_says_so() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut busy = Line::welcomed(&connection, "gate:ask").await;
        let mut quiet = Line::welcomed(&connection, "gate:ask").await;
        // Its answer is a commit that comes too late: still under way when the house closes.
        busy.say([asking(1, &intent("SILENT")), ping(2)].concat())
            .await;
        assert_eq!(busy.hear().await.header.kind, Kind::Pong);
        let serving = house.take_serving();
        let draining = std::thread::spawn(move || serving.drain(Duration::from_secs(10)));
        let rest = quiet.rest().await;
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].header.kind, Kind::Drain);
        assert_eq!(quiet.stopped().await, Some(Reason::Draining));
        let kinds: Vec<Kind> = busy
            .rest()
            .await
            .iter()
            .map(|frame| frame.header.kind)
            .collect();
        assert_eq!(kinds, [Kind::Drain, Kind::Decision]);
        assert_eq!(closed(&connection).await, Some(Reason::Draining));
        draining.join().unwrap().unwrap();
    });
}

/// A client that finishes its side has its answers first.
#[test]
fn who_has_said_everything_hears_everything() {
    framing(&Options::default(), async |house| {
        let connection = connect(house).await;
        let mut line = Line::welcomed(&connection, "gate:ask").await;
        let bytes: Vec<u8> = (1..=70).flat_map(|n| asking(n, &intent("A-1"))).collect();
        line.say(bytes).await;
        line.send.finish().unwrap();
        assert_eq!(line.rest().await.len(), 70);
        let asked = house.gateway.asked.lock().unwrap();
        assert_eq!(asked.len(), 70);
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
