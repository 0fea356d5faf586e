//! Turns: how many intents of one tenant one listening thread has under way while other tenants ask.
//!
//! A thread serves its requests in the order in which they become ready, so a tenant that asks over
//! many connections would be in front of everybody else each time. While others ask, too, only a few
//! of each tenant's intents are under way and the rest wait here, unread, in the order of arrival.
//! Whoever is alone takes turns without bound. Rejected: refusing what is over the share, which would
//! make a busy floor's calls into blocked ones where a millisecond's wait is enough.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::domain::ids::TenantNo;
use crate::gateway::door::TENANT_RECOVERING;
use crate::wire::limits::{TURNS_MAX, TURNS_WAITING_MAX};

/// As many intents of the tenant wait as may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many intents of the tenant wait for their turn")]
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
    under_way: Cell<usize>,
    waiting: Cell<usize>,
    bounded: Cell<bool>,
    free: Notify,
}

/// A turn; ends when dropped.
#[derive(Debug)]
#[must_use = "dropping it ends the turn"]
pub(super) struct Turn(Rc<Flow>);

/// One that waits; leaves when dropped.
struct Waiting<'a>(&'a Flow);

impl Turns {
    /// A turn of `tenant`: at once without a `patience`, else when few enough are under way or the
    /// patience is over. Waiting is to space a flood out, never to make an intent too late.
    ///
    /// Cancellation safe: whoever is dropped while waiting leaves its place to the next.
    ///
    /// # Errors
    /// [`NoTurn`] when [`TURNS_WAITING_MAX`] wait.
    pub(super) async fn take(
        &self,
        tenant: TenantNo,
        patience: Option<Duration>,
    ) -> Result<Turn, NoTurn> {
        let bounded = patience.is_some();
        let flow = self.flow(tenant);
        if flow.bounded.replace(bounded) && !bounded {
            flow.free.notify_waiters();
        }
        let at_once = flow.waiting.get() == 0 && flow.has_room();
        if let Some(patience) = patience
            && !at_once
        {
            if flow.waiting.get() >= TURNS_WAITING_MAX {
                return Err(NoTurn);
            }
            let _place = Waiting::new(&flow);
            // Over or not, it goes on.
            drop(tokio::time::timeout(patience, flow.freed()).await);
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

impl<'a> Waiting<'a> {
    fn new(flow: &'a Flow) -> Self {
        flow.waiting.set(flow.waiting.get() + 1);
        Self(flow)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting.get() - 1);
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
