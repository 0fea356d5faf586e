//! The two halves of a stream of requests, and what is left of those that are over.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use quinn::{ClosedStream, ReadError, RecvStream, SendStream, VarInt, WriteError};

use crate::wire::sieve::{FrameSieve, SieveError};

/// How a stream ends that nobody has brought to its end, and whether its client still wants it. Shared by
/// its halves and by who serves it.
pub(super) struct Fate {
    /// What halves are reset and stopped with.
    code: Cell<VarInt>,
    /// An answer without an end is meant: it has been written by whoever dropped it.
    ends_as_written: Cell<bool>,
    stopped: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>,
}

impl Fate {
    fn new(code: VarInt, send: &SendStream) -> Rc<Self> {
        let stopped = send.stopped();
        Rc::new(Self {
            code: Cell::new(code),
            ends_as_written: Cell::new(true),
            stopped: RefCell::new(Some(Box::pin(async { drop(stopped.await) }))),
        })
    }

    /// From now on what is not finished ends with this code, and nothing ends as it was written.
    pub(super) fn end_with(&self, code: VarInt) {
        self.code.set(code);
        self.ends_as_written.set(false);
    }

    /// Drives work until the client takes no more of the answer, has all of it, or is gone; `None` then.
    pub(super) async fn unless_stopped<F: Future>(
        &self,
        mut work: Pin<&mut F>,
    ) -> Option<F::Output> {
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Some(done));
            }
            let mut stopped = self.stopped.borrow_mut();
            let over = stopped.as_mut().map(|stopped| stopped.as_mut().poll(cx));
            if over.is_some_and(|over| over.is_ready()) {
                *stopped = None;
                return Poll::Ready(None);
            }
            Poll::Pending
        })
        .await
    }
}

/// Streams that are finished, until their clients have all of them. As many are kept as a client may
/// have open: it is given another only once one of them is acknowledged.
pub(super) struct Unacknowledged {
    streams: RefCell<VecDeque<SendStream>>,
    streams_max: usize,
}

impl Unacknowledged {
    pub(super) fn new(streams_max: usize) -> Rc<Self> {
        Rc::new(Self {
            streams: RefCell::default(),
            streams_max,
        })
    }

    fn keep(&self, stream: SendStream) {
        let mut streams = self.streams.borrow_mut();
        let oldest = if streams.len() >= self.streams_max {
            streams.pop_front()
        } else {
            None
        };
        streams.push_back(stream);
        drop(streams);
        drop(oldest);
    }

    /// Returns once clients have all of them, or are gone.
    pub(super) async fn none_left(&self) {
        loop {
            let next = self.streams.borrow_mut().pop_front();
            let Some(stream) = next else {
                return;
            };
            drop(stream.stopped().await);
        }
    }
}

/// Why nothing more is read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadFault {
    /// The client's doing, or the connection's.
    #[error(transparent)]
    Stream(#[from] ReadError),
    /// What came is not what may come.
    #[error(transparent)]
    Frame(#[from] SieveError),
}

/// What is read of.
pub(super) struct Reading {
    stream: RecvStream,
    sieve: FrameSieve,
    /// Came, and has not passed the sieve.
    ahead: Bytes,
    fate: Option<Rc<Fate>>,
    over: bool,
}

impl Reading {
    /// A stream of one direction.
    pub(super) fn of_one_direction(stream: RecvStream, frame_bytes_max: u64) -> Self {
        Self {
            stream,
            sieve: FrameSieve::of_one_direction(frame_bytes_max),
            ahead: Bytes::new(),
            fate: None,
            over: false,
        }
    }

    /// The next piece; `None` at the end.
    pub(super) fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, ReadFault>> {
        loop {
            if let Some(piece) = self.sieve.next(&mut self.ahead)? {
                return Poll::Ready(Ok(Some(piece)));
            }
            // Holds nothing between two polls, so that it may be made anew for each.
            let reading = pin!(self.stream.read_chunk(usize::MAX, true));
            let Some(chunk) = ready!(reading.poll(cx))? else {
                self.over = true;
                self.sieve.end()?;
                return Poll::Ready(Ok(None));
            };
            self.ahead = chunk.bytes;
        }
    }

    /// Reads no more.
    pub(super) fn stop(&mut self, code: VarInt) {
        self.over = true;
        // One that is over already needs not to be stopped.
        drop(self.stream.stop(code));
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if let (false, Some(fate)) = (self.over, &self.fate) {
            self.stop(fate.code.get());
        }
    }
}

/// What is written to.
pub(super) struct Writing {
    /// Until it is handed on.
    stream: Option<SendStream>,
    fate: Rc<Fate>,
    left: Rc<Unacknowledged>,
    written: bool,
    finished: bool,
}

impl Writing {
    /// A stream of one direction; it is finished when it is dropped.
    pub(super) fn of_one_direction(stream: SendStream, left: &Rc<Unacknowledged>) -> Self {
        let fate = Fate::new(VarInt::from_u32(0), &stream);
        Self::new(stream, fate, left)
    }

    fn new(stream: SendStream, fate: Rc<Fate>, left: &Rc<Unacknowledged>) -> Self {
        Self {
            stream: Some(stream),
            fate,
            left: Rc::clone(left),
            written: false,
            finished: false,
        }
    }

    /// Writes some bytes; how many.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize, WriteError>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(Err(WriteError::ClosedStream));
        };
        self.written = true;
        Pin::new(stream).poll_write(cx, bytes)
    }

    /// The answer is whole.
    pub(super) fn finish(&mut self) -> Result<(), ClosedStream> {
        if let Some(stream) = &mut self.stream {
            stream.finish()?;
            self.finished = true;
        }
        Ok(())
    }

    /// There will be no whole answer.
    pub(super) fn reset(&mut self, code: VarInt) {
        if let Some(mut stream) = self.stream.take() {
            // One that is over already needs no reset.
            drop(stream.reset(code));
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.finished && self.written && self.fate.ends_as_written.get() {
            drop(self.finish());
        }
        if !self.finished {
            // quinn would finish it, and half an answer would look whole.
            self.reset(self.fate.code.get());
        }
        if let Some(stream) = self.stream.take() {
            self.left.keep(stream);
        }
    }
}

/// Both halves of a stream of requests; it ends with `code` while nobody serves it.
pub(super) fn halves(
    (send, receive): (SendStream, RecvStream),
    frame_bytes_max: u64,
    left: &Rc<Unacknowledged>,
    code: VarInt,
) -> (Writing, Reading, Rc<Fate>) {
    let fate = Fate::new(code, &send);
    let writing = Writing::new(send, Rc::clone(&fate), left);
    let reading = Reading {
        stream: receive,
        sieve: FrameSieve::of_request(frame_bytes_max),
        ahead: Bytes::new(),
        fate: Some(Rc::clone(&fate)),
        over: false,
    };
    (writing, reading, fate)
}
