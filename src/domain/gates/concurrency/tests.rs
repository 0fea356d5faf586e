//! A reservation blocks up to its last second and not in the next.

use super::*;
use crate::domain::facts::{At, Attempt};
use crate::domain::gates::fixture::{Fixture, at};
use crate::domain::gates::timing;
use crate::domain::words::Outcome;

#[test]
fn a_live_reservation_blocks_every_channel_and_account() {
    let mut fixture = Fixture::default();
    let mut live = timing::call_for_tests("2026-05-05T11:00:00-07:00", Outcome::Pending);
    live.flags = Attempt::RESERVED;
    live.call = At::of(at("2026-05-05T11:05:00-07:00")).0;
    live.debts = crate::domain::ids::DebtSet::one(crate::domain::ids::DebtNo(99));
    fixture.attempts().push(live);
    for (when, expected) in [
        ("2026-05-05T11:00:00-07:00", &[Code::ReservationLive][..]),
        ("2026-05-05T11:04:59-07:00", &[Code::ReservationLive]),
        ("2026-05-05T11:05:00-07:00", &[]),
    ] {
        fixture.now = at(when);
        assert_eq!(fixture.ask(ask), expected, "{when}");
    }
    fixture.now = at("2026-05-05T11:04:59-07:00");
    fixture.policy.one_at_a_time = false;
    assert_eq!(fixture.ask(ask), []);
    fixture.policy.one_at_a_time = true;
    fixture.attempts()[0].flags = 0;
    assert_eq!(fixture.ask(ask), []);
}
