//! A gateway made for tests: answers come from a thread of their own through the mailbox, as they
//! do from the committer, and the account asked for says which answer it is to be.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, bounded};
use dialgate::domain::ids::TenantNo;
use dialgate::domain::rules::RuleText;
use dialgate::domain::time::UnixSeconds;
use dialgate::domain::verdict::{Code, Findings, Gate};
use dialgate::gateway::dialers::{Dialer, WebhookPath};
use dialgate::gateway::door::{
    Answered, Caller, Chunks, Door, Errand, EventStream, Handshake, HealthKind, IngestFormat,
    Passage, Passing, Returned, RouteName, SystemError, TokenCheck, Way, Webhook,
};
use dialgate::gateway::mailbox::{Mailbox, Outlet, Ticket};
use dialgate::transport::auth::{Auth, TokenKind, sign};
use dialgate::transport::tls::{Certificate, PemFiles};
use dialgate::transport::{Listeners, Options, Serving};
use dialgate::wire::answer::Decision;
use dialgate::wire::disposition;
use dialgate::wire::head::ChainHead;
use dialgate::wire::intent::AskRequest;
use dialgate::wire::native::Native;
use dialgate::wire::problem::Problem;
use dialgate::wire::reply::Reply;
use tempfile::TempDir;

use crate::certificates::Pair;
use crate::client::{Client, Reply as Heard, Request};
use crate::protocols::Protocol;

/// 2026-05-05T18:00:00Z.
pub(crate) const NOW: UnixSeconds = UnixSeconds(1_778_004_000);
/// Longest wait for an answer that never comes; no busy machine is to make another one late.
const WAIT_MAX: Duration = Duration::from_secs(1);

type Mail = (Outlet<Answered>, Ticket, Answered);

/// What stands behind the door.
pub(crate) struct StandIn {
    wall: AtomicI64,
    mail: Sender<Mail>,
    pub(crate) asked: Mutex<Vec<(TenantNo, AskRequest)>>,
    /// Intents of each slice of a stream.
    pub(crate) slices: Mutex<Vec<usize>>,
    pub(crate) errands: Mutex<Vec<(Native, String, Vec<u8>)>>,
    /// Intents that were asked before each errand.
    pub(crate) asked_before: Mutex<Vec<usize>>,
    pub(crate) counted: Mutex<Vec<(RouteName, u16)>>,
    pub(crate) checked: Mutex<Vec<TokenCheck>>,
    pub(crate) open: AtomicUsize,
    pub(crate) turned_away: AtomicUsize,
    /// Intents that found no turn.
    pub(crate) no_turns: AtomicUsize,
    /// How long one over its share waits, while others ask.
    pub(crate) others_ask: Mutex<Option<Duration>>,
    pub(crate) handshakes: Mutex<Vec<Handshake>>,
}

/// The verdict an account's name stands for.
fn answer(account: &str, asked: &AskRequest) -> Option<Answered> {
    let mut findings = Findings::default();
    for gate in Gate::ALL {
        findings.asked(gate);
    }
    match account {
        "BLOCKED" => findings.block(Code::Cease),
        "REUSED" => return Some(Answered::KeyReused),
        "SILENT" => return None,
        _ => {}
    }
    if let Some(kind) = account.strip_prefix("FAULT-") {
        let error = SystemError::ALL.get(kind.parse::<usize>().unwrap());
        return Some(Answered::SystemError(*error.unwrap()));
    }
    if asked.intent.channel.is_none() {
        findings.block(Code::UnknownChannel);
    }
    Some(Answered::Decision(Decision {
        findings,
        audit_id: Some(482),
        evaluation_id: Some(1_537),
        next_allowed_at: None,
        expires_at: NOW.plus(86_400),
        use_by: NOW.plus(300),
        law: 0,
    }))
}

/// Releases whatever waits, then wakes, as a committer does for a frame.
fn commit(mail: &Receiver<Mail>) {
    while let Ok((outlet, ticket, answered)) = mail.recv() {
        outlet.push(ticket, answered).unwrap();
        outlet.wake();
    }
}

impl Door for StandIn {
    type Desk = Mailbox<Answered>;

    fn open_desk(self: &Arc<Self>) -> (Self::Desk, impl Future<Output = ()> + 'static) {
        let mailbox = Mailbox::new(1024);
        (mailbox.clone(), mailbox.pump(WAIT_MAX / 50))
    }

    fn tenant(&self, name: &str) -> Option<TenantNo> {
        match name {
            "demo" => Some(TenantNo(0)),
            "demo-b" => Some(TenantNo(1)),
            _ => None,
        }
    }

    fn wall(&self) -> UnixSeconds {
        UnixSeconds(self.wall.load(Ordering::Relaxed))
    }

    fn instant(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn announce(&self, _caller: &Caller, _arrived: Instant) -> Option<Duration> {
        *self.others_ask.lock().unwrap()
    }

    fn contact_intent(
        &self,
        desk: &Self::Desk,
        caller: &Caller,
        ask: AskRequest,
        arrived: Instant,
    ) -> impl Future<Output = Answered> {
        let pending = desk.register(arrived + WAIT_MAX);
        if let Ok(pending) = &pending {
            if let Some(answered) = answer(&ask.intent.account_id, &ask) {
                let mail = (desk.outlet(), pending.ticket(), answered);
                self.mail.try_send(mail).unwrap();
            }
            self.asked.lock().unwrap().push((caller.tenant, ask));
        }
        async {
            let Ok(pending) = pending else {
                return Answered::SystemError(SystemError::Overloaded);
            };
            match pending.await {
                Ok(answered) => answered,
                Err(_late) => Answered::SystemError(SystemError::CommitTimeout),
            }
        }
    }

    async fn contact_intents(
        &self,
        desk: &Self::Desk,
        caller: &Caller,
        asks: Vec<AskRequest>,
        arrived: Instant,
    ) -> Vec<Answered> {
        let mut all = Vec::new();
        for ask in asks {
            all.push(self.contact_intent(desk, caller, ask, arrived).await);
        }
        all
    }

    fn contact_slice(
        &self,
        desk: &Self::Desk,
        caller: &Caller,
        asks: Vec<AskRequest>,
        arrived: Instant,
    ) -> impl Future<Output = Vec<Answered>> {
        self.slices.lock().unwrap().push(asks.len());
        let asks = asks.into_iter();
        let submitted = asks.map(|ask| self.contact_intent(desk, caller, ask, arrived));
        let submitted: Vec<_> = submitted.collect();
        async {
            let mut all = Vec::new();
            for asked in submitted {
                all.push(asked.await);
            }
            all
        }
    }

    async fn errand(
        &self,
        _desk: &Self::Desk,
        _caller: Option<&Caller>,
        errand: Errand<'_>,
    ) -> Reply {
        if let Err(refused) = disposition::decode(&errand.body) {
            return Problem::of_field(refused).reply(errand.request_id);
        }
        let before = self.asked.lock().unwrap().len();
        self.asked_before.lock().unwrap().push(before);
        let body = errand.body.to_vec();
        let mut run = self.errands.lock().unwrap();
        run.push((errand.does, errand.segment.to_string(), body));
        Reply::json(200, r#"{"audit_id":483}"#)
    }

    fn dialers_on(&self, _path: WebhookPath<'_>) -> Vec<Arc<Dialer>> {
        Vec::new()
    }

    async fn webhook(&self, _desk: &Self::Desk, heard: Webhook<'_>) -> Reply {
        unreachable!("no dialer is known: {:?}", heard.dialer)
    }

    fn passage<'a>(&'a self, _method: &str, _path: &'a str) -> Passage<'a> {
        Passage::Nowhere
    }

    fn sends_portfolios_on(&self, _caller: &Caller) -> bool {
        false
    }

    async fn forward(
        self: &Arc<Self>,
        _desk: &Self::Desk,
        _caller: Option<&Caller>,
        way: Way<'_>,
        _passing: Passing,
    ) -> Returned {
        unreachable!("nothing leads anywhere: {way:?}")
    }

    fn floor_events(
        &self,
        _caller: &Caller,
        _query: &str,
        _last: Option<&[u8]>,
    ) -> Result<EventStream, Problem> {
        Err(Problem::new(
            404,
            "NOT_FOUND",
            "Nobody tells anything here.",
        ))
    }

    async fn ingest(
        &self,
        _caller: &Caller,
        format: IngestFormat,
        _behind: Option<ChainHead>,
        chunks: &mut impl Chunks,
        _request_id: &str,
    ) -> Reply {
        let mut bytes = 0;
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(chunk) => bytes += chunk.len(),
                Err(error) => {
                    assert!(chunks.next().await.is_none());
                    return Reply::json(413, format!("{bytes} {error:?}"));
                }
            }
        }
        Reply::json(200, format!("{format:?} {bytes}"))
    }

    fn health(&self, kind: HealthKind, caller: Option<&Caller>) -> Reply {
        let tenant = caller.map(|caller| &*caller.tenant_name);
        Reply::json(200, format!("{kind:?} {tenant:?}"))
    }

    fn metrics(&self) -> Reply {
        Reply::json(200, "metrics")
    }

    fn version(&self) -> Reply {
        Reply::json(200, "version")
    }

    fn with_rule_texts<T>(&self, _law: u64, read: impl FnOnce(&[RuleText]) -> T) -> T {
        read(&[])
    }

    fn count_answer(&self, route: RouteName, status: u16) {
        self.counted.lock().unwrap().push((route, status));
    }

    fn count_token(&self, check: TokenCheck) {
        self.checked.lock().unwrap().push(check);
    }

    fn count_handshake(&self, result: Handshake) {
        self.handshakes.lock().unwrap().push(result);
    }

    fn no_turn(&self, intents: usize) -> SystemError {
        self.no_turns.fetch_add(intents, Ordering::Relaxed);
        SystemError::Overloaded
    }

    fn count_turned_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    fn count_connections(&self, open: usize) {
        self.open.store(open, Ordering::Relaxed);
    }
}

/// A house with the stand-in behind it, listening on loopback.
pub(crate) struct House {
    pub(crate) gateway: Arc<StandIn>,
    pub(crate) auth: Arc<Auth>,
    serving: Option<Serving>,
    /// What it greets with, where it speaks TLS.
    pub(crate) greeting: Option<Greeting>,
}

/// A certificate in files that may change.
pub(crate) struct Greeting {
    pub(crate) dir: TempDir,
    pub(crate) pair: Pair,
    pub(crate) certificate: Arc<Certificate>,
}

impl Greeting {
    fn new() -> Self {
        let (dir, pair) = (tempfile::tempdir().unwrap(), Pair::new());
        pair.write(dir.path());
        let files = PemFiles {
            cert: dir.path().join("cert.pem"),
            key: dir.path().join("key.pem"),
        };
        let certificate = Arc::new(Certificate::open(files).unwrap());
        Self {
            dir,
            pair,
            certificate,
        }
    }
}

pub(crate) fn token_kind() -> TokenKind {
    TokenKind {
        secret: b"0123456789abcdef0123456789abcdef".as_slice().into(),
        issuer: "dialgate".into(),
        audience: "dialgate".into(),
    }
}

/// A token of tenant `demo` with these scopes, good for ten minutes from [`NOW`].
pub(crate) fn token(scope: &str) -> String {
    sign(&token_kind(), "demo", scope, NOW, 600).unwrap()
}

/// The same of tenant `demo-b`.
pub(crate) fn token_of_b(scope: &str) -> String {
    sign(&token_kind(), "demo-b", scope, NOW, 600).unwrap()
}

impl House {
    pub(crate) fn open() -> Self {
        Self::with(&Options::default())
    }

    pub(crate) fn with(options: &Options) -> Self {
        Self::believing(Auth::new(&token_kind()).unwrap(), options)
    }

    /// With its own idea of which tokens are good.
    pub(crate) fn believing(auth: Auth, options: &Options) -> Self {
        let (mail, post) = bounded(1024);
        std::thread::spawn(move || commit(&post));
        let gateway = Arc::new(StandIn {
            wall: AtomicI64::new(NOW.0),
            mail,
            asked: Mutex::default(),
            slices: Mutex::default(),
            errands: Mutex::default(),
            asked_before: Mutex::default(),
            counted: Mutex::default(),
            checked: Mutex::default(),
            open: AtomicUsize::new(0),
            turned_away: AtomicUsize::new(0),
            no_turns: AtomicUsize::new(0),
            others_ask: Mutex::default(),
            handshakes: Mutex::default(),
        });
        let auth = Arc::new(auth);
        let mut listeners = Listeners::bind(([127, 0, 0, 1], 0).into(), options.threads).unwrap();
        let greeting = Protocol::spoken().is_tls().then(Greeting::new);
        if let Some(greeting) = &greeting {
            listeners = listeners.greeting_with(Arc::clone(&greeting.certificate));
            if options.wants_quic() {
                listeners = listeners.with_datagrams().unwrap();
            }
        }
        let serving = listeners.serve(&gateway, &auth, options).unwrap();
        Self {
            gateway,
            auth,
            serving: Some(serving),
            greeting,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.serving.as_ref().unwrap().address()
    }

    pub(crate) fn client(&self) -> Client {
        let pair = self.greeting.as_ref().map(|greeting| &greeting.pair);
        Client::connect(self.address(), pair)
    }

    /// One request on a connection of its own.
    pub(crate) fn ask(&self, request: &Request<'_>) -> Heard {
        self.client().ask(request)
    }

    pub(crate) fn set_wall(&self, now: UnixSeconds) {
        self.gateway.wall.store(now.0, Ordering::Relaxed);
    }

    /// What listens, to be drained elsewhere.
    pub(crate) fn take_serving(&mut self) -> Serving {
        self.serving.take().unwrap()
    }

    pub(crate) fn drain(&mut self, timeout: Duration) {
        self.serving.take().unwrap().drain(timeout).unwrap();
    }
}

/// The published sample for an account.
pub(crate) fn intent(account: &str) -> String {
    format!(
        r#"{{"account_id":"{account}","phone":"(818) 555-1234","channel":"phone","action_type":"call","source_system":"five9"}}"#
    )
}

/// An intent under a token with `gate:ask`.
pub(crate) fn asking(body: impl Into<Vec<u8>>) -> Request<'static> {
    Request::new("POST", "/api/gate/contact-intent")
        .token(&token("gate:ask"))
        .json(body)
}

/// Checks the twelve fields of an answer without a decision, and its `error`.
pub(crate) fn assert_system_error(heard: &Heard, code: &str, field: Option<&str>) {
    let body = heard.json();
    assert_eq!(heard.header("content-type"), Some("application/json"));
    assert_eq!(body["allow"], false, "{body}");
    assert_eq!(body["decision"], "BLOCK");
    assert_eq!(body["reason"], "Blocked by: SYSTEM_ERROR");
    assert_eq!(body["blocked_by"], serde_json::json!(["SYSTEM_ERROR"]));
    for null in ["audit_id", "evaluation_id", "next_allowed_at", "expires_at"] {
        assert!(body[null].is_null(), "{null}");
    }
    for name in ["account_id", "tenant_id", "channel", "source_system"] {
        assert!(body.get(name).is_some(), "{name}");
    }
    assert_eq!(body.as_object().unwrap().len(), 13);
    assert_eq!(body["error"]["code"], code);
    assert_eq!(body["error"]["field"].as_str(), field);
    assert!(!body["error"]["message"].as_str().unwrap().is_empty());
    assert_eq!(
        body["error"]["request_id"].as_str(),
        heard.header("x-request-id")
    );
    assert_eq!(heard.header("dialgate-use-by"), None);
}

/// Checks an RFC 9457 document.
pub(crate) fn assert_problem(heard: &Heard, status: u16, code: &str, field: Option<&str>) {
    assert_eq!(heard.status, status);
    let body = heard.json();
    assert_eq!(
        heard.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(body["status"], status);
    assert_eq!(body["code"], code);
    assert_eq!(
        body["type"],
        format!("urn:dialgate:problem:{}", code.to_ascii_lowercase())
    );
    assert_eq!(body.get("field").and_then(serde_json::Value::as_str), field);
    assert_eq!(body["request_id"].as_str(), heard.header("x-request-id"));
}
