//! Hours that open and close by the local clock.

use super::local::upcoming;
use super::ready::Ready;
use crate::domain::case::Case;
use crate::domain::rules::DayWindow;
use crate::domain::time::{CivilDate, ZoneId};

/// Days looked ahead for an opening: longer than any row of holidays and closed weekdays.
const AHEAD_DAYS_MAX: i32 = 16;

/// Ready while every zone's clock lies in the window of its date; a date without one is closed.
pub(super) fn open(
    case: &Case<'_>,
    zones: &[ZoneId],
    window_of: impl Fn(CivilDate) -> Option<DayWindow>,
) -> Ready {
    zones.iter().fold(Ready::Now, |ready, zone| {
        ready.and(open_in(case, *zone, &window_of))
    })
}

fn open_in(
    case: &Case<'_>,
    zone: ZoneId,
    window_of: &impl Fn(CivilDate) -> Option<DayWindow>,
) -> Ready {
    let local = case.world.zones.local(zone, case.now);
    let today = window_of(local.date);
    if today.is_some_and(|window| window.contains(local.second_of_day)) {
        return Ready::Now;
    }
    if let Some(window) = today.filter(|window| local.second_of_day < window.open) {
        return Ready::NotBefore(upcoming(case, zone, local.date, window.open));
    }
    (1..=AHEAD_DAYS_MAX)
        .map(|ahead| local.date.plus_days(ahead))
        .find_map(|date| window_of(date).map(|window| (date, window)))
        .map_or(Ready::Never, |(date, window)| {
            Ready::NotBefore(upcoming(case, zone, date, window.open))
        })
}
