//! Law and policy as files: read together, checked together, taken up together.
//!
//! A tenant's file may lean on the pack and a pack on nobody, so one fault anywhere refuses all of
//! it, and what was in force stays.

use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::config::{ConfigErrors, Settings, TenantFile, TenantTexts};
use crate::domain::rules::RulePack;
use crate::rulepack::{self, PackFiles, RuleError};

/// A pack and every declared tenant, checked.
#[derive(Debug, Clone)]
pub struct Law {
    /// The pack.
    pub pack: Arc<RulePack>,
    /// Its files in canonical form, to be kept by hash.
    pub archive: Vec<u8>,
    /// The tenants, sorted by name.
    pub tenants: Vec<TenantFile>,
}

/// Where law and policy lie.
#[derive(Debug, Clone)]
pub struct LawPlaces {
    rules: PathBuf,
    tenants: PathBuf,
}

/// The files as they were at one look, not yet read.
#[derive(Debug)]
pub struct LawTexts {
    rules: String,
    pack: Result<PackFiles, Vec<RuleError>>,
    tenants: TenantTexts,
}

impl LawPlaces {
    /// As configured.
    pub fn of(settings: &Settings) -> Self {
        Self {
            rules: settings.rules.dir.clone(),
            tenants: settings.tenants.dir.clone(),
        }
    }

    /// Looks at every file once.
    pub fn look(&self) -> LawTexts {
        LawTexts {
            rules: self.rules.display().to_string(),
            pack: PackFiles::from_dir(&self.rules),
            tenants: TenantTexts::of_dir(&self.tenants),
        }
    }
}

impl LawTexts {
    /// Tells two looks apart: SHA-256 of all that was seen, faults included.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut all = Sha256::new();
        match &self.pack {
            Ok(files) => all.update(files.hash()),
            Err(faults) => faults.iter().for_each(|f| all.update(f.to_string())),
        }
        self.tenants.each_part(|part| {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            all.update(length.to_be_bytes());
            all.update(part);
        });
        all.finalize().into()
    }

    /// Reads and checks.
    ///
    /// # Errors
    /// Every finding of every file.
    pub fn read(&self) -> Result<Law, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let files = self.pack.as_ref().map_err(Clone::clone);
        let pack = files.and_then(|files| Ok((rulepack::read(files)?, files.archive())));
        let pack = pack.map_err(|faults| {
            for fault in faults {
                errors.add(&self.rules, "", fault);
            }
        });
        let tenants = self.tenants.read();
        let tenants = tenants.map_err(|found| errors.0.extend(found.0));
        match (pack, tenants) {
            (Ok((pack, archive)), Ok(tenants)) => {
                for tenant in &tenants {
                    tenant.check_rules(&pack, &mut errors);
                }
                errors.none_or(Law {
                    pack: Arc::new(pack),
                    archive,
                    tenants,
                })
            }
            _ => Err(errors),
        }
    }
}
