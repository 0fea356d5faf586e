//! Which rows stand under a key: sorted runs in memory for the segment in use, blocks in the index
//! for sealed ones.
//!
//! An entry is 18 bytes little-endian: key `u64`, tenant `u16`, seq `u64`; a block holds at most
//! [`POSTINGS_BLOCK_MAX`](crate::ledger::limits::POSTINGS_BLOCK_MAX) of them in that order. Keys are
//! hashes, so whoever reads the rows must compare what they stand for.

use std::sync::{PoisonError, RwLock};

use crate::ledger::bytes::Taker;
use crate::ledger::limits::POSTINGS_RUN_MAX;
use crate::ledger::row::TenantNo;

const ENTRY_BYTES: usize = 18;

pub(super) type Posting = (u64, TenantNo, u64);

/// The postings of the segment in use. Each full run is sorted once, so that adding stays cheap
/// and a look-up is one binary search a run.
#[derive(Debug, Default)]
pub(super) struct ActivePostings {
    runs: RwLock<Runs>,
}

#[derive(Debug, Default)]
struct Runs {
    sorted: Vec<Vec<Posting>>,
    open: Vec<Posting>,
}

impl ActivePostings {
    /// The rows of `tenant` posted under `key` with seq in `floor..below`, latest first, at most
    /// `max`.
    pub(super) fn rows(
        &self,
        (tenant, key): (TenantNo, u64),
        (floor, below): (u64, u64),
        max: usize,
    ) -> Vec<u64> {
        let runs = self.runs.read().unwrap_or_else(PoisonError::into_inner);
        let mine = |p: &Posting| (p.0, p.1) == (key, tenant) && (floor..below).contains(&p.2);
        let open = runs.open.iter().rev().filter(|p| mine(p)).map(|p| p.2);
        let mut seqs: Vec<u64> = open.collect();
        seqs.dedup();
        // Rows come in order, so what an older run holds of a tenant is older.
        for run in runs.sorted.iter().rev() {
            if seqs.len() >= max {
                break;
            }
            let to = run.partition_point(|p| *p < (key, tenant, below));
            let same = run.get(..to).unwrap_or_default().iter().rev();
            seqs.extend(same.take_while(|p| mine(p)).map(|p| p.2));
            // A row counts once, or what is older would not be looked for.
            seqs.dedup();
        }
        seqs.truncate(max);
        seqs
    }

    pub(super) fn add(&self, rows: impl Iterator<Item = Posting>) {
        let mut runs = self.runs.write().unwrap_or_else(PoisonError::into_inner);
        for posting in rows {
            runs.open.push(posting);
            if runs.open.len() >= POSTINGS_RUN_MAX {
                let mut run = std::mem::take(&mut runs.open);
                run.sort_unstable();
                runs.sorted.push(run);
            }
        }
    }

    /// All of them sorted, for the index; they stay here until [`ActivePostings::clear`].
    pub(super) fn sorted(&self) -> Vec<Posting> {
        let runs = self.runs.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<Posting> = runs
            .sorted
            .iter()
            .flatten()
            .chain(&runs.open)
            .copied()
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    pub(super) fn clear(&self) {
        *self.runs.write().unwrap_or_else(PoisonError::into_inner) = Runs::default();
    }
}

/// A block's bytes; its last entry is its key in the index.
pub(super) fn encode(block: &[Posting]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(block.len() * ENTRY_BYTES);
    for (key, tenant, seq) in block {
        bytes.extend_from_slice(&key.to_le_bytes());
        bytes.extend_from_slice(&tenant.to_le_bytes());
        bytes.extend_from_slice(&seq.to_le_bytes());
    }
    bytes
}

/// Adds the rows of `tenant` under `key` in this block with seq in `floor..below` to `seqs`, latest
/// first.
pub(super) fn search(
    block: &[u8],
    (tenant, key): (TenantNo, u64),
    (floor, below): (u64, u64),
    seqs: &mut Vec<u64>,
) {
    for entry in block.chunks_exact(ENTRY_BYTES).rev() {
        let mut t = Taker(entry);
        let (Some(k), Some(of), Some(seq)) = (t.u64(), t.u16(), t.u64()) else {
            return;
        };
        if (k, of) < (key, tenant) {
            return;
        }
        if (k, of) == (key, tenant) && (floor..below).contains(&seq) {
            seqs.push(seq);
        }
    }
}
