//! Amounts as texts: `809.00`, `$0.00`, `7,000`, ` 4,000`, `-5.00`, `(5.00)`.

use super::{Said, text};

/// Most digits before the point that are looked at.
const WHOLE_DIGITS_MAX: usize = 15;

/// The amount in cents.
pub fn cents(raw: &str) -> Said<i64> {
    match text(raw) {
        None => Said::Nothing,
        Some(text) => read(text).map_or(Said::Unreadable, Said::This),
    }
}

fn read(text: &str) -> Option<i64> {
    let (is_minus, text) = match text.strip_prefix('(') {
        Some(inner) => (true, inner.strip_suffix(')')?),
        None => match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        },
    };
    let text = text.strip_prefix('$').unwrap_or(text).trim_start();
    let (is_minus, text) = match text.strip_prefix('-') {
        Some(rest) if !is_minus => (true, rest),
        _ => (is_minus, text),
    };
    let (whole, part) = match text.split_once('.') {
        Some((whole, part)) => (whole, part),
        None => (text, ""),
    };
    let amount = whole_of(whole)?
        .checked_mul(100)?
        .checked_add(part_of(part)?)?;
    Some(if is_minus { -amount } else { amount })
}

/// Digits, in groups of three or without groups.
fn whole_of(text: &str) -> Option<i64> {
    let grouped = text.contains(',');
    let mut plain = String::with_capacity(text.len());
    for (at, group) in text.split(',').enumerate() {
        let right = match (grouped, at) {
            (false, _) => true,
            (true, 0) => (1..=3).contains(&group.len()),
            (true, _) => group.len() == 3,
        };
        if !right || !group.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        plain.push_str(group);
    }
    (plain.len() <= WHOLE_DIGITS_MAX)
        .then(|| plain.parse().ok())
        .flatten()
}

/// Up to two digits that mean something; zeros may follow.
fn part_of(text: &str) -> Option<i64> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (cents, rest) = text.split_at_checked(2).unwrap_or((text, ""));
    if rest.bytes().any(|b| b != b'0') {
        return None;
    }
    match cents.len() {
        0 => Some(0),
        1 => Some(cents.parse::<i64>().ok()? * 10),
        _ => cents.parse().ok(),
    }
}
