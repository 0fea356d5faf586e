//! `config/tenants/NAME.toml`: one tenant's policy as its file spells it.
//!
//! Names (portfolios, creditors, source systems) are text here; the engine numbers them, so the
//! file becomes a [`TenantPolicy`](crate::domain::policy::TenantPolicy) only when a numbering is
//! handed in. Every key is documented in `config/README.md`.
//!
//! [`TenantPolicy`]: crate::domain::policy::TenantPolicy
//!
//! Invariants
//! - TENANT-1: no key loosens a rule that has a citation; bounds see to it where a number could. Some
//!   say what the house is and does (licences, duties met, how its dialer dials, social media), which
//!   decides what rules ask of it; `state_counts` takes back strictness no rule asks for.
//! - TENANT-2: [`TenantFile::canonical`] is the same for two files that mean the same, and
//!   [`TenantFile::from_archive`] reads it back.

mod keys;
mod policy;
mod rules;
mod sor;
#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};
use toml::Table;

use super::error::ConfigErrors;
use super::read;

pub use rules::{DeclaredEmergency, Rules};
pub use sor::Sor;

pub use keys::{
    Agency, Authority, Channels, Compliance, Concurrency, Consent, Exceptions, FairnessCaps,
    Infrastructure, NameRule, SourceSystem, StateCounts, Strategy, Timing,
};

/// Rules of one kind in a file at most.
pub const RULES_MAX: usize = 1_000;
/// Names at most this long, bytes.
pub const NAME_BYTES_MAX: usize = 64;

/// One tenant's file, checked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TenantFile {
    /// The name credentials carry; also the file's name without `.toml`.
    pub name: String,
    /// The agency itself.
    pub agency: Agency,
    /// G2.
    pub strategy: Strategy,
    /// Rules of states taken on.
    pub rules: Rules,
    /// G3.
    pub compliance: Compliance,
    /// G5.
    pub authority: Authority,
    /// G6.
    pub fairness: FairnessCaps,
    /// G7.
    pub timing: Timing,
    /// G8.
    pub consent: Consent,
    /// G9.
    pub channel: Channels,
    /// G11.
    pub concurrency: Concurrency,
    /// G12.
    pub infrastructure: Infrastructure,
    /// What purposes and replies may do.
    pub exceptions: Exceptions,
    /// The tenant's system of record, if it has one. No policy: it is in no archive and no hash, and it
    /// changes without an activation.
    #[serde(skip)]
    pub sor: Option<Sor>,
}

impl TenantFile {
    /// Reads the text of a file called `file`.
    ///
    /// # Errors
    /// Every finding: bad TOML, unknown keys, values out of bounds, names that stand twice.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        match text.parse::<Table>() {
            Ok(table) => Self::from_table(file, table),
            Err(error) => {
                errors.add(file, "", error.to_string().trim_end());
                Err(errors)
            }
        }
    }

    /// Reads back what [`TenantFile::canonical`] wrote.
    ///
    /// # Errors
    /// As [`TenantFile::parse`].
    pub fn from_archive(bytes: &[u8]) -> Result<Self, ConfigErrors> {
        const FILE: &str = "archived policy";
        match serde_json::from_slice::<Table>(bytes) {
            Ok(table) => Self::from_table(FILE, table),
            Err(error) => {
                let mut errors = ConfigErrors::default();
                errors.add(FILE, "", error);
                Err(errors)
            }
        }
    }

    fn from_table(file: &str, table: Table) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let read = read::table(file, table, &mut errors, Self::read);
        errors.none_or(read)
    }

    fn read(from: &mut read::Reader<'_>) -> Self {
        let name: String = from.take("name", String::new());
        if !is_tenant_name(&name) {
            from.refuse(
                "name",
                "needs 1 to 64 of a-z, 0-9, - and _, the first a letter or digit",
            );
        }
        Self {
            name,
            agency: from.section("agency", Agency::read),
            strategy: from.section("strategy", Strategy::read),
            rules: from.section("rules", Rules::read),
            compliance: from.section("compliance", Compliance::read),
            authority: from.section("authority", Authority::read),
            fairness: from.section("fairness", FairnessCaps::read),
            timing: from.section("timing", Timing::read),
            consent: from.section("consent", Consent::read),
            channel: from.section("channel", Channels::read),
            concurrency: from.section("concurrency", Concurrency::read),
            infrastructure: from.section("infrastructure", Infrastructure::read),
            exceptions: from.section("exceptions", Exceptions::read),
            sor: Sor::read(from),
        }
    }

    /// The policy as bytes to be archived and hashed: JSON, keys in ASCII order, no spaces, every
    /// default written out, lists of words in their published order.
    pub fn canonical(&self) -> Vec<u8> {
        // A JSON value keeps its keys sorted; a struct of strings, numbers and lists always
        // becomes one.
        serde_json::to_value(self)
            .map(|v| v.to_string().into_bytes())
            .unwrap_or_default()
    }

    /// SHA-256 of the canonical form, for the activation row.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.canonical()).into()
    }
}

/// Whether `name` may name a tenant: it becomes a file name, a claim and a column of the ledger.
pub fn is_tenant_name(name: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = name.as_bytes();
    bytes.len() <= NAME_BYTES_MAX
        && bytes.first().is_some_and(|b| word(*b))
        && bytes.iter().all(|b| word(*b) || matches!(b, b'-' | b'_'))
}
