//! Starting, being watched, stopping in order, starting again.

use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE, audit};
use crate::house::{House, MAY};
use crate::http::{Reply, Request};
use crate::words::{codes, intent};

fn get(floor: &Floor, path: &str) -> Reply {
    floor.server.ask(&Request::new("GET", path))
}

#[test]
fn a_stop_drains_and_the_next_start_goes_on_where_it_was() {
    let floor = Floor::open();
    let first = floor.call();
    let before = floor.house.rows();
    let mut lines = Vec::new();
    let floor = floor.restarted(Some(MAY), |server| {
        let (status, said) = server.terminated();
        assert_eq!(status.code(), Some(0), "{said:?}");
        lines = said;
    });
    let told: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let stopped = told.last().unwrap();
    assert_eq!(
        (
            &stopped["message"],
            &stopped["finished"],
            &stopped["closed"]
        ),
        (&json!("stopped"), &json!(true), &json!(true)),
    );
    assert!(!lines.concat().contains(ACCOUNT) && !lines.concat().contains("8185551234"));
    let second = floor.call();
    assert_eq!(
        audit(&second),
        audit(&first) + 1,
        "an unchanged law is not named again"
    );
    assert_eq!(second["evaluation_id"], 2);
    assert_eq!(floor.house.rows()[..before.len()], before);
    for what in ["verify", "replay"] {
        let ran = floor.house.ledger(what);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    let head = floor.house.ledger("head");
    assert!(
        head.out.contains(&format!("open {} ", audit(&second))),
        "{head:?}"
    );
}

#[test]
fn a_connection_kept_open_does_not_hold_the_stop_up() {
    let floor = Floor::open();
    let mut client = floor.server.client();
    assert_eq!(
        client
            .ask(&Request::new("GET", "/liveness"))
            .unwrap()
            .status,
        200
    );
    let Floor { server, .. } = floor;
    assert_eq!(server.terminated().0.code(), Some(0));
    assert!(client.ask(&Request::new("GET", "/liveness")).is_err());
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let floor = Floor::open();
    let mut second = floor.house.spawn(Some(MAY));
    let (status, lines) = second.ended();
    assert_eq!(status.code(), Some(73), "{lines:?}");
    assert!(
        lines.concat().contains("locked by another process"),
        "{lines:?}"
    );
    assert_eq!(floor.call()["allow"], true, "the first goes on");
}

#[test]
fn health_tells_what_an_outsider_may_know() {
    let floor = Floor::open();
    floor.call();
    for path in [
        "/api/health",
        "/api/health/liveness",
        "/api/health/readiness",
        "/liveness",
    ] {
        assert_eq!(get(&floor, path).status, 200, "{path}");
    }
    assert_eq!(
        get(&floor, "/api/health/readiness").json(),
        json!({ "status": "ok" })
    );
    assert_eq!(get(&floor, "/api/version").json()["name"], "dialgate");
    let deep = get(&floor, "/api/health/deep").json();
    assert_eq!(
        (&deep["status"], &deep["heads"]),
        (&json!("ok"), &json!([]))
    );
    assert_eq!(
        (&deep["engine"]["accounts"], &deep["ledger"]["state"]),
        (&json!(1), &json!("open"))
    );
    assert!(deep["ledger"]["disk_free_bytes"].as_u64().unwrap() > 0);
    assert!(deep["rules"]["enforced"].as_u64().unwrap() > 0);
    let heads = |scope: &str| {
        let token = floor.house.token("open", scope);
        let asked = Request::new("GET", "/api/health/deep").token(&token);
        let heads = floor.server.ask(&asked).json()["heads"].take();
        let heads = heads.as_array().unwrap().iter().map(|head| {
            (
                head["tenant"].as_str().unwrap().to_owned(),
                head["seq"].as_u64().unwrap(),
            )
        });
        heads.collect::<Vec<_>>()
    };
    assert_eq!(heads("gate:ask"), [("open".to_owned(), 3)]);
    assert_eq!(
        heads("admin"),
        [("guarded".to_owned(), 1), ("open".to_owned(), 3)]
    );
    let bad = Request::new("GET", "/api/health/deep").token("x.y.z");
    assert_eq!(floor.server.ask(&bad).status, 401);
}

/// The value of a series on the metrics page.
fn series(page: &str, name: &str) -> Option<f64> {
    let line = page
        .lines()
        .find(|line| line.rsplit_once(' ').is_some_and(|(at, _)| at == name));
    line?.rsplit_once(' ')?.1.parse().ok()
}

#[test]
fn the_metrics_page_counts_and_names_nobody() {
    let floor = Floor::open();
    assert_eq!(floor.call()["allow"], true);
    assert_eq!(
        codes(&floor.call_as("B", &intent(ACCOUNT, "+18182999999")).json()),
        ["UNKNOWN_PHONE"]
    );
    let reply = get(&floor, "/metrics");
    assert_eq!(reply.status, 200);
    let page = String::from_utf8(reply.body).unwrap();
    let counted = |name: &str| series(&page, name);
    assert_eq!(
        counted("dialgate_decisions_total{verdict=\"allow\"}"),
        Some(1.0),
        "{page}"
    );
    assert_eq!(
        counted("dialgate_decisions_total{verdict=\"block\"}"),
        Some(1.0)
    );
    assert_eq!(
        counted("dialgate_gate_blocks_total{gate=\"ACCOUNT\"}"),
        Some(1.0)
    );
    assert_eq!(counted("dialgate_ledger_sealed"), Some(0.0));
    assert_eq!(
        counted("dialgate_decision_duration_seconds_count"),
        Some(2.0)
    );
    for personal in [ACCOUNT, PHONE, "8185551234", "open", "guarded", "five9"] {
        assert!(!page.contains(&format!("\"{personal}\"")), "{personal}");
    }
}

#[test]
fn a_clock_is_refused_where_it_is_not_allowed() {
    let house = House::with(&[("DIALGATE_DEV__ALLOW_CLOCK", "false")]);
    let (status, lines) = house.spawn(Some(MAY)).ended();
    assert_eq!(status.code(), Some(64), "{lines:?}");
    assert!(lines.concat().contains("dev.allow_clock"), "{lines:?}");
    let house = House::with(&[("DIALGATE_SERVER__LISTNE", "127.0.0.1:0")]);
    let (status, lines) = house.spawn(None).ended();
    assert_eq!(status.code(), Some(64), "{lines:?}");
}

#[test]
fn what_is_wrong_is_told_at_once_and_before_anything_is_made() {
    let house = House::with(&[
        ("DIALGATE_SERVER__THREADS", "-1"),
        ("DIALGATE_LOG__LEVEL", "inof"),
        ("DIALGATE_SOR__DIR", "/nowhere/at/all"),
    ]);
    let data = house.path("data");
    assert!(!data.exists());
    let (status, lines) = house.spawn(None).ended();
    assert_eq!(status.code(), Some(64), "{lines:?}");
    let lines = lines.concat();
    for told in [
        "DIALGATE_SERVER__THREADS",
        "log.level",
        "sor: systems of record: /nowhere/at/all",
    ] {
        assert!(lines.contains(told), "{told}: {lines}");
    }
    assert!(!data.exists());
}
