//! What a compliance officer reads: questions to the engine, told in the words of the law that
//! answered them.

mod check;
mod facts_of;
mod hours;
mod law;
mod summary;

use std::sync::Arc;

use crate::domain::facts::AccountFile;
use crate::domain::risk::{self, RiskFacts};
use crate::domain::rules::RulePack;
use crate::engine::query::{Stamp, Told, What};
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::native::{NOT_FOUND, fault};
use crate::gateway::running::Gateway;
use crate::gateway::work::Delivered;
use crate::wire::compliance::{bytes, risk::RiskScore};
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::native::Native;
use crate::wire::problem::Problem;
use crate::wire::query::Params;
use crate::wire::reply::Reply;

/// The tenant has no account of that name.
const UNKNOWN_ACCOUNT: Problem =
    Problem::new(404, "UNKNOWN_ACCOUNT", "The tenant has no such account.");
/// Routes without parameters.
const NO_PARAMETERS: [&str; 0] = [];

impl Gateway {
    /// Answers a compliance read. Cancellation safe: nothing is changed.
    pub(super) async fn read(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        match errand.does {
            Native::ComplianceCheck => self.check(desk, caller, errand).await,
            Native::TimeCheck => self.time_check(desk, caller, errand).await,
            Native::StateRules => self.state_rules(desk, caller, errand).await,
            Native::ComplianceSummary => self.summary(desk, caller, errand).await,
            Native::RiskScore => self.risk_score(desk, caller, errand).await,
            Native::FactsOf => self.facts_of(desk, caller, errand).await,
            _ => Err(NOT_FOUND),
        }
    }

    async fn risk_score(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        Params::read(errand.query, &NO_PARAMETERS).map_err(Problem::of_field)?;
        let file = self.file(desk, caller, errand).await?;
        let risk = risk::score(&RiskFacts::of(&file));
        let told = RiskScore::of(&file.id, file.at, &risk);
        Ok(Reply::json(200, bytes(&told)))
    }

    /// The file of the account the path names.
    async fn file(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Box<AccountFile>, Problem> {
        let what = What::File(errand.segment.clone());
        match self.query(desk, caller, what, errand).await? {
            Told::File(Some(file)) => Ok(file),
            Told::File(None) => Err(UNKNOWN_ACCOUNT),
            _ => Err(fault(SystemError::Internal)),
        }
    }

    /// The pack that answered.
    fn law(&self, stamp: Stamp) -> Result<Arc<RulePack>, Problem> {
        let pack = self.laws.find(stamp.law);
        pack.ok_or_else(|| fault(SystemError::Internal))
    }
}

/// A parameter that says nothing a place or a number could be.
fn refused(field: &'static str, code: FieldCode) -> Problem {
    Problem::of_field(FieldError::of(field, code))
}
