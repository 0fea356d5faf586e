//! Sessions against a gateway that says what it is told to: over a pipe, and over QUIC.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::io::{ReadHalf, WriteHalf};

use super::session::{Ended, Session};
use super::*;
use crate::client::intent::{Form, Intent};
use crate::client::now::Now;
use crate::client::token::Tokens;
use crate::client::verdict::{ErrorCode, Reason};
use crate::client::{Client, Settings, TokenSource, Verdict};
use crate::wire::frame::{Decision, Decisions, Drain, Failure, FrameReader, Said, Welcome};

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let within = tokio::time::timeout(Duration::from_mins(1), work);
        within.await.unwrap()
    })
}

/// The gateway's end of a stream.
struct Desk<R, W> {
    reader: R,
    writer: W,
    frames: FrameReader,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Desk<R, W> {
    fn new(reader: R, writer: W) -> Self {
        Self {
            reader,
            writer,
            frames: FrameReader::default(),
        }
    }

    /// The next frame, `None` at the end.
    async fn next(&mut self) -> Option<RawFrame> {
        loop {
            if let Some(frame) = self.frames.next_frame().unwrap() {
                return Some(frame);
            }
            let mut piece = vec![0; 4096];
            let count = self.reader.read(&mut piece).await.unwrap_or(0);
            if count == 0 {
                return None;
            }
            piece.truncate(count);
            self.frames.take(piece.into());
        }
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).await.unwrap();
        self.writer.flush().await.unwrap();
    }

    /// The token of the hello that comes next; it is welcomed.
    async fn greet(&mut self, window: u32) -> String {
        let frame = self.next().await.unwrap();
        let Ok(Said::Hello(hello)) = Said::open(&frame) else {
            panic!("no hello: {frame:?}");
        };
        let token = hello.token.to_string();
        let welcome = Welcome {
            window,
            now: Clock::system().now().0,
            ..Welcome::default()
        };
        let mut out = Vec::new();
        assert!(frame::push(
            &mut out,
            Kind::Welcome,
            frame.header.correlation,
            &welcome
        ));
        self.write(&out).await;
        token
    }

    /// The number of the intent that comes next.
    async fn intent(&mut self) -> u64 {
        let frame = self.next().await.unwrap();
        assert_eq!(frame.header.kind, Kind::Intent);
        frame.header.correlation
    }

    async fn decide(&mut self, number: u64, decision: &Decision<'_>) {
        let mut out = Vec::new();
        assert!(frame::push(&mut out, Kind::Decision, number, decision));
        self.write(&out).await;
    }
}

/// The yes that row `audit_id` is.
fn yes(audit_id: u64) -> Decision<'static> {
    let now = Clock::system().now();
    Decision {
        allow: true,
        audit_id: Some(audit_id),
        use_by: Some(now.plus(300).0),
        expires_at: Some(now.plus(86_400).0),
        ..Decision::default()
    }
}

fn failure(code: &'static str) -> Failure<'static> {
    Failure {
        code: code.into(),
        ..Failure::default()
    }
}

async fn token(text: &str) -> Token {
    let tokens = Tokens::new(TokenSource::fixed(text));
    tokens.current(Now::read(&Clock::system())).await.unwrap()
}

type Heard = oneshot::Receiver<Result<Answered, Trouble>>;

/// A call under a token.
async fn call(name: &str) -> (Call, Heard) {
    let question = Question::of(&Intent::letter("A", "m"), Form::Frame).unwrap();
    let header = Header {
        kind: Kind::Intent,
        correlation: 0,
        payload_bytes: question.bytes.len(),
    };
    let (reply, heard) = oneshot::channel();
    let call = Call {
        token: token(name).await,
        frame: [&header.bytes()[..], &question.bytes].concat(),
        intents: 1,
        reply,
    };
    (call, heard)
}

/// What row an answer names.
fn row(heard: Result<Answered, Trouble>) -> Result<u64, Trouble> {
    let answered = heard?;
    let Ok(Told::Decision(told)) = Told::open(&answered.frame) else {
        panic!("no decision");
    };
    Ok(told.audit_id.as_ref().unwrap().to_native())
}

type Pipe = Desk<ReadHalf<DuplexStream>, WriteHalf<DuplexStream>>;

/// Runs a session of window 8 with a first call; `gateway` is the other end.
async fn session<F: Future<Output = ()>>(
    first: Call,
    calls: &mut mpsc::Receiver<Call>,
    gateway: impl FnOnce(Pipe) -> F,
) -> Ended {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (reader, writer) = tokio::io::split(theirs);
    let gateway = gateway(Desk::new(reader, writer));
    let session = Session::new(8, Clock::system());
    let session = session.run(tokio::io::split(ours), first, calls, || {});
    tokio::join!(session, gateway).0
}

/// CLIENT-1 in frames: an answer is about the question of its number.
#[test]
fn answers_come_in_any_order_and_each_to_its_asker() {
    run(async {
        let (lane, mut calls) = mpsc::channel(8);
        let (one, first) = call("t").await;
        let (two, second) = call("t").await;
        lane.send(two).await.unwrap();
        let ended = session(one, &mut calls, |mut desk| async move {
            assert_eq!(desk.greet(8).await, "t");
            let (one, two) = (desk.intent().await, desk.intent().await);
            desk.decide(two, &yes(22)).await;
            desk.decide(one, &yes(11)).await;
        });
        let (ended, one, two) = tokio::join!(ended, first, second);
        assert_eq!((row(one.unwrap()), row(two.unwrap())), (Ok(11), Ok(22)));
        assert_eq!(ended, Ended::Broken, "the other end went");
    });
}

#[test]
fn an_answer_nobody_waits_for_ends_all_belief() {
    run(async {
        let (_lane, mut calls) = mpsc::channel(8);
        let (one, heard) = call("t").await;
        let ended = session(one, &mut calls, |mut desk| async move {
            desk.greet(8).await;
            let number = desk.intent().await;
            desk.decide(number + 1, &yes(7)).await;
            assert!(desk.next().await.is_none());
        });
        assert_eq!(ended.await, Ended::Stray);
        assert_eq!(heard.await.unwrap().unwrap_err(), Trouble::Mismatch);
    });
}

#[test]
fn what_is_no_frame_and_what_breaks_off_permit_nothing() {
    run(async {
        for (bytes, told, ended) in [
            (vec![0xff; 64], Trouble::Garbled, None),
            (vec![0; 3], Trouble::Disconnected, Some(Ended::Broken)),
        ] {
            let (_lane, mut calls) = mpsc::channel(8);
            let (one, heard) = call("t").await;
            let over = session(one, &mut calls, |mut desk| async move {
                desk.greet(8).await;
                desk.intent().await;
                desk.write(&bytes).await;
            });
            let over = over.await;
            assert!(ended.is_none_or(|ended| ended == over), "{over:?}");
            assert_eq!(heard.await.unwrap().unwrap_err(), told);
        }
    });
}

#[test]
fn a_refused_hello_is_told_to_all_behind_it() {
    run(async {
        let (_lane, mut calls) = mpsc::channel(8);
        let (one, heard) = call("t").await;
        let ended = session(one, &mut calls, |mut desk| async move {
            let hello = desk.next().await.unwrap();
            let mut out = Vec::new();
            let (number, why) = (hello.header.correlation, failure("TOKEN_EXPIRED"));
            assert!(frame::push(&mut out, Kind::Error, number, &why));
            desk.write(&out).await;
        });
        assert_eq!(ended.await, Ended::NotWelcome);
        let refused = Trouble::Refused(ErrorCode::read("TOKEN_EXPIRED"));
        assert_eq!(heard.await.unwrap().unwrap_err(), refused);
        assert!(Reason::from(refused).is_of_token());
    });
}

#[test]
fn another_token_says_hello_first_and_so_does_one_that_lapsed() {
    run(async {
        let (lane, mut calls) = mpsc::channel(8);
        let (one, first) = call("old").await;
        let ended = session(one, &mut calls, |mut desk| async move {
            assert_eq!(desk.greet(8).await, "old");
            let number = desk.intent().await;
            desk.decide(number, &yes(1)).await;
            assert_eq!(desk.greet(8).await, "new");
            let number = desk.intent().await;
            let lapsed = Decision {
                error: Some(failure("token_expired")),
                audit_id: Some(2),
                ..Decision::default()
            };
            desk.decide(number, &lapsed).await;
            assert_eq!(desk.greet(8).await, "new");
            let number = desk.intent().await;
            desk.decide(number, &yes(3)).await;
        });
        let asker = async {
            assert_eq!(row(first.await.unwrap()), Ok(1));
            for audit_id in [2, 3] {
                let (next, heard) = call("new").await;
                lane.send(next).await.unwrap();
                assert_eq!(row(heard.await.unwrap()), Ok(audit_id));
            }
        };
        tokio::join!(ended, asker);
    });
}

#[test]
fn a_drained_stream_takes_nothing_more_and_answers_what_it_has() {
    run(async {
        let (lane, mut calls) = mpsc::channel(8);
        let (one, first) = call("t").await;
        let (two, second) = call("t").await;
        let (three, _later) = call("t").await;
        lane.send(two).await.unwrap();
        let ended = session(one, &mut calls, |mut desk| async move {
            desk.greet(8).await;
            let (one, two) = (desk.intent().await, desk.intent().await);
            let mut out = Vec::new();
            assert!(frame::push(&mut out, Kind::Drain, 0, &Drain::default()));
            desk.write(&out).await;
            desk.decide(one, &yes(5)).await;
            // The drain came before this answer.
            assert_eq!(row(first.await.unwrap()), Ok(5));
            lane.send(three).await.unwrap();
            desk.decide(two, &yes(6)).await;
            assert!(desk.next().await.is_none(), "nothing more came");
        });
        assert_eq!(ended.await, Ended::Done);
        assert_eq!(row(second.await.unwrap()), Ok(6));
        assert!(calls.try_recv().is_ok(), "for the next stream");
    });
}

#[test]
fn no_more_is_under_way_than_the_gateway_has_room_for() {
    run(async {
        let (lane, mut calls) = mpsc::channel(8);
        let mut all = Vec::new();
        for _ in 0..6 {
            all.push(call("t").await);
        }
        let (one, first) = all.remove(0);
        let ended = session(one, &mut calls, |mut desk| async move {
            desk.greet(2).await;
            // Its answer comes behind the welcome, which is therefore known from here on.
            let asked = desk.intent().await;
            desk.decide(asked, &yes(9)).await;
            assert_eq!(row(first.await.unwrap()), Ok(9));
            let mut heard = Vec::new();
            for (call, reply) in all {
                lane.send(call).await.unwrap();
                heard.push(reply);
            }
            let (mut open, mut rows) = (vec![desk.intent().await, desk.intent().await], 0);
            for reply in heard {
                let mut more = Box::pin(desk.intent());
                let none = tokio::time::timeout(Duration::from_millis(20), &mut more).await;
                assert!(none.is_err(), "three under way");
                drop(more);
                rows += 1;
                desk.decide(open.remove(0), &yes(rows)).await;
                assert_eq!(row(reply.await.unwrap()), Ok(rows));
                if rows <= 3 {
                    open.push(desk.intent().await);
                }
            }
        });
        ended.await;
    });
}

/// A gateway over QUIC that welcomes everybody, allows everything and keeps the first `rude`
/// connections' answers to itself.
fn quic_gateway(dir: &std::path::Path, rude: u32) -> (String, quinn::Endpoint) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(dir.join("ca.pem"), made.cert.pem()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = made.signing_key.serialize_der();
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.try_into().unwrap())
        .unwrap();
    tls.alpn_protocols = vec![frame::ALPN.to_vec()];
    let tls = quinn::crypto::rustls::QuicServerConfig::try_from(tls).unwrap();
    let config = quinn::ServerConfig::with_crypto(Arc::new(tls));
    let endpoint = quinn::Endpoint::server(config, ([127, 0, 0, 1], 0).into()).unwrap();
    let url = format!("quic://{}", endpoint.local_addr().unwrap());
    let (accepting, met) = (endpoint.clone(), Arc::new(AtomicU32::new(0)));
    tokio::spawn(async move {
        while let Some(incoming) = accepting.accept().await {
            let connection = incoming.await.unwrap();
            let is_rude = met.fetch_add(1, Ordering::Relaxed) < rude;
            tokio::spawn(serve(connection, is_rude));
        }
    });
    (url, endpoint)
}

/// Welcomes, and allows everything or goes away with the first question.
async fn serve(connection: quinn::Connection, is_rude: bool) {
    let (send, receive) = connection.accept_bi().await.unwrap();
    let mut desk = Desk::new(receive, send);
    desk.greet(64).await;
    while let Some(frame) = desk.next().await {
        if is_rude {
            connection.close(9_u32.into(), b"");
            return;
        }
        allow(&mut desk, &frame).await;
    }
}

async fn allow<R, W>(desk: &mut Desk<R, W>, frame: &RawFrame)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let number = frame.header.correlation;
    match Said::open(frame) {
        Ok(Said::Intent(_)) => desk.decide(number, &yes(number)).await,
        Ok(Said::Intents(all)) => {
            let decisions = (0..all.intents.len()).map(|n| yes(n as u64 + 1)).collect();
            let mut out = Vec::new();
            let all = Decisions { decisions };
            assert!(frame::push(&mut out, Kind::Decisions, number, &all));
            desk.write(&out).await;
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn over_quic_lost_answers_are_asked_for_again_on_new_connections() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (url, endpoint) = quic_gateway(dir.path(), 2);
        let settings = Settings::new(&url, TokenSource::fixed("t"))
            .ca_file(dir.path().join("ca.pem"))
            .connections(1)
            .deadline(Duration::from_secs(30));
        let client = Client::new(settings).unwrap();
        let verdict = client.ask(&Intent::letter("A", "m")).await;
        assert!(verdict.permit().is_some());
        let many: Vec<Intent> = (0..300)
            .map(|n| Intent::letter(&format!("A-{n}"), "m"))
            .collect();
        let verdicts = client.ask_all(&many).await;
        let permits = verdicts.into_iter().filter_map(Verdict::permit);
        assert_eq!(permits.count(), 300);
        endpoint.close(0_u32.into(), b"");
    });
}

#[test]
fn over_quic_nobody_there_or_somebody_else_is_a_block() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (url, endpoint) = quic_gateway(dir.path(), 0);
        let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        std::fs::write(dir.path().join("other.pem"), other.cert.pem()).unwrap();
        let settings = |url: &str| {
            Settings::new(url, TokenSource::fixed("t"))
                .ca_file(dir.path().join("other.pem"))
                .tries(2)
                .deadline(Duration::from_secs(30))
        };
        let client = Client::new(settings(&url)).unwrap();
        let verdict = client.ask(&Intent::letter("A", "m")).await;
        assert_eq!(verdict.block().unwrap().reason(), &Reason::Unreachable);
        endpoint.close(0_u32.into(), b"");
        let free = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let silent = format!("quic://{}", free.local_addr().unwrap());
        let settings = settings(&silent).deadline(Duration::from_millis(200));
        let verdict = Client::new(settings)
            .unwrap()
            .ask(&Intent::letter("A", "m"))
            .await;
        assert_eq!(verdict.block().unwrap().reason(), &Reason::Timeout);
    });
}
