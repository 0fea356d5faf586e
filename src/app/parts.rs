//! The parts of a serving process, put together.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::certificate::CertificateWatch;
use super::dialer_watch::DialerWatch;
use super::key_watch::KeyWatch;
use super::law_watch::LawWatch;
use super::{Alarms, House, HouseError, Start, WatchedFiles};
use crate::clock::Clock;
use crate::config::{Durability, Sor, TenantFile};
use crate::domain::rules::RulePack;
use crate::gateway::core::{Core, CoreOptions};
use crate::gateway::dialers::Dialers;
use crate::gateway::recovery::{StartError, open, recover};
use crate::gateway::running::{Gateway, Limits, Running};
use crate::gateway::snapshots::Cadence;
use crate::gateway::sor::{HydrationThread, OutboxThread, Probes, SystemsOfRecord};
use crate::ledger::OpenError;
use crate::ledger::data_dir::DataDirError;
use crate::sor::catalogue::Catalogues;
use crate::sor::outbox::Book;
use crate::telemetry::Head;
use crate::transport::auth::Auth;
use crate::transport::{Listeners, Serving};

/// Of the time a stop may take, one of how many parts is kept for what comes after the connections: the
/// last commit, the snapshot.
const CLOSING_SHARE: u32 = 4;

/// The running parts.
#[derive(Debug)]
pub struct Parts {
    core: Core,
    hydration: HydrationThread,
    outbox: OutboxThread,
    serving: Option<Serving>,
    address: SocketAddr,
    clock: Clock,
    gateway: Arc<Gateway>,
    auth: Arc<Auth>,
    /// `None`: nobody looks after systems of record.
    _probes: Option<Probes>,
}

impl House for Parts {
    /// Lock first, so that a second server never answers; then the doors, which say "recovering";
    /// then everything else.
    fn open(start: &Start) -> Result<Self, HouseError> {
        let settings = &start.settings;
        let pack = Arc::clone(&start.pack);
        let opened = open(&settings.ledger.data_dir, settings.ledger())
            .map_err(|error| refused(&settings.ledger.data_dir, error))?;
        let systems = bound_systems(&settings.sor, &start.tenants, &start.clock)?;
        let gateway = Arc::new(gateway(start, &pack, systems));
        if let Some(watch) = certificate_watch(start, &gateway) {
            watch.tell();
        }
        let (serving, auth) = listen(start, &gateway)?;
        let address = serving.address();
        let core = heart(start, &gateway, &pack, opened)?;
        let running = core.running();
        let (hydration, outbox) = beside(start, &gateway, &running)?;
        gateway.attach(
            Arc::clone(hydration.hydration()),
            Arc::clone(outbox.outbox()),
        );
        gateway.open(running);
        let probes = look_after(start, &gateway)?;
        Ok(Self {
            _probes: probes,
            core,
            hydration,
            outbox,
            serving: Some(serving),
            address,
            clock: start.clock.clone(),
            gateway,
            auth,
        })
    }

    fn listen(&mut self, _start: &Start) -> Result<SocketAddr, HouseError> {
        Ok(self.address)
    }

    fn heads(&self) -> Vec<Head> {
        let heads = self.core.status().heads();
        heads
            .into_iter()
            .map(|(tenant, head)| Head {
                tenant: tenant.to_string(),
                seq: head.seq,
                hash: head.hash,
            })
            .collect()
    }

    fn alarms(&self) -> Alarms {
        let (status, order) = (self.core.status(), Ordering::Relaxed);
        let free = status.commit.disk_free_bytes.load(order);
        let low = status.commit.disk_low.load(order);
        Alarms {
            sealed: status.seal_word(),
            disk_low_bytes: low.then_some(free),
        }
    }

    fn remember_counts(&self) {
        self.gateway.tick_volumes();
    }

    fn watched(&self, start: &Start) -> WatchedFiles {
        let mut watched = WatchedFiles::default();
        let settings = &start.settings;
        if let Some(places) = start.places.clone() {
            let mut law = LawWatch::new(
                (places, settings.rules.dir.display().to_string()),
                settings.ledger.data_dir.clone(),
                Arc::clone(&self.gateway),
                self.clock.clone(),
                Arc::clone(&start.metrics),
                settings.sor.clone(),
            );
            watched.watch(settings.rules.reload_interval_s, move || law.look());
        }
        let source = start.settings.auth.clone();
        let interval_s = source.reload_interval_s;
        let (auth, gateway) = (Arc::clone(&self.auth), Arc::clone(&self.gateway));
        let mut keys = KeyWatch::new(auth, source, gateway, self.clock.clone());
        watched.watch(interval_s, move || keys.look());
        let interval_s = start.settings.dialers.reload_interval_s;
        let dialers = Arc::clone(self.gateway.dialers());
        let mut dialers = DialerWatch::new(dialers, self.clock.clone());
        watched.watch(interval_s, move || dialers.look());
        if let Some(watch) = certificate_watch(start, &self.gateway) {
            watched.watch(start.settings.tls.reload_interval_s, move || watch.look());
        }
        watched
    }

    fn stop_accepting(&mut self) {}

    fn finish_in_flight(&mut self, until: Instant) -> bool {
        let Some(serving) = self.serving.take() else {
            return true;
        };
        let left = until.saturating_duration_since(self.clock.instant());
        // A client that is gone is waited for to the end of it: the rest is for the snapshot.
        serving
            .drain(left.saturating_sub(left / CLOSING_SHARE))
            .is_ok()
    }

    fn close(self, until: Instant) -> Result<bool, HouseError> {
        let sealed = self.core.status().seal_word();
        let clock = self.clock;
        self.hydration.stop();
        self.outbox.stop();
        self.core.stop();
        if let Some(why) = sealed {
            return Err(HouseError::Close(why));
        }
        Ok(clock.instant() <= until)
    }
}

fn certificate_watch(start: &Start, gateway: &Arc<Gateway>) -> Option<CertificateWatch> {
    Some(CertificateWatch {
        certificate: start.certificate.clone()?,
        gateway: Arc::clone(gateway),
        metrics: Arc::clone(&start.metrics),
        clock: start.clock.clone(),
        quic: start.settings.quic.spoken(),
    })
}

/// The gateway before anything is recovered.
pub(crate) fn gateway(start: &Start, pack: &Arc<RulePack>, systems: SystemsOfRecord) -> Gateway {
    let settings = &start.settings;
    let ms = |ms: u32| Duration::from_millis(u64::from(ms));
    let limits = Limits {
        deadline: ms(settings.engine.deadline_ms),
        commit_wait_max: ms(settings.engine.commit_wait_max_ms),
    };
    let relaxed = settings.ledger.durability == Durability::Relaxed;
    let declared = start
        .tenants
        .iter()
        .map(|tenant| tenant.name.clone())
        .collect();
    let metrics = Arc::clone(&start.metrics);
    let gateway = Gateway::recovering(
        limits,
        start.clock.clone(),
        Arc::clone(pack),
        metrics,
        (relaxed, declared),
        systems,
    );
    let (folder, set) = start.dialers.clone().unzip();
    let dialers = Dialers::new(set.unwrap_or_default(), folder, start.clock.wall());
    gateway.with_dialers(dialers)
}

/// Systems of record, and the tenants bound whose files say so. Nothing is asked of any.
///
/// # Errors
/// [`HouseError::Systems`]: every fault of the catalogues, or else of the bonds.
pub(crate) fn bound_systems(
    settings: &Sor,
    tenants: &[TenantFile],
    clock: &Clock,
) -> Result<SystemsOfRecord, HouseError> {
    let catalogues = Catalogues::read(settings.dir.as_deref());
    let catalogues = catalogues.map_err(|faults| HouseError::Systems(faults.to_string()))?;
    let (options, ca_file) = (settings.upstream(), settings.ca_file.clone());
    let systems = SystemsOfRecord::new(catalogues, options, ca_file, clock.clone());
    let systems = systems.map_err(|findings| HouseError::Systems(findings.join("; ")))?;
    let bonds = tenants.iter().filter_map(|tenant| settings.bond(tenant));
    systems.bind(bonds.collect()).map_err(|findings| {
        let all: Vec<String> = findings.iter().map(ToString::to_string).collect();
        HouseError::Systems(all.join("; "))
    })?;
    Ok(systems)
}

/// Starts the threads that read systems of record and tell them.
fn beside(
    start: &Start,
    gateway: &Gateway,
    running: &Running,
) -> Result<(HydrationThread, OutboxThread), HouseError> {
    let settings = &start.settings.sor;
    let path = start.settings.ledger.data_dir.join("sor.redb");
    let book = Book::open(&path);
    let book = Arc::new(book.map_err(|error| HouseError::Systems(error.to_string()))?);
    let failed = |error: std::io::Error| HouseError::Start(error.to_string());
    let (sor, clock) = (gateway.sor(), &start.clock);
    sor.keep_in(&book)
        .map_err(|error| HouseError::Systems(error.to_string()))?;
    let outbox = (settings.pace(), clock.clone());
    let outbox = OutboxThread::spawn(Arc::clone(sor), running, Arc::clone(&book), outbox);
    let outbox = outbox.map_err(failed)?;
    let reading = (settings.reading(), clock.clone());
    let hydration = HydrationThread::spawn(Arc::clone(sor), running, book, reading);
    Ok((hydration.map_err(failed)?, outbox))
}

/// Looks after the addresses of systems of record, where that is wanted.
fn look_after(start: &Start, gateway: &Gateway) -> Result<Option<Probes>, HouseError> {
    let interval_s = start.settings.sor.health_interval_s;
    if interval_s == 0 {
        return Ok(None);
    }
    let interval = Duration::from_secs(u64::from(interval_s));
    let probes = gateway.sor().look_after(interval);
    probes
        .map(Some)
        .map_err(|error| HouseError::Start(error.to_string()))
}

/// Recovers and starts the heart.
pub(crate) fn heart(
    start: &Start,
    gateway: &Gateway,
    pack: &Arc<RulePack>,
    opened: crate::ledger::OpenLedger,
) -> Result<Core, HouseError> {
    let settings = &start.settings;
    let dir = settings.ledger.data_dir.as_path();
    let options = settings.engine();
    let law = (pack, start.pack_archive.as_slice());
    let recovery = recover(dir, opened, options, law, &start.tenants, start.clock.now())
        .map_err(|error| refused(dir, error))?;
    gateway.laws().know(recovery.engine.pack());
    if let Some(damage) = &recovery.recovered.damage {
        tracing::error!(%damage, "the ledger is damaged: nothing is decided until it is repaired");
    }
    if let Some(damage) = &recovery.row_damage {
        tracing::error!(%damage, "a recorded row does not apply: nothing is decided");
    }
    let core = CoreOptions {
        inbox_max: settings.engine.inbox_max as usize,
        inbox_tenant_max: settings.engine.inbox_tenant_max,
        cadence: Cadence {
            suffix_rows_max: settings.ledger.suffix_rows_max,
            interval: Duration::from_secs(u64::from(settings.ledger.snapshot_interval_s)),
        },
        clock: start.clock.clone(),
        clock_accepted: start.clock_accepted,
        laws: Arc::clone(gateway.laws()),
        metrics: Arc::clone(&start.metrics),
        relaxed: settings.ledger.durability == Durability::Relaxed,
    };
    Core::start(recovery, core).map_err(|error| refused(dir, error))
}

fn listen(start: &Start, gateway: &Arc<Gateway>) -> Result<(Serving, Arc<Auth>), HouseError> {
    let settings = &start.settings;
    let address = settings.server.listen;
    let bind = |error| HouseError::Bind { address, error };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let options = settings.transport(cores);
    let auth = Arc::new(auth(start, options.threads)?);
    let mut listeners = Listeners::bind(address, options.threads).map_err(bind)?;
    if let Some(certificate) = &start.certificate {
        listeners = listeners.greeting_with(Arc::clone(certificate));
        if options.wants_quic() {
            listeners = listeners.with_datagrams().map_err(bind)?;
        }
    }
    let serving = listeners.serve(gateway, &auth, &options).map_err(bind)?;
    Ok((serving, auth))
}

/// Who checks tokens. Threads for costly signatures only where a key file can name such keys.
fn auth(start: &Start, listening: usize) -> Result<Auth, HouseError> {
    let keys = start.keys.clone();
    let keys = keys.ok_or_else(|| HouseError::Start("no keys for tokens".to_owned()))?;
    let source = &start.settings.auth;
    if source.jwks_file.is_none() {
        return Ok(Auth::inline(source.expected(), keys));
    }
    Auth::with_verifiers(source.expected(), keys, listening / 2)
        .map_err(|error| HouseError::Start(error.to_string()))
}

/// What a start is refused with.
pub(crate) fn refused(dir: &Path, error: StartError) -> HouseError {
    let place = dir.display().to_string();
    match error {
        StartError::Open(OpenError::DataDir(DataDirError::Locked)) => HouseError::Locked(place),
        StartError::Open(OpenError::DataDir(what)) => HouseError::CannotCreate {
            place,
            what: what.to_string(),
        },
        error @ StartError::NoLaw(_) => HouseError::NoLaw(error.to_string()),
        other => HouseError::Start(other.to_string()),
    }
}
