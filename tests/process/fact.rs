//! One fact at a time: stated by whoever answers for it, seen by the next decision.

use std::fs;

use dialgate::domain::record::FactKind;
use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE};
use crate::house::ALL;
use crate::http::{Reply, Request};
use crate::words::{account, codes, gate, intent};

fn state(floor: &Floor, fact: &Value) -> Reply {
    let request = Request::new("POST", "/api/facts").token(&floor.token);
    floor.server.ask(&request.json(fact.to_string()))
}

fn stated(floor: &Floor, fact: &Value) -> Value {
    let heard = state(floor, fact);
    assert_eq!(heard.status, 200, "{fact}: {:?}", heard.json());
    heard.json()
}

/// The fields a kind needs beside `fact` and `account_id`, and the code the next telephone call is
/// blocked with; empty: it is not blocked.
fn sample(kind: FactKind, phone: &str) -> (Value, &'static str) {
    use FactKind as K;
    let none = "";
    match kind {
        K::StatedZone => (json!({ "zone": "Asia/Tokyo" }), "CALL_HOURS"),
        K::InconvenientTime => (json!({ "periods": [{ "days": [2] }] }), "INCONVENIENT_TIME"),
        K::InconvenientPlace => (json!({ "place": "home" }), "INCONVENIENT_PLACE"),
        K::EmployerProhibits | K::UnreachableAtHome | K::CallConsent | K::ConsentRevoked => {
            (json!({}), none)
        }
        K::Attorney => (
            json!({ "all_debts": true, "contact_known": true }),
            "ATTORNEY",
        ),
        K::Cease => (json!({ "form": "written" }), "CEASE"),
        K::Bankruptcy => (json!({ "chapter": 7, "status": "filed" }), "BANKRUPTCY"),
        K::Deceased => (json!({}), "DECEASED"),
        K::Minor => (json!({}), "MINOR"),
        K::IdentityTheft => (json!({}), "IDENTITY_THEFT"),
        K::Military => (json!({}), "MILITARY"),
        K::Vulnerability => (json!({ "vulnerability": "health" }), none),
        K::MediumOptOut => (json!({ "medium": "phone" }), "MEDIUM_OPT_OUT"),
        K::ContactOptOut => (
            json!({ "phone": phone, "medium": "phone" }),
            "MEDIUM_OPT_OUT",
        ),
        K::DoNotCall => (json!({ "phone": phone }), "DO_NOT_CALL"),
        K::Consent => (
            json!({ "phone": phone, "consent": ["text"], "given_to": "collector" }),
            none,
        ),
        K::Revocation => (json!({ "phone": phone, "consent": ["text"] }), none),
        K::PriorConsent => (json!({ "given_to": "collector", "times": true }), none),
        K::Inbound => (json!({ "inbound": "inbound_call", "phone": phone }), none),
        K::NumberCheck => (json!({ "phone": phone, "reassigned": true }), none),
        K::WrongNumber => (json!({ "phone": phone }), "WRONG_NUMBER"),
        K::EmailProcedure => (
            json!({ "address": "c@example.com", "creditor_notice": "2026-03-01T00:00:00Z" }),
            none,
        ),
        K::Dispute => (
            json!({ "form": "written", "in_period": true }),
            "DISPUTE_PENDING",
        ),
        K::Verification | K::Judgment => (json!({}), none),
        K::NoticeSent | K::NoticeReturned => (json!({ "notice": "validation" }), none),
        K::Escalation => (json!({ "escalation": "complaint" }), "COMPLAINT"),
        K::Hold => (json!({ "hold": "court" }), "COURT_HOLD"),
        K::Approval => (
            json!({ "approval": "refused", "action": "call" }),
            "APPROVAL_REFUSED",
        ),
        K::Override => (
            json!({ "override": "supervisor", "gates": [6], "until": "2026-05-06T00:00:00Z",
                "document_id": "D-1" }),
            none,
        ),
        K::Promise => (json!({ "until_date": "2026-05-20" }), "PROMISE_CURRENT"),
        K::LocationAnswered => (json!({ "person_id": "T" }), none),
    }
}

/// What must be on file for a kind to say anything.
fn before(kind: FactKind) -> Option<Value> {
    Some(match kind {
        FactKind::ConsentRevoked => json!({ "fact": "call_consent" }),
        FactKind::Verification => json!({ "fact": "dispute", "in_period": true }),
        FactKind::NoticeReturned => json!({ "fact": "notice_sent", "notice": "validation" }),
        _ => return None,
    })
}

#[test]
fn every_kind_is_taken_in_and_the_next_call_shows_it() {
    let floor = Floor::open();
    let mut wrong = Vec::new();
    for (n, kind) in FactKind::ALL.iter().enumerate() {
        let (id, phone) = (format!("F-{n}"), format!("+18182{:06}", 340_000 + n));
        let mut record = account(&id, &phone);
        record["emails"] = json!([{ "address": "c@example.com" }]);
        record["parties"] = json!([{ "person_id": "T", "role": "third_party" }]);
        record["parties"][0]["person_id"] = json!(format!("T-{n}"));
        floor.state(&json!([record]));
        let call = || {
            let heard = floor.server.ask(&gate(&floor.token, &intent(&id, &phone)));
            codes(&heard.json())
        };
        let (mut said, code) = sample(*kind, &phone);
        said["account_id"] = json!(id);
        said["fact"] = json!(kind.as_str());
        said["actor"] = json!("officer 3");
        said["at"] = json!("2026-05-05T17:00:00Z");
        if said.get("person_id").is_some() {
            said["person_id"] = json!(format!("T-{n}"));
        }
        assert_eq!(call(), [""; 0], "{said}");
        if let Some(mut before) = before(*kind) {
            before["account_id"] = json!(id);
            before["at"] = json!("2026-05-05T16:00:00Z");
            stated(&floor, &before);
        }
        let heard = state(&floor, &said).json();
        let row = heard["row_id"].clone();
        if heard["status"] == 422 {
            wrong.push((said.to_string(), vec![heard.to_string()]));
            continue;
        }
        if !row.is_u64() {
            wrong.push((said.to_string(), vec![heard.to_string()]));
        }
        assert_eq!(
            heard,
            json!({ "account_id": id, "fact": kind.as_str(), "row_id": row, "unchanged": row.is_null() })
        );
        let after = call();
        let blocked = after.iter().any(|found| found == code);
        if !(blocked || code.is_empty() && after.is_empty()) {
            wrong.push((said.to_string(), after));
        }
        let again = stated(&floor, &said);
        if again["unchanged"] != true || again["row_id"] != Value::Null {
            wrong.push((said.to_string(), vec![again.to_string()]));
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn what_is_lifted_needs_a_reason_and_frees_the_next_call() {
    let floor = Floor::open();
    let mut said =
        json!({ "account_id": ACCOUNT, "fact": "cease", "form": "written", "actor": "m" });
    stated(&floor, &said);
    assert!(!codes(&floor.call()).is_empty());
    said["lifted"] = json!(true);
    let refused = state(&floor, &said);
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (422, &json!("LIFT_NEEDS_REASON"))
    );
    assert_eq!(refused.json()["field"], "reason");
    assert!(!codes(&floor.call()).is_empty());
    said["reason"] = json!("withdrawn by letter");
    stated(&floor, &said);
    assert_eq!(floor.call()["allow"], true);
    let (status, _lines) = floor.server.terminated();
    assert!(status.success());
    // Actor and reason are of the row's subject, and in no chained byte.
    let rows = floor.house.rows();
    let lifting = rows.iter().rfind(|row| row["body"]["k"] == "f").unwrap();
    let bytes = lifting["bytes"].as_str().unwrap();
    assert!(!bytes.contains("withdrawn by letter"), "{bytes}");
    assert!(
        lifting.to_string().contains("withdrawn by letter"),
        "{lifting}"
    );
}

#[test]
fn a_number_of_the_whole_tenant_needs_no_account() {
    let floor = Floor::open();
    let said = json!({ "fact": "do_not_call", "phone": PHONE, "actor": "m", "document_id": "L-1" });
    let heard = stated(&floor, &said);
    assert_eq!(heard["account_id"], Value::Null);
    assert_eq!(codes(&floor.call()), ["DO_NOT_CALL"]);
}

/// What is sent, the field at fault, and the code.
fn not_single() -> [(Value, Value, &'static str); 14] {
    let of = |fact: Value| {
        let mut said = fact;
        said["account_id"] = json!(ACCOUNT);
        said
    };
    let cease = json!({ "fact": "cease" });
    [
        (json!([]), Value::Null, "WRONG_TYPE"),
        (json!({}), json!("fact"), "MISSING"),
        (cease.clone(), json!("account_id"), "MISSING"),
        (
            of(json!({ "fact": "went_away" })),
            json!("fact"),
            "UNKNOWN_WORD",
        ),
        (
            of(json!({ "fact": "cease", "chapter": 7 })),
            json!("chapter"),
            "UNEXPECTED",
        ),
        (
            of(json!({ "fact": "cease", "mood": 7 })),
            json!("mood"),
            "UNKNOWN_FIELD",
        ),
        (
            of(json!({ "fact": "cease", "actor": "a".repeat(65) })),
            json!("actor"),
            "TOO_LONG",
        ),
        (
            of(json!({ "fact": "do_not_call", "phone": "1" })),
            json!("phone"),
            "INVALID_PHONE",
        ),
        (
            of(json!({ "fact": "cease", "debts": ["X"] })),
            json!("debts"),
            "UNKNOWN_DEBT",
        ),
        (
            of(json!({ "fact": "cease", "person_id": "X" })),
            json!("person_id"),
            "UNKNOWN_PERSON",
        ),
        (
            of(json!({ "fact": "wrong_number", "phone": "+18185550777" })),
            json!("phone"),
            "UNKNOWN_PHONE",
        ),
        (
            of(json!({ "fact": "override", "override": "supervisor", "document_id": "D" })),
            json!("actor"),
            "MISSING",
        ),
        (
            of(json!({ "facts": [cease, { "fact": "minor" }] })),
            json!("facts"),
            "TOO_MANY",
        ),
        (
            of(json!({ "facts": [cease], "status": "closed" })),
            json!("status"),
            "UNKNOWN_FIELD",
        ),
    ]
}

#[test]
fn what_is_no_single_fact_is_refused_and_changes_nothing() {
    let floor = Floor::open();
    for (said, field, code) in not_single() {
        let heard = state(&floor, &said);
        let told = heard.json();
        assert_eq!((heard.status, &told["code"]), (422, &json!(code)), "{said}");
        assert_eq!(told["field"], field, "{said}");
    }
    nobody_else_is_let_in(&floor);
    assert_eq!(floor.call()["allow"], true);
    assert_eq!(floor.rows_of("f"), 1);
}

fn nobody_else_is_let_in(floor: &Floor) {
    let unknown = state(floor, &json!({ "account_id": "nobody", "fact": "cease" }));
    assert_eq!(
        (unknown.status, &unknown.json()["code"]),
        (404, &json!("UNKNOWN_ACCOUNT"))
    );
    // Another tenant's account is nobody's.
    let request = Request::new("POST", "/api/facts").token(&floor.house.token("guarded", ALL));
    let said = json!({ "account_id": ACCOUNT, "fact": "cease" }).to_string();
    assert_eq!(floor.server.ask(&request.json(said.clone())).status, 404);
    let request = Request::new("POST", "/api/facts").token(&floor.house.token("open", "gate:ask"));
    assert_eq!(floor.server.ask(&request.json(said)).status, 403);
}

#[test]
fn the_command_prints_the_row() {
    let floor = Floor::open();
    fs::write(floor.house.path("token"), &floor.token).unwrap();
    let (url, file) = (
        format!("http://{}", floor.server.address),
        floor.house.arg("token"),
    );
    let run = |args: &[&str]| {
        let mut all = vec!["fact", "--url", &url, "--token-file", &file];
        all.extend(args);
        floor.house.run(&all)
    };
    let cease = [
        "--account",
        ACCOUNT,
        "--fact",
        "cease",
        "--form",
        "written",
        "--actor",
        "m",
    ];
    let ran = run(&cease);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let row: u64 = ran.out.trim_end().parse().unwrap();
    assert!(row > 0 && !codes(&floor.call()).is_empty());
    assert_eq!(run(&cease).out, "unchanged\n");
    let lift = [&cease[..4], &["--lift", "--reason", "withdrawn"]].concat();
    assert_eq!(run(&lift).code, Some(0));
    assert_eq!(floor.call()["allow"], true);
    let scoped = [
        "--with",
        "override=supervisor",
        "--with",
        "gates=6|7",
        "--actor",
        "m",
    ];
    let scoped = [&["--account", ACCOUNT, "--fact", "override"][..], &scoped].concat();
    let until = ["--document", "D", "--until", "2026-05-06T00:00:00Z"];
    let ended = [&scoped[..], &until].concat();
    assert_eq!(run(&ended).code, Some(0));
    for (args, told) in [
        (&scoped[..], "document_id: MISSING"),
        (
            &["--account", "nobody", "--fact", "cease"],
            "-: UNKNOWN_ACCOUNT",
        ),
        (
            &["--fact", "do_not_call", "--phone", "911"],
            "phone: INVALID_PHONE",
        ),
        (
            &["--fact", "cease", "--with", "nose=1"],
            "nose: UNKNOWN_FIELD",
        ),
    ] {
        let ran = run(args);
        let err = format!("dialgate: {told}\n");
        assert_eq!((ran.code, &*ran.err), (Some(65), &*err), "{args:?}");
    }
    assert_eq!(
        run(&["--account", ACCOUNT, "--fact", "cease", "--lift"]).code,
        Some(2)
    );
    let refused = floor
        .house
        .run(&["fact", "--url", &url, "--token", "x", "--fact", "cease"]);
    assert_eq!(refused.code, Some(77), "{refused:?}");
}
