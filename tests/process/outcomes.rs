//! Reporting what became of an allowed call, and whose calls one may report.

use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE, audit};
use crate::house::House;
use crate::http::Reply;
use crate::words::{account, codes, disposition, intent};

fn problem(reply: &Reply) -> (u16, String) {
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json")
    );
    (
        reply.status,
        reply.json()["code"].as_str().unwrap().to_owned(),
    )
}

#[test]
fn an_outcome_is_a_row_once_and_another_corrects_it() {
    let floor = Floor::open();
    let allowed = audit(&floor.call());
    let say = |outcome: &str| floor.report(&json!({ "audit_id": allowed, "outcome": outcome }));
    let first = say("no_answer");
    assert_eq!(first.status, 200);
    assert_eq!(
        first.json(),
        json!({
            "account_id": ACCOUNT, "audit_id": allowed, "outcome": "no_answer",
            "row_id": allowed + 1, "unchanged": false, "kept": false, "clock_ahead": false,
        })
    );
    let again = say("no_answer").json();
    assert_eq!(
        (&again["row_id"], &again["unchanged"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(floor.rows_of("o"), 1);
    // A conversation closes seven days.
    let corrected = say("conversation").json();
    assert_eq!(corrected["row_id"], allowed + 2);
    assert_eq!(codes(&floor.call()), ["CALL_AFTER_CONVERSATION"]);
    // What counts less needs somebody who answers for it.
    let kept = say("no_answer").json();
    assert_eq!(
        (&kept["row_id"], &kept["kept"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(codes(&floor.call()), ["CALL_AFTER_CONVERSATION"]);
    let said = json!({ "audit_id": allowed, "outcome": "no_answer", "actor": "supervisor 7" });
    assert_eq!(floor.report(&said).json()["row_id"], allowed + 5);
    assert_eq!(floor.call()["allow"], true);
}

#[test]
fn never_dialled_frees_the_place_and_the_concurrency_gate() {
    let floor = Floor::of(House::with(&[]), "guarded");
    let allowed = audit(&floor.call());
    let second = floor.call();
    assert_eq!(codes(&second), ["ATTEMPT_GAP", "RESERVATION_LIVE"]);
    let heard = floor.report(&json!({ "audit_id": allowed, "outcome": "not_dialed" }));
    assert_eq!(heard.status, 200);
    assert_eq!(floor.call()["allow"], true);
}

#[test]
fn what_cannot_be_settled_is_told_apart() {
    let floor = Floor::open();
    let allowed = audit(&floor.call());
    let say =
        |audit: u64| problem(&floor.report(&json!({ "audit_id": audit, "outcome": "no_answer" })));
    assert_eq!(say(allowed + 1).0, 404, "never issued");
    assert_eq!(say(1).0, 404, "not a decision");
    let mut dry = intent(ACCOUNT, PHONE);
    dry["dry_run"] = json!(true);
    let dry = audit(&floor.call_as("D", &dry).json());
    assert_eq!(say(dry), (409, "NOT_ALLOWED".to_owned()));
    let bad = audit(&floor.call_as("B", &intent(ACCOUNT, "+18182999999")).json());
    assert_eq!(say(bad), (409, "NOT_ALLOWED".to_owned()));
    for (said, code, field) in [
        (json!({ "outcome": "no_answer" }), "MISSING", "phone"),
        (json!({ "audit_id": allowed }), "MISSING", "outcome"),
        (
            json!({ "audit_id": allowed, "outcome": "pending" }),
            "UNKNOWN_WORD",
            "outcome",
        ),
        (
            json!({ "audit_id": "7", "outcome": "sent" }),
            "WRONG_TYPE",
            "audit_id",
        ),
        (
            json!({ "audit_id": allowed, "outcome": "sent", "occurred_at": "noon" }),
            "INVALID_INSTANT",
            "occurred_at",
        ),
        (
            json!({ "audit_id": allowed, "outcome": "conversation", "debt_ids": ["X"] }),
            "UNKNOWN_DEBT",
            "debt_ids",
        ),
    ] {
        let heard = floor.report(&said);
        assert_eq!(problem(&heard), (422, code.to_owned()), "{said}");
        assert_eq!(heard.json()["field"], field);
    }
    assert_eq!(floor.rows_of("o"), 0);
}

#[test]
fn a_late_release_names_who_says_so() {
    let floor = Floor::open();
    let allowed = audit(&floor.call());
    let floor = floor.restarted(Some("2026-05-05T18:06:00Z"), |server| server.started.kill());
    let mut said = json!({ "audit_id": allowed, "outcome": "not_dialed" });
    assert_eq!(
        problem(&floor.report(&said)),
        (422, "ACTOR_MISSING".to_owned())
    );
    said["actor"] = json!("supervisor 7");
    assert_eq!(floor.report(&said).status, 200);
    for call in 0..7 {
        assert_eq!(floor.call()["allow"], true, "call {call}");
    }
    assert_eq!(codes(&floor.call()), ["CALL_7_IN_7"]);
}

#[test]
fn a_release_after_a_day_is_too_late() {
    let floor = Floor::open();
    let allowed = audit(&floor.call());
    let floor = floor.restarted(Some("2026-05-06T18:10:00Z"), |server| server.started.kill());
    let said = json!({ "audit_id": allowed, "outcome": "not_dialed", "actor": "supervisor 7" });
    assert_eq!(problem(&floor.report(&said)), (409, "TOO_LATE".to_owned()));
}

#[test]
fn nobody_settles_what_is_not_theirs() {
    let floor = Floor::open();
    let allowed = audit(&floor.call());
    let other = floor
        .house
        .token("guarded", "gate:ask facts:write outcome:write");
    let said = json!({ "audit_id": allowed, "outcome": "not_dialed" });
    let heard = floor.server.ask(&disposition(&other, ACCOUNT, &said));
    assert_eq!(heard.status, 404, "an account of another tenant");
    // The other tenant has an account of the same name, which changes nothing.
    let records = json!([account(ACCOUNT, PHONE)]);
    assert_eq!(
        floor
            .server
            .ask(&crate::words::facts(&other, &records))
            .status,
        200
    );
    let heard = floor.server.ask(&disposition(&other, ACCOUNT, &said));
    assert_eq!(heard.status, 404, "an audit id of another tenant");
    // Nor does another account of one's own.
    floor.state(&json!([account("B", "+18182000002")]));
    let heard = floor.server.ask(&disposition(&floor.token, "B", &said));
    assert_eq!(heard.status, 404);
    // The one about an account the other tenant did not have is on record there, and bound nothing.
    assert_eq!(floor.rows_of("o"), 1);
    assert_eq!(floor.report(&said).status, 200);
}
