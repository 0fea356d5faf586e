//! The committer: order, seal, a deaf follower.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam::channel::{Receiver, bounded};

use super::fixtures::*;
use crate::ledger::committer::{Committer, Followed, Wiring};
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
    Committer<u64>,
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
        durability: Durability::Commit,
        follower,
        free: FreeFrames::new(0),
        now_us: Arc::new(move || ticks.fetch_add(70, Ordering::Relaxed)),
    };
    let (tell, released) = bounded(64);
    let committer =
        Committer::spawn(wiring, move |n, result| tell.send((n, result)).unwrap()).unwrap();
    (committer, released, status, calls)
}

#[test]
fn ledger_1_batches_are_released_in_order_after_their_sync() {
    let (committer, released, status, _) = committer(0, None);
    let mut chains = Chains::default();
    for n in 1..=3 {
        let frame = frame_of(&mut chains, n);
        committer
            .batches()
            .send(Batch { frame, replies: n })
            .unwrap();
        assert_eq!(released.recv().unwrap(), (n, Ok(Committed { frame: n })));
        assert_eq!(status.durable_frame.load(Ordering::Acquire), n);
    }
    // A batch without rows waits its turn and writes nothing.
    let empty = Batch {
        frame: FrameBuilder::default(),
        replies: 4,
    };
    committer.batches().send(empty).unwrap();
    assert_eq!(released.recv().unwrap(), (4, Ok(Committed { frame: 3 })));
    committer.stop();
    assert_eq!(status.durable_rows.load(Ordering::Relaxed), 6);
    assert_eq!(status.commits.load(Ordering::Relaxed), 3);
    assert_eq!(status.last_batch_rows.load(Ordering::Relaxed), 3);
    assert_eq!(status.last_commit_us.load(Ordering::Relaxed), 70);
}

#[test]
fn ledger_5_after_a_failed_sync_nothing_is_written_or_synced_again() {
    let (committer, released, status, calls) = committer(2, None);
    let mut chains = Chains::default();
    for n in 1..=4 {
        let frame = frame_of(&mut chains, 1);
        committer
            .batches()
            .send(Batch { frame, replies: n })
            .unwrap();
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
    committer.batches().send(empty).unwrap();
    assert_eq!(released.recv().unwrap(), (5, Err(SealReason::SyncFailed)));
    committer.stop();
    assert_eq!(calls.load(Ordering::SeqCst), 4, "two writes, two syncs");
    assert_eq!(status.durable_frame.load(Ordering::Acquire), 1);
    assert_eq!(status.seal.reason(), Some(SealReason::SyncFailed));
}

#[test]
fn ledger_8_a_follower_that_does_not_listen_holds_nobody_up() {
    let (queue, inbox) = bounded(2);
    let (committer, released, _, _) = committer(0, Some(queue));
    let mut chains = Chains::default();
    for n in 1..=20 {
        let frame = frame_of(&mut chains, 1);
        committer
            .batches()
            .send(Batch { frame, replies: n })
            .unwrap();
        assert_eq!(released.recv().unwrap().1, Ok(Committed { frame: n }));
    }
    committer.stop();
    assert_eq!(
        inbox.iter().map(|f| f.pos.frame).collect::<Vec<_>>(),
        [1, 2]
    );
}
