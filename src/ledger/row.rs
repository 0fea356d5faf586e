//! The nouns of a chain: heads, rows, subjects and where a frame lies.

use sha2::{Digest as _, Sha256};

/// Surrogate number of a tenant; its name stands in the frame that declared it.
pub type TenantNo = u16;

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// What the first row of a chain, and the first frame of a ledger, has for a predecessor.
pub const ZERO_HASH: Hash = [0; 32];

/// The last row of one tenant's chain; `seq` 0 with [`ZERO_HASH`] before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Position of the row, counted from 1.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

/// A row just sealed: its place in its tenant's chain and its hash.
pub type RowRef = Head;

/// Personal fields of a row, laid beside the chained bytes so that they can be destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Random, made outside the engine.
    pub salt: [u8; 16],
    /// The fields, UTF-8.
    pub bytes: &'a [u8],
}

impl Subject<'_> {
    /// SHA-256 over salt and bytes: what the row's `sd` list holds for this block.
    pub fn digest(&self) -> Hash {
        Sha256::new()
            .chain_update(self.salt)
            .chain_update(self.bytes)
            .finalize()
            .into()
    }
}

/// A subject block as it is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectView<'a> {
    /// Still there.
    Present(Subject<'a>),
    /// Destroyed on request; the chain is untouched by it.
    Erased,
}

/// The link of a chain: SHA-256 over the predecessor's 32 raw bytes and the body.
pub fn link(prev: &Hash, body: &[u8]) -> Hash {
    Sha256::new()
        .chain_update(prev)
        .chain_update(body)
        .finalize()
        .into()
}

/// Where a frame lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FramePos {
    /// Frame number, counted from 1 over the whole ledger.
    pub frame: u64,
    /// Segment number, counted from 1.
    pub segment: u32,
    /// Byte offset in the segment.
    pub offset: u32,
    /// Length with padding, bytes.
    pub bytes: u32,
}

/// The last frame of a ledger; number 0 with [`ZERO_HASH`] before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameHead {
    /// Frame number.
    pub frame: u64,
    /// Its hash in the global chain.
    pub hash: Hash,
}
