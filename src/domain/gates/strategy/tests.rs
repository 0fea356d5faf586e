//! STRATEGY: rules of creditor, portfolio and tenant; licences.

use super::ask;
use crate::domain::facts::{At, Hold};
use crate::domain::gates::fixture::{Fixture, date, law, places, state_rule};
use crate::domain::ids::NameNo;
use crate::domain::place::{JurisdictionSet, Places};
use crate::domain::policy::PortfolioRule;
use crate::domain::rules::{CoveredPerson, Gate, InForce, RuleKind, StateRule};
use crate::domain::verdict::Code;
use crate::domain::words::{Action, Channel, CollectorRole, HoldKind};

fn rule(name: NameNo) -> PortfolioRule {
    PortfolioRule {
        name,
        hold: false,
        channels: 0x7f,
        actions: 0x7f,
    }
}

#[test]
fn creditor_and_portfolio_rules_bind_their_own() {
    let mut fixture = Fixture::neutral();
    fixture.account.portfolio = NameNo(3);
    fixture.account.creditor = NameNo(4);
    let mut other = rule(NameNo(5));
    other.hold = true;
    fixture.policy.portfolios = vec![other.clone(), rule(NameNo(3))];
    fixture.policy.creditors = vec![other, rule(NameNo(4))];
    assert_eq!(fixture.ask(ask), []);

    let mut held = fixture.clone();
    held.policy.portfolios[1].hold = true;
    assert_eq!(held.ask(ask), [Code::PortfolioHold]);
    let mut held = fixture.clone();
    held.policy.creditors[1].hold = true;
    assert_eq!(held.ask(ask), [Code::CreditorHold]);
    let mut barred = fixture.clone();
    barred.policy.portfolios[1].channels &= !(1 << Channel::Phone.number());
    assert_eq!(barred.ask(ask), [Code::ChannelNotPermitted]);
    let mut barred = fixture.clone();
    barred.policy.creditors[1].actions &= !(1 << Action::Call.number());
    assert_eq!(barred.ask(ask), [Code::ActionNotPermitted]);
    fixture.policy.channels &= !(1 << Channel::Phone.number());
    assert_eq!(fixture.ask(ask), [Code::ChannelNotPermitted]);
}

#[test]
fn an_account_without_names_has_no_rule() {
    let mut fixture = Fixture::neutral();
    let mut nameless = rule(NameNo::NONE);
    nameless.hold = true;
    fixture.policy.portfolios = vec![nameless.clone()];
    fixture.policy.creditors = vec![nameless];
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn a_creditors_hold_ends_at_its_end() {
    let mut fixture = Fixture::neutral();
    for kind in [HoldKind::Creditor, HoldKind::SystemOfRecord] {
        for (until, expected) in [
            (At::NEVER, vec![Code::CreditorHold]),
            (At::of(fixture.now.plus(1)), vec![Code::CreditorHold]),
            (At::of(fixture.now), vec![]),
        ] {
            fixture.extras().holds = vec![Hold {
                kind,
                since: At::NEVER,
                until,
            }];
            assert_eq!(fixture.ask(ask), expected);
        }
    }
}

fn licence(place: &str) -> StateRule {
    let kind = RuleKind::Licence {
        licence: "licence".into(),
        display: false,
    };
    let mut rule = state_rule(place, Gate::Strategy, kind);
    rule.covers = [CoveredPerson::ThirdParty].into_iter().collect();
    rule
}

#[test]
fn without_a_list_only_an_enforced_licence_rule_blocks() {
    let mut fixture = Fixture::neutral();
    fixture.state_rules = vec![licence("NV")];
    assert_eq!(fixture.ask(ask), []);
    fixture.live_in("NV", &["America/Los_Angeles"]);
    assert_eq!(fixture.ask(ask), [Code::LicenceUnknown]);
    fixture.account.role = Some(CollectorRole::FirstParty);
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn a_licence_rule_binds_from_its_first_day_to_its_last() {
    let mut fixture = Fixture::neutral();
    fixture.live_in("NV", &["America/Los_Angeles"]);
    for (from, to, expected) in [
        ("2026-05-05", "2026-05-05", vec![Code::LicenceUnknown]),
        ("2026-05-06", "2026-05-07", vec![]),
        ("2026-05-01", "2026-05-04", vec![]),
    ] {
        let mut rule = licence("NV");
        rule.in_force = InForce {
            from: Some(date(from)),
            to: Some(date(to)),
        };
        fixture.state_rules = vec![rule];
        assert_eq!(fixture.ask(ask), expected, "{from} {to}");
    }
}

#[test]
fn a_list_must_hold_the_residence() {
    let mut fixture = Fixture::neutral();
    fixture.state_rules = vec![licence("NV"), licence("US-NY-NYC")];
    let list = |names: &[&str]| Some(names.iter().map(|name| law(name)).collect());
    fixture.policy.licences = list(&["CA"]);
    assert_eq!(fixture.ask(ask), []);
    fixture.places = places("AZ", &[]);
    assert_eq!(fixture.ask(ask), [Code::NotLicensed]);
    fixture.account.role = Some(CollectorRole::FirstParty);
    assert_eq!(fixture.ask(ask), []);
    fixture.account.role = None;
    fixture.policy.licences = Some(JurisdictionSet::EMPTY);
    assert_eq!(fixture.ask(ask), []);
    fixture.places = places("NV", &[]);
    assert_eq!(fixture.ask(ask), [Code::NotLicensed]);
    let city: JurisdictionSet = [law("NY"), law("US-NY-NYC")].into_iter().collect();
    fixture.places = Places::new(Vec::new(), city, city);
    fixture.policy.licences = list(&["NY"]);
    assert_eq!(fixture.ask(ask), [Code::NotLicensed]);
    fixture.policy.licences = list(&["NY", "US-NY-NYC"]);
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn an_area_code_asks_for_no_licence_where_the_address_is_known() {
    let mut fixture = Fixture::neutral();
    fixture.state_rules = vec![licence("NV")];
    let nevada = JurisdictionSet::EMPTY.with(law("NV"));
    let both = nevada.with(law("CA"));
    let california = JurisdictionSet::EMPTY.with(law("CA"));
    fixture.places = Places::new(Vec::new(), both, california);
    assert_eq!(fixture.ask(ask), []);
    fixture.places = Places::new(Vec::new(), both, JurisdictionSet::EMPTY);
    assert_eq!(fixture.ask(ask), [Code::LicenceUnknown]);
}
