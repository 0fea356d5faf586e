//! A heart over a ledger with a row that does not apply.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::core::{Core, CoreOptions};
use super::laws::Laws;
use super::recovery::{open, recover};
use super::snapshots::Cadence;
use crate::clock::Clock;
use crate::config::TenantFile;
use crate::domain::time::UnixSeconds;
use crate::engine;
use crate::ledger::verify::heads;
use crate::ledger::{Batch, OpenLedger, Options};
use crate::rulepack::{self, PackFiles};

const NOW: UnixSeconds = UnixSeconds(1_778_004_000);

/// Starts a heart; it ends with what it says of its seal.
fn lived(dir: &Path, tenant: &str) -> Option<String> {
    let pack = Arc::new(rulepack::embedded().unwrap());
    let archive = PackFiles::embedded().archive();
    let tenants = [TenantFile::parse("t.toml", tenant).unwrap()];
    let opened = open(dir, Options::default()).unwrap();
    let options = engine::Options::default();
    let law = (&pack, archive.as_slice());
    let recovery = recover(dir, opened, options, law, &tenants, NOW).unwrap();
    let core = Core::start(
        recovery,
        CoreOptions {
            inbox_max: 8,
            inbox_tenant_max: 8,
            // Due at once, and at every row.
            cadence: Cadence {
                suffix_rows_max: 1,
                interval: Duration::ZERO,
            },
            clock: Clock::manual(NOW),
            clock_accepted: true,
            laws: Arc::new(Laws::new(pack)),
            metrics: Arc::default(),
            relaxed: false,
        },
    )
    .unwrap();
    let sealed = core.status().seal_word();
    core.stop();
    sealed
}

/// Appends an outcome of a person nobody knows to the first chain.
fn append_what_does_not_apply(dir: &Path) {
    let open = OpenLedger::open(dir, Options::default()).unwrap();
    let recovered = open.recover(0, |_| Ok::<(), ()>(())).unwrap();
    let mut chains = recovered.chains.clone();
    let (tell, released) = crossbeam::channel::bounded(1);
    let release = move |(), result: Result<_, _>| tell.send(result.is_ok()).unwrap();
    let (ledger, mut handover) = open.start(recovered, Arc::new(|| 0), release).unwrap();
    let mut frame = ledger.free_frames().take();
    let seq = chains.head(0).unwrap().seq + 1;
    let body = format!(r#"{{"a":7,"k":"o","p":9,"q":{seq},"t":{},"w":"x"}}"#, NOW.0);
    frame
        .push(&mut chains, 0, body.as_bytes(), &[], [0, 0])
        .unwrap();
    handover.send(Batch { frame, replies: () });
    assert!(released.recv().unwrap());
    drop(handover);
    ledger.stop();
}

fn head(dir: &Path) -> (u64, String) {
    let report = heads(dir).unwrap();
    let first = report.tenants.first().unwrap();
    (first.head_seq, first.head_hash.clone())
}

fn snapshots(dir: &Path) -> Vec<u64> {
    let open = OpenLedger::open(dir, Options::default()).unwrap();
    let kept = open.snapshots().kept();
    kept.iter().map(|kept| kept.meta().frame).collect()
}

/// WRITER-4.
#[test]
fn a_row_that_does_not_apply_stays_the_last_and_no_snapshot_hides_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    assert_eq!(lived(dir, "name = \"t\"\n"), None);
    append_what_does_not_apply(dir);
    let before = (head(dir), snapshots(dir));
    // A changed policy would be a row.
    let changed = "name = \"t\"\n[fairness]\ngap_s = 7\n";
    for tenant in [changed, "name = \"t\"\n", changed] {
        let sealed = lived(dir, tenant);
        assert_eq!(sealed.as_deref(), Some("a recorded row does not apply"));
        assert_eq!((head(dir), snapshots(dir)), before, "{tenant}");
    }
}

/// WRITER-4.
#[test]
fn a_new_tenant_is_not_declared_in_a_sealed_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    assert_eq!(lived(dir, "name = \"t\"\n"), None);
    append_what_does_not_apply(dir);
    let before = head(dir);
    assert!(lived(dir, "name = \"another\"\n").is_some());
    let report = heads(dir).unwrap();
    assert_eq!((report.tenants.len(), head(dir)), (1, before));
}
