//! Both sides of every bound of a header.

use super::*;
use crate::wire::limits::{BATCH_BODY_BYTES_MAX, FRAME_BYTES_MAX};

fn header(kind: Kind, payload_bytes: usize) -> Header {
    Header {
        kind,
        correlation: 0x0102_0304_0506_0708,
        payload_bytes,
    }
}

#[test]
fn a_header_byte_for_byte() {
    let bytes = header(Kind::Intent, 0x0102).bytes();
    assert_eq!(bytes, [2, 1, 0, 0, 1, 2, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(Header::read(&bytes), Ok(header(Kind::Intent, 0x0102)));
}

#[test]
fn lengths_at_and_over_the_bound_of_each_kind() {
    for kind in Kind::ALL {
        let max = match kind {
            Kind::Intents | Kind::Decisions => BATCH_BODY_BYTES_MAX,
            Kind::Ping | Kind::Pong => 0,
            _ => FRAME_BYTES_MAX,
        };
        let at = header(kind, max);
        assert_eq!(Header::read(&at.bytes()), Ok(at));
        let over = header(kind, max + 1).bytes();
        let refused = Err((Reason::FrameTooLarge, at.correlation));
        assert_eq!(Header::read(&over), refused);
    }
}

#[test]
fn what_is_no_header_says_why() {
    let good = header(Kind::Ping, 0).bytes();
    let with = |at: usize, byte: u8| {
        let mut bytes = good;
        bytes[at] = byte;
        Header::read(&bytes).unwrap_err()
    };
    let number = header(Kind::Ping, 0).correlation;
    assert_eq!(with(4, 0), (Reason::BadVersion, 0));
    assert_eq!(with(4, 2), (Reason::BadVersion, 0));
    assert_eq!(with(6, 1), (Reason::BadHeader, number));
    assert_eq!(with(7, 1), (Reason::BadHeader, number));
    for kind in [0, 6, 64, 72, 255] {
        assert_eq!(with(5, kind), (Reason::UnknownKind, number));
    }
}

#[test]
fn numbers_and_names_of_kinds_and_reasons_are_for_ever() {
    let numbers = Kind::ALL.map(|kind| kind as u8);
    assert_eq!(numbers, [1, 2, 3, 4, 5, 65, 66, 67, 68, 69, 70, 71]);
    for kind in Kind::ALL {
        assert_eq!(Kind::of(kind as u8), Some(kind));
        assert_eq!(kind.is_of_clients(), (kind as u8) < 64);
    }
    for (number, reason) in (0_u32..).zip(Reason::ALL) {
        assert_eq!(reason.number(), number);
        assert_eq!(Reason::of(u64::from(number)), Some(*reason));
        assert_eq!(reason.to_string(), reason.as_str());
    }
    assert_eq!(Reason::of(17), None);
}
