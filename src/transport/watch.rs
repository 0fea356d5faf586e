//! Who a connection is waiting for, and until when.
//!
//! Cells set as a request goes by cost nothing; the one timer of a connection looks at them now and
//! then. A timer armed anew for each request would cost more than its decision.

use std::cell::Cell;
use std::time::Instant;

use super::options::Options;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// For a request to begin.
    Idle,
    /// For the rest of its head.
    Head,
    /// For its body.
    Body,
    /// For us.
    Working,
    /// For the client to take the answer.
    Writing,
}

/// The state of one connection. Lives on its thread.
pub(super) struct Watch {
    now: Box<dyn Fn() -> Instant>,
    options: Options,
    phase: Cell<Phase>,
    /// When the request's first byte came.
    began: Cell<Instant>,
    until: Cell<Instant>,
}

impl Watch {
    /// A connection just accepted: its first head is waited for like any other.
    pub(super) fn new(now: Box<dyn Fn() -> Instant>, options: Options) -> Self {
        let began = now();
        Self {
            until: Cell::new(began + options.header_timeout),
            began: Cell::new(began),
            phase: Cell::new(Phase::Idle),
            now,
            options,
        }
    }

    pub(super) fn now(&self) -> Instant {
        (self.now)()
    }

    fn set(&self, phase: Phase, until: Instant) {
        self.phase.set(phase);
        self.until.set(until);
    }

    /// Bytes came in.
    pub(super) fn read_some(&self) {
        if self.phase.get() == Phase::Idle {
            let now = self.now();
            self.began.set(now);
            self.set(Phase::Head, now + self.options.header_timeout);
        }
    }

    /// The client's socket takes no more of our answer.
    pub(super) fn write_blocked(&self) {
        if matches!(self.phase.get(), Phase::Idle | Phase::Head) {
            let until = self.now() + self.options.write_timeout;
            self.set(Phase::Writing, until);
        }
    }

    /// It took some.
    pub(super) fn wrote_some(&self) {
        if self.phase.get() == Phase::Writing {
            let until = self.now() + self.options.idle_timeout;
            self.set(Phase::Idle, until);
        }
    }

    /// A head is complete. Returns when its first byte came; a pipelined one begins now.
    pub(super) fn begin_request(&self) -> Instant {
        if self.phase.get() != Phase::Head {
            self.began.set(self.now());
        }
        let began = self.began.get();
        self.set(Phase::Body, began + self.options.body_timeout);
        began
    }

    /// The next piece of a streamed body is waited for, at most until `end`.
    pub(super) fn expect_piece(&self, end: Instant) {
        let until = self.now() + self.options.body_timeout;
        self.set(Phase::Body, until.min(end));
    }

    /// The rest is ours.
    pub(super) fn work(&self) {
        self.phase.set(Phase::Working);
    }

    /// The answer is made. Idling counts from `since`: from the request's beginning when it was a
    /// short one, which spares a look at the clock.
    pub(super) fn end_request(&self, since: Instant) {
        self.set(Phase::Idle, since + self.options.idle_timeout);
    }

    /// The instant at which the client's time is up, if it is the client's turn.
    pub(super) fn due(&self) -> Option<Instant> {
        (self.phase.get() != Phase::Working).then(|| self.until.get())
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::time::Duration;

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
            ..Options::default()
        };
        let hand = Rc::clone(&clock);
        (
            clock,
            start,
            Watch::new(Box::new(move || hand.get()), options),
        )
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
}
