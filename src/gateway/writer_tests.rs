//! The engine's thread over frames in memory: all commands wait before it begins, and it ends with
//! the last of them, so that nothing here depends on who is quicker.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam::channel::{Receiver, bounded};

use super::ahead::{Ahead, ahead};
use super::clock_mark::ClockMark;
use super::inbox::inbox;
use super::laws::Laws;
use super::pending::{Pending, Waiting};
use super::signal::Signal;
use super::snapshots::{self, Cadence, SnapshotStatus};
use super::status::GatewayStatus;
use super::work::{Delivered, Job, ReplyTo, Work, samples};
use super::writer::{FactsLane, Writer};
use crate::clock::{Clock, ClockTrust};
use crate::domain::policy::TenantPolicy;
use crate::domain::time::{UnixSeconds, Zones};
use crate::engine::commands::{Answer, Decision};
use crate::engine::{Engine, Options};
use crate::ledger::committer::Wiring;
use crate::ledger::disk::SimDisk;
use crate::ledger::frame::FrameView;
use crate::ledger::handover::Committer;
use crate::ledger::row::{FrameHead, FramePos};
use crate::ledger::store::{LogStore, MemoryStore, StoreError};
use crate::ledger::*;

const NOW: UnixSeconds = UnixSeconds(1_800_000_000);
/// A frame of a few decisions.
const SMALL: u32 = 2_048;

/// What the writer committed, kept for looking at it afterwards.
#[derive(Clone, Default)]
struct Kept {
    store: Arc<Mutex<MemoryStore>>,
    /// Answers of a job that had been told when each frame was written.
    told_at_write: Arc<Mutex<Vec<usize>>>,
    /// Where that job hears.
    heard: Option<Receiver<Delivered>>,
}

impl LogStore for Kept {
    fn write(&mut self, frame: &FrameBuilder) -> Result<FramePos, StoreError> {
        let told = self.heard.as_ref().map_or(0, Receiver::len);
        self.told_at_write.lock().unwrap().push(told);
        self.store.lock().unwrap().write(frame)
    }
    fn sync(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
    fn last(&self) -> FrameHead {
        self.store.lock().unwrap().last()
    }
    fn read_from(&self, from: u64, frame: &mut dyn FnMut(&FrameView<'_>)) -> Result<(), Damage> {
        self.store.lock().unwrap().read_from(from, frame)
    }
}

/// A batch as it was released: what was answered, and the frame that was durable then.
struct Released {
    answers: Vec<Delivered>,
    frame: u64,
}

/// Runs a writer over these jobs; the batches in their order, and each row with its frame.
fn run(frame_bytes: u32, clock: Clock, jobs: Vec<Job>) -> (Vec<Released>, Vec<(u64, u64)>) {
    run_over(&Kept::default(), None, frame_bytes, clock, jobs)
}

fn run_over(
    kept: &Kept,
    ahead: Option<Ahead>,
    frame_bytes: u32,
    clock: Clock,
    jobs: Vec<Job>,
) -> (Vec<Released>, Vec<(u64, u64)>) {
    let pack = Arc::new(crate::rulepack::embedded().unwrap());
    let mut engine = Engine::new(Options::default(), Arc::clone(&pack), Zones::bundled());
    engine.declare("agency", TenantPolicy::defaults("agency"));
    let (inbox, lanes) = inbox(4_096, 4_096, 1, clock.instant());
    for job in jobs {
        inbox.live(job).unwrap();
    }
    let commit = Arc::new(CommitStatus::default());
    let free = FreeFrames::new(frame_bytes);
    let wiring = Wiring {
        store: Some(Box::new(kept.clone())),
        status: Arc::clone(&commit),
        follower: None,
        free: free.clone(),
        now_us: Arc::new(|| 0),
    };
    let (batches, signal) = (
        Arc::<Mutex<Vec<Released>>>::default(),
        Arc::new(Signal::default()),
    );
    let (heard, raised) = (Arc::clone(&batches), Arc::clone(&signal));
    let release = move |waiting: Waiting, result: Result<Committed, SealReason>| {
        let answers = waiting.answers.into_iter().map(|(_, answer)| answer);
        heard.lock().unwrap().push(Released {
            answers: answers.collect(),
            frame: result.unwrap().frame,
        });
        raised.raise();
    };
    let (committer, handover) = Committer::spawn(wiring, release).unwrap();
    let store = Arc::new(SnapshotStore::open(Arc::new(SimDisk::default())).unwrap());
    let cadence = Cadence {
        suffix_rows_max: u64::MAX,
        interval: Duration::MAX,
    };
    let status = Arc::<SnapshotStatus>::default();
    let (of_state, stopped) = (Arc::clone(&commit), Arc::clone(&status));
    let (snapshots, thread) =
        snapshots::start(cadence, 0, clock.instant(), store, of_state, stopped).unwrap();
    let mut writer = Writer {
        pending: Pending::new(free.take()),
        engine,
        chains: Chains::default(),
        lanes,
        trust: ClockTrust::at_start(None, clock.read()),
        clock_mark: ClockMark::of(Path::new("/nonexistent")),
        clock,
        handover,
        released: signal,
        ahead,
        taken: Vec::new(),
        free,
        snapshots,
        directory: Arc::default(),
        laws: Arc::new(Laws::new(pack)),
        status: Arc::new(GatewayStatus::new(commit, status, Vec::new())),
        stop: Arc::new(AtomicBool::new(true)),
        frames: 0,
        facts: FactsLane::default(),
    };
    writer.declare_chains();
    writer.run();
    thread.stop();
    committer.stop();
    let mut rows = Vec::new();
    let whole = kept.read_from(0, &mut |frame| {
        rows.extend(frame.rows().map(|row| (frame.head.frame, row.head.seq)));
    });
    whole.unwrap();
    (std::mem::take(&mut batches.lock().unwrap()), rows)
}

/// One intent.
fn single() -> Job {
    let Work::Slice(slice) = samples::slice(0, 1).work else {
        unreachable!("a slice");
    };
    let ask = slice.asks.into_iter().next().unwrap();
    Job {
        work: Work::Ask(Box::new(ask)),
        deadline: None,
        reply: ReplyTo::Nobody,
    }
}

fn decisions(answer: &Delivered) -> Vec<&Decision> {
    let all = match answer {
        Delivered::Answer(answer) => std::slice::from_ref(answer),
        Delivered::Slice(answers, _) => answers.as_slice(),
        _ => &[],
    };
    all.iter()
        .map(|answer| match answer {
            Answer::Decided(decision) => decision,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// WRITER-1 and WRITER-3: of commands whose rows fill many frames no answer is released before its
/// rows are durable, and no row is lost or out of its place.
#[test]
fn no_answer_is_in_a_batch_before_its_row_however_small_the_frames() {
    let mut jobs: Vec<Job> = (0..40).map(|_| single()).collect();
    jobs.extend((0..4).map(|_| samples::slice(0, 32)));
    jobs.extend((0..9).map(|_| single()));
    let (batches, rows) = run(SMALL, Clock::manual(NOW), jobs);
    let frames = rows.last().unwrap().0;
    assert!(frames > 20, "{frames} frames");
    assert!(rows.iter().map(|(_, seq)| *seq).eq(1..=177), "{rows:?}");
    let (mut answered, mut later) = (0, 0);
    for batch in &batches {
        for decision in batch.answers.iter().flat_map(decisions) {
            let (frame, _) = rows
                .iter()
                .find(|(_, seq)| *seq == decision.audit_id)
                .unwrap();
            assert!(
                *frame <= batch.frame,
                "{decision:?} in {frame} of {}",
                batch.frame
            );
            answered += 1;
            later += u32::from(*frame < batch.frame);
        }
    }
    assert_eq!(answered, 177);
    assert!(later > 0, "a slice is answered with its last row");
}

/// WRITER-2: a clock that goes on at every look is looked at once for all that waited.
#[test]
fn all_commands_of_a_go_share_one_instant() {
    let clock = Clock::manual(NOW);
    clock.go_on_at_each_look(1);
    let mut jobs: Vec<Job> = (0..20).map(|_| single()).collect();
    jobs.push(samples::slice(0, 8));
    let (batches, rows) = run(0, clock, jobs);
    assert_eq!(rows.len(), 28);
    let answers = batches.iter().flat_map(|batch| &batch.answers);
    let decided = answers.flat_map(decisions).map(|one| one.decided_at);
    let decided: Vec<UnixSeconds> = decided.collect();
    assert_eq!(decided, vec![decided[0]; 28]);
    assert!(decided[0] > NOW);
}

/// WRITER-1: with relaxed durability, and only with it, a decision is told before its frame is written.
#[test]
fn a_decision_waits_for_its_frame_unless_durability_is_relaxed() {
    for (ahead, told) in [(None, 0), (Some(ahead().0), 1)] {
        let (reply, heard) = bounded(1);
        let kept = Kept {
            heard: Some(heard.clone()),
            ..Kept::default()
        };
        let mut job = single();
        job.reply = ReplyTo::Channel(reply);
        let (batches, rows) = run_over(&kept, ahead, 0, Clock::manual(NOW), vec![job]);
        assert_eq!(rows.len(), 1, "its row is there either way");
        assert_eq!(*kept.told_at_write.lock().unwrap(), [told]);
        let mut answers: Vec<Delivered> = heard.try_iter().collect();
        answers.extend(batches.into_iter().flat_map(|batch| batch.answers));
        assert_eq!(answers.iter().flat_map(decisions).count(), 1, "told once");
    }
}
