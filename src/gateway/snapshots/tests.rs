//! Snapshots through the writing thread, without an engine.

use super::*;
use crate::domain::time::UnixSeconds;
use crate::ledger::disk::FileDisk;

struct Desk {
    snapshots: Snapshots,
    writer: SnapshotWriter,
    store: Arc<SnapshotStore>,
    commit: Arc<CommitStatus>,
    now: Instant,
    dir: tempfile::TempDir,
}

fn desk() -> Desk {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(FileDisk::new(dir.path()));
    let store = Arc::new(SnapshotStore::open(disk).unwrap());
    let commit = Arc::new(CommitStatus::default());
    let cadence = Cadence {
        suffix_rows_max: 10,
        interval: Duration::from_hours(1),
    };
    let now = crate::clock::Clock::manual(UnixSeconds(0)).instant();
    let (snapshots, writer) = start(
        cadence,
        0,
        now,
        Arc::clone(&store),
        Arc::clone(&commit),
        Arc::default(),
    )
    .unwrap();
    Desk {
        snapshots,
        writer,
        store,
        commit,
        now,
        dir,
    }
}

fn page(page: u32) -> PageImage {
    PageImage {
        table: 1,
        page,
        bytes: page.to_le_bytes().to_vec(),
    }
}

fn meta(frame: u64) -> SnapshotMeta {
    let bytes = b"meta".to_vec();
    SnapshotMeta { frame, bytes }
}

fn pages(store: &SnapshotStore) -> Vec<u32> {
    let mut found = Vec::new();
    let kept = &store.kept()[0];
    store
        .load(kept, |_, page, _| page, |page| found.push(page))
        .unwrap();
    found.sort_unstable();
    found
}

#[test]
fn one_is_due_when_recovery_would_take_long_and_else_when_time_and_rows_have_passed() {
    let cadence = Cadence {
        suffix_rows_max: 1_000,
        interval: Duration::from_mins(5),
    };
    let due = |rows, s| cadence.due(rows, Duration::from_secs(s));
    assert!(due(1_000, 0) && !due(999, 299));
    assert!(due(100, 300) && !due(99, 1_000_000));
    let tiny = Cadence {
        suffix_rows_max: 1,
        ..cadence
    };
    assert!(!tiny.due(0, Duration::from_mins(5)) && tiny.due(1, Duration::ZERO));
}

#[test]
fn a_snapshot_of_any_size_goes_through_a_few_parts() {
    let mut desk = desk();
    desk.commit.durable_frame.store(7, Ordering::Release);
    assert!(!desk.snapshots.due(9, desk.now));
    assert!(desk.snapshots.due(10, desk.now));
    assert!(desk.snapshots.wants_every_page());
    desk.snapshots.begin(meta(7), true, 10);
    assert!(!desk.snapshots.due(100, desk.now));
    let (mut next, all) = (0, 5_000);
    while desk.snapshots.copying() {
        match desk.snapshots.room() {
            Some(out) if next < all => {
                out.push(page(next));
                next += 1;
                assert!(out.len() <= PART_PAGES);
            }
            Some(_) => desk.snapshots.copied(desk.now),
            None => desk.snapshots.finish(),
        }
    }
    desk.snapshots.settle();
    assert!(!desk.snapshots.wants_every_page());
    assert_eq!(desk.store.kept()[0].meta(), &meta(7));
    assert_eq!(pages(&desk.store), (0..all).collect::<Vec<_>>());
    drop(desk.snapshots);
    desk.writer.stop();
}

#[test]
fn one_given_up_leaves_no_page_behind_and_the_last_one_follows_it() {
    let mut desk = desk();
    desk.snapshots.begin(meta(0), true, 10);
    for n in 0..1_000 {
        if let Some(out) = desk.snapshots.room() {
            out.push(page(n));
        }
    }
    assert!(desk.snapshots.give_up());
    assert!(!desk.snapshots.give_up());
    desk.snapshots.settle();
    let mut left = 3;
    desk.snapshots.last(meta(0), true, |_, out| {
        left -= 1;
        out.push(page(9_000 + left));
        left > 0
    });
    desk.writer.stop();
    assert_eq!(pages(&desk.store), [9_000, 9_001, 9_002]);
}

#[test]
fn one_that_failed_makes_the_next_hold_every_page() {
    let mut desk = desk();
    let dir = desk.dir.path().to_owned();
    std::fs::remove_dir_all(&dir).unwrap();
    desk.snapshots.begin(meta(0), true, 10);
    desk.snapshots.copied(desk.now);
    desk.snapshots.finish();
    desk.snapshots.settle();
    assert!(desk.snapshots.status.failed.load(Ordering::Acquire));
    std::fs::create_dir(&dir).unwrap();
    desk.snapshots.begin(meta(0), true, 20);
    desk.snapshots.copied(desk.now);
    desk.snapshots.finish();
    desk.snapshots.settle();
    assert!(!desk.snapshots.status.failed.load(Ordering::Acquire));
    assert!(desk.store.kept().len() == 1);
    drop(desk.snapshots);
    desk.writer.stop();
}
