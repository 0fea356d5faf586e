//! The scrubber: sealed segments are read and verified again and again, slowly, so that rot is
//! found while it can still be repaired. A finding seals at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender, bounded};

use super::chain::Chains;
use super::committer::CommitStatus;
use super::disk::Disk;
use super::row::{SubjectView, TenantNo};
use super::scan::{Chunk, Scanner, active_header, segments};
use super::seal::{Damage, SealReason};

/// Rest between two rounds, seconds.
const ROUND_REST_SECONDS: u64 = 600;

/// What the scrubber has seen since the process began.
#[derive(Debug, Default)]
pub struct Scrubbed {
    /// Rounds finished.
    pub rounds: AtomicU64,
    found: Mutex<Found>,
}

#[derive(Debug, Default)]
struct Found {
    /// Heads after the farthest segment verified.
    heads: BTreeMap<TenantNo, u64>,
    /// Subjects found erased in the newest look at a segment; segments without any are left out.
    erased: BTreeMap<(u32, TenantNo), u64>,
}

impl Scrubbed {
    /// The last row of a tenant that was verified, and how many erased subjects there were.
    pub fn of(&self, tenant: TenantNo) -> (u64, u64) {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let erased = found.erased.iter().filter(|((_, no), _)| *no == tenant);
        let seq = found.heads.get(&tenant).copied().unwrap_or(0);
        (seq, erased.map(|(_, count)| count).sum())
    }

    fn note(&self, segment: u32, chains: &Chains, erased: BTreeMap<TenantNo, u64>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        for (tenant, _, head) in chains.iter() {
            let slot = found.heads.entry(tenant).or_default();
            *slot = head.seq.max(*slot);
        }
        found.erased.retain(|(known, _), _| *known != segment);
        let erased = erased.into_iter();
        found
            .erased
            .extend(erased.map(|(no, n)| ((segment, no), n)));
    }
}

/// The running thread.
#[derive(Debug)]
pub struct Scrubber {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Scrubber {
    /// Starts it; it reads at most `bytes_per_second`.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn spawn(
        disk: Arc<dyn Disk>,
        status: Arc<CommitStatus>,
        bytes_per_second: u64,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = bounded::<()>(0);
        let thread = std::thread::Builder::new()
            .name("ledger-scrub".into())
            .spawn(move || {
                let mut pace = |bytes: u64| !rest(&stopped, bytes, bytes_per_second);
                while status.seal.reason().is_none() {
                    match scrub_round(&disk, &mut pace, &status.scrubbed) {
                        Ok(true) => {
                            status.scrubbed.rounds.fetch_add(1, Ordering::Relaxed);
                        }
                        Ok(false) => return,
                        Err(damage) => status.seal.set(SealReason::Damaged(damage)),
                    }
                    if hung_up(&stopped, Duration::from_secs(ROUND_REST_SECONDS)) {
                        return;
                    }
                }
            })?;
        Ok(Self { stop, thread })
    }

    /// Ends it.
    pub fn stop(self) {
        drop(self.stop);
        // A panic in it has been reported; nothing waits for its result.
        drop(self.thread.join());
    }
}

/// Verifies every sealed segment once, and notes what was seen. `pace` is told the bytes just read and answers whether to
/// go on; false when it said no.
///
/// # Errors
/// The first [`Damage`].
pub fn scrub_round(
    disk: &Arc<dyn Disk>,
    pace: &mut dyn FnMut(u64) -> bool,
    scrubbed: &Scrubbed,
) -> Result<bool, Damage> {
    let mut chunk = Chunk::default();
    for segment in 1..segments(&**disk)? {
        // The last one in use is still written to; recovery verifies that one.
        let Some(next) = active_header(&**disk, segment + 1)? else {
            break;
        };
        let mut scanner = Scanner::one_segment(disk, segment)?;
        let mut erased = BTreeMap::new();
        while scanner.next_chunk(&mut chunk)?.is_none() {
            count_erased(&chunk, &mut erased);
            if !pace(chunk.len_bytes()) {
                return Ok(false);
            }
        }
        // Read once for the check; nobody else wants its memory.
        if let Ok(file) = disk.open(&super::segment::segment_name(segment), false) {
            file.forget();
        }
        if scanner.last() != next.before || *scanner.chains() != next.chains {
            return Err(Damage {
                segment: segment + 1,
                frame: next.before.frame + 1,
                row: None,
                what: super::seal::DamageKind::SegmentHeader,
            });
        }
        scrubbed.note(segment, &next.chains, erased);
    }
    Ok(true)
}

fn count_erased(chunk: &Chunk, erased: &mut BTreeMap<TenantNo, u64>) {
    for row in chunk.frames().flat_map(|(_, frame)| frame.rows()) {
        let gone = row.subjects.filter(|one| *one == SubjectView::Erased);
        let gone = gone.count() as u64;
        if gone > 0 {
            *erased.entry(row.tenant).or_default() += gone;
        }
    }
}

fn rest(stopped: &Receiver<()>, bytes: u64, bytes_per_second: u64) -> bool {
    hung_up(
        stopped,
        Duration::from_millis(bytes.saturating_mul(1000) / bytes_per_second.max(1)),
    )
}

fn hung_up(stopped: &Receiver<()>, wait: Duration) -> bool {
    // Nothing is ever sent: the only end of the wait before its time is the hang-up.
    matches!(
        stopped.recv_timeout(wait),
        Ok(()) | Err(crossbeam::channel::RecvTimeoutError::Disconnected)
    )
}
