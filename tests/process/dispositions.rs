//! Outcomes without a decision, in any order, of accounts known and unknown.

use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE, audit};
use crate::http::{Reply, Request};
use crate::words::{codes, disposition};

fn record(floor: &Floor, said: &Value) -> Reply {
    let request = Request::new("POST", "/api/compliance/record-attempt");
    let request = request.token(&floor.token).json(said.to_string());
    floor.server.ask(&request)
}

#[test]
fn a_call_is_one_call_however_often_it_is_reported() {
    let floor = Floor::open();
    let said = |outcome: &str| json!({ "account_id": ACCOUNT, "phone": PHONE, "call_id": "C-1", "outcome": outcome });
    let first = record(&floor, &said("no_answer"));
    assert_eq!(first.status, 200, "{:?}", first.json());
    assert_eq!(first.json()["audit_id"], Value::Null);
    assert_eq!(record(&floor, &said("no_answer")).json()["unchanged"], true);
    assert_eq!(record(&floor, &said("busy")).json()["kept"], true);
    assert_eq!(floor.rows_of("o"), 1);
    for call in 0..6 {
        assert_eq!(floor.call()["allow"], true, "call {call}");
    }
    assert_eq!(codes(&floor.call()), ["CALL_7_IN_7"]);
    // It was somebody else: the next question on another connection hears of it.
    assert_eq!(record(&floor, &said("wrong_party")).status, 200);
    assert_eq!(floor.call()["allow"], true);
}

#[test]
fn a_report_without_a_decision_settles_the_one_that_waits() {
    let floor = Floor::open();
    let allowed = audit(&floor.call());
    let said = json!({ "phone": PHONE, "outcome": "conversation", "call_id": "C-2" });
    let heard = floor.report(&said).json();
    assert_eq!(heard["audit_id"], allowed);
    assert_eq!(codes(&floor.call()), ["CALL_AFTER_CONVERSATION"]);
}

#[test]
fn what_is_said_to_the_agent_binds_at_once() {
    let floor = Floor::open();
    let said = json!({ "phone": PHONE, "outcome": "do_not_call", "direction": "inbound" });
    assert_eq!(floor.report(&said).status, 200);
    let heard = codes(&floor.call());
    for code in ["MEDIUM_OPT_OUT", "DO_NOT_CALL", "CALL_AFTER_CONVERSATION"] {
        assert!(heard.iter().any(|c| c == code), "{code}: {heard:?}");
    }
}

#[test]
fn of_an_account_nobody_knows_the_number_is_bound() {
    let floor = Floor::open();
    let said = json!({ "phone": PHONE, "outcome": "wrong_number" });
    let heard = floor
        .server
        .ask(&disposition(&floor.token, "nobody", &said));
    assert_eq!(heard.status, 404);
    assert_eq!(heard.json()["code"], "UNKNOWN_ACCOUNT");
    assert_eq!(floor.rows_of("o"), 1);
    assert_eq!(codes(&floor.call()), ["WRONG_NUMBER"]);
}

#[test]
fn an_outcome_of_nobody_is_listed_as_it_was_reported() {
    let floor = Floor::open();
    let said = json!({
        "account_id": "NOBODY", "phone": "8185550143", "outcome": "do_not_call", "call_id": "c9",
    });
    let request = Request::new("POST", "/api/compliance/record-attempt").token(&floor.token);
    assert_eq!(
        floor.server.ask(&request.json(said.to_string())).status,
        404
    );
    let get = |path: &str| {
        let heard = floor
            .server
            .ask(&Request::new("GET", path).token(&floor.token));
        assert_eq!(heard.status, 200, "{path}");
        heard.json()["items"].clone()
    };
    for path in [
        "/api/compliance/unmatched",
        "/api/dialer/call-log?outcome=do_not_call",
    ] {
        let items = get(path);
        assert_eq!(items.as_array().unwrap().len(), 1, "{path} {items}");
        assert_eq!(items[0]["outcome"], "do_not_call");
        assert_eq!(items[0]["matched"], false);
        assert_eq!(items[0]["account_id"], "NOBODY");
    }
    let other = floor.house.token("guarded", crate::house::ALL);
    let asked = Request::new("GET", "/api/compliance/unmatched").token(&other);
    assert_eq!(floor.server.ask(&asked).json()["items"], json!([]));
}
