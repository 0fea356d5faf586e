//! Tests of the index: layouts, postings in memory and in blocks.

use super::postings::{ActivePostings, encode, search};
use super::*;
use crate::ledger::limits::{POSTINGS_BLOCK_MAX, POSTINGS_RUN_MAX};

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

#[test]
fn blocks_hold_every_posting_once_and_in_order() {
    let active = ActivePostings::default();
    let mut expected = Vec::new();
    for round in 0..3_u64 {
        for n in 0..50_000_u64 {
            // Spread keys, a key that many rows share, and rows posted twice.
            let key = match n % 4 {
                0 => 5,
                _ => n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ round,
            };
            let posting = (key, 1, round * 50_000 + n);
            active.add([posting, posting].into_iter());
            expected.push(posting);
        }
        expected.sort_unstable();
        let mut found = Vec::new();
        let told = active.blocks(|block| {
            assert!(!block.is_empty() && block.len() <= POSTINGS_BLOCK_MAX);
            found.extend_from_slice(block);
            Ok::<(), ()>(())
        });
        assert!(told.is_ok() && found == expected, "round {round}");
        let told = active.blocks(|_| Err("full"));
        assert_eq!(told, Err("full"));
        // The memory is used again, what lay in it is gone.
        if round == 1 {
            active.clear();
            expected.clear();
        }
    }
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
    let mut all = Vec::new();
    active
        .blocks(|block| {
            assert!(block.len() == POSTINGS_BLOCK_MAX || all.len() + block.len() == 12_293);
            all.extend_from_slice(block);
            Ok::<(), ()>(())
        })
        .unwrap();
    assert!(all.is_sorted() && all.len() as u64 == total);
    let mut found = Vec::new();
    let mut bytes = Vec::new();
    let mut look = |block: &[_], range, found: &mut Vec<u64>| {
        encode(block, &mut bytes);
        search(&bytes, (0, 3), range, found);
    };
    for block in all.chunks(100).rev() {
        look(block, every, &mut found);
    }
    assert_eq!(found, expected);
    found.clear();
    for block in all.chunks(100).rev() {
        look(block, (from, to), &mut found);
    }
    assert_eq!(found, expected[6..=90]);
    active.clear();
    assert_eq!(active.rows((0, 3), every, 10), Vec::<u64>::new());
}
