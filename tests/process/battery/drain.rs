//! SIGTERM while every protocol asks, and while nobody listens any more.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::process::ExitStatus;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use dialgate::wire::frame::{self, ALPN, Kind};
use quinn::{Connection, Endpoint};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::{JoinSet, LocalSet, spawn_blocking, spawn_local};

use super::frames::{Talking, intent as framed};
use super::http::{Carrier, Http1, Http2, post};
use super::http3::Http3;
use super::lines::{self, Stream};
use super::site::Site;
use super::speaker::{Protocol, Token};
use crate::words::intent;

/// For the program to stop in.
const LIMIT_MS: &str = "5000";
/// Answers each protocol has before the signal is sent, so that all are in full swing.
const WARM: usize = 20;
/// Intents under way over each protocol.
const UNDER_WAY: usize = 24;

/// What came of the intents of one protocol.
#[derive(Default)]
struct Tally {
    /// Rows that were heard of.
    rows: RefCell<BTreeSet<u64>>,
    /// Answers that there is no decision.
    refused: Cell<usize>,
}

/// All of them, and who waits until they are in full swing.
#[derive(Default)]
struct Hall {
    tallies: Vec<(Protocol, Tally)>,
    answered: Notify,
}

impl Hall {
    fn note(&self, protocol: Protocol, row: Option<u64>) {
        let (_, tally) = self
            .tallies
            .iter()
            .find(|(known, _)| *known == protocol)
            .unwrap();
        match row {
            Some(row) => assert!(
                tally.rows.borrow_mut().insert(row),
                "{protocol:?}: {row} twice"
            ),
            None => tally.refused.set(tally.refused.get() + 1),
        }
        self.answered.notify_one();
    }

    fn note_json(&self, protocol: Protocol, said: &Value) {
        assert_eq!(said["allow"], false, "an account nobody knows: {said}");
        assert!(
            said["audit_id"].is_number() != said["error"].is_object(),
            "{said}"
        );
        self.note(protocol, said["audit_id"].as_u64());
    }

    async fn in_full_swing(&self) {
        while self
            .tallies
            .iter()
            .any(|(_, tally)| tally.rows.borrow().len() < WARM)
        {
            self.answered.notified().await;
        }
    }
}

fn asked() -> Value {
    intent("NOBODY", "+18185550100")
}

/// One request after the other until the server takes no more.
async fn ask_on(mut carrier: impl Carrier, hall: Rc<Hall>, protocol: Protocol, token: String) {
    let body = Bytes::from(asked().to_string());
    let path = "/api/gate/contact-intent";
    while let Ok((_, said)) = carrier.carry(post(path, &token, body.clone())).await {
        hall.note_json(protocol, &serde_json::from_slice(&said).unwrap());
    }
}

/// As many lanes as are wanted: on one connection, where it carries more than one request.
async fn lanes<C: Carrier>(site: &Site) -> Vec<C> {
    let mut lanes = vec![C::connect(site).await.unwrap()];
    while lanes.len() < UNDER_WAY {
        let fork = lanes[0].fork();
        lanes.push(match fork {
            Some(lane) => lane,
            None => C::connect(site).await.unwrap(),
        });
    }
    lanes
}

/// As many requests at once.
async fn over<C: Carrier + 'static>(
    lanes: Vec<C>,
    hall: Rc<Hall>,
    protocol: Protocol,
    token: String,
) {
    let mut asking = JoinSet::new();
    for lane in lanes {
        asking.spawn_local(ask_on(lane, Rc::clone(&hall), protocol, token.clone()));
    }
    while let Some(lane) = asking.join_next().await {
        lane.unwrap();
    }
}

/// Frames, until the stream ends; nothing new once a drain was said.
async fn in_frames(_line: (Endpoint, Connection), mut talking: Talking, hall: Rc<Hall>) {
    let intent = asked();
    let one = |number: u64| {
        let mut bytes = Vec::new();
        assert!(frame::push(
            &mut bytes,
            Kind::Intent,
            number,
            &framed(&intent)
        ));
        bytes
    };
    let (mut last, mut draining) = (100, false);
    for _ in 0..UNDER_WAY {
        last += 1;
        talking.send(&one(last)).await;
    }
    while let Some(frame) = talking.next().await {
        match frame::Told::open(&frame).unwrap() {
            frame::Told::Decision(said) => {
                assert!(!said.allow);
                let row = said.audit_id.as_ref().map(|row| row.to_native());
                assert!(row.is_some() != said.error.is_some());
                hall.note(Protocol::Frames, row);
            }
            frame::Told::Drain(drain) => {
                assert_eq!(&*drain.why, "DRAINING");
                draining = true;
            }
            other => panic!("{other:?}"),
        }
        if !draining {
            last += 1;
            talking.send(&one(last)).await;
        }
    }
    assert!(draining, "the stream ended without a word");
}

/// Lines, until the answer ends.
async fn in_lines(mut stream: Stream, hall: Rc<Hall>) {
    for _ in 0..UNDER_WAY {
        stream.send(format!("{}\n", asked()));
    }
    while let Some(said) = stream.next().await {
        hall.note_json(Protocol::Lines, &said);
        stream.send(format!("{}\n", asked()));
    }
}

/// Whether it ended well, and in time.
fn assert_stopped((status, lines): &(ExitStatus, Vec<String>)) {
    assert_eq!(status.code(), Some(0), "{lines:?}");
    let last: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(
        (&last["finished"], &last["closed"]),
        (&true.into(), &true.into()),
        "{last}"
    );
}

#[test]
fn a_stop_in_full_swing_loses_no_answer_over_any_protocol() {
    let site = Rc::new(Site::start(&[(
        "DIALGATE_DRAIN__DRAIN_TIMEOUT_MS",
        LIMIT_MS,
    )]));
    let hall = Rc::new(Hall {
        tallies: Protocol::ALL
            .map(|protocol| (protocol, Tally::default()))
            .into(),
        answered: Notify::new(),
    });
    let token = |protocol| Site::token(protocol, Token::Good);
    let server = site.server.take().unwrap();
    let local = LocalSet::new();
    let stopped = site.wait(local.run_until(async {
        // Everybody is connected before anybody asks.
        let http1: Vec<Http1> = Box::pin(lanes(&site)).await;
        let http2: Vec<Http2> = Box::pin(lanes(&site)).await;
        let http3: Vec<Http3> = Box::pin(lanes(&site)).await;
        let (endpoint, connection) = site.quic(ALPN).await.unwrap();
        let talking = Talking::open(&connection, &token(Protocol::Frames))
            .await
            .unwrap();
        let lines = Stream::open(&site, lines::GATE, &token(Protocol::Lines))
            .await
            .unwrap();
        let (one, two, three) = (Protocol::Http1, Protocol::Http2, Protocol::Http3);
        spawn_local(over(http1, Rc::clone(&hall), one, token(one)));
        spawn_local(over(http2, Rc::clone(&hall), two, token(two)));
        spawn_local(over(http3, Rc::clone(&hall), three, token(three)));
        spawn_local(in_frames((endpoint, connection), talking, Rc::clone(&hall)));
        spawn_local(in_lines(lines, Rc::clone(&hall)));
        hall.in_full_swing().await;
        let stopping = spawn_blocking(move || server.terminated());
        stopping.await.unwrap()
    }));
    // Whoever asks hears of the end, too.
    site.wait(local);
    assert_stopped(&stopped);
    assert!(site.house.path("data/snapshot/snap-00000001.dgs").exists());
    let rows = site.house.rows();
    for (protocol, tally) in &hall.tallies {
        let own = |row: &&Value| row["tenant"] == protocol.tenant() && row["body"]["k"] == "d";
        let decided = rows
            .iter()
            .filter(own)
            .map(|row| row["seq"].as_u64().unwrap());
        let decided: BTreeSet<u64> = decided.collect();
        let heard = tally.rows.borrow();
        assert!(heard.len() >= WARM);
        assert_eq!(
            *heard, decided,
            "{protocol:?}: what was decided was heard, and the reverse"
        );
    }
    let verified = site.house.ledger("verify");
    assert_eq!(verified.code, Some(0), "{}", verified.err);
}

#[test]
fn clients_that_fell_silent_do_not_hold_the_stop_up() {
    // Far longer than they are waited for.
    let site = Rc::new(Site::start(&[(
        "DIALGATE_DRAIN__DRAIN_TIMEOUT_MS",
        "60000",
    )]));
    let mut speakers: Vec<_> = Protocol::ALL
        .into_iter()
        .map(|protocol| (protocol, protocol.speaker(&site)))
        .collect();
    for (protocol, speaker) in &mut speakers {
        let told = speaker.ask(&Site::token(*protocol, Token::Good), &asked());
        assert_eq!(told.summary(), "BLOCK UNKNOWN_ACCOUNT");
    }
    // Their connections are open, and from here on nobody reads or writes for them.
    let server = site.server.take().unwrap();
    let began = tokio::time::Instant::now();
    assert_stopped(&server.terminated());
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}
