//! Bodies on their way through: request bodies out, answers back, piece by piece, never held.

use std::cell::Cell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

use super::lines::Lease;

/// Why a body did not come to its end. Says nothing of what was in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    /// The client broke off, framed it wrongly or was too slow.
    #[error("the client's body broke off")]
    Client,
    /// More bytes than the route permits.
    #[error("the body is larger than permitted")]
    TooLarge,
    /// The system of record broke off.
    #[error("the system's answer broke off")]
    Upstream,
    /// The system of record was silent for too long within its answer.
    #[error("the system's answer stopped coming")]
    TooSlow,
}

/// A body in pieces, wherever it comes from.
pub type Pieces = Pin<Box<dyn Body<Data = Bytes, Error = BodyFault>>>;

/// A body on its way: all of it is there, or its pieces as they come.
pub enum Through<S> {
    /// All of it; also none.
    Whole(Full<Bytes>),
    /// As it comes.
    Streamed(S),
}

/// The body of a request to a system.
pub type Outbound = Through<Pieces>;

/// The body of an answer on its way to the client: the system's as it comes, or one that was read.
pub type Inbound = Through<Answer>;

impl<S> Through<S> {
    /// A body that is there.
    pub fn whole(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }

    /// The same body again, where that is possible.
    pub(super) fn again(&self) -> Option<Self> {
        match self {
            Self::Whole(whole) => Some(Self::Whole(whole.clone())),
            Self::Streamed(_) => None,
        }
    }
}

impl Through<Pieces> {
    /// Shows from now on whether the client is waited for, and not the system: never of a body that is
    /// whole.
    pub(super) fn watched(&mut self) -> Rc<Cell<bool>> {
        let waits = Rc::<Cell<bool>>::default();
        *self = match std::mem::take(self) {
            Self::Streamed(pieces) => Self::Streamed(Box::pin(Watched {
                pieces,
                waits: Rc::clone(&waits),
            })),
            whole @ Self::Whole(_) => whole,
        };
        waits
    }
}

/// A client's body, and whether its next piece is waited for.
struct Watched {
    pieces: Pieces,
    waits: Rc<Cell<bool>>,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let frame = self.pieces.as_mut().poll_frame(cx);
        self.waits.set(frame.is_pending());
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.pieces.size_hint()
    }
}

impl<S> Default for Through<S> {
    /// None.
    fn default() -> Self {
        Self::Whole(Full::default())
    }
}

/// Nothing of what is in it.
impl<S> fmt::Debug for Through<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Through").finish_non_exhaustive()
    }
}

impl<S: Body<Data = Bytes, Error = BodyFault> + Unpin> Body for Through<S> {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        match &mut *self {
            Self::Whole(whole) => Pin::new(whole)
                .poll_frame(cx)
                .map_err(|never| match never {}),
            Self::Streamed(pieces) => Pin::new(pieces).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Streamed(pieces) => pieces.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Streamed(pieces) => pieces.size_hint(),
        }
    }
}

/// The body of a system's answer. It keeps the call counted, and its connection, until it is over or
/// dropped.
pub struct Answer {
    incoming: Incoming,
    lease: Option<Lease>,
    /// Between two pieces at most; nothing: as long as it takes.
    patience: Option<Duration>,
    /// Runs while a piece is waited for.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

impl Answer {
    /// `goes_on`: the connection is about to speak something else and serves no further call; the call
    /// stays counted until this is dropped.
    pub(super) fn new(
        incoming: Incoming,
        lease: Lease,
        patience: Option<Duration>,
        goes_on: bool,
    ) -> Self {
        let mut answer = Self {
            incoming,
            lease: Some(lease),
            patience,
            waiting: None,
        };
        if answer.incoming.is_end_stream() && !goes_on {
            answer.over();
        }
        answer
    }

    /// All of it is here: the connection may serve the next call.
    fn over(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }

    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(patience) = self.patience else {
            return Poll::Pending;
        };
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        waiting.as_mut().poll(cx)
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = &mut *self;
        match Pin::new(&mut this.incoming).poll_frame(cx) {
            Poll::Pending => {
                ready!(this.poll_patience(cx));
                this.lease = None;
                Poll::Ready(Some(Err(BodyFault::TooSlow)))
            }
            Poll::Ready(frame) => {
                this.waiting = None;
                match frame {
                    Some(Err(_broken)) => {
                        this.lease = None;
                        Poll::Ready(Some(Err(BodyFault::Upstream)))
                    }
                    Some(Ok(frame)) => {
                        if this.incoming.is_end_stream() {
                            this.over();
                        }
                        Poll::Ready(Some(Ok(frame)))
                    }
                    None => {
                        this.over();
                        Poll::Ready(None)
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
