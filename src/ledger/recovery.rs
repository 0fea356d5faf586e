//! Opening the ledger after whatever happened: verify, cut a torn tail, hand the rows on.
//!
//! Verifying runs on a thread of its own, a chunk ahead of the callback, so that hashing and
//! applying overlap on two cores.

use std::sync::Arc;

use crossbeam::channel::{Receiver, Sender, bounded};

use super::chain::Chains;
use super::disk::Disk;
use super::frame::RowView;
use super::limits::SEGMENT_HEADER_BYTES_MAX;
use super::row::FrameHead;
use super::scan::{Chunk, Scanner, Tail, segments};
use super::seal::{Damage, DamageKind};
use super::segment::segment_name;
use super::segment_store::{Preparing, SegmentStore};
use super::store::{PrevHashes, StoreError};

/// Chunks between the verifying thread and the callback.
const CHUNKS_AHEAD_MAX: usize = 2;

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
    let Walked { scanner, end, rows } = walk(disk, plan, row)?;
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

/// Runs the verifying thread and the callback side by side.
fn walk<E: Send>(
    disk: &Arc<dyn Disk>,
    plan: Plan,
    mut row: impl FnMut(RowView<'_>) -> Result<(), E>,
) -> Result<Walked, RecoveryError<E>> {
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
    let (full, chunks) = bounded::<Chunk>(CHUNKS_AHEAD_MAX);
    let (empty, used) = bounded::<Chunk>(CHUNKS_AHEAD_MAX + 2);
    std::thread::scope(|scope| {
        let verifier = scope.spawn(move || verify_ahead(Box::new(scanner), full, used));
        let mut rows = 0;
        let mut refused = None;
        for chunk in &chunks {
            refused = deliver(&chunk, plan.snapshot_frame, &mut prevs, &mut row, &mut rows).err();
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

/// Verifies chunk after chunk until the end, or until nobody takes them any more.
fn verify_ahead(
    mut scanner: Box<Scanner>,
    full: Sender<Chunk>,
    used: Receiver<Chunk>,
) -> (Box<Scanner>, Result<Tail, Damage>) {
    let end = loop {
        let mut chunk = used.try_recv().unwrap_or_default();
        match scanner.next_chunk(&mut chunk) {
            Ok(None) if full.send(chunk).is_err() => break Ok(Tail::Clean),
            Ok(None) => {}
            Ok(Some(tail)) => break Ok(tail),
            Err(damage) => break Err(damage),
        }
    };
    // Both ends hang up here, which is how the other side learns that this was all.
    drop((full, used));
    (scanner, end)
}

fn deliver<E>(
    chunk: &Chunk,
    snapshot_frame: u64,
    prevs: &mut PrevHashes,
    row: &mut impl FnMut(RowView<'_>) -> Result<(), E>,
    rows: &mut u64,
) -> Result<(), E> {
    for (pos, frame) in chunk.frames() {
        for raw in frame.rows() {
            let prev = prevs.replace(raw.tenant, raw.head);
            if pos.frame <= snapshot_frame {
                continue;
            }
            *rows += 1;
            row(RowView::new(pos.frame, prev, raw))?;
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
