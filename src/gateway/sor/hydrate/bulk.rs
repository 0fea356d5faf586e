//! Reading everything a system holds, step by step, at a bounded rate, from where it was left.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Hydration;
use super::page::State;
use super::source::{NotRead, Source};
use crate::domain::time::UnixSeconds;
use crate::engine::query::{Told, What};
use crate::gateway::sor::again::EVERYTHING;
use crate::gateway::sor::ask::{Ask, Live, Unheard};
use crate::sor::call::{Heard, Request};
use crate::sor::dialect::{Place, Step};

/// Accounts read at once.
const READS_AT_ONCE: usize = 8;
/// The first wait when the system does not answer, and the longest.
const WAIT_MIN: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_mins(1);
/// Between two looks whether everything is old or has to be read again.
const LOOK: Duration = Duration::from_millis(250);
/// Between two looks whether the second of a mark is over.
const SECOND_LOOK: Duration = Duration::from_millis(20);
/// Times an account without an answer is asked for before its step is given up, to be made anew.
const ACCOUNT_TRIES_MAX: u32 = 5;

/// Requests a second of reading accounts again that are held, where nothing else is read at a rate.
const HELD_PER_SECOND: u32 = 10;

/// How far it has come, as the book keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Noted {
    /// The system it is about: where another one stood there, nothing was read of this one.
    system: Option<Box<str>>,
    /// Where the next step begins; none: nothing is under way.
    place: Option<Place>,
    /// When everything had been read the last time, seconds since 1970.
    ended: Option<i64>,
    /// When the pass that is under way began.
    began: Option<i64>,
    /// Since when every account that is held was read.
    swept: Option<i64>,
}

/// Spaces requests out.
#[derive(Debug)]
pub(super) struct Pacer {
    gap: Duration,
    next: Cell<Instant>,
}

impl Pacer {
    pub(super) fn new(per_second: u32) -> Self {
        Self {
            gap: Duration::from_secs(1) / per_second.max(1),
            next: Cell::new(Instant::now()),
        }
    }

    /// Waits for the turn of one request.
    async fn wait(&self) {
        let at = self.next.get().max(Instant::now());
        self.next.set(at + self.gap);
        tokio::time::sleep_until(at).await;
    }
}

/// A system that is asked at a pace.
struct Paced(Live, Rc<Pacer>);

impl Ask for Paced {
    async fn ask(
        &self,
        request: &Request,
        key: Option<&str>,
        timeout: Duration,
    ) -> Result<Heard, Unheard> {
        self.1.wait().await;
        self.0.ask(request, key, timeout).await
    }
}

/// Reads everything for as long as the thread lives: now, unless it was read not long ago, and again
/// when it is old or somebody says so. What the system lists is read, and then every account the gate
/// holds that was not in the list; where the system lists nothing, or not now, those alone.
pub(super) async fn run(source: Source, hydration: Arc<Hydration>) {
    let Some(again) = Hydration::flag(&hydration.again, source.tenant) else {
        return;
    };
    let noted = source.book.reading(&source.name).ok().flatten();
    let noted: Option<Noted> = noted.and_then(|text| serde_json::from_str(&text).ok());
    let system = source.system.as_str();
    let is_of_it = |noted: &Noted| noted.system.as_deref().is_none_or(|known| known == system);
    let mut noted = noted.filter(is_of_it).unwrap_or_default();
    noted.system = Some(system.into());
    let per_second = hydration.options.per_second;
    let lists = per_second > 0 && source.dialect.everything(&Place::default()).is_some();
    let rate = if per_second > 0 {
        per_second
    } else {
        HELD_PER_SECOND
    };
    let mut all = All {
        noted,
        pacer: Rc::new(Pacer::new(rate)),
        lists,
        covers: 0,
        wait: WAIT_MIN,
        source,
        hydration: Arc::clone(&hydration),
    };
    while !hydration.stopping() {
        if all.noted.place.is_none() {
            // Taken before reading begins: what is marked meanwhile is read once more.
            while !again.swap(false, Ordering::AcqRel) && !all.is_due() {
                all.tell(if lists {
                    State::Complete
                } else {
                    State::OnDemand
                });
                tokio::time::sleep(LOOK).await;
            }
            all.begin().await;
        }
        if lists {
            all.listed(again).await;
        }
        let began = all.noted.began.unwrap_or_default();
        while !all.held(began).await {
            all.pause().await;
        }
        if lists {
            all.noted.ended = Some(all.now());
        }
        all.noted.began = None;
        all.note();
    }
}

/// Reading everything of one tenant.
struct All {
    source: Source,
    hydration: Arc<Hydration>,
    pacer: Rc<Pacer>,
    noted: Noted,
    /// Whether the system has a list of everything.
    lists: bool,
    /// The mark of everything that ends with this pass; 0: none.
    covers: u64,
    wait: Duration,
}

impl All {
    fn now(&self) -> i64 {
        self.source.clock.now().0
    }

    fn tell(&self, state: State) {
        let ended = self.noted.ended;
        self.hydration.progress(&self.source.name, |at| {
            (at.state, at.ended) = (Some(state), ended);
        });
    }

    fn note(&self) {
        if let Ok(text) = serde_json::to_string(&self.noted)
            && let Err(error) = self.source.book.note_reading(&self.source.name, &text)
        {
            // Read again from an earlier place after the next start.
            tracing::error!(%error, "how far reading has come is not written down");
        }
    }

    async fn begin(&mut self) {
        self.noted.began = Some(self.cover().await);
    }

    /// Takes up the mark of everything, if there is one. Since when what is read is read behind it: what
    /// was confirmed in the second of the mark may be older.
    async fn cover(&mut self) -> i64 {
        let marks = self.source.sor.marks();
        self.covers = marks.begun(&self.source.name, EVERYTHING);
        let marked = self.now();
        while self.covers != 0 && self.now() == marked && !self.hydration.stopping() {
            tokio::time::sleep(SECOND_LOOK).await;
        }
        self.now()
    }

    async fn pause(&mut self) {
        self.tell(State::Waiting);
        tokio::time::sleep(self.wait).await;
        self.wait = (self.wait * 2).min(WAIT_MAX);
    }

    /// Everything is to be read: it never was, or that is long ago.
    fn is_due(&self) -> bool {
        let last = if self.lists {
            self.noted.ended
        } else {
            self.noted.swept
        };
        self.is_old(last)
    }

    fn is_old(&self, last: Option<i64>) -> bool {
        let Some(last) = last else {
            return true;
        };
        let age = self.hydration.options.age.as_secs();
        let age = i64::try_from(age).unwrap_or(i64::MAX);
        age != 0 && self.now().saturating_sub(last) >= age
    }

    /// Reads what the system lists, to the end. While it lists nothing that can be read, accounts that
    /// are held are read again all the same when they are old or somebody says so.
    async fn listed(&mut self, again: &AtomicBool) {
        loop {
            let place = self.noted.place.clone().unwrap_or_default();
            self.tell(State::Reading);
            let pass = (&self.source, &self.pacer, self.covers != 0);
            let next = step(pass, &self.hydration, &place).await;
            if let Some(next) = next {
                self.wait = WAIT_MIN;
                self.noted.place = next;
                if self.noted.place.is_none() {
                    return;
                }
                self.note();
                continue;
            }
            if again.swap(false, Ordering::AcqRel) || self.is_old(self.noted.swept) {
                let since = self.cover().await;
                // Not to its end: it is tried again with the list.
                if !self.held(since).await {
                    again.store(true, Ordering::Release);
                }
            }
            self.pause().await;
        }
    }

    /// Reads every account the gate holds that was not confirmed since; false when the system has
    /// stopped answering.
    async fn held(&mut self, since: i64) -> bool {
        let mut from = 0;
        loop {
            let what = What::Stale {
                from,
                since: UnixSeconds(since),
            };
            let told = self.source.pages.told(self.source.tenant, what).await;
            let Ok(Told::Stale(accounts, next)) = told else {
                return false;
            };
            let pass = (&self.source, &self.pacer, self.covers != 0);
            if each(pass, accounts).await.is_none() {
                return false;
            }
            match next {
                Some(next) => from = next,
                None => break,
            }
        }
        self.wait = WAIT_MIN;
        self.noted.swept = Some(since);
        self.note();
        let (source, covers) = (&self.source, std::mem::take(&mut self.covers));
        if source.sor.marks().ended(&source.name, EVERYTHING, covers) {
            source.sor.save_mark(&source.name, EVERYTHING).await;
        }
        true
    }
}

/// Whose accounts are read, at which pace, and whether in the place of a mark.
type Pass<'p> = (&'p Source, &'p Rc<Pacer>, bool);

/// One step; where the next begins (`Some(None)`: that was all). `None`: to be tried again.
async fn step(pass: Pass<'_>, hydration: &Hydration, place: &Place) -> Option<Option<Place>> {
    let (source, pacer, _) = pass;
    let request = source.dialect.everything(place)?;
    pacer.wait().await;
    let answered = source.live.ask(&request, None, source.timeout).await;
    let Ok(heard) = answered else {
        hydration.progress(&source.name, |at| at.unheard += 1);
        return None;
    };
    let now = source.clock.now();
    let read = source.dialect.step(place, &heard, source.zone(), now);
    let Some(Step {
        lines,
        accounts,
        next,
    }) = read
    else {
        hydration.progress(&source.name, |at| at.unreadable += 1);
        return None;
    };
    source.take_in(lines).await.ok()?;
    each(pass, accounts).await?;
    hydration.progress(&source.name, |at| at.steps += 1);
    Some(next)
}

/// Reads these accounts, some at once; `None`: the system has stopped answering.
async fn each((source, pacer, marked): Pass<'_>, accounts: Vec<Box<str>>) -> Option<()> {
    let mut reading = JoinSet::new();
    for account in accounts {
        if reading.len() >= READS_AT_ONCE {
            joined(reading.join_next().await)?;
        }
        let (source, pacer) = (source.clone(), Rc::clone(pacer));
        reading.spawn_local(async move { one((&source, &pacer, marked), &account).await });
    }
    while !reading.is_empty() {
        joined(reading.join_next().await)?;
    }
    Some(())
}

fn joined(read: Option<Result<bool, tokio::task::JoinError>>) -> Option<()> {
    let done = read.and_then(Result::ok).unwrap_or(false);
    done.then_some(())
}

/// Reads one account of a step; false when the system has stopped answering.
async fn one((source, pacer, marked): Pass<'_>, account: &str) -> bool {
    let slowly = Paced(source.live.clone(), Rc::clone(pacer));
    let mut wait = WAIT_MIN;
    for _ in 0..ACCOUNT_TRIES_MAX {
        match source.read_by(&slowly, account).await {
            Ok(_) => return true,
            // One that cannot be read keeps nobody from the others. What was marked with everything is
            // marked by itself then.
            Err(NotRead::Unreadable) => {
                if marked {
                    source.sor.mark_one(&source.name, account).await;
                }
                return true;
            }
            Err(NotRead::Unheard) => {}
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(WAIT_MAX);
    }
    false
}
