//! A flood of forged tokens beside a tenant at work: each of them is refused, and none of its answers is.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::house::{ALL, House, MAY};
use crate::http::{Client, Request};
use crate::key_file::{p256, publish, token};
use crate::words::{account, facts, gate, intent};

/// Connections of the flood.
const FORGERS: usize = 6;
/// Questions of the tenant while it lasts.
const ASKED: usize = 200;
/// Forged tokens of one connection at least, and at most.
const FORGED: std::ops::Range<usize> = 50..5_000;

/// A sound token with another signature: as dear to check as a true one, and never the same twice.
fn forged(sound: &str, forger: usize, number: usize) -> String {
    let (signed, signature) = sound.rsplit_once('.').unwrap();
    let mark = format!("{forger:02}{number:06}");
    assert_eq!(signature.len(), 86, "64 bytes");
    let rest: String = signature.chars().skip(mark.len()).collect();
    format!("{signed}.{mark}{rest}")
}

/// Asks with forged tokens until told to stop, past the first of [`FORGED`]; how often.
fn flood(
    mut client: Client,
    sound: &str,
    forger: usize,
    stop: &AtomicBool,
    begun: &Barrier,
) -> usize {
    for number in 0..FORGED.end {
        let token = forged(sound, forger, number);
        let heard = client.ask(&gate(&token, &intent("ACC-1", "+18185551234")));
        let heard = heard.unwrap();
        let said = heard.json();
        // Refused, or not even looked at; never decided.
        assert!([401, 503].contains(&heard.status), "{said}");
        assert_eq!(
            (&said["allow"], &said["audit_id"]),
            (&Value::Bool(false), &Value::Null)
        );
        if number == 0 {
            begun.wait();
        }
        if number >= FORGED.start && stop.load(Ordering::Relaxed) {
            return number + 1;
        }
    }
    FORGED.end
}

#[test]
fn a_flood_of_forged_tokens_costs_a_tenant_at_work_no_answer() {
    let house = House::with(&[("DIALGATE_AUTH__JWKS_FILE", "jwks.json")]);
    let key = p256(&house, "k1");
    publish(&house, &[&key]);
    let server = house.start(Some(MAY));
    let sound = token(&house, "k1", ALL);
    let phone = |n: usize| format!("+1818{:07}", 2_000_000 + n);
    let records: Vec<Value> = (0..ASKED)
        .map(|n| account(&format!("ACC-{n}"), &phone(n)))
        .collect();
    let heard = server.ask(&facts(&sound, &records.into()));
    assert_eq!(heard.json()["applied"], ASKED, "{:?}", heard.json());
    let (stop, begun) = (AtomicBool::new(false), Barrier::new(FORGERS + 1));
    std::thread::scope(|scope| {
        let flooding: Vec<_> = (0..FORGERS)
            .map(|forger| {
                let (client, sound, stop, begun) = (server.client(), &sound, &stop, &begun);
                scope.spawn(move || flood(client, sound, forger, stop, begun))
            })
            .collect();
        begun.wait();
        let mut client = server.client();
        let answers: Vec<_> = (0..ASKED)
            .map(|n| client.ask(&gate(&sound, &intent(&format!("ACC-{n}"), &phone(n)))))
            .collect();
        stop.store(true, Ordering::Relaxed);
        for answer in answers {
            let answer = answer.unwrap();
            assert_eq!(
                (answer.status, &answer.json()["allow"]),
                (200, &Value::Bool(true))
            );
        }
        let forged = flooding.into_iter().map(|flood| flood.join().unwrap());
        let forged: usize = forged.sum();
        assert!(forged >= FORGERS * FORGED.start, "{forged}");
    });
    let deep = server.ask(&Request::new("GET", "/api/health/readiness"));
    assert_eq!(deep.status, 200);
    let (status, _) = server.terminated();
    assert!(status.success());
    let rows = house.rows();
    let decided = rows.iter().filter(|row| row["body"]["k"] == "d").count();
    assert_eq!(decided, ASKED, "no row of a forged token");
}
