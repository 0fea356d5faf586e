//! Open loop: requests arrive at a fixed rate and any free connection takes the oldest waiting.
//!
//! The latency of a request starts at its scheduled instant. If the server stalls, the arrivals
//! behind the stall wait in the queue and their wait is counted: corrected for coordinated
//! omission by construction, without any later adjustment of the histogram.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::arrivals::Arrivals;
use super::pace::Pace;
use super::tally::Tally;
use super::{Finished, Lane};
use crate::clock;

/// How long after the last arrival the waiting ones may still be sent.
const DRAIN_MAX: Duration = Duration::from_secs(2);
/// Arrivals waiting at once; beyond, an arrival is given up at once and counted as unsent.
const WAITING_MAX: usize = 1 << 20;

/// What the schedule hands to the lanes.
struct Queue {
    waiting: RefCell<VecDeque<u64>>,
    ready: Semaphore,
    tally: RefCell<Tally>,
    start: Instant,
}

impl Queue {
    fn now(&self) -> u64 {
        clock::nanos(clock::now().duration_since(self.start))
    }
}

/// Runs the schedule of `rate` a second over `span`, then drains. Must run inside a `LocalSet`;
/// cancelling it abandons the window.
pub(super) async fn run(lanes: Vec<Lane>, span: Duration, rate: f64) -> anyhow::Result<Finished> {
    let queue = Rc::new(Queue {
        waiting: RefCell::new(VecDeque::new()),
        ready: Semaphore::new(0),
        tally: RefCell::new(Tally::new()?),
        start: clock::now(),
    });
    let tasks: Vec<_> = lanes
        .into_iter()
        .map(|lane| tokio::task::spawn_local(drive(lane, Rc::clone(&queue))))
        .collect();
    schedule(&queue, Arrivals::new(rate, clock::nanos(span))).await?;
    drain(&queue).await?;
    let mut open = Vec::with_capacity(tasks.len());
    for task in tasks {
        open.push(task.await?);
    }
    let now = queue.now();
    for due in queue.waiting.take() {
        queue.tally.borrow_mut().give_up(now.saturating_sub(due));
    }
    Ok((queue.tally.replace(Tally::new()?), open))
}

async fn schedule(queue: &Queue, mut arrivals: Arrivals) -> anyhow::Result<()> {
    let pace = Pace::new()?;
    while let Some(due) = arrivals.next_due() {
        let now = queue.now();
        if due > now {
            pace.wait(Duration::from_nanos(due - now)).await?;
        }
        let now = queue.now();
        let mut released = 0;
        while let Some(due) = arrivals.take(now) {
            queue.tally.borrow_mut().noticed(now - due);
            if queue.waiting.borrow().len() < WAITING_MAX {
                queue.waiting.borrow_mut().push_back(due);
                released += 1;
            } else {
                queue.tally.borrow_mut().give_up(now - due);
            }
        }
        queue.ready.add_permits(released);
        // When behind schedule nothing above waits; the lanes must still get their turn.
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Waits until the queue is empty, at most [`DRAIN_MAX`], and tells the lanes to stop.
async fn drain(queue: &Queue) -> anyhow::Result<()> {
    let pace = Pace::new()?;
    let until = clock::now() + DRAIN_MAX;
    while !queue.waiting.borrow().is_empty() && clock::now() < until {
        pace.wait(Duration::from_micros(200)).await?;
    }
    queue.ready.close();
    Ok(())
}

async fn drive(mut lane: Lane, queue: Rc<Queue>) -> Lane {
    while let Ok(permit) = queue.ready.acquire().await {
        permit.forget();
        let Some(due) = queue.waiting.borrow_mut().pop_front() else {
            continue;
        };
        match lane.connection.ask(lane.requests.next()).await {
            Ok(answer) => {
                let nanos = queue.now().saturating_sub(due);
                queue.tally.borrow_mut().answer(&answer, nanos);
            }
            Err(error) => {
                queue.tally.borrow_mut().fault(|| format!("{error:#}"));
                if lane.connection.reopen().await.is_err() {
                    break;
                }
            }
        }
    }
    lane
}
