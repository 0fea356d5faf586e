//! What a connection, a stream and a tenant may have, and what is beyond it.

use std::collections::BTreeMap;
use std::rc::Rc;

use bytes::Bytes;
use dialgate::wire::frame::{self, ALPN, Hello, Kind};
use dialgate::wire::limits::{FRAME_BATCH_INTENTS_MAX, FRAME_BYTES_MAX, FRAME_WINDOW_INTENTS};
use quinn::ConnectionError;

use super::frames::{Talking, intent as framed};
use super::http::{Carrier as _, Http1, Http2, post};
use super::http3::Http3;
use super::site::Site;
use super::speaker::{Protocol, Token};
use crate::words::intent;

/// Intents of the tenant that floods: as many as a stream's window.
const FLOOD: u64 = 1024;
/// Questions of the tenant beside it.
const BESIDE: usize = 30;

/// A place for four intents of a tenant, and a stream that brings a thousand at once.
#[test]
fn who_floods_is_refused_its_own_excess_and_nobody_else_is() {
    let site = Rc::new(Site::start(&[("DIALGATE_ENGINE__INBOX_TENANT_MAX", "4")]));
    let flooder = Site::token(Protocol::Frames, Token::Good);
    let other = Site::token(Protocol::Http1, Token::Good);
    let asked = intent("NOBODY", "+18185550100");
    let mut bytes = Vec::new();
    for number in 0..FLOOD {
        assert!(frame::push(
            &mut bytes,
            Kind::Intent,
            100 + number,
            &framed(&asked)
        ));
    }
    let (codes, decided) = site.wait(async {
        let (_endpoint, connection) = site.quic(ALPN).await.unwrap();
        let mut talking = Talking::open(&connection, &flooder).await.unwrap();
        let mut carrier = Http1::connect(&site).await.unwrap();
        let flood = async {
            let mut codes = BTreeMap::new();
            let mut numbers: Vec<u64> = (0..FLOOD).collect();
            talking.send(&bytes).await;
            while !numbers.is_empty() {
                let heard = talking.next().await.unwrap();
                let number = heard.header.correlation - 100;
                let at = numbers.binary_search(&number).expect("answered once");
                numbers.remove(at);
                let frame::Told::Decision(said) = frame::Told::open(&heard).unwrap() else {
                    panic!("{:?}", heard.header);
                };
                let code = said.error.as_ref().map_or("decided", |error| &*error.code);
                assert!(!said.allow);
                *codes.entry(code.to_owned()).or_insert(0_u64) += 1;
            }
            codes
        };
        let beside = async {
            let mut decided = 0;
            for _ in 0..BESIDE {
                let body = Bytes::from(asked.to_string());
                let request = post("/api/gate/contact-intent", &other, body);
                let (_, said) = carrier.carry(request).await.unwrap();
                let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
                assert!(said["error"].is_null(), "{said}");
                decided += usize::from(said["audit_id"].is_number());
            }
            decided
        };
        tokio::join!(flood, beside)
    });
    assert_eq!(decided, BESIDE, "the other tenant has all its decisions");
    assert_eq!(codes.values().sum::<u64>(), FLOOD);
    assert_eq!(
        codes.keys().collect::<Vec<_>>(),
        ["OVERLOADED", "decided"],
        "{codes:?}"
    );
}

#[test]
fn a_welcome_names_the_limits_of_its_stream() {
    let site = Site::start(&[]);
    let token = Site::token(Protocol::Frames, Token::Good);
    site.wait(async {
        let (_endpoint, connection) = site.quic(ALPN).await.unwrap();
        let mut talking = Talking::open(&connection, &token).await.unwrap();
        // A second hello is welcomed as the first was.
        let hello = Hello {
            token: (&*token).into(),
            agent: "battery".into(),
        };
        let heard = talking.say(Kind::Hello, &hello).await;
        let frame::Told::Welcome(welcome) = frame::Told::open(&heard).unwrap() else {
            panic!("{:?}", heard.header);
        };
        assert_eq!(&*welcome.tenant, Protocol::Frames.tenant());
        let named = [
            welcome.window,
            welcome.frame_bytes_max,
            welcome.batch_intents_max,
        ];
        let known = [
            FRAME_WINDOW_INTENTS,
            FRAME_BYTES_MAX,
            FRAME_BATCH_INTENTS_MAX,
        ];
        assert_eq!(named.map(|bound| bound.to_native() as usize), known);
    });
}

/// Connections are counted over all protocols together.
#[test]
fn a_connection_too_many_is_refused_over_every_protocol() {
    let site = Site::start(&[("DIALGATE_SERVER__CONNECTIONS_MAX", "3")]);
    let token = Site::token(Protocol::Frames, Token::Good);
    site.wait(async {
        let http1 = Http1::connect(&site).await.unwrap();
        let (_endpoint, connection) = site.quic(ALPN).await.unwrap();
        drop(Talking::open(&connection, &token).await.unwrap());
        let _http3 = Box::pin(Http3::connect(&site)).await.unwrap();
        assert!(Http1::connect(&site).await.is_err(), "closed at once");
        assert!(
            Box::pin(Http2::connect(&site)).await.is_err(),
            "closed at once"
        );
        for alpn in [&b"h3"[..], ALPN] {
            let refused = site.quic(alpn).await.unwrap_err();
            let ConnectionError::ConnectionClosed(close) = &refused else {
                panic!("{refused:?}");
            };
            assert_eq!(
                close.error_code,
                quinn::TransportErrorCode::CONNECTION_REFUSED
            );
        }
        // A place that is free again is anybody's.
        drop(http1);
        while site.quic(ALPN).await.is_err() {}
    });
}

/// The client's QUIC keeps a stream that is too many back until there is room for it.
#[test]
fn a_stream_too_many_waits_for_one_to_end() {
    let site = Site::start(&[("DIALGATE_SERVER__STREAMS_MAX", "2")]);
    let token = Site::token(Protocol::Frames, Token::Good);
    site.wait(async {
        let (_endpoint, connection) = site.quic(ALPN).await.unwrap();
        let mut first = Talking::open(&connection, &token).await.unwrap();
        let mut second = Talking::open(&connection, &token).await.unwrap();
        let third = Talking::open(&connection, &token);
        let mut third = std::pin::pin!(third);
        for _ in 0..10 {
            tokio::select! {
                biased;
                opened = &mut third => panic!("{:?}", opened.map(|_| "a third stream").ok()),
                answer = second.ping() => answer,
            }
        }
        first.end();
        while first.next().await.is_some() {}
        let mut third = third.await.unwrap_or_else(|told| panic!("{told:?}"));
        third.ping().await;
    });
}
