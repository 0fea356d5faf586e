//! The committer: order, seal, a deaf follower.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam::channel::{Receiver, bounded};

use super::fixtures::*;
use crate::ledger::committer::{Followed, Wiring};
use crate::ledger::handover::{Committer, Handover};
use crate::ledger::row::FramePos;
use crate::ledger::store::{LogStore, MemoryStore, StoreError};
use crate::ledger::*;

/// A store whose calls are counted and fail on demand.
struct Counting {
    inner: MemoryStore,
    calls: Arc<AtomicU64>,
    fail_sync_at: u64,
}

impl LogStore for Counting {
    fn write(&mut self, frame: &FrameBuilder) -> Result<FramePos, StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.inner.write(frame)
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.inner.last().frame == self.fail_sync_at {
            return Err(StoreError::Sync(std::io::ErrorKind::Other.into()));
        }
        self.inner.sync()
    }

    fn last(&self) -> row::FrameHead {
        self.inner.last()
    }

    fn read_from(
        &self,
        from: u64,
        frame: &mut dyn FnMut(&frame::FrameView<'_>),
    ) -> Result<(), Damage> {
        self.inner.read_from(from, frame)
    }
}

type Released = (u64, Result<Committed, SealReason>);

fn committer(
    fail_sync_at: u64,
    follower: Option<crossbeam::channel::Sender<Followed>>,
) -> (
    Committer,
    Handover<u64>,
    Receiver<Released>,
    Arc<CommitStatus>,
    Arc<AtomicU64>,
) {
    let calls = Arc::new(AtomicU64::new(0));
    let status = Arc::new(CommitStatus::default());
    let ticks = AtomicU64::new(0);
    let store = Counting {
        inner: MemoryStore::default(),
        calls: Arc::clone(&calls),
        fail_sync_at,
    };
    let wiring = Wiring {
        store: Some(Box::new(store)),
        status: Arc::clone(&status),
        follower,
        free: FreeFrames::new(0),
        now_us: Arc::new(move || ticks.fetch_add(70, Ordering::Relaxed)),
    };
    let (tell, released) = bounded(64);
    let (committer, handover) =
        Committer::spawn(wiring, move |n, result| tell.send((n, result)).unwrap()).unwrap();
    (committer, handover, released, status, calls)
}

#[test]
fn ledger_1_batches_are_released_in_order_after_their_sync() {
    let (committer, mut handover, released, status, _) = committer(0, None);
    let mut chains = Chains::default();
    for n in 1..=3 {
        let frame = frame_of(&mut chains, n);
        handover.send(Batch { frame, replies: n });
        assert_eq!(released.recv().unwrap(), (n, Ok(Committed { frame: n })));
        assert_eq!(status.durable_frame.load(Ordering::Acquire), n);
    }
    // A batch without rows waits its turn and writes nothing.
    let empty = Batch {
        frame: FrameBuilder::default(),
        replies: 4,
    };
    handover.send(empty);
    assert_eq!(released.recv().unwrap(), (4, Ok(Committed { frame: 3 })));
    drop(handover);
    committer.stop();
    assert_eq!(status.durable_rows.load(Ordering::Relaxed), 6);
    assert_eq!(status.commits.load(Ordering::Relaxed), 3);
    assert_eq!(status.last_batch_rows.load(Ordering::Relaxed), 3);
    assert_eq!(status.last_commit_us.load(Ordering::Relaxed), 70);
}

#[test]
fn ledger_5_after_a_failed_sync_nothing_is_written_or_synced_again() {
    let (committer, mut handover, released, status, calls) = committer(2, None);
    let mut chains = Chains::default();
    for n in 1..=4 {
        let frame = frame_of(&mut chains, 1);
        handover.send(Batch { frame, replies: n });
        let expected = if n == 1 {
            Ok(Committed { frame: 1 })
        } else {
            Err(SealReason::SyncFailed)
        };
        assert_eq!(released.recv().unwrap(), (n, expected));
    }
    let empty = Batch {
        frame: FrameBuilder::default(),
        replies: 5,
    };
    handover.send(empty);
    assert_eq!(released.recv().unwrap(), (5, Err(SealReason::SyncFailed)));
    drop(handover);
    committer.stop();
    assert_eq!(calls.load(Ordering::SeqCst), 4, "two writes, two syncs");
    assert_eq!(status.durable_frame.load(Ordering::Acquire), 1);
    assert_eq!(status.seal.reason(), Some(SealReason::SyncFailed));
}

#[test]
fn ledger_8_a_follower_that_does_not_listen_holds_nobody_up() {
    let (queue, inbox) = bounded(2);
    let (committer, mut handover, released, _, _) = committer(0, Some(queue));
    let mut chains = Chains::default();
    for n in 1..=20 {
        let frame = frame_of(&mut chains, 1);
        handover.send(Batch { frame, replies: n });
        assert_eq!(released.recv().unwrap().1, Ok(Committed { frame: n }));
    }
    drop(handover);
    committer.stop();
    assert_eq!(
        inbox.iter().map(|f| f.pos.frame).collect::<Vec<_>>(),
        [1, 2]
    );
}

#[test]
fn ledger_3_batches_committed_in_place_never_overtake_handed_over_ones() {
    let (committer, mut handover, released, status, _) = committer(0, None);
    let mut chains = Chains::default();
    for n in 1..=200 {
        let frame = frame_of(&mut chains, 1);
        let batch = Batch { frame, replies: n };
        // Two in a row are handed over, so that the third finds the thread at work.
        if n % 3 == 0 {
            handover.commit(batch);
        } else {
            handover.send(batch);
        }
        if n % 20 == 0 {
            for expected in n - 19..=n {
                let frame = Committed { frame: expected };
                assert_eq!(released.recv().unwrap(), (expected, Ok(frame)));
            }
            assert!(handover.is_free());
            assert_eq!(status.durable_frame.load(Ordering::Acquire), n);
        }
    }
    drop(handover);
    committer.stop();
}

#[test]
fn ledger_1_a_batch_committed_in_place_is_released_before_the_call_returns() {
    let (committer, mut handover, released, _, calls) = committer(2, None);
    let mut chains = Chains::default();
    for (n, expected) in [
        (1, Ok(Committed { frame: 1 })),
        (2, Err(SealReason::SyncFailed)),
        (3, Err(SealReason::SyncFailed)),
    ] {
        let frame = frame_of(&mut chains, 1);
        handover.commit(Batch { frame, replies: n });
        assert_eq!(released.try_recv().unwrap(), (n, expected));
        assert!(handover.is_free());
    }
    assert_eq!(calls.load(Ordering::SeqCst), 4, "two writes, two syncs");
    drop(handover);
    committer.stop();
}

#[test]
fn frame_buffers_are_kept_up_to_a_bound_of_bytes() {
    let free = FreeFrames::new(0);
    let filled = |rows| {
        let mut chains = Chains::default();
        frame_of(&mut chains, rows)
    };
    free.put(filled(10));
    assert!(free.take().held_bytes() > 0, "kept with its memory");
    let grown = filled(1_000);
    // Twice: what is taken makes room again.
    for _ in 0..2 {
        for _ in 0..limits::FREE_FRAMES_MAX {
            free.put(grown.clone());
        }
        let taken = std::iter::repeat_with(|| free.take().held_bytes());
        let kept: Vec<usize> = taken.take_while(|bytes| *bytes > 0).collect();
        let all: usize = kept.iter().sum();
        assert!(kept.len() < limits::FREE_FRAMES_MAX && all <= limits::FREE_BYTES_MAX);
        assert!(
            all + kept[0] > limits::FREE_BYTES_MAX,
            "{all} in {}",
            kept.len()
        );
    }
}

#[test]
fn a_panic_while_releasing_seals() {
    let status = Arc::new(CommitStatus::default());
    let wiring = Wiring {
        store: Some(Box::new(MemoryStore::default())),
        status: Arc::clone(&status),
        follower: None,
        free: FreeFrames::new(0),
        now_us: Arc::new(|| 0),
    };
    let (tell, released) = bounded(4);
    let release = move |fails: bool, result| {
        assert!(!fails, "released with a fault of the house");
        tell.send(result).unwrap();
    };
    let (committer, mut handover) = Committer::spawn(wiring, release).unwrap();
    let mut chains = Chains::default();
    let mut batch = |replies| Batch {
        frame: frame_of(&mut chains, 1),
        replies,
    };
    let first = batch(true);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        handover.commit(first);
    }));
    assert!(panicked.is_err());
    assert_eq!(status.seal.reason(), Some(SealReason::CommitterStopped));
    handover.commit(batch(false));
    assert_eq!(released.recv().unwrap(), Err(SealReason::CommitterStopped));
    drop(handover);
    committer.stop();
}
