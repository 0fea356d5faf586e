//! Facts coming in: lines to pages, pages to the engine's bulk lane, answers once durable.
//!
//! A few pages of one upload are under way at a time, so that parsing, deciding and committing
//! overlap; the lane is bounded, so an upload that is faster than the disk waits.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::door::{Caller, ChunkError, Chunks, IngestFormat, SystemError, TENANT_RECOVERING};
use super::inbox::Shed;
use super::mailbox::{Mailbox, Pending};
use super::outcome::fault;
use super::running::Gateway;
use super::subject;
use super::work::{Delivered, Job, ReplyTo, Work};
use crate::domain::record::{KillRecord, Line};
use crate::engine::Administered;
use crate::engine::commands::{Admin, FactsPage, Item, PageResult, SealedSubject, Stated};
use crate::telemetry::Ingested;
use crate::wire::ingest::{CsvReader, JsonReader, Numbered, Refused, Rejected};
use crate::wire::json_text::push_string;
use crate::wire::problem::Problem;
use crate::wire::record;
use crate::wire::reply::Reply;
use crate::wire::scopes::Scope;

/// Records of a page; small enough that a page holds live work up for well under a millisecond.
const PAGE_ITEMS: usize = 64;
/// Pages of one upload under way at a time.
const PAGES_AHEAD: usize = 4;
/// How long a page may wait for its commit before the upload is given up.
const PAGE_WAIT_MAX: Duration = Duration::from_secs(30);
/// Pause before a full lane is tried again.
const LANE_RETRY: Duration = Duration::from_millis(2);
/// Refused lines that are listed; beyond it they are only counted.
pub const REJECTED_LISTED_MAX: usize = 10_000;

/// What became of an upload.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    applied: u64,
    unchanged: u64,
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
    fn reject(&mut self, line: u32, field: String, code: String) {
        if self.rejected.len() < REJECTED_LISTED_MAX {
            self.rejected.push(Named { line, field, code });
        } else {
            self.rejected_unlisted += 1;
        }
    }

    fn add(&mut self, page: PageResult) {
        self.applied += u64::from(page.applied);
        self.unchanged += u64::from(page.unchanged);
        for (line, field, why) in page.rejected {
            self.reject(line, field.to_owned(), why.to_string());
        }
    }
}

enum Reader {
    Json(JsonReader),
    Csv(Box<CsvReader>),
}

impl Reader {
    fn push(
        &mut self,
        chunk: &[u8],
        out: &mut Vec<Result<Numbered, Rejected>>,
    ) -> Result<(), Refused> {
        let mut sink = |line| out.push(line);
        match self {
            Self::Json(reader) => reader.push(chunk, &mut sink),
            Self::Csv(reader) => reader.push(chunk, &mut sink),
        }
    }

    fn finish(&mut self, out: &mut Vec<Result<Numbered, Rejected>>) -> Result<(), Refused> {
        let mut sink = |line| out.push(line);
        match self {
            Self::Json(reader) => reader.finish(&mut sink),
            Self::Csv(reader) => reader.finish(&mut sink),
        }
    }
}

/// Why an upload ended before its end.
enum Stop {
    Chunk(ChunkError),
    File(Refused),
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

struct Upload<'a> {
    gateway: &'a Gateway,
    desk: &'a Mailbox<Delivered>,
    caller: &'a Caller,
    items: Vec<Item>,
    ahead: VecDeque<Pending<Delivered>>,
    summary: Summary,
}

impl Gateway {
    /// Takes an upload in; 200 once all of it is durable.
    ///
    /// Cancellation: dropped midway, pages already submitted stand.
    pub async fn take_in(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        format: IngestFormat,
        chunks: &mut impl Chunks,
        request_id: &str,
    ) -> Reply {
        let mut upload = Upload {
            gateway: self,
            desk,
            caller,
            items: Vec::with_capacity(PAGE_ITEMS),
            ahead: VecDeque::new(),
            summary: Summary::default(),
        };
        let read = upload.read(format, chunks).await;
        // What was submitted is counted before a fault is told.
        let ended = upload.settle().await;
        let summary = &upload.summary;
        self.metrics.ingested(Ingested::Applied, summary.applied);
        self.metrics
            .ingested(Ingested::Unchanged, summary.unchanged);
        let rejected = summary.rejected.len() as u64 + summary.rejected_unlisted;
        self.metrics.ingested(Ingested::Rejected, rejected);
        match read.and(ended) {
            Ok(()) => match serde_json::to_vec(summary) {
                Ok(body) => Reply::json(200, body),
                Err(_cause) => fault(SystemError::Internal).reply(request_id),
            },
            Err(Stop::File(refused)) => file_refused(&refused, summary, request_id),
            Err(stop) => stop.problem().reply(request_id),
        }
    }
}

/// The reason given for throwing or releasing a switch, to lie beside its row.
fn sealed_reason(kill: &KillRecord) -> Result<Option<SealedSubject>, Stop> {
    let Some(reason) = &kill.reason else {
        return Ok(None);
    };
    let mut personal = vec![b'['];
    push_string(&mut personal, reason.as_str());
    personal.push(b']');
    let sealed = subject::seal(personal).map_err(|_none| Stop::House(SystemError::Internal))?;
    Ok(Some(sealed))
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

impl Upload<'_> {
    async fn read(&mut self, format: IngestFormat, chunks: &mut impl Chunks) -> Result<(), Stop> {
        let mut reader = match format {
            IngestFormat::Json => Reader::Json(JsonReader::default()),
            IngestFormat::Csv => Reader::Csv(Box::default()),
        };
        let mut lines = Vec::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(Stop::Chunk)?;
            let read = reader.push(&chunk, &mut lines);
            self.lines(&mut lines).await?;
            read.map_err(Stop::File)?;
            // Parsing is work: let the requests of this thread in between.
            tokio::task::yield_now().await;
        }
        let read = reader.finish(&mut lines);
        self.lines(&mut lines).await?;
        read.map_err(Stop::File)
    }

    async fn lines(&mut self, lines: &mut Vec<Result<Numbered, Rejected>>) -> Result<(), Stop> {
        for line in lines.drain(..) {
            match line {
                Err(rejected) => {
                    let fault = rejected.fault;
                    let field = fault.field.into_owned();
                    self.summary
                        .reject(rejected.line, field, fault.code.as_str().to_owned());
                }
                Ok(Numbered {
                    line,
                    record: Line::Account(record),
                }) => {
                    self.item(line, Stated::Account(record)).await?;
                }
                Ok(Numbered {
                    line,
                    record: Line::Contact(fact),
                }) => {
                    self.item(line, Stated::Contact(fact)).await?;
                }
                Ok(Numbered {
                    line,
                    record: Line::Kill(kill),
                }) => {
                    let reason = sealed_reason(&kill)?;
                    self.admin(line, Admin::Kill(kill, reason)).await?;
                }
                Ok(Numbered {
                    line,
                    record: Line::ClockAccept,
                }) => {
                    self.admin(line, Admin::ClockAccept).await?;
                }
            }
        }
        Ok(())
    }

    async fn item(&mut self, line: u32, what: Stated) -> Result<(), Stop> {
        let (mut body, mut personal) = (Vec::with_capacity(256), Vec::with_capacity(128));
        let internal = || Stop::House(SystemError::Internal);
        let written = match &what {
            Stated::Account(record) => record::write(record, &mut body, &mut personal),
            Stated::Contact(fact) => record::write(fact, &mut body, &mut personal),
        };
        written.map_err(|_cause| internal())?;
        let subject = subject::seal(personal).map_err(|_cause| internal())?;
        self.items.push(Item {
            line,
            what,
            body,
            subject,
        });
        if self.items.len() >= PAGE_ITEMS {
            self.page().await
        } else {
            Ok(())
        }
    }

    /// Sends the page that is full.
    async fn page(&mut self) -> Result<(), Stop> {
        if self.items.is_empty() {
            return Ok(());
        }
        while self.ahead.len() >= PAGES_AHEAD {
            self.first().await?;
        }
        let items = std::mem::replace(&mut self.items, Vec::with_capacity(PAGE_ITEMS));
        let page = FactsPage {
            tenant: self.caller.tenant,
            items,
        };
        let running = self
            .gateway
            .running()
            .ok_or(Stop::House(SystemError::Recovering))?;
        if self.caller.tenant == TENANT_RECOVERING {
            return Err(Stop::House(SystemError::Recovering));
        }
        if running.status.sealed() {
            return Err(Stop::House(SystemError::Sealed));
        }
        let give_up = self.gateway.clock.instant() + PAGE_WAIT_MAX;
        let waiting = self.desk.register(give_up);
        let waiting = waiting.map_err(|_full| Stop::House(SystemError::Overloaded))?;
        let reply = ReplyTo::Desk(self.desk.outlet(), waiting.ticket());
        let mut job = Job {
            work: Work::Page(page),
            deadline: None,
            reply,
        };
        loop {
            match running.inbox.bulk(job) {
                Ok(()) => break,
                Err((back, Shed::Full)) if self.gateway.clock.instant() < give_up => job = *back,
                Err(_refused) => {
                    waiting.withdraw();
                    return Err(Stop::House(SystemError::Overloaded));
                }
            }
            tokio::time::sleep(LANE_RETRY).await;
        }
        self.ahead.push_back(waiting);
        Ok(())
    }

    /// Waits for the oldest page under way.
    async fn first(&mut self) -> Result<(), Stop> {
        let Some(waiting) = self.ahead.pop_front() else {
            return Ok(());
        };
        match waiting.await {
            Ok(Delivered::Page(result)) => self.summary.add(result),
            Ok(Delivered::Refused(why)) => return Err(Stop::House(why)),
            Ok(_) => return Err(Stop::House(SystemError::Internal)),
            Err(_none) => return Err(Stop::House(SystemError::CommitTimeout)),
        }
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), Stop> {
        self.page().await?;
        while !self.ahead.is_empty() {
            self.first().await?;
        }
        Ok(())
    }

    /// A switch or the clock: after everything before it in the file.
    async fn admin(&mut self, line: u32, admin: Admin) -> Result<(), Stop> {
        if !self.caller.scopes.has(Scope::Admin) {
            self.summary
                .reject(line, "record".to_owned(), "FORBIDDEN".to_owned());
            return Ok(());
        }
        self.settle().await?;
        let work = Work::Admin(self.caller.tenant, admin);
        let arrived: Instant = self.gateway.clock.instant();
        match self.gateway.submit(self.desk, work, arrived).await {
            Delivered::Administered(Administered::Applied(_)) => self.summary.applied += 1,
            Delivered::Administered(Administered::Unchanged) => self.summary.unchanged += 1,
            Delivered::Administered(Administered::UnknownValue) => {
                self.summary
                    .reject(line, "value".to_owned(), "UNKNOWN_WORD".to_owned());
            }
            Delivered::Administered(Administered::ReasonMissing) => {
                self.summary
                    .reject(line, "reason".to_owned(), "LIFT_NEEDS_REASON".to_owned());
            }
            Delivered::Refused(why) => return Err(Stop::House(why)),
            _ => return Err(Stop::House(SystemError::Internal)),
        }
        Ok(())
    }
}
