//! The sixteen bytes in front of every payload.

use super::reason::Reason;
use crate::wire::limits::{BATCH_BODY_BYTES_MAX, FRAME_BYTES_MAX};

/// Bytes of a header.
pub const HEADER_BYTES: usize = 16;
/// The version this house speaks.
pub const VERSION: u8 = 1;

/// What a frame is. Numbers under 64 come from clients, the others from the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Who asks: the first frame of a stream, and whenever the credential is renewed.
    Hello = 1,
    /// May this contact be made?
    Intent = 2,
    /// The same about many, answered in one frame.
    Intents = 3,
    /// What became of a contact.
    Disposition = 4,
    /// Is anybody there? Without a payload.
    Ping = 5,
    /// The answer to a hello.
    Welcome = 65,
    /// The answer to an intent.
    Decision = 66,
    /// The answer to a batch.
    Decisions = 67,
    /// The answer to a disposition.
    Reported = 68,
    /// The answer to a ping. Without a payload.
    Pong = 69,
    /// Why a frame has no other answer.
    Error = 70,
    /// The gateway reads nothing more of this stream.
    Drain = 71,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Hello,
        Self::Intent,
        Self::Intents,
        Self::Disposition,
        Self::Ping,
        Self::Welcome,
        Self::Decision,
        Self::Decisions,
        Self::Reported,
        Self::Pong,
        Self::Error,
        Self::Drain,
    ];

    /// The kind of this number.
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// Whether clients send it.
    pub const fn is_of_clients(self) -> bool {
        (self as u8) < 64
    }

    /// Bytes of its payload at most.
    pub const fn bytes_max(self) -> usize {
        match self {
            Self::Intents | Self::Decisions => BATCH_BODY_BYTES_MAX,
            Self::Ping | Self::Pong => 0,
            _ => FRAME_BYTES_MAX,
        }
    }
}

/// A header that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What the frame is.
    pub kind: Kind,
    /// The asker's number for it.
    pub correlation: u64,
    /// Bytes of the payload, at most [`Kind::bytes_max`].
    pub payload_bytes: usize,
}

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    /// [`Reason`], with the correlation number if it was a version that has one.
    pub fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, (Reason, u64)> {
        let [l0, l1, l2, l3, version, kind, z0, z1, c @ ..] = *bytes;
        if version != VERSION {
            return Err((Reason::BadVersion, 0));
        }
        let correlation = u64::from_le_bytes(c);
        let bad = |reason| Err((reason, correlation));
        if (z0, z1) != (0, 0) {
            return bad(Reason::BadHeader);
        }
        let Some(kind) = Kind::of(kind) else {
            return bad(Reason::UnknownKind);
        };
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        match usize::try_from(length) {
            Ok(payload_bytes) if payload_bytes <= kind.bytes_max() => Ok(Self {
                kind,
                correlation,
                payload_bytes,
            }),
            _ => bad(Reason::FrameTooLarge),
        }
    }

    /// The bytes of a header; a length no frame may have becomes one nobody reads.
    pub fn bytes(&self) -> [u8; HEADER_BYTES] {
        let [l0, l1, l2, l3] = u32::try_from(self.payload_bytes)
            .unwrap_or(u32::MAX)
            .to_le_bytes();
        let [c0, c1, c2, c3, c4, c5, c6, c7] = self.correlation.to_le_bytes();
        let kind = self.kind as u8;
        [
            l0, l1, l2, l3, VERSION, kind, 0, 0, c0, c1, c2, c3, c4, c5, c6, c7,
        ]
    }
}
