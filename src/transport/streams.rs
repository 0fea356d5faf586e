//! The streams of one connection, each under a watch of its own: h2 and HTTP/3 keep them alike.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use tokio::sync::Notify;

use super::watch::Watch;

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
    emptied: Notify,
}

impl Streams {
    pub(super) fn new(connection: Rc<Watch>) -> Rc<Self> {
        connection.share();
        Rc::new(Self {
            connection,
            places: RefCell::default(),
            free: RefCell::default(),
            emptied: Notify::new(),
        })
    }

    /// Gives a stream its place and its watch; its head is complete.
    pub(super) fn open(self: &Rc<Self>) -> Seat {
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

    /// Whether no stream is open.
    pub(super) fn is_empty(&self) -> bool {
        self.places.borrow().len() == self.free.borrow().len()
    }

    /// Returns when no stream is open. Cancellation safe.
    pub(super) async fn empty(&self) {
        while !self.is_empty() {
            self.emptied.notified().await;
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
pub(super) struct Seat {
    streams: Rc<Streams>,
    number: usize,
    pub(super) watch: Rc<Watch>,
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

    /// Drives `work` to its end; `None` when the stream's time was up before.
    pub(super) async fn in_time<F: Future>(&self, mut work: Pin<&mut F>) -> Option<F::Output> {
        poll_fn(|cx| {
            if self.is_cut(cx) {
                return Poll::Ready(None);
            }
            work.as_mut().poll(cx).map(Some)
        })
        .await
    }

    /// The answer is made; from now on the client is waited for.
    pub(super) fn answered(&self) {
        self.watch.write_blocked();
        self.answering();
    }

    /// From now on the client is waited for whenever there is something to take.
    pub(super) fn answering(&self) {
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
            self.streams.emptied.notify_waiters();
        }
    }
}
