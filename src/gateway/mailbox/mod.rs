//! How answers come back from the committer to the requests that wait on a listening thread.
//!
//! A wake-up across cores costs more than a decision, so answers are handed over a frame at a time:
//! the committer pushes every answer of a frame, then wakes each thread once; on the thread one
//! task drains the queue and wakes the waiting requests locally. Rejected: a oneshot channel a
//! request, which wakes the other core once for each answer.
//!
//! Invariants
//! - MAILBOX-1: the committer never waits here. Every answer still to come holds one of `capacity`
//!   credits, and the queue has room for all of them.
//! - MAILBOX-2: an answer reaches only the request it was made for: tickets carry a generation, so
//!   one whose request is gone finds nobody.
//! - MAILBOX-3: a request hears something within the wait it registered for, plus one tick.

mod slots;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crossbeam::queue::ArrayQueue;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

use slots::{Slots, Take};

/// Names one waiting request of one mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket {
    index: u32,
    generation: u32,
}

/// As many answers are still to come as the mailbox may hold: shed the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mailbox waits for as many answers as it may")]
pub struct MailboxFull;

/// The wait is over without an answer. What was submitted may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no answer came in time")]
pub struct NoAnswer;

#[derive(Debug)]
struct Shared<T> {
    queue: ArrayQueue<(Ticket, T)>,
    arrived: Notify,
}

/// The committer's side: any thread, never blocks.
#[derive(Debug)]
pub struct Outlet<T>(Arc<Shared<T>>);

impl<T> Clone for Outlet<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Outlet<T> {
    /// Puts an answer in. Wakes nobody: see [`Outlet::wake`].
    ///
    /// # Errors
    /// The answer itself when the queue is full, which MAILBOX-1 rules out for tickets answered
    /// once; the request then ends with [`NoAnswer`].
    pub fn push(&self, ticket: Ticket, answer: T) -> Result<(), T> {
        self.0
            .queue
            .push((ticket, answer))
            .map_err(|(_ticket, answer)| answer)
    }

    /// Wakes the listening thread if answers wait for it. Once a frame.
    pub fn wake(&self) {
        if !self.0.queue.is_empty() {
            self.0.arrived.notify_one();
        }
    }

    /// Whether both belong to the same mailbox.
    pub fn same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The listening thread's side. Clones are hands on the same mailbox.
#[derive(Debug)]
pub struct Mailbox<T> {
    shared: Arc<Shared<T>>,
    slots: Rc<RefCell<Slots<T>>>,
}

impl<T> Clone for Mailbox<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            slots: Rc::clone(&self.slots),
        }
    }
}

impl<T> Mailbox<T> {
    /// A mailbox for at most `capacity` answers still to come (at least one).
    pub fn new(capacity: usize) -> Self {
        let capacity = capacity.clamp(1, 1 << 24);
        let shared = Shared {
            queue: ArrayQueue::new(capacity),
            arrived: Notify::new(),
        };
        Self {
            shared: Arc::new(shared),
            slots: Rc::new(RefCell::new(Slots::new(capacity))),
        }
    }

    /// The side to give to the committer.
    pub fn outlet(&self) -> Outlet<T> {
        Outlet(Arc::clone(&self.shared))
    }

    /// Registers a request that will wait until `give_up_at`.
    ///
    /// # Errors
    /// [`MailboxFull`] when every credit is out.
    pub fn register(&self, give_up_at: Instant) -> Result<Pending<T>, MailboxFull> {
        let ticket = self
            .slots
            .borrow_mut()
            .open(give_up_at)
            .ok_or(MailboxFull)?;
        Ok(Pending {
            slots: Rc::clone(&self.slots),
            ticket,
        })
    }

    /// Hands every answer in the queue to its request. Returns how many were taken out.
    pub fn deliver(&self) -> usize {
        let mut count = 0;
        while let Some((ticket, answer)) = self.shared.queue.pop() {
            count += 1;
            // The borrow ends before the wake-up, which may run foreign code.
            let waker = self.slots.borrow_mut().fill(ticket, answer);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
        count
    }

    /// Ends the wait of every request whose time is up.
    pub fn expire(&self, now: Instant) {
        let wakers = self.slots.borrow_mut().expire(now);
        for waker in wakers {
            waker.wake();
        }
    }

    /// Delivers and expires for as long as the thread listens; waits are checked every `tick`.
    ///
    /// Cancellation safe: answers stay in the queue.
    pub async fn pump(self, tick: Duration) {
        let mut ticks = tokio::time::interval(tick.max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = self.shared.arrived.notified() => {}
                now = ticks.tick() => self.expire(now.into_std()),
            }
            self.deliver();
        }
    }
}

/// A request that waits for its answer.
///
/// Cancellation: dropped while waiting, it frees its place; the credit comes back with the answer.
#[derive(Debug)]
#[must_use = "dropping it forgets the request"]
pub struct Pending<T> {
    slots: Rc<RefCell<Slots<T>>>,
    ticket: Ticket,
}

impl<T> Pending<T> {
    /// What the answer must carry.
    pub fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// Takes the request back because it was never submitted: no answer will come.
    pub fn withdraw(self) {
        self.slots.borrow_mut().return_credit();
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, NoAnswer>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.slots.borrow_mut().take(self.ticket, cx.waker()) {
            Take::Answer(answer) => Poll::Ready(Ok(answer)),
            Take::Wait => Poll::Pending,
            Take::Gone => Poll::Ready(Err(NoAnswer)),
        }
    }
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        self.slots.borrow_mut().close(self.ticket);
    }
}

#[cfg(test)]
mod tests;
