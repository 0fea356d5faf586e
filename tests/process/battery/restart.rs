//! Asking through `dialgate::client` while the server is stopped, killed and started again: nobody
//! hears anything wrong, nothing acknowledged is lost, nothing is reserved twice.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use dialgate::client::{Client, Intent, Protocol as Line, Reason, Settings, TokenSource, Verdict};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::{LocalSet, spawn_blocking};

use super::site::Site;
use super::speaker::Protocol;
use crate::house::{ALL, House, Server};

/// Accounts of each tenant.
const ACCOUNTS: usize = 200;
/// Who asks at once over each protocol.
const ASKERS: usize = 8;
/// Answers over each protocol between one end of the server and the next.
const PHASE: usize = 60;
/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was heard over one protocol.
#[derive(Default)]
struct Heard {
    /// Permits and refusals of the gate by their rows: which account, and whether it was a permit.
    rows: RefCell<BTreeMap<u64, (String, bool)>>,
    /// Blocks without a decision.
    unheard: Cell<usize>,
    asked: Cell<usize>,
}

/// What all share.
#[derive(Default)]
struct Floor {
    heard: [Heard; 3],
    news: Notify,
    over: Cell<bool>,
}

impl Floor {
    fn note(&self, line: usize, account: &str, verdict: Verdict) {
        let heard = &self.heard[line];
        let known = account != "nobody";
        let row = match verdict {
            Verdict::Permit(permit) => {
                assert!(known, "a permit for an account nobody has");
                Some((permit.audit_id(), true))
            }
            Verdict::Block(block) => match block.reason() {
                Reason::Gates(_) => {
                    assert!(!known, "{block:?}");
                    Some((block.audit_id().unwrap(), false))
                }
                _ => None,
            },
        };
        match row {
            Some((row, allowed)) => {
                let twice = heard
                    .rows
                    .borrow_mut()
                    .insert(row, (account.to_owned(), allowed));
                assert_eq!(twice, None, "two questions heard of one row");
            }
            None => heard.unheard.set(heard.unheard.get() + 1),
        }
        self.news.notify_one();
    }

    /// Until everybody has heard of `more` rows since now.
    async fn goes_on(&self, more: usize) {
        let count = || self.heard.each_ref().map(|heard| heard.rows.borrow().len());
        let wanted = count().map(|count| count + more);
        while count()
            .iter()
            .zip(wanted)
            .any(|(count, wanted)| *count < wanted)
        {
            self.news.notified().await;
        }
    }
}

async fn ask(client: Client, floor: Rc<Floor>, line: usize) {
    while !floor.over.get() {
        let heard = &floor.heard[line];
        let n = heard.asked.replace(heard.asked.get() + 1);
        let account = if n % 10 == 9 {
            "nobody".to_owned()
        } else {
            format!("L-{}", n % ACCOUNTS)
        };
        let verdict = client.ask(&Intent::letter(&account, "mailer")).await;
        floor.note(line, &account, verdict);
    }
}

/// A house by the machine's clock, as the client goes by it, on a port that a second start finds
/// free again, with its accounts on file.
fn house() -> (Arc<House>, u16) {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let (house, _) = Site::furnish(&[
        ("DIALGATE_SERVER__LISTEN", &format!("127.0.0.1:{port}")),
        ("DIALGATE_DRAIN__DRAIN_TIMEOUT_MS", "5000"),
    ]);
    let lines: String = (0..ACCOUNTS)
        .map(|n| json!({ "account_id": format!("L-{n}"), "state": "GA", "zip": "30303", "address": "on_file" }))
        .map(|record| record.to_string() + "\n")
        .collect();
    fs::write(house.path("accounts.ndjson"), lines).unwrap();
    for protocol in LINES.map(|(protocol, _, _)| protocol) {
        house.import("accounts.ndjson", protocol.tenant());
    }
    (Arc::new(house), port)
}

/// What the client speaks.
const LINES: [(Protocol, &str, Line); 3] = [
    (Protocol::Http1, "https", Line::Http1),
    (Protocol::Http2, "https", Line::Http2),
    (Protocol::Frames, "quic", Line::Frames),
];

#[test]
fn no_acknowledged_row_is_lost_by_a_stop_or_a_kill() {
    let (house, port) = house();
    let first = house.start(None);
    let floor = Rc::new(Floor::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let local = LocalSet::new();
    for (n, (protocol, scheme, line)) in LINES.into_iter().enumerate() {
        let token = house.token(protocol.tenant(), ALL);
        let settings = Settings::new(
            &format!("{scheme}://localhost:{port}"),
            TokenSource::fixed(&token),
        )
        .protocol(line)
        .ca_file(house.path("cert.pem"))
        .connections(2)
        .deadline(PATIENCE)
        .tries(8)
        .retry_percent(300);
        let client = Client::new(settings).unwrap();
        for _ in 0..ASKERS {
            local.spawn_local(ask(client.clone(), Rc::clone(&floor), n));
        }
    }
    let ends: [fn(Server); 2] = [
        |server| {
            let (status, lines) = server.terminated();
            assert_eq!(status.code(), Some(0), "{lines:?}");
        },
        |server| server.started.kill(),
    ];
    let driven = local.run_until(async {
        let mut server = first;
        for end in ends {
            floor.goes_on(PHASE).await;
            let house = Arc::clone(&house);
            let again = spawn_blocking(move || {
                end(server);
                house.start(None)
            });
            server = again.await.unwrap();
        }
        floor.goes_on(PHASE).await;
        floor.over.set(true);
        server
    });
    let bounded = async { tokio::time::timeout(2 * PATIENCE, driven).await };
    let server = runtime.block_on(bounded).expect("the floor stands still");
    let bounded = async { tokio::time::timeout(2 * PATIENCE, local).await };
    runtime.block_on(bounded).expect("somebody waits for ever");
    let (status, lines) = server.terminated();
    assert_eq!(status.code(), Some(0), "{lines:?}");
    let verified = house.ledger("verify");
    assert_eq!(verified.code, Some(0), "{}", verified.err);
    let rows = house.rows();
    for ((protocol, _, _), heard) in LINES.iter().zip(&floor.heard) {
        assert_on_record(&rows, *protocol, heard);
    }
}

/// Every row that was heard of is on record as it was heard, and no key has two.
fn assert_on_record(rows: &[Value], protocol: Protocol, heard: &Heard) {
    let own = |row: &&Value| row["tenant"] == protocol.tenant() && row["body"]["k"] == "d";
    let mut keys = BTreeSet::new();
    let decided: BTreeMap<u64, (String, bool)> = rows
        .iter()
        .filter(own)
        .map(|row| {
            let subject = row["subjects"][0]["subject"].as_str().unwrap();
            let subject: Value = serde_json::from_str(subject).unwrap();
            let key = subject["request_id"]
                .as_str()
                .expect("the client names each")
                .to_owned();
            assert!(
                keys.insert(key),
                "{protocol:?}: a repeat was decided again: {row}"
            );
            let account = subject["account_id"].as_str().unwrap().to_owned();
            (
                row["seq"].as_u64().unwrap(),
                (account, row["body"]["b"] == 0),
            )
        })
        .collect();
    let (rows, asked) = (heard.rows.borrow(), heard.asked.get());
    for (row, told) in rows.iter() {
        assert_eq!(
            decided.get(row),
            Some(told),
            "{protocol:?}: row {row} was acknowledged"
        );
    }
    assert!(rows.len() >= 3 * PHASE);
    assert_eq!(
        rows.len() + heard.unheard.get(),
        asked,
        "one verdict a question"
    );
}
