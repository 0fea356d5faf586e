//! Records into a stopped server's data directory: the same heart, without the doors.

use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;

use super::args::Format;
use super::exit::{Exit, Failure};
use super::ingest_answer::IngestAnswer;
use crate::app::Start;
use crate::app::parts::{gateway, heart, refused};
use crate::gateway::door::{Caller, ChunkError, Chunks, Door, IngestFormat};
use crate::gateway::recovery::open;
use crate::wire::scopes::Scopes;

/// Bytes read from a file at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Takes the lock, recovers, applies, commits, snapshots. `kill` and `clock accept` records may be
/// among them.
///
/// # Errors
/// The directory is locked, damaged, or knows no such tenant; reading fails.
pub(super) fn bring(
    start: &Start,
    tenant: &str,
    format: Format,
    records: Box<dyn Read + Send>,
) -> Result<IngestAnswer, Failure> {
    let dir = &start.settings.ledger.data_dir;
    let pack = Arc::new(start.pack.clone());
    let opened = open(dir, start.settings.ledger()).map_err(|error| refused(dir, error))?;
    let gateway = Arc::new(gateway(start, &pack));
    let core = heart(start, &pack, opened)?;
    gateway.open(core.running());
    let known = gateway.tenant(tenant);
    let brought = match known {
        None => Err(Failure::new(
            Exit::Finding,
            format_args!("no tenant {tenant} is declared"),
        )),
        Some(number) => {
            let caller = Caller {
                tenant: number,
                tenant_name: tenant.into(),
                scopes: Scopes::all(),
            };
            take_in(&gateway, &caller, format, records)
        }
    };
    let sealed = core.status().seal_word();
    core.stop();
    match sealed {
        Some(why) => Err(Failure::new(
            Exit::InputOutput,
            format_args!("sealed: {why}"),
        )),
        None => brought,
    }
}

fn take_in(
    gateway: &Arc<crate::gateway::running::Gateway>,
    caller: &Caller,
    format: Format,
    records: Box<dyn Read + Send>,
) -> Result<IngestAnswer, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Fault, error))?;
    let format = match format {
        Format::Json => IngestFormat::Json,
        Format::Csv => IngestFormat::Csv,
    };
    let mut chunks = FileChunks { records };
    let reply = runtime.block_on(gateway.ingest(caller, format, None, &mut chunks, "offline"));
    if reply.status != 200 {
        let told = String::from_utf8_lossy(&reply.body).into_owned();
        return Err(Failure::new(Exit::Finding, told));
    }
    serde_json::from_slice(&reply.body).map_err(|error| Failure::new(Exit::Fault, error))
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
