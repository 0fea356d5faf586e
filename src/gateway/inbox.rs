//! The engine's inbox: two bounded lanes and a quota a tenant. Full means shed, before anything
//! has changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use crossbeam::channel::{Receiver, SendTimeoutError, Sender, TrySendError, bounded};

use super::work::{Job, PageJob};
use crate::domain::ids::TenantNo;

/// Pages of facts waiting at most; each is up to 256 records.
pub const BULK_MAX: usize = 16;

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

/// The senders' side; clones share the quota.
#[derive(Debug, Clone)]
pub struct Inbox {
    live: Sender<Job>,
    bulk: Sender<PageJob>,
    waiting: Arc<Vec<AtomicU32>>,
    tenant_max: u32,
}

/// The engine thread's side.
#[derive(Debug)]
pub struct Lanes {
    /// Intents, outcomes, switches.
    pub live: Receiver<Job>,
    /// Pages of facts.
    pub bulk: Receiver<PageJob>,
    waiting: Arc<Vec<AtomicU32>>,
}

/// An inbox for `tenants` tenants.
pub fn inbox(live_max: usize, tenant_max: u32, tenants: usize) -> (Inbox, Lanes) {
    let (live, live_out) = bounded(live_max.max(1));
    let (bulk, bulk_out) = bounded(BULK_MAX);
    let waiting: Arc<Vec<AtomicU32>> = Arc::new((0..tenants).map(|_| AtomicU32::new(0)).collect());
    let lanes = Lanes {
        live: live_out,
        bulk: bulk_out,
        waiting: Arc::clone(&waiting),
    };
    (
        Inbox {
            live,
            bulk,
            waiting,
            tenant_max,
        },
        lanes,
    )
}

impl Inbox {
    /// Puts a live job in.
    ///
    /// # Errors
    /// [`Shed`]; nothing has changed then.
    pub fn live(&self, job: Job) -> Result<(), Shed> {
        let share = self.share(job.work.tenant()).ok_or(Shed::Quota)?;
        if share.fetch_add(1, Ordering::Relaxed) >= self.tenant_max {
            share.fetch_sub(1, Ordering::Relaxed);
            return Err(Shed::Quota);
        }
        let sent = self.live.try_send(job);
        sent.map_err(|refused| {
            share.fetch_sub(1, Ordering::Relaxed);
            shed(&refused)
        })
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

    /// Jobs waiting: live, bulk.
    pub fn waiting(&self) -> (usize, usize) {
        (self.live.len(), self.bulk.len())
    }

    fn share(&self, tenant: TenantNo) -> Option<&AtomicU32> {
        self.waiting.get(usize::from(tenant.0))
    }
}

impl Lanes {
    /// Notes that a live job was taken out.
    pub fn taken(&self, tenant: TenantNo) {
        if let Some(share) = self.waiting.get(usize::from(tenant.0)) {
            share.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn shed(refused: &TrySendError<Job>) -> Shed {
    match refused {
        TrySendError::Full(_) => Shed::Full,
        TrySendError::Disconnected(_) => Shed::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Admin;
    use crate::gateway::work::{ReplyTo, Work};

    fn job(tenant: u16) -> Job {
        let work = Work::Admin(TenantNo(tenant), Admin::ClockAccept);
        Job {
            work,
            deadline: None,
            reply: ReplyTo::Nobody,
        }
    }

    #[test]
    fn a_tenant_fills_its_share_and_leaves_the_rest() {
        let (inbox, lanes) = inbox(4, 2, 2);
        assert_eq!(inbox.live(job(0)), Ok(()));
        assert_eq!(inbox.live(job(0)), Ok(()));
        assert_eq!(inbox.live(job(0)), Err(Shed::Quota));
        assert_eq!(inbox.live(job(1)), Ok(()));
        assert_eq!(inbox.live(job(1)), Ok(()));
        assert_eq!(inbox.live(job(9)), Err(Shed::Quota));
        let taken = lanes.live.try_recv().unwrap();
        lanes.taken(taken.work.tenant());
        assert_eq!(inbox.live(job(0)), Ok(()));
        lanes.live.try_recv().unwrap();
        assert_eq!(inbox.waiting(), (3, 0));
    }

    #[test]
    fn a_full_lane_sheds_and_gives_the_share_back() {
        let (inbox, lanes) = inbox(1, 8, 1);
        assert_eq!(inbox.live(job(0)), Ok(()));
        for _ in 0..20 {
            assert_eq!(inbox.live(job(0)), Err(Shed::Full));
        }
        lanes.taken(lanes.live.try_recv().unwrap().work.tenant());
        assert_eq!(inbox.live(job(0)), Ok(()));
        drop(lanes);
        assert_eq!(inbox.live(job(0)), Err(Shed::Stopped));
    }
}
