//! Snapshots on their way to the index: copied on the engine thread, written on a thread of their
//! own, only when the rows they stand for are durable.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, bounded};

use crate::engine::persist::PageImage;
use crate::ledger::{CommitStatus, Index, Page};

/// How often the writing thread looks whether the rows are durable.
const DURABLE_POLL: Duration = Duration::from_millis(5);
/// Looks before it gives the snapshot up: the ledger is stuck or sealed by then.
const DURABLE_POLLS_MAX: u32 = 12_000;

/// A whole image.
#[derive(Debug)]
pub struct Image {
    /// What is not in pages.
    pub meta: Vec<u8>,
    /// The frame it stands at.
    pub at: u64,
    /// Changed pages.
    pub pages: Vec<PageImage>,
}

/// When snapshots are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// Rows since the last one that force the next.
    pub suffix_rows_max: u64,
    /// Between two.
    pub interval: Duration,
}

/// What became of them, for health and metrics.
#[derive(Debug, Default)]
pub struct SnapshotStatus {
    /// Frame of the last one that is durable.
    pub frame: AtomicU64,
    /// How many were written by this process.
    pub written: AtomicU64,
    /// The last one failed: the next carries every page.
    pub failed: AtomicBool,
    last: Mutex<Option<Instant>>,
}

impl SnapshotStatus {
    /// Since the last one that was taken by this process; zero before the first.
    pub fn age(&self, now: Instant) -> Duration {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.map_or(Duration::ZERO, |last| now.saturating_duration_since(last))
    }

    fn taken(&self, now: Instant) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}

/// The engine thread's side.
#[derive(Debug)]
pub struct Snapshots {
    cadence: Cadence,
    rows_at: u64,
    last: Instant,
    image: Option<Image>,
    to_write: Sender<Image>,
    busy: Arc<AtomicBool>,
    status: Arc<SnapshotStatus>,
}

/// The writing thread.
#[derive(Debug)]
pub struct SnapshotWriter {
    thread: JoinHandle<()>,
}

/// Starts the writing thread.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(
    cadence: Cadence,
    rows_at: u64,
    now: Instant,
    index: Arc<Index>,
    commit: Arc<CommitStatus>,
    status: Arc<SnapshotStatus>,
) -> std::io::Result<(Snapshots, SnapshotWriter)> {
    let (to_write, images) = bounded(1);
    let busy = Arc::new(AtomicBool::new(false));
    let (done, state) = (Arc::clone(&busy), Arc::clone(&status));
    let thread = std::thread::Builder::new()
        .name("snapshot".into())
        .spawn(move || write_all(&images, &index, &commit, &done, &state))?;
    let image = None;
    let snapshots = Snapshots {
        cadence,
        rows_at,
        last: now,
        image,
        to_write,
        busy,
        status,
    };
    Ok((snapshots, SnapshotWriter { thread }))
}

fn write_all(
    images: &Receiver<Image>,
    index: &Index,
    commit: &CommitStatus,
    busy: &AtomicBool,
    status: &SnapshotStatus,
) {
    for image in images {
        let written = durable(commit, image.at) && put(index, commit, image, status);
        status.failed.store(!written, Ordering::Release);
        busy.store(false, Ordering::Release);
    }
}

/// Waits until the rows the image stands for are durable.
fn durable(commit: &CommitStatus, at: u64) -> bool {
    for _ in 0..DURABLE_POLLS_MAX {
        if commit.durable_frame.load(Ordering::Acquire) >= at {
            return true;
        }
        if commit.seal.reason().is_some() {
            return false;
        }
        std::thread::sleep(DURABLE_POLL);
    }
    false
}

fn put(index: &Index, commit: &CommitStatus, image: Image, status: &SnapshotStatus) -> bool {
    let page = |p: PageImage| Page {
        table: p.table,
        page: p.page,
        bytes: p.bytes,
    };
    let pages: Vec<Page> = image.pages.into_iter().map(page).collect();
    let written = index
        .put_pages(commit, &pages, &image.meta, image.at)
        .is_ok();
    if written {
        status.frame.store(image.at, Ordering::Release);
        status.written.fetch_add(1, Ordering::Relaxed);
    }
    written
}

impl Snapshots {
    /// Whether the next one should start.
    pub fn due(&self, rows: u64, now: Instant) -> bool {
        let new = rows.saturating_sub(self.rows_at);
        let waited = now.saturating_duration_since(self.last) >= self.cadence.interval;
        let due = new >= self.cadence.suffix_rows_max || (waited && new > 0);
        due && self.image.is_none() && !self.busy.load(Ordering::Acquire)
    }

    /// Whether the last one did not reach the disk.
    pub fn failed(&self) -> bool {
        self.status.failed.load(Ordering::Acquire)
    }

    /// Starts one.
    pub fn begin(&mut self, image: Image, rows: u64) {
        self.rows_at = rows;
        self.image = Some(image);
    }

    /// Whether one is being copied.
    pub fn copying(&self) -> bool {
        self.image.is_some()
    }

    /// Where its pages go.
    pub fn pages(&mut self) -> &mut Vec<PageImage> {
        let image = self.image.get_or_insert_with(|| Image {
            meta: Vec::new(),
            at: u64::MAX,
            pages: Vec::new(),
        });
        &mut image.pages
    }

    /// Hands it to the writing thread.
    pub fn finish(&mut self, now: Instant) {
        self.last = now;
        self.status.taken(now);
        if let Some(image) = self.image.take() {
            self.busy.store(true, Ordering::Release);
            // The thread is idle (`due` looked), so the one place is free; were it gone, the
            // ledger alone recovers everything.
            if self.to_write.try_send(image).is_err() {
                self.status.failed.store(true, Ordering::Release);
                self.busy.store(false, Ordering::Release);
            }
        }
    }

    /// Waits until the one being written is on the disk or has failed.
    pub fn settle(&self) {
        for _ in 0..DURABLE_POLLS_MAX {
            if !self.busy.load(Ordering::Acquire) {
                return;
            }
            std::thread::sleep(DURABLE_POLL);
        }
    }

    /// Hands the last one over and ends; waits for one that is still being written.
    pub fn last(self, image: Image) {
        // An error means the thread is gone; the ledger alone recovers everything.
        drop(self.to_write.send(image));
    }
}

impl SnapshotWriter {
    /// Waits for the last snapshot; [`Snapshots`] must be gone.
    pub fn stop(self) {
        // A panic there has been reported and costs a snapshot, not a row.
        drop(self.thread.join());
    }
}
