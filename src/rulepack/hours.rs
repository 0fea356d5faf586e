//! Reads hours of contact and days without.

use super::error::RuleProblem;
use super::fields::Fields;
use super::kinds::find_zone;
use crate::domain::rules::{
    CallHours, DayWindow, HolidayBan, HolidayHours, HolidayList, HoursZone, WeeklyHours,
};

/// A rule of kind `holiday_ban`.
pub(super) fn holiday_ban(values: &Fields<'_>) -> Option<HolidayBan> {
    let weekdays = values.weekdays("weekdays");
    let holidays = values.choice("holidays", &HolidayList::ALL, HolidayList::name);
    let hours = values.opt_day_window("hours");
    Some(HolidayBan {
        weekdays: weekdays?,
        holidays: holidays?,
        hours,
    })
}

/// Keys of a weekly table and the weekdays (0 = Monday) each one sets. A day that none sets is
/// closed.
const DAY_KEYS: [(&str, std::ops::Range<usize>); 5] = [
    ("daily", 0..7),
    ("monday_to_saturday", 0..6),
    ("monday_to_friday", 0..5),
    ("saturday", 5..6),
    ("sunday", 6..7),
];

/// A rule of kind `call_hours`.
pub(super) fn call_hours(values: &Fields<'_>) -> Option<CallHours> {
    if values.has("known_waking_hours_only") {
        return values
            .truth("known_waking_hours_only")?
            .then_some(CallHours::KnownWakingHours);
    }
    let mut days = [None; 7];
    let mut given = false;
    for (key, span) in DAY_KEYS {
        let Some(window) = values.opt_day_window(key) else {
            continue;
        };
        given = true;
        for day in days.get_mut(span).into_iter().flatten() {
            if day.replace(window).is_some() {
                values.fault(key, RuleProblem::Duplicate("hours of a weekday".to_owned()));
            }
        }
    }
    if !given {
        values.fault("daily", RuleProblem::Missing);
        return None;
    }
    let holidays = match values.opt_text("holidays") {
        None => HolidayHours::AsWeekday,
        Some(_) => values.choice("holidays", &[HolidayHours::Closed], |_| "closed")?,
    };
    let zone = match values.opt_text("zone") {
        None | Some("consumer_local") => HoursZone::ConsumerLocal,
        Some(_) => HoursZone::Named(values.parsed("zone", "an IANA zone", find_zone)?),
    };
    Some(CallHours::Weekly(WeeklyHours {
        days,
        holidays,
        zone,
    }))
}

/// Reads two times of day as a half-open window.
pub(super) fn day_window(open: &str, close: &str) -> Option<DayWindow> {
    let window = DayWindow {
        open: second_of_day(open)?,
        close: second_of_day(close)?,
    };
    (window.open < window.close).then_some(window)
}

fn second_of_day(text: &str) -> Option<u32> {
    let [h0, h1, b':', m0, m1] = text.as_bytes() else {
        return None;
    };
    let two = |tens: &u8, ones: &u8| {
        (tens.is_ascii_digit() && ones.is_ascii_digit())
            .then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    };
    let (hours, minutes) = (two(h0, h1)?, two(m0, m1)?);
    let second = hours * 3_600 + minutes * 60;
    (minutes < 60 && second <= 86_400).then_some(second)
}
