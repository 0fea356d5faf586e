//! Opening the ledger after whatever happened: verify, cut a torn tail, hand the rows on.
//!
//! Verifying, and reading rows, runs on a thread of its own, a chunk ahead of who applies them, so that
//! both overlap on two cores.

use std::sync::Arc;

use crossbeam::channel::{Receiver, Sender, bounded};

use super::chain::Chains;
use super::disk::Disk;
use super::frame::{RawRow, RowView};
use super::limits::SEGMENT_HEADER_BYTES_MAX;
use super::row::FrameHead;
use super::scan::{Chunk, Scanner, Tail, segments};
use super::seal::{Damage, DamageKind};
use super::segment::segment_name;
use super::segment_store::{Preparing, SegmentStore};
use super::store::{PrevHashes, StoreError};

/// Chunks between the verifying thread and the one that applies.
const CHUNKS_AHEAD_MAX: usize = 2;

/// Who takes recovered rows.
pub trait Replay {
    /// What can be read of a row before those in front of it are applied.
    type Read: Send;
    /// Why a row is refused, which ends the recovery.
    type Error: Send;

    /// Reads a verified row, on the thread that verifies.
    fn read(row: &RawRow<'_>) -> Self::Read;

    /// Says which rows come next, some [`Replay::AHEAD_MAX`] at a time.
    fn ahead(&mut self, _rows: &[Self::Read]) {}

    /// Rows told ahead together.
    const AHEAD_MAX: usize = 64;

    /// Applies a row, in order.
    ///
    /// # Errors
    /// [`Replay::Error`].
    fn apply(&mut self, row: RowView<'_>, read: &Self::Read) -> Result<(), Self::Error>;
}

/// Rows as they are, to a callback.
pub struct Each<F>(pub F);

impl<F> std::fmt::Debug for Each<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Each").finish_non_exhaustive()
    }
}

impl<E: Send, F: FnMut(RowView<'_>) -> Result<(), E>> Replay for Each<F> {
    type Read = ();
    type Error = E;

    fn read(_row: &RawRow<'_>) {}

    fn apply(&mut self, row: RowView<'_>, (): &()) -> Result<(), E> {
        (self.0)(row)
    }
}

/// What to recover.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The frame the state snapshot stands at; rows of later frames go to the callback. 0: all.
    pub snapshot_frame: u64,
    /// The last frame known to have been durable; an end before it is damage.
    pub watermark_frame: u64,
    /// Length of new segments, bytes.
    pub segment_bytes: u32,
    /// Who prepares them.
    pub preparing: Preparing,
}

/// How a recovery can fail outright. Damage is no failure: it opens sealed.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError<E> {
    /// The callback refused a row.
    #[error("a recovered row was refused")]
    Row(#[source] E),
    /// The disk failed.
    #[error("recovery could not write")]
    Store(#[from] StoreError),
}

/// The opened ledger.
#[derive(Debug)]
pub struct Recovered {
    /// Where to append; `None` with damage.
    pub store: Option<SegmentStore>,
    /// Tenants and heads: the engine's own copy.
    pub chains: Chains,
    /// The last whole frame.
    pub last: FrameHead,
    /// Rows handed to the callback.
    pub rows: u64,
    /// Bytes of an incomplete last frame that were cut.
    pub torn_bytes: u32,
    /// What is broken, if anything: the caller runs on, sealed.
    pub damage: Option<Damage>,
}

/// Verifies the segment in use and every frame after the snapshot, hands each row of the latter
/// to `row` in order, cuts a torn tail, and opens the store.
///
/// # Errors
/// [`RecoveryError`].
pub fn recover<E: Send>(
    disk: &Arc<dyn Disk>,
    plan: Plan,
    row: impl FnMut(RowView<'_>) -> Result<(), E>,
) -> Result<Recovered, RecoveryError<E>> {
    recover_into(disk, plan, &mut Each(row))
}

/// The same, for rows that are read ahead of being applied.
///
/// # Errors
/// [`RecoveryError`].
pub fn recover_into<R: Replay>(
    disk: &Arc<dyn Disk>,
    plan: Plan,
    replay: &mut R,
) -> Result<Recovered, RecoveryError<R::Error>> {
    let Walked { scanner, end, rows } = walk(disk, plan, replay)?;
    let settled = match (&scanner, end) {
        (Some(scanner), Ok(tail)) => settle(disk, scanner, tail, plan)?,
        (None, Ok(_)) => Ok(0),
        (_, Err(damage)) => Err(damage),
    };
    match (scanner, settled) {
        (Some(scanner), Ok(torn_bytes)) => {
            let (segment_bytes, preparing) = (plan.segment_bytes, plan.preparing);
            let store = SegmentStore::resume(disk, &scanner, segment_bytes, preparing)?;
            Ok(Recovered {
                store: Some(store),
                chains: scanner.chains().clone(),
                last: scanner.last(),
                rows,
                torn_bytes,
                damage: None,
            })
        }
        (scanner, settled) => Ok(damaged(scanner.as_deref(), rows, settled.err())),
    }
}

fn damaged(scanner: Option<&Scanner>, rows: u64, damage: Option<Damage>) -> Recovered {
    Recovered {
        store: None,
        chains: scanner.map(|s| s.chains().clone()).unwrap_or_default(),
        last: scanner.map(Scanner::last).unwrap_or_default(),
        rows,
        torn_bytes: 0,
        damage,
    }
}

/// The walk at its end.
struct Walked {
    /// `None` when the walk could not even begin, and `end` says why.
    scanner: Option<Box<Scanner>>,
    end: Result<Tail, Damage>,
    rows: u64,
}

/// Verified frames, and what was read of the rows to apply.
struct Verified<T> {
    chunk: Chunk,
    reads: Vec<T>,
}

impl<T> Default for Verified<T> {
    fn default() -> Self {
        Self {
            chunk: Chunk::default(),
            reads: Vec::new(),
        }
    }
}

/// Runs the verifying thread and the one that applies side by side.
fn walk<R: Replay>(
    disk: &Arc<dyn Disk>,
    plan: Plan,
    replay: &mut R,
) -> Result<Walked, RecoveryError<R::Error>> {
    let scanner = match Scanner::from_frame(disk, plan.snapshot_frame + 1) {
        Ok(scanner) => scanner,
        Err(damage) => {
            return Ok(Walked {
                scanner: None,
                end: Err(damage),
                rows: 0,
            });
        }
    };
    let mut prevs = PrevHashes::at(scanner.chains());
    let (full, chunks) = bounded::<Verified<R::Read>>(CHUNKS_AHEAD_MAX);
    let (empty, used) = bounded::<Verified<R::Read>>(CHUNKS_AHEAD_MAX + 2);
    let after = plan.snapshot_frame;
    std::thread::scope(|scope| {
        let ahead = move || verify_ahead(Box::new(scanner), (after, R::read), full, used);
        let verifier = scope.spawn(ahead);
        let mut rows = 0;
        let mut refused = None;
        for chunk in &chunks {
            refused = deliver(&chunk, after, &mut prevs, replay, &mut rows).err();
            // The verifier has ended when nobody takes the buffer back.
            drop(empty.try_send(chunk));
            if refused.is_some() {
                break;
            }
        }
        // Hanging up stops the verifier, should it still be at it.
        drop(chunks);
        let (scanner, end) = match verifier.join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        match refused {
            Some(e) => Err(RecoveryError::Row(e)),
            None => Ok(Walked {
                scanner: Some(scanner),
                end,
                rows,
            }),
        }
    })
}

/// Verifies chunk after chunk, and reads the rows of frames after `after`, until the end, or until
/// nobody takes them any more.
fn verify_ahead<T>(
    mut scanner: Box<Scanner>,
    (after, read): (u64, impl Fn(&RawRow<'_>) -> T),
    full: Sender<Verified<T>>,
    used: Receiver<Verified<T>>,
) -> (Box<Scanner>, Result<Tail, Damage>) {
    let end = loop {
        let mut next = used.try_recv().unwrap_or_default();
        next.reads.clear();
        match scanner.next_chunk(&mut next.chunk) {
            Ok(None) => {
                let later = next.chunk.frames().filter(|(pos, _)| pos.frame > after);
                let rows = later.flat_map(|(_, frame)| frame.rows());
                next.reads.extend(rows.map(|row| read(&row)));
                if full.send(next).is_err() {
                    break Ok(Tail::Clean);
                }
            }
            Ok(Some(tail)) => break Ok(tail),
            Err(damage) => break Err(damage),
        }
    };
    // Both ends hang up here, which is how the other side learns that this was all.
    drop((full, used));
    (scanner, end)
}

fn deliver<R: Replay>(
    verified: &Verified<R::Read>,
    after: u64,
    prevs: &mut PrevHashes,
    replay: &mut R,
    rows: &mut u64,
) -> Result<(), R::Error> {
    let mut batches = verified.reads.chunks(R::AHEAD_MAX.max(1));
    let mut batch = [].iter();
    for (pos, frame) in verified.chunk.frames() {
        for raw in frame.rows() {
            let prev = prevs.replace(raw.tenant, raw.head);
            if pos.frame <= after {
                continue;
            }
            if batch.len() == 0
                && let Some(next) = batches.next()
            {
                replay.ahead(next);
                batch = next.iter();
            }
            *rows += 1;
            // One was read for each row of these frames.
            if let Some(read) = batch.next() {
                replay.apply(RowView::new(pos.frame, prev, raw), read)?;
            } else {
                let read = R::read(&raw);
                replay.apply(RowView::new(pos.frame, prev, raw), &read)?;
            }
        }
    }
    Ok(())
}

/// Checks the end against the watermark and clears what a power cut left behind it. Returns the
/// bytes cut, or the damage.
fn settle(
    disk: &Arc<dyn Disk>,
    scanner: &Scanner,
    tail: Tail,
    plan: Plan,
) -> Result<Result<u32, Damage>, StoreError> {
    let (segment, _) = scanner.position();
    let known = plan.watermark_frame.max(plan.snapshot_frame);
    if scanner.last().frame < known {
        let frame = scanner.last().frame + 1;
        let what = DamageKind::Truncated(known);
        return Ok(Err(Damage {
            segment,
            frame,
            row: None,
            what,
        }));
    }
    let torn_bytes = match tail {
        Tail::Clean => 0,
        Tail::Torn { offset, bytes } => {
            zero(&**disk, segment, offset, bytes)?;
            bytes
        }
    };
    let present = match segments(&**disk) {
        Ok(present) => present,
        Err(damage) => return Ok(Err(damage)),
    };
    for prepared in segment + 1..=present {
        clear_prepared(&**disk, prepared)?;
    }
    Ok(Ok(torn_bytes))
}

/// A prepared segment may hold half a header, if the power went in that moment.
fn clear_prepared(disk: &dyn Disk, segment: u32) -> Result<(), StoreError> {
    let file = disk
        .open(&segment_name(segment), false)
        .map_err(StoreError::write)?;
    let mut start = vec![0; SEGMENT_HEADER_BYTES_MAX as usize];
    let read = file.read_at(&mut start, 0).map_err(StoreError::write)?;
    if super::bytes::all_zero(&start[..read]) {
        return Ok(());
    }
    zero(disk, segment, 0, super::limits::len_u32(read))
}

fn zero(disk: &dyn Disk, segment: u32, offset: u32, bytes: u32) -> Result<(), StoreError> {
    let file = disk
        .open(&segment_name(segment), true)
        .map_err(StoreError::write)?;
    file.write_at(&vec![0; bytes as usize], offset.into())
        .map_err(StoreError::write)?;
    file.sync().map_err(StoreError::Sync)
}
