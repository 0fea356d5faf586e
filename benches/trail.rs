//! What finding rows again takes: pages read and time, a look-up, in a ledger of five million rows.
//!
//! `DIALGATE_BENCH_DIR` chooses the file system (default `target`), `DIALGATE_BENCH_ROWS` how many
//! rows. The bounds that `ledger::index` states are asserted for each look-up.

use std::convert::Infallible;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dialgate::domain::hash::stable_hash;
use dialgate::ledger::{Batch, Chains, Effort, Finder, Handover, Ledger, OpenLedger, Options};
use dialgate::ledger::{FindError, Reading, Subject};
use dialgate::wire::marks::{Class, EventKind, Marks};

/// The product's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: u64 = 5_000_000;
const ACCOUNTS: u64 = 100_000;
/// Rows of a frame, as a floor of some thousand decisions a second writes them.
const FRAME_ROWS: u64 = 128;
const TENANT: u16 = 1;
const SUBJECT_BYTES: usize = 140;
/// Look-ups of each kind.
const LOOKS: u64 = 200;
/// Items of a page.
const PAGE: usize = 50;
const PAGE_FRAMES: u32 = 50;

fn account(number: u64) -> u64 {
    stable_hash(&[b"account", &number.to_le_bytes()]).max(1)
}

/// A row's body: one decision in twenty blocks, one in five hundred is a compliance event.
fn body(seq: u64) -> String {
    let (gates, codes) = match seq {
        _ if seq.is_multiple_of(500) => (64, r#""c":[704],"cr":[3],"#),
        _ if seq.is_multiple_of(20) => (32, r#""c":[601],"cr":[65535],"#),
        _ => (0, ""),
    };
    let at = 1_778_004_000 + seq / 1000;
    format!(
        r#"{{"a":{},"af":4,"b":{gates},{codes}"d":[7],"e":{seq},"g":4095,"h":0,"i":[1,1,0,1,1,0,0],"k":"d","p":9,"q":{seq},"sd":["{}"],"t":{at},"u":{at},"v":1}}"#,
        seq % ACCOUNTS,
        "0".repeat(64),
    )
}

struct Rig {
    ledger: Ledger,
    handover: Handover<()>,
    chains: Chains,
    _dir: tempfile::TempDir,
}

#[expect(clippy::expect_used, reason = "a bench that cannot begin stops")]
fn written(rows: u64) -> Rig {
    let place =
        std::env::var_os("DIALGATE_BENCH_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let dir = tempfile::tempdir_in(place).expect("a directory");
    let open = OpenLedger::open(dir.path(), Options::default()).expect("an empty ledger");
    let recovered = open.recover(0, |_| Ok::<(), Infallible>(()));
    let recovered = recovered.expect("nothing to recover");
    let chains = recovered.chains.clone();
    let started = open.start(recovered, Arc::new(|| 0), |(), result| {
        result.expect("a durable frame");
    });
    let (ledger, handover) = started.expect("a running ledger");
    let mut rig = Rig {
        ledger,
        handover,
        chains,
        _dir: dir,
    };
    let subject = Subject {
        salt: [9; 16],
        bytes: &[b'y'; SUBJECT_BYTES],
    };
    let mut seq = 0;
    while seq < rows {
        let mut frame = rig.ledger.free_frames().take();
        if seq == 0 {
            let declared = frame.declare(&mut rig.chains, TENANT, "floor");
            declared.expect("a tenant");
        }
        for _ in 0..FRAME_ROWS.min(rows - seq) {
            seq += 1;
            let key = account(seq % ACCOUNTS);
            let subjects = std::slice::from_ref(&subject);
            let body = body(seq);
            let pushed = frame.push(
                &mut rig.chains,
                TENANT,
                body.as_bytes(),
                subjects,
                [key, !key],
            );
            pushed.expect("room for a row");
        }
        rig.handover.commit(Batch { frame, replies: () });
    }
    rig
}

/// What some look-ups took.
#[derive(Default)]
struct Taken {
    spans: Vec<Duration>,
    most: Effort,
    rows: usize,
}

impl Taken {
    fn add(&mut self, span: Duration, effort: Effort, rows: usize) {
        self.spans.push(span);
        self.rows += rows;
        self.most.blocks = self.most.blocks.max(effort.blocks);
        self.most.places = self.most.places.max(effort.places);
        self.most.frames = self.most.frames.max(effort.frames);
        self.most.bytes = self.most.bytes.max(effort.bytes);
    }

    fn tell(mut self, what: &str) {
        self.spans.sort_unstable();
        let at = |part: usize| self.spans.get(self.spans.len() * part / 100);
        let (half, most) = (at(50), self.spans.last());
        let float = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let mean = float(self.rows) / float(self.spans.len().max(1));
        let told = writeln!(
            std::io::stdout(),
            "{what:42} rows {:6.1}  most: blocks {:3} index entries {:4} frames {:3} KiB {:6}  p50 {:?} max {:?}",
            mean,
            self.most.blocks,
            self.most.places,
            self.most.frames,
            self.most.bytes / 1024,
            half.copied().unwrap_or_default(),
            most.copied().unwrap_or_default(),
        );
        drop(told);
    }
}

/// Looks up in turn, each with a reading of its own.
#[expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a bench measures by the machine's clock and stops when it cannot"
)]
fn looks(
    finder: &Finder,
    what: &str,
    look: impl Fn(&mut Reading<'_>, u64) -> Result<usize, FindError>,
) -> Effort {
    let mut taken = Taken::default();
    for n in 0..LOOKS {
        let mut reading = finder.reading();
        let begun = Instant::now();
        let rows = look(&mut reading, n).expect("rows");
        taken.add(begun.elapsed(), reading.effort(), rows);
    }
    let most = taken.most;
    taken.tell(what);
    most
}

/// A page under a key.
fn page(reading: &mut Reading<'_>, key: u64, below: u64) -> Result<usize, FindError> {
    let found = reading.posted((TENANT, key), (1, below), PAGE)?;
    let mut rows = 0;
    reading.rows(TENANT, &found.seqs, |_, _| {
        rows += 1;
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

/// The first row at an instant, as the trail looks for it.
fn first_at(reading: &mut Reading<'_>, at: i64, newest: u64) -> Result<usize, FindError> {
    let (mut low, mut high) = (1, newest + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let marks = |body: &[u8]| Marks::read(body).map_or(0, |marks| marks.at);
        if reading.row(TENANT, middle, |row, _| marks(row.body))? < at {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(1)
}

/// A number picked by another, the same in every run.
fn pick(n: u64) -> u64 {
    stable_hash(&[&n.to_le_bytes()])
}

fn by_account(finder: &Finder, rows: u64, sealed: u32) {
    let most = looks(finder, "one row by its id", |reading, n| {
        reading.row(TENANT, pick(n) % rows + 1, |_, _| 1)
    });
    assert!(most.frames <= 1 && most.places <= 2);
    let most = looks(finder, "a page of an account", |reading, n| {
        page(reading, account(pick(n) % ACCOUNTS), u64::MAX)
    });
    // A block a segment, and one more where a key's postings lie across two.
    assert!(most.blocks <= 2 * sealed && most.frames <= PAGE_FRAMES);
    let most = looks(
        finder,
        "a page of an account, from the middle",
        |reading, n| page(reading, account(pick(n) % ACCOUNTS), rows / 2),
    );
    assert!(most.blocks <= 2 * sealed);
    let most = looks(finder, "an account never seen", |reading, n| {
        page(reading, account(ACCOUNTS + n), u64::MAX)
    });
    assert!(most.blocks <= sealed && most.frames == 0);
}

fn by_class_and_time(finder: &Finder, rows: u64) {
    looks(finder, "a page of compliance events", |reading, n| {
        page(
            reading,
            Class::Event(EventKind::Block).key(),
            pick(n) % rows + 1,
        )
    });
    looks(finder, "a page of blocked decisions", |reading, n| {
        page(reading, Class::Blocked.key(), pick(n) % rows + 1)
    });
    let most = looks(finder, "the first row at an instant", |reading, n| {
        let at = 1_778_004_000 + pick(n) % (rows / 1000 + 1);
        first_at(reading, i64::try_from(at).unwrap_or(i64::MAX), rows)
    });
    assert!(most.frames <= rows.ilog2() + 1);
    looks(finder, "a page of the whole chain", |reading, n| {
        let mut left = PAGE;
        reading.chain(TENANT, (1, pick(n) % rows + 2), |_, _| {
            left -= 1;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        Ok(PAGE - left)
    });
}

#[expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a bench measures by the machine's clock and stops when it cannot"
)]
fn main() {
    let rows = std::env::var_os("DIALGATE_BENCH_ROWS");
    let rows = rows
        .and_then(|text| text.to_str()?.parse().ok())
        .unwrap_or(ROWS);
    let begun = Instant::now();
    let rig = written(rows);
    let finder = rig.ledger.finder().expect("an index");
    while !finder.has(finder.durable()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let segment = finder.reading().row(TENANT, rows, |_, pos| pos.segment);
    let sealed = segment.expect("the last row") - 1;
    let told = writeln!(
        std::io::stdout(),
        "{rows} rows, {sealed} sealed segments, written in {:?}",
        begun.elapsed()
    );
    drop(told);
    by_account(&finder, rows, sealed);
    by_class_and_time(&finder, rows);
    drop((finder, rig.handover));
    rig.ledger.stop();
}
