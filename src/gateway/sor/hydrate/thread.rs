//! The thread: who wants what, who waits for it, what is being read.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::owing::with_owed;
use super::pages::{NotTaken, Pages};
use super::read::{self, Came};
use super::{Hydration, Wanted, bulk};
use crate::clock::Clock;
use crate::domain::ids::TenantNo;
use crate::domain::record::Line;
use crate::domain::time::ZoneId;
use crate::gateway::directory::Directory;
use crate::gateway::inbox::Inbox;
use crate::gateway::mailbox::Mailbox;
use crate::gateway::sor::ask::{Ask, Live};
use crate::gateway::sor::{Binding, Bindings, Marked, SystemsOfRecord};
use crate::sor::dialect::{Dialect, Place};
use crate::sor::outbox::Book;
use crate::sor::route::System;
use crate::sor::upstream::Lines;
use crate::wire::limits::{SOR_ABSENT_KEPT_MAX, SOR_ABSENT_MS, SOR_READS_MAX};

/// How often bindings, old accounts and the end are looked for.
const TICK: Duration = Duration::from_millis(100);
/// Answers of the engine that may be waited for at once.
const ANSWERS_MAX: usize = 4_096;
/// How often waits for the engine are looked at.
const EXPIRY_TICK: Duration = Duration::from_millis(50);
/// Accounts read on demand that are remembered to be read again, a tenant.
const REMEMBERED_MAX: usize = 65_536;
/// When a marked account that had no answer is asked for again.
const LATER: Duration = Duration::from_secs(5);
/// Wants of one tenant that wait for a reader.
const QUEUED_MAX: usize = 1_024;

/// What the thread is made of.
pub(super) struct Parts {
    pub(super) hydration: Arc<Hydration>,
    pub(super) sor: Arc<SystemsOfRecord>,
    pub(super) inbox: Inbox,
    pub(super) directory: Arc<Directory>,
    pub(super) book: Arc<Book>,
    pub(super) clock: Clock,
}

/// One tenant's system, to be read from.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) name: Arc<str>,
    pub(super) tenant: TenantNo,
    system: System,
    pub(super) dialect: Arc<dyn Dialect>,
    pub(super) live: Live,
    pub(super) timeout: Duration,
    pub(super) clock: Clock,
    pub(super) book: Arc<Book>,
    sor: Arc<SystemsOfRecord>,
    pages: Pages,
    directory: Arc<Directory>,
    hydration: Arc<Hydration>,
}

/// An account could not be read now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Later;

impl Source {
    /// The agency's zone, for times without one.
    pub(super) fn zone(&self) -> Option<ZoneId> {
        self.directory.zone(&self.name)
    }

    /// Takes lines in, each with what its account is owed, and counts them.
    pub(super) async fn take_in(&self, lines: Vec<Line>) -> Result<(), NotTaken> {
        if lines.is_empty() {
            return Ok(());
        }
        let owed = &self.sor.owed;
        let with = with_owed(lines, |account| owed.of(&self.name, account));
        let mut taken = self
            .pages
            .take(self.tenant, self.system, with.lines)
            .await?;
        if !with.owed.is_empty() && !taken.rejected.is_empty() {
            // What is owed must not keep out what was read: once more, each by itself.
            let rest = self.pages.take(self.tenant, self.system, with.apart);
            taken = rest.await?;
        }
        for (account, lines) in &with.owed {
            if owed.done(&self.name, account, lines) {
                self.sor.save_owed(&self.name, account).await;
            }
        }
        self.hydration.progress(&self.name, |at| {
            at.records += u64::from(taken.applied) + u64::from(taken.unchanged);
            at.changed += u64::from(taken.applied);
            at.refused += taken.rejected.len() as u64;
        });
        Ok(())
    }

    /// Reads an account and takes in what was read; whether the system has it.
    ///
    /// # Errors
    /// [`Later`]: no answer, or the house took nothing in.
    pub(super) async fn read(&self, account: &str) -> Result<bool, Later> {
        self.read_by(&self.live, account).await
    }

    /// The same by another way of asking.
    ///
    /// # Errors
    /// [`Later`].
    pub(super) async fn read_by(&self, from: &impl Ask, account: &str) -> Result<bool, Later> {
        let when = (self.zone(), self.clock.now());
        let came = read::account(from, &*self.dialect, account, when, self.timeout).await;
        let count = |act: fn(&mut super::Progress)| {
            self.hydration.progress(&self.name, |at| {
                at.asked += 1;
                act(at);
            });
        };
        match came {
            Came::Known(line) => {
                count(|_| {});
                let taken = self.take_in(vec![line]).await;
                taken.map(|()| true).map_err(|_not| Later)
            }
            Came::Absent => {
                count(|at| at.absent += 1);
                if self.sor.owed.forget(&self.name, account) {
                    self.sor.save_owed(&self.name, account).await;
                }
                Ok(false)
            }
            Came::Unreadable => {
                count(|at| at.unreadable += 1);
                Ok(false)
            }
            Came::Unheard => {
                count(|at| at.unheard += 1);
                Err(Later)
            }
        }
    }
}

/// One tenant as the thread sees it.
struct Bound {
    binding: Arc<Binding>,
    source: Source,
    everything: JoinHandle<()>,
    /// Whether everything can be read: then nothing is remembered by itself.
    in_bulk: bool,
    /// Being read, and who waits for it.
    under_way: HashMap<Box<str>, Vec<oneshot::Sender<()>>>,
    queued: VecDeque<Box<str>>,
    /// Who waits for what is queued.
    waiting: HashMap<Box<str>, Vec<oneshot::Sender<()>>>,
    readers: usize,
    /// Accounts the system does not have, until when that is believed.
    absent: HashMap<Box<str>, Instant>,
    /// Accounts read on demand, oldest first.
    remembered: VecDeque<(Instant, Box<str>)>,
    /// Accounts that were marked and had no answer, oldest first.
    later: VecDeque<(Instant, Box<str>)>,
}

/// A reader's word: whose, what was read and whether the system has it; `None`: it came to nothing.
type Read = (Arc<str>, Box<str>, Option<bool>);

/// The thread's own things.
pub(super) struct Reader {
    parts: Parts,
    pages: Pages,
    lines: Lines,
    seen: Option<Arc<Bindings>>,
    bound: BTreeMap<Arc<str>, Bound>,
    told: (mpsc::Sender<Read>, Option<mpsc::Receiver<Read>>),
}

impl Reader {
    /// On the thread it runs on.
    pub(super) fn new(parts: Parts) -> Self {
        let mail = Mailbox::new(ANSWERS_MAX);
        drop(tokio::task::spawn_local(mail.clone().pump(EXPIRY_TICK)));
        let pages = Pages {
            inbox: parts.inbox.clone(),
            mail,
            clock: parts.clock.clone(),
        };
        let (tell, told) = mpsc::channel(ANSWERS_MAX);
        Self {
            parts,
            pages,
            lines: Lines::default(),
            seen: None,
            bound: BTreeMap::new(),
            told: (tell, Some(told)),
        }
    }

    pub(super) async fn run(mut self, mut wishes: mpsc::Receiver<Wanted>) {
        let Some(mut told) = self.told.1.take() else {
            return;
        };
        self.bind();
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.parts.hydration.stopping() {
            tokio::select! {
                biased;
                Some((name, account, has)) = told.recv() => self.read(&name, account, has),
                Some(wanted) = wishes.recv() => self.want(wanted),
                _ = ticks.tick() => {
                    self.bind();
                    self.read_old();
                }
            }
        }
        for flag in &self.parts.hydration.bound {
            flag.store(false, Ordering::Relaxed);
        }
    }

    /// Follows the bindings.
    fn bind(&mut self) {
        let bindings = self.parts.sor.bindings();
        let same = (self.seen.as_ref()).is_some_and(|seen| Arc::ptr_eq(seen, &bindings));
        if same && self.bound.len() == bindings.all().len() {
            return;
        }
        // A reload that changes nothing leaves what is being read alone.
        let hydration = &self.parts.hydration;
        self.bound.retain(|name, bound| {
            let now = bindings.of_tenant(name);
            let stays = now.is_some_and(|now| Arc::ptr_eq(now, &bound.binding));
            if !stays {
                bound.everything.abort();
                hydration.flag_bound(bound.source.tenant, false);
            }
            stays
        });
        for binding in bindings.all() {
            let name = binding.tenant();
            if self.bound.contains_key(name) {
                continue;
            }
            let Some(dialect) = self.parts.sor.dialect(binding.system()) else {
                continue;
            };
            let Some(tenant) = self.parts.directory.find(name) else {
                continue;
            };
            let source = Source {
                name: Arc::clone(name),
                tenant,
                system: binding.system(),
                dialect: Arc::clone(dialect),
                live: Live {
                    upstream: Arc::clone(binding.upstream()),
                    lines: self.lines.clone(),
                },
                timeout: binding.upstream().options().timeout,
                clock: self.parts.clock.clone(),
                book: Arc::clone(&self.parts.book),
                sor: Arc::clone(&self.parts.sor),
                pages: self.pages.clone(),
                directory: Arc::clone(&self.parts.directory),
                hydration: Arc::clone(&self.parts.hydration),
            };
            let hydration = Arc::clone(&self.parts.hydration);
            let everything = tokio::task::spawn_local(bulk::run(source.clone(), hydration));
            let wanted = self.parts.hydration.options.per_second > 0;
            let in_bulk = wanted && dialect.everything(&Place::default()).is_some();
            self.parts
                .hydration
                .flag_bound(tenant, self.parts.hydration.asks());
            let bound = Bound {
                binding: Arc::clone(binding),
                source,
                everything,
                in_bulk,
                under_way: HashMap::new(),
                queued: VecDeque::new(),
                waiting: HashMap::new(),
                readers: 0,
                absent: HashMap::new(),
                remembered: VecDeque::new(),
                later: VecDeque::new(),
            };
            self.bound.insert(Arc::clone(name), bound);
        }
        self.seen = Some(bindings);
    }

    fn want(&mut self, wanted: Wanted) {
        let now = self.parts.clock.instant();
        // Bound to nothing: who waits hears so by the end of its channel.
        let Some(bound) = self.bound.get_mut(&wanted.tenant) else {
            return;
        };
        bound.want(wanted.account, Some(wanted.done), now);
        bound.start(&self.told.0);
    }

    fn read(&mut self, name: &Arc<str>, account: Box<str>, has: Option<bool>) {
        let now = self.parts.clock.instant();
        let age = self.parts.hydration.options.age;
        let Some(bound) = self.bound.get_mut(name) else {
            return;
        };
        bound.readers = bound.readers.saturating_sub(1);
        bound.read(account, has, (now, age));
        bound.start(&self.told.0);
    }

    /// Accounts read on demand that are old are read again, where nobody reads everything.
    fn read_old(&mut self) {
        let now = self.parts.clock.instant();
        for (name, bound) in &mut self.bound {
            bound.marked(self.parts.sor.marks().take(name), now);
            while bound.queued.len() < QUEUED_MAX / 2
                && bound.remembered.front().is_some_and(|(due, _)| *due <= now)
            {
                if let Some((_, account)) = bound.remembered.pop_front() {
                    bound.absent.remove(&account);
                    bound.want(account, None, now);
                }
            }
            while bound.later.front().is_some_and(|(due, _)| *due <= now) {
                if let Some((_, account)) = bound.later.pop_front() {
                    bound.want(account, None, now);
                }
            }
            bound.start(&self.told.0);
        }
    }
}

impl Bound {
    fn want(&mut self, account: Box<str>, done: Option<oneshot::Sender<()>>, now: Instant) {
        if let Some(done) = done {
            if let Some(waiting) = self.under_way.get_mut(&account) {
                waiting.push(done);
                return;
            }
            let absent = self.absent.get(&account);
            let full = self.queued.len() >= QUEUED_MAX && !self.waiting.contains_key(&account);
            // Who waits is told so by the end of its channel.
            if full || absent.is_some_and(|until| now < *until) {
                return;
            }
            self.waiting.entry(account.clone()).or_default().push(done);
        }
        // What is being read may be older than a mark: it is read once more.
        if self.queued.contains(&account) {
            return;
        }
        if self.queued.len() < QUEUED_MAX {
            self.queued.push_back(account);
        } else {
            self.all_again();
        }
    }

    /// Takes up what calls that passed have marked.
    fn marked(&mut self, marked: Option<Marked>, now: Instant) {
        let marked = marked.unwrap_or_default();
        for account in marked.accounts {
            self.absent.remove(&account);
            self.want(account, None, now);
        }
        if marked.all {
            self.all_again();
        }
        if self.in_bulk {
            return;
        }
        // Nobody reads everything: what was read on demand is read again.
        let again = &self.source.hydration.again;
        let again = Hydration::flag(again, self.source.tenant);
        if again.is_some_and(|again| again.swap(false, Ordering::AcqRel)) {
            for (due, _) in &mut self.remembered {
                *due = now;
            }
        }
    }

    fn all_again(&self) {
        let again = &self.source.hydration.again;
        if let Some(flag) = Hydration::flag(again, self.source.tenant) {
            flag.store(true, Ordering::Release);
        }
    }

    /// Gives queued accounts to readers.
    fn start(&mut self, told: &mpsc::Sender<Read>) {
        while self.readers < SOR_READS_MAX {
            let under_way = &self.under_way;
            let free = |account| !under_way.contains_key(account);
            let next = self.queued.iter().position(free);
            let Some(account) = next.and_then(|at| self.queued.remove(at)) else {
                return;
            };
            self.readers += 1;
            let (source, told) = (self.source.clone(), told.clone());
            let waiting = self.waiting.remove(&account).unwrap_or_default();
            self.under_way.insert(account.clone(), waiting);
            drop(tokio::task::spawn_local(async move {
                let has = source.read(&account).await.ok();
                // The thread outlives its readers.
                drop(told.send((Arc::clone(&source.name), account, has)).await);
            }));
        }
    }

    fn read(&mut self, account: Box<str>, has: Option<bool>, (now, age): (Instant, Duration)) {
        let waiting = self.under_way.remove(&account).unwrap_or_default();
        let waited = !waiting.is_empty();
        for done in waiting {
            // Whoever waited may have given up.
            let _gone = done.send(());
        }
        match has {
            Some(false) => {
                if self.absent.len() >= SOR_ABSENT_KEPT_MAX {
                    self.absent.clear();
                }
                let until = now + Duration::from_millis(SOR_ABSENT_MS);
                self.absent.insert(account, until);
            }
            Some(true) if !self.in_bulk && !age.is_zero() => {
                self.absent.remove(&account);
                if self.remembered.len() >= REMEMBERED_MAX {
                    self.remembered.pop_front();
                }
                self.remembered.push_back((now + age, account));
            }
            Some(true) => {
                self.absent.remove(&account);
            }
            // Who waited asks again; a mark does not.
            None if !waited && self.later.len() < QUEUED_MAX => {
                self.later.push_back((now + LATER, account));
            }
            None if !waited => self.all_again(),
            None => {}
        }
    }
}

impl Hydration {
    pub(super) fn flag_bound(&self, tenant: TenantNo, on: bool) {
        if let Some(flag) = Self::flag(&self.bound, tenant) {
            flag.store(on, Ordering::Relaxed);
        }
    }
}
