//! A session whose lane answers when it is told to, and whose client sends without end.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body, Frame};

use super::lane::{Ended, Lane};
use super::session::{Answering as _, Session};
use crate::transport::body::{BodyError, RequestBody};
use crate::wire::limits::STREAM_SLICES_MAX;
use crate::wire::lines::Line;

/// What is seen of a session from outside.
#[derive(Default)]
struct Seen {
    pieces: Cell<usize>,
    lines: Cell<usize>,
    slices: Cell<usize>,
    /// Slices that may be answered.
    answered: RefCell<Vec<usize>>,
}

/// Lines in slices of `slice_max`, at most `WINDOW` under way.
struct Held<const WINDOW: usize> {
    slice_max: usize,
    seen: Rc<Seen>,
}

impl<const WINDOW: usize> Lane for Held<WINDOW> {
    type Slice = (usize, Vec<u64>);

    const WINDOW: usize = WINDOW;

    fn open(self: &Rc<Self>) -> impl Future<Output = Result<Self::Slice, Ended>> + 'static {
        std::future::ready(Ok((self.slice_max, Vec::new())))
    }

    fn slice_max(slice: &Self::Slice) -> usize {
        slice.0
    }

    fn take(&self, slice: &mut Self::Slice, line: Line) {
        slice.1.push(line.number);
        self.seen.lines.set(self.seen.lines.get() + 1);
    }

    fn answers(self: &Rc<Self>, slice: Self::Slice) -> impl Future<Output = Vec<u8>> + 'static {
        let (number, seen) = (self.seen.slices.get(), Rc::clone(&self.seen));
        seen.slices.set(number + 1);
        async move {
            poll_fn(|_cx| {
                let known = seen.answered.borrow().contains(&number);
                if known {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
            let lines = slice.1.iter().map(|line| format!("{line}\n"));
            lines.collect::<String>().into_bytes()
        }
    }

    fn ended(&self, _line: u64) -> Vec<u8> {
        Vec::new()
    }
}

/// Two lines a piece, so many pieces.
struct Pieces(Rc<Seen>, usize);

impl Body for Pieces {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let sent = self.0.pieces.get();
        self.0.pieces.set(sent + 1);
        let piece = Frame::data(Bytes::from_static(b"a\nb\n"));
        Poll::Ready((sent < self.1).then_some(Ok(piece)))
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// What is polled of a session: a piece at a time, for as long as one is there.
struct Client<const WINDOW: usize>(Session<Held<WINDOW>>, Rc<Seen>);

impl<const WINDOW: usize> Client<WINDOW> {
    fn new(slice_max: usize, pieces: usize) -> Self {
        let seen = Rc::<Seen>::default();
        let body = RequestBody::Http3(Box::pin(Pieces(Rc::clone(&seen), pieces)));
        let lane = Held {
            slice_max,
            seen: Rc::clone(&seen),
        };
        let (first, idle) = (None, Duration::from_hours(1));
        Self(Session::new(lane, (first, body), now(), idle), seen)
    }

    /// Asks more often than anything there takes; what came, and whether it was the end.
    fn heard(&mut self) -> (String, bool) {
        let mut heard = Vec::new();
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..200 {
            match self.0.poll_answers(&now, &mut cx) {
                Poll::Ready(Some(piece)) => heard.extend(piece),
                Poll::Ready(None) => return (String::from_utf8(heard).unwrap(), true),
                Poll::Pending => {}
            }
        }
        (String::from_utf8(heard).unwrap(), false)
    }
}

fn timed(case: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().build().unwrap();
    let _entered = runtime.enter();
    case();
}

/// STREAM-2: with its window under way a stream takes nothing more up, however much is sent.
#[test]
fn beyond_its_window_a_stream_reads_nothing() {
    timed(|| {
        let mut client = Client::<6>::new(4, usize::MAX);
        assert_eq!(client.heard(), (String::new(), false));
        assert_eq!((client.1.lines.get(), client.1.pieces.get()), (6, 3));
        // Slices are bounded by themselves, too.
        let mut client = Client::<1000>::new(1, usize::MAX);
        assert_eq!(client.heard(), (String::new(), false));
        let (lines, pieces) = (client.1.lines.get(), client.1.pieces.get());
        assert_eq!(
            (lines, pieces),
            (STREAM_SLICES_MAX, STREAM_SLICES_MAX.div_ceil(2))
        );
    });
}

/// STREAM-1: what is answered first waits for what was asked before it.
#[test]
fn answers_keep_the_order_of_the_lines_whichever_is_there_first() {
    timed(|| {
        let mut client = Client::<6>::new(3, 4);
        assert_eq!(client.heard(), (String::new(), false));
        client.1.answered.borrow_mut().push(1);
        assert_eq!(client.heard(), (String::new(), false));
        client.1.answered.borrow_mut().push(0);
        assert_eq!(client.heard(), ("1\n2\n3\n4\n5\n6\n".to_owned(), false));
        client.1.answered.borrow_mut().push(2);
        assert_eq!(client.heard(), ("7\n8\n".to_owned(), true));
        assert_eq!(client.1.lines.get(), 8);
    });
}
