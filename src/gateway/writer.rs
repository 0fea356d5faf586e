//! The engine thread: takes what waits, decides, fills the pending frame, commits it.
//!
//! No timer and no linger: whatever waited while the last frame was in its sync is the next frame, and
//! what comes while the thread gives its core away once, which takes nothing when nobody wants it.
//! With nothing but live commands about, the thread writes and syncs the frame itself: deciding costs
//! a tenth of a sync, and the wake-ups of a hand-over across cores cost more than could be decided
//! meanwhile. While pages of facts wait, a snapshot is being copied or batches have left more than
//! one go takes, the committer thread does it, so that sync and work overlap; without more of any, the
//! thread then sleeps until the committer is free, not until the next command.
//! Between frames, slices of a running snapshot. With relaxed durability ([`super::ahead`]) decisions are told
//! before their frame goes, and the committer thread always does the rest, since the next command may come at once.
//!
//! Invariants
//! - WRITER-1: an answer is in the same batch as its row, or in a later one; with relaxed durability the gate's
//!   answers come once their rows are chained.
//! - WRITER-2: `now` is read once a batch of commands; all of a batch share it.
//! - WRITER-3: a row that finds no room in the frame makes room by handing the frame over.
//! - WRITER-4: once sealed, nothing is appended and no snapshot is begun or copied on: the state may not
//!   be what the ledger says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::never;
use crossbeam::select;

use super::ahead::Ahead;
use super::clock_mark::ClockMark;
use super::directory::Directory;
use super::door::SystemError;
use super::inbox::Lanes;
use super::laws::Laws;
use super::pending::{Pending, Rows, Waiting, take};
use super::signal::Signal;
use super::slices::{self, Carried, Pace, Room};
use super::snapshots::Snapshots;
use super::status::GatewayStatus;
use super::work::{Delivered, Job, PageJob, ReplyTo, Work};
use crate::clock::{Clock, ClockTrust};
use crate::domain::time::UnixSeconds;
use crate::engine::Engine;
use crate::engine::commands::{Admin, Answer};
use crate::ledger::{Chains, FreeFrames, Handover, RowError, SnapshotMeta};

/// Live intents taken in one go before the committer is looked at.
const TAKEN_MAX: usize = crate::engine::warm::BATCH_MAX;
/// Pages of a snapshot copied between two batches: under 50 µs.
const SLICE_PAGES: usize = 4;
/// How long the thread sleeps without work before it looks at snapshot and clock again.
const IDLE: Duration = Duration::from_millis(200);

/// How long it sleeps without work while a snapshot waits for the thread that writes it.
const BEHIND: Duration = Duration::from_millis(2);

/// The thread's own things.
pub struct Writer {
    /// The engine.
    pub engine: Engine,
    /// Heads to extend.
    pub chains: Chains,
    /// Inbox.
    pub lanes: Lanes,
    /// Clock.
    pub clock: Clock,
    /// Trust in it.
    pub trust: ClockTrust,
    /// The doubt about it that outlives a restart.
    pub(super) clock_mark: ClockMark,
    /// Where frames go.
    pub handover: Handover<Waiting>,
    /// Raised when a batch has been released.
    pub released: Arc<Signal>,
    /// With relaxed durability: how decisions are told before their frame is durable.
    pub(super) ahead: Option<Ahead>,
    /// Commands taken together, kept for its memory.
    pub taken: Vec<Job>,
    /// Empty frames.
    pub free: FreeFrames,
    /// Snapshots.
    pub snapshots: Snapshots,
    /// The declared tenants, as requests find them.
    pub directory: Arc<Directory>,
    /// The packs, as answers are written with them.
    pub laws: Arc<Laws>,
    /// What the rest of the house may know.
    pub status: Arc<GatewayStatus>,
    /// Set to stop: what waits is finished first.
    pub stop: Arc<AtomicBool>,
    /// Frames handed over so far, recovery included.
    pub frames: u64,
    /// The frame being filled and who waits for it.
    pub pending: Pending,
    /// Pages of facts, a slice at a time.
    pub facts: FactsLane,
}

/// What ended a sleep.
enum Woken {
    Live(Job),
    Facts(PageJob),
}

/// The page of facts that is being applied, and the measure of its slices.
#[derive(Debug, Default)]
pub struct FactsLane {
    /// The pending frame has a slice in it.
    in_frame: bool,
    carried: Option<Carried>,
    pace: Pace,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Declares a chain for every tenant that has none.
    pub(super) fn declare_chains(&mut self) {
        if self.status.sealed() {
            return;
        }
        for (number, tenant) in (0_u16..).zip(self.engine.tenants()) {
            if self.chains.name(number).is_some() {
                continue;
            }
            let mut declared = (self.pending.frame).declare(&mut self.chains, number, &tenant.name);
            if let Err(RowError::Full) = declared {
                let full = take(&mut self.pending, &self.free, &mut self.frames);
                self.handover.send(full);
                declared = (self.pending.frame).declare(&mut self.chains, number, &tenant.name);
            }
            if declared.is_err() {
                self.status.row_refused();
            }
        }
    }

    /// Lets the engine make rows; false when one was refused, and the gateway is sealed.
    pub(super) fn with_rows<T>(
        &mut self,
        act: impl FnOnce(&mut Engine, &mut Rows<'_>) -> T,
    ) -> (T, bool) {
        let mut rows = Rows {
            pending: &mut self.pending,
            chains: &mut self.chains,
            handover: &mut self.handover,
            free: &self.free,
            frames: &mut self.frames,
            sealed: self.status.sealed(),
            broken: false,
        };
        let done = act(&mut self.engine, &mut rows);
        let whole = !rows.broken;
        if !whole {
            self.status.row_refused();
        }
        (done, whole)
    }

    /// Runs until told to stop and nothing waits; takes the last snapshot.
    pub fn run(mut self) {
        while !(self.stop.load(Ordering::Acquire) && self.idle()) {
            self.step();
        }
        self.last_image();
    }

    fn idle(&self) -> bool {
        self.facts.carried.is_none() && self.pending.is_empty() && self.lanes.is_empty()
    }

    fn step(&mut self) {
        let mut took = self.take_waiting();
        if took && !self.lanes.left_over() {
            // Whoever is ready to ask on this core does so first: the frame is fuller, and costs the same.
            std::thread::yield_now();
            took |= self.take_waiting();
        }
        // Before anybody hears an answer: health never lags behind what decided.
        self.tell_law();
        if let Some(ahead) = self.ahead.as_mut().filter(|_| !self.status.sealed()) {
            ahead.tell(&mut self.pending.waiting);
        }
        // A full frame keeps facts waiting: with it gone there may be more to do.
        let offered = !self.pending.is_empty() && self.handover.is_free();
        if offered {
            self.offer();
        }
        let copying = self.snapshot_step();
        if !took && !offered && !copying {
            self.wait();
        }
        let (live, bulk) = self.lanes.waiting();
        self.status.waiting(live, bulk);
        self.status
            .accounts
            .store(self.engine.accounts() as u64, Ordering::Relaxed);
    }

    /// Takes live commands, and one slice of a page if there is one.
    fn take_waiting(&mut self) -> bool {
        let now = self.now();
        let instant = self.clock.instant();
        let mut jobs = std::mem::take(&mut self.taken);
        self.lanes.take_live(&mut jobs, TAKEN_MAX);
        self.engine
            .warm(jobs.iter().flat_map(|job| job.work.asks()));
        let took = !jobs.is_empty();
        for job in jobs.drain(..) {
            self.carry_out(job, now, instant);
        }
        self.taken = jobs;
        took | self.facts_slice(now, instant)
    }

    /// Applies a slice of the page in hand, or of the next one. A frame that has grown enough waits
    /// for the committer first, and so does one with a slice in it while somebody asks for decisions.
    fn facts_slice(&mut self, now: UnixSeconds, instant: Instant) -> bool {
        let room = Room {
            frame_bytes: self.pending.frame.bytes(),
            empty: self.pending.is_empty(),
            has_slice: self.facts.in_frame,
        };
        if !slices::fits(room, self.lanes.presence.anybody(instant)) {
            return false;
        }
        let next = || self.lanes.bulk.try_recv().ok();
        let Some(mut carried) = self
            .facts
            .carried
            .take()
            .or_else(|| next().map(Carried::new))
        else {
            return false;
        };
        if self.status.sealed() {
            self.answer(carried.done().0, Delivered::Refused(SystemError::Sealed));
            return true;
        }
        let begun = self.clock.instant();
        let (tenant, items) = carried.slice(self.facts.pace);
        let count = items.len();
        let (result, whole) =
            self.with_rows(|engine, rows| engine.apply_items(tenant, items, now, rows));
        if !whole {
            self.answer(carried.done().0, Delivered::Refused(SystemError::Internal));
            return true;
        }
        let span = self.clock.instant().saturating_duration_since(begun);
        self.facts.pace.learn(count, span);
        self.facts.in_frame = true;
        if carried.applied(count, result) {
            let (reply, result) = carried.done();
            self.answer(reply, Delivered::Page(result));
        } else {
            self.facts.carried = Some(carried);
        }
        true
    }

    fn answer(&mut self, to: ReplyTo, answer: Delivered) {
        self.pending.waiting.answers.push((to, answer));
    }

    /// Engine time, and whether it may be trusted.
    fn now(&mut self) -> UnixSeconds {
        let reading = self.clock.read();
        let state = self.trust.state(Some(self.engine.last()), reading);
        self.engine.trust_clock(state.is_trusted());
        self.status.clock(state);
        reading.now
    }

    fn carry_out(&mut self, job: Job, now: UnixSeconds, instant: Instant) {
        let answer = if job.deadline.is_some_and(|deadline| instant > deadline) {
            Delivered::Refused(SystemError::DeadlinePassed)
        } else if self.status.sealed() {
            Delivered::Refused(SystemError::Sealed)
        } else {
            self.apply(job.work, now)
        };
        self.pending.waiting.answers.push((job.reply, answer));
    }

    fn apply(&mut self, work: Work, now: UnixSeconds) -> Delivered {
        let (answer, whole) = match work {
            Work::Ask(ask) => {
                self.with_rows(|engine, rows| Delivered::Answer(engine.ask(&ask, now, rows)))
            }
            Work::AskRead(ask) => {
                self.with_rows(|engine, rows| match engine.ask_read(&ask, now, rows) {
                    Answer::Unread => Delivered::Unread(ask),
                    answer => Delivered::Answer(answer),
                })
            }
            Work::Slice(slice) => self.with_rows(|engine, rows| {
                let read = slice.unread_first;
                let decide = |ask| {
                    if read {
                        engine.ask_read(ask, now, rows)
                    } else {
                        engine.ask(ask, now, rows)
                    }
                };
                Delivered::Slice(slice.asks.iter().map(decide).collect(), slice.asks)
            }),
            Work::Report(report) => self
                .with_rows(|engine, rows| Delivered::Reported(engine.report(&report, now, rows))),
            Work::Fact(tenant, item) => self.with_rows(|engine, rows| {
                Delivered::Fact(engine.state_fact(tenant, &item, now, rows))
            }),
            Work::Query(query) => self.with_rows(|engine, rows| {
                Delivered::Told(Box::new(engine.tell(&query, now, rows)))
            }),
            Work::Admin(tenant, admin) => {
                if admin == Admin::ClockAccept {
                    self.clock.accept();
                    let reading = self.clock.read();
                    self.trust.accept(Some(self.engine.last()), reading);
                    if self.clock_mark.forget().is_err() {
                        tracing::error!(
                            "CLOCK cannot be removed: the next start asks about the clock again"
                        );
                    }
                }
                self.with_rows(|engine, rows| {
                    Delivered::Administered(engine.administer(tenant, &admin, now, rows))
                })
            }
            Work::Enact(enactment) => return Delivered::Enacted(self.enact(*enactment, now)),
        };
        if whole {
            answer
        } else {
            Delivered::Refused(SystemError::Internal)
        }
    }

    /// Commits the pending frame, nobody else being at it: here when there is nothing to do
    /// meanwhile, else on the committer thread. What arrived since the last go was taken is little; a
    /// batch leaves more behind than one go takes.
    fn offer(&mut self) {
        let batch = take(&mut self.pending, &self.free, &mut self.frames);
        let facts = self.facts.carried.is_some() || !self.lanes.bulk.is_empty();
        self.facts.in_frame = false;
        let busy = facts || self.lanes.left_over() || self.snapshots.has_room();
        if !busy && self.ahead.is_none() {
            self.handover.commit(batch);
        } else {
            self.handover.send(batch);
        }
    }

    /// Sleeps until the committer is free if it is not, else until something arrives. With relaxed durability
    /// whichever comes first: a decision does not wait for a sync.
    fn wait(&mut self) {
        let released = self.released.count();
        if !self.handover.is_free() && self.ahead.is_none() {
            self.released.wait(released, IDLE);
            return;
        }
        // The committer has become free since the frame was to be offered: it goes first, and does
        // not wait for the next command.
        if self.handover.is_free() && !self.pending.is_empty() {
            return;
        }
        let idle = if self.snapshots.copying() {
            BEHIND
        } else {
            IDLE
        };
        let (live, bulk) = (self.lanes.live.clone(), self.lanes.bulk.clone());
        let freed = (self.ahead.as_ref()).map_or_else(never, |ahead| ahead.freed().clone());
        select! {
            recv(freed) -> _ => {}
            recv(live) -> job => self.woken(job.ok().map(Woken::Live)),
            recv(bulk) -> job => self.woken(job.ok().map(Woken::Facts)),
            default(idle) => {}
        }
    }

    fn woken(&mut self, job: Option<Woken>) {
        match job {
            // Every sender is gone: the house is closing.
            None => self.stop.store(true, Ordering::Release),
            // Others may have come with it: they are taken together, by turns.
            Some(Woken::Live(job)) => self.lanes.keep(job),
            Some(Woken::Facts(job)) => self.facts.carried = Some(Carried::new(job)),
        }
    }

    /// Starts, continues or finishes a snapshot; whether there is more to copy.
    fn snapshot_step(&mut self) -> bool {
        if self.status.sealed() {
            self.snapshots.give_up();
            return false;
        }
        let rows = self.engine.work();
        if self.pending.is_empty() && self.snapshots.due(rows, self.clock.instant()) {
            let every_page = self.snapshots.wants_every_page();
            let meta = self.image(every_page);
            self.snapshots.begin(meta, every_page, rows);
        }
        let Some(pages) = self.snapshots.room() else {
            self.snapshots.finish();
            return false;
        };
        let more = self.engine.image_slice(SLICE_PAGES, pages);
        if !more {
            self.snapshots.copied(self.clock.instant());
        }
        more
    }

    /// Commits what is left and writes the state as it stands, unless the house is sealed.
    fn last_image(mut self) {
        if !self.pending.is_empty() {
            let batch = take(&mut self.pending, &self.free, &mut self.frames);
            self.handover.send(batch);
        }
        let given_up = self.snapshots.give_up();
        self.snapshots.settle();
        if self.status.sealed() {
            return;
        }
        let every_page = given_up || self.snapshots.wants_every_page();
        let meta = self.image(every_page);
        let engine = &mut self.engine;
        let more = |pages_max, pages: &mut _| engine.image_slice(pages_max, pages);
        self.snapshots.last(meta, every_page, more);
    }

    /// Begins an image of the state as it stands, of every page or of those that changed.
    fn image(&mut self, every_page: bool) -> SnapshotMeta {
        if every_page {
            self.engine.image_lost();
        }
        SnapshotMeta {
            bytes: self.engine.begin_image(),
            frame: self.frames,
        }
    }
}
