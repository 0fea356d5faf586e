//! Tests of the index: cursors, postings in memory.

use super::postings::{encode, search};
use super::*;
use crate::ledger::limits::POSTINGS_BLOCK_MAX;

#[test]
fn cursors_stay() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.redb");
    let index = Index::open(&path).unwrap();
    index.put_cursor("outbox", 41).unwrap();
    drop(index);
    let index = Index::open(&path).unwrap();
    let known = index.cursor("outbox").unwrap();
    assert_eq!((known, index.cursor("other").unwrap()), (41, 0));
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
