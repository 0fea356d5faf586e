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
use crate::wire::limits::{
    FLOOR_CATCH_UP_READ_BYTES, FLOOR_CATCH_UP_READS_MAX, FLOOR_LIVE_READ_BYTES,
    FLOOR_LIVE_READS_MAX, FLOOR_STALLED_TICKS_MAX, FLOOR_TICK_MS,
};

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
    /// Ticks in which nothing could be read because somebody took nothing.
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
            self.behind = None;
            self.halls.clear();
        }
    }

    /// The frame up to which what is told now has been read, that one not included.
    pub(super) fn read_up_to(&self) -> u64 {
        self.live.as_ref().map_or(0, Walk::next_frame)
    }

    /// How many read for themselves, and how many wait for that.
    #[cfg(test)]
    pub(super) fn catching_up(&self) -> (Option<usize>, usize) {
        let behind = self.behind.as_ref().map(|behind| behind.listeners.len());
        (behind, self.waiting.len())
    }

    /// Lets in who arrived; when the ledger cannot be read, the places of all that are not in are
    /// free again.
    fn admit(&mut self) -> Result<(), Unreadable> {
        let mut arrived = self.floor.take_arrived().into_iter();
        while let Some(arrival) = arrived.next() {
            let tenant = arrival.tenant;
            if let Err(unreadable) = self.admit_one(arrival) {
                self.floor.count_out(tenant);
                arrived.for_each(|missed| self.floor.count_out(missed.tenant));
                return Err(unreadable);
            }
        }
        Ok(())
    }

    fn admit_one(&mut self, arrival: Arrival) -> Result<(), Unreadable> {
        let (tenant, next, after) = (arrival.tenant, arrival.next, arrival.after);
        let mut listener = Listener::new(arrival);
        if let Some(word) = self.told {
            let now = self.sources.clock.wall();
            listener.hear_health(&floor::health(word, now));
        }
        if self.live.is_none() {
            let newest = self.sources.place_of_frame(u64::MAX)?;
            let live = Walk::from(Arc::clone(&self.sources.disk), newest);
            self.live = Some(live.reading(FLOOR_LIVE_READ_BYTES));
        }
        let place = match after {
            // What it wants first has not been read yet.
            Some(frame) if frame + 1 >= self.read_up_to() => None,
            Some(frame) => Some(self.sources.place_of_frame(frame + 1)?),
            None => Some(self.sources.place_of_row(tenant, next)?),
        };
        if let Some(place) = place.filter(|place| place.frame < self.read_up_to()) {
            self.waiting.push((place, tenant, listener));
        } else {
            let hall = self.halls.entry(tenant.0).or_default();
            hall.listeners.push(listener);
        }
        Ok(())
    }

    /// FLOOR-2: reads up to the last durable frame, so much a tick.
    fn read(&mut self) -> Result<(), Unreadable> {
        let durable = self
            .sources
            .status
            .commit
            .durable_frame
            .load(Ordering::Acquire);
        let halls = &mut self.halls;
        if let Some(live) = &mut self.live {
            for _ in 0..FLOOR_LIVE_READS_MAX {
                if !live.read(durable, |_, frame| tell(halls, frame))? {
                    break;
                }
            }
        }
        self.catch_up()
    }

    /// Reads on for those behind, all of them together, as long as they take what is ready.
    fn catch_up(&mut self) -> Result<(), Unreadable> {
        let left = |behind: &Behind| behind.listeners.is_empty();
        if self.behind.as_ref().is_none_or(left) {
            // Nobody listens to it any more: whoever waits is next.
            self.behind = None;
            self.gather();
        }
        let up_to = self.read_up_to().saturating_sub(1);
        let Some(behind) = &mut self.behind else {
            return Ok(());
        };
        let listeners = &mut behind.listeners;
        behind.stalled_ticks += 1;
        for _ in 0..FLOOR_CATCH_UP_READS_MAX {
            let enough = listeners.iter().any(|(_, listener)| listener.is_behind());
            if enough || listeners.is_empty() {
                break;
            }
            behind.stalled_ticks = 0;
            let tell = |_, frame: &FrameView<'_>| tell_behind(listeners, frame);
            let more = behind.walk.read(up_to, tell)?;
            keep(&self.floor, listeners, Listener::offer);
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
            walk: Walk::from(Arc::clone(&self.sources.disk), first)
                .reading(FLOOR_CATCH_UP_READ_BYTES),
            listeners: listeners.collect(),
            stalled_ticks: 0,
        });
    }

    /// Those who have caught up hear what is read now; those who stall are sent away.
    fn join(&mut self) {
        let goal = self.read_up_to();
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
        if behind.stalled_ticks > FLOOR_STALLED_TICKS_MAX {
            behind.stalled_ticks = 0;
            let takes = |listener: &mut Listener| !listener.is_behind();
            keep(&self.floor, &mut behind.listeners, takes);
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
        let behind = self.behind.iter_mut().flat_map(|b| &mut b.listeners);
        let waiting = self.waiting.iter_mut().map(|(_, _, listener)| listener);
        in_halls
            .chain(behind.map(|(_, listener)| listener))
            .chain(waiting)
            .for_each(|listener| listener.hear_health(&text));
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
            keep(floor, &mut behind.listeners, Listener::flush);
        }
        // Those who wait hear heartbeats and health too, and may go.
        self.waiting.retain_mut(|(_, tenant, listener)| {
            let stays = listener.flush();
            if !stays {
                floor.count_out(*tenant);
            }
            stays
        });
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

impl Sources {
    /// The newest place the index knows at or before a frame; the ledger's beginning when it knows
    /// none.
    fn place_of_frame(&self, frame: u64) -> Result<FramePos, Unreadable> {
        let known = self.index.frame(frame).map_err(|_failed| Unreadable)?;
        known.map_or_else(|| self.beginning(), Ok)
    }

    /// A frame at or before the row's. Rows the index does not know lie behind all that it knows.
    fn place_of_row(&self, tenant: TenantNo, seq: u64) -> Result<FramePos, Unreadable> {
        let newest = self.index.newest().map_err(|_failed| Unreadable)?;
        let found = self.index.locate(tenant.0, seq);
        let known = found.map_err(|_failed| Unreadable)?.or(newest);
        known.map_or_else(|| self.beginning(), Ok)
    }

    fn beginning(&self) -> Result<FramePos, Unreadable> {
        Ok(Walk::from_start(Arc::clone(&self.disk))?.place())
    }
}

/// Keeps the listeners that stay; the places of the others are free again.
fn keep(
    floor: &Floor,
    listeners: &mut Vec<(TenantNo, Listener)>,
    stays: impl Fn(&mut Listener) -> bool,
) {
    listeners.retain_mut(|(tenant, listener)| {
        let stays = stays(listener);
        if !stays {
            floor.count_out(*tenant);
        }
        stays
    });
}

/// Tells a frame to whoever hears what is read now; always all of it.
fn tell(halls: &mut BTreeMap<u16, Hall>, frame: &FrameView<'_>) -> bool {
    for row in frame.rows() {
        if let Some(hall) = halls.get_mut(&row.tenant) {
            hall.row(row.head.seq, row.body, first_subject(row.subjects));
        }
    }
    true
}

/// Tells a frame to those who read for themselves; a row is read only for who has not heard it.
/// False when somebody has enough before its end (FLOOR-3): then it is to be told again, and
/// nobody hears what they have heard.
fn tell_behind(listeners: &mut [(TenantNo, Listener)], frame: &FrameView<'_>) -> bool {
    let mut enough = false;
    for row in frame.rows() {
        let (of, seq) = (row.tenant, row.head.seq);
        let wanting = |(tenant, l): &&mut (TenantNo, Listener)| tenant.0 == of && l.next() <= seq;
        let mut wanting = listeners.iter_mut().filter(wanting).peekable();
        if wanting.peek().is_none() {
            continue;
        }
        if enough {
            return false;
        }
        if let Some(event) = floor::Event::read(seq, row.body, first_subject(row.subjects)) {
            for (_, listener) in wanting {
                listener.hear(&event);
                enough |= listener.is_behind();
            }
        }
    }
    true
}

fn first_subject<'a>(mut subjects: impl Iterator<Item = SubjectView<'a>>) -> Option<&'a [u8]> {
    match subjects.next()? {
        SubjectView::Present(subject) => Some(subject.bytes),
        SubjectView::Erased => None,
    }
}
