//! The store of one machine: pre-zeroed segment files, one positioned write and one sync a commit.

use std::sync::Arc;

use super::chain::Chains;
use super::disk::{Disk, DiskFile};
use super::frame::{FrameBuilder, FrameView};
use super::limits::{PAGE_BYTES, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN};
use super::prepare::Preparer;
use super::row::{FrameHead, FramePos};
use super::scan::{Chunk, Scanner};
use super::seal::Damage;
use super::segment::SegmentHeader;
use super::store::{LogStore, StoreError, advance};

/// Who zeroes the next segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preparing {
    /// A thread, ahead of need.
    Ahead,
    /// The writer itself when it needs one: deterministic, for simulations and tools.
    WhenNeeded,
}

/// Appends frames to segments.
pub struct SegmentStore {
    disk: Arc<dyn Disk>,
    file: Option<Arc<dyn DiskFile>>,
    segment: u32,
    segment_bytes: u32,
    end_bytes: u32,
    offset: u32,
    /// Where `offset` was when the next segment was asked for.
    asked_at: u32,
    last: FrameHead,
    chains: Chains,
    preparer: Preparer,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for SegmentStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "SegmentStore at segment {} offset {}",
            self.segment, self.offset
        )
    }
}

impl SegmentStore {
    /// Continues where `scanner` found the end. New segments are `segment_bytes` long, cut to
    /// [`SEGMENT_BYTES_MIN`]`..=`[`SEGMENT_BYTES_MAX`] and whole pages.
    ///
    /// # Errors
    /// [`StoreError`] when the segment in use cannot be opened or a first one not be made.
    pub fn resume(
        disk: &Arc<dyn Disk>,
        scanner: &Scanner,
        segment_bytes: u32,
        preparing: Preparing,
    ) -> Result<Self, StoreError> {
        let clamped = segment_bytes.clamp(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX);
        let segment_bytes = clamped - clamped % PAGE_BYTES;
        let preparer = match preparing {
            Preparing::Ahead => Preparer::ahead(disk, segment_bytes).map_err(StoreError::Write)?,
            Preparing::WhenNeeded => Preparer::Inline,
        };
        let (segment, offset) = scanner.position();
        let mut store = Self {
            disk: Arc::clone(disk),
            file: None,
            segment,
            segment_bytes,
            end_bytes: 0,
            offset,
            asked_at: offset,
            last: scanner.last(),
            chains: scanner.chains().clone(),
            preparer,
            buffer: Vec::new(),
        };
        store.preparer.ask(segment + 1, None);
        if segment == 0 {
            store.roll()?;
        } else {
            let name = super::segment::segment_name(segment);
            let file = disk.open(&name, true).map_err(StoreError::write)?;
            let len = file.len().map_err(StoreError::write)?;
            store.end_bytes = u32::try_from(len).unwrap_or(SEGMENT_BYTES_MAX);
            store.file = Some(file);
        }
        Ok(store)
    }

    /// The tenants and heads after the last frame written.
    pub fn chains(&self) -> &Chains {
        &self.chains
    }

    /// Takes the next segment into use: its header is durable before any frame is in it.
    fn roll(&mut self) -> Result<(), StoreError> {
        let segment = self.segment + 1;
        let file = self
            .preparer
            .take(&*self.disk, segment, self.segment_bytes)?;
        let header = SegmentHeader {
            segment,
            segment_bytes: self.segment_bytes,
            before: self.last,
            chains: self.chains.clone(),
        };
        file.write_at(&header.encode(), 0)
            .map_err(StoreError::write)?;
        file.sync().map_err(StoreError::Sync)?;
        let sealed = self.file.replace(file);
        self.segment = segment;
        self.offset = header.bytes();
        self.asked_at = self.offset;
        self.end_bytes = self.segment_bytes;
        self.preparer.ask(segment + 1, sealed);
        Ok(())
    }
}

impl LogStore for SegmentStore {
    fn write(&mut self, frame: &FrameBuilder) -> Result<FramePos, StoreError> {
        let bytes = frame.bytes();
        if bytes > self.end_bytes - self.offset {
            self.roll()?;
            if bytes > self.end_bytes - self.offset {
                return Err(StoreError::FrameTooLong(bytes));
            }
        }
        // From a whole page of memory on, so that it is written without being copied.
        let page = PAGE_BYTES as usize;
        self.buffer.clear();
        self.buffer.reserve(bytes as usize + page);
        let skip = self.buffer.as_ptr().align_offset(page).min(page);
        self.buffer.resize(skip, 0);
        let head = frame.encode(self.last, &mut self.buffer);
        let encoded = self.buffer.get(skip..).unwrap_or_default();
        let file = self.file.as_ref().ok_or(StoreError::NotPrepared)?;
        file.write_at(encoded, u64::from(self.offset))
            .map_err(StoreError::write)?;
        let pos = FramePos {
            frame: head.frame,
            segment: self.segment,
            offset: self.offset,
            bytes,
        };
        self.offset += bytes;
        self.preparer.written(self.offset - self.asked_at);
        self.last = head;
        advance(&mut self.chains, frame);
        Ok(pos)
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        let file = self.file.as_ref().ok_or(StoreError::NotPrepared)?;
        file.sync().map_err(StoreError::Sync)
    }

    fn last(&self) -> FrameHead {
        self.last
    }

    fn read_from(&self, from: u64, frame: &mut dyn FnMut(&FrameView<'_>)) -> Result<(), Damage> {
        let mut scanner = Scanner::from_frame(&self.disk, from)?;
        let mut chunk = Chunk::default();
        while scanner.next_chunk(&mut chunk)?.is_none() {
            for (pos, view) in chunk.frames() {
                if pos.frame >= from {
                    frame(&view);
                }
            }
        }
        Ok(())
    }
}
