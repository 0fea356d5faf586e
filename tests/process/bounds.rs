//! Clients that are slow, silent, endless or too many, and more work than there is room for.

use std::io::{Read, Write};
use std::sync::Barrier;
use std::time::Duration;

use serde_json::{Value, json};

use crate::batch::batch;
use crate::floor::{ACCOUNT, Floor, PHONE};
use crate::house::{House, MAY};
use crate::http::{Client, Request};
use crate::words::{codes, gate, intent};

/// Limits short enough to reach.
const IMPATIENT: [(&str, &str); 6] = [
    ("DIALGATE_SERVER__HEADER_TIMEOUT_MS", "200"),
    ("DIALGATE_SERVER__BODY_TIMEOUT_MS", "200"),
    ("DIALGATE_SERVER__IDLE_TIMEOUT_MS", "400"),
    ("DIALGATE_SERVER__WRITE_TIMEOUT_MS", "200"),
    ("DIALGATE_SERVER__HEADER_BYTES_MAX", "8192"),
    ("DIALGATE_SERVER__CONNECTIONS_MAX", "16"),
];

fn impatient() -> Floor {
    Floor::of(House::with(&IMPATIENT), "open")
}

/// A request's head that announces `length` bytes.
fn head(token: &str, length: &str) -> String {
    format!(
        "POST /api/gate/contact-intent HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\n{length}\r\n\r\n"
    )
}

#[test]
fn silence_ends_at_every_stage() {
    let floor = impatient();
    let stages = [
        String::new(),
        "POST /api/gate".to_owned(),
        head(&floor.token, "content-length: 100"),
        head(&floor.token, "content-length: 100") + "{\"a",
        head(&floor.token, "transfer-encoding: chunked") + "5\r\n{\"a",
    ];
    let mut clients: Vec<Client> = stages.iter().map(|_| floor.server.client()).collect();
    for (client, sent) in clients.iter_mut().zip(&stages) {
        client.stream.write_all(sent.as_bytes()).unwrap();
    }
    for (client, sent) in clients.iter_mut().zip(&stages) {
        let heard = client.until_closed();
        assert!(!heard.contains("200 OK"), "{sent}: {heard}");
    }
    let mut idle = floor.server.client();
    assert_eq!(
        idle.ask(&Request::new("GET", "/liveness")).unwrap().status,
        200
    );
    assert_eq!(idle.until_closed(), "");
    assert_eq!(floor.rows_of("d"), 0);
    assert_eq!(floor.call()["allow"], true);
}

#[test]
fn dripping_does_not_extend_a_head_or_a_body() {
    let floor = impatient();
    for start in [
        "GET /liveness HTTP/1.1\r\nhost: gate\r\nx: ".to_owned(),
        head(&floor.token, "content-length: 60000"),
    ] {
        let mut client = floor.server.client();
        client.stream.write_all(start.as_bytes()).unwrap();
        // A byte every twenty milliseconds, until the server has had enough.
        client
            .stream
            .set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        let mut sent = 0;
        let mut piece = [0; 1024];
        while client.stream.write_all(b"a").is_ok() {
            sent += 1;
            assert!(sent < 500, "still open after ten seconds");
            match client.stream.read(&mut piece) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_reset) => break,
            }
        }
    }
    assert_eq!(floor.rows_of("d"), 0);
}

#[test]
fn heads_that_are_too_large_or_no_http_are_refused_and_closed() {
    let floor = impatient();
    let said = |sent: &str| {
        let mut client = floor.server.client();
        // The server may hang up before all of it is sent.
        drop(client.stream.write_all(sent.as_bytes()));
        client.until_closed()
    };
    let long = format!(
        "GET /liveness HTTP/1.1\r\nx: {}\r\n\r\n",
        "a".repeat(40_000)
    );
    let heard = said(&long);
    assert!(
        heard.is_empty() || heard.starts_with("HTTP/1.1 431 "),
        "{heard}"
    );
    let endless = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(70_000));
    let heard = said(&endless);
    let refused = ["HTTP/1.1 414 ", "HTTP/1.1 431 ", "HTTP/1.1 400 "];
    assert!(
        heard.is_empty() || refused.iter().any(|line| heard.starts_with(line)),
        "{heard}"
    );
    let many = format!("GET /liveness HTTP/1.1\r\n{}\r\n", "x: 1\r\n".repeat(101));
    assert!(said(&many).starts_with("HTTP/1.1 431 "));
    let heard = said("\x16\x03\x01 this is TLS\r\n\r\n");
    assert!(
        heard.is_empty() || heard.starts_with("HTTP/1.1 400 "),
        "{heard}"
    );
    assert_eq!(floor.call()["allow"], true);
}

#[test]
fn a_body_without_end_is_cut_off() {
    let floor = impatient();
    for (length, piece) in [
        (
            "transfer-encoding: chunked",
            "1000\r\n".to_owned() + &" ".repeat(4096) + "\r\n",
        ),
        ("content-length: 99999999999", " ".repeat(4096)),
    ] {
        let mut client = floor.server.client();
        client
            .stream
            .write_all(head(&floor.token, length).as_bytes())
            .unwrap();
        let mut sent = 0_usize;
        while client.stream.write_all(piece.as_bytes()).is_ok() {
            sent += piece.len();
            assert!(
                sent < 256 * 1024 * 1024,
                "a quarter of a gigabyte was taken"
            );
        }
    }
    assert_eq!(floor.rows_of("d"), 0);
}

#[test]
fn a_client_that_takes_no_answers_is_cut_off() {
    let floor = impatient();
    let mut client = floor.server.client();
    client
        .stream
        .set_write_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let many = "GET /metrics HTTP/1.1\r\nhost: gate\r\n\r\n".repeat(100);
    let mut sent = 0;
    // Until both sockets are full and the server gives up: a write then fails with a reset.
    let error = loop {
        match client.stream.write_all(many.as_bytes()) {
            Ok(()) => sent += 1,
            Err(error) => break error,
        }
        assert!(sent < 100_000, "nothing bounds it");
    };
    assert_ne!(
        error.kind(),
        std::io::ErrorKind::WouldBlock,
        "still open: {error}"
    );
    assert_eq!(floor.call()["allow"], true);
}

#[test]
fn connections_beyond_the_bound_are_closed_and_leave_room_when_they_go() {
    let house = House::with(&[
        ("DIALGATE_SERVER__CONNECTIONS_MAX", "4"),
        ("DIALGATE_SERVER__THREADS", "1"),
    ]);
    let floor = Floor {
        server: house.start(Some(MAY)),
        token: house.token("open", "gate:ask"),
        house,
    };
    let live = Request::new("GET", "/liveness");
    let mut held: Vec<Client> = (0..4).map(|_| floor.server.client()).collect();
    for client in &mut held {
        assert_eq!(client.ask(&live).unwrap().status, 200);
    }
    assert_eq!(floor.server.client().until_closed(), "");
    let last = held.pop().unwrap();
    drop(last);
    // The server notices a closed connection in its own time.
    let mut tries = 0..1_000;
    let again = tries.find(|_| floor.server.client().ask(&live).is_ok());
    assert!(again.is_some(), "no room was left behind");
    for client in &mut held {
        assert_eq!(client.ask(&live).unwrap().status, 200);
    }
}

#[test]
fn more_than_the_inbox_takes_is_a_block_and_counts_nothing() {
    let floor = Floor::of(
        House::with(&[
            ("DIALGATE_ENGINE__INBOX_MAX", "1"),
            ("DIALGATE_ENGINE__INBOX_TENANT_MAX", "1"),
        ]),
        "open",
    );
    let (token, address) = (&floor.token, floor.server.address);
    let barrier = Barrier::new(32);
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let dialers: Vec<_> = (0..32)
            .map(|_| {
                let barrier = &barrier;
                scope.spawn(move || {
                    let mut client = Client::connect(address).unwrap();
                    barrier.wait();
                    let ask = |_| client.ask(&gate(token, &intent(ACCOUNT, PHONE))).unwrap();
                    (0..20)
                        .map(ask)
                        .map(|reply| reply.json())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        dialers
            .into_iter()
            .flat_map(|dialer| dialer.join().unwrap())
            .collect()
    });
    let (decided, shed): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer["audit_id"].is_u64());
    for answer in &shed {
        assert_eq!(answer["blocked_by"], json!(["SYSTEM_ERROR"]));
        assert_eq!(
            (&answer["allow"], &answer["error"]["code"]),
            (&json!(false), &json!("OVERLOADED"))
        );
    }
    writeln!(
        std::io::stderr(),
        "{} decided, {} shed",
        decided.len(),
        shed.len()
    )
    .unwrap();
    assert!(!shed.is_empty(), "nothing was shed");
    assert_eq!(
        decided
            .iter()
            .filter(|answer| answer["allow"] == true)
            .count(),
        7
    );
    assert_eq!(floor.rows_of("d"), decided.len());
    assert_eq!(codes(&floor.call()), ["CALL_7_IN_7"], "there is room again");
}

#[test]
fn while_it_recovers_it_answers_and_blocks() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let listen = port.to_string();
    let house = House::with(&[
        ("DIALGATE_SERVER__LISTEN", &listen),
        ("DIALGATE_LEDGER__SNAPSHOT_INTERVAL_S", "86400"),
    ]);
    let floor = Floor::of(house, "open");
    let records: Vec<Value> = (0..20_000)
        .map(|n| json!({ "account_id": format!("R-{n}"), "state": "CA" }))
        .collect();
    assert_eq!(floor.bring(&json!(records))["applied"], 20_000);
    let Floor {
        house,
        server,
        token,
    } = floor;
    server.started.kill();
    let started = house.spawn(Some(MAY));
    let mut recovering = 0;
    let first = loop {
        let asked = gate(&token, &intent(ACCOUNT, PHONE));
        let Ok(reply) = Client::connect(port).and_then(|mut client| client.ask(&asked)) else {
            continue;
        };
        let said = reply.json();
        assert_eq!(reply.status, 200, "{said}");
        if said["audit_id"].is_u64() {
            break said;
        }
        assert_eq!(
            (&said["allow"], &said["error"]["code"]),
            (&json!(false), &json!("RECOVERING"))
        );
        recovering += 1;
        if recovering == 1 {
            let asked = batch(&token, &vec![intent("NOBODY", PHONE); 40]);
            let answers = Client::connect(port).unwrap().ask(&asked).unwrap().json();
            assert_eq!(answers.as_array().map(Vec::len), Some(40));
            for answer in answers.as_array().unwrap() {
                // Recovery may have ended meanwhile; nothing else is said.
                let decided = answer["audit_id"].is_u64();
                assert!(
                    decided || answer["error"]["code"] == "RECOVERING",
                    "{answer}"
                );
                assert_eq!(answer["allow"], false);
            }
            let mut client = Client::connect(port).unwrap();
            assert_eq!(
                client
                    .ask(&Request::new("GET", "/liveness"))
                    .unwrap()
                    .status,
                200
            );
        }
    };
    assert!(recovering > 0, "recovery was over before it could be asked");
    assert_eq!(first["allow"], true);
    drop(started.ready());
}

impl Client {
    /// Reads until the server closes.
    fn until_closed(&mut self) -> String {
        let mut rest = Vec::new();
        // A reset is a close, too; silence is not.
        if let Err(error) = self.stream.read_to_end(&mut rest) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        String::from_utf8(rest).unwrap()
    }
}
