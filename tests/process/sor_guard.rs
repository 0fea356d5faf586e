//! Calls that contact a consumer, before a system of record: only what the gate allows arrives.

use serde_json::json;

use crate::sor_kit::{ADDRESS, Answer, Gate, SILENT};

const SEND: &str = "/api/email/send";

fn done(_line: &str) -> Answer {
    (200, "{}")
}

fn refusing(line: &str) -> Answer {
    let status = if line.contains("ingest") { 200 } else { 422 };
    (status, "{}")
}

fn hanging(line: &str) -> Answer {
    if line.contains("ingest") {
        (200, "{}")
    } else {
        SILENT
    }
}

fn mail() -> serde_json::Value {
    json!({ "account_id": "A", "to": ADDRESS, "subject": "s", "body": "b" })
}

#[test]
fn what_is_allowed_is_forwarded_and_counted_as_sent() {
    let gate = Gate::whl(done);
    let reply = gate.post(SEND, &mail());
    assert_eq!(reply.status, 200, "{:?}", reply.json());
    assert_eq!(gate.system.asked("POST /api/email/send").len(), 1);
    let rows = gate.rows("o");
    assert_eq!(rows.len(), 1, "{rows:?}");
}

#[test]
fn what_is_blocked_reaches_nobody_and_the_decision_is_told() {
    let gate = Gate::whl(done);
    for (body, stopped) in [
        (json!({ "account_id": "Z", "to": ADDRESS }), "ACCOUNT"),
        (json!({ "to": ADDRESS }), "ACCOUNT"),
        (json!({ "account_id": "A", "to": "no address" }), "ACCOUNT"),
    ] {
        let reply = gate.post(SEND, &body);
        let told = reply.json();
        assert_eq!(
            (reply.status, &told["code"]),
            (403, &json!("CONTACT_BLOCKED"))
        );
        let decision = &told["decisions"][0];
        assert_eq!(decision.as_object().unwrap().len(), 12, "{decision}");
        assert_eq!(decision["decision"], "BLOCK");
        assert!(decision["audit_id"].is_u64());
        let gates = decision["blocked_by"].as_array().unwrap();
        assert!(gates.contains(&json!(stopped)), "{body}: {gates:?}");
    }
    // Without a body nobody can tell whom it reaches.
    let reply = gate.post(SEND, &json!(null));
    assert_eq!(reply.status, 403, "{:?}", reply.json());
    assert_eq!(gate.system.asked("POST /api/email").len(), 0);
}

#[test]
fn a_refusal_of_the_system_gives_the_reservation_back_by_a_row() {
    let gate = Gate::whl(refusing);
    let reply = gate.post(SEND, &mail());
    assert_eq!(reply.status, 422);
    let rows = gate.rows("o");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["o"], json!("not_dialed"), "{rows:?}");
}

#[test]
fn a_system_that_does_not_answer_leaves_the_reservation() {
    let gate = Gate::whl(hanging);
    let reply = gate.post(SEND, &mail());
    assert_eq!(
        (reply.status, &reply.json()["code"]),
        (504, &json!("UPSTREAM_TIMEOUT"))
    );
    assert_eq!(gate.system.asked("POST /api/email").len(), 1);
    let house = &gate.house;
    assert!(house.path("data").exists());
    assert_eq!(gate.rows("o"), Vec::<serde_json::Value>::new());
}

#[test]
fn a_body_in_another_encoding_is_not_guessed_at() {
    let gate = Gate::whl(done);
    let request = crate::http::Request::new("POST", SEND).token(&gate.token);
    let request = request.with("content-encoding", "gzip");
    let reply = gate.server.ask(&request.json(mail().to_string()));
    assert_eq!(reply.status, 415);
    assert_eq!(gate.system.asked("POST /api/email").len(), 0);
}

#[test]
fn a_code_goes_out_unless_the_account_is_erased() {
    let gate = Gate::whl(done);
    let code = json!({ "account_id": "A", "email": ADDRESS });
    let reply = gate.publicly("POST", "/api/consumer/verify/send", &code);
    assert_eq!(reply.status, 200, "{:?}", reply.json());
    let erased = gate.publicly("DELETE", "/api/consumer/data/A", &json!({}));
    assert_eq!(erased.status, 200, "{:?}", erased.json());
    let reply = gate.publicly("POST", "/api/consumer/verify/send", &code);
    assert_eq!(reply.status, 403, "{:?}", reply.json());
    assert_eq!(gate.system.asked("POST /api/consumer/verify/send").len(), 1);
}
