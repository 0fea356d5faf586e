//! Frames there and back, whole and cut, sound and damaged.

mod cuts;
mod fields;
mod headers;
mod spoken;
mod talks;

use std::borrow::Cow;

use bytes::Bytes;

use super::*;

/// The published sample.
pub(super) fn sample() -> Intent<'static> {
    Intent {
        account_id: said("ACC-001"),
        phone: said("(818) 555-1234"),
        channel: said("phone"),
        action_type: said("call"),
        source_system: said("five9"),
        ..Intent::default()
    }
}

/// A field that is there.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the fields of an intent are optional"
)]
pub(super) fn said(text: &'static str) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(text))
}

/// One frame as bytes.
pub(super) fn framed<T>(kind: Kind, correlation: u64, payload: &T) -> Vec<u8>
where
    T: for<'o, 'a> rkyv::Serialize<codec::Writer<'o, 'a>>,
{
    let mut out = Vec::new();
    assert!(push(&mut out, kind, correlation, payload));
    out
}

/// The payload of a frame of one's own.
pub(super) fn payload<T>(kind: Kind, value: &T) -> Vec<u8>
where
    T: for<'o, 'a> rkyv::Serialize<codec::Writer<'o, 'a>>,
{
    framed(kind, 0, value).split_off(HEADER_BYTES)
}

/// All frames of these bytes, and the fault they end with.
pub(super) fn read(pieces: &[&[u8]]) -> (Vec<RawFrame>, Option<(Reason, u64)>) {
    let (mut reader, mut frames) = (FrameReader::default(), Vec::new());
    for piece in pieces {
        reader.take(Bytes::copy_from_slice(piece));
        loop {
            match reader.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(fault) => return (frames, Some(fault)),
            }
        }
    }
    (frames, None)
}
