//! Snapshots on their way to the disk: copied on the engine thread, written on a thread of their own
//! while the copying goes on, and made valid only when the rows they stand for are durable.
//!
//! Pages travel in parts, so that a snapshot of any size holds a few parts in memory and no more.
//! When the writing thread is behind, copying waits; deciding does not.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};

use crate::engine::persist::PageImage;
use crate::ledger::{CommitStatus, SnapshotMeta, SnapshotStore, SnapshotWrite, background};

/// How often the writing thread looks whether the rows are durable.
const DURABLE_POLL: Duration = Duration::from_millis(5);
/// Looks before it gives the snapshot up: the ledger is stuck or sealed by then.
const DURABLE_POLLS_MAX: u32 = 12_000;

/// Pages of a part: half a megabyte or so.
const PART_PAGES: usize = 64;
/// Parts on their way.
const PARTS_MAX: usize = 8;

/// What travels to the writing thread.
#[derive(Debug)]
enum Part {
    /// A snapshot begins, with or without the pages that did not change; one that did not end is given
    /// up.
    Begin(SnapshotMeta, bool),
    /// Changed pages.
    Pages(Vec<PageImage>),
    /// All pages are there.
    End,
}

/// The share of `suffix_rows_max` that makes a snapshot worth its writing. A row changes pages of some
/// tables and each is written whole, so that a few thousand rows cost nearly what all of the state
/// does; to apply them again takes milliseconds.
const WORTH_SHARE: u64 = 10;

/// When snapshots are taken: they bound how much a recovery has to apply, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// Rows since the last one that force the next.
    pub suffix_rows_max: u64,
    /// Between two, while there are rows enough to make one worth it.
    pub interval: Duration,
}

impl Cadence {
    fn due(self, rows: u64, waited: Duration) -> bool {
        let worth = (self.suffix_rows_max / WORTH_SHARE).max(1);
        rows >= self.suffix_rows_max || (waited >= self.interval && rows >= worth)
    }
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
    /// A snapshot is being copied or handed over.
    running: bool,
    /// Every page is copied.
    copied: bool,
    /// The writing thread has as much as it may.
    behind: bool,
    /// Pages copied, not sent.
    pages: Vec<PageImage>,
    to_write: Sender<Part>,
    store: Arc<SnapshotStore>,
    busy: Arc<AtomicBool>,
    status: Arc<SnapshotStatus>,
}

/// The writing thread.
#[derive(Debug)]
pub struct SnapshotWriter {
    thread: JoinHandle<()>,
}

/// Starts the writing thread. `rows_at` is how many rows the last snapshot holds.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(
    cadence: Cadence,
    rows_at: u64,
    now: Instant,
    store: Arc<SnapshotStore>,
    commit: Arc<CommitStatus>,
    status: Arc<SnapshotStatus>,
) -> std::io::Result<(Snapshots, SnapshotWriter)> {
    let (to_write, parts) = bounded(PARTS_MAX);
    let busy = Arc::new(AtomicBool::new(false));
    let writes = Arc::clone(&store);
    let (done, state) = (Arc::clone(&busy), Arc::clone(&status));
    let thread = std::thread::Builder::new()
        .name("snapshot".into())
        .spawn(move || write_all(&parts, &store, &commit, &done, &state))?;
    let snapshots = Snapshots {
        cadence,
        rows_at,
        last: now,
        running: false,
        copied: false,
        behind: false,
        pages: Vec::new(),
        to_write,
        store: writes,
        busy,
        status,
    };
    Ok((snapshots, SnapshotWriter { thread }))
}

fn write_all(
    parts: &Receiver<Part>,
    store: &SnapshotStore,
    commit: &CommitStatus,
    busy: &AtomicBool,
    status: &SnapshotStatus,
) {
    background::step_back();
    let (mut writing, mut at) = (None, 0);
    for part in parts {
        match part {
            Part::Begin(meta, every_page) => {
                at = meta.frame;
                writing = store.begin(&meta, every_page).ok();
            }
            Part::Pages(pages) => {
                let put = |w: &mut SnapshotWrite| {
                    let pages = pages.iter();
                    store.put(w, pages.map(|p| (p.table, p.page, p.bytes.as_slice())))
                };
                // What failed once is not written on: the next snapshot carries every page.
                writing = writing.and_then(|mut w| put(&mut w).is_ok().then_some(w));
            }
            Part::End => {
                let written = durable(commit, at)
                    && writing
                        .take()
                        .is_some_and(|w| store.commit(w, commit).is_ok());
                if written {
                    status.frame.store(at, Ordering::Release);
                    status.written.fetch_add(1, Ordering::Relaxed);
                }
                status.failed.store(!written, Ordering::Release);
                busy.store(false, Ordering::Release);
            }
        }
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

impl Snapshots {
    /// Whether the next one should start.
    pub fn due(&self, rows: u64, now: Instant) -> bool {
        let new = rows.saturating_sub(self.rows_at);
        let waited = now.saturating_duration_since(self.last);
        self.cadence.due(new, waited) && !self.running && !self.busy.load(Ordering::Acquire)
    }

    /// Whether the next one has to hold every page: the last did not reach the disk, or there is none
    /// it could add to, or too much has been added.
    pub fn wants_every_page(&self) -> bool {
        self.status.failed.load(Ordering::Acquire) || self.store.wants_every_page()
    }

    /// Starts one. Without `every_page` it holds what changed since the last one.
    pub fn begin(&mut self, meta: SnapshotMeta, every_page: bool, rows: u64) {
        self.rows_at = rows;
        self.copied = false;
        self.behind = false;
        self.pages.clear();
        self.busy.store(true, Ordering::Release);
        // The thread is idle (`due` looked): there is room.
        drop(self.send(Part::Begin(meta, every_page)));
        self.running = true;
    }

    /// Whether one is being copied or handed over.
    pub fn copying(&self) -> bool {
        self.running
    }

    /// Where pages go, if there is something to copy and the writing thread keeps up.
    pub fn room(&mut self) -> Option<&mut Vec<PageImage>> {
        if !self.running || self.copied {
            return None;
        }
        let room = self.pages.len() < PART_PAGES || self.send_pages();
        self.behind = !room;
        room.then_some(&mut self.pages)
    }

    /// Whether there is something to copy and the writing thread kept up when it was last asked.
    pub fn has_room(&self) -> bool {
        self.running && !self.copied && !self.behind
    }

    /// Every page is copied.
    pub fn copied(&mut self, now: Instant) {
        self.last = now;
        self.status.taken(now);
        self.copied = true;
    }

    /// Hands over what is left of a snapshot that is copied, as far as there is room.
    pub fn finish(&mut self) {
        if self.running && self.copied && self.send_pages() {
            self.running = self.send(Part::End).is_err();
        }
    }

    /// Sends the pages there are; whether none is left.
    fn send_pages(&mut self) -> bool {
        if self.pages.is_empty() {
            return true;
        }
        let pages = std::mem::take(&mut self.pages);
        match self.send(Part::Pages(pages)) {
            Err(Part::Pages(back)) => {
                self.pages = back;
                false
            }
            _ => true,
        }
    }

    /// Gives a part to the writing thread; gives it back when there is no room.
    fn send(&self, part: Part) -> Result<(), Part> {
        self.to_write
            .try_send(part)
            .or_else(|refused| match refused {
                TrySendError::Full(part) => Err(part),
                // The thread is gone; the ledger alone recovers everything.
                TrySendError::Disconnected(_part) => {
                    self.status.failed.store(true, Ordering::Release);
                    self.busy.store(false, Ordering::Release);
                    Ok(())
                }
            })
    }

    /// Gives up the one that is not handed over whole; whether there was one. Its pages count as
    /// changed then.
    pub fn give_up(&mut self) -> bool {
        self.pages.clear();
        let given_up = std::mem::take(&mut self.running);
        if given_up {
            self.busy.store(false, Ordering::Release);
        }
        given_up
    }

    /// Waits until the one being written is on the disk or has failed.
    pub fn settle(&self) {
        self.store.hurry();
        for _ in 0..DURABLE_POLLS_MAX {
            if !self.busy.load(Ordering::Acquire) {
                return;
            }
            std::thread::sleep(DURABLE_POLL);
        }
    }

    /// Writes a last one, whose pages `more` copies until it says that there are none, and ends.
    /// Blocks while the writing thread is behind.
    pub fn last(
        self,
        meta: SnapshotMeta,
        every_page: bool,
        mut more: impl FnMut(usize, &mut Vec<PageImage>) -> bool,
    ) {
        // Errors below mean the thread is gone; the ledger alone recovers everything.
        drop(self.to_write.send(Part::Begin(meta, every_page)));
        loop {
            let mut pages = Vec::new();
            let again = more(PART_PAGES, &mut pages);
            drop(self.to_write.send(Part::Pages(pages)));
            if !again {
                break;
            }
        }
        drop(self.to_write.send(Part::End));
    }
}

impl SnapshotWriter {
    /// Waits for the last snapshot; [`Snapshots`] must be gone.
    pub fn stop(self) {
        // A panic there has been reported and costs a snapshot, not a row.
        drop(self.thread.join());
    }
}

#[cfg(test)]
mod tests;
