//! The door between transports and the gateway: all that a listener may ask.
//!
//! A transport knows requests and answers, never engine or ledger. Tests put a stand-in behind the
//! same door, so that listeners are tested with nothing behind them.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::dialers::{Dialer, WebhookPath};
use crate::domain::ids::TenantNo;
use crate::domain::rules::RuleText;
use crate::domain::time::UnixSeconds;
use crate::wire::answer::{Decision, Fault};
use crate::wire::dialer::Encoding;
use crate::wire::head::ChainHead;
use crate::wire::ingest::ListEdit;
use crate::wire::intent::AskRequest;
use crate::wire::native::Native;
use crate::wire::problem::Problem;
use crate::wire::reply::Reply;
use crate::wire::scopes::Scopes;

/// A route's template: what logs and metrics may name.
pub use crate::telemetry::Route as RouteName;
/// How a credential was checked, as metrics count it.
pub use crate::telemetry::TokenCheck;

/// Events of one listener.
pub use super::floor::EventStream;

/// What is forwarded, and what comes back.
pub use super::sor::{Passage, Passing, Returned, Way};
pub use crate::sor::upstream::{BodyFault, Inbound, Outbound};

/// How a TLS handshake came out.
pub use crate::telemetry::Handshake;

/// Who asks: proved by a verified credential, never by anything in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant.
    pub tenant: TenantNo,
    /// The tenant's name as answers spell it.
    pub tenant_name: Arc<str>,
    /// What the credential allows.
    pub scopes: Scopes,
}

/// Stands for a declared tenant while the ledger is still being read, before tenants have their
/// numbers. Holds for the request that got it and is never remembered.
pub const TENANT_RECOVERING: TenantNo = TenantNo(u16::MAX);

/// What became of an intent.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// Decided and on record.
    Decision(Decision),
    /// Not decided, or not known to be on record: 200 BLOCK `SYSTEM_ERROR`.
    SystemError(SystemError),
    /// The idempotency key belongs to another body: 422.
    KeyReused,
}

/// Why there is no decision although the request was in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemError {
    /// The inbox, or the tenant's share of it, is full.
    Overloaded,
    /// `deadline_ms` passed before the engine took the intent up.
    DeadlinePassed,
    /// The row was not durable within `commit_wait_max_ms`; the reservation stays.
    CommitTimeout,
    /// The ledger takes nothing more.
    Sealed,
    /// Start-up is not finished.
    Recovering,
    /// A fault of the house.
    Internal,
}

impl SystemError {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Overloaded,
        Self::DeadlinePassed,
        Self::CommitTimeout,
        Self::Sealed,
        Self::Recovering,
        Self::Internal,
    ];

    /// What the caller is told.
    pub const fn fault(self) -> Fault {
        let (code, message) = match self {
            Self::Overloaded => (
                "OVERLOADED",
                "More is waiting than can be answered in time.",
            ),
            Self::DeadlinePassed => ("DEADLINE_PASSED", "The deadline passed before a decision."),
            Self::CommitTimeout => ("COMMIT_TIMEOUT", "The decision was not durable in time."),
            Self::Sealed => ("SEALED", "The ledger is sealed and takes no rows."),
            Self::Recovering => ("RECOVERING", "The gateway is still reading its ledger."),
            Self::Internal => ("INTERNAL", "The gateway has a fault."),
        };
        Fault {
            code,
            field: None,
            message,
        }
    }
}

/// How a portfolio is spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IngestFormat {
    /// An array, an object with `records`, or one object a line: its first bytes tell.
    Json,
    /// One object a line, whatever the first bytes look like.
    Lines,
    /// A header row and one row a line.
    Csv,
    /// The same, of numbers that go on the do-not-call list or come off it.
    Numbers(ListEdit),
}

/// Why the pieces of a body stop before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// More than `ingest_bytes_max`.
    #[error("the body is larger than permitted")]
    TooLarge,
    /// The client broke off or framed the body wrongly.
    #[error("the body broke off")]
    BrokenOff,
}

/// A body in pieces.
pub trait Chunks {
    /// The next piece; `None` at the end, and after an error.
    ///
    /// Cancellation safe: a dropped future loses no piece.
    fn next(&mut self) -> impl Future<Output = Option<Result<Bytes, ChunkError>>>;
}

/// Which health is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthKind {
    /// `/api/health`.
    Summary,
    /// `/api/health/liveness`: the process runs.
    Liveness,
    /// `/api/health/readiness`: it decides.
    Readiness,
    /// `/api/health/deep`: every subsystem.
    Deep,
}

/// A request of a native route that was admitted and read.
#[derive(Debug, Clone)]
pub struct Errand<'r> {
    /// What is asked for.
    pub does: Native,
    /// The path's parameter, decoded, at most
    /// [`CALLER_TEXT_BYTES_MAX`](crate::wire::limits::CALLER_TEXT_BYTES_MAX) bytes; empty when the
    /// route has none.
    pub segment: Box<str>,
    /// The query as it came, without the question mark.
    pub query: &'r str,
    /// The body, whole; empty when the route takes none.
    pub body: Bytes,
    /// The request's id.
    pub request_id: &'r str,
    /// When its head was there.
    pub arrived: Instant,
}

/// A report that a dialer sent of itself, whose credential was checked.
#[derive(Debug, Clone)]
pub struct Webhook<'r> {
    /// Who sent it.
    pub dialer: Arc<Dialer>,
    /// Whose it is.
    pub tenant: TenantNo,
    /// How the body is written.
    pub encoding: Encoding,
    /// The message's id, where it was signed with one.
    pub message_id: Option<&'r str>,
    /// The body, whole.
    pub body: Bytes,
    /// The request's id.
    pub request_id: &'r str,
    /// When its head was there.
    pub arrived: Instant,
}

/// What transports ask of the gateway.
///
/// Futures run on the listening thread that made them and may be dropped at any await, because
/// clients go away: what was submitted to the engine stands.
pub trait Door: Send + Sync + 'static {
    /// What one listening thread keeps of the gateway: its mailbox.
    type Desk: 'static;

    /// Opens a desk on the calling thread. The second part runs there for as long as the thread
    /// listens; it hands arriving answers to the requests that wait for them.
    fn open_desk(self: &Arc<Self>) -> (Self::Desk, impl Future<Output = ()> + 'static);

    /// The declared tenant of this name; [`TENANT_RECOVERING`] while recovering.
    fn tenant(&self, name: &str) -> Option<TenantNo>;

    /// Wall time of the machine: what credentials are checked against.
    fn wall(&self) -> UnixSeconds;

    /// A monotonic instant: what deadlines are measured with.
    fn instant(&self) -> Instant;

    /// Notes that the caller's tenant asks for a decision. While other tenants do, too, it has to keep
    /// to its share, and this is how long one over it may be kept waiting.
    fn announce(&self, caller: &Caller, arrived: Instant) -> Option<Duration>;

    /// Decides an intent; the answer is durable. Dropped after submission: the row and its
    /// reservation stand, nobody hears of them.
    fn contact_intent(
        &self,
        desk: &Self::Desk,
        caller: &Caller,
        ask: AskRequest,
        arrived: Instant,
    ) -> impl Future<Output = Answered>;

    /// Decides the intents of a batch, each on its own: one answer an intent, in their order. Dropped
    /// midway: what was submitted stands, nobody hears of it.
    fn contact_intents(
        &self,
        desk: &Self::Desk,
        caller: &Caller,
        asks: Vec<AskRequest>,
        arrived: Instant,
    ) -> impl Future<Output = Vec<Answered>>;

    /// Decides up to [`SLICE_INTENTS_MAX`](crate::wire::limits::SLICE_INTENTS_MAX) intents that came
    /// together on one stream: live work, as single intents are, with one place in the inbox and one
    /// wake-up for all. One answer an intent, in their order.
    ///
    /// The intents are submitted within the call, before the future is polled: calls made one after
    /// another are decided in that order, whoever waits for them first. Only intents of an account
    /// that has to be read first are decided later. `arrived` begins the deadline of all of them.
    /// Dropped, polled or not: what was submitted stands, nobody hears of it.
    fn contact_slice(
        &self,
        desk: &Self::Desk,
        caller: &Caller,
        asks: Vec<AskRequest>,
        arrived: Instant,
    ) -> impl Future<Output = Vec<Answered>>;

    /// Answers a native route besides the gate's own. `caller` is `None` only where the route is
    /// open to everybody. Dropped midway: what was submitted to the engine stands.
    fn errand(
        &self,
        desk: &Self::Desk,
        caller: Option<&Caller>,
        errand: Errand<'_>,
    ) -> impl Future<Output = Reply>;

    /// The open dialers a webhook's path stands for, whichever tenant's; boundedly many.
    fn dialers_on(&self, path: WebhookPath<'_>) -> Vec<Arc<Dialer>>;

    /// Takes a dialer's report; answered once durable. Dropped midway: what was submitted to the
    /// engine stands.
    fn webhook(&self, desk: &Self::Desk, heard: Webhook<'_>) -> impl Future<Output = Reply>;

    /// What a method and a path lead to that nothing native answers.
    fn passage<'a>(&'a self, method: &str, path: &'a str) -> Passage<'a>;

    /// Whether a caller's portfolios go to a system of record.
    fn sends_portfolios_on(&self, caller: &Caller) -> bool;

    /// Forwards a call to the tenant's system of record. `caller` is `None` only where the way is open
    /// to everybody. Dropped midway: a call that is guarded or tapped goes on to its end.
    fn forward(
        self: &Arc<Self>,
        desk: &Self::Desk,
        caller: Option<&Caller>,
        way: Way<'_>,
        passing: Passing,
    ) -> impl Future<Output = Returned>;

    /// Listens to what happens to the tenant's accounts. `query` filters, `last` is the id of the
    /// last event that was heard.
    ///
    /// # Errors
    /// A [`Problem`]: the query or id is refused, or there is no room for one more listener.
    fn floor_events(
        &self,
        caller: &Caller,
        query: &str,
        last: Option<&[u8]>,
    ) -> Result<EventStream, Problem>;

    /// Takes facts in; those that continue an earlier upload only behind the head that one was told.
    /// Dropped midway: accounts already submitted stand.
    fn ingest(
        &self,
        caller: &Caller,
        format: IngestFormat,
        behind: Option<ChainHead>,
        chunks: &mut impl Chunks,
        request_id: &str,
    ) -> impl Future<Output = Reply>;

    /// Health; with a caller, of that tenant too.
    fn health(&self, kind: HealthKind, caller: Option<&Caller>) -> Reply;

    /// The metrics page.
    fn metrics(&self) -> Reply;

    /// Version of program, pack and semantics.
    fn version(&self) -> Reply;

    /// The texts of the pack that decided, in order of rule number; none when it is long out of
    /// force. `law` is [`Decision::law`].
    fn with_rule_texts<T>(&self, law: u64, read: impl FnOnce(&[RuleText]) -> T) -> T;

    /// Counts an answered request.
    fn count_answer(&self, route: RouteName, status: u16);

    /// Counts a checked credential.
    fn count_token(&self, check: TokenCheck);

    /// Counts a TLS handshake.
    fn count_handshake(&self, result: Handshake);

    /// Counts intents that found no turn; what they are answered.
    fn no_turn(&self, intents: usize) -> SystemError;

    /// Counts a connection that was one too many.
    fn count_turned_away(&self);

    /// Tells how many connections are open.
    fn count_connections(&self, open: usize);
}
