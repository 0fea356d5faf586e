//! The story of what came together on a stream: submitted at once, so that a stream's intents are
//! decided in the order in which they came, and waited for together.
//!
//! Unlike a batch it steps back for nobody: whoever streams waits at a dialer, and has announced
//! itself as everybody does who asks for single decisions. Unlike a batch it never waits for room
//! either: a share that is full sheds it, as it sheds a single intent.

use std::time::Instant;

use super::asking::Asking;
use super::door::{Answered, Caller};
use super::mailbox::Mailbox;
use super::running::Gateway;
use super::work::{Delivered, SliceOf};
use crate::wire::intent::AskRequest;

impl Gateway {
    /// Decides intents that came together; one answer each, in their order. What is not a durable
    /// decision is a fault of the intents concerned, never an ALLOW. They are one slice unless that is
    /// larger than the tenant's share of the inbox permits.
    ///
    /// Submitted within the call. Cancellation: dropped, what was submitted stands unheard.
    pub fn decide_slice(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        asked: Vec<AskRequest>,
        arrived: Instant,
    ) -> impl Future<Output = Vec<Answered>> {
        let count = asked.len();
        let mut asking = Asking::new(self, desk, caller, (SliceOf::Stream, arrived));
        let slice_max = asking.slice_max();
        let mut asked = asked.into_iter();
        let mut under_way = Vec::with_capacity(1);
        while asked.len() > 0 {
            let many = asked.len().min(slice_max);
            let slice = asking.seal(asked.by_ref().take(many));
            let taken = slice.and_then(|slice| {
                let offered = asking.offer(slice);
                offered.map_err(|why| asking.not_taken(&why))
            });
            under_way.push((many, taken));
        }
        async move {
            let mut answered = Vec::with_capacity(count);
            for (many, taken) in under_way {
                match taken {
                    Ok(waiting) => asking.hear((many, waiting), &mut answered).await,
                    Err(error) => asking.refuse(many, error, &mut answered),
                }
            }
            debug_assert_eq!(answered.len(), count, "one answer an intent");
            let waited = self.clock.instant().saturating_duration_since(arrived);
            self.metrics.latency.observe_micros_of(waited, count);
            answered
        }
    }
}

#[cfg(test)]
mod tests;
