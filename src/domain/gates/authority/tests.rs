//! AUTHORITY: sources, dial modes, approvals.

use super::ask;
use crate::domain::facts::{Approval, At};
use crate::domain::gates::fixture::Fixture;
use crate::domain::ids::{NameNo, Sym};
use crate::domain::intent::Asked;
use crate::domain::policy::SourceRule;
use crate::domain::verdict::Code;
use crate::domain::words::{Action, ApprovalState, Channel, DialMode, Purpose};

fn source(name: u16) -> SourceRule {
    SourceRule {
        name: NameNo(name),
        actions: 0x7f,
        dial_modes: 0x1f,
        dial_mode: None,
    }
}

fn approval(state: ApprovalState) -> Approval {
    Approval {
        action: Action::Call.number(),
        purpose: u8::MAX,
        state,
        until: At::NEVER,
        document: Sym::NONE,
        used: false,
    }
}

#[test]
fn a_source_may_do_what_its_rule_says() {
    let mut fixture = Fixture::neutral();
    fixture.policy.sources = vec![source(8)];
    assert_eq!(fixture.ask(ask), []);
    fixture.policy.sources_closed = true;
    assert_eq!(fixture.ask(ask), [Code::SourceNotPermitted]);
    fixture.policy.sources.push(source(9));
    assert_eq!(fixture.ask(ask), []);
    fixture.policy.sources[1].actions = !(1 << Action::Call.number());
    assert_eq!(fixture.ask(ask), [Code::SourceNotPermitted]);
    fixture.intent.action = None;
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn dial_modes_are_weighed_where_something_is_dialled() {
    let mut fixture = Fixture::neutral();
    fixture.policy.dial_modes = !(1 << DialMode::Predictive.number());
    assert_eq!(fixture.ask(ask), []);
    fixture.intent.dial_mode = Asked::Known(DialMode::Predictive);
    assert_eq!(fixture.ask(ask), [Code::DialModeNotPermitted]);
    fixture.policy.dial_modes = 0x1f;
    fixture.policy.sources = vec![source(9)];
    assert_eq!(fixture.ask(ask), []);
    fixture.policy.sources[0].dial_modes = 1 << DialMode::Manual.number();
    assert_eq!(fixture.ask(ask), [Code::DialModeNotPermitted]);
    fixture.intent.channel = Some(Channel::Sms);
    assert_eq!(fixture.ask(ask), []);
    fixture.intent.dial_mode = Asked::Unknown;
    assert_eq!(fixture.ask(ask), [Code::UnknownDialMode]);
}

#[test]
fn an_action_that_needs_an_approval_has_one_in_force() {
    let mut fixture = Fixture::neutral();
    fixture.policy.approval_actions = 1 << Action::Call.number();
    assert_eq!(fixture.ask(ask), [Code::ApprovalMissing]);
    let other = Approval {
        action: Action::Text.number(),
        ..approval(ApprovalState::Approved)
    };
    let ends = |seconds| Approval {
        until: At::of(fixture.now.plus(seconds)),
        ..approval(ApprovalState::Approved)
    };
    let any = Approval {
        action: u8::MAX,
        ..approval(ApprovalState::Approved)
    };
    for (approvals, expected) in [
        (vec![approval(ApprovalState::Approved)], vec![]),
        (vec![any], vec![]),
        (vec![other], vec![Code::ApprovalMissing]),
        (vec![ends(1)], vec![]),
        (vec![ends(0)], vec![Code::ApprovalMissing]),
        (
            vec![approval(ApprovalState::Pending)],
            vec![Code::ApprovalMissing],
        ),
        (
            vec![approval(ApprovalState::Refused)],
            vec![Code::ApprovalRefused],
        ),
        (
            vec![
                approval(ApprovalState::Refused),
                approval(ApprovalState::Approved),
            ],
            vec![],
        ),
        (
            vec![
                approval(ApprovalState::Approved),
                approval(ApprovalState::Refused),
            ],
            vec![Code::ApprovalRefused],
        ),
    ] {
        fixture.extras().approvals = approvals.clone();
        assert_eq!(fixture.ask(ask), expected, "{approvals:?}");
    }
}

#[test]
fn a_refusal_blocks_what_needs_no_approval() {
    let mut fixture = Fixture::neutral();
    for (state, expected) in [
        (ApprovalState::Pending, vec![]),
        (ApprovalState::Refused, vec![Code::ApprovalRefused]),
    ] {
        fixture.extras().approvals = vec![approval(state)];
        assert_eq!(fixture.ask(ask), expected);
    }
}

#[test]
fn a_purposes_approval_serves_that_purpose_until_used() {
    let mut fixture = Fixture::neutral();
    fixture.policy.approval_actions = 0x7f;
    fixture.extras().approvals = vec![Approval {
        purpose: Purpose::LegallyRequired.number(),
        ..approval(ApprovalState::Approved)
    }];
    assert_eq!(fixture.ask(ask), [Code::ApprovalMissing]);
    fixture.intent.purpose = Purpose::LegallyRequired;
    assert_eq!(fixture.ask(ask), []);
    fixture.extras().approvals[0].used = true;
    assert_eq!(fixture.ask(ask), [Code::ApprovalMissing]);
}
