//! The bounds of HTTP/3 and QUIC: time, streams, connections.

use std::sync::atomic::Ordering;
use std::time::Duration;

use dialgate::transport::Options;

use crate::client::Request;
use crate::http3::{Http3, greeting};
use crate::http3_raw::{Head, Raw, client, pair, speaking};
use crate::protocols::Protocol;
use crate::stand_in::{asking, intent, token};

/// TRANSPORT-2 over HTTP/3.
#[test]
fn silence_ends_at_every_stage() {
    let brief = Duration::from_millis(100);
    let impatient = Options {
        threads: 1,
        header_timeout: brief,
        body_timeout: brief,
        idle_timeout: Duration::from_mins(1),
        ..Options::default()
    };
    speaking(&impatient, |house| {
        let mut raw = Raw::connect(&house);
        let mut head = Head::new("POST", "/api/gate/contact-intent");
        head.field("authorization", &format!("Bearer {}", token("gate:ask")));
        head.field("content-type", "application/json");
        let head = head.frame();
        let cancelled = Err(Some(0x10c));
        let incomplete = Err(Some(0x10d));
        for (what, stream, expected) in [
            ("no head", b"\x01".to_vec(), incomplete),
            ("half a head", head[..20].to_vec(), incomplete),
            ("no body", head.clone(), cancelled),
            (
                "half a body",
                [head, b"\x00\x20ab".to_vec()].concat(),
                cancelled,
            ),
        ] {
            let (answer, end) = raw.exchange(&stream, false);
            assert_eq!(
                (answer.as_slice(), end),
                (b"".as_slice(), expected),
                "{what}"
            );
        }
        assert_eq!(house.gateway.asked.lock().unwrap().len(), 0);
    });
    let unused = Options {
        idle_timeout: brief,
        header_timeout: brief,
        ..Options::default()
    };
    speaking(&unused, |house| {
        let mut client = client(&house);
        assert_eq!(client.ask(&asking(intent("ACC-1"))).status, 200);
        client.closed();
    });
}

/// QUIC-2: more streams than were granted cannot be opened.
#[test]
fn streams_are_bounded() {
    let options = Options {
        threads: 1,
        streams_max: 3,
        ..Options::default()
    };
    speaking(&options, |house| {
        let raw = Raw::connect(&house);
        raw.during(async {
            let mut open = Vec::new();
            for _ in 0..3 {
                open.push(raw.connection.open_bi().await.unwrap());
            }
            let fourth = raw.connection.open_bi();
            let soon = tokio::time::timeout(Duration::from_millis(100), fourth);
            assert!(soon.await.is_err(), "a fourth stream");
        });
    });
}

/// QUIC-3: one over TCP and one over QUIC are two.
#[test]
fn connections_over_quic_and_over_tcp_are_counted_together() {
    let options = Options {
        threads: 1,
        connections_max: 2,
        ..Options::default()
    };
    speaking(&options, |house| {
        let asked = Request::new("GET", "/api/version");
        let over_tcp = || {
            let mut client = None;
            Protocol::Http1Tls.during(|| client = Some(house.client()));
            client.unwrap()
        };
        let (mut first, mut second) = (over_tcp(), client(&house));
        assert_eq!(
            (first.ask(&asked).status, second.ask(&asked).status),
            (200, 200)
        );
        assert_eq!(house.gateway.open.load(Ordering::Relaxed), 2);
        let third = Http3::try_connect(house.address(), greeting(pair(&house), b"h3"));
        assert!(third.is_err(), "a third over QUIC");
        assert_eq!(house.gateway.turned_away.load(Ordering::Relaxed), 1);
        assert_eq!(
            (first.ask(&asked).status, second.ask(&asked).status),
            (200, 200)
        );
    });
}
