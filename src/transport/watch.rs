//! Who a connection is waiting for, and until when.
//!
//! Cells set as a request goes by cost nothing; the one timer of a connection looks at them now and
//! then. A timer armed anew for each request would cost more than its decision.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::options::Options;

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
}

impl Watch {
    /// A connection just accepted: its first head is waited for like any other.
    pub(super) fn new(limits: &Rc<Limits>) -> Self {
        let began = (limits.now)();
        Self {
            until: Cell::new(began + limits.options.header_timeout),
            began: Cell::new(began),
            phase: Cell::new(Phase::Idle),
            blocked: Cell::new(None),
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
            limits: Rc::clone(&self.limits),
        }
    }

    pub(super) fn now(&self) -> Instant {
        (self.limits.now)()
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
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    /// A watch under a clock moved by hand; limits of 10, 20, 60 and 30 s.
    fn watch() -> (Rc<Cell<Instant>>, Instant, Watch) {
        let start = tokio::time::Instant::now().into_std();
        let clock = Rc::new(Cell::new(start));
        let options = Options {
            header_timeout: 10 * S,
            body_timeout: 20 * S,
            idle_timeout: 60 * S,
            write_timeout: 30 * S,
            handshake_timeout: 5 * S,
            ..Options::default()
        };
        let hand = Rc::clone(&clock);
        let limits = Rc::new(Limits::new(move || hand.get(), options));
        (clock, start, Watch::new(&limits))
    }

    #[test]
    fn each_turn_of_a_request_has_its_own_limit() {
        let (clock, start, watch) = watch();
        assert_eq!(watch.due(), Some(start + 10 * S));
        clock.set(start + 9 * S);
        watch.read_some();
        assert_eq!(watch.due(), Some(start + 19 * S));
        clock.set(start + 12 * S);
        watch.read_some();
        assert_eq!(
            watch.due(),
            Some(start + 19 * S),
            "dripping does not extend it"
        );
        assert_eq!(watch.begin_request(), start + 9 * S);
        assert_eq!(watch.due(), Some(start + 29 * S));
        watch.work();
        assert_eq!(watch.due(), None);
        watch.end_request(start + 9 * S);
        assert_eq!(watch.due(), Some(start + 69 * S));
    }

    #[test]
    fn a_pipelined_request_begins_when_its_turn_comes() {
        let (clock, start, watch) = watch();
        watch.read_some();
        watch.begin_request();
        watch.end_request(start);
        clock.set(start + 3 * S);
        assert_eq!(watch.begin_request(), start + 3 * S);
    }

    #[test]
    fn streams_are_limited_by_piece_and_as_a_whole() {
        let (clock, start, watch) = watch();
        watch.read_some();
        watch.begin_request();
        clock.set(start + 15 * S);
        watch.expect_piece(start + 100 * S);
        assert_eq!(watch.due(), Some(start + 35 * S));
        watch.expect_piece(start + 30 * S);
        assert_eq!(watch.due(), Some(start + 30 * S));
    }

    #[test]
    fn a_client_that_takes_nothing_is_given_the_write_limit() {
        let (clock, start, watch) = watch();
        watch.end_request(start);
        clock.set(start + S);
        watch.write_blocked();
        assert_eq!(watch.due(), Some(start + 31 * S));
        clock.set(start + 2 * S);
        watch.write_blocked();
        assert_eq!(watch.due(), Some(start + 31 * S));
        watch.wrote_some();
        assert_eq!(watch.due(), Some(start + 62 * S));
    }

    #[test]
    fn a_client_that_takes_nothing_while_we_work_is_given_the_write_limit_too() {
        let (clock, start, watch) = watch();
        watch.begin_request();
        watch.work();
        watch.write_blocked();
        assert_eq!(watch.due(), Some(start + 30 * S));
        clock.set(start + S);
        watch.wrote_some();
        assert_eq!(watch.due(), None);
    }

    #[test]
    fn a_handshake_has_its_own_limit_and_then_a_head_is_waited_for() {
        let (clock, start, watch) = watch();
        watch.shake_hands();
        watch.read_some();
        assert_eq!(watch.due(), Some(start + 5 * S));
        clock.set(start + 2 * S);
        watch.greeted();
        assert_eq!(watch.due(), Some(start + 12 * S));
    }

    #[test]
    fn bytes_do_not_end_the_quiet_of_a_multiplexed_connection() {
        let (clock, start, watch) = watch();
        watch.share();
        watch.read_some();
        assert_eq!(watch.due(), Some(start + 10 * S));
        watch.quiet();
        clock.set(start + 59 * S);
        watch.read_some();
        assert_eq!(watch.due(), Some(start + 60 * S));
        let stream = watch.of_stream();
        assert_eq!(stream.due(), Some(start + 79 * S));
        assert_eq!(stream.begin_request(), start + 59 * S);
    }
}
