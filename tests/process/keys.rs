//! What an idempotency key means while its reservation lives, lapses, or the facts change.

use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE, audit};
use crate::house::MAY;
use crate::words::{account, codes, gate, intent};

fn asked() -> Value {
    intent(ACCOUNT, PHONE)
}

fn cease() -> Value {
    json!([{ "account_id": ACCOUNT, "facts": [{ "fact": "cease" }] }])
}

#[test]
fn the_same_key_with_another_body_is_422_and_reserves_nothing() {
    let floor = Floor::open();
    let first = floor.call_as("K", &asked());
    assert_eq!(first.json()["allow"], true);
    let mut other = asked();
    other["agent_id"] = json!("7");
    let heard = floor.call_as("K", &other);
    assert_eq!(heard.status, 422);
    let body = heard.json();
    assert_eq!(body["error"]["code"], "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(
        (&body["allow"], &body["audit_id"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(floor.call_as("K", &asked()).body, first.body);
    assert_eq!(floor.rows_of("d"), 1);
    // Alone, `request_id` is the key.
    let mut named = asked();
    named["request_id"] = json!("R");
    let by_id = floor.server.ask(&gate(&floor.token, &named));
    assert_eq!(
        floor.server.ask(&gate(&floor.token, &named)).body,
        by_id.body
    );
    assert_eq!(floor.rows_of("d"), 2);
}

#[test]
fn a_key_belongs_to_its_tenant() {
    let floor = Floor::open();
    let first = floor.call_as("K", &asked());
    let other = floor.house.token("guarded", "gate:ask");
    let heard = floor
        .server
        .ask(&gate(&other, &asked()).with("Idempotency-Key", "K"));
    assert_eq!(
        (heard.status, codes(&heard.json())),
        (200, vec!["UNKNOWN_ACCOUNT".to_owned()])
    );
    assert_eq!(floor.call_as("K", &asked()).body, first.body);
}

#[test]
fn a_restrictive_fact_between_ends_the_repetition() {
    let floor = Floor::open();
    let first = floor.call_as("K", &asked()).json();
    floor.state(&cease());
    let second = floor.call_as("K", &asked()).json();
    assert_eq!(
        (&second["allow"], codes(&second)),
        (&json!(false), vec!["CEASE".to_owned()])
    );
    assert_ne!(audit(&first), audit(&second));
    // The reservation is gone, and a BLOCK has nothing to settle.
    let heard = floor.report(&json!({ "audit_id": audit(&second), "outcome": "no_answer" }));
    assert_eq!(heard.status, 409);
}

#[test]
fn a_block_is_repeated_until_a_row_touches_its_account() {
    let floor = Floor::open();
    floor.state(&cease());
    let first = floor.call_as("K", &asked());
    assert_eq!(codes(&first.json()), ["CEASE"]);
    floor.state(&json!([account("B", "+18182000002")]));
    assert_eq!(
        floor.call_as("K", &asked()).body,
        first.body,
        "another account"
    );
    floor.state(&json!([{ "account_id": ACCOUNT, "facts": [
        { "fact": "cease", "lifted": true, "reason": "withdrawn in writing" },
    ]}]));
    let second = floor.call_as("K", &asked()).json();
    assert_eq!(second["allow"], true);
    assert_ne!(audit(&first.json()), audit(&second));
}

#[test]
fn a_dry_run_is_recorded_and_reserves_nothing() {
    let floor = Floor::open();
    let mut dry = asked();
    dry["dry_run"] = json!(true);
    let first = floor.call_as("D", &dry);
    assert_eq!(first.json()["allow"], true);
    assert_eq!(floor.call_as("D", &dry).body, first.body);
    assert_eq!(floor.rows_of("d"), 1);
    for call in 0..7 {
        assert_eq!(floor.call()["allow"], true, "call {call}");
    }
    let heard = floor.call_as("D", &dry).json();
    assert_eq!(
        codes(&heard),
        ["CALL_7_IN_7"],
        "rows have touched the account"
    );
    assert_eq!(floor.rows_of("d"), 9);
}

#[test]
fn a_lapsed_reservation_stays_counted_and_its_key_decides_anew() {
    let floor = Floor::open();
    let first = floor.call_as("K", &asked());
    assert!(first.header("dialgate-use-by").unwrap() < "2026-05-05T18:08:00Z");
    // Ten minutes later: `use_by` (300 s) and the key's last minute have passed.
    let floor = floor.restarted(Some("2026-05-05T18:10:00Z"), |server| server.started.kill());
    let second = floor.call_as("K", &asked());
    assert_eq!(second.json()["allow"], true);
    assert_ne!(audit(&first.json()), audit(&second.json()));
    for call in 2..7 {
        assert_eq!(floor.call()["allow"], true, "call {call}");
    }
    assert_eq!(codes(&floor.call()), ["CALL_7_IN_7"]);
}

#[test]
fn a_key_is_remembered_through_a_kill() {
    let floor = Floor::open();
    let first = floor.call_as("K", &asked());
    let floor = floor.restarted(Some(MAY), |server| server.started.kill());
    assert_eq!(floor.call_as("K", &asked()).body, first.body);
    assert_eq!(floor.rows_of("d"), 1);
}
