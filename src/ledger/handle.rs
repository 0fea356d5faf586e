//! The opened and the running ledger: the order in which its parts start and stop.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::committer::{CommitStatus, Committed, FreeFrames, Monotonic, Wiring};
use super::data_dir::{DataDir, DataDirError};
use super::frame::RowView;
use super::handover::{Committer, Handover};
use super::index::{Finder, Follower, FollowerWiring, Index, IndexError};
use super::limits::{
    FRAME_BYTES_MAX, LOW_WATER_BYTES_DEFAULT, SCRUB_BYTES_PER_SECOND_DEFAULT,
    SEGMENT_BYTES_DEFAULT, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN, SEGMENT_HEADER_BYTES_MAX,
};
use super::recovery::{Each, Plan, Recovered, RecoveryError, Replay, recover_into};
use super::scrub::Scrubber;
use super::seal::SealReason;
use super::segment_store::Preparing;
use super::snapshot::SnapshotStore;
use super::store::LogStore;

/// Settings of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Length of new segments, bytes; [`SEGMENT_BYTES_MIN`]`..=`[`SEGMENT_BYTES_MAX`].
    pub segment_bytes: u32,
    /// Free disk bytes below which the warning is raised.
    pub low_water_bytes: u64,
    /// Bytes a second the scrubber reads.
    pub scrub_bytes_per_second: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: SEGMENT_BYTES_DEFAULT,
            low_water_bytes: LOW_WATER_BYTES_DEFAULT,
            scrub_bytes_per_second: SCRUB_BYTES_PER_SECOND_DEFAULT,
        }
    }
}

impl Options {
    /// Longest frame, bytes, that surely fits an empty segment of this length.
    pub fn frame_bytes_max(&self) -> u32 {
        let segment = self
            .segment_bytes
            .clamp(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX);
        let header = SEGMENT_HEADER_BYTES_MAX.min(segment / 2);
        (segment - header).min(FRAME_BYTES_MAX)
    }
}

/// Why the ledger could not be opened or started.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The snapshot's directory.
    #[error("snapshot directory cannot be used")]
    Snapshot(#[source] std::io::Error),
    /// A thread.
    #[error("ledger thread could not be started")]
    Thread(#[source] std::io::Error),
}

/// A data directory held and its index open; nothing recovered yet. The caller loads its
/// snapshot from [`OpenLedger::snapshots`] and then calls [`OpenLedger::recover`].
#[derive(Debug)]
pub struct OpenLedger {
    dir: DataDir,
    index: Arc<Index>,
    snapshots: Arc<SnapshotStore>,
    options: Options,
}

impl OpenLedger {
    /// Takes the lock of `dir`, checks its format, opens its index.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        let dir = DataDir::open(dir)?;
        let index = Arc::new(Index::open(&dir.index_path())?);
        let snapshots = SnapshotStore::open(dir.snapshot_disk()?).map_err(OpenError::Snapshot)?;
        Ok(Self {
            dir,
            index,
            snapshots: Arc::new(snapshots),
            options,
        })
    }

    /// The state's snapshot.
    pub fn snapshots(&self) -> &Arc<SnapshotStore> {
        &self.snapshots
    }

    /// Cursors, watermark.
    pub fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// Verifies, cuts a torn tail, and hands every row after `snapshot_frame` to `row`.
    ///
    /// # Errors
    /// [`RecoveryError`]; damage is not an error but stands in [`Recovered::damage`].
    pub fn recover<E: Send>(
        &self,
        snapshot_frame: u64,
        row: impl FnMut(RowView<'_>) -> Result<(), E>,
    ) -> Result<Recovered, RecoverError<E>> {
        self.recover_into(snapshot_frame, &mut Each(row))
    }

    /// The same, for rows that are read ahead of being applied.
    ///
    /// # Errors
    /// As [`OpenLedger::recover`].
    pub fn recover_into<R: Replay>(
        &self,
        snapshot_frame: u64,
        replay: &mut R,
    ) -> Result<Recovered, RecoverError<R::Error>> {
        let plan = Plan {
            snapshot_frame,
            watermark_frame: self.index.watermark()?,
            segment_bytes: self.options.segment_bytes,
            preparing: Preparing::Ahead,
        };
        Ok(recover_into(&self.dir.disk(), plan, replay)?)
    }

    /// Starts committer, follower and scrubber. `release` is called by the thread that committed, once
    /// per batch, in order. The [`Handover`] takes batches and must be gone before
    /// [`Ledger::stop`]. A damaged ledger starts sealed: every batch is released with the
    /// reason, and nothing follows or scrubs.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn start<R: Send + 'static>(
        self,
        recovered: Recovered,
        now_us: Monotonic,
        release: impl FnMut(R, Result<Committed, SealReason>) + Send + 'static,
    ) -> Result<(Ledger, Handover<R>), OpenError> {
        let status = Arc::new(CommitStatus::default());
        status
            .durable_frame
            .store(recovered.last.frame, Ordering::Release);
        let free = FreeFrames::new(self.options.frame_bytes_max());
        let mut follower = None;
        let mut scrubber = None;
        if let Some(damage) = recovered.damage {
            status.seal.set(SealReason::Damaged(damage));
        } else {
            follower = Some(Follower::spawn(FollowerWiring {
                disk: self.dir.disk(),
                index: Arc::clone(&self.index),
                status: Arc::clone(&status),
                free: free.clone(),
                low_water_bytes: self.options.low_water_bytes,
                now_us: Arc::clone(&now_us),
            })?);
            let rate = self.options.scrub_bytes_per_second;
            let spawned = Scrubber::spawn(self.dir.disk(), Arc::clone(&status), rate);
            scrubber = Some(spawned.map_err(OpenError::Thread)?);
        }
        let wiring = Wiring {
            store: recovered.store.map(|s| Box::new(s) as Box<dyn LogStore>),
            status: Arc::clone(&status),
            follower: follower.as_ref().map(|f| f.queue().clone()),
            free: free.clone(),
            now_us,
        };
        let (committer, handover) = Committer::spawn(wiring, release).map_err(OpenError::Thread)?;
        let ledger = Ledger {
            committer,
            follower,
            scrubber,
            status,
            free,
            index: self.index,
            snapshots: self.snapshots,
            dir: self.dir,
        };
        Ok((ledger, handover))
    }
}

/// How a recovery through [`OpenLedger`] can fail.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError<E> {
    /// The watermark could not be read.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The recovery itself.
    #[error(transparent)]
    Recovery(#[from] RecoveryError<E>),
}

/// The running ledger.
#[derive(Debug)]
pub struct Ledger {
    committer: Committer,
    follower: Option<Follower>,
    scrubber: Option<Scrubber>,
    status: Arc<CommitStatus>,
    free: FreeFrames,
    index: Arc<Index>,
    snapshots: Arc<SnapshotStore>,
    dir: DataDir,
}

impl Ledger {
    /// Figures and the seal.
    pub fn status(&self) -> &Arc<CommitStatus> {
        &self.status
    }

    /// Empty frames for the engine.
    pub fn free_frames(&self) -> &FreeFrames {
        &self.free
    }

    /// The state's snapshot.
    pub fn snapshots(&self) -> &Arc<SnapshotStore> {
        &self.snapshots
    }

    /// Cursors, look-ups.
    pub fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// Where rows are found again; `None` when the ledger opened damaged.
    pub fn finder(&self) -> Option<Finder> {
        let follower = self.follower.as_ref()?;
        Some(Finder {
            index: Arc::clone(&self.index),
            fresh: Arc::clone(follower.fresh()),
            disk: self.dir.disk(),
            status: Arc::clone(&self.status),
        })
    }

    /// The data directory, held until the end.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Releases what was handed over, brings the index to the head and lets the directory go.
    pub fn stop(self) {
        self.committer.stop();
        if let Some(follower) = self.follower {
            follower.stop();
        }
        if let Some(scrubber) = self.scrubber {
            scrubber.stop();
        }
        drop(self.dir);
    }
}
