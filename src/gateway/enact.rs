//! Law and policies brought to the engine: archived first, then enacted between two commands.

use std::path::Path;
use std::sync::Arc;

use super::archive;
use super::recovery::StartError;
use super::writer::Writer;
use crate::config::TenantFile;
use crate::domain::rules::RulePack;
use crate::domain::time::UnixSeconds;
use crate::engine::enact::Enacted;
use crate::ledger::limits::TENANTS_MAX;

/// What is to decide: a pack and the policy of every declared tenant, read and checked.
#[derive(Debug, Clone)]
pub struct Enactment {
    /// The pack; with a day of its own, from that day on.
    pub pack: Arc<RulePack>,
    /// Every declared tenant's file with its hash.
    pub tenants: Vec<(TenantFile, [u8; 32])>,
}

/// Why nothing was enacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnactError {
    /// The data directory has a chain for as many tenants as it can.
    #[error("more tenants than one data directory can ever know ({TENANTS_MAX})")]
    TooManyTenants,
    /// A row was refused by the ledger; the gateway is sealed.
    #[error("the ledger refused a row")]
    Refused,
}

impl Enactment {
    /// Of a pack and the files of all declared tenants.
    pub fn new(pack: Arc<RulePack>, tenants: &[TenantFile]) -> Self {
        let hashed = tenants.iter().map(|file| (file.clone(), file.hash()));
        Self {
            pack,
            tenants: hashed.collect(),
        }
    }

    /// Keeps pack and policies by hash in the data directory, before any row names them.
    ///
    /// # Errors
    /// As the system says.
    pub fn archive(&self, dir: &Path, pack_archive: &[u8]) -> std::io::Result<()> {
        archive::keep(dir, "pack", self.pack.hash(), pack_archive)?;
        for (file, hash) in &self.tenants {
            archive::keep(dir, "policy", hash, &file.canonical())?;
        }
        Ok(())
    }
}

impl Writer {
    /// Enacts at the start, before any command.
    ///
    /// # Errors
    /// [`StartError::Tenant`] when a tenant cannot be declared in the ledger.
    pub fn enact_at_start(&mut self, enactment: Enactment) -> Result<(), StartError> {
        let now = self.clock.now();
        match self.enact(enactment, now) {
            Ok(_) | Err(EnactError::Refused) => Ok(()),
            Err(EnactError::TooManyTenants) => Err(StartError::Tenant),
        }
    }

    /// Declares new tenants, takes up changed policies and the pack, withdraws who is gone. A known
    /// tenant keeps its number.
    pub(super) fn enact(
        &mut self,
        enactment: Enactment,
        now: UnixSeconds,
    ) -> Result<Enacted, EnactError> {
        let Enactment { pack, tenants } = enactment;
        let known = |name: &str| self.engine.tenants().iter().any(|t| &*t.name == name);
        let new = tenants.iter().filter(|(file, _)| !known(&file.name));
        if self.engine.tenants().len() + new.count() > usize::from(TENANTS_MAX) {
            return Err(EnactError::TooManyTenants);
        }
        let mut declared = Vec::with_capacity(tenants.len());
        for (file, hash) in tenants {
            let policy = file.into_policy(&mut |name| self.engine.name(name));
            let name = policy.name.clone();
            declared.push((self.engine.declare(&name, policy), hash));
        }
        self.declare_chains();
        let (done, whole) =
            self.with_rows(|engine, rows| engine.enact(&pack, &declared, now, rows));
        self.directory.publish(&self.engine);
        let names = self.engine.tenants().iter().map(|tenant| &tenant.name);
        self.status.names(names);
        self.tell_law();
        if whole {
            Ok(done)
        } else {
            Err(EnactError::Refused)
        }
    }

    /// Says which pack decides and which waits.
    pub(super) fn tell_law(&self) {
        let pending = self.engine.pending().map(|pending| &*pending.pack);
        self.laws.tell(self.engine.pack(), pending);
    }
}
