//! Where a rule reaches, in which gate it blocks, and what is only noted.

use super::*;
use crate::domain::gates::fixture::places;
use crate::domain::place::{JurisdictionSet, Places};
use crate::domain::rules::{AppliesTo, RuleNo};

fn language(place: &str) -> StateRule {
    state_rule(place, Gate::Compliance, RuleKind::Language)
}

fn reached(rule: StateRule) -> Fixture {
    let mut fixture = Fixture::neutral();
    fixture.state_rules = vec![rule];
    fixture
}

const WEST: &[&str] = &["America/Los_Angeles"];
const BOTH: &[&str] = &["America/Los_Angeles", "Pacific/Guam"];

#[test]
fn a_rule_reaches_its_place_medium_collectors_and_days() {
    let blocked = [Code::LanguageRecord];
    assert_eq!(codes(&reached(language("NV"))), []);
    let mut fixture = reached(language("NV"));
    let both: JurisdictionSet = [law("CA"), law("NV")].into_iter().collect();
    let home = JurisdictionSet::EMPTY.with(law("CA"));
    fixture.places = Places::new(Vec::new(), both, home);
    assert_eq!(codes(&fixture), blocked, "an area code suggests it");

    let mut rule = language("CA");
    rule.media = MediumSet::EMPTY.with(Medium::Voicemail);
    let mut fixture = reached(rule);
    assert_eq!(codes(&fixture), []);
    fixture.intent.action = Some(Action::Voicemail);
    assert_eq!(codes(&fixture), blocked);
    fixture.intent.channel = None;
    assert_eq!(codes(&fixture), []);

    for (covered, role) in [
        (CoveredPerson::ThirdParty, CollectorRole::ThirdParty),
        (CoveredPerson::DebtBuyer, CollectorRole::DebtBuyer),
        (CoveredPerson::Creditor, CollectorRole::FirstParty),
    ] {
        let mut rule = language("CA");
        rule.covers = [covered].into_iter().collect();
        let mut fixture = reached(rule);
        for asked in CollectorRole::ALL {
            fixture.account.role = Some(*asked);
            let expected = if *asked == role { &blocked[..] } else { &[] };
            assert_eq!(codes(&fixture), expected, "{covered:?} {asked:?}");
        }
    }

    for (from, to, zones, expected) in [
        ("2026-05-05", "2026-05-05", WEST, true),
        ("2026-05-06", "2026-05-09", WEST, false),
        ("2026-05-01", "2026-05-04", WEST, false),
        ("2026-05-06", "2026-05-09", BOTH, true),
    ] {
        let mut rule = language("CA");
        rule.in_force = InForce {
            from: Some(date(from)),
            to: Some(date(to)),
        };
        let mut fixture = reached(rule);
        fixture.places = places("CA", zones);
        assert_eq!(!codes(&fixture).is_empty(), expected, "{from} {zones:?}");
    }
}

/// The rules noted, by their place in the fixture's list, and whether anything blocks.
fn noted(fixture: &Fixture) -> (usize, bool) {
    fixture.with(|case| {
        let found = crate::domain::gates::evaluate(case).findings;
        (found.flags().len(), !found.allow())
    })
}

#[test]
fn a_flagged_rule_is_noted_when_it_would_block_and_never_blocks() {
    let mut fixture = reached(language("CA"));
    assert_eq!(noted(&fixture), (0, true));
    fixture.state_rules[0].action = DefaultAction::Flag;
    assert_eq!(noted(&fixture), (1, false));
    fixture.policy.rules.duties_met = u8::MAX;
    assert_eq!(noted(&fixture), (0, false));
    let vague = state_rule("CA", Gate::Compliance, RuleKind::FrequencyQualitative);
    fixture.state_rules.push(StateRule {
        action: DefaultAction::Flag,
        ..vague
    });
    assert_eq!(
        noted(&fixture),
        (1, false),
        "what nobody can measure is noted"
    );
    fixture.state_rules[1].gate = None;
    assert_eq!(noted(&fixture), (0, false), "the ledger meets it");
    fixture.state_rules[0].action = DefaultAction::Off;
    fixture.policy.rules.duties_met = 0;
    assert_eq!(noted(&fixture), (0, false));
}

#[test]
fn every_home_gate_is_asked_for_flags() {
    use crate::domain::rules::{CallHours, DayWindow, HolidayHours, HoursZone, WeeklyHours};
    let window = DayWindow {
        open: 28_800,
        close: 36_000,
    };
    let hours = WeeklyHours {
        days: [Some(window); 7],
        holidays: HolidayHours::AsWeekday,
        zone: HoursZone::ConsumerLocal,
    };
    let licence = RuleKind::Licence {
        licence: "of California".into(),
        display: false,
    };
    for (gate, kind) in [
        (Gate::Strategy, licence),
        (Gate::Timing, RuleKind::CallHours(CallHours::Weekly(hours))),
        (
            Gate::Consent,
            RuleKind::EmailConsent(MessageConsent::default()),
        ),
        (Gate::Channel, RuleKind::WirelessBan),
        (Gate::Compliance, RuleKind::CallerId),
    ] {
        let mut rule = state_rule("CA", gate, kind);
        rule.action = DefaultAction::Flag;
        assert_eq!(noted(&reached(rule)), (1, false), "{gate}");
    }
    let mut request = state_rule(
        "CA",
        Gate::Compliance,
        RuleKind::CeaseRequest {
            form: crate::domain::rules::CeaseForm::OralOrWritten,
            mail_per_month: 0,
            personal_contacts_max: 0,
        },
    );
    request.action = DefaultAction::Flag;
    let mut fixture = reached(request);
    assert_eq!(noted(&fixture), (0, false));
    fixture.consumer().ceases.push(crate::domain::facts::Cease {
        debts: crate::domain::facts::DebtScope::Everything,
        received: At(1),
        form: Form::Oral,
        remedy_used: false,
        terminate_used: false,
        answered: At::NEVER,
    });
    assert_eq!(noted(&fixture), (1, false));
}

#[test]
fn rules_3_a_tenant_adds_rules_and_takes_none_away() {
    let mut sales = state_rule("CA", Gate::Channel, RuleKind::WirelessBan);
    sales.action = DefaultAction::Off;
    sales.applies_to = AppliesTo::Telemarketing;
    sales.covers = [CoveredPerson::Solicitor].into_iter().collect();
    let mut flagged = state_rule("CA", Gate::Compliance, RuleKind::CallerId);
    flagged.action = DefaultAction::Flag;
    let mut fixture = reached(language("CA"));
    fixture.state_rules.extend([sales, flagged]);
    let id = |kind: &str| vec![Box::<str>::from(kind)];
    assert_eq!(codes(&fixture), [Code::LanguageRecord]);
    assert_eq!(noted(&fixture).0, 1);
    fixture.policy.rules.enforce = id("wireless_ban");
    assert_eq!(codes(&fixture), [Code::LanguageRecord, Code::WirelessBan]);
    fixture.policy.rules.flag = id("language");
    let still = [Code::LanguageRecord, Code::WirelessBan];
    assert_eq!(codes(&fixture), still, "an enforced rule is not weakened");
    assert_eq!(noted(&fixture).0, 1);
    fixture.policy.rules.enforce = id("caller_id");
    assert_eq!(codes(&fixture), [Code::LanguageRecord, Code::CallerId]);
    assert_eq!(noted(&fixture).0, 0, "what blocks is not noted too");
    fixture.policy.rules.enforce.clear();
    fixture.policy.rules.flag = id("wireless_ban");
    assert_eq!(noted(&fixture).0, 2);
}

#[test]
fn more_flags_than_there_is_room_for_are_dropped() {
    let mut found = Findings::default();
    for rule in (0..20).chain([3]) {
        found.flag(RuleNo(rule));
    }
    let kept: Vec<u16> = found.flags().iter().map(|rule| rule.0).collect();
    assert_eq!(kept, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert!(found.allow());
    let mut fixture = reached(language("CA"));
    fixture.state_rules[0].action = DefaultAction::Flag;
    let mut twice = Findings::default();
    fixture.with(|case| {
        flag(case, &mut twice);
        flag(case, &mut twice);
    });
    assert_eq!(twice.flags().len(), 1);
}
