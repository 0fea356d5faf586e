//! A mapping brought by its tenant's administrator: checked whole, written, in force.

use std::sync::{Arc, PoisonError};

use super::Dialers;
use super::dialer::{Dialer, is_dialer_id};
use super::set::DialerSet;
use crate::domain::time::UnixSeconds;
use crate::wire::dialer::{CredentialPlace, DialerMapping, Findings, SecretPlace};

/// Why a mapping is not in force. What was in force stays.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// It is not right, alone or beside the others.
    #[error("refused: {0}")]
    Refused(Findings),
    /// The files have changed since and are not in force: what is put could not stand beside them, or
    /// would bring back what they took away.
    #[error("the files of mappings have changed and are not in force")]
    FilesChanged,
    /// The file cannot be written.
    #[error("not written: {0}")]
    NotWritten(std::io::Error),
    /// The server keeps no mappings.
    #[error("there is no folder for mappings")]
    NoFolder,
}

impl Dialers {
    /// Makes a mapping its tenant's dialer `id`, from the next request on; the dialer, and whether
    /// it was so before. A mapping without a credential keeps the one the dialer has. Blocks on
    /// files.
    ///
    /// # Errors
    /// [`PutError`].
    pub fn put(
        &self,
        id: &str,
        mut mapping: DialerMapping,
        now: UnixSeconds,
    ) -> Result<(Arc<Dialer>, bool), PutError> {
        let folder = self.folder.as_ref().ok_or(PutError::NoFolder)?;
        let refused = |key: &str, what: &str| PutError::Refused(Findings::one(key, what));
        if !is_dialer_id(id) {
            let what = "needs 1 to 64 of a-z, 0-9, - and _, the first a letter or digit";
            return Err(refused("dialer_id", what));
        }
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let set = self.in_force();
        let look = folder.look();
        let in_force =
            |files: &DialerSet| *files == *set && (!look.is_absent || set.all().is_empty());
        if !look.read.as_ref().is_ok_and(in_force) {
            return Err(PutError::FilesChanged);
        }
        let before = set.find(&mapping.tenant, id);
        let held = before.and_then(|dialer| dialer.mapping.credential.as_ref());
        match &mapping.credential {
            None => mapping.credential = held.cloned(),
            Some(wanted) if !may_name(wanted, held) => {
                let what = "only files in the tenant's own folder of secrets are named here";
                return Err(refused("credential", what));
            }
            Some(_) => {}
        }
        let secrets = folder.secrets(&mapping, None).map_err(PutError::Refused)?;
        let file = before.map_or_else(
            || folder.file_of(&mapping.tenant, id),
            |dialer| dialer.file.clone(),
        );
        let dialer = Dialer {
            id: id.into(),
            mapping,
            secrets,
            file,
        };
        if let Some(known) = before.filter(|known| ***known == dialer) {
            return Ok((Arc::clone(known), true));
        }
        let others = set.all().iter().filter(|one| !is_same(one, &dialer));
        let mut all: Vec<Dialer> = others.map(|one| Dialer::clone(one)).collect();
        all.push(dialer.clone());
        let next = DialerSet::of(all).map_err(|found| {
            let mut findings = Findings::default();
            for (_, one) in found {
                findings.add(&one.key, one.what);
            }
            PutError::Refused(findings)
        })?;
        folder
            .write(&dialer.file, &dialer.mapping)
            .map_err(PutError::NotWritten)?;
        self.replace(next);
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.changed(now);
        Ok((Arc::new(dialer), false))
    }
}

fn is_same(one: &Dialer, other: &Dialer) -> bool {
    one.tenant() == other.tenant() && one.id == other.id
}

/// A request may name what an operator put there for its tenant, or leave what is in force. Any
/// other path or variable would let it try the files of the server for secrets.
fn may_name(wanted: &CredentialPlace, held: Option<&CredentialPlace>) -> bool {
    held == Some(wanted) || wanted.secrets.iter().all(SecretPlace::is_own)
}
