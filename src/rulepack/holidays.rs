//! Reads `holidays.toml`.

use std::collections::BTreeSet;

use super::error::RuleProblem;
use super::fields::Fields;
use super::source::Source;
use crate::domain::time::{Holiday, HolidayRule, Holidays, YEAR_MAX, YEAR_MIN, days_in_month};

/// A year with a leap day, to ask whether a month can have a day.
const LEAP_YEAR: i32 = 2000;

/// Reads the file; `None` when it is no TOML. Other faults are noted and the holiday left out.
pub(super) fn read(source: &Source<'_>) -> Option<Holidays> {
    let root = source.parse()?;
    let file = Fields::new(source, root.get_ref(), root.span(), "");
    let mut seen = BTreeSet::new();
    let mut rules = Vec::new();
    for holiday in file.tables("holiday") {
        if let Some(id) = holiday.text("id")
            && !seen.insert(id.to_owned())
        {
            holiday.fault("id", RuleProblem::Duplicate(id.to_owned()));
        }
        rules.extend(read_holiday(holiday));
    }
    file.finish();
    Some(Holidays::from_rules(&rules))
}

fn read_holiday(holiday: Fields<'_>) -> Option<Holiday> {
    let id = holiday.text("id");
    let kind = holiday.choice("rule", &["fixed", "nth_weekday"], |kind| kind);
    let month: Option<u8> = holiday.number("month", 1, 12);
    let rule = match (kind, month) {
        (Some("fixed"), Some(month)) => {
            let last = i64::from(days_in_month(LEAP_YEAR, month));
            holiday
                .number("day", 1, last)
                .map(|day| HolidayRule::Fixed { month, day })
        }
        (Some(_), Some(month)) => nth_weekday(&holiday, month),
        _ => None,
    };
    let since_year = holiday
        .opt_number("since_year", 0, i64::from(YEAR_MAX))
        .unwrap_or(YEAR_MIN);
    holiday.finish();
    Some(Holiday {
        id: id?.into(),
        rule: rule?,
        since_year,
    })
}

fn nth_weekday(holiday: &Fields<'_>, month: u8) -> Option<HolidayRule> {
    let weekday = holiday.number("weekday", 1, 7);
    let n: Option<i8> = holiday.number("n", -1, 4);
    if n == Some(0) {
        holiday.fault("n", RuleProblem::OutOfRange { min: 1, max: 4 });
        return None;
    }
    Some(HolidayRule::NthWeekday {
        month,
        weekday: weekday?,
        n: n?,
    })
}
