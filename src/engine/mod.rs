//! The engine: one writer that owns all gate state. Sync and deterministic; time and salts are
//! arguments.
//!
//! Invariants
//! - ENGINE-1: the same commands at the same instants give the same rows, byte for byte.
//! - ENGINE-2: an ALLOW that is not a dry run leaves exactly one reservation.
//! - ENGINE-3: a record is applied whole or not at all; one that changes nothing makes no fact row.
//! - ENGINE-4: engine time never goes back, but by `clock accept`: an operator's act, in every chain.
//! - ENGINE-5: a fresh engine fed a run's rows holds the state the run left.
//! - ENGINE-6: everybody with whom a number is shared is listed with it, or the list says that there
//!   are more; so what is counted by number misses nobody's attempts.

mod admin;
mod ask;
mod call;
#[cfg(test)]
mod call_tests;
mod case;
#[cfg(test)]
mod case_tests;
pub mod commands;
mod consume;
mod draft;
mod effect;
pub mod enact;
mod erased;
mod facts;
mod facts_account;
mod facts_contact;
mod facts_person;
pub mod figures;
mod heard;
mod history;
mod image;
mod index;
pub mod keys;
mod kin;
mod one_call;
mod one_fact;
mod page;
pub mod persist;
pub mod query;
mod record;
mod replay;
pub mod replay_ahead;
mod replay_report;
mod report;
mod ring;
mod sharers;
pub mod state;
mod stated;
mod strangers;
mod strings;
mod table;
mod tenant;
pub mod warm;
mod whose;
mod words;

use std::sync::Arc;

pub use admin::Administered;
pub use case::DEBTS_MAX;
pub use facts::restricts;
pub use image::{ImageDamage, Misc, RestoredPage};
pub use replay::{RowDamage, Subjects, kind_of};
pub use state::{account_key, address_hash, call_hash, contact_key};
pub use tenant::Tenant;
pub use words::unpack as unpack_words;

use crate::domain::case::World;
use crate::domain::ids::TenantNo;
use crate::domain::policy::TenantPolicy;
use crate::domain::rules::RulePack;
use crate::domain::time::{UnixSeconds, Zones};
use crate::wire::row::RowBody;

/// Bounds of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Accounts the tables make room for at start; more only cost a rehash of a shard.
    pub accounts_expected: usize,
    /// Attempts a person's ring keeps; a longer history counts as at every cap.
    pub attempts_per_person_max: usize,
    /// Idempotency keys kept.
    pub idempotency_keys_max: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            accounts_expected: 100_000,
            attempts_per_person_max: 256,
            idempotency_keys_max: 262_144,
        }
    }
}

/// The engine.
#[derive(Debug)]
pub struct Engine {
    options: Options,
    state: state::State,
    tenants: Vec<Tenant>,
    keys: keys::Keys,
    pack: Arc<RulePack>,
    /// A pack that takes force later.
    pending: Option<enact::Pending>,
    /// The pack the newest activation row named, in whichever chain.
    named: Option<[u8; 32]>,
    zones: &'static Zones,
    last: UnixSeconds,
    clock_trusted: bool,
    /// A recorded fact row came without its subject: later rows may rest on what is gone.
    erasures: bool,
    body: RowBody,
    image: image::Progress,
    /// Records that changed something since this engine was made; recovery has to apply each again.
    landed: u64,
}

impl Engine {
    /// An engine without state.
    pub fn new(options: Options, pack: Arc<RulePack>, zones: &'static Zones) -> Self {
        Self {
            options,
            state: state::State::with_room_for(options.accounts_expected),
            tenants: Vec::new(),
            keys: keys::Keys::new(options.idempotency_keys_max),
            pack,
            pending: None,
            named: None,
            zones,
            last: UnixSeconds(0),
            clock_trusted: true,
            erasures: false,
            body: RowBody::default(),
            image: image::Progress::default(),
            landed: 0,
        }
    }

    /// Declares a tenant, or gives a known one its policy. Names in `policy` are numbered by
    /// [`Engine::name`].
    pub fn declare(&mut self, name: &str, policy: TenantPolicy) -> TenantNo {
        let known = self.tenants.iter().position(|t| &*t.name == name);
        let at = known.unwrap_or_else(|| {
            self.tenants.push(Tenant::new(name, policy.clone()));
            self.tenants.len() - 1
        });
        if let Some(tenant) = self.tenants.get_mut(at) {
            tenant.policy = policy;
            tenant.lay_out_rules(&self.pack);
            tenant.declared = true;
        }
        TenantNo(u16::try_from(at).unwrap_or(u16::MAX))
    }

    /// Makes sure a recorded row's tenant exists before its name is known.
    pub fn expect_tenant(&mut self, no: TenantNo) {
        while self.tenants.len() <= usize::from(no.0) {
            let mut tenant = Tenant::new("", TenantPolicy::defaults(""));
            tenant.declared = false;
            self.tenants.push(tenant);
        }
    }

    /// Names a tenant as the ledger does.
    pub fn name_tenant(&mut self, no: TenantNo, name: &str) {
        self.expect_tenant(no);
        if let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) {
            tenant.name = name.into();
        }
    }

    /// Numbers a name that policy speaks of.
    pub fn name(&mut self, text: &str) -> crate::domain::ids::NameNo {
        self.state.name(text)
    }

    /// A tenant.
    pub fn tenant(&self, no: TenantNo) -> Option<&Tenant> {
        self.tenants.get(usize::from(no.0))
    }

    /// Every tenant, in order of number.
    pub fn tenants(&self) -> &[Tenant] {
        &self.tenants
    }

    fn tenant_numbers(&self) -> impl Iterator<Item = TenantNo> + use<> {
        (0..self.tenants.len()).map(|n| TenantNo(u16::try_from(n).unwrap_or(u16::MAX)))
    }

    /// Accounts held.
    pub fn accounts(&self) -> usize {
        self.state.accounts.len()
    }

    /// Persons held.
    pub fn persons(&self) -> usize {
        self.state.persons.len()
    }

    /// What a recovery from nothing would have to apply: rows, and records beyond one a row.
    pub fn work(&self) -> u64 {
        let rows: u64 = self.tenants.iter().map(|t| t.seq).sum();
        rows + self.landed
    }

    /// The newest instant the engine has seen.
    pub fn last(&self) -> UnixSeconds {
        self.last
    }

    /// Whether the clock may be trusted (G12).
    pub fn trust_clock(&mut self, trusted: bool) {
        self.clock_trusted = trusted;
    }

    /// The rule pack in force.
    pub fn pack(&self) -> &Arc<RulePack> {
        &self.pack
    }

    /// ENGINE-4: engine time is the clock or the newest row, whichever is later.
    fn advance(&mut self, now: UnixSeconds) -> UnixSeconds {
        self.last = self.last.max(now);
        self.last
    }

    fn world(&self) -> World<'_> {
        World {
            pack: &self.pack,
            zones: self.zones,
            debt_sets: &self.state.debt_sets,
            clock_trusted: self.clock_trusted,
            attempts_per_person_max: self.options.attempts_per_person_max,
        }
    }
}
