//! Times the collector knows to be inconvenient, 12 CFR 1006.6(b)(1)(i), comment 6(b)(1)-1.
//!
//! Weekly periods of the person's local clock, in every place they may be. A period that wraps past
//! midnight belongs to the weekday on which it begins; a range of dates, its last day included, is
//! asked of the local date of the instant, and after midnight of the date the period began on too:
//! the night of the last day runs to its end. A period whose ends are equal lasts 24 hours.

use super::hours::{has_hours, unless_lifted};
use super::local::{upcoming, zones};
use super::ready::{Ready, Visit};
use crate::domain::case::Case;
use crate::domain::facts::{InconvenientPeriod, InconvenientTime};
use crate::domain::rules::FederalId;
use crate::domain::time::{CivilDate, LocalTime, ZoneId};
use crate::domain::verdict::{Code, Finding};

/// Seconds a clock counts in a day.
const DAY: u32 = 86_400;

/// Shows the condition, if the person stated anything.
pub(super) fn each(case: &Case<'_>, visit: &mut (impl Visit + ?Sized)) {
    let stated = stated(case);
    if stated.is_empty() || !has_hours(case) {
        return;
    }
    let ready = unless_lifted(case, awake(case));
    let code = Code::InconvenientTime;
    let rule = case.world.pack.federal_no(FederalId::InconvenientTime);
    visit(Finding { code, rule }, ready);
}

/// When no stated period holds, whatever lifts them.
pub(super) fn awake(case: &Case<'_>) -> Ready {
    let mut ready = Ready::Now;
    for zone in zones(case) {
        let local = case.world.zones.local(*zone, case.now);
        // Also what was stated ahead of a clock that was set back since.
        let stated = stated(case).iter();
        for time in stated {
            for period in &time.periods {
                ready = ready.and(outside(case, *zone, local, time, *period));
            }
        }
    }
    ready
}

/// What the person stated.
pub(super) fn stated<'a>(case: &Case<'a>) -> &'a [InconvenientTime] {
    case.person_extras()
        .map_or(&[], |extras| extras.inconvenient_times.as_slice())
}

fn dated(time: &InconvenientTime, date: CivilDate) -> bool {
    time.from_date.is_none_or(|from| from <= date)
        && time.until_date.is_none_or(|until| date <= until)
}

/// Ready outside the period, or when the period or the range of dates ends.
fn outside(
    case: &Case<'_>,
    zone: ZoneId,
    local: LocalTime,
    time: &InconvenientTime,
    period: InconvenientPeriod,
) -> Ready {
    let Some((days_ahead, second)) = end_of(time, period, local) else {
        return Ready::Now;
    };
    let wraps = period.from >= period.to;
    let past_range = time.until_date.map(|until| until.plus_days(1));
    let end = match days_ahead {
        Some(days) => Some((local.date.plus_days(days), second)),
        None => past_range.map(|date| (date, 0)),
    };
    let Some((date, second)) = end else {
        return Ready::Never;
    };
    let ready = Ready::NotBefore(upcoming(case, zone, date, second));
    let ends_with_range = past_range.filter(|_| !wraps);
    ends_with_range.map_or(ready, |date| ready.or_from(upcoming(case, zone, date, 0)))
}

/// When the period that holds at `local` ends: days ahead and second of that day. `None`: it does
/// not hold. Days `None`: it never ends.
fn end_of(
    time: &InconvenientTime,
    period: InconvenientPeriod,
    local: LocalTime,
) -> Option<(Option<i32>, u32)> {
    let today = dated(time, local.date);
    let begins_today = today && on_day(period, local.weekday);
    let second = local.second_of_day;
    if period.from < period.to {
        let holds = begins_today && period.from <= second && second < period.to;
        return holds.then(|| match (period.from, period.to) {
            (0, DAY) => (free_weekday(period, local.weekday), 0),
            _ => (Some(0), period.to),
        });
    }
    if begins_today && second >= period.from {
        return Some((Some(1), period.to));
    }
    let yesterday = dated(time, local.date.plus_days(-1));
    let began = (today || yesterday) && on_day(period, before(local.weekday));
    (began && second < period.to).then_some((Some(0), period.to))
}

/// Days until a weekday on which a whole-day period does not hold.
fn free_weekday(period: InconvenientPeriod, weekday: u8) -> Option<i32> {
    (1..=6).find(|ahead| {
        let day = (i32::from(weekday) - 1 + ahead) % 7 + 1;
        u8::try_from(day).is_ok_and(|day| !on_day(period, day))
    })
}

fn on_day(period: InconvenientPeriod, weekday: u8) -> bool {
    (1..=7).contains(&weekday) && period.days >> (weekday - 1) & 1 == 1
}

fn before(weekday: u8) -> u8 {
    if weekday == 1 { 7 } else { weekday - 1 }
}
