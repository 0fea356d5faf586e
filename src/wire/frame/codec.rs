//! Values to frames, and payloads to values that were checked.

use rkyv::api::low::{LowSerializer, LowValidator};
use rkyv::bytecheck::CheckBytes;
use rkyv::rancor::Failure;
use rkyv::ser::allocator::ArenaHandle;
use rkyv::{Portable, Serialize};

use super::header::{HEADER_BYTES, Header, Kind};
use super::reason::Reason;

/// What writes a payload behind the bytes already there.
pub(super) type Writer<'o, 'a> = LowSerializer<&'o mut Vec<u8>, ArenaHandle<'a>, Failure>;

/// Appends a frame with `payload`; whether it was written. One larger than its kind may be is not,
/// and `out` is as it was.
#[must_use = "a frame that is too large is not written"]
pub fn push<T>(out: &mut Vec<u8>, kind: Kind, correlation: u64, payload: &T) -> bool
where
    T: for<'o, 'a> Serialize<Writer<'o, 'a>>,
{
    let start = out.len();
    out.extend_from_slice(&[0; HEADER_BYTES]);
    let from = out.len();
    let written = rkyv::util::with_arena(|arena| {
        let (writer, scratch) = (&mut *out, arena.acquire());
        rkyv::api::low::to_bytes_in_with_alloc::<_, _, Failure>(payload, writer, scratch).is_ok()
    });
    let header = Header {
        kind,
        correlation,
        payload_bytes: out.len() - from,
    };
    if !written || header.payload_bytes > kind.bytes_max() {
        out.truncate(start);
        return false;
    }
    if let Some(head) = out.get_mut(start..from) {
        head.copy_from_slice(&header.bytes());
    }
    true
}

/// Appends a frame of a kind that has no payload.
pub fn push_empty(out: &mut Vec<u8>, kind: Kind, correlation: u64) {
    let header = Header {
        kind,
        correlation,
        payload_bytes: 0,
    };
    out.extend_from_slice(&header.bytes());
}

/// Looks into a payload (FRAME-1).
pub(super) fn open<T>(payload: &[u8]) -> Result<&T, Reason>
where
    T: Portable + for<'v> CheckBytes<LowValidator<'v, Failure>>,
{
    rkyv::api::low::access::<T, Failure>(payload).map_err(|_why| Reason::BadPayload)
}

/// Whether a kind without a payload has none.
pub(super) fn nothing(payload: &[u8]) -> Result<(), Reason> {
    payload.is_empty().then_some(()).ok_or(Reason::BadPayload)
}
