//! Finding rows again, newest first, and counting what that takes. Blocks: never on a listening
//! thread.
//!
//! # What a look-up reads
//!
//! Under a key: one block of the index for each sealed segment that holds rows of the
//! tenant, one more for every [`POSTINGS_BLOCK_MAX`](crate::ledger::limits::POSTINGS_BLOCK_MAX)
//! postings found; the segment in use costs none. For each frame that holds a row found: two entries
//! of the index and the frame. A reading that has taken
//! [`READ_BLOCKS_MAX`](crate::ledger::limits::READ_BLOCKS_MAX) blocks,
//! [`READ_FRAMES_MAX`](crate::ledger::limits::READ_FRAMES_MAX) frames or
//! [`READ_FRAME_BYTES_MAX`](crate::ledger::limits::READ_FRAME_BYTES_MAX) bytes is spent, and says down
//! to which row it has looked.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use redb::{ReadTransaction, ReadableDatabase as _};

use super::fresh::Fresh;
use super::postings;
use super::{FRAMES, Index, IndexError, LINKS, POSTINGS, ROWS, SEGMENTS, failed};
use crate::ledger::committer::CommitStatus;
use crate::ledger::disk::{Disk, DiskFile};
use crate::ledger::frame::{FrameView, RawRow};
use crate::ledger::limits::{READ_BLOCKS_MAX, READ_FRAME_BYTES_MAX, READ_FRAMES_MAX};
use crate::ledger::row::{FramePos, TenantNo};
use crate::ledger::segment::segment_name;

/// Why rows could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A segment could not be read.
    #[error("a segment could not be read")]
    Disk(#[from] std::io::Error),
    /// What lies at a frame's place is not that frame.
    #[error("a frame does not verify")]
    Damaged,
}

/// What a reading has taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// Posting blocks.
    pub blocks: u32,
    /// Entries of the index that say where a frame lies.
    pub places: u32,
    /// Frames.
    pub frames: u32,
    /// Their bytes.
    pub bytes: u64,
}

impl Effort {
    /// Enough for one page.
    pub fn spent(&self) -> bool {
        self.blocks >= READ_BLOCKS_MAX
            || self.frames >= READ_FRAMES_MAX
            || self.bytes >= READ_FRAME_BYTES_MAX
    }
}

/// Rows posted under a key, as far as was looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Their seqs, latest first.
    pub seqs: Vec<u64>,
    /// Every one from here on is among them; the lower end of what was asked for when all are.
    pub complete_to: u64,
}

/// Where rows are found. Clones share everything.
#[derive(Clone)]
pub struct Finder {
    pub(in crate::ledger) index: Arc<Index>,
    pub(in crate::ledger) fresh: Arc<Fresh>,
    pub(in crate::ledger) disk: Arc<dyn Disk>,
    pub(in crate::ledger) status: Arc<CommitStatus>,
}

impl std::fmt::Debug for Finder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Finder").finish_non_exhaustive()
    }
}

impl Finder {
    /// The last durable frame now: what a reading that begins now must have seen.
    pub fn durable(&self) -> u64 {
        self.status.durable_frame.load(Ordering::Acquire)
    }

    /// Whether everything up to that frame can be found.
    pub fn has(&self, frame: u64) -> bool {
        self.fresh.has(frame)
    }

    /// The index has failed: nothing new will be found.
    pub fn failed(&self) -> bool {
        self.status.index_failed.load(Ordering::Relaxed)
    }

    /// Figures of a chain.
    pub fn fresh(&self) -> &Fresh {
        &self.fresh
    }

    /// Begins a reading.
    pub fn reading(&self) -> Reading<'_> {
        Reading {
            finder: self,
            effort: Effort::default(),
            files: Vec::new(),
            frame: None,
        }
    }
}

/// One reading: what it took, and the frame it read last.
pub struct Reading<'f> {
    finder: &'f Finder,
    effort: Effort,
    files: Vec<(u32, Arc<dyn DiskFile>)>,
    frame: Option<(FramePos, Vec<u8>)>,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading")
            .field("effort", &self.effort)
            .finish_non_exhaustive()
    }
}

impl Reading<'_> {
    /// What it has taken.
    pub fn effort(&self) -> Effort {
        self.effort
    }

    /// Where rows are found.
    pub fn finder(&self) -> &Finder {
        self.finder
    }

    /// Rows of a tenant posted under a key with seq in `floor..below`, latest first; stops after
    /// `max` of them, or after a segment when the reading is spent.
    ///
    /// # Errors
    /// [`FindError::Index`].
    pub fn posted(
        &mut self,
        (tenant, key): (TenantNo, u64),
        (floor, below): (u64, u64),
        max: usize,
    ) -> Result<Posted, FindError> {
        let active = &self.finder.fresh.postings;
        let mut seqs = active.rows((tenant, key), (floor, below), max);
        if let Some(last) = seqs.last().filter(|_| seqs.len() >= max) {
            let complete_to = *last;
            return Ok(Posted { seqs, complete_to });
        }
        let tx = self.begin()?;
        let segments = tx.open_table(SEGMENTS).map_err(failed)?;
        let holding = segments.range((tenant, 0)..(tenant, below));
        for entry in holding.map_err(failed)?.rev() {
            let entry = entry.map_err(failed)?;
            let ((_, first), segment) = (entry.0.value(), entry.1.value());
            let older = seqs.last().copied().unwrap_or(below).min(below);
            let full = self.sealed(&tx, segment, (tenant, key), (floor, older, max), &mut seqs)?;
            let complete_to = if full {
                seqs.last().copied().unwrap_or(first)
            } else {
                first.max(floor)
            };
            if first <= floor && !full {
                break;
            }
            if full || self.effort.spent() {
                return Ok(Posted { seqs, complete_to });
            }
        }
        Ok(Posted {
            seqs,
            complete_to: floor,
        })
    }

    /// The same in one sealed segment; whether `max` is reached.
    fn sealed(
        &mut self,
        tx: &ReadTransaction,
        segment: u32,
        (tenant, key): (TenantNo, u64),
        (floor, below, max): (u64, u64, usize),
        seqs: &mut Vec<u64>,
    ) -> Result<bool, FindError> {
        let table = tx.open_table(POSTINGS).map_err(failed)?;
        let from = (segment, key, tenant, below.saturating_sub(1));
        let end = (segment, u64::MAX, TenantNo::MAX, u64::MAX);
        // The block that holds the latest, if any does, is the first that ends at it or after.
        let last = table.range(from..=end).map_err(failed)?.next();
        let before = table.range((segment, key, tenant, 0)..from);
        for block in last.into_iter().chain(before.map_err(failed)?.rev()) {
            let block = block.map_err(failed)?;
            self.effort.blocks += 1;
            postings::search(block.1.value(), (tenant, key), (floor, below), seqs);
            if seqs.len() >= max {
                seqs.truncate(max);
                return Ok(true);
            }
            if block.0.value() < (segment, key, tenant, floor) {
                break;
            }
        }
        Ok(false)
    }

    /// The first later row that speaks of a row.
    ///
    /// # Errors
    /// [`FindError::Index`].
    pub fn link(&mut self, tenant: TenantNo, seq: u64) -> Result<Option<u64>, FindError> {
        let fresh = self.finder.fresh.look(|tail| tail.link(tenant, seq));
        let tx = self.begin()?;
        let links = tx.open_table(LINKS).map_err(failed)?;
        self.effort.places += 1;
        let known = links.get((tenant, seq)).map_err(failed)?;
        Ok(known.map(|known| known.value()).or(fresh))
    }

    /// Hands over rows of a tenant by seq, latest first, until it is told to stop or is spent. Returns
    /// the seq of the last one looked at.
    ///
    /// # Errors
    /// [`FindError`].
    pub fn rows(
        &mut self,
        tenant: TenantNo,
        seqs: &[u64],
        mut row: impl FnMut(&RawRow<'_>, FramePos) -> ControlFlow<()>,
    ) -> Result<Option<u64>, FindError> {
        let mut left = seqs;
        let mut looked = None;
        while let Some(latest) = left.first() {
            if looked.is_some() && self.effort.spent() {
                break;
            }
            let (pos, bytes) = self.frame_of(tenant, *latest)?;
            let rows = rows_of(&bytes, tenant);
            let first = rows.first().map_or(*latest, |row| row.head.seq);
            let mut stop = false;
            while let Some((seq, rest)) = left.split_first().filter(|(seq, _)| **seq >= first) {
                left = rest;
                looked = Some(*seq);
                let at = usize::try_from(*seq - first).unwrap_or(usize::MAX);
                let found = rows.get(at).filter(|row| row.head.seq == *seq);
                if row(found.ok_or(FindError::Damaged)?, pos).is_break() {
                    stop = true;
                    break;
                }
            }
            drop(rows);
            self.frame = Some((pos, bytes));
            if stop {
                break;
            }
        }
        Ok(looked)
    }

    /// Hands over every row of a tenant with seq in `floor..below`, latest first, until it is told to
    /// stop or is spent. Returns the seq of the last one looked at.
    ///
    /// # Errors
    /// [`FindError`].
    pub fn chain(
        &mut self,
        tenant: TenantNo,
        (floor, below): (u64, u64),
        mut row: impl FnMut(&RawRow<'_>, FramePos) -> ControlFlow<()>,
    ) -> Result<Option<u64>, FindError> {
        let mut next = below;
        while next > floor.max(1) {
            if next != below && self.effort.spent() {
                break;
            }
            let (pos, bytes) = self.frame_of(tenant, next - 1)?;
            let rows = rows_of(&bytes, tenant);
            let mut stop = false;
            let wanted = |row: &&RawRow<'_>| (floor..next).contains(&row.head.seq);
            let mut last = None;
            for found in rows.iter().rev().filter(wanted) {
                last = Some(found.head.seq);
                if row(found, pos).is_break() {
                    stop = true;
                    break;
                }
            }
            drop(rows);
            self.frame = Some((pos, bytes));
            next = last.ok_or(FindError::Damaged)?;
            if stop {
                break;
            }
        }
        Ok((next < below).then_some(next))
    }

    /// Reads one row.
    ///
    /// # Errors
    /// [`FindError`]; [`FindError::Damaged`] for a row the index does not know.
    pub fn row<T>(
        &mut self,
        tenant: TenantNo,
        seq: u64,
        read: impl FnOnce(&RawRow<'_>, FramePos) -> T,
    ) -> Result<T, FindError> {
        let (mut read, mut told) = (Some(read), None);
        self.rows(tenant, &[seq], |row, pos| {
            told = read.take().map(|read| read(row, pos));
            ControlFlow::Break(())
        })?;
        told.ok_or(FindError::Damaged)
    }

    fn begin(&self) -> Result<ReadTransaction, FindError> {
        Ok(self.finder.index.db.begin_read().map_err(failed)?)
    }

    fn place(&mut self, tenant: TenantNo, seq: u64) -> Result<FramePos, FindError> {
        if let Some(place) = self.finder.fresh.look(|tail| tail.place(tenant, seq)) {
            return Ok(place);
        }
        let tx = self.begin()?;
        let rows = tx.open_table(ROWS).map_err(failed)?;
        let mut below = rows.range((tenant, 0)..=(tenant, seq)).map_err(failed)?;
        let entry = below.next_back().ok_or(FindError::Damaged)?;
        let frame = entry.map_err(failed)?.1.value();
        let frames = tx.open_table(FRAMES).map_err(failed)?;
        let place = frames.get(frame).map_err(failed)?;
        let (segment, offset, bytes) = place.ok_or(FindError::Damaged)?.value();
        self.effort.places += 2;
        Ok(FramePos {
            frame,
            segment,
            offset,
            bytes,
        })
    }

    /// The frame holding a row, verified as a frame.
    fn frame_of(&mut self, tenant: TenantNo, seq: u64) -> Result<(FramePos, Vec<u8>), FindError> {
        let pos = self.place(tenant, seq)?;
        let mut bytes = match self.frame.take() {
            Some((known, bytes)) if known == pos => return Ok((pos, bytes)),
            Some((_, bytes)) => bytes,
            None => Vec::new(),
        };
        let file = self.file(pos.segment)?;
        bytes.resize(pos.bytes as usize, 0);
        if file.read_at(&mut bytes, pos.offset.into())? != bytes.len() {
            return Err(FindError::Damaged);
        }
        self.effort.frames += 1;
        self.effort.bytes += u64::from(pos.bytes);
        let frame = FrameView::parse(&bytes).map_err(|_fault| FindError::Damaged)?;
        if frame.head.frame != pos.frame {
            return Err(FindError::Damaged);
        }
        Ok((pos, bytes))
    }

    fn file(&mut self, segment: u32) -> Result<Arc<dyn DiskFile>, FindError> {
        if let Some((_, file)) = self.files.iter().find(|(known, _)| *known == segment) {
            return Ok(Arc::clone(file));
        }
        let file = self.finder.disk.open(&segment_name(segment), false)?;
        self.files.push((segment, Arc::clone(&file)));
        Ok(file)
    }
}

/// A tenant's rows of a frame that was verified; their seqs follow one another.
fn rows_of(frame: &[u8], tenant: TenantNo) -> Vec<RawRow<'_>> {
    let frame = FrameView::trusted(frame);
    let rows = frame.map(|frame| frame.rows()).into_iter().flatten();
    rows.filter(|row| row.tenant == tenant).collect()
}
