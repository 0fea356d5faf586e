//! The story of a batch: cut into slices, each one place in the inbox and one answer; every intent
//! decided, recorded and answered on its own, in the order of the batch.
//!
//! A few slices of one batch are under way at a time, so that sealing, deciding and committing
//! overlap, and the next is offered only when one has come back: however long a batch is, it never
//! holds more of the inbox than that, and whoever asks for one intent comes in between. While somebody
//! does ([`super::presence`]), slices are shorter, one of a batch is under way at a time, and between two
//! a batch rests ([`super::rests`]), in the first quarter of its time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::asking::{Asking, NotTaken};
use super::door::{Answered, Caller};
use super::mailbox::{Mailbox, Pending};
use super::running::Gateway;
use super::work::{Delivered, Slice, SliceOf};
use crate::wire::intent::AskRequest;
use crate::wire::limits::{
    BATCH_REST_TIMES, SLICE_INTENTS_BESIDE_MAX, SLICE_INTENTS_MAX, SLICES_AHEAD_MAX,
};

/// A batch being decided.
struct Batch<'a> {
    asking: Asking<'a>,
    /// How many intents each slice has, and who waits for it.
    under_way: VecDeque<(usize, Pending<Delivered>)>,
    answered: Vec<Answered>,
    /// When the step under way began.
    step_began: Instant,
}

/// Whether a batch that has `left` of the time it may take has used less than a quarter: on a slow disk
/// many small commits would make it late, and what is late is refused.
fn has_time(left: Duration, whole: Duration) -> bool {
    left > whole * 3 / 4
}

/// Intents of a slice, and slices under way at once.
fn pace(beside: bool) -> (usize, usize) {
    if beside {
        (SLICE_INTENTS_BESIDE_MAX, 1)
    } else {
        (SLICE_INTENTS_MAX, SLICES_AHEAD_MAX)
    }
}

impl Gateway {
    /// Decides the intents of a batch; one answer each, in their order. What is not a durable
    /// decision is a fault of the intents concerned, never an ALLOW.
    ///
    /// Cancellation: dropped midway, the slices already submitted stand.
    pub async fn decide_all(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        asked: Vec<AskRequest>,
        arrived: Instant,
    ) -> Vec<Answered> {
        let count = asked.len();
        let mut batch = Batch {
            asking: Asking::new(self, desk, caller, (SliceOf::Batch, arrived)),
            under_way: VecDeque::with_capacity(SLICES_AHEAD_MAX),
            answered: Vec::with_capacity(count),
            step_began: self.clock.instant(),
        };
        let slice_max = batch.asking.slice_max();
        let mut asked = asked.into_iter();
        while asked.len() > 0 {
            let many = asked.len().min(slice_max).min(pace(batch.steps_back()).0);
            match batch.asking.seal(asked.by_ref().take(many)) {
                Ok(slice) => batch.slice(slice).await,
                Err(error) => {
                    batch.all_back().await;
                    batch.asking.refuse(many, error, &mut batch.answered);
                }
            }
            // Sealing is work: let the requests of this thread in between.
            tokio::task::yield_now().await;
        }
        batch.all_back().await;
        debug_assert_eq!(batch.answered.len(), count, "one answer an intent");
        let waited = self.clock.instant().saturating_duration_since(arrived);
        self.metrics.latency.observe_micros_of(waited, count);
        batch.answered
    }
}

impl Batch<'_> {
    /// Whether somebody asks for single decisions beside this batch, and it has time for small steps.
    fn steps_back(&self) -> bool {
        let gateway = self.asking.gateway;
        let now = gateway.clock.instant();
        let left = self.asking.give_up.saturating_duration_since(now);
        if !has_time(left, gateway.limits.commit_wait_max) {
            return false;
        }
        let running = gateway.running();
        running.is_some_and(|running| running.inbox.presence.anybody(now))
    }

    /// Offers a slice as soon as earlier ones leave room for it, or answers it as refused.
    async fn slice(&mut self, mut slice: Slice) {
        let beside = self.steps_back();
        let (_intents, ahead) = pace(beside);
        while self.under_way.len() >= ahead {
            self.first_back().await;
        }
        if beside {
            self.rest().await;
        }
        let many = slice.asks.len();
        let why = loop {
            match self.asking.offer(slice) {
                Ok(pending) => return self.under_way.push_back((many, pending)),
                // Our own slices fill the share: the oldest makes room.
                Err(NotTaken::Full(back, _)) if !self.under_way.is_empty() => {
                    slice = back;
                    self.first_back().await;
                }
                Err(why) => break why,
            }
        };
        let error = self.asking.not_taken(&why);
        self.all_back().await;
        self.asking.refuse(many, error, &mut self.answered);
    }

    /// Leaves the processors to those who ask for single decisions, for a multiple of what the slice before
    /// took.
    async fn rest(&mut self) {
        let gateway = self.asking.gateway;
        let now = gateway.clock.instant();
        if let Some(running) = gateway.running() {
            let worked = now.saturating_duration_since(self.step_began);
            let rests = &running.inbox.presence.batches;
            tokio::time::sleep(rests.after(worked, BATCH_REST_TIMES, now)).await;
        }
        self.step_began = gateway.clock.instant();
    }

    /// Waits for the oldest slice under way.
    async fn first_back(&mut self) {
        if let Some(oldest) = self.under_way.pop_front() {
            self.asking.hear(oldest, &mut self.answered).await;
        }
    }

    async fn all_back(&mut self) {
        while !self.under_way.is_empty() {
            self.first_back().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::time::UnixSeconds;
    use crate::gateway::rests::Rests;
    use crate::wire::limits::BULK_REST_MS_MAX;

    #[test]
    fn small_steps_beside_single_intents_and_only_with_time_for_them() {
        assert_eq!(pace(false), (SLICE_INTENTS_MAX, SLICES_AHEAD_MAX));
        assert_eq!(pace(true), (SLICE_INTENTS_BESIDE_MAX, 1));
        let whole = Duration::from_secs(2);
        assert!(has_time(Duration::from_millis(1_501), whole));
        assert!(!has_time(Duration::from_millis(1_500), whole));
        assert!(!has_time(Duration::ZERO, whole));
    }

    #[test]
    fn rests_take_a_quarter_of_a_batchs_time_at_most() {
        let base = Clock::manual(UnixSeconds(0)).instant();
        let (whole, step) = (Duration::from_secs(2), Duration::from_millis(5));
        let (rests, mut rested) = (Rests::new(base), Duration::ZERO);
        while has_time(whole.saturating_sub(rested), whole) {
            // As many others rest on the same account as like.
            rests.after(step * 100, BATCH_REST_TIMES, base + rested);
            rested += rests.after(step, BATCH_REST_TIMES, base + rested);
        }
        let longest = Duration::from_millis(BULK_REST_MS_MAX);
        assert!(rested < whole / 4 + longest, "{rested:?}");
    }
}
