//! The engine's inbox: two bounded lanes and a quota a tenant. Full means shed, before anything
//! has changed. A slice of a batch counts as the intents it has.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, SendTimeoutError, Sender, TrySendError, bounded};

use super::fair::Fair;
use super::presence::Presence;
use super::work::{Job, PageJob, Work};
use crate::domain::ids::TenantNo;
use crate::wire::limits::SLICE_INTENTS_MAX;

/// Pages of facts waiting at most; each is up to 256 records.
pub const BULK_MAX: usize = 16;

/// Between two tries to find room for a job of the house's own.
const ROOM_POLL: Duration = Duration::from_millis(1);

/// Why a job was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Shed {
    /// The lane is full.
    #[error("inbox full")]
    Full,
    /// The tenant has its share waiting.
    #[error("tenant's share of the inbox is full")]
    Quota,
    /// The engine thread is gone.
    #[error("engine stopped")]
    Stopped,
}

/// What both sides count.
#[derive(Debug)]
struct Counts {
    /// Intents and other commands waiting, by tenant.
    tenants: Vec<AtomicUsize>,
    /// Intents of slices waiting, over all tenants.
    sliced: AtomicUsize,
    /// Commands the engine's side has taken out of the lane and not yet up.
    held: AtomicUsize,
}

/// The senders' side; clones share the quota.
#[derive(Debug, Clone)]
pub struct Inbox {
    live: Sender<Job>,
    bulk: Sender<PageJob>,
    counts: Arc<Counts>,
    live_max: usize,
    tenant_max: usize,
    /// Who asked a moment ago.
    pub presence: Arc<Presence>,
}

/// The engine thread's side.
#[derive(Debug)]
pub struct Lanes {
    /// Intents, outcomes, switches.
    pub live: Receiver<Job>,
    /// Pages of facts.
    pub bulk: Receiver<PageJob>,
    fair: Fair,
    counts: Arc<Counts>,
    live_max: usize,
    /// Who asked a moment ago.
    pub presence: Arc<Presence>,
}

/// An inbox for `tenants` tenants, opened at `now`.
pub fn inbox(live_max: usize, tenant_max: u32, tenants: usize, now: Instant) -> (Inbox, Lanes) {
    let live_max = live_max.max(1);
    let tenant_max = usize::try_from(tenant_max).unwrap_or(usize::MAX);
    let (live, live_out) = bounded(live_max);
    let (bulk, bulk_out) = bounded(BULK_MAX);
    let counts = Arc::new(Counts {
        tenants: (0..tenants).map(|_| AtomicUsize::new(0)).collect(),
        sliced: AtomicUsize::new(0),
        held: AtomicUsize::new(0),
    });
    let presence = Arc::new(Presence::new(now));
    let lanes = Lanes {
        live: live_out,
        bulk: bulk_out,
        fair: Fair::default(),
        counts: Arc::clone(&counts),
        live_max,
        presence: Arc::clone(&presence),
    };
    let inbox = Inbox {
        live,
        bulk,
        counts,
        live_max,
        tenant_max,
        presence,
    };
    (inbox, lanes)
}

impl Inbox {
    /// Puts a live job in.
    ///
    /// # Errors
    /// The job and [`Shed`]; nothing has changed then.
    pub fn live(&self, job: Job) -> Result<(), (Box<Job>, Shed)> {
        let intents = job.work.intents();
        let Some(share) = self.share(job.work.tenant()) else {
            return Err((Box::new(job), Shed::Quota));
        };
        let before = share.fetch_add(intents, Ordering::Relaxed);
        if before.saturating_add(intents) > self.tenant_max {
            share.fetch_sub(intents, Ordering::Relaxed);
            return Err((Box::new(job), Shed::Quota));
        }
        let many = sliced(&job);
        let waiting = self.live.len() + self.counts.held.load(Ordering::Relaxed);
        let slices = match many {
            0 => 0,
            many => self.counts.sliced.fetch_add(many, Ordering::Relaxed) + many,
        };
        let sent = if waiting >= self.live_max || slices > self.live_max {
            Err((Box::new(job), Shed::Full))
        } else {
            self.live.try_send(job).map_err(|refused| {
                let why = shed(&refused);
                (Box::new(refused.into_inner()), why)
            })
        };
        if sent.is_err() {
            share.fetch_sub(intents, Ordering::Relaxed);
            self.counts.sliced.fetch_sub(many, Ordering::Relaxed);
        }
        sent
    }

    /// Intents a slice may have at most.
    pub fn slice_max(&self) -> usize {
        SLICE_INTENTS_MAX
            .min(self.tenant_max)
            .min(self.live_max)
            .max(1)
    }

    /// Puts a job of the house's own in; blocks until there is room for it.
    ///
    /// # Errors
    /// [`Shed`] when there was none for so long.
    pub fn own(&self, mut job: Job, at_most: Duration) -> Result<(), Shed> {
        let mut waited = Duration::ZERO;
        loop {
            match self.live(job) {
                Ok(()) => return Ok(()),
                Err((_, why)) if why == Shed::Stopped || waited >= at_most => return Err(why),
                Err((back, _)) => job = *back,
            }
            std::thread::sleep(ROOM_POLL);
            waited += ROOM_POLL;
        }
    }

    /// Puts a page of facts in, waiting for room until `give_up`. Blocks: not for a listening
    /// thread.
    ///
    /// # Errors
    /// [`Shed`]; the page is gone and nothing has changed.
    pub fn bulk(&self, job: PageJob, give_up: Instant) -> Result<(), Shed> {
        self.bulk
            .send_deadline(job, give_up)
            .map_err(|refused| match refused {
                SendTimeoutError::Timeout(_) => Shed::Full,
                SendTimeoutError::Disconnected(_) => Shed::Stopped,
            })
    }

    /// Puts a page of facts in if there is room.
    ///
    /// # Errors
    /// The page and [`Shed`]; nothing has changed then.
    pub fn try_bulk(&self, job: PageJob) -> Result<(), (Box<PageJob>, Shed)> {
        self.bulk.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(job) => (Box::new(job), Shed::Full),
            TrySendError::Disconnected(job) => (Box::new(job), Shed::Stopped),
        })
    }

    fn share(&self, tenant: TenantNo) -> Option<&AtomicUsize> {
        self.counts.tenants.get(usize::from(tenant.0))
    }
}

impl Lanes {
    /// Takes live jobs of at most `intents_max` intents, the tenants by turns; at least one if any
    /// waits.
    pub fn take_live(&mut self, into: &mut Vec<Job>, intents_max: usize) {
        let room = self.live_max.saturating_sub(self.fair.len());
        for job in self.live.try_iter().take(room) {
            self.fair.put(job);
        }
        let before = into.len();
        self.fair.take(into, intents_max);
        for job in into.iter().skip(before) {
            self.counts.taken(job);
        }
        let held = self.fair.len();
        if self.counts.held.load(Ordering::Relaxed) != held {
            self.counts.held.store(held, Ordering::Relaxed);
        }
    }

    /// Keeps a live job that came out of the lane by itself, until its turn.
    pub fn keep(&mut self, job: Job) {
        self.fair.put(job);
    }

    /// Whether the last go left live jobs behind.
    pub fn left_over(&self) -> bool {
        !self.fair.is_empty()
    }

    /// Jobs waiting: live, bulk.
    pub fn waiting(&self) -> (usize, usize) {
        (self.live.len() + self.fair.len(), self.bulk.len())
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting() == (0, 0)
    }
}

impl Counts {
    fn taken(&self, job: &Job) {
        if let Some(share) = self.tenants.get(usize::from(job.work.tenant().0)) {
            share.fetch_sub(job.work.intents(), Ordering::Relaxed);
        }
        let many = sliced(job);
        if many > 0 {
            self.sliced.fetch_sub(many, Ordering::Relaxed);
        }
    }
}

/// Intents of a slice; none of any other job.
fn sliced(job: &Job) -> usize {
    match &job.work {
        Work::Slice(slice) => slice.asks.len(),
        _ => 0,
    }
}

fn shed(refused: &TrySendError<Job>) -> Shed {
    match refused {
        TrySendError::Full(_) => Shed::Full,
        TrySendError::Disconnected(_) => Shed::Stopped,
    }
}

#[cfg(test)]
mod tests;
