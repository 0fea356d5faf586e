//! Law and policy read again while the house serves.
//!
//! A change is looked at twice, so that files half written are left alone until whoever writes them
//! is done; then all is read and checked here, beside the engine, and brought to it as one command.
//! What is refused stays refused until a file changes again, and what was in force decides on.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::bounded;

use super::law::{Law, LawPlaces};
use crate::clock::Clock;
use crate::config::{ConfigErrors, Sor};
use crate::engine::enact::Enacted;
use crate::gateway::enact::Enactment;
use crate::gateway::law_report::{Finding, LawReport};
use crate::gateway::running::Gateway;
use crate::gateway::sor::{Bond, BondFinding};
use crate::gateway::work::{Delivered, Job, ReplyTo, Work};
use crate::telemetry::{Metrics, Reload};

/// Between the two looks at files that have changed.
const SETTLE: Duration = Duration::from_millis(200);
/// For the engine to take it up and the ledger to keep it.
const ENACT_MAX: Duration = Duration::from_secs(5);
/// Findings told in log and health; the number is told of all.
const FINDINGS_TOLD_MAX: usize = 20;

/// Watches the files.
#[derive(Debug)]
pub(super) struct LawWatch {
    places: LawPlaces,
    rules: String,
    data_dir: PathBuf,
    gateway: Arc<Gateway>,
    clock: Clock,
    metrics: Arc<Metrics>,
    systems: Sor,
    /// As the files taken up say.
    bonds: Option<Vec<Bond>>,
    /// What is wrong with them now.
    unbound: Vec<BondFinding>,
    /// The files as they were when last taken up or refused.
    seen: Option<[u8; 32]>,
}

impl LawWatch {
    pub(super) fn new(
        (places, rules): (LawPlaces, String),
        data_dir: PathBuf,
        gateway: Arc<Gateway>,
        clock: Clock,
        metrics: Arc<Metrics>,
        systems: Sor,
    ) -> Self {
        Self {
            places,
            rules,
            data_dir,
            gateway,
            clock,
            metrics,
            systems,
            bonds: None,
            unbound: Vec::new(),
            seen: None,
        }
    }

    /// Looks, and takes up what has changed. Blocks while the engine takes it up.
    pub(super) fn look(&mut self) {
        if self.seen == Some(self.places.look().fingerprint()) {
            self.bind();
            return;
        }
        let before = self.places.look().fingerprint();
        std::thread::sleep(SETTLE);
        let texts = self.places.look();
        let fingerprint = texts.fingerprint();
        if fingerprint != before {
            // Somebody is writing: the next look sees what it came to.
            return;
        }
        match texts.read() {
            Err(errors) => {
                self.seen = Some(fingerprint);
                self.refused(&errors);
            }
            Ok(law) => {
                let bonds = law
                    .tenants
                    .iter()
                    .filter_map(|tenant| self.systems.bond(tenant));
                let bonds = bonds.collect();
                match self.enact(law) {
                    Ok(done) => {
                        self.seen = Some(fingerprint);
                        self.taken_up(done);
                        self.bonds = Some(bonds);
                        self.bind();
                    }
                    // Not the files' fault: tried again at the next look.
                    Err(why) => {
                        let mut errors = ConfigErrors::default();
                        errors.add(&self.rules, "", format_args!("not taken up: {why}"));
                        self.refused(&errors);
                    }
                }
            }
        }
    }

    /// Binds tenants to their systems of record as their files say; keys are read again.
    fn bind(&mut self) {
        let Some(bonds) = &self.bonds else {
            return;
        };
        let bound = self.gateway.sor().bind(bonds.clone());
        let findings = bound.err().unwrap_or_default();
        if findings != self.unbound {
            for finding in &findings {
                tracing::error!(%finding, "systems of record: what was bound stays");
            }
            self.unbound = findings;
        }
    }

    /// Archives, then lets the engine take it up; back when the rows are durable.
    fn enact(&self, law: Law) -> Result<Enacted, String> {
        let enactment = Enactment::new(law.pack, &law.tenants);
        enactment
            .archive(&self.data_dir, &law.archive)
            .map_err(|error| format!("the archive cannot be written: {error}"))?;
        self.gateway.laws().know(&enactment.pack);
        let running = self.gateway.running();
        let running = running.ok_or("the gateway is not open yet")?;
        let (reply, answer) = bounded(1);
        let job = Job {
            work: Work::Enact(Box::new(enactment)),
            deadline: None,
            reply: ReplyTo::Channel(reply),
        };
        let sent = running.inbox.own(job, ENACT_MAX);
        sent.map_err(|shed| shed.to_string())?;
        match answer.recv_timeout(ENACT_MAX) {
            Ok(Delivered::Enacted(done)) => done.map_err(|error| error.to_string()),
            Ok(Delivered::Refused(why)) => Err(why.fault().message.to_owned()),
            Ok(_) => Err("an answer to something else".to_owned()),
            Err(_late) => Err("it took too long; looked at again".to_owned()),
        }
    }

    fn taken_up(&self, done: Enacted) {
        self.metrics.rules_refused.set(0.0);
        let report = LawReport::in_force(self.clock.wall());
        let was_refused = self.gateway.report_law(report).is_refused();
        if done.changed() {
            self.metrics.reload(Reload::Applied);
            let pending = self.gateway.laws().pending();
            let pending = pending.map(|pack| pack.edition().version.to_string());
            tracing::info!(
                activated = done.activated,
                announced = done.announced,
                withdrawn = done.withdrawn,
                pending,
                "law and policy were read again and taken up"
            );
        } else if was_refused {
            tracing::info!("law and policy read as before again");
        }
    }

    fn refused(&self, errors: &ConfigErrors) {
        let told = errors.0.iter().take(FINDINGS_TOLD_MAX);
        let findings: Vec<Finding> = told
            .map(|error| Finding {
                of_tenant: error.file != self.rules,
                text: error.to_string(),
            })
            .collect();
        tracing::error!(
            findings = errors.0.len(),
            "law and policy were read again and refused: what was in force stays"
        );
        for finding in &findings {
            tracing::error!(finding = %finding.text, "refused");
        }
        let report = LawReport::refused(self.clock.wall(), findings, errors.0.len());
        self.gateway.report_law(report);
        // Counted last: whoever sees the count finds the report.
        self.metrics.rules_refused.set(1.0);
        self.metrics.reload(Reload::Refused);
    }
}
