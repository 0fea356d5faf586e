//! From a data directory to a running engine: snapshot, then every row after it, then the doors.
//!
//! Recovery decides nothing: it applies what rows record. A ledger that does not check, or a row
//! that does not apply, opens sealed: the process answers, and every answer is BLOCK.

use std::path::Path;
use std::sync::Arc;

use super::archive;
use crate::config::TenantFile;
use crate::domain::ids::TenantNo;
use crate::domain::rules::RulePack;
use crate::domain::time::Zones;
use crate::engine::commands::Activation;
use crate::engine::{Engine, Options as EngineOptions, RowDamage};
use crate::ledger::{
    IndexError, OpenError, OpenLedger, Options as LedgerOptions, RecoverError, Recovered, RowView,
    SubjectView,
};

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
    /// A tenant's name cannot stand in a ledger.
    #[error("tenant cannot be declared in the ledger")]
    Tenant,
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
    /// What decides from here on, by tenant.
    pub activations: Vec<(TenantNo, Activation)>,
}

/// Takes the lock of a data directory and opens its index.
///
/// # Errors
/// [`StartError::Open`].
pub fn open(dir: &Path, options: LedgerOptions) -> Result<OpenLedger, StartError> {
    Ok(OpenLedger::open(dir, options)?)
}

/// Recovers an opened data directory under this law and these tenants.
///
/// # Errors
/// [`StartError`].
pub fn recover(
    dir: &Path,
    opened: OpenLedger,
    engine: EngineOptions,
    (pack, pack_archive): (&Arc<RulePack>, &[u8]),
    tenants: &[TenantFile],
) -> Result<Recovery, StartError> {
    let (mut state, from_frame) = load_snapshot(&opened, engine, pack)?;
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
    let activations = declare(&mut state, dir, (pack, pack_archive), tenants)?;
    Ok(Recovery {
        engine: state,
        ledger: opened,
        recovered,
        row_damage,
        from_frame,
        activations,
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

/// Gives every declared tenant its policy, keeps pack and policies by hash, and says what each
/// chain must name as deciding from here on.
fn declare(
    engine: &mut Engine,
    dir: &Path,
    (pack, pack_archive): (&Arc<RulePack>, &[u8]),
    tenants: &[TenantFile],
) -> Result<Vec<(TenantNo, Activation)>, StartError> {
    let kept = |kind, hash: &[u8; 32], bytes: &[u8]| {
        archive::keep(dir, kind, hash, bytes).map_err(StartError::Archive)
    };
    kept("pack", pack.hash(), pack_archive)?;
    let mut activations = Vec::new();
    for file in tenants {
        kept("policy", &file.hash(), &file.canonical())?;
        let activation = Activation {
            pack: *pack.hash(),
            policy: file.hash(),
            zones: *Zones::bundled().hash(),
            semantics: pack.edition().semantics,
        };
        let policy = file.clone().into_policy(&mut |name| engine.name(name));
        let name = policy.name.clone();
        activations.push((engine.declare(&name, policy), activation));
    }
    Ok(activations)
}
