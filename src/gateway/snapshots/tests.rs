//! Snapshots through the writing thread, without an engine.

use super::*;
use crate::domain::time::UnixSeconds;

struct Desk {
    snapshots: Snapshots,
    writer: SnapshotWriter,
    store: Arc<SnapshotStore>,
    commit: Arc<CommitStatus>,
    now: Instant,
    _dir: tempfile::TempDir,
}

fn desk() -> Desk {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(SnapshotStore::open(&dir.path().join("snapshot.redb")).unwrap());
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
        _dir: dir,
    }
}

fn page(page: u32) -> PageImage {
    PageImage {
        table: 1,
        page,
        bytes: page.to_le_bytes().to_vec(),
    }
}

fn head(at: u64) -> Head {
    let meta = b"meta".to_vec();
    Head { meta, at }
}

fn pages(store: &SnapshotStore) -> Vec<u32> {
    let mut found = Vec::new();
    store.load_pages(|_, page, _| found.push(page)).unwrap();
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
    desk.snapshots.begin(head(7), 10);
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
    assert!(!desk.snapshots.failed());
    assert_eq!(desk.store.load_meta().unwrap().unwrap().frame, 7);
    assert_eq!(pages(&desk.store), (0..all).collect::<Vec<_>>());
    drop(desk.snapshots);
    desk.writer.stop();
}

#[test]
fn one_given_up_leaves_no_page_behind_and_the_last_one_follows_it() {
    let mut desk = desk();
    desk.snapshots.begin(head(0), 10);
    for n in 0..1_000 {
        if let Some(out) = desk.snapshots.room() {
            out.push(page(n));
        }
    }
    assert!(desk.snapshots.give_up());
    assert!(!desk.snapshots.give_up());
    desk.snapshots.settle();
    let mut left = 3;
    desk.snapshots.last(head(0), |_, out| {
        left -= 1;
        out.push(page(9_000 + left));
        left > 0
    });
    desk.writer.stop();
    assert_eq!(pages(&desk.store), [9_000, 9_001, 9_002]);
}
