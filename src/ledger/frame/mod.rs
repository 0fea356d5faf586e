//! Frames: what one commit writes. Format version 1, all integers little-endian.
//!
//! | at | bytes | what |
//! |---|---|---|
//! | 0 | 4 | magic `DGFR` |
//! | 4 | 4 | format version, 1 |
//! | 8 | 8 | frame number, from 1, without gaps |
//! | 16 | 4 | rows |
//! | 20 | 4 | bytes of the tenant section `t` |
//! | 24 | 4 | bytes of the body section `b` |
//! | 28 | 4 | bytes of the subject section `s` |
//! | 32 | 32 | hash of the previous frame, zeros in the first |
//! | 64 | 32 | frame hash: SHA-256 over bytes 0..64, the tenant section and the row table |
//! | 96 | `t` | tenants declared here: number `u16`, name length `u16`, name |
//! | .. | 64 a row | row table, below |
//! | .. | `b` | the rows' chained bodies, back to back |
//! | .. | `s` | the rows' subject blocks, back to back, below |
//! | .. | 8 | trailer `DGFR-END` |
//! | .. | | zeros to the next 512-byte sector |
//!
//! Row table entry: tenant `u16`, subject count `u16`, body length `u32`, seq `u64`, two posting
//! keys `u64` (0 = none), row hash 32 bytes. The previous row's hash is not stored: it is the
//! tenant's head before the row, and the reader recomputes the link from it.
//!
//! Subject block: salt 16 bytes, length `u16`, state `u8` (1 present, 2 erased), zero `u8`,
//! CRC-32 of salt, length and bytes `u32`, then the bytes.
//!
//! Why so: the frame hash covers a body through its row's hash, so a body is hashed once and not
//! twice. Subjects lie outside every hash, so one can be zeroed later. A frame starts on a sector
//! and ends with a non-zero trailer, so a write cut short leaves at least one sector of zeros in
//! the pre-zeroed file, which tells it from an altered frame. Sectors of 512 bytes rather than
//! pages of 4096: a page would multiply the log of an idle floor by eight.

mod builder;
mod view;

pub use builder::{FrameBuilder, RowError};
pub(crate) use view::declared_bytes;
pub use view::{FrameFault, FrameView, RawRow, RowView, Rows, Subjects};

use super::limits::{SECTOR_BYTES, sectors_up};

pub(crate) const MAGIC: [u8; 4] = *b"DGFR";
pub(crate) const VERSION: u32 = 1;
pub(crate) const HEADER_BYTES: usize = 96;
pub(crate) const HASHED_HEADER_BYTES: usize = 64;
pub(crate) const ROW_ENTRY_BYTES: usize = 64;
pub(crate) const SUBJECT_HEADER_BYTES: usize = 24;
pub(crate) const SUBJECT_STATE_AT: usize = 18;
pub(crate) const TRAILER: [u8; 8] = *b"DGFR-END";
pub(crate) const PRESENT: u8 = 1;
pub(crate) const ERASED: u8 = 2;

/// Bytes of a frame with these sections, padding included; saturates.
pub(crate) fn frame_bytes(tenants: u32, rows: u32, bodies: u32, subjects: u32) -> u32 {
    let fixed = HEADER_BYTES as u64 + TRAILER.len() as u64;
    let sum = fixed
        + u64::from(tenants)
        + u64::from(rows) * ROW_ENTRY_BYTES as u64
        + u64::from(bodies)
        + u64::from(subjects);
    sectors_up(u32::try_from(sum).unwrap_or(u32::MAX - SECTOR_BYTES))
}

/// CRC-32 of a subject block: salt, length, bytes.
pub(crate) fn subject_crc(salt: &[u8; 16], bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(salt);
    crc.update(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_le_bytes());
    crc.update(bytes);
    crc.finalize()
}

#[cfg(test)]
mod tests;
