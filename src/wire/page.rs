//! Lists a page at a time: how many items, and the cursor at which the next page begins.
//!
//! A cursor is the place where the walk goes on and a check over that place and everything that
//! says what is walked: tenant, route, filters. So one of another tenant, of other filters, or made
//! up is refused instead of answering with something else. It guards against mistakes; what a caller
//! may see is decided by the credential alone.
//!
//! Invariants
//! - PAGE-1: a cursor reads back only in the walk it was made for.

use serde::Serialize;

use super::field::{FieldCode, FieldError};
use super::limits::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX};
use super::reply::Reply;
use crate::domain::hash::stable_hash;

/// Hex digits of each half of a cursor.
const HALF: usize = 16;

/// What is walked. A page of the same walk has the same tenant, route and filters; only its place
/// and its length may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walk(u64);

impl Walk {
    /// The walk of a tenant through a route's list under filters, each as the caller gave it. Absent
    /// filters stand as empty text, so that each has its place.
    pub fn of<'a>(
        tenant: &'a str,
        route: &'a str,
        filters: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut parts: Vec<&[u8]> = vec![b"cursor", tenant.as_bytes(), route.as_bytes()];
        parts.extend(filters.into_iter().map(str::as_bytes));
        Self(stable_hash(&parts))
    }

    /// The cursor of a place.
    pub fn cursor(self, place: u64) -> String {
        format!("{place:016x}{:016x}", self.check(place))
    }

    /// The place a cursor stands for.
    ///
    /// # Errors
    /// 422 `INVALID_CURSOR` for whatever was not made by this walk.
    pub fn place(self, cursor: &str) -> Result<u64, FieldError> {
        self.read(cursor)
            .ok_or(FieldError::of("cursor", FieldCode::InvalidCursor))
    }

    fn read(self, cursor: &str) -> Option<u64> {
        let (place, check) = cursor.split_at_checked(HALF)?;
        let place = half(place)?;
        (half(check)? == self.check(place)).then_some(place)
    }

    fn check(self, place: u64) -> u64 {
        stable_hash(&[b"place", &self.0.to_le_bytes(), &place.to_le_bytes()])
    }
}

/// Sixteen lower-case digits and nothing else: one spelling a cursor.
fn half(text: &str) -> Option<u64> {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let plain = text.len() == HALF && text.bytes().all(digit);
    plain.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// The items of a page by the text of `limit`; [`PAGE_ITEMS_DEFAULT`] when it is absent.
///
/// # Errors
/// 422 `OUT_OF_RANGE` for anything but a whole number of 1 to [`PAGE_ITEMS_MAX`].
pub fn limit(text: Option<&str>) -> Result<usize, FieldError> {
    let Some(text) = text else {
        return Ok(PAGE_ITEMS_DEFAULT);
    };
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<usize>().ok().filter(|_| plain);
    number
        .filter(|number| (1..=PAGE_ITEMS_MAX).contains(number))
        .ok_or(FieldError::of("limit", FieldCode::OutOfRange))
}

/// A page as it is answered. It may be shorter than asked for and still not be the last: only
/// `next_cursor` tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// Its items.
    pub items: Vec<T>,
    /// Where the next page begins; `None`: there is none.
    pub next_cursor: Option<String>,
}

impl<T: Serialize> Page<T> {
    /// The answer; `None` when an item cannot be written as JSON.
    pub fn reply(&self) -> Option<Reply> {
        let body = serde_json::to_vec(self).ok()?;
        Some(Reply::json(200, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PAGE-1: of another tenant, route or filter it is none.
    #[test]
    fn page_1_a_cursor_reads_back_only_in_its_own_walk() {
        let walk = Walk::of("agency", "/api/audit/trail", ["A", ""]);
        for place in [0, 1, 41, u64::MAX] {
            let cursor = walk.cursor(place);
            assert_eq!(cursor.len(), 32);
            assert_eq!(walk.place(&cursor), Ok(place));
            for other in [
                Walk::of("bureau", "/api/audit/trail", ["A", ""]),
                Walk::of("agency", "/api/dialer/call-log", ["A", ""]),
                Walk::of("agency", "/api/audit/trail", ["", "A"]),
                Walk::of("agency", "/api/audit/trail", ["A"]),
            ] {
                let refused = other.place(&cursor).unwrap_err();
                assert_eq!(refused.to_string(), "cursor: INVALID_CURSOR");
            }
        }
    }

    #[test]
    fn whatever_is_no_cursor_is_refused() {
        let walk = Walk::of("agency", "r", []);
        let good = walk.cursor(0xabc);
        let upper = good.to_uppercase();
        let plus = format!("+{}", good.get(1..).unwrap());
        let forged = format!("{:016x}{}", 0xabd, good.get(16..).unwrap());
        let long = format!("{good}0");
        let wide = "\u{e9}".repeat(16);
        let all = ["", "0", &*upper, &plus, &forged, &long, &wide, "null"];
        for bad in all {
            assert!(walk.place(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn limits_on_both_sides() {
        assert_eq!(limit(None), Ok(PAGE_ITEMS_DEFAULT));
        assert_eq!(limit(Some("1")), Ok(1));
        assert_eq!(limit(Some(&PAGE_ITEMS_MAX.to_string())), Ok(PAGE_ITEMS_MAX));
        let over = (PAGE_ITEMS_MAX + 1).to_string();
        for bad in ["0", &*over, "", "+5", "-1", "5.0", "99999999999999999999"] {
            let refused = limit(Some(bad)).unwrap_err();
            assert_eq!(refused.to_string(), "limit: OUT_OF_RANGE", "{bad}");
        }
    }

    #[test]
    fn a_page_byte_for_byte() {
        let page = Page {
            items: vec![1, 2],
            next_cursor: Some("c".to_owned()),
        };
        let body = page.reply().unwrap().body;
        assert_eq!(&body[..], br#"{"items":[1,2],"next_cursor":"c"}"#);
        let last = Page::<u8> {
            items: vec![],
            next_cursor: None,
        };
        let body = last.reply().unwrap().body;
        assert_eq!(&body[..], br#"{"items":[],"next_cursor":null}"#);
    }
}
