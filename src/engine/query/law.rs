//! Which rules of a state bind a tenant now.

use crate::domain::ids::TenantNo;
use crate::domain::place::{Jurisdiction, JurisdictionSet, StateCode};
use crate::domain::rules::RuleNo;
use crate::domain::time::UnixSeconds;
use crate::engine::Engine;

/// What is done with a rule for one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It blocks.
    Enforced,
    /// It is noted.
    Flagged,
    /// Nothing.
    Off,
}

/// One rule of a state or of a city in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleStanding {
    /// Its number in the pack.
    pub no: RuleNo,
    /// What is done with it for the tenant.
    pub standing: Standing,
    /// Whether its dates hold today, somewhere in the state.
    pub dated: bool,
}

/// States and cities whose law a state's people live under.
pub fn jurisdictions(state: StateCode) -> JurisdictionSet {
    let own = JurisdictionSet::EMPTY.with(Jurisdiction::of_state(state));
    if state.as_str() == "NY" {
        own.with(Jurisdiction::NEW_YORK_CITY)
    } else {
        own
    }
}

impl Engine {
    /// Every rule of the pack for the state, in order of number; `None` when the tenant is not known.
    pub(super) fn standings(
        &self,
        tenant: TenantNo,
        state: StateCode,
        now: UnixSeconds,
    ) -> Option<Vec<RuleStanding>> {
        let tenant = self.tenant(tenant)?;
        let rules = tenant.rules.as_deref().unwrap_or_else(|| self.pack.rules());
        let places = self.pack.places().suggest(None, Some(state), None, []);
        let of = jurisdictions(state);
        let standing = |no: RuleNo| {
            if rules.enforced().iter().any(|rule| rule.no == no) {
                Standing::Enforced
            } else if rules.flagged().iter().any(|rule| rule.no == no) {
                Standing::Flagged
            } else {
                Standing::Off
            }
        };
        let all = self.pack.all_state_rules().iter();
        let here = all.filter(|rule| of.contains(rule.jurisdiction));
        let told = here.map(|rule| {
            let mut zones = places.zones().iter();
            let dated = zones.any(|zone| rule.in_force.on(self.zones.local_date(*zone, now)));
            RuleStanding {
                no: rule.no,
                standing: standing(rule.no),
                dated,
            }
        });
        Some(told.collect())
    }
}
