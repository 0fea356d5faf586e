//! Dates of every shape, with or without a time of day, and the instants they can mean.

use super::times::time_of_day;
use super::{Said, text};
use crate::domain::time::{CivilDate, SECONDS_PER_DAY, UnixSeconds, ZoneId, Zones};

/// Longest text that is looked at, bytes: the longest shape has 29.
const DATE_BYTES_MAX: usize = 48;

/// Years of two digits below this are of the twenty-first century.
const PIVOT_YEAR: i32 = 69;

/// Hours behind UTC of the westernmost clocks of the United States (American Samoa).
const WESTERNMOST_S: i64 = 11 * 3_600;
/// Hours before UTC of the easternmost ones (Guam).
const EASTERNMOST_S: i64 = 10 * 3_600;

/// A date and, where it stands there, a time of day: both of a clock nobody named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// The date.
    pub date: CivilDate,
    /// Seconds since midnight.
    pub second_of_day: Option<u32>,
}

/// A date in any of the shapes seen; a time of day behind it is read and dropped.
pub fn date(raw: &str) -> Said<CivilDate> {
    stamp(raw).map(|stamp| stamp.date)
}

/// A date, with its time of day if it has one.
///
/// `2024-03-15`, `2024-03-15 12:15:27`, `2024-03-15T12:15:27Z`, `3/6/2013`, ` 11/23/23`,
/// `Wed, 04 Oct 2023 00:00:00 GMT`, `12/1/2022 AT 1:16 PM`. The zone that stands there is dropped:
/// systems print local clocks and call them GMT. Days up to 1900-01-01 and dates of zeros are
/// sentinels.
pub fn stamp(raw: &str) -> Said<Stamp> {
    let Some(text) = text(raw) else {
        return Said::Nothing;
    };
    if text.len() > DATE_BYTES_MAX || !text.is_ascii() {
        return Said::Unreadable;
    }
    let read = weekday_first(text)
        .or_else(|| month_first(text))
        .or_else(|| year_first(text));
    match read {
        Some(Shape::Zeros) => Said::Nothing,
        Some(Shape::Stamp(stamp)) if is_sentinel(stamp.date) => Said::Nothing,
        Some(Shape::Stamp(stamp)) => Said::This(stamp),
        None => Said::Unreadable,
    }
}

/// What one shape came to.
enum Shape {
    Stamp(Stamp),
    /// `0000-00-00`, `0/0/0000`.
    Zeros,
}

fn is_sentinel(date: CivilDate) -> bool {
    CivilDate::from_ymd(1900, 1, 1).is_some_and(|newest| date <= newest)
}

/// `Wed, 04 Oct 2023 00:00:00 GMT`. The weekday is not compared: it decides nothing.
fn weekday_first(text: &str) -> Option<Shape> {
    let (weekday, rest) = text.split_once(',')?;
    let is_weekday = weekday.len() >= 3 && weekday.bytes().all(|b| b.is_ascii_alphabetic());
    let mut parts = rest.split_ascii_whitespace();
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let clock = parts.next();
    let zone = parts.next().unwrap_or("GMT");
    let ends = parts.next().is_none() && (zone == "GMT" || zone == "UTC" || is_offset(zone));
    if !is_weekday || !ends {
        return None;
    }
    let date = whole(digits(year, 4, 4)?, month_named(month)?, digits(day, 1, 2)?)?;
    with_clock(date, clock)
}

fn is_offset(zone: &str) -> bool {
    matches!(zone.as_bytes(), [b'+' | b'-', rest @ ..] if rest.len() == 4 && rest.iter().all(u8::is_ascii_digit))
}

/// `3/6/2013`, `11/23/23`, `12/1/2022 AT 1:16 PM`, `12/1/2022 13:16`.
fn month_first(text: &str) -> Option<Shape> {
    let (date, clock) = match text.split_once(' ') {
        Some((date, clock)) => (date, Some(clock.trim_start())),
        None => (text, None),
    };
    let mut parts = date.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (month, day) = (digits(month, 1, 2)?, digits(day, 1, 2)?);
    let year = match digits(year, 2, 4)? {
        short if year.len() == 2 => short + if short < PIVOT_YEAR { 2000 } else { 1900 },
        long if year.len() == 4 => long,
        _ => return None,
    };
    if (month, day) == (0, 0) {
        return Some(Shape::Zeros);
    }
    let clock = clock.map(|clock| clock.strip_prefix("AT ").unwrap_or(clock));
    with_clock(whole(year, month, day)?, clock)
}

/// `2024-03-15`, alone or with a clock behind a blank or a `T`.
fn year_first(text: &str) -> Option<Shape> {
    let (date, clock) = text.split_at_checked(10)?;
    let clock = match clock.strip_prefix([' ', 'T']) {
        Some(clock) => Some(clock),
        None if clock.is_empty() => None,
        None => return None,
    };
    if date == "0000-00-00" {
        return clock
            .is_none_or(|clock| time_of_day(clock) == Said::This(0))
            .then_some(Shape::Zeros);
    }
    let clock = clock.map(|clock| clock.trim_end_matches('Z'));
    with_clock(CivilDate::parse(date)?, clock)
}

fn with_clock(date: CivilDate, clock: Option<&str>) -> Option<Shape> {
    let second_of_day = match clock.map(time_of_day) {
        None => None,
        Some(Said::This(second)) => Some(second),
        Some(Said::Nothing | Said::Unreadable) => return None,
    };
    Some(Shape::Stamp(Stamp {
        date,
        second_of_day,
    }))
}

fn whole(year: i32, month: i32, day: i32) -> Option<CivilDate> {
    CivilDate::from_ymd(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

fn month_named(name: &str) -> Option<i32> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let at = MONTHS
        .iter()
        .position(|known| known.eq_ignore_ascii_case(name))?;
    i32::try_from(at + 1).ok()
}

/// A number of so many digits.
fn digits(text: &str, min: usize, max: usize) -> Option<i32> {
    let plain = (min..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// The latest instant a stamp can mean: the end of its minute, or of its day, on the clock of `zone`.
/// Without a zone, on the westernmost clock there is.
pub fn latest(stamp: Stamp, zone: Option<ZoneId>) -> UnixSeconds {
    // A time is of minutes mostly; one of seconds loses nothing by being put to the minute's end.
    let second = stamp.second_of_day.map_or(86_399, |s| s / 60 * 60 + 59);
    match zone {
        Some(zone) => Zones::bundled().settled_instant_of(zone, stamp.date, second),
        None => plain(stamp.date, second).plus(WESTERNMOST_S),
    }
}

/// The earliest instant it can mean.
pub fn earliest(stamp: Stamp, zone: Option<ZoneId>) -> UnixSeconds {
    let second = stamp.second_of_day.unwrap_or(0);
    match zone {
        Some(zone) => Zones::bundled().instant_of(zone, stamp.date, second),
        None => plain(stamp.date, second).minus(EASTERNMOST_S),
    }
}

fn plain(date: CivilDate, second: u32) -> UnixSeconds {
    UnixSeconds(i64::from(date.days()) * SECONDS_PER_DAY + i64::from(second))
}
