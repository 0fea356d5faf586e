//! What a slice is, and how much of a page it takes.

use super::*;
use crate::domain::record::FactRecord;
use crate::engine::commands::{SealedSubject, Stated};
use crate::ledger::Options;
use crate::ledger::limits::{BODY_BYTES_MAX, SEGMENT_BYTES_SERVED_MIN, SUBJECT_BYTES_MAX};

fn page(bodies: &[usize]) -> PageJob {
    let items: Vec<_> = bodies.iter().map(|bytes| (*bytes, 0)).collect();
    page_of(&items)
}

/// Bytes of each body and subject.
fn page_of(items: &[(usize, usize)]) -> PageJob {
    let item = |(body, subject): &(usize, usize)| Item {
        line: 1,
        what: Stated::Contact(Box::<FactRecord>::default()),
        body: vec![b'x'; *body],
        subject: SealedSubject {
            bytes: vec![b'x'; *subject],
            ..SealedSubject::default()
        },
    };
    PageJob {
        page: FactsPage {
            tenant: TenantNo(0),
            items: items.iter().map(item).collect(),
        },
        reply: ReplyTo::Nobody,
    }
}

/// Items of each slice until the page is done.
fn slices(bodies: &[usize], pace: Pace) -> Vec<usize> {
    let (mut carried, mut all) = (Carried::new(page(bodies)), Vec::new());
    loop {
        let count = carried.slice(pace).1.len();
        all.push(count);
        let one = PageResult {
            applied: u32::try_from(count).unwrap(),
            ..PageResult::default()
        };
        if carried.applied(count, one) {
            let applied = carried.done().1.applied;
            assert_eq!(applied as usize, bodies.len());
            return all;
        }
    }
}

#[test]
fn a_page_is_applied_in_slices_to_its_last_item() {
    let pace = Pace::default();
    assert_eq!(slices(&[1; 35], pace), [16, 16, 3]);
    assert_eq!(slices(&[1; 16], pace), [16]);
    assert_eq!(slices(&[], pace), [0]);
}

#[test]
fn a_slice_fits_one_row() {
    let half = SLICE_BYTES_MAX / 2 - ITEM_BYTES;
    let sizes = [half, half, half, half + 1, 2 * SLICE_BYTES_MAX, 1];
    assert_eq!(slices(&sizes, Pace::default()), [2, 1, 1, 1, 1]);
    const { assert!(SLICE_BYTES_MAX * 2 <= BODY_BYTES_MAX as usize) };
}

#[test]
fn a_slice_fits_the_shortest_frame_with_its_subjects() {
    let longest = SUBJECT_BYTES_MAX as usize;
    let carried = Carried::new(page_of(&[(100, longest); 64]));
    let slice = carried.slice(Pace { items: ITEMS_MAX }).1;
    let bytes = |item: &Item| item.body.len() + item.subject.bytes.len() + ITEM_BYTES;
    let bytes: usize = slice.iter().map(bytes).sum();
    assert!(slice.len() > 1 && bytes <= SLICE_BYTES_MAX, "{bytes}");
    let shortest = Options {
        segment_bytes: SEGMENT_BYTES_SERVED_MIN,
        ..Options::default()
    };
    assert!(SLICE_BYTES_MAX * 4 <= shortest.frame_bytes_max() as usize);
}

#[test]
fn beside_decisions_a_frame_takes_one_slice() {
    let room = |frame_bytes, has_slice| Room {
        frame_bytes,
        empty: frame_bytes == 0,
        has_slice,
    };
    assert!(fits(room(0, false), true) && !fits(room(1, true), true));
    assert!(fits(room(FRAME_BYTES_MAX - 1, true), false));
    assert!(!fits(room(FRAME_BYTES_MAX, false), false));
    assert!(fits(room(0, true), true), "it left no row");
    let answers = Room {
        empty: false,
        ..room(0, true)
    };
    assert!(!fits(answers, true), "answers wait for the commit");
}

#[test]
fn slices_shrink_when_slow_and_grow_when_quick() {
    let mut pace = Pace::default();
    pace.learn(16, Duration::from_micros(SLICE_US));
    assert_eq!(pace.items, 16, "at the limit");
    pace.learn(16, Duration::from_micros(SLICE_US + 1));
    assert_eq!(pace.items, 8);
    pace.learn(8, Duration::from_secs(1));
    assert_eq!(pace.items, ITEMS_MIN);
    pace.learn(7, Duration::ZERO);
    assert_eq!(pace.items, ITEMS_MIN, "a short page's end says nothing");
    for _ in 0..20 {
        pace.learn(pace.items, Duration::from_micros(SLICE_US * 3 / 4 - 1));
    }
    assert_eq!(pace.items, ITEMS_MAX);
}
