//! 12 CFR 1006.14(b) and 47 CFR 64.1200(a)(3).

use super::*;
use crate::domain::facts::{CallConsent, DebtScope, Phone};
use crate::domain::gates::fixture::{Fixture, date, debt, number, places};
use crate::domain::intent::Asked;
use crate::domain::words::{DialMode, LineType, PartyRole};

const A: Code = Code::Call7In7;
const B: Code = Code::CallAfterConversation;

fn daily(outcome: Outcome, flags: u8) -> Fixture {
    let mut fixture = Fixture::default();
    for day in 1..=7 {
        let when = format!("2026-04-{day:02}T12:00:00-07:00");
        fixture.attempts().push(flagged(&when, outcome, flags));
    }
    fixture
}

#[test]
fn an_eighth_call_waits_for_day_eight() {
    let fixture = daily(Outcome::NoAnswer, 0);
    assert_eq!(codes(&fixture, "2026-04-07T18:00:00-07:00"), [A]);
    assert_eq!(codes(&fixture, "2026-04-07T20:59:59-07:00"), [A]);
    assert_eq!(codes(&fixture, "2026-04-08T08:00:00-07:00"), []);
    let evening = "2026-04-07T18:00:00-07:00";
    assert_eq!(
        next(&fixture, evening),
        Some(at("2026-04-08T08:00:00-07:00"))
    );
    let mut six = fixture;
    six.attempts().pop();
    assert_eq!(codes(&six, evening), []);
}

#[test]
fn what_counts_and_what_does_not() {
    let evening = "2026-04-07T18:00:00-07:00";
    for (outcome, flags, counts) in [
        (Outcome::NoAnswer, 0, true),
        (Outcome::Voicemail, 0, true),
        (Outcome::VoicemailUnableToLeave, 0, true),
        (Outcome::Dropped, 0, true),
        (Outcome::Pending, 0, true),
        (Outcome::Pending, Attempt::RESERVED, true),
        (Outcome::NoAnswer, Attempt::REPLY, true),
        (Outcome::NotConnected, 0, false),
        (Outcome::NotDialed, 0, false),
        (Outcome::WrongNumber, 0, false),
        (Outcome::NoAnswer, Attempt::WITHDRAWN, false),
        (Outcome::NoAnswer, Attempt::INBOUND, false),
        (Outcome::NoAnswer, Attempt::TALK_ONLY, false),
    ] {
        let expected: &[Code] = if counts { &[A] } else { &[] };
        assert_eq!(
            codes(&daily(outcome, flags), evening),
            expected,
            "{outcome:?} {flags}"
        );
    }
    let mut texts = daily(Outcome::Sent, 0);
    for attempt in texts.attempts() {
        attempt.kind = Attempt::pack_kind(Channel::Sms, Action::Text);
    }
    assert_eq!(codes(&texts, evening), []);
}

#[test]
fn only_calls_are_bound() {
    for channel in Channel::ALL {
        let mut fixture = Fixture::over(*channel);
        *fixture.attempts() = daily(Outcome::Conversation, 0).attempts().clone();
        let expected: &[Code] = if *channel == Channel::Phone {
            &[A, B]
        } else {
            &[]
        };
        assert_eq!(codes(&fixture, "2026-04-07T18:00:00-07:00"), expected);
    }
}

#[test]
fn the_day_of_a_conversation_is_day_one() {
    for flags in [0, Attempt::INBOUND, Attempt::TALK_ONLY] {
        let mut fixture = Fixture::default();
        let talk = flagged("2026-08-13T10:00:00-07:00", Outcome::Conversation, flags);
        fixture.attempts().push(talk);
        assert_eq!(codes(&fixture, "2026-08-19T20:59:59-07:00"), [B]);
        assert_eq!(codes(&fixture, "2026-08-20T08:00:00-07:00"), []);
        let same_day = "2026-08-13T10:05:00-07:00";
        assert_eq!(
            next(&fixture, same_day),
            Some(at("2026-08-20T08:00:00-07:00"))
        );
    }
}

/// TIMING-3: counts by two calendars.
#[test]
fn the_later_of_two_calendars_decides() {
    // 21:30 in Los Angeles on the 7th is the 8th in New York.
    let mut fixture = Fixture {
        places: places("CA", &["America/New_York", "America/Los_Angeles"]),
        ..Fixture::default()
    };
    let talk = flagged(
        "2026-04-07T21:30:00-07:00",
        Outcome::Conversation,
        Attempt::INBOUND,
    );
    fixture.attempts().push(talk);
    assert_eq!(codes(&fixture, "2026-04-14T12:00:00-07:00"), [B]);
    assert_eq!(codes(&fixture, "2026-04-15T08:00:00-07:00"), []);
}

#[test]
fn debts_are_counted_one_by_one() {
    let mut fixture = daily(Outcome::NoAnswer, 0);
    fixture.account.debts.push(debt(2));
    let evening = "2026-04-07T18:00:00-07:00";
    fixture.debts = Some(vec![DebtNo(2)]);
    assert_eq!(codes(&fixture, evening), []);
    fixture.debts = Some(vec![DebtNo(1), DebtNo(2)]);
    assert_eq!(codes(&fixture, evening), [A]);
    let both = fixture.debt_sets.push(Box::new([DebtNo(1), DebtNo(2)]));
    for attempt in fixture.attempts() {
        attempt.debts = DebtSet::many(both);
    }
    fixture.debts = Some(vec![DebtNo(2)]);
    assert_eq!(codes(&fixture, evening), [A]);
}

#[test]
fn persons_are_counted_one_by_one() {
    let mut fixture = daily(Outcome::NoAnswer, 0);
    fixture.ask_for(PartyRole::CoDebtor);
    let evening = "2026-04-07T18:00:00-07:00";
    assert_eq!(codes(&fixture, evening), []);
    let calls = fixture.attempts().clone();
    fixture.persons[1].1.attempts = calls;
    assert_eq!(codes(&fixture, evening), [A]);
}

fn consented(received: &str) -> Fixture {
    let mut fixture = Fixture::default();
    let talk = call("2026-04-03T12:00:00-07:00", Outcome::Conversation);
    fixture.attempts().push(talk);
    fixture.consumer().call_consents.push(CallConsent {
        debts: DebtScope::Account(crate::domain::gates::fixture::ACCOUNT),
        at: At::of(at(received)),
        last_day: None,
        number: None,
        revoked: At::NEVER,
        undated: false,
    });
    fixture
}

#[test]
fn a_consent_covers_seven_days_from_its_receipt() {
    let mut fixture = consented("2026-04-03T12:05:00-07:00");
    assert_eq!(codes(&fixture, "2026-04-03T12:04:59-07:00"), [B]);
    assert_eq!(codes(&fixture, "2026-04-03T12:05:00-07:00"), []);
    assert_eq!(codes(&fixture, "2026-04-09T20:59:59-07:00"), []);
    fixture.consumer().call_consents[0].last_day = Some(date("2026-04-06"));
    assert_eq!(codes(&fixture, "2026-04-06T20:59:59-07:00"), []);
    assert_eq!(codes(&fixture, "2026-04-07T08:00:00-07:00"), [B]);
    fixture.consumer().call_consents[0].last_day = None;
    fixture.consumer().call_consents[0].revoked = At::of(at("2026-04-05T09:00:00-07:00"));
    assert_eq!(codes(&fixture, "2026-04-05T08:59:59-07:00"), []);
    let revoked = "2026-04-05T09:00:00-07:00";
    assert_eq!(codes(&fixture, revoked), [B]);
    assert_eq!(
        next(&fixture, revoked),
        Some(at("2026-04-10T08:00:00-07:00"))
    );
    assert_eq!(until(&fixture, "2026-04-05T08:58:00-07:00"), at(revoked));
}

#[test]
fn a_conversation_ends_the_consent_and_starts_its_own_week() {
    let mut fixture = consented("2026-04-03T12:05:00-07:00");
    let talk = call("2026-04-06T12:00:00-07:00", Outcome::Conversation);
    fixture.attempts().push(talk);
    let later = "2026-04-08T12:00:00-07:00";
    assert_eq!(codes(&fixture, later), [B]);
    assert_eq!(next(&fixture, later), Some(at("2026-04-13T08:00:00-07:00")));
}

#[test]
fn a_consent_of_the_second_of_the_conversation_outlives_it() {
    let talked = "2026-04-03T12:00:00-07:00";
    let mut fixture = consented(talked);
    assert_eq!(codes(&fixture, talked), [B]);
    let second_later = "2026-04-03T12:00:01-07:00";
    assert_eq!(next(&fixture, talked), Some(at(second_later)));
    assert_eq!(codes(&fixture, second_later), []);
    // One of the second before is over with it.
    fixture.consumer().call_consents[0].at = At::of(at("2026-04-03T11:59:59-07:00"));
    assert_eq!(codes(&fixture, second_later), [B]);
    let week_later = Some(at("2026-04-10T08:00:00-07:00"));
    assert_eq!(next(&fixture, talked), week_later);
    assert_eq!(next(&fixture, second_later), week_later);
}

#[test]
fn calls_under_a_consent_are_not_counted() {
    let mut fixture = Fixture::default();
    for day in ["01", "02", "03"] {
        let when = format!("2026-06-{day}T12:00:00-07:00");
        fixture.attempts().push(call(&when, Outcome::NoAnswer));
    }
    let consent = consented("2026-06-04T10:00:00-07:00")
        .consumer()
        .call_consents[0]
        .clone();
    fixture.consumer().call_consents.push(consent);
    for hour in 9..=15 {
        let when = format!("2026-06-08T{hour:02}:00:00-07:00");
        fixture.attempts().push(call(&when, Outcome::NoAnswer));
    }
    assert_eq!(codes(&fixture, "2026-06-10T14:00:00-07:00"), []);
    // The consent is over on the 11th; the seven calls under it still do not count.
    assert_eq!(codes(&fixture, "2026-06-11T14:00:00-07:00"), []);
    // A consent for another number covers none of them.
    fixture.consumer().call_consents[0].number = Some(number(2_125_551_234));
    assert_eq!(codes(&fixture, "2026-06-10T14:00:00-07:00"), [A]);
    fixture.consumer().call_consents[0].number = Some(number(8_185_551_234));
    assert_eq!(codes(&fixture, "2026-06-10T14:00:00-07:00"), []);
    fixture.consumer().call_consents[0].debts = DebtScope::Debts(Box::new([DebtNo(9)]));
    assert_eq!(codes(&fixture, "2026-06-10T14:00:00-07:00"), [A]);
}

#[test]
fn consent_to_calls_lifts_no_hours() {
    let fixture = consented("2026-04-04T12:05:00-07:00");
    assert_eq!(
        codes(&fixture, "2026-04-05T22:00:00-07:00"),
        [Code::CallHours]
    );
}

fn prerecorded() -> Fixture {
    let mut fixture = Fixture::default();
    fixture.phone().line_type = LineType::Landline;
    fixture.intent.dial_mode = Asked::Known(DialMode::Prerecorded);
    for day in [1, 5, 9] {
        let when = format!("2026-04-{day:02}T12:00:00-07:00");
        let placed = flagged(&when, Outcome::NotConnected, Attempt::PRERECORDED);
        fixture.attempts().push(placed);
    }
    fixture
}

#[test]
fn a_fourth_prerecorded_call_to_a_residence_waits_thirty_days() {
    let mut fixture = prerecorded();
    let code = Code::Prerecorded3In30;
    assert_eq!(codes(&fixture, "2026-04-30T20:59:59-07:00"), [code]);
    assert_eq!(codes(&fixture, "2026-05-01T08:00:00-07:00"), []);
    let noon = "2026-04-10T12:00:00-07:00";
    assert_eq!(next(&fixture, noon), Some(at("2026-05-01T08:00:00-07:00")));
    fixture.intent.dial_mode = Asked::Known(DialMode::Ringless);
    assert_eq!(codes(&fixture, noon), [code]);
    fixture.intent.dial_mode = Asked::Known(DialMode::Predictive);
    assert_eq!(codes(&fixture, noon), []);
    let mut consented = prerecorded();
    consented.phone().dates_mut().recorded_consent = At::of(at(noon));
    assert_eq!(codes(&consented, noon), []);
    // Void, it exempts from nothing; to come, from then on.
    for flag in [
        Phone::REASSIGNED,
        Phone::RECORDED_REVOKED,
        Phone::CALL_REVOKED,
    ] {
        consented.phone().flags = flag;
        assert_eq!(codes(&consented, noon), [code]);
    }
    consented.phone().flags = 0;
    consented.phone().dates_mut().recorded_consent = At::of(at(noon).plus(60));
    assert_eq!(codes(&consented, noon), [code]);
    assert_eq!(next(&consented, noon), Some(at(noon).plus(60)));
    let mut two = prerecorded();
    two.attempts().pop();
    assert_eq!(codes(&two, noon), []);
}

#[test]
fn prerecorded_calls_to_the_line_meant_for_others_count() {
    let noon = "2026-04-10T12:00:00-07:00";
    let mut shared = prerecorded();
    let called = std::mem::take(shared.attempts());
    let (_, mut other) = shared.persons[0].clone();
    other.attempts = called;
    shared.sharers = vec![other];
    assert_eq!(codes(&shared, noon), [Code::Prerecorded3In30]);
    assert_eq!(next(&shared, noon), Some(at("2026-05-01T08:00:00-07:00")));
    for placed in &mut shared.sharers[0].attempts {
        placed.flags = 0;
    }
    assert_eq!(codes(&shared, noon), []);
}

#[test]
fn a_ring_that_overflowed_counts_as_full_until_it_can_not_matter() {
    let mut fixture = Fixture {
        attempts_per_person_max: 3,
        ..Fixture::default()
    };
    for hour in 9..12 {
        let when = format!("2026-04-01T{hour:02}:00:00-07:00");
        fixture.attempts().push(call(&when, Outcome::NotConnected));
    }
    assert_eq!(
        codes(&fixture, "2026-05-09T08:59:59-07:00"),
        [Code::AttemptsAtCap]
    );
    assert_eq!(codes(&fixture, "2026-05-09T09:00:00-07:00"), []);
    fixture.attempts_per_person_max = 4;
    assert_eq!(codes(&fixture, "2026-04-01T12:00:00-07:00"), []);
}

#[test]
fn prerecorded_calls_are_counted_by_line_and_only_to_residences() {
    let noon = "2026-04-10T12:00:00-07:00";
    let mut work = prerecorded();
    work.phone().flags = Phone::WORK;
    assert_eq!(codes(&work, noon), []);
    let mut other = prerecorded();
    for attempt in other.attempts() {
        attempt.contact = ContactKey::phone(number(2_125_551_234));
    }
    assert_eq!(codes(&other, noon), []);
}

#[test]
fn a_conversation_with_somebody_else_starts_nothing() {
    let mut fixture = Fixture::default();
    let talk = call("2026-04-09T12:00:00-07:00", Outcome::Conversation);
    fixture.attempts().push(talk);
    assert_eq!(codes(&fixture, "2026-04-10T12:00:00-07:00"), [B]);
    fixture.attempts()[0].flags = Attempt::WITHDRAWN;
    assert_eq!(codes(&fixture, "2026-04-10T12:00:00-07:00"), []);
}

#[test]
fn the_conversation_of_this_second_has_ended_the_consent() {
    let mut fixture = consented("2026-04-03T12:05:00-07:00");
    let now = "2026-04-05T12:00:00-07:00";
    fixture.attempts().push(call(now, Outcome::Conversation));
    assert_eq!(codes(&fixture, now), [B]);
}
