//! Consents to messages, recordings and machines.

use super::*;
use crate::domain::facts::{Consent, WrittenConsent};

const DIRECT: MessageConsent = MessageConsent {
    address_from_consumer: false,
    written: false,
    direct: true,
    mailed_notice_first: false,
    notice: None,
    ask: None,
};

fn asks(channel: Channel, needs: MessageConsent) -> Fixture {
    let mut fixture = under(channel, Gate::Consent, RuleKind::EmailConsent(needs));
    fixture.state_rules[0].media = [Medium::Sms, Medium::Email, Medium::Social]
        .into_iter()
        .collect();
    fixture
}

const BLOCKED: [Code; 1] = [Code::StateMessageConsent];

#[test]
fn each_medium_needs_a_consent_of_its_own_and_use_is_none() {
    let given = At::of(at("2026-05-05T18:00:00Z"));
    let mut text = asks(Channel::Sms, DIRECT);
    text.phone().dates_mut().inbound_text = given;
    assert_eq!(codes(&text), BLOCKED);
    text.phone().dates_mut().text_consent = given;
    assert!(!blocks_at(&text, "2026-05-05T18:00:00Z"));
    assert!(blocks_at(&text, "2026-05-05T17:59:59Z"), "not given yet");
    for flag in [Phone::TEXT_REVOKED, Phone::REASSIGNED] {
        text.phone().flags = flag;
        assert_eq!(codes(&text), BLOCKED);
    }

    let mut mail = asks(Channel::Email, DIRECT);
    assert!(mail.email().used.is_set());
    mail.email().social_consent = Consent::dated(given);
    assert_eq!(codes(&mail), BLOCKED);
    mail.email().consent = Consent::dated(given);
    assert_eq!(codes(&mail), []);
    mail.email().opted_out = given;
    assert_eq!(codes(&mail), BLOCKED);
    mail.email().opted_out = At(given.0 - 1);
    assert_eq!(codes(&mail), []);
    mail.email().consent = Consent::default();
    mail.email().written_consent = Consent::dated(given);
    assert_eq!(codes(&mail), []);

    let mut social = asks(Channel::Social, DIRECT);
    social.email().consent = Consent::dated(given);
    assert_eq!(codes(&social), BLOCKED);
    social.email().social_consent = Consent::dated(given);
    assert_eq!(codes(&social), []);
    social.email().opted_out = given;
    assert_eq!(codes(&social), BLOCKED);
}

#[test]
fn writing_the_address_and_the_mailed_notice_are_asked_each() {
    let needs = MessageConsent {
        address_from_consumer: true,
        written: true,
        mailed_notice_first: true,
        notice: Some(NoticeKind::NyDisclosure),
        ..DIRECT
    };
    let mut fixture = asks(Channel::Email, needs);
    let given = At::of(at("2026-05-01T18:00:00Z"));
    fixture.email().written_consent = Consent::dated(given);
    fixture.email().from_consumer = true;
    let mailed = notice(NoticeKind::NyDisclosure, "2026-05-05T18:00:00Z");
    fixture.extras().notices.push(mailed);
    assert!(!blocks_at(&fixture, "2026-05-05T18:00:00Z"));
    assert!(
        blocks_at(&fixture, "2026-05-05T17:59:59Z"),
        "not mailed yet"
    );
    let blocked = |change: fn(&mut Fixture)| {
        let mut fixture = fixture.clone();
        change(&mut fixture);
        codes(&fixture) == BLOCKED
    };
    assert!(blocked(|f| f.email().from_consumer = false));
    assert!(blocked(|f| f.email().employer_provided = true));
    assert!(blocked(|f| {
        f.email().consent = f.email().written_consent;
        f.email().written_consent = Consent::default();
    }));
    assert!(blocked(
        |f| f.extras().notices[0].kind = NoticeKind::DcWritten
    ));
    assert!(blocked(|f| f.extras().notices[0].returned = At::of(f.now)));
    assert!(blocked(|f| f.extras().notices.clear()));
}

#[test]
fn one_message_a_week_may_ask_for_the_consent() {
    let needs = MessageConsent {
        mailed_notice_first: true,
        notice: Some(NoticeKind::DcWritten),
        ask: Some((1, Window::RollingDays(7))),
        ..DIRECT
    };
    let mut fixture = asks(Channel::Email, needs);
    assert_eq!(codes(&fixture), BLOCKED);
    fixture.intent.purpose = Purpose::ConsentRequest;
    assert_eq!(codes(&fixture), BLOCKED, "the notice comes first");
    let mailed = notice(NoticeKind::DcWritten, "2026-04-01T18:00:00Z");
    fixture.extras().notices.push(mailed);
    assert_eq!(codes(&fixture), []);
    let mut past = call("2026-05-01T12:00:00-07:00", Outcome::Sent);
    past.kind = Attempt::pack_kind(Channel::Sms, Action::Text);
    fixture.attempts().push(past);
    assert!(blocks_at(&fixture, "2026-05-07T23:59:59-07:00"));
    assert!(!blocks_at(&fixture, "2026-05-08T00:00:00-07:00"));
    fixture.attempts()[0].kind = Attempt::pack_kind(Channel::Phone, Action::Call);
    assert_eq!(codes(&fixture), [], "a call is no message");
    fixture.intent.exception_scope = false;
    assert_eq!(codes(&fixture), BLOCKED, "the purpose needs its scope");
    let mut other = asks(Channel::Email, DIRECT);
    other.intent.purpose = Purpose::ConsentRequest;
    assert_eq!(codes(&other), BLOCKED, "a rule that leaves no room");
}

#[test]
fn recordings_need_consent_or_a_relationship() {
    let kind = RuleKind::PrerecordedConsent {
        relationship_exempt: true,
    };
    let mut fixture = under(Channel::Phone, Gate::Consent, kind);
    for mode in DialMode::ALL {
        fixture.intent.dial_mode = Asked::Known(*mode);
        let plays = matches!(mode, DialMode::Prerecorded | DialMode::Ringless);
        assert_eq!(!codes(&fixture).is_empty(), plays, "{mode:?}");
    }
    fixture.intent.dial_mode = Asked::Unknown;
    assert_eq!(codes(&fixture), [Code::StatePrerecordedConsent]);
    for role in CollectorRole::ALL {
        fixture.account.role = Some(*role);
        let customer = *role == CollectorRole::FirstParty;
        assert_eq!(codes(&fixture).is_empty(), customer, "{role:?}");
    }
    fixture.account.role = Some(CollectorRole::FirstParty);
    fixture.phone().flags = Phone::REASSIGNED;
    assert_eq!(codes(&fixture), [Code::StatePrerecordedConsent]);
    fixture.phone().flags = 0;
    let mut spouse = fixture.clone();
    spouse.ask_for(PartyRole::Spouse);
    assert_eq!(codes(&spouse), [Code::StatePrerecordedConsent]);
    fixture.state_rules[0].kind = RuleKind::PrerecordedConsent {
        relationship_exempt: false,
    };
    assert_eq!(codes(&fixture), [Code::StatePrerecordedConsent]);
    fixture.phone().dates_mut().recorded_consent = At(1);
    assert_eq!(codes(&fixture), []);
    fixture.phone().flags |= Phone::CALL_REVOKED;
    assert_eq!(codes(&fixture), [Code::StatePrerecordedConsent]);
}

#[test]
fn machines_need_a_consent_in_writing() {
    let mut fixture = under(Channel::Phone, Gate::Consent, RuleKind::Consent);
    assert_eq!(codes(&fixture), [], "dialled by hand");
    fixture.intent.dial_mode = Asked::Known(DialMode::Predictive);
    assert_eq!(codes(&fixture), [Code::StateMachineConsent]);
    let number = fixture.phone().number;
    let consent = Consent {
        at: At(1),
        ..Consent::default()
    };
    fixture.extras().written_consents = vec![WrittenConsent { number, consent }];
    assert_eq!(codes(&fixture), []);
    fixture.phone().flags = Phone::REASSIGNED;
    assert_eq!(codes(&fixture), [Code::StateMachineConsent]);
    let text = under(Channel::Sms, Gate::Consent, RuleKind::Consent);
    assert_eq!(codes(&text), [Code::StateMachineConsent]);
}
