//! Law and policy coming into force between two commands, and a pack that waits for its day.
//!
//! A change is rows in the chain of every tenant concerned, so replay meets it where the decisions
//! did: `v` where something decides from here on, `p` where a pack is announced for later, `a` with
//! `withdraw` where a tenant is no longer declared. A pack whose day has come takes force with the
//! first command at or after it, before that command is looked at; while the clock is in doubt no
//! day comes.

use std::sync::Arc;

use super::Engine;
use super::commands::{Activation, RowSink};
use crate::domain::hex::hex;
use crate::domain::ids::TenantNo;
use crate::domain::rules::RulePack;
use crate::domain::time::UnixSeconds;

/// A pack that takes force later.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The pack.
    pub pack: Arc<RulePack>,
    /// The first instant of engine time at which it decides.
    pub from: UnixSeconds,
}

/// What enacting did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Enacted {
    /// Chains in which another pack or policy decides from here on.
    pub activated: u32,
    /// Chains that announce a pack for later, or take an announcement back.
    pub announced: u32,
    /// Tenants that are no longer declared.
    pub withdrawn: u32,
    /// Chains that learnt of a channel's kill switch thrown before they began.
    pub bound: u32,
}

impl Enacted {
    /// Whether anything was different from what was in force.
    pub fn changed(&self) -> bool {
        *self != Self::default()
    }
}

impl Engine {
    /// The pack that takes force later, if one is announced.
    pub fn pending(&self) -> Option<&Pending> {
        self.pending.as_ref()
    }

    /// The pack the newest activation row named; `None` before the first.
    pub fn named_pack(&self) -> Option<[u8; 32]> {
        self.named
    }

    /// Engine time of a command. A pack whose day has come takes force first.
    pub(super) fn begin(&mut self, now: UnixSeconds, rows: &mut impl RowSink) -> UnixSeconds {
        let now = self.advance(now);
        let due = |pending: &Pending| pending.from <= now;
        if self.pending.as_ref().is_some_and(due) && self.clock_trusted {
            self.pending_takes_force(now, rows);
        }
        now
    }

    fn pending_takes_force(&mut self, now: UnixSeconds, rows: &mut impl RowSink) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        self.take_up(pending.pack);
        for no in self.tenant_numbers() {
            let declared = self.tenant(no).filter(|tenant| tenant.declared);
            if let Some(policy) = declared.map(|tenant| tenant.activation.policy) {
                let activation = self.activation(policy);
                self.activate(no, activation, now, rows);
            }
        }
    }

    /// Makes `pack` and the policies of the declared tenants decide: at once, or the pack from its
    /// own day on. Tenants that are not among `declared` are withdrawn. Each is named with the
    /// SHA-256 of its policy; the policies themselves were given to [`Engine::declare`].
    ///
    /// What is in force already makes no row.
    pub fn enact(
        &mut self,
        pack: &Arc<RulePack>,
        declared: &[(TenantNo, [u8; 32])],
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> Enacted {
        let mut done = Enacted::default();
        let sure = if self.clock_trusted { now } else { self.last };
        let reached = sure.max(self.last);
        let now = self.advance(now);
        for no in self.tenant_numbers() {
            if !declared.iter().any(|(known, _)| *known == no) {
                done.withdrawn += u32::from(self.withdraw(no, now, rows));
            }
        }
        let later = pack.edition().effective_from.filter(|from| *from > reached);
        self.pending = match later {
            Some(from) if self.pack.hash() != pack.hash() => Some(Pending {
                pack: Arc::clone(pack),
                from,
            }),
            _ => {
                self.take_up(Arc::clone(pack));
                None
            }
        };
        for (no, policy) in declared {
            let activation = self.activation(*policy);
            done.activated += u32::from(self.activate(*no, activation, now, rows));
        }
        for (no, _) in declared {
            done.bound += self.bind_channels(*no, now, rows);
        }
        for (no, _) in declared {
            done.announced += u32::from(self.announce(*no, now, rows));
        }
        done
    }

    /// Takes up another rule pack. Accounts are placed anew when it places them otherwise, which
    /// looks at every account once.
    pub fn take_up(&mut self, pack: Arc<RulePack>) {
        let moves = pack.places() != self.pack.places();
        self.pack = pack;
        for tenant in &mut self.tenants {
            tenant.lay_out_rules(&self.pack);
        }
        if moves {
            self.place_all();
        }
    }

    fn activation(&self, policy: [u8; 32]) -> Activation {
        Activation {
            pack: *self.pack.hash(),
            policy,
            zones: *self.zones.hash(),
            semantics: self.pack.edition().semantics,
        }
    }

    /// Records what decides from here on, if it differs from what the chain names.
    pub fn activate(
        &mut self,
        no: TenantNo,
        activation: Activation,
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> bool {
        let now = self.advance(now);
        let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) else {
            return false;
        };
        if tenant.activation == activation {
            return false;
        }
        let seq = tenant.next_seq();
        tenant.activate(activation, seq);
        self.named = Some(activation.pack);
        let body = &mut self.body;
        body.begin();
        body.word("k", "v");
        body.word("pack", &hex(&activation.pack));
        body.word("policy", &hex(&activation.policy));
        body.int("q", seq);
        body.int("semantics", activation.semantics);
        body.int("t", now.0);
        body.word("zones", &hex(&activation.zones));
        rows.row(no, seq, body.end(), &[], [0, 0]);
        true
    }

    /// Records the pack that takes force later, or that none does, if the chain says otherwise.
    fn announce(&mut self, no: TenantNo, now: UnixSeconds, rows: &mut impl RowSink) -> bool {
        let pending = self.pending.as_ref();
        let wanted = pending.map(|pending| (*pending.pack.hash(), pending.from));
        let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) else {
            return false;
        };
        if tenant.announced == wanted {
            return false;
        }
        let seq = tenant.next_seq();
        tenant.announced = wanted;
        let body = &mut self.body;
        body.begin();
        if let Some((_, from)) = wanted {
            body.int("from", from.0);
        }
        body.word("k", "p");
        if let Some((pack, _)) = wanted {
            body.word("pack", &hex(&pack));
        }
        body.int("q", seq);
        body.int("t", now.0);
        rows.row(no, seq, body.end(), &[], [0, 0]);
        true
    }

    /// Records that a tenant is no longer declared, unless its chain says so or never began.
    fn withdraw(&mut self, no: TenantNo, now: UnixSeconds, rows: &mut impl RowSink) -> bool {
        let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) else {
            return false;
        };
        tenant.declared = false;
        if tenant.activation == Activation::default() {
            return false;
        }
        let seq = tenant.next_seq();
        tenant.withdraw(seq);
        let body = &mut self.body;
        body.begin();
        body.word("k", "a");
        body.word("op", "withdraw");
        body.int("q", seq);
        body.int("t", now.0);
        rows.row(no, seq, body.end(), &[], [0, 0]);
        true
    }
}
