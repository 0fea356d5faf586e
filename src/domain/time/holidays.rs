//! Legal public holidays computed from rules (5 USC 6103(a)), statutory and observed.
//!
//! The rules themselves are data (`config/rules/holidays.toml`). A year's dates are computed when
//! the pack is loaded; a look-up is a search in a sorted list.

use super::date::{CivilDate, days_in_month};

/// First year for which dates are laid out.
pub const YEAR_MIN: i32 = 1990;
/// Last year for which dates are laid out.
pub const YEAR_MAX: i32 = 2100;

/// On which date of a year a holiday falls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HolidayRule {
    /// The same day of a month every year. When it falls on a Saturday it is observed on the
    /// Friday before, on a Sunday the Monday after (5 USC 6103(b), E.O. 11582 s. 3).
    Fixed {
        /// Month, `1..=12`.
        month: u8,
        /// Day of the month.
        day: u8,
    },
    /// The n-th weekday of a month; -1 is the last one.
    NthWeekday {
        /// Month, `1..=12`.
        month: u8,
        /// ISO weekday, 1 = Monday.
        weekday: u8,
        /// `1..=4`, or -1 for the last.
        n: i8,
    },
}

/// One holiday: its rule and the first year it was one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holiday {
    /// Identifier, e.g. `JUNETEENTH`.
    pub id: Box<str>,
    /// When it falls.
    pub rule: HolidayRule,
    /// The first year in which it was a legal public holiday.
    pub since_year: i32,
}

/// All holidays of the covered years, sorted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Holidays {
    statutory: Box<[CivilDate]>,
    observed: Box<[CivilDate]>,
}

impl HolidayRule {
    /// The statutory date in a year.
    pub fn date_in(self, year: i32) -> Option<CivilDate> {
        match self {
            Self::Fixed { month, day } => CivilDate::from_ymd(year, month, day),
            Self::NthWeekday { month, weekday, n } if n > 0 => {
                let first = CivilDate::from_ymd(year, month, 1)?;
                let ahead = (i32::from(weekday) - i32::from(first.weekday())).rem_euclid(7);
                let date = first.plus_days(ahead + 7 * (i32::from(n) - 1));
                (date.ymd().1 == month).then_some(date)
            }
            Self::NthWeekday { month, weekday, .. } => {
                let last = CivilDate::from_ymd(year, month, days_in_month(year, month))?;
                let back = (i32::from(last.weekday()) - i32::from(weekday)).rem_euclid(7);
                Some(last.plus_days(-back))
            }
        }
    }

    /// The date on which federal offices keep the holiday, given its statutory date.
    pub fn observed_for(self, statutory: CivilDate) -> CivilDate {
        match (self, statutory.weekday()) {
            (Self::Fixed { .. }, 6) => statutory.plus_days(-1),
            (Self::Fixed { .. }, 7) => statutory.plus_days(1),
            _ => statutory,
        }
    }
}

impl Holidays {
    /// Lays out the dates of every covered year.
    pub fn from_rules(rules: &[Holiday]) -> Self {
        let mut statutory = Vec::new();
        let mut observed = Vec::new();
        // One year more at the end: a New Year's Day may be observed in the year before.
        for year in YEAR_MIN..=YEAR_MAX + 1 {
            for holiday in rules.iter().filter(|holiday| holiday.since_year <= year) {
                if let Some(date) = holiday.rule.date_in(year) {
                    statutory.push(date);
                    observed.push(holiday.rule.observed_for(date));
                }
            }
        }
        Self {
            statutory: sorted(statutory),
            observed: sorted(observed),
        }
    }

    /// Whether the date itself is a holiday of 5 USC 6103(a).
    pub fn is_statutory(&self, date: CivilDate) -> bool {
        self.statutory.binary_search(&date).is_ok()
    }

    /// Whether federal offices keep a holiday on this date.
    pub fn is_observed(&self, date: CivilDate) -> bool {
        self.observed.binary_search(&date).is_ok()
    }

    /// Whether the date is a holiday either way.
    pub fn is_either(&self, date: CivilDate) -> bool {
        self.is_statutory(date) || self.is_observed(date)
    }
}

fn sorted(mut dates: Vec<CivilDate>) -> Box<[CivilDate]> {
    dates.sort_unstable();
    dates.dedup();
    dates.into_boxed_slice()
}
