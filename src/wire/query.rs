//! Reading a query string: names that the route publishes, each at most once.
//!
//! Percent-encoding is undone; a `+` stays a `+`, as RFC 3986 has it, so that `phone=+12125550123`
//! and the offset of an instant mean what they say. A name without a value, a value that is empty,
//! a name twice and a name the route does not have are refused: what a caller believes to narrow an
//! answer must not be passed over.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::field::{FieldCode, FieldError};
use super::limits::{CALLER_TEXT_BYTES_MAX, QUERY_BYTES_MAX};
use crate::domain::time::UnixSeconds;

/// What errors about the query as a whole name as their field: a name nobody published is the
/// caller's own text and is not repeated (WIRE-2).
const WHOLE: &str = "query";

/// The parameters of one request. `NAMES` fixes their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params<'q, const N: usize> {
    names: &'static [&'static str; N],
    values: [Option<Cow<'q, str>>; N],
}

impl<'q, const N: usize> Params<'q, N> {
    /// Reads a query string without its `?`; an empty one has no parameters.
    ///
    /// # Errors
    /// [`FieldError`], the first fault from the left: `TOO_LONG` (the whole over
    /// [`QUERY_BYTES_MAX`] bytes, or a value over [`CALLER_TEXT_BYTES_MAX`] decoded),
    /// `UNKNOWN_PARAMETER`, `DUPLICATE`, `EMPTY`, `NOT_PERCENT_ENCODED`.
    pub fn read(text: &'q str, names: &'static [&'static str; N]) -> Result<Self, FieldError> {
        if text.len() > QUERY_BYTES_MAX {
            return Err(FieldError::of(WHOLE, FieldCode::TooLong));
        }
        let mut all = Self {
            names,
            values: [const { None }; N],
        };
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            all.take_in(pair)?;
        }
        Ok(all)
    }

    fn take_in(&mut self, pair: &'q str) -> Result<(), FieldError> {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent_decoded(name);
        let name = name.ok_or(FieldError::of(WHOLE, FieldCode::NotPercentEncoded))?;
        let known = self.names.iter().zip(&mut self.values);
        let (name, slot) = known
            .into_iter()
            .find(|(known, _)| **known == name)
            .ok_or(FieldError::of(WHOLE, FieldCode::UnknownParameter))?;
        let fault = |code| FieldError::of(name, code);
        if slot.is_some() {
            return Err(fault(FieldCode::Duplicate));
        }
        let value = percent_decoded(value);
        let value = value.ok_or_else(|| fault(FieldCode::NotPercentEncoded))?;
        if value.is_empty() {
            return Err(fault(FieldCode::Empty));
        }
        if value.len() > CALLER_TEXT_BYTES_MAX {
            return Err(fault(FieldCode::TooLong));
        }
        *slot = Some(value);
        Ok(())
    }

    /// A parameter's text, never empty; `None` when it is absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        let at = self.names.iter().position(|known| *known == name)?;
        self.values.get(at)?.as_deref()
    }

    /// A word of a closed vocabulary.
    ///
    /// # Errors
    /// `UNKNOWN_WORD` of the parameter.
    pub fn word<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, FieldError> {
        let read = |text: &str| {
            let unknown = FieldError::of(name, FieldCode::UnknownWord);
            parse(text).ok_or(unknown)
        };
        self.text(name).map(read).transpose()
    }

    /// An RFC 3339 instant, floored to the second.
    ///
    /// # Errors
    /// `INVALID_INSTANT` of the parameter.
    pub fn instant(&self, name: &'static str) -> Result<Option<UnixSeconds>, FieldError> {
        let refused = FieldError::of(name, FieldCode::InvalidInstant);
        let read = |text| UnixSeconds::parse(text).map_err(|_why| refused);
        self.text(name).map(read).transpose()
    }

    /// A decimal number within bounds: digits only, no sign.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` of the parameter, also for what is no number.
    pub fn number(
        &self,
        name: &'static str,
        within: RangeInclusive<u64>,
    ) -> Result<Option<u64>, FieldError> {
        let refused = FieldError::of(name, FieldCode::OutOfRange);
        let read = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse::<u64>().ok().filter(|_| digits);
            number.filter(|n| within.contains(n)).ok_or(refused)
        };
        self.text(name).map(read).transpose()
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// `UNKNOWN_WORD` of the parameter.
    pub fn flag(&self, name: &'static str) -> Result<Option<bool>, FieldError> {
        self.word(name, |text| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }
}

/// A text without its percent-encoding; `None` when that is broken or not UTF-8. Also for a path's
/// segment.
pub fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (pair, tail) = rest.split_at_checked(2)?;
        // Checked here because the number parser would take a sign.
        if !pair.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        bytes.push(u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::Channel;

    const NAMES: [&str; 4] = ["phone", "channel", "limit", "since"];

    fn read(text: &str) -> Result<Params<'_, 4>, FieldError> {
        Params::read(text, &NAMES)
    }

    #[test]
    fn values_are_decoded_and_a_plus_stays() {
        let params = read("phone=+1%20212&&channel=sms&limit=7&since=2026-05-05T11:00:00-07:00");
        let params = params.unwrap();
        assert_eq!(params.text("phone"), Some("+1 212"));
        assert_eq!(
            params.word("channel", Channel::parse),
            Ok(Some(Channel::Sms))
        );
        assert_eq!(params.number("limit", 1..=200), Ok(Some(7)));
        assert_eq!(
            params.instant("since"),
            Ok(Some(UnixSeconds(1_778_004_000)))
        );
        assert_eq!(read("").unwrap().text("phone"), None);
        assert_eq!(read("p%68one=1").unwrap().text("phone"), Some("1"));
    }

    /// WIRE-2: a parameter that nobody published is not named.
    #[test]
    fn each_fault_names_its_parameter_and_repeats_nothing() {
        let long = format!("phone={}", "9".repeat(CALLER_TEXT_BYTES_MAX + 1));
        let longest = format!("phone={}", "9".repeat(CALLER_TEXT_BYTES_MAX));
        let whole = "&".repeat(QUERY_BYTES_MAX + 1);
        for (text, field, code) in [
            ("phone=1&phone=1", "phone", FieldCode::Duplicate),
            ("phone=1&phone", "phone", FieldCode::Duplicate),
            ("secret=1", WHOLE, FieldCode::UnknownParameter),
            ("Phone=1", WHOLE, FieldCode::UnknownParameter),
            ("=1", WHOLE, FieldCode::UnknownParameter),
            ("phone", "phone", FieldCode::Empty),
            ("phone=", "phone", FieldCode::Empty),
            ("phone=%zz", "phone", FieldCode::NotPercentEncoded),
            ("phone=%ff", "phone", FieldCode::NotPercentEncoded),
            ("%=1", WHOLE, FieldCode::NotPercentEncoded),
            (&long, "phone", FieldCode::TooLong),
            (&whole, WHOLE, FieldCode::TooLong),
        ] {
            assert_eq!(read(text), Err(FieldError::of(field, code)), "{text}");
        }
        assert!(read(&longest).is_ok());
    }

    #[test]
    fn words_numbers_and_flags_have_bounds() {
        let refused = |code| Err(FieldError::of("limit", code));
        for text in ["0", "201", "+7", "-1", "7.0", "x", "99999999999999999999"] {
            let query = format!("limit={text}");
            let params = read(&query).unwrap();
            let number = params.number("limit", 1..=200);
            assert_eq!(number, refused(FieldCode::OutOfRange), "{text}");
        }
        for (text, expected) in [("1", 1), ("200", 200), ("007", 7)] {
            let query = format!("limit={text}");
            let params = read(&query).unwrap();
            assert_eq!(params.number("limit", 1..=200), Ok(Some(expected)));
        }
        let params = read("limit=true&channel=SMS&since=today").unwrap();
        assert_eq!(params.flag("limit"), Ok(Some(true)));
        assert!(params.word("channel", Channel::parse).is_err());
        assert!(params.instant("since").is_err());
        assert!(read("limit=yes").unwrap().flag("limit").is_err());
    }

    #[test]
    fn segments_decode_or_are_refused() {
        assert_eq!(percent_decoded("ACC-1").as_deref(), Some("ACC-1"));
        assert_eq!(
            percent_decoded("a%2Fb%20%C3%A9").as_deref(),
            Some("a/b \u{e9}")
        );
        for broken in ["%", "%2", "a%zz", "%+1", "%ff"] {
            assert_eq!(percent_decoded(broken), None, "{broken}");
        }
    }
}
