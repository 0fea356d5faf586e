//! Each row of the table of channels, and both sides of sixty and thirty-five days.

use super::*;
use crate::domain::facts::{ContactKey, NumberFacts, PriorCollectorUse};
use crate::domain::gates::fixture::{Fixture, at, places};
use crate::domain::ids::TenantNo;
use crate::domain::intent::Asked;
use crate::domain::place::Places;
use crate::domain::words::{Inbound, Medium, Purpose};

const NOON: &str = "2026-07-10T12:00:00-07:00";

fn codes(fixture: &Fixture, when: &str) -> Vec<Code> {
    let mut fixture = fixture.clone();
    fixture.now = at(when);
    fixture.ask(ask)
}

fn dialled_by(mode: DialMode, line: LineType) -> Fixture {
    let mut fixture = Fixture::default();
    fixture.intent.dial_mode = Asked::Known(mode);
    fixture.phone().line_type = line;
    fixture
}

#[test]
fn which_calls_need_a_consent() {
    use DialMode::{Manual, Predictive, Prerecorded, Preview, Ringless};
    for line in [LineType::Wireless, LineType::Unknown, LineType::Voip] {
        for (mode, expected) in [
            (Manual, &[][..]),
            (Preview, &[]),
            (Predictive, &[Code::AutodialConsent]),
            (Prerecorded, &[Code::PrerecordedConsent]),
            (Ringless, &[Code::PrerecordedConsent]),
        ] {
            assert_eq!(
                codes(&dialled_by(mode, line), NOON),
                expected,
                "{mode:?} {line:?}"
            );
            assert_eq!(codes(&dialled_by(mode, LineType::Landline), NOON), []);
        }
    }
    let mut lenient = dialled_by(Predictive, LineType::Wireless);
    lenient.policy.predictive_is_autodialled = false;
    assert_eq!(codes(&lenient, NOON), []);
    let mut unknown = dialled_by(Manual, LineType::Wireless);
    unknown.intent.dial_mode = Asked::Unknown;
    assert_eq!(codes(&unknown, NOON), [Code::AutodialConsent]);
}

#[test]
fn a_consent_serves_until_it_is_withdrawn_or_the_number_changes_hands() {
    let given = At::of(at("2026-01-01T00:00:00Z"));
    for (mode, recorded) in [
        (DialMode::Predictive, At::NEVER),
        (DialMode::Prerecorded, given),
        (DialMode::Ringless, given),
    ] {
        let mut fixture = dialled_by(mode, LineType::Wireless);
        fixture.phone().dates_mut().autodial_consent = given;
        fixture.phone().dates_mut().recorded_consent = recorded;
        assert_eq!(codes(&fixture, NOON), []);
        assert_ne!(codes(&fixture, "2025-12-31T23:59:59Z"), [], "not given yet");
        fixture.phone().flags = Phone::CALL_REVOKED;
        assert_eq!(codes(&fixture, NOON), [Code::ConsentRevoked]);
        fixture.phone().flags = Phone::REASSIGNED;
        assert_eq!(codes(&fixture, NOON), [Code::NumberReassigned]);
    }
    // Consent to an autodialler is not consent to a recording.
    let mut fixture = dialled_by(DialMode::Prerecorded, LineType::Wireless);
    fixture.phone().dates_mut().autodial_consent = given;
    assert_eq!(codes(&fixture, NOON), [Code::PrerecordedConsent]);
    // A residence that refused recordings gets none, though it is exempt from consent.
    let mut fixture = dialled_by(DialMode::Prerecorded, LineType::Landline);
    fixture.phone().flags = Phone::CALL_REVOKED;
    assert_eq!(codes(&fixture, NOON), [Code::ConsentRevoked]);
    fixture.intent.dial_mode = Asked::Known(DialMode::Predictive);
    assert_eq!(codes(&fixture, NOON), []);
}

#[test]
fn a_number_found_reassigned_on_another_account_voids_what_is_not_newer() {
    let given = At::of(at("2026-06-01T00:00:00Z"));
    let mut called = dialled_by(DialMode::Predictive, LineType::Wireless);
    called.phone().dates_mut().autodial_consent = given;
    let mut text = Fixture::over(Channel::Sms);
    text.phone().dates_mut().text_consent = given;
    for mut fixture in [called, text] {
        let number = fixture.phone().number;
        let mut known = NumberFacts::of(TenantNo(0), ContactKey::phone(number));
        known.rare().reassigned_at = given;
        fixture.number_facts = Some(known.clone());
        assert_eq!(codes(&fixture, NOON), [Code::NumberReassigned]);
        fixture.phone().dates_mut().checked = At(given.0 + 1);
        assert_eq!(codes(&fixture, NOON), [], "checked here since");
        fixture.phone().dates_mut().checked = At::of(at("2026-07-11T00:00:00Z"));
        assert_eq!(codes(&fixture, NOON), [Code::NumberReassigned], "not yet");
        fixture.phone().dates_mut().checked = At::NEVER;
        known.rare().reassigned_at = At(given.0 - 1);
        fixture.number_facts = Some(known);
        assert_eq!(codes(&fixture, NOON), [], "given since");
        fixture.phone().flags = Phone::CALL_UNDATED | Phone::TEXT_UNDATED;
        assert_eq!(
            codes(&fixture, NOON),
            [Code::NumberReassigned],
            "nobody knows"
        );
    }
}

#[test]
fn a_stop_at_one_number_stops_machines_and_texts_at_all() {
    let given = At::of(at("2026-06-01T00:00:00Z"));
    let mut called = dialled_by(DialMode::Predictive, LineType::Wireless);
    called.phone().dates_mut().autodial_consent = given;
    let mut residence = dialled_by(DialMode::Prerecorded, LineType::Landline);
    residence.phone().dates_mut().recorded_consent = given;
    let mut text = Fixture::over(Channel::Sms);
    text.phone().dates_mut().text_consent = given;
    for mut fixture in [called, residence, text] {
        fixture.consumer().stopped_at = given;
        assert_eq!(codes(&fixture, NOON), [Code::ConsentRevoked]);
        fixture.consumer().stopped_at = At(given.0 - 1);
        assert_eq!(codes(&fixture, NOON), []);
        fixture.phone().flags = Phone::CALL_UNDATED | Phone::TEXT_UNDATED | Phone::RECORDED_UNDATED;
        assert_eq!(
            codes(&fixture, NOON),
            [Code::ConsentRevoked],
            "nobody knows"
        );
        fixture.intent.dial_mode = Asked::Known(DialMode::Manual);
        let by_hand = fixture.intent.channel == Some(Channel::Phone);
        assert_eq!(codes(&fixture, NOON).is_empty(), by_hand);
    }
}

#[test]
fn a_text_rests_on_sixty_days() {
    type Put = fn(&mut Phone, At);
    let bases: [Put; 2] = [
        |p, at| p.dates_mut().inbound_text = at,
        |p, at| p.dates_mut().text_consent = at,
    ];
    let old = At::of(at("2026-01-01T12:00:00-08:00"));
    for put in bases {
        let mut fixture = Fixture::over(Channel::Sms);
        assert_eq!(codes(&fixture, NOON), [Code::TextProcedure]);
        // 11 May is sixty days before 10 July, 10 May sixty-one.
        put(fixture.phone(), At::of(at("2026-05-11T00:00:00-07:00")));
        assert_eq!(codes(&fixture, NOON), []);
        assert_eq!(codes(&fixture, "2026-07-10T23:59:59-07:00"), []);
        put(fixture.phone(), At::of(at("2026-05-10T23:59:59-07:00")));
        assert_eq!(codes(&fixture, NOON), [Code::TextProcedure]);
        put(fixture.phone(), At::of(at(NOON).plus(1)));
        assert_eq!(
            codes(&fixture, NOON),
            [Code::TextProcedure],
            "still to come"
        );
        put(fixture.phone(), old);
        fixture.phone().dates_mut().checked = At::of(at("2026-05-11T12:00:00-07:00"));
        assert_eq!(codes(&fixture, NOON), []);
        fixture.phone().dates_mut().checked = At::of(at("2026-05-10T12:00:00-07:00"));
        assert_eq!(codes(&fixture, NOON), [Code::TextProcedure]);
    }
    // A check alone is no basis.
    let mut fixture = Fixture::over(Channel::Sms);
    fixture.phone().dates_mut().checked = At::of(at(NOON));
    assert_eq!(codes(&fixture, NOON), [Code::TextProcedure]);
}

#[test]
fn sixty_days_are_over_where_they_are_over_first() {
    let mut fixture = Fixture::over(Channel::Sms);
    fixture.phone().dates_mut().text_consent = At::of(at("2026-05-11T12:00:00-07:00"));
    let late = "2026-07-10T22:00:00-07:00";
    assert_eq!(codes(&fixture, late), []);
    fixture.places = places("CA", &["America/Los_Angeles", "America/New_York"]);
    assert_eq!(codes(&fixture, late), [Code::TextProcedure]);
    fixture.places = Places::default();
    assert_eq!(codes(&fixture, NOON), [Code::TextProcedure]);
}

#[test]
fn a_text_after_a_refusal_or_to_a_reassigned_number() {
    let mut fixture = Fixture::over(Channel::Sms);
    fixture.phone().dates_mut().text_consent = At::of(at("2026-07-09T12:00:00-07:00"));
    fixture.phone().flags = Phone::TEXT_REVOKED;
    assert_eq!(codes(&fixture, NOON), [Code::ConsentRevoked]);
    fixture.phone().flags = Phone::REASSIGNED;
    assert_eq!(codes(&fixture, NOON), [Code::NumberReassigned]);
    // A predictive dialler asks a text for nothing more.
    fixture.phone().flags = 0;
    fixture.intent.dial_mode = Asked::Known(DialMode::Predictive);
    assert_eq!(codes(&fixture, NOON), []);
}

#[test]
fn the_confirmation_of_a_refusal_needs_no_consent() {
    let mut fixture = Fixture::over(Channel::Sms);
    fixture.intent.purpose = Purpose::OptOutConfirmation;
    assert_eq!(codes(&fixture, NOON), [Code::TextProcedure]);
    let texts = Medium::Texts.number();
    fixture.consumer().refused_media = 1 << texts;
    fixture.consumer().refused_at[usize::from(texts)] = At::of(at("2026-07-10T11:58:00-07:00"));
    assert_eq!(codes(&fixture, NOON), []);
    fixture.intent.exception_scope = false;
    assert_eq!(codes(&fixture, NOON), [Code::TextProcedure]);
}

#[test]
fn the_consumers_own_use_of_an_address() {
    for channel in [Channel::Email, Channel::Social] {
        let mut fixture = Fixture::over(channel);
        assert_eq!(codes(&fixture, NOON), []);
        fixture.email().opted_out = fixture.email().used;
        assert_eq!(codes(&fixture, NOON), [Code::EmailProcedure]);
        fixture.email().consent = Consent::dated(At::of(at("2026-06-01T00:00:00Z")));
        assert_eq!(codes(&fixture, NOON), []);
        fixture.email().opted_out = At::of(at("2026-06-02T00:00:00Z"));
        assert_eq!(codes(&fixture, NOON), [Code::EmailProcedure]);
        fixture.extras().emails.clear();
        assert_eq!(codes(&fixture, NOON), [Code::EmailProcedure]);
    }
}

#[test]
fn the_creditors_notice_runs_thirty_five_days() {
    let mut fixture = Fixture::over(Channel::Email);
    fixture.email().used = At::NEVER;
    fixture.email().creditor_notice = At::of(at("2026-06-05T09:00:00-07:00"));
    assert_eq!(
        codes(&fixture, "2026-07-10T23:59:59-07:00"),
        [Code::EmailProcedure]
    );
    assert_eq!(codes(&fixture, "2026-07-11T00:00:00-07:00"), []);
    fixture.email().employer_provided = true;
    assert_eq!(
        codes(&fixture, "2026-07-11T00:00:00-07:00"),
        [Code::EmailProcedure]
    );
    fixture.email().employer_provided = false;
    fixture.email().opted_out = At::of(at("2026-06-10T09:00:00-07:00"));
    assert_eq!(
        codes(&fixture, "2026-07-11T00:00:00-07:00"),
        [Code::EmailProcedure]
    );
}

#[test]
fn what_earlier_collectors_did() {
    for (obtained_properly, immediately_prior_used, opted_out, covered) in [
        (true, true, false, true),
        (false, true, false, false),
        // Comment 6(d)(4)(iii)-2.iii: the one before did not use it.
        (true, false, false, false),
        (true, true, true, false),
    ] {
        let mut fixture = Fixture::over(Channel::Email);
        fixture.email().used = At::NEVER;
        fixture.email().employer_provided = true;
        fixture.email().prior = PriorCollectorUse {
            obtained_properly,
            immediately_prior_used,
            opted_out,
        };
        assert_eq!(codes(&fixture, NOON).is_empty(), covered);
    }
}

#[test]
fn letters_visits_and_fax_need_none() {
    for channel in [Channel::Mail, Channel::InPerson, Channel::Fax] {
        assert_eq!(codes(&Fixture::over(channel), NOON), []);
    }
    let mut reply = Fixture::over(Channel::Sms);
    reply.intent.in_response_to = Some(Inbound::Text);
    assert_eq!(codes(&reply, NOON), [Code::TextProcedure]);
}
