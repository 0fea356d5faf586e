//! Accounts read from systems of record: all of them once, one that an intent names and nobody knows,
//! and old ones again.
//!
//! A thread of its own asks and hands what it learns to the engine in pages, as an upload does. A
//! listening thread waits for it only with an intent of an account the engine does not know, and no
//! longer than [`Options::timeout`].
//!
//! Invariants
//! - HYDRATE-1: reading changes facts only by pages of records, in rows like any upload's.
//! - HYDRATE-2: an answer that cannot be read changes nothing.
//! - HYDRATE-3: an account somebody waits for is read by one reader at a time, however many wait.
//!   Reading everything may come to it beside that.
//! - HYDRATE-4: how far reading everything has come is noted only when all before it is durable.

mod bulk;
mod owing;
mod page;
mod pages;
mod read;
#[cfg(test)]
pub(in crate::gateway::sor) mod tests;
mod thread;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

pub(in crate::gateway) use page::Progress;
use thread::Reader;

use super::{SystemsOfRecord, behind};
use crate::clock::Clock;
use crate::domain::ids::TenantNo;
use crate::engine::commands::Ask;
use crate::gateway::door::Caller;
use crate::gateway::running::{Gateway, Running};
use crate::ledger::limits::TENANTS_MAX;
use crate::sor::outbox::Book;
use crate::wire::limits::SOR_READS_WAITING_MAX;

/// How accounts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How long an intent of an unknown account waits for it; zero: not at all.
    pub timeout: Duration,
    /// Requests a second of reading everything, a tenant; zero: it is not read.
    pub per_second: u32,
    /// Age at which everything is read again; zero: never.
    pub age: Duration,
}

#[derive(Debug)]
struct Wanted {
    tenant: Arc<str>,
    account: Box<str>,
    /// Whoever waits for it.
    done: oneshot::Sender<()>,
}

/// Reading, as the rest of the house sees it.
pub struct Hydration {
    wanted: mpsc::Sender<Wanted>,
    options: Options,
    /// By tenant number: there is somewhere to read accounts of the tenant from.
    bound: Box<[AtomicBool]>,
    /// By tenant number: everything has to be read again.
    again: Box<[AtomicBool]>,
    progress: Mutex<BTreeMap<Arc<str>, Progress>>,
    stop: AtomicBool,
}

impl std::fmt::Debug for Hydration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hydration").finish_non_exhaustive()
    }
}

/// The running thread.
#[derive(Debug)]
pub struct HydrationThread {
    hydration: Arc<Hydration>,
    thread: JoinHandle<()>,
}

impl HydrationThread {
    /// Starts it.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn spawn(
        sor: Arc<SystemsOfRecord>,
        running: &Running,
        book: Arc<Book>,
        (options, clock): (Options, Clock),
    ) -> std::io::Result<Self> {
        let (wanted, wishes) = mpsc::channel(SOR_READS_WAITING_MAX);
        let flags = || (0..TENANTS_MAX).map(|_| AtomicBool::new(false)).collect();
        let hydration = Arc::new(Hydration {
            wanted,
            options,
            bound: flags(),
            again: flags(),
            progress: Mutex::default(),
            stop: AtomicBool::new(false),
        });
        // The doors open before the thread has looked at them: whoever asks first waits for it, too.
        for binding in sor.bindings().all() {
            if let Some(tenant) = running.directory.find(binding.tenant()) {
                hydration.flag_bound(tenant, hydration.asks());
            }
        }
        let parts = thread::Parts {
            hydration: Arc::clone(&hydration),
            sor,
            inbox: running.inbox.clone(),
            directory: Arc::clone(&running.directory),
            book,
            clock,
        };
        let run = move || async move { Reader::new(parts).run(wishes).await };
        let thread = behind::spawn("sor-hydrate", run)?;
        Ok(Self { hydration, thread })
    }

    /// What the house sees of it.
    pub fn hydration(&self) -> &Arc<Hydration> {
        &self.hydration
    }

    /// Ends it. What was not read is read after the next start.
    pub fn stop(self) {
        self.hydration.stop.store(true, Ordering::Release);
        // A panic in it has been reported, and nothing depends on it.
        drop(self.thread.join());
    }
}

impl Hydration {
    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn flag(flags: &[AtomicBool], tenant: TenantNo) -> Option<&AtomicBool> {
        flags.get(usize::from(tenant.0))
    }

    /// Whether intents wait for accounts to be read at all.
    fn asks(&self) -> bool {
        !self.options.timeout.is_zero()
    }

    fn is_bound(&self, tenant: TenantNo) -> bool {
        Self::flag(&self.bound, tenant).is_some_and(|bound| bound.load(Ordering::Relaxed))
    }

    fn progress<T>(&self, tenant: &Arc<str>, act: impl FnOnce(&mut Progress) -> T) -> T {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        act(progress.entry(Arc::clone(tenant)).or_default())
    }

    /// Reads accounts and waits until each has been read, is known not to be there, or the time is
    /// over; reading goes on then.
    async fn read(&self, tenant: &Arc<str>, accounts: BTreeSet<&str>, at_most: Duration) {
        let mut waits = Vec::with_capacity(accounts.len());
        for account in accounts {
            let (done, waiting) = oneshot::channel();
            let wanted = Wanted {
                tenant: Arc::clone(tenant),
                account: account.into(),
                done,
            };
            // No room: decided as it is.
            if self.wanted.try_send(wanted).is_ok() {
                waits.push(waiting);
            }
        }
        let all = async {
            for waiting in waits {
                // Whoever does not read it says nothing.
                let _read_or_given_up = waiting.await;
            }
        };
        let _over = tokio::time::timeout(at_most, all).await;
    }
}

impl Gateway {
    /// Whether accounts of this tenant can be read when they are not known.
    pub(in crate::gateway) fn reads_first(&self, tenant: TenantNo) -> bool {
        let hydration = self.hydration.get();
        hydration.is_some_and(|hydration| hydration.is_bound(tenant))
    }

    /// How long a batch of this tenant may wait for accounts to be read; zero: not at all.
    pub(in crate::gateway) fn read_timeout(&self, tenant: TenantNo) -> Duration {
        let hydration = self.hydration.get();
        let hydration = hydration.filter(|hydration| hydration.is_bound(tenant));
        hydration.map_or(Duration::ZERO, |hydration| hydration.options.timeout)
    }

    /// Has the account of an intent read.
    pub(in crate::gateway) async fn read_first(&self, caller: &Caller, ask: &Ask) {
        let at_most = self.read_timeout(caller.tenant);
        self.read_all_first(caller, std::slice::from_ref(ask), at_most)
            .await;
    }

    /// Has the accounts of intents read, within `at_most` altogether.
    pub(in crate::gateway) async fn read_all_first(
        &self,
        caller: &Caller,
        asks: &[Ask],
        at_most: Duration,
    ) {
        if let Some(hydration) = self.hydration.get() {
            let accounts = asks.iter().map(|ask| &*ask.intent.account_id).collect();
            hydration.read(&caller.tenant_name, accounts, at_most).await;
        }
    }
}
