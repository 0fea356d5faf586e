//! The monitoring pages.

use serde_json::{Value, json};

use crate::floor::{Floor, audit};
use crate::http::Request;

fn page(floor: &Floor, token: &str, path: &str) -> (u16, Value) {
    let heard = floor.server.ask(&Request::new("GET", path).token(token));
    (heard.status, heard.json())
}

#[test]
fn what_was_asked_is_counted_under_everything_it_was() {
    let floor = Floor::open();
    let allowed = audit(&floor.call());
    floor.report(&json!({ "audit_id": allowed, "outcome": "conversation" }));
    floor.call();
    floor.call();
    let read = |path: &str| {
        let (status, page) = page(&floor, &floor.token, path);
        assert_eq!(status, 200, "{path}");
        page
    };
    let decisions = json!({ "total": 3, "allow": 1, "block": 2, "system_error": 0 });
    let volume = read("/api/monitoring/volume?range=5m");
    assert_eq!(volume["decisions"], decisions);
    assert_eq!(volume["outcomes"], 1);
    let phone = json!([{ "name": "phone", "allow": 1, "block": 2 }]);
    assert_eq!(volume["by_channel"], phone);
    let five9 = json!([{ "name": "five9", "allow": 1, "block": 2 }]);
    assert_eq!(volume["by_source_system"], five9);
    let gates = volume["by_gate"].as_array().unwrap();
    let timing = gates.iter().find(|gate| gate["gate"] == "TIMING").unwrap();
    assert_eq!((gates.len(), &timing["blocks"]), (12, &json!(2)));
    let series = volume["series"].as_array().unwrap();
    let told: u64 = series
        .iter()
        .map(|step| step["decisions"]["total"].as_u64().unwrap())
        .sum();
    assert_eq!(told, 3);
    let latency = read("/api/monitoring/latency");
    assert_eq!(latency["latency"]["count"], 3);
    assert_eq!(latency["by_channel"][0]["channel"], "phone");
    let errors = read("/api/monitoring/errors?range=start");
    assert_eq!(errors["system_errors"], 0);
    assert_eq!(errors["by_code"].as_array().unwrap().len(), 6);
    let overview = read("/api/monitoring/overview?range=24h");
    assert_eq!(
        (&overview["status"], &overview["tenant_id"]),
        (&json!("ok"), &json!("open"))
    );
    assert_eq!(overview["blocked_per_mille"], 666);
    assert_eq!(overview["gateway"]["accounts"], 1);
    let asked = Request::new("GET", "/api/monitoring/dashboard").token(&floor.token);
    let heard = floor.server.ask(&asked);
    assert_eq!(
        heard.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let text = String::from_utf8(heard.body).unwrap();
    assert!(
        text.contains("<th>five9</th><td>1 allowed, 2 blocked</td>"),
        "{text}"
    );
}

#[test]
fn a_tenant_sees_its_own_and_the_house_only_as_admin() {
    let floor = Floor::open();
    floor.call();
    let reader = floor.house.token("guarded", "audit:read");
    let (status, overview) = page(&floor, &reader, "/api/monitoring/overview");
    assert_eq!(status, 200);
    assert_eq!(overview["decisions"]["total"], 0);
    assert_eq!(overview["gateway"], Value::Null);
}

#[test]
fn bad_ranges_and_scopes_are_refused() {
    let floor = Floor::open();
    for query in [
        "range=",
        "range=7",
        "range=61m",
        "range=25h",
        "range=1h&range=1h",
        "since=1",
    ] {
        let (status, problem) = page(
            &floor,
            &floor.token,
            &format!("/api/monitoring/volume?{query}"),
        );
        assert_eq!(status, 422, "{query} {problem}");
    }
    let asker = floor.house.token("open", "gate:ask");
    assert_eq!(page(&floor, &asker, "/api/monitoring/errors").0, 403);
}
