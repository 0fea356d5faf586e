//! Rows a second through the ledger: hashed, framed, written, synced, released, with the index
//! following. Floor 1,000,000 rows/s from 256 rows a commit on: the ledger is never what limits.
//!
//! In place: hashed, written and synced by one thread, as the gateway does while nothing else waits.
//! Handed over: the next frame is hashed while the committer has the last one, as it does while a batch
//! has left more than it takes in one go.
//!
//! `DIALGATE_BENCH_DIR` chooses the file system measured (default `target`). The lag of the index
//! behind the last durable frame is printed at the end of each size.

use std::convert::Infallible;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dialgate::domain::hash::stable_hash;
use dialgate::ledger::{Batch, Chains, Handover, Ledger, OpenLedger, Options, Subject};

/// The product's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bytes of a decision row's body and of its subject, as the floor's run writes them.
const BODY_BYTES: usize = 330;
const SUBJECT_BYTES: usize = 140;
const TENANT: u16 = 1;

/// Who writes and syncs.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    InPlace,
    HandedOver,
}

struct Rig {
    ledger: Ledger,
    handover: Handover<()>,
    chains: Chains,
    body: Vec<u8>,
    rows: u64,
    _dir: tempfile::TempDir,
}

fn place() -> PathBuf {
    std::env::var_os("DIALGATE_BENCH_DIR").map_or_else(|| "target".into(), PathBuf::from)
}

impl Rig {
    #[expect(clippy::expect_used, reason = "a bench that cannot begin stops")]
    fn new() -> Self {
        let dir = tempfile::tempdir_in(place()).expect("a directory");
        let open = OpenLedger::open(dir.path(), Options::default()).expect("an empty ledger");
        let recovered = open.recover(0, |_| Ok::<(), Infallible>(()));
        let recovered = recovered.expect("nothing to recover");
        let chains = recovered.chains.clone();
        let started = open.start(recovered, Arc::new(|| 0), |(), result| {
            result.expect("a durable frame");
        });
        let (ledger, handover) = started.expect("a running ledger");
        let mut rig = Self {
            ledger,
            handover,
            chains,
            body: vec![b'x'; BODY_BYTES],
            rows: 0,
            _dir: dir,
        };
        let mut frame = rig.ledger.free_frames().take();
        let declared = frame.declare(&mut rig.chains, TENANT, "floor");
        declared.expect("a tenant");
        rig.handover.commit(Batch { frame, replies: () });
        rig
    }

    #[expect(clippy::expect_used, reason = "a bench that cannot go on stops")]
    fn commit(&mut self, rows: u64, way: Way) {
        let mut frame = self.ledger.free_frames().take();
        let subject = Subject {
            salt: [9; 16],
            bytes: &[b'y'; SUBJECT_BYTES],
        };
        for _ in 0..rows {
            self.rows += 1;
            let key = stable_hash(&[&(self.rows % 100_000).to_le_bytes()]).max(1);
            let subjects = std::slice::from_ref(&subject);
            let pushed = frame.push(&mut self.chains, TENANT, &self.body, subjects, [key, key]);
            pushed.expect("room for a row");
        }
        let batch = Batch { frame, replies: () };
        match way {
            Way::InPlace => self.handover.commit(batch),
            Way::HandedOver => self.handover.send(batch),
        }
    }

    fn lag_frames(&self) -> u64 {
        let status = self.ledger.status();
        let durable = status.durable_frame.load(Ordering::Acquire);
        durable - status.watermark_frame.load(Ordering::Acquire).min(durable)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bench measures by the machine's clock"
)]
fn ledger(c: &mut Criterion) {
    let mut group = c.benchmark_group("ledger");
    group.measurement_time(Duration::from_secs(5));
    let in_place = [16_u64, 64, 256, 1_024, 4_096].map(|rows| (rows, Way::InPlace));
    let handed_over = [256, 1_024, 4_096].map(|rows| (rows, Way::HandedOver));
    for (rows, way) in in_place.into_iter().chain(handed_over) {
        let mut rig = Rig::new();
        let (mut commits, mut spent) = (0, Duration::ZERO);
        let name = match way {
            Way::InPlace => format!("{rows} rows a commit"),
            Way::HandedOver => format!("{rows} rows a commit, handed over"),
        };
        group.throughput(Throughput::Elements(rows));
        group.bench_function(&name, |b| {
            b.iter_custom(|n| {
                let begun = Instant::now();
                for _ in 0..n {
                    rig.commit(rows, way);
                }
                commits += n;
                spent += begun.elapsed();
                begun.elapsed()
            });
        });
        let lag = spent.as_secs_f64() * f64::from(u32::try_from(rig.lag_frames()).unwrap_or(0))
            / f64::from(u32::try_from(commits.max(1)).unwrap_or(u32::MAX));
        let told = writeln!(
            std::io::stderr(),
            "{name}: index {lag:.2} s behind after {commits} commits",
        );
        drop(told);
        drop(rig.handover);
        rig.ledger.stop();
    }
    group.finish();
}

criterion_group!(benches, ledger);
criterion_main!(benches);
