//! Room for uploads on the ledger's own disk: a disk that is full seals every tenant.
//!
//! Invariants
//! - ROOM-1: at most [`SOR_UPLOADS_MAX`] uploads and [`SOR_SPOOL_BYTES_MAX`] bytes of them are kept at
//!   once, and none while the disk has less than the ledger's low-water mark free.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::ledger::CommitStatus;
use crate::wire::limits::{SOR_SPOOL_BYTES_MAX, SOR_UPLOADS_MAX};

/// Bytes written between two looks at the disk.
const LOOK_BYTES: u64 = 1024 * 1024;

/// Uploads that are kept, of a house.
#[derive(Debug, Default)]
pub(super) struct Room {
    uploads: AtomicUsize,
    bytes: AtomicU64,
}

/// The room of one upload; given back when dropped.
#[derive(Debug)]
pub(super) struct Kept {
    room: Arc<Room>,
    status: Arc<CommitStatus>,
    bytes: u64,
    looked_at: u64,
}

impl Room {
    /// Room for one more upload; none while too many are kept.
    pub(super) fn enter(self: &Arc<Self>, status: &Arc<CommitStatus>) -> Option<Kept> {
        let before = self.uploads.fetch_add(1, Ordering::AcqRel);
        let kept = Kept {
            room: Arc::clone(self),
            status: Arc::clone(status),
            bytes: 0,
            looked_at: 0,
        };
        (before < SOR_UPLOADS_MAX).then_some(kept)
    }
}

impl Kept {
    /// Takes room for so many bytes more in a file; false: there is none.
    #[must_use]
    pub(super) fn take(&mut self, bytes: u64, file: &File) -> bool {
        self.bytes += bytes;
        let all = self.room.bytes.fetch_add(bytes, Ordering::AcqRel) + bytes;
        if all > SOR_SPOOL_BYTES_MAX {
            return false;
        }
        if self.bytes < self.looked_at {
            return true;
        }
        self.looked_at = self.bytes + LOOK_BYTES;
        self.has_disk(file)
    }

    /// Whether the disk of a file has more than the low-water mark free.
    pub(super) fn has_disk(&self, file: &File) -> bool {
        let low = self.status.low_water_bytes.load(Ordering::Relaxed);
        // One that cannot be asked has no room.
        let free = rustix::fs::fstatvfs(file);
        free.is_ok_and(|stat| stat.f_bavail.saturating_mul(stat.f_frsize) >= low)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.room.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        self.room.uploads.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names invariant ROOM-1.
    #[test]
    fn uploads_have_bounded_room_and_none_on_a_disk_that_is_low() {
        let (room, status) = (Arc::<Room>::default(), Arc::<CommitStatus>::default());
        let file = tempfile::tempfile().unwrap();
        let mut all: Vec<Kept> = (0..SOR_UPLOADS_MAX)
            .map(|_| room.enter(&status).unwrap())
            .collect();
        assert!(room.enter(&status).is_none());
        let mut one = all.pop().unwrap();
        assert!(one.take(SOR_SPOOL_BYTES_MAX, &file));
        assert!(!all[0].take(1, &file));
        drop(one);
        assert!(all[1].take(1, &file));
        status.low_water_bytes.store(u64::MAX, Ordering::Relaxed);
        let mut late = room.enter(&status).unwrap();
        assert!(!late.take(1, &file) && !late.has_disk(&file));
        drop((all, late));
        assert_eq!(room.bytes.load(Ordering::Relaxed), 0);
        assert!(room.enter(&status).is_some());
    }
}
