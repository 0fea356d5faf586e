//! Destroying the personal fields of a row: salt and bytes are zeroed where they lie.
//!
//! The mark goes down and is synced first, the zeros after it: a power cut in between leaves a
//! block that reads as erased, and erasing it again finishes the work. Chains and frames do not
//! cover these bytes, so they stay whole.

use std::path::Path;
use std::sync::Arc;

use super::data_dir::ledger_disk;
use super::disk::{Disk, DiskFile};
use super::frame::{ERASED, SUBJECT_HEADER_BYTES, SUBJECT_STATE_AT};
use super::row::{FramePos, TenantNo};
use super::scan::{Chunk, Scanner, active_header, segments};
use super::seal::Damage;
use super::segment::segment_name;

/// Why nothing, or not everything, was erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// No tenant of that name, or no such row in its chain.
    #[error("no such row")]
    RowUnknown,
    /// The segment is damaged.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// The disk failed; erase again.
    #[error("erasing could not be written")]
    Disk(#[from] std::io::Error),
}

/// Erases every subject block of row `seq` of `tenant`, durably; returns how many blocks the row
/// has. May run beside a server: only bytes of committed frames are touched. Idempotent.
///
/// # Errors
/// [`EraseError`].
pub fn erase(dir: &Path, tenant: &str, seq: u64) -> Result<u32, EraseError> {
    erase_disk(&ledger_disk(dir), tenant, seq)
}

/// As [`erase`], over any disk.
///
/// # Errors
/// [`EraseError`].
pub fn erase_disk(disk: &Arc<dyn Disk>, tenant: &str, seq: u64) -> Result<u32, EraseError> {
    let mut scanner = Scanner::one_segment(disk, segment_of(disk, tenant, seq)?)?;
    let mut chunk = Chunk::default();
    while scanner.next_chunk(&mut chunk)?.is_none() {
        let Some(number) = scanner.chains().number(tenant) else {
            continue;
        };
        for (pos, frame) in chunk.frames() {
            if let Some((at, row)) = frame.subjects_of(number, seq) {
                let lengths: Vec<u32> = row.subjects.lengths().collect();
                let file = disk.open(&segment_name(pos.segment), true)?;
                zero_blocks(&*file, pos, at, &lengths)?;
                return Ok(super::limits::len_u32(lengths.len()));
            }
        }
    }
    Err(EraseError::RowUnknown)
}

/// The last segment that begins before the row, by the heads in the headers.
fn segment_of(disk: &Arc<dyn Disk>, tenant: &str, seq: u64) -> Result<u32, EraseError> {
    for segment in (1..=segments(&**disk)?).rev() {
        let Some(header) = active_header(&**disk, segment)? else {
            continue;
        };
        let before = header
            .chains
            .number(tenant)
            .and_then(|no: TenantNo| header.chains.head(no));
        if before.map_or(0, |head| head.seq) < seq {
            return Ok(segment);
        }
    }
    Err(EraseError::RowUnknown)
}

fn zero_blocks(
    file: &dyn DiskFile,
    pos: FramePos,
    at: usize,
    lengths: &[u32],
) -> std::io::Result<()> {
    let starts = lengths
        .iter()
        .scan(u64::from(pos.offset) + at as u64, |next, len| {
            let start = *next;
            *next += SUBJECT_HEADER_BYTES as u64 + u64::from(*len);
            Some((start, *len))
        });
    for (start, _) in starts.clone() {
        file.write_at(&[ERASED], start + SUBJECT_STATE_AT as u64)?;
    }
    file.sync()?;
    for (start, len) in starts {
        file.write_at(&[0; 16], start)?;
        let after_state = SUBJECT_STATE_AT + 2;
        let rest = SUBJECT_HEADER_BYTES - after_state + len as usize;
        file.write_at(&vec![0; rest], start + after_state as u64)?;
    }
    file.sync()
}
