//! HTTP/3 where an answer is not one piece: events, what is forwarded, trailers, clients that turn
//! away; and the UDP socket before anything is spoken on it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::UdpSocket;

use bytes::{Buf as _, Bytes};
use h3::client::{RequestStream, SendRequest};
use h3::error::Code;
use h3_quinn::{BidiStream, OpenStreams};
use http::{HeaderMap, HeaderValue, Request};
use serde_json::{Value, json};

use super::site::Site;
use super::speaker::{Protocol, Token};
use crate::sor_kit::Script;
use crate::words::intent;

const GATE: &str = "/api/gate/contact-intent";

type Stream = RequestStream<BidiStream<Bytes>, Bytes>;

/// A connection and the token of its tenant.
struct Line {
    sender: SendRequest<OpenStreams, Bytes>,
    _endpoint: quinn::Endpoint,
    token: String,
}

impl Line {
    async fn open(site: &Site) -> Self {
        let (endpoint, connection) = site.quic(b"h3").await.unwrap();
        let connection = h3_quinn::Connection::new(connection);
        let (mut driver, sender) = Box::pin(h3::client::new(connection)).await.unwrap();
        drop(tokio::spawn(async move { driver.wait_idle().await }));
        Self {
            sender,
            _endpoint: endpoint,
            token: Site::token(Protocol::Http3, Token::Good),
        }
    }

    /// Opens a stream with a head.
    async fn begin(&mut self, method: &str, path: &str) -> Stream {
        let head = Request::builder()
            .method(method)
            .uri(format!("https://localhost{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(())
            .unwrap();
        self.sender.send_request(head).await.unwrap()
    }

    /// One request, one answer.
    async fn ask(&mut self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let mut stream = self.begin(method, path).await;
        if !body.is_null() {
            stream.send_data(body.to_string().into()).await.unwrap();
        }
        stream.finish().await.unwrap();
        answer(&mut stream).await
    }
}

async fn answer(stream: &mut Stream) -> (u16, String) {
    let status = stream.recv_response().await.unwrap().status().as_u16();
    let mut text = String::new();
    while let Some(piece) = more(stream).await {
        text.push_str(&piece);
    }
    (status, text)
}

async fn more(stream: &mut Stream) -> Option<String> {
    let mut piece = stream.recv_data().await.unwrap()?;
    let bytes = piece.copy_to_bytes(piece.remaining());
    Some(String::from_utf8(bytes.to_vec()).unwrap())
}

/// An intent under a key of its own; nobody knows the account.
fn keyed(key: &str) -> Value {
    let mut asked = intent("NOBODY", "+18185550100");
    asked["request_id"] = json!(key);
    asked
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn events_are_heard_until_the_listener_turns_away() {
    let site = Site::start(&[]);
    site.wait(async {
        let mut line = Line::open(&site).await;
        let mut events = line.begin("GET", "/api/events/floor?types=block").await;
        events.finish().await.unwrap();
        let head = events.recv_response().await.unwrap();
        assert_eq!(head.status(), 200);
        assert_eq!(head.headers()["content-type"], "text/event-stream");
        let (status, text) = line.ask("POST", GATE, &keyed("a")).await;
        assert_eq!(status, 200);
        let row = format!("id: {}\n", parsed(&text)["audit_id"]);
        let mut told = String::new();
        while !told.contains("event: block") || !told.contains("\n\n") {
            told.push_str(&more(&mut events).await.unwrap());
        }
        assert!(told.contains(&row), "{told}");
        // Dropped, it asks the server to send no more.
        drop(events);
        assert_eq!(line.ask("GET", "/api/version", &Value::Null).await.0, 200);
    });
}

/// The row and the reservation stand, and a repeat hears of them.
#[test]
fn an_intent_whose_client_turns_away_is_decided_once() {
    let site = Site::start(&[]);
    let told = site.wait(async {
        let mut line = Line::open(&site).await;
        let mut stream = line.begin("POST", GATE).await;
        let body = keyed("b").to_string();
        stream.send_data(body.into()).await.unwrap();
        stream.finish().await.unwrap();
        stream.stop_sending(Code::H3_REQUEST_CANCELLED);
        drop(stream);
        parsed(&line.ask("POST", GATE, &keyed("b")).await.1)
    });
    let rows = site.rows();
    let of = |(protocol, rows): (Protocol, Vec<Value>)| {
        (protocol.tenant() == Protocol::Http3.tenant()).then_some(rows)
    };
    let rows = rows.into_iter().find_map(of).unwrap();
    let decided = rows.iter().filter(|row| row["body"]["k"] == "d");
    assert_eq!(decided.count(), 1, "{told}");
    assert!(told["audit_id"].is_u64(), "{told}");
}

/// They end a body, and what they say counts for nothing.
#[test]
fn trailers_of_a_request_end_its_body_and_say_nothing() {
    let site = Site::start(&[]);
    site.wait(async {
        let mut line = Line::open(&site).await;
        let mut trailers = HeaderMap::new();
        let other = HeaderValue::from_static("Bearer of.another.token");
        trailers.insert("authorization", other);
        let mut stream = line.begin("POST", GATE).await;
        let body = keyed("c").to_string();
        stream.send_data(body.into()).await.unwrap();
        stream.send_trailers(trailers).await.unwrap();
        stream.finish().await.unwrap();
        let (status, text) = answer(&mut stream).await;
        assert_eq!((status, &parsed(&text)["decision"]), (200, &json!("BLOCK")));
        assert_eq!(parsed(&text)["blocked_by"], json!(["ACCOUNT"]));
    });
}

#[test]
fn what_is_forwarded_goes_and_comes_whole() {
    let system = Script::of(|line| match line.split(' ').next() {
        Some("GET") => (200, "{\"account_id\":\"ACC-1\"}"),
        _ => (201, "{\"dispute_id\":\"D\"}"),
    });
    let (house, cert) = Site::furnish(&[]);
    let tenant = house.path(&format!("tenants/{}.toml", Protocol::Http3.tenant()));
    let mut file = OpenOptions::new().append(true).open(tenant).unwrap();
    let address = system.address;
    write!(
        file,
        "[sor]\nsystem = \"whl\"\naddresses = [\"http://{address}\"]\n"
    )
    .unwrap();
    let site = Site::of((house, cert));
    let reason = "x".repeat(100_000);
    site.wait(async {
        let mut line = Line::open(&site).await;
        let read = line.ask("GET", "/api/queue/account/ACC-1", &Value::Null);
        assert_eq!(read.await, (200, "{\"account_id\":\"ACC-1\"}".into()));
        let dispute = json!({ "account_id": "ACC-1", "reason": reason });
        let opened = line.ask("POST", "/api/disputes", &dispute).await;
        assert_eq!(opened, (201, "{\"dispute_id\":\"D\"}".into()));
    });
    let posted = system.asked("POST /api/disputes");
    assert_eq!(posted.len(), 1);
    assert!(posted[0].matches('x').count() >= reason.len());
    assert!(posted[0].contains("host: ") && !posted[0].contains(":authority"));
}

/// Every client has to prove its address first where so few handshakes may be under way.
#[test]
fn a_client_that_is_told_to_retry_gets_through() {
    let site = Site::start(&[("DIALGATE_TLS__HANDSHAKES_MAX", "1")]);
    site.wait(async {
        let mut line = Line::open(&site).await;
        assert_eq!(line.ask("GET", "/api/version", &Value::Null).await.0, 200);
    });
}

#[test]
fn a_udp_port_that_is_taken_stops_the_start() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    let (house, _) = Site::furnish(&[("DIALGATE_SERVER__LISTEN", &at)]);
    let ran = house.run(&["serve", "--config", &house.arg("dialgate.toml")]);
    assert_eq!(ran.code, Some(73), "{}", ran.err);
    assert!(ran.err.contains(&at), "{}", ran.err);
}
