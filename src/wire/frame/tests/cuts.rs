//! FRAME-1, FRAME-2, FRAME-4 over random bytes and random cuts.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::wire::limits::BATCH_BODY_BYTES_MAX;

/// A stream of frames of every kind.
fn stream() -> Vec<u8> {
    let mut out = Vec::new();
    let hello = Hello {
        token: "a.b.c".into(),
        agent: "dialer/1".into(),
    };
    assert!(push(&mut out, Kind::Hello, 1, &hello));
    for n in 2..5 {
        assert!(push(&mut out, Kind::Intent, n, &sample()));
    }
    push_empty(&mut out, Kind::Ping, 5);
    let one = payload(Kind::Intent, &sample());
    let batch = Intents {
        intents: vec![one; 3],
    };
    assert!(push(&mut out, Kind::Intents, 6, &batch));
    let body = br#"{"outcome":"no_answer"}"#;
    let disposition = Disposition {
        body: body.as_slice().into(),
    };
    assert!(push(&mut out, Kind::Disposition, 7, &disposition));
    push_empty(&mut out, Kind::Ping, 8);
    out
}

/// The same bytes in pieces.
fn cut<'b>(bytes: &'b [u8], cuts: &[Index]) -> Vec<&'b [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|w| &bytes[w[0]..w[1]]).collect()
}

#[test]
fn byte_by_byte_gives_the_same_frames() {
    let bytes = stream();
    let (whole, fault) = read(&[&bytes]);
    assert_eq!((whole.len(), fault), (8, None));
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(read(&single), (whole, None));
}

#[test]
fn chunks_taken_before_the_last_was_looked_at_are_not_lost() {
    let bytes = stream();
    let mut reader = FrameReader::default();
    for chunk in bytes.chunks(7) {
        reader.take(Bytes::copy_from_slice(chunk));
    }
    let mut frames = 0;
    while let Ok(Some(_frame)) = reader.next_frame() {
        frames += 1;
    }
    assert_eq!(frames, 8);
    assert!(reader.at_boundary());
}

proptest! {
    /// FRAME-2, and FRAME-4: what is held is one chunk and one begun frame.
    #[test]
    fn any_cut_gives_the_same_frames(cuts in prop::collection::vec(any::<Index>(), 0..40)) {
        let bytes = stream();
        let whole = read(&[&bytes]);
        let pieces = cut(&bytes, &cuts);
        prop_assert_eq!(read(&pieces), whole);
        let mut reader = FrameReader::default();
        let mut open = 0;
        for piece in pieces {
            reader.take(Bytes::copy_from_slice(piece));
            while let Ok(Some(_frame)) = reader.next_frame() {}
            open += piece.len();
            prop_assert!(reader.held_bytes() <= BATCH_BODY_BYTES_MAX + HEADER_BYTES);
            prop_assert!(reader.held_bytes() <= open);
        }
        prop_assert!(reader.at_boundary());
    }

    /// FRAME-1: whatever comes, it is a frame, a fault, or not all there.
    #[test]
    fn random_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        kind in prop::sample::select(Kind::ALL.to_vec()),
    ) {
        let (frames, _fault) = read(&[&bytes]);
        for frame in &frames {
            drop((Said::open(frame), Told::open(frame)));
        }
        // As the payload of a sound header, too.
        let length = bytes.len().min(kind.bytes_max());
        let header = Header { kind, correlation: 0, payload_bytes: length };
        let payload = Bytes::copy_from_slice(&bytes[..length]);
        let frame = RawFrame { header, payload };
        drop((Said::open(&frame), Told::open(&frame)));
        drop(open_intent(&bytes, true));
    }

    /// FRAME-1: a sound frame with some bytes changed.
    #[test]
    fn damaged_payloads_never_panic(
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = stream();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let (frames, _fault) = read(&[&bytes]);
        for frame in &frames {
            match Said::open(frame) {
                Ok(Said::Intent(payload)) => drop(open_intent(payload, false)),
                Ok(Said::Intents(batch)) => {
                    for one in batch.intents.iter() {
                        drop(open_intent(one, false));
                    }
                }
                _ => {}
            }
        }
    }
}
