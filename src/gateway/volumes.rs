//! Each tenant's own counts of what it asked, for the monitoring pages.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::door::{Answered, SystemError, TENANT_RECOVERING};
use super::running::Gateway;
use crate::domain::ids::TenantNo;
use crate::domain::intent::Intent;
use crate::telemetry::VerdictLabel;
use crate::telemetry::volume::{Origin, Volume};

const MINUTE_S: i64 = 60;

/// The tenants' counts by number, made when a tenant first asks. Bounded by the tenants a data
/// directory can know.
#[derive(Debug, Default)]
pub(super) struct Volumes(ArcSwap<Vec<Arc<Volume>>>);

impl Volumes {
    /// Looks at the counts of a tenant. Nothing is written that another thread reads, as a counted
    /// pointer would be.
    pub(super) fn with<T>(&self, tenant: TenantNo, look: impl FnOnce(&Volume) -> T) -> T {
        if let Some(found) = self.0.load().get(usize::from(tenant.0)) {
            return look(found);
        }
        look(&self.of(tenant))
    }

    /// The counts of a tenant, to keep.
    pub(super) fn of(&self, tenant: TenantNo) -> Arc<Volume> {
        if tenant == TENANT_RECOVERING {
            // Nobody's yet, so nobody's to read.
            return Arc::default();
        }
        let at = usize::from(tenant.0);
        if let Some(found) = self.0.load().get(at) {
            return Arc::clone(found);
        }
        self.0.rcu(|known| {
            let mut all = Vec::clone(known);
            if all.len() <= at {
                all.resize_with(at + 1, Arc::default);
            }
            all
        });
        // Whoever grew the list last put it there.
        self.0.load().get(at).map(Arc::clone).unwrap_or_default()
    }
}

impl Volume {
    /// Where an intent is counted.
    pub(super) fn origin_of(&self, intent: &Intent) -> Origin {
        self.origin(intent.channel, &intent.source_system)
    }

    /// Counts an answer and how long it took.
    pub(super) fn answered(&self, origin: Origin, answered: &Answered, waited: Duration) {
        match answered {
            Answered::Decision(decision) => {
                let blocks = decision.findings.blocked_bits() != 0;
                let verdict = if blocks {
                    VerdictLabel::Block
                } else {
                    VerdictLabel::Allow
                };
                let micros = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
                self.decision(origin, verdict, &decision.findings, micros);
            }
            Answered::SystemError(why) => self.fault(fault_kind(*why)),
            Answered::KeyReused => {}
        }
    }
}

/// A fault's place among the counts.
pub(super) fn fault_kind(why: SystemError) -> usize {
    let all = SystemError::ALL.iter();
    all.take_while(|kind| **kind != why).count()
}

impl Gateway {
    /// Puts what was counted since the last call into the memory of the monitoring pages. To be
    /// called about once a second.
    pub fn tick_volumes(&self) {
        let minute = self.minute();
        for volume in self.volumes.0.load().iter() {
            volume.tick(minute);
        }
    }

    /// Minutes since 1970, on the machine's clock.
    pub(super) fn minute(&self) -> i64 {
        self.clock.wall().0.div_euclid(MINUTE_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::volume::FAULTS_MAX;

    #[test]
    fn every_kind_of_fault_has_a_place_of_its_own() {
        let kinds = SystemError::ALL.map(fault_kind);
        assert_eq!(kinds, [0, 1, 2, 3, 4, 5]);
        assert!(kinds.iter().all(|kind| *kind < FAULTS_MAX));
    }

    #[test]
    fn a_tenant_keeps_its_counts_when_others_come() {
        let volumes = Volumes::default();
        let first = volumes.of(TenantNo(0));
        let later = volumes.of(TenantNo(7));
        assert!(Arc::ptr_eq(&first, &volumes.of(TenantNo(0))));
        assert!(Arc::ptr_eq(&later, &volumes.of(TenantNo(7))));
        assert!(!Arc::ptr_eq(&first, &later));
    }
}
