//! HTTP/3 and QUIC at their edges: no early data, certificates, farewells, streams that break off.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dialgate::transport::Options;
use dialgate::transport::tls::Reread;
use quinn::VarInt;
use quinn::crypto::rustls::QuicClientConfig;
use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;

use crate::certificates::Pair;
use crate::client::Request;
use crate::http3::{Http3, bounded, endpoint, greeting, runtime};
use crate::protocols::Protocol;
use crate::stand_in::{House, NOW, asking, intent, token};

/// A house that speaks HTTP/3, in what a case needs of it.
fn speaking(options: &Options, case: impl FnOnce(House)) {
    Protocol::Http3.during(|| case(House::with(options)));
}

/// Options of a house that ends nothing for being slow, within a test.
fn patient() -> Options {
    let long = Duration::from_mins(10);
    Options {
        header_timeout: long,
        body_timeout: long,
        idle_timeout: long,
        ..Options::default()
    }
}

fn pair(house: &House) -> &Pair {
    &house.greeting.as_ref().unwrap().pair
}

fn client(house: &House) -> Http3 {
    Http3::connect(house.address(), pair(house))
}

#[test]
fn a_drain_loses_no_answer() {
    speaking(&Options::default(), |mut house| {
        let mut client = client(&house);
        assert_eq!(client.ask(&asking(intent("ACC-1"))).status, 200);
        let request = asking(intent("ACC-2"));
        let mut asked = client.open(&request).unwrap();
        let (first, rest) = request.body.split_at(5);
        client.send_piece(&mut asked, first).unwrap();
        // Its head has been read once something else of the connection was answered.
        assert_eq!(client.ask(&asking(intent("ACC-3"))).status, 200);
        std::thread::scope(|scope| {
            let draining = scope.spawn(|| house.drain(Duration::from_secs(20)));
            // GOAWAY: the client's own crate opens no more streams.
            let mut more = 0;
            while let Ok(mut late) = client.open(&asking(intent("ACC-4"))) {
                client.send_all(&mut late, &asking(intent("ACC-4")));
                // What was opened before it was heard is answered.
                assert_eq!(client.answer(&mut late).unwrap().status, 200);
                more += 1;
                assert!(more < 100_000, "no GOAWAY");
            }
            client.send_piece(&mut asked, rest).unwrap();
            client.during(async { asked.finish().await }).unwrap();
            assert_eq!(client.answer(&mut asked).unwrap().status, 200);
            assert!(client.closed().is_h3_no_error());
            draining.join().unwrap();
        });
    });
}

#[test]
fn a_renewed_certificate_greets_new_connections_and_keeps_the_old_ones() {
    speaking(&Options::default(), |house| {
        let mut open = client(&house);
        let request = asking(intent("ACC-1"));
        assert_eq!(open.ask(&request).status, 200);
        let greeting_of_house = house.greeting.as_ref().unwrap();
        let fresh = Pair::new();
        fresh.write(greeting_of_house.dir.path());
        let renewed = greeting_of_house.certificate.reread(NOW);
        assert!(matches!(renewed, Reread::Renewed(_)));
        assert_eq!(open.ask(&request).status, 200);
        let mut new = Http3::connect(house.address(), &fresh);
        assert_eq!(new.ask(&request).status, 200);
        let old = Http3::try_connect(house.address(), greeting(pair(&house), b"h3"));
        assert!(old.is_err(), "the old certificate still greets");
    });
}

/// Remembers sessions, and how many were taken up again.
#[derive(Debug)]
struct Sessions {
    kept: ClientSessionMemoryCache,
    taken: AtomicUsize,
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, name: ServerName<'static>, group: NamedGroup) {
        self.kept.set_kx_hint(name, group);
    }

    fn kx_hint(&self, name: &ServerName<'_>) -> Option<NamedGroup> {
        self.kept.kx_hint(name)
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, name: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.kept.insert_tls13_ticket(name, value);
    }

    fn take_tls13_ticket(&self, name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let ticket = self.kept.take_tls13_ticket(name);
        let found = usize::from(ticket.is_some());
        self.taken.fetch_add(found, Ordering::Relaxed);
        ticket
    }
}

/// QUIC-1.
#[test]
fn who_resumes_a_session_gets_no_early_data() {
    speaking(&Options::default(), |house| {
        let sessions = Arc::new(Sessions {
            kept: ClientSessionMemoryCache::new(8),
            taken: AtomicUsize::new(0),
        });
        let mut tls = pair(&house).client(&[b"h3"]).as_ref().clone();
        tls.resumption = Resumption::store(Arc::clone(&sessions) as _);
        tls.enable_early_data = true;
        let tls = Arc::new(QuicClientConfig::try_from(tls).unwrap());
        let greeting = quinn::ClientConfig::new(tls);
        let mut first = Http3::try_connect(house.address(), greeting.clone()).unwrap();
        assert_eq!(first.ask(&asking(intent("ACC-1"))).status, 200);
        runtime().block_on(async {
            let endpoint = endpoint(house.address());
            let name = Pair::name().to_str().into_owned();
            let again = endpoint.connect_with(greeting, house.address(), &name);
            let again = again.unwrap().into_0rtt();
            assert_eq!(sessions.taken.load(Ordering::Relaxed), 1, "no ticket");
            let connecting = again.err().expect("early data is offered");
            bounded(connecting).await.unwrap();
        });
    });
}

#[test]
fn alt_svc_is_said_over_tcp_and_tls_only() {
    speaking(&Options::default(), |house| {
        let port = house.address().port();
        let expected = format!("h3=\":{port}\"; ma=86400");
        let asked = Request::new("GET", "/api/version");
        assert_eq!(house.ask(&asked).header("alt-svc"), None);
        for protocol in [Protocol::Http1Tls, Protocol::Http2Tls] {
            protocol.during(|| {
                assert_eq!(house.ask(&asked).header("alt-svc"), Some(&*expected));
            });
        }
    });
    Protocol::Http1Tls.during(|| {
        let house = House::with(&Options {
            http3: false,
            ..Options::default()
        });
        let heard = house.ask(&Request::new("GET", "/api/version"));
        assert_eq!(heard.header("alt-svc"), None);
        let refused = Http3::try_connect(house.address(), greeting(pair(&house), b"h3"));
        assert!(refused.is_err(), "h3 is spoken though it is off");
    });
}

#[test]
fn a_head_over_the_bound_is_431() {
    speaking(&Options::default(), |house| {
        let mut raw = Raw::connect(&house);
        let mut head = Head::new("GET", "/api/version");
        for _ in 0..17 {
            head.field("x-long", &"a".repeat(1000));
        }
        let (answer, end) = raw.exchange(&head.frame(), true);
        assert_eq!(status(&answer), "431");
        assert_eq!(end, Ok(()));
        // The connection is none the worse.
        let (answer, end) = raw.exchange(&Head::new("GET", "/api/version").frame(), true);
        assert_eq!((status(&answer), end), ("200", Ok(())));
    });
}

#[test]
fn requests_that_are_malformed_are_reset_and_cost_nobody_else() {
    speaking(&Options::default(), |house| {
        let mut raw = Raw::connect(&house);
        let plain = || Head::new("GET", "/api/version");
        let with = |name, value| {
            let mut head = plain();
            head.field(name, value);
            head.frame()
        };
        let bare = |fields: &[(&str, &str)]| {
            let mut head = Head::empty();
            for (name, value) in fields {
                head.field(name, value);
            }
            head.frame()
        };
        for (what, head) in [
            ("connection", with("connection", "close")),
            ("transfer-encoding", with("transfer-encoding", "chunked")),
            ("te", with("te", "gzip")),
            ("upper case", with("X-Upper", "a")),
            ("unknown pseudo field", with(":odd", "a")),
            ("two hosts", with("host", "other")),
            ("length", with("content-length", "1x")),
            (
                "no method",
                bare(&[(":scheme", "https"), (":authority", "gate"), (":path", "/")]),
            ),
            (
                "no path",
                bare(&[
                    (":method", "GET"),
                    (":scheme", "https"),
                    (":authority", "gate"),
                ]),
            ),
            (
                "no host",
                bare(&[(":method", "GET"), (":scheme", "https"), (":path", "/")]),
            ),
            (
                "extended connect",
                bare(&[
                    (":method", "CONNECT"),
                    (":scheme", "https"),
                    (":authority", "gate"),
                    (":path", "/"),
                    (":protocol", "websocket"),
                ]),
            ),
        ] {
            let (answer, end) = raw.exchange(&head, true);
            assert_eq!(
                (answer.as_slice(), end),
                (b"".as_slice(), Err(Some(0x10e))),
                "{what}"
            );
        }
        let (answer, end) = raw.exchange(&plain().frame(), true);
        assert_eq!((status(&answer), end), ("200", Ok(())));
    });
}

/// H3-2: what broke off is never taken for a whole body.
#[test]
fn a_body_that_breaks_off_is_refused() {
    speaking(&Options::default(), |house| {
        let mut raw = Raw::connect(&house);
        let body = intent("ACC-1");
        let head = |length: Option<usize>| {
            let mut head = Head::new("POST", "/api/gate/contact-intent");
            head.field("authorization", &format!("Bearer {}", token("gate:ask")));
            head.field("content-type", "application/json");
            if let Some(length) = length {
                head.field("content-length", &length.to_string());
            }
            head.frame()
        };
        let whole = data(body.as_bytes());
        let cut = &whole[..whole.len() - 1];
        let mut pieces = data(b"");
        pieces.extend(data(&body.as_bytes()[..9]));
        pieces.extend(data(b""));
        pieces.extend(b"\x21\x03abc");
        pieces.extend(data(&body.as_bytes()[9..]));
        pieces.extend(data(b""));
        for (what, stream, expected) in [
            ("whole", [head(None), whole.clone()].concat(), "200"),
            (
                "announced",
                [head(Some(body.len())), whole.clone()].concat(),
                "200",
            ),
            ("in odd pieces", [head(None), pieces].concat(), "200"),
            ("within a piece", [head(None), cut.to_vec()].concat(), "400"),
            (
                "short",
                [head(Some(body.len() + 1)), whole.clone()].concat(),
                "400",
            ),
            ("long", [head(Some(body.len() - 1)), whole].concat(), "400"),
        ] {
            let (answer, end) = raw.exchange(&stream, true);
            assert_eq!((status(&answer), end), (expected, Ok(())), "{what}");
        }
        assert_eq!(house.gateway.asked.lock().unwrap().len(), 3);
    });
}

/// H3-1: on a stream of requests no frame is collected without bound.
#[test]
fn a_frame_that_never_ends_costs_its_stream() {
    speaking(&patient(), |house| {
        let mut raw = Raw::connect(&house);
        // A head of a gigabyte, as announced; then a kind nobody knows before a head.
        let (answer, end) = raw.exchange(b"\x01\xc0\x00\x00\x00\x40\x00\x00\x00", false);
        assert_eq!((answer.as_slice(), end), (b"".as_slice(), Err(Some(0x10d))));
        let odd = [b"\x21\x80\x00\x10\x00".as_slice(), &[7; 4096]].concat();
        let stream = [odd, Head::new("GET", "/api/version").frame()].concat();
        let (answer, end) = raw.exchange(&stream, true);
        assert_eq!((status(&answer), end), ("200", Ok(())));
    });
}

/// H3-1: neither is one on a stream of one direction.
#[test]
fn a_frame_that_never_ends_on_the_control_stream_ends_the_connection() {
    speaking(&patient(), |house| {
        let mut raw = Raw::connect(&house);
        let (runtime, control) = (&raw.runtime, &mut raw.control);
        // A GOAWAY of a gigabyte, as announced.
        let endless = control.write_all(b"\x07\xc0\x00\x00\x00\x40\x00\x00\x00");
        runtime.block_on(bounded(endless)).unwrap();
        raw.during(async { raw.connection.closed().await });
    });
}

/// H3-3: behind the last GOAWAY a request is refused as one that was not looked at, and it was not.
#[test]
fn what_comes_after_the_last_goaway_is_not_looked_at() {
    speaking(&Options::default(), |mut house| {
        let mut raw = Raw::connect(&house);
        let body = intent("ACC-1");
        let mut head = Head::new("POST", "/api/gate/contact-intent");
        head.field("authorization", &format!("Bearer {}", token("gate:ask")));
        head.field("content-type", "application/json");
        let (head, body) = (head.frame(), data(body.as_bytes()));
        let whole = [head.as_slice(), body.as_slice()].concat();
        let (answer, end) = raw.exchange(&whole, true);
        assert_eq!((status(&answer), end), ("200", Ok(())));
        // One under way keeps the connection open.
        let (mut send, mut receive) = raw.during(async {
            let (mut send, receive) = raw.connection.open_bi().await.unwrap();
            send.write_all(&head).await.unwrap();
            (send, receive)
        });
        assert_eq!(raw.exchange(&whole, true).1, Ok(()));
        std::thread::scope(|scope| {
            let draining = scope.spawn(|| house.drain(Duration::from_secs(20)));
            let (ahead, last) = raw.during(raw.goaways());
            assert!(ahead > last, "{ahead} {last}");
            assert_eq!(last, 12, "behind the three that were looked at");
            let (answer, end) = raw.exchange(&whole, true);
            assert_eq!((answer.as_slice(), end), (b"".as_slice(), Err(Some(0x10b))));
            raw.during(async {
                send.write_all(&body).await.unwrap();
                send.finish().unwrap();
                let told = receive.read_to_end(usize::MAX).await.unwrap();
                assert_eq!(status(&told), "200");
            });
            draining.join().unwrap();
        });
        assert_eq!(house.gateway.asked.lock().unwrap().len(), 3);
    });
}

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

/// A connection on which bytes are written by hand.
struct Raw {
    runtime: tokio::runtime::Runtime,
    connection: quinn::Connection,
    _endpoint: quinn::Endpoint,
    control: quinn::SendStream,
}

impl Raw {
    fn connect(house: &House) -> Self {
        let runtime = runtime();
        let (endpoint, connection, control) = runtime.block_on(async {
            let endpoint = endpoint(house.address());
            let name = Pair::name().to_str().into_owned();
            let greeting = greeting(pair(house), b"h3");
            let connecting = endpoint.connect_with(greeting, house.address(), &name);
            let connection = bounded(connecting.unwrap()).await.unwrap();
            let mut control = connection.open_uni().await.unwrap();
            control.write_all(b"\x00\x04\x00").await.unwrap();
            (endpoint, connection, control)
        });
        Self {
            runtime,
            connection,
            _endpoint: endpoint,
            control,
        }
    }

    fn during<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(bounded(work))
    }

    /// What the house's two GOAWAYs name as the first request that is not looked at.
    async fn goaways(&self) -> (u64, u64) {
        let mut told = Vec::new();
        let mut streams = Vec::new();
        // Of its streams of one direction, one is the control stream (RFC 9114, 6.2.1).
        let mut control = loop {
            let mut stream = self.connection.accept_uni().await.unwrap();
            let mut kind = [0];
            stream.read_exact(&mut kind).await.unwrap();
            if kind == [0] {
                break stream;
            }
            streams.push(stream);
        };
        let mut bytes = Vec::new();
        while told.len() < 2 {
            let chunk = control.read_chunk(usize::MAX, true).await.unwrap().unwrap();
            bytes.extend_from_slice(&chunk.bytes);
            told = goaways(&bytes);
        }
        (told[0], told[1])
    }

    /// Writes bytes on a stream of its own; what is read until its end, or with which code it was reset.
    fn exchange(&mut self, bytes: &[u8], ends: bool) -> (Vec<u8>, Result<(), Option<u64>>) {
        let connection = self.connection.clone();
        self.during(async {
            let (mut send, mut receive) = connection.open_bi().await.unwrap();
            // A server that wants no more of it shows that by how it answers.
            drop(send.write_all(bytes).await);
            if ends {
                drop(send.finish());
            }
            let mut heard = Vec::new();
            loop {
                match receive.read_chunk(usize::MAX, true).await {
                    Ok(Some(chunk)) => heard.extend_from_slice(&chunk.bytes),
                    Ok(None) => return (heard, Ok(())),
                    Err(quinn::ReadError::Reset(code)) => {
                        return (heard, Err(Some(VarInt::into_inner(code))));
                    }
                    Err(_lost) => return (heard, Err(None)),
                }
            }
        })
    }
}

/// A head, coded without tables (RFC 9204, 4.5.6).
struct Head(Vec<u8>);

impl Head {
    fn empty() -> Self {
        Self(vec![0, 0])
    }

    fn new(method: &str, path: &str) -> Self {
        let mut head = Self::empty();
        for (name, value) in [
            (":method", method),
            (":scheme", "https"),
            (":authority", "gate"),
            (":path", path),
        ] {
            head.field(name, value);
        }
        head
    }

    fn field(&mut self, name: &str, value: &str) {
        self.number(0x20, 7, name.len());
        self.0.extend_from_slice(name.as_bytes());
        self.number(0, 127, value.len());
        self.0.extend_from_slice(value.as_bytes());
    }

    /// RFC 7541, 5.1.
    fn number(&mut self, flags: u8, prefix: u8, value: usize) {
        if value < usize::from(prefix) {
            self.0.push(flags | u8::try_from(value).unwrap());
            return;
        }
        self.0.push(flags | prefix);
        let mut rest = value - usize::from(prefix);
        while rest >= 128 {
            self.0.push(u8::try_from(rest % 128).unwrap() | 128);
            rest /= 128;
        }
        self.0.push(u8::try_from(rest).unwrap());
    }

    fn frame(&self) -> Vec<u8> {
        framed(1, &self.0)
    }
}

/// A number (RFC 9000, 16), and what is behind it.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let length = 1_usize << (bytes.first()? >> 6);
    let (digits, rest) = bytes.split_at_checked(length)?;
    let first = u64::from(digits[0] & 0x3f);
    let value = digits[1..]
        .iter()
        .fold(first, |sum, byte| (sum << 8) | u64::from(*byte));
    Some((value, rest))
}

/// What the whole GOAWAYs among these frames say.
fn goaways(mut bytes: &[u8]) -> Vec<u64> {
    let mut told = Vec::new();
    while let Some((kind, rest)) = number(bytes)
        && let Some((length, rest)) = number(rest)
        && let Some((payload, rest)) = rest.split_at_checked(usize::try_from(length).unwrap())
    {
        if kind == 7 {
            told.push(number(payload).unwrap().0);
        }
        bytes = rest;
    }
    told
}

fn data(bytes: &[u8]) -> Vec<u8> {
    framed(0, bytes)
}

/// A frame with a length of four bytes.
fn framed(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap() | 0x8000_0000;
    [&[kind], length.to_be_bytes().as_slice(), payload].concat()
}

/// The status of an answer, as the `h3` crate codes it: by the static table, or by name from there.
fn status(answer: &[u8]) -> &'static str {
    let known: [(&[u8], &str); 3] = [
        (b"\xd9", "200"),
        (b"\x5f\x09\x83\x69\x90\xff", "431"),
        (b"\xff\x04", "400"),
    ];
    // Behind the frame's kind, its length and the prefix of the section it is the first field.
    let length_bytes = answer.get(1).map_or(1, |first| 1 << (first >> 6));
    let fields = answer.get(3 + length_bytes..).unwrap_or_default();
    let found = known.iter().find(|(code, _)| fields.starts_with(code));
    found.unwrap_or_else(|| panic!("no status in {fields:?}")).1
}
