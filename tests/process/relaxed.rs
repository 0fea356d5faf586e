//! `ledger.durability = "relaxed"`: decisions do not wait for the disk, all else does.

use serde_json::json;

use crate::floor::{Floor, audit};
use crate::house::{House, MAY};

fn relaxed() -> Floor {
    let house = House::with(&[("DIALGATE_LEDGER__DURABILITY", "relaxed")]);
    Floor::of(house, "open")
}

#[test]
fn what_was_taken_from_a_caller_outlives_a_kill_and_the_chain_is_whole() {
    let floor = relaxed();
    let deep = floor.deep();
    assert_eq!(deep["durability"], "relaxed");
    let lost = deep["crash_can_lose"].as_str().unwrap();
    assert!(lost.starts_with("decisions"), "{lost}");
    let asked: Vec<u64> = (0..20).map(|_| audit(&floor.call())).collect();
    assert!(asked.is_sorted_by(|a, b| a + 1 == *b), "{asked:?}");
    let said = json!({ "audit_id": asked[0], "outcome": "do_not_call" });
    assert_eq!(floor.report(&said).status, 200);
    // Everything before a durable row is durable: chains have no gap.
    let floor = floor.restarted(Some(MAY), |server| server.started.kill());
    let verified = floor.house.ledger("verify");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert_eq!(floor.rows_of("d"), 20);
    assert_eq!(floor.rows_of("o"), 1);
    assert_eq!(floor.call()["allow"], false);
}

#[test]
fn a_drain_leaves_every_answered_decision_on_disk() {
    let floor = relaxed();
    let last = (0..50).map(|_| audit(&floor.call())).max();
    let floor = floor.restarted(Some(MAY), |server| {
        assert_eq!(server.terminated().0.code(), Some(0));
    });
    assert_eq!(floor.rows_of("d"), 50);
    assert_eq!(audit(&floor.call()), last.unwrap() + 1);
}
