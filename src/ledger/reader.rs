//! Reading a ledger from its segments alone: no lock, no index, beside a running server, up to
//! the last whole frame.

use std::sync::Arc;

use super::chain::Chains;
use super::disk::Disk;
use super::frame::RowView;
use super::row::FrameHead;
use super::scan::{Chunk, Scanner, Tail};
use super::seal::Damage;
use super::store::PrevHashes;

/// Where a read ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadEnd {
    /// The last whole frame.
    pub last: FrameHead,
    /// Tenants with their heads.
    pub chains: Chains,
    /// An incomplete frame follows: a commit under way, or one cut short.
    pub incomplete_tail: bool,
}

/// Why a read stopped early.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E> {
    /// The ledger is damaged here.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// The callback had enough.
    #[error("reading stopped")]
    Stopped(#[source] E),
}

/// Hands every row of the whole ledger to `row`, verified: chain, frames, subject checksums. The
/// chains given along are those after the row's chunk and hold every tenant's name.
///
/// # Errors
/// [`ReadError`]; rows before the damage have been handed over.
pub fn read_rows<E>(
    disk: &Arc<dyn Disk>,
    mut row: impl FnMut(&Chains, RowView<'_>) -> Result<(), E>,
) -> Result<ReadEnd, ReadError<E>> {
    let mut scanner = Scanner::from_start(disk)?;
    let mut prevs = PrevHashes::at(scanner.chains());
    let mut chunk = Chunk::default();
    let tail = loop {
        if let Some(tail) = scanner.next_chunk(&mut chunk)? {
            break tail;
        }
        for (pos, frame) in chunk.frames() {
            for raw in frame.rows() {
                let prev = prevs.replace(raw.tenant, raw.head);
                row(scanner.chains(), RowView::new(pos.frame, prev, raw))
                    .map_err(ReadError::Stopped)?;
            }
        }
    };
    Ok(ReadEnd {
        last: scanner.last(),
        chains: scanner.chains().clone(),
        incomplete_tail: tail != Tail::Clean,
    })
}
