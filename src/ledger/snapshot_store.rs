//! The state's snapshot: redb in a file of its own. Never ahead of the ledger, and the rows can
//! replace it.
//!
//! Its own file, because a snapshot is written in one transaction that lasts as long as the state is
//! large, and a database takes one transaction at a time: the index would fall behind meanwhile.
//!
//! | table | key | value |
//! |---|---|---|
//! | `head` | 0 | frame, opaque bytes of the snapshot's owner |
//! | `pages` | table, page | opaque bytes |

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{
    Builder, Database, ReadableDatabase as _, ReadableTable as _, TableDefinition, WriteTransaction,
};

use super::committer::CommitStatus;
use super::index::{IndexError, failed};
use super::limits::SNAPSHOT_CACHE_BYTES;
use super::snapshot_file::SnapshotFile;

const HEAD: TableDefinition<'_, u8, (u64, &[u8])> = TableDefinition::new("head");
const PAGES: TableDefinition<'_, (u8, u32), &[u8]> = TableDefinition::new("pages");

/// The snapshot's owner's bytes, and the frame up to which the snapshot holds everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotMeta {
    /// Rows of later frames must be replayed.
    pub frame: u64,
    /// Opaque.
    pub bytes: Vec<u8>,
}

/// The snapshot database. Writing syncs and may block: never from the engine.
#[derive(Debug)]
pub struct SnapshotStore {
    db: Database,
    /// Raised once: what is written from then on is waited for.
    hurry: Arc<AtomicBool>,
}

/// A snapshot being written: seen by nobody before [`SnapshotWrite::commit`], gone when dropped.
pub struct SnapshotWrite {
    tx: WriteTransaction,
}

impl std::fmt::Debug for SnapshotWrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnapshotWrite").finish_non_exhaustive()
    }
}

impl SnapshotStore {
    /// Opens or creates it.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let mut builder = Builder::new();
        // Pages are written once and read at a start: what is kept of them in memory serves nobody.
        builder.set_cache_size(SNAPSHOT_CACHE_BYTES);
        let hurry = Arc::default();
        let file = SnapshotFile::open(path, &hurry).map_err(failed)?;
        let db = builder.create_with_backend(file).map_err(failed)?;
        let tx = db.begin_write().map_err(failed)?;
        tx.open_table(HEAD).map_err(failed)?;
        tx.open_table(PAGES).map_err(failed)?;
        tx.commit().map_err(failed)?;
        Ok(Self { db, hurry })
    }

    /// Leaves the disk no rests any more: the house is closing and waits for what is written.
    pub fn hurry(&self) {
        self.hurry.store(true, Ordering::Relaxed);
    }

    /// Starts the next snapshot; waits for one that is still being written.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn begin(&self) -> Result<SnapshotWrite, IndexError> {
        let tx = self.db.begin_write().map_err(failed)?;
        Ok(SnapshotWrite { tx })
    }

    /// Hands every page to `page` (table, page, bytes), by table and page.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn load_pages(&self, mut page: impl FnMut(u8, u32, &[u8])) -> Result<(), IndexError> {
        let tx = self.db.begin_read().map_err(failed)?;
        let table = tx.open_table(PAGES).map_err(failed)?;
        for entry in table.iter().map_err(failed)? {
            let (key, bytes) = entry.map_err(failed)?;
            let (table_no, page_no) = key.value();
            page(table_no, page_no, bytes.value());
        }
        Ok(())
    }

    /// The snapshot's meta; `None` when there is no snapshot.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn load_meta(&self) -> Result<Option<SnapshotMeta>, IndexError> {
        let tx = self.db.begin_read().map_err(failed)?;
        let table = tx.open_table(HEAD).map_err(failed)?;
        let head = table.get(0).map_err(failed)?;
        Ok(head.map(|head| {
            let (frame, bytes) = head.value();
            let bytes = bytes.to_vec();
            SnapshotMeta { frame, bytes }
        }))
    }
}

impl SnapshotWrite {
    /// Puts changed pages: table, page, bytes.
    ///
    /// # Errors
    /// [`IndexError::Store`]; nothing of this snapshot counts then.
    pub fn put<'a>(
        &self,
        pages: impl IntoIterator<Item = (u8, u32, &'a [u8])>,
    ) -> Result<(), IndexError> {
        let mut table = self.tx.open_table(PAGES).map_err(failed)?;
        for (number, page, bytes) in pages {
            table.insert((number, page), bytes).map_err(failed)?;
        }
        Ok(())
    }

    /// Makes all pages put and the new `meta` the snapshot: all of it or nothing. `at` is the frame
    /// up to which every effect is in the pages; it must be durable already, or a power cut could
    /// leave a state that knows rows the ledger has not.
    ///
    /// # Errors
    /// [`IndexError::NotDurable`] or [`IndexError::Store`].
    pub fn commit(self, status: &CommitStatus, meta: &[u8], at: u64) -> Result<(), IndexError> {
        let durable = status.durable_frame.load(Ordering::Acquire);
        if at > durable {
            return Err(IndexError::NotDurable { at, durable });
        }
        let put = self
            .tx
            .open_table(HEAD)
            .map_err(failed)?
            .insert(0, (at, meta))
            .map(drop);
        put.map_err(failed)?;
        self.tx.commit().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found = Vec<(u8, u32, Vec<u8>)>;

    fn pages(store: &SnapshotStore) -> Found {
        let mut found = Vec::new();
        store
            .load_pages(|t, p, b| found.push((t, p, b.to_vec())))
            .unwrap();
        found
    }

    #[test]
    fn ledger_9_a_snapshot_is_refused_until_its_rows_are_durable() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("snapshot.redb");
        let store = SnapshotStore::open(&path).unwrap();
        let status = CommitStatus::default();
        status.durable_frame.store(9, Ordering::Release);
        let write = |at: u64| {
            let write = store.begin().unwrap();
            write.put([(1, 2, &b"b"[..]), (0, 7, b"a")]).unwrap();
            write.put([(1, 1, &b"c"[..])]).unwrap();
            write.commit(&status, b"meta", at)
        };
        let not_yet = IndexError::NotDurable { at: 10, durable: 9 };
        assert_eq!(write(10).unwrap_err().to_string(), not_yet.to_string());
        assert_eq!((store.load_meta().unwrap(), pages(&store)), (None, vec![]));
        write(9).unwrap();
        let given_up = store.begin().unwrap();
        given_up.put([(1, 2, &b"x"[..])]).unwrap();
        drop(given_up);
        let next = store.begin().unwrap();
        next.put([(1, 1, &b"d"[..])]).unwrap();
        next.commit(&status, b"later", 9).unwrap();
        drop(store);
        let store = SnapshotStore::open(&path).unwrap();
        let bytes = b"later".to_vec();
        assert_eq!(
            store.load_meta().unwrap(),
            Some(SnapshotMeta { frame: 9, bytes })
        );
        let expected = [
            (0, 7, b"a".to_vec()),
            (1, 1, b"d".to_vec()),
            (1, 2, b"b".to_vec()),
        ];
        assert_eq!(pages(&store), expected);
    }
}
