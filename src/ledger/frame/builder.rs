//! Collecting rows into a frame, without an allocation a row once the buffers have grown.

use sha2::{Digest as _, Sha256};

use super::{
    HASHED_HEADER_BYTES, HEADER_BYTES, MAGIC, PRESENT, ROW_ENTRY_BYTES, SUBJECT_HEADER_BYTES,
    TRAILER, VERSION, frame_bytes, subject_crc,
};
use crate::ledger::chain::{ChainError, Chains};
use crate::ledger::limits::{
    BODY_BYTES_MAX, FRAME_BYTES_MAX, FRAME_ROWS_MAX, ROW_SUBJECTS_MAX, SUBJECT_BYTES_MAX, len_u32,
};
use crate::ledger::row::{FrameHead, Head, RowRef, Subject, TenantNo};

/// Why a row was not taken into a frame. Neither frame nor chain has changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The tenant is unknown or its declaration is bad.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The body is empty or over [`BODY_BYTES_MAX`].
    #[error("row body of {0} bytes")]
    BodyBytes(usize),
    /// A subject block is over [`SUBJECT_BYTES_MAX`].
    #[error("subject block of {0} bytes")]
    SubjectBytes(usize),
    /// More subjects than [`ROW_SUBJECTS_MAX`].
    #[error("{0} subject blocks in one row")]
    Subjects(usize),
    /// The frame has no room left: hand it over first.
    #[error("frame full")]
    Full,
}

/// A frame being filled. The engine thread pushes rows, the committer writes it and clears it,
/// and it comes back for reuse. Number and predecessor are stamped by the store, which alone
/// knows what was written before.
#[derive(Debug, Clone, Default)]
pub struct FrameBuilder {
    tenants: Vec<u8>,
    table: Vec<u8>,
    bodies: Vec<u8>,
    subjects: Vec<u8>,
    rows: u32,
    limit: u32,
}

impl FrameBuilder {
    /// An empty frame of at most `bytes_max` bytes, capped by [`FRAME_BYTES_MAX`].
    pub fn new(bytes_max: u32) -> Self {
        Self {
            limit: bytes_max,
            ..Self::default()
        }
    }

    /// Rows in it.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// Nothing in it: neither rows nor declarations.
    pub fn is_empty(&self) -> bool {
        self.rows == 0 && self.tenants.is_empty()
    }

    /// Length on disk as it stands, bytes.
    pub fn bytes(&self) -> u32 {
        self.bytes_with(0, 0, 0, 0)
    }

    /// Whether a row of `body_bytes` with `subjects` blocks of `subject_bytes` in all still fits.
    pub fn has_room(&self, body_bytes: usize, subjects: usize, subject_bytes: usize) -> bool {
        let extra = subject_bytes.saturating_add(subjects.saturating_mul(SUBJECT_HEADER_BYTES));
        self.rows < FRAME_ROWS_MAX && self.bytes_with(0, 1, body_bytes, extra) <= self.limit()
    }

    /// Declares a tenant in the ledger: from this frame on its rows may follow.
    ///
    /// # Errors
    /// [`RowError::Chain`] or [`RowError::Full`].
    pub fn declare(
        &mut self,
        chains: &mut Chains,
        tenant: TenantNo,
        name: &str,
    ) -> Result<(), RowError> {
        if self.bytes_with(4 + name.len(), 0, 0, 0) > self.limit() {
            return Err(RowError::Full);
        }
        chains.declare(tenant, name)?;
        self.tenants.extend_from_slice(&tenant.to_le_bytes());
        // Chains::declare has bounded the name far below u16.
        let len = u16::try_from(name.len()).unwrap_or(u16::MAX);
        self.tenants.extend_from_slice(&len.to_le_bytes());
        self.tenants.extend_from_slice(name.as_bytes());
        Ok(())
    }

    /// Seals `body` onto the tenant's chain and copies the row in. `keys` are the posting keys
    /// (account hash, contact-point hash; 0 = none). The body's `sd` list must hold the digests
    /// of `subjects` in this order; `verify` checks it.
    ///
    /// # Errors
    /// [`RowError`]; frame and chain are unchanged then.
    pub fn push(
        &mut self,
        chains: &mut Chains,
        tenant: TenantNo,
        body: &[u8],
        subjects: &[Subject<'_>],
        keys: [u64; 2],
    ) -> Result<RowRef, RowError> {
        let (count, subject_bytes) = check_row(body, subjects)?;
        if !self.has_room(body.len(), subjects.len(), subject_bytes) {
            return Err(RowError::Full);
        }
        let row = chains.seal(tenant, body)?;
        self.table.extend_from_slice(&tenant.to_le_bytes());
        self.table.extend_from_slice(&count.to_le_bytes());
        self.table
            .extend_from_slice(&len_u32(body.len()).to_le_bytes());
        self.table.extend_from_slice(&row.seq.to_le_bytes());
        for key in keys {
            self.table.extend_from_slice(&key.to_le_bytes());
        }
        self.table.extend_from_slice(&row.hash);
        self.bodies.extend_from_slice(body);
        for subject in subjects {
            self.push_subject(subject);
        }
        self.rows += 1;
        Ok(row)
    }

    /// Memory its buffers hold, bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        let buffers = [&self.tenants, &self.table, &self.bodies, &self.subjects];
        buffers.into_iter().map(Vec::capacity).sum()
    }

    /// Empties it, keeping the buffers.
    pub fn clear(&mut self) {
        self.tenants.clear();
        self.table.clear();
        self.bodies.clear();
        self.subjects.clear();
        self.rows = 0;
    }

    /// Writes the finished frame after `prev` at the end of `out`, padded to whole sectors.
    pub fn encode(&self, prev: FrameHead, out: &mut Vec<u8>) -> FrameHead {
        let start = out.len();
        let frame = prev.frame + 1;
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&frame.to_le_bytes());
        out.extend_from_slice(&self.rows.to_le_bytes());
        for section in [&self.tenants, &self.bodies, &self.subjects] {
            out.extend_from_slice(&len_u32(section.len()).to_le_bytes());
        }
        out.extend_from_slice(&prev.hash);
        let header = &out[start..start + HASHED_HEADER_BYTES];
        let hash = frame_hash(header, &self.tenants, &self.table);
        out.extend_from_slice(&hash);
        debug_assert_eq!(out.len() - start, HEADER_BYTES);
        for section in [&self.tenants, &self.table, &self.bodies, &self.subjects] {
            out.extend_from_slice(section);
        }
        out.extend_from_slice(&TRAILER);
        out.resize(start + self.bytes() as usize, 0);
        FrameHead { frame, hash }
    }

    /// Each row's place and posting keys: tenant, head after it, keys.
    pub(crate) fn row_heads(&self) -> impl Iterator<Item = (TenantNo, Head, [u64; 2])> {
        self.table
            .chunks_exact(ROW_ENTRY_BYTES)
            .filter_map(super::view::row_head)
    }

    /// Each row's tenant, head after it, posting keys and body.
    pub(crate) fn row_bodies(&self) -> impl Iterator<Item = (TenantNo, Head, [u64; 2], &[u8])> {
        super::view::row_bodies(&self.table, &self.bodies)
    }

    /// Tenants declared in it.
    pub(crate) fn declared(&self) -> impl Iterator<Item = (TenantNo, &str)> {
        super::view::declared(&self.tenants).map_while(Result::ok)
    }

    fn push_subject(&mut self, subject: &Subject<'_>) {
        // check_row has bounded the length.
        let len = u16::try_from(subject.bytes.len()).unwrap_or(u16::MAX);
        self.subjects.extend_from_slice(&subject.salt);
        self.subjects.extend_from_slice(&len.to_le_bytes());
        self.subjects.extend_from_slice(&[PRESENT, 0]);
        self.subjects
            .extend_from_slice(&subject_crc(&subject.salt, subject.bytes).to_le_bytes());
        self.subjects.extend_from_slice(subject.bytes);
    }

    fn limit(&self) -> u32 {
        if self.limit == 0 {
            FRAME_BYTES_MAX
        } else {
            self.limit.min(FRAME_BYTES_MAX)
        }
    }

    fn bytes_with(&self, tenants: usize, rows: u32, bodies: usize, subjects: usize) -> u32 {
        frame_bytes(
            len_u32(self.tenants.len().saturating_add(tenants)),
            self.rows + rows,
            len_u32(self.bodies.len().saturating_add(bodies)),
            len_u32(self.subjects.len().saturating_add(subjects)),
        )
    }
}

/// The global link: previous hash (inside the header), declared tenants and the row table, whose
/// row hashes stand for the bodies.
pub(super) fn frame_hash(header: &[u8], tenants: &[u8], table: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(header)
        .chain_update(tenants)
        .chain_update(table)
        .finalize()
        .into()
}

fn check_row(body: &[u8], subjects: &[Subject<'_>]) -> Result<(u16, usize), RowError> {
    if body.is_empty() || body.len() > BODY_BYTES_MAX as usize {
        return Err(RowError::BodyBytes(body.len()));
    }
    let count = u16::try_from(subjects.len())
        .ok()
        .filter(|n| *n <= ROW_SUBJECTS_MAX)
        .ok_or(RowError::Subjects(subjects.len()))?;
    let mut total = 0;
    for subject in subjects {
        if subject.bytes.len() > SUBJECT_BYTES_MAX as usize {
            return Err(RowError::SubjectBytes(subject.bytes.len()));
        }
        total += subject.bytes.len();
    }
    Ok((count, total))
}
