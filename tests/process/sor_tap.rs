//! Calls that change something: the gate knows before the system does, and takes back what was refused.

use std::io::Write as _;
use std::sync::{Condvar, Mutex};

use serde_json::{Value, json};

use crate::house::{ALL, OPEN};
use crate::http::Request;
use crate::sor_kit::{Answer, Answers, Gate, PHONE, SILENT};
use crate::words::{codes, facts, gate, intent};

fn done(line: &str) -> Answer {
    if line.starts_with("GET /api/disputes/") {
        (200, r#"{"account_id":"A"}"#)
    } else {
        (200, "{}")
    }
}

fn refusing(line: &str) -> Answer {
    (if line.contains("ingest") { 200 } else { 409 }, "{}")
}

fn broken(line: &str) -> Answer {
    (if line.contains("ingest") { 200 } else { 500 }, "{}")
}

fn hanging(line: &str) -> Answer {
    if line.contains("ingest") {
        (200, "{}")
    } else {
        SILENT
    }
}

fn dispute() -> Value {
    json!({ "account_id": "A", "reason": "not mine" })
}

/// TAP-4.
#[test]
fn a_dispute_stops_the_next_intent_and_its_row_names_the_route() {
    let gate = Gate::whl(done);
    assert_eq!(gate.stops(), Vec::<String>::new());
    assert_eq!(gate.post("/api/disputes", &dispute()).status, 200);
    assert_eq!(gate.system.asked("POST /api/disputes").len(), 1);
    assert_eq!(gate.stops(), ["DISPUTE_PENDING"]);
    let Gate { house, server, .. } = gate;
    server.terminated();
    let exported = house.ledger("export").out;
    assert!(exported.contains("sor:whl:83"), "no row names the route");
}

/// TAP-1: it was on record before anything was sent.
#[test]
fn it_does_so_too_when_the_system_hangs_or_breaks() {
    for answers in [hanging, broken] {
        let gate = Gate::whl(answers);
        let reply = gate.post("/api/disputes", &dispute());
        assert!(reply.status >= 500, "{}", reply.status);
        assert_eq!(gate.stops(), ["DISPUTE_PENDING"]);
    }
}

/// TAP-2: it is taken back where this call brought it.
#[test]
fn a_definite_refusal_takes_it_back_by_a_row() {
    let gate = Gate::whl(refusing);
    let before = gate.system.asked("POST /api/disputes").len();
    let reply = gate.post("/api/disputes", &dispute());
    assert_eq!((before, reply.status), (0, 409));
    assert_eq!(gate.stops(), Vec::<String>::new());
    let rows = gate.rows("f");
    // The account, the dispute, the dispute lifted.
    assert_eq!(rows.len(), 3, "{rows:?}");
}

/// TAP-2.
#[test]
fn what_stood_before_is_not_taken_back() {
    let gate = Gate::whl(refusing);
    let stated = json!({ "account_id": "A", "fact": "dispute", "form": "oral" });
    assert_eq!(gate.post("/api/facts", &stated).status, 200);
    assert_eq!(gate.post("/api/disputes", &dispute()).status, 409);
    let rows = gate.rows("f");
    let lifted = rows.iter().filter(|row| row.to_string().contains("lifted"));
    assert_eq!(lifted.count(), 0, "{rows:?}");
}

/// TAP-1.
#[test]
fn a_recall_stops_contact_before_the_system_has_answered() {
    let gate = Gate::whl(hanging);
    let recalled = gate.post("/api/data-enrichment/rdn/recall/A", &json!({}));
    assert_eq!(recalled.status, 504);
    assert_ne!(gate.stops(), Vec::<String>::new());
}

/// TAP-3: nobody with a credential said so.
#[test]
fn a_public_resolution_lifts_nothing() {
    let gate = Gate::whl(done);
    assert_eq!(
        gate.publicly("POST", "/api/consumer/dispute", &dispute())
            .status,
        200
    );
    assert_eq!(gate.stops(), ["DISPUTE_PENDING"]);
    let path = "/api/consumer/disputes/D1/resolve";
    assert_eq!(gate.publicly("POST", path, &dispute()).status, 200);
    assert_eq!(gate.stops(), ["DISPUTE_PENDING"]);
}

#[test]
fn on_a_name_of_two_tenants_a_restriction_binds_each_that_holds_the_account() {
    let gate = Gate::of(done, |address| {
        format!(
            "[sor]\nsystem = \"whl\"\naddresses = [\"http://{address}\"]\npublic_host = \"gate\"\n"
        )
    });
    let Gate {
        house,
        server,
        system,
        token,
    } = gate;
    server.terminated();
    let second = OPEN.replace("\"open\"", "\"second\"");
    let sor = format!(
        "[sor]\nsystem = \"whl\"\naddresses = [\"http://{}\"]\npublic_host = \"gate\"\n",
        system.address
    );
    std::fs::write(house.path("tenants/second.toml"), format!("{second}{sor}")).unwrap();
    let server = house.start(Some(crate::house::MAY));
    let other = house.token("second", ALL);
    let record = crate::words::account("A", PHONE);
    assert_eq!(server.ask(&facts(&other, &json!([record]))).status, 200);
    let request = Request::new("POST", "/api/consumer/dispute");
    assert_eq!(server.ask(&request.json(dispute().to_string())).status, 200);
    for token in [&token, &other] {
        let answer = server.ask(&gate_of(token)).json();
        assert_eq!(codes(&answer), ["DISPUTE_PENDING"]);
    }
}

fn gate_of(token: &str) -> Request {
    gate(token, &intent("A", PHONE))
}

/// How far two calls on their way have come.
static STEP: (Mutex<u32>, Condvar) = (Mutex::new(0), Condvar::new());

fn step_to(step: u32) {
    *STEP.0.lock().unwrap() = step;
    STEP.1.notify_all();
}

fn wait_for(step: u32) {
    let waits = |at: &mut u32| *at < step;
    drop(STEP.1.wait_while(STEP.0.lock().unwrap(), waits).unwrap());
}

/// The first is refused once the second is here; the second is done when the test says so.
fn one_after_the_other(line: &str) -> Answer {
    if line.contains("n=1") {
        step_to(1);
        wait_for(2);
        return (409, "{}");
    }
    if line.contains("n=2") {
        step_to(2);
        wait_for(3);
    }
    (200, "{}")
}

/// TAP-2: what one call brought is not taken back while another on its way rests on it.
#[test]
fn a_refusal_takes_nothing_from_another_call_on_its_way() {
    let gate = Gate::whl(one_after_the_other);
    let call = |path: &str| {
        let request = Request::new("POST", path).token(&gate.token);
        let mut client = gate.server.client();
        let bytes = request.json(dispute().to_string()).bytes();
        client.stream.write_all(&bytes).unwrap();
        client
    };
    let mut first = call("/api/disputes?n=1");
    wait_for(1);
    let mut second = call("/api/disputes?n=2");
    assert_eq!(first.reply().unwrap().status, 409);
    assert_eq!(gate.stops(), ["DISPUTE_PENDING"]);
    step_to(3);
    // Or it took too long, which is as good.
    assert_ne!(second.reply().unwrap().status, 409);
    assert_eq!(gate.stops(), ["DISPUTE_PENDING"]);
}

fn placing(status: u16) -> Answers {
    match status {
        200 => |_line| (200, "{}"),
        409 => |line| (if line.contains("placement") { 409 } else { 200 }, "{}"),
        500 => |line| (if line.contains("placement") { 500 } else { 200 }, "{}"),
        _ => |line| {
            if line.contains("placement") {
                SILENT
            } else {
                (200, "{}")
            }
        },
    }
}

/// TAP-3: an account is open again once the system has confirmed it, and by nothing less.
#[test]
fn only_what_was_confirmed_permits() {
    for (status, heard) in [(409, 409), (500, 500), (504, 504), (200, 200)] {
        let gate = Gate::whl(placing(status));
        let recall = "/api/data-enrichment/rdn/recall/A";
        assert_eq!(gate.post(recall, &json!({})).status, 200);
        let stopped = gate.stops();
        assert_ne!(stopped, Vec::<String>::new());
        let placed = gate.post(
            "/api/data-enrichment/rdn/placement",
            &json!({ "account_id": "A" }),
        );
        assert_eq!(placed.status, heard);
        let expected = if heard == 200 { vec![] } else { stopped };
        assert_eq!(gate.stops(), expected, "{status}");
    }
}
