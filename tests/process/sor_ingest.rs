//! Portfolios of a tenant with a system of record: the system gets them, the gate learns them.

use std::io::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::http::Request;
use crate::proxy::Before;
use crate::sor_kit::{Answer, Gate, PHONE, SILENT, Script};
use crate::words::{account, codes, facts, gate, intent};

/// What has to come comes within this.
const COMES_MAX: Duration = Duration::from_mins(1);
const OTHER: &str = "+14155550124";
/// What the second upload is known by; the first one brings account `A`.
const CSV: &str = "POST /api/queue/ingest ";

fn done(_line: &str) -> Answer {
    (200, r#"{"imported":1}"#)
}

fn refusing(line: &str) -> Answer {
    (if line.starts_with(CSV) { 422 } else { 200 }, "{}")
}

fn hanging(line: &str) -> Answer {
    if line.starts_with(CSV) {
        SILENT
    } else {
        (200, "{}")
    }
}

fn stops(gated: &Gate, id: &str, phone: &str) -> Vec<String> {
    let asked = gate(&gated.token, &intent(id, phone));
    codes(&gated.server.ask(&asked).json())
}

fn csv(gated: &Gate, lines: &str) -> crate::http::Reply {
    let request = Request::new("POST", "/api/queue/ingest").token(&gated.token);
    gated.server.ask(&request.csv(lines))
}

fn form() -> String {
    format!(
        "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\
         Content-Type: text/csv\r\n\r\naccount_id,state,zip,phone_1\nB,CA,91502,{OTHER}\n\r\n--X--\r\n"
    )
}

#[test]
fn what_the_system_took_is_known_and_it_got_the_bytes() {
    let gated = Gate::whl(done);
    let records = json!([account("B", OTHER)]);
    let reply = gated.server.ask(&facts(&gated.token, &records));
    assert_eq!((reply.status, &reply.json()["imported"]), (200, &json!(1)));
    assert_eq!(reply.header("dialgate-applied"), Some("1"));
    let got = gated.system.asked("POST /api/queue/ingest/json");
    assert!(got.last().unwrap().ends_with(&records.to_string()));
    assert_eq!(stops(&gated, "B", OTHER), stops(&gated, "A", PHONE));
}

#[test]
fn a_form_with_a_file_is_read_and_forwarded_as_it_came() {
    let gated = Gate::whl(done);
    let request = Request::new("POST", "/api/queue/ingest").token(&gated.token);
    let reply = gated
        .server
        .ask(&request.typed("multipart/form-data; boundary=X", form()));
    assert_eq!(reply.header("dialgate-applied"), Some("1"));
    let got = gated.system.asked(CSV);
    assert!(got.first().unwrap().ends_with(&form()));
}

/// INGEST-SOR-1.
#[test]
fn what_the_system_refused_or_nobody_knows_of_brings_no_account() {
    for (answers, status) in [(refusing as fn(&str) -> Answer, 422), (hanging, 504)] {
        let gated = Gate::whl(answers);
        let lines = format!("account_id,state,zip,phone_1\nB,CA,91502,{OTHER}\n");
        let reply = csv(&gated, &lines);
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("dialgate-applied"), None);
        assert_eq!(stops(&gated, "B", OTHER), ["UNKNOWN_ACCOUNT"]);
    }
}

/// INGEST-SOR-2.
#[test]
fn what_restricts_is_known_even_where_the_system_hangs_and_nothing_else_is() {
    let gated = Gate::whl(hanging);
    let before = stops(&gated, "A", PHONE);
    assert_eq!(before, Vec::<String>::new());
    let reply = csv(&gated, "account_id,status\nA,recalled\n");
    assert_eq!(reply.status, 504);
    assert_ne!(stops(&gated, "A", PHONE), before);
}

/// SPOOL-2: it is known while the rest of the upload has not come.
#[test]
fn what_restricts_is_known_before_the_upload_has_ended() {
    let gated = Gate::whl(done);
    let mut client = gated.server.client();
    let lines = "account_id,status\nA,recalled\nB,open\n";
    let head = format!(
        "POST /api/queue/ingest HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {}\r\n\
         content-type: text/csv\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{lines}\r\n",
        gated.token,
        lines.len()
    );
    client.stream.write_all(head.as_bytes()).unwrap();
    let began = Instant::now();
    // Asking counts calls, so other codes may come; this one is what was stated.
    while !stops(&gated, "A", PHONE).contains(&"ACCOUNT_RECALLED".to_owned()) {
        assert!(began.elapsed() < COMES_MAX, "not known");
    }
    drop(client);
}

#[test]
fn who_may_not_state_facts_uploads_nothing() {
    let gated = Gate::whl(done);
    let before = gated.system.asked("POST").len();
    let token = gated.house.token("open", "gate:ask");
    let records: Value = json!([account("B", OTHER)]);
    assert_eq!(gated.server.ask(&facts(&token, &records)).status, 403);
    assert_eq!(gated.system.asked("POST").len(), before);
}

/// What an upload states came by the system's own route: its rows say so, and the system, which has the
/// upload, is not told once more.
/// OUTBOX-5, TAP-4.
#[test]
fn what_an_upload_states_names_the_route_and_is_not_told_to_the_system() {
    let system = crate::hydrate::System::open();
    system.has("ACC-7");
    for answered in [
        "POST /api/queue/ingest/json",
        "POST /api/compliance/dnc/add",
    ] {
        system.answer(answered, "{}");
    }
    let before = system.before(&[("DIALGATE_SOR__HYDRATE_TIMEOUT_MS", "30000")]);
    let ask = gate(&before.token, &intent("ACC-7", "+18185551234"));
    assert_eq!(before.server.ask(&ask).status, 200);
    let stated =
        json!({ "account_id": "ACC-7", "facts": [{ "fact": "dispute", "source": "crm" }] });
    let listed = json!({ "record": "contact", "fact": "do_not_call", "phone": OTHER });
    let upload = facts(&before.token, &json!([stated, listed]));
    assert_eq!(before.server.ask(&upload).status, 200);
    assert_eq!(system.change().line, "POST /api/queue/ingest/json");
    let add = Request::new("POST", "/api/compliance/dnc/add").token(&before.token);
    let add = add.json(json!({ "phone": "+12125550123", "reason": "asked" }).to_string());
    assert_eq!(before.server.ask(&add).status, 200);
    let told = system.change();
    assert_eq!(told.line, "POST /api/compliance/dnc/add");
    assert!(told.body.contains("2125550123"), "{told:?}");
    let Before { house, server, .. } = before;
    server.terminated();
    let rows = house.rows().into_iter().map(|row| row.to_string());
    let stated: Vec<String> = rows.filter(|row| row.contains("dispute")).collect();
    assert_eq!(stated.len(), 1, "{stated:?}");
    assert!(stated[0].contains("sor:whl:27"), "{stated:?}");
}

/// ROOM-1: an upload would fill the ledger's own disk.
#[test]
fn a_disk_that_is_low_keeps_no_upload() {
    let system = Script::of(done);
    let sor = format!(
        "[sor]\nsystem = \"whl\"\naddresses = [\"http://{}\"]\n",
        system.address
    );
    // More than any disk has free.
    let before = Before::bound(
        &sor,
        &[("DIALGATE_LEDGER__LOW_WATER_BYTES", "1125899906842624")],
    );
    let deep = Request::new("GET", "/api/health/deep");
    let began = Instant::now();
    while before.server.ask(&deep).json()["ledger"]["disk_low"] != json!(true) {
        assert!(began.elapsed() < COMES_MAX, "never low");
    }
    let upload = Request::new("POST", "/api/queue/ingest").token(&before.token);
    let reply = before
        .server
        .ask(&upload.csv("account_id,status\nA,open\n"));
    assert_eq!(
        (reply.status, &reply.json()["code"]),
        (507, &json!("NO_ROOM"))
    );
    assert_eq!(system.asked("POST").len(), 0);
    // What is decided goes on.
    let asked = gate(&before.token, &intent("A", PHONE));
    assert_eq!(
        codes(&before.server.ask(&asked).json()),
        ["UNKNOWN_ACCOUNT"]
    );
}
