//! The frames of an HTTP/3 stream (RFC 9114, 7), looked at before the library that reads them sees
//! any: what it would hold without bound or take for the end is kept from it.
//!
//! Invariants
//! - SIEVE-1: what comes out depends on the bytes that went in, not on how they were cut.
//! - SIEVE-2: no frame but a body's is longer than the bound; frames of unknown kinds and empty pieces
//!   of a body do not come out at all.
//! - SIEVE-3: a stream that ends within a frame is told from one that ends between two.

use bytes::{Buf as _, Bytes};

/// Kind and length of a frame are at most this long together, bytes.
const HEADER_BYTES_MAX: usize = 16;
/// A piece of a body.
const DATA: u64 = 0x00;
/// Kinds the library knows, or has to refuse: those of HTTP/3 and those HTTP/2 left behind.
const KNOWN: [u64; 11] = [
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0d,
];
/// The stream that settings and goodbyes come on (RFC 9114, 6.2.1).
const CONTROL: u64 = 0x00;

/// Why a stream is not read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SieveError {
    /// A head, or another frame that is held whole, is over the bound.
    #[error("a frame is longer than permitted")]
    TooLong,
    /// The stream ended within a frame.
    #[error("the stream ended within a frame")]
    Truncated,
}

/// Where in its stream a sieve is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before or within the kind of a stream of one direction.
    StreamKind,
    /// Before or within a frame's kind and length.
    Header,
    /// Within a frame.
    Payload { left: u64, kept: Kept },
    /// In a stream that has no frames.
    NoFrames,
}

/// What becomes of a frame's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// It is dropped.
    No,
    /// It comes out as it is.
    Shared,
    /// It comes out as a copy: what is held until its frame is whole must not hold the packets it came
    /// in.
    Copied,
}

/// The sieve of one stream.
#[derive(Debug)]
pub struct FrameSieve {
    place: Place,
    frame_bytes_max: u64,
    /// The beginning of a header or a kind that was cut.
    begun: [u8; HEADER_BYTES_MAX],
    begun_len: usize,
}

impl FrameSieve {
    /// For a stream of requests: frames from its first byte. `frame_bytes_max` binds every frame but
    /// pieces of a body.
    pub fn of_request(frame_bytes_max: u64) -> Self {
        Self::at(Place::Header, frame_bytes_max)
    }

    /// For a stream of one direction, which says first what it is.
    pub fn of_one_direction(frame_bytes_max: u64) -> Self {
        Self::at(Place::StreamKind, frame_bytes_max)
    }

    fn at(place: Place, frame_bytes_max: u64) -> Self {
        Self {
            place,
            frame_bytes_max,
            begun: [0; HEADER_BYTES_MAX],
            begun_len: 0,
        }
    }

    /// The next piece that comes out; takes from `from` what it looked at. `None` when `from` is used
    /// up.
    ///
    /// # Errors
    /// A frame over the bound. The stream must not be read on.
    pub fn next(&mut self, from: &mut Bytes) -> Result<Option<Bytes>, SieveError> {
        while !from.is_empty() {
            let piece = match self.place {
                Place::NoFrames => Some(std::mem::take(from)),
                Place::StreamKind => self.stream_kind(from),
                Place::Header => self.header(from)?,
                Place::Payload { left, kept } => self.payload(from, left, kept),
            };
            if piece.is_some() {
                return Ok(piece);
            }
        }
        Ok(None)
    }

    /// Whether the stream may end here.
    ///
    /// # Errors
    /// It ends within a frame.
    pub fn end(&self) -> Result<(), SieveError> {
        match self.place {
            Place::Header if self.begun_len > 0 => Err(SieveError::Truncated),
            Place::Payload { .. } => Err(SieveError::Truncated),
            Place::Header | Place::StreamKind | Place::NoFrames => Ok(()),
        }
    }

    fn stream_kind(&mut self, from: &mut Bytes) -> Option<Bytes> {
        let begun = self.begin(from);
        let (kind, _) = varint(begun)?;
        let piece = Bytes::copy_from_slice(begun);
        self.begun_len = 0;
        self.place = if kind == CONTROL {
            Place::Header
        } else {
            Place::NoFrames
        };
        Some(piece)
    }

    fn header(&mut self, from: &mut Bytes) -> Result<Option<Bytes>, SieveError> {
        if self.begun_len == 0
            && let Some((kind, length, size)) = frame_header(from)
        {
            let kept = self.enter(kind, length)?;
            if kept == Kept::Shared {
                // Kind, length and what is there of the payload in one piece.
                let here = from.len() - size;
                let taken = usize::try_from(length).map_or(here, |length| length.min(here));
                self.advance(taken);
                return Ok(Some(from.split_to(size + taken)));
            }
            let header = from.split_to(size);
            return Ok((kept != Kept::No).then(|| Bytes::copy_from_slice(&header)));
        }
        let begun = self.begin(from);
        let Some((kind, length, _)) = frame_header(begun) else {
            return Ok(None);
        };
        let piece = Bytes::copy_from_slice(begun);
        self.begun_len = 0;
        let kept = self.enter(kind, length)?;
        Ok((kept != Kept::No).then_some(piece))
    }

    fn payload(&mut self, from: &mut Bytes, left: u64, kept: Kept) -> Option<Bytes> {
        let taken = usize::try_from(left).map_or(from.len(), |left| left.min(from.len()));
        let piece = from.split_to(taken);
        self.advance(taken);
        match kept {
            Kept::No => None,
            Kept::Shared => Some(piece),
            Kept::Copied => Some(Bytes::copy_from_slice(&piece)),
        }
    }

    /// Takes one more byte of what was begun; all of it that is there.
    fn begin(&mut self, from: &mut Bytes) -> &[u8] {
        if let Some(room) = self.begun.get_mut(self.begun_len) {
            *room = from.get_u8();
            self.begun_len += 1;
        }
        self.begun.get(..self.begun_len).unwrap_or_default()
    }

    /// Goes into a frame.
    fn enter(&mut self, kind: u64, length: u64) -> Result<Kept, SieveError> {
        let kept = match kind {
            DATA if length > 0 => Kept::Shared,
            // Taken for the end of the body.
            DATA => Kept::No,
            kind if !KNOWN.contains(&kind) => Kept::No,
            _ if length > self.frame_bytes_max => return Err(SieveError::TooLong),
            _ => Kept::Copied,
        };
        self.place = if length == 0 {
            Place::Header
        } else {
            Place::Payload { left: length, kept }
        };
        Ok(kept)
    }

    /// Goes on within a frame, perhaps to its end.
    fn advance(&mut self, taken: usize) {
        if let Place::Payload { left, kept } = self.place {
            let left = left.saturating_sub(u64::try_from(taken).unwrap_or(u64::MAX));
            self.place = if left == 0 {
                Place::Header
            } else {
                Place::Payload { left, kept }
            };
        }
    }
}

/// Kind, length and how many bytes both are, when they are whole.
fn frame_header(bytes: &[u8]) -> Option<(u64, u64, usize)> {
    let (kind, first) = varint(bytes)?;
    let (length, second) = varint(bytes.get(first..)?)?;
    Some((kind, length, first + second))
}

/// A number (RFC 9000, 16) and how many bytes it is.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let size = 1_usize << (first >> 6);
    let rest = bytes.get(1..size)?;
    let push = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
    Some((rest.iter().fold(u64::from(first & 0x3f), push), size))
}

#[cfg(test)]
mod tests;
