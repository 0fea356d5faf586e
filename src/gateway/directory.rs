//! The declared tenants, as requests find them: replaced whole by the engine thread, read without a
//! lock.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::domain::ids::TenantNo;
use crate::domain::time::ZoneId;
use crate::engine::Engine;

/// Tenants by name. Replaced whole when one is declared or withdrawn.
#[derive(Debug, Default)]
pub struct Directory {
    declared: ArcSwap<Declared>,
}

/// How things stood at one instant.
#[derive(Debug, Default)]
struct Declared {
    by_name: HashMap<Arc<str>, TenantNo>,
    /// Tenants that list no licences: they are blocked wherever an enforced rule asks for one.
    unlicensed: HashSet<Arc<str>>,
    /// Zones of agencies that state one.
    zones: HashMap<Arc<str>, ZoneId>,
}

impl Directory {
    /// The number of a declared tenant.
    pub fn find(&self, name: &str) -> Option<TenantNo> {
        self.declared.load().by_name.get(name).copied()
    }

    /// Whether a tenant lists the places it is licensed in.
    pub fn lists_licences(&self, name: &str) -> bool {
        !self.declared.load().unlicensed.contains(name)
    }

    /// The agency's own zone, if its file states one.
    pub fn zone(&self, name: &str) -> Option<ZoneId> {
        self.declared.load().zones.get(name).copied()
    }

    /// Shows the tenants as the engine holds them now.
    pub fn publish(&self, engine: &Engine) {
        let numbered = (0_u16..).zip(engine.tenants());
        let declared = numbered.filter(|(_, tenant)| tenant.declared);
        let mut now = Declared::default();
        for (no, tenant) in declared {
            if tenant.policy.licences.is_none() {
                now.unlicensed.insert(Arc::clone(&tenant.name));
            }
            if let Some(zone) = tenant.policy.zone {
                now.zones.insert(Arc::clone(&tenant.name), zone);
            }
            now.by_name.insert(Arc::clone(&tenant.name), TenantNo(no));
        }
        self.declared.store(Arc::new(now));
    }
}
