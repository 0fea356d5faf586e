#![no_main]
//! The splitter of NDJSON: how bytes are cut changes nothing, and every line is within its bound.

use bytes::Bytes;
use dialgate::wire::lines::{Line, LineSplitter};
use libfuzzer_sys::fuzz_target;

fn split<'p>(bytes_max: usize, pieces: impl Iterator<Item = &'p [u8]>) -> Vec<Line> {
    let mut splitter = LineSplitter::new(bytes_max);
    let mut lines = Vec::new();
    for piece in pieces {
        splitter.feed(Bytes::copy_from_slice(piece));
        while splitter.has_line() {
            lines.extend(splitter.next_line());
        }
    }
    while let Some(line) = splitter.finish() {
        lines.push(line);
    }
    lines
}

// The first byte is the bound, the second how long the pieces are.
fuzz_target!(|input: &[u8]| {
    let [bound, length, text @ ..] = input else {
        return;
    };
    let bytes_max = usize::from(*bound);
    let lines = split(bytes_max, std::iter::once(text));
    for line in &lines {
        let Ok(text) = &line.text else { continue };
        assert!(!text.is_empty() && text.len() <= bytes_max && !text.contains(&b'\n'));
    }
    assert_eq!(
        lines,
        split(bytes_max, text.chunks(usize::from(*length).max(1)))
    );
});
