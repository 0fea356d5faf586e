//! Beside the writer: readers, the follower's gaps, a disk filling up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::fixtures::*;
use crate::ledger::committer::Followed;
use crate::ledger::disk::{Disk, FileDisk, SimDisk};
use crate::ledger::index::{Follower, FollowerWiring};
use crate::ledger::segment_store::Preparing;
use crate::ledger::store::LogStore;
use crate::ledger::verify::verify_disk;
use crate::ledger::*;

/// Readers beside a writer: whatever they catch half-way, they never call it damage.
#[test]
fn a_reader_beside_a_busy_writer_never_sees_damage() {
    let dir = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(FileDisk::new(dir.path()));
    let mut store = open_store(&disk, Preparing::Ahead);
    let written = AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut chains = Chains::default();
            for n in 1..=600 {
                // Unsynced on purpose: the reader looks at what is written, not what is durable.
                store.write(&frame_of(&mut chains, n % 7 + 1)).unwrap();
                written.store(n, Ordering::SeqCst);
            }
        });
        let mut reads = 0;
        loop {
            let before = written.load(Ordering::SeqCst);
            let report = verify_disk(&disk, None).unwrap();
            assert!(report.frames >= before, "{} < {before}", report.frames);
            reads += 1;
            if before == 600 {
                break;
            }
        }
        assert!(reads > 1);
    });
}

#[test]
fn ledger_2_the_follower_fills_gaps_from_the_segments() {
    let dir = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::default());
    let index = Arc::new(Index::open(&dir.path().join("index.redb")).unwrap());
    let status = Arc::new(CommitStatus::default());
    let follower = Follower::spawn(FollowerWiring {
        disk: Arc::clone(&disk),
        index: Arc::clone(&index),
        status: Arc::clone(&status),
        free: FreeFrames::new(0),
        low_water_bytes: u64::MAX,
        now_us: Arc::new(|| 0),
    })
    .unwrap();
    let mut store = open_store(&disk, Preparing::WhenNeeded);
    let mut chains = Chains::default();
    for n in 1..=250_u64 {
        let frame = frame_of(&mut chains, 3);
        let pos = store.write(&frame).unwrap();
        store.sync().unwrap();
        status.durable_frame.store(n, Ordering::Release);
        // Told of some frames only, in runs, across segments.
        if n % 11 < 4 {
            follower.queue().send(Followed { pos, frame }).unwrap();
        }
    }
    // Written but never synced: the follower must not know it.
    store.write(&frame_of(&mut chains, 3)).unwrap();
    let finder = finder_of(&follower, (&index, &disk, &status));
    follower.stop();
    assert!(!status.index_failed.load(Ordering::Relaxed));
    assert!(
        !status.disk_low.load(Ordering::Relaxed),
        "u64::MAX bytes are free, not fewer"
    );
    assert_eq!(index.watermark().unwrap(), 250);
    for seq in 1..=750 {
        let frame = index.locate(1, seq).unwrap().map(|pos| pos.frame);
        assert_eq!(frame, Some(seq.div_ceil(3)), "seq {seq}");
    }
    let posted = finder.reading().posted((1, 5), (0, u64::MAX), usize::MAX);
    let expected: Vec<u64> = (0..75).rev().map(|n| 4 + 10 * n).collect();
    assert_eq!(posted.unwrap().seqs, expected);
    assert_eq!(finder.fresh().rows(1), 750);
}

fn finder_of(
    follower: &Follower,
    (index, disk, status): (&Arc<Index>, &Arc<dyn Disk>, &Arc<CommitStatus>),
) -> Finder {
    Finder {
        index: Arc::clone(index),
        fresh: Arc::clone(follower.fresh()),
        disk: Arc::clone(disk),
        status: Arc::clone(status),
    }
}

#[test]
fn low_water_warns_before_the_disk_is_full_and_full_seals() {
    let dir = tempfile::tempdir().unwrap();
    let sim = SimDisk::default();
    // Room for two segments, not for a third.
    sim.set_capacity_bytes(u64::from(SEGMENT_BYTES) * 2 + 100);
    let disk: Arc<dyn Disk> = Arc::new(sim);
    let mut store = open_store(&disk, Preparing::WhenNeeded);
    let status = Arc::new(CommitStatus::default());
    let low_water_bytes = u64::from(SEGMENT_BYTES) + 101;
    let follower = Follower::spawn(FollowerWiring {
        disk: Arc::clone(&disk),
        index: Arc::new(Index::open(&dir.path().join("index.redb")).unwrap()),
        status: Arc::clone(&status),
        free: FreeFrames::new(0),
        low_water_bytes,
        now_us: Arc::new(|| 0),
    })
    .unwrap();
    follower.stop();
    assert_eq!(
        status.disk_free_bytes.load(Ordering::Relaxed),
        low_water_bytes - 1
    );
    assert!(status.disk_low.load(Ordering::Relaxed));
    let mut chains = Chains::default();
    let full = std::iter::repeat_with(|| store.write(&frame_of(&mut chains, 5)))
        .take(1000)
        .find_map(Result::err);
    assert_eq!(full.map(|e| e.seal_reason()), Some(SealReason::DiskFull));
}
