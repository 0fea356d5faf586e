//! NDJSON: what is answered to which line, over every protocol.

use serde_json::{Value, json};

use crate::client::Request;
use crate::stand_in::{House, assert_problem, assert_system_error, intent, token};
use crate::stream_client::{Duplex, INTENTS, OUTCOMES, assert_error, lines, opening};

crate::protocols::over_each!(
    each_line_is_answered_before_the_next_is_sent,
    answers_stand_in_the_order_of_the_lines,
    how_a_stream_is_cut_changes_nothing,
    bad_lines_spoil_no_other,
    an_answer_is_the_batchs_answer,
    what_opens_no_stream,
    outcomes_are_answered_line_by_line,
);

fn accounts(answers: &[Value]) -> Vec<&str> {
    answers
        .iter()
        .map(|answer| answer["account_id"].as_str().unwrap())
        .collect()
}

/// Full duplex: nothing is held back until the body has ended.
#[test]
fn each_line_is_answered_before_the_next_is_sent() {
    let house = House::open();
    let mut duplex = Duplex::open(&house);
    for n in 0..20 {
        let account = format!("ACC-{n}");
        duplex.send(lines([&account]));
        let answer = duplex.line().unwrap();
        assert_eq!(answer["account_id"], account);
        assert_eq!(answer["allow"], true);
        assert_eq!(answer["use_by"], "2026-05-05T18:05:00Z");
    }
    duplex.finish();
    assert_eq!(duplex.line(), None);
    assert_eq!(*house.gateway.slices.lock().unwrap(), [1; 20]);
}

/// STREAM-1: one answer a line, in their order.
#[test]
fn answers_stand_in_the_order_of_the_lines() {
    let house = House::open();
    let mut asked: Vec<String> = (0..600).map(|n| format!("ACC-{n}")).collect();
    asked[300] = "BLOCKED".to_owned();
    asked[301] = "FAULT-0".to_owned();
    asked[302] = "REUSED".to_owned();
    let answers = Duplex::open(&house).all(lines(&asked));
    assert_eq!(accounts(&answers), asked);
    assert_eq!(answers[300]["allow"], false);
    assert_error(&answers[301], "OVERLOADED", 302);
    assert_error(&answers[302], "IDEMPOTENCY_KEY_REUSED", 303);
    let slices = house.gateway.slices.lock().unwrap();
    assert_eq!(slices.iter().sum::<usize>(), asked.len());
    assert!(
        slices.len() < asked.len() / 4,
        "what came together is asked together: {slices:?}"
    );
    let heard: Vec<_> = house
        .gateway
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|(_, ask)| ask.intent.account_id.to_string())
        .collect();
    assert_eq!(heard, asked, "in order");
}

#[test]
fn how_a_stream_is_cut_changes_nothing() {
    let text = lines(["A", "B"])
        + "\r\n\n"
        + &lines(["C"]).replace('\n', "\r\n")
        + "x\n"
        + intent("D").as_str();
    let house = House::open();
    let whole = Duplex::open(&house).all(&text);
    assert_eq!(whole.len(), 5);
    for size in [1, 2, 7, 64, 199] {
        let mut duplex = Duplex::open(&house);
        for piece in text.as_bytes().chunks(size) {
            duplex.send(piece);
        }
        duplex.finish();
        let mut answers = duplex.rest();
        for (answer, same) in answers.iter_mut().zip(&whole) {
            if let Some(error) = answer.get_mut("error") {
                error["request_id"] = same["error"]["request_id"].clone();
            }
        }
        assert_eq!(answers, whole, "pieces of {size}");
    }
}

/// STREAM-1: also where a line cannot be read.
#[test]
fn bad_lines_spoil_no_other() {
    let house = House::open();
    let long = "x".repeat(64 * 1024 + 1);
    let text = [
        intent("A"),
        "{".to_owned(),
        "[]".to_owned(),
        String::new(),
        r#"{"account_id":"B"}"#.to_owned(),
        long.clone(),
        intent("C"),
        intent(&"d".repeat(65)),
        String::from("\u{1f4de}"),
        intent("E"),
    ];
    let answers = Duplex::open(&house).all(text.join("\n"));
    assert_eq!(answers.len(), 9, "none for a blank line");
    for (n, name) in [(0, "A"), (5, "C"), (8, "E")] {
        assert_eq!(
            (&answers[n]["allow"], &answers[n]["account_id"]),
            (&json!(true), &json!(name))
        );
    }
    for (n, code, line) in [
        (1, "INVALID_JSON", 2),
        (2, "NOT_AN_OBJECT", 3),
        (3, "MISSING", 5),
        (4, "BODY_TOO_LARGE", 6),
        (6, "TOO_LONG", 8),
        (7, "INVALID_JSON", 9),
    ] {
        assert_error(&answers[n], code, line);
        assert_eq!(answers[n]["tenant_id"], "demo");
    }
    assert_eq!(answers[3]["error"]["field"], "channel");
    // Cut in two at the bound, it is one line that is too long all the same; one byte less is not.
    let mut duplex = Duplex::open(&house);
    duplex.send(&long.as_bytes()[1..]);
    duplex.send("\r\n");
    duplex.send(&long.as_bytes()[1..]);
    duplex.send("x\n");
    assert_error(&duplex.line().unwrap(), "INVALID_JSON", 1);
    assert_error(&duplex.line().unwrap(), "BODY_TOO_LARGE", 2);
    duplex.send(lines(["F"]));
    assert_eq!(duplex.line().unwrap()["account_id"], "F");
}

#[test]
fn an_answer_is_the_batchs_answer() {
    let house = House::open();
    let batch = |query: &str| {
        let path = format!("/api/gate/contact-intents{query}");
        let body = format!("[{},{}]", intent("A"), intent("BLOCKED"));
        let request = Request::new("POST", &path).token(&token("gate:ask"));
        house.ask(&request.json(body)).json()
    };
    for query in ["", "?explain=true"] {
        let path = format!("{INTENTS}{query}");
        let (reply, mut duplex) = Duplex::begin(&house, opening(&path, "gate:ask"));
        assert_eq!(reply.status, 200);
        let answers = duplex.all(lines(["A", "BLOCKED"]));
        assert_eq!(Value::Array(answers), batch(query));
    }
}

#[test]
fn what_opens_no_stream() {
    let house = House::open();
    let begin = |request: Request<'_>| {
        let request = Request {
            body: lines(["A"]).into(),
            ..request
        };
        house.ask(&request)
    };
    let typed = |kind: &str| {
        let request = opening(INTENTS, "gate:ask");
        let headers = request.headers.into_iter();
        let headers = headers.map(|(name, value)| match name {
            "content-type" => (name, kind.to_owned()),
            _ => (name, value),
        });
        Request {
            method: "POST",
            path: INTENTS,
            headers: headers.collect(),
            body: Vec::new(),
        }
    };
    let refused = begin(opening(INTENTS, "outcome:write"));
    assert_eq!(refused.status, 403);
    assert_system_error(&refused, "SCOPE_MISSING", Some("scope"));
    let refused = begin(typed("application/json"));
    assert_eq!(refused.status, 415);
    assert_system_error(&refused, "UNSUPPORTED_MEDIA_TYPE", Some("Content-Type"));
    let refused = begin(opening(INTENTS, "gate:ask").with("idempotency-key", "k"));
    assert_eq!(refused.status, 422);
    assert_system_error(
        &refused,
        "IDEMPOTENCY_KEY_ON_STREAM",
        Some("Idempotency-Key"),
    );
    let anonymous = Request::new("POST", INTENTS).with("content-type", "application/x-ndjson");
    let refused = begin(anonymous);
    assert_eq!(refused.status, 401);
    assert_system_error(&refused, "NO_TOKEN", Some("Authorization"));
    let got = house.ask(&Request::new("GET", INTENTS));
    assert_eq!((got.status, got.header("allow")), (405, Some("POST")));
    let refused = begin(opening(OUTCOMES, "gate:ask"));
    assert_problem(&refused, 403, "SCOPE_MISSING", Some("scope"));
    assert_eq!(house.gateway.asked.lock().unwrap().len(), 0);
    for kind in ["application/ndjson", "application/jsonl; charset=utf-8"] {
        let (reply, mut duplex) = Duplex::begin(&house, typed(kind));
        assert_eq!(reply.status, 200);
        assert_eq!(duplex.all(lines(["A"]))[0]["allow"], true, "{kind}");
    }
    // Whoever waits to be answered before it sends is answered.
    let (reply, _) = Duplex::begin(&house, opening(INTENTS, "outcome:write"));
    assert_eq!(reply.status, 403);
}

#[test]
fn outcomes_are_answered_line_by_line() {
    let house = House::open();
    let good = r#"{"account_id":"A","outcome":"no_answer","audit_id":1}"#;
    let (reply, mut duplex) = Duplex::begin(&house, opening(OUTCOMES, "outcome:write"));
    assert_eq!(reply.status, 200);
    duplex.send(format!("{good}\n"));
    assert_eq!(
        duplex.line(),
        Some(json!({ "status": 200, "audit_id": 483 }))
    );
    let long = "x".repeat(64 * 1024 + 1);
    let many = format!("{good}\n").repeat(100);
    let rest = duplex.all(format!("{{\n\n{long}\n{{\"outcome\":\"?\"}}\n{many}"));
    assert_eq!(rest.len(), 103);
    for (n, status, code, line) in [
        (0, 422, "INVALID_JSON", 2),
        (1, 413, "BODY_TOO_LARGE", 4),
        (2, 422, "UNKNOWN_WORD", 5),
    ] {
        let told = (&rest[n]["status"], &rest[n]["code"], &rest[n]["line"]);
        assert_eq!(told, (&json!(status), &json!(code), &json!(line)));
    }
    assert!(rest[3..].iter().all(|told| told["status"] == 200));
    let run = house.gateway.errands.lock().unwrap();
    assert!(
        run.iter()
            .all(|(_, segment, body)| segment.is_empty() && body == good.as_bytes())
    );
    assert_eq!(run.len(), 101);
}
