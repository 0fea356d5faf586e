//! An upload as a listening thread sees it: pieces are passed on to a thread of their own, which
//! reads them ([`super::intake`]), and the answer is written once all of it is durable.
//!
//! Reading records is work of milliseconds; done on a listening thread it would stand between a
//! dialer and its answer. So that thread only hands bytes over, a few pieces ahead.

use serde::Serialize;
use tokio::sync::mpsc;

use super::door::{Caller, ChunkError, Chunks, IngestFormat, SystemError};
use super::intake::{Intake, Lines, Piece};
use super::lookup;
use super::native::fault;
use super::running::Gateway;
use crate::engine::commands::PageResult;
use crate::telemetry::Ingested;
use crate::wire::head::ChainHead;
use crate::wire::ingest::Refused;
use crate::wire::problem::Problem;
use crate::wire::reply::Reply;

/// Pieces of an upload that are read from its socket before the first of them is taken up.
const PIECES_AHEAD: usize = 8;
/// Refused lines that are listed; beyond it they are only counted.
pub const REJECTED_LISTED_MAX: usize = 10_000;
/// Answer header of an upload: a durable head of the tenant's chain that stands behind all of it.
pub const HEAD: &str = "dialgate-head";

/// What became of an upload.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    pub(super) applied: u64,
    pub(super) unchanged: u64,
    rejected: Vec<Named>,
    #[serde(skip_serializing_if = "is_zero")]
    rejected_unlisted: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// One refused line.
#[derive(Debug, Serialize)]
struct Named {
    line: u32,
    field: String,
    code: String,
}

impl Summary {
    pub(super) fn reject(&mut self, line: u32, field: &str, code: &str) {
        if self.rejected.len() < REJECTED_LISTED_MAX {
            let (field, code) = (field.to_owned(), code.to_owned());
            self.rejected.push(Named { line, field, code });
        } else {
            self.rejected_unlisted += 1;
        }
    }

    pub(super) fn add(&mut self, page: PageResult) {
        self.applied += u64::from(page.applied);
        self.unchanged += u64::from(page.unchanged);
        for (line, field, why) in page.rejected {
            self.reject(line, field, &why.to_string());
        }
    }

    pub(super) fn rejected(&self) -> u64 {
        self.rejected.len() as u64 + self.rejected_unlisted
    }
}

/// Why an upload ended before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// Its bytes did not come.
    Chunk(ChunkError),
    /// It is no portfolio.
    File(Refused),
    /// The house takes nothing.
    House(SystemError),
}

impl Stop {
    fn problem(self) -> Problem {
        match self {
            Self::Chunk(ChunkError::TooLarge) => Problem::new(
                413,
                "BODY_TOO_LARGE",
                "The upload is larger than permitted.",
            ),
            Self::Chunk(ChunkError::BrokenOff) => {
                Problem::new(400, "BODY_BROKEN_OFF", "The upload broke off.")
            }
            Self::File(_refused) => {
                Problem::new(422, "FILE_REFUSED", "The file as a whole cannot be read.")
            }
            Self::House(why) => fault(why),
        }
    }
}

impl Gateway {
    /// Takes an upload in; 200 once all of it is durable. An upload that continues another one
    /// names the head its client heard last: if the chain does not hold it, the ledger is not the
    /// one that acknowledged what came before, and nothing is taken in (412).
    ///
    /// Cancellation: dropped midway, accounts already submitted stand.
    pub async fn take_in(
        &self,
        caller: &Caller,
        format: IngestFormat,
        behind: Option<ChainHead>,
        chunks: &mut impl Chunks,
        request_id: &str,
    ) -> Reply {
        if let Some(head) = behind
            && let Err(problem) = self.holds(caller, head).await
        {
            return problem.reply(request_id);
        }
        let (pieces, mut source) = mpsc::channel(PIECES_AHEAD);
        let intake = match Intake::new(self, caller) {
            Ok(intake) => intake,
            Err(why) => return fault(why).reply(request_id),
        };
        let reading =
            tokio::task::spawn_blocking(move || intake.run(format, || source.blocking_recv()));
        let broken = pass_on(chunks, &pieces).await;
        drop(pieces);
        let Ok((summary, read)) = reading.await else {
            return fault(SystemError::Internal).reply(request_id);
        };
        let read = broken.map_or(read, |why| Err(Stop::Chunk(why)));
        self.upload_told(caller, (&summary, read), request_id)
    }

    /// Takes in records that have been read already; 200 once all of them are durable.
    ///
    /// Cancellation: dropped midway, what was submitted stands.
    pub(super) async fn take_lines(
        &self,
        caller: &Caller,
        lines: Lines,
        request_id: &str,
    ) -> Reply {
        let intake = match Intake::new(self, caller) {
            Ok(intake) => intake,
            Err(why) => return fault(why).reply(request_id),
        };
        let taking = tokio::task::spawn_blocking(move || intake.take(lines));
        let Ok((summary, taken)) = taking.await else {
            return fault(SystemError::Internal).reply(request_id);
        };
        self.upload_told(caller, (&summary, taken), request_id)
    }

    /// Counts what was taken in and writes the answer.
    fn upload_told(
        &self,
        caller: &Caller,
        (summary, read): (&Summary, Result<(), Stop>),
        request_id: &str,
    ) -> Reply {
        self.count_upload(summary);
        match read {
            Ok(()) => self.taken_in(caller, summary, request_id),
            Err(Stop::File(refused)) => file_refused(&refused, summary, request_id),
            Err(stop) => stop.problem().reply(request_id),
        }
    }

    /// Counts what was taken in.
    pub(super) fn count_upload(&self, summary: &Summary) {
        let metrics = &self.metrics;
        metrics.ingested(Ingested::Applied, summary.applied);
        metrics.ingested(Ingested::Unchanged, summary.unchanged);
        metrics.ingested(Ingested::Rejected, summary.rejected());
    }

    fn taken_in(&self, caller: &Caller, summary: &Summary, request_id: &str) -> Reply {
        let Ok(body) = serde_json::to_vec(summary) else {
            return fault(SystemError::Internal).reply(request_id);
        };
        let reply = Reply::json(200, body);
        match self.head_of(caller) {
            Some(head) => reply.with(HEAD, head.to_string()),
            None => reply,
        }
    }

    /// The newest durable head of a caller's chain.
    pub(super) fn head_of(&self, caller: &Caller) -> Option<ChainHead> {
        let heads = self.running()?.status.heads();
        let (_, head) = heads.get(usize::from(caller.tenant.0))?;
        Some(ChainHead {
            seq: head.seq,
            hash: head.hash,
        })
    }

    /// Whether the tenant's chain holds a row with this hash at this place.
    pub(super) async fn holds(&self, caller: &Caller, head: ChainHead) -> Result<(), Problem> {
        let running = self
            .running()
            .ok_or_else(|| fault(SystemError::Recovering))?;
        let newest = self
            .head_of(caller)
            .ok_or_else(|| fault(SystemError::Recovering))?;
        let known = if head.seq >= newest.seq {
            head == newest
        } else {
            let (index, dir) = (
                std::sync::Arc::clone(&running.index),
                running.data_dir.clone(),
            );
            let tenant = caller.tenant;
            let look = move || lookup::hash(&index, &dir, tenant, head.seq);
            let found = tokio::task::spawn_blocking(look).await;
            found.ok().flatten() == Some(head.hash)
        };
        let unknown = "The ledger does not hold the row this upload continues from.";
        known
            .then_some(())
            .ok_or_else(|| Problem::new(412, "HEAD_UNKNOWN", unknown))
    }
}

/// Passes pieces on to their end, or until nobody takes them; why they broke off, if they did.
async fn pass_on(chunks: &mut impl Chunks, pieces: &mpsc::Sender<Piece>) -> Option<ChunkError> {
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Err(why) => return Some(why),
            Ok(bytes) => pieces.send(Piece::Bytes(bytes)).await.ok()?,
        }
    }
    // Nobody to tell it to: the reading has ended with a fault of its own.
    drop(pieces.send(Piece::End).await);
    None
}

/// A file that cannot be read as a whole names its column or place as a refused line does.
fn file_refused(refused: &Refused, summary: &Summary, request_id: &str) -> Reply {
    let body = serde_json::json!({
        "type": "about:blank", "title": "The file as a whole cannot be read.", "status": 422,
        "code": refused.0.code.as_str(), "field": refused.0.field,
        "applied": summary.applied, "request_id": request_id,
    });
    let mut reply = Reply::json(422, body.to_string().into_bytes());
    reply.content_type = crate::wire::reply::PROBLEM_JSON;
    reply
}
