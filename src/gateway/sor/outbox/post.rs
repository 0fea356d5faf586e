//! The thread: reads rows, sends letters, writes down what was confirmed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::Outbox;
use crate::clock::Clock;
use crate::domain::ids::TenantNo;
use crate::gateway::directory::Directory;
use crate::gateway::lookup;
use crate::gateway::running::Running;
use crate::gateway::sor::ask::{Ask, Live, Unheard};
use crate::gateway::sor::{Binding, Bindings, SystemsOfRecord};
use crate::gateway::status::GatewayStatus;
use crate::ledger::data_dir::ledger_disk;
use crate::ledger::disk::Disk;
use crate::ledger::frame::{FrameView, RawRow};
use crate::ledger::row::FramePos;
use crate::ledger::walk::{Unreadable, Walk};
use crate::ledger::{Index, SubjectView};
use crate::sor::call::Heard;
use crate::sor::dialect::{Dialect, Verdict};
use crate::sor::outbox::row::{self, Says};
use crate::sor::outbox::{
    Dead, Figures, Job, Lane, LedgerPlace, Pace, Parcel, ParcelId, Told, letter_key,
};
use crate::sor::upstream::Lines;

/// How often the ledger is looked at for new rows.
const TICK: Duration = Duration::from_millis(50);
/// The same while nobody is bound.
const ALONE: Duration = Duration::from_millis(500);
/// What was confirmed is written down so often; after a crash it would be sent again.
const WRITE_EVERY: Duration = Duration::from_millis(500);
/// The mere place so often.
const PLACE_EVERY: Duration = Duration::from_secs(5);
/// How long letters under way are waited for at the end.
const LAST_WAIT: Duration = Duration::from_secs(1);
/// Answers that may wait to be looked at.
const ANSWERS_MAX: usize = 1_024;
/// Bytes of the ledger read at once.
const READ_AT_ONCE: usize = 256 * 1024;
/// Letters tried again by one wish.
const REVIVED_MAX: usize = 512;

/// A wish to try again what was given up.
#[derive(Debug)]
pub(super) struct Revive {
    pub(super) tenant: TenantNo,
    pub(super) name: Arc<str>,
    /// Of one row; `None`: all.
    pub(super) row: Option<u64>,
    pub(super) done: oneshot::Sender<usize>,
}

/// One tenant's lane and whom it goes to.
struct Bound {
    /// Tells its letters from those of a lane that was here before.
    no: u64,
    tenant: TenantNo,
    binding: Arc<Binding>,
    lane: Lane,
    dialect: Arc<dyn Dialect>,
    timeout: Duration,
    to: Arc<crate::sor::upstream::Upstream>,
    dead: u64,
}

/// What came of a letter.
type Result = (Arc<str>, u64, ParcelId, Told);

/// The thread's own things.
pub(super) struct Post {
    outbox: Arc<Outbox>,
    sor: Arc<SystemsOfRecord>,
    status: Arc<GatewayStatus>,
    directory: Arc<Directory>,
    index: Arc<Index>,
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    clock: Clock,
    base: Instant,
    pace: Pace,
    seen: Option<Arc<Bindings>>,
    lanes: BTreeMap<Arc<str>, Bound>,
    lanes_made: u64,
    walk: Option<Walk>,
    written: Instant,
    placed: Instant,
    unreadable: bool,
    unwritable: bool,
}

impl Post {
    pub(super) fn new(
        outbox: Arc<Outbox>,
        sor: Arc<SystemsOfRecord>,
        running: &Running,
        (pace, clock): (Pace, Clock),
    ) -> Self {
        let base = clock.instant();
        Self {
            outbox,
            sor,
            status: Arc::clone(&running.status),
            directory: Arc::clone(&running.directory),
            index: Arc::clone(&running.index),
            dir: running.data_dir.clone(),
            disk: ledger_disk(&running.data_dir),
            clock,
            base,
            pace,
            seen: None,
            lanes: BTreeMap::new(),
            lanes_made: 0,
            walk: None,
            written: base,
            placed: base,
            unreadable: false,
            unwritable: false,
        }
    }

    pub(super) async fn run(mut self, mut wishes: mpsc::Receiver<Revive>) {
        let (heard, mut answers) = mpsc::channel::<Result>(ANSWERS_MAX);
        let connections = Lines::default();
        while !self.outbox.stopping() {
            self.bind();
            let more = self.read();
            self.send(&connections, &heard);
            self.write(false);
            self.publish();
            let tick = match (more, self.lanes.is_empty()) {
                (true, _) => Duration::ZERO,
                (false, true) => ALONE,
                (false, false) => TICK,
            };
            tokio::select! {
                Some(answer) = answers.recv() => {
                    self.heard(answer);
                    while let Ok(answer) = answers.try_recv() {
                        self.heard(answer);
                    }
                }
                Some(wish) = wishes.recv() => self.revive(wish),
                () = tokio::time::sleep(tick) => {}
            }
        }
        let of_lane = |bound: &Bound| bound.lane.figures().under_way;
        let under_way = |post: &Self| post.lanes.values().map(of_lane).sum::<u32>();
        let until = tokio::time::Instant::now() + LAST_WAIT;
        while under_way(&self) > 0 {
            match tokio::time::timeout_at(until, answers.recv()).await {
                Ok(Some(answer)) => self.heard(answer),
                _ => break,
            }
        }
        self.write(true);
    }

    fn now_ms(&self) -> u64 {
        let span = self.clock.instant().saturating_duration_since(self.base);
        u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
    }

    /// Gives every bound tenant its lane. A tenant that has none in the book begins behind what is
    /// durable now.
    pub(super) fn bind(&mut self) {
        let bindings = self.sor.bindings();
        let same = self
            .seen
            .as_ref()
            .is_some_and(|seen| Arc::ptr_eq(seen, &bindings));
        let complete = self.lanes.len() == bindings.all().len();
        if same && complete {
            return;
        }
        // A reload that changes nothing leaves lanes, and letters under way, alone.
        let stays = |name: &Arc<str>, bound: &Bound| {
            let now = bindings.of_tenant(name);
            now.is_some_and(|now| Arc::ptr_eq(now, &bound.binding))
        };
        if !self.lanes.iter().all(|(name, bound)| stays(name, bound)) {
            // What a lane knows is in the book before another takes its place.
            self.write(true);
            self.lanes.retain(|name, bound| stays(name, bound));
        }
        for binding in bindings.all() {
            let name = binding.tenant();
            if self.lanes.contains_key(name) {
                continue;
            }
            let Some(dialect) = self.sor.dialect(binding.system()).map(Arc::clone) else {
                continue;
            };
            let Some(tenant) = self.directory.find(name) else {
                continue;
            };
            let Some((mut lane, dead)) = self.lane(name) else {
                continue;
            };
            lane.buried(dead);
            self.lanes_made += 1;
            let bound = Bound {
                no: self.lanes_made,
                tenant,
                binding: Arc::clone(binding),
                lane,
                dialect,
                timeout: binding.upstream().options().timeout,
                to: Arc::clone(binding.upstream()),
                dead,
            };
            self.lanes.insert(Arc::clone(name), bound);
        }
        self.seen = Some(bindings);
    }

    fn lane(&mut self, tenant: &str) -> Option<(Lane, u64)> {
        let book = &self.outbox.book;
        let kept = book.kept(tenant).ok()?;
        let (_, dead) = book.dead(tenant, 0, 0).ok()?;
        if let Some(place) = kept.place {
            return Some((Lane::new(self.pace, place, kept.beyond), dead));
        }
        let place = self.head().ok()?;
        let first = crate::sor::outbox::Changes {
            place: Some(place),
            ..Default::default()
        };
        book.write(&[(tenant, &first)]).ok()?;
        Some((Lane::new(self.pace, place, kept.beyond), dead))
    }

    /// The place behind what is durable.
    fn head(&self) -> std::result::Result<LedgerPlace, Unreadable> {
        let durable = self.durable();
        let newest = self.index.newest().map_err(|_failed| Unreadable)?;
        let mut walk = match newest {
            Some(place) => Walk::from(Arc::clone(&self.disk), place),
            None => Walk::from_start(Arc::clone(&self.disk))?,
        };
        while walk.read(durable, |_, _| true)? {}
        Ok(place_of(walk.place()))
    }

    fn durable(&self) -> u64 {
        self.status.commit.durable_frame.load(Ordering::Acquire)
    }

    /// Reads on for the lanes that are furthest behind and have room; whether there is more.
    fn read(&mut self) -> bool {
        let (durable, now_ms) = (self.durable(), self.now_ms());
        let wanting = |bound: &Bound| bound.lane.wants().filter(|at| at.frame <= durable);
        let first = self.lanes.values().filter_map(wanting);
        let Some(first) = first.min_by_key(|at| at.frame) else {
            return false;
        };
        let kept = self.walk.take();
        let mut walk = kept
            .filter(|walk| walk.next_frame() == first.frame)
            .unwrap_or_else(|| {
                Walk::from(Arc::clone(&self.disk), frame_pos(first)).reading(READ_AT_ONCE)
            });
        let lanes = &mut self.lanes;
        let read = walk.read(durable, |pos, frame| {
            let next = LedgerPlace {
                frame: pos.frame + 1,
                segment: pos.segment,
                offset: pos.offset + pos.bytes,
            };
            for bound in lanes.values_mut() {
                if bound.lane.wants().is_some_and(|at| at.frame == pos.frame) {
                    take_in(bound, frame, next, now_ms);
                }
            }
            // Full, or somebody else is elsewhere: whoever is furthest behind is looked for again.
            lanes.values().any(|bound| bound.lane.wants() == Some(next))
        });
        if read.is_err() != self.unreadable {
            self.unreadable = read.is_err();
            if self.unreadable {
                tracing::error!("the outbox cannot read the ledger: systems are told later");
            }
        }
        if read.is_ok() {
            self.walk = Some(walk);
        }
        read.is_ok() && self.lanes.values().any(|bound| wanting(bound).is_some())
    }

    fn send(&mut self, connections: &Lines, heard: &mpsc::Sender<Result>) {
        let now_ms = self.now_ms();
        for (name, bound) in &mut self.lanes {
            while let Some(job) = bound.lane.due(now_ms) {
                let to = Live {
                    upstream: Arc::clone(&bound.to),
                    lines: connections.clone(),
                };
                let (name, no, heard) = (Arc::clone(name), bound.no, heard.clone());
                let (dialect, timeout) = (Arc::clone(&bound.dialect), bound.timeout);
                drop(tokio::task::spawn_local(async move {
                    let id = job.id;
                    let told = told(&to, &*dialect, &name, &job, timeout).await;
                    // The thread that listens outlives every letter.
                    drop(heard.send((name, no, id, told)).await);
                }));
            }
        }
    }

    fn heard(&mut self, (name, no, id, told): Result) {
        let now = (self.now_ms(), self.clock.now().0);
        if let Some(bound) = self.lanes.get_mut(&name).filter(|bound| bound.no == no) {
            bound.lane.heard(id, told, now, chance());
        }
    }

    /// Writes down what has changed, when it is time or `at_once`.
    fn write(&mut self, at_once: bool) {
        let now = self.clock.instant();
        let over = |since: Instant, span| now.saturating_duration_since(since) >= span;
        let urgent = self
            .lanes
            .values()
            .any(|bound| bound.lane.unwritten().is_urgent());
        let places = over(self.placed, PLACE_EVERY);
        let due = places || (urgent && over(self.written, WRITE_EVERY));
        if !at_once && !due {
            return;
        }
        (self.written, self.placed) = (now, now);
        let lanes = self.lanes.iter_mut();
        let taken: Vec<_> = lanes
            .map(|(name, bound)| (Arc::clone(name), bound.lane.changes()))
            .filter(|(_, changes)| !changes.is_empty())
            .collect();
        if taken.is_empty() {
            return;
        }
        let all: Vec<_> = taken
            .iter()
            .map(|(name, changes)| (&**name, changes))
            .collect();
        let written = self.outbox.book.write(&all);
        if written.is_err() != self.unwritable {
            self.unwritable = written.is_err();
            if let Err(error) = &written {
                tracing::error!(%error, "what systems were told is not written down");
            }
        }
        for (name, changes) in taken {
            let Some(bound) = self.lanes.get_mut(&name) else {
                continue;
            };
            let counts = !changes.dead.is_empty() || !changes.alive.is_empty();
            if written.is_err() {
                bound.lane.not_written(changes);
            } else if counts && let Ok((_, dead)) = self.outbox.book.dead(&name, 0, 0) {
                bound.dead = dead;
                bound.lane.buried(dead);
            }
        }
    }

    fn publish(&self) {
        let lanes = self.lanes.iter();
        let figures: BTreeMap<Arc<str>, (Figures, u64)> = lanes
            .map(|(name, bound)| (Arc::clone(name), (bound.lane.figures(), bound.dead)))
            .collect();
        self.outbox.publish(figures);
    }

    fn revive(&mut self, wish: Revive) {
        // What has been given up a moment ago is in the book first.
        self.write(true);
        let (from, at_most) = (wish.row.unwrap_or(0), REVIVED_MAX);
        let dead = self.outbox.book.dead(&wish.name, from, at_most);
        let dead = dead.map(|(dead, _)| dead).unwrap_or_default();
        let now_ms = self.now_ms();
        let mut revived = 0;
        let of_row = |one: &&Dead| wish.row.is_none_or(|row| row == one.id.0);
        if let Some(bound) = self.lanes.get_mut(&wish.name) {
            for one in dead.iter().filter(of_row) {
                let dialect = &bound.dialect;
                let read = |row: &RawRow<'_>| parcels(&**dialect, row).0;
                let found = lookup::row(&self.index, &self.dir, wish.tenant, one.id.0, read);
                let found = found.ok().flatten().unwrap_or_default();
                if let Some(parcel) = found.into_iter().find(|parcel| parcel.id == one.id) {
                    bound.lane.revive(parcel, one.confirmed, now_ms);
                    revived += 1;
                }
            }
        }
        // Who wished may have gone away.
        let _gone = wish.done.send(revived);
    }
}

fn place_of(pos: FramePos) -> LedgerPlace {
    LedgerPlace {
        frame: pos.frame,
        segment: pos.segment,
        offset: pos.offset,
    }
}

fn frame_pos(place: LedgerPlace) -> FramePos {
    FramePos {
        frame: place.frame,
        segment: place.segment,
        offset: place.offset,
        bytes: 0,
    }
}

fn take_in(bound: &mut Bound, frame: &FrameView<'_>, next: LedgerPlace, now_ms: u64) {
    let mut all = Vec::new();
    for row in frame.rows().filter(|row| row.tenant == bound.tenant.0) {
        let (parcels, erased) = parcels(&*bound.dialect, &row);
        all.extend(parcels);
        if erased {
            bound.lane.erased();
        }
    }
    bound.lane.absorb(next, all, now_ms);
}

/// What a row tells, as letters; and whether its words are erased.
fn parcels(dialect: &dyn Dialect, row: &RawRow<'_>) -> (Vec<Parcel>, bool) {
    let subjects = row.subjects.clone().map(|subject| match subject {
        SubjectView::Present(subject) => Some(subject.bytes),
        SubjectView::Erased => None,
    });
    let news = match row::read(row.body, subjects) {
        Says::Nothing => return (Vec::new(), false),
        Says::Erased => return (Vec::new(), true),
        Says::News(news) => news,
    };
    let (mut parcels, mut first) = (Vec::new(), 0);
    for news in news {
        let letters = dialect.letters(news.account.as_deref(), &news.what, news.at);
        let many = u32::try_from(letters.len()).unwrap_or(u32::MAX);
        if many == 0 {
            continue;
        }
        parcels.push(Parcel {
            id: (row.head.seq, first),
            order: news.order,
            at: news.at.0,
            letters,
        });
        first = first.saturating_add(many);
    }
    (parcels, false)
}

/// Sends a letter and tells what came of it.
pub(super) async fn told(
    to: &impl Ask,
    dialect: &dyn Dialect,
    tenant: &str,
    job: &Job,
    timeout: Duration,
) -> Told {
    let key = letter_key(tenant, job.id, job.letter);
    match to.ask(&job.request, Some(&key), timeout).await {
        Ok(heard) => answered(dialect, &heard),
        Err(Unheard::Unsent) => Told::Silent,
        Err(Unheard::Lost) => Told::Unsure,
        Err(Unheard::Unsendable) => Told::Unsendable,
    }
}

fn answered(dialect: &dyn Dialect, heard: &Heard) -> Told {
    match heard.status {
        // Later, it says.
        408 | 425 | 429 | 503 => Told::Silent,
        // About who asks, not about what: counted only while other letters are taken.
        401 | 403 | 407 => Told::Unsure,
        _ => match dialect.verdict(heard) {
            Verdict::Done => Told::Done,
            Verdict::Refused => Told::Refused,
            Verdict::Unsure => Told::Unsure,
        },
    }
}

/// Anything, so that what failed together does not come again together.
fn chance() -> u32 {
    let salt = crate::gateway::subject::salt().unwrap_or_default();
    u32::from_le_bytes([salt[0], salt[1], salt[2], salt[3]])
}
