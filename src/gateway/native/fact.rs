//! `POST /api/facts`: one fact by whoever answers for it.

use super::fault;
use crate::domain::record::Line;
use crate::engine::commands::{FactAnswer, Refusal, Stated};
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::intake::sealed_item;
use crate::gateway::mailbox::Mailbox;
use crate::gateway::running::Gateway;
use crate::gateway::work::{Delivered, Work};
use crate::wire::do_not_call::FactTaken;
use crate::wire::ingest::{Fault, RejectCode, one_fact};
use crate::wire::problem::Problem;
use crate::wire::reply::Reply;

const UNKNOWN_ACCOUNT: Problem =
    Problem::new(404, "UNKNOWN_ACCOUNT", "The tenant has no such account.");
const TOO_LARGE: Problem = Problem::new(422, "ROW_TOO_LARGE", RejectCode::RowTooLarge.message());

impl Gateway {
    /// Takes in one fact. The next decision sees it.
    ///
    /// Cancellation: dropped after submission, the fact stands.
    pub(super) async fn take_fact(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let line = match one_fact::read(&errand.body) {
            Ok(line) => line,
            Err(fault) => return Ok(refused(&fault, errand.request_id)),
        };
        let (account_id, kind, what) = match line {
            Line::Account(record) => {
                let id = record.account_id.as_ref().map(|id| id.as_str().to_owned());
                let kind = record.facts.first().and_then(|fact| fact.fact);
                (id, kind, Stated::Account(record))
            }
            Line::Contact(fact) => (None, fact.fact, Stated::Contact(fact)),
            Line::Kill(_) | Line::ClockAccept => return Err(fault(SystemError::Internal)),
        };
        let row_id = match self.state_one(desk, caller, errand, what).await? {
            FactAnswer::Applied(row) => Some(row),
            FactAnswer::Unchanged => None,
            FactAnswer::UnknownAccount => return Err(UNKNOWN_ACCOUNT),
            FactAnswer::Refused(field, why) => {
                return Ok(refused_by_engine(field, why, errand.request_id));
            }
        };
        super::json(&FactTaken {
            account_id,
            fact: kind,
            row_id,
            unchanged: row_id.is_none(),
        })
    }

    /// Has the engine apply one statement, in the live lane.
    pub(super) async fn state_one(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
        what: Stated,
    ) -> Result<FactAnswer, Problem> {
        let item = sealed_item(1, what).map_err(fault)?.ok_or(TOO_LARGE)?;
        let work = Work::Fact(caller.tenant, Box::new(item));
        match self.submit(desk, work, errand.arrived).await {
            Delivered::Fact(answer) => Ok(answer),
            Delivered::Refused(why) => Err(fault(why)),
            _ => Err(fault(SystemError::Internal)),
        }
    }
}

/// A body that is refused, with the code and field an upload would name.
pub(super) fn refused(fault: &Fault, request_id: &str) -> Reply {
    let field = (!fault.field.is_empty()).then_some(&*fault.field);
    let problem = Problem::new(422, fault.code.as_str(), fault.code.message());
    problem.reply_naming(field, request_id)
}

/// What only the state could tell.
pub(super) fn refused_by_engine(field: &'static str, why: Refusal, request_id: &str) -> Reply {
    // Both spell their codes alike; a test below holds them to it.
    let code = RejectCode::parse(&why.to_string()).unwrap_or(RejectCode::Conflict);
    refused(&Fault::at(field, code), request_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_the_engine_is_a_code_of_uploads() {
        for why in [
            Refusal::LiftNeedsReason,
            Refusal::UnknownDebt,
            Refusal::UnknownPhone,
            Refusal::UnknownEmail,
            Refusal::UnknownPerson,
            Refusal::TooMany,
            Refusal::Missing,
            Refusal::Conflict,
        ] {
            assert!(RejectCode::parse(&why.to_string()).is_some(), "{why}");
        }
    }
}
