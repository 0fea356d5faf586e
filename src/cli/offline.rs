//! Records into a stopped server's data directory: the same heart, without the doors.

use std::collections::VecDeque;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use super::args::Format;
use super::exit::{Exit, Failure};
use super::import::{Part, Trouble};
use super::ingest_answer::IngestAnswer;
use crate::app::Start;
use crate::app::parts::{bound_systems, gateway, heart, refused};
use crate::gateway::core::Core;
use crate::gateway::door::{Caller, ChunkError, Chunks, Door, IngestFormat};
use crate::gateway::recovery::open;
use crate::gateway::running::Gateway;
use crate::gateway::take_in::HEAD;
use crate::wire::head::ChainHead;
use crate::wire::ingest::cut::Kind;
use crate::wire::reply::Reply;
use crate::wire::scopes::Scopes;

/// Bytes read from a file at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// The data of a stopped server, open and locked.
pub(super) struct Offline {
    core: Core,
    gateway: Arc<Gateway>,
    caller: Caller,
    dir: PathBuf,
}

impl Offline {
    /// Takes the lock and recovers.
    ///
    /// # Errors
    /// The directory is locked, damaged, or knows no such tenant.
    pub(super) fn open(start: &Start, tenant: &str) -> Result<Self, Failure> {
        let dir = &start.settings.ledger.data_dir;
        let pack = Arc::clone(&start.pack);
        let opened = open(dir, start.settings.ledger()).map_err(|error| refused(dir, error))?;
        // Nothing is asked of systems of record, so nobody is bound to one.
        let systems = bound_systems(&start.settings.sor, &[], &start.clock)?;
        let gateway = Arc::new(gateway(start, &pack, systems));
        let core = heart(start, &gateway, &pack, opened)?;
        gateway.open(core.running());
        let Some(number) = gateway.tenant(tenant) else {
            core.stop();
            let told = format!("no tenant {tenant} is declared");
            return Err(Failure::new(Exit::Finding, told));
        };
        let caller = Caller {
            tenant: number,
            tenant_name: tenant.into(),
            scopes: Scopes::all(),
        };
        // Another spelling of the same directory is the same destination.
        let dir = std::fs::canonicalize(dir).unwrap_or_else(|_unreadable| dir.clone());
        Ok(Self {
            core,
            gateway,
            caller,
            dir,
        })
    }

    /// The directory.
    pub(super) fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// Brings records whole; `kill` and `clock accept` may be among them.
    ///
    /// # Errors
    /// They are refused as a whole, or reading fails.
    pub(super) async fn whole(
        &self,
        format: Format,
        records: Box<dyn Read + Send>,
    ) -> Result<IngestAnswer, Failure> {
        let format = match format {
            Format::Json => IngestFormat::Json,
            Format::Csv => IngestFormat::Csv,
        };
        let mut chunks = FileChunks { records };
        let caller = &self.caller;
        let reply = self
            .gateway
            .ingest(caller, format, None, &mut chunks, "offline");
        answer(&reply.await)
    }

    /// Brings a part of a file.
    pub(super) async fn bring(
        &self,
        part: &Part,
        behind: Option<ChainHead>,
    ) -> Result<(IngestAnswer, Option<ChainHead>), Trouble> {
        let format = match part.dress.kind {
            Kind::Json => IngestFormat::Json,
            Kind::Lines => IngestFormat::Lines,
            Kind::Csv => IngestFormat::Csv,
        };
        let mut chunks = PartChunks::of(part);
        let caller = &self.caller;
        let reply = self
            .gateway
            .ingest(caller, format, behind, &mut chunks, "offline");
        let reply = reply.await;
        if reply.status == 412 {
            return Err(Trouble::Lost);
        }
        let head = reply.headers.iter().find(|(name, _)| *name == HEAD);
        let head = head.and_then(|(_, value)| ChainHead::parse(value));
        let answer = answer(&reply).map_err(Trouble::Lasting)?;
        Ok((answer, head))
    }

    /// Commits, snapshots, lets the lock go.
    ///
    /// # Errors
    /// The ledger sealed itself meanwhile.
    pub(super) fn close(self) -> Result<(), Failure> {
        let sealed = self.core.status().seal_word();
        self.core.stop();
        match sealed {
            Some(why) => {
                let told = format!("sealed: {why}");
                Err(Failure::new(Exit::InputOutput, told))
            }
            None => Ok(()),
        }
    }
}

fn answer(reply: &Reply) -> Result<IngestAnswer, Failure> {
    if reply.status != 200 {
        let told = String::from_utf8_lossy(&reply.body).into_owned();
        return Err(Failure::new(Exit::Finding, told));
    }
    serde_json::from_slice(&reply.body).map_err(|error| Failure::new(Exit::Fault, error))
}

/// A part in pieces.
struct PartChunks(VecDeque<Bytes>);

impl PartChunks {
    fn of(part: &Part) -> Self {
        let mut all = VecDeque::from([Bytes::from(part.dress.before.clone())]);
        let mut body = part.body.clone();
        while body.len() > CHUNK_BYTES {
            all.push_back(body.split_to(CHUNK_BYTES));
        }
        all.extend([body, Bytes::from_static(part.dress.behind)]);
        Self(all)
    }
}

impl Chunks for PartChunks {
    async fn next(&mut self) -> Option<Result<Bytes, ChunkError>> {
        self.0.pop_front().map(Ok)
    }
}

/// A file in pieces.
struct FileChunks {
    records: Box<dyn Read + Send>,
}

impl Chunks for FileChunks {
    async fn next(&mut self) -> Option<Result<Bytes, ChunkError>> {
        let mut chunk = vec![0; CHUNK_BYTES];
        match self.records.read(&mut chunk) {
            Ok(0) => None,
            Ok(read) => {
                chunk.truncate(read);
                Some(Ok(chunk.into()))
            }
            Err(_cause) => Some(Err(ChunkError::BrokenOff)),
        }
    }
}
