//! Telling a thread's connections that the house is closing, and knowing when the last has gone.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use tokio::sync::Notify;

/// The connections of one listening thread.
#[derive(Default)]
pub(super) struct Drain {
    closing: Cell<bool>,
    open: Cell<usize>,
    /// One place a connection; freed places are used again.
    wakers: RefCell<Vec<Option<Waker>>>,
    last_gone: Notify,
}

impl Drain {
    /// Counts a connection in.
    pub(super) fn enter(self: &Rc<Self>) -> Present {
        self.open.set(self.open.get() + 1);
        let mut wakers = self.wakers.borrow_mut();
        let place = wakers.iter().position(Option::is_none);
        let place = place.unwrap_or_else(|| {
            wakers.push(None);
            wakers.len() - 1
        });
        if let Some(kept) = wakers.get_mut(place) {
            *kept = Some(Waker::noop().clone());
        }
        Present {
            drain: Rc::clone(self),
            place,
        }
    }

    /// Lets connections finish what they are at and take nothing new.
    pub(super) fn close(&self) {
        self.closing.set(true);
        let wakers: Vec<Waker> = self.wakers.borrow().iter().flatten().cloned().collect();
        for waker in wakers {
            waker.wake();
        }
    }

    /// Returns when no connection is open. Cancellation safe.
    pub(super) async fn empty(&self) {
        while self.open.get() > 0 {
            self.last_gone.notified().await;
        }
    }
}

/// One open connection.
pub(super) struct Present {
    drain: Rc<Drain>,
    place: usize,
}

impl Present {
    /// Keeps the task to wake when the house closes.
    pub(super) fn wake_with(&self, waker: &Waker) {
        if let Some(kept) = self.drain.wakers.borrow_mut().get_mut(self.place) {
            *kept = Some(waker.clone());
        }
    }

    /// Whether the house is closing.
    pub(super) fn closing(&self) -> bool {
        self.drain.closing.get()
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        if let Some(kept) = self.drain.wakers.borrow_mut().get_mut(self.place) {
            *kept = None;
        }
        self.drain.open.set(self.drain.open.get() - 1);
        if self.drain.open.get() == 0 {
            self.drain.last_gone.notify_one();
        }
    }
}
