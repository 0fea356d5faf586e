//! The file a snapshot is written to: a little at a time, each durable before the next.
//!
//! A database writes a transaction as fast as memory takes it and syncs at its end. Of a snapshot that
//! would be hundreds of megabytes in one sync, and a frame's own sync would stand behind all of them.
//! So every [`SNAPSHOT_CHUNK_BYTES`] are synced by themselves, and the disk is left alone for
//! [`SNAPSHOT_REST_US`] before the next; what is left for the end is little. Whoever stops the house
//! needs no rests. Syncing more often than asked takes nothing from what the database promises.

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use redb::backends::FileBackend;
use redb::{BackendError, DatabaseError, StorageBackend};

use super::limits::{SNAPSHOT_CHUNK_BYTES, SNAPSHOT_REST_US};

type Range = Bound<u64>;

/// A file that is synced as it is written.
#[derive(Debug)]
pub(super) struct SnapshotFile {
    file: FileBackend,
    unsynced: AtomicUsize,
    /// No rests.
    hurry: Arc<AtomicBool>,
}

impl SnapshotFile {
    /// The file at `path`, made if there is none. `hurry`, once raised, ends all rests.
    pub(super) fn open(path: &Path, hurry: &Arc<AtomicBool>) -> Result<Self, DatabaseError> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file: File = options.open(path).map_err(redb::StorageError::from)?;
        Ok(Self {
            file: FileBackend::new(file)?,
            unsynced: AtomicUsize::new(0),
            hurry: Arc::clone(hurry),
        })
    }
}

impl StorageBackend for SnapshotFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.unsynced.store(0, Ordering::Relaxed);
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)?;
        let unsynced = self.unsynced.fetch_add(data.len(), Ordering::Relaxed) + data.len();
        if unsynced >= SNAPSHOT_CHUNK_BYTES && !self.hurry.load(Ordering::Relaxed) {
            self.sync_data()?;
            std::thread::sleep(Duration::from_micros(SNAPSHOT_REST_US));
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_a_chunk_waits_for_a_sync_until_the_house_closes() {
        let dir = tempfile::tempdir().unwrap();
        let hurry = Arc::default();
        let file = SnapshotFile::open(&dir.path().join("snapshot.redb"), &hurry).unwrap();
        let page = vec![7; SNAPSHOT_CHUNK_BYTES / 4];
        let waiting: Vec<usize> = (0..5)
            .map(|n| {
                file.write(n * page.len() as u64, &page).unwrap();
                file.unsynced.load(Ordering::Relaxed) / page.len()
            })
            .collect();
        assert_eq!(waiting, [1, 2, 3, 0, 1]);
        hurry.store(true, Ordering::Relaxed);
        for n in 5..10 {
            file.write(n * page.len() as u64, &page).unwrap();
        }
        assert_eq!(file.unsynced.load(Ordering::Relaxed) / page.len(), 6);
        file.sync_data().unwrap();
        assert_eq!(file.unsynced.load(Ordering::Relaxed), 0);
        let mut read = vec![0; 10 * page.len()];
        file.read(0, &mut read).unwrap();
        assert_eq!(
            (read, file.len().unwrap()),
            (page.repeat(10), 10 * page.len() as u64)
        );
    }
}
