//! A body on its way to the system that is read here as well, piece by piece.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{OwnedPermit, Sender, error::SendError};

use crate::gateway::intake::Piece;
use crate::sor::upstream::{BodyFault, Outbound};

type Room = Pin<Box<dyn Future<Output = Result<OwnedPermit<Piece>, SendError<()>>>>>;

/// Hands each piece to two: the system, and a spool. A piece goes on only once the spool has room for
/// it; where the spool has given up, the body breaks off.
pub(super) struct Tee {
    inner: Outbound,
    spool: Option<Sender<Piece>>,
    room: Option<Room>,
    permit: Option<OwnedPermit<Piece>>,
    too_large: Rc<Cell<bool>>,
    whole: Arc<AtomicBool>,
}

impl Tee {
    /// `too_large` is set when the body is longer than permitted, `whole` once its end was read and
    /// before the spool hears that no more comes.
    pub(super) fn new(
        inner: Outbound,
        spool: Sender<Piece>,
        too_large: Rc<Cell<bool>>,
        whole: Arc<AtomicBool>,
    ) -> Self {
        Self {
            inner,
            spool: Some(spool),
            room: None,
            permit: None,
            too_large,
            whole,
        }
    }

    fn over(&mut self) {
        self.whole.store(true, Ordering::Release);
        (self.spool, self.permit) = (None, None);
    }
}

impl Body for Tee {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = &mut *self;
        let Some(spool) = &this.spool else {
            return Poll::Ready(None);
        };
        if this.permit.is_none() {
            let room = this
                .room
                .get_or_insert_with(|| Box::pin(spool.clone().reserve_owned()));
            let permit = ready!(room.as_mut().poll(cx));
            this.room = None;
            let Ok(permit) = permit else {
                this.spool = None;
                return Poll::Ready(Some(Err(BodyFault::Client)));
            };
            this.permit = Some(permit);
        }
        let frame = ready!(Pin::new(&mut this.inner).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(bytes) = frame.data_ref()
                    && let Some(permit) = this.permit.take()
                {
                    drop(permit.send(Piece::Bytes(bytes.clone())));
                }
                // Whoever sends a body of known length does not ask for more behind it.
                if this.inner.is_end_stream() {
                    this.over();
                }
            }
            Some(Err(why)) => {
                this.too_large.set(*why == BodyFault::TooLarge);
                (this.spool, this.permit) = (None, None);
            }
            None => {
                this.over();
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.spool.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
