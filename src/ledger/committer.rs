//! Committing: one frame at a time is written, synced and only then released.
//!
//! On the first failed write or sync the ledger is sealed: that batch and every later one is
//! released with the reason, and nothing is written or synced again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crossbeam::channel::{Receiver, Sender, bounded};

use super::frame::FrameBuilder;
use super::limits::{FREE_BYTES_MAX, FREE_FRAMES_MAX};
use super::row::FramePos;
use super::scrub::Scrubbed;
use super::seal::{Seal, SealReason};
use super::store::LogStore;

/// A microsecond count that only grows; handed in so that this room knows no clock.
pub type Monotonic = Arc<dyn Fn() -> u64 + Send + Sync>;

/// A released batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The frame it became; the last frame before it for a batch without rows.
    pub frame: u64,
}

/// What the committer tells the world. Each figure is read on its own.
#[derive(Debug, Default)]
pub struct CommitStatus {
    /// Number of the last durable frame.
    pub durable_frame: AtomicU64,
    /// Rows made durable since the start of the process.
    pub durable_rows: AtomicU64,
    /// Bytes written since the start of the process.
    pub bytes_written: AtomicU64,
    /// Commits since the start of the process.
    pub commits: AtomicU64,
    /// Duration of the last write and sync, microseconds.
    pub last_commit_us: AtomicU64,
    /// Rows of the last batch.
    pub last_batch_rows: AtomicU64,
    /// Frame up to which the index has followed, durably.
    pub watermark_frame: AtomicU64,
    /// Free bytes of the disk when last looked at.
    pub disk_free_bytes: AtomicU64,
    /// The low-water mark, bytes.
    pub low_water_bytes: AtomicU64,
    /// Free bytes are below the low-water mark.
    pub disk_low: AtomicBool,
    /// The index has failed: it no longer follows, the ledger still holds.
    pub index_failed: AtomicBool,
    /// What the scrubber has seen.
    pub scrubbed: Scrubbed,
    /// Set once, by whoever finds a reason.
    pub seal: Seal,
}

/// Frame buffers on their way back to the engine; bounded, so a surplus is simply freed.
#[derive(Debug, Clone)]
pub struct FreeFrames {
    put: Sender<FrameBuilder>,
    take: Receiver<FrameBuilder>,
    /// Memory of all that are here, bytes.
    held: Arc<AtomicUsize>,
    bytes_max: u32,
}

impl FreeFrames {
    /// An empty list for frames of at most `bytes_max` bytes.
    pub fn new(bytes_max: u32) -> Self {
        let (put, take) = bounded(FREE_FRAMES_MAX);
        Self {
            put,
            take,
            held: Arc::default(),
            bytes_max,
        }
    }

    /// An empty frame, used before or new.
    pub fn take(&self) -> FrameBuilder {
        let Ok(frame) = self.take.try_recv() else {
            return FrameBuilder::new(self.bytes_max);
        };
        self.held.fetch_sub(frame.held_bytes(), Ordering::Relaxed);
        frame
    }

    /// Gives a frame back. One that would bring the list over [`FREE_BYTES_MAX`] is freed.
    pub fn put(&self, mut frame: FrameBuilder) {
        frame.clear();
        let bytes = frame.held_bytes();
        let before = self.held.fetch_add(bytes, Ordering::Relaxed);
        // A full list means enough buffers are in circulation: this one is freed.
        if before + bytes > FREE_BYTES_MAX || self.put.try_send(frame).is_err() {
            self.held.fetch_sub(bytes, Ordering::Relaxed);
        }
    }
}

/// A durable frame on its way to the follower.
#[derive(Debug)]
pub struct Followed {
    /// Where it lies.
    pub pos: FramePos,
    /// Its rows; the buffer goes back to the free list afterwards.
    pub frame: FrameBuilder,
}

/// What committing needs besides the batches.
pub struct Wiring {
    /// Where frames go; `None` when the ledger opened damaged and is sealed from the start.
    pub store: Option<Box<dyn LogStore>>,
    /// Figures and the seal.
    pub status: Arc<CommitStatus>,
    /// Where durable frames are announced, if anyone follows.
    pub follower: Option<Sender<Followed>>,
    /// Buffers going back.
    pub free: FreeFrames,
    /// For the duration of a commit.
    pub now_us: Monotonic,
}

impl std::fmt::Debug for Wiring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wiring").finish_non_exhaustive()
    }
}

impl Wiring {
    /// One batch: written and synced. Returns where it lies, if it had rows.
    pub(super) fn commit(
        &mut self,
        frame: &FrameBuilder,
    ) -> Result<(Committed, Option<FramePos>), SealReason> {
        match self.store_frame(frame) {
            Ok(pos) => {
                let frame = self.status.durable_frame.load(Ordering::Relaxed);
                Ok((Committed { frame }, pos))
            }
            Err(reason) => {
                self.status.seal.set(reason);
                Err(reason)
            }
        }
    }

    fn store_frame(&mut self, frame: &FrameBuilder) -> Result<Option<FramePos>, SealReason> {
        if let Some(reason) = self.status.seal.reason() {
            return Err(reason);
        }
        let store = self.store.as_mut().ok_or(SealReason::CommitterStopped)?;
        if frame.is_empty() {
            return Ok(None);
        }
        let begun = (self.now_us)();
        let pos = store.write(frame).map_err(|e| e.seal_reason())?;
        store.sync().map_err(|e| e.seal_reason())?;
        debug_assert_eq!(store.last().frame, pos.frame, "LEDGER-1");
        let status = &self.status;
        status
            .last_commit_us
            .store((self.now_us)().saturating_sub(begun), Ordering::Relaxed);
        status
            .last_batch_rows
            .store(frame.rows().into(), Ordering::Relaxed);
        status
            .durable_rows
            .fetch_add(frame.rows().into(), Ordering::Relaxed);
        status
            .bytes_written
            .fetch_add(pos.bytes.into(), Ordering::Relaxed);
        status.commits.fetch_add(1, Ordering::Relaxed);
        status.durable_frame.store(pos.frame, Ordering::Release);
        Ok(Some(pos))
    }

    /// Tells the follower, never waiting for it: a frame it misses it reads from the segments.
    pub(super) fn announce(&self, durable: Followed) {
        let Some(follower) = &self.follower else {
            self.free.put(durable.frame);
            return;
        };
        if let Err(missed) = follower.try_send(durable) {
            self.free.put(missed.into_inner().frame);
        }
    }
}
