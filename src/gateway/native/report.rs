//! What every road that an outcome may come by asks of the engine: sealed, applied, durable.

use crate::domain::ids::TenantNo;
use crate::domain::outcome::Reported;
use crate::domain::words::Outcome;
use crate::engine::call_hash;
use crate::engine::commands::{Settle, Settled};
use crate::gateway::door::SystemError;
use crate::gateway::mailbox::Mailbox;
use crate::gateway::running::Gateway;
use crate::gateway::subject;
use crate::gateway::work::{Delivered, Work};
use crate::wire::disposition::Disposition;
use crate::wire::problem::Problem;
use std::time::Instant;

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gateway) struct ReportAnswer {
    /// What it did.
    pub what: Heard,
    /// Its row in the tenant's chain; `None`: it said nothing new, or was refused.
    pub row: Option<u64>,
    /// The decision it settled, if there was one.
    pub audit_id: Option<u64>,
    /// It lay more than five minutes ahead of engine time and counts as of now.
    pub clock_ahead: bool,
}

/// What a report did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gateway) enum Heard {
    /// It changed something, and that is durable.
    Applied,
    /// All of it was known.
    Unchanged,
    /// It would have counted less than what is known of the call, and nobody answers for it: the
    /// stricter stands. Facts it stated have been applied.
    Kept,
    /// The tenant has no such account. What binds a number or address has been applied, and the
    /// report is on record; both are durable.
    Unmatched,
    /// Nothing of it was applied; a caller who can be told is told this.
    Refused(Problem),
}

impl Gateway {
    /// Reports an outcome. `said.account_id` is whose; none stands for an account nobody knows.
    /// Answered once durable.
    ///
    /// Cancellation: dropped after submission, the outcome stands.
    ///
    /// # Errors
    /// [`SystemError`]: nothing was recorded, or nobody knows.
    pub(in crate::gateway) async fn report(
        &self,
        desk: &Mailbox<Delivered>,
        tenant: TenantNo,
        said: Disposition,
        arrived: Instant,
    ) -> Result<ReportAnswer, SystemError> {
        let sealed = subject::seal(subject::of_disposition(&said));
        let subject = sealed.map_err(|_none| SystemError::Internal)?;
        let audit_id = said.audit_id.unwrap_or(0);
        let settle = Settle {
            tenant,
            account_id: said.account_id.unwrap_or_default(),
            audit_id,
            outcome: outcome(said.outcome),
            occurred_at: said.occurred_at,
            call: said.call_id.as_deref().map_or(0, call_hash),
            debt_ids: said.debt_ids,
            has_actor: said.actor.is_some(),
            subject,
        };
        let account = settle.account_id.clone();
        let work = Work::Settle(Box::new(settle));
        let answer = match self.submit(desk, work, arrived).await {
            Delivered::Settled(answer) => answer,
            Delivered::Refused(refused) => return Err(refused),
            _ => return Err(SystemError::Internal),
        };
        let (what, row) = match answer {
            Settled::Applied(row) => (Heard::Applied, Some(row)),
            Settled::Unchanged => (Heard::Unchanged, None),
            Settled::UnknownAccount => (Heard::Unmatched, None),
            Settled::UnknownDecision => {
                let why = self.why_unknown(tenant, &account, audit_id).await;
                (Heard::Refused(why), None)
            }
            other => (Heard::Refused(super::outcome::problem(other)), None),
        };
        Ok(ReportAnswer {
            what,
            row,
            audit_id: said.audit_id,
            clock_ahead: false,
        })
    }
}

fn outcome(said: Reported) -> Outcome {
    use crate::domain::outcome::Reached;
    match said.does().reached {
        Reached::As(outcome) => outcome,
        Reached::Spoken => Outcome::Conversation,
    }
}
