//! Clients that are slow, silent, endless or too many: each ends at a named limit.

use std::sync::atomic::Ordering;
use std::time::Duration;

use dialgate::transport::Options;
use dialgate::wire::limits::{HEADERS_MAX, TURNS_MAX};

use crate::client::Request;
use crate::stand_in::{House, asking, intent, token, token_of_b};

/// Limits short enough to reach.
fn impatient() -> Options {
    let brief = Duration::from_millis(40);
    Options {
        threads: 1,
        header_timeout: brief,
        body_timeout: brief,
        idle_timeout: brief,
        write_timeout: brief,
        ..Options::default()
    }
}

fn head(length: usize) -> String {
    format!(
        "POST /api/gate/contact-intent HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n",
        token("gate:ask")
    )
}

/// TRANSPORT-2: head, body and idling over HTTP/1.1.
#[test]
fn silence_ends_at_every_stage() {
    let house = House::with(&impatient());
    let stages = [
        String::new(),
        "POST /api/gate".to_owned(),
        head(100),
        head(100) + "{\"a",
    ];
    for sent in stages {
        let mut client = house.client();
        client.send(&sent);
        assert_eq!(client.closed(), b"", "{} bytes sent", sent.len());
    }
    let mut client = house.client();
    assert_eq!(client.ask(&asking(intent("ACC-1"))).status, 200);
    assert_eq!(client.closed(), b"");
    assert_eq!(house.gateway.asked.lock().unwrap().len(), 1);
}

#[test]
fn an_endless_head_is_refused() {
    let house = House::open();
    let mut client = house.client();
    client.send("GET /api/health HTTP/1.1\r\nx: ");
    client.send(vec![b'a'; 64 * 1024]);
    let answer = String::from_utf8(client.closed()).unwrap();
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431 "),
        "{answer}"
    );
    for (count, status) in [(HEADERS_MAX, 200), (HEADERS_MAX + 1, 431)] {
        let many = "x: 1\r\n".repeat(count - 1);
        let mut client = house.client();
        client.send(format!(
            "GET /api/health HTTP/1.1\r\nhost: gate\r\n{many}\r\n"
        ));
        assert_eq!(client.reply(false).status, status, "{count}");
    }
}

#[test]
fn what_is_not_http_is_closed() {
    let house = House::open();
    let mut client = house.client();
    client.send("\x16\x03\x01 this is no request\r\n\r\n");
    let answer = String::from_utf8(client.closed()).unwrap();
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
        "{answer}"
    );
}

#[test]
fn a_streamed_body_ends_at_its_bound() {
    let options = Options {
        ingest_bytes_max: 100_000,
        ..Options::default()
    };
    let house = House::with(&options);
    for (length, status) in [(100_000, 200), (100_001, 413)] {
        let mut request = Request::new("POST", "/api/queue/ingest")
            .token(&token("facts:write"))
            .with("content-type", "text/csv");
        request.body = vec![b'a'; length];
        let heard = house.ask(&request);
        assert_eq!(heard.status, status, "{}", heard.text());
    }
    let mut endless = Request::new("POST", "/api/queue/ingest")
        .token(&token("facts:write"))
        .with("content-type", "text/csv")
        .with("transfer-encoding", "chunked");
    endless.body = format!("186a1\r\n{}\r\n", "a".repeat(100_001)).into_bytes();
    assert_eq!(house.ask(&endless).status, 413);
}

/// One over the share is neither refused nor read before its turn; the neighbour does not wait for it.
#[test]
fn a_tenant_over_its_share_waits_while_others_are_answered() {
    let house = House::with(&Options {
        threads: 1,
        ..Options::default()
    });
    let asked = || house.gateway.asked.lock().unwrap().len();
    let ask = |account: &str, token: String| {
        let mut client = house.client();
        let request = Request::new("POST", "/api/gate/contact-intent").token(&token);
        client.send(request.json(intent(account)).bytes());
        client
    };
    let silent = || -> Vec<_> {
        let before = asked();
        let held = (0..TURNS_MAX).map(|_| ask("SILENT", token("gate:ask")));
        let held = held.collect();
        while asked() < before + TURNS_MAX {
            std::thread::yield_now();
        }
        held
    };
    // Alone: one more is answered while the others wait.
    let held = silent();
    let heard = ask("ACC-1", token("gate:ask")).reply(false);
    assert_eq!((heard.status, asked()), (200, TURNS_MAX + 1));
    drop(held);
    let share = |patience| *house.gateway.others_ask.lock().unwrap() = Some(patience);
    share(Duration::from_mins(1));
    house.gateway.asked.lock().unwrap().clear();
    let _held = silent();
    let mut over = ask("ACC-1", token("gate:ask"));
    let heard = ask("ACC-2", token_of_b("gate:ask")).reply(false);
    assert_eq!(heard.json()["tenant_id"], "demo-b");
    assert_eq!(asked(), TURNS_MAX + 1, "without the one over the share");
    assert_eq!(over.reply(false).json()["account_id"], "ACC-1");
    // Nobody waits longer than the gate says, whatever those before it do.
    share(Duration::from_millis(1));
    house.gateway.asked.lock().unwrap().clear();
    let _held = silent();
    let heard = ask("ACC-3", token("gate:ask")).reply(false);
    assert_eq!(heard.json()["account_id"], "ACC-3");
    assert_eq!(asked(), TURNS_MAX + 1);
}

#[test]
fn connections_beyond_the_bound_are_closed_at_once() {
    let options = Options {
        threads: 1,
        connections_max: 2,
        ..Options::default()
    };
    let house = House::with(&options);
    let mut held = [house.client(), house.client()];
    for client in &mut held {
        assert_eq!(client.ask(&Request::new("GET", "/api/health")).status, 200);
    }
    assert_eq!(house.gateway.open.load(Ordering::Relaxed), 2);
    assert_eq!(house.client().closed(), b"");
    assert_eq!(house.gateway.turned_away.load(Ordering::Relaxed), 1);
    for client in &mut held {
        assert_eq!(client.ask(&Request::new("GET", "/api/health")).status, 200);
    }
}

#[test]
fn draining_closes_idle_connections_and_answers_those_under_way() {
    let mut house = House::with(&Options {
        threads: 1,
        ..Options::default()
    });
    let mut idle = house.client();
    assert_eq!(idle.ask(&asking(intent("ACC-1"))).status, 200);
    let mut busy = house.client();
    let request = Request::new("POST", "/api/queue/ingest/json")
        .token(&token("facts:write"))
        .with("transfer-encoding", "chunked")
        .with("expect", "100-continue")
        .json("");
    // Being told to go on proves that the request is under way.
    assert_eq!(busy.ask(&request).status, 100);
    let mut closer = idle;
    std::thread::scope(|scope| {
        scope.spawn(|| house.drain(Duration::from_secs(20)));
        assert_eq!(closer.closed(), b"");
        busy.send("1\r\n \r\n0\r\n\r\n");
        let heard = busy.reply(false);
        assert_eq!((heard.status, heard.text()), (200, "Json 1"));
        assert_eq!(heard.header("connection"), Some("close"));
        assert_eq!(busy.closed(), b"");
    });
}
