//! Questions that are due by the clock, whatever the answers do.

use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::clock;
use crate::drive::arrivals::Arrivals;
use crate::drive::pace::Pace;
use crate::drive::tally::Tally;

/// Until the next one is due.
type Wait = Pin<Box<dyn Future<Output = anyhow::Result<()>>>>;

/// The schedule of one connection.
pub(super) struct Schedule {
    start: Instant,
    arrivals: Arrivals,
    due: VecDeque<Instant>,
    pace: Rc<Pace>,
    wait: Option<Wait>,
}

impl Schedule {
    /// `rate` questions a second over `span`, from now on. Must be called inside a runtime.
    pub(super) fn new(rate: f64, span: Duration) -> anyhow::Result<Self> {
        Ok(Self {
            start: clock::now(),
            arrivals: Arrivals::new(rate, clock::nanos(span)),
            due: VecDeque::new(),
            pace: Rc::new(Pace::new()?),
            wait: None,
        })
    }

    /// Takes up what has become due, and has the task woken when more does.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, tally: &mut Tally) -> anyhow::Result<()> {
        loop {
            let now = clock::nanos(clock::now().duration_since(self.start));
            while let Some(due) = self.arrivals.take(now) {
                tally.noticed(now - due);
                self.due.push_back(self.start + Duration::from_nanos(due));
            }
            let Some(next) = self.arrivals.next_due() else {
                return Ok(());
            };
            let wait = self.wait.get_or_insert_with(|| {
                let (pace, span) = (Rc::clone(&self.pace), Duration::from_nanos(next - now));
                Box::pin(async move { pace.wait(span).await })
            });
            match wait.as_mut().poll(cx) {
                Poll::Pending => return Ok(()),
                Poll::Ready(waited) => waited?,
            }
            self.wait = None;
        }
    }

    /// When the oldest question that waits was due.
    pub(super) fn take(&mut self) -> Option<Instant> {
        self.due.pop_front()
    }

    /// Whether every question has been taken.
    pub(super) fn is_over(&self) -> bool {
        self.due.is_empty() && self.arrivals.next_due().is_none()
    }
}
