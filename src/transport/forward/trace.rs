//! `traceparent` (W3C Trace Context): the caller's, else one of ours.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

use http::{HeaderMap, HeaderName, HeaderValue};

pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Makes trace ids on one thread: a random half, and a count under a key nobody knows, which tells no
/// system how many requests of others there were.
pub(in crate::transport) struct Traces {
    half: u64,
    key: RandomState,
    count: Cell<u64>,
}

impl Traces {
    pub(in crate::transport) fn new() -> Self {
        let random = RandomState::new();
        Self {
            // Never nought, which the form forbids.
            half: random.hash_one(1_u8) | 1,
            key: random,
            count: Cell::new(0),
        }
    }

    /// Leaves a well-formed trace as it is and puts a new one in the place of any other.
    pub(super) fn set(&self, headers: &mut HeaderMap) {
        let mut sent = headers.get_all(TRACEPARENT).iter();
        let known = sent.next().is_some_and(|one| is_trace(one.as_bytes()));
        if known && sent.next().is_none() {
            return;
        }
        headers.remove(TRACESTATE);
        headers.insert(TRACEPARENT, self.make());
    }

    fn make(&self) -> HeaderValue {
        let count = self.count.get().wrapping_add(1);
        self.count.set(count);
        let number = self.key.hash_one(count);
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        write_hex(&mut text, 3, self.half);
        write_hex(&mut text, 19, number);
        write_hex(&mut text, 36, number | 1);
        HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("0"))
    }
}

/// Writes sixteen digits.
fn write_hex(text: &mut [u8], at: usize, number: u64) {
    let mut rest = number;
    for place in text.iter_mut().skip(at).take(16).rev() {
        let digit = usize::try_from(rest & 15).unwrap_or(0);
        *place = b"0123456789abcdef".get(digit).copied().unwrap_or(b'0');
        rest >>= 4;
    }
}

/// `VERSION-TRACE-PARENT-FLAGS` of version 00, neither id all noughts.
fn is_trace(text: &[u8]) -> bool {
    let hex = |part: &[u8]| part.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let mut parts = text.split(|byte| *byte == b'-');
    let (version, trace, parent, flags) = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(trace), Some(parent), Some(flags), None) = (trace, parent, flags, parts.next())
    else {
        return false;
    };
    let some = |part: &[u8]| hex(part) && part.iter().any(|byte| *byte != b'0');
    version == Some(b"00")
        && trace.len() == 32
        && some(trace)
        && parent.len() == 16
        && some(parent)
        && flags.len() == 2
        && hex(flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_trace_goes_on_and_any_other_is_replaced() {
        let traces = Traces::new();
        let of = |sent: &[&str]| {
            let mut headers = HeaderMap::new();
            headers.insert(TRACESTATE, HeaderValue::from_static("a=b"));
            for one in sent {
                headers.append(TRACEPARENT, HeaderValue::from_str(one).unwrap());
            }
            traces.set(&mut headers);
            let all: Vec<_> = headers.get_all(TRACEPARENT).iter().cloned().collect();
            assert_eq!(all.len(), 1);
            assert!(is_trace(all[0].as_bytes()), "{all:?}");
            (all[0].clone(), headers.contains_key(TRACESTATE))
        };
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(of(&[good]), (HeaderValue::from_static(good), true));
        for bad in [
            "",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            let (made, state) = of(&[bad]);
            assert_ne!(made, bad);
            assert!(!state, "a state without its trace goes on");
        }
        assert_ne!(of(&[good, good]).0, good);
        assert_ne!(of(&[]).0, of(&[]).0);
    }
}
