//! `next_allowed_at` and `use_by` over several gates.

use super::*;
use crate::domain::facts::{Override, PriorConsent};
use crate::domain::gates::fixture::Fixture;
use crate::domain::ids::Sym;
use crate::domain::verdict::Gate;
use crate::domain::words::{GivenTo, OverrideKind};

#[test]
fn the_latest_of_the_three_gates_decides() {
    let mut fixture = Fixture::default();
    fixture.policy.fairness.gap_s = 300;
    fixture.policy.fairness.person_per_day = 1;
    fixture
        .attempts()
        .push(call("2026-05-04T20:59:00-07:00", Outcome::NoAnswer));
    let mut live = flagged(
        "2026-05-05T21:09:00-07:00",
        Outcome::Pending,
        Attempt::RESERVED,
    );
    live.call = At::of(at("2026-05-05T21:14:00-07:00")).0;
    fixture.attempts().push(live);
    let night = "2026-05-05T21:10:00-07:00";
    assert_eq!(next(&fixture, night), Some(at("2026-05-06T08:00:00-07:00")));
    // Without TIMING among the blocking gates there is none.
    fixture.attempts().pop();
    fixture
        .attempts()
        .push(call("2026-05-05T11:00:00-07:00", Outcome::NoAnswer));
    assert_eq!(next(&fixture, "2026-05-05T11:01:00-07:00"), None);
}

/// TIMING-2: what time cannot cure gives no next instant.
#[test]
fn a_permission_that_begins_before_the_opening_is_the_earliest_instant() {
    let night = "2026-05-05T22:00:00-07:00";
    let (from, until) = (
        at("2026-05-06T01:00:00-07:00"),
        at("2026-05-06T02:00:00-07:00"),
    );
    let consent = PriorConsent {
        given_to: GivenTo::Collector,
        at: At::of(from),
        until: At::of(until),
        times: true,
        places: false,
        undated: false,
    };
    let mut fixture = Fixture::default();
    fixture.consumer().prior_consents = vec![consent];
    assert_eq!(next(&fixture, night), Some(from));
    fixture.consumer().prior_consents[0].given_to = GivenTo::Creditor;
    assert_eq!(next(&fixture, night), Some(at("2026-05-06T08:00:00-07:00")));
    let permission = Override {
        kind: OverrideKind::CourtPermission,
        gates: Gate::Timing.bit(),
        since: At::of(from),
        until: At::of(until),
        actor: Sym(1),
        document: Sym(2),
    };
    fixture.extras().overrides = vec![permission];
    assert_eq!(next(&fixture, night), Some(from));
    fixture.extras().overrides[0].gates = Gate::Channel.bit();
    assert_eq!(next(&fixture, night), Some(at("2026-05-06T08:00:00-07:00")));
}

#[test]
fn other_gates_and_incurable_reasons_leave_none() {
    let fixture = Fixture {
        now: at("2026-05-05T22:00:00-07:00"),
        ..Fixture::default()
    };
    let opening = Some(at("2026-05-06T08:00:00-07:00"));
    fixture.with(|case| {
        let mut found = Findings::default();
        ask(case, &mut found);
        assert_eq!(next_allowed_at(case, &found), opening);
        found.block(Code::AttemptGap);
        found.block(Code::ReservationLive);
        assert_eq!(next_allowed_at(case, &found), opening);
        for gate in Gate::ALL {
            let Some(code) = Code::ALL.iter().find(|code| code.gate() == gate) else {
                continue;
            };
            let mut more = found;
            more.block(*code);
            let curable = matches!(gate, Gate::Fairness | Gate::Timing | Gate::Concurrency);
            let expected = opening.filter(|_| curable);
            assert_eq!(next_allowed_at(case, &more), expected, "{gate:?}");
        }
        let mut more = found;
        more.block(Code::StateMessageConsent);
        assert_eq!(next_allowed_at(case, &more), None);
        assert_eq!(next_allowed_at(case, &Findings::default()), None);
    });
    let mut vulnerable = fixture;
    vulnerable.consumer().vulnerable = 1;
    assert_eq!(next(&vulnerable, "2026-05-05T22:00:00-07:00"), None);
}

#[test]
fn the_setting_of_clocks_does_not_end_an_allow() {
    // A letter's ALLOW over the change of 8 March 2026 (10:00Z) lives its 300 s.
    let mut fixture = Fixture::default();
    fixture.intent.channel = Some(Channel::Mail);
    assert_eq!(
        until(&fixture, "2026-03-08T09:58:00Z"),
        at("2026-03-08T10:03:00Z")
    );
    assert_eq!(
        until(&fixture, "2026-11-01T08:58:00Z"),
        at("2026-11-01T09:03:00Z")
    );
}

#[test]
fn what_an_override_lifts_delays_nothing_and_closes_nothing() {
    use crate::domain::facts::Override;
    use crate::domain::ids::Sym;
    use crate::domain::words::OverrideKind;
    let mut fixture = Fixture::default();
    let talk = call("2026-05-01T12:00:00-07:00", Outcome::Conversation);
    fixture.attempts().push(talk);
    let night = "2026-05-05T22:00:00-07:00";
    assert_eq!(next(&fixture, night), Some(at("2026-05-08T08:00:00-07:00")));
    fixture.extras().overrides.push(Override {
        kind: OverrideKind::CourtPermission,
        gates: Gate::Timing.bit(),
        since: At::NEVER,
        until: At::of(at("2026-05-20T00:00:00-07:00")),
        actor: Sym(1),
        document: Sym(2),
    });
    assert_eq!(next(&fixture, night), Some(at("2026-05-08T00:00:00-07:00")));
    fixture.attempts().clear();
    let closing = "2026-05-05T20:58:00-07:00";
    assert_eq!(until(&fixture, closing), at("2026-05-05T21:03:00-07:00"));
    let ending = "2026-05-19T23:58:00-07:00";
    assert_eq!(until(&fixture, ending), at("2026-05-20T00:00:00-07:00"));
}
