//! Turns: how many intents of one tenant one listening thread has under way while other tenants ask, and
//! how fast it lets them in.
//!
//! A thread serves its requests in the order in which they become ready, so a tenant that asks over
//! many connections would be in front of everybody else each time, and would have all of the processor.
//! While others ask, too, only a few of each tenant's intents are under way, one is let in a turn
//! ([`line`]), and the rest wait here, unread. What would wait for longer than its patience is a flood's
//! excess: it is refused, and late, so that whoever asks again at once does not ask often.
//! Whoever is alone takes turns without bound. Rejected: refusing at once what is over the share, which would
//! make a busy floor's calls into blocked ones where a millisecond's wait is enough, and would cost the
//! thread as much as deciding does.

mod line;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use self::line::Line;
use crate::domain::ids::TenantNo;
use crate::gateway::door::TENANT_RECOVERING;
use crate::wire::limits::{TURN_REFUSED_MS, TURNS_MAX, TURNS_WAITING_MAX};

/// When an intent that finds no turn hears so.
const REFUSED_AFTER: Duration = Duration::from_millis(TURN_REFUSED_MS);

/// There is no turn for it in its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tenant asks for more than its turns")]
pub(super) struct NoTurn;

/// The turns of one listening thread.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// By tenant number.
    flows: RefCell<Vec<Rc<Flow>>>,
}

/// One tenant's.
#[derive(Debug, Default)]
struct Flow {
    line: Line,
    under_way: Cell<usize>,
    /// Those who wait for room.
    waiting: Cell<usize>,
    /// Those who wait for whatever.
    held: Cell<usize>,
    bounded: Cell<bool>,
    free: Notify,
}

/// A turn; ends when dropped.
#[derive(Debug)]
#[must_use = "dropping it ends the turn"]
pub(super) struct Turn(Rc<Flow>);

/// One of those counted; leaves when dropped.
struct Held<'a>(&'a Cell<usize>);

impl Turns {
    /// A turn of `tenant`, who asks `now`: at once without a `patience`, else when its turn has come by the
    /// line and few enough are under way, or the patience is over. Waiting is to space a flood out, never to
    /// make an intent too late.
    ///
    /// Cancellation safe: whoever is dropped while waiting for room leaves it to the next; a place in the line
    /// passes unused.
    ///
    /// # Errors
    /// [`NoTurn`]: at once when [`TURNS_WAITING_MAX`] wait; after [`TURN_REFUSED_MS`] when the line is longer
    /// than the patience.
    pub(super) async fn take(
        &self,
        tenant: TenantNo,
        patience: Option<Duration>,
        now: Instant,
    ) -> Result<Turn, NoTurn> {
        let bounded = patience.is_some();
        let flow = self.flow(tenant);
        if flow.bounded.replace(bounded) && !bounded {
            flow.free.notify_waiters();
        }
        if let Some(patience) = patience {
            let booked = flow.line.book(now, patience);
            let at_once =
                booked == Some(Duration::ZERO) && flow.waiting.get() == 0 && flow.has_room();
            if !at_once {
                flow.wait(booked, patience).await?;
            }
        }
        flow.under_way.set(flow.under_way.get() + 1);
        Ok(Turn(flow))
    }

    fn flow(&self, tenant: TenantNo) -> Rc<Flow> {
        if tenant == TENANT_RECOVERING {
            // Nobody's number yet: there is nothing to space out, and no place to keep for it.
            return Rc::default();
        }
        let mut flows = self.flows.borrow_mut();
        let at = usize::from(tenant.0);
        if flows.len() <= at {
            flows.resize_with(at + 1, Rc::default);
        }
        flows.get(at).map(Rc::clone).unwrap_or_default()
    }
}

impl Flow {
    /// Waits for the turn that was booked and then for room, the patience at most; where nothing could be
    /// booked, until the refusal may be told.
    async fn wait(&self, booked: Option<Duration>, patience: Duration) -> Result<(), NoTurn> {
        if self.held.get() >= TURNS_WAITING_MAX {
            return Err(NoTurn);
        }
        let _held = Held::in_count(&self.held);
        let Some(booked) = booked else {
            // Told at once, it would be asked again at once, and cost as much as if it had been let in.
            tokio::time::sleep(REFUSED_AFTER).await;
            return Err(NoTurn);
        };
        if !booked.is_zero() {
            tokio::time::sleep(booked).await;
        }
        if self.waiting.get() > 0 || !self.has_room() {
            let _place = Held::in_count(&self.waiting);
            let left = patience.saturating_sub(booked);
            // Over or not, it goes on.
            drop(tokio::time::timeout(left, self.freed()).await);
        }
        Ok(())
    }

    async fn freed(&self) {
        loop {
            self.free.notified().await;
            if self.has_room() {
                return;
            }
        }
    }

    fn has_room(&self) -> bool {
        !self.bounded.get() || self.under_way.get() < TURNS_MAX
    }
}

impl<'a> Held<'a> {
    fn in_count(count: &'a Cell<usize>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Turn {
    /// The turn is for `intents` that came together.
    pub(super) fn of(&self, intents: usize) {
        if self.0.bounded.get() {
            self.0.line.lengthen(intents);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.under_way.set(self.0.under_way.get() - 1);
        if self.0.waiting.get() > 0 && self.0.has_room() {
            self.0.free.notify_one();
        }
    }
}

#[cfg(test)]
mod tests;
