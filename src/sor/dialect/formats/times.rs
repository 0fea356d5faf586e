//! Times of day, of twelve hours and of twenty-four.

use super::{Said, text};

/// Seconds since midnight of `09:45`, `15:39:00`, `1:16 PM`, `1:43PM`.
pub fn time_of_day(raw: &str) -> Said<u32> {
    match text(raw) {
        None => Said::Nothing,
        Some(text) => read(text).map_or(Said::Unreadable, Said::This),
    }
}

fn read(text: &str) -> Option<u32> {
    let (clock, half) = match text
        .len()
        .checked_sub(2)
        .and_then(|at| text.split_at_checked(at))
    {
        Some((clock, half)) if half.eq_ignore_ascii_case("am") => (clock.trim_end(), Some(0)),
        Some((clock, half)) if half.eq_ignore_ascii_case("pm") => (clock.trim_end(), Some(12)),
        _ => (text, None),
    };
    let mut parts = clock.split(':');
    let hour = number(parts.next()?, 1, 23)?;
    let minute = number(parts.next()?, 2, 59)?;
    let second = parts.next().map_or(Some(0), |part| number(part, 2, 59))?;
    if parts.next().is_some() {
        return None;
    }
    let hour = match half {
        None => hour,
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
    };
    Some(hour * 3_600 + minute * 60 + second)
}

/// One or two digits up to a bound.
fn number(text: &str, digits_min: usize, max: u32) -> Option<u32> {
    let plain = (digits_min..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|n| plain && *n <= max)
}
