//! How reading stands, on the health page.

use serde_json::{Value, json};

use super::Hydration;
use crate::gateway::door::Caller;
use crate::telemetry::SystemSums;
use crate::wire::scopes::Scope;

/// Where reading everything stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The system has no read of everything.
    OnDemand,
    Reading,
    /// Everything has been read, and is not old.
    Complete,
    /// The system does not answer, or not so that it can be read.
    Waiting,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::OnDemand => "on_demand",
            Self::Reading => "reading",
            Self::Complete => "complete",
            Self::Waiting => "waiting",
        }
    }
}

/// How reading one tenant's system stands. Counts since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::gateway) struct Progress {
    /// Reading everything.
    pub(super) state: Option<State>,
    /// Steps of it made.
    pub(super) steps: u64,
    /// Records taken in.
    pub(super) records: u64,
    /// Those that said something new.
    pub(super) changed: u64,
    /// Records the engine refused.
    pub(super) refused: u64,
    /// Accounts asked for one by one.
    pub(super) asked: u64,
    /// Accounts the system does not have.
    pub(super) absent: u64,
    /// Accounts whose answers could not be read.
    pub(super) unreadable: u64,
    /// Accounts and steps without an answer.
    pub(super) unheard: u64,
    /// When everything had been read, seconds since 1970.
    pub(super) ended: Option<i64>,
}

impl Progress {
    /// Whether everything could be read and has not been.
    fn is_incomplete(&self) -> bool {
        !matches!(self.state, Some(State::Complete | State::OnDemand))
    }
}

impl Hydration {
    /// Adds how it stands to what a scrape is told.
    pub(in crate::gateway) fn add_to(&self, sums: &mut SystemSums) {
        let all = self.progress.lock();
        let all = all.unwrap_or_else(std::sync::PoisonError::into_inner);
        for at in all.values() {
            let unchanged = at.records.saturating_sub(at.changed);
            let reads = [at.asked, at.absent, at.unreadable, at.unheard];
            let records = [at.changed, unchanged, at.refused];
            let read = sums.reads.iter_mut().zip(reads);
            for (sum, count) in read.chain(sums.records.iter_mut().zip(records)) {
                *sum += count;
            }
            sums.incomplete += u64::from(at.is_incomplete());
        }
    }

    /// How it stands: counts for everybody, a caller's own in full, all with `admin`.
    pub(in crate::gateway) fn health(&self, caller: Option<&Caller>) -> Value {
        let admin = caller.is_some_and(|caller| caller.scopes.has(Scope::Admin));
        let all = self.progress.lock();
        let all = all.unwrap_or_else(std::sync::PoisonError::into_inner);
        let own = |name: &str| caller.is_some_and(|caller| *caller.tenant_name == *name);
        let shown = all.iter().filter(|(name, _)| admin || own(name));
        let shown = shown.map(|(name, at)| {
            let ended = at.ended.map(crate::domain::time::UnixSeconds);
            json!({
                "tenant": &**name,
                "state": at.state.map_or("starting", State::as_str),
                "steps": at.steps,
                "records": at.records,
                "changed": at.changed,
                "refused": at.refused,
                "asked": at.asked,
                "absent": at.absent,
                "unreadable": at.unreadable,
                "unheard": at.unheard,
                "complete_at": ended.map(|at| at.rfc3339().as_str().to_owned()),
            })
        });
        json!({
            "incomplete": all.values().filter(|at| at.is_incomplete()).count(),
            "tenants": shown.collect::<Vec<_>>(),
        })
    }
}
