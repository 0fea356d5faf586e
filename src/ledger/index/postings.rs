//! Which rows stand under a key: sorted runs in memory for the segment in use, blocks in the index
//! for sealed ones.
//!
//! An entry is 18 bytes little-endian: key `u64`, tenant `u16`, seq `u64`; a block holds at most
//! [`POSTINGS_BLOCK_MAX`](crate::ledger::limits::POSTINGS_BLOCK_MAX) of them in that order. Keys are
//! hashes, so whoever reads the rows must compare what they stand for.

use std::sync::{PoisonError, RwLock};

use crate::ledger::bytes::Taker;
use crate::ledger::limits::{POSTINGS_BLOCK_MAX, POSTINGS_RUN_MAX};
use crate::ledger::row::TenantNo;

const ENTRY_BYTES: usize = 18;

/// Shares of the keys that a segment's postings are put in order by, as a power of two: of a million of
/// them each share then lies near the core while it is sorted, and only one is copied at a time.
const SHARES_LOG2: u32 = 4;

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
    /// Emptied runs, kept for their memory: a segment fills it, and so will the next.
    spare: Vec<Vec<Posting>>,
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
                let room = || Vec::with_capacity(POSTINGS_RUN_MAX);
                let next = runs.spare.pop().unwrap_or_else(room);
                let mut run = std::mem::replace(&mut runs.open, next);
                run.sort_unstable();
                runs.sorted.push(run);
            }
        }
    }

    /// All of them in order, each once, in blocks for the index; they stay here until
    /// [`ActivePostings::clear`]. Stops at the first error.
    pub(super) fn blocks<E>(
        &self,
        mut block: impl FnMut(&[Posting]) -> Result<(), E>,
    ) -> Result<(), E> {
        let runs = self.runs.read().unwrap_or_else(PoisonError::into_inner);
        let mut open = runs.open.clone();
        open.sort_unstable();
        let mut share: Vec<Posting> = Vec::new();
        for number in 0..1_u64 << SHARES_LOG2 {
            let next = |posting: &Posting| posting.0 >> (u64::BITS - SHARES_LOG2);
            let begun = share.len();
            for run in runs.sorted.iter().chain([&open]) {
                let from = run.partition_point(|posting| next(posting) < number);
                let to = run.partition_point(|posting| next(posting) <= number);
                share.extend_from_slice(run.get(from..to).unwrap_or_default());
            }
            // What is left of the shares before is less than all of this one.
            share.get_mut(begun..).unwrap_or_default().sort_unstable();
            share.dedup();
            let full = share.len() - share.len() % POSTINGS_BLOCK_MAX;
            let whole = share.drain(..full);
            for postings in whole.as_slice().chunks(POSTINGS_BLOCK_MAX) {
                block(postings)?;
            }
        }
        if share.is_empty() {
            return Ok(());
        }
        block(&share)
    }

    pub(super) fn clear(&self) {
        let mut runs = self.runs.write().unwrap_or_else(PoisonError::into_inner);
        let Runs {
            sorted,
            open,
            spare,
        } = &mut *runs;
        open.clear();
        spare.extend(sorted.drain(..).map(|mut run| {
            run.clear();
            run
        }));
    }
}

/// A block's bytes over `bytes`; its last entry is its key in the index.
pub(super) fn encode(block: &[Posting], bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.reserve(block.len() * ENTRY_BYTES);
    for (key, tenant, seq) in block {
        let mut entry = [0; ENTRY_BYTES];
        let (head, seq_place) = entry.split_at_mut(10);
        let (key_place, tenant_place) = head.split_at_mut(8);
        key_place.copy_from_slice(&key.to_le_bytes());
        tenant_place.copy_from_slice(&tenant.to_le_bytes());
        seq_place.copy_from_slice(&seq.to_le_bytes());
        bytes.extend_from_slice(&entry);
    }
}

/// Adds the rows of `tenant` under `key` in this block with seq in `floor..below` to `seqs`, latest
/// first.
pub(super) fn search(
    block: &[u8],
    (tenant, key): (TenantNo, u64),
    (floor, below): (u64, u64),
    seqs: &mut Vec<u64>,
) {
    let (entries, _) = block.as_chunks::<ENTRY_BYTES>();
    let to = entries.partition_point(|entry| decode(entry) < Some((key, tenant, below)));
    for entry in entries.get(..to).unwrap_or_default().iter().rev() {
        match decode(entry) {
            Some((k, of, seq)) if (k, of) == (key, tenant) && seq >= floor => seqs.push(seq),
            _ => return,
        }
    }
}

fn decode(entry: &[u8; ENTRY_BYTES]) -> Option<Posting> {
    let mut t = Taker(entry);
    Some((t.u64()?, t.u16()?, t.u64()?))
}
