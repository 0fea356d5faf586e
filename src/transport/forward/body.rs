//! Bodies between a client's connection and a system's, each piece as it comes.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Method};
use hyper::body::{Body, Frame, SizeHint};

use super::headers;
use crate::gateway::door::{BodyFault, Inbound};
use crate::transport::body::RequestBody;
use crate::transport::watch::Watch;
use crate::wire::other_method::Scanner;

/// A client's body, under its connection's watch.
pub(super) struct Sent {
    incoming: RequestBody,
    watch: Rc<Watch>,
    left: u64,
    waiting: bool,
    scan: Option<Scan>,
}

/// Looks for the name of another method in a body as it passes.
pub(super) struct Scan {
    scanner: Scanner,
    /// It was found.
    found: Rc<Cell<bool>>,
}

impl Scan {
    /// For the body of a request; `None` where no system would look for it.
    pub(super) fn of(head: &Parts, found: &Rc<Cell<bool>>) -> Option<Self> {
        if head.method != Method::POST {
            return None;
        }
        let kind = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        Some(Self {
            scanner: Scanner::of(kind)?,
            found: Rc::clone(found),
        })
    }

    fn says(&self, named: bool) -> Result<(), BodyFault> {
        if named {
            self.found.set(true);
            return Err(BodyFault::Client);
        }
        Ok(())
    }
}

impl Sent {
    pub(super) fn new(
        incoming: RequestBody,
        watch: &Rc<Watch>,
        bytes_max: u64,
        scan: Option<Scan>,
    ) -> Self {
        Self {
            incoming,
            watch: Rc::clone(watch),
            left: bytes_max,
            waiting: false,
            scan,
        }
    }

    /// The body is whole.
    fn ended(&mut self) -> Result<(), BodyFault> {
        let Some(scan) = &mut self.scan else {
            return Ok(());
        };
        let named = scan.scanner.end();
        scan.says(named)
    }

    fn came(&mut self, mut frame: Frame<Bytes>) -> Result<Frame<Bytes>, BodyFault> {
        let count = frame.data_ref().map_or(0, Bytes::len);
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(count).ok_or(BodyFault::TooLarge)?;
        if let (Some(scan), Some(data)) = (&mut self.scan, frame.data_ref()) {
            let mut named = scan.scanner.push(data);
            // A client's framing may tell with the last piece that it is the last.
            named |= self.incoming.is_end_stream() && scan.scanner.end();
            scan.says(named)?;
        }
        headers::strip_trailers(&mut frame);
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
                Poll::Ready(match frame {
                    Some(Ok(frame)) => Some(this.came(frame)),
                    Some(Err(_broken)) => Some(Err(BodyFault::Client)),
                    None => this.ended().err().map(Err),
                })
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
        let mut frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &mut frame {
            headers::strip_trailers(frame);
        }
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
