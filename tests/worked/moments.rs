//! Dates and times as vectors spell them: `2026-06-10`, `2026-06-10T21:01`, `2026-06-10T21:01-04:00`.

use dialgate::domain::record::ClockTime;
use dialgate::domain::time::{CivilDate, UnixSeconds, ZoneId, Zones};

use crate::fields::Said;

/// A date, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The whole local day.
    Day(CivilDate),
    /// One second.
    Instant(UnixSeconds),
}

impl Moment {
    /// The instant; of a day its first.
    pub(crate) fn instant(self, local: ZoneId) -> UnixSeconds {
        match self {
            Self::Day(date) => Zones::bundled().start_of_day(local, date),
            Self::Instant(at) => at,
        }
    }

    /// The local day.
    pub(crate) fn date(self, local: ZoneId) -> CivilDate {
        match self {
            Self::Day(date) => date,
            Self::Instant(at) => Zones::bundled().local_date(local, at),
        }
    }
}

/// Reads a moment; a time without an offset is `local`'s.
pub(crate) fn moment(text: &str, local: ZoneId) -> Said<Moment> {
    let fault = || format!("{text:?} is neither a date nor a time");
    let (day, rest) = match text.split_once(['T', ' ']) {
        None => (text, None),
        Some((day, rest)) => (day, Some(rest)),
    };
    let date = CivilDate::parse(day).ok_or_else(fault)?;
    let Some(rest) = rest else {
        return Ok(Moment::Day(date));
    };
    let ends = rest.find(['+', '-', 'Z']).unwrap_or(rest.len());
    let (clock, offset) = rest.split_at_checked(ends).ok_or_else(fault)?;
    let second = ClockTime::parse(clock).ok_or_else(fault)?.0;
    let zones = Zones::bundled();
    if offset.is_empty() {
        return Ok(Moment::Instant(zones.instant_of(local, date, second)));
    }
    let east = offset_seconds(offset).ok_or_else(fault)?;
    let midnight = i64::from(date.days()) * 86_400;
    Ok(Moment::Instant(UnixSeconds(
        midnight + i64::from(second) - east,
    )))
}

/// Seconds east of Greenwich: `Z`, `+05:30`, `-04:00`.
fn offset_seconds(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, clock) = text.split_at_checked(1)?;
    let seconds = i64::from(ClockTime::parse(clock)?.0);
    match sign {
        "+" => Some(seconds),
        "-" => Some(-seconds),
        _ => None,
    }
}

/// The zone of that name.
pub(crate) fn zone(name: &str) -> Said<ZoneId> {
    let found = Zones::bundled().find(name);
    found.ok_or_else(|| format!("{name:?} is not a time zone"))
}

#[test]
fn times_without_an_offset_are_local() {
    let new_york = zone("America/New_York").unwrap();
    let read = |text| moment(text, new_york).unwrap();
    assert_eq!(
        read("2026-06-10T21:01"),
        Moment::Instant(UnixSeconds::parse("2026-06-11T01:01:00Z").unwrap())
    );
    assert_eq!(read("2026-06-10T21:01-04:00"), read("2026-06-10T21:01"));
    assert_eq!(read("2026-06-11T01:01:00Z"), read("2026-06-10T21:01"));
    assert_eq!(
        read("2026-06-10").instant(new_york),
        UnixSeconds::parse("2026-06-10T04:00:00Z").unwrap()
    );
    assert!(moment("2026-06-31", new_york).is_err());
    assert!(moment("2026-06-10T25:00", new_york).is_err());
}
