//! Snapshots over a simulated disk: cut, altered, left half-written, added to.

use super::file::{Volume, entries};
use super::*;
use crate::ledger::disk::{SimDisk, Survivors};
use crate::ledger::limits::{PAGE_BYTES, SNAPSHOT_CHUNK_BYTES};

type Found = Vec<(u8, u32, Vec<u8>)>;

fn store(sim: &SimDisk) -> SnapshotStore {
    let store = SnapshotStore::open(Arc::new(sim.clone())).unwrap();
    store.hurry();
    store
}

fn status(durable: u64) -> CommitStatus {
    let status = CommitStatus::default();
    status.durable_frame.store(durable, Ordering::Release);
    status
}

fn take(
    store: &SnapshotStore,
    frame: u64,
    every_page: bool,
    pages: &[(u8, u32, &[u8])],
) -> Result<(), SnapshotError> {
    let bytes = format!("meta of {frame}").into_bytes();
    let mut write = store.begin(&SnapshotMeta { frame, bytes }, every_page)?;
    store.put(&mut write, pages.iter().copied())?;
    store.commit(write, &status(frame))
}

/// The newest snapshot that reads: its frame and its pages.
fn newest(store: &SnapshotStore) -> Option<(u64, Found)> {
    store.kept().iter().find_map(|kept| {
        let mut found = Vec::new();
        let owned = |table, page, bytes: &[u8]| (table, page, bytes.to_vec());
        let loaded = store.load(kept, owned, |page| found.push(page));
        found.sort();
        assert_eq!(
            kept.meta().bytes,
            format!("meta of {}", kept.meta().frame).as_bytes()
        );
        loaded.ok().map(|()| (kept.meta().frame, found))
    })
}

fn owned(pages: &[(u8, u32, &[u8])]) -> Found {
    pages.iter().map(|(t, p, b)| (*t, *p, b.to_vec())).collect()
}

static BIG: [u8; 300_000] = [7; 300_000];
static FIRST: [(u8, u32, &[u8]); 3] = [(1, 0, b"a"), (1, 1, &BIG), (2, 0, b"c")];
static SECOND: [(u8, u32, &[u8]); 2] = [(1, 0, b"A"), (2, 1, b"D")];

/// A snapshot of every page at frame 5, and one at 9 that adds to it.
fn two(sim: &SimDisk) -> Result<(), SnapshotError> {
    let store = SnapshotStore::open(Arc::new(sim.clone()))?;
    store.hurry();
    assert!(store.wants_every_page());
    take(&store, 5, true, &FIRST)?;
    assert!(!store.wants_every_page());
    take(&store, 9, false, &SECOND)
}

#[test]
fn ledger_9_a_snapshot_is_refused_until_its_rows_are_durable() {
    let sim = SimDisk::default();
    let store = store(&sim);
    let meta = SnapshotMeta {
        frame: 10,
        bytes: b"meta of 10".to_vec(),
    };
    let commit = |durable| {
        let mut write = store.begin(&meta, true).unwrap();
        store.put(&mut write, FIRST).unwrap();
        store.commit(write, &status(durable))
    };
    let refused = commit(9).unwrap_err();
    assert!(matches!(
        refused,
        SnapshotError::NotDurable { at: 10, durable: 9 }
    ));
    assert_eq!((newest(&store), sim.list().unwrap()), (None, Vec::new()));
    commit(10).unwrap();
    assert_eq!(newest(&store), Some((10, owned(&FIRST))));
}

#[test]
fn what_is_added_stands_over_what_it_adds_to() {
    let sim = SimDisk::default();
    two(&sim).unwrap();
    let expected = [(1, 0, &b"A"[..]), (1, 1, &BIG), (2, 0, b"c"), (2, 1, b"D")];
    let store = store(&sim);
    assert_eq!(newest(&store), Some((9, owned(&expected))));
    // Nothing is added to a state that was not restored from it.
    assert!(store.wants_every_page());
    let refused = take(&store, 10, false, &SECOND).unwrap_err();
    assert!(matches!(refused, SnapshotError::NothingBefore));
    store.go_on_from(&store.kept()[0]);
    assert!(!store.wants_every_page());
    take(&store, 11, false, &[(2, 0, b"e")]).unwrap();
    let expected = [(1, 0, &b"A"[..]), (1, 1, &BIG), (2, 0, b"e"), (2, 1, b"D")];
    assert_eq!(newest(&store), Some((11, owned(&expected))));
    assert_eq!(sim.list().unwrap().len(), 3);
    // Half of the first one's length, and the next holds every page; those before it go.
    take(&store, 12, false, &[(1, 1, &BIG)]).unwrap();
    assert!(store.wants_every_page());
    take(&store, 13, true, &FIRST).unwrap();
    assert_eq!(newest(&store), Some((13, owned(&FIRST))));
    assert_eq!(sim.list().unwrap().len(), 1);
}

#[test]
fn one_given_up_leaves_nothing_behind() {
    let sim = SimDisk::default();
    two(&sim).unwrap();
    let store = store(&sim);
    let meta = SnapshotMeta {
        frame: 12,
        bytes: Vec::new(),
    };
    let mut write = store.begin(&meta, true).unwrap();
    store.put(&mut write, FIRST).unwrap();
    drop(write);
    assert_eq!(newest(&store).unwrap().0, 9);
    // As if the power had gone: what is half-written goes at the next start.
    let half = format!("{}{UNFINISHED}", file_name(3));
    sim.create(&half).unwrap();
    let store = tests::store(&sim);
    assert_eq!(sim.list().unwrap(), [file_name(1), file_name(2)]);
    take(&store, 12, true, &SECOND).unwrap();
    assert_eq!(newest(&store), Some((12, owned(&SECOND))));
}

#[test]
fn a_byte_altered_anywhere_is_found_and_the_one_before_stands() {
    let sim = SimDisk::default();
    let small = [(1, 0, &b"a"[..]), (2, 0, b"c")];
    take(&store(&sim), 5, true, &small).unwrap();
    let opened = store(&sim);
    opened.go_on_from(&opened.kept()[0]);
    take(&opened, 9, false, &SECOND).unwrap();
    for (number, left) in [(2, Some((5, owned(&small)))), (1, None)] {
        let name = file_name(number);
        let whole = sim.content(&name).unwrap();
        // All of what is written, and of the zeros behind it every 37th.
        let places = (0..whole.len()).filter(|at| at % (PAGE_BYTES as usize) < 80 || at % 37 == 0);
        for at in places {
            let mut altered = whole.clone();
            altered[at] ^= 1 << (at % 8);
            sim.tamper(&name, altered);
            assert_eq!(newest(&store(&sim)), left, "file {number}, byte {at}");
        }
        sim.tamper(&name, whole);
    }
}

#[test]
fn a_file_cut_short_or_longer_or_in_another_s_place_is_not_used() {
    let sim = SimDisk::default();
    two(&sim).unwrap();
    let (first, second) = (file_name(1), file_name(2));
    let whole = sim.content(&second).unwrap();
    let mut forms: Vec<Vec<u8>> = (0..whole.len())
        .step_by(512)
        .map(|len| whole[..len].to_vec())
        .collect();
    // The end once more; a page of zeros before the end; another file's bytes.
    let (body, end) = whole.split_at(whole.len() - PAGE_BYTES as usize);
    forms.push([body, end, end].concat());
    forms.push([body, &[0; PAGE_BYTES as usize], end].concat());
    forms.push(sim.content(&first).unwrap());
    for form in forms {
        let len = form.len();
        sim.tamper(&second, form);
        assert_eq!(newest(&store(&sim)), Some((5, owned(&FIRST))), "{len}");
    }
    sim.tamper(&second, whole);
    sim.remove(&first).unwrap();
    assert_eq!(newest(&store(&sim)), None);
    // Another file under the number that is missing is not what was added to.
    let other = SimDisk::default();
    take(&store(&other), 5, true, &SECOND).unwrap();
    sim.create(&first).unwrap();
    sim.tamper(&first, other.content(&first).unwrap());
    assert_eq!(newest(&store(&sim)), Some((5, owned(&SECOND))));
}

#[test]
fn the_power_may_go_at_every_sync() {
    let syncs = {
        let sim = SimDisk::default();
        two(&sim).unwrap();
        sim.syncs()
    };
    // Each file, and its name.
    assert_eq!(syncs, 4);
    for cut in 1..=syncs {
        for seed in 0..20 {
            let sim = SimDisk::default();
            sim.cut_at_sync(cut);
            assert!(two(&sim).is_err());
            let left = sim.after_power_cut(Survivors::Subset(seed));
            let found = newest(&store(&left));
            match &found {
                None => assert!(cut <= 2, "cut {cut}, seed {seed}"),
                Some((5, pages)) => assert_eq!(*pages, owned(&FIRST), "cut {cut}, seed {seed}"),
                Some((frame, pages)) => {
                    assert_eq!((*frame, pages.len()), (9, 4), "cut {cut}, seed {seed}");
                }
            }
        }
    }
}

#[test]
fn a_full_disk_costs_the_snapshot_and_nothing_else() {
    let sim = SimDisk::default();
    two(&sim).unwrap();
    let used: usize = [1, 2]
        .map(|n| sim.content(&file_name(n)).unwrap().len())
        .iter()
        .sum();
    sim.set_capacity_bytes(used as u64 + SNAPSHOT_CHUNK_BYTES as u64);
    let store = store(&sim);
    store.go_on_from(&store.kept()[0]);
    assert!(take(&store, 11, true, &FIRST).is_err());
    assert_eq!(newest(&store).unwrap().0, 9);
    assert_eq!(sim.list().unwrap().len(), 2);
}

#[test]
fn entries_that_cannot_be_end_the_part() {
    let whole = [3, 9, 0, 0, 0, 2, 0, 0, 0, b'x', b'y'];
    let mut read = entries(&whole);
    assert_eq!(read.next(), Some((3, 9, 9..11)));
    assert!(read.next().is_none() && read.is_whole());
    for cut in 1..whole.len() {
        let mut read = entries(&whole[..cut]);
        assert!(read.next().is_none() && !read.is_whole(), "{cut}");
    }
    assert!(Volume::open(&SimDisk::default(), 1).is_err());
}
