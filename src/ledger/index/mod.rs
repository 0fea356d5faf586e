//! The index: redb beside the segments. Never the truth, always behind it, always rebuildable.
//!
//! | table | key | value |
//! |---|---|---|
//! | `marks` | name | `watermark`, `postings_through` |
//! | `cursors` | name | `u64` |
//! | `frames` | frame number | segment, offset, bytes |
//! | `rows` | tenant, first seq in a frame | frame number |
//! | `postings` | segment, last key of the block, block | sorted block, see `postings` |

mod follower;
mod postings;

pub use follower::{Follower, FollowerWiring};
pub use postings::ActivePostings;

use std::path::Path;

use redb::{Builder, Database, ReadableDatabase as _, TableDefinition};

use super::limits::INDEX_CACHE_BYTES;
use super::row::{FramePos, TenantNo};

const MARKS: TableDefinition<'_, &str, u64> = TableDefinition::new("marks");
const CURSORS: TableDefinition<'_, &str, u64> = TableDefinition::new("cursors");
const FRAMES: TableDefinition<'_, u64, (u32, u32, u32)> = TableDefinition::new("frames");
const ROWS: TableDefinition<'_, (u16, u64), u64> = TableDefinition::new("rows");
const POSTINGS: TableDefinition<'_, (u32, u64, u32), &[u8]> = TableDefinition::new("postings");

const WATERMARK: &str = "watermark";
const POSTINGS_THROUGH: &str = "postings_through";

/// Why the index could not do something. The ledger does not depend on it.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// redb failed.
    #[error("index store failed")]
    Store(#[source] Box<redb::Error>),
    /// A snapshot stamped with a frame that is not durable yet.
    #[error("snapshot at frame {at}, but durable only up to {durable}")]
    NotDurable {
        /// The snapshot's frame.
        at: u64,
        /// The last durable frame.
        durable: u64,
    },
    /// What the index or a segment holds cannot be.
    #[error("index does not match the segments")]
    Mismatch,
    /// A thread could not be started.
    #[error("index thread could not be started")]
    Thread(#[source] std::io::Error),
}

pub(super) fn failed(error: impl Into<redb::Error>) -> IndexError {
    IndexError::Store(Box::new(error.into()))
}

/// The index database. Writing methods sync and may block: never call them from the engine.
#[derive(Debug)]
pub struct Index {
    db: Database,
}

impl Index {
    /// Opens or creates it.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let mut builder = Builder::new();
        builder.set_cache_size(INDEX_CACHE_BYTES);
        let db = builder.create(path).map_err(failed)?;
        let tx = db.begin_write().map_err(failed)?;
        tx.open_table(MARKS).map_err(failed)?;
        tx.open_table(CURSORS).map_err(failed)?;
        tx.open_table(FRAMES).map_err(failed)?;
        tx.open_table(ROWS).map_err(failed)?;
        tx.open_table(POSTINGS).map_err(failed)?;
        tx.commit().map_err(failed)?;
        Ok(Self { db })
    }

    /// The last frame known here to be durable; 0 before the first.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn watermark(&self) -> Result<u64, IndexError> {
        self.mark(WATERMARK)
    }

    /// The cursor called `name`; 0 when it was never put.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn cursor(&self, name: &str) -> Result<u64, IndexError> {
        let tx = self.db.begin_read().map_err(failed)?;
        let table = tx.open_table(CURSORS).map_err(failed)?;
        Ok(table.get(name).map_err(failed)?.map_or(0, |v| v.value()))
    }

    /// Sets the cursor called `name`, durably.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn put_cursor(&self, name: &str, value: u64) -> Result<(), IndexError> {
        let tx = self.db.begin_write().map_err(failed)?;
        tx.open_table(CURSORS)
            .map_err(failed)?
            .insert(name, value)
            .map_err(failed)?;
        tx.commit().map_err(failed)
    }

    /// Where the frame holding a row lies; `None` when the index does not know the row (yet).
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn locate(&self, tenant: TenantNo, seq: u64) -> Result<Option<FramePos>, IndexError> {
        let tx = self.db.begin_read().map_err(failed)?;
        let rows = tx.open_table(ROWS).map_err(failed)?;
        let mut below = rows.range((tenant, 0)..=(tenant, seq)).map_err(failed)?;
        let Some(entry) = below.next_back() else {
            return Ok(None);
        };
        let frame = entry.map_err(failed)?.1.value();
        let frames = tx.open_table(FRAMES).map_err(failed)?;
        let Some(place) = frames.get(frame).map_err(failed)? else {
            return Ok(None);
        };
        let (segment, offset, bytes) = place.value();
        Ok(Some(FramePos {
            frame,
            segment,
            offset,
            bytes,
        }))
    }

    /// Where the newest frame the index knows lies; `None` while it knows none.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn newest(&self) -> Result<Option<FramePos>, IndexError> {
        let tx = self.db.begin_read().map_err(failed)?;
        let frames = tx.open_table(FRAMES).map_err(failed)?;
        let last = frames.range(0..).map_err(failed)?.next_back();
        let last = last.transpose().map_err(failed)?;
        Ok(last.map(|(frame, place)| {
            let (segment, offset, bytes) = place.value();
            let frame = frame.value();
            FramePos {
                frame,
                segment,
                offset,
                bytes,
            }
        }))
    }

    /// Rows of `tenant` in sealed segments posted under `key`, ascending; at most `rows_max`, the
    /// latest ones. For the segment in use ask [`ActivePostings`].
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn postings(
        &self,
        tenant: TenantNo,
        key: u64,
        rows_max: usize,
    ) -> Result<Vec<u64>, IndexError> {
        let tx = self.db.begin_read().map_err(failed)?;
        let table = tx.open_table(POSTINGS).map_err(failed)?;
        let mut seqs = Vec::new();
        for segment in (1..=self.mark(POSTINGS_THROUGH)?).rev() {
            let segment = u32::try_from(segment).map_err(|_big| IndexError::Mismatch)?;
            if seqs.len() >= rows_max {
                break;
            }
            let blocks = table
                .range((segment, key, 0)..=(segment, u64::MAX, u32::MAX))
                .map_err(failed)?;
            let mut here = Vec::new();
            for block in blocks {
                if postings::search(block.map_err(failed)?.1.value(), key, tenant, &mut here) {
                    break;
                }
            }
            seqs.extend(here.into_iter().rev());
        }
        seqs.truncate(rows_max);
        seqs.reverse();
        Ok(seqs)
    }

    fn mark(&self, name: &str) -> Result<u64, IndexError> {
        let tx = self.db.begin_read().map_err(failed)?;
        let table = tx.open_table(MARKS).map_err(failed)?;
        Ok(table.get(name).map_err(failed)?.map_or(0, |v| v.value()))
    }
}

#[cfg(test)]
mod tests;
