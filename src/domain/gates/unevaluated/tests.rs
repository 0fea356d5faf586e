//! Rules no gate can work out: where they reach, and what is certain not to be meant.

use super::ask;
use crate::domain::facts::Phone;
use crate::domain::gates::fixture::{Fixture, date, law, places, state_rule};
use crate::domain::ids::DebtNo;
use crate::domain::intent::Asked;
use crate::domain::place::{JurisdictionSet, Places};
use crate::domain::rules::{
    CeaseForm, CoveredPerson, DebtType, DefaultAction, Gate, InForce, Medium, MediumSet,
    MessageConsent, RuleKind, StateRule, WorkplaceLimit,
};
use crate::domain::verdict::Code;
use crate::domain::words::{
    Channel, CollectorRole, DebtKind, DialMode, LineType, PartyRole, PlaceKind,
};

fn reached(rule: StateRule) -> Fixture {
    let mut fixture = Fixture::neutral();
    fixture.state_rules = vec![rule];
    fixture
}

fn consent(place: &str) -> StateRule {
    let kind = RuleKind::EmailConsent(MessageConsent::default());
    state_rule(place, Gate::Consent, kind)
}

#[test]
fn each_blocks_in_its_own_gate() {
    for gate in Gate::ALL {
        let mut rule = consent("CA");
        rule.gate = Some(gate);
        let expected = match gate {
            Gate::Strategy => Code::StrategyRuleNotEvaluated,
            Gate::Timing => Code::TimingRuleNotEvaluated,
            Gate::Consent => Code::ConsentRuleNotEvaluated,
            Gate::Channel => Code::ChannelRuleNotEvaluated,
            _ => Code::ComplianceRuleNotEvaluated,
        };
        assert_eq!(reached(rule).ask(ask), [expected]);
    }
}

#[test]
fn a_rule_reaches_its_place_medium_collectors_and_days() {
    let blocked = [Code::ConsentRuleNotEvaluated];
    assert_eq!(reached(consent("NV")).ask(ask), []);
    let mut fixture = reached(consent("NV"));
    let both: JurisdictionSet = [law("CA"), law("NV")].into_iter().collect();
    let home = JurisdictionSet::EMPTY.with(law("CA"));
    fixture.places = Places::new(Vec::new(), both, home);
    assert_eq!(fixture.ask(ask), blocked, "an area code suggests it");

    let mut rule = consent("CA");
    rule.action = DefaultAction::Flag;
    assert_eq!(reached(rule).ask(ask), []);

    let mut rule = consent("CA");
    rule.media = MediumSet::EMPTY.with(Medium::Voicemail);
    let mut fixture = reached(rule);
    assert_eq!(fixture.ask(ask), []);
    fixture.intent.action = Some(crate::domain::words::Action::Voicemail);
    assert_eq!(fixture.ask(ask), blocked);
    fixture.intent.channel = None;
    assert_eq!(fixture.ask(ask), []);

    for (covered, role) in [
        (CoveredPerson::ThirdParty, CollectorRole::ThirdParty),
        (CoveredPerson::DebtBuyer, CollectorRole::DebtBuyer),
        (CoveredPerson::Creditor, CollectorRole::FirstParty),
    ] {
        let mut rule = consent("CA");
        rule.covers = [covered].into_iter().collect();
        let mut fixture = reached(rule);
        for asked in CollectorRole::ALL {
            fixture.account.role = Some(*asked);
            let expected = if *asked == role { &blocked[..] } else { &[] };
            assert_eq!(fixture.ask(ask), expected, "{covered:?} {asked:?}");
        }
    }

    for (from, to, zones, expected) in [
        (
            "2026-05-05",
            "2026-05-05",
            &["America/Los_Angeles"][..],
            true,
        ),
        ("2026-05-06", "2026-05-09", &["America/Los_Angeles"], false),
        ("2026-05-01", "2026-05-04", &["America/Los_Angeles"], false),
        (
            "2026-05-06",
            "2026-05-09",
            &["America/Los_Angeles", "Pacific/Guam"],
            true,
        ),
    ] {
        let mut rule = consent("CA");
        rule.in_force = InForce {
            from: Some(date(from)),
            to: Some(date(to)),
        };
        let mut fixture = reached(rule);
        fixture.places = places("CA", zones);
        assert_eq!(!fixture.ask(ask).is_empty(), expected, "{from} {zones:?}");
    }
}

#[test]
fn evaluated_kinds_do_not_block_here() {
    let evaluated = |form, mail, contacts| RuleKind::CeaseRequest {
        form,
        mail_per_month: mail,
        personal_contacts_max: contacts,
    };
    for (kind, blocks) in [
        (evaluated(CeaseForm::OralOrWritten, 0, 0), false),
        (evaluated(CeaseForm::OralOrWritten, 1, 0), true),
        (evaluated(CeaseForm::OralOrWritten, 0, 1), true),
        (evaluated(CeaseForm::CertifiedMail, 0, 0), true),
    ] {
        let fixture = reached(state_rule("CA", Gate::Compliance, kind));
        assert_eq!(!fixture.ask(ask).is_empty(), blocks);
    }
}

#[test]
fn a_rule_on_medical_debts_passes_debts_stated_to_be_others() {
    let kind = RuleKind::PreContactMoratorium {
        days: 60,
        debt_type: DebtType::Medical,
        unknown_blocks: true,
    };
    let mut fixture = reached(state_rule("CA", Gate::Compliance, kind));
    let blocked = [Code::ComplianceRuleNotEvaluated];
    for kind in DebtKind::ALL {
        fixture.account.debts[0].kind = *kind;
        let medical = matches!(kind, DebtKind::Medical | DebtKind::Unknown);
        let expected = if medical { &blocked[..] } else { &[] };
        assert_eq!(fixture.ask(ask), expected, "{kind:?}");
    }
    fixture.account.debts[0].kind = DebtKind::Other;
    fixture.debts = Some(vec![DebtNo(1), DebtNo(77)]);
    assert_eq!(fixture.ask(ask), blocked, "a debt nothing is known of");
}

#[test]
fn a_rule_on_workplaces_passes_what_is_certainly_elsewhere() {
    let kind = RuleKind::WorkplaceLimit(WorkplaceLimit::NoEmployerContact);
    let rule = state_rule("CA", Gate::Channel, kind);
    let asked = |channel, prepare: fn(&mut Fixture)| {
        let mut fixture = Fixture::over(channel);
        fixture.state_rules = vec![rule.clone()];
        prepare(&mut fixture);
        !fixture.ask(ask).is_empty()
    };
    let unknown_line = |f: &mut Fixture| f.phone().line_type = LineType::Unknown.number();
    assert!(asked(Channel::Phone, unknown_line));
    assert!(!asked(Channel::Phone, |_| ()));
    assert!(!asked(Channel::Sms, |_| ()));
    assert!(asked(Channel::Phone, |f| f.phone().flags = Phone::WORK));
    assert!(asked(Channel::Phone, |f| {
        f.phone().flags = Phone::WORK;
        f.intent.to_place = Asked::Known(PlaceKind::Home);
    }));
    for flag in [Phone::HOME, Phone::PERSONAL] {
        let mut fixture = reached(rule.clone());
        fixture.phone().line_type = LineType::Landline.number();
        assert_eq!(fixture.ask(ask), [Code::ChannelRuleNotEvaluated]);
        fixture.phone().flags = flag;
        assert_eq!(fixture.ask(ask), []);
    }
    assert!(!asked(Channel::Mail, |_| ()));
    assert!(asked(Channel::InPerson, |_| ()));
    assert!(!asked(Channel::Email, |_| ()));
    assert!(asked(Channel::Email, |f| f.email().employer_provided = true));
    assert!(asked(Channel::Mail, |f| {
        f.intent.to_place = Asked::Known(PlaceKind::Employment);
    }));
    assert!(!asked(Channel::InPerson, |f| {
        f.intent.to_place = Asked::Known(PlaceKind::Home);
    }));
    assert!(asked(Channel::Mail, |f| f.intent.to_place = Asked::Unknown));
    assert!(asked(Channel::Mail, |f| {
        f.ask_for(PartyRole::ThirdParty);
    }));
}

#[test]
fn a_rule_on_recordings_passes_what_a_person_dials() {
    let kind = RuleKind::PrerecordedConsent {
        relationship_exempt: true,
    };
    let mut fixture = reached(state_rule("CA", Gate::Consent, kind));
    for mode in DialMode::ALL {
        fixture.intent.dial_mode = Asked::Known(*mode);
        let live = matches!(mode, DialMode::Manual | DialMode::Preview);
        assert_eq!(fixture.ask(ask).is_empty(), live, "{mode:?}");
    }
    fixture.intent.dial_mode = Asked::Unknown;
    assert_eq!(fixture.ask(ask), [Code::ConsentRuleNotEvaluated]);
}
