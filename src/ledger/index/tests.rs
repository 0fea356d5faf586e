//! Tests of the index: layouts, postings in memory and in blocks.

use super::postings::{ActivePostings, encode, search};
use super::*;
use crate::ledger::limits::POSTINGS_RUN_MAX;

#[test]
fn an_earlier_layout_is_read_again_and_keeps_its_places() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.redb");
    let index = Index::open(&path).unwrap();
    let tx = index.db.begin_write().unwrap();
    {
        let mut marks = tx.open_table(MARKS).unwrap();
        for (name, value) in [(LAYOUT_MARK, 1), (POSTINGS_THROUGH, 7), (WATERMARK, 9)] {
            marks.insert(name, value).unwrap();
        }
        let mut old = tx.open_table(POSTINGS_BEFORE).unwrap();
        old.insert((1, 2, 3), b"block".as_slice()).unwrap();
    }
    tx.commit().unwrap();
    drop(index);
    let index = Index::open(&path).unwrap();
    assert_eq!(index.watermark().unwrap(), 9);
    assert_eq!(index.mark(POSTINGS_THROUGH).unwrap(), 0);
}

/// A row that is posted twice under a key counts once towards the rows asked for.
#[test]
fn a_row_posted_twice_hides_no_older_one() {
    let active = ActivePostings::default();
    let older = POSTINGS_RUN_MAX as u64;
    active.add((1..=older).map(|seq| (3, 0, seq)));
    active.add((0..5).map(|_| (3, 0, older + 1)));
    let every = (0, u64::MAX);
    let newest = [older + 1, older, older - 1];
    assert_eq!(active.rows((0, 3), every, 3), newest);
    // The same in a run that is full.
    active.add((0..older).map(|_| (3, 0, older + 1)));
    assert_eq!(active.rows((0, 3), every, 3), newest);
}

#[test]
fn postings_are_found_across_runs_and_blocks() {
    let active = ActivePostings::default();
    let total = POSTINGS_RUN_MAX as u64 * 3 + 5;
    active.add((1..=total).map(|seq| (seq % 7 + 1, TenantNo::from(seq % 2 == 0), seq)));
    let mut expected: Vec<u64> = (1..=total).filter(|s| s % 7 == 2 && s % 2 == 1).collect();
    expected.reverse();
    let every = (0, u64::MAX);
    assert_eq!(active.rows((0, 3), every, usize::MAX), expected);
    assert_eq!(active.rows((0, 3), every, 9), expected[..9]);
    let (from, to) = (expected[90], expected[5]);
    assert_eq!(active.rows((0, 3), (from, to), 1000), expected[6..=90]);
    assert_eq!(active.rows((2, 3), every, 10), Vec::<u64>::new());
    let all = active.sorted();
    assert_eq!(all.len() as u64, total);
    let mut found = Vec::new();
    for block in all.chunks(100).rev() {
        search(&encode(block), (0, 3), every, &mut found);
    }
    assert_eq!(found, expected);
    found.clear();
    for block in all.chunks(100).rev() {
        search(&encode(block), (0, 3), (from, to), &mut found);
    }
    assert_eq!(found, expected[6..=90]);
    active.clear();
    assert_eq!(active.rows((0, 3), every, 10), Vec::<u64>::new());
}
