//! The running heart: engine thread, committer, snapshots, and how they start and stop.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Instant;

use super::ahead::{Freed, ahead};
use super::clock_mark::ClockMark;
use super::directory::Directory;
use super::door::SystemError;
use super::floor::{Floor, FloorThread, Sources};
use super::inbox::{Inbox, Lanes, inbox};
use super::laws::Laws;
use super::pending::{Pending, Waiting};
use super::recovery::{Recovery, StartError};
use super::running::Running;
use super::signal::Signal;
use super::snapshots::{self, Cadence, SnapshotStatus, SnapshotWriter};
use super::status::GatewayStatus;
use super::trail::Trail;
use super::work::{Delivered, Release};
use super::writer::{FactsLane, Writer};
use crate::clock::{Clock, ClockTrust};
use crate::domain::time::UnixSeconds;
use crate::engine::Engine;
use crate::ledger::data_dir::ledger_disk;
use crate::ledger::limits::TENANTS_MAX;
use crate::ledger::{Chains, Committed, Head, Ledger, SealReason};
use crate::telemetry::Metrics;

/// How the heart beats.
#[derive(Debug, Clone)]
pub struct CoreOptions {
    /// Live commands waiting at most.
    pub inbox_max: usize,
    /// Of one tenant.
    pub inbox_tenant_max: u32,
    /// Snapshots.
    pub cadence: Cadence,
    /// Engine time.
    pub clock: Clock,
    /// Doubts about the clock at start are settled at once.
    pub clock_accepted: bool,
    /// The packs, as answers are written with them.
    pub laws: Arc<Laws>,
    /// Where numbers are counted.
    pub metrics: Arc<Metrics>,
    /// Decisions are told before they are durable.
    pub relaxed: bool,
}

/// The threads.
#[derive(Debug)]
pub struct Core {
    thread: JoinHandle<()>,
    stop: Arc<AtomicBool>,
    ledger: Ledger,
    snapshots: SnapshotWriter,
    inbox: Inbox,
    status: Arc<GatewayStatus>,
    directory: Arc<Directory>,
    floor: Arc<Floor>,
    teller: FloorThread,
    data_dir: PathBuf,
}

impl Core {
    /// Starts the threads over what was recovered. Chains of new tenants are declared and what
    /// decides from here on is recorded before anything else.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(recovery: Recovery, options: CoreOptions) -> Result<Self, StartError> {
        let Recovery {
            mut engine,
            ledger,
            recovered,
            row_damage,
            enactment,
            snapshot_work,
            ..
        } = recovery;
        let (chains, frames) = (recovered.chains.clone(), recovered.last.frame);
        let head = newest(&engine);
        options.clock.raise_to(head.unwrap_or(UnixSeconds(0)));
        let (told, released) = <(Arc<OnceLock<_>>, Arc<Signal>)>::default();
        let (ahead, freed) = ahead();
        let release = releaser(&told, &options.metrics, &released, freed);
        let (ledger, handover) = ledger.start(recovered, monotonic(&options.clock), release)?;
        let (trust, clock_mark) = trust(&options, head, &mut engine, ledger.dir())?;
        let snapshot_status = Arc::new(SnapshotStatus::default());
        let (snapshots, snapshot_writer) = snapshots::start(
            options.cadence,
            snapshot_work,
            options.clock.instant(),
            Arc::clone(ledger.snapshots()),
            Arc::clone(ledger.status()),
            Arc::clone(&snapshot_status),
        )
        .map_err(|error| StartError::Recovery(error.to_string()))?;
        let (commit, heads) = (Arc::clone(ledger.status()), heads(&engine, &chains));
        let status = Arc::new(GatewayStatus::new(commit, snapshot_status, heads));
        if row_damage.is_some() {
            // Before anything is committed or written: the state is not what the head stands for.
            status.commit.seal.set(SealReason::RowUnapplied);
        }
        // The cell was made above and is set once.
        drop(told.set(Arc::clone(&status)));
        let (inbox, lanes) = lanes(&options);
        let (directory, stop) = (Arc::<Directory>::default(), Arc::<AtomicBool>::default());
        let mut writer = Writer {
            pending: Pending::new(ledger.free_frames().take()),
            engine,
            chains,
            lanes,
            clock: options.clock,
            trust,
            clock_mark,
            handover,
            released,
            ahead: options.relaxed.then_some(ahead),
            taken: Vec::new(),
            free: ledger.free_frames().clone(),
            snapshots,
            directory: Arc::clone(&directory),
            laws: options.laws,
            status: Arc::clone(&status),
            stop: Arc::clone(&stop),
            frames,
            facts: FactsLane::default(),
        };
        writer.enact_at_start(enactment)?;
        let (floor, teller) = open_floor(&ledger, &status, writer.clock.clone())?;
        Ok(Self {
            thread: run(writer)?,
            stop,
            data_dir: ledger.dir().to_owned(),
            ledger,
            snapshots: snapshot_writer,
            inbox,
            status,
            directory,
            floor,
            teller,
        })
    }

    /// What the gateway needs of it.
    pub fn running(&self) -> Running {
        Running {
            inbox: self.inbox.clone(),
            status: Arc::clone(&self.status),
            directory: Arc::clone(&self.directory),
            floor: Arc::clone(&self.floor),
            index: Arc::clone(self.ledger.index()),
            trail: self.ledger.finder().map(Trail::new),
            data_dir: self.data_dir.clone(),
        }
    }

    /// What may be known without asking the engine.
    pub fn status(&self) -> &Arc<GatewayStatus> {
        &self.status
    }

    /// Finishes what waits, commits, writes the last snapshot, brings the index to the head, lets
    /// the directory go. Blocks.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.teller.stop();
        // A panic there has been reported; what is durable is durable.
        drop(self.thread.join());
        self.snapshots.stop();
        self.ledger.stop();
    }
}

/// The newest row's instant.
fn newest(engine: &Engine) -> Option<UnixSeconds> {
    (engine.work() > 0).then(|| engine.last())
}

/// Every tenant with the head of its chain, in the order of their numbers.
fn heads(engine: &Engine, chains: &Chains) -> Vec<(Arc<str>, Head)> {
    let head = |n| chains.head(n).unwrap_or_default();
    let tenants = (0_u16..).zip(engine.tenants());
    let heads = tenants.map(|(n, tenant)| (Arc::clone(&tenant.name), head(n)));
    heads.collect()
}

/// Whether the clock may be believed, given the newest instant in the ledger, or the one before an
/// earlier doubt; the engine is told, and a doubt is written down (DOUBT-1).
fn trust(
    options: &CoreOptions,
    head: Option<UnixSeconds>,
    engine: &mut Engine,
    dir: &Path,
) -> Result<(ClockTrust, ClockMark), StartError> {
    let mark = ClockMark::of(dir);
    let before = mark.read().map_err(StartError::ClockMark)?.or(head);
    let mut trust = ClockTrust::at_start(before, options.clock.read());
    if options.clock_accepted {
        trust.accept(head, options.clock.read());
        mark.forget().map_err(StartError::ClockMark)?;
    }
    if let (true, Some(before)) = (trust.is_ahead(), before) {
        mark.keep(before).map_err(StartError::ClockMark)?;
    }
    let sure = trust.state(head, options.clock.read()).is_trusted();
    engine.trust_clock(sure);
    Ok((trust, mark))
}

/// The inbox, with room for every tenant there can ever be: one may be declared while it runs.
fn lanes(options: &CoreOptions) -> (Inbox, Lanes) {
    let (live_max, tenant_max) = (options.inbox_max, options.inbox_tenant_max);
    let now = options.clock.instant();
    inbox(live_max, tenant_max, usize::from(TENANTS_MAX), now)
}

/// Gives those who listen to events their thread.
fn open_floor(
    ledger: &Ledger,
    status: &Arc<GatewayStatus>,
    clock: Clock,
) -> Result<(Arc<Floor>, FloorThread), StartError> {
    let floor = Arc::<Floor>::default();
    let sources = Sources {
        disk: ledger_disk(ledger.dir()),
        index: Arc::clone(ledger.index()),
        status: Arc::clone(status),
        clock,
    };
    let teller = FloorThread::spawn(Arc::clone(&floor), sources)
        .map_err(|error| StartError::Recovery(error.to_string()))?;
    Ok((floor, teller))
}

/// Gives the engine its thread.
fn run(writer: Writer) -> Result<JoinHandle<()>, StartError> {
    std::thread::Builder::new()
        .name("engine".into())
        .spawn(move || writer.run())
        .map_err(|error| StartError::Recovery(error.to_string()))
}

/// Microseconds that only grow.
fn monotonic(clock: &Clock) -> Arc<dyn Fn() -> u64 + Send + Sync> {
    let (clock, base) = (clock.clone(), clock.instant());
    let last = AtomicU64::new(0);
    Arc::new(move || {
        let span: Instant = clock.instant();
        let micros = span.saturating_duration_since(base).as_micros();
        last.fetch_max(u64::try_from(micros).unwrap_or(u64::MAX), Ordering::Relaxed);
        last.load(Ordering::Relaxed)
    })
}

/// What the committer thread does with a batch that is durable, or is not.
fn releaser(
    told: &Arc<OnceLock<Arc<GatewayStatus>>>,
    metrics: &Arc<Metrics>,
    released: &Arc<Signal>,
    freed: Freed,
) -> impl FnMut(Waiting, Result<Committed, SealReason>) + Send + use<> {
    let (told, metrics, released) = (Arc::clone(told), Arc::clone(metrics), Arc::clone(released));
    let mut release = Release::default();
    move |waiting, result| {
        let Some(status) = told.get() else {
            released.raise();
            freed.tell();
            return;
        };
        let durable = result.is_ok();
        if durable {
            for (tenant, head) in &waiting.heads {
                status.head(usize::from(tenant.0), *head);
            }
            if !waiting.heads.is_empty() {
                metrics
                    .commit
                    .observe(status.commit.last_commit_us.load(Ordering::Relaxed));
                metrics
                    .batch_rows
                    .observe(status.commit.last_batch_rows.load(Ordering::Relaxed));
            }
        }
        for (to, answer) in waiting.answers {
            let refused = Delivered::Refused(SystemError::Sealed);
            release.put(to, if durable { answer } else { refused });
        }
        release.wake();
        released.raise();
        freed.tell();
    }
}
