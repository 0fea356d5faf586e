//! Writing past the page cache, sector by sector.
//!
//! Whoever commits a frame syncs it at once, so the copy in the page cache serves nobody: it costs the
//! copy, the pages, and the search for dirty ones, which together are as much as the write itself.
//!
//! Other processes may write to the same file: an erasure beside a running server. Past the cache
//! the unit is a sector, so bytes that are not whole sectors are read, changed and written back
//! under a lock on the file. That is safe beside appending, because a frame fills its sectors alone.
//! It would not be through the cache, whose pages hold the end of one frame and the place of the
//! next; hence whoever can write past the cache always does.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rustix::fs::{AtFlags, OFlags, StatxFlags};

use crate::ledger::limits::{PAGE_BYTES, SECTOR_BYTES};

const SECTOR: usize = SECTOR_BYTES as usize;
/// Where memory must begin: more than any device asks for.
const ALIGN: usize = PAGE_BYTES as usize;

/// A file opened a second time, for writing past the page cache.
#[derive(Debug)]
pub(super) struct DirectFile {
    file: File,
    /// Bytes on their way, from the first aligned place on. Kept from write to write; as long as the
    /// longest frame at most.
    bounce: Mutex<Vec<u8>>,
}

impl DirectFile {
    /// The file at `path`; `None` when the file system does not write single sectors that way.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let flags = i32::try_from(OFlags::DIRECT.bits()).ok()?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).custom_flags(flags);
        let file = options.open(path).ok()?;
        let stat = rustix::fs::statx(&file, c"", AtFlags::EMPTY_PATH, StatxFlags::DIOALIGN).ok()?;
        let asked = stat.stx_mask & StatxFlags::DIOALIGN.bits() != 0;
        let sector = stat.stx_dio_offset_align;
        let fits = asked
            && (1..=SECTOR_BYTES).contains(&sector)
            && SECTOR_BYTES.is_multiple_of(sector)
            && (1..=PAGE_BYTES).contains(&stat.stx_dio_mem_align);
        fits.then(|| Self {
            file,
            bounce: Mutex::default(),
        })
    }

    /// Writes all of `bytes` at `offset`; not durable before a sync.
    pub(super) fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let head = usize::try_from(offset % u64::from(SECTOR_BYTES)).map_err(io::Error::other)?;
        let whole = head == 0 && bytes.len().is_multiple_of(SECTOR);
        if whole && bytes.as_ptr().align_offset(ALIGN) == 0 {
            return self.file.write_all_at(bytes, offset);
        }
        let len = (head + bytes.len()).next_multiple_of(SECTOR);
        let mut bounce = self.bounce.lock().unwrap_or_else(PoisonError::into_inner);
        let sectors = aligned(&mut bounce, len);
        let (inside, start) = (head..head + bytes.len(), offset - head as u64);
        if whole {
            sectors.copy_from_slice(bytes);
            return self.file.write_all_at(sectors, start);
        }
        self.file.lock()?;
        let changed = self.file.read_exact_at(sectors, start).and_then(|()| {
            if let Some(place) = sectors.get_mut(inside) {
                place.copy_from_slice(bytes);
            }
            self.file.write_all_at(sectors, start)
        });
        let unlocked = self.file.unlock();
        changed.and(unlocked)
    }
}

/// `len` bytes that begin where devices can take them from.
fn aligned(bounce: &mut Vec<u8>, len: usize) -> &mut [u8] {
    if bounce.len() < len + ALIGN {
        bounce.resize(len + ALIGN, 0);
    }
    let skip = bounce.as_ptr().align_offset(ALIGN).min(ALIGN);
    bounce.get_mut(skip..skip + len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every place and length around a sector's ends, against a plain copy in memory.
    #[test]
    fn bytes_land_where_they_belong_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let mut model: Vec<u8> = (0..4 * SECTOR)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect();
        std::fs::write(&path, &model).unwrap();
        let Some(direct) = DirectFile::open(&path) else {
            // A file system without: the buffered way is tested everywhere else.
            return;
        };
        for (n, offset) in (0_u8..).zip([0, 1, 511, 512, 513, 1023, 1024]) {
            for len in [0, 1, 511, 512, 513, 1024] {
                let bytes = vec![n ^ 0xa5; len];
                direct.write_at(&bytes, offset as u64).unwrap();
                model[offset..offset + len].copy_from_slice(&bytes);
                assert_eq!(std::fs::read(&path).unwrap(), model, "{len} at {offset}");
            }
        }
        // What is not there is not made up: a file ends where it ended.
        assert!(direct.write_at(&[1; 10], 4 * SECTOR as u64).is_err());
    }
}
