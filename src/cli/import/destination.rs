//! Where an import goes: a running server, or a stopped one's data.

use std::time::Duration;

use super::parts::Part;
use super::token_of;
use crate::cli::args::TargetArgs;
use crate::cli::client::{Parcel, Server, Session};
use crate::cli::exit::{Exit, Failure};
use crate::cli::ingest_answer::IngestAnswer;
use crate::cli::offline::Offline;
use crate::cli::serve;
use crate::cli::upload::Upload;
use crate::wire::head::ChainHead;
use crate::wire::ingest::cut::Kind;

/// A part and its answer take at most this long.
const PART_MAX: Duration = Duration::from_mins(5);

/// Why a part was not acknowledged.
pub(in crate::cli) enum Trouble {
    /// The destination does not hold what came before.
    Lost,
    /// Trying again may help.
    Passing(Failure),
    /// It will not.
    Lasting(Failure),
}

/// The destination, open.
pub(super) enum Destination {
    Server(Box<Session>),
    Data(Box<Offline>),
}

impl Destination {
    /// Opens it: for data, takes the lock and recovers.
    pub(super) fn open(target: &TargetArgs) -> Result<Self, Failure> {
        if let Some(dir) = &target.data_dir {
            let start = serve::offline(dir, target.config.as_deref())?;
            let offline = Offline::open(&start, &target.tenant)?;
            return Ok(Self::Data(Box::new(offline)));
        }
        let url = target.server.as_deref().unwrap_or_default();
        let server = Server::new(url, &token_of(target)?, target.ca_file.as_deref())?;
        Ok(Self::Server(Box::new(server.session())))
    }

    /// What it is called in a journal.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Server(session) => session.base().to_owned(),
            Self::Data(offline) => offline.dir().display().to_string(),
        }
    }

    /// Brings one part; `behind` is a head that the destination must hold.
    pub(super) async fn bring(
        &mut self,
        part: &Part,
        behind: Option<ChainHead>,
    ) -> Result<(IngestAnswer, Option<ChainHead>), Trouble> {
        let (mut answer, head) = match self {
            Self::Server(session) => send(session, part, behind).await?,
            Self::Data(offline) => offline.bring(part, behind).await?,
        };
        for one in &mut answer.rejected {
            one.line = part.line_of_file(one.line);
        }
        Ok((answer, head))
    }

    /// Lets it go; data is left as after an orderly stop.
    pub(super) fn close(self) -> Result<(), Failure> {
        match self {
            Self::Server(_) => Ok(()),
            Self::Data(offline) => offline.close(),
        }
    }
}

async fn send(
    session: &Session,
    part: &Part,
    behind: Option<ChainHead>,
) -> Result<(IngestAnswer, Option<ChainHead>), Trouble> {
    let (path, media) = match part.dress.kind {
        Kind::Csv => ("/api/queue/ingest", "text/csv"),
        Kind::Json => ("/api/queue/ingest/json", "application/json"),
        Kind::Lines => ("/api/queue/ingest/json", "application/x-ndjson"),
    };
    let parcel = Parcel {
        path,
        media,
        behind: behind.map(|head| head.to_string()),
        body: Upload::of_part(
            part.dress.before.clone(),
            part.body.clone(),
            part.dress.behind,
        ),
        within: PART_MAX,
    };
    let (answer, head) = session.send(parcel).await.map_err(|why| match why.exit {
        Exit::Unreachable | Exit::InputOutput | Exit::TemporaryFailure => Trouble::Passing(why),
        _ => Trouble::Lasting(why),
    })?;
    match answer.status {
        200 => {
            let read = IngestAnswer::read(&answer).map_err(Trouble::Lasting)?;
            Ok((read, head.as_deref().and_then(ChainHead::parse)))
        }
        412 => Err(Trouble::Lost),
        429 | 500.. => Err(Trouble::Passing(answer.failure())),
        _ => Err(Trouble::Lasting(answer.failure())),
    }
}
