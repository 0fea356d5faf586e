//! What a listening thread keeps of the gateway.

use std::cell::Cell;
use std::rc::Rc;

use tokio::sync::Notify;

use crate::gateway::mailbox::Mailbox;
use crate::gateway::work::Delivered;
use crate::sor::upstream::Lines;

/// A listening thread's own: where its answers arrive, and its connections to systems of record.
/// Cloning gives another hand on the same.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Answers of the engine.
    pub mail: Mailbox<Delivered>,
    /// Connections to systems of record.
    pub lines: Lines,
    /// Calls that run to their end whether or not anybody still waits for them.
    pub tasks: Tasks,
}

/// Counts a thread's tasks, so that nothing that was begun is cut off while there is time for it.
#[derive(Debug, Clone, Default)]
pub struct Tasks(Rc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    under_way: Cell<usize>,
    last_ended: Notify,
}

/// One task; it has ended when dropped.
#[derive(Debug)]
pub(super) struct Task(Rc<Counted>);

impl Tasks {
    /// Counts a task in.
    pub(super) fn enter(&self) -> Task {
        let all = &self.0;
        all.under_way.set(all.under_way.get() + 1);
        Task(Rc::clone(all))
    }

    /// Returns when none is under way. Cancellation safe.
    pub async fn ended(&self) {
        while self.0.under_way.get() > 0 {
            self.0.last_ended.notified().await;
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        let left = self.0.under_way.get().saturating_sub(1);
        self.0.under_way.set(left);
        if left == 0 {
            self.0.last_ended.notify_one();
        }
    }
}
