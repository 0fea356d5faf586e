//! Bytes as they come -> frames. Where they are cut changes nothing (FRAME-2).

use std::fmt;

use bytes::{Buf, Bytes};

use super::header::{HEADER_BYTES, Header};
use super::reason::Reason;

/// A frame whose payload nobody has looked at.
#[derive(Clone, PartialEq, Eq)]
pub struct RawFrame {
    /// Its header.
    pub header: Header,
    /// As many bytes as the header says.
    pub payload: Bytes,
}

/// Without its payload, which may hold tokens and telephone numbers.
impl fmt::Debug for RawFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawFrame").field(&self.header).finish()
    }
}

/// Splits a stream of bytes into frames. After a fault it gives none.
#[derive(Default)]
pub struct FrameReader {
    /// What came last and was not looked at.
    chunk: Bytes,
    /// The beginning of a frame that was cut.
    begun: Vec<u8>,
    /// The header of the frame that comes next, once it was read.
    header: Option<Header>,
    fault: Option<(Reason, u64)>,
}

impl fmt::Debug for FrameReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameReader")
            .field("held_bytes", &self.held_bytes())
            .finish_non_exhaustive()
    }
}

impl FrameReader {
    /// Takes what came next. Only when [`Self::next_frame`] has said `None`: of what is not looked
    /// at only the last chunk is kept, so that nothing is copied that lies whole in it.
    pub fn take(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else {
            let mut both = Vec::with_capacity(self.chunk.len() + chunk.len());
            both.extend_from_slice(&self.chunk);
            both.extend_from_slice(&chunk);
            self.chunk = both.into();
        }
    }

    /// The next frame; `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`Reason`] and the frame's correlation number, as far as known; the same from then on.
    pub fn next_frame(&mut self) -> Result<Option<RawFrame>, (Reason, u64)> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let Some(header) = self.next_header()? else {
            return Ok(None);
        };
        let Some(payload) = self.gather(header.payload_bytes) else {
            return Ok(None);
        };
        self.header = None;
        Ok(Some(RawFrame { header, payload }))
    }

    /// The header of the frame that comes next, read once.
    fn next_header(&mut self) -> Result<Option<Header>, (Reason, u64)> {
        if self.header.is_some() {
            return Ok(self.header);
        }
        let Some(bytes) = self.gather(HEADER_BYTES) else {
            return Ok(None);
        };
        let bytes = <&[u8; HEADER_BYTES]>::try_from(&*bytes);
        let bytes = bytes.map_err(|_length| (Reason::Internal, 0));
        match bytes.and_then(Header::read) {
            Ok(header) => self.header = Some(header),
            Err(fault) => self.fault = Some(fault),
        }
        self.fault.map_or(Ok(self.header), Err)
    }

    /// Whether the bytes so far end with a frame.
    pub fn at_boundary(&self) -> bool {
        self.header.is_none() && self.begun.is_empty() && self.chunk.is_empty()
    }

    /// Bytes held (FRAME-4).
    pub fn held_bytes(&self) -> usize {
        self.chunk.len() + self.begun.len()
    }

    /// The next `wanted` bytes, if they are all there.
    fn gather(&mut self, wanted: usize) -> Option<Bytes> {
        if self.begun.is_empty() && self.chunk.len() >= wanted {
            return Some(self.chunk.split_to(wanted));
        }
        let missing = wanted
            .saturating_sub(self.begun.len())
            .min(self.chunk.len());
        if let Some(some) = self.chunk.get(..missing) {
            self.begun.extend_from_slice(some);
        }
        self.chunk.advance(missing);
        (self.begun.len() == wanted).then(|| std::mem::take(&mut self.begun).into())
    }
}
