//! How systems of record spell dates, times, money, flags and numbers, and how they spell nothing.
//!
//! A field says something, says nothing in one of many ways, or cannot be read. The three are kept
//! apart: a sentinel is an answer, what cannot be read is none, and only the caller knows which way is
//! the strict one.

mod dates;
mod money;
mod scalar;
#[cfg(test)]
mod tests;
mod times;
mod words;

pub use dates::{Stamp, date, earliest, latest, stamp};
pub use money::cents;
pub use scalar::scalar;
pub use times::time_of_day;
pub use words::Spoken;

use crate::domain::phone::PhoneNumber;

/// What a field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<T> {
    /// Nothing: it is absent, blank or a sentinel.
    Nothing,
    /// This.
    This(T),
    /// Something that cannot be read.
    Unreadable,
}

impl<T> Said<T> {
    /// What was said, if it could be read.
    pub fn known(self) -> Option<T> {
        match self {
            Self::This(value) => Some(value),
            Self::Nothing | Self::Unreadable => None,
        }
    }

    /// The same of something else.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Said<U> {
        match self {
            Self::This(value) => Said::This(change(value)),
            Self::Nothing => Said::Nothing,
            Self::Unreadable => Said::Unreadable,
        }
    }
}

/// The text without blanks around it; `None` when nothing is left or it is the word `null`.
pub fn text(raw: &str) -> Option<&str> {
    let text = raw.trim();
    let absent = text.is_empty()
        || ["null", "none"]
            .iter()
            .any(|w| text.eq_ignore_ascii_case(w));
    (!absent).then_some(text)
}

/// A yes or no: `YES`, `Y`, `TRUE`, `1`, `Allowed` and their opposites, letter case ignored.
pub fn flag(raw: &str) -> Said<bool> {
    const YES: [&str; 7] = ["YES", "Y", "TRUE", "T", "1", "ALLOWED", "ON"];
    const NO: [&str; 9] = [
        "NO",
        "N",
        "FALSE",
        "F",
        "0",
        "NOT ALLOWED",
        "DISALLOWED",
        "DENIED",
        "OFF",
    ];
    let Some(text) = text(raw) else {
        return Said::Nothing;
    };
    let is_among = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match (is_among(&YES), is_among(&NO)) {
        (true, _) => Said::This(true),
        (_, true) => Said::This(false),
        (false, false) => Said::Unreadable,
    }
}

/// A telephone number. One that the numbering plan cannot hold is unreadable: no intent can name it.
pub fn phone(raw: &str) -> Said<PhoneNumber> {
    match text(raw) {
        None => Said::Nothing,
        Some(text) => PhoneNumber::parse(text).map_or(Said::Unreadable, Said::This),
    }
}

/// A number as `NXX-NXX-XXXX`.
pub fn dashed(number: PhoneNumber) -> String {
    let digits = number.digits();
    let (area, exchange) = (digits / 10_000_000, digits / 10_000 % 1_000);
    format!("{area:03}-{exchange:03}-{:04}", digits % 10_000)
}
