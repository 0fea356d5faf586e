//! Reading an upload on a thread of its own: pieces to lines, lines to pages, pages to the engine's
//! bulk lane; a few pages ahead, so that reading, deciding and committing overlap.
//!
//! The thread steps back behind everything that answers a dialer (`nice`), and waits where it
//! likes: the lane is bounded, so an upload that is faster than the disk waits for it. While somebody asks
//! for single decisions it rests between steps ([`super::rests`]), and the engine gets no more than it reads.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crossbeam::channel::{Receiver, Sender, bounded};

use super::door::{Caller, IngestFormat, SystemError, TENANT_RECOVERING};
use super::inbox::Inbox;
use super::presence::Presence;
use super::running::{Gateway, Limits};
use super::status::GatewayStatus;
use super::subject;
use super::take_in::{Stop, Summary};
use super::work::{Delivered, Job, PageJob, ReplyTo, Work};
use crate::clock::{Clock, thread_time};
use crate::domain::record::{KillRecord, Line, Personal};
use crate::domain::time::UnixSeconds;
use crate::engine::Administered;
use crate::engine::commands::{Admin, FactsPage, Item, SealedSubject, Stated};
use crate::ledger::background;
use crate::ledger::limits::{BODY_BYTES_MAX, SUBJECT_BYTES_MAX};
use crate::wire::ingest::{
    CsvReader, JsonReader, Numbered, Refused, RejectCode, Rejected, is_the_callers,
};
use crate::wire::json_text::push_string;
use crate::wire::limits::{UPLOAD_REST_TIMES, UPLOAD_STEP_BYTES};
use crate::wire::record;
use crate::wire::scopes::Scope;

/// Records of a page. The engine thread applies a page in slices of its own measure.
const PAGE_ITEMS: usize = 64;
/// Pages of one upload under way at a time.
const PAGES_AHEAD: usize = 8;
/// How long a page may wait for room or for its commit before the upload is given up.
const PAGE_WAIT_MAX: Duration = Duration::from_secs(30);
/// A record's canonical bytes at most: a quarter of what one row takes.
const ITEM_BYTES_MAX: usize = BODY_BYTES_MAX as usize / 4;

/// What comes of an upload.
#[derive(Debug)]
pub(super) enum Piece {
    /// Bytes.
    Bytes(Bytes),
    /// The end. Without it the upload broke off, and what is not a whole line is none.
    End,
}

/// Reads lines of one format.
pub(super) enum Reader {
    Json(JsonReader),
    Csv(Box<CsvReader>),
}

/// Lines, good and refused.
pub(super) type Lines = Vec<Result<Numbered, Rejected>>;

impl Reader {
    pub(super) fn of(format: IngestFormat, now: UnixSeconds) -> Self {
        match format {
            IngestFormat::Json => Self::Json(JsonReader::default()),
            IngestFormat::Lines => Self::Json(JsonReader::of_lines()),
            IngestFormat::Csv => Self::Csv(Box::default()),
            IngestFormat::Numbers(edit) => Self::Csv(Box::new(CsvReader::of_numbers(edit, now))),
        }
    }

    pub(super) fn push(&mut self, chunk: &[u8], out: &mut Lines) -> Result<(), Refused> {
        let mut sink = |line| out.push(line);
        match self {
            Self::Json(reader) => reader.push(chunk, &mut sink),
            Self::Csv(reader) => reader.push(chunk, &mut sink),
        }
    }

    pub(super) fn finish(&mut self, out: &mut Lines) -> Result<(), Refused> {
        let mut sink = |line| out.push(line);
        match self {
            Self::Json(reader) => reader.finish(&mut sink),
            Self::Csv(reader) => reader.finish(&mut sink),
        }
    }
}

/// One upload being read.
pub(super) struct Intake {
    inbox: Inbox,
    status: Arc<GatewayStatus>,
    clock: Clock,
    limits: Limits,
    caller: Caller,
    /// What every fact names as its source: the route of a system of record it came by.
    origin: Option<Personal>,
    items: Vec<Item>,
    /// Pages submitted and not answered yet; answers come in order.
    ahead: usize,
    answers: (Sender<Delivered>, Receiver<Delivered>),
    summary: Summary,
}

impl Intake {
    /// An upload of `caller`.
    ///
    /// # Errors
    /// [`SystemError::Recovering`].
    pub(super) fn new(gateway: &Gateway, caller: &Caller) -> Result<Self, SystemError> {
        let running = gateway.running().ok_or(SystemError::Recovering)?;
        if caller.tenant == TENANT_RECOVERING {
            return Err(SystemError::Recovering);
        }
        Ok(Self {
            inbox: running.inbox.clone(),
            status: Arc::clone(&running.status),
            clock: gateway.clock.clone(),
            limits: gateway.limits,
            caller: caller.clone(),
            origin: None,
            items: Vec::with_capacity(PAGE_ITEMS),
            ahead: 0,
            answers: bounded(PAGES_AHEAD),
            summary: Summary::default(),
        })
    }

    /// The same for an upload that goes to a system of record by a route: it is not told what came from
    /// its own callers.
    pub(super) fn by_route(mut self, source: &str) -> Self {
        self.origin = Some(Personal::from(source));
        self
    }

    /// Reads to the end. Blocks: for a thread that may wait.
    pub(super) fn run(
        mut self,
        format: IngestFormat,
        source: impl FnMut() -> Option<Piece>,
    ) -> (Summary, Result<(), Stop>) {
        step_back();
        let read = self.read(format, source);
        // What was submitted is counted before a fault is told.
        let ended = self.settle();
        (self.summary, read.and(ended))
    }

    /// Takes in what has been read already. Blocks: for a thread that may wait.
    pub(super) fn take(mut self, mut lines: Lines) -> (Summary, Result<(), Stop>) {
        let taken = self.lines(&mut lines);
        let ended = self.settle();
        (self.summary, taken.and(ended))
    }

    fn read(
        &mut self,
        format: IngestFormat,
        mut source: impl FnMut() -> Option<Piece>,
    ) -> Result<(), Stop> {
        let mut reader = Reader::of(format, self.clock.read().now);
        let mut lines = Vec::new();
        loop {
            let read = match source() {
                // Broken off: whoever sent the pieces tells why.
                None => return Ok(()),
                Some(Piece::Bytes(bytes)) => self.bytes(&mut reader, bytes, &mut lines)?,
                Some(Piece::End) => {
                    let read = reader.finish(&mut lines);
                    self.lines(&mut lines)?;
                    return read.map_err(Stop::File);
                }
            };
            self.lines(&mut lines)?;
            read.map_err(Stop::File)?;
        }
    }

    /// Reads a piece: at once while nobody asks for single decisions, else by steps with rests between.
    fn bytes(
        &mut self,
        reader: &mut Reader,
        mut bytes: Bytes,
        lines: &mut Lines,
    ) -> Result<Result<(), Refused>, Stop> {
        while !bytes.is_empty() {
            let beside = self.presence().anybody(self.clock.instant());
            let step = if beside {
                UPLOAD_STEP_BYTES.min(bytes.len())
            } else {
                bytes.len()
            };
            let begun = thread_time();
            let read = reader.push(&bytes.split_to(step), lines);
            self.lines(lines)?;
            if read.is_err() {
                return Ok(read);
            }
            if beside {
                let worked = thread_time().saturating_sub(begun);
                let now = self.clock.instant();
                let rest = self
                    .presence()
                    .uploads
                    .after(worked, UPLOAD_REST_TIMES, now);
                std::thread::sleep(rest);
            }
        }
        Ok(Ok(()))
    }

    fn presence(&self) -> &Presence {
        &self.inbox.presence
    }

    fn lines(&mut self, lines: &mut Lines) -> Result<(), Stop> {
        for line in lines.drain(..) {
            match line {
                Err(Rejected { line, fault }) => {
                    self.summary.reject(line, &fault.field, fault.code.as_str());
                }
                Ok(Numbered { line, record }) => self.line(line, record)?,
            }
        }
        Ok(())
    }

    fn line(&mut self, line: u32, mut record: Line) -> Result<(), Stop> {
        if let Some(origin) = &self.origin {
            match &mut record {
                Line::Account(record) => {
                    for fact in &mut record.facts {
                        fact.source = Some(origin.clone());
                    }
                }
                Line::Contact(fact) => fact.source = Some(origin.clone()),
                Line::Kill(_) | Line::ClockAccept => {}
            }
        } else if let Err(fault) = is_the_callers(&record) {
            self.summary.reject(line, &fault.field, fault.code.as_str());
            return Ok(());
        }
        match record {
            Line::Account(record) => self.item(line, Stated::Account(record)),
            Line::Contact(fact) => self.item(line, Stated::Contact(fact)),
            Line::Kill(kill) => {
                let reason = sealed_reason(&kill)?;
                self.admin(line, Admin::Kill(kill, reason))
            }
            Line::ClockAccept => self.admin(line, Admin::ClockAccept),
        }
    }

    fn item(&mut self, line: u32, what: Stated) -> Result<(), Stop> {
        let Some(item) = sealed_item(line, what).map_err(Stop::House)? else {
            let code = RejectCode::RowTooLarge.as_str();
            self.summary.reject(line, "", code);
            return Ok(());
        };
        self.items.push(item);
        if self.items.len() >= PAGE_ITEMS {
            self.page()
        } else {
            Ok(())
        }
    }

    /// Sends the page that is full.
    fn page(&mut self) -> Result<(), Stop> {
        if self.items.is_empty() {
            return Ok(());
        }
        while self.ahead >= PAGES_AHEAD {
            self.first()?;
        }
        if self.status.sealed() {
            return Err(Stop::House(SystemError::Sealed));
        }
        let items = std::mem::replace(&mut self.items, Vec::with_capacity(PAGE_ITEMS));
        let job = PageJob {
            page: FactsPage {
                tenant: self.caller.tenant,
                items,
            },
            reply: ReplyTo::Channel(self.answers.0.clone()),
        };
        let give_up = self.clock.instant() + PAGE_WAIT_MAX;
        let sent = self.inbox.bulk(job, give_up);
        sent.map_err(|_refused| Stop::House(SystemError::Overloaded))?;
        self.ahead += 1;
        Ok(())
    }

    /// Waits for the oldest page under way.
    fn first(&mut self) -> Result<(), Stop> {
        self.ahead = self.ahead.saturating_sub(1);
        match self.answers.1.recv_timeout(PAGE_WAIT_MAX) {
            Ok(Delivered::Page(result)) => {
                self.summary.add(result);
                Ok(())
            }
            Ok(Delivered::Refused(why)) => Err(Stop::House(why)),
            Ok(_) => Err(Stop::House(SystemError::Internal)),
            Err(_none) => Err(Stop::House(SystemError::CommitTimeout)),
        }
    }

    fn settle(&mut self) -> Result<(), Stop> {
        let mut ended = self.page();
        while self.ahead > 0 {
            let first = self.first();
            // Who does not answer now will not answer the pages behind it either.
            let lost = matches!(first, Err(Stop::House(SystemError::CommitTimeout)));
            ended = ended.and(first);
            if lost {
                break;
            }
        }
        ended
    }

    /// A switch or the clock: after everything before it in the file, and on the live lane.
    fn admin(&mut self, line: u32, admin: Admin) -> Result<(), Stop> {
        if !self.caller.scopes.has(Scope::Admin) {
            self.summary.reject(line, "record", "FORBIDDEN");
            return Ok(());
        }
        self.settle()?;
        match self.submit(Work::Admin(self.caller.tenant, admin)) {
            Delivered::Administered(Administered::Applied(_)) => self.summary.applied += 1,
            Delivered::Administered(Administered::Unchanged) => self.summary.unchanged += 1,
            Delivered::Administered(Administered::UnknownValue) => {
                self.summary.reject(line, "value", "UNKNOWN_WORD");
            }
            Delivered::Administered(Administered::ReasonMissing) => {
                self.summary.reject(line, "reason", "LIFT_NEEDS_REASON");
            }
            Delivered::Refused(why) => return Err(Stop::House(why)),
            _ => return Err(Stop::House(SystemError::Internal)),
        }
        Ok(())
    }

    /// Puts work on the live lane and waits for its durable answer.
    pub(super) fn submit(&self, work: Work) -> Delivered {
        if self.status.sealed() {
            return Delivered::Refused(SystemError::Sealed);
        }
        let arrived: Instant = self.clock.instant();
        let (reply, answer) = bounded(1);
        let job = Job {
            work,
            deadline: Some(arrived + self.limits.deadline),
            reply: ReplyTo::Channel(reply),
        };
        if self.inbox.live(job).is_err() {
            return Delivered::Refused(SystemError::Overloaded);
        }
        let heard = answer.recv_timeout(self.limits.commit_wait_max);
        heard.unwrap_or(Delivered::Refused(SystemError::CommitTimeout))
    }
}

/// A statement as a row keeps it; `None` when it is longer than a row takes.
pub(super) fn sealed_item(line: u32, what: Stated) -> Result<Option<Item>, SystemError> {
    let (mut body, mut personal) = (Vec::with_capacity(512), Vec::with_capacity(192));
    let written = match &what {
        Stated::Account(record) => record::write(record, &mut body, &mut personal),
        Stated::Contact(fact) => record::write(fact, &mut body, &mut personal),
    };
    written.map_err(|_cause| SystemError::Internal)?;
    if body.len() > ITEM_BYTES_MAX || personal.len() > SUBJECT_BYTES_MAX as usize {
        return Ok(None);
    }
    let subject = subject::seal(personal).map_err(|_cause| SystemError::Internal)?;
    Ok(Some(Item {
        line,
        what,
        body,
        subject,
    }))
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

thread_local! {
    static STEPPED_BACK: Cell<bool> = const { Cell::new(false) };
}

/// Lowers the calling thread's priority, once; on Linux `nice` is a thread's own.
pub(super) fn step_back() {
    if !STEPPED_BACK.replace(true) {
        background::step_back();
    }
}
