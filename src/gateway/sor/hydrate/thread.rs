//! The thread: who wants what, who waits for it, what is being read.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::pages::Pages;
use super::source::{NotRead, Source};
use super::{Hydration, Wanted, bulk};
use crate::clock::Clock;
use crate::domain::ids::TenantNo;
use crate::gateway::directory::Directory;
use crate::gateway::inbox::Inbox;
use crate::gateway::mailbox::Mailbox;
use crate::gateway::sor::ask::Live;
use crate::gateway::sor::{Binding, Bindings, Marked, SystemsOfRecord};
use crate::sor::outbox::Book;
use crate::sor::upstream::Lines;
use crate::wire::limits::{SOR_ABSENT_KEPT_MAX, SOR_ABSENT_MS, SOR_READS_MAX};

/// How often bindings, old accounts and the end are looked for.
const TICK: Duration = Duration::from_millis(100);
/// Answers of the engine that may be waited for at once.
const ANSWERS_MAX: usize = 4_096;
/// How often waits for the engine are looked at.
const EXPIRY_TICK: Duration = Duration::from_millis(50);
/// When a marked account that had no answer is asked for again.
const LATER: Duration = Duration::from_secs(5);
/// The same of one whose answers could not be read: first, and at most. Twice as long each time.
const UNREADABLE_MIN: Duration = Duration::from_mins(1);
const UNREADABLE_MAX: Duration = Duration::from_hours(1);
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

/// One tenant as the thread sees it.
struct Bound {
    binding: Arc<Binding>,
    source: Source,
    everything: JoinHandle<()>,
    /// Being read, and who waits for it.
    under_way: HashMap<Box<str>, Vec<oneshot::Sender<()>>>,
    queued: VecDeque<Box<str>>,
    /// Who waits for what is queued.
    waiting: HashMap<Box<str>, Vec<oneshot::Sender<()>>>,
    readers: usize,
    /// Accounts the system does not have, until when that is believed.
    absent: HashMap<Box<str>, Instant>,
    /// Accounts that are marked and were not read, by when they are asked for again.
    later: BTreeSet<(Instant, Box<str>)>,
    /// How long those wait whose answers could not be read.
    unreadable: HashMap<Box<str>, Duration>,
}

/// A reader's word: whose, what was read, and what came of it.
type Read = (Arc<str>, Box<str>, Result<bool, NotRead>);

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
                Some((name, account, read)) = told.recv() => self.read(&name, account, read),
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
            self.parts
                .hydration
                .flag_bound(tenant, self.parts.hydration.asks());
            let bound = Bound {
                binding: Arc::clone(binding),
                source,
                everything,
                under_way: HashMap::new(),
                queued: VecDeque::new(),
                waiting: HashMap::new(),
                readers: 0,
                absent: HashMap::new(),
                later: BTreeSet::new(),
                unreadable: HashMap::new(),
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

    fn read(&mut self, name: &Arc<str>, account: Box<str>, read: Result<bool, NotRead>) {
        let now = self.parts.clock.instant();
        let Some(bound) = self.bound.get_mut(name) else {
            return;
        };
        bound.readers = bound.readers.saturating_sub(1);
        bound.read(account, read, now);
        bound.start(&self.told.0);
    }

    /// Accounts that are marked are read, those that could not be once more.
    fn read_old(&mut self) {
        let now = self.parts.clock.instant();
        for (name, bound) in &mut self.bound {
            bound.marked(self.parts.sor.marks().take(name), now);
            while bound.queued.len() < QUEUED_MAX
                && bound.later.first().is_some_and(|(due, _)| *due <= now)
            {
                if let Some((_, account)) = bound.later.pop_first() {
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
            // What is being read may be older than the mark, and would pass for read behind it.
            let reading: Vec<Box<str>> = self.under_way.keys().cloned().collect();
            for account in reading {
                self.want(account, None, now);
            }
            self.everything_again();
        }
    }

    /// There is no room for more accounts: everything is marked.
    fn all_again(&self) {
        self.source.sor.marks().all(&self.source.name);
    }

    fn everything_again(&self) {
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
                let read = source.read(&account).await;
                // The thread outlives its readers.
                drop(told.send((Arc::clone(&source.name), account, read)).await);
            }));
        }
    }

    fn read(&mut self, account: Box<str>, read: Result<bool, NotRead>, now: Instant) {
        for done in self.under_way.remove(&account).unwrap_or_default() {
            // Whoever waited may have given up.
            let _gone = done.send(());
        }
        let not_read = match read {
            Ok(has) => {
                self.unreadable.remove(&account);
                self.absent.remove(&account);
                if !has {
                    if self.absent.len() >= SOR_ABSENT_KEPT_MAX {
                        self.absent.clear();
                    }
                    let until = now + Duration::from_millis(SOR_ABSENT_MS);
                    self.absent.insert(account, until);
                }
                return;
            }
            Err(not_read) => not_read,
        };
        // Whoever waited asks again; a mark does not.
        let source = &self.source;
        if source.sor.marks().begun(&source.name, &account) == 0 {
            return;
        }
        if self.later.len() >= QUEUED_MAX {
            self.all_again();
            return;
        }
        let wait = match not_read {
            NotRead::Unheard => LATER,
            NotRead::Unreadable => {
                let known = self.unreadable.get(&account);
                let wait = known.map_or(UNREADABLE_MIN, |wait| (*wait * 2).min(UNREADABLE_MAX));
                self.unreadable.insert(account.clone(), wait);
                wait
            }
        };
        self.later.insert((now + wait, account));
    }
}

impl Hydration {
    pub(super) fn flag_bound(&self, tenant: TenantNo, on: bool) {
        if let Some(flag) = Self::flag(&self.bound, tenant) {
            flag.store(on, Ordering::Relaxed);
        }
    }
}
