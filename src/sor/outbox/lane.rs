//! One tenant's letters: which may go now, what their answers mean, how fast.
//!
//! Pure: time and chance are arguments.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::changes::ALL;
use super::{Cause, Changes, Dead, LedgerPlace, ParcelId};
use crate::sor::call::Request;
use crate::wire::limits::SOR_DEAD_MAX;

/// Statements that wait at most; more are not read from the ledger.
const WAITING_MAX: usize = 1_024;
/// Statements finished beyond the place at most.
const BEYOND_MAX: usize = 65_536;
/// Changes that are not written down yet at most; past that nothing is sent.
const UNWRITTEN_MAX: usize = 16_384;
/// Letters in a row without an answer to go by, after which the lane waits.
const MISSES_MAX: u32 = 3;
/// The first wait, milliseconds; each further one is twice as long.
const WAIT_MS_MIN: u64 = 500;

/// How fast, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Letters under way at once.
    pub calls_max: u32,
    /// Counted tries after which a letter is given up.
    pub tries_max: u32,
    /// The longest wait between two tries, milliseconds.
    pub wait_ms_max: u64,
}

/// One thing to be told, read from a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Which.
    pub id: ParcelId,
    /// Parcels with the same number are sent one after the other.
    pub order: u64,
    /// When it was recorded, seconds since 1970.
    pub at: i64,
    /// Its letters, each to be confirmed before the next.
    pub letters: Vec<Request>,
}

/// What came of sending a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The system took it.
    Done,
    /// It definitely did not.
    Refused,
    /// Nobody can tell, and the system answered.
    Unsure,
    /// It did not answer, or says that it cannot now.
    Silent,
    /// The letter cannot be sent.
    Unsendable,
}

/// A letter to be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its parcel.
    pub id: ParcelId,
    /// Its number within the parcel.
    pub letter: u32,
    /// What to send.
    pub request: Request,
}

/// How a lane stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Letters confirmed.
    pub confirmed: u64,
    /// Answers that said nothing.
    pub unsure: u64,
    /// Letters without an answer.
    pub silent: u64,
    /// Parcels given up.
    pub dead: u64,
    /// Rows whose words are erased.
    pub erased: u64,
    /// Parcels waiting, those under way included.
    pub waiting: usize,
    /// Letters under way.
    pub under_way: u32,
    /// When the oldest that waits was recorded.
    pub oldest_at: Option<i64>,
    /// How many may be under way.
    pub calls: u32,
    /// The frame to be read next.
    pub next_frame: u64,
    /// Too many were given up: no more are read until some are tried again.
    pub full: bool,
}

#[derive(Debug)]
struct Waiting {
    order: u64,
    /// 0: its row was read again by itself.
    frame: u64,
    at: i64,
    letters: Vec<Request>,
    confirmed: u32,
    tries: u32,
    fails: u32,
    /// Confirmations of the lane when it was last sent.
    seen: u64,
}

/// A frame with rows that are not finished, or that follows one.
#[derive(Debug)]
struct Frame {
    place: LedgerPlace,
    first_seq: u64,
    open: usize,
}

/// One tenant's letters.
#[derive(Debug)]
pub struct Lane {
    pace: Pace,
    next: LedgerPlace,
    /// The place as it was last told.
    noted: LedgerPlace,
    frames: VecDeque<Frame>,
    waiting: BTreeMap<ParcelId, Waiting>,
    queues: HashMap<u64, VecDeque<ParcelId>>,
    /// First of their queues, not under way, by when they may be sent.
    due: BTreeSet<(u64, ParcelId)>,
    beyond: BTreeMap<ParcelId, u32>,
    under_way: u32,
    limit: u32,
    gained: u32,
    misses: u32,
    pause_until: u64,
    figures: Figures,
    changes: Changes,
    buried: u64,
}

impl Lane {
    /// A lane that begins at a place, with what is finished beyond it.
    pub fn new(pace: Pace, from: LedgerPlace, beyond: BTreeMap<ParcelId, u32>) -> Self {
        Self {
            pace,
            next: from,
            noted: from,
            frames: VecDeque::new(),
            waiting: BTreeMap::new(),
            queues: HashMap::new(),
            due: BTreeSet::new(),
            beyond,
            under_way: 0,
            limit: 1,
            gained: 0,
            misses: 0,
            pause_until: 0,
            figures: Figures::default(),
            changes: Changes::default(),
            buried: 0,
        }
    }

    /// The frame it wants to read next, if it has room.
    pub fn wants(&self) -> Option<LedgerPlace> {
        let room = self.waiting.len() < WAITING_MAX && self.beyond.len() < BEYOND_MAX;
        (room && !self.is_full()).then_some(self.next)
    }

    /// How many were given up and are in the book.
    pub fn buried(&mut self, count: u64) {
        self.buried = count;
    }

    /// So many were given up that no more are read (OUTBOX-6); what waits is still sent.
    fn is_full(&self) -> bool {
        let unwritten = self.changes.dead.len() as u64;
        self.buried.saturating_add(unwritten) >= SOR_DEAD_MAX
    }

    /// Takes in what the frame at its place tells; `next` lies behind it.
    pub fn absorb(&mut self, next: LedgerPlace, parcels: Vec<Parcel>, now_ms: u64) {
        let place = self.next;
        self.next = next;
        let first_seq = parcels.first().map(|parcel| parcel.id.0);
        let mut open = 0;
        for parcel in parcels {
            let confirmed = self.beyond.get(&parcel.id).copied().unwrap_or(0);
            if confirmed == ALL || parcel.letters.len() <= confirmed as usize {
                continue;
            }
            open += 1;
            self.put(parcel, place.frame, confirmed, now_ms);
        }
        if let Some(first_seq) = first_seq.filter(|_| open > 0) {
            self.frames.push_back(Frame {
                place,
                first_seq,
                open,
            });
        }
        self.advance();
    }

    /// Tries again what was given up; its row was read again by itself.
    pub fn revive(&mut self, parcel: Parcel, confirmed: u32, now_ms: u64) {
        let known = self.waiting.contains_key(&parcel.id);
        if !known && parcel.letters.len() > confirmed as usize {
            self.put(parcel, 0, confirmed, now_ms);
        }
    }

    /// Counts a row whose words are erased.
    pub fn erased(&mut self) {
        self.figures.erased += 1;
    }

    fn put(&mut self, parcel: Parcel, frame: u64, confirmed: u32, now_ms: u64) {
        let id = parcel.id;
        let queue = self.queues.entry(parcel.order).or_default();
        queue.push_back(id);
        if queue.len() == 1 {
            self.due.insert((now_ms, id));
        }
        let waiting = Waiting {
            order: parcel.order,
            frame,
            at: parcel.at,
            letters: parcel.letters,
            confirmed,
            tries: 0,
            fails: 0,
            seen: 0,
        };
        self.waiting.insert(id, waiting);
    }

    /// A letter that may go now; it is under way until [`Lane::heard`].
    pub fn due(&mut self, now_ms: u64) -> Option<Job> {
        let stalled = self.changes.len() >= UNWRITTEN_MAX;
        if stalled || self.under_way >= self.limit || now_ms < self.pause_until {
            return None;
        }
        let (at, id) = self.due.first().copied()?;
        if at > now_ms {
            return None;
        }
        self.due.pop_first();
        let waiting = self.waiting.get(&id)?;
        let request = waiting.letters.get(waiting.confirmed as usize)?.clone();
        self.under_way += 1;
        Some(Job {
            id,
            letter: waiting.confirmed,
            request,
        })
    }

    /// When [`Lane::due`] may have something that it has not now; `None`: not by waiting alone. Whoever
    /// runs a lane looks at every beat; only tests leave out the time between.
    #[cfg(test)]
    pub fn wake_at(&self) -> Option<u64> {
        let first = self.due.first().map(|(at, _)| *at)?;
        let free = self.under_way < self.limit && self.changes.len() < UNWRITTEN_MAX;
        free.then(|| first.max(self.pause_until))
    }

    /// What came of a letter. `wall` is the wall's time, in seconds, `chance` anything.
    pub fn heard(&mut self, id: ParcelId, told: Told, (now_ms, wall): (u64, i64), chance: u32) {
        self.under_way = self.under_way.saturating_sub(1);
        match told {
            Told::Done => self.confirmed(id, now_ms),
            Told::Refused | Told::Unsendable => {
                let cause = if told == Told::Refused {
                    Cause::Refused
                } else {
                    Cause::Unsendable
                };
                // It answers: nothing keeps the others.
                self.well(now_ms);
                self.give_up(id, cause, now_ms, wall);
            }
            Told::Unsure | Told::Silent => self.missed(id, told, (now_ms, wall), chance),
        }
    }

    fn confirmed(&mut self, id: ParcelId, now_ms: u64) {
        self.figures.confirmed += 1;
        self.well(now_ms);
        self.gained += 1;
        if self.gained >= self.limit && self.limit < self.pace.calls_max {
            (self.limit, self.gained) = (self.limit + 1, 0);
        }
        let Some(waiting) = self.waiting.get_mut(&id) else {
            return;
        };
        waiting.confirmed += 1;
        (waiting.tries, waiting.fails) = (0, 0);
        if (waiting.confirmed as usize) < waiting.letters.len() {
            let (confirmed, again) = (waiting.confirmed, waiting.frame == 0);
            self.due.insert((now_ms, id));
            if !again {
                self.beyond.insert(id, confirmed);
                self.changes.done.push((id, confirmed));
            }
            return;
        }
        if waiting.frame == 0 {
            self.changes.alive.push(id);
        }
        self.finish(id, now_ms);
    }

    /// The system takes letters: whoever waits for that need not any more.
    fn well(&mut self, now_ms: u64) {
        if self.misses > 0 {
            let all = std::mem::take(&mut self.due);
            self.due = all.into_iter().map(|(_, id)| (now_ms, id)).collect();
        }
        (self.misses, self.pause_until) = (0, 0);
    }

    fn missed(&mut self, id: ParcelId, told: Told, (now_ms, wall): (u64, i64), chance: u32) {
        self.misses = self.misses.saturating_add(1);
        (self.limit, self.gained) = ((self.limit / 2).max(1), 0);
        if self.misses >= MISSES_MAX {
            let wait = self.wait_ms(self.misses - MISSES_MAX, chance);
            self.pause_until = now_ms + wait;
        }
        let confirmed = self.figures.confirmed;
        let Some(waiting) = self.waiting.get_mut(&id) else {
            return;
        };
        if told == Told::Silent {
            self.figures.silent += 1;
        } else {
            self.figures.unsure += 1;
            // OUTBOX-4.
            if waiting.tries == 0 || confirmed > waiting.seen {
                waiting.tries += 1;
            }
        }
        waiting.seen = confirmed;
        let fails = waiting.fails;
        waiting.fails = fails.saturating_add(1);
        if waiting.tries >= self.pace.tries_max {
            self.give_up(id, Cause::GivenUp, now_ms, wall);
            return;
        }
        let wait = self.wait_ms(fails, chance);
        self.due.insert((now_ms + wait, id));
    }

    /// Half of it for certain, half by chance: many that failed together do not come together.
    fn wait_ms(&self, fails: u32, chance: u32) -> u64 {
        let whole = WAIT_MS_MIN.saturating_mul(1 << fails.min(20));
        let half = whole.min(self.pace.wait_ms_max) / 2;
        half + half * u64::from(chance) / u64::from(u32::MAX)
    }

    fn give_up(&mut self, id: ParcelId, cause: Cause, now_ms: u64, wall: i64) {
        let Some(waiting) = self.waiting.get(&id) else {
            return;
        };
        self.figures.dead += 1;
        self.changes.dead.push(Dead {
            id,
            confirmed: waiting.confirmed,
            cause,
            tries: waiting.tries.max(1),
            at: wall,
        });
        self.finish(id, now_ms);
    }

    fn finish(&mut self, id: ParcelId, now_ms: u64) {
        let Some(waiting) = self.waiting.remove(&id) else {
            return;
        };
        if let Some(queue) = self.queues.get_mut(&waiting.order) {
            queue.retain(|other| *other != id);
            match queue.front() {
                Some(first) => drop(self.due.insert((now_ms, *first))),
                None => drop(self.queues.remove(&waiting.order)),
            }
        }
        if waiting.frame == 0 {
            return;
        }
        self.beyond.insert(id, ALL);
        self.changes.done.push((id, ALL));
        let at = self
            .frames
            .binary_search_by_key(&waiting.frame, |frame| frame.place.frame);
        if let Some(frame) = at.ok().and_then(|at| self.frames.get_mut(at)) {
            frame.open -= 1;
        }
        self.advance();
    }

    /// Moves the place behind what is finished.
    fn advance(&mut self) {
        while self.frames.front().is_some_and(|frame| frame.open == 0) {
            self.frames.pop_front();
        }
        let (place, before) = match self.frames.front() {
            Some(frame) => (frame.place, frame.first_seq),
            None => (self.next, u64::MAX),
        };
        if place != self.noted {
            (self.noted, self.changes.place) = (place, Some(place));
        }
        if self.beyond.is_empty() {
            return;
        }
        let kept = match before {
            u64::MAX => BTreeMap::new(),
            before => self.beyond.split_off(&(before, 0)),
        };
        if !std::mem::replace(&mut self.beyond, kept).is_empty() {
            self.changes.forget(before);
        }
    }

    /// Takes what has to be written down.
    pub fn changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// Whether something has to be written down.
    pub fn unwritten(&self) -> &Changes {
        &self.changes
    }

    /// Gives back what could not be written down.
    pub fn not_written(&mut self, mut changes: Changes) {
        let since = std::mem::take(&mut self.changes);
        changes.place = since.place.or(changes.place);
        if let Some(before) = since.forget_before {
            changes.forget(before);
        }
        changes.done.extend(since.done);
        changes.dead.extend(since.dead);
        changes.alive.extend(since.alive);
        self.changes = changes;
    }

    /// How it stands.
    pub fn figures(&self) -> Figures {
        Figures {
            waiting: self.waiting.len(),
            under_way: self.under_way,
            oldest_at: self.waiting.values().map(|waiting| waiting.at).min(),
            calls: self.limit,
            next_frame: self.next.frame,
            full: self.is_full(),
            ..self.figures
        }
    }
}
