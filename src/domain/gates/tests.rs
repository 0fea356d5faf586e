//! All twelve together.

use super::*;
use crate::domain::facts::{At, Attempt, Escalation, Hold, NumberFacts, Promise};
use crate::domain::gates::fixture::{Fixture, at, date};
use crate::domain::intent::Asked;
use crate::domain::words::{
    AccountStatus, DialMode, EscalationKind, HoldKind, Outcome, Vulnerability,
};

/// The codes of the gates as one, in gate order.
const EACH: [Code; 12] = [
    Code::AccountClosed,
    Code::CreditorHold,
    Code::LitigationHold,
    Code::Complaint,
    Code::DialModeNotPermitted,
    Code::Vulnerable,
    Code::CallHours,
    Code::AutodialConsent,
    Code::DoNotCall,
    Code::PromiseCurrent,
    Code::ReservationLive,
    Code::ClockNotTrusted,
];

/// Brings one gate to block, the one of this place in [`EACH`].
fn provoke(fixture: &mut Fixture, place: usize) {
    let hold = |kind| Hold {
        kind,
        since: At::NEVER,
        until: At::NEVER,
    };
    match place {
        0 => fixture.account.status = AccountStatus::Closed,
        1 => fixture.extras().holds.push(hold(HoldKind::Creditor)),
        2 => fixture.extras().holds.push(hold(HoldKind::Litigation)),
        3 => {
            let (kind, since) = (EscalationKind::Complaint, At::NEVER);
            fixture.extras().escalations = vec![Escalation { kind, since }];
        }
        4 => fixture.policy.dial_modes = 1 << DialMode::Preview.number(),
        5 => fixture.consumer().vulnerable = 1 << Vulnerability::Health.number(),
        6 => fixture.now = at("2026-05-05T22:00:00-07:00"),
        7 => fixture.intent.dial_mode = Asked::Known(DialMode::Predictive),
        8 => fixture.known().flags = NumberFacts::DO_NOT_CALL,
        9 => {
            fixture.extras().promise = Some(Promise {
                until: date("2026-05-09"),
                reminder: false,
                reminder_used: false,
            });
        }
        10 => {
            let live = timing::call_for_tests("2026-05-05T10:59:00-07:00", Outcome::Pending);
            fixture.attempts().push(Attempt {
                flags: Attempt::RESERVED,
                call: At::of(at("2026-05-06T00:00:00-07:00")).0,
                ..live
            });
        }
        _ => fixture.clock_trusted = false,
    }
}

/// GATES-1: no gate's block keeps another from being asked, and none is left out; an account that is
/// not known is asked of the first alone.
#[test]
fn each_gate_is_asked_alone_and_beside_all_others() {
    let mut all = Fixture::neutral();
    for (place, code) in EACH.into_iter().enumerate() {
        let mut one = Fixture::neutral();
        provoke(&mut one, place);
        provoke(&mut all, place);
        let found = one.with(evaluate).findings;
        let codes: Vec<Code> = found.list().iter().map(|finding| finding.code).collect();
        assert!(codes.contains(&code), "{code:?}: {codes:?}");
        assert_eq!(usize::from(code.gate().ordinal()), place + 1);
    }
    let found = all.with(evaluate).findings;
    let every = Gate::ALL
        .into_iter()
        .fold(0, |bits, gate| bits | gate.bit());
    assert_eq!(
        (found.blocked_bits(), found.evaluated_bits()),
        (every, every)
    );
    let unknown = Verdict::unknown_account(at("2026-05-05T18:00:00Z")).findings;
    assert_eq!(unknown.evaluated_bits(), Gate::Account.bit());
    assert!(!unknown.allow());
}

/// GATES-2: without findings it is an ALLOW with time to use it, with any one it is none and there is
/// no time.
#[test]
fn only_a_verdict_without_findings_allows() {
    let neutral = Fixture::neutral();
    let verdict = neutral.with(evaluate);
    assert_eq!(verdict.findings.list(), []);
    assert!(verdict.findings.allow() && verdict.use_by > neutral.now);
    for (place, code) in EACH.into_iter().enumerate() {
        let mut one = Fixture::neutral();
        provoke(&mut one, place);
        let verdict = one.with(evaluate);
        assert!(!verdict.findings.allow(), "{code:?}");
        assert_eq!(verdict.use_by, one.now, "{code:?}");
    }
    for code in Code::ALL {
        let mut found = Findings::default();
        assert!(found.allow());
        found.block(*code);
        assert!(!found.allow(), "{code:?}");
    }
}
