//! Federal hours.

use super::*;
use crate::domain::facts::{InconvenientPeriod, InconvenientTime, LastInbound, PriorConsent};
use crate::domain::gates::fixture::{Fixture, date, places, zone};
use crate::domain::place::Places;
use crate::domain::words::{GivenTo, Inbound, Purpose};

fn open(fixture: &Fixture, when: &str) -> bool {
    let found = codes(fixture, when);
    assert!(found.is_empty() || found == [Code::CallHours], "{found:?}");
    found.is_empty()
}

#[test]
fn hours_are_half_open_in_every_channel_but_mail() {
    for channel in Channel::ALL {
        let fixture = Fixture::over(*channel);
        let bound = *channel != Channel::Mail;
        for (when, inside) in [
            ("2026-05-05T07:59:59-07:00", false),
            ("2026-05-05T08:00:00-07:00", true),
            ("2026-05-05T20:59:59-07:00", true),
            ("2026-05-05T21:00:00-07:00", false),
            ("2026-05-05T00:00:00-07:00", false),
        ] {
            assert_eq!(open(&fixture, when), inside || !bound, "{channel:?} {when}");
        }
    }
}

/// TIMING-3: hours of two places.
#[test]
fn every_suggested_place_must_be_open() {
    // Comment 6(b)(1)(i)-2.i and .ii.
    for (other, opens) in [
        ("America/Los_Angeles", "11:00"),
        ("America/Denver", "10:00"),
    ] {
        let fixture = Fixture {
            places: places("CA", &["America/New_York", other]),
            ..Fixture::default()
        };
        let opening = format!("2026-06-11T{opens}:00-04:00");
        assert!(!open(&fixture, "2026-06-10T21:00:00-04:00"));
        assert!(open(&fixture, "2026-06-10T20:59:59-04:00"));
        assert_eq!(
            next(&fixture, "2026-06-10T21:01:00-04:00"),
            Some(at(&opening))
        );
        assert!(open(&fixture, &opening));
    }
}

#[test]
fn arizona_keeps_no_daylight_saving_and_the_navajo_do() {
    let fixture = Fixture {
        places: places("AZ", &["America/Phoenix", "America/Denver"]),
        ..Fixture::default()
    };
    // Summer: Denver is an hour ahead. Winter: both are alike.
    assert!(!open(&fixture, "2026-07-01T07:59:59-07:00"));
    assert!(open(&fixture, "2026-07-01T08:00:00-07:00"));
    assert!(open(&fixture, "2026-07-01T19:59:59-07:00"));
    assert!(!open(&fixture, "2026-07-01T20:00:00-07:00"));
    assert!(open(&fixture, "2026-12-01T20:59:59-07:00"));
    assert!(!open(&fixture, "2026-12-01T21:00:00-07:00"));
}

#[test]
fn indiana_lies_in_two_zones() {
    let fixture = Fixture {
        places: places("IN", &["America/Indiana/Indianapolis", "America/Chicago"]),
        ..Fixture::default()
    };
    assert!(!open(&fixture, "2026-05-05T08:59:59-04:00"));
    assert!(open(&fixture, "2026-05-05T09:00:00-04:00"));
    assert!(!open(&fixture, "2026-05-05T21:00:00-04:00"));
}

#[test]
fn the_clock_change_moves_the_hours_with_it() {
    let fixture = Fixture::default();
    // 8 March 2026: UTC-8 until 10:00Z, UTC-7 after. 1 November: back again at 09:00Z.
    for (when, inside) in [
        ("2026-03-07T15:59:59Z", false),
        ("2026-03-07T16:00:00Z", true),
        ("2026-03-08T14:59:59Z", false),
        ("2026-03-08T15:00:00Z", true),
        ("2026-03-09T03:59:59Z", true),
        ("2026-03-09T04:00:00Z", false),
        ("2026-11-01T15:59:59Z", false),
        ("2026-11-01T16:00:00Z", true),
    ] {
        assert_eq!(open(&fixture, when), inside, "{when}");
    }
    let evening = "2026-03-08T05:00:00Z";
    assert_eq!(next(&fixture, evening), Some(at("2026-03-08T15:00:00Z")));
}

#[test]
fn a_stated_zone_replaces_the_guessed_ones() {
    let mut fixture = Fixture {
        places: places("CA", &["America/New_York", "America/Los_Angeles"]),
        ..Fixture::default()
    };
    fixture.consumer().stated_zone = Some(zone("Pacific/Honolulu"));
    assert!(!open(&fixture, "2026-05-05T17:59:59Z"));
    assert!(open(&fixture, "2026-05-05T18:00:00Z"));
    assert!(open(&fixture, "2026-05-06T06:59:59Z"));
}

/// TIMING-2: nor does an unknown place.
#[test]
fn no_place_at_all_blocks_and_no_time_cures_it() {
    let mut fixture = Fixture {
        places: Places::default(),
        ..Fixture::default()
    };
    let noon = "2026-05-05T12:00:00-07:00";
    assert_eq!(codes(&fixture, noon), [Code::LocationUnknown]);
    assert_eq!(next(&fixture, noon), None);
    fixture.intent.channel = Some(Channel::Mail);
    assert_eq!(codes(&fixture, noon), []);
}

#[test]
fn consent_to_the_collector_lifts_hours_and_stated_times_until_it_ends() {
    let mut fixture = Fixture::default();
    fixture
        .consumer()
        .inconvenient_times
        .push(InconvenientTime {
            since: At::NEVER,
            from_date: Some(date("2026-05-01")),
            until_date: None,
            periods: vec![InconvenientPeriod {
                days: 0x7f,
                from: 0,
                to: 86_400,
            }],
        });
    fixture.consumer().prior_consents.push(PriorConsent {
        given_to: GivenTo::Collector,
        at: At::of(at("2026-05-04T19:00:00Z")),
        until: At::of(at("2026-05-06T05:00:00Z")),
        times: true,
        places: false,
        undated: false,
    });
    let blocked = [Code::CallHours, Code::InconvenientTime];
    assert_eq!(
        codes(&fixture, "2026-05-04T18:59:59Z"),
        [Code::InconvenientTime]
    );
    assert_eq!(codes(&fixture, "2026-05-05T06:00:00Z"), []);
    assert_eq!(codes(&fixture, "2026-05-06T04:59:59Z"), []);
    assert_eq!(codes(&fixture, "2026-05-06T05:00:00Z"), blocked);
    assert_eq!(
        until(&fixture, "2026-05-06T04:58:00Z"),
        at("2026-05-06T05:00:00Z")
    );
    for (given_to, times) in [
        (GivenTo::Creditor, true),
        (GivenTo::PriorCollector, true),
        (GivenTo::Collector, false),
    ] {
        let consent = &mut fixture.consumer().prior_consents[0];
        (consent.given_to, consent.times) = (given_to, times);
        assert_eq!(codes(&fixture, "2026-05-05T06:00:00Z"), blocked);
    }
}

#[test]
fn a_reply_is_free_of_hours() {
    let mut fixture = Fixture::over(Channel::Email);
    fixture.intent.purpose = Purpose::Reply;
    fixture.intent.in_response_to = Some(Inbound::Email);
    assert_eq!(codes(&fixture, "2026-05-06T05:00:00Z"), [Code::CallHours]);
    fixture.consumer().last_inbound[usize::from(Inbound::Email.number())] = LastInbound {
        at: At::of(at("2026-05-06T04:30:00Z")),
        answered: At::NEVER,
    };
    assert_eq!(codes(&fixture, "2026-05-06T05:00:00Z"), []);
}

#[test]
fn an_allow_lives_to_the_close_of_hours_at_most() {
    let fixture = Fixture::default();
    for (when, expected) in [
        ("2026-05-05T20:54:59-07:00", "2026-05-05T20:59:59-07:00"),
        ("2026-05-05T20:55:00-07:00", "2026-05-05T21:00:00-07:00"),
        ("2026-05-05T20:59:59-07:00", "2026-05-05T21:00:00-07:00"),
        ("2026-05-05T08:00:00-07:00", "2026-05-05T08:05:00-07:00"),
    ] {
        assert_eq!(until(&fixture, when), at(expected), "{when}");
    }
    let mail = Fixture::over(Channel::Mail);
    let when = "2026-05-05T20:59:59-07:00";
    assert_eq!(until(&mail, when), at("2026-05-05T21:04:59-07:00"));
}
