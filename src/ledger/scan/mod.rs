//! Reading segments in order and verifying everything on the way: the one walk that recovery,
//! the follower, the scrubber, `verify`, `export` and `erase` share.
//!
//! It needs no lock and may run beside a writer. A frame that does not verify is read again a few
//! times, since the writer may have been half-way; only then is it judged.

mod listing;

pub(crate) use listing::active_header;
pub use listing::segments;

use listing::damage;
use std::ops::Range;
use std::sync::Arc;

use crate::ledger::bytes::all_zero;
use crate::ledger::chain::Chains;
use crate::ledger::disk::{Disk, DiskFile};
use crate::ledger::frame::{FrameFault, FrameView, TRAILER, declared_bytes};
use crate::ledger::limits::{
    FRAME_BYTES_MAX, FRAME_READ_ATTEMPTS_MAX, READ_BYTES, SECTOR_BYTES, len_u32,
};
use crate::ledger::row::{FrameHead, FramePos};
use crate::ledger::seal::{Damage, DamageKind};
use crate::ledger::segment::{SegmentHeader, segment_name};

/// Verified frames, back to back in one buffer.
#[derive(Debug, Default)]
pub struct Chunk {
    bytes: Vec<u8>,
    frames: Vec<(FramePos, Range<usize>)>,
}

impl Chunk {
    /// The frames with their places.
    pub fn frames(&self) -> impl Iterator<Item = (FramePos, FrameView<'_>)> {
        self.frames.iter().filter_map(|(pos, range)| {
            // Parsed and checked when the chunk was filled; parsing anew only slices.
            Some((*pos, FrameView::trusted(self.bytes.get(range.clone())?)?))
        })
    }

    /// Bytes of the frames in it.
    pub fn len_bytes(&self) -> u64 {
        self.frames
            .iter()
            .map(|(_, range)| range.len() as u64)
            .sum()
    }
}

/// How the ledger ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// Zeros after the last frame, or the asked-for end.
    Clean,
    /// An incomplete last frame: these bytes of the segment are not zero and not a frame.
    Torn {
        /// Where it starts.
        offset: u32,
        /// How long it is, whole sectors.
        bytes: u32,
    },
}

/// The walk. Heads, tenants and frame link are those after the last frame returned.
pub struct Scanner {
    disk: Arc<dyn Disk>,
    file: Option<Arc<dyn DiskFile>>,
    segment: u32,
    segment_bytes: u32,
    offset: u32,
    last: FrameHead,
    chains: Chains,
    until_segment: Option<u32>,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Scanner at segment {} offset {}",
            self.segment, self.offset
        )
    }
}

impl Scanner {
    /// A walk over everything from the first frame.
    ///
    /// # Errors
    /// [`Damage`]; a directory without segments in use is an empty ledger.
    pub fn from_start(disk: &Arc<dyn Disk>) -> Result<Self, Damage> {
        Self::from_frame(disk, 1)
    }

    /// A walk that starts with the segment holding `frame` (or the last one in use, when the
    /// frame is not written yet). Frames before it in that segment are returned too.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn from_frame(disk: &Arc<dyn Disk>, frame: u64) -> Result<Self, Damage> {
        let mut start = None;
        for segment in (1..=segments(&**disk)?).rev() {
            let Some(header) = active_header(&**disk, segment)? else {
                if start.is_some() {
                    return Err(damage(segment, 0, DamageKind::SegmentHeader));
                }
                continue;
            };
            let covers = header.before.frame < frame;
            start = Some(header);
            if covers {
                break;
            }
        }
        Self::at_header(disk, start)
    }

    /// A walk over exactly one segment in use.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn one_segment(disk: &Arc<dyn Disk>, segment: u32) -> Result<Self, Damage> {
        let header = active_header(&**disk, segment)?
            .ok_or_else(|| damage(segment, 0, DamageKind::SegmentMissing))?;
        let mut scanner = Self::at_header(disk, Some(header))?;
        scanner.until_segment = Some(segment);
        Ok(scanner)
    }

    fn at_header(disk: &Arc<dyn Disk>, header: Option<SegmentHeader>) -> Result<Self, Damage> {
        let mut scanner = Self {
            disk: Arc::clone(disk),
            file: None,
            segment: 0,
            segment_bytes: 0,
            offset: 0,
            last: FrameHead::default(),
            chains: Chains::default(),
            until_segment: None,
        };
        if let Some(header) = header {
            scanner.last = header.before;
            scanner.chains = header.chains.clone();
            scanner.enter(&header)?;
        }
        Ok(scanner)
    }

    /// The last verified frame.
    pub fn last(&self) -> FrameHead {
        self.last
    }

    /// The tenants and heads after it.
    pub fn chains(&self) -> &Chains {
        &self.chains
    }

    /// Where the walk stands: segment and offset; segment 0 in an empty ledger.
    pub fn position(&self) -> (u32, u32) {
        (self.segment, self.offset)
    }

    /// Fills `chunk` with the next frames. At the end returns how the ledger ends, with `chunk`
    /// empty.
    ///
    /// # Errors
    /// [`Damage`]: the walk stands before it.
    pub fn next_chunk(&mut self, chunk: &mut Chunk) -> Result<Option<Tail>, Damage> {
        let mut attempts = 0;
        let mut want = READ_BYTES;
        loop {
            chunk.frames.clear();
            let Some(file) = self.file.clone() else {
                if self.enter_next()? {
                    continue;
                }
                return Ok(Some(Tail::Clean));
            };
            let read = self.fill(&*file, chunk, want)?;
            let fault = self.take_frames(chunk, read);
            if !chunk.frames.is_empty() {
                return Ok(None);
            }
            if let Some(Stop::Longer(bytes)) = fault {
                want = bytes as usize;
                if want > read {
                    continue;
                }
            }
            let judged = self.judge(&*file, fault);
            if let Ok(Judged::NextSegment) = judged {
                attempts = 0;
                continue;
            }
            if let Ok(Judged::Tail(Tail::Clean)) = judged {
                return Ok(Some(Tail::Clean));
            }
            if attempts < FRAME_READ_ATTEMPTS_MAX {
                // Beside a writer a frame may have been half-way, or just appended.
                attempts += 1;
                continue;
            }
            return match judged? {
                Judged::Tail(tail) => Ok(Some(tail)),
                Judged::NextSegment | Judged::Again => Err(self.damage(DamageKind::Gap)),
            };
        }
    }

    /// Reads up to `want` bytes of the segment into the chunk's buffer.
    fn fill(&self, file: &dyn DiskFile, chunk: &mut Chunk, want: usize) -> Result<usize, Damage> {
        let len = want.min((self.segment_bytes - self.offset) as usize);
        if chunk.bytes.len() < len {
            chunk.bytes.resize(len, 0);
        }
        file.read_at(&mut chunk.bytes[..len], u64::from(self.offset))
            .map_err(|_io| self.damage(DamageKind::Unreadable))
    }

    /// Verifies frame after frame; says why it stopped, `None` at the end of the segment.
    fn take_frames(&mut self, chunk: &mut Chunk, read: usize) -> Option<Stop> {
        let mut at = 0;
        loop {
            let rest = chunk.bytes.get(at..read)?;
            if rest.is_empty() {
                return None;
            }
            if all_zero(rest.get(..SECTOR_BYTES as usize).unwrap_or(rest)) {
                return Some(Stop::Zeros);
            }
            let checked = FrameView::parse(rest).and_then(|f| {
                f.check(self.last, &mut self.chains)
                    .map(|()| (f.head, f.bytes))
            });
            match checked {
                Ok((head, bytes)) => {
                    let (segment, offset) = (self.segment, self.offset);
                    let pos = FramePos {
                        frame: head.frame,
                        segment,
                        offset,
                        bytes,
                    };
                    let end = at + bytes as usize;
                    chunk.frames.push((pos, at..end));
                    self.last = head;
                    self.offset += bytes;
                    at = end;
                }
                Err(fault) => {
                    let left = self.segment_bytes - self.offset;
                    return Some(match declared_bytes(rest) {
                        Ok(bytes) if bytes as usize > rest.len() && bytes <= left => {
                            Stop::Longer(bytes)
                        }
                        _ => Stop::Fault(fault),
                    });
                }
            }
        }
    }

    /// Decides what a stop without any frame means.
    fn judge(&mut self, file: &dyn DiskFile, stop: Option<Stop>) -> Result<Judged, Damage> {
        if self.until_segment == Some(self.segment) {
            return match stop {
                None | Some(Stop::Zeros) if self.dirty_end(file)?.is_some() => {
                    Err(self.damage(DamageKind::Gap))
                }
                None | Some(Stop::Zeros) => Ok(Judged::Tail(Tail::Clean)),
                Some(Stop::Fault(fault)) => Err(self.frame_damage(fault)),
                Some(Stop::Longer(_)) => Err(self.frame_damage(FrameFault::Length)),
            };
        }
        let next = self.next_header()?;
        let dirty = self.dirty_end(file)?;
        match (next, stop) {
            (Some(next), None | Some(Stop::Zeros)) if dirty.is_none() => {
                if next.before != self.last {
                    // Beside a writer the segment may have grown between the two looks.
                    return Ok(Judged::Again);
                }
                if next.chains != self.chains {
                    return Err(damage(
                        next.segment,
                        self.frame(),
                        DamageKind::SegmentHeader,
                    ));
                }
                self.enter(&next)?;
                Ok(Judged::NextSegment)
            }
            (Some(_), Some(Stop::Fault(fault))) => Err(self.frame_damage(fault)),
            (Some(_), _) => Ok(Judged::Again),
            (None, stop) => match dirty {
                None => Ok(Judged::Tail(Tail::Clean)),
                Some(end) => self.judge_tail(file, stop.as_ref(), end).map(Judged::Tail),
            },
        }
    }

    /// Something that is no frame, in the last segment in use: a write cut short, or damage?
    ///
    /// A frame cut short lacks at least one sector, and one sector missing from a pre-zeroed file
    /// is a sector of zeros; and nothing was ever written after it.
    fn judge_tail(
        &self,
        file: &dyn DiskFile,
        stop: Option<&Stop>,
        end: u32,
    ) -> Result<Tail, Damage> {
        let mut rest = vec![0; (end - self.offset) as usize];
        file.read_at(&mut rest, u64::from(self.offset))
            .map_err(|_io| self.damage(DamageKind::Unreadable))?;
        for at in (0..rest.len()).step_by(SECTOR_BYTES as usize) {
            let later = rest.get(at..).unwrap_or_default();
            if FrameView::parse(later).is_ok_and(|f| f.head.frame > self.frame()) {
                return Err(match stop {
                    Some(Stop::Fault(fault)) => self.frame_damage(*fault),
                    _ => self.damage(DamageKind::Gap),
                });
            }
        }
        let torn = Tail::Torn {
            offset: self.offset,
            bytes: end - self.offset,
        };
        let (extent, fault) = match stop {
            // The first sector is missing: the extent is unknown but bounded.
            None | Some(Stop::Zeros) => (FRAME_BYTES_MAX, FrameFault::Header),
            Some(Stop::Longer(bytes)) => (*bytes, FrameFault::Length),
            Some(Stop::Fault(fault)) => match declared_bytes(&rest) {
                Ok(bytes) => (bytes, *fault),
                Err(header) => return Err(self.frame_damage(header)),
            },
        };
        let ended = ends_with_trailer(&rest) && !matches!(stop, None | Some(Stop::Zeros));
        if rest.len() > extent as usize || (ended && rest.len() < extent as usize) {
            return Err(self.damage(DamageKind::Gap));
        }
        let whole = rest.len() == extent as usize;
        let missing = rest.chunks(SECTOR_BYTES as usize).any(all_zero);
        if whole && !missing {
            Err(self.frame_damage(fault))
        } else {
            Ok(torn)
        }
    }

    /// End of the last sector that is not zero, from where the walk stands; `None` if all are.
    fn dirty_end(&self, file: &dyn DiskFile) -> Result<Option<u32>, Damage> {
        let mut buf = vec![0; READ_BYTES.min((self.segment_bytes - self.offset) as usize)];
        let mut at = self.offset;
        let mut end = None;
        while at < self.segment_bytes {
            let len = buf.len().min((self.segment_bytes - at) as usize);
            let read = file
                .read_at(&mut buf[..len], u64::from(at))
                .map_err(|_io| self.damage(DamageKind::Unreadable))?;
            if read < len {
                return Err(self.damage(DamageKind::SegmentLength));
            }
            if let Some(dirty) = last_dirty_sector(&buf[..len]) {
                end = Some(at + (dirty + 1) * SECTOR_BYTES);
            }
            at += len_u32(len);
        }
        Ok(end)
    }

    fn next_header(&self) -> Result<Option<Box<SegmentHeader>>, Damage> {
        Ok(active_header(&*self.disk, self.segment + 1)?.map(Box::new))
    }

    /// Enters the first segment of a ledger that was empty so far.
    fn enter_next(&mut self) -> Result<bool, Damage> {
        let Some(header) = self.next_header()? else {
            return Ok(false);
        };
        self.last = header.before;
        self.chains = header.chains.clone();
        self.enter(&header).map(|()| true)
    }

    fn enter(&mut self, header: &SegmentHeader) -> Result<(), Damage> {
        let unreadable = |_io| {
            damage(
                header.segment,
                header.before.frame + 1,
                DamageKind::Unreadable,
            )
        };
        let file = self
            .disk
            .open(&segment_name(header.segment), false)
            .map_err(unreadable)?;
        if file.len().map_err(unreadable)? != u64::from(header.segment_bytes) {
            let what = DamageKind::SegmentLength;
            return Err(damage(header.segment, header.before.frame + 1, what));
        }
        self.file = Some(file);
        self.segment = header.segment;
        self.segment_bytes = header.segment_bytes;
        self.offset = header.bytes();
        Ok(())
    }

    fn frame(&self) -> u64 {
        self.last.frame + 1
    }

    fn damage(&self, what: DamageKind) -> Damage {
        damage(self.segment, self.frame(), what)
    }

    fn frame_damage(&self, fault: FrameFault) -> Damage {
        Damage {
            row: fault.row(),
            ..self.damage(DamageKind::Frame(fault))
        }
    }
}

enum Stop {
    Zeros,
    Longer(u32),
    Fault(FrameFault),
}

enum Judged {
    Tail(Tail),
    NextSegment,
    Again,
}

/// Index of the last sector that is not all zeros.
fn last_dirty_sector(bytes: &[u8]) -> Option<u32> {
    if all_zero(bytes) {
        return None;
    }
    let sectors = bytes.chunks(SECTOR_BYTES as usize).zip(0..);
    sectors
        .filter(|(sector, _)| !all_zero(sector))
        .map(|(_, n)| n)
        .last()
}

/// Whether the last bytes that are not zero are a frame's trailer.
fn ends_with_trailer(bytes: &[u8]) -> bool {
    let end = bytes
        .iter()
        .rposition(|b| *b != 0)
        .map_or(0, |last| last + 1);
    bytes.get(..end).is_some_and(|b| b.ends_with(&TRAILER))
}
