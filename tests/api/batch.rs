//! The gate's route for batches: forms, order, bounds and faults, over a real socket.

use dialgate::gateway::door::{RouteName, SystemError};
use dialgate::wire::limits::BATCH_BODY_BYTES_MAX;
use serde_json::{Value, json};

use crate::client::{Reply, Request};
use crate::stand_in::{House, assert_system_error, intent, token};

const PATH: &str = "/api/gate/contact-intents";

fn batch(body: impl Into<Vec<u8>>) -> Request<'static> {
    Request::new("POST", PATH)
        .token(&token("gate:ask"))
        .json(body)
}

fn list(accounts: &[&str]) -> String {
    let intents: Vec<String> = accounts.iter().map(|account| intent(account)).collect();
    format!("[{}]", intents.join(","))
}

fn answers(heard: &Reply) -> Vec<Value> {
    assert_eq!(heard.status, 200, "{}", heard.text());
    assert_eq!(heard.header("content-type"), Some("application/json"));
    assert_eq!(heard.header("dialgate-use-by"), None);
    heard.json().as_array().unwrap().clone()
}

/// Twelve fields that allow nothing, and why.
fn assert_fault(answer: &Value, account: Option<&str>, code: &str, field: Option<&str>) {
    assert_eq!(answer["allow"], false);
    assert_eq!(answer["decision"], "BLOCK");
    assert_eq!(answer["blocked_by"], json!(["SYSTEM_ERROR"]));
    assert_eq!(answer["account_id"].as_str(), account);
    assert_eq!(answer["tenant_id"], "demo");
    assert!(answer["audit_id"].is_null());
    assert_eq!(answer["error"]["code"], code, "{answer}");
    assert_eq!(answer["error"]["field"].as_str(), field);
    assert!(!answer["error"]["request_id"].as_str().unwrap().is_empty());
    assert_eq!(answer.as_object().unwrap().len(), 13);
}

#[test]
fn answers_stand_in_order_each_with_its_use_by() {
    let house = House::open();
    let heard = house.ask(&batch(list(&["A-1", "BLOCKED", "A-2"])));
    assert_eq!(
        heard.text().get(..heard.text().find("},{").unwrap() + 1),
        Some(concat!(
            r#"[{"allow":true,"decision":"ALLOW","reason":"Allowed","blocked_by":[],"#,
            r#""audit_id":482,"evaluation_id":1537,"account_id":"A-1","tenant_id":"demo","#,
            r#""channel":"phone","source_system":"five9","next_allowed_at":null,"#,
            r#""expires_at":"2026-05-06T18:00:00Z","use_by":"2026-05-05T18:05:00Z"}"#
        ))
    );
    let answers = answers(&heard);
    let accounts: Vec<_> = answers.iter().map(|a| &a["account_id"]).collect();
    assert_eq!(accounts, ["A-1", "BLOCKED", "A-2"]);
    assert_eq!(answers[1]["blocked_by"], json!(["COMPLIANCE"]));
    assert_eq!(answers[1]["use_by"], Value::Null);
    assert!(answers.iter().all(|a| a.as_object().unwrap().len() == 13));
    let asked = house.gateway.asked.lock().unwrap();
    let order: Vec<_> = asked
        .iter()
        .map(|(_, ask)| &*ask.intent.account_id)
        .collect();
    assert_eq!(order, ["A-1", "BLOCKED", "A-2"]);
    let counted = house.gateway.counted.lock().unwrap();
    assert_eq!(*counted, [(RouteName::ContactIntents, 200)]);
}

#[test]
fn the_answer_has_the_form_of_the_question() {
    let house = House::open();
    let object = format!("{{\"intents\":{}}}", list(&["A-1", "A-2"]));
    let heard = house.ask(&batch(object)).json();
    assert_eq!(heard.as_object().unwrap().len(), 1);
    assert_eq!(heard["answers"].as_array().unwrap().len(), 2);
    assert_eq!(heard["answers"][1]["account_id"], "A-2");
}

#[test]
fn explain_tells_each_answers_gates() {
    let house = House::open();
    let mut request = batch(list(&["BLOCKED", "A-1"]));
    request.path = "/api/gate/contact-intents?explain=true";
    let answers = answers(&house.ask(&request));
    assert_eq!(answers[0]["gates"][2]["code"], "CEASE");
    assert_eq!(answers[1]["gates"].as_array().unwrap().len(), 12);
    assert_eq!(answers[1]["use_by"], "2026-05-05T18:05:00Z");
    assert!(answers.iter().all(|a| a.as_object().unwrap().len() == 15));
}

#[test]
fn a_bad_intent_is_blocked_in_its_place_and_spoils_no_other() {
    let house = House::open();
    let good = intent("A-1");
    let bad = [
        ("7".to_owned(), "NOT_AN_OBJECT", None),
        ("{}".to_owned(), "MISSING", Some("account_id")),
        (
            intent("A").replace("\"A\"", "7"),
            "WRONG_TYPE",
            Some("account_id"),
        ),
        (intent(&"a".repeat(65)), "TOO_LONG", Some("account_id")),
        (
            intent("A\",\"dry_run\":\"yes"),
            "WRONG_TYPE",
            Some("dry_run"),
        ),
        (
            intent("A\",\"account_id\":\"B"),
            "DUPLICATE",
            Some("account_id"),
        ),
        (intent("A\",\"request_id\":\""), "EMPTY", Some("request_id")),
        (
            intent("A").replace("\"phone\":", "\"fon\":"),
            "MISSING",
            Some("phone"),
        ),
    ];
    let mut intents = vec![&*good];
    for (body, _, _) in &bad {
        intents.extend([&**body, &*good]);
    }
    let answers = answers(&house.ask(&batch(format!("[{}]", intents.join(",")))));
    assert_eq!(answers.len(), 2 * bad.len() + 1);
    for (n, answer) in answers.iter().enumerate() {
        match n.checked_sub(1).filter(|n| n % 2 == 0) {
            None => assert_eq!(answer["allow"], true, "{n}"),
            Some(n) => assert_fault(answer, None, bad[n / 2].1, bad[n / 2].2),
        }
    }
    assert_eq!(house.gateway.asked.lock().unwrap().len(), bad.len() + 1);
}

#[test]
fn faults_of_the_gateway_stand_in_their_place() {
    let house = House::open();
    let names: Vec<String> = (0..SystemError::ALL.len())
        .map(|n| format!("FAULT-{n}"))
        .collect();
    let mut accounts: Vec<&str> = names.iter().map(|name| &**name).collect();
    accounts.extend(["REUSED", "A-1"]);
    let answers = answers(&house.ask(&batch(list(&accounts))));
    for (answer, error) in answers.iter().zip(SystemError::ALL) {
        let account = answer["account_id"].as_str();
        assert_fault(answer, account, error.fault().code, None);
    }
    let reused = &answers[SystemError::ALL.len()];
    assert_fault(
        reused,
        Some("REUSED"),
        "IDEMPOTENCY_KEY_REUSED",
        Some("request_id"),
    );
    assert_eq!(answers.last().unwrap()["allow"], true);
}

#[test]
fn a_batch_that_is_none_is_refused_whole() {
    let house = House::open();
    let good = intent("A-1");
    let too_many = format!("[{}]", vec!["{}"; 1001].join(","));
    for (body, code) in [
        (String::new(), "INVALID_JSON"),
        (format!("[{good}"), "INVALID_JSON"),
        (format!("[{good},]"), "INVALID_JSON"),
        (format!("[{good}]x"), "INVALID_JSON"),
        (format!("[{good},{{\"account_id\":}}]"), "INVALID_JSON"),
        (good.clone(), "NOT_A_BATCH"),
        ("7".to_owned(), "NOT_A_BATCH"),
        (
            format!("{{\"intents\":[{good}],\"atomic\":true}}"),
            "NOT_A_BATCH",
        ),
        ("[]".to_owned(), "EMPTY_BATCH"),
        ("{\"intents\":[]}".to_owned(), "EMPTY_BATCH"),
        (too_many, "TOO_MANY_INTENTS"),
    ] {
        let heard = house.ask(&batch(body.clone()));
        assert_eq!(heard.status, 422, "{body}");
        assert_system_error(&heard, code, None);
    }
    let keyed = house.ask(&batch(list(&["A-1"])).with("Idempotency-Key", "k"));
    assert_eq!(keyed.status, 422);
    assert_system_error(&keyed, "IDEMPOTENCY_KEY_ON_BATCH", Some("Idempotency-Key"));
    assert!(house.gateway.asked.lock().unwrap().is_empty());
}

#[test]
fn a_thousand_intents_are_answered() {
    let house = House::open();
    let names: Vec<String> = (0..1000).map(|n| format!("A-{n}")).collect();
    let accounts: Vec<&str> = names.iter().map(|name| &**name).collect();
    let answers = answers(&house.ask(&batch(list(&accounts))));
    let told: Vec<_> = answers
        .iter()
        .map(|a| a["account_id"].as_str().unwrap())
        .collect();
    assert_eq!(told, accounts);
}

#[test]
fn the_body_is_bounded_at_a_mebibyte() {
    let house = House::open();
    for (length, status) in [(BATCH_BODY_BYTES_MAX, 200), (BATCH_BODY_BYTES_MAX + 1, 413)] {
        let body = list(&["A-1"]);
        let note = format!("{{\"note\":\"{}\",", "n".repeat(length - body.len() - 10));
        let body = body.replacen('{', &note, 1);
        assert_eq!(body.len(), length);
        let heard = house.ask(&batch(body));
        assert_eq!(heard.status, status);
        if status == 413 {
            assert_system_error(&heard, "BODY_TOO_LARGE", None);
        }
    }
}

#[test]
fn scope_type_and_method_are_asked_for_as_on_the_other_route() {
    let house = House::open();
    let body = list(&["A-1"]);
    let no_token = Request::new("POST", PATH).json(body.clone());
    let no_scope = Request::new("POST", PATH)
        .token(&token("facts:write"))
        .json(body.clone());
    let mut no_type = Request::new("POST", PATH).token(&token("gate:ask"));
    no_type.body = body.into_bytes();
    let get = Request::new("GET", PATH);
    for (request, status, code, field) in [
        (no_token, 401, "NO_TOKEN", Some("Authorization")),
        (no_scope, 403, "SCOPE_MISSING", Some("scope")),
        (no_type, 415, "UNSUPPORTED_MEDIA_TYPE", Some("Content-Type")),
        (get, 405, "METHOD_NOT_ALLOWED", None),
    ] {
        let heard = house.ask(&request);
        assert_eq!(heard.status, status);
        assert_system_error(&heard, code, field);
    }
    assert!(house.gateway.asked.lock().unwrap().is_empty());
}

crate::protocols::over_each! {
    answers_stand_in_order_each_with_its_use_by,
    the_answer_has_the_form_of_the_question,
    explain_tells_each_answers_gates,
    a_bad_intent_is_blocked_in_its_place_and_spoils_no_other,
    faults_of_the_gateway_stand_in_their_place,
    a_batch_that_is_none_is_refused_whole,
    a_thousand_intents_are_answered,
    the_body_is_bounded_at_a_mebibyte,
    scope_type_and_method_are_asked_for_as_on_the_other_route,
}
