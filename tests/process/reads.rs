//! What a compliance officer reads of a running gate.

use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE};
use crate::house::ALL;
use crate::http::{Reply, Request};
use crate::words::{account, codes};

fn get(floor: &Floor, path: &str) -> Reply {
    let request = Request::new("GET", path);
    floor.server.ask(&request.token(&floor.token))
}

fn read(floor: &Floor, path: &str) -> Value {
    let heard = get(floor, path);
    assert_eq!(heard.status, 200, "{path}: {:?}", heard.json());
    heard.json()
}

fn check(floor: &Floor, query: &str) -> Vec<Value> {
    let told = read(floor, &format!("/api/compliance/check/{ACCOUNT}?{query}"));
    assert_eq!(told["account_id"], ACCOUNT);
    told["checks"].as_array().unwrap().clone()
}

/// The window a code blocks with, of a check of one contact.
fn window(check: &Value, code: &str) -> Value {
    let all = check["windows"].as_array().unwrap();
    let found = all.iter().find(|one| one["code"] == code);
    found.unwrap_or_else(|| panic!("{code}: {check}")).clone()
}

const CALL: &str = "channel=phone&dial_mode=manual&source_system=five9";

#[test]
fn a_check_says_what_a_call_is_answered_and_how_many_are_left() {
    let floor = Floor::open();
    for left in (1..=7).rev() {
        let told = check(&floor, CALL);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["verdict"], "would_allow");
        assert_eq!(told[0]["phone"], PHONE);
        assert_eq!(told[0]["allow"], Value::Null, "no answer of the gate");
        assert_eq!(told[0]["gates"].as_array().unwrap().len(), 12);
        let seven = window(&told[0], "CALL_7_IN_7");
        assert_eq!((&seven["left"], &seven["limit"]), (&json!(left), &json!(7)));
        assert_eq!(
            seven["window"],
            json!({ "kind": "rolling_days", "count": 7 })
        );
        assert_eq!(floor.call()["allow"], true);
    }
    let told = check(&floor, CALL);
    let answered = floor.call();
    assert_eq!(told[0]["verdict"], "would_block");
    assert_eq!(told[0]["gates"], answered["gates"]);
    assert_eq!(told[0]["flags"], answered["flags"]);
    assert_eq!(told[0]["next_allowed_at"], answered["next_allowed_at"]);
    assert_eq!(codes(&told[0]), ["CALL_7_IN_7"]);
    let seven = window(&told[0], "CALL_7_IN_7");
    assert_eq!(seven["left"], 0);
    // The count frees at midnight in California, the hours open at eight.
    assert_eq!(seven["free_at"], "2026-05-12T07:00:00Z");
    assert_eq!(told[0]["next_allowed_at"], "2026-05-12T15:00:00Z");
}

#[test]
fn without_parameters_every_contact_on_file_is_told_of() {
    let floor = Floor::open();
    let mut record = account(ACCOUNT, PHONE);
    record["emails"] = json!([{ "address": "ann@example.com" }]);
    floor.state(&json!([record]));
    let told = check(&floor, "");
    let kinds: Vec<_> = told
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap_or("-").to_owned();
            (text("channel"), text("dial_mode"))
        })
        .collect();
    let kinds: Vec<_> = kinds.iter().map(|(c, m)| (&**c, &**m)).collect();
    assert_eq!(
        kinds,
        [
            ("phone", "manual"),
            ("phone", "predictive"),
            ("sms", "-"),
            ("email", "-"),
            ("mail", "-")
        ]
    );
    let elsewhere = check(&floor, "phone=%2B18182999999&channel=phone");
    assert_eq!(codes(&elsewhere[0])[0], "UNKNOWN_PHONE");
}

#[test]
fn hours_are_told_by_place() {
    let floor = Floor::open();
    // 18:00 UTC is 11:00 in California and 14:00 in New York.
    let told = read(&floor, "/api/compliance/time-check?state=CA");
    assert_eq!(told["open"], true);
    assert_eq!(told["places"][0]["zone"], "America/Los_Angeles");
    assert_eq!(told["places"][0]["local_time"], "2026-05-05T11:00:00-07:00");
    assert_eq!(told["jurisdictions"], json!(["CA"]));
    let floor = floor.restarted(Some("2026-05-06T02:30:00Z"), |server| server.started.kill());
    // 22:30 in New York is closed, 19:30 in California is open; both bind.
    let told = read(
        &floor,
        "/api/compliance/time-check?phone=%2B12125550123&state=CA",
    );
    assert_eq!(told["open"], false);
    assert_eq!(told["closed_by"][0]["code"], "CALL_HOURS");
    let open = told["places"].as_array().unwrap().iter();
    let open: Vec<_> = open.map(|one| (&one["zone"], &one["open"])).collect();
    assert!(open.contains(&(&json!("America/New_York"), &json!(false))));
    assert!(open.contains(&(&json!("America/Los_Angeles"), &json!(true))));
    // Both are open from eight in California on.
    assert_eq!(told["next_open_at"], "2026-05-06T15:00:00Z");
    let heard = get(&floor, "/api/compliance/time-check");
    assert_eq!(
        (heard.status, &heard.json()["field"]),
        (422, &json!("phone"))
    );
    let heard = get(&floor, "/api/compliance/time-check?town=x");
    assert_eq!(heard.json()["code"], "UNKNOWN_PARAMETER");
}

#[test]
fn the_rules_of_a_state_are_those_of_the_pack() {
    let floor = Floor::open();
    let told = read(&floor, "/api/compliance/state-rules/ny");
    assert_eq!(told["jurisdictions"], json!(["NY", "US-NY-NYC"]));
    let rules = told["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["in_force"] == "enforce"));
    let counted = read(&floor, "/api/compliance/state-rules/MA");
    let mut counted = counted["rules"].as_array().unwrap().iter();
    let counted = counted.find(|rule| rule["in_force"] == "enforce" && rule["kind"] == "frequency");
    let values = &counted.unwrap()["values"];
    assert!(values["first"]["limit"].is_u64(), "{values}");
    for rule in rules {
        for field in [
            "id",
            "kind",
            "default",
            "in_force",
            "citation",
            "confidence",
        ] {
            assert!(rule[field].is_string(), "{field}: {rule}");
        }
        let enforced = rule["default"] == "enforce";
        let dated = rule["effective_from"] != Value::Null || rule["effective_to"] != Value::Null;
        assert!(
            !enforced || dated || rule["in_force"] == "enforce",
            "{rule}"
        );
    }
    assert_eq!(told["federal"].as_array().unwrap().len(), 39);
    assert_eq!(get(&floor, "/api/compliance/state-rules/XX").status, 404);
}

#[test]
fn figures_and_risk_follow_what_happens() {
    let floor = Floor::open();
    let summary = || read(&floor, "/api/compliance/summary");
    let risk = || read(&floor, &format!("/api/compliance/risk-score/{ACCOUNT}"));
    let (before, calm) = (summary(), risk());
    assert_eq!(before["accounts"]["open"], 1);
    assert_eq!(before["since_start"]["decisions"], 0);
    floor.call();
    floor.state(&json!([{ "account_id": ACCOUNT, "facts": [{ "fact": "cease" }] }]));
    assert_eq!(codes(&floor.call()), ["CEASE"]);
    let (after, restless) = (summary(), risk());
    assert_eq!(after["since_start"]["decisions"], 2);
    assert_eq!(after["today"]["by_code"], json!({ "CEASE": 1 }));
    assert_eq!(after["today"]["by_gate"], json!({ "COMPLIANCE": 1 }));
    assert_eq!(after["restrictions"]["persons"]["cease"], 1);
    let score = |risk: &Value| risk["score"].as_u64().unwrap();
    assert!(score(&restless) >= score(&calm) + 40 && score(&restless) <= 100);
    let parts = restless["parts"].as_array().unwrap();
    let sum: u64 = parts.iter().map(|p| p["points"].as_u64().unwrap()).sum();
    assert_eq!(score(&restless), sum.min(100));
}

#[test]
fn facts_show_what_is_held_and_nobody_sees_anothers() {
    let floor = Floor::open();
    floor.call();
    let told = read(&floor, &format!("/api/facts/{ACCOUNT}"));
    assert_eq!(told["status"], "open");
    assert_eq!(
        (&told["state"], &told["zip"]),
        (&json!("CA"), &json!("91502"))
    );
    assert_eq!(told["phones"][0]["number"], PHONE);
    assert_eq!(told["reservations"].as_array().unwrap().len(), 1);
    assert_eq!(told["places"]["zones"], json!(["America/Los_Angeles"]));
    // The decision is no source of facts; the record that brought the account is.
    let rows = told["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{told}");
    let fact = json!({ "fact": "cease", "actor": "officer 7", "document_id": "DOC-1" });
    floor.state(&json!([{ "account_id": ACCOUNT, "facts": [fact] }]));
    floor.state(&json!([account("ELSE", "+18182000002")]));
    let told = read(&floor, &format!("/api/facts/{ACCOUNT}"));
    let standing = &told["persons"][0]["standing"][0];
    assert_eq!(standing["fact"], "cease");
    let rows = told["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{told}");
    assert_eq!(rows[0]["audit_id"], told["restricted_by"]);
    assert_eq!(rows[0]["facts"][0]["document_id"], "DOC-1");
    assert_eq!(rows[0]["facts"][0]["actor"], "officer 7");
    assert_eq!(told["rows_truncated"], false);
    let other = floor.house.token("guarded", ALL);
    for path in [
        format!("/api/facts/{ACCOUNT}"),
        format!("/api/compliance/check/{ACCOUNT}"),
        format!("/api/compliance/risk-score/{ACCOUNT}"),
    ] {
        let request = Request::new("GET", &*path).token(&other);
        let heard = floor.server.ask(&request);
        assert_eq!(heard.status, 404, "{path}");
        assert_eq!(heard.json()["code"], "UNKNOWN_ACCOUNT");
        let asks_only = floor.house.token("open", "outcome:write");
        let request = Request::new("GET", &*path).token(&asks_only);
        assert_eq!(floor.server.ask(&request).status, 403, "{path}");
    }
    let request = Request::new("GET", "/api/compliance/summary").token(&other);
    let theirs = floor.server.ask(&request).json();
    assert_eq!(theirs["accounts"]["open"], 0);
    assert_eq!(theirs["since_start"]["decisions"], 0);
}
