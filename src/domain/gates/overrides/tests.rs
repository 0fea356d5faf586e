//! Overrides: what each kind lifts, and what none does.

use super::apply;
use crate::domain::facts::{At, Override};
use crate::domain::gates::fixture::Fixture;
use crate::domain::ids::Sym;
use crate::domain::rules::{FederalId, RuleNo};
use crate::domain::verdict::{Code, Finding, Findings, Gate};
use crate::domain::words::{OverrideKind, PartyRole};

/// A rule of a state in any pack.
fn of_state() -> RuleNo {
    RuleNo(u16::try_from(FederalId::ALL.len()).unwrap())
}

fn exempted(kind: OverrideKind, gates: u16) -> Fixture {
    let mut fixture = Fixture::neutral();
    fixture.extras().overrides = vec![Override {
        kind,
        gates,
        since: At::of(fixture.now),
        until: At::of(fixture.now.plus(1)),
        actor: Sym(1),
        document: Sym(2),
    }];
    fixture
}

/// What is left of one finding.
fn left(fixture: &Fixture, code: Code, rule: RuleNo) -> bool {
    fixture.with(|case| {
        let mut found = Findings::default();
        found.block_by(code, rule);
        apply(case, &mut found);
        assert_eq!(found.list().is_empty(), found.allow());
        !found.allow()
    })
}

/// GATES-3: of all codes and rules a supervisor lifts those without a citation alone.
#[test]
fn a_consumers_consent_lifts_nobody_elses_hours() {
    let mut fixture = exempted(OverrideKind::DirectConsent, u16::MAX);
    let own = [
        Code::CallHours,
        Code::InconvenientTime,
        Code::InconvenientPlace,
    ];
    for code in own {
        assert!(!left(&fixture, code, RuleNo(0)), "{code:?}");
    }
    fixture.ask_for(PartyRole::CoDebtor);
    for code in own {
        assert!(left(&fixture, code, RuleNo(0)), "{code:?}");
    }
    assert!(!left(&fixture, Code::ThirdParty, RuleNo(0)));
}

#[test]
fn a_supervisor_lifts_policy_and_nothing_behind_which_a_rule_stands() {
    let fixture = exempted(OverrideKind::Supervisor, u16::MAX);
    let law = [
        Code::NotLicensed,
        Code::LicenceUnknown,
        Code::StrategyRuleNotEvaluated,
    ];
    for code in Code::ALL {
        let policy = matches!(
            code.gate(),
            Gate::Strategy | Gate::Escalation | Gate::Authority | Gate::Fairness | Gate::Promise
        );
        let lifted = policy && !law.contains(code);
        let source = code.text().source;
        let of_law = !source.starts_with("agency policy") && source != "creditor rule";
        assert!(!lifted || !of_law, "{code:?}: {source}");
        assert_eq!(left(&fixture, *code, RuleNo::NONE), !lifted, "{code:?}");
        assert!(left(&fixture, *code, of_state()), "{code:?}");
        assert!(left(&fixture, *code, RuleNo(0)), "{code:?}");
    }
}

/// GATES-3: what 12 CFR 1006.6(b) and (d) name, and not where a rule of a state says it.
#[test]
fn court_and_consumer_lift_what_the_rule_says_they_may() {
    let by_consent = [
        Code::CallHours,
        Code::InconvenientTime,
        Code::InconvenientPlace,
        Code::ThirdParty,
    ];
    let by_court = [Code::Attorney, Code::Employer];
    let court = exempted(OverrideKind::CourtPermission, u16::MAX);
    let consent = exempted(OverrideKind::DirectConsent, u16::MAX);
    for code in Code::ALL {
        let consented = by_consent.contains(code);
        let permitted = consented || by_court.contains(code);
        for rule in [RuleNo::NONE, RuleNo(0)] {
            assert_eq!(left(&consent, *code, rule), !consented, "{code:?}");
            assert_eq!(left(&court, *code, rule), !permitted, "{code:?}");
        }
        assert!(left(&consent, *code, of_state()), "{code:?}");
        assert!(left(&court, *code, of_state()), "{code:?}");
    }
}

#[test]
fn an_override_needs_its_gate_its_dates_and_its_document() {
    let code = Code::Complaint;
    let fixture = exempted(OverrideKind::Supervisor, Gate::Escalation.bit());
    assert!(!left(&fixture, code, RuleNo::NONE));
    let changes: [fn(&mut Override, At); 5] = [
        |o, _| o.gates = !Gate::Escalation.bit(),
        |o, now| o.since = At(now.0 + 1),
        |o, now| o.until = now,
        |o, _| o.until = At::NEVER,
        |o, _| o.document = Sym::NONE,
    ];
    for change in changes {
        let mut fixture = fixture.clone();
        let now = At::of(fixture.now);
        change(&mut fixture.extras().overrides[0], now);
        assert!(left(&fixture, code, RuleNo::NONE));
    }
}

#[test]
fn only_the_lifted_findings_go() {
    let fixture = exempted(OverrideKind::Supervisor, Gate::Escalation.bit());
    let findings = fixture.with(|case| {
        let mut found = Findings::default();
        found.block(Code::Complaint);
        found.block(Code::AttemptGap);
        found.block_by(Code::Cease, RuleNo(0));
        apply(case, &mut found);
        found
    });
    let kept = [
        Finding {
            code: Code::AttemptGap,
            rule: RuleNo::NONE,
        },
        Finding {
            code: Code::Cease,
            rule: RuleNo(0),
        },
    ];
    assert_eq!(findings.list(), kept);
    assert!(!findings.blocks(Gate::Escalation));
}
