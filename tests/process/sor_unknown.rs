//! Calls that restrict an account nobody has read yet: whenever it is read, the restriction is there.

use serde_json::json;

use crate::house::MAY;
use crate::http::Request;
use crate::hydrate::System;
use crate::proxy::Before;
use crate::words::{codes, gate, intent};

const PHONE: &str = "+18185551234";
/// Longer than any test takes: an intent waits for the read it needs.
const PATIENT: (&str, &str) = ("DIALGATE_SOR__HYDRATE_TIMEOUT_MS", "30000");

fn dispute(before: &Before) -> Request {
    let request = Request::new("POST", "/api/disputes").token(&before.token);
    request.json(json!({ "account_id": "ACC-7", "reason": "not mine" }).to_string())
}

fn stops(before: &Before) -> Vec<String> {
    let intent = gate(&before.token, &intent("ACC-7", PHONE));
    codes(&before.server.ask(&intent).json())
}

/// A system that has the account, knows of no dispute, and takes one.
fn forgetful() -> System {
    let system = System::open();
    system.has("ACC-7");
    system.answer("POST /api/disputes", "{}");
    system
}

/// TAP-1, TAP-4: by a read after it.
#[test]
fn an_account_read_after_the_call_is_restricted_though_the_system_does_not_say_so() {
    let system = forgetful();
    let before = system.before(&[PATIENT]);
    // Nothing can be read while the call is on its way, nor for a while after it.
    system.hold("GET");
    assert_eq!(before.server.ask(&dispute(&before)).status, 200);
    assert_eq!(system.change().line, "POST /api/disputes");
    system.free();
    assert_eq!(stops(&before), ["DISPUTE_PENDING"]);
    assert_eq!(restrictions(before), [true]);
}

/// TAP-1: of an account nobody has read, by a read that began before the call was answered.
#[test]
fn an_account_read_while_the_call_is_on_its_way_is_restricted_before_it_is_decided_about() {
    let system = forgetful();
    system.hold("POST");
    let before = system.before(&[PATIENT]);
    let mut waiting = before.server.client();
    std::io::Write::write_all(&mut waiting.stream, &dispute(&before).bytes()).unwrap();
    system.change();
    assert_eq!(stops(&before), ["DISPUTE_PENDING"]);
    system.free();
    assert_eq!(waiting.reply().unwrap().status, 200);
    assert_eq!(stops(&before), ["DISPUTE_PENDING"]);
    assert_eq!(restrictions(before), [true]);
}

/// What is owed is written down before the call is sent.
/// TAP-1.
#[test]
fn what_an_account_is_owed_outlives_a_kill() {
    let system = forgetful();
    let before = system.before(&[PATIENT]);
    system.hold("GET");
    assert_eq!(before.server.ask(&dispute(&before)).status, 200);
    let Before {
        house,
        server,
        token,
    } = before;
    server.started.kill();
    system.free();
    let server = house.start(Some(MAY));
    let before = Before {
        house,
        server,
        token,
    };
    assert_eq!(stops(&before), ["DISPUTE_PENDING"]);
    assert_eq!(restrictions(before), [true]);
}

#[test]
fn a_refused_call_leaves_an_account_that_is_read_later_alone() {
    let system = System::open();
    system.has("ACC-7");
    let before = system.before(&[PATIENT]);
    // Nothing is there for it: 404.
    assert_eq!(before.server.ask(&dispute(&before)).status, 404);
    assert_eq!(stops(&before), Vec::<String>::new());
    assert_eq!(restrictions(before), Vec::<bool>::new());
}

/// Of every row with a dispute whether it names the route it came by.
fn restrictions(before: Before) -> Vec<bool> {
    let Before { house, server, .. } = before;
    server.terminated();
    let rows = house.rows().into_iter().map(|row| row.to_string());
    let disputes = rows.filter(|row| row.contains("dispute"));
    disputes.map(|row| row.contains("sor:whl:83")).collect()
}
