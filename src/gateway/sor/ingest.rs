//! A portfolio on its way to the system of record: forwarded while it is kept, what restricts put on
//! record as it comes, the rest taken in once the system has it.
//!
//! Invariants
//! - INGEST-SOR-1: nothing that permits is taken in before the system has confirmed the upload. That a
//!   number is wrong restricts and is not waited for, though past calls to it leave its person's counts.
//! - INGEST-SOR-2: what restricts stays, whatever the system answers: it is stricter than needed at
//!   worst.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::{BodyExt as _, Limited};
use tokio::sync::{mpsc, oneshot};

use super::binding::Binding;
use super::desk::Desk;
use super::forward::{manner, passed_on, refused, unanswered};
use super::multipart::Multipart;
use super::passage::{Passing, Returned};
use super::spool::{Spool, SpoolError, Spooled, nameless};
use super::steps::{ANSWER_LOST, ENCODED, TOO_LARGE, is_encoded};
use super::tee::Tee;
use crate::gateway::door::{Caller, IngestFormat, SystemError};
use crate::gateway::intake::{Intake, Piece, Reader};
use crate::gateway::native::fault;
use crate::gateway::running::Gateway;
use crate::gateway::take_in::HEAD;
use crate::sor::call::Heard;
use crate::sor::catalogue::Route;
use crate::sor::dialect::Verdict;
use crate::sor::route::{Duty, System};
use crate::sor::upstream::{Inbound, Outbound};
use crate::wire::head::ChainHead;
use crate::wire::limits::HEARD_BYTES_MAX;
use crate::wire::problem::Problem;

/// Pieces read from a client before the first of them is kept.
const PIECES_AHEAD: usize = 8;
/// Request header of an upload: only behind this head.
const IF_HEAD: &str = "dialgate-if-head";
/// Answer header: records that changed something in the gate.
const APPLIED: HeaderName = HeaderName::from_static("dialgate-applied");
/// Answer header: lines the gate could not take in.
const REJECTED: HeaderName = HeaderName::from_static("dialgate-rejected");

const NOT_KEPT: Problem = Problem::new(
    503,
    "UPLOAD_NOT_KEPT",
    "The upload could not be kept for the gate; it was broken off.",
);
const NOT_RECORDED: Problem = Problem::new(
    503,
    "RESTRICTION_NOT_RECORDED",
    "What the upload restricts could not be put on record; it was broken off.",
);
const HEADER_INVALID: Problem = Problem::new(
    400,
    "HEADER_INVALID",
    "The head to continue from cannot be read.",
);

/// Whether a route takes portfolios.
pub(super) fn is_upload(route: &Route) -> bool {
    matches!(route.duty, Some(Duty::IngestCsv | Duty::IngestJson))
}

/// How a route's portfolio is read; `None` where it takes none.
pub(super) fn format_of(route: &Route, headers: &HeaderMap) -> Option<IngestFormat> {
    match route.duty? {
        Duty::IngestCsv => Some(IngestFormat::Csv),
        Duty::IngestJson => {
            let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
            let lines = kind.is_some_and(|kind| kind.starts_with(b"application/x-ndjson"));
            Some(if lines {
                IngestFormat::Lines
            } else {
                IngestFormat::Json
            })
        }
        _ => None,
    }
}

impl Gateway {
    /// Whether a caller's portfolios go to a system of record.
    pub(in crate::gateway) fn uploads_go_on(&self, caller: &Caller) -> bool {
        let bindings = self.sor.bindings.load();
        let bound = bindings.of_tenant(&caller.tenant_name);
        bound.is_some_and(|bound| bound.system() == System::Whl)
    }
}

/// One upload.
pub(super) struct Upload {
    pub(super) gateway: Arc<Gateway>,
    pub(super) desk: Desk,
    pub(super) caller: Caller,
    pub(super) binding: Arc<Binding>,
    pub(super) route: Route,
    pub(super) format: IngestFormat,
}

impl Upload {
    /// Runs it to its end on this thread, whether or not anybody still waits for the answer.
    pub(super) async fn run(self, mut passing: Passing) -> Returned {
        if is_encoded(&passing.head.headers) {
            return refused(ENCODED, &passing);
        }
        if let Err(problem) = self.behind(&mut passing.head.headers).await {
            return refused(problem, &passing);
        }
        // The answer has to be read here.
        passing.head.headers.remove(ACCEPT_ENCODING);
        let id = passing.request_id.clone();
        let (done, result) = oneshot::channel();
        drop(tokio::task::spawn_local(async move {
            drop(done.send(Box::pin(self.whole(passing)).await));
        }));
        match result.await {
            Ok(returned) => returned,
            Err(_gone) => Returned::Own(ANSWER_LOST.reply(id.to_str().unwrap_or_default())),
        }
    }

    /// An upload that continues another one goes on only behind the head its client heard last.
    async fn behind(&self, headers: &mut HeaderMap) -> Result<(), Problem> {
        let Some(sent) = headers.remove(IF_HEAD) else {
            return Ok(());
        };
        let head = sent.to_str().ok().and_then(ChainHead::parse);
        let head = head.ok_or(HEADER_INVALID)?;
        self.gateway.holds(&self.caller, head).await
    }

    /// What facts name as their source: the system and the route's number.
    fn source(&self) -> String {
        super::steps::source_of(self.binding.system(), &self.route)
    }

    /// A spool at work: where its pieces go, and what comes of it.
    async fn spool(
        &self,
        headers: &HeaderMap,
        whole: Arc<AtomicBool>,
    ) -> Result<
        (
            mpsc::Sender<Piece>,
            tokio::task::JoinHandle<Result<Spooled, SpoolError>>,
        ),
        Problem,
    > {
        let running = self.gateway.running();
        let running = running.ok_or_else(|| fault(SystemError::Recovering))?;
        let dir = running.data_dir.clone();
        let file = tokio::task::spawn_blocking(move || nameless(&dir)).await;
        let file = match file {
            Ok(Ok(file)) => file,
            Ok(Err(error)) => {
                tracing::error!(%error, "no file for an upload");
                return Err(NOT_KEPT);
            }
            Err(_gone) => return Err(NOT_KEPT),
        };
        let kind = headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        let form = kind.and_then(Multipart::of);
        let intake = Intake::new(&self.gateway, &self.caller).map_err(fault)?;
        let keeper = (intake, self.source());
        let reader = Reader::of(self.format, self.gateway.clock.now());
        let spool = Spool::new(file, form, (keeper, self.caller.clone()), reader, whole);
        let (pieces, source) = mpsc::channel(PIECES_AHEAD);
        let keeping = tokio::task::spawn_blocking(move || spool.run(source));
        Ok((pieces, keeping))
    }

    async fn whole(self, passing: Passing) -> Returned {
        let whole = Arc::new(AtomicBool::new(false));
        let spool = self.spool(&passing.head.headers, Arc::clone(&whole));
        let (pieces, keeping) = match spool.await {
            Ok(spool) => spool,
            Err(problem) => return refused(problem, &passing),
        };
        let id = passing.request_id.clone();
        let id = id.to_str().unwrap_or_default();
        let upstream = self.binding.upstream();
        let manner = manner(&self.route, upstream.options(), Some(&self.caller));
        let too_large = Rc::new(Cell::new(false));
        let body = Tee::new(passing.body, pieces, Rc::clone(&too_large), whole);
        let request = Request::from_parts(passing.head, Outbound::Streamed(Box::pin(body)));
        let answered = match upstream.call(&self.desk.lines, request, manner).await {
            Ok(answer) => {
                let (head, body) = answer.into_parts();
                let body = Limited::new(body, HEARD_BYTES_MAX).collect().await;
                Ok((head, body.map(http_body_util::Collected::to_bytes)))
            }
            Err(error) => Err(error),
        };
        // Ends once the body was read to its end or is dropped.
        let kept = keeping.await;
        let marks = self.gateway.sor.marks();
        let tenant = self.binding.tenant();
        let (mut head, body) = match answered {
            Ok((head, Ok(body))) => (head, body),
            Ok((_, Err(_lost))) => {
                marks.all(tenant);
                return Returned::Own(ANSWER_LOST.reply(id));
            }
            Err(error) => {
                if !error.is_unsent() {
                    marks.all(tenant);
                }
                return Returned::Own(match kept {
                    _ if too_large.get() => TOO_LARGE.reply(id),
                    Ok(Err(SpoolError::NotRecorded)) => NOT_RECORDED.reply(id),
                    Ok(Err(SpoolError::File(_))) | Err(_) => NOT_KEPT.reply(id),
                    Ok(Ok(_)) => unanswered(error, id),
                });
            }
        };
        let answer = Heard {
            status: head.status.as_u16(),
            body: body.clone(),
        };
        let dialect = self.gateway.sor.dialect(self.binding.system());
        let verdict = dialect.map_or(Verdict::Unsure, |dialect| dialect.verdict(&answer));
        match (verdict, kept) {
            (Verdict::Refused, _) => {}
            (Verdict::Done, Ok(Ok(spooled))) if spooled.is_whole => {
                self.take(spooled, &mut head.headers).await;
            }
            // The system may have what the gate has not read.
            (Verdict::Done | Verdict::Unsure, _) => marks.all(tenant),
        }
        passed_on(http::Response::from_parts(head, Inbound::whole(body)))
    }

    /// Takes in what the system has, and says so in the answer's headers.
    async fn take(&self, mut spooled: Spooled, headers: &mut HeaderMap) {
        let marks = self.gateway.sor.marks();
        let Ok(intake) = Intake::new(&self.gateway, &self.caller) else {
            return marks.all(self.binding.tenant());
        };
        let intake = intake.by_route(&self.source());
        let format = self.format;
        let taking = tokio::task::spawn_blocking(move || intake.run(format, || spooled.next()));
        let Ok((summary, read)) = taking.await else {
            return marks.all(self.binding.tenant());
        };
        self.gateway.count_upload(&summary);
        if read.is_err() {
            tracing::warn!("an upload the system took could not be taken in whole");
            marks.all(self.binding.tenant());
        }
        headers.insert(APPLIED, HeaderValue::from(summary.applied));
        headers.insert(REJECTED, HeaderValue::from(summary.rejected()));
        let head = self
            .gateway
            .head_of(&self.caller)
            .map(|head| head.to_string());
        if let Some(head) = head.and_then(|head| HeaderValue::from_str(&head).ok()) {
            headers.insert(HeaderName::from_static(HEAD), head);
        }
    }
}
