//! Tests of the frame format: golden bytes, links, bounds, every altered byte.

use super::view::FrameFault;
use super::*;
use crate::domain::hex::hex;
use crate::ledger::chain::Chains;
use crate::ledger::limits::{
    BODY_BYTES_MAX, FRAME_BYTES_MAX, FRAME_ROWS_MAX, ROW_SUBJECTS_MAX, SUBJECT_BYTES_MAX,
};
use crate::ledger::row::{FrameHead, Subject, SubjectView};

fn subject(bytes: &[u8]) -> Subject<'_> {
    Subject {
        salt: [0x5a; 16],
        bytes,
    }
}

/// Two tenants, three rows, two subjects.
fn sample() -> (Chains, Vec<u8>, FrameHead) {
    let mut chains = Chains::default();
    let mut frame = FrameBuilder::new(0);
    frame.declare(&mut chains, 1, "acme").unwrap();
    frame.declare(&mut chains, 2, "demo-b").unwrap();
    let (a, b) = (subject(b"{\"p\":\"+15550100\"}"), subject(b"{}"));
    frame
        .push(&mut chains, 1, b"{\"n\":1}", &[a], [11, 12])
        .unwrap();
    frame
        .push(&mut chains, 2, b"{\"n\":2}", &[], [0, 0])
        .unwrap();
    frame
        .push(&mut chains, 1, b"{\"n\":3}", &[a, b], [11, 0])
        .unwrap();
    let mut bytes = Vec::new();
    let head = frame.encode(
        FrameHead {
            frame: 6,
            hash: [0xcc; 32],
        },
        &mut bytes,
    );
    (chains, bytes, head)
}

#[test]
fn golden_frame() {
    let (_, bytes, head) = sample();
    assert_eq!(head.frame, 7);
    let lines: Vec<String> = bytes.chunks(32).map(hex).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn ledger_3_rows_come_back_with_their_links() {
    let (engine, bytes, head) = sample();
    let frame = FrameView::parse(&bytes).unwrap();
    assert_eq!((frame.head, frame.rows, frame.bytes), (head, 3, 512));
    let mut chains = Chains::default();
    frame
        .check(
            FrameHead {
                frame: 6,
                hash: [0xcc; 32],
            },
            &mut chains,
        )
        .unwrap();
    assert_eq!(chains, engine);
    let rows: Vec<_> = frame.rows().collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(
        (rows[2].tenant, rows[2].head.seq, rows[2].keys),
        (1, 2, [11, 0])
    );
    assert_eq!(rows[2].body, b"{\"n\":3}");
    let subjects: Vec<_> = rows[2].subjects.clone().collect();
    let second = SubjectView::Present(subject(b"{}"));
    assert_eq!(
        subjects,
        [
            SubjectView::Present(subject(b"{\"p\":\"+15550100\"}")),
            second
        ]
    );
    assert_eq!(rows[1].subjects.clone().count(), 0);
}

#[test]
fn ledger_4_a_frame_follows_only_its_predecessor() {
    let (_, bytes, _) = sample();
    let frame = FrameView::parse(&bytes).unwrap();
    for prev in [(5, 0xcc), (7, 0xcc), (6, 0xcd)] {
        let prev = FrameHead {
            frame: prev.0,
            hash: [prev.1; 32],
        };
        let mut chains = Chains::default();
        assert_eq!(frame.check(prev, &mut chains), Err(FrameFault::FrameLink));
        assert_eq!(chains, Chains::default());
    }
}

#[test]
fn every_altered_byte_shows_and_leaves_the_chains_alone() {
    let (_, bytes, _) = sample();
    let prev = FrameHead {
        frame: 6,
        hash: [0xcc; 32],
    };
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 0x10;
        let mut chains = Chains::default();
        let fault = FrameView::parse(&bad).and_then(|f| f.check(prev, &mut chains));
        assert!(fault.is_err(), "byte {at}");
        assert_eq!(chains, Chains::default(), "byte {at}");
    }
    for len in 0..bytes.len() {
        assert!(FrameView::parse(&bytes[..len]).is_err(), "cut to {len}");
    }
}

#[test]
fn bounds_of_rows_and_frames() {
    let mut chains = Chains::default();
    let mut frame = FrameBuilder::new(0);
    frame.declare(&mut chains, 0, "t").unwrap();
    let mut push = |body: usize, subject: usize, subjects: usize| {
        let body = vec![b'x'; body];
        let bytes = vec![b'y'; subject];
        let subjects = vec![self::subject(&bytes); subjects];
        frame
            .push(&mut chains, 0, &body, &subjects, [0; 2])
            .map(|r| r.seq)
    };
    let (body_max, subject_max) = (BODY_BYTES_MAX as usize, SUBJECT_BYTES_MAX as usize);
    let count_max = usize::from(ROW_SUBJECTS_MAX);
    assert_eq!(push(0, 0, 0), Err(RowError::BodyBytes(0)));
    assert_eq!(push(1, 0, 0), Ok(1));
    assert_eq!(push(body_max, 0, 0), Ok(2));
    assert_eq!(
        push(body_max + 1, 0, 0),
        Err(RowError::BodyBytes(body_max + 1))
    );
    assert_eq!(push(1, subject_max, 1), Ok(3));
    assert_eq!(
        push(1, subject_max + 1, 1),
        Err(RowError::SubjectBytes(subject_max + 1))
    );
    assert_eq!(push(1, 0, count_max), Ok(4));
    assert_eq!(
        push(1, 0, count_max + 1),
        Err(RowError::Subjects(count_max + 1))
    );
    assert_eq!(chains.head(0).unwrap().seq, 4);
}

#[test]
fn a_full_frame_refuses_and_changes_nothing() {
    let mut chains = Chains::default();
    let mut frame = FrameBuilder::new(1024);
    frame.declare(&mut chains, 0, "t").unwrap();
    // 1024 - 96 - 5 - 8 - 64 bytes are left for one body.
    assert!(frame.has_room(851, 0, 0));
    assert!(!frame.has_room(852, 0, 0));
    assert!(frame.has_room(800, 1, 27));
    assert!(!frame.has_room(800, 1, 28));
    let before = chains.clone();
    assert_eq!(
        frame.push(&mut chains, 0, &[b'x'; 852], &[], [0; 2]),
        Err(RowError::Full)
    );
    assert_eq!(chains, before);
    assert_eq!(
        frame
            .push(&mut chains, 0, &[b'x'; 851], &[], [0; 2])
            .map(|r| r.seq),
        Ok(1)
    );
    assert_eq!((frame.bytes(), frame.rows()), (1024, 1));
    let mut many = FrameBuilder::new(FRAME_BYTES_MAX);
    for _ in 0..FRAME_ROWS_MAX {
        many.push(&mut chains, 0, b"x", &[], [0; 2]).unwrap();
    }
    assert_eq!(
        many.push(&mut chains, 0, b"x", &[], [0; 2]),
        Err(RowError::Full)
    );
}
