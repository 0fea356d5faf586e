//! Who a connection is waiting for, and until when.
//!
//! Cells set as a request goes by cost nothing; the one timer of a connection looks at them now and
//! then. A timer armed anew for each request would cost more than its decision.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::transport::events::Ending;
use crate::transport::forward::{Handover, Origin};
use crate::transport::options::Options;

/// What all connections of a thread are held to: the clock and the bounds.
pub(super) struct Limits {
    now: Box<dyn Fn() -> Instant>,
    pub(super) options: Options,
}

impl Limits {
    pub(super) fn new(now: impl Fn() -> Instant + 'static, options: Options) -> Self {
        let now = Box::new(now);
        Self { now, options }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// For the end of a TLS handshake.
    Handshake,
    /// For a request to begin.
    Idle,
    /// For a stream to be opened. Bytes alone begin no request: HTTP/2 also talks about itself.
    Quiet,
    /// For the rest of its head.
    Head,
    /// For its body.
    Body,
    /// For us.
    Working,
}

/// The state of one connection, or of one stream of it. Lives on its thread.
pub(super) struct Watch {
    limits: Rc<Limits>,
    phase: Cell<Phase>,
    /// When the request's first byte came.
    began: Cell<Instant>,
    until: Cell<Instant>,
    /// Until when the client must have taken some of what is ready for it, while it takes nothing.
    blocked: Cell<Option<Instant>>,
    /// Hears when answers that go on have to end; shared by the streams of a connection.
    ending: Rc<Ending>,
    /// The other end; shared by the streams of a connection.
    origin: Rc<Origin>,
    /// What the connection is to become once its answer is written.
    handover: RefCell<Option<Handover>>,
}

impl Watch {
    /// A connection just accepted: its first head is waited for like any other.
    pub(super) fn new(limits: &Rc<Limits>, origin: Origin) -> Self {
        let began = (limits.now)();
        Self {
            until: Cell::new(began + limits.options.header_timeout),
            began: Cell::new(began),
            phase: Cell::new(Phase::Idle),
            blocked: Cell::new(None),
            ending: Rc::default(),
            origin: Rc::new(origin),
            handover: RefCell::new(None),
            limits: Rc::clone(limits),
        }
    }

    /// A stream just opened on a connection under this watch; its head is complete.
    pub(super) fn of_stream(&self) -> Self {
        let began = self.now();
        Self {
            until: Cell::new(began + self.options().body_timeout),
            began: Cell::new(began),
            phase: Cell::new(Phase::Head),
            blocked: Cell::new(None),
            ending: Rc::clone(&self.ending),
            origin: Rc::clone(&self.origin),
            handover: RefCell::new(None),
            limits: Rc::clone(&self.limits),
        }
    }

    pub(super) fn now(&self) -> Instant {
        (self.limits.now)()
    }

    /// What answers that go on listen to.
    pub(super) fn ending(&self) -> &Ending {
        &self.ending
    }

    /// The other end.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// When the request under way began.
    pub(super) fn began(&self) -> Instant {
        self.began.get()
    }

    /// What the connection is to become once its answer is written.
    pub(super) fn hand_over(&self, to: Handover) {
        self.handover.replace(Some(to));
    }

    /// The same, for whoever makes it that.
    pub(super) fn handed_over(&self) -> Option<Handover> {
        self.handover.take()
    }

    /// How long a client that is waited for may be silent.
    pub(super) fn idle_timeout(&self) -> Duration {
        self.options().idle_timeout
    }

    fn options(&self) -> &Options {
        &self.limits.options
    }

    fn set(&self, phase: Phase, until: Instant) {
        self.phase.set(phase);
        self.until.set(until);
    }

    fn wait(&self, phase: Phase, timeout: Duration) {
        self.set(phase, self.now() + timeout);
    }

    /// A TLS handshake begins.
    pub(super) fn shake_hands(&self) {
        self.wait(Phase::Handshake, self.options().handshake_timeout);
    }

    /// The handshake is done; now the first request is waited for.
    pub(super) fn greeted(&self) {
        self.wait(Phase::Idle, self.options().header_timeout);
    }

    /// Streams will share the connection. The first is waited for as a first head is.
    pub(super) fn share(&self) {
        self.phase.set(Phase::Quiet);
    }

    /// No stream is open any more.
    pub(super) fn quiet(&self) {
        self.wait(Phase::Quiet, self.options().idle_timeout);
    }

    /// Bytes came in.
    pub(super) fn read_some(&self) {
        if self.phase.get() == Phase::Idle {
            let now = self.now();
            self.began.set(now);
            self.set(Phase::Head, now + self.options().header_timeout);
        }
    }

    /// The client's socket takes no more of our answer.
    pub(super) fn write_blocked(&self) {
        if self.blocked.get().is_none() {
            let until = self.now() + self.options().write_timeout;
            self.blocked.set(Some(until));
        }
    }

    /// It took some.
    pub(super) fn wrote_some(&self) {
        if self.blocked.get().is_some() {
            self.blocked.set(None);
            if matches!(self.phase.get(), Phase::Idle | Phase::Quiet) {
                self.until.set(self.now() + self.options().idle_timeout);
            }
        }
    }

    /// A stream was opened whose head is still to come.
    pub(super) fn expect_head(&self) {
        self.wait(Phase::Head, self.options().header_timeout);
    }

    /// A head is complete. Returns when its first byte came; a pipelined one begins now.
    pub(super) fn begin_request(&self) -> Instant {
        if self.phase.get() != Phase::Head {
            self.began.set(self.now());
        }
        let began = self.began.get();
        self.set(Phase::Body, began + self.options().body_timeout);
        began
    }

    /// The next piece of a streamed body is waited for, at most until `end`.
    pub(super) fn expect_piece(&self, end: Instant) {
        let until = self.now() + self.options().body_timeout;
        self.set(Phase::Body, until.min(end));
    }

    /// The next piece of a body that is passed on is waited for.
    pub(super) fn expect_next(&self) {
        self.wait(Phase::Body, self.options().body_timeout);
    }

    /// The rest is ours.
    pub(super) fn work(&self) {
        self.phase.set(Phase::Working);
    }

    /// The answer is made. Idling counts from `since`: from the request's beginning when it was a
    /// short one, which spares a look at the clock.
    pub(super) fn end_request(&self, since: Instant) {
        self.set(Phase::Idle, since + self.options().idle_timeout);
    }

    /// The instant at which the client's time is up, if it is the client's turn.
    pub(super) fn due(&self) -> Option<Instant> {
        let until = self.until.get();
        match (self.phase.get(), self.blocked.get()) {
            // Whoever has an answer to take is not idle.
            (Phase::Working | Phase::Idle | Phase::Quiet, Some(blocked)) => Some(blocked),
            (_, Some(blocked)) => Some(until.min(blocked)),
            (Phase::Working, None) => None,
            (_, None) => Some(until),
        }
    }
}

#[cfg(test)]
mod tests;
