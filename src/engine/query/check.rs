//! What an intent would be answered now, by the path a decision takes, without row or reservation.

use crate::domain::case::Case;
use crate::domain::gates::windows::{self, CountWindow};
use crate::domain::gates::{self, Verdict};
use crate::domain::ids::TenantNo;
use crate::domain::intent::Intent;
use crate::domain::time::UnixSeconds;
use crate::engine::case::Target;
use crate::engine::{Engine, ask, ring};

/// Intents one question may put: what keeps its time on the engine's thread near that of a slice.
pub const CHECK_INTENTS_MAX: usize = 8;

/// What an intent would be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What the gates find.
    pub verdict: Verdict,
    /// The counts that apply, and what each leaves.
    pub windows: Vec<CountWindow>,
    /// The person asked for, by the tenant's own name; `None` when never named.
    pub person_id: Option<Box<str>>,
}

impl Engine {
    /// Asks the gates as [`Engine::ask`] does. `None`: the tenant has no such account.
    pub(super) fn check(
        &mut self,
        tenant: TenantNo,
        intent: &Intent,
        now: UnixSeconds,
    ) -> Option<Checked> {
        let (verdict, target) = self.on_case(tenant, intent, now, |target, case| {
            (gates::evaluate(case), target.clone())
        })?;
        let windows = self.windows(tenant, intent, &target, now);
        let person = self.state.persons.get(target.person.0);
        let person_id = person
            .filter(|person| person.id.is_some())
            .map(|person| self.state.strings.get(person.id).into());
        Some(Checked {
            verdict,
            windows,
            person_id,
        })
    }

    fn windows(
        &mut self,
        tenant: TenantNo,
        intent: &Intent,
        target: &Target,
        now: UnixSeconds,
    ) -> Vec<CountWindow> {
        if target.debts.as_slice().is_empty() {
            return Vec::new();
        }
        // The set the reservation would name is interned for the asking and forgotten again.
        let mark = self.state.mark();
        let debts = self.state.debt_set(target.debts.as_slice());
        let max = self.options.attempts_per_person_max;
        let look = |target: &Target, case: &Case<'_>| {
            let attempt = ask::supposed(case, target, debts);
            windows::windows(case, attempt, |ring, one| ring::insert(ring, one, now, max))
        };
        let found = self.on_case(tenant, intent, now, look);
        self.state.back_to(mark);
        found.unwrap_or_default()
    }
}
