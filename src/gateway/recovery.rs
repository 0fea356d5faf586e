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
use crate::engine::{Engine, Options as EngineOptions, RowDamage};
use crate::ledger::{
    IndexError, OpenError, OpenLedger, Options as LedgerOptions, RecoverError, Recovered, RowView,
    SubjectView,
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
    let (mut state, from_frame) = load_snapshot(&opened, engine, pack)?;
    let snapshot_work = state.work();
    let mut row_damage = None;
    let recovered = opened.recover(from_frame, |row| {
        if row_damage.is_none() {
            row_damage = apply(&mut state, &row).err();
        }
        Ok::<(), std::convert::Infallible>(())
    });
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
) -> Result<(Engine, u64), StartError> {
    let fresh = || Engine::new(options, Arc::clone(pack), Zones::bundled());
    let Some(meta) = ledger.snapshots().load_meta()? else {
        return Ok((fresh(), 0));
    };
    let mut engine = fresh();
    let mut whole = true;
    ledger.snapshots().load_pages(|table, page, bytes| {
        whole &= engine.restore_page(table, page, bytes).is_ok();
    })?;
    if whole && engine.finish_restore(&meta.bytes).is_ok() {
        return Ok((engine, meta.frame));
    }
    Ok((fresh(), 0))
}

/// Applies one row of the ledger.
///
/// # Errors
/// [`RowDamage`].
pub fn apply(engine: &mut Engine, row: &RowView<'_>) -> Result<(), RowDamage> {
    let tenant = TenantNo(row.tenant);
    engine.expect_tenant(tenant);
    let subjects: Vec<Option<&[u8]>> = row
        .subjects
        .clone()
        .map(|subject| match subject {
            SubjectView::Present(subject) => Some(subject.bytes),
            SubjectView::Erased => None,
        })
        .collect();
    engine.apply_row(tenant, row.body, &subjects)
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
