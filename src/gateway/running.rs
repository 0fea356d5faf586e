//! The gateway as transports see it: recovering first, then running, sealed when it must.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::dialers::Dialers;
use super::directory::Directory;
use super::door::{SystemError, TENANT_RECOVERING};
use super::floor::Floor;
use super::inbox::{Inbox, Shed};
use super::keys_report::KeysReport;
use super::law_report::LawReport;
use super::laws::Laws;
use super::mailbox::Mailbox;
use super::sor::{Hydration, Outbox, SystemsOfRecord};
use super::status::GatewayStatus;
use super::tls_report::TlsReport;
use super::trail::Trail;
use super::volumes::Volumes;
use super::work::{Delivered, Job, ReplyTo, Work};
use crate::clock::Clock;
use crate::domain::rules::RulePack;
use crate::ledger::Index;
use crate::telemetry::{Metrics, Shed as ShedLabel};

/// Bounds of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// An intent that waited longer is not decided any more.
    pub deadline: Duration,
    /// A decision not durable within this time is answered as a fault.
    pub commit_wait_max: Duration,
}

/// What there is once recovery is done.
#[derive(Debug)]
pub struct Running {
    /// The engine's inbox.
    pub inbox: Inbox,
    /// What may be known without asking the engine.
    pub status: Arc<GatewayStatus>,
    /// Declared tenants.
    pub directory: Arc<Directory>,
    /// Who listens to what happens.
    pub floor: Arc<Floor>,
    /// Frames by row, for look-ups.
    pub index: Arc<Index>,
    /// Where rows are read again; `None` when the ledger opened damaged.
    pub trail: Option<Trail>,
    /// The data directory.
    pub data_dir: std::path::PathBuf,
}

/// The gateway.
#[derive(Debug)]
pub struct Gateway {
    pub(super) limits: Limits,
    pub(super) clock: Clock,
    pub(super) laws: Arc<Laws>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) started: Instant,
    pub(super) relaxed: bool,
    pub(super) declared: HashSet<String>,
    pub(super) dialers: Arc<Dialers>,
    pub(super) sor: Arc<SystemsOfRecord>,
    /// Set once recovery is done, and only where systems of record are bound to.
    pub(super) hydration: OnceLock<Arc<Hydration>>,
    pub(super) outbox: OnceLock<Arc<Outbox>>,
    law_report: Mutex<LawReport>,
    /// Held by the acknowledgement that is looking and writing.
    pub(super) acknowledging: Arc<tokio::sync::Mutex<()>>,
    /// `None` before anything listens.
    pub(super) keys: Mutex<Option<KeysReport>>,
    /// `None` without TLS.
    pub(super) tls: Mutex<Option<TlsReport>>,
    pub(super) volumes: Volumes,
    running: OnceLock<Running>,
}

impl Gateway {
    /// A gateway that is still recovering: every intent is BLOCK `SYSTEM_ERROR`.
    pub fn recovering(
        limits: Limits,
        clock: Clock,
        pack: Arc<RulePack>,
        metrics: Arc<Metrics>,
        (relaxed, declared): (bool, HashSet<String>),
        sor: SystemsOfRecord,
    ) -> Self {
        let (started, running) = (clock.instant(), OnceLock::new());
        Self {
            limits,
            clock,
            laws: Arc::new(Laws::new(pack)),
            metrics,
            started,
            relaxed,
            declared,
            dialers: Arc::default(),
            sor: Arc::new(sor),
            hydration: OnceLock::new(),
            outbox: OnceLock::new(),
            law_report: Mutex::default(),
            acknowledging: Arc::default(),
            keys: Mutex::new(None),
            tls: Mutex::new(None),
            volumes: Volumes::default(),
            running,
        }
    }

    /// The same gateway, with dialers that report by themselves.
    #[must_use]
    pub fn with_dialers(mut self, dialers: Dialers) -> Self {
        self.dialers = Arc::new(dialers);
        self
    }

    /// Dialers that report by themselves.
    pub fn dialers(&self) -> &Arc<Dialers> {
        &self.dialers
    }

    /// Systems of record and who is bound to them.
    pub fn sor(&self) -> &Arc<SystemsOfRecord> {
        &self.sor
    }

    /// The packs.
    pub fn laws(&self) -> &Arc<Laws> {
        &self.laws
    }

    /// Notes how the files of law and policy stand; gives back how they stood.
    pub fn report_law(&self, report: LawReport) -> LawReport {
        let mut slot = self
            .law_report
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut slot, report)
    }

    /// How the files of law and policy stand.
    pub fn law_report(&self) -> LawReport {
        let slot = self
            .law_report
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        slot.clone()
    }

    /// Opens the doors. Only the first call has an effect.
    pub fn open(&self, running: Running) {
        // A second set would mean two recoveries of one process: the first one stands.
        drop(self.running.set(running));
    }

    /// Lets systems of record be read and told. Only the first call has an effect.
    pub fn attach(&self, hydration: Arc<Hydration>, outbox: Arc<Outbox>) {
        drop(self.hydration.set(hydration));
        drop(self.outbox.set(outbox));
    }

    /// What there is once recovery is done.
    pub fn running(&self) -> Option<&Running> {
        self.running.get()
    }

    /// Sends work to the engine and waits for its durable answer.
    ///
    /// Cancellation: dropped after submission, the work stands and nobody hears of it.
    pub async fn submit(
        &self,
        desk: &Mailbox<Delivered>,
        work: Work,
        arrived: Instant,
    ) -> Delivered {
        match self.submit_or(desk, work, arrived).await {
            Ok(answer) => answer,
            Err(refused) => Delivered::Refused(refused),
        }
    }

    async fn submit_or(
        &self,
        desk: &Mailbox<Delivered>,
        work: Work,
        arrived: Instant,
    ) -> Result<Delivered, SystemError> {
        let running = self.running.get().ok_or(SystemError::Recovering)?;
        if work.tenant() == TENANT_RECOVERING {
            return Err(SystemError::Recovering);
        }
        if running.status.sealed() {
            return Err(SystemError::Sealed);
        }
        let give_up = arrived + self.limits.commit_wait_max;
        let waiting = desk
            .register(give_up)
            .map_err(|_full| self.shed(ShedLabel::InboxFull))?;
        let reply = ReplyTo::Desk(desk.outlet(), waiting.ticket());
        let job = Job {
            work,
            deadline: Some(arrived + self.limits.deadline),
            reply,
        };
        if let Err((_job, shed)) = running.inbox.live(job) {
            waiting.withdraw();
            return Err(self.shed(label(shed)));
        }
        waiting.await.map_err(|_none| self.too_late())
    }

    /// Counts something that took longer to become durable than a caller waits.
    pub(super) fn too_late(&self) -> SystemError {
        self.metrics.shed(ShedLabel::CommitWait);
        SystemError::CommitTimeout
    }

    /// Counts something given up before it was decided.
    pub(super) fn shed(&self, label: ShedLabel) -> SystemError {
        self.metrics.shed(label);
        SystemError::Overloaded
    }
}

/// How a refusal of the inbox is counted.
pub(super) fn label(shed: Shed) -> ShedLabel {
    match shed {
        Shed::Full => ShedLabel::InboxFull,
        Shed::Quota => ShedLabel::TenantQuota,
        Shed::Stopped => ShedLabel::NotReady,
    }
}
