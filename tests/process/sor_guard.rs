//! Calls that contact a consumer, before a system of record: only what the gate allows arrives.

use serde_json::{Value, json};

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

fn mail() -> Value {
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

/// GUARD-1.
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

/// GUARD-2: it was not used, and a row says so.
#[test]
fn a_refusal_of_the_system_gives_the_reservation_back_by_a_row() {
    let gate = Gate::whl(refusing);
    let reply = gate.post(SEND, &mail());
    assert_eq!(reply.status, 422);
    let rows = gate.rows("o");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["o"], json!("not_dialed"), "{rows:?}");
}

/// GUARD-2: nobody can tell.
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
    assert_eq!(gate.rows("o"), Vec::<Value>::new());
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

/// Whoever asks on a public route has not shown to be the consumer: a code goes where a procedure or a
/// consent covers the address, and a refusal of e-mail stops it.
/// GUARD-1: what stops a code.
#[test]
fn a_code_goes_where_consent_covers_the_address_and_a_refusal_stops_it() {
    let gate = Gate::whl(done);
    let mut record = crate::words::account("B", crate::sor_kit::PHONE);
    record["emails"] = json!([{ "address": "b@example.com", "from_consumer": true }]);
    let brought = crate::words::facts(&gate.token, &json!([record]));
    assert_eq!(gate.server.ask(&brought).status, 200);
    let code = json!({ "account_id": "B", "email": "b@example.com" });
    let send = || {
        let reply = gate.publicly("POST", "/api/consumer/verify/send", &code);
        reply.status
    };
    let state = |fact: Value| {
        let reply = gate.post("/api/facts", &fact);
        assert_eq!(reply.status, 200, "{:?}", reply.json());
    };
    assert_eq!(send(), 403);
    state(json!({
        "account_id": "B", "fact": "consent", "address": "b@example.com", "consent": ["email"],
        "given_to": "collector", "at": "2026-04-01T00:00:00Z",
    }));
    assert_eq!(send(), 200);
    state(json!({ "account_id": "B", "fact": "medium_opt_out", "medium": "email" }));
    assert_eq!(send(), 403);
    assert_eq!(gate.system.asked("POST /api/consumer/verify/send").len(), 1);
}

fn scollect(line: &str) -> Answer {
    let body = if line.starts_with("POST /login") {
        r#"{"result":{"access_token":"a.b.c"},"state":"SUCCESS"}"#
    } else {
        r#"{"result":{"success":"sent"},"state":"SUCCESS"}"#
    };
    (200, body)
}

fn portal(_line: &str) -> Answer {
    (200, r#"{"data":[]}"#)
}

/// A gateway before another system than WHL.
fn before(system: &str, answers: fn(&str) -> Answer, more: &str) -> Gate {
    Gate::of(answers, |address| {
        format!("[sor]\nsystem = \"{system}\"\naddresses = [\"http://{address}\"]\n{more}")
    })
}

/// What the gate allows arrives once and is counted; what it blocks does not.
fn guards(gate: Gate, (path, there): (&str, &str), allowed: &Value, blocked: &[Value]) {
    let sent = format!("POST {there} ");
    for body in blocked {
        let reply = gate.post(path, body);
        let told = reply.json();
        assert_eq!(
            (reply.status, &told["code"]),
            (403, &json!("CONTACT_BLOCKED")),
            "{body}: {told}"
        );
        assert_eq!(told["decisions"][0]["decision"], "BLOCK");
        assert_eq!(gate.system.asked(&sent).len(), 0, "{body}");
    }
    let reply = gate.post(path, allowed);
    assert_eq!(reply.status, 200, "{:?}", reply.json());
    let asked = gate.system.asked(&sent);
    assert_eq!(asked.len(), 1);
    assert!(asked[0].ends_with(&allowed.to_string()), "{asked:?}");
    let outcomes = gate.rows("o");
    let words: Vec<&Value> = outcomes.iter().map(|row| &row["o"]).collect();
    assert_eq!(words, [&json!("sent")]);
}

#[test]
fn scollect_sends_what_the_gate_allows() {
    let secrets = "key_file = \"key\"\npin_file = \"pin\"\n";
    let gate = before("scollect", scollect, secrets);
    let mail = |account: &str| json!({ "referenceNumbers": [account], "sendType": "email" });
    let fax = json!({ "referenceNumbers": ["A"], "sendType": "fax" });
    let way = ("/scollect/send_email_c2c", "/send_email_c2c");
    guards(gate, way, &mail("A"), &[mail("Z"), fax, json!({})]);
}

/// GUARD-1, GUARD-2: of two contacts one is allowed and one is not: nothing goes, and what the first
/// reserved is given back by a row.
#[test]
fn one_contact_of_several_that_is_blocked_stops_them_all() {
    let secrets = "key_file = \"key\"\npin_file = \"pin\"\n";
    let gate = before("scollect", scollect, secrets);
    let both = json!({ "referenceNumbers": ["A", "Z"], "sendType": "email" });
    let reply = gate.post("/scollect/send_email_c2c", &both);
    assert_eq!(reply.status, 403, "{:?}", reply.json());
    assert_eq!(gate.system.asked("POST /send_email_c2c").len(), 0);
    let outcomes = gate.rows("o");
    let words: Vec<&Value> = outcomes.iter().map(|row| &row["o"]).collect();
    assert_eq!(words, [&json!("not_dialed")], "{outcomes:?}");
}

#[test]
fn a_text_through_scollect_is_blocked_without_consent() {
    let secrets = "key_file = \"key\"\npin_file = \"pin\"\n";
    let gate = before("scollect", scollect, secrets);
    let reply = gate.post("/scollect/send_text", &json!({ "filenumber": "A" }));
    assert_eq!(reply.status, 403, "{:?}", reply.json());
    assert_eq!(gate.system.asked("POST /send_text").len(), 0);
}

#[test]
fn the_portal_sends_what_the_gate_allows() {
    let gate = before("portal", portal, "key_file = \"key\"\n");
    let mail = |client: Value, to: &str| json!({ "client_id": client, "email": { "to": to }, "type": "email" });
    let blocked = [
        mail(json!("Z"), ADDRESS),
        mail(json!("A"), "other@example.com"),
        // Nobody is found who has it.
        json!({ "email": { "to": ADDRESS }, "type": "email" }),
        json!({ "client_id": "A", "type": "sms", "sms": { "number": "0(987)654321" } }),
    ];
    let way = ("/portal/correspondence/send", "/correspondence/send");
    guards(gate, way, &mail(json!("A"), ADDRESS), &blocked);
}
