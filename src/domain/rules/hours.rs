//! Hours in which contact is permitted, and days on which it is not.

use crate::domain::time::{LocalTime, ZoneId};

/// A half-open span of one local day, `[open, close)` in seconds since midnight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DayWindow {
    /// First second in which contact is permitted.
    pub open: u32,
    /// First second in which it no longer is; at most 86 400.
    pub close: u32,
}

impl DayWindow {
    /// Whether the clock reading lies in the window.
    pub const fn contains(self, second_of_day: u32) -> bool {
        self.open <= second_of_day && second_of_day < self.close
    }
}

/// Whose clock a rule reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HoursZone {
    /// Every zone the consumer may be in.
    ConsumerLocal,
    /// One zone the text names.
    Named(ZoneId),
}

/// What a rule of hours says of legal holidays.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HolidayHours {
    /// Nothing: the weekday's hours hold.
    AsWeekday,
    /// Closed.
    Closed,
}

/// A weekly table of hours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WeeklyHours {
    /// Monday first; `None` = closed all day.
    pub days: [Option<DayWindow>; 7],
    /// Holidays.
    pub holidays: HolidayHours,
    /// The clock that is read.
    pub zone: HoursZone,
}

impl WeeklyHours {
    /// The window of an ISO weekday; `None` = closed (also for a number that is no weekday).
    pub fn on(&self, weekday: u8) -> Option<DayWindow> {
        let at = usize::from(weekday.checked_sub(1)?);
        self.days.get(at).copied().flatten()
    }

    /// Whether a clock reading lies in that weekday's window.
    pub fn is_open(&self, local: LocalTime) -> bool {
        self.on(local.weekday)
            .is_some_and(|window| window.contains(local.second_of_day))
    }
}

/// A rule of kind `call_hours`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CallHours {
    /// Contact is permitted in these hours only.
    Weekly(WeeklyHours),
    /// Contact is permitted only while the consumer is known to be awake: what they called
    /// inconvenient says when they are not.
    KnownWakingHours,
}

/// Which holidays a ban means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HolidayList {
    /// None.
    None,
    /// The federal ones, statutory and observed dates.
    Federal,
    /// The state's own; their dates are not in the pack, so such a rule cannot be enforced.
    StateLegal,
}

impl HolidayList {
    /// All lists, in order.
    pub const ALL: [Self; 3] = [Self::None, Self::Federal, Self::StateLegal];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Federal => "federal",
            Self::StateLegal => "state_legal",
        }
    }
}

/// A rule of kind `holiday_ban`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HolidayBan {
    /// Weekdays without contact, bit 0 = Monday.
    pub weekdays: u8,
    /// Holidays without contact.
    pub holidays: HolidayList,
    /// Hours on the other days, if the text gives any.
    pub hours: Option<DayWindow>,
}

impl HolidayBan {
    /// Whether the ISO weekday is one without contact.
    pub const fn bans_weekday(&self, weekday: u8) -> bool {
        weekday >= 1 && weekday <= 7 && self.weekdays >> (weekday - 1) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::CivilDate;

    #[test]
    fn windows_are_half_open() {
        let window = DayWindow {
            open: 28_800,
            close: 75_600,
        };
        for (second, open) in [
            (28_799, false),
            (28_800, true),
            (75_599, true),
            (75_600, false),
        ] {
            assert_eq!(window.contains(second), open, "{second}");
        }
    }

    #[test]
    fn each_weekday_has_its_own_window() {
        let week = |day| {
            Some(DayWindow {
                open: day,
                close: 80_000,
            })
        };
        let hours = WeeklyHours {
            days: [week(1), week(2), week(3), week(4), week(5), week(6), None],
            holidays: HolidayHours::AsWeekday,
            zone: HoursZone::ConsumerLocal,
        };
        for weekday in 1..=6 {
            assert_eq!(hours.on(weekday), week(u32::from(weekday)));
        }
        assert_eq!((hours.on(0), hours.on(7), hours.on(8)), (None, None, None));
        let date = CivilDate::parse("2026-11-20").unwrap();
        let friday = |second_of_day| LocalTime {
            date,
            second_of_day,
            weekday: date.weekday(),
        };
        assert!(hours.is_open(friday(5)) && !hours.is_open(friday(4)));
    }

    #[test]
    fn a_ban_names_its_weekdays() {
        let ban = HolidayBan {
            weekdays: 0b100_0001,
            holidays: HolidayList::None,
            hours: None,
        };
        let banned: Vec<u8> = (0..=9)
            .filter(|&weekday| ban.bans_weekday(weekday))
            .collect();
        assert_eq!(banned, [1, 7]);
    }
}
