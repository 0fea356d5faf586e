//! An outcome reported by a dialer: settles a reservation, answered once durable.

use super::fault;
use crate::domain::words::Outcome;
use crate::engine::call_hash;
use crate::engine::commands::{Settle, Settled};
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::lookup::{self, Found};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::running::Gateway;
use crate::gateway::subject;
use crate::gateway::work::{Delivered, Work};
use crate::wire::disposition;
use crate::wire::json_text::push_string;
use crate::wire::problem::Problem;
use crate::wire::reply::Reply;

impl Gateway {
    /// Settles a decision of the caller's tenant.
    ///
    /// Cancellation: dropped after submission, the outcome stands.
    pub(super) async fn settle(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let said = disposition::decode(&errand.body).map_err(Problem::of_field)?;
        let account_id = &*errand.segment;
        let sealed = subject::seal(subject::of_disposition(caller, account_id, &said));
        let subject = sealed.map_err(|_none| fault(SystemError::Internal))?;
        let settle = Settle {
            tenant: caller.tenant,
            account_id: account_id.into(),
            audit_id: said.audit_id,
            outcome: said.outcome,
            occurred_at: said.occurred_at,
            call: said.call_id.as_deref().map_or(0, call_hash),
            debt_ids: said.debt_ids,
            has_actor: said.actor.is_some(),
            subject,
        };
        let work = Work::Settle(Box::new(settle));
        let answer = match self.submit(desk, work, errand.arrived).await {
            Delivered::Settled(answer) => answer,
            Delivered::Refused(refused) => return Err(fault(refused)),
            _ => return Err(fault(SystemError::Internal)),
        };
        let row = match answer {
            Settled::Applied(row) => Some(row),
            Settled::Unchanged => None,
            Settled::UnknownDecision => {
                return Err(self.why_unknown(caller, account_id, said.audit_id).await);
            }
            other => return Err(problem(other)),
        };
        let body = settled(account_id, said.audit_id, said.outcome, row);
        Ok(Reply::json(200, body))
    }

    /// An `audit_id` that no attempt carries: never issued, somebody else's, or not an ALLOW.
    async fn why_unknown(&self, caller: &Caller, account_id: &str, audit_id: u64) -> Problem {
        let Some(running) = self.running() else {
            return fault(SystemError::Recovering);
        };
        let heads = running.status.heads();
        let head = heads
            .get(usize::from(caller.tenant.0))
            .map_or(0, |(_, head)| head.seq);
        if audit_id == 0 || audit_id > head {
            return problem(Settled::UnknownDecision);
        }
        let (index, dir) = (
            std::sync::Arc::clone(&running.index),
            running.data_dir.clone(),
        );
        let (tenant, name) = (caller.tenant, caller.tenant_name.to_string());
        let account = account_id.to_owned();
        let look = move || lookup::decision(&index, &dir, (tenant, &name), &account, audit_id);
        match tokio::task::spawn_blocking(look).await {
            Ok(Found::NotAllowed) => problem(Settled::NotAllowed),
            Ok(Found::Allowed) => problem(Settled::TooLate),
            Ok(Found::Nothing) => problem(Settled::UnknownDecision),
            Ok(Found::Unreadable) | Err(_) => fault(SystemError::Internal),
        }
    }
}

fn settled(account_id: &str, audit_id: u64, outcome: Outcome, row: Option<u64>) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(b"{\"account_id\":");
    push_string(&mut out, account_id);
    out.extend_from_slice(format!(",\"audit_id\":{audit_id},\"outcome\":").as_bytes());
    push_string(&mut out, outcome.as_str());
    let row_text = row.map_or_else(|| "null".to_owned(), |row| row.to_string());
    out.extend_from_slice(format!(",\"row_id\":{row_text},").as_bytes());
    out.extend_from_slice(format!("\"unchanged\":{}}}", row.is_none()).as_bytes());
    out
}

fn problem(answer: Settled) -> Problem {
    match answer {
        Settled::UnknownAccount => {
            Problem::new(404, "UNKNOWN_ACCOUNT", "The tenant has no such account.")
        }
        Settled::UnknownDecision => {
            Problem::new(404, "UNKNOWN_DECISION", "The account has no such decision.")
        }
        Settled::NotAllowed => {
            Problem::new(409, "NOT_ALLOWED", "The decision was a BLOCK or a dry run.")
        }
        Settled::TooLate => Problem::new(409, "TOO_LATE", "The decision is too old for that."),
        Settled::UnknownDebt => {
            let problem = Problem::new(422, "UNKNOWN_DEBT", "The account has no such debt.");
            Problem {
                field: Some("debt_ids"),
                ..problem
            }
        }
        Settled::ActorMissing => {
            let problem = Problem::new(422, "ACTOR_MISSING", "A late release names who says so.");
            Problem {
                field: Some("actor"),
                ..problem
            }
        }
        Settled::Applied(_) | Settled::Unchanged => fault(SystemError::Internal),
    }
}
