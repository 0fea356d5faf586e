//! Both sides of every cap.

use super::*;
use crate::domain::facts::{At, ContactKey};
use crate::domain::gates::fixture::{Fixture, at, number, places};
use crate::domain::gates::timing;
use crate::domain::time::Zones;
use crate::domain::words::{Channel, Outcome, PartyRole};

fn attempt(when: &str, outcome: Outcome) -> Attempt {
    timing::call_for_tests(when, outcome)
}

fn codes(fixture: &Fixture, when: &str) -> Vec<Code> {
    let mut fixture = fixture.clone();
    fixture.now = at(when);
    fixture.ask(ask)
}

#[test]
fn the_gap_is_counted_in_seconds_over_every_channel() {
    let mut fixture = Fixture::over(Channel::Email);
    fixture.policy.fairness.gap_s = 300;
    let noon = "2026-05-05T12:00:00-07:00";
    fixture
        .attempts()
        .push(attempt(noon, Outcome::NotConnected));
    assert_eq!(codes(&fixture, noon), [Code::AttemptGap]);
    assert_eq!(
        codes(&fixture, "2026-05-05T12:04:59-07:00"),
        [Code::AttemptGap]
    );
    assert_eq!(codes(&fixture, "2026-05-05T12:05:00-07:00"), []);
    for flags in [Attempt::INBOUND, Attempt::WITHDRAWN] {
        fixture.attempts()[0].flags = flags;
        assert_eq!(codes(&fixture, noon), []);
    }
    // A reservation counts whether it is live or has lapsed.
    fixture.attempts()[0].flags = Attempt::RESERVED;
    fixture.attempts()[0].outcome = Outcome::Pending.number();
    assert_eq!(
        codes(&fixture, "2026-05-05T12:04:59-07:00"),
        [Code::AttemptGap]
    );
    fixture.policy.fairness.gap_s = 0;
    assert_eq!(codes(&fixture, noon), []);
}

#[test]
fn a_number_and_a_person_have_their_day() {
    let mut fixture = Fixture::default();
    for hour in ["09", "10", "11"] {
        let when = format!("2026-05-05T{hour}:00:00-07:00");
        fixture.attempts().push(attempt(&when, Outcome::NoAnswer));
    }
    let (evening, morning) = ("2026-05-05T20:59:59-07:00", "2026-05-06T08:00:00-07:00");
    let midnight = "2026-05-06T00:00:00-07:00";
    for (phone, person, expected) in [
        (3, 0, &[Code::PhoneDayCap][..]),
        (4, 0, &[]),
        (0, 3, &[Code::PersonDayCap]),
        (0, 4, &[]),
        (3, 3, &[Code::PhoneDayCap, Code::PersonDayCap]),
    ] {
        fixture.policy.fairness.phone_per_day = phone;
        fixture.policy.fairness.person_per_day = person;
        assert_eq!(codes(&fixture, evening), expected);
        assert_eq!(codes(&fixture, midnight), []);
        assert_eq!(codes(&fixture, morning), []);
    }
    // Another number has a count of its own, the person has not.
    for attempt in fixture.attempts() {
        attempt.contact = ContactKey::phone(number(2_125_551_234));
    }
    assert_eq!(codes(&fixture, evening), [Code::PersonDayCap]);
    // Where it is tomorrow in one place and still today in another, it is today.
    fixture.places = places("CA", &["America/New_York", "America/Los_Angeles"]);
    assert_eq!(
        codes(&fixture, "2026-05-05T21:30:00-07:00"),
        [Code::PersonDayCap]
    );
}

#[test]
fn without_a_place_the_days_are_the_agencys() {
    let mut fixture = Fixture::default();
    fixture.policy.fairness.person_per_day = 1;
    fixture.places = places("CA", &[]);
    let call = attempt("2026-05-04T23:30:00-07:00", Outcome::NoAnswer);
    fixture.attempts().push(call);
    let morning = "2026-05-05T08:00:00-07:00";
    // No calendar at all: the longest day there is.
    assert_eq!(codes(&fixture, morning), [Code::PersonDayCap]);
    fixture.policy.zone = Zones::bundled().find("America/Los_Angeles");
    assert_eq!(codes(&fixture, morning), []);
    fixture.policy.zone = Zones::bundled().find("Europe/London");
    assert_eq!(codes(&fixture, morning), [Code::PersonDayCap]);
    // A place that is known goes before it.
    fixture.places = places("CA", &["America/Los_Angeles"]);
    assert_eq!(codes(&fixture, morning), []);
}

#[test]
fn a_number_shared_with_the_spouse_is_one_number() {
    let mut fixture = Fixture::default();
    fixture.policy.fairness.phone_per_day = 1;
    fixture.party(PartyRole::Spouse);
    let noon = "2026-05-05T12:00:00-07:00";
    let call = attempt("2026-05-05T10:00:00-07:00", Outcome::NoAnswer);
    fixture.persons[1].1.attempts.push(call);
    assert_eq!(codes(&fixture, noon), [Code::PhoneDayCap]);
}

#[test]
fn voicemails_have_a_week() {
    let mut fixture = Fixture::default();
    fixture.policy.fairness.voicemails_per_week = 3;
    for day in 1..=3 {
        let when = format!("2026-05-{day:02}T12:00:00-07:00");
        fixture.attempts().push(attempt(&when, Outcome::Voicemail));
    }
    let noon = "2026-05-05T12:00:00-07:00";
    assert_eq!(codes(&fixture, noon), []);
    fixture.intent.action = Some(Action::Voicemail);
    assert_eq!(codes(&fixture, noon), [Code::VoicemailWeekCap]);
    assert_eq!(
        codes(&fixture, "2026-05-07T23:59:59-07:00"),
        [Code::VoicemailWeekCap]
    );
    assert_eq!(codes(&fixture, "2026-05-08T00:00:00-07:00"), []);
    fixture.intent.action = Some(Action::Call);
    fixture.policy.dial_mode = DialMode::Ringless;
    assert_eq!(codes(&fixture, noon), [Code::VoicemailWeekCap]);
    fixture.attempts()[2].outcome = Outcome::NoAnswer.number();
    assert_eq!(codes(&fixture, noon), []);
}

#[test]
fn vulnerability_blocks_as_policy_says() {
    let mut fixture = Fixture::default();
    let noon = "2026-05-05T12:00:00-07:00";
    fixture.consumer().vulnerable = 0b10;
    assert_eq!(codes(&fixture, noon), [Code::Vulnerable]);
    fixture.policy.fairness.vulnerable_blocks = 0b01;
    assert_eq!(codes(&fixture, noon), []);
    assert_eq!(At::NEVER.get(), None);
}

/// A person of another account, called at the number at these hours of the fifth of May.
fn sharer(hours: &[&str], outcome: Outcome, flags: u8) -> crate::domain::facts::Person {
    let mut other = Fixture::default();
    for hour in hours {
        let mut placed = attempt(&format!("2026-05-05T{hour}:00:00-07:00"), outcome);
        placed.flags = flags;
        other.attempts().push(placed);
    }
    other.persons.swap_remove(0).1
}

#[test]
fn a_shared_number_has_one_day_for_everybody() {
    let evening = "2026-05-05T20:00:00-07:00";
    for (outcome, flags, counts) in [
        (Outcome::NoAnswer, 0, true),
        (Outcome::NotConnected, 0, true),
        (Outcome::Pending, Attempt::RESERVED, true),
        // Whose it was found not to be makes no difference to whom it rang.
        (Outcome::WrongNumber, 0, true),
        (Outcome::NoAnswer, Attempt::WITHDRAWN, true),
        (Outcome::NotDialed, Attempt::WITHDRAWN, false),
        (Outcome::Dropped, Attempt::INBOUND, false),
        (Outcome::Conversation, Attempt::TALK_ONLY, false),
    ] {
        let mut fixture = Fixture::default();
        fixture.policy.fairness.phone_per_day = 3;
        fixture.policy.fairness.person_per_day = 3;
        let own = attempt("2026-05-05T09:00:00-07:00", Outcome::NoAnswer);
        fixture.attempts().push(own);
        fixture.sharers = vec![
            sharer(&["10"], outcome, flags),
            sharer(&["11"], outcome, flags),
        ];
        let expected = if counts {
            vec![Code::PhoneDayCap]
        } else {
            vec![]
        };
        assert_eq!(codes(&fixture, evening), expected, "{outcome:?} {flags}");
        assert_eq!(codes(&fixture, "2026-05-06T08:00:00-07:00"), []);
        fixture.sharers.pop();
        assert_eq!(codes(&fixture, evening), []);
    }
}

#[test]
fn what_is_not_known_of_a_shared_number_counts_as_full() {
    let (evening, morning) = ("2026-05-05T20:00:00-07:00", "2026-05-06T08:00:00-07:00");
    let mut fixture = Fixture::default();
    fixture.policy.fairness.phone_per_day = 3;
    let crowd = |many: u32| (0..many).map(crate::domain::ids::PersonNo).collect();
    fixture.known().rare().shared_by = crowd(16);
    assert_eq!(codes(&fixture, evening), []);
    fixture.known().rare().shared_by = crowd(17);
    assert_eq!(codes(&fixture, morning), [Code::PhoneDayCap]);
    // A history that had to forget: what it forgot may have been calls of today to this number.
    fixture.number_facts = None;
    fixture.attempts_per_person_max = 2;
    let elsewhere = |mut person: crate::domain::facts::Person| {
        for placed in &mut person.attempts {
            placed.contact = ContactKey::phone(number(2_125_551_234));
        }
        person
    };
    fixture.sharers = vec![elsewhere(sharer(&["10", "11"], Outcome::NoAnswer, 0))];
    assert_eq!(codes(&fixture, evening), [Code::PhoneDayCap]);
    assert_eq!(codes(&fixture, morning), []);
    fixture.attempts_per_person_max = 3;
    assert_eq!(codes(&fixture, evening), []);
}
