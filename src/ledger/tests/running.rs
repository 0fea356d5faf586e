//! A running ledger on files: index, verify, damage, scrub.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use crossbeam::channel::bounded;

use super::fixtures::*;
use crate::domain::hex::hex;
use crate::ledger::export::export;
use crate::ledger::segment::segment_name;
use crate::ledger::verify::{heads, verify};
use crate::ledger::*;

#[test]
fn ledger_2_at_a_clean_stop_the_watermark_is_the_head_and_rows_are_found() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(run(dir.path(), 300), 0);
    assert_eq!(run(dir.path(), 0), 900);
    let open = OpenLedger::open(dir.path(), options()).unwrap();
    let index = open.index();
    assert_eq!(index.watermark().unwrap(), 300);
    for (seq, frame) in [(1, 1), (3, 1), (4, 2), (899, 300), (900, 300)] {
        let pos = index.locate(1, seq).unwrap().unwrap();
        assert_eq!(pos.frame, frame, "seq {seq}");
        let file = open_segment(dir.path(), pos.segment);
        let bytes = &file[pos.offset as usize..(pos.offset + pos.bytes) as usize];
        let view = frame::FrameView::parse(bytes).unwrap();
        assert!(view.rows().any(|r| r.head.seq == seq));
    }
    assert_eq!(index.locate(2, 1).unwrap(), None);
    drop(open);
    // Key 5 belongs to every seq with the last digit 4, in sealed segments and in the one in use.
    let every: Vec<u64> = (0..90).rev().map(|n| 4 + 10 * n).collect();
    assert_eq!(posted(dir.path(), (1, 5), (0, u64::MAX), usize::MAX), every);
    assert_eq!(posted(dir.path(), (1, 5), (0, u64::MAX), 2), every[..2]);
    assert_eq!(posted(dir.path(), (1, 5), (24, 874), 1000), every[3..88]);
    assert_eq!(posted(dir.path(), (2, 5), (0, 999), 10), Vec::<u64>::new());
    assert_eq!(posted(dir.path(), (1, 11), (0, 999), 10), Vec::<u64>::new());
}

/// What a running ledger over `dir` finds under a key.
fn posted(dir: &Path, key: (u16, u64), span: (u64, u64), max: usize) -> Vec<u64> {
    let open = OpenLedger::open(dir, options()).unwrap();
    let recovered = open.recover(0, |_| Ok::<(), Infallible>(())).unwrap();
    let last = recovered.last.frame;
    let started = open.start(recovered, Arc::new(|| 0), |(), _| {});
    let (ledger, handover) = started.unwrap();
    let finder = ledger.finder().unwrap();
    while !finder.has(last) {
        std::thread::yield_now();
    }
    let found = finder.reading().posted(key, span, max).unwrap();
    drop((finder, handover));
    ledger.stop();
    found.seqs
}

fn open_segment(dir: &Path, segment: u32) -> Vec<u8> {
    std::fs::read(dir.join("ledger").join(segment_name(segment))).unwrap()
}

#[test]
fn the_index_is_rebuilt_from_the_segments() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), 300);
    let postings = |dir: &Path| {
        let found = posted(dir, (1, 5), (0, u64::MAX), 1000);
        let open = OpenLedger::open(dir, options()).unwrap();
        let at = open.index().locate(1, 500).unwrap().unwrap();
        (found, open.index().watermark().unwrap(), at)
    };
    let before = postings(dir.path());
    std::fs::remove_file(dir.path().join("index.redb")).unwrap();
    run(dir.path(), 0);
    assert_eq!(postings(dir.path()), before);
}

#[test]
fn verify_and_heads_agree_and_run_beside_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let open = OpenLedger::open(dir.path(), options()).unwrap();
    let recovered = open.recover(0, |_| Ok::<(), Infallible>(())).unwrap();
    let mut chains = recovered.chains.clone();
    let (tell, released) = bounded(1);
    let (ledger, mut handover) = open
        .start(recovered, Arc::new(|| 0), move |(), result| {
            tell.send(result).unwrap();
        })
        .unwrap();
    for n in 1..=120 {
        let frame = frame_of(&mut chains, 2);
        handover.send(Batch { frame, replies: () });
        released.recv().unwrap().unwrap();
        if n % 20 == 0 {
            let report = verify(dir.path(), Some("acme")).unwrap();
            assert_eq!((report.frames, report.incomplete_tail), (n, false));
            let head = chains.head(1).unwrap();
            assert_eq!(report.tenants[0].rows, 2 * n);
            assert_eq!(report.tenants[0].head_hash, hex(&head.hash));
            let quick = heads(dir.path()).unwrap();
            assert_eq!(quick.tenants, report.tenants);
        }
    }
    assert!(verify(dir.path(), Some("nobody")).is_err());
    let mut out = Vec::new();
    assert_eq!(
        export(dir.path(), Some("acme"), &mut out).unwrap().rows,
        240
    );
    drop(handover);
    ledger.stop();
}

#[test]
fn ledger_6_a_damaged_ledger_opens_sealed_and_names_the_place() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), 40);
    let path = dir.path().join("ledger").join(segment_name(1));
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(8).position(|w| w == b"{\"n\":50,").unwrap();
    bytes[at + 5] = b'6';
    std::fs::write(&path, bytes).unwrap();
    let finding = verify(dir.path(), None).unwrap_err();
    assert_eq!(
        (finding.tenant.as_deref(), finding.seq),
        (Some("acme"), Some(50))
    );
    let open = OpenLedger::open(dir.path(), options()).unwrap();
    let recovered = open.recover(0, |_| Ok::<(), Infallible>(())).unwrap();
    let damage = recovered.damage.unwrap();
    assert_eq!(
        (damage.segment, damage.frame, damage.row),
        (1, 17, Some((1, 50)))
    );
    let mut chains = recovered.chains.clone();
    let (tell, released) = bounded(1);
    let (ledger, mut handover) = open
        .start(recovered, Arc::new(|| 0), move |(), result| {
            tell.send(result).unwrap();
        })
        .unwrap();
    let frame = frame_of(&mut chains, 1);
    handover.send(Batch { frame, replies: () });
    assert_eq!(released.recv().unwrap(), Err(SealReason::Damaged(damage)));
    assert_eq!(
        ledger.status().seal.reason(),
        Some(SealReason::Damaged(damage))
    );
    drop(handover);
    ledger.stop();
}

#[test]
fn scrubbing_finds_rot_in_a_sealed_segment() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), 300);
    let disk = data_dir::ledger_disk(dir.path());
    let seen = scrub::Scrubbed::default();
    assert_eq!(scrub::scrub_round(&disk, &mut |_| true, &seen), Ok(true));
    let (verified, erased) = seen.of(1);
    assert!(verified > 0);
    assert_eq!(erased, 0);
    assert_eq!(scrub::scrub_round(&disk, &mut |_| false, &seen), Ok(false));
    let path = dir.path().join("ledger").join(segment_name(2));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[30_000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let damage = scrub::scrub_round(&disk, &mut |_| true, &seen).unwrap_err();
    assert_eq!(damage.segment, 2);
}
