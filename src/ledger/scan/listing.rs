//! Which segments there are and which are in use.

use crate::ledger::disk::{Disk, DiskFile};
use crate::ledger::frame::declared_bytes;
use crate::ledger::limits::{SECTOR_BYTES, SEGMENT_HEADER_BYTES_MAX};
use crate::ledger::seal::{Damage, DamageKind};
use crate::ledger::segment::{HeaderState, SegmentHeader, segment_name, segment_number};

/// The segments in `disk`, which must be numbered from 1 without a gap.
///
/// # Errors
/// [`DamageKind::SegmentMissing`] or [`DamageKind::Unreadable`].
pub fn segments(disk: &dyn Disk) -> Result<u32, Damage> {
    let names = disk
        .list()
        .map_err(|_io| damage(0, 0, DamageKind::Unreadable))?;
    let mut found: Vec<u32> = names.iter().filter_map(|n| segment_number(n)).collect();
    found.sort_unstable();
    for (number, expected) in found.iter().zip(1..) {
        if *number != expected {
            return Err(damage(expected, 0, DamageKind::SegmentMissing));
        }
    }
    Ok(found.last().copied().unwrap_or(0))
}

/// The header of a segment in use; `None` when it is prepared only, or its header was cut short
/// before a frame followed.
///
/// # Errors
/// [`DamageKind::SegmentHeader`] for an altered header with frames behind it.
pub(crate) fn active_header(
    disk: &dyn Disk,
    segment: u32,
) -> Result<Option<SegmentHeader>, Damage> {
    let unreadable = |_io| damage(segment, 0, DamageKind::Unreadable);
    let file = match disk.open(&segment_name(segment), false) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(unreadable)?,
    };
    let mut start = vec![0; 64 * 1024];
    let read = file.read_at(&mut start, 0).map_err(unreadable)?;
    start.truncate(read);
    let mut state = SegmentHeader::read(&start);
    if state == HeaderState::Bad {
        // A long tenant table, a header cut short, or an altered one.
        start.resize(SEGMENT_HEADER_BYTES_MAX as usize, 0);
        let read = file.read_at(&mut start, 0).map_err(unreadable)?;
        start.truncate(read);
        state = SegmentHeader::read(&start);
    }
    match state {
        HeaderState::Active(header) if header.segment == segment => Ok(Some(*header)),
        HeaderState::Active(_) => Err(damage(segment, 0, DamageKind::SegmentHeader)),
        HeaderState::Prepared | HeaderState::Bad => {
            let frames = holds_frames(&*file).map_err(unreadable)?;
            if frames {
                return Err(damage(segment, 0, DamageKind::SegmentHeader));
            }
            Ok(None)
        }
    }
}

pub(super) fn damage(segment: u32, frame: u64, what: DamageKind) -> Damage {
    Damage {
        segment,
        frame,
        row: None,
        what,
    }
}

/// Whether any sector where a first frame can lie looks like the start of one.
fn holds_frames(file: &dyn DiskFile) -> std::io::Result<bool> {
    // The first frame follows the header, and headers are bounded.
    let mut start = vec![0; (SEGMENT_HEADER_BYTES_MAX + SECTOR_BYTES) as usize];
    let read = file.read_at(&mut start, 0)?;
    let mut sectors = start[..read].chunks(SECTOR_BYTES as usize);
    Ok(sectors.any(|s| declared_bytes(s).is_ok()))
}
