//! Damage and the seal: once set, nothing is appended until a restart after repair.

use std::fmt;
use std::sync::OnceLock;

use super::frame::FrameFault;
use super::row::TenantNo;

/// What was found broken, and where. Names no tenant and no person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Segment it lies in.
    pub segment: u32,
    /// Frame expected there.
    pub frame: u64,
    /// The row at fault, when it is known: tenant number and seq.
    pub row: Option<(TenantNo, u64)>,
    /// What is wrong.
    pub what: DamageKind,
}

/// The kinds of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DamageKind {
    /// The segment's file is not there, though a later one or the watermark says it must be.
    #[error("segment file missing")]
    SegmentMissing,
    /// The file is shorter than its header says.
    #[error("segment file has the wrong length")]
    SegmentLength,
    /// The header is altered or does not continue the segment before.
    #[error("segment header altered or out of order")]
    SegmentHeader,
    /// A frame does not verify.
    #[error("{0}")]
    Frame(#[from] FrameFault),
    /// No frame where one must be: something follows, or the next segment is in use.
    #[error("a frame is missing")]
    Gap,
    /// The ledger ends before a frame known to have been durable.
    #[error("the ledger ends before frame {0}, which was durable")]
    Truncated(u64),
    /// The file could not be read.
    #[error("segment file could not be read")]
    Unreadable,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "segment {} frame {}", self.segment, self.frame)?;
        if let Some((tenant, seq)) = self.row {
            write!(f, " tenant number {tenant} seq {seq}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl std::error::Error for Damage {}

/// Why nothing is appended any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealReason {
    /// The ledger is damaged.
    #[error("ledger damaged: {0}")]
    Damaged(Damage),
    /// A write failed.
    #[error("ledger write failed")]
    WriteFailed,
    /// A sync failed; what it left behind is unknown, so it is not tried again.
    #[error("ledger sync failed")]
    SyncFailed,
    /// The disk is full.
    #[error("disk full")]
    DiskFull,
    /// A frame did not fit the store.
    #[error("frame longer than a segment takes")]
    FrameTooLong,
    /// A recorded row does not apply: the state ends in front of it, the ledger does not.
    #[error("a recorded row does not apply")]
    RowUnapplied,
    /// A row was refused by the ledger: the state has it, the ledger does not.
    #[error("a row was refused by the ledger")]
    RowRefused,
    /// The committer thread ended without being asked to.
    #[error("committer stopped")]
    CommitterStopped,
}

/// Set at most once, read by anyone.
#[derive(Debug, Default)]
pub struct Seal(OnceLock<SealReason>);

impl Seal {
    /// Seals; the first reason stays.
    pub fn set(&self, reason: SealReason) {
        // A second reason is a consequence of the first, and the first is what must be repaired.
        let _first = self.0.set(reason);
    }

    /// The reason, if sealed.
    pub fn reason(&self) -> Option<SealReason> {
        self.0.get().copied()
    }
}
