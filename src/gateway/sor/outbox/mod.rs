//! Telling systems of record what was decided, reported and stated here.
//!
//! A thread behind the path reads the ledger's durable rows from where each bound tenant's cursor
//! stands, makes letters of them and sends them ([`crate::sor::outbox`]). Nobody waits for it.

mod page;
mod post;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use post::{Post, Revive};

use super::{SystemsOfRecord, behind};
use crate::clock::Clock;
use crate::domain::ids::TenantNo;
use crate::gateway::running::Running;
use crate::sor::outbox::{Book, Figures, Pace};

/// Wishes to try given-up letters again that may wait.
const REVIVALS_MAX: usize = 16;

/// The outbox as the rest of the house sees it.
pub struct Outbox {
    book: Arc<Book>,
    /// By tenant, with how many letters were given up.
    figures: Mutex<BTreeMap<Arc<str>, (Figures, u64)>>,
    revivals: mpsc::Sender<Revive>,
    stop: AtomicBool,
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

/// The running thread.
#[derive(Debug)]
pub struct OutboxThread {
    outbox: Arc<Outbox>,
    thread: JoinHandle<()>,
}

impl OutboxThread {
    /// Starts it. Tenants bound for the first time are told what happens from here on: their cursors
    /// are put behind what is durable now.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn spawn(
        sor: Arc<SystemsOfRecord>,
        running: &Running,
        book: Arc<Book>,
        (pace, clock): (Pace, Clock),
    ) -> std::io::Result<Self> {
        let (revivals, wishes) = mpsc::channel(REVIVALS_MAX);
        let outbox = Arc::new(Outbox {
            book,
            figures: Mutex::default(),
            revivals,
            stop: AtomicBool::new(false),
        });
        let mut post = Post::new(Arc::clone(&outbox), sor, running, (pace, clock));
        post.bind();
        let thread = behind::spawn("sor-outbox", move || post.run(wishes))?;
        Ok(Self { outbox, thread })
    }

    /// What the house sees of it.
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// Ends it; what was confirmed is written down.
    pub fn stop(self) {
        self.outbox.stop.store(true, Ordering::Release);
        // A panic in it has been reported, and nothing depends on it.
        drop(self.thread.join());
    }
}

impl Outbox {
    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn publish(&self, figures: BTreeMap<Arc<str>, (Figures, u64)>) {
        *self.figures.lock().unwrap_or_else(PoisonError::into_inner) = figures;
    }

    /// How a tenant's letters stand, and how many were given up.
    pub fn figures(&self, tenant: &str) -> Option<(Figures, u64)> {
        let figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        figures.get(tenant).copied()
    }

    /// Tries letters again that were given up: those of one row, or all; how many.
    /// `None`: not now.
    pub async fn revive(
        &self,
        tenant: TenantNo,
        name: Arc<str>,
        row: Option<u64>,
    ) -> Option<usize> {
        let (done, answer) = oneshot::channel();
        let wish = Revive {
            tenant,
            name,
            row,
            done,
        };
        self.revivals.try_send(wish).ok()?;
        answer.await.ok()
    }
}
