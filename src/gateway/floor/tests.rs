//! Listeners over a real ledger, ticked by hand.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crossbeam::channel::{Receiver, bounded};

use super::thread::Teller;
use super::*;
use crate::clock::Clock;
use crate::domain::time::UnixSeconds;
use crate::gateway::status::GatewayStatus;
use crate::ledger::data_dir::ledger_disk;
use crate::ledger::{Batch, Chains, Handover, Index, Ledger, OpenLedger, Options};
use crate::wire::limits::{
    FLOOR_BEHIND_BYTES_MAX, FLOOR_LIVE_READ_BYTES, FLOOR_LIVE_READS_MAX, FLOOR_STALLED_TICKS_MAX,
};

const TENANTS: u16 = 2;

/// A ledger that grows by the frame, and the floor over it.
struct Place {
    ledger: Ledger,
    handover: Handover<()>,
    released: Receiver<()>,
    chains: Chains,
    floor: Arc<Floor>,
    teller: Teller,
    _dir: tempfile::TempDir,
}

impl Place {
    fn open() -> Self {
        // Small, so that a run goes over several.
        Self::of(64 * 1024)
    }

    fn of(segment_bytes: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            segment_bytes,
            ..Options::default()
        };
        let open = OpenLedger::open(dir.path(), options).unwrap();
        let recovered = open.recover(0, |_| Ok::<(), Infallible>(())).unwrap();
        let mut chains = recovered.chains.clone();
        let (tell, released) = bounded(1);
        let release = move |(), result: Result<_, _>| {
            assert!(result.is_ok());
            tell.send(()).unwrap();
        };
        let (ledger, mut handover) = open.start(recovered, Arc::new(|| 0), release).unwrap();
        let mut frame = ledger.free_frames().take();
        for tenant in 0..TENANTS {
            frame
                .declare(&mut chains, tenant, &format!("t{tenant}"))
                .unwrap();
        }
        frame
            .push(&mut chains, 0, br#"{"k":"v","q":1,"t":0}"#, &[], [0, 0])
            .unwrap();
        handover.send(Batch { frame, replies: () });
        released.recv().unwrap();
        let status = Arc::clone(ledger.status());
        let status = GatewayStatus::new(status, Arc::default(), Vec::new());
        let floor = Arc::<Floor>::default();
        let sources = Sources {
            disk: ledger_disk(ledger.dir()),
            index: Arc::clone(ledger.index()),
            status: Arc::new(status),
            clock: Clock::manual(UnixSeconds(0)),
        };
        let teller = Teller::new(Arc::clone(&floor), sources);
        Self {
            ledger,
            handover,
            released,
            chains,
            floor,
            teller,
            _dir: dir,
        }
    }

    fn head(&self, tenant: u16) -> u64 {
        self.chains.head(tenant).map_or(0, |head| head.seq)
    }

    /// One durable frame of rows of these tenants.
    fn frame(&mut self, rows: &[u16]) {
        self.padded(rows, 0);
    }

    /// The same, each row longer by so many bytes that no event shows.
    fn padded(&mut self, rows: &[u16], bytes: usize) {
        let mut frame = self.ledger.free_frames().take();
        for tenant in rows {
            let seq = self.head(*tenant) + 1;
            let block = u64::from(seq.is_multiple_of(3)) * 64;
            let pad = "x".repeat(bytes);
            let body =
                format!(r#"{{"a":1,"b":{block},"k":"d","q":{seq},"t":0,"u":0,"z":"{pad}"}}"#);
            let chains = &mut self.chains;
            frame
                .push(chains, *tenant, body.as_bytes(), &[], [0, 0])
                .unwrap();
        }
        self.handover.send(Batch { frame, replies: () });
        self.released.recv().unwrap();
    }

    fn durable(&self) -> u64 {
        self.ledger.status().durable_frame.load(Ordering::Acquire)
    }

    /// Listens from row `next` on, which may be there already if it resumes.
    fn listen(&self, tenant: u16, query: &str, (next, resumes): (u64, bool)) -> EventStream {
        let filter = Filter::read(query).unwrap();
        let from = (next, (!resumes).then(|| self.durable()));
        self.floor.listen(TenantNo(tenant), filter, from).unwrap()
    }

    /// Waits until the index knows every frame: it follows on a thread of its own.
    fn indexed(&self) {
        let known = || self.ledger.index().newest().unwrap().map(|pos| pos.frame);
        while known() != Some(self.durable()) {
            std::thread::yield_now();
        }
    }

    /// From now on the floor reads where nothing is.
    fn lose(&mut self) -> tempfile::TempDir {
        let empty = tempfile::tempdir().unwrap();
        let index = Index::open(&empty.path().join("index.redb")).unwrap();
        self.teller.sources.index = Arc::new(index);
        self.teller.sources.disk = ledger_disk(&empty.path().join("none"));
        empty
    }
}

/// What is ready now, as text.
fn text(stream: &mut EventStream) -> String {
    let mut cx = Context::from_waker(Waker::noop());
    let mut all = String::new();
    while let Poll::Ready(Some(bytes)) = stream.poll_next(&mut cx) {
        all.push_str(std::str::from_utf8(&bytes).unwrap());
    }
    all
}

/// The ids of what is ready now.
fn heard(stream: &mut EventStream, ids: &mut Vec<u64>) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        match stream.poll_next(&mut cx) {
            Poll::Ready(Some(bytes)) => {
                let text = String::from_utf8(bytes.to_vec()).unwrap();
                let lines = text.lines().filter_map(|line| line.strip_prefix("id: "));
                ids.extend(lines.map(|id| id.parse::<u64>().unwrap()));
            }
            Poll::Ready(None) => return false,
            Poll::Pending => return true,
        }
    }
}

/// A stream of numbers, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

/// FLOOR-1, FLOOR-2: whenever somebody comes and wherever it goes on, it hears each row once.
#[test]
fn floor_1_everybody_hears_every_row_from_where_it_began() {
    for seed in 0..20 {
        let mut dice = Dice(seed);
        let mut place = Place::open();
        let mut listeners = Vec::new();
        for _ in 0..120 {
            match dice.below(6) {
                0 => {
                    let tenant = u16::try_from(dice.below(TENANTS.into())).unwrap();
                    let head = place.head(tenant);
                    let last = dice.below(head + 1);
                    let from = if dice.below(2) == 0 { head } else { last };
                    let stream = place.listen(tenant, "", (from + 1, from < head));
                    listeners.push((tenant, from, stream, Vec::new()));
                }
                1 | 2 => place.teller.tick(),
                _ => {
                    let many = 1 + dice.below(5);
                    let tenant = |d: &mut Dice| u16::try_from(d.below(TENANTS.into())).unwrap();
                    let rows: Vec<u16> = (0..many).map(|_| tenant(&mut dice)).collect();
                    place.frame(&rows);
                }
            }
            for (_, _, stream, ids) in &mut listeners {
                assert!(heard(stream, ids), "seed {seed}: sent away");
            }
        }
        for _ in 0..200 {
            place.teller.tick();
            for (_, _, stream, ids) in &mut listeners {
                assert!(heard(stream, ids), "seed {seed}: sent away");
            }
        }
        assert_eq!(place.floor.listeners(), listeners.len());
        for (tenant, from, _, ids) in &listeners {
            let expected: Vec<u64> = (from + 1..=place.head(*tenant)).collect();
            assert_eq!(*ids, expected, "seed {seed} tenant {tenant} after {from}");
        }
    }
}

#[test]
fn only_what_is_wanted_is_heard() {
    let mut place = Place::open();
    let mut blocks = place.listen(0, "types=block", (2, false));
    for _ in 0..5 {
        place.frame(&[0]);
    }
    place.teller.tick();
    let mut ids = Vec::new();
    assert!(heard(&mut blocks, &mut ids));
    assert_eq!(ids, [3, 6]);
}

/// FLOOR-3: who takes nothing is dropped, and others hear on.
#[test]
fn floor_3_a_listener_that_takes_nothing_is_dropped() {
    let mut place = Place::open();
    let mut slow = place.listen(0, "", (2, false));
    let mut quick = place.listen(0, "types=block", (2, false));
    let mut ids = Vec::new();
    while place.floor.listeners() == 2 {
        place.frame(&[0; 100]);
        place.teller.tick();
        assert!(heard(&mut quick, &mut ids));
        assert!(place.head(0) < 100_000, "never dropped");
    }
    let mut taken = Vec::new();
    assert!(!heard(&mut slow, &mut taken), "its stream ends");
    let whole: Vec<u64> = (2..).take(taken.len()).collect();
    assert_eq!(taken, whole, "what it took is without a gap");
    assert_eq!(ids, (3..=place.head(0)).step_by(3).collect::<Vec<u64>>());
}

/// FLOOR-3: what is read for one that catches up stops while it takes nothing, in the middle of a
/// frame if need be; it is sent away only after a while.
#[test]
fn floor_3_one_that_catches_up_and_takes_nothing_holds_little() {
    for rows in [100, 10_000] {
        let mut place = Place::of(8 * 1024 * 1024);
        while place.head(0) < 20_000 {
            place.frame(&vec![0; rows]);
        }
        place.frame(&[0]);
        place.indexed();
        let mut slow = place.listen(0, "", (2, true));
        for _ in 0..FLOOR_STALLED_TICKS_MAX {
            place.teller.tick();
        }
        assert_eq!(place.floor.listeners(), 1, "not yet");
        let bytes = text(&mut slow).len();
        let bounds = FLOOR_BEHIND_BYTES_MAX..FLOOR_BEHIND_BYTES_MAX + 1024;
        assert!(bounds.contains(&bytes), "frames of {rows}: {bytes}");
        for _ in 0..FLOOR_STALLED_TICKS_MAX + 9 {
            place.teller.tick();
        }
        assert_eq!(place.floor.listeners(), 0, "frames of {rows}");
    }
}

/// One that takes what is ready catches up, whatever the frames' length.
#[test]
fn one_that_catches_up_and_takes_hears_everything() {
    for rows in [100, 10_000] {
        let mut place = Place::of(8 * 1024 * 1024);
        while place.head(0) < 20_000 {
            place.frame(&vec![0; rows]);
        }
        place.frame(&[0]);
        place.indexed();
        let mut streams =
            [2, 5, 12_000].map(|next| (next, place.listen(0, "", (next, true)), vec![]));
        // The slow one takes only every ninth tick.
        for tick in 0..500 {
            place.teller.tick();
            for (next, stream, ids) in &mut streams {
                if *next != 5 || tick % 9 == 0 {
                    assert!(heard(stream, ids), "frames of {rows}: sent away");
                }
            }
        }
        for (next, _, ids) in &streams {
            let expected: Vec<u64> = (*next..=place.head(0)).collect();
            assert!(
                *ids == expected,
                "frames of {rows} from {next}: {} rows",
                ids.len()
            );
        }
    }
}

/// The first listener of a tenant without news for long begins where the ledger ends.
#[test]
fn a_quiet_tenant_does_not_make_the_floor_read_the_ledger() {
    let mut place = Place::of(1024 * 1024);
    place.frame(&[1]);
    for _ in 0..80 {
        place.padded(&[0; 50], 1000);
    }
    place.indexed();
    let mut quiet = place.listen(1, "", (place.head(1) + 1, false));
    place.teller.tick();
    assert_eq!(place.teller.catching_up(), (None, 0));
    place.frame(&[1]);
    place.teller.tick();
    let mut ids = Vec::new();
    assert!(heard(&mut quiet, &mut ids));
    assert_eq!(ids, [place.head(1)]);
}

/// A listener that was not let in before the index went on hears what came meanwhile.
#[test]
fn what_comes_before_a_first_listener_is_let_in_is_heard() {
    let mut place = Place::open();
    place.frame(&[0, 1]);
    let mut first = place.listen(0, "", (place.head(0) + 1, false));
    let from = place.head(0);
    for _ in 0..20 {
        place.frame(&[0, 1]);
    }
    place.indexed();
    let mut ids = Vec::new();
    for _ in 0..3 {
        place.teller.tick();
        assert!(heard(&mut first, &mut ids));
    }
    assert_eq!(ids, (from + 1..=place.head(0)).collect::<Vec<u64>>());
}

/// However much there is to read, one tick reads so much of it.
#[test]
fn a_tick_reads_so_much() {
    let mut place = Place::of(1024 * 1024);
    for _ in 0..80 {
        place.padded(&[0; 50], 1000);
    }
    let index = tempfile::tempdir().unwrap();
    let knows_nothing = Index::open(&index.path().join("index.redb")).unwrap();
    place.teller.sources.index = Arc::new(knows_nothing);
    let mut last = place.listen(0, "", (place.head(0) + 1, false));
    place.teller.tick();
    let frames_max = (FLOOR_LIVE_READS_MAX * FLOOR_LIVE_READ_BYTES / 50_000) as u64;
    let read = place.teller.read_up_to();
    assert!((9..frames_max + 2).contains(&read), "{read}");
    place.frame(&[0]);
    (0..5).for_each(|_| place.teller.tick());
    let mut ids = Vec::new();
    assert!(heard(&mut last, &mut ids));
    assert_eq!(ids, [place.head(0)]);
}

/// Nobody keeps a place when the ledger cannot be read.
#[test]
fn who_cannot_be_let_in_is_counted_out() {
    let mut place = Place::open();
    let _gone = place.lose();
    let mut streams = [0, 1, 0].map(|tenant| place.listen(tenant, "", (2, false)));
    assert_eq!(place.floor.listeners(), 3);
    place.teller.tick();
    assert_eq!(place.floor.listeners(), 0);
    for stream in &mut streams {
        assert!(!heard(stream, &mut Vec::new()), "its stream ends");
    }
}

/// A long ledger with one that reads for itself and takes nothing, and one that waits behind it.
fn crowd() -> (Place, EventStream, EventStream) {
    let mut place = Place::of(8 * 1024 * 1024);
    for _ in 0..20 {
        place.frame(&[0; 1000]);
    }
    place.indexed();
    let reads = place.listen(0, "", (2, true));
    place.teller.tick();
    let waits = place.listen(0, "", (19_990, true));
    place.teller.tick();
    assert_eq!(place.teller.catching_up(), (Some(1), 1));
    (place, reads, waits)
}

#[test]
fn those_who_catch_up_hear_of_health() {
    let (mut place, mut reads, mut waits) = crowd();
    place.teller.sources.status.row_refused();
    let mut said = [String::new(), String::new()];
    for _ in 0..3 {
        place.teller.tick();
        said[0] += &text(&mut reads);
        said[1] += &text(&mut waits);
    }
    for said in said {
        assert_eq!(said.matches(r#"{"status":"ok""#).count(), 1);
        assert_eq!(said.matches(r#"{"status":"sealed""#).count(), 1);
    }
}

/// When the last one goes for whom is read, nothing is read on, and those who wait have their turn.
#[test]
fn nothing_is_read_for_nobody() {
    let (mut place, reads, mut waits) = crowd();
    drop(reads);
    place.teller.tick();
    place.teller.tick();
    assert_eq!(place.teller.catching_up(), (None, 0));
    let mut ids = Vec::new();
    assert!(heard(&mut waits, &mut ids));
    assert_eq!(ids, (19_990..=place.head(0)).collect::<Vec<u64>>());
}

#[test]
fn who_goes_while_waiting_is_counted_out() {
    let (mut place, _reads, waits) = crowd();
    drop(waits);
    place.teller.tick();
    assert_eq!(place.floor.listeners(), 1);
    assert_eq!(place.teller.catching_up(), (Some(1), 0));
}

#[test]
fn who_goes_is_counted_out() {
    let mut place = Place::open();
    let stream = place.listen(0, "", (2, false));
    assert_eq!(place.floor.listeners(), 1);
    drop(stream);
    place.teller.tick();
    assert_eq!(place.floor.listeners(), 0);
}

#[test]
fn there_is_room_for_so_many() {
    let floor = Floor::default();
    let listen = |tenant| floor.listen(TenantNo(tenant), Filter::default(), (1, Some(0)));
    let mut all = Vec::new();
    for _ in 0..FLOOR_TENANT_SUBSCRIBERS_MAX {
        all.push(listen(0).unwrap());
    }
    assert!(matches!(listen(0), Err(TooMany)));
    for _ in 0..FLOOR_SUBSCRIBERS_MAX - FLOOR_TENANT_SUBSCRIBERS_MAX {
        all.push(listen(1).unwrap());
    }
    assert!(matches!(listen(1), Err(TooMany)));
}
