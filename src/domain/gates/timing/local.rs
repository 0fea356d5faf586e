//! Where the person may be, and what their calendar says there.

use super::ready::Ready;
use crate::domain::case::Case;
use crate::domain::rules::Window;
use crate::domain::time::{CivilDate, SECONDS_PER_DAY, UnixSeconds, ZoneId};

/// Every zone the person may be in; a zone they stated replaces the guessed ones
/// (comment 6(b)(1)(i)-2).
pub(in crate::domain::gates) fn zones<'a>(case: &Case<'a>) -> &'a [ZoneId] {
    case.person_extras()
        .and_then(|extras| extras.stated_zone.as_ref())
        .map_or_else(|| case.places.zones(), std::slice::from_ref)
}

/// The first instant after now at which the clock in `zone` shows `second` of `date` or later.
pub(super) fn upcoming(case: &Case<'_>, zone: ZoneId, date: CivilDate, second: u32) -> UnixSeconds {
    let first = case.world.zones.instant_of(zone, date, second);
    if first > case.now {
        return first;
    }
    // The clock showed it once, was set back and will show it again.
    case.world
        .zones
        .settled_instant_of(zone, date, second)
        .max(case.now.plus(1))
}

/// Ready once the local date of `past` + `days` has come in every zone the person may be in.
/// Without any zone: after the longest such time anywhere.
pub(in crate::domain::gates) fn days_after(case: &Case<'_>, past: UnixSeconds, days: u16) -> Ready {
    days_after_in(zones(case), case, past, days)
}

fn days_after_in(zones: &[ZoneId], case: &Case<'_>, past: UnixSeconds, days: u16) -> Ready {
    if zones.is_empty() {
        return Ready::from(past.plus(longest(days)), case.now);
    }
    zones.iter().fold(Ready::Now, |ready, zone| {
        let free = case
            .world
            .zones
            .local_date(*zone, past)
            .plus_days(i32::from(days));
        if case.world.zones.local_date(*zone, case.now) >= free {
            ready
        } else {
            ready.and(Ready::NotBefore(upcoming(case, *zone, free, 0)))
        }
    })
}

/// Ready while fewer than `limit` of the instants lie in the window that ends now; else when the
/// oldest of them has left it.
pub(in crate::domain::gates) fn fewer_than(
    case: &Case<'_>,
    limit: u16,
    window: Window,
    instants: impl Iterator<Item = UnixSeconds>,
) -> Ready {
    fewer_than_in(zones(case), case, limit, window, instants)
}

/// The same by the calendars of `zones`, for counts of the agency's own.
pub(in crate::domain::gates) fn fewer_than_in(
    zones: &[ZoneId],
    case: &Case<'_>,
    limit: u16,
    window: Window,
    instants: impl Iterator<Item = UnixSeconds>,
) -> Ready {
    if limit == 0 {
        return Ready::Never;
    }
    let mut instants = instants.peekable();
    if instants.peek().is_none() {
        return Ready::Now;
    }
    let start = start(zones, case, window);
    let mut oldest = None;
    let mut count = 0;
    for at in instants.filter(|at| *at >= start) {
        oldest = Some(oldest.map_or(at, |known: UnixSeconds| known.min(at)));
        count += 1;
    }
    match oldest {
        Some(oldest) if count >= u32::from(limit) => leaves(zones, case, window, oldest),
        _ => Ready::Now,
    }
}

/// The first instant that lies in the window that ends now, in the zone where that is earliest.
fn start(zones: &[ZoneId], case: &Case<'_>, window: Window) -> UnixSeconds {
    let days = match window {
        Window::ExactHours(hours) => return case.now.minus(i64::from(hours) * 3_600).plus(1),
        other => days(other),
    };
    let back = i32::from(days.saturating_sub(1));
    zones
        .iter()
        .map(|zone| {
            let today = case.world.zones.local_date(*zone, case.now);
            case.world.zones.start_of_day(*zone, today.plus_days(-back))
        })
        .min()
        .unwrap_or_else(|| case.now.minus(longest(days)).plus(1))
}

/// When `at` is no longer in the window.
fn leaves(zones: &[ZoneId], case: &Case<'_>, window: Window, at: UnixSeconds) -> Ready {
    match window {
        Window::ExactHours(hours) => Ready::from(at.plus(i64::from(hours) * 3_600), case.now),
        other => days_after_in(zones, case, at, days(other)),
    }
}

fn days(window: Window) -> u16 {
    match window {
        Window::RollingDays(n)
        | Window::AfterConversationDays(n)
        | Window::AfterExchangeDays(n) => n,
        Window::CalendarDay => 1,
        Window::ExactHours(hours) => hours.div_ceil(24),
    }
}

/// Seconds `days` local days can span at most: a clock may be set back in them.
fn longest(days: u16) -> i64 {
    i64::from(days) * SECONDS_PER_DAY + 3_600
}
