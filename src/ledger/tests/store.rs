//! The battery every store must pass.

use std::sync::Arc;

use super::fixtures::*;
use crate::ledger::disk::{Disk, FileDisk, SimDisk};
use crate::ledger::scan::segments;
use crate::ledger::segment_store::Preparing;
use crate::ledger::store::{LogStore, MemoryStore};
use crate::ledger::*;

/// What every store must do, whatever it keeps frames in.
fn battery(mut store: Box<dyn LogStore>) {
    let mut chains = Chains::default();
    let mut bodies = Vec::new();
    for n in 1..=200_u64 {
        let frame = frame_of(&mut chains, n % 5 + 1);
        let pos = store.write(&frame).unwrap();
        store.sync().unwrap();
        assert_eq!((pos.frame, store.last().frame), (n, n), "LEDGER-4");
        bodies.push(n % 5 + 1);
    }
    for from in [1, 2, 100, 200, 201] {
        let mut next = from;
        let mut rows = 0;
        store
            .read_from(from, &mut |frame| {
                assert_eq!(frame.head.frame, next);
                next += 1;
                rows += frame.rows().count() as u64;
            })
            .unwrap();
        assert_eq!(next, 201);
        let skipped = usize::try_from(from).unwrap() - 1;
        assert_eq!(rows, bodies[skipped..].iter().sum::<u64>());
    }
}

#[test]
fn battery_over_memory() {
    battery(Box::new(MemoryStore::default()));
}

#[test]
fn battery_over_simulated_segments() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::default());
    battery(Box::new(open_store(&disk, Preparing::WhenNeeded)));
    assert!(segments(&*disk).unwrap() >= 3);
}

#[test]
fn battery_over_files() {
    let dir = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(FileDisk::new(dir.path()));
    battery(Box::new(open_store(&disk, Preparing::Ahead)));
    assert!(segments(&*disk).unwrap() >= 3);
}
