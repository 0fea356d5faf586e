//! Batches at the real server: order, rows, keys, reservations, and more than there is room for.

use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE, audit};
use crate::house::{ALL, House};
use crate::http::{Client, Reply, Request};
use crate::words::{account, codes, intent};

/// Asks about all of these at once.
pub(crate) fn batch(token: &str, intents: &[Value]) -> Request {
    let request = Request::new("POST", "/api/gate/contact-intents?explain=true");
    request.token(token).json(json!(intents).to_string())
}

fn ask(floor: &Floor, intents: &[Value]) -> Vec<Value> {
    told(&floor.server.ask(&batch(&floor.token, intents)))
}

fn told(heard: &Reply) -> Vec<Value> {
    assert_eq!(heard.status, 200, "{:?}", heard.json());
    heard.json().as_array().unwrap().clone()
}

/// The error codes of answers without a decision; null of decisions.
fn errors(answers: &[Value]) -> Vec<&Value> {
    answers
        .iter()
        .map(|answer| &answer["error"]["code"])
        .collect()
}

/// The account with six calls on file.
fn six_counted(id: &str) -> Value {
    let mut record = account(id, PHONE);
    let call = |n| {
        json!({ "at": format!("2026-05-0{}T16:00:00Z", n % 5 + 1),
        "outcome": "no_answer", "phone": PHONE, "call_id": format!("{id}-{n}") })
    };
    record["attempts"] = (0..6).map(call).collect();
    record
}

#[test]
fn of_100_intents_in_one_batch_one_gets_the_seventh_call() {
    let floor = Floor::open();
    floor.state(&json!([six_counted("SIX")]));
    let answers = ask(&floor, &vec![intent("SIX", PHONE); 100]);
    assert_eq!(answers.len(), 100);
    assert_eq!(answers[0]["allow"], true, "{}", answers[0]);
    assert!(answers[0]["use_by"].is_string());
    for answer in &answers[1..] {
        assert_eq!(answer["allow"], false);
        assert_eq!(codes(answer), ["CALL_7_IN_7"]);
        assert_eq!(answer["use_by"], Value::Null);
    }
    let rows: Vec<u64> = answers.iter().map(audit).collect();
    let first = rows[0];
    assert_eq!(rows, (first..first + 100).collect::<Vec<_>>());
    assert_eq!(floor.rows_of("d"), 100);
}

#[test]
fn a_thousand_are_decided_in_order_and_one_more_is_not() {
    let floor = Floor::open();
    let known = |n: usize| n.is_multiple_of(3);
    let name = |n: usize| {
        if known(n) {
            ACCOUNT.to_owned()
        } else {
            format!("NOBODY-{n}")
        }
    };
    let mut intents: Vec<Value> = (0..1000).map(|n| intent(&name(n), PHONE)).collect();
    for intent in &mut intents {
        intent["dry_run"] = json!(true);
    }
    let answers = ask(&floor, &intents);
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(answer["account_id"], *name(n));
        assert_eq!(answer["allow"], known(n), "{n} {answer}");
    }
    let rows: Vec<u64> = answers.iter().map(audit).collect();
    assert_eq!(rows, (rows[0]..rows[0] + 1000).collect::<Vec<_>>());
    intents.push(intents[0].clone());
    let heard = floor.server.ask(&batch(&floor.token, &intents));
    assert_eq!(heard.status, 422);
    assert_eq!(heard.json()["error"]["code"], "TOO_MANY_INTENTS");
    assert_eq!(floor.rows_of("d"), 1000);
    let verified = floor.house.ledger("verify");
    assert_eq!(verified.code, Some(0), "{}", verified.err);
}

#[test]
fn each_intent_answers_for_itself() {
    let floor = Floor::open();
    let mut bad = intent(ACCOUNT, PHONE);
    bad["phone"] = json!(7);
    let answers = ask(
        &floor,
        &[
            intent("NOBODY", PHONE),
            bad,
            json!(null),
            intent(ACCOUNT, PHONE),
        ],
    );
    let codes = errors(&answers);
    assert_eq!(
        codes,
        [
            &Value::Null,
            &json!("WRONG_TYPE"),
            &json!("NOT_AN_OBJECT"),
            &Value::Null
        ]
    );
    assert_eq!(answers[0]["blocked_by"], json!(["ACCOUNT"]));
    assert_eq!(answers[3]["allow"], true);
    assert_eq!(floor.rows_of("d"), 2);
}

#[test]
fn a_request_id_twice_in_one_batch_is_one_decision() {
    let floor = Floor::open();
    let mut named = intent(ACCOUNT, PHONE);
    named["request_id"] = json!("R");
    let mut other = named.clone();
    other["agent_id"] = json!("7");
    let intents = [named.clone(), named.clone(), other, named.clone()];
    let answers = ask(&floor, &intents);
    assert_eq!(answers[0]["allow"], true);
    assert_eq!(answers[1], answers[0]);
    assert_eq!(answers[3], answers[0]);
    assert_eq!(answers[2]["allow"], false);
    assert_eq!(answers[2]["error"]["code"], "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(answers[2]["error"]["field"], "request_id");
    // The whole batch again, and the intent alone: the same decision.
    assert_eq!(ask(&floor, &intents)[0], answers[0]);
    let alone = Request::new("POST", "/api/gate/contact-intent?explain=true");
    let alone = alone.token(&floor.token).json(named.to_string());
    assert_eq!(floor.server.ask(&alone).json(), answers[0]);
    assert_eq!(floor.rows_of("d"), 1);
}

#[test]
fn a_share_smaller_than_a_batch_is_filled_again_and_again() {
    let small = [("DIALGATE_ENGINE__INBOX_TENANT_MAX", "5")];
    let floor = Floor::of(House::with(&small), "open");
    let answers = ask(&floor, &vec![intent("NOBODY", PHONE); 203]);
    assert_eq!(errors(&answers), vec![&Value::Null; 203]);
    let rows: Vec<u64> = answers.iter().map(audit).collect();
    assert_eq!(rows, (rows[0]..rows[0] + 203).collect::<Vec<_>>());
}

#[test]
fn what_finds_no_room_is_blocked_in_its_place_and_has_no_row() {
    let small = [("DIALGATE_ENGINE__INBOX_TENANT_MAX", "1")];
    let floor = Floor::of(House::with(&small), "open");
    let asked = batch(&floor.token, &vec![intent("NOBODY", PHONE); 50]);
    let (address, asked) = (floor.server.address, &asked);
    let mut all = Vec::new();
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..16)
            .map(|_| scope.spawn(move || Client::connect(address).unwrap().ask(asked).unwrap()))
            .collect();
        for answers in asking {
            all.extend(told(&answers.join().unwrap()));
        }
    });
    assert_eq!(all.len(), 16 * 50);
    let refused = all.iter().filter(|a| !a["error"].is_null());
    let mut shed = 0;
    for answer in refused {
        assert_eq!(answer["error"]["code"], "OVERLOADED");
        assert_eq!(answer["allow"], false);
        assert_eq!(answer["account_id"], "NOBODY");
        shed += 1;
    }
    assert_eq!(floor.rows_of("d"), all.len() - shed);
}

#[test]
fn another_tenants_batch_sees_nothing_of_this_one() {
    let floor = Floor::open();
    let token = floor.house.token("guarded", ALL);
    let heard = floor.server.ask(&batch(&token, &[intent(ACCOUNT, PHONE)]));
    let answers = told(&heard);
    assert_eq!(answers[0]["tenant_id"], "guarded");
    assert_eq!(codes(&answers[0]), ["UNKNOWN_ACCOUNT"]);
}
