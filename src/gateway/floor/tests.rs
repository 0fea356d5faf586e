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
use crate::ledger::{Batch, Chains, Handover, Ledger, OpenLedger, Options};

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
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            // Small, so that a run goes over several.
            segment_bytes: 64 * 1024,
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
        let mut frame = self.ledger.free_frames().take();
        for tenant in rows {
            let seq = self.head(*tenant) + 1;
            let block = u64::from(seq.is_multiple_of(3)) * 64;
            let body = format!(r#"{{"a":1,"b":{block},"k":"d","q":{seq},"t":0,"u":0}}"#);
            let chains = &mut self.chains;
            frame
                .push(chains, *tenant, body.as_bytes(), &[], [0, 0])
                .unwrap();
        }
        self.handover.send(Batch { frame, replies: () });
        self.released.recv().unwrap();
    }

    fn listen(&self, tenant: u16, query: &str, from: (u64, bool)) -> EventStream {
        let filter = Filter::read(query).unwrap();
        self.floor.listen(TenantNo(tenant), filter, from).unwrap()
    }
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
    let listen = |tenant| floor.listen(TenantNo(tenant), Filter::default(), (1, false));
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
