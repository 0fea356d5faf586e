//! From a data directory to a running engine: snapshot, then every row after it, then the doors.
//!
//! Recovery decides nothing: it applies what rows record. A ledger that does not check, or a row
//! that does not apply, opens sealed: the process answers, and every answer is BLOCK.

use std::path::Path;
use std::sync::Arc;

use super::archive;
use super::enact::Enactment;
use crate::config::TenantFile;
use crate::domain::ids::TenantNo;
use crate::domain::rules::RulePack;
use crate::domain::time::{UnixSeconds, Zones};
use crate::engine::replay_ahead::{self, ReadRow};
use crate::engine::{Engine, Options as EngineOptions, RestoredPage, RowDamage};
use crate::ledger::frame::RawRow;
use crate::ledger::{
    IndexError, OpenError, OpenLedger, Options as LedgerOptions, RecoverError, Recovered, Replay,
    RowView, SubjectView,
};
use crate::rulepack;

/// Why there is nothing to run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory, the index or a thread.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The ledger could not be read.
    #[error("recovery failed: {0}")]
    Recovery(String),
    /// The archive of packs and policies could not be written.
    #[error("archive cannot be written")]
    Archive(#[source] std::io::Error),
    /// What was written of an earlier doubt about the clock.
    #[error("CLOCK in the data directory cannot be read or written")]
    ClockMark(#[source] std::io::Error),
    /// A tenant's name cannot stand in a ledger, or there are too many.
    #[error("tenant cannot be declared in the ledger")]
    Tenant,
    /// The configured pack takes force later, and no earlier one can be had.
    #[error(
        "the rule pack takes force at {0} and the data directory holds no readable pack that decides until then"
    )]
    NoLaw(UnixSeconds),
}

/// A recovered engine beside its ledger, nothing running yet.
#[derive(Debug)]
pub struct Recovery {
    /// The engine.
    pub engine: Engine,
    /// The ledger.
    pub ledger: OpenLedger,
    /// Where it ends.
    pub recovered: Recovered,
    /// A row that did not apply: open sealed.
    pub row_damage: Option<RowDamage>,
    /// Rows the snapshot spared.
    pub from_frame: u64,
    /// What of [`Engine::work`] the snapshot held. What was applied from rows just now is a suffix like
    /// any other, and makes the next snapshot due sooner.
    pub snapshot_work: u64,
    /// What is to decide from here on.
    pub enactment: Enactment,
}

/// Takes the lock of a data directory and opens its index.
///
/// # Errors
/// [`StartError::Open`].
pub fn open(dir: &Path, options: LedgerOptions) -> Result<OpenLedger, StartError> {
    Ok(OpenLedger::open(dir, options)?)
}

/// Recovers an opened data directory under this law and these tenants. `now` is the clock's time.
///
/// # Errors
/// [`StartError`].
pub fn recover(
    dir: &Path,
    opened: OpenLedger,
    engine: EngineOptions,
    (pack, pack_archive): (&Arc<RulePack>, &[u8]),
    tenants: &[TenantFile],
    now: UnixSeconds,
) -> Result<Recovery, StartError> {
    let (mut state, from_frame) = load_snapshot(&opened, engine, pack);
    let snapshot_work = state.work();
    let mut replaying = Replaying {
        engine: &mut state,
        damage: None,
    };
    let recovered = opened.recover_into(from_frame, &mut replaying);
    let row_damage = replaying.damage;
    let recovered = recovered.map_err(|error| match error {
        RecoverError::Index(index) => StartError::Index(index),
        RecoverError::Recovery(why) => StartError::Recovery(why.to_string()),
    })?;
    for (number, name, _head) in recovered.chains.iter() {
        state.name_tenant(TenantNo(number), name);
    }
    let enactment = Enactment::new(Arc::clone(pack), tenants);
    let archived = enactment.archive(dir, pack_archive);
    archived.map_err(StartError::Archive)?;
    take_up_until(&mut state, dir, pack, now)?;
    Ok(Recovery {
        engine: state,
        ledger: opened,
        recovered,
        row_damage,
        from_frame,
        snapshot_work,
        enactment,
    })
}

/// The newest snapshot that reads, else an empty engine and the first row.
fn load_snapshot(
    ledger: &OpenLedger,
    options: EngineOptions,
    pack: &Arc<RulePack>,
) -> (Engine, u64) {
    let fresh = || Engine::new(options, Arc::clone(pack), Zones::bundled());
    let store = ledger.snapshots();
    for kept in store.kept() {
        let mut engine = fresh();
        let mut whole = true;
        let loaded = store.load(&kept, RestoredPage::read, |page| match page {
            Ok(page) => engine.restore(page),
            Err(_laid_out_otherwise) => whole = false,
        });
        if loaded.is_err() {
            continue;
        }
        if whole && engine.finish_restore(&kept.meta().bytes).is_ok() {
            store.go_on_from(&kept);
            return (engine, kept.meta().frame);
        }
        // As it was written, and not as this engine lays rows out: so are the older ones.
        break;
    }
    (fresh(), 0)
}

/// Applies one row of the ledger.
///
/// # Errors
/// [`RowDamage`].
pub fn apply(engine: &mut Engine, row: &RowView<'_>) -> Result<(), RowDamage> {
    let tenant = TenantNo(row.tenant);
    engine.expect_tenant(tenant);
    engine.apply_row(tenant, row.body, &subjects_of(row.subjects.clone()))
}

/// Rows on their way into an engine; after the first that does not apply, none is applied.
struct Replaying<'e> {
    engine: &'e mut Engine,
    damage: Option<RowDamage>,
}

impl Replay for Replaying<'_> {
    type Read = ReadRow;
    type Error = std::convert::Infallible;

    const AHEAD_MAX: usize = replay_ahead::AHEAD_MAX;

    fn read(row: &RawRow<'_>) -> ReadRow {
        let subjects = subjects_of(row.subjects.clone());
        ReadRow::read(TenantNo(row.tenant), row.body, &subjects)
    }

    fn ahead(&mut self, rows: &[ReadRow]) {
        self.engine.touch_ahead(rows);
    }

    fn apply(&mut self, row: RowView<'_>, read: &ReadRow) -> Result<(), Self::Error> {
        if self.damage.is_none() {
            self.engine.expect_tenant(TenantNo(row.tenant));
            let subjects = subjects_of(row.subjects);
            self.damage = self.engine.apply_read(read, row.body, &subjects).err();
        }
        Ok(())
    }
}

fn subjects_of<'r>(subjects: impl Iterator<Item = SubjectView<'r>>) -> Vec<Option<&'r [u8]>> {
    let bytes = subjects.map(|subject| match subject {
        SubjectView::Present(subject) => Some(subject.bytes),
        SubjectView::Erased => None,
    });
    bytes.collect()
}

/// Where the configured pack takes force later, the engine goes on with the one its rows name.
fn take_up_until(
    engine: &mut Engine,
    dir: &Path,
    pack: &RulePack,
    now: UnixSeconds,
) -> Result<(), StartError> {
    let later = pack.edition().effective_from;
    let Some(from) = later.filter(|from| *from > engine.last()) else {
        return Ok(());
    };
    let named = engine.named_pack();
    if named == Some(*pack.hash()) {
        return Ok(());
    }
    let kept = named.and_then(|hash| archive::read(dir, "pack", &hash).ok());
    match kept.and_then(|bytes| rulepack::from_archive(&bytes).ok()) {
        Some(until) => {
            engine.take_up(Arc::new(until));
            Ok(())
        }
        None if from <= now => Ok(()),
        None => Err(StartError::NoLaw(from)),
    }
}
