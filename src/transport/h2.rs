//! HTTP/2: the streams of one connection, each a task under a watch of its own.
//!
//! One timer a connection looks after all of its streams, as it does for HTTP/1.1. A stream whose
//! body does not come is reset, because others share the connection; a client that leaves a ready
//! answer alone, or the whole connection quiet, loses the connection. Nothing waits for a dead peer
//! longer than that, so there is no keep-alive ping.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::Bytes;
use h2::Reason;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Method, Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::rt::Executor;
use hyper::server::conn::http2::Builder;

use super::body::RequestBody;
use super::events::AnswerBody;
use super::options::Options;
use super::serve::House;
use super::watch::Watch;
use crate::gateway::door::{BodyFault, Door};
use crate::wire::limits;

/// Runs streams on the thread of their connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnThisThread;

impl<F: Future + 'static> Executor<F> for OnThisThread {
    fn execute(&self, stream: F) {
        drop(tokio::task::spawn_local(async {
            drop(stream.await);
        }));
    }
}

/// How hyper is to speak HTTP/2.
pub(super) fn builder(options: &Options) -> Builder<OnThisThread> {
    let mut builder = Builder::new(OnThisThread);
    builder
        .max_concurrent_streams(options.streams_max)
        .max_header_list_size(u32::try_from(options.header_bytes_max).unwrap_or(u32::MAX))
        .max_frame_size(limits::H2_FRAME_BYTES_MAX)
        .initial_stream_window_size(limits::H2_STREAM_WINDOW_BYTES)
        .initial_connection_window_size(limits::H2_CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(limits::H2_SEND_BYTES_MAX)
        .max_pending_accept_reset_streams(limits::H2_PENDING_RESETS_MAX)
        .max_local_error_reset_streams(limits::H2_FAULT_RESETS_MAX)
        .keep_alive_interval(None);
    builder
}

/// One place a stream.
struct Place {
    watch: Rc<Watch>,
    /// Whom to wake when its time is up.
    waker: Waker,
    cut: bool,
    /// The answer is made; the client is to take it.
    answered: bool,
}

/// The open streams of one connection. Places are used again; hyper bounds their number.
pub(super) struct Streams {
    connection: Rc<Watch>,
    places: RefCell<Vec<Option<Place>>>,
    free: RefCell<Vec<usize>>,
}

impl Streams {
    pub(super) fn new(connection: Rc<Watch>) -> Rc<Self> {
        connection.share();
        Rc::new(Self {
            connection,
            places: RefCell::default(),
            free: RefCell::default(),
        })
    }

    fn open(self: &Rc<Self>) -> Seat {
        let watch = Rc::new(self.connection.of_stream());
        let place = Some(Place {
            watch: Rc::clone(&watch),
            waker: Waker::noop().clone(),
            cut: false,
            answered: false,
        });
        let mut places = self.places.borrow_mut();
        let number = self.free.borrow_mut().pop();
        let number = number.unwrap_or_else(|| {
            places.push(None);
            places.len() - 1
        });
        if let Some(free) = places.get_mut(number) {
            *free = place;
        }
        self.connection.work();
        Seat {
            streams: Rc::clone(self),
            number,
            watch,
        }
    }

    /// Resets streams whose time is up at `now`; false when the connection has to end.
    pub(super) fn look(&self, now: Instant) -> bool {
        for place in self.places.borrow_mut().iter_mut().flatten() {
            if place.watch.due().is_some_and(|due| due <= now) {
                if place.answered {
                    return false;
                }
                place.cut = true;
                place.waker.wake_by_ref();
            }
        }
        true
    }
}

/// A stream's place.
struct Seat {
    streams: Rc<Streams>,
    number: usize,
    watch: Rc<Watch>,
}

impl Seat {
    fn with<T>(&self, change: impl FnOnce(&mut Place) -> T) -> Option<T> {
        let mut places = self.streams.places.borrow_mut();
        places.get_mut(self.number)?.as_mut().map(change)
    }

    /// Whether its time was up. Keeps the task to wake then.
    fn is_cut(&self, cx: &Context<'_>) -> bool {
        let look = |place: &mut Place| {
            place.waker.clone_from(cx.waker());
            place.cut
        };
        self.with(look).unwrap_or(false)
    }

    /// The answer is made; from now on the client is waited for.
    fn answered(&self) {
        self.watch.write_blocked();
        self.answering();
    }

    /// From now on the client is waited for whenever there is something to take.
    fn answering(&self) {
        self.with(|place| place.answered = true);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut places = self.streams.places.borrow_mut();
        if let Some(place) = places.get_mut(self.number) {
            *place = None;
        }
        let mut free = self.streams.free.borrow_mut();
        free.push(self.number);
        if free.len() == places.len() {
            self.streams.connection.quiet();
        }
    }
}

/// An answer that keeps its stream's place until the client's window has let it go.
pub(super) struct Held {
    body: AnswerBody,
    _seat: Seat,
}

impl Body for Held {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Serves one stream. An error resets it. Dropped when the client resets it.
pub(super) fn serve<G: Door>(
    house: Rc<House<G>>,
    streams: &Rc<Streams>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Held>, h2::Error>> + use<G> {
    let seat = streams.open();
    async move {
        let bare = request.method() == Method::HEAD;
        let watch = Rc::clone(&seat.watch);
        let answer = {
            let mut answering = pin!(house.serve(request.map(RequestBody::from), &watch));
            poll_fn(|cx| {
                if seat.is_cut(cx) {
                    return Poll::Ready(Err(h2::Error::from(Reason::CANCEL)));
                }
                answering.as_mut().poll(cx).map(Ok)
            })
            .await?
        };
        let (mut head, mut body) = answer.into_parts();
        match &body {
            AnswerBody::Whole(_) => seat.answered(),
            // Each piece tells the watch whether the client takes it.
            AnswerBody::Passed(_) | AnswerBody::Lines(_) => seat.answering(),
            // Not all there to be taken: who is too slow for it is dropped elsewhere.
            AnswerBody::Events(_) => {}
        }
        if bare {
            // hyper leaves this to us on HTTP/2.
            if let Some(length) = body.size_hint().exact()
                && matches!(body, AnswerBody::Whole(_))
            {
                head.headers
                    .insert(CONTENT_LENGTH, HeaderValue::from(length));
            }
            body = Bytes::new().into();
        }
        Ok(Response::from_parts(head, Held { body, _seat: seat }))
    }
}
