//! The load, the kills, and what must be found afterwards.

use std::collections::HashMap;
use std::io;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::house::{ALL, House, MAY};
use crate::http::{Client, Reply, Request};
use crate::words::{account, codes, disposition, facts, gate, intent};

const KILLS: u64 = 20;
const WORKERS: usize = 8;
/// Acknowledgements between a start and its kill, at most.
const ACKS_MAX: u64 = 200;
/// Calls on file before an account's first intent.
const ON_FILE: usize = 2;
/// Of the calls allowed, this one is reported as never dialled: it frees its place.
const NEVER_DIALLED: usize = 3;
/// Then so many are allowed: seven, less those on file, and one for the place that was freed.
const ALLOWED: usize = 7 - ON_FILE + 1;

/// What a server promised by answering.
#[derive(Debug, Default)]
struct Promised {
    /// Accounts whose record was taken in.
    facts: Vec<String>,
    /// Key, `audit_id`, allowed.
    decisions: Vec<(String, u64, bool)>,
    /// `audit_id`, outcome, the row if this answer wrote one.
    outcomes: Vec<(u64, &'static str, Option<u64>)>,
}

#[derive(Debug, Default)]
struct Floor {
    /// The server's address and the how manieth it is.
    server: Option<(SocketAddr, u64)>,
    closing: bool,
    acks: u64,
    promised: Promised,
}

type Shared = Arc<(Mutex<Floor>, Condvar)>;

/// One caller.
struct Worker {
    shared: Shared,
    token: String,
    number: usize,
    connection: Option<(Client, u64)>,
}

impl Worker {
    /// Works one account after the other until the floor closes.
    fn run(mut self) {
        let mut n = 0;
        while self.work(n).is_some() {
            n += 1;
        }
    }

    /// Works one account to its last permitted call; `None` when the floor closes.
    fn work(&mut self, n: usize) -> Option<()> {
        let id = format!("A-{}-{n}", self.number);
        let phone = format!("+1818{}{:06}", self.number + 2, 100_000 + n);
        let token = self.token.clone();
        let mut record = account(&id, &phone);
        let call = |c| {
            json!({ "at": "2026-05-04T18:00:00Z", "outcome": "no_answer",
            "phone": phone, "call_id": format!("{id}-{c}") })
        };
        record["attempts"] = (0..ON_FILE).map(call).collect();
        let heard = self.ask(&facts(&token, &json!([record])))?;
        assert_eq!(heard["rejected"], json!([]), "{id}");
        self.promise(|all| all.facts.push(id.clone()));
        for call in 0..ALLOWED {
            let (audit, heard) = self.intent(&id, &phone, call)?;
            assert_eq!(heard["allow"], true, "{id} call {call}: {heard}");
            let outcome = if call == NEVER_DIALLED {
                "not_dialed"
            } else {
                "no_answer"
            };
            let body = json!({ "audit_id": audit, "outcome": outcome });
            let heard = self.ask(&disposition(&token, &id, &body))?;
            assert_eq!(heard["outcome"], outcome, "{id} call {call}: {heard}");
            self.promise(|all| {
                all.outcomes
                    .push((audit, outcome, heard["row_id"].as_u64()));
            });
        }
        let (_, heard) = self.intent(&id, &phone, ALLOWED)?;
        assert_eq!(codes(&heard), ["CALL_7_IN_7"], "{id}: {heard}");
        Some(())
    }

    fn intent(&mut self, id: &str, phone: &str, call: usize) -> Option<(u64, Value)> {
        let key = format!("{id}-{call}");
        let request = gate(&self.token, &intent(id, phone)).with("idempotency-key", &*key);
        let heard = self.ask(&request)?;
        let audit = heard["audit_id"].as_u64().unwrap();
        let allowed = heard["allow"] == true;
        self.promise(|all| all.decisions.push((key, audit, allowed)));
        Some((audit, heard))
    }

    /// Sends until it is answered, to whichever server runs.
    fn ask(&mut self, request: &Request) -> Option<Value> {
        loop {
            match self.attempt(request)? {
                Ok(reply) => {
                    assert_eq!(reply.status, 200, "{:?}", reply.json());
                    return Some(reply.json());
                }
                Err(_the_server_died) => {
                    self.await_next();
                }
            }
        }
    }

    /// One try; `None` when the floor closes.
    fn attempt(&mut self, request: &Request) -> Option<io::Result<Reply>> {
        if self.connection.is_none() {
            let (address, number) = self.server()?;
            match Client::connect(address) {
                Ok(client) => self.connection = Some((client, number)),
                Err(error) => return Some(Err(error)),
            }
        }
        let (client, _) = self.connection.as_mut()?;
        Some(client.ask(request))
    }

    /// The server that runs, waited for.
    fn server(&self) -> Option<(SocketAddr, u64)> {
        let (floor, told) = &*self.shared;
        let mut floor = floor.lock().unwrap();
        while floor.server.is_none() && !floor.closing {
            floor = told.wait(floor).unwrap();
        }
        if floor.closing { None } else { floor.server }
    }

    /// Drops the broken connection and waits until the server it led to is known to be gone.
    fn await_next(&mut self) {
        let Some((_, number)) = self.connection.take() else {
            return;
        };
        let (floor, told) = &*self.shared;
        let mut floor = floor.lock().unwrap();
        while floor.server.is_some_and(|(_, running)| running == number) && !floor.closing {
            floor = told.wait(floor).unwrap();
        }
    }

    fn promise(&self, note: impl FnOnce(&mut Promised)) {
        let (floor, told) = &*self.shared;
        let mut floor = floor.lock().unwrap();
        note(&mut floor.promised);
        floor.acks += 1;
        told.notify_all();
    }
}

/// Xorshift: enough to pick moments.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }
}

fn seed() -> u64 {
    let given = std::env::var_os("KILL_SEED").and_then(|text| text.to_str()?.parse().ok());
    let now = || {
        SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(1, |since| since.subsec_nanos().into())
    };
    given.unwrap_or_else(now) | 1
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_counts_twice() {
    let seed = seed();
    writeln!(io::stderr(), "KILL_SEED={seed}").unwrap();
    let mut moments = Seeded(seed);
    let house = House::with(&[("DIALGATE_LEDGER__SNAPSHOT_INTERVAL_S", "1")]);
    let token = house.token("open", ALL);
    let shared = Shared::default();
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| {
            let (shared, token) = (Arc::clone(&shared), token.clone());
            let worker = Worker {
                shared,
                token,
                number,
                connection: None,
            };
            std::thread::spawn(move || worker.run())
        })
        .collect();
    let (floor, told) = &*shared;
    for kill in 0..KILLS {
        if kill % 4 == 3 {
            // One that dies while it recovers.
            let within = Duration::from_millis(moments.below(400));
            let started = house.spawn(Some(MAY));
            // As soon as it listens, if it gets that far.
            let _listening = started.ready.recv_timeout(within);
            started.kill();
        }
        let server = house.start(Some(MAY));
        let mut open = floor.lock().unwrap();
        open.server = Some((server.address, kill));
        told.notify_all();
        let enough = open.acks + 1 + moments.below(ACKS_MAX);
        while open.acks < enough {
            let (next, late) = told.wait_timeout(open, Duration::from_mins(1)).unwrap();
            open = next;
            assert!(
                !late.timed_out(),
                "no answer for a minute, or a caller gave up"
            );
        }
        drop(open);
        for _ in 0..moments.below(300_000) {
            std::hint::spin_loop();
        }
        server.started.kill();
        floor.lock().unwrap().server = None;
        told.notify_all();
        assert_kept(&house, &floor.lock().unwrap().promised);
    }
    floor.lock().unwrap().closing = true;
    told.notify_all();
    for worker in workers {
        worker.join().unwrap();
    }
    let acks = floor.lock().unwrap().acks;
    writeln!(io::stderr(), "{acks} acknowledgements kept").unwrap();
    assert_kept(&house, &floor.lock().unwrap().promised);
    let replayed = house.ledger("replay");
    assert_eq!(replayed.code, Some(0), "{replayed:?}");
    assert!(replayed.out.contains(", 0 not re-decided,"), "{replayed:?}");
}

/// The chains are whole and hold what was promised, each thing once.
fn assert_kept(house: &House, promised: &Promised) {
    let verified = house.ledger("verify");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let mut facts: HashMap<String, u64> = HashMap::new();
    let mut decisions: HashMap<String, Vec<(u64, bool)>> = HashMap::new();
    let mut outcomes: HashMap<u64, Vec<(u64, Value)>> = HashMap::new();
    for row in house.rows() {
        let (body, seq) = (&row["body"], row["seq"].as_u64().unwrap());
        let subjects = row["subjects"].as_array().unwrap().iter();
        let mut subjects = subjects.map(|one| one["subject"].as_str().unwrap());
        match body["k"].as_str().unwrap() {
            "d" => {
                let subject: Value = serde_json::from_str(subjects.next_back().unwrap()).unwrap();
                let key = subject["key"].as_str().unwrap().to_owned();
                assert_eq!(subject["account_id"], key.rsplit_once('-').unwrap().0);
                decisions
                    .entry(key)
                    .or_default()
                    .push((seq, body["b"] == 0));
            }
            "o" => {
                let of = body["r"].as_u64().unwrap();
                outcomes
                    .entry(of)
                    .or_default()
                    .push((seq, body["o"].clone()));
            }
            "f" => {
                for subject in subjects {
                    let subject: Value = serde_json::from_str(subject).unwrap();
                    let id = subject[0].as_str().unwrap().to_owned();
                    *facts.entry(id).or_default() += 1;
                }
            }
            _ => {}
        }
    }
    for id in &promised.facts {
        assert_eq!(facts.get(id), Some(&1), "facts of {id}");
    }
    for (key, audit, allowed) in &promised.decisions {
        assert_eq!(
            decisions.get(key),
            Some(&vec![(*audit, *allowed)]),
            "decision {key}"
        );
    }
    for (audit, outcome, row) in &promised.outcomes {
        let Some([(seq, found)]) = outcomes.get(audit).map(Vec::as_slice) else {
            panic!("outcome of {audit}: {:?}", outcomes.get(audit));
        };
        assert_eq!(found, outcome);
        assert!(row.is_none_or(|row| row == *seq), "outcome of {audit}");
    }
}
