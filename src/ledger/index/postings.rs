//! Which rows concern an account or a contact point: sorted runs, in memory for the segment in
//! use, as blocks in the index for sealed ones.
//!
//! An entry is 18 bytes little-endian: key `u64`, tenant `u16`, seq `u64`; a block holds at most
//! [`POSTINGS_BLOCK_MAX`] of them in that order. Keys are hashes, so whoever reads the rows must
//! compare what they stand for.

use std::sync::{PoisonError, RwLock};

use crate::ledger::bytes::Taker;
use crate::ledger::limits::POSTINGS_BLOCK_MAX;
use crate::ledger::row::TenantNo;

const ENTRY_BYTES: usize = 18;

pub(super) type Posting = (u64, TenantNo, u64);

/// The postings of the segment in use. Each full run is sorted once, so that adding stays cheap
/// and a look-up is one binary search a run.
#[derive(Debug, Default)]
pub struct ActivePostings {
    runs: RwLock<Runs>,
}

#[derive(Debug, Default)]
struct Runs {
    sorted: Vec<Vec<Posting>>,
    open: Vec<Posting>,
}

impl ActivePostings {
    /// The rows of `tenant` posted under `key`, ascending.
    pub fn rows(&self, tenant: TenantNo, key: u64) -> Vec<u64> {
        let runs = self.runs.read().unwrap_or_else(PoisonError::into_inner);
        let mut seqs = Vec::new();
        for run in &runs.sorted {
            let from = run.partition_point(|p| (p.0, p.1) < (key, tenant));
            let same = run[from..]
                .iter()
                .take_while(|p| (p.0, p.1) == (key, tenant));
            seqs.extend(same.map(|p| p.2));
        }
        seqs.extend(
            runs.open
                .iter()
                .filter(|p| (p.0, p.1) == (key, tenant))
                .map(|p| p.2),
        );
        seqs.sort_unstable();
        seqs.dedup();
        seqs
    }

    pub(super) fn add(&self, rows: impl Iterator<Item = Posting>) {
        let mut runs = self.runs.write().unwrap_or_else(PoisonError::into_inner);
        for posting in rows {
            runs.open.push(posting);
            if runs.open.len() >= POSTINGS_BLOCK_MAX {
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

/// A block's bytes and its last key.
pub(super) fn encode(block: &[Posting]) -> (u64, Vec<u8>) {
    let mut bytes = Vec::with_capacity(block.len() * ENTRY_BYTES);
    for (key, tenant, seq) in block {
        bytes.extend_from_slice(&key.to_le_bytes());
        bytes.extend_from_slice(&tenant.to_le_bytes());
        bytes.extend_from_slice(&seq.to_le_bytes());
    }
    (block.last().map_or(0, |p| p.0), bytes)
}

/// Adds the tenant's rows under `key` in this block to `seqs`; true when later blocks have none.
pub(super) fn search(block: &[u8], key: u64, tenant: TenantNo, seqs: &mut Vec<u64>) -> bool {
    for entry in block.chunks_exact(ENTRY_BYTES) {
        let mut t = Taker(entry);
        let (Some(k), Some(of), Some(seq)) = (t.u64(), t.u16(), t.u64()) else {
            return true;
        };
        if k > key {
            return true;
        }
        if k == key && of == tenant {
            seqs.push(seq);
        }
    }
    false
}
