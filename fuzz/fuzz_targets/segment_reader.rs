//! Whatever bytes lie in a segment file: reading them never panics, and rows are only ever handed
//! on in whole chains.

#![no_main]

use std::convert::Infallible;
use std::sync::Arc;

use dialgate::ledger::chain::Chains;
use dialgate::ledger::disk::{Disk, SimDisk};
use dialgate::ledger::frame::FrameView;
use dialgate::ledger::limits::SEGMENT_BYTES_MIN;
use dialgate::ledger::reader::read_rows;
use dialgate::ledger::row::{FrameHead, Head, link};
use dialgate::ledger::segment::{SegmentHeader, segment_name};
use dialgate::ledger::verify::verify_disk;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(frame) = FrameView::parse(data) {
        let prev = FrameHead {
            frame: frame.head.frame.wrapping_sub(1),
            hash: frame.prev,
        };
        if frame.head.frame > 0 {
            let _fault = frame.check(prev, &mut Chains::default());
        }
    }
    drop(SegmentHeader::read(data));

    // The same bytes behind a sound header, as the first frames of a segment.
    let header = SegmentHeader {
        segment: 1,
        segment_bytes: SEGMENT_BYTES_MIN,
        before: FrameHead::default(),
        chains: Chains::default(),
    };
    let mut bytes = header.encode();
    bytes.extend_from_slice(data);
    bytes.resize(SEGMENT_BYTES_MIN as usize, 0);
    let sim = SimDisk::default();
    let name = segment_name(1);
    drop(sim.create(&name));
    sim.tamper(&name, bytes);
    let disk: Arc<dyn Disk> = Arc::new(sim);
    let mut heads = Vec::new();
    let read = read_rows(&disk, |_, row| {
        let at = usize::from(row.tenant);
        heads.resize(heads.len().max(at + 1), Head::default());
        let Head { seq, hash } = heads[at];
        assert_eq!(
            (row.seq, row.prev, row.hash),
            (seq + 1, hash, link(&hash, row.body))
        );
        heads[at] = Head {
            seq: row.seq,
            hash: row.hash,
        };
        Ok::<(), Infallible>(())
    });
    drop(read);
    drop(verify_disk(&disk, None));
});
