//! What has to be read again of a system of record, and what is held until it was.

use std::fs;
use std::io::Write as _;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::house::{MAY, Server};
use crate::http::Request;
use crate::hydrate::{CARD, COMES_MAX, DEAD, GONE, System, plan, read_once, until};
use crate::proxy::Before;
use crate::words::{codes, gate, intent};

/// A figure of the metrics.
fn counted(server: &Server, name: &str) -> u64 {
    let page = server.ask(&Request::new("GET", "/metrics")).body;
    let page = String::from_utf8(page).unwrap();
    let mut lines = page.lines().filter_map(|line| line.strip_prefix(name));
    lines
        .next()
        .map_or(0, |figure| figure.trim().parse().unwrap())
}

/// The card of ACC-7 as the system has it, of this consumer.
fn card(person: &str) -> String {
    let said = json!({ "account_id": "ACC-7", "consumer_id": person, "state": "CA", "zip": "91502",
        "phones": [{ "number": "8185551234", "type": "mobile" }] });
    said.to_string()
}

fn stops(server: &Server, token: &str) -> Vec<String> {
    codes(
        &server
            .ask(&gate(token, &intent("ACC-7", "+18185551234")))
            .json(),
    )
}

/// Names invariant AGAIN-2: an account that goes to another consumer is refused by the gate, so nobody has
/// read it.
#[test]
fn a_record_the_gate_refuses_leaves_the_hold_and_the_mark() {
    let refused = "dialgate_sor_records_total{result=\"refused\"}";
    let system = System::open();
    system.answer(CARD, &card("P-1"));
    system.answer("POST /api/payments/plans", "{}");
    let before = system.before(&[("DIALGATE_SOR__HYDRATE_TIMEOUT_MS", "30000")]);
    until(&before.server, &before.token, "UNKNOWN_ACCOUNT", false);
    system.fails(CARD, 404);
    plan(&before.server, &before.token);
    until(&before.server, &before.token, GONE, true);
    system.answer(CARD, &card("P-2"));
    system.fails(CARD, 200);
    plan(&before.server, &before.token);
    let began = Instant::now();
    while counted(&before.server, refused) == 0 {
        assert!(began.elapsed() < COMES_MAX, "never refused");
    }
    // Another account is read behind it: whatever came of the first has come.
    let other = intent("ACC-9", "+18185551234");
    assert_eq!(before.server.ask(&gate(&before.token, &other)).status, 200);
    let found = stops(&before.server, &before.token);
    assert!(found.contains(&GONE.to_owned()), "{found:?}");
    let Before {
        house,
        server,
        token,
    } = before;
    server.started.kill();
    system.answer(CARD, &card("P-1"));
    // Nobody asks for it: the mark stood.
    let server = house.start(Some(MAY));
    until(&server, &token, GONE, false);
}

/// A call whose request names no account, sent and not waited for.
fn plan_of_nobody(server: &Server, token: &str) -> crate::http::Client {
    let call = Request::new("POST", "/api/payments/plans").token(token);
    let mut client = server.client();
    let bytes = call.json("{\"amount\":\"10.00\"}").bytes();
    client.stream.write_all(&bytes).unwrap();
    client
}

/// Names invariant AGAIN-2.
#[test]
fn what_only_an_answer_would_name_is_read_again_after_a_kill() {
    let system = System::open();
    let before = read_once(&system);
    system.hold("POST");
    let waiting = plan_of_nobody(&before.server, &before.token);
    // The system has it, and nobody has heard its answer.
    system.change();
    system.answer(CARD, DEAD);
    let Before {
        house,
        server,
        token,
    } = before;
    server.started.kill();
    drop(waiting);
    system.free();
    let server = house.start(Some(MAY));
    until(&server, &token, "DECEASED", true);
}

/// The same where it is answered, and names an account or none, or where nobody can tell.
#[test]
fn a_change_that_names_nobody_has_what_its_answer_names_read_again_else_everything() {
    for (status, answer) in [
        (200, json!({ "account_id": "ACC-7" })),
        (200, json!({})),
        (500, json!({})),
    ] {
        let system = System::open();
        let before = read_once(&system);
        system.answer(CARD, DEAD);
        system.answer("POST /api/payments/plans", &Value::to_string(&answer));
        system.fails("POST /api/payments/plans", status);
        let mut waiting = plan_of_nobody(&before.server, &before.token);
        assert_eq!(waiting.reply().unwrap().status, status);
        until(&before.server, &before.token, "DECEASED", true);
    }
}

/// A public route's call concerns everybody served under its name.
#[test]
fn under_a_name_of_two_tenants_both_read_again() {
    let system = System::open();
    system.has("ACC-7");
    system.answer("GET /api/disputes/D1", "{\"account_id\":\"ACC-7\"}");
    system.answer("POST /api/consumer/disputes/D1/resolve", "{}");
    let Before { house, server, .. } = system.before(&[]);
    assert!(server.terminated().0.success());
    let own = fs::read_to_string(house.path("tenants/open.toml")).unwrap();
    let first = format!("{own}public_host = \"gate\"\n");
    let second = first.replace("\"open\"", "\"second\"");
    fs::write(house.path("tenants/open.toml"), first).unwrap();
    fs::write(house.path("tenants/second.toml"), second).unwrap();
    let server = house.start(Some(MAY));
    let resolved = Request::new("POST", "/api/consumer/disputes/D1/resolve");
    assert_eq!(server.ask(&resolved.json("{}")).status, 200);
    let began = Instant::now();
    while system.seen(CARD) < 2 {
        assert!(began.elapsed() < COMES_MAX, "{}", system.seen(CARD));
        std::thread::yield_now();
    }
}

/// Names invariant AGAIN-2: a read that was under way when everything was marked began before.
#[test]
fn what_is_being_read_when_everything_is_marked_is_read_once_more() {
    let export = "GET /api/exports/accounts?format=json";
    let alerts = "GET /api/widget/ACC-7/alerts";
    let system = System::open();
    system.has("ACC-7");
    system.answer(export, "{\"accounts\":[]}");
    system.answer("POST /api/retention/purge", "{}");
    system.hold(alerts);
    let before = system.before(&[
        ("DIALGATE_SOR__HYDRATE_TIMEOUT_MS", "30000"),
        ("DIALGATE_SOR__TIMEOUT_MS", "30000"),
        ("DIALGATE_SOR__HYDRATE_PER_SECOND", "1000"),
    ]);
    let until_seen = |line: &str, times: usize| {
        let began = Instant::now();
        while system.seen(line) < times {
            assert!(began.elapsed() < COMES_MAX, "{line}");
            std::thread::yield_now();
        }
    };
    until_seen(export, 1);
    let mut client = before.server.client();
    let ask = gate(&before.token, &intent("ACC-7", "+18185551234"));
    client.stream.write_all(&ask.bytes()).unwrap();
    until_seen(alerts, 1);
    // Its card was read as it was.
    system.answer(CARD, DEAD);
    let purge = Request::new("POST", "/api/retention/purge").token(&before.token);
    assert_eq!(before.server.ask(&purge.json("{}")).status, 200);
    // Reading everything has begun, and finds no account.
    until_seen(export, 2);
    system.free();
    client.reply().unwrap();
    until(&before.server, &before.token, "DECEASED", true);
}

/// Names invariant AGAIN-2: everything was read but this one.
#[test]
fn an_account_that_cannot_be_read_with_everything_is_marked_by_itself() {
    let system = System::open();
    let before = read_once(&system);
    system.answer("POST /api/retention/purge", "{}");
    let seen = system.seen(CARD);
    system.fails(CARD, 500);
    let purge = Request::new("POST", "/api/retention/purge").token(&before.token);
    assert_eq!(before.server.ask(&purge.json("{}")).status, 200);
    // With everything, and by itself.
    let began = Instant::now();
    while system.seen(CARD) < seen + 2 {
        assert!(began.elapsed() < COMES_MAX, "never read again");
        std::thread::yield_now();
    }
    let Before {
        house,
        server,
        token,
    } = before;
    server.started.kill();
    system.answer(CARD, DEAD);
    system.fails(CARD, 200);
    let server = house.start(Some(MAY));
    until(&server, &token, "DECEASED", true);
}

/// HYDRATE-4: what was noted of one system is nothing of another.
#[test]
fn a_tenant_that_is_bound_to_another_system_is_read_anew() {
    let system = System::open();
    system.answer("GET /api/exports/accounts?format=json", "{\"accounts\":[]}");
    let reading = [("DIALGATE_SOR__HYDRATE_PER_SECOND", "1000")];
    let Before {
        house,
        server,
        token,
    } = system.before(&reading);
    let deep = Request::new("GET", "/api/health/deep").token(&token);
    let began = Instant::now();
    while server.ask(&deep).json()["sor_reading"]["incomplete"] != 0 {
        assert!(began.elapsed() < COMES_MAX, "never complete");
    }
    assert!(server.terminated().0.success());
    let file = house.path("tenants/open.toml");
    let text = fs::read_to_string(&file).unwrap();
    let text = text.replace("\"whl\"", "\"portal\"");
    fs::write(file, format!("{text}key_file = \"key\"\n")).unwrap();
    let secrets = house.path("data/dialgate/secrets/sor/open");
    fs::create_dir_all(&secrets).unwrap();
    fs::write(secrets.join("key"), "sandbox-key").unwrap();
    let server = house.start(Some(MAY));
    let began = Instant::now();
    while !system.has_seen("GET /clients?") {
        assert!(began.elapsed() < COMES_MAX, "never read");
        std::thread::yield_now();
    }
    drop(server);
}
