//! Stated times.

use super::*;
use crate::domain::facts::{InconvenientPeriod, InconvenientTime};
use crate::domain::gates::fixture::{Fixture, date, places};

const DAY: u32 = 86_400;

fn stated(periods: &[(u8, u32, u32)]) -> Fixture {
    let mut fixture = Fixture::default();
    let periods = periods
        .iter()
        .map(|&(days, from, to)| InconvenientPeriod { days, from, to })
        .collect();
    fixture
        .consumer()
        .inconvenient_times
        .push(InconvenientTime {
            since: At::NEVER,
            from_date: None,
            until_date: None,
            periods,
        });
    fixture
}

fn free(fixture: &Fixture, when: &str) -> bool {
    !codes(fixture, when).contains(&Code::InconvenientTime)
}

#[test]
fn afternoons_and_weekends() {
    // Comment 6(b)(1)-1.ii: weekdays 3 to 5 p.m. and all of the weekend.
    let fixture = stated(&[(0x1f, 15 * 3_600, 17 * 3_600), (0x60, 0, DAY)]);
    for (when, expected) in [
        ("2026-05-13T14:59:59-07:00", true),
        ("2026-05-13T15:00:00-07:00", false),
        ("2026-05-13T16:59:59-07:00", false),
        ("2026-05-13T17:00:00-07:00", true),
        ("2026-05-15T20:59:59-07:00", true),
        ("2026-05-16T08:00:00-07:00", false),
        ("2026-05-17T15:00:00-07:00", false),
        ("2026-05-18T08:00:00-07:00", true),
    ] {
        assert_eq!(free(&fixture, when), expected, "{when}");
    }
    for (when, expected) in [
        ("2026-05-13T15:30:00-07:00", "2026-05-13T17:00:00-07:00"),
        ("2026-05-16T12:00:00-07:00", "2026-05-18T08:00:00-07:00"),
    ] {
        assert_eq!(next(&fixture, when), Some(at(expected)), "{when}");
    }
    let before = "2026-05-13T14:58:00-07:00";
    assert_eq!(until(&fixture, before), at("2026-05-13T15:00:00-07:00"));
}

#[test]
fn a_period_that_wraps_belongs_to_the_day_it_begins() {
    // Mondays from 20:00 to Tuesdays 10:00.
    let fixture = stated(&[(1, 20 * 3_600, 10 * 3_600)]);
    for (when, expected) in [
        ("2026-05-04T19:59:59-07:00", true),
        ("2026-05-04T20:00:00-07:00", false),
        ("2026-05-05T09:59:59-07:00", false),
        ("2026-05-05T10:00:00-07:00", true),
        ("2026-05-04T09:00:00-07:00", true),
        ("2026-05-05T20:30:00-07:00", true),
    ] {
        assert_eq!(free(&fixture, when), expected, "{when}");
    }
    let evening = "2026-05-04T20:30:00-07:00";
    assert_eq!(
        next(&fixture, evening),
        Some(at("2026-05-05T10:00:00-07:00"))
    );
    let sunday = stated(&[(0x40, 20 * 3_600, 10 * 3_600)]);
    assert!(!free(&sunday, "2026-05-04T09:59:59-07:00"));
    assert!(free(&sunday, "2026-05-04T10:00:00-07:00"));
}

#[test]
fn equal_ends_last_a_day() {
    let fixture = stated(&[(1, 12 * 3_600, 12 * 3_600)]);
    assert!(free(&fixture, "2026-05-04T11:59:59-07:00"));
    assert!(!free(&fixture, "2026-05-04T12:00:00-07:00"));
    assert!(!free(&fixture, "2026-05-05T11:59:59-07:00"));
    assert!(free(&fixture, "2026-05-05T12:00:00-07:00"));
}

#[test]
fn the_last_day_of_a_range_belongs_to_it() {
    let mut fixture = stated(&[(0x7f, 0, DAY)]);
    let time = &mut fixture.consumer().inconvenient_times[0];
    time.from_date = Some(date("2026-05-10"));
    time.until_date = Some(date("2026-12-31"));
    for (when, expected) in [
        ("2026-05-09T20:00:00-07:00", true),
        ("2026-05-10T08:00:00-07:00", false),
        ("2026-12-31T20:59:59-08:00", false),
        ("2027-01-01T08:00:00-08:00", true),
    ] {
        assert_eq!(free(&fixture, when), expected, "{when}");
    }
    let noon = "2026-05-10T12:00:00-07:00";
    assert_eq!(next(&fixture, noon), Some(at("2027-01-01T08:00:00-08:00")));
    fixture.consumer().inconvenient_times[0].until_date = None;
    assert_eq!(next(&fixture, noon), None);
}

#[test]
fn notes_of_the_creditor_bind_through_the_year() {
    // Comment 6(b)(1)-1.i: not on Tuesdays and Thursdays.
    let mut fixture = stated(&[(0b1010, 0, DAY)]);
    fixture.consumer().inconvenient_times[0].until_date = Some(date("2026-12-31"));
    let tuesday = "2026-06-09T12:00:00-07:00";
    assert_eq!(codes(&fixture, tuesday), [Code::InconvenientTime]);
    assert_eq!(
        next(&fixture, tuesday),
        Some(at("2026-06-10T08:00:00-07:00"))
    );
}

#[test]
fn what_was_stated_ahead_of_a_clock_set_back_since_binds() {
    let mut fixture = stated(&[(0x7f, 0, DAY)]);
    fixture.consumer().inconvenient_times[0].since = At::of(at("2026-05-05T12:00:00-07:00"));
    assert!(!free(&fixture, "2026-05-05T11:59:59-07:00"));
    assert!(!free(&fixture, "2026-05-05T12:00:00-07:00"));
}

#[test]
fn each_place_has_its_own_clock() {
    let mut fixture = stated(&[(0x7f, 12 * 3_600, 13 * 3_600)]);
    fixture.places = places("CA", &["America/New_York", "America/Los_Angeles"]);
    for (when, expected) in [
        ("2026-05-05T11:59:59-04:00", true),
        ("2026-05-05T12:00:00-04:00", false),
        ("2026-05-05T13:00:00-04:00", true),
        ("2026-05-05T15:00:00-04:00", false),
        ("2026-05-05T16:00:00-04:00", true),
    ] {
        assert_eq!(free(&fixture, when), expected, "{when}");
    }
}

#[test]
fn letters_have_no_hour() {
    let mut fixture = stated(&[(0x7f, 0, DAY)]);
    fixture.intent.channel = Some(Channel::Mail);
    assert_eq!(codes(&fixture, "2026-05-05T12:00:00-07:00"), []);
}
