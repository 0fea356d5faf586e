//! The engine thread: takes what waits, decides, fills the pending frame, hands it over when the
//! committer is free.
//!
//! No timer and no linger: whatever waited while the last frame was in its sync is the next frame.
//! While a frame is in its sync the thread sleeps until the committer is free, not until the next
//! command, and then decides all that has arrived: one wake-up a frame instead of one a command. Deciding
//! costs a tenth of a sync; the wake-ups it saves cost as much as the request itself.
//! Between frames, slices of a running snapshot.
//!
//! Invariants
//! - WRITER-1: an answer is in the same batch as its row, or in a later one.
//! - WRITER-2: `now` is read once a batch of commands; all of a batch share it.
//! - WRITER-3: a row that finds no room in the frame makes room by handing the frame over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::Sender;
use crossbeam::select;

use super::door::SystemError;
use super::inbox::Lanes;
use super::recovery::StartError;
use super::signal::Signal;
use super::slices::{self, Carried, Pace};
use super::snapshots::{Image, Snapshots};
use super::status::GatewayStatus;
use super::work::{Delivered, Job, PageJob, ReplyTo, Work};
use crate::clock::{Clock, ClockTrust};
use crate::domain::ids::TenantNo;
use crate::domain::time::UnixSeconds;
use crate::engine::Engine;
use crate::engine::commands::{Activation, Admin, RowSink, SealedSubject};
use crate::ledger::{Batch, Chains, FrameBuilder, FreeFrames, Head, Subject};

/// Live intents taken in one go before the committer is looked at.
const TAKEN_MAX: usize = crate::engine::warm::BATCH_MAX;
/// Pages of a snapshot copied between two batches: under 50 µs.
const SLICE_PAGES: usize = 4;
/// How long the thread sleeps without work before it looks at snapshot and clock again.
const IDLE: Duration = Duration::from_millis(200);

/// What waits for one frame to be durable.
#[derive(Debug, Default)]
pub struct Waiting {
    /// Answers.
    pub answers: Vec<(ReplyTo, Delivered)>,
    /// Heads after the frame, of the chains it extends.
    pub heads: Vec<(TenantNo, Head)>,
}

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
    /// Where frames go.
    pub batches: Sender<Batch<Waiting>>,
    /// Batches the committer has released.
    pub released: Arc<Signal>,
    /// Batches handed over.
    pub handed: u64,
    /// Commands taken together, kept for its memory.
    pub taken: Vec<Job>,
    /// Empty frames.
    pub free: FreeFrames,
    /// Snapshots.
    pub snapshots: Snapshots,
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
    carried: Option<Carried>,
    pace: Pace,
}

/// The pending frame.
#[derive(Debug)]
pub struct Pending {
    frame: FrameBuilder,
    waiting: Waiting,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}

impl Pending {
    /// Nothing pending.
    pub fn new(frame: FrameBuilder) -> Self {
        Self {
            frame,
            waiting: Waiting::default(),
        }
    }

    fn is_empty(&self) -> bool {
        self.frame.is_empty() && self.waiting.answers.is_empty()
    }
}

/// Rows into the pending frame.
struct Rows<'a> {
    pending: &'a mut Pending,
    chains: &'a mut Chains,
    batches: &'a Sender<Batch<Waiting>>,
    free: &'a FreeFrames,
    frames: &'a mut u64,
    handed: &'a mut u64,
    broken: bool,
}

impl Rows<'_> {
    fn push(
        &mut self,
        (tenant, seq): (TenantNo, u64),
        body: &[u8],
        subjects: &[Subject<'_>],
        keys: [u64; 2],
    ) {
        let bytes = subjects.iter().map(|s| s.bytes.len()).sum();
        if !self
            .pending
            .frame
            .has_room(body.len(), subjects.len(), bytes)
        {
            hand_over(self.pending, self.batches, self.free, self.frames);
            *self.handed += 1;
        }
        let frame = &mut self.pending.frame;
        match frame.push(self.chains, tenant.0, body, subjects, keys) {
            // The engine counts a chain's rows on its own; an answer must name the row it is in.
            Ok(head) if head.seq != seq => self.broken = true,
            Ok(head) => {
                let heads = &mut self.pending.waiting.heads;
                match heads.iter_mut().find(|(no, _)| *no == tenant) {
                    Some(known) => known.1 = head,
                    None => heads.push((tenant, head)),
                }
            }
            // A row that no frame takes would leave a hole between state and ledger.
            Err(_refused) => self.broken = true,
        }
    }
}

impl RowSink for Rows<'_> {
    fn row(
        &mut self,
        tenant: TenantNo,
        seq: u64,
        body: &[u8],
        subjects: &[&SealedSubject],
        keys: [u64; 2],
    ) {
        if let [one] = subjects {
            let one = [Subject {
                salt: one.salt,
                bytes: &one.bytes,
            }];
            return self.push((tenant, seq), body, &one, keys);
        }
        let all: Vec<Subject<'_>> = subjects
            .iter()
            .map(|s| Subject {
                salt: s.salt,
                bytes: &s.bytes,
            })
            .collect();
        self.push((tenant, seq), body, &all, keys);
    }
}

/// Waits for the committer and gives it what is pending.
fn hand_over(
    pending: &mut Pending,
    batches: &Sender<Batch<Waiting>>,
    free: &FreeFrames,
    frames: &mut u64,
) {
    let batch = take(pending, free, frames);
    // The committer outlives the writer; were it gone, the seal says so to everybody.
    drop(batches.send(batch));
}

fn take(pending: &mut Pending, free: &FreeFrames, frames: &mut u64) -> Batch<Waiting> {
    *frames += u64::from(!pending.frame.is_empty());
    let frame = std::mem::replace(&mut pending.frame, free.take());
    Batch {
        frame,
        replies: std::mem::take(&mut pending.waiting),
    }
}

impl Writer {
    /// Declares chains of new tenants and records what decides from here on.
    ///
    /// # Errors
    /// [`StartError::Tenant`] when a name cannot stand in a ledger.
    pub fn declare(&mut self, activations: &[(TenantNo, Activation)]) -> Result<(), StartError> {
        for (number, tenant) in self.engine.tenants().iter().enumerate() {
            let number = u16::try_from(number).map_err(|_wide| StartError::Tenant)?;
            if self.chains.name(number).is_none() {
                let frame = &mut self.pending.frame;
                let declared = frame.declare(&mut self.chains, number, &tenant.name);
                declared.map_err(|_cause| StartError::Tenant)?;
            }
        }
        let now = self.clock.now();
        for (tenant, activation) in activations {
            let mut rows = Rows {
                pending: &mut self.pending,
                chains: &mut self.chains,
                batches: &self.batches,
                free: &self.free,
                frames: &mut self.frames,
                handed: &mut self.handed,
                broken: false,
            };
            self.engine.activate(*tenant, *activation, now, &mut rows);
            if rows.broken {
                self.status.row_refused();
            }
        }
        Ok(())
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
        let took = self.take_waiting();
        if self.released.count() >= self.handed && !self.pending.is_empty() {
            self.offer();
        }
        let copying = self.snapshot_step();
        if !took && !copying {
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
        took | self.facts_slice(now)
    }

    /// Applies a slice of the page in hand, or of the next one. A frame that has grown enough waits
    /// for the committer first.
    fn facts_slice(&mut self, now: UnixSeconds) -> bool {
        if self.pending.frame.bytes() >= slices::FRAME_BYTES_MAX {
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
        let mut rows = Rows {
            pending: &mut self.pending,
            chains: &mut self.chains,
            batches: &self.batches,
            free: &self.free,
            frames: &mut self.frames,
            handed: &mut self.handed,
            broken: false,
        };
        let result = self.engine.apply_items(tenant, items, now, &mut rows);
        if rows.broken {
            self.status.row_refused();
            self.answer(carried.done().0, Delivered::Refused(SystemError::Internal));
            return true;
        }
        let span = self.clock.instant().saturating_duration_since(begun);
        self.facts.pace.learn(count, span);
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
        let mut rows = Rows {
            pending: &mut self.pending,
            chains: &mut self.chains,
            batches: &self.batches,
            free: &self.free,
            frames: &mut self.frames,
            handed: &mut self.handed,
            broken: false,
        };
        let answer = match work {
            Work::Ask(ask) => Delivered::Answer(self.engine.ask(&ask, now, &mut rows)),
            Work::Slice(slice) => {
                let decide = |ask| self.engine.ask(ask, now, &mut rows);
                Delivered::Slice(slice.asks.iter().map(decide).collect())
            }
            Work::Settle(settle) => Delivered::Settled(self.engine.settle(&settle, now, &mut rows)),
            Work::Admin(tenant, admin) => {
                if admin == Admin::ClockAccept {
                    self.clock.accept();
                    let reading = self.clock.read();
                    self.trust.accept(Some(self.engine.last()), reading);
                }
                Delivered::Administered(self.engine.administer(tenant, &admin, now, &mut rows))
            }
        };
        if rows.broken {
            self.status.row_refused();
            return Delivered::Refused(SystemError::Internal);
        }
        answer
    }

    /// Hands the pending frame over; the committer waits for one.
    fn offer(&mut self) {
        hand_over(
            &mut self.pending,
            &self.batches,
            &self.free,
            &mut self.frames,
        );
        self.handed += 1;
    }

    /// Sleeps until the committer is free if it is not, else until something arrives.
    fn wait(&mut self) {
        let released = self.released.count();
        if released < self.handed {
            self.released.wait(released, IDLE);
            return;
        }
        let (live, bulk) = (self.lanes.live.clone(), self.lanes.bulk.clone());
        select! {
            recv(live) -> job => self.woken(job.ok().map(Woken::Live)),
            recv(bulk) -> job => self.woken(job.ok().map(Woken::Facts)),
            default(IDLE) => {}
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
        let rows = self.engine.work();
        if self.pending.is_empty() && self.snapshots.due(rows, self.clock.instant()) {
            if self.snapshots.failed() {
                self.engine.image_lost();
            }
            let meta = self.engine.begin_image();
            let at = self.frames;
            self.snapshots.begin(
                Image {
                    meta,
                    at,
                    pages: Vec::new(),
                },
                rows,
            );
        }
        if !self.snapshots.copying() {
            return false;
        }
        let more = self.engine.image_slice(SLICE_PAGES, self.snapshots.pages());
        if !more {
            self.snapshots.finish(self.clock.instant());
        }
        more
    }

    /// Commits what is left and writes the state as it stands.
    fn last_image(mut self) {
        if !self.pending.is_empty() {
            hand_over(
                &mut self.pending,
                &self.batches,
                &self.free,
                &mut self.frames,
            );
        }
        self.snapshots.settle();
        if self.snapshots.failed() {
            self.engine.image_lost();
        }
        let meta = self.engine.begin_image();
        let mut pages = Vec::new();
        while self.engine.image_slice(usize::MAX, &mut pages) {}
        self.snapshots.last(Image {
            meta,
            at: self.frames,
            pages,
        });
    }
}
