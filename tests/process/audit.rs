//! Reading the ledger over HTTP: trail, rows, figures, call log, events and who may see them.

use std::fs;

use dialgate::ledger::erase::erase;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::batch::batch;
use crate::floor::{ACCOUNT, Floor, PHONE, audit};
use crate::http::{Reply, Request};
use crate::words::{account, disposition, facts, gate, intent};

fn ask(floor: &Floor, token: &str, path: &str) -> Reply {
    floor.server.ask(&Request::new("GET", path).token(token))
}

fn get(floor: &Floor, path: &str) -> Value {
    let heard = ask(floor, &floor.token, path);
    assert_eq!(heard.status, 200, "{path}: {:?}", heard.json());
    heard.json()
}

fn refused(floor: &Floor, path: &str) -> (u16, String, String) {
    let heard = ask(floor, &floor.token, path);
    let told = heard.json();
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    (heard.status, text("code"), text("field"))
}

fn ids(page: &Value, name: &str) -> Vec<u64> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item[name].as_u64().unwrap()).collect()
}

/// Every page of a list; `between` happens after each.
fn whole(floor: &Floor, path: &str, name: &str, mut between: impl FnMut()) -> Vec<u64> {
    let mut page = get(floor, path);
    let mut all = ids(&page, name);
    while let Some(cursor) = page["next_cursor"].as_str() {
        between();
        page = get(floor, &format!("{path}&cursor={cursor}"));
        all.extend(ids(&page, name));
    }
    all
}

#[test]
fn pages_hold_every_row_once_while_rows_are_added() {
    let floor = Floor::open();
    // Blocked calls grow the chain as well as allowed ones: past the end of a segment.
    let many = batch(&floor.token, &vec![intent(ACCOUNT, PHONE); 500]);
    let next = floor.house.path("data/ledger/seg-00000002.dgl");
    let in_use = || fs::read(&next).is_ok_and(|bytes| bytes.iter().any(|byte| *byte != 0));
    for _ in 0..20 {
        if !in_use() {
            assert_eq!(floor.server.ask(&many).status, 200);
        }
    }
    assert!(in_use());
    let expected: Vec<u64> = (1..=audit(&floor.call())).rev().collect();
    let found = whole(&floor, "/api/audit/trail?limit=33", "audit_id", || {
        floor.call();
    });
    assert_eq!(found, expected);
    let decisions = whole(
        &floor,
        "/api/audit/trail?account=ACC-001&limit=200",
        "audit_id",
        || {},
    );
    let facts = get(&floor, "/api/audit/trail?kind=facts");
    let fact = ids(&facts, "audit_id");
    assert_eq!(facts["items"][0]["facts"][0]["account_id"], ACCOUNT);
    let newest = audit(&floor.call());
    let all: Vec<u64> = (fact[0]..newest).rev().collect();
    assert_eq!(
        decisions, all,
        "the facts of the account are among its rows"
    );
}

#[test]
fn filters_narrow_and_what_was_just_acknowledged_is_found() {
    let floor = Floor::open();
    let second = "+18185559999";
    floor.state(&json!([account("B", second)]));
    for _ in 0..5 {
        let allowed = audit(&floor.call());
        let page = get(&floor, "/api/audit/trail?limit=1");
        assert_eq!(ids(&page, "audit_id"), [allowed], "just acknowledged");
        let item = &page["items"][0];
        assert_eq!(
            (&item["decision"], &item["account_id"]),
            (&json!("ALLOW"), &json!(ACCOUNT))
        );
    }
    let blocked = audit(&floor.call_as("B", &intent("B", PHONE)).json());
    let nobody = audit(&floor.call_as("N", &intent("NOBODY", second)).json());
    let trail = |query: &str| {
        ids(
            &get(&floor, &format!("/api/audit/trail?{query}")),
            "audit_id",
        )
    };
    assert_eq!(trail("decision=BLOCK"), [nobody, blocked]);
    assert_eq!(trail("decision=BLOCK&account=B"), [blocked]);
    assert_eq!(trail("account=NOBODY"), [nobody]);
    assert_eq!(trail("code=UNKNOWN_PHONE"), [blocked]);
    assert_eq!(trail("kind=outcome"), Vec::<u64>::new());
    assert_eq!(trail("account=UNHEARD"), Vec::<u64>::new());
    assert_eq!(trail("phone=818-555-1234").len(), 6);
    assert_eq!(trail("phone=%2B18185551234&decision=ALLOW").len(), 5);
    assert_eq!(trail("from=2026-05-05T18:00:00Z&decision=BLOCK").len(), 2);
    assert_eq!(trail("from=2027-05-05T18:00:00Z"), Vec::<u64>::new());
    assert_eq!(trail("to=2026-05-05T18:00:00Z"), Vec::<u64>::new());
}

#[test]
fn bad_questions_are_refused_by_parameter() {
    let floor = Floor::open();
    for _ in 0..3 {
        floor.call();
    }
    let cursor = get(&floor, "/api/audit/trail?limit=1")["next_cursor"].clone();
    let cursor = cursor.as_str().unwrap().to_owned();
    let mut altered = cursor.clone().into_bytes();
    altered[15] ^= 1;
    let altered = String::from_utf8(altered).unwrap();
    for (query, code, field) in [
        ("limit=0".to_owned(), "OUT_OF_RANGE", "limit"),
        ("limit=201".to_owned(), "OUT_OF_RANGE", "limit"),
        ("cursor=abc".to_owned(), "INVALID_CURSOR", "cursor"),
        (format!("cursor={altered}"), "INVALID_CURSOR", "cursor"),
        (
            format!("cursor={cursor}&account=A"),
            "INVALID_CURSOR",
            "cursor",
        ),
        ("decision=allow".to_owned(), "UNKNOWN_WORD", "decision"),
        ("kind=x".to_owned(), "UNKNOWN_WORD", "kind"),
        ("code=X".to_owned(), "UNKNOWN_WORD", "code"),
        ("from=noon".to_owned(), "INVALID_INSTANT", "from"),
        ("phone=5".to_owned(), "INVALID_PHONE", "phone"),
        ("tenant=guarded".to_owned(), "UNKNOWN_PARAMETER", "query"),
    ] {
        let heard = refused(&floor, &format!("/api/audit/trail?{query}"));
        assert_eq!(heard, (422, code.to_owned(), field.to_owned()), "{query}");
    }
    // A cursor serves its own list alone.
    let heard = refused(&floor, &format!("/api/dialer/call-log?cursor={cursor}"));
    assert_eq!(heard.1, "INVALID_CURSOR");
    // And its own tenant.
    let other = floor.house.token("guarded", "audit:read");
    let path = format!("/api/audit/trail?limit=1&cursor={cursor}");
    assert_eq!(ask(&floor, &other, &path).status, 422);
    assert_eq!(ask(&floor, &floor.token, &path).status, 200);
    let weak = floor.house.token("open", "gate:ask");
    assert_eq!(ask(&floor, &weak, "/api/audit/trail").status, 403);
}

#[test]
fn nobody_sees_another_tenants_rows() {
    let floor = Floor::open();
    let allowed = audit(&floor.call());
    let other = floor.house.token("guarded", crate::house::ALL);
    let records = json!([account(ACCOUNT, PHONE)]);
    floor.server.ask(&facts(&other, &records));
    let theirs = floor
        .server
        .ask(&gate(&other, &intent(ACCOUNT, PHONE)))
        .json();
    let page = ask(&floor, &other, "/api/audit/trail?phone=818-555-1234").json();
    assert_eq!(ids(&page, "audit_id"), [audit(&theirs)]);
    for row in audit(&theirs) + 1..allowed + 20 {
        assert_eq!(
            ask(&floor, &other, &format!("/api/audit/{row}")).status,
            404,
            "{row}"
        );
    }
    let mine = get(&floor, &format!("/api/audit/{allowed}"));
    let row = ask(&floor, &other, &format!("/api/audit/{}", audit(&theirs))).json();
    assert_ne!(mine["hash"], row["hash"]);
    assert_eq!(ask(&floor, &other, "/api/audit/stats").json()["allowed"], 1);
}

#[test]
fn a_row_proves_itself_and_speaks_its_packs_words() {
    let floor = Floor::open();
    for _ in 0..7 {
        floor.call();
    }
    let blocked = audit(&floor.call());
    let row = get(&floor, &format!("/api/audit/{blocked}"));
    let before = get(&floor, &format!("/api/audit/{}", blocked - 1));
    assert_eq!(row["prev_hash"], before["hash"]);
    let hex = |text: &Value| -> Vec<u8> {
        let pairs = text.as_str().unwrap().as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    };
    let mut bytes = hex(&row["prev_hash"]);
    bytes.extend_from_slice(row["bytes"].as_str().unwrap().as_bytes());
    assert_eq!(Sha256::digest(&bytes)[..], hex(&row["hash"])[..]);
    let subject = &row["subjects"][0];
    let mut sealed = hex(&subject["salt"]);
    sealed.extend_from_slice(subject["subject"].as_str().unwrap().as_bytes());
    assert_eq!(
        Sha256::digest(&sealed)[..],
        hex(&row["fields"]["sd"][0])[..]
    );
    assert_eq!(row["pack_read"], true);
    let code = &row["codes"][0];
    assert_eq!(
        (&code["code"], &code["gate"]),
        (&json!("CALL_7_IN_7"), &json!("TIMING"))
    );
    assert!(code["rule"].is_string() && code["citation"].as_str().unwrap().contains("1006.14"));
    assert!(row["inclusion"]["frame"].as_u64().unwrap() > 0);
    assert_eq!(get(&floor, "/api/audit/1")["prev_hash"], "0".repeat(64));
    for bad in [
        "0",
        "999999",
        "x",
        "+1",
        "-1",
        "1.0",
        "99999999999999999999999",
    ] {
        assert_eq!(
            refused(&floor, &format!("/api/audit/{bad}")).0,
            404,
            "{bad}"
        );
    }
}

#[test]
fn erased_subjects_are_said_to_be() {
    let floor = Floor::open();
    let allowed = audit(&floor.call());
    let before = get(&floor, &format!("/api/audit/{allowed}"));
    erase(&floor.house.path("data"), "open", allowed).unwrap();
    let after = get(&floor, &format!("/api/audit/{allowed}"));
    assert_eq!(
        (&after["hash"], &after["bytes"]),
        (&before["hash"], &before["bytes"])
    );
    assert_eq!(after["subjects"], json!([{ "erased": true }]));
    let page = get(&floor, "/api/audit/trail?account=ACC-001&kind=decision");
    let item = &page["items"][0];
    assert_eq!(
        (&item["audit_id"], &item["erased"]),
        (&json!(allowed), &json!(true))
    );
    assert_eq!(
        (&item["account_id"], &item["phone"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn the_call_log_lists_outcomes() {
    let floor = Floor::open();
    let (first, second) = (audit(&floor.call()), audit(&floor.call()));
    let say = |audit: u64, outcome: &str, call: &str| {
        let said =
            json!({ "audit_id": audit, "outcome": outcome, "call_id": call, "agent_id": "a7" });
        let heard = floor.report(&said);
        assert_eq!(heard.status, 200, "{:?}", heard.json());
        heard.json()["row_id"].as_u64().unwrap()
    };
    let one = say(first, "no_answer", "C-1");
    let two = say(second, "voicemail", "C-2");
    let log = |query: &str| get(&floor, &format!("/api/dialer/call-log?{query}"));
    let all = log("");
    assert_eq!(ids(&all, "row_id"), [two, one]);
    let item = &all["items"][1];
    assert_eq!(
        (&item["outcome"], &item["call_id"]),
        (&json!("no_answer"), &json!("C-1"))
    );
    assert_eq!(
        (&item["decision_id"], &item["matched"]),
        (&json!(first), &json!(true))
    );
    assert_eq!(ids(&log("outcome=voicemail"), "row_id"), [two]);
    assert_eq!(ids(&log("account=ACC-001&agent=a7"), "row_id"), [two, one]);
    assert_eq!(ids(&log("agent=a8"), "row_id"), Vec::<u64>::new());
    assert_eq!(ids(&log("phone=8185551234"), "row_id"), [two, one]);
    assert_eq!(ids(&log("phone=8185550000"), "row_id"), Vec::<u64>::new());
    let stats = get(&floor, "/api/audit/stats");
    assert_eq!(stats["allowed"], 2);
    assert_eq!(
        stats["outcomes"],
        json!([{ "name": "no_answer", "count": 1 }, { "name": "voicemail", "count": 1 }])
    );
    assert_eq!(stats["rows"], two);
    assert_eq!(
        stats["head_hash"],
        get(&floor, &format!("/api/audit/{two}"))["hash"]
    );
    let floor = floor.restarted(Some("2026-05-05T18:06:00Z"), |server| server.started.kill());
    let again = get(&floor, "/api/audit/stats");
    assert_eq!(
        (&again["allowed"], &again["outcomes"]),
        (&stats["allowed"], &stats["outcomes"])
    );
    assert_eq!(again["first_at"], stats["first_at"]);
}

#[test]
fn events_are_acknowledged_once_and_the_chain_says_by_whom() {
    let floor = Floor::open();
    for _ in 0..7 {
        floor.call();
    }
    let blocked = audit(&floor.call());
    floor.state(&json!([{ "account_id": ACCOUNT,
        "facts": [{ "fact": "cease", "form": "written", "actor": "clerk" }] }]));
    let events = |query: &str| get(&floor, &format!("/api/compliance?{query}"));
    let open = events("acknowledged=false&account=ACC-001&limit=2");
    assert_eq!(ids(&open, "event_id"), [blocked + 1, blocked]);
    assert_eq!(open["items"][0]["event"], "restriction");
    assert_eq!(open["items"][0]["restrictions"], json!(["cease"]));
    assert_eq!(open["items"][1]["event"], "block");
    assert_eq!(ids(&events("kind=block"), "event_id"), [blocked]);
    // Rules of California that are not enforced were noted with every ALLOW.
    assert_eq!(events("kind=flag")["items"].as_array().unwrap().len(), 7);
    assert_eq!(events("kind=law")["items"].as_array().unwrap().len(), 1);
    let say = |token: &str, said: &Value| {
        let request = Request::new("POST", "/api/compliance/acknowledge");
        floor
            .server
            .ask(&request.token(token).json(said.to_string()))
    };
    let said = json!({ "event_id": blocked, "actor": "officer", "note": "looked at" });
    let other = floor.house.token("guarded", crate::house::ALL);
    assert_eq!(say(&other, &said).status, 404, "another tenant's");
    let fact = ids(&get(&floor, "/api/audit/trail?kind=facts"), "audit_id")[1];
    let none = json!({ "event_ids": [blocked, fact], "actor": "officer" });
    let heard = say(&floor.token, &none);
    assert_eq!(heard.status, 404, "an account's file is no event");
    let first = say(&floor.token, &said).json();
    assert_eq!(
        (&first["unchanged"], &first["acknowledged"]),
        (&json!(false), &json!([blocked]))
    );
    let again = say(&floor.token, &said).json();
    assert_eq!(
        (&again["unchanged"], &again["row_id"]),
        (&json!(true), &Value::Null)
    );
    let by = &first["row_id"];
    assert_eq!(
        ids(
            &events("acknowledged=false&account=ACC-001&limit=1"),
            "event_id"
        ),
        [blocked + 1]
    );
    let left = events("acknowledged=false&kind=block");
    assert_eq!(ids(&left, "event_id"), Vec::<u64>::new());
    let done = events("acknowledged=true");
    assert_eq!(
        (ids(&done, "event_id"), &done["items"][0]["acknowledged_by"]),
        (vec![blocked], by)
    );
    let row = get(&floor, &format!("/api/audit/{by}"));
    assert_eq!(row["fields"]["op"], "ack");
    assert_eq!(row["fields"]["r"], json!([blocked]));
    assert!(
        row["subjects"][0]["subject"]
            .as_str()
            .unwrap()
            .contains("officer")
    );
    // It is in the chain: recovery and replay take it, and it still stands afterwards.
    let floor = floor.restarted(Some("2026-05-05T18:06:00Z"), |server| server.started.kill());
    let heard = get(&floor, &format!("/api/audit/{blocked}"));
    assert_eq!(&heard["acknowledged_by"], by);
    drop(floor.server);
    let ran = floor.house.ledger("replay");
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
}

#[test]
fn outcomes_nobody_could_place_are_listed() {
    let floor = Floor::open();
    let said = json!({ "outcome": "do_not_call", "phone": PHONE, "call_id": "C-9" });
    let heard = floor
        .server
        .ask(&disposition(&floor.token, "NOBODY", &said));
    assert_eq!(heard.status, 404);
    let page = get(&floor, "/api/compliance/unmatched?limit=5");
    let items = page["items"].as_array().unwrap();
    let counted = &get(&floor, "/api/audit/stats")["unmatched"];
    // Whatever the chain holds of such outcomes.
    let rows = floor.house.rows();
    let rows = rows.iter().map(|row| &row["body"]);
    let unmatched = rows.filter(|body| body["k"] == "o" && body["a"].is_null());
    assert_eq!(items.len(), unmatched.count());
    assert_eq!(*counted, items.len());
    for item in items {
        assert_eq!(
            (&item["matched"], &item["call_id"]),
            (&json!(false), &json!("C-9"))
        );
    }
}
