//! Bringing a file part by part: each is sent until it is acknowledged, noted, and only then the
//! next one is. Parts go one after the other, because records hold in their order.

use std::path::Path;
use std::time::Duration;

use tokio::sync::mpsc;

use super::destination::{Destination, Trouble};
use super::journal::{Earlier, Errand, Journal};
use super::meter::Meter;
use super::parts::{self, Part, Parts, unreadable};
use crate::cli::args::{Format, ImportArgs};
use crate::cli::console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ingest_answer::IngestAnswer;
use crate::clock::Clock;
use crate::wire::head::ChainHead;

/// Pause before a part is sent again the first time; doubled up to [`PAUSE_MAX`].
const PAUSE_FIRST: Duration = Duration::from_millis(200);
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often an import may find that its destination lost what it had acknowledged.
const ANEW_MAX: u32 = 3;

/// One import under way.
pub(super) struct Delivery<'a> {
    args: &'a ImportArgs,
    format: Format,
    to: &'a mut Destination,
    journal: Journal,
    meter: Meter,
    answer: IngestAnswer,
    /// Told with the newest acknowledgement of this file.
    head: Option<ChainHead>,
    /// The next part goes only behind that head: something may have happened in between.
    unsure: bool,
    /// This run has heard an acknowledgement.
    heard: bool,
}

/// How a pass over the file ended.
enum Pass {
    Done,
    /// The destination does not hold what it acknowledged.
    Anew,
}

impl<'a> Delivery<'a> {
    pub(super) fn new(
        args: &'a ImportArgs,
        format: Format,
        to: &'a mut Destination,
        total: u64,
    ) -> Self {
        let errand = Errand::new(&args.target.tenant, to.name(), format == Format::Csv);
        Self {
            journal: Journal::of(&args.file, errand),
            meter: Meter::new(total, args.quiet),
            args,
            format,
            to,
            answer: IngestAnswer::default(),
            head: None,
            unsure: false,
            heard: false,
        }
    }

    /// Brings the whole file.
    ///
    /// Cancellation: what was acknowledged is noted; a later run goes on behind it.
    pub(super) async fn run(&mut self) -> Result<IngestAnswer, Failure> {
        let mut start = self.start()?;
        for _ in 0..=ANEW_MAX {
            let passed = self.pass(start).await;
            self.meter.clear();
            match passed? {
                Pass::Done => {
                    self.journal.forget();
                    return Ok(std::mem::take(&mut self.answer));
                }
                Pass::Anew => {
                    console::error(
                        "what was brought earlier is not there any more: beginning anew",
                    );
                    self.forget();
                    start = self.beginning()?;
                }
            }
        }
        let told = "the destination keeps losing what it acknowledged";
        Err(Failure::new(Exit::TemporaryFailure, told))
    }

    fn forget(&mut self) {
        self.journal.forget();
        self.answer = IngestAnswer::default();
        (self.head, self.unsure) = (None, false);
        self.meter.skip(0, &self.answer);
    }

    fn path(&self) -> &'a Path {
        &self.args.file
    }

    fn unreadable(&self, error: &std::io::Error) -> Failure {
        unreadable(&self.path().display().to_string(), error)
    }

    fn part_bytes(&self) -> usize {
        usize::try_from(self.args.part_bytes).unwrap_or(usize::MAX)
    }

    fn beginning(&self) -> Result<Parts<std::fs::File>, Failure> {
        let file = std::fs::File::open(self.path());
        let file = file.map_err(|error| self.unreadable(&error))?;
        Ok(Parts::new(file, self.format, self.part_bytes()))
    }

    /// Behind what an earlier run brought, if the file still begins with it.
    fn start(&mut self) -> Result<Parts<std::fs::File>, Failure> {
        let earlier = match self.journal.earlier() {
            Some(earlier) if !self.args.no_resume => earlier,
            _ => return self.anew(),
        };
        let mark = (earlier.place, earlier.digest);
        let parts = parts::go_on(self.path(), self.format, self.part_bytes(), mark);
        let parts = parts.map_err(|error| self.unreadable(&error))?;
        let Some(parts) = parts else {
            console::error("the file has changed since it was begun: beginning anew");
            return self.anew();
        };
        self.go_on(earlier);
        Ok(parts)
    }

    fn anew(&mut self) -> Result<Parts<std::fs::File>, Failure> {
        self.journal.forget();
        self.beginning()
    }

    fn go_on(&mut self, earlier: Earlier) {
        self.journal.go_on(&earlier);
        self.meter.skip(earlier.place.next, &earlier.answer);
        let line = earlier.place.line;
        self.meter
            .say(&format!("going on behind line {line} of the file"));
        self.answer = earlier.answer;
        (self.head, self.unsure) = (earlier.head, true);
    }

    async fn pass(&mut self, parts: Parts<std::fs::File>) -> Result<Pass, Failure> {
        let mut parts: mpsc::Receiver<_> = parts::ahead(parts, self.path())?;
        while let Some(part) = parts.recv().await {
            let part = part?;
            let Some((mut answer, head)) = self.part(&part).await? else {
                return Ok(Pass::Anew);
            };
            (self.heard, self.unsure, self.head) = (true, false, head);
            answer.list_at_most(self.answer.room());
            if !part.last {
                self.journal.note(&part, &answer, head);
            }
            self.answer.add(answer);
            self.meter.at(part.to.next, &self.answer);
        }
        Ok(Pass::Done)
    }

    /// Sends a part until it is acknowledged; `None` when nothing before it is there any more.
    async fn part(
        &mut self,
        part: &Part,
    ) -> Result<Option<(IngestAnswer, Option<ChainHead>)>, Failure> {
        let clock = Clock::system();
        let give_up = Duration::from_secs(self.args.retry_for.into());
        let (mut pause, mut failing_since) = (PAUSE_FIRST, None);
        loop {
            let behind = if self.unsure { self.head } else { None };
            let why = match self.to.bring(part, behind).await {
                Ok(acknowledged) => return Ok(Some(acknowledged)),
                Err(Trouble::Lost) => return Ok(None),
                Err(Trouble::Lasting(why)) => return Err(self.told(why)),
                Err(Trouble::Passing(why)) => why,
            };
            // Whoever is not there at all to begin with is likelier misspelt than restarting.
            let nobody = why.exit == Exit::Unreachable && !self.heard && !self.unsure;
            let now = clock.instant();
            let since = *failing_since.get_or_insert(now);
            if nobody || now.saturating_duration_since(since) >= give_up {
                return Err(self.told(why));
            }
            self.unsure = true;
            self.meter.say(&format!("{why}; trying again"));
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// A failure, with what to do if part of the file is in.
    pub(super) fn told(&self, why: Failure) -> Failure {
        let records = self.answer.records();
        if records == 0 {
            return why;
        }
        let exit = why.exit;
        Failure::new(
            exit,
            format_args!("{why}; {records} records are in: the same command goes on behind them"),
        )
    }
}
