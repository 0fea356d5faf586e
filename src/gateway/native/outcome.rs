//! The routes by which outcomes are reported: a path, one body, one answer.

use super::fault;
use super::report::{Heard, ReportAnswer, problem};
use crate::domain::ids::TenantNo;
use crate::domain::outcome::Reported;
use crate::domain::record::SYSTEM_SOURCE_MARK;
use crate::engine::commands::NotTaken;
use crate::gateway::door::{Caller, Errand, SystemError};
use crate::gateway::lookup::{self, Found};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::running::Gateway;
use crate::gateway::work::Delivered;
use crate::wire::disposition::{self, Disposition};
use crate::wire::field::{FieldCode, FieldError};
use crate::wire::json_text::{push_number, push_string};
use crate::wire::native::Native;
use crate::wire::problem::Problem;
use crate::wire::reply::Reply;

const UNKNOWN_ACCOUNT: Problem =
    Problem::new(404, "UNKNOWN_ACCOUNT", "The tenant has no such account.");

impl Gateway {
    /// Reports an outcome for the caller's tenant.
    ///
    /// Cancellation: dropped after submission, the outcome stands.
    pub(super) async fn outcome(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        errand: &Errand<'_>,
    ) -> Result<Reply, Problem> {
        let said = disposition::decode(&errand.body).and_then(|said| placed(said, errand));
        let said = said.map_err(Problem::of_field)?;
        let (account, word) = (said.account_id.clone().unwrap_or_default(), said.outcome);
        let told = self.report(desk, caller.tenant, said, errand.arrived).await;
        let answer = told.map_err(fault)?;
        match answer.what {
            Heard::Refused(why) => Err(why),
            Heard::Unmatched => Err(UNKNOWN_ACCOUNT),
            _ => Ok(Reply::json(200, body(&account, word, &answer))),
        }
    }

    /// An `audit_id` that no attempt carries: never issued, somebody else's, or not an ALLOW.
    pub(super) async fn why_unknown(
        &self,
        tenant: TenantNo,
        account_id: &str,
        audit_id: u64,
    ) -> Problem {
        let Some(running) = self.running() else {
            return fault(SystemError::Recovering);
        };
        let heads = running.status.heads();
        let Some((name, head)) = heads.get(usize::from(tenant.0)) else {
            return problem(NotTaken::UnknownDecision);
        };
        if audit_id == 0 || audit_id > head.seq {
            return problem(NotTaken::UnknownDecision);
        }
        let (index, dir) = (
            std::sync::Arc::clone(&running.index),
            running.data_dir.clone(),
        );
        let (name, account) = (name.to_string(), account_id.to_owned());
        let look = move || lookup::decision(&index, &dir, (tenant, &name), &account, audit_id);
        match tokio::task::spawn_blocking(look).await {
            Ok(Found::NotAllowed) => problem(NotTaken::NotAllowed),
            Ok(Found::Allowed) => problem(NotTaken::TooLate),
            Ok(Found::Nothing) => problem(NotTaken::UnknownDecision),
            Ok(Found::Unreadable) | Err(_) => fault(SystemError::Internal),
        }
    }
}

/// What the path says goes into the report; a body may repeat it, not contradict it.
fn placed(mut said: Disposition, errand: &Errand<'_>) -> Result<Disposition, FieldError> {
    let segment = &errand.segment;
    match errand.does {
        Native::AccountOutcome | Native::WidgetOutcome => {
            if said.account_id.as_ref().is_some_and(|id| id != segment) {
                return Err(FieldError::of("account_id", FieldCode::Conflict));
            }
            said.account_id = Some(segment.clone());
        }
        Native::DialerOutcome => said.source_system = Some(segment.clone()),
        _ => {}
    }
    // It would be taken for what a system of record caused itself, which is not told to it.
    let named = said.source_system.as_deref().unwrap_or_default();
    if named.starts_with(SYSTEM_SOURCE_MARK) {
        let field = match errand.does {
            Native::DialerOutcome => "dialer_id",
            _ => "source_system",
        };
        return Err(FieldError::of(field, FieldCode::Reserved));
    }
    if said.account_id.is_none() {
        return Err(FieldError::of("account_id", FieldCode::Missing));
    }
    Ok(said)
}

fn body(account_id: &str, word: Reported, answer: &ReportAnswer) -> Vec<u8> {
    let mut out = Vec::with_capacity(192);
    let number = |out: &mut Vec<u8>, number: Option<u64>| match number {
        Some(number) => push_number(out, number),
        None => out.extend_from_slice(b"null"),
    };
    let flag = |out: &mut Vec<u8>, name: &str, on: bool| {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(if on { b"true" } else { b"false" });
    };
    out.extend_from_slice(b"{\"account_id\":");
    push_string(&mut out, account_id);
    out.extend_from_slice(b",\"audit_id\":");
    number(&mut out, answer.audit_id);
    out.extend_from_slice(b",\"outcome\":");
    push_string(&mut out, word.as_str());
    out.extend_from_slice(b",\"row_id\":");
    number(&mut out, answer.row);
    flag(&mut out, ",\"unchanged\":", answer.row.is_none());
    flag(&mut out, ",\"kept\":", answer.what == Heard::Kept);
    flag(&mut out, ",\"clock_ahead\":", answer.clock_ahead);
    out.push(b'}');
    out
}
