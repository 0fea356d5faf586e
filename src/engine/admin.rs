//! Kill switches and the clock.

use super::Engine;
use super::commands::{Admin, RowSink, SealedSubject};
use super::tenant::Tenant;
use crate::domain::ids::TenantNo;
use crate::domain::place::StateCode;
use crate::domain::record::KillRecord;
use crate::domain::time::UnixSeconds;
use crate::domain::words::{Channel, KillScope};

/// What became of an administrator's act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Administered {
    /// Applied, with this row in the asking tenant's chain.
    Applied(u64),
    /// It was so already; no row.
    Unchanged,
    /// The value names no such state, channel or tenant.
    UnknownValue,
    /// Releasing a kill switch needs a reason.
    ReasonMissing,
}

impl Engine {
    /// Applies an administrator's act. A kill switch of a channel and `clock accept` bind the whole
    /// gateway: they are rows of every tenant's chain.
    pub fn administer(
        &mut self,
        tenant: TenantNo,
        admin: &Admin,
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> Administered {
        match admin {
            Admin::Kill(kill, reason) => {
                let now = self.begin(now, rows);
                self.kill(tenant, (kill, reason.as_ref()), now, rows)
            }
            Admin::ClockAccept => {
                self.last = now;
                self.clock_trusted = true;
                let mut own = 0;
                for no in self.tenant_numbers() {
                    let seq = self.clock_row(no, now, rows);
                    own = if no == tenant { seq } else { own };
                }
                Administered::Applied(own)
            }
            Admin::Acknowledge(seqs, subject) => {
                let now = self.begin(now, rows);
                Administered::Applied(self.acknowledgement_row(tenant, now, (seqs, subject), rows))
            }
        }
    }

    fn kill(
        &mut self,
        tenant: TenantNo,
        (kill, reason): (&KillRecord, Option<&SealedSubject>),
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> Administered {
        if !kill.on && kill.reason.is_none() {
            return Administered::ReasonMissing;
        }
        let named = |t: &Tenant| *t.name == *kill.value.as_str();
        if kill.scope == KillScope::Tenant && !self.tenant(tenant).is_some_and(named) {
            return Administered::UnknownValue;
        }
        let bound: Vec<TenantNo> = if kill.scope == KillScope::Channel {
            self.tenant_numbers().collect()
        } else {
            vec![tenant]
        };
        let mut changed = Vec::new();
        for no in bound {
            match self.switch(no, kill.scope, kill.value.as_str(), kill.on) {
                None => return Administered::UnknownValue,
                Some(so) => changed.extend(so.then_some(no)),
            }
        }
        // Whoever asked for what changed anywhere finds it in their own chain.
        if !changed.is_empty() && !changed.contains(&tenant) {
            changed.push(tenant);
        }
        let mut own = None;
        for no in changed {
            let seq = self.kill_row(no, now, (kill, reason), rows);
            if no == tenant {
                own = Some(seq);
            }
        }
        own.map_or(Administered::Unchanged, Administered::Applied)
    }

    /// Carries the kill switches of channels, which bind the whole gateway, into the chain of a tenant
    /// that was declared after they were thrown. How many it lacked.
    pub(super) fn bind_channels(
        &mut self,
        no: TenantNo,
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> u32 {
        let thrown = self.tenants.iter().fold(0, |all, t| all | t.kills.channels);
        let mut bound = 0;
        for channel in Channel::ALL {
            let kill = KillRecord {
                on: true,
                reason: None,
                scope: KillScope::Channel,
                value: channel.as_str().into(),
            };
            if thrown & (1 << channel.number()) != 0
                && self.switch(no, kill.scope, kill.value.as_str(), true) == Some(true)
            {
                self.kill_row(no, now, (&kill, None), rows);
                bound += 1;
            }
        }
        bound
    }

    /// Throws or releases one switch: `None` for an unknown value, else whether it changed. The
    /// chain already says which tenant is meant; while rows are read back it has no name yet.
    pub(super) fn switch(
        &mut self,
        no: TenantNo,
        scope: KillScope,
        value: &str,
        on: bool,
    ) -> Option<bool> {
        let name = match scope {
            KillScope::Portfolio if on => self.state.name(value),
            KillScope::Portfolio => self.state.known_name(value),
            _ => crate::domain::ids::NameNo::NONE,
        };
        let kills = &mut self.tenants.get_mut(usize::from(no.0))?.kills;
        let before = kills.clone();
        match scope {
            KillScope::Tenant => kills.tenant = on,
            KillScope::Portfolio => set(&mut kills.portfolios, name, on),
            KillScope::State => set(&mut kills.states, StateCode::parse(value)?, on),
            KillScope::Channel => {
                let bit = 1 << Channel::parse(value)?.number();
                kills.channels = super::record::with(kills.channels, bit, on);
            }
        }
        Some(*kills != before)
    }

    fn kill_row(
        &mut self,
        no: TenantNo,
        now: UnixSeconds,
        (kill, reason): (&KillRecord, Option<&SealedSubject>),
        rows: &mut impl RowSink,
    ) -> u64 {
        let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) else {
            return 0;
        };
        let seq = tenant.next_seq();
        tenant.restricted = seq;
        let body = &mut self.body;
        body.begin();
        body.word("k", "a");
        body.flag("on", kill.on);
        body.word("op", "kill");
        body.int("q", seq);
        body.word("sc", kill.scope.as_str());
        body.digests(reason.map(|reason| &reason.digest));
        body.int("t", now.0);
        body.word("v", kill.value.as_str());
        rows.row(no, seq, body.end(), reason.as_slice(), [0, 0]);
        seq
    }

    fn acknowledgement_row(
        &mut self,
        no: TenantNo,
        now: UnixSeconds,
        (seqs, subject): (&[u64], &SealedSubject),
        rows: &mut impl RowSink,
    ) -> u64 {
        let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) else {
            return 0;
        };
        let seq = tenant.next_seq();
        let body = &mut self.body;
        body.begin();
        body.word("k", "a");
        body.word("op", "ack");
        body.int("q", seq);
        body.ints("r", seqs.iter().copied());
        body.digests([&subject.digest]);
        body.int("t", now.0);
        rows.row(no, seq, body.end(), &[subject], [0, 0]);
        seq
    }

    fn clock_row(&mut self, no: TenantNo, now: UnixSeconds, rows: &mut impl RowSink) -> u64 {
        let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) else {
            return 0;
        };
        let seq = tenant.next_seq();
        let body = &mut self.body;
        body.begin();
        body.word("k", "a");
        body.word("op", "clock");
        body.int("q", seq);
        body.int("t", now.0);
        rows.row(no, seq, body.end(), &[], [0, 0]);
        seq
    }
}

fn set<T: PartialEq>(list: &mut Vec<T>, value: T, on: bool) {
    if !on {
        list.retain(|known| *known != value);
    } else if !list.contains(&value) {
        list.push(value);
    }
}
