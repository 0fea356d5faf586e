//! Frames, stores and runs the tests share.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use crossbeam::channel::bounded;

use crate::domain::hex::hex;
use crate::ledger::disk::Disk;
use crate::ledger::recovery::{Plan, recover};
use crate::ledger::segment_store::{Preparing, SegmentStore};
use crate::ledger::*;

pub(super) const SEGMENT_BYTES: u32 = 64 * 1024;

/// A frame of `rows` rows of tenant 1, declared in the first frame.
pub(super) fn frame_of(chains: &mut Chains, rows: u64) -> FrameBuilder {
    let mut frame = FrameBuilder::new(0);
    if chains.head(1).is_none() {
        frame.declare(chains, 1, "acme").unwrap();
    }
    for _ in 0..rows {
        push_row(&mut frame, chains);
    }
    frame
}

pub(super) fn push_row(frame: &mut FrameBuilder, chains: &mut Chains) {
    let seq = chains.head(1).unwrap().seq + 1;
    let text = format!("{{\"p\":\"+1555{seq:07}\"}}");
    let subject = Subject {
        salt: [9; 16],
        bytes: text.as_bytes(),
    };
    let body = format!("{{\"n\":{seq},\"sd\":[\"{}\"]}}", hex(&subject.digest()));
    frame
        .push(chains, 1, body.as_bytes(), &[subject], [seq % 10 + 1, 0])
        .unwrap();
}

pub(super) fn open_store(disk: &Arc<dyn Disk>, preparing: Preparing) -> SegmentStore {
    let plan = Plan {
        snapshot_frame: 0,
        watermark_frame: 0,
        segment_bytes: SEGMENT_BYTES,
        preparing,
    };
    recover(disk, plan, |_| Ok::<(), Infallible>(()))
        .unwrap()
        .store
        .unwrap()
}

pub(super) fn options() -> Options {
    Options {
        segment_bytes: SEGMENT_BYTES,
        ..Options::default()
    }
}

/// Opens `dir`, appends `batches` frames of three rows, stops. Returns rows seen in recovery.
pub(super) fn run(dir: &Path, batches: u64) -> u64 {
    let open = OpenLedger::open(dir, options()).unwrap();
    let recovered = open.recover(0, |_| Ok::<(), Infallible>(())).unwrap();
    assert_eq!(recovered.damage, None);
    let rows = recovered.rows;
    let mut chains = recovered.chains.clone();
    let (tell, released) = bounded(1);
    let (ledger, mut handover) = open
        .start(recovered, Arc::new(|| 0), move |(), result| {
            tell.send(result).unwrap();
        })
        .unwrap();
    for _ in 0..batches {
        let mut frame = ledger.free_frames().take();
        if chains.head(1).is_none() {
            frame.declare(&mut chains, 1, "acme").unwrap();
        }
        for _ in 0..3 {
            push_row(&mut frame, &mut chains);
        }
        handover.send(Batch { frame, replies: () });
        released.recv().unwrap().unwrap();
    }
    drop(handover);
    ledger.stop();
    rows
}
