//! A client that speaks frames by hand, so that it can also speak them wrongly.

use std::borrow::Cow;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dialgate::domain::time::UnixSeconds;
use dialgate::domain::verdict::Gate;
use dialgate::transport::Options;
use dialgate::wire::frame::{
    ALPN, ArchivedDecision, ArchivedFailure, Disposition, FrameReader, Hello, Intent, Intents,
    Kind, RawFrame, Reason, Told, push, push_empty,
};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{Connection, ConnectionError, RecvStream, SendStream, VarInt};
use serde_json::{Value, json};

use crate::certificates::Pair;
use crate::protocols::Protocol;
use crate::stand_in::{House, token};

/// Longest silence of the server before a test fails.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// What is waited for, if it comes before a test fails.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(SILENCE_MAX, what).await;
    waited.expect("the server is silent")
}

/// A house that speaks frames, and what a case does with it.
pub(crate) fn framing(options: &Options, case: impl AsyncFnOnce(&mut House)) {
    Protocol::Http1Tls.during(|| believing(House::with(options), case));
}

/// The same of a house with its own idea of which tokens are good.
pub(crate) fn believing(mut house: House, case: impl AsyncFnOnce(&mut House)) {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(case(&mut house));
}

/// A connection to the house.
pub(crate) async fn connect(house: &House) -> Connection {
    connect_with(house, |_| {}).await
}

/// The same with bounds of its own.
pub(crate) async fn connect_with(
    house: &House,
    change: impl FnOnce(&mut quinn::TransportConfig),
) -> Connection {
    let pair = &house.greeting.as_ref().unwrap().pair;
    let tls = QuicClientConfig::try_from(pair.client(&[ALPN])).unwrap();
    let mut config = quinn::ClientConfig::new(Arc::new(tls));
    let mut transport = quinn::TransportConfig::default();
    change(&mut transport);
    config.transport_config(Arc::new(transport));
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let endpoint = quinn::Endpoint::client(any).unwrap();
    let name = Pair::name().to_str().into_owned();
    let connecting = endpoint.connect_with(config, house.address(), &name);
    soon(connecting.unwrap()).await.unwrap()
}

/// Why the house closed a connection.
pub(crate) async fn closed(connection: &Connection) -> Option<Reason> {
    match soon(connection.closed()).await {
        ConnectionError::ApplicationClosed(close) => Reason::of(close.error_code.into_inner()),
        other => panic!("{other}"),
    }
}

/// One stream.
pub(crate) struct Line {
    pub(crate) send: SendStream,
    pub(crate) recv: RecvStream,
    reader: FrameReader,
}

impl Line {
    /// A stream nothing was said on.
    pub(crate) async fn open(connection: &Connection) -> Self {
        let (send, recv) = soon(connection.open_bi()).await.unwrap();
        Self {
            send,
            recv,
            reader: FrameReader::default(),
        }
    }

    /// A stream whose hello was welcomed.
    pub(crate) async fn welcomed(connection: &Connection, scope: &str) -> Self {
        let mut line = Self::open(connection).await;
        line.say(hello(0, &token(scope))).await;
        let frame = line.hear().await;
        assert_eq!(frame.header.kind, Kind::Welcome, "{:?}", error(&frame));
        line
    }

    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        soon(self.send.write_all(bytes.as_ref())).await.unwrap();
    }

    /// The next frame; `None` at the end of the stream.
    pub(crate) async fn hear_any(&mut self) -> Option<RawFrame> {
        loop {
            if let Some(frame) = self.reader.next_frame().unwrap() {
                return Some(frame);
            }
            let chunk = soon(self.recv.read_chunk(usize::MAX, true)).await.unwrap();
            let Some(chunk) = chunk else {
                assert!(self.reader.at_boundary(), "the stream ends within a frame");
                return None;
            };
            self.reader.take(chunk.bytes);
        }
    }

    pub(crate) async fn hear(&mut self) -> RawFrame {
        self.hear_any().await.expect("the stream has ended")
    }

    /// Everything to the end of the stream.
    pub(crate) async fn rest(&mut self) -> Vec<RawFrame> {
        let mut all = Vec::new();
        while let Some(frame) = self.hear_any().await {
            all.push(frame);
        }
        all
    }

    /// Why the house wants to hear no more of the stream.
    pub(crate) async fn stopped(&mut self) -> Option<Reason> {
        let code = soon(self.send.stopped()).await.unwrap();
        code.map(VarInt::into_inner).and_then(Reason::of)
    }
}

/// The published sample for an account.
pub(crate) fn intent(account: &str) -> Intent<'_> {
    Intent {
        account_id: Some(account.into()),
        phone: Some("(818) 555-1234".into()),
        channel: Some("phone".into()),
        action_type: Some("call".into()),
        source_system: Some("five9".into()),
        ..Intent::default()
    }
}

pub(crate) fn hello(correlation: u64, token: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let hello = Hello {
        token: token.into(),
        agent: "test".into(),
    };
    assert!(push(&mut out, Kind::Hello, correlation, &hello));
    out
}

pub(crate) fn ping(correlation: u64) -> Vec<u8> {
    let mut out = Vec::new();
    push_empty(&mut out, Kind::Ping, correlation);
    out
}

pub(crate) fn asking(correlation: u64, intent: &Intent<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    assert!(push(&mut out, Kind::Intent, correlation, intent));
    out
}

pub(crate) fn batch(correlation: u64, intents: &[Intent<'_>]) -> Vec<u8> {
    let payload = |intent| asking(0, intent).split_off(16);
    let intents = intents.iter().map(payload).collect();
    let mut out = Vec::new();
    let batch = Intents { intents };
    assert!(push(&mut out, Kind::Intents, correlation, &batch));
    out
}

/// What a failure says.
pub(crate) fn failure(told: &ArchivedFailure<'static>) -> (String, Option<String>) {
    let field = told.field.as_ref().map(|field| field.as_str().to_owned());
    assert!(!told.message.is_empty());
    (told.code.as_str().to_owned(), field)
}

/// What an error frame says.
pub(crate) fn error(frame: &RawFrame) -> Option<(String, Option<String>)> {
    match Told::open(frame).unwrap() {
        Told::Error(told) => Some(failure(told)),
        _ => None,
    }
}

/// The decision of a frame, as the twelve published fields and, without a decision, `error`: what HTTP
/// would have said, as a client puts it together.
pub(crate) fn published(frame: &RawFrame, asked: &Intent<'_>, tenant: &str) -> Value {
    match Told::open(frame).unwrap() {
        Told::Decision(told) => fields(told, asked, tenant),
        other => panic!("no decision: {other:?}, {:?}", error(frame)),
    }
}

/// The same of the decisions of a batch.
pub(crate) fn all_published(frame: &RawFrame, asked: &[Intent<'_>], tenant: &str) -> Vec<Value> {
    let Told::Decisions(told) = Told::open(frame).unwrap() else {
        panic!("no decisions: {:?}", error(frame));
    };
    assert_eq!(told.decisions.len(), asked.len());
    let both = told.decisions.iter().zip(asked);
    both.map(|(told, asked)| fields(told, asked, tenant))
        .collect()
}

fn fields(told: &ArchivedDecision<'static>, asked: &Intent<'_>, tenant: &str) -> Value {
    let blocked = told.blocked.to_native();
    let mut gates: Vec<&str> = (Gate::ALL.iter())
        .filter(|gate| gate.bit() & blocked != 0)
        .map(|gate| gate.as_str())
        .collect();
    if told.error.is_some() {
        gates = vec!["SYSTEM_ERROR"];
    }
    assert_eq!(told.allow, gates.is_empty());
    assert_eq!(told.allow, told.use_by.is_some());
    let at = |instant: Option<i64>| instant.map(|at| UnixSeconds(at).rfc3339().as_str().to_owned());
    let text = |text: &Option<Cow<'_, str>>| text.clone().map(Cow::into_owned);
    let decided = told.error.is_none();
    let mut all = json!({
        "allow": told.allow,
        "decision": if told.allow { "ALLOW" } else { "BLOCK" },
        "reason": if told.allow { "Allowed".to_owned() } else { format!("Blocked by: {}", gates.join(", ")) },
        "blocked_by": gates,
        "audit_id": told.audit_id.as_ref().map(|id| id.to_native()),
        "evaluation_id": told.evaluation_id.as_ref().map(|id| id.to_native()),
        "account_id": text(&asked.account_id),
        "tenant_id": tenant,
        "channel": text(&asked.channel),
        "source_system": text(&asked.source_system),
        "next_allowed_at": at(told.next_allowed_at.as_ref().map(|at| at.to_native())),
        "expires_at": at(told.expires_at.as_ref().map(|at| at.to_native())),
    });
    if let Some(told) = told.error.as_ref() {
        let (code, field) = failure(told);
        all["error"] = json!({"code": code, "field": field, "message": told.message.as_str()});
    }
    assert!(decided || told.audit_id.is_none());
    all
}

/// A disposition, as `POST /api/compliance/record-attempt` takes it.
pub(crate) fn disposition(correlation: u64, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let said = Disposition { body: body.into() };
    assert!(push(&mut out, Kind::Disposition, correlation, &said));
    out
}

/// The status and body a disposition was answered with.
pub(crate) fn reported(frame: &RawFrame) -> (u16, Value) {
    match Told::open(frame).unwrap() {
        Told::Reported(told) => {
            let body = serde_json::from_slice(&told.body).unwrap();
            (told.status.to_native(), body)
        }
        other => panic!("no report: {other:?}"),
    }
}

/// The accounts the gate was asked about, in their order.
pub(crate) fn accounts_asked(house: &House) -> Vec<String> {
    let asked = house.gateway.asked.lock().unwrap();
    let accounts = asked.iter().map(|(_, ask)| &*ask.intent.account_id);
    accounts.map(str::to_owned).collect()
}
