//! Civil dates as day numbers, and what a local clock reads.

use std::fmt;

/// A date of the proleptic Gregorian calendar as days since 1970-01-01.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    rkyv::Archive,
    rkyv::Serialize,
    rkyv::Deserialize,
)]
pub struct CivilDate(i32);

/// What a wall clock in some zone shows at one instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LocalTime {
    /// The local date.
    pub date: CivilDate,
    /// Seconds the clock shows since midnight, `0..86_400`.
    pub second_of_day: u32,
    /// ISO weekday, 1 = Monday to 7 = Sunday.
    pub weekday: u8,
}

impl CivilDate {
    /// 0000-01-01, the first date with a four-digit year.
    pub const MIN: Self = Self(-719_528);
    /// 9999-12-31, the last date with a four-digit year.
    pub const MAX: Self = Self(2_932_896);

    /// The date `days` after 1970-01-01, kept within `MIN..=MAX`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the value is clamped to an i32 range first"
    )]
    pub const fn from_days_clamped(days: i64) -> Self {
        if days < Self::MIN.0 as i64 {
            Self::MIN
        } else if days > Self::MAX.0 as i64 {
            Self::MAX
        } else {
            Self(days as i32)
        }
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The date of a year, month and day, if there is one.
    pub fn from_ymd(year: i32, month: u8, day: u8) -> Option<Self> {
        if !(0..=9_999).contains(&year)
            || !(1..=12).contains(&month)
            || day < 1
            || day > days_in_month(year, month)
        {
            return None;
        }
        // Years begin in March, so that the leap day is a year's last day.
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month_from_march = (i32::from(month) + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + i32::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self(era * 146_097 + day_of_era - 719_468))
    }

    /// Year, month `1..=12`, day `1..=31`.
    pub fn ymd(self) -> (i32, u8, u8) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (
            year,
            u8::try_from(month).unwrap_or(1),
            u8::try_from(day).unwrap_or(1),
        )
    }

    /// ISO weekday, 1 = Monday to 7 = Sunday.
    pub const fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday; the remainder is 0..=6, so the cast loses nothing.
        #[expect(clippy::cast_possible_truncation, reason = "0..=6")]
        let from_monday = (self.0 + 3).rem_euclid(7) as u8;
        from_monday + 1
    }

    /// The date `days` later (earlier when negative), kept within `MIN..=MAX`.
    #[must_use]
    pub const fn plus_days(self, days: i32) -> Self {
        Self::from_days_clamped(self.0 as i64 + days as i64)
    }

    /// Days from `earlier` to `self`; negative when `earlier` is the later one.
    pub const fn days_since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// Reads `YYYY-MM-DD`; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() else {
            return None;
        };
        let digits = |bytes: &[u8]| {
            bytes.iter().try_fold(0_u16, |sum, byte| {
                byte.is_ascii_digit()
                    .then(|| sum * 10 + u16::from(byte - b'0'))
            })
        };
        let year = i32::from(digits(&[*y0, *y1, *y2, *y3])?);
        let month = u8::try_from(digits(&[*m0, *m1])?).ok()?;
        let day = u8::try_from(digits(&[*d0, *d1])?).ok()?;
        Self::from_ymd(year, month, day)
    }
}

/// Days in a month of the Gregorian calendar; 0 when there is no such month.
pub fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_calendar_library_on_every_day_of_two_centuries() {
        let mut expected = jiff::civil::date(1900, 1, 1);
        let mut date = CivilDate::from_ymd(1900, 1, 1).unwrap();
        while expected.year() < 2110 {
            let (year, month, day) = (
                i32::from(expected.year()),
                expected.month().unsigned_abs(),
                expected.day().unsigned_abs(),
            );
            assert_eq!(date.ymd(), (year, month, day));
            assert_eq!(CivilDate::from_ymd(year, month, day), Some(date));
            assert_eq!(
                date.weekday(),
                expected.weekday().to_monday_one_offset().unsigned_abs()
            );
            expected = expected.tomorrow().unwrap();
            date = date.plus_days(1);
        }
    }

    #[test]
    fn reads_and_prints() {
        let date = CivilDate::parse("2026-11-20").unwrap();
        assert_eq!(date.ymd(), (2026, 11, 20));
        assert_eq!(date.to_string(), "2026-11-20");
        assert_eq!(CivilDate::parse("0000-01-01"), Some(CivilDate::MIN));
        assert_eq!(CivilDate::parse("9999-12-31"), Some(CivilDate::MAX));
        for text in [
            "2026-02-29",
            "2026-00-10",
            "2026-13-01",
            "2026-1-1",
            "20261120",
            "2026-11-31",
        ] {
            assert_eq!(CivilDate::parse(text), None, "{text}");
        }
        assert_eq!(CivilDate::MAX.plus_days(1), CivilDate::MAX);
        for (beyond, last) in [(i64::MAX, CivilDate::MAX), (i64::MIN, CivilDate::MIN)] {
            assert_eq!(CivilDate::from_days_clamped(beyond), last);
        }
    }
}
