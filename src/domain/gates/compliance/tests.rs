//! COMPLIANCE: capacity, identity theft, holds, military service.

use super::ask;
use crate::domain::facts::{Approval, At, DebtScope, Hold};
use crate::domain::gates::fixture::{ACCOUNT, Fixture, at, date, debt, places};
use crate::domain::ids::{AccountNo, DebtNo, Sym};
use crate::domain::intent::Asked;
use crate::domain::verdict::Code;
use crate::domain::words::{ApprovalState, Channel, HoldKind, PartyRole, Purpose};

#[test]
fn after_a_death_only_those_who_act_for_the_estate_are_contacted() {
    let mut fixture = Fixture::neutral();
    fixture.consumer().deceased = true;
    assert_eq!(fixture.ask(ask), [Code::Deceased]);
    for role in PartyRole::ALL {
        let mut fixture = Fixture::neutral();
        fixture.consumer().deceased = true;
        fixture.ask_for(*role);
        let outside = matches!(
            role,
            PartyRole::Consumer | PartyRole::ThirdParty | PartyRole::Unknown
        );
        let expected = if outside {
            vec![Code::Deceased]
        } else {
            vec![]
        };
        assert_eq!(fixture.ask(ask), expected, "{role:?}");
        fixture.extras().parties[0].authorised = true;
        assert_eq!(fixture.ask(ask), [], "{role:?}");
    }
    let mut fixture = Fixture::neutral();
    let debtor = fixture.ask_for(PartyRole::CoDebtor);
    fixture.of(debtor).deceased = true;
    assert_eq!(fixture.ask(ask), [Code::Deceased]);
}

#[test]
fn a_third_party_may_be_asked_who_acts_for_the_estate() {
    let mut fixture = Fixture::neutral();
    fixture.consumer().deceased = true;
    fixture.ask_for(PartyRole::ThirdParty);
    fixture.intent.purpose = Purpose::LocationInformation;
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn a_minors_debt_is_discussed_with_parent_or_guardian() {
    for (role, expected) in [
        (PartyRole::Consumer, vec![Code::Minor]),
        (PartyRole::Spouse, vec![Code::Minor]),
        (PartyRole::ThirdParty, vec![Code::Minor]),
        (PartyRole::Parent, vec![]),
        (PartyRole::Guardian, vec![]),
        (PartyRole::CoDebtor, vec![]),
    ] {
        let mut fixture = Fixture::neutral();
        fixture.ask_for(role);
        fixture.consumer().minor = true;
        assert_eq!(fixture.ask(ask), expected, "{role:?}");
    }
    let mut fixture = Fixture::neutral();
    let debtor = fixture.ask_for(PartyRole::CoDebtor);
    fixture.of(debtor).minor = true;
    assert_eq!(fixture.ask(ask), [Code::Minor]);
}

#[test]
fn identity_theft_blocks_the_debts_it_is_claimed_for() {
    let mut fixture = Fixture::neutral();
    fixture.account.debts.push(debt(2));
    for (scope, asked, expected) in [
        (DebtScope::Everything, 1, vec![Code::IdentityTheft]),
        (DebtScope::Account(ACCOUNT), 1, vec![Code::IdentityTheft]),
        (DebtScope::Account(AccountNo(8)), 1, vec![]),
        (DebtScope::Debts([DebtNo(2)].into()), 1, vec![]),
        (
            DebtScope::Debts([DebtNo(2)].into()),
            2,
            vec![Code::IdentityTheft],
        ),
    ] {
        fixture.extras().identity_theft = vec![scope];
        fixture.debts = Some(vec![DebtNo(asked)]);
        assert_eq!(fixture.ask(ask), expected);
    }
}

#[test]
fn each_hold_blocks_until_it_ends() {
    let mut fixture = Fixture::neutral();
    for (kind, expected) in [
        (HoldKind::Court, vec![Code::CourtHold]),
        (HoldKind::Litigation, vec![Code::LitigationHold]),
        (HoldKind::CharityCare, vec![Code::StateHold]),
        (HoldKind::Itemisation, vec![Code::StateHold]),
        (HoldKind::Creditor, vec![]),
    ] {
        let hold = |until| Hold {
            kind,
            since: At::NEVER,
            until,
        };
        for until in [At::NEVER, At::of(fixture.now.plus(1))] {
            fixture.extras().holds = vec![hold(until)];
            assert_eq!(fixture.ask(ask), expected);
        }
        fixture.extras().holds = vec![hold(At::of(fixture.now))];
        assert_eq!(fixture.ask(ask), []);
    }
}

#[test]
fn the_statement_that_was_asked_for_may_be_mailed() {
    let mut fixture = Fixture::over(Channel::Mail);
    fixture.extras().holds = vec![Hold {
        kind: HoldKind::Itemisation,
        since: At(1),
        until: At::NEVER,
    }];
    assert_eq!(fixture.ask(ask), [Code::StateHold]);
    fixture.extras().approvals = vec![Approval {
        action: u8::MAX,
        purpose: Purpose::LegallyRequired.number(),
        state: ApprovalState::Approved,
        until: At::NEVER,
        document: Sym(1),
        used: false,
    }];
    assert_eq!(fixture.ask(ask), [Code::StateHold]);
    fixture.intent.purpose = Purpose::LegallyRequired;
    assert_eq!(fixture.ask(ask), []);
    fixture.extras().holds[0].kind = HoldKind::CharityCare;
    assert_eq!(fixture.ask(ask), [Code::StateHold]);
}

#[test]
fn military_service_protects_by_policy_through_its_last_day() {
    let mut fixture = Fixture::neutral();
    fixture.consumer().military = Some(None);
    assert_eq!(fixture.ask(ask), [Code::Military]);
    fixture.consumer().military = Some(Some(date("2026-05-05")));
    for (now, expected) in [
        ("2026-05-06T06:59:59Z", vec![Code::Military]),
        ("2026-05-06T07:00:00Z", vec![]),
    ] {
        fixture.now = at(now);
        assert_eq!(fixture.ask(ask), expected, "{now}");
    }
    fixture.places = places("CA", &["America/Los_Angeles", "Pacific/Honolulu"]);
    assert_eq!(fixture.ask(ask), [Code::Military]);
    fixture.policy.military_blocks = false;
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn service_of_the_consumer_protects_the_spouse_but_not_the_co_debtor() {
    for (role, expected) in [
        (PartyRole::Spouse, vec![Code::Military]),
        (PartyRole::CoDebtor, vec![]),
    ] {
        let mut fixture = Fixture::neutral();
        fixture.ask_for(role);
        fixture.consumer().military = Some(None);
        assert_eq!(fixture.ask(ask), expected, "{role:?}");
    }
    let mut fixture = Fixture::neutral();
    fixture.intent.role = Asked::Known(PartyRole::CoDebtor);
    fixture.consumer().military = Some(None);
    assert_eq!(fixture.ask(ask), [Code::Military], "a role not on file");
}
