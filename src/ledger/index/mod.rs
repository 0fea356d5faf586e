//! The index: redb beside the segments. Never the truth, always behind it, always rebuildable.
//!
//! | table | key | value |
//! |---|---|---|
//! | `marks` | name | `watermark`, `postings_through`, `counted`, `layout` |
//! | `frames` | frame number | segment, offset, bytes |
//! | `rows` | tenant, first seq in a frame | frame number |
//! | `segments` | tenant, its first seq in a sealed segment | segment |
//! | `posted` | segment, and the last posting of the block: key, tenant, seq | sorted block, see `postings` |
//! | `links` | tenant, seq | seq of the first later row that speaks of it |
//! | `counts` | tenant | its figures, JSON |
//!
//! What a row is posted under besides its own keys, of which rows it speaks and what it counts as is
//! read from its body by [`wire::marks`](crate::wire::marks), so all of it can be made anew.

mod follower;
mod fresh;
mod postings;
mod reading;

pub use follower::{Follower, FollowerWiring};
pub use fresh::Fresh;
pub use reading::{Effort, FindError, Finder, Posted, Reading};

use std::path::Path;

use redb::{
    Builder, Database, ReadableDatabase as _, ReadableTable as _, TableDefinition, WriteTransaction,
};

use super::limits::INDEX_CACHE_BYTES;
use super::row::{FramePos, TenantNo};

const MARKS: TableDefinition<'_, &str, u64> = TableDefinition::new("marks");
const FRAMES: TableDefinition<'_, u64, (u32, u32, u32)> = TableDefinition::new("frames");
const ROWS: TableDefinition<'_, (u16, u64), u64> = TableDefinition::new("rows");
const SEGMENTS: TableDefinition<'_, (u16, u64), u32> = TableDefinition::new("segments");
const POSTINGS: TableDefinition<'_, (u32, u64, u16, u64), &[u8]> = TableDefinition::new("posted");
const LINKS: TableDefinition<'_, (u16, u64), u64> = TableDefinition::new("links");
const COUNTS: TableDefinition<'_, u16, &[u8]> = TableDefinition::new("counts");
/// Postings of an earlier layout.
const POSTINGS_BEFORE: TableDefinition<'_, (u32, u64, u32), &[u8]> =
    TableDefinition::new("postings");

/// Grows when a table beside `frames` and `rows` must be made anew from the segments.
const LAYOUT: u64 = 2;

const LAYOUT_MARK: &str = "layout";
const COUNTED: &str = "counted";
const WATERMARK: &str = "watermark";
const POSTINGS_THROUGH: &str = "postings_through";

/// Why the index could not do something. The ledger does not depend on it.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// redb failed.
    #[error("index store failed")]
    Store(#[source] Box<redb::Error>),
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
        tx.open_table(FRAMES).map_err(failed)?;
        tx.open_table(ROWS).map_err(failed)?;
        lay_out(&tx)?;
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
        self.frame(u64::MAX)
    }

    /// Where the newest frame up to `number` lies that the index knows; `None` while it knows none.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn frame(&self, number: u64) -> Result<Option<FramePos>, IndexError> {
        let tx = self.db.begin_read().map_err(failed)?;
        let frames = tx.open_table(FRAMES).map_err(failed)?;
        let last = frames.range(..=number).map_err(failed)?.next_back();
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

    fn mark(&self, name: &str) -> Result<u64, IndexError> {
        let tx = self.db.begin_read().map_err(failed)?;
        let table = tx.open_table(MARKS).map_err(failed)?;
        Ok(table.get(name).map_err(failed)?.map_or(0, |v| v.value()))
    }
}

/// Makes the tables that are read from rows' bodies, emptied when they are of an earlier layout: the
/// follower then reads every segment again. Places and watermark stay.
fn lay_out(tx: &WriteTransaction) -> Result<(), IndexError> {
    let mut marks = tx.open_table(MARKS).map_err(failed)?;
    let known = marks.get(LAYOUT_MARK).map_err(failed)?.map(|v| v.value());
    if known != Some(LAYOUT) {
        tx.delete_table(POSTINGS_BEFORE).map_err(failed)?;
        tx.delete_table(SEGMENTS).map_err(failed)?;
        tx.delete_table(POSTINGS).map_err(failed)?;
        tx.delete_table(LINKS).map_err(failed)?;
        tx.delete_table(COUNTS).map_err(failed)?;
        for (name, value) in [(POSTINGS_THROUGH, 0), (COUNTED, 0), (LAYOUT_MARK, LAYOUT)] {
            marks.insert(name, value).map_err(failed)?;
        }
    }
    tx.open_table(SEGMENTS).map_err(failed)?;
    tx.open_table(POSTINGS).map_err(failed)?;
    tx.open_table(LINKS).map_err(failed)?;
    tx.open_table(COUNTS).map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests;
