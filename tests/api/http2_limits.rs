//! HTTP/2 clients that are slow, silent, endless, too many or hostile: each ends at a named limit.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use dialgate::transport::Options;
use dialgate::wire::limits::{H2_PENDING_RESETS_MAX, H2_STREAMS_MAX};

use crate::client::Request;
use crate::http2::Http2;
use crate::stand_in::{House, asking, intent, token};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const CANCEL: u32 = 8;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

/// `GET /` of `gate`, in HPACK.
const GET: &[u8] = b"\x82\x84\x86\x41\x04gate";
const BRIEF: Duration = Duration::from_millis(40);
const LONG: Duration = Duration::from_mins(1);
/// Longest silence of the server before a test fails; shorter than the limits that are not to end it.
const SILENCE_MAX: Duration = Duration::from_secs(20);

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A frame the server sent.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    kind: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Frame {
    /// What an `RST_STREAM` gives as its reason.
    fn reset(&self) -> Option<(u32, u32)> {
        let reason = self.payload.first_chunk().copied().map(u32::from_be_bytes);
        (self.kind == RST_STREAM).then(|| (self.stream, reason.unwrap()))
    }

    fn goaway(&self) -> Option<u32> {
        let reason = self.payload.get(4..8).and_then(<[u8]>::first_chunk);
        (self.kind == GOAWAY).then(|| u32::from_be_bytes(*reason.unwrap()))
    }
}

/// A connection spoken to in bytes.
struct Raw(TcpStream);

impl Raw {
    fn connect(house: &House) -> Self {
        let stream = TcpStream::connect(house.address()).unwrap();
        stream.set_read_timeout(Some(SILENCE_MAX)).unwrap();
        stream.set_write_timeout(Some(SILENCE_MAX)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    /// Preface and settings are said.
    fn opened(house: &House) -> Self {
        let mut raw = Self::connect(house);
        raw.send(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat());
        raw
    }

    /// Sends; a server that has hung up already is for the reader to see.
    fn send(&mut self, bytes: &[u8]) {
        drop(self.0.write_all(bytes));
    }

    /// The next frame; `None` once the server has hung up. Silence is no end.
    fn frame(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.fill(&mut head)?;
        let [a, b, c, kind, _flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.fill(&mut payload)?;
        Some(Frame {
            kind,
            stream: u32::from_be_bytes(stream),
            payload,
        })
    }

    fn fill(&mut self, into: &mut [u8]) -> Option<()> {
        let error = match self.0.read_exact(into) {
            Ok(()) => return Some(()),
            Err(error) => error,
        };
        let ends = [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset];
        assert!(ends.contains(&error.kind()), "{error}");
        None
    }

    /// Every frame until the server closes.
    fn closed(&mut self) -> Vec<Frame> {
        std::iter::from_fn(|| self.frame()).collect()
    }
}

fn with(change: impl FnOnce(&mut Options)) -> House {
    let mut options = Options {
        threads: 1,
        header_timeout: LONG,
        body_timeout: LONG,
        idle_timeout: LONG,
        write_timeout: LONG,
        ..Options::default()
    };
    change(&mut options);
    House::with(&options)
}

fn connect(house: &House) -> Http2 {
    Http2::connect(house.address(), None)
}

/// TRANSPORT-2 over HTTP/2.
#[test]
fn silence_ends_at_every_stage() {
    let house = with(|options| options.header_timeout = BRIEF);
    let settings = frame(SETTINGS, 0, 0, &[]);
    // A head that never ends.
    let half = frame(HEADERS, 0, 1, GET);
    for sent in [
        Vec::new(),
        PREFACE[..10].to_vec(),
        PREFACE.to_vec(),
        [PREFACE, &settings].concat(),
        [PREFACE, &settings, &half].concat(),
    ] {
        let mut raw = Raw::connect(&house);
        raw.send(&sent);
        let heard = raw.closed();
        assert!(heard.iter().all(|frame| frame.kind != HEADERS), "{heard:?}");
    }
}

#[test]
fn pings_do_not_keep_a_quiet_connection() {
    let house = with(|options| options.idle_timeout = BRIEF);
    let mut raw = Raw::opened(&house);
    raw.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, GET));
    // Each answer to a ping brings the next: the connection is never silent.
    raw.send(&frame(PING, 0, 0, &[0; 8]));
    let mut pings = 0;
    while let Some(heard) = raw.frame() {
        if heard.kind == PING {
            pings += 1;
            raw.send(&frame(PING, 0, 0, &[0; 8]));
        }
    }
    assert!(pings > 0);
}

/// TRANSPORT-2: a stream has limits of its own.
#[test]
fn a_body_that_does_not_come_costs_its_stream_and_no_other() {
    let house = with(|options| options.body_timeout = BRIEF);
    let mut client = connect(&house);
    let mut waiting = asking("");
    waiting.headers.push(("content-length", "100".to_owned()));
    let (never, _body) = client.open(&waiting, false);
    assert_eq!(client.ask(&asking(intent("ACC-1"))).status, 200);
    let reset = client.answer(never).unwrap_err();
    assert_eq!(reset.reason().map(u32::from), Some(CANCEL));
    assert_eq!(client.ask(&asking(intent("ACC-2"))).status, 200);
    assert_eq!(house.gateway.asked.lock().unwrap().len(), 2);
}

#[test]
fn an_upload_is_limited_between_its_pieces() {
    let house = with(|options| options.body_timeout = BRIEF);
    let mut client = connect(&house);
    let upload = Request::new("POST", "/api/queue/ingest")
        .token(&token("facts:write"))
        .with("content-type", "text/csv");
    let (never, mut body) = client.open(&upload, false);
    body.send_data("a piece".into(), false).unwrap();
    let reset = client.answer(never).unwrap_err();
    assert_eq!(reset.reason().map(u32::from), Some(CANCEL));
}

/// TRANSPORT-2: reading our answer.
#[test]
fn a_client_that_takes_no_answer_loses_the_connection() {
    let house = with(|options| options.write_timeout = BRIEF);
    let mut raw = Raw::connect(&house);
    // SETTINGS_INITIAL_WINDOW_SIZE of 0: no stream may send a byte.
    let shut = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
    let ask = frame(HEADERS, END_HEADERS | END_STREAM, 1, GET);
    raw.send(&[PREFACE, &shut, &ask].concat());
    let heard = raw.closed();
    let heads = heard.iter().filter(|frame| frame.kind == HEADERS).count();
    assert_eq!(heads, 1, "{heard:?}");
    // No DATA.
    assert!(heard.iter().all(|frame| frame.kind != 0), "{heard:?}");
}

#[test]
fn headers_over_the_bound_are_431_and_endless_ones_end_the_connection() {
    let house = House::open();
    let mut client = connect(&house);
    let large = |bytes: usize| {
        let request = Request::new("GET", "/api/health");
        request.with("x", "x".repeat(bytes))
    };
    assert_eq!(client.ask(&large(15_000)).status, 200);
    assert_eq!(client.ask(&large(17_000)).status, 431);
    assert_eq!(client.ask(&large(15_000)).status, 200);

    let mut raw = Raw::opened(&house);
    raw.send(&frame(HEADERS, END_STREAM, 1, GET));
    // A literal header of 1000 bytes, again and again.
    let field = [b"\x00\x01x\x7f\xe9\x06".as_slice(), &[b'a'; 1000]].concat();
    let more = frame(CONTINUATION, 0, 1, &field);
    raw.send(&more.repeat(2_000));
    let ended = raw.closed();
    assert!(ended.iter().all(|frame| frame.kind != HEADERS), "{ended:?}");
}

#[test]
fn rapid_resets_end_the_connection() {
    let house = House::open();
    let rapid = |count: u32| {
        let mut sent = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
        for n in 0..count {
            let stream = 2 * n + 1;
            sent.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, GET));
            sent.extend(frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes()));
        }
        sent
    };
    let mut raw = Raw::connect(&house);
    raw.send(&rapid(10_000));
    let ended = raw.closed();
    let reason = ended.iter().find_map(Frame::goaway);
    assert_eq!(reason, Some(ENHANCE_YOUR_CALM), "{ended:?}");

    // As many as are permitted are forgiven.
    let mut raw = Raw::connect(&house);
    raw.send(&rapid(u32::try_from(H2_PENDING_RESETS_MAX).unwrap()));
    raw.send(&frame(PING, 0, 0, b"12345678"));
    let pong = std::iter::from_fn(|| raw.frame()).find(|heard| heard.kind == PING);
    assert_eq!(pong.unwrap().payload, b"12345678");
}

#[test]
fn a_stream_too_many_is_refused() {
    let house = with(|options| options.streams_max = 2);
    let mut raw = Raw::opened(&house);
    // The server's settings are acknowledged before its bound may be held against us.
    while raw.frame().unwrap().kind != SETTINGS {}
    raw.send(&frame(SETTINGS, 1, 0, &[]));
    // POST / with a body that is still to come.
    let post = b"\x83\x84\x86\x41\x04gate";
    for stream in [1, 3, 5] {
        raw.send(&frame(HEADERS, END_HEADERS, stream, post));
    }
    let refused = std::iter::from_fn(|| raw.frame()).find_map(|heard| heard.reset());
    assert_eq!(refused, Some((5, REFUSED_STREAM)));
}

#[test]
fn as_many_streams_as_are_permitted_are_answered_each_its_own() {
    let house = House::open();
    let mut client = connect(&house);
    let answers: Vec<_> = (0..H2_STREAMS_MAX)
        .map(|n| client.send(&asking(intent(&format!("ACC-{n}")))))
        .collect();
    for (n, answer) in answers.into_iter().enumerate() {
        let heard = client.answer(answer).unwrap();
        assert_eq!(heard.json()["account_id"], format!("ACC-{n}"));
    }
}

#[test]
fn draining_says_goaway_and_answers_every_stream_under_way() {
    let mut house = with(|_| ());
    let (mut idle, mut busy) = (connect(&house), connect(&house));
    assert_eq!(idle.ask(&asking(intent("ACC-1"))).status, 200);
    let upload = Request::new("POST", "/api/queue/ingest/json")
        .token(&token("facts:write"))
        .with("content-type", "application/json");
    let (answer, mut body) = busy.open(&upload, false);
    // Streams are taken up in order: that the second is answered proves that the first is under way.
    assert_eq!(busy.ask(&asking(intent("ACC-2"))).status, 200);
    std::thread::scope(|scope| {
        scope.spawn(|| house.drain(Duration::from_secs(20)));
        idle.closed().unwrap();
        body.send_data(" ".into(), true).unwrap();
        let heard = busy.answer(answer).unwrap();
        assert_eq!((heard.status, heard.text()), (200, "Json 1"));
        busy.closed().unwrap();
    });
}
