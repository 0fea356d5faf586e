//! The body of a request that came over HTTP/3.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use hyper::body::{Body, Frame, SizeHint};

use super::RequestStream;
use super::link::Incoming;
use crate::transport::body::BodyError;

/// A request's body as it comes.
pub(super) struct Received {
    stream: RequestStream<Incoming, Bytes>,
    /// Looked at, not yet taken.
    ahead: Option<Result<Frame<Bytes>, BodyError>>,
    /// What was announced and has not come.
    left: Option<u64>,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Data,
    Trailers,
    Over,
}

impl Received {
    pub(super) fn new(stream: RequestStream<Incoming, Bytes>, announced: Option<u64>) -> Self {
        Self {
            stream,
            ahead: None,
            left: announced,
            stage: Stage::Data,
        }
    }

    /// Looks at the beginning, so that it shows when there is no body; waits for it if `waits`.
    pub(super) fn look(&mut self, cx: &mut Context<'_>, waits: bool) -> Poll<()> {
        match self.poll_next(cx) {
            Poll::Ready(frame) => self.ahead = frame,
            Poll::Pending if waits => return Poll::Pending,
            Poll::Pending => {}
        }
        Poll::Ready(())
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = match self.stage {
            Stage::Over => None,
            Stage::Data => match ready!(self.stream.poll_recv_data(cx)) {
                Ok(Some(mut data)) => Some(self.count(data.copy_to_bytes(data.remaining()))),
                Ok(None) => {
                    self.stage = Stage::Trailers;
                    return self.poll_next(cx);
                }
                Err(_broken) => Some(Err(BodyError::BrokenOff)),
            },
            Stage::Trailers => {
                let trailers = ready!(self.stream.poll_recv_trailers(cx));
                self.stage = Stage::Over;
                match trailers {
                    // Fewer bytes than announced are none (RFC 9114, 4.1.2).
                    Ok(_) if self.left.is_some_and(|left| left > 0) => {
                        Some(Err(BodyError::BrokenOff))
                    }
                    Ok(trailers) => trailers.map(|trailers| Ok(Frame::trailers(trailers))),
                    Err(_broken) => Some(Err(BodyError::BrokenOff)),
                }
            }
        };
        if matches!(next, Some(Err(_))) {
            self.stage = Stage::Over;
        }
        Poll::Ready(next)
    }

    fn count(&mut self, data: Bytes) -> Result<Frame<Bytes>, BodyError> {
        if let Some(left) = &mut self.left {
            let came = u64::try_from(data.len()).unwrap_or(u64::MAX);
            *left = left.checked_sub(came).ok_or(BodyError::BrokenOff)?;
        }
        Ok(Frame::data(data))
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.ahead.take() {
            Some(frame) => Poll::Ready(Some(frame)),
            None => self.poll_next(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ahead.is_none() && self.stage == Stage::Over
    }

    fn size_hint(&self) -> SizeHint {
        let ahead = self
            .ahead
            .as_ref()
            .and_then(|frame| frame.as_ref().ok()?.data_ref());
        let ahead = u64::try_from(ahead.map_or(0, Bytes::len)).unwrap_or(u64::MAX);
        match self.left {
            _ if self.stage == Stage::Over => SizeHint::with_exact(ahead),
            Some(left) => SizeHint::with_exact(left.saturating_add(ahead)),
            None => {
                let mut hint = SizeHint::new();
                hint.set_lower(ahead);
                hint
            }
        }
    }
}
