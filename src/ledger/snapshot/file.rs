//! One file of a snapshot: what it stands for, parts of pages, and an end that seals them.
//!
//! Every part fills whole pages of the disk, so that it is written past the page cache where that can
//! be. Integers are little-endian.
//!
//! | part header, 32 bytes | |
//! |---|---|
//! | magic, version | `DGSP`, 1 |
//! | number `u64`, index `u32` | the file's own, and the part's place in it from 0 |
//! | kind `u32` | 1 head, 2 pages, 3 end |
//! | bytes `u32` | of the body, which zeros follow to the end of the page |
//! | checksum `u32` | CRC-32 of the header before it, the body and the zeros |
//!
//! | body of | holds |
//! |---|---|
//! | head | frame `u64`; number `u64` and seal `u32` of the file this one adds to, 0 and 0 for none; opaque bytes |
//! | pages | entries: table `u8`, page `u32`, length `u32`, opaque bytes |
//! | end | parts before it `u32`; seal `u32`: CRC-32 of their checksums in order |

use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::SnapshotDamage;
use crate::ledger::bytes::Taker;
use crate::ledger::disk::{Disk, DiskFile};
use crate::ledger::limits::{PAGE_BYTES, SNAPSHOT_CHUNK_BYTES, SNAPSHOT_PART_BYTES_MAX, len_u32};

const MAGIC: [u8; 4] = *b"DGSP";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 32;
const PAGE: usize = PAGE_BYTES as usize;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Head = 1,
    Pages = 2,
    End = 3,
}

/// A file by its number and its seal: what another one adds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) number: u64,
    pub(super) seal: u32,
}

/// What a file stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// Every effect up to this frame is in it and in what it adds to.
    pub(super) frame: u64,
    /// The file that has the pages this one lacks.
    pub(super) after: Option<Sealed>,
    /// Opaque.
    pub(super) bytes: Vec<u8>,
}

/// The name of the file with this number.
pub(super) fn file_name(number: u64) -> String {
    format!("snap-{number:08}.dgs")
}

/// The number in such a name.
pub(super) fn file_number(name: &str) -> Option<u64> {
    let number = name.strip_prefix("snap-")?.strip_suffix(".dgs")?;
    number.parse().ok().filter(|n| file_name(*n) == name)
}

/// A file being written, part by part.
pub(super) struct FileWriter {
    file: Arc<dyn DiskFile>,
    number: u64,
    offset: u64,
    parts: u32,
    seal: crc32fast::Hasher,
    /// The part being filled, its header included.
    part: Vec<u8>,
}

impl FileWriter {
    /// Begins the file; nothing is on the disk before the first part is full.
    ///
    /// # Errors
    /// As the disk says.
    pub(super) fn begin(file: Arc<dyn DiskFile>, number: u64, head: &Head) -> io::Result<Self> {
        let mut writer = Self {
            file,
            number,
            offset: 0,
            parts: 0,
            seal: crc32fast::Hasher::new(),
            part: vec![0; HEADER_BYTES],
        };
        let after = head.after.unwrap_or(Sealed { number: 0, seal: 0 });
        let part = &mut writer.part;
        part.extend_from_slice(&head.frame.to_le_bytes());
        part.extend_from_slice(&after.number.to_le_bytes());
        part.extend_from_slice(&after.seal.to_le_bytes());
        part.extend_from_slice(&head.bytes);
        writer.write(Kind::Head)?;
        Ok(writer)
    }

    /// Adds a page; whether a part went to the disk with it.
    ///
    /// # Errors
    /// As the disk says; the file is of no use then.
    pub(super) fn page(&mut self, table: u8, page: u32, bytes: &[u8]) -> io::Result<bool> {
        self.part.push(table);
        self.part.extend_from_slice(&page.to_le_bytes());
        self.part
            .extend_from_slice(&len_u32(bytes.len()).to_le_bytes());
        self.part.extend_from_slice(bytes);
        let full = self.part.len() >= SNAPSHOT_CHUNK_BYTES;
        if full {
            self.write(Kind::Pages)?;
        }
        Ok(full)
    }

    /// Writes what is left and the end, and makes the file durable; its seal and its length.
    ///
    /// # Errors
    /// As the disk says; the file is of no use then.
    pub(super) fn end(mut self) -> io::Result<(Sealed, u64)> {
        if self.part.len() > HEADER_BYTES {
            self.write(Kind::Pages)?;
        }
        let seal = self.seal.clone().finalize();
        self.part.extend_from_slice(&self.parts.to_le_bytes());
        self.part.extend_from_slice(&seal.to_le_bytes());
        self.write(Kind::End)?;
        self.file.sync()?;
        let number = self.number;
        Ok((Sealed { number, seal }, self.offset))
    }

    /// Makes durable what was written so far.
    ///
    /// # Errors
    /// As the disk says; the file is of no use then.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }

    /// Whether what is written waits in memory for a sync.
    pub(super) fn is_cached(&self) -> bool {
        self.file.is_cached()
    }

    fn write(&mut self, kind: Kind) -> io::Result<()> {
        let body = self.part.len() - HEADER_BYTES;
        if body > SNAPSHOT_PART_BYTES_MAX as usize {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.part.resize(self.part.len().next_multiple_of(PAGE), 0);
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(&MAGIC);
        header.extend_from_slice(&VERSION.to_le_bytes());
        header.extend_from_slice(&self.number.to_le_bytes());
        header.extend_from_slice(&self.parts.to_le_bytes());
        header.extend_from_slice(&(kind as u32).to_le_bytes());
        header.extend_from_slice(&len_u32(body).to_le_bytes());
        let (place, rest) = self.part.split_at_mut(HEADER_BYTES);
        let mut sum = crc32fast::Hasher::new();
        sum.update(&header);
        sum.update(rest);
        let sum = sum.finalize().to_le_bytes();
        header.extend_from_slice(&sum);
        place.copy_from_slice(&header);
        self.file.write_at(&self.part, self.offset)?;
        self.seal.update(&sum);
        self.offset += self.part.len() as u64;
        self.parts += 1;
        self.part.truncate(HEADER_BYTES);
        Ok(())
    }
}

/// A file that is there, begun and ended as it should be. Its parts are checked as they are read.
#[derive(Debug)]
pub(super) struct Volume {
    pub(super) sealed: Sealed,
    pub(super) head: Head,
    /// Length, bytes.
    pub(super) bytes: u64,
    parts: u32,
}

impl Volume {
    /// Looks at both ends of the file.
    ///
    /// # Errors
    /// [`SnapshotDamage`].
    pub(super) fn open(disk: &dyn Disk, number: u64) -> Result<Self, SnapshotDamage> {
        let file = disk.open(&file_name(number), false)?;
        let mut reader = PartReader::new(&*file, number)?;
        let end = reader.len.checked_sub(PAGE as u64);
        reader.offset = end.ok_or(SnapshotDamage::Part)?;
        let mut part = Vec::new();
        let (kind, index) = reader.part(&mut part)?;
        let mut t = Taker(&part);
        let (Some(parts), Some(seal), true) = (t.u32(), t.u32(), kind == Kind::End) else {
            return Err(SnapshotDamage::Part);
        };
        reader.offset = 0;
        let head = match reader.part(&mut part)? {
            (Kind::Head, 0) if index == parts => read_head(&part),
            _ => None,
        };
        Ok(Self {
            sealed: Sealed { number, seal },
            head: head.ok_or(SnapshotDamage::Part)?,
            bytes: reader.len,
            parts,
        })
    }

    /// Hands the bodies of all parts with pages to `body`, in order, each checked; false stops.
    ///
    /// # Errors
    /// [`SnapshotDamage`]: what was handed over before is not to be used.
    pub(super) fn read(
        &self,
        disk: &dyn Disk,
        mut body: impl FnMut(&mut Vec<u8>) -> bool,
    ) -> Result<(), SnapshotDamage> {
        let file = disk.open(&file_name(self.sealed.number), false)?;
        let mut reader = PartReader::new(&*file, self.sealed.number)?;
        let mut part = Vec::new();
        for expected in 0..self.parts {
            let (kind, index) = reader.part(&mut part)?;
            let wanted = if expected == 0 {
                Kind::Head
            } else {
                Kind::Pages
            };
            if (kind, index) != (wanted, expected) {
                return Err(SnapshotDamage::Part);
            }
            if kind == Kind::Pages && !body(&mut part) {
                return Ok(());
            }
        }
        let sealed = reader.seal.finalize() == self.sealed.seal;
        // Nothing but the end may follow.
        if !sealed || reader.offset + PAGE as u64 != reader.len {
            return Err(SnapshotDamage::Seal);
        }
        file.forget();
        Ok(())
    }
}

/// The entries of a checked part: table, page, and where in the part its bytes lie. Ends at one that
/// cannot be.
pub(super) fn entries(body: &[u8]) -> Entries<'_> {
    Entries { body, at: 0 }
}

/// See [`entries`].
pub(super) struct Entries<'b> {
    body: &'b [u8],
    at: usize,
}

impl Entries<'_> {
    /// Whether the last entry ended where the part does.
    pub(super) fn is_whole(&self) -> bool {
        self.at == self.body.len()
    }
}

impl Iterator for Entries<'_> {
    type Item = (u8, u32, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let mut t = Taker(self.body.get(self.at..)?);
        let [table] = t.array()?;
        let page = t.u32()?;
        let len = t.u32()?;
        let before = t.0.len();
        t.take(len as usize)?;
        let from = self.body.len() - before;
        self.at = self.body.len() - t.0.len();
        Some((table, page, from..self.at))
    }
}

fn read_head(body: &[u8]) -> Option<Head> {
    let mut t = Taker(body);
    let frame = t.u64()?;
    let (number, seal) = (t.u64()?, t.u32()?);
    Some(Head {
        frame,
        after: (number != 0).then_some(Sealed { number, seal }),
        bytes: t.0.to_vec(),
    })
}

/// Parts one after the other.
struct PartReader<'f> {
    file: &'f dyn DiskFile,
    number: u64,
    len: u64,
    offset: u64,
    seal: crc32fast::Hasher,
}

impl<'f> PartReader<'f> {
    fn new(file: &'f dyn DiskFile, number: u64) -> Result<Self, SnapshotDamage> {
        Ok(Self {
            file,
            number,
            len: file.len()?,
            offset: 0,
            seal: crc32fast::Hasher::new(),
        })
    }

    /// The next part's kind and index, and its body in `part`.
    fn part(&mut self, part: &mut Vec<u8>) -> Result<(Kind, u32), SnapshotDamage> {
        let mut header = [0; HEADER_BYTES];
        self.fill(&mut header, self.offset)?;
        let (kind, index, bytes) = self.header(&header).ok_or(SnapshotDamage::Part)?;
        let whole = (HEADER_BYTES + bytes as usize).next_multiple_of(PAGE);
        if whole as u64 > self.len - self.offset {
            return Err(SnapshotDamage::Part);
        }
        part.resize(whole - HEADER_BYTES, 0);
        self.fill(part, self.offset + HEADER_BYTES as u64)?;
        let (before, stored) = header.split_at(HEADER_BYTES - 4);
        let mut sum = crc32fast::Hasher::new();
        sum.update(before);
        sum.update(part);
        if sum.finalize().to_le_bytes() != *stored {
            return Err(SnapshotDamage::Part);
        }
        part.truncate(bytes as usize);
        self.seal.update(stored);
        self.offset += whole as u64;
        Ok((kind, index))
    }

    fn header(&self, header: &[u8]) -> Option<(Kind, u32, u32)> {
        let mut t = Taker(header);
        let magic: [u8; 4] = t.array()?;
        let (version, number, index) = (t.u32()?, t.u64()?, t.u32()?);
        let kind = match t.u32()? {
            1 => Kind::Head,
            2 => Kind::Pages,
            3 => Kind::End,
            _ => return None,
        };
        let bytes = t.u32()?;
        let ours = magic == MAGIC && version == VERSION && number == self.number;
        (ours && bytes <= SNAPSHOT_PART_BYTES_MAX).then_some((kind, index, bytes))
    }

    fn fill(&self, bytes: &mut [u8], offset: u64) -> Result<(), SnapshotDamage> {
        let read = self.file.read_at(bytes, offset)?;
        if read < bytes.len() {
            return Err(SnapshotDamage::Part);
        }
        Ok(())
    }
}
