//! An import whose slices leave no row, beside somebody who asks: neither waits for the other.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE};
use crate::words::{account, facts, gate, intent};

/// Records of a page: several slices, however quick.
const RECORDS: u32 = 300;
/// Questions at least, so that somebody is there from the first slice to the last.
const ASKED_MIN: usize = 20;

/// Opens what is closed without a reason, which the engine refuses: no row.
fn refused() -> Value {
    json!({ "account_id": "CLOSED", "status": "open" })
}

#[test]
fn a_page_without_rows_ends_while_somebody_asks() {
    let floor = Floor::open();
    let mut closed = account("CLOSED", "+18185550100");
    closed["status"] = json!("closed");
    floor.state(&json!([closed]));
    let rows = floor.rows_of("f") + floor.rows_of("u");
    let (stop, begun) = (AtomicBool::new(false), Barrier::new(2));
    let question = gate(&floor.token, &intent(ACCOUNT, PHONE));
    let mut asker = floor.server.client();
    let (pages, answers) = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut answers = Vec::new();
            while answers.len() < ASKED_MIN || !stop.load(Ordering::Relaxed) {
                answers.push(asker.ask(&question).unwrap());
                if answers.len() == 1 {
                    begun.wait();
                }
            }
            answers
        });
        begun.wait();
        let mut client = floor.server.client();
        let nothing = vec![refused(); RECORDS as usize];
        let mut last = nothing.clone();
        last.push(account("LAST", "+18185550101"));
        let pages = [nothing, last].map(|page| client.ask(&facts(&floor.token, &json!(page))));
        stop.store(true, Ordering::Relaxed);
        (pages, asking.join().unwrap())
    });
    for (page, applied) in pages.into_iter().zip([0, 1]) {
        let page = page.unwrap().json();
        assert_eq!(
            (&page["applied"], &page["unchanged"]),
            (&json!(applied), &json!(0))
        );
        let lines: Vec<Value> = (1..=RECORDS)
            .map(|line| json!({ "line": line, "field": "reason", "code": "LIFT_NEEDS_REASON" }))
            .collect();
        assert_eq!(page["rejected"], json!(lines));
    }
    for answer in &answers {
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (200, &Value::Null)
        );
    }
    let decided = floor.rows_of("d");
    assert_eq!(decided, answers.len());
    assert_eq!(
        floor.rows_of("f") + floor.rows_of("u"),
        rows + 1,
        "only the last record"
    );
}
