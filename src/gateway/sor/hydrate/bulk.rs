//! Reading everything a system holds, step by step, at a bounded rate, from where it was left.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Hydration;
use super::page::State;
use super::thread::Source;
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
/// Times an account without an answer is asked for before its step is given up, to be made anew.
const ACCOUNT_TRIES_MAX: u32 = 5;

/// How far it has come, as the book keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Noted {
    /// Where the next step begins; none: nothing is under way.
    place: Option<Place>,
    /// When everything had been read the last time, seconds since 1970.
    ended: Option<i64>,
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
/// when it is old or somebody says so.
pub(super) async fn run(source: Source, hydration: Arc<Hydration>) {
    let Some(again) = Hydration::flag(&hydration.again, source.tenant) else {
        return;
    };
    let name = Arc::clone(&source.name);
    let noted = source.book.reading(&name).ok().flatten();
    let noted = noted.and_then(|text| serde_json::from_str(&text).ok());
    let mut noted: Noted = noted.unwrap_or_default();
    let pacer = Rc::new(Pacer::new(hydration.options.per_second));
    let tell = |state: State, noted: &Noted| {
        hydration.progress(&name, |at| {
            (at.state, at.ended) = (Some(state), noted.ended);
        });
    };
    let begin = Place::default();
    let wanted = hydration.options.per_second > 0;
    if !wanted || source.dialect.everything(&begin).is_none() {
        tell(State::OnDemand, &noted);
        return;
    }
    let mut wait = WAIT_MIN;
    while !hydration.stopping() {
        if noted.place.is_none() && !is_due(&noted, &source, hydration.options.age) {
            tell(State::Complete, &noted);
            // Taken before reading begins: what is marked meanwhile is read once more.
            while !again.swap(false, Ordering::AcqRel)
                && !is_due(&noted, &source, hydration.options.age)
            {
                tokio::time::sleep(LOOK).await;
            }
        }
        let place = noted.place.clone().unwrap_or_default();
        tell(State::Reading, &noted);
        let Some(next) = step(&source, &hydration, &pacer, &place).await else {
            tell(State::Waiting, &noted);
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(WAIT_MAX);
            continue;
        };
        wait = WAIT_MIN;
        if next.is_none() {
            noted.ended = Some(source.clock.now().0);
        }
        noted.place = next;
        if let Ok(text) = serde_json::to_string(&noted)
            && let Err(error) = source.book.note_reading(&name, &text)
        {
            // Read again from an earlier place after the next start.
            tracing::error!(%error, "how far reading has come is not written down");
        }
    }
}

/// Everything is to be read: it never was, or that is long ago.
fn is_due(noted: &Noted, source: &Source, age: Duration) -> bool {
    let Some(ended) = noted.ended else {
        return true;
    };
    let span = source.clock.now().0.saturating_sub(ended);
    let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
    age != 0 && span >= age
}

/// One step; where the next begins (`Some(None)`: that was all). `None`: to be tried again.
async fn step(
    source: &Source,
    hydration: &Hydration,
    pacer: &Rc<Pacer>,
    place: &Place,
) -> Option<Option<Place>> {
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
    let mut reading = JoinSet::new();
    for account in accounts {
        if reading.len() >= READS_AT_ONCE {
            joined(reading.join_next().await)?;
        }
        let (source, pacer) = (source.clone(), Rc::clone(pacer));
        reading.spawn_local(async move { one(&source, &pacer, &account).await });
    }
    while !reading.is_empty() {
        joined(reading.join_next().await)?;
    }
    hydration.progress(&source.name, |at| at.steps += 1);
    Some(next)
}

fn joined(read: Option<Result<bool, tokio::task::JoinError>>) -> Option<()> {
    let done = read.and_then(Result::ok).unwrap_or(false);
    done.then_some(())
}

/// Reads one account of a step; false when the system has stopped answering.
async fn one(source: &Source, pacer: &Rc<Pacer>, account: &str) -> bool {
    let slowly = Paced(source.live.clone(), Rc::clone(pacer));
    let mut wait = WAIT_MIN;
    for _ in 0..ACCOUNT_TRIES_MAX {
        if source.read_by(&slowly, account).await.is_ok() {
            return true;
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(WAIT_MAX);
    }
    false
}
