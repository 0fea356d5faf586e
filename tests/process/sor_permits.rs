//! What a Scollect has confirmed permits, and only then.

use serde_json::{Value, json};

use crate::sor_kit::{Answer, Gate, PHONE};

const DONE: &str = r#"{"result":{"success":"done"},"state":"SUCCESS"}"#;
const REFUSED: &str = r#"{"result":{"error":"not found"},"state":"SUCCESS"}"#;

fn gate(answers: fn(&str) -> Answer) -> Gate {
    Gate::of(answers, |address| {
        format!(
            "[sor]\nsystem = \"scollect\"\naddresses = [\"http://{address}\"]\n\
             key_file = \"key\"\npin_file = \"pin\"\n"
        )
    })
}

fn login(line: &str) -> Option<Answer> {
    let token = r#"{"result":{"access_token":"a.b.c"},"state":"SUCCESS"}"#;
    line.starts_with("POST /login").then_some((200, token))
}

fn done(line: &str) -> Answer {
    login(line).unwrap_or((200, DONE))
}

/// It takes what forbids, and nothing that permits.
fn refusing(request: &str) -> Answer {
    login(request).unwrap_or((200, REFUSED))
}

fn set(gate: &Gate, what: &str, field: &str, value: &str) {
    let body = json!({ "filenumber": "A", "fieldname": field, "fieldvalue": value });
    let reply = {
        let request = crate::http::Request::new("PUT", format!("/scollect/{what}"));
        gate.server
            .ask(&request.token(&gate.token).json(body.to_string()))
    };
    assert_eq!(reply.status, 200, "{field}: {reply:?}");
}

/// TAP-3: each forbids at once, and is given back once the system has it.
#[test]
fn what_was_taken_is_given_back_when_the_system_has_confirmed() {
    let gate = gate(done);
    assert_eq!(gate.stops(), Vec::<String>::new());
    for (what, field, forbids, permits, code) in [
        (
            "updatepermissions",
            "cancallcell",
            "0",
            "1",
            "APPROVAL_REFUSED",
        ),
        ("updatedbase", "deceased", "YES", "NO", "DECEASED"),
        (
            "updatedbase",
            "dateclosed",
            "2026-05-01",
            "1900-01-01",
            "ACCOUNT_CLOSED",
        ),
    ] {
        set(&gate, what, field, forbids);
        assert_eq!(gate.stops(), [code], "{field}");
        set(&gate, what, field, permits);
        assert_eq!(gate.stops(), Vec::<String>::new(), "{field}");
    }
}

/// TAP-3.
#[test]
fn what_the_system_refused_gives_nothing_back() {
    let gate = gate(refusing);
    let approval = json!({ "account_id": "A", "fact": "approval", "action": "call",
        "approval": "refused" });
    let stated = gate.post("/api/facts", &approval);
    assert_eq!(stated.status, 200, "{:?}", stated.json());
    set(&gate, "updatepermissions", "cancallcell", "1");
    assert_eq!(gate.stops(), ["APPROVAL_REFUSED"]);
}

/// A place that was confirmed counts for the next decision, and a number is on file.
#[test]
fn what_only_tells_is_known_when_the_system_has_confirmed() {
    let gate = gate(done);
    set(&gate, "updatedbase", "state", "NV");
    set(&gate, "updatedbase", "zip", "89101");
    let body = json!({ "filenumber": "A", "phonenumber": "702-555-0144", "phonetype": "CELL",
        "phonestatus": "Good Number" });
    assert_eq!(gate.post("/scollect/insertphone", &body).status, 200);
    let request = crate::http::Request::new("GET", "/api/facts/A").token(&gate.token);
    let file = gate.server.ask(&request).json();
    assert_eq!(
        (&file["state"], &file["zip"]),
        (&json!("NV"), &json!("89101")),
        "{file}"
    );
    let numbers = file["phones"].as_array().unwrap().iter();
    let numbers: Vec<&Value> = numbers.map(|phone| &phone["number"]).collect();
    assert_eq!(numbers, [&json!(PHONE), &json!("+17025550144")], "{file}");
}
