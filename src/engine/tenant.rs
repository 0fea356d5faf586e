//! One tenant as the engine holds it: policy, switches, counters.

use std::sync::Arc;

use super::commands::Activation;
use super::figures::Tallies;
use super::strangers::Strangers;
use crate::domain::policy::{KillSwitches, TenantPolicy};
use crate::domain::rules::{RulePack, RuleSet};
use crate::domain::time::UnixSeconds;

/// A declared tenant. `TenantNo` is its position in the engine's list and never changes while the
/// data directory lives.
#[derive(Debug)]
pub struct Tenant {
    /// Published name.
    pub name: Arc<str>,
    /// Policy in force.
    pub policy: TenantPolicy,
    /// The rules that decide, when they are not the pack's own.
    pub rules: Option<Box<RuleSet>>,
    /// Kill switches that are on.
    pub kills: KillSwitches,
    /// Position of the newest row in its chain; 0 = none.
    pub seq: u64,
    /// Evaluations so far.
    pub evaluations: u64,
    /// What the newest activation row named.
    pub activation: Activation,
    /// That row's position.
    pub activated_at: u64,
    /// Position of the newest row that restricted the whole tenant (kill switch, activation).
    pub restricted: u64,
    /// The pack its chain announces for later: its hash and from when.
    pub announced: Option<([u8; 32], UnixSeconds)>,
    /// Whether the configuration declares it now. An undeclared one keeps its chain.
    pub declared: bool,
    /// What was decided and reported since this engine was made. In no row and no snapshot.
    pub tallies: Tallies,
    /// Reports of accounts nobody knows, so that one sent again leaves no second row.
    pub(super) strangers: Strangers,
    /// Reports that stated something, so that a late copy states it no second time.
    pub(super) heard: Strangers,
}

impl Tenant {
    /// A tenant without history.
    pub fn new(name: &str, policy: TenantPolicy) -> Self {
        Self {
            name: name.into(),
            policy,
            rules: None,
            kills: KillSwitches::default(),
            seq: 0,
            evaluations: 0,
            activation: Activation::default(),
            activated_at: 0,
            restricted: 0,
            announced: None,
            declared: true,
            tallies: Tallies::default(),
            strangers: Strangers::default(),
            heard: Strangers::default(),
        }
    }

    /// Lays out the rules that decide from here on, after a change of policy or pack.
    pub(super) fn lay_out_rules(&mut self, pack: &RulePack) {
        self.rules = RuleSet::of_tenant(pack, &self.policy.rules).map(Box::new);
    }

    /// Another law or policy decides from row `seq` on. Everything decided before it counts as
    /// restricted, so that no stored answer outlives what it was decided under.
    pub(super) fn activate(&mut self, activation: Activation, seq: u64) {
        self.activation = activation;
        self.activated_at = seq;
        self.restricted = seq;
        if self
            .announced
            .is_some_and(|(pack, _)| pack == activation.pack)
        {
            self.announced = None;
        }
    }

    /// The tenant is no longer declared from row `seq` on; declared again, it is activated again.
    pub(super) fn withdraw(&mut self, seq: u64) {
        self.activation = Activation::default();
        self.announced = None;
        self.restricted = seq;
        self.declared = false;
    }

    /// Takes the next position in the chain.
    pub fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }
}

/// Whether a 32-bit stamp was set by a row after `seq`.
pub(super) fn later(stamp: u32, seq: u64) -> bool {
    let low = low32(seq);
    stamp != 0 && stamp != low && stamp.wrapping_sub(low) < 0x8000_0000
}

/// The low 32 bits of a position.
pub(super) fn low32(seq: u64) -> u32 {
    u32::try_from(seq & 0xffff_ffff).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_compare_around_the_end_of_32_bits() {
        assert!(later(6, 5));
        assert!(!later(5, 5));
        assert!(!later(4, 5));
        assert!(!later(0, 5));
        assert!(later(1, 0xffff_fff0));
        assert!(!later(0xffff_fff0, 0x1_0000_0001));
    }
}
