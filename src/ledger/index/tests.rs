//! Tests of the index: snapshot pages, cursors, postings in memory.

use super::postings::{encode, search};
use super::*;
use crate::ledger::limits::POSTINGS_BLOCK_MAX;

fn page(table: u8, page: u32, bytes: &[u8]) -> Page {
    Page {
        table,
        page,
        bytes: bytes.to_vec(),
    }
}

#[test]
fn ledger_9_a_snapshot_is_refused_until_its_rows_are_durable() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.redb");
    let index = Index::open(&path).unwrap();
    let status = CommitStatus::default();
    status.durable_frame.store(9, Ordering::Release);
    assert_eq!(index.load_meta().unwrap(), None);
    let pages = [page(1, 2, b"b"), page(0, 7, b"a"), page(1, 1, b"c")];
    let refused = index.put_pages(&status, &pages, b"meta", 10);
    assert!(matches!(
        refused,
        Err(IndexError::NotDurable { at: 10, durable: 9 })
    ));
    assert_eq!(index.load_meta().unwrap(), None);
    index.put_pages(&status, &pages, b"meta", 9).unwrap();
    index
        .put_pages(&status, &[page(1, 2, b"d")], b"later", 9)
        .unwrap();
    index.put_cursor("outbox", 41).unwrap();
    drop(index);
    let index = Index::open(&path).unwrap();
    let meta = index.load_meta().unwrap().unwrap();
    assert_eq!(
        meta,
        SnapshotMeta {
            frame: 9,
            bytes: b"later".to_vec()
        }
    );
    let mut found = Vec::new();
    index
        .load_pages(|t, p, b| found.push(page(t, p, b)))
        .unwrap();
    assert_eq!(
        found,
        [page(0, 7, b"a"), page(1, 1, b"c"), page(1, 2, b"d")]
    );
    assert_eq!(
        (
            index.cursor("outbox").unwrap(),
            index.cursor("other").unwrap()
        ),
        (41, 0)
    );
}

#[test]
fn postings_are_found_across_runs_and_blocks() {
    let active = ActivePostings::default();
    let total = POSTINGS_BLOCK_MAX as u64 * 3 + 5;
    active.add((1..=total).map(|seq| (seq % 7 + 1, TenantNo::from(seq % 2 == 0), seq)));
    let expected: Vec<u64> = (1..=total).filter(|s| s % 7 == 2 && s % 2 == 1).collect();
    assert_eq!(active.rows(0, 3), expected);
    assert_eq!(active.rows(2, 3), Vec::<u64>::new());
    let all = active.sorted();
    assert_eq!(all.len() as u64, total);
    let mut found = Vec::new();
    for block in all.chunks(100) {
        let (last, bytes) = encode(block);
        if last < 3 {
            continue;
        }
        if search(&bytes, 3, 0, &mut found) {
            break;
        }
    }
    assert_eq!(found, expected);
    active.clear();
    assert_eq!(active.rows(0, 3), Vec::<u64>::new());
}
