//! Which tenant is bound to which system of record, and under which names it is reached.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::uri::PathAndQuery;
use rustls::ClientConfig;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::SystemsOfRecord;
use crate::sor::route::System;
use crate::sor::upstream::{
    Address, Credential, Exchange, Setting, Upstream, bearer, secret, trust,
};

/// A file that holds a secret has at most this many bytes.
const SECRET_FILE_BYTES_MAX: u64 = 16 * 1024;

/// How a tenant is believed by its system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BondKind {
    /// The caller's own token goes through.
    Pass,
    /// The tenant's key is exchanged for a token.
    Exchange,
    /// The tenant's key goes with every call.
    Key,
}

/// What a tenant's file says of its system of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bond {
    /// The tenant's name.
    pub tenant: Arc<str>,
    /// Its system.
    pub system: System,
    /// Where that listens.
    pub addresses: Vec<Address>,
    /// How the tenant is believed there.
    pub credential: BondKind,
    /// The key; with [`BondKind::Pass`] the token of the gateway's own calls.
    pub key_file: Option<PathBuf>,
    /// The pin; at the portal `email:password`; with [`BondKind::Key`] the bearer token beside it.
    pub pin_file: Option<PathBuf>,
    /// The name under which the tenant's public routes are served.
    pub public_host: Option<Box<str>>,
    /// What a probe asks for.
    pub health_path: Option<PathAndQuery>,
}

/// What is wrong with a bond. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("tenant {tenant}: sor.{key}: {what}")]
pub struct BondFinding {
    /// The tenant.
    pub tenant: Arc<str>,
    /// The key of its file.
    pub key: &'static str,
    /// What.
    pub what: String,
}

/// A tenant and its system of record.
#[derive(Debug)]
pub struct Binding {
    bond: Bond,
    /// Tells two states of the secrets apart.
    secrets: [u8; 32],
    upstream: Arc<Upstream>,
}

impl Binding {
    /// The tenant's name.
    pub fn tenant(&self) -> &Arc<str> {
        &self.bond.tenant
    }

    /// Its system.
    pub fn system(&self) -> System {
        self.bond.system
    }

    /// The system, to be asked.
    pub fn upstream(&self) -> &Arc<Upstream> {
        &self.upstream
    }
}

/// Everybody who is bound.
#[derive(Debug, Default)]
pub struct Bindings {
    by_tenant: HashMap<Arc<str>, Arc<Binding>>,
    by_host: HashMap<Box<str>, Vec<Arc<Binding>>>,
    /// In the order of the tenants' names.
    all: Vec<Arc<Binding>>,
}

impl Bindings {
    /// The system of a tenant.
    pub fn of_tenant(&self, tenant: &str) -> Option<&Arc<Binding>> {
        self.by_tenant.get(tenant)
    }

    /// Those whose public routes of a system are served under a name, in the order of their names;
    /// more than one: nobody can tell whose a call is.
    pub fn of_host(&self, host: &str, system: System) -> impl Iterator<Item = &Arc<Binding>> {
        let lower = host.to_ascii_lowercase();
        let named = self.by_host.get(lower.as_str());
        let named = named.into_iter().flatten();
        named.filter(move |binding| binding.system() == system)
    }

    /// All, in the order of the tenants' names.
    pub fn all(&self) -> &[Arc<Binding>] {
        &self.all
    }

    /// Nobody is bound.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn of(
        house: &SystemsOfRecord,
        bonds: Vec<Bond>,
        before: &Self,
    ) -> Result<Self, Vec<BondFinding>> {
        let mut findings = Vec::new();
        let tls = whom_to_trust(house, &bonds, &mut findings);
        let mut all = Vec::new();
        for bond in bonds {
            match Secrets::read(house, &bond) {
                Ok(secrets) => {
                    let kept = before.by_tenant.get(&bond.tenant);
                    let same =
                        |old: &&Arc<Binding>| old.bond == bond && old.secrets == secrets.digest();
                    all.push(match kept.filter(same) {
                        Some(old) => Arc::clone(old),
                        None => Arc::new(fresh(house, bond, secrets, tls.clone())),
                    });
                }
                Err(finding) => findings.push(finding),
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        all.sort_by(|a, b| a.tenant().cmp(b.tenant()));
        let mut bound = Self::default();
        for binding in &all {
            let name = Arc::clone(binding.tenant());
            bound.by_tenant.insert(name, Arc::clone(binding));
            if let Some(host) = &binding.bond.public_host {
                let under = bound.by_host.entry(host.clone()).or_default();
                under.push(Arc::clone(binding));
            }
        }
        bound.all = all;
        Ok(bound)
    }
}

/// Whom addresses have to be, where any speaks TLS.
fn whom_to_trust(
    house: &SystemsOfRecord,
    bonds: &[Bond],
    findings: &mut Vec<BondFinding>,
) -> Option<Arc<ClientConfig>> {
    let speaks_tls = |bond: &&Bond| bond.addresses.iter().any(|address| address.https);
    let first = bonds.iter().find(speaks_tls)?;
    match trust(house.ca_file.as_deref()) {
        Ok(tls) => Some(tls),
        Err(what) => {
            findings.push(BondFinding {
                tenant: Arc::clone(&first.tenant),
                key: "addresses",
                what: format!("https, but sor.ca_file {what}"),
            });
            None
        }
    }
}

fn fresh(
    house: &SystemsOfRecord,
    bond: Bond,
    secrets: Secrets,
    tls: Option<Arc<ClientConfig>>,
) -> Binding {
    let digest = secrets.digest();
    let upstream = Upstream::new(Setting {
        system: bond.system,
        addresses: bond.addresses.clone(),
        credential: secrets.credential,
        dialect: house.dialect(bond.system).cloned(),
        health_path: bond.health_path.clone(),
        tls,
        options: house.options,
        clock: house.clock.clone(),
    });
    Binding {
        bond,
        secrets: digest,
        upstream: Arc::new(upstream),
    }
}

/// A bond's secrets as they were read.
struct Secrets {
    digest: [u8; 32],
    credential: Credential,
}

impl Secrets {
    fn read(house: &SystemsOfRecord, bond: &Bond) -> Result<Self, BondFinding> {
        let fetch = |key, path: Option<&PathBuf>| {
            let text = path.map(|path| fetch(path)).transpose();
            text.map_err(|what| finding(bond, key, what))
        };
        let key = fetch("key_file", bond.key_file.as_ref())?;
        let pin = fetch("pin_file", bond.pin_file.as_ref())?;
        let mut digest = Sha256::new();
        for text in [&key, &pin] {
            let text = text.as_ref().map_or(&[][..], |text| text.as_bytes());
            digest.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(text);
        }
        let header = |key, text: Option<&Zeroizing<String>>, make: fn(&str) -> Option<_>| {
            let odd = || finding(bond, key, "is not visible ASCII on one line".to_owned());
            text.map(|text| make(text).ok_or_else(odd)).transpose()
        };
        let missing = || finding(bond, "key_file", "is needed".to_owned());
        let credential = match bond.credential {
            BondKind::Pass => Credential::Pass(header("key_file", key.as_ref(), bearer)?),
            BondKind::Exchange => {
                let beside = match bond.system {
                    System::Portal => header("key_file", key.as_ref(), secret)?,
                    System::Whl | System::Scollect => None,
                };
                let key = key.ok_or_else(missing)?;
                may_log_in(house, bond, &key, pin.as_ref())?;
                Credential::Exchange(Exchange { key, pin, beside })
            }
            BondKind::Key => {
                if pin.as_ref().is_some_and(|pin| pin.contains(':')) {
                    let what = "is no bearer token; what logs in needs credential = \"exchange\"";
                    return Err(finding(bond, "pin_file", what.to_owned()));
                }
                Credential::Key(
                    header("key_file", key.as_ref(), secret)?.ok_or_else(missing)?,
                    header("pin_file", pin.as_ref(), bearer)?,
                )
            }
        };
        Ok(Self {
            digest: digest.finalize().into(),
            credential,
        })
    }

    fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

/// A secret that the system has no login for would fail every call.
fn may_log_in(
    house: &SystemsOfRecord,
    bond: &Bond,
    key: &str,
    pin: Option<&Zeroizing<String>>,
) -> Result<(), BondFinding> {
    let dialect = house.dialect(bond.system);
    let pin = pin.map(|pin| pin.as_str());
    if dialect.is_some_and(|dialect| dialect.login(key, pin).is_some()) {
        return Ok(());
    }
    let what = match bond.system {
        System::Whl => "cannot be exchanged: the catalogue has no route of duty login",
        System::Scollect => "is needed to log in",
        System::Portal => "has to be email:password of a user of the portal",
    };
    Err(finding(bond, "pin_file", what.to_owned()))
}

fn finding(bond: &Bond, key: &'static str, what: String) -> BondFinding {
    BondFinding {
        tenant: Arc::clone(&bond.tenant),
        key,
        what,
    }
}

/// A secret's text, trimmed. Errors never show it.
fn fetch(path: &Path) -> Result<Zeroizing<String>, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > SECRET_FILE_BYTES_MAX {
        return Err(format!("has more than {SECRET_FILE_BYTES_MAX} bytes"));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
    let text = Zeroizing::new(text.trim().to_owned());
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    Ok(text)
}
