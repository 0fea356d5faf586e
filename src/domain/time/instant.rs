//! Engine time: whole seconds since 1970-01-01T00:00:00Z.

use std::fmt;

use super::date::CivilDate;

/// Seconds in a civil day without a time-zone change.
pub const SECONDS_PER_DAY: i64 = 86_400;

/// An instant in whole seconds since the Unix epoch. Leap seconds do not exist here, as in POSIX.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct UnixSeconds(pub i64);

/// Why a text is not an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InstantError {
    /// Not `YYYY-MM-DDTHH:MM:SS` followed by a fraction or not, and by `Z` or `+HH:MM`.
    #[error("not an RFC 3339 instant")]
    Shape,
    /// The shape is right but a field is out of range.
    #[error("no such date, time or offset")]
    Range,
}

impl UnixSeconds {
    /// The earliest instant that has a four-digit year: 0000-01-01T00:00:00Z.
    pub const MIN: Self = Self(-62_167_219_200);
    /// The latest instant that has a four-digit year: 9999-12-31T23:59:59Z.
    pub const MAX: Self = Self(253_402_300_799);

    /// The instant `seconds` later (earlier when negative), kept within `MIN..=MAX`.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        let moved = self.0.saturating_add(seconds);
        if moved < Self::MIN.0 {
            Self::MIN
        } else if moved > Self::MAX.0 {
            Self::MAX
        } else {
            Self(moved)
        }
    }

    /// The instant `seconds` earlier, kept within `MIN..=MAX`.
    #[must_use]
    pub const fn minus(self, seconds: i64) -> Self {
        self.plus(seconds.saturating_neg())
    }

    /// Seconds from `earlier` to `self`; negative when `earlier` is the later one.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The UTC date of this instant.
    pub fn utc_date(self) -> CivilDate {
        CivilDate::from_days_clamped(self.0.div_euclid(SECONDS_PER_DAY))
    }

    /// `YYYY-MM-DDTHH:MM:SSZ` in a fixed buffer: nothing is allocated.
    pub fn rfc3339(self) -> Rfc3339 {
        let held = self.plus(0);
        let (year, month, day) = held.utc_date().ymd();
        let second = held.0.rem_euclid(SECONDS_PER_DAY);
        let mut text = *b"0000-00-00T00:00:00Z";
        let year = year.unsigned_abs();
        put_two(&mut text, 0, year / 100);
        put_two(&mut text, 2, year % 100);
        put_two(&mut text, 5, u32::from(month));
        put_two(&mut text, 8, u32::from(day));
        let second = u32::try_from(second).unwrap_or(0);
        put_two(&mut text, 11, second / 3_600);
        put_two(&mut text, 14, second / 60 % 60);
        put_two(&mut text, 17, second % 60);
        Rfc3339(text)
    }

    /// Reads RFC 3339. An offset is applied; a fraction is rounded **up**, so that an instant read
    /// back never lies before the one that was written.
    ///
    /// # Errors
    /// [`InstantError`] when the text is not an instant. A leap second (`:60`) is refused.
    pub fn parse(text: &str) -> Result<Self, InstantError> {
        let bytes = text.as_bytes();
        let (head, tail) = bytes.split_at_checked(19).ok_or(InstantError::Shape)?;
        let separators = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
        if separators
            .iter()
            .any(|&(at, mark)| head.get(at) != Some(&mark))
            || !matches!(head.get(10), Some(b'T' | b't'))
        {
            return Err(InstantError::Shape);
        }
        let field = |at, len| number(head, at, len).ok_or(InstantError::Shape);
        let year = i32::try_from(field(0, 4)?).map_err(|_too_wide| InstantError::Range)?;
        let (month, day) = (small(field(5, 2)?), small(field(8, 2)?));
        let (hour, minute, second) = (field(11, 2)?, field(14, 2)?, field(17, 2)?);
        let date = CivilDate::from_ymd(year, month, day).ok_or(InstantError::Range)?;
        if hour > 23 || minute > 59 || second > 59 {
            return Err(InstantError::Range);
        }
        let (round_up, offset) = read_tail(tail)?;
        let local = i64::from(date.days()) * SECONDS_PER_DAY
            + i64::from(hour * 3_600 + minute * 60 + second);
        let instant = local - offset + i64::from(round_up);
        if (Self::MIN.0..=Self::MAX.0).contains(&instant) {
            Ok(Self(instant))
        } else {
            Err(InstantError::Range)
        }
    }
}

/// The fraction and the offset: whether a fraction other than zero stands there, and the offset's
/// seconds east of UTC.
fn read_tail(tail: &[u8]) -> Result<(bool, i64), InstantError> {
    let (round_up, zone) = match tail.split_first() {
        Some((b'.', rest)) => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (fraction, zone) = rest.split_at_checked(digits).ok_or(InstantError::Shape)?;
            if fraction.is_empty() {
                return Err(InstantError::Shape);
            }
            (fraction.iter().any(|&digit| digit != b'0'), zone)
        }
        _ => (false, tail),
    };
    let offset = match zone {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), rest @ ..] if rest.len() == 5 && rest.get(2) == Some(&b':') => {
            let hours = number(rest, 0, 2).ok_or(InstantError::Shape)?;
            let minutes = number(rest, 3, 2).ok_or(InstantError::Shape)?;
            if hours > 23 || minutes > 59 {
                return Err(InstantError::Range);
            }
            let seconds = i64::from(hours * 3_600 + minutes * 60);
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return Err(InstantError::Shape),
    };
    Ok((round_up, offset))
}

fn number(bytes: &[u8], at: usize, len: usize) -> Option<u32> {
    bytes
        .get(at..at + len)?
        .iter()
        .try_fold(0_u32, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + u32::from(byte - b'0'))
        })
}

fn small(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

fn put_two(text: &mut [u8; 20], at: usize, value: u32) {
    if let Some(pair) = text.get_mut(at..at + 2) {
        pair.copy_from_slice(&[b'0' + small(value / 10 % 10), b'0' + small(value % 10)]);
    }
}

/// The text of an instant, twenty ASCII bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rfc3339([u8; 20]);

impl Rfc3339 {
    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl fmt::Display for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rfc3339().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_reads_back() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_778_004_000, "2026-05-05T18:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (UnixSeconds::MIN.0, "0000-01-01T00:00:00Z"),
            (UnixSeconds::MAX.0, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(UnixSeconds(seconds).rfc3339().as_str(), text);
            assert_eq!(UnixSeconds::parse(text), Ok(UnixSeconds(seconds)));
        }
    }

    #[test]
    fn applies_offsets_and_rounds_fractions_up() {
        let base = UnixSeconds(1_778_004_000);
        for (text, expected) in [
            ("2026-05-05T14:00:00-04:00", base),
            ("2026-05-05T23:30:00+05:30", base),
            ("2026-05-05t18:00:00z", base),
            ("2026-05-05T18:00:00.000Z", base),
            ("2026-05-05T18:00:00.001Z", base.plus(1)),
        ] {
            assert_eq!(UnixSeconds::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_an_instant() {
        for text in [
            "",
            "2026-05-05",
            "2026-05-05T18:00:00",
            "2026-05-05 18:00:00Z",
            "2026-05-05T18:00:00.Z",
            "2026-05-05T18:00:00+0530",
            "+026-05-05T18:00:00Z",
            "2026-05-05T18:00:00Zz",
            "2026-05-05T18:00:0\u{661}Z",
        ] {
            assert_eq!(UnixSeconds::parse(text), Err(InstantError::Shape), "{text}");
        }
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-06-30T23:59:60Z",
            "2026-01-01T00:00:00+24:00",
            "9999-12-31T23:59:59.5Z",
            "0000-01-01T00:00:00+00:01",
        ] {
            assert_eq!(UnixSeconds::parse(text), Err(InstantError::Range), "{text}");
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(UnixSeconds::MAX.plus(1), UnixSeconds::MAX);
        assert_eq!(UnixSeconds::MIN.minus(1), UnixSeconds::MIN);
        assert_eq!(UnixSeconds(5).minus(7), UnixSeconds(-2));
        assert_eq!(UnixSeconds(5).since(UnixSeconds(7)), -2);
    }
}
