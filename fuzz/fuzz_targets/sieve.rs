//! What every byte of an HTTP/3 client passes first: how bytes are cut changes nothing, and nothing is
//! made up.

#![no_main]

use bytes::Bytes;
use dialgate::wire::sieve::{FrameSieve, SieveError};
use libfuzzer_sys::fuzz_target;

fn sifted(
    mut sieve: FrameSieve,
    pieces: std::slice::Chunks<'_, u8>,
) -> Result<Vec<u8>, SieveError> {
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

// The first byte says which way the stream goes, the second the bound, the third how long the pieces are.
fuzz_target!(|input: &[u8]| {
    let [way, bound, length, stream @ ..] = input else {
        return;
    };
    let sieve = || {
        if way & 1 == 0 {
            FrameSieve::of_request(u64::from(*bound))
        } else {
            FrameSieve::of_one_direction(u64::from(*bound))
        }
    };
    let whole = sifted(sieve(), stream.chunks(stream.len().max(1)));
    if let Ok(kept) = &whole {
        assert!(kept.len() <= stream.len());
    }
    assert_eq!(
        whole,
        sifted(sieve(), stream.chunks(usize::from(*length).max(1)))
    );
});
