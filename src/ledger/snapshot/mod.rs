//! The state's snapshot: files beside the segments. Never ahead of the ledger, and the rows can
//! replace it.
//!
//! A snapshot is one file with every page, or that and files that each add the pages which changed
//! since the one before. A file counts once it is whole, durable and has its name; it names what it
//! adds to by number and seal, so nothing else can take that place. Whenever the added ones have grown to
//! half of the first, the next one holds every page, and those before it go.
//!
//! Nothing is altered in place. So a file that is half-written, torn, of another layout or altered
//! is passed over, and what it adds to still stands: the ledger is replayed from there.

mod file;
mod reading;

pub use reading::{Kept, SnapshotDamage};

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use self::file::{FileWriter, Head, Sealed, file_name, file_number};
use super::committer::CommitStatus;
use super::disk::Disk;
use super::limits::{SNAPSHOT_FILES_MAX, SNAPSHOT_REST_US};

/// The snapshot's owner's bytes, and the frame up to which the snapshot holds everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotMeta {
    /// Rows of later frames must be replayed.
    pub frame: u64,
    /// Opaque.
    pub bytes: Vec<u8>,
}

/// Why a snapshot could not be written. The ledger does not depend on it.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The disk.
    #[error("snapshot could not be written")]
    Io(#[from] io::Error),
    /// It stands at a frame that is not durable yet.
    #[error("snapshot at frame {at}, but durable only up to {durable}")]
    NotDurable {
        /// The snapshot's frame.
        at: u64,
        /// The last durable frame.
        durable: u64,
    },
    /// Only changed pages, and nothing that has the others.
    #[error("nothing has the pages that did not change")]
    NothingBefore,
}

/// The files. Writing syncs and may block: never from the engine.
pub struct SnapshotStore {
    disk: Arc<dyn Disk>,
    state: Mutex<State>,
    /// Raised once: what is written from then on is waited for.
    hurry: AtomicBool,
}

/// What the next file may add to.
#[derive(Debug, Default)]
struct State {
    /// The file with every page, and those that add to it, in order; with their lengths in bytes.
    chain: Vec<(Sealed, u64)>,
    /// Number of the next file; none is used twice.
    next: u64,
}

/// A snapshot being written: seen by nobody before [`SnapshotStore::commit`], gone when dropped.
pub struct SnapshotWrite {
    disk: Arc<dyn Disk>,
    name: String,
    /// `None` once it has its name.
    file: Option<FileWriter>,
    frame: u64,
    every_page: bool,
}

impl std::fmt::Debug for SnapshotStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnapshotStore").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for SnapshotWrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnapshotWrite").finish_non_exhaustive()
    }
}

impl State {
    /// Whether the next file has to hold every page.
    fn every_page(&self) -> bool {
        let mut bytes = self.chain.iter().map(|(_, bytes)| *bytes);
        let Some(first) = bytes.next() else {
            return true;
        };
        self.chain.len() >= SNAPSHOT_FILES_MAX || bytes.sum::<u64>() >= first / 2
    }
}

impl SnapshotStore {
    /// Opens the directory on `disk`; what was left half-written there goes. Nothing is added to what
    /// is there before [`SnapshotStore::go_on_from`].
    ///
    /// # Errors
    /// As the disk says.
    pub fn open(disk: Arc<dyn Disk>) -> io::Result<Self> {
        let mut last = 0;
        for name in disk.list()? {
            if name.ends_with(UNFINISHED) {
                disk.remove(&name)?;
            }
            last = last.max(file_number(&name).unwrap_or(0));
        }
        let state = State {
            chain: Vec::new(),
            next: last.saturating_add(1),
        };
        Ok(Self {
            disk,
            state: Mutex::new(state),
            hurry: AtomicBool::new(false),
        })
    }

    /// Leaves the disk no rests any more: the house is closing and waits for what is written.
    pub fn hurry(&self) {
        self.hurry.store(true, Ordering::Relaxed);
    }

    /// What is there, newest first. Every one of them holds the state as of its frame, but for
    /// damage that only reading finds.
    pub fn kept(&self) -> Vec<Kept> {
        reading::kept(&*self.disk)
    }

    /// Takes every page of a kept snapshot apart with `read` (table, page, bytes), on threads of its own,
    /// and hands what came to `take`: each page once and checked, in no order.
    ///
    /// # Errors
    /// [`SnapshotDamage`]: what was handed over is not to be used.
    pub fn load<T: Send>(
        &self,
        kept: &Kept,
        read: impl Fn(u8, u32, &[u8]) -> T + Sync,
        take: impl FnMut(T),
    ) -> Result<(), SnapshotDamage> {
        reading::load(&*self.disk, kept, read, take)
    }

    /// Says that the state has been restored from `kept`: the next snapshot may add to it.
    pub fn go_on_from(&self, kept: &Kept) {
        self.lock().chain = kept.chain();
    }

    /// Whether the next snapshot has to hold every page, changed or not.
    pub fn wants_every_page(&self) -> bool {
        self.lock().every_page()
    }

    /// Starts the next snapshot, which will stand for `meta`. Without `every_page` the pages that are
    /// not put are those of the one before.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn begin(
        &self,
        meta: &SnapshotMeta,
        every_page: bool,
    ) -> Result<SnapshotWrite, SnapshotError> {
        let mut state = self.lock();
        let number = state.next;
        state.next = number.saturating_add(1);
        let before = state.chain.last().map(|(sealed, _)| *sealed);
        drop(state);
        let after = before.filter(|_| !every_page);
        if after.is_none() && !every_page {
            return Err(SnapshotError::NothingBefore);
        }
        let name = file_name(number);
        let file = self.disk.create(&format!("{name}{UNFINISHED}"))?;
        let mut write = SnapshotWrite {
            disk: Arc::clone(&self.disk),
            name,
            file: None,
            frame: meta.frame,
            every_page,
        };
        let head = Head {
            frame: meta.frame,
            after,
            bytes: meta.bytes.clone(),
        };
        write.file = Some(FileWriter::begin(file, number, &head)?);
        Ok(write)
    }

    /// Puts changed pages: table, page, bytes. A page is put once at most.
    ///
    /// # Errors
    /// [`SnapshotError`]; nothing of this snapshot counts then.
    pub fn put<'a>(
        &self,
        write: &mut SnapshotWrite,
        pages: impl IntoIterator<Item = (u8, u32, &'a [u8])>,
    ) -> Result<(), SnapshotError> {
        let Some(file) = &mut write.file else {
            return Ok(());
        };
        for (table, page, bytes) in pages {
            if file.page(table, page, bytes)? && !self.hurry.load(Ordering::Relaxed) {
                if file.is_cached() {
                    file.sync()?;
                }
                std::thread::sleep(Duration::from_micros(SNAPSHOT_REST_US));
            }
        }
        Ok(())
    }

    /// Makes what was put the snapshot: all of it or nothing. Its frame, up to which every effect is in
    /// the pages, must be durable already, or a power cut could leave a state that knows rows the
    /// ledger has not (LEDGER-9).
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn commit(
        &self,
        mut write: SnapshotWrite,
        status: &CommitStatus,
    ) -> Result<(), SnapshotError> {
        let (at, durable) = (write.frame, status.durable_frame.load(Ordering::Acquire));
        if at > durable {
            return Err(SnapshotError::NotDurable { at, durable });
        }
        let file = write.file.take().ok_or(SnapshotError::NothingBefore)?;
        let (sealed, bytes) = file.end().inspect_err(|_failed| write.remove())?;
        let fresh = format!("{}{UNFINISHED}", write.name);
        self.disk.rename(&fresh, &write.name)?;
        self.disk.sync_dir()?;
        let mut state = self.lock();
        if write.every_page {
            state.chain.clear();
        }
        state.chain.push((sealed, bytes));
        drop(state);
        if write.every_page {
            self.remove_all_but(sealed.number);
        }
        Ok(())
    }

    /// What stays in spite of it is passed over by every start, and goes after the next one.
    fn remove_all_but(&self, number: u64) {
        for name in self.disk.list().unwrap_or_default() {
            if file_number(&name).is_some_and(|other| other != number) {
                drop(self.disk.remove(&name));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment or one push.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the name of a file that is not whole yet.
const UNFINISHED: &str = ".new";

impl SnapshotWrite {
    fn remove(&self) {
        // Left behind it costs room until the next start.
        drop(self.disk.remove(&format!("{}{UNFINISHED}", self.name)));
    }
}

impl Drop for SnapshotWrite {
    fn drop(&mut self) {
        if self.file.is_some() {
            self.remove();
        }
    }
}

#[cfg(test)]
mod tests;
