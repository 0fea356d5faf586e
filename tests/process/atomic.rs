//! Many dialers at once: the seventh call is allowed once, and one key is one decision.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::house::{ALL, House, MAY, Server};
use crate::http::{Client, Reply, Request};
use crate::words::{account, codes, facts, gate, intent};

const DIALERS: usize = 64;
const PHONE: &str = "+18182000001";

/// An account with six calls on file since the first of May.
fn six_counted(id: &str) -> Value {
    let mut record = account(id, PHONE);
    let call = |(n, day)| {
        json!({ "at": format!("2026-05-0{day}T16:00:00Z"),
        "outcome": "no_answer", "phone": PHONE, "call_id": format!("{id}-{n}") })
    };
    record["attempts"] = [1, 1, 2, 3, 4, 5]
        .into_iter()
        .enumerate()
        .map(call)
        .collect();
    record
}

fn at_once(server: &Server, request: impl Fn(usize) -> Request + Sync) -> Vec<Reply> {
    let (barrier, address) = (Barrier::new(DIALERS), server.address);
    std::thread::scope(|scope| {
        let dialers: Vec<_> = (0..DIALERS)
            .map(|n| {
                let (barrier, request) = (&barrier, &request);
                scope.spawn(move || {
                    let mut client = Client::connect(address).unwrap();
                    barrier.wait();
                    client.ask(&request(n)).unwrap()
                })
            })
            .collect();
        dialers
            .into_iter()
            .map(|dialer| dialer.join().unwrap())
            .collect()
    })
}

#[test]
fn of_64_dialers_one_gets_the_seventh_call() {
    let house = House::with(&[]);
    let server = house.start(Some(MAY));
    let token = house.token("open", ALL);
    let heard = server.ask(&facts(&token, &json!([six_counted("SIX")])));
    assert_eq!(
        heard.json(),
        json!({ "applied": 1, "unchanged": 0, "rejected": [] })
    );
    let answers = at_once(&server, |_| gate(&token, &intent("SIX", PHONE)));
    let (allowed, blocked): (Vec<_>, Vec<_>) = answers
        .iter()
        .map(Reply::json)
        .partition(|answer| answer["allow"] == true);
    assert_eq!((allowed.len(), blocked.len()), (1, 63));
    for answer in &blocked {
        assert_eq!(codes(answer), ["CALL_7_IN_7"]);
        assert_eq!(answer["blocked_by"], json!(["TIMING"]));
        // The first two leave the seven days when the eighth day's calling hours begin.
        assert_eq!(answer["next_allowed_at"], "2026-05-08T15:00:00Z");
    }
    let mut ids: Vec<u64> = answers
        .iter()
        .map(|answer| answer.json()["audit_id"].as_u64().unwrap())
        .collect();
    ids.sort_unstable();
    assert_eq!(
        ids,
        (3..67).collect::<Vec<_>>(),
        "row 1 names the law, row 2 the facts"
    );
}

#[test]
fn one_key_64_times_is_one_row_and_one_answer() {
    let house = House::with(&[]);
    let server = house.start(Some(MAY));
    let token = house.token("open", ALL);
    for (id, allow) in [("SIX", true), ("NOBODY", false)] {
        server.ask(&facts(&token, &json!([six_counted("SIX")])));
        let ask = |_| gate(&token, &intent(id, PHONE)).with("Idempotency-Key", id);
        let answers = at_once(&server, ask);
        assert_eq!(answers[0].json()["allow"], allow);
        for answer in &answers {
            assert_eq!((answer.status, &answer.body), (200, &answers[0].body));
            assert_eq!(
                answer.header("dialgate-use-by"),
                answers[0].header("dialgate-use-by")
            );
        }
    }
    let rows = house.rows();
    let decided = rows.iter().filter(|row| row["body"]["k"] == "d").count();
    assert_eq!(decided, 2);
}
