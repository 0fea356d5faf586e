//! Listening to the floor, as a dashboard does.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, audit};
use crate::house::House;
use crate::http::{Client, Request};

/// A listener with what it has read.
struct Listener {
    client: Client,
    text: String,
}

impl Listener {
    fn open(floor: &Floor, query: &str, last: Option<u64>) -> Self {
        let request = Request::new("GET", format!("/api/events/floor{query}")).token(&floor.token);
        let request = match last {
            Some(last) => request.with("Last-Event-ID", last.to_string()),
            None => request,
        };
        let mut client = floor.server.client();
        let heard = client.ask(&request).unwrap();
        assert_eq!(heard.status, 200);
        assert_eq!(heard.header("content-type"), Some("text/event-stream"));
        assert_eq!(heard.header("cache-control"), Some("no-store"));
        let text = String::new();
        Self { client, text }
    }

    /// The next event: id, name and data. Frames of the chunked coding are lines of their own
    /// between events and are passed over.
    fn next(&mut self) -> (Option<u64>, String, Value) {
        loop {
            if let Some(at) = self.text.find("\n\n") {
                let event: String = self.text.drain(..at + 2).collect();
                let line = |name: &str| {
                    let found = event.lines().find_map(|line| line.strip_prefix(name));
                    found.map(str::to_owned)
                };
                if let Some(data) = line("data: ") {
                    let data = serde_json::from_str(&data).unwrap();
                    let id = line("id: ").map(|id| id.parse::<u64>().unwrap());
                    return (id, line("event: ").unwrap(), data);
                }
                continue;
            }
            let more = self.client.more().unwrap();
            self.text.push_str(&String::from_utf8(more).unwrap());
        }
    }

    /// The next event that is a row.
    fn row(&mut self) -> (u64, String, Value) {
        loop {
            if let (Some(id), name, data) = self.next() {
                return (id, name, data);
            }
        }
    }
}

#[test]
fn decisions_blocks_and_outcomes_are_heard_in_order() {
    let floor = Floor::open();
    let mut all = Listener::open(&floor, "", None);
    let mut blocks = Listener::open(&floor, "?types=block&gate=TIMING", None);
    let allowed = audit(&floor.call());
    floor.report(&json!({ "audit_id": allowed, "outcome": "conversation" }));
    let blocked = audit(&floor.call());
    let (id, name, data) = all.row();
    assert_eq!((id, &*name), (allowed, "decision"));
    assert_eq!(data["decision"], "ALLOW");
    assert_eq!(data["account_id"], ACCOUNT);
    let (id, name, data) = all.row();
    assert_eq!((id, &*name), (allowed + 1, "outcome"));
    assert_eq!(
        (&data["outcome"], &data["settles"]),
        (&json!("conversation"), &json!(allowed))
    );
    let (id, name, _) = all.row();
    assert_eq!((id, &*name), (blocked, "block"));
    let (id, _, data) = blocks.row();
    assert_eq!(id, blocked);
    assert_eq!(data["codes"], json!(["CALL_AFTER_CONVERSATION"]));
}

/// Before a comment is due, whose writing would tell.
#[test]
fn a_listener_that_ends_its_side_leaves_at_once() {
    let floor = Floor::open();
    let request = Request::new("GET", "/api/events/floor?types=decision").token(&floor.token);
    let mut socket = TcpStream::connect(floor.server.address).unwrap();
    let silence = Some(Duration::from_secs(10));
    socket.set_read_timeout(silence).unwrap();
    socket.write_all(&request.bytes()).unwrap();
    let mut text = vec![0; 12];
    socket.read_exact(&mut text).unwrap();
    assert_eq!(text, b"HTTP/1.1 200");
    socket.shutdown(Shutdown::Write).unwrap();
    socket.read_to_end(&mut text).unwrap();
}

#[test]
fn health_is_told_at_once_and_has_no_id() {
    let floor = Floor::open();
    let mut listener = Listener::open(&floor, "?types=health", None);
    let (id, name, data) = listener.next();
    assert_eq!(
        (id, &*name, &data["status"]),
        (None, "health", &json!("ok"))
    );
}

#[test]
fn whoever_broke_off_goes_on_behind_the_last_event_it_heard_also_after_a_restart() {
    let floor = Floor::open();
    let first = audit(&floor.call());
    let second = audit(&floor.call());
    let floor = floor.restarted(Some(crate::house::MAY), |server| drop(server.terminated()));
    let third = audit(&floor.call());
    let mut listener = Listener::open(&floor, "?types=decision", Some(first));
    assert_eq!(listener.row().0, second);
    assert_eq!(listener.row().0, third);
}

#[test]
fn nobody_hears_of_another_tenant() {
    let floor = Floor::open();
    let other = floor.house.token("guarded", crate::house::ALL);
    let request = Request::new("GET", "/api/events/floor").token(&other);
    let mut client = floor.server.client();
    assert_eq!(client.ask(&request).unwrap().status, 200);
    let mut own = Listener::open(&floor, "", None);
    audit(&floor.call());
    own.row();
    // Both were told in the same turn; the other heard how the house stands and nothing else.
    let heard = String::from_utf8(client.more().unwrap()).unwrap();
    assert!(
        heard.contains("event: health") && !heard.contains("id: "),
        "{heard}"
    );
}

#[test]
fn bad_requests_are_refused_and_a_stop_ends_the_stream() {
    let floor = Floor::of(House::with(&[]), "open");
    let ask = |path: &str, last: Option<&str>| {
        let request = Request::new("GET", path).token(&floor.token);
        let request = match last {
            Some(last) => request.with("Last-Event-ID", last),
            None => request,
        };
        let heard = floor.server.ask(&request);
        (
            heard.status,
            heard.json()["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    for (path, last, code) in [
        ("/api/events/floor?types=nothing", None, "UNKNOWN_WORD"),
        ("/api/events/floor?bogus=1", None, "UNKNOWN_PARAMETER"),
        ("/api/events/floor", Some("x"), "OUT_OF_RANGE"),
        ("/api/events/floor", Some("999999"), "OUT_OF_RANGE"),
    ] {
        assert_eq!(ask(path, last), (422, code.to_owned()), "{path} {last:?}");
    }
    let unscoped = floor.house.token("open", "gate:ask");
    let request = Request::new("GET", "/api/events/floor").token(&unscoped);
    assert_eq!(floor.server.ask(&request).status, 403);
    let nobody = Request::new("GET", "/api/events/floor");
    assert_eq!(floor.server.ask(&nobody).status, 401);
    let mut listener = Listener::open(&floor, "", None);
    listener.next();
    let (status, _) = floor.server.terminated();
    assert!(status.success(), "a listener holds nobody up");
}
