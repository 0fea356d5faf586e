//! Bodies between a client's connection and a system's, each piece as it comes.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::gateway::door::{BodyFault, Inbound};
use crate::transport::body::RequestBody;
use crate::transport::watch::Watch;

/// A client's body, under its connection's watch.
pub(super) struct Sent {
    incoming: RequestBody,
    watch: Rc<Watch>,
    left: u64,
    waiting: bool,
}

impl Sent {
    pub(super) fn new(incoming: RequestBody, watch: &Rc<Watch>, bytes_max: u64) -> Self {
        Self {
            incoming,
            watch: Rc::clone(watch),
            left: bytes_max,
            waiting: false,
        }
    }

    fn came(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, BodyFault> {
        let count = frame.data_ref().map_or(0, Bytes::len);
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(count).ok_or(BodyFault::TooLarge)?;
        Ok(frame)
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        if self.waiting {
            self.watch.work();
        }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = &mut *self;
        match Pin::new(&mut this.incoming).poll_frame(cx) {
            Poll::Pending => {
                if !this.waiting {
                    this.waiting = true;
                    this.watch.expect_next();
                }
                Poll::Pending
            }
            Poll::Ready(frame) => {
                if std::mem::take(&mut this.waiting) {
                    this.watch.work();
                }
                Poll::Ready(frame.map(|frame| match frame {
                    Ok(frame) => this.came(frame),
                    Err(_broken) => Err(BodyFault::Client),
                }))
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

/// A system's answer on its way to the client.
pub(in crate::transport) struct Passed {
    body: Inbound,
    watch: Rc<Watch>,
    /// The client has a window of its own: whether it takes what it is given shows here.
    is_stream: bool,
    /// It never ends by itself, so it ends when the house closes: its number on the connection.
    endless: Option<u64>,
}

impl Passed {
    pub(super) fn new(body: Inbound, watch: &Rc<Watch>, is_stream: bool, endless: bool) -> Self {
        Self {
            body,
            watch: Rc::clone(watch),
            is_stream,
            endless: endless.then(|| watch.ending().enter()),
        }
    }
}

impl Drop for Passed {
    fn drop(&mut self) {
        if let Some(answer) = self.endless {
            self.watch.ending().leave(answer);
        }
        // The connection waits for its next request again.
        self.watch.end_request(self.watch.now());
    }
}

impl Body for Passed {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        if self.is_stream {
            self.watch.wrote_some();
        }
        if let Some(answer) = self.endless
            && self.watch.ending().is_over(answer, cx)
        {
            return Poll::Ready(None);
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if self.is_stream && matches!(frame, Poll::Ready(Some(_))) {
            self.watch.write_blocked();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
