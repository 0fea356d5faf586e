//! Answers on their way to a client: one buffer, one write.

use std::pin::Pin;
use std::task::{Context, Poll};

use quinn::{SendStream, WriteError};

use super::number;
use crate::wire::frame::{self, Failure, Kind, Reason};
use crate::wire::limits::FRAME_UNTAKEN_BYTES;

/// Bytes of a buffer that is kept when it is empty.
const KEPT_BYTES: usize = 64 * 1024;

/// The sending half of a stream, and what it has to say.
pub(super) struct Mouth {
    send: SendStream,
    pub(super) out: Vec<u8>,
    /// Bytes of `out` that are written.
    written: usize,
    /// Whether the client has to take something before more can be written.
    blocked: bool,
}

impl Mouth {
    pub(super) fn new(send: SendStream) -> Self {
        Self {
            send,
            out: Vec::new(),
            written: 0,
            blocked: false,
        }
    }

    /// Appends an error frame.
    pub(super) fn say_error(&mut self, correlation: u64, failure: &Failure<'_>) {
        // Its texts are the house's own, so it always fits.
        let _fits = frame::push(&mut self.out, Kind::Error, correlation, failure);
    }

    /// Writes what there is to write; `Ready` when nothing is left.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        while let Some(rest) = self.out.get(self.written..).filter(|rest| !rest.is_empty()) {
            match Pin::new(&mut self.send).poll_write(cx, rest) {
                Poll::Ready(Ok(taken)) => {
                    self.written += taken;
                    self.blocked = false;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.blocked = true;
                    return Poll::Pending;
                }
            }
        }
        self.written = 0;
        self.out.clear();
        self.out.shrink_to(KEPT_BYTES);
        Poll::Ready(Ok(()))
    }

    /// Whether so little waits for the client that more may be asked.
    pub(super) fn has_room(&self) -> bool {
        self.out.len() - self.written < FRAME_UNTAKEN_BYTES
    }

    /// Whether everything is written.
    pub(super) fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Whether the client has to take something before more can be written.
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Ends the stream, and waits until the client has all of it or is gone. Cancellation safe.
    pub(super) async fn finish(mut self) {
        if self.send.finish().is_ok() {
            drop(self.send.stopped().await);
        }
    }

    /// Breaks the stream off: what was not taken is lost.
    pub(super) fn reset(&mut self, reason: Reason) {
        drop(self.send.reset(number(reason)));
    }
}
