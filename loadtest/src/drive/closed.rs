//! Closed loop: every connection asks again as soon as it has its answer.
//!
//! Its latencies are service times at that concurrency; a stalled server also stalls the asking,
//! so they say nothing about queueing at a given rate. The open loop does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::tally::Tally;
use super::{Finished, Lane};
use crate::clock;

/// Connections one lane may lose in a window before it gives up.
const REOPENS_MAX: u32 = 100;

/// Runs all lanes of this thread until `span` has passed or `budget` requests were sent. Must run
/// inside a `LocalSet`; cancelling it abandons the window.
pub(super) async fn run(lanes: Vec<Lane>, span: Duration, budget: u64) -> anyhow::Result<Finished> {
    let tally = Rc::new(RefCell::new(Tally::new()?));
    let left = Rc::new(Cell::new(budget));
    let end = clock::now() + span;
    let tasks: Vec<_> = lanes
        .into_iter()
        .map(|lane| tokio::task::spawn_local(drive(lane, end, Rc::clone(&tally), Rc::clone(&left))))
        .collect();
    let mut open = Vec::with_capacity(tasks.len());
    for task in tasks {
        open.push(task.await?);
    }
    Ok((tally.replace(Tally::new()?), open))
}

async fn drive(
    mut lane: Lane,
    end: Instant,
    tally: Rc<RefCell<Tally>>,
    left: Rc<Cell<u64>>,
) -> Lane {
    let mut reopens = 0;
    let mut sent = clock::now();
    while sent < end && left.get() > 0 {
        left.set(left.get() - 1);
        match lane.connection.ask(lane.requests.next()).await {
            Ok(answer) => {
                let answered = clock::now();
                let nanos = clock::nanos(answered.duration_since(sent));
                tally.borrow_mut().answer(&answer, nanos);
                sent = answered;
            }
            Err(error) => {
                tally.borrow_mut().fault(|| format!("{error:#}"));
                reopens += 1;
                if reopens > REOPENS_MAX || lane.connection.reopen().await.is_err() {
                    break;
                }
                sent = clock::now();
            }
        }
    }
    lane
}
