//! Reading frames forward from a place the index knows, beside the writer, as far as they are
//! durable. For those who follow from behind: no lock, no work on the committing side.

use std::sync::Arc;

use super::disk::{Disk, DiskFile};
use super::frame::{FrameView, declared_bytes};
use super::limits::{FRAME_BYTES_MAX, READ_BYTES};
use super::row::FramePos;
use super::scan::active_header;
use super::segment::segment_name;

/// A walk could not go on: what lies there does not verify, or cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ledger could not be read")]
pub struct Unreadable;

/// A place in the ledger, before the next frame to read.
pub struct Walk {
    disk: Arc<dyn Disk>,
    file: Option<Arc<dyn DiskFile>>,
    segment: u32,
    offset: u32,
    /// The frame that lies there.
    next: u64,
    /// Bytes of one read.
    at_once: usize,
    buf: Vec<u8>,
}

impl std::fmt::Debug for Walk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (segment, offset, next) = (self.segment, self.offset, self.next);
        write!(f, "Walk before frame {next}, segment {segment} at {offset}")
    }
}

impl Walk {
    /// Before the frame at `pos`.
    pub fn from(disk: Arc<dyn Disk>, pos: FramePos) -> Self {
        Self {
            disk,
            file: None,
            segment: pos.segment,
            offset: pos.offset,
            next: pos.frame,
            at_once: READ_BYTES,
            buf: Vec::new(),
        }
    }

    /// The same with reads of so many bytes; a longer frame is still read whole.
    #[must_use]
    pub fn reading(mut self, bytes: usize) -> Self {
        self.at_once = bytes;
        self
    }

    /// Before the first frame of all.
    ///
    /// # Errors
    /// [`Unreadable`], also while there is none.
    pub fn from_start(disk: Arc<dyn Disk>) -> Result<Self, Unreadable> {
        let header = active_header(&*disk, 1).map_err(|_damage| Unreadable)?;
        let header = header.ok_or(Unreadable)?;
        let pos = FramePos {
            frame: header.before.frame + 1,
            segment: 1,
            offset: header.bytes(),
            bytes: 0,
        };
        Ok(Self::from(disk, pos))
    }

    /// Where it stands: the place of the next frame, its length not known.
    pub fn place(&self) -> FramePos {
        FramePos {
            frame: self.next,
            segment: self.segment,
            offset: self.offset,
            bytes: 0,
        }
    }

    /// The next frame to be read.
    pub fn next_frame(&self) -> u64 {
        self.next
    }

    /// Hands over the frames of one read, none of them beyond `durable`, until `frame` takes one no
    /// further by answering false: the next read begins with that one again. False when there are
    /// none.
    ///
    /// # Errors
    /// [`Unreadable`]; the walk stays where it was.
    pub fn read(
        &mut self,
        durable: u64,
        mut frame: impl FnMut(FramePos, &FrameView<'_>) -> bool,
    ) -> Result<bool, Unreadable> {
        if self.next > durable {
            return Ok(false);
        }
        let mut got = self.fill(self.at_once)?;
        if let Some(bytes) = self.longer_than(got) {
            got = self.fill(bytes)?;
        }
        if self
            .buf
            .get(..got)
            .is_none_or(|read| FrameView::parse(read).is_err())
        {
            // Durable, so not here: the segment has no more.
            self.next_segment()?;
            return self.read(durable, frame);
        }
        let mut used = 0;
        while self.next <= durable {
            let rest = self.buf.get(used..got).unwrap_or_default();
            let Ok(view) = FrameView::parse(rest) else {
                break;
            };
            if view.head.frame != self.next {
                return Err(Unreadable);
            }
            let pos = FramePos {
                frame: self.next,
                segment: self.segment,
                offset: self.offset,
                bytes: view.bytes,
            };
            if !frame(pos, &view) {
                break;
            }
            used += view.bytes as usize;
            self.offset += view.bytes;
            self.next += 1;
        }
        Ok(true)
    }

    fn fill(&mut self, bytes: usize) -> Result<usize, Unreadable> {
        let file = if let Some(file) = &self.file {
            Arc::clone(file)
        } else {
            let opened = self.disk.open(&segment_name(self.segment), false);
            let file = opened.map_err(|_io| Unreadable)?;
            self.file = Some(Arc::clone(&file));
            file
        };
        self.buf.resize(bytes, 0);
        let read = file.read_at(&mut self.buf, self.offset.into());
        read.map_err(|_io| Unreadable)
    }

    /// The length of the frame that begins the buffer, when it is not all there.
    fn longer_than(&self, got: usize) -> Option<usize> {
        let bytes = declared_bytes(self.buf.get(..got)?).ok()?;
        (bytes as usize > got && bytes <= FRAME_BYTES_MAX).then_some(bytes as usize)
    }

    fn next_segment(&mut self) -> Result<(), Unreadable> {
        let segment = self.segment + 1;
        let header = active_header(&*self.disk, segment).map_err(|_damage| Unreadable)?;
        // Only the segment that goes on where this one ended: else what lies here is damaged.
        let header = header.filter(|header| header.before.frame + 1 == self.next);
        let header = header.ok_or(Unreadable)?;
        self.segment = segment;
        self.offset = header.bytes();
        self.file = None;
        Ok(())
    }
}
