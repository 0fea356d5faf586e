//! The seam between the ledger and where its frames lie.

use super::chain::Chains;
use super::frame::{FrameBuilder, FrameView};
use super::row::{FrameHead, FramePos, Hash, Head, TenantNo};
use super::seal::{Damage, SealReason};

/// Why a frame was not stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk has no room.
    #[error("disk full")]
    Full,
    /// Writing failed.
    #[error("write failed")]
    Write(#[source] std::io::Error),
    /// Syncing failed.
    #[error("sync failed")]
    Sync(#[source] std::io::Error),
    /// The frame is longer than the store takes.
    #[error("frame of {0} bytes does not fit")]
    FrameTooLong(u32),
    /// The thread that prepares segments is gone.
    #[error("no segment was prepared")]
    NotPrepared,
}

impl StoreError {
    pub(crate) fn write(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            Self::Full
        } else {
            Self::Write(error)
        }
    }

    /// The reason the ledger is sealed for.
    pub fn seal_reason(&self) -> SealReason {
        match self {
            Self::Full => SealReason::DiskFull,
            Self::Write(_) | Self::NotPrepared => SealReason::WriteFailed,
            Self::Sync(_) => SealReason::SyncFailed,
            Self::FrameTooLong(_) => SealReason::FrameTooLong,
        }
    }
}

/// A durable, append-only sequence of frames. After any error nothing more may be written.
pub trait LogStore: Send {
    /// Stamps `frame` as the successor of the last and writes it; durable only after `sync`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn write(&mut self, frame: &FrameBuilder) -> Result<FramePos, StoreError>;

    /// Makes everything written durable.
    ///
    /// # Errors
    /// [`StoreError::Sync`]; never tried again.
    fn sync(&mut self) -> Result<(), StoreError>;

    /// The last frame written.
    fn last(&self) -> FrameHead;

    /// Hands every frame with a number of at least `from` to `frame`, in order, verified.
    ///
    /// # Errors
    /// The first [`Damage`].
    fn read_from(&self, from: u64, frame: &mut dyn FnMut(&FrameView<'_>)) -> Result<(), Damage>;
}

/// Moves `chains` past a frame just written.
pub(crate) fn advance(chains: &mut Chains, frame: &FrameBuilder) {
    for (tenant, name) in frame.declared() {
        // Cannot fail: the builder declared it in chains that were ahead of these.
        let declared = chains.declare(tenant, name);
        debug_assert_eq!(declared, Ok(()));
    }
    for (tenant, head, _) in frame.row_heads() {
        debug_assert_eq!(chains.head(tenant).map(|h| h.seq + 1), Some(head.seq));
        chains.set_head(tenant, head);
    }
}

/// Frames in memory, for tests and for runs that keep nothing.
#[derive(Debug, Default)]
pub struct MemoryStore {
    frames: Vec<Vec<u8>>,
    last: FrameHead,
}

impl LogStore for MemoryStore {
    fn write(&mut self, frame: &FrameBuilder) -> Result<FramePos, StoreError> {
        let mut bytes = Vec::new();
        self.last = frame.encode(self.last, &mut bytes);
        self.frames.push(bytes);
        Ok(FramePos {
            frame: self.last.frame,
            segment: 0,
            offset: 0,
            bytes: frame.bytes(),
        })
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn last(&self) -> FrameHead {
        self.last
    }

    fn read_from(&self, from: u64, frame: &mut dyn FnMut(&FrameView<'_>)) -> Result<(), Damage> {
        let mut chains = Chains::default();
        let mut prev = FrameHead::default();
        for bytes in &self.frames {
            let expected = prev.frame + 1;
            let damage = |fault: super::frame::FrameFault| Damage {
                segment: 0,
                frame: expected,
                row: fault.row(),
                what: fault.into(),
            };
            let view = FrameView::parse(bytes).map_err(damage)?;
            view.check(prev, &mut chains).map_err(damage)?;
            prev = view.head;
            if view.head.frame >= from {
                frame(&view);
            }
        }
        Ok(())
    }
}

/// Follows the rows of verified frames and knows the hash before each.
#[derive(Debug, Default)]
pub(crate) struct PrevHashes(Vec<Hash>);

impl PrevHashes {
    /// Starts where `chains` stand.
    pub(crate) fn at(chains: &Chains) -> Self {
        let mut hashes = Self::default();
        for (tenant, _, head) in chains.iter() {
            hashes.replace(tenant, head);
        }
        hashes
    }

    /// The hash before the tenant's next row, which is `head`.
    pub(crate) fn replace(&mut self, tenant: TenantNo, head: Head) -> Hash {
        let at = usize::from(tenant);
        if self.0.len() <= at {
            self.0.resize(at + 1, super::row::ZERO_HASH);
        }
        std::mem::replace(&mut self.0[at], head.hash)
    }
}
