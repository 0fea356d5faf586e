//! What every connection is kept by, whatever it speaks: one timer for its limits, one ear for the
//! house's closing.

use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::time::Sleep;

use super::drain::Present;
use super::watch::Watch;

/// Keeps a connection's limits, and hears when the house closes.
pub(super) struct Keeper<'t> {
    pub(super) watch: Rc<Watch>,
    present: Present,
    tick: Duration,
    timer: Pin<&'t mut Sleep>,
    known: bool,
    told: bool,
}

impl<'t> Keeper<'t> {
    /// Of one connection; `timer` was just made, of one `tick`.
    pub(super) fn new(
        watch: &Rc<Watch>,
        present: Present,
        tick: Duration,
        timer: Pin<&'t mut Sleep>,
    ) -> Self {
        Self {
            watch: Rc::clone(watch),
            present,
            tick,
            timer,
            known: false,
            told: false,
        }
    }

    /// Drives `work` to its end; `None` when a limit ended it. When the house closes, `close` is
    /// told once and says whether to go on. `look` is asked now and then whether to go on.
    pub(super) async fn keep<F: Future>(
        &mut self,
        mut work: Pin<&mut F>,
        mut close: impl FnMut(Pin<&mut F>) -> ControlFlow<()>,
        look: impl Fn(Instant) -> bool,
    ) -> Option<F::Output> {
        poll_fn(|cx| {
            if !self.known {
                // The waker of a task does not change, so once is enough.
                self.present.wake_with(cx.waker());
                self.known = true;
            }
            if self.present.closing() && !self.told {
                self.watch.ending().end();
                if close(work.as_mut()).is_break() {
                    return Poll::Ready(None);
                }
                self.told = true;
            }
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Some(done));
            }
            while self.timer.as_mut().poll(cx).is_ready() {
                let now = self.watch.now();
                if self.watch.due().is_some_and(|due| due <= now) || !look(now) {
                    return Poll::Ready(None);
                }
                let next = self.timer.deadline() + self.tick;
                self.timer.as_mut().reset(next);
            }
            Poll::Pending
        })
        .await
    }
}
