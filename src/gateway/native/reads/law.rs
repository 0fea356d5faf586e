//! The rules of a state, and which of them bind the tenant.

use super::NO_PARAMETERS;
use crate::domain::place::{Jurisdiction, StateCode};
use crate::engine::query::{Standing, Told, What, jurisdictions};
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::native::fault;
use crate::gateway::running::Gateway;
use crate::gateway::work::Delivered;
use crate::wire::compliance::bytes;
use crate::wire::compliance::law::{OneRule, StateRules};
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

/// No state is called so.
const UNKNOWN_STATE: Problem =
    Problem::new(404, "UNKNOWN_STATE", "There is no state of that code.");

impl Gateway {
    pub(super) async fn state_rules(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        Params::read(errand.query, &NO_PARAMETERS).map_err(Problem::of_field)?;
        let state = StateCode::parse(&errand.segment).ok_or(UNKNOWN_STATE)?;
        let what = What::Law(state);
        let told = self.query(desk, caller, what, errand).await?;
        let Told::Law(Some(standings), stamp) = told else {
            return Err(fault(SystemError::Internal));
        };
        let law = self.law(stamp)?;
        let names = jurisdictions(state).iter().map(Jurisdiction::as_str);
        let mut answer = StateRules::of(state.as_str(), names.collect(), stamp.at, &law);
        for standing in standings {
            let mut rules = law.all_state_rules().iter();
            let rule = rules.find(|rule| rule.no == standing.no);
            let (Some(rule), Some(text)) = (rule, law.rule(standing.no)) else {
                return Err(fault(SystemError::Internal));
            };
            let in_force = match standing.standing {
                Standing::Enforced if standing.dated => "enforce",
                Standing::Flagged if standing.dated => "flag",
                Standing::Enforced | Standing::Flagged | Standing::Off => "off",
            };
            answer.rules.push(OneRule::of(rule, text, in_force));
        }
        Ok(Reply::json(200, bytes(&answer)))
    }
}
