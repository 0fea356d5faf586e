//! `x-request-id`: the caller's, else one of ours, in every answer.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::wire::limits::CALLER_TEXT_BYTES_MAX;

/// The header.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Makes ids on one thread: a count under a key nobody knows, so that no two ids tell a tenant how many
/// requests of others came between them. Unique enough to find a log line by; nothing depends on it.
pub(super) struct RequestIds {
    key: RandomState,
    count: Cell<u64>,
}

impl RequestIds {
    pub(super) fn new() -> Self {
        Self {
            key: RandomState::new(),
            count: Cell::new(0),
        }
    }

    /// The caller's id if it is short, visible ASCII; else a new one.
    pub(super) fn of(&self, headers: &HeaderMap) -> HeaderValue {
        match headers.get(X_REQUEST_ID) {
            Some(id) if usable(id.as_bytes()) => id.clone(),
            _ => self.next(),
        }
    }

    /// A new id.
    pub(super) fn next(&self) -> HeaderValue {
        let number = self.count.get().wrapping_add(1);
        self.count.set(number);
        let mut text = [b'0'; 16];
        let mut rest = self.key.hash_one(number);
        for digit in text.iter_mut().rev() {
            *digit = b"0123456789abcdef"
                .get(usize::try_from(rest & 15).unwrap_or(0))
                .copied()
                .unwrap_or(b'0');
            rest >>= 4;
        }
        HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("0"))
    }
}

fn usable(id: &[u8]) -> bool {
    (1..=CALLER_TEXT_BYTES_MAX).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usable_id_is_echoed_and_any_other_replaced() {
        let ids = RequestIds::new();
        let of = |id: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, HeaderValue::from_bytes(id).unwrap());
            ids.of(&headers)
        };
        assert_eq!(of(b"call-17"), "call-17");
        assert_eq!(
            of(&[b'x'; 64]),
            HeaderValue::from_bytes(&[b'x'; 64]).unwrap()
        );
        for id in [b"".as_slice(), &[b'x'; 65], b"a b", b"caf\xe9"] {
            let own = of(id);
            assert_eq!(own.len(), 16);
            assert!(own.as_bytes().iter().all(u8::is_ascii_hexdigit));
        }
        assert_ne!(ids.of(&HeaderMap::new()), ids.of(&HeaderMap::new()));
    }
    /// TRANSPORT-4.
    #[test]
    fn ids_tell_nobody_how_many_others_there_are() {
        let ids = RequestIds::new();
        let number = |id: &HeaderValue| u64::from_str_radix(id.to_str().unwrap(), 16).unwrap();
        let all: Vec<u64> = (0..64).map(|_| number(&ids.next())).collect();
        for pair in all.windows(2) {
            let apart = pair[1].wrapping_sub(pair[0]);
            assert!(apart.min(apart.wrapping_neg()) > 1 << 32, "{pair:x?}");
        }
    }
}
