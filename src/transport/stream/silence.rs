//! Notices that a stream has been silent for too long.

use std::pin::Pin;
use std::task::Context;
use std::time::{Duration, Instant};

use tokio::time::Sleep;

/// One timer that is set again only when it goes off: to hear a line costs no more than a note of when.
pub(super) struct Silence {
    timer: Pin<Box<Sleep>>,
    span: Duration,
    last: Instant,
}

impl Silence {
    /// At most `span` from one sign of life to the next, beginning `now`.
    pub(super) fn new(now: Instant, span: Duration) -> Self {
        Self {
            timer: Box::pin(tokio::time::sleep(span)),
            span,
            last: now,
        }
    }

    /// There was one.
    pub(super) fn broken(&mut self, now: Instant) {
        self.last = now;
    }

    /// Whether it has lasted too long; else whoever polls is woken when it may have. `now` is asked
    /// for only where the timer has gone off.
    pub(super) fn is_over(&mut self, now: impl Fn() -> Instant, cx: &mut Context<'_>) -> bool {
        while self.timer.as_mut().poll(cx).is_ready() {
            let left = (self.last + self.span).saturating_duration_since(now());
            if left.is_zero() {
                return true;
            }
            let again = tokio::time::Instant::now() + left;
            self.timer.as_mut().reset(again);
        }
        false
    }
}
