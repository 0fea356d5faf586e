//! Frames of ALPN `dialgate/1`: what a dialer and the gateway say to each other on one long-lived
//! stream. The byte table, with an example, is in `docs/frames.md`.
//!
//! | bytes | what |
//! |---|---|
//! | 0..4 | length of the payload, `u32` |
//! | 4 | version, 1 |
//! | 5 | [`Kind`] |
//! | 6..8 | zero |
//! | 8..16 | the asker's correlation number, `u64`, repeated by the answer |
//! | 16.. | payload: an archive of `rkyv`, or nothing |
//!
//! All numbers are little endian. `rkyv`'s features in `Cargo.toml` (`little_endian`,
//! `pointer_width_32`, `unaligned`) are part of the format: golden files notice when one changes.
//!
//! Invariants
//! - FRAME-1: no payload is looked at before `bytecheck` has found it whole.
//! - FRAME-2: how bytes are cut on their way changes no frame.
//! - FRAME-3: an intent in a frame is judged by the rules of one in JSON: the same
//!   [`FieldError`](super::field::FieldError)s, from the same code.
//! - FRAME-4: a reader holds one chunk and the beginning of one frame, never more.
//! - FRAME-5: nothing is taken on a stream before its hello was welcomed, nor after a fault or a
//!   drain.

mod asked;
mod codec;
mod header;
mod reader;
mod reason;
mod said;
mod talk;
mod told;

pub use asked::{Opened, open_intent};
pub use codec::{push, push_empty};
pub use header::{HEADER_BYTES, Header, Kind, VERSION};
pub use reader::{FrameReader, RawFrame};
pub use reason::Reason;
pub use said::{
    ArchivedDisposition, ArchivedHello, ArchivedIntent, ArchivedIntents, Disposition, Hello,
    Intent, Intents, Said,
};
pub use talk::{Act, Talk};
pub use told::{
    ArchivedDecision, ArchivedDecisions, ArchivedDrain, ArchivedFailure, ArchivedFinding,
    ArchivedReported, ArchivedWelcome, Decision, Decisions, Drain, Failure, Finding, Reported,
    Told, Welcome, decision, system_error,
};

/// The ALPN name of the protocol.
pub const ALPN: &[u8] = b"dialgate/1";

#[cfg(test)]
mod tests;
