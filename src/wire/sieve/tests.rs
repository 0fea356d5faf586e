//! What comes out, however the bytes are cut.

use proptest::prelude::*;

use super::*;

const MAX: u64 = 100;

/// What comes out of pieces, and how it ends.
fn sifted(mut sieve: FrameSieve, pieces: &[&[u8]]) -> Result<Vec<u8>, SieveError> {
    let mut out = Vec::new();
    for piece in pieces {
        let mut piece = Bytes::copy_from_slice(piece);
        while let Some(kept) = sieve.next(&mut piece)? {
            assert!(!kept.is_empty());
            out.extend_from_slice(&kept);
        }
        assert!(piece.is_empty());
    }
    sieve.end().map(|()| out)
}

fn request(bytes: &[u8]) -> Result<Vec<u8>, SieveError> {
    sifted(FrameSieve::of_request(MAX), &[bytes])
}

#[test]
fn heads_and_bodies_come_out_as_they_are() {
    let stream = b"\x01\x03abc\x00\x05hello\x01\x01t";
    assert_eq!(request(stream), Ok(stream.to_vec()));
}

/// SIEVE-2: empty pieces.
#[test]
fn an_empty_piece_of_a_body_is_no_end() {
    let stream = b"\x01\x01h\x00\x00\x00\x02ab\x00\x00";
    assert_eq!(request(stream), Ok(b"\x01\x01h\x00\x02ab".to_vec()));
}

/// SIEVE-2: unknown kinds.
#[test]
fn unknown_kinds_are_dropped_however_long() {
    let mut stream = b"\x21\x44\x00".to_vec();
    stream.extend([7; 1024]);
    stream.extend(b"\x01\x01h");
    assert_eq!(request(&stream), Ok(b"\x01\x01h".to_vec()));
}

/// SIEVE-2: the bound from both sides.
#[test]
fn only_a_body_may_be_longer_than_the_bound() {
    let mut body = b"\x00\x40\x65".to_vec();
    body.extend([1; 101]);
    assert_eq!(request(&body), Ok(body));
    let mut head = b"\x01\x40\x64".to_vec();
    head.extend([1; 100]);
    assert_eq!(request(&head), Ok(head));
    assert_eq!(request(b"\x01\x40\x65"), Err(SieveError::TooLong));
    assert_eq!(
        request(b"\x04\xff\xff\xff\xff\xff\xff\xff\xff"),
        Err(SieveError::TooLong)
    );
}

/// SIEVE-3.
#[test]
fn an_end_within_a_frame_is_told() {
    for cut in [
        b"\x00".as_slice(),
        b"\x00\x05hell",
        b"\x01\x40",
        b"\x21\x02x",
    ] {
        assert_eq!(request(cut), Err(SieveError::Truncated), "{cut:?}");
    }
    assert_eq!(request(b""), Ok(Vec::new()));
}

#[test]
fn a_stream_of_one_direction_has_frames_where_it_is_the_control_stream() {
    let one = || FrameSieve::of_one_direction(MAX);
    let control = b"\x00\x04\x02\x06\x10\x21\x01x\x07\x01\x00";
    let expected = b"\x00\x04\x02\x06\x10\x07\x01\x00".to_vec();
    assert_eq!(sifted(one(), &[control]), Ok(expected));
    assert_eq!(
        sifted(one(), &[b"\x00\x04\x40\x65"]),
        Err(SieveError::TooLong)
    );
    let encoder = b"\x02\x04\xff\xff";
    assert_eq!(sifted(one(), &[encoder]), Ok(encoder.to_vec()));
}

proptest! {
    /// SIEVE-1.
    #[test]
    fn how_bytes_were_cut_changes_nothing(
        stream in proptest::collection::vec(prop_oneof![0_u8..16, any::<u8>()], 0..200),
        cuts in proptest::collection::vec(0_usize..200, 0..20),
        control in any::<bool>(),
    ) {
        let sieve = || {
            if control { FrameSieve::of_one_direction(MAX) } else { FrameSieve::of_request(MAX) }
        };
        let mut cuts = cuts;
        cuts.push(stream.len());
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in cuts {
            let to = cut.min(stream.len());
            pieces.push(&stream[from..to]);
            from = to;
        }
        let singly: Vec<&[u8]> = stream.chunks(1).collect();
        let whole = sifted(sieve(), &[&stream]);
        prop_assert_eq!(&sifted(sieve(), &pieces), &whole);
        prop_assert_eq!(sifted(sieve(), &singly), whole);
    }
}
