//! The tenant's do-not-call list: numbers go on it, come off it, and every gate's answer follows.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE};
use crate::house::ALL;
use crate::http::{Reply, Request};
use crate::words::{account, codes, gate, intent};

const ADD: &str = "/api/compliance/dnc/add";
const REMOVE: &str = "/api/compliance/dnc/remove";

fn edit(floor: &Floor, path: &str, said: &Value) -> Reply {
    let request = Request::new("POST", path).token(&floor.token);
    floor.server.ask(&request.json(said.to_string()))
}

fn edited(floor: &Floor, path: &str, said: &Value) -> Value {
    let heard = edit(floor, path, said);
    assert_eq!(heard.status, 200, "{:?}", heard.json());
    heard.json()
}

fn upload(floor: &Floor, path: &str, file: &str) -> Value {
    let request = Request::new("POST", path).token(&floor.token).csv(file);
    let heard = floor.server.ask(&request);
    assert_eq!(heard.status, 200, "{:?}", heard.json());
    heard.json()
}

fn check(floor: &Floor, phone: &str) -> Value {
    check_as(floor, &floor.token, phone)
}

fn check_as(floor: &Floor, token: &str, phone: &str) -> Value {
    let path = format!("/api/compliance/dnc/check/{phone}");
    let heard = floor.server.ask(&Request::new("GET", path).token(token));
    assert_eq!(heard.status, 200, "{:?}", heard.json());
    heard.json()
}

#[test]
fn the_next_call_is_blocked_and_the_row_says_why() {
    let floor = Floor::open();
    assert_eq!(floor.call()["allow"], true);
    let mut said = json!({ "phone": "(818) 555-1234", "reason": "asked on the phone",
        "source": "call recording", "actor": "agent 7" });
    let first = edited(&floor, ADD, &said);
    let row = first["row_id"].as_u64().unwrap();
    assert_eq!(
        first,
        json!({ "phone": PHONE, "applied": 1, "unchanged": 0, "row_id": row })
    );
    assert_eq!(codes(&floor.call()), ["DO_NOT_CALL"]);
    let again = edited(&floor, ADD, &said);
    assert_eq!(
        (&again["unchanged"], &again["row_id"]),
        (&json!(1), &Value::Null)
    );
    let listed = check(&floor, "818-555-1234");
    let since = listed["since"].as_str().unwrap();
    assert!(since.starts_with("2026-05-05T18:0"), "{since}");
    let change = json!({ "row_id": row, "at": since, "action": "add", "until": null,
        "reason": "asked on the phone", "source": "call recording", "actor": "agent 7",
        "document_id": null, "account_id": null, "erased": false });
    assert_eq!(
        listed,
        json!({ "phone": PHONE, "listed": true, "since": since, "until": null,
            "reason": "asked on the phone", "source": "call recording", "actor": "agent 7",
            "row_id": row, "erased": false, "history": [change], "history_complete": true })
    );
    // Another tenant's list is its own.
    let guarded = floor.house.token("guarded", ALL);
    assert_eq!(check_as(&floor, &guarded, PHONE)["listed"], false);

    said["reason"] = json!("asked to be called again");
    let removed = edited(&floor, REMOVE, &said)["row_id"].as_u64().unwrap();
    assert_eq!(floor.call()["allow"], true);
    assert_eq!(edited(&floor, REMOVE, &said)["unchanged"], 1);
    let after = check(&floor, PHONE);
    assert_eq!(
        (&after["listed"], &after["row_id"]),
        (&json!(false), &json!(removed))
    );
    assert_eq!(
        (&after["since"], &after["reason"]),
        (&Value::Null, &Value::Null)
    );
    let told: Vec<_> = after["history"].as_array().unwrap().iter().collect();
    assert_eq!(told.len(), 2);
    assert_eq!(
        (&told[0]["action"], &told[0]["row_id"]),
        (&json!("remove"), &json!(removed))
    );
    assert_eq!(told[0]["reason"], "asked to be called again");
    assert_eq!(told[1], &change);
    assert_eq!(after["history_complete"], true);
}

#[test]
fn what_an_outcome_listed_is_in_the_history_of_its_number_alone() {
    const OTHER: &str = "+18185551235";
    let floor = Floor::open();
    let said = json!({ "phone": PHONE, "outcome": "do_not_call" });
    let outcome = floor.report(&said).json();
    assert_eq!(check(&floor, PHONE)["listed"], true, "{outcome}");
    // One record speaks of both, so its row leads to what stood before of either.
    let mut record = account(ACCOUNT, PHONE);
    record["facts"] = json!([
        { "fact": "do_not_call", "phone": PHONE, "lifted": true, "reason": "asked to be called" },
        { "fact": "do_not_call", "phone": OTHER },
    ]);
    floor.state(&json!([record]));
    let told = |phone: &str| {
        let history = check(&floor, phone)["history"].clone();
        let history = history.as_array().unwrap().clone();
        let words = history
            .iter()
            .map(|one| (one["action"].clone(), one["source"].clone()));
        words.collect::<Vec<_>>()
    };
    let outcome = (json!("add"), json!("outcome"));
    assert_eq!(told(PHONE), [(json!("remove"), Value::Null), outcome]);
    assert_eq!(told(OTHER), [(json!("add"), Value::Null)]);
}

#[test]
fn a_number_nobody_listed_has_no_history() {
    let floor = Floor::open();
    let clean = check(&floor, PHONE);
    assert_eq!(
        (&clean["listed"], &clean["row_id"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        (&clean["history"], &clean["history_complete"]),
        (&json!([]), &json!(true))
    );
    let removed = edited(
        &floor,
        REMOVE,
        &json!({ "phone": PHONE, "reason": "never was" }),
    );
    assert_eq!(removed["unchanged"], 1);
}

#[test]
fn an_entry_ends_at_its_end_and_is_only_ever_prolonged_without_a_reason() {
    let floor = Floor::open();
    let until = |at: &str| json!({ "phone": PHONE, "expires_at": at });
    edited(&floor, ADD, &until("2026-05-05T20:00:00Z"));
    assert_eq!(
        edited(&floor, ADD, &until("2026-05-05T19:00:00Z"))["unchanged"],
        1
    );
    assert_eq!(check(&floor, PHONE)["until"], "2026-05-05T20:00:00Z");
    assert_eq!(codes(&floor.call()), ["DO_NOT_CALL"]);
    let floor = floor.restarted(Some("2026-05-05T20:00:00Z"), |server| server.started.kill());
    assert_eq!(floor.call()["allow"], true);
    let over = check(&floor, PHONE);
    assert_eq!(
        (&over["listed"], &over["until"]),
        (&json!(false), &json!("2026-05-05T20:00:00Z"))
    );
    edited(&floor, ADD, &json!({ "phone": PHONE }));
    assert_eq!(
        edited(&floor, ADD, &until("2026-05-06T20:00:00Z"))["unchanged"],
        1
    );
    let open = check(&floor, PHONE);
    assert_eq!(
        (&open["listed"], &open["until"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(open["history"].as_array().unwrap().len(), 2);
}

#[test]
fn a_list_goes_in_at_once_and_names_its_bad_numbers() {
    let floor = Floor::open();
    let phones = ["8185551234", "911", "+1 818 555 0199", "8185551234"];
    let heard = edited(
        &floor,
        ADD,
        &json!({ "phones": phones, "source": "letter" }),
    );
    assert_eq!(
        heard,
        json!({ "applied": 2, "unchanged": 1,
            "rejected": [{ "line": 2, "field": "phone", "code": "INVALID_PHONE" }] })
    );
    assert_eq!(codes(&floor.call()), ["DO_NOT_CALL"]);
    assert_eq!(check(&floor, "8185550199")["source"], "letter");
}

#[test]
fn a_file_goes_in_and_comes_off_and_survives_a_kill() {
    let floor = Floor::open();
    let mut file = "phone,reason,source,expires_at\n".to_owned();
    for n in 0..1_000 {
        writeln!(file, "818555{n:04},asked,file,").unwrap();
    }
    file.push_str("12,asked,file,\n8185559999,asked,file,2026-05-05T17:00:00Z\n");
    let heard = upload(&floor, ADD, &file);
    assert_eq!(
        heard,
        json!({ "applied": 1_000, "unchanged": 0, "rejected": [
            { "line": 1_002, "field": "phone", "code": "INVALID_PHONE" },
            { "line": 1_003, "field": "expires_at", "code": "OUT_OF_RANGE" }] })
    );
    floor.state(&json!([account("B", "+18185550042")]));
    let call = |floor: &Floor| {
        floor
            .server
            .ask(&gate(&floor.token, &intent("B", "+18185550042")))
    };
    assert_eq!(codes(&call(&floor).json()), ["DO_NOT_CALL"]);
    let floor = floor.restarted(None, |server| server.started.kill());
    let listed = check(&floor, "8185550042");
    assert_eq!(
        (&listed["listed"], &listed["source"]),
        (&json!(true), &json!("file"))
    );
    let removed = upload(
        &floor,
        REMOVE,
        "phone,reason\n8185550042,asked back\n8185550043,\n",
    );
    assert_eq!(
        removed,
        json!({ "applied": 1, "unchanged": 0,
            "rejected": [{ "line": 3, "field": "reason", "code": "LIFT_NEEDS_REASON" }] })
    );
    let after = check(&floor, "8185550042");
    assert_eq!(after["listed"], false);
    let actions: Vec<_> = after["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["action"])
        .collect();
    assert_eq!(actions, ["remove", "add"]);
    // The same numbers of the same rows are others.
    assert_eq!(
        check(&floor, "8185550041")["history"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let (status, _lines) = floor.server.terminated();
    assert!(status.success());
    let verified = floor.house.ledger("verify");
    assert_eq!(verified.code, Some(0), "{}", verified.err);
    let replayed = floor.house.ledger("replay");
    assert_eq!(replayed.code, Some(0), "{}", replayed.err);
}

#[test]
fn what_an_account_states_of_its_number_is_in_the_history_too() {
    let floor = Floor::open();
    edited(&floor, ADD, &json!({ "phone": PHONE, "source": "list" }));
    let lifted =
        json!({ "fact": "do_not_call", "phone": PHONE, "lifted": true, "reason": "by letter" });
    floor.state(&json!([{ "account_id": ACCOUNT, "facts": [lifted] }]));
    edited(&floor, ADD, &json!({ "phone": PHONE, "source": "again" }));
    let told = check(&floor, PHONE);
    let history = told["history"].as_array().unwrap();
    let short: Vec<_> = history
        .iter()
        .map(|c| (&c["action"], &c["account_id"]))
        .collect();
    let (add, remove) = (json!("add"), json!("remove"));
    let (nobody, account) = (Value::Null, json!(ACCOUNT));
    assert_eq!(
        short,
        [(&add, &nobody), (&remove, &account), (&add, &nobody)]
    );
    assert_eq!(told["source"], "again");
}

#[test]
fn an_erased_row_is_said_to_be_erased_and_the_listing_stands() {
    let floor = Floor::open();
    let row = edited(
        &floor,
        ADD,
        &json!({ "phone": PHONE, "reason": "r", "actor": "a" }),
    );
    let row = row["row_id"].as_u64().unwrap();
    let dir = floor.house.path("data");
    dialgate::ledger::erase::erase(&dir, "open", row).unwrap();
    let told = check(&floor, PHONE);
    assert_eq!(
        (&told["listed"], &told["erased"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        (&told["reason"], &told["actor"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(told["history"][0]["action"], "add");
    assert_eq!(told["history_complete"], true);
    assert_eq!(codes(&floor.call()), ["DO_NOT_CALL"]);
}

#[test]
fn what_is_no_request_is_refused_and_changes_nothing() {
    let floor = Floor::open();
    let many = json!({ "phones": vec![PHONE; 1_001] });
    let long = json!({ "phone": PHONE, "reason": "r".repeat(65) });
    for (path, said, field, code) in [
        (ADD, json!({}), json!("phone"), "MISSING"),
        (ADD, json!([]), Value::Null, "WRONG_TYPE"),
        (
            ADD,
            json!({ "phone": "911" }),
            json!("phone"),
            "INVALID_PHONE",
        ),
        (
            ADD,
            json!({ "phones": ["911"] }),
            json!("phones.0"),
            "INVALID_PHONE",
        ),
        (ADD, many, json!("phones"), "TOO_MANY"),
        (ADD, long, json!("reason"), "TOO_LONG"),
        (
            ADD,
            json!({ "phone": PHONE, "tenant": "x" }),
            json!("tenant"),
            "UNKNOWN_FIELD",
        ),
        (
            ADD,
            json!({ "phone": PHONE, "expires_at": "2026-05-05T17:00:00Z" }),
            json!("expires_at"),
            "OUT_OF_RANGE",
        ),
        (
            REMOVE,
            json!({ "phone": PHONE }),
            json!("reason"),
            "LIFT_NEEDS_REASON",
        ),
    ] {
        let heard = edit(&floor, path, &said);
        let told = heard.json();
        assert_eq!((heard.status, &told["code"]), (422, &json!(code)), "{said}");
        assert_eq!(told["field"], field, "{said}");
    }
    let post = |path: &str| Request::new("POST", path).token(&floor.token);
    let typed = post(ADD).with("content-type", "text/plain");
    assert_eq!(floor.server.ask(&typed).status, 415);
    let header = floor.server.ask(&post(ADD).csv("number\n8185551234\n"));
    assert_eq!(
        (header.status, &header.json()["code"]),
        (422, &json!("UNKNOWN_COLUMN"))
    );
    let huge = floor.server.ask(&post(ADD).json(vec![b' '; 64 * 1024 + 1]));
    assert_eq!(huge.status, 413);
    let get = |path: &str, token: &str| {
        let request = Request::new("GET", format!("/api/compliance/dnc/check/{path}"));
        floor.server.ask(&request.token(token))
    };
    let bad = get("911", &floor.token);
    assert_eq!((bad.status, &bad.json()["field"]), (422, &json!("phone")));
    let asks = floor.house.token("open", "gate:ask");
    assert_eq!(get(PHONE, &asks).status, 200);
    let request = Request::new("POST", ADD).token(&asks);
    let scope = floor
        .server
        .ask(&request.json(json!({ "phone": PHONE }).to_string()));
    assert_eq!(scope.status, 403);
    assert_eq!(check(&floor, PHONE)["listed"], false);
    assert_eq!(floor.call()["allow"], true);
}
