//! The life of a serving process: what starts after what, and what stops before what.
//!
//! Start: configuration, rules and tenants are read ([`Start`]) -> log and metrics -> lock and
//! recovery -> engine and committer threads -> listeners -> ready.
//! Stop (SIGTERM, SIGINT): listeners close -> requests in flight finish -> last commit -> last
//! snapshot -> lock released. What takes longer than `drain_timeout_ms` is left to recovery, which
//! loses nothing; the exit code says so.
//!
//! Invariants
//! - APP-1: nothing is bound before the data directory is locked, and until recovery is done every
//!   intent is answered BLOCK and readiness is 503.
//! - APP-2: no snapshot before the last request in flight is answered or given up.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};

pub use alarms::Alarms;
pub use watched::WatchedFiles;

use self::law::LawPlaces;
use crate::clock::Clock;
use crate::config::{Settings, TenantFile};
use crate::domain::rules::RulePack;
use crate::gateway::dialers::{DialerFolder, DialerSet};
use crate::telemetry::{Head, Metrics, log_heads};
use crate::transport::auth::Keys;
use crate::transport::tls::Certificate;

/// Between two lines that tell the heads, seconds.
const HEADS_INTERVAL_S: u64 = 60;
/// Between two looks at what an operator must hear of, seconds.
const ALARMS_INTERVAL_S: u64 = 1;

/// Everything that was read and checked before anything is opened.
#[derive(Debug)]
pub struct Start {
    /// `dialgate.toml`.
    pub settings: Settings,
    /// The tenants, sorted by name.
    pub tenants: Vec<TenantFile>,
    /// The law.
    pub pack: Arc<RulePack>,
    /// The files of the law in canonical form, to be kept by hash.
    pub pack_archive: Vec<u8>,
    /// Where law and policy lie that are read again while it serves; `None`: in the program.
    pub places: Option<LawPlaces>,
    /// The keys tokens are checked with; an offline command has none.
    pub keys: Option<Keys>,
    /// The dialers that report by themselves, and where they are kept.
    pub dialers: Option<(DialerFolder, DialerSet)>,
    /// What connections are greeted with; `None` = cleartext.
    pub certificate: Option<Arc<Certificate>>,
    /// The clock.
    pub clock: Clock,
    /// Doubts about the clock at start are settled at once (demo).
    pub clock_accepted: bool,
    /// Where numbers are counted.
    pub metrics: Arc<Metrics>,
}

/// Why a house did not open, or did not close in order.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// Another process holds the data directory.
    #[error("{0} is locked by another process")]
    Locked(String),
    /// The data directory cannot be made or is of another format.
    #[error("{place}: {what}")]
    CannotCreate {
        /// The path.
        place: String,
        /// What is wrong with it.
        what: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The configured rule pack does not decide yet, and nothing else does.
    #[error("{0}")]
    NoLaw(String),
    /// A catalogue, or a tenant's bond to its system of record, is faulty.
    #[error("systems of record: {0}")]
    Systems(String),
    /// A thread or runtime could not be started.
    #[error("cannot start: {0}")]
    Start(String),
    /// The drain took longer than it may.
    #[error("draining took longer than {0} ms; the next start recovers")]
    DrainTimeout(u32),
    /// The last commit or snapshot failed.
    #[error("closing: {0}")]
    Close(String),
}

/// The parts of a serving process, as the start and the stop see them. All calls block.
pub trait House: Sized {
    /// Takes the lock, recovers, starts engine and committer. A damaged ledger opens sealed.
    ///
    /// # Errors
    /// The data directory cannot be had, or a thread cannot be started.
    fn open(start: &Start) -> Result<Self, HouseError>;

    /// Opens the listeners and says where.
    ///
    /// # Errors
    /// The address cannot be bound.
    fn listen(&mut self, start: &Start) -> Result<SocketAddr, HouseError>;

    /// The head of every chain.
    fn heads(&self) -> Vec<Head>;

    /// What an operator must hear of.
    fn alarms(&self) -> Alarms;

    /// Puts what was counted into the memory of the monitoring pages.
    fn remember_counts(&self) {}

    /// What is read again while it serves.
    fn watched(&self, _start: &Start) -> WatchedFiles {
        WatchedFiles::default()
    }

    /// Closes the listeners; connections stay.
    fn stop_accepting(&mut self);

    /// Waits until every request in flight is answered; false when `until` came first.
    fn finish_in_flight(&mut self, until: Instant) -> bool;

    /// Commits what is pending, writes the last snapshot, releases the lock; false when `until`
    /// came first.
    ///
    /// # Errors
    /// The commit or the snapshot failed.
    fn close(self, until: Instant) -> Result<bool, HouseError>;
}

/// Opens a house, serves until the future that `stop` makes is done, and drains. `stop` is called
/// first, inside the runtime it will be awaited on, so that a signal during recovery is not lost.
/// `ready` runs once the house listens; what it refuses ends the process in order.
///
/// # Errors
/// What the house or `ready` reports; also a drain that took too long.
pub fn run<H: House, E: From<HouseError>, S: Future<Output = ()>>(
    start: &Start,
    stop: impl FnOnce() -> Result<S, HouseError>,
    ready: impl FnOnce(&H, SocketAddr) -> Result<(), E>,
) -> Result<(), E> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| HouseError::Start(error.to_string()))?;
    let (stop, mut hangups) = {
        let _inside = runtime.enter();
        (stop()?, hangups()?)
    };
    let mut house = H::open(start)?;
    let told = house.listen(start).map_err(E::from).and_then(|address| {
        let quic = start.certificate.as_ref();
        let quic = quic.map_or(&[][..], |_| start.settings.quic.spoken());
        let quic = quic.join(", ");
        tracing::info!(%address, quic, tenants = start.tenants.len(), "ready");
        ready(&house, address)
    });
    if told.is_ok() {
        let watched = house.watched(start);
        runtime.block_on(tend(&house, watched, &mut hangups, stop));
    }
    let drained = drain(house, start);
    told?;
    Ok(drained?)
}

/// Tells the heads once a minute, and alarms as they begin, and reads watched files again, until
/// `stop` is done.
async fn tend<H: House>(
    house: &H,
    mut watched: WatchedFiles,
    hangups: &mut Signal,
    stop: impl Future<Output = ()>,
) {
    let mut minute = tokio::time::interval(Duration::from_secs(HEADS_INTERVAL_S));
    let mut second = tokio::time::interval(Duration::from_secs(ALARMS_INTERVAL_S));
    let mut stop = std::pin::pin!(stop);
    let mut told = Alarms::default();
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            _ = minute.tick() => log_heads(&house.heads()),
            Some(()) = hangups.recv() => {
                tracing::info!("told to look: watched files are read again");
                watched.look_at_all();
            }
            now = second.tick() => {
                told.tell(house.alarms());
                house.remember_counts();
                watched.look(now.into_std());
            }
        }
    }
    told.tell(house.alarms());
}

/// Stops a house in order, within the configured time.
fn drain<H: House>(mut house: H, start: &Start) -> Result<(), HouseError> {
    let limit_ms = start.settings.drain.drain_timeout_ms;
    let limit = Duration::from_millis(u64::from(limit_ms));
    let began = start.clock.instant();
    let until = began.checked_add(limit).unwrap_or(began);
    tracing::info!(limit_ms, "draining");
    house.stop_accepting();
    let finished = house.finish_in_flight(until);
    let closed = house.close(until)?;
    tracing::info!(finished, closed, "stopped");
    if finished && closed {
        Ok(())
    } else {
        Err(HouseError::DrainTimeout(limit_ms))
    }
}

/// Done at the first SIGTERM or SIGINT. Call it inside a runtime. Cancellation safe.
///
/// # Errors
/// The signals cannot be listened for.
pub fn stop_signal() -> Result<impl Future<Output = ()>, HouseError> {
    let failed = |error: std::io::Error| HouseError::Start(error.to_string());
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// SIGHUP: watched files are read again.
fn hangups() -> Result<Signal, HouseError> {
    signal(SignalKind::hangup()).map_err(|error| HouseError::Start(error.to_string()))
}

mod alarms;
mod certificate;
mod dialer_watch;
mod key_watch;
pub mod law;
mod law_watch;
pub mod parts;
#[cfg(test)]
mod tests;
mod watched;
