//! Whatever bytes come, and however they are cut: no panic, the same frames, and no more held than a
//! chunk and a begun frame. What opens as an intent opens to the same twice.

#![no_main]

use bytes::Bytes;
use dialgate::wire::frame::{
    FrameReader, HEADER_BYTES, Header, Kind, RawFrame, Reason, Said, Told, open_intent,
};
use dialgate::wire::limits::BATCH_BODY_BYTES_MAX;
use libfuzzer_sys::fuzz_target;

fn read<'b>(pieces: impl Iterator<Item = &'b [u8]>) -> (Vec<RawFrame>, Option<(Reason, u64)>) {
    let (mut reader, mut frames) = (FrameReader::default(), Vec::new());
    for piece in pieces {
        reader.take(Bytes::copy_from_slice(piece));
        loop {
            match reader.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(fault) => return (frames, Some(fault)),
            }
        }
        assert!(reader.held_bytes() <= HEADER_BYTES + BATCH_BODY_BYTES_MAX);
    }
    (frames, None)
}

fn look_into(frame: &RawFrame) {
    drop(Told::open(frame));
    match Said::open(frame) {
        Ok(Said::Intent(payload)) => open(payload),
        Ok(Said::Intents(batch)) => {
            for payload in batch.intents.iter() {
                open(payload);
            }
        }
        _ => {}
    }
}

fn open(payload: &[u8]) {
    let Ok(opened) = open_intent(payload, false) else {
        return;
    };
    let again = open_intent(payload, false).expect("opened before");
    assert_eq!(format!("{opened:?}"), format!("{again:?}"));
}

fuzz_target!(|input: &[u8]| {
    // The first byte says how the rest is cut.
    let Some((cut, bytes)) = input.split_first() else {
        return;
    };
    let whole = read(std::iter::once(bytes));
    let parts = read(bytes.chunks(usize::from(*cut).max(1)));
    assert_eq!(whole, parts);
    whole.0.iter().for_each(look_into);
    // And as the payload of each kind, so that headers need not be found first.
    for kind in Kind::ALL {
        let payload = bytes
            .get(..bytes.len().min(kind.bytes_max()))
            .unwrap_or_default();
        let header = Header {
            kind,
            correlation: 0,
            payload_bytes: payload.len(),
        };
        let payload = Bytes::copy_from_slice(payload);
        look_into(&RawFrame { header, payload });
    }
});
