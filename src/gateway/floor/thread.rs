//! The thread that reads and tells.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use super::hall::{Hall, Listener};
use super::{Arrival, Floor};
use crate::clock::Clock;
use crate::domain::ids::TenantNo;
use crate::gateway::status::GatewayStatus;
use crate::ledger::disk::Disk;
use crate::ledger::frame::FrameView;
use crate::ledger::row::FramePos;
use crate::ledger::walk::{Unreadable, Walk};
use crate::ledger::{Index, SubjectView};
use crate::wire::floor;
use crate::wire::limits::{FLOOR_CATCH_UP_READS_MAX, FLOOR_STALLED_TICKS_MAX, FLOOR_TICK_MS};

/// How long the thread sleeps while nobody listens; it is woken when somebody comes.
const ALONE: Duration = Duration::from_hours(1);

/// What the thread reads.
pub struct Sources {
    /// The segments.
    pub disk: Arc<dyn Disk>,
    /// Where rows lie.
    pub index: Arc<Index>,
    /// How far the ledger is durable, and how the house stands.
    pub status: Arc<GatewayStatus>,
    /// For the instant of a health event.
    pub clock: Clock,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

/// The running thread.
#[derive(Debug)]
pub struct FloorThread {
    floor: Arc<Floor>,
    thread: JoinHandle<()>,
}

impl FloorThread {
    /// Starts it.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn spawn(floor: Arc<Floor>, sources: Sources) -> std::io::Result<Self> {
        let mut teller = Teller::new(Arc::clone(&floor), sources);
        let run = move || teller.run();
        let thread = std::thread::Builder::new()
            .name("floor".into())
            .spawn(run)?;
        Ok(Self { floor, thread })
    }

    /// Ends every stream and the thread.
    pub fn stop(self) {
        self.floor.stop.store(true, Ordering::Release);
        self.floor.signal.raise();
        // A panic in it has been reported, and nothing depends on it.
        drop(self.thread.join());
    }
}

/// Listeners that begin before what is read now: they read for themselves until they have caught up.
struct Behind {
    walk: Walk,
    listeners: Vec<(TenantNo, Listener)>,
    stalled_ticks: u32,
}

/// The thread's own things.
pub(super) struct Teller {
    pub(super) floor: Arc<Floor>,
    pub(super) sources: Sources,
    pub(super) halls: BTreeMap<u16, Hall>,
    live: Option<Walk>,
    behind: Option<Behind>,
    /// Who waits to catch up, and from where.
    waiting: Vec<(FramePos, TenantNo, Listener)>,
    told: Option<&'static str>,
}

impl Teller {
    pub(super) fn new(floor: Arc<Floor>, sources: Sources) -> Self {
        Self {
            floor,
            sources,
            halls: BTreeMap::new(),
            live: None,
            behind: None,
            waiting: Vec::new(),
            told: None,
        }
    }

    fn run(&mut self) {
        while !self.floor.stop.load(Ordering::Acquire) {
            let signal = self.floor.signal.count();
            self.tick();
            if self.floor.listeners() == 0 {
                self.floor.signal.wait(signal, ALONE);
            } else {
                std::thread::sleep(Duration::from_millis(FLOOR_TICK_MS));
            }
        }
    }

    /// Lets newcomers in, reads what is new, tells it.
    pub(super) fn tick(&mut self) {
        let read = self.admit().and_then(|()| self.read());
        if read.is_err() {
            tracing::error!("the floor cannot read the ledger: listeners are sent away");
            self.send_away();
        }
        self.tell_health();
        self.flush();
        if self.floor.listeners() == 0 {
            // Nobody is there: reading starts anew with the next one.
            self.live = None;
            self.halls.clear();
        }
    }

    fn admit(&mut self) -> Result<(), Unreadable> {
        self.floor
            .take_arrived()
            .into_iter()
            .try_for_each(|arrival| self.admit_one(arrival))
    }

    fn admit_one(&mut self, arrival: Arrival) -> Result<(), Unreadable> {
        let (tenant, next, resumes) = (arrival.tenant, arrival.next, arrival.resumes);
        let mut listener = Listener::new(arrival);
        if let Some(word) = self.told {
            let now = self.sources.clock.wall();
            listener.hear_health(&floor::health(word, now));
        }
        if self.live.is_none() {
            self.live = Some(self.walk_before(tenant, next)?);
        }
        let read_up_to = self.live.as_ref().map_or(0, Walk::next_frame);
        let hall = self.halls.entry(tenant.0).or_default();
        // What it wants first has not been read yet, by the place of the row or of its frame.
        let ahead = hall.last < next && !resumes;
        if !ahead {
            let place = locate(&self.sources, tenant, next)?;
            if place.frame < read_up_to {
                self.waiting.push((place, tenant, listener));
                return Ok(());
            }
        }
        hall.listeners.push(listener);
        Ok(())
    }

    /// A walk that begins no later than row `next` of a tenant.
    fn walk_before(&self, tenant: TenantNo, next: u64) -> Result<Walk, Unreadable> {
        let place = locate(&self.sources, tenant, next)?;
        Ok(Walk::from(Arc::clone(&self.sources.disk), place))
    }

    /// FLOOR-2: reads up to the last durable frame.
    fn read(&mut self) -> Result<(), Unreadable> {
        let durable = self
            .sources
            .status
            .commit
            .durable_frame
            .load(Ordering::Acquire);
        let halls = &mut self.halls;
        if let Some(live) = &mut self.live {
            while live.read(durable, |_, frame| tell(halls, frame))? {}
        }
        self.catch_up()
    }

    /// Reads on for those behind, all of them together, as long as they take what is ready.
    fn catch_up(&mut self) -> Result<(), Unreadable> {
        if self.behind.is_none() && !self.waiting.is_empty() {
            self.gather();
        }
        let Some(behind) = &mut self.behind else {
            return Ok(());
        };
        let goal = self.live.as_ref().map_or(0, Walk::next_frame);
        let listeners = &mut behind.listeners;
        for _ in 0..FLOOR_CATCH_UP_READS_MAX {
            if listeners.iter().any(|(_, listener)| listener.is_behind()) {
                break;
            }
            let up_to = goal.saturating_sub(1);
            let more = behind
                .walk
                .read(up_to, |_, frame| tell_behind(listeners, frame))?;
            flush(&self.floor, listeners);
            if !more {
                break;
            }
        }
        self.join();
        Ok(())
    }

    /// Begins to read for everybody who waits, from the earliest place any of them needs.
    fn gather(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let Some(first) = waiting
            .iter()
            .map(|(pos, _, _)| *pos)
            .min_by_key(|pos| pos.frame)
        else {
            return;
        };
        let listeners = waiting.into_iter().map(|(_, tenant, l)| (tenant, l));
        self.behind = Some(Behind {
            walk: Walk::from(Arc::clone(&self.sources.disk), first),
            listeners: listeners.collect(),
            stalled_ticks: 0,
        });
    }

    /// Those who have caught up hear what is read now; those who stall are sent away.
    fn join(&mut self) {
        let goal = self.live.as_ref().map_or(0, Walk::next_frame);
        let Some(behind) = &mut self.behind else {
            return;
        };
        if behind.walk.next_frame() >= goal {
            if let Some(behind) = self.behind.take() {
                for (tenant, listener) in behind.listeners {
                    let hall = self.halls.entry(tenant.0).or_default();
                    hall.listeners.push(listener);
                }
            }
            return;
        }
        let stalled = behind.listeners.iter().any(|(_, l)| l.is_behind());
        behind.stalled_ticks = if stalled { behind.stalled_ticks + 1 } else { 0 };
        if behind.stalled_ticks > FLOOR_STALLED_TICKS_MAX {
            behind.stalled_ticks = 0;
            let floor = &self.floor;
            behind.listeners.retain(|(tenant, listener)| {
                if listener.is_behind() {
                    floor.count_out(*tenant);
                }
                !listener.is_behind()
            });
        }
    }

    /// How the house stands, whenever that has changed.
    fn tell_health(&mut self) {
        let status = &self.sources.status;
        let word = if status.sealed() {
            "sealed"
        } else if status.clock_word() == "trusted" {
            "ok"
        } else {
            "clock_untrusted"
        };
        if self.told == Some(word) {
            return;
        }
        self.told = Some(word);
        let text = floor::health(word, self.sources.clock.wall());
        let in_halls = self.halls.values_mut().flat_map(|hall| &mut hall.listeners);
        in_halls.for_each(|listener| listener.hear_health(&text));
    }

    fn flush(&mut self) {
        let floor = &self.floor;
        for (tenant, hall) in &mut self.halls {
            hall.listeners.retain_mut(|listener| {
                let stays = listener.flush();
                if !stays {
                    floor.count_out(TenantNo(*tenant));
                }
                stays
            });
        }
        if let Some(behind) = &mut self.behind {
            flush(floor, &mut behind.listeners);
        }
    }

    fn send_away(&mut self) {
        for (tenant, hall) in std::mem::take(&mut self.halls) {
            hall.listeners
                .iter()
                .for_each(|_| self.floor.count_out(TenantNo(tenant)));
        }
        let behind = self.behind.take().into_iter().flat_map(|b| b.listeners);
        let waiting = self.waiting.drain(..).map(|(_, tenant, l)| (tenant, l));
        for (tenant, _) in behind.chain(waiting) {
            self.floor.count_out(tenant);
        }
        self.live = None;
    }
}

fn flush(floor: &Floor, listeners: &mut Vec<(TenantNo, Listener)>) {
    listeners.retain_mut(|(tenant, listener)| {
        let stays = listener.flush();
        if !stays {
            floor.count_out(*tenant);
        }
        stays
    });
}

/// A frame at or before the row's. Rows the index does not know lie behind all that it knows.
fn locate(sources: &Sources, tenant: TenantNo, seq: u64) -> Result<FramePos, Unreadable> {
    let known_up_to = sources.index.newest().map_err(|_failed| Unreadable)?;
    let found = sources.index.locate(tenant.0, seq);
    match found.map_err(|_failed| Unreadable)?.or(known_up_to) {
        Some(place) => Ok(place),
        None => Ok(Walk::from_start(Arc::clone(&sources.disk))?.place()),
    }
}

fn tell(halls: &mut BTreeMap<u16, Hall>, frame: &FrameView<'_>) {
    for row in frame.rows() {
        let hall = halls.entry(row.tenant).or_default();
        hall.row(row.head.seq, row.body, first_subject(row.subjects));
    }
}

/// Tells a frame to those who read for themselves; a row is read only for who has not heard it.
fn tell_behind(listeners: &mut [(TenantNo, Listener)], frame: &FrameView<'_>) {
    for row in frame.rows() {
        let (of, seq) = (row.tenant, row.head.seq);
        let wanting = |(tenant, l): &&mut (TenantNo, Listener)| tenant.0 == of && l.next() <= seq;
        let mut wanting = listeners.iter_mut().filter(wanting).peekable();
        if wanting.peek().is_none() {
            continue;
        }
        if let Some(event) = floor::Event::read(seq, row.body, first_subject(row.subjects)) {
            wanting.for_each(|(_, listener)| listener.hear(&event));
        }
    }
}

fn first_subject<'a>(mut subjects: impl Iterator<Item = SubjectView<'a>>) -> Option<&'a [u8]> {
    match subjects.next()? {
        SubjectView::Present(subject) => Some(subject.bytes),
        SubjectView::Erased => None,
    }
}
