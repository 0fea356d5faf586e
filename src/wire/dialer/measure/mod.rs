//! Instants and talk times as dialers write them.

use super::keys::{DurationUnit, InstantFormat};
use crate::domain::time::{CivilDate, UnixSeconds, ZoneId, Zones};

/// How a dialer writes what can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// Instants.
    pub instants: InstantFormat,
    /// The zone of instants that name none.
    pub zone: ZoneId,
    /// Talk times without a colon.
    pub durations: DurationUnit,
}

/// The least number that is milliseconds since 1970 rather than seconds: from 1973 on, while as
/// seconds it would lie past the year 5000.
const MILLIS_FROM: i64 = 100_000_000_000;
/// 2000-01-01: an earlier instant is no call's. It is a zero that stands for nothing, or a date read
/// as a number.
const SAID_FROM: UnixSeconds = UnixSeconds(946_684_800);
/// Talk times over this are none, seconds.
const DURATION_S_MAX: u64 = 86_400;

/// What stands where an instant should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an instant")]
pub struct NotAnInstant;

impl Measures {
    /// Reads when something occurred; nothing when the text does not say so: zeros, a day alone, an
    /// instant before 2000. A call believed to be that old would not be counted.
    ///
    /// # Errors
    /// [`NotAnInstant`]: it is not of the format.
    pub fn occurred_at(self, text: &str) -> Result<Option<UnixSeconds>, NotAnInstant> {
        if is_zero(text) || is_compact_date(text) {
            return Ok(None);
        }
        let at = self.instant(text).ok_or(NotAnInstant)?;
        Ok(Some(at).filter(|at| *at >= SAID_FROM))
    }

    /// Reads an instant; `None` when it is not of the format. A fraction of a second is rounded up,
    /// so that nothing is dated before it happened; a local time shown twice is taken the second time.
    pub fn instant(self, text: &str) -> Option<UnixSeconds> {
        match self.instants {
            InstantFormat::Rfc3339 => UnixSeconds::parse(text).ok(),
            InstantFormat::UnixSeconds => seconds(text),
            InstantFormat::UnixMillis => in_range(millis(number(text)?)),
            InstantFormat::Local => self.local(text),
            InstantFormat::Auto => {
                if let Ok(instant) = UnixSeconds::parse(text) {
                    return Some(instant);
                }
                let whole = text.split('.').next().unwrap_or_default();
                match number(text) {
                    _ if whole.len() < 12 => seconds(text),
                    Some(count) if count >= MILLIS_FROM && text.len() == 13 => {
                        in_range(millis(count))
                    }
                    _ => self.local(text),
                }
            }
        }
    }

    /// `YYYY-MM-DD HH:MM:SS` with `T`, `/` or nothing between, and a fraction or not.
    fn local(self, text: &str) -> Option<UnixSeconds> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mut digits = String::with_capacity(17);
        for letter in whole.chars() {
            match letter {
                '0'..='9' => digits.push(letter),
                '-' | '/' | ':' | ' ' | 'T' | 't' => {}
                _ => return None,
            }
        }
        let is_plain = whole.len() == digits.len();
        let is_marked = digits.len() == 14 && whole.len() == 19;
        if !(is_marked || is_plain && matches!(digits.len(), 14 | 17))
            || !fraction.bytes().all(|byte| byte.is_ascii_digit())
        {
            return None;
        }
        let part = |from: usize, to: usize| digits.get(from..to)?.parse::<u32>().ok();
        let byte = |from, to| u8::try_from(part(from, to)?).ok();
        let year = i32::try_from(part(0, 4)?).ok()?;
        let date = CivilDate::from_ymd(year, byte(4, 6)?, byte(6, 8)?)?;
        let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let more = digits.get(14..).unwrap_or_default();
        let round_up = more
            .bytes()
            .chain(fraction.bytes())
            .any(|digit| digit != b'0');
        let shown = hour * 3_600 + minute * 60 + second;
        let instant = Zones::bundled().settled_instant_of(self.zone, date, shown);
        Some(instant.plus(i64::from(round_up)))
    }

    /// Reads a talk time, whole seconds rounded up: `125`, `124.2`, `2:05`, `00:02:05`. `None` when it
    /// is none of these, or longer than a day.
    pub fn duration_s(self, text: &str) -> Option<u32> {
        let seconds = if text.contains(':') {
            let parts = text.split(':').map(|part| part.parse::<u64>().ok());
            let parts: Vec<u64> = parts.collect::<Option<_>>()?;
            if !(2..=3).contains(&parts.len()) || parts.iter().skip(1).any(|part| *part > 59) {
                return None;
            }
            parts
                .iter()
                .try_fold(0_u64, |sum, part| sum.checked_mul(60)?.checked_add(*part))?
        } else {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let count = u64::try_from(number(whole)?).ok()?;
            let count = count.checked_add(u64::from(fraction.bytes().any(|byte| byte != b'0')))?;
            match self.durations {
                DurationUnit::Seconds => count,
                DurationUnit::Millis => count.div_ceil(1_000),
            }
        };
        let seconds = (seconds <= DURATION_S_MAX).then_some(seconds)?;
        u32::try_from(seconds).ok()
    }
}

/// Zeros and what stands between the parts of an instant, as databases write a time that is not set.
fn is_zero(text: &str) -> bool {
    let between = |byte| {
        matches!(
            byte,
            b'-' | b'/' | b':' | b'.' | b' ' | b'T' | b't' | b'Z' | b'z'
        )
    };
    text.contains('0') && text.bytes().all(|byte| byte == b'0' || between(byte))
}

/// `YYYYMMDD`: a day without its time.
fn is_compact_date(text: &str) -> bool {
    let part = |from, to| text.get(from..to).and_then(number);
    let date = || {
        let year = i32::try_from(part(0, 4)?).ok()?;
        let month = u8::try_from(part(4, 6)?).ok()?;
        CivilDate::from_ymd(year, month, u8::try_from(part(6, 8)?).ok()?)
    };
    text.len() == 8 && date().is_some()
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Seconds with a fraction or without.
fn seconds(text: &str) -> Option<UnixSeconds> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let round_up = fraction.bytes().any(|byte| byte != b'0');
    let count = number(whole).filter(|_| digits)?;
    in_range(count.checked_add(i64::from(round_up))?)
}

fn millis(count: i64) -> i64 {
    count / 1_000 + i64::from(count % 1_000 > 0)
}

fn in_range(seconds: i64) -> Option<UnixSeconds> {
    (seconds <= UnixSeconds::MAX.0).then_some(UnixSeconds(seconds))
}

#[cfg(test)]
mod tests;
