//! The native routes besides the gate's own, a file for each group of them.

mod audit;
mod dialer_config;
mod do_not_call;
mod fact;
mod floor;
mod monitoring;
mod outbox;
mod outcome;
mod reads;
pub(in crate::gateway) mod report;
mod webhook;

use std::sync::OnceLock;
use std::time::Instant;

use bytes::Bytes;

use super::door::{Caller, Errand, SystemError};
use super::mailbox::Mailbox;
use super::running::Gateway;
use super::work::{Delivered, Work};
use crate::engine::query::{Query, Told, What};
use crate::wire::ingest::ListEdit;
use crate::wire::native::Native;
use crate::wire::problem::Problem;
use crate::wire::reference;
use crate::wire::reply::Reply;

/// Nothing of that name is known to the tenant.
const NOT_FOUND: Problem = Problem::new(404, "NOT_FOUND", "There is nothing under this path.");

impl Gateway {
    /// Answers a native route. Cancellation: dropped after submission, what was submitted stands.
    pub(super) async fn run_errand(
        &self,
        desk: &Mailbox<Delivered>,
        caller: Option<&Caller>,
        errand: Errand<'_>,
    ) -> Reply {
        let id = errand.request_id;
        let answered = match (errand.does, caller) {
            (Native::DialerConfig, Some(caller)) => self.dialer_config(caller),
            (Native::PutDialerConfig, Some(caller)) => {
                self.put_dialer_config(caller, &errand).await
            }
            (
                Native::AccountOutcome
                | Native::WidgetOutcome
                | Native::DialerOutcome
                | Native::RecordAttempt,
                Some(caller),
            ) => self.outcome(desk, caller, &errand).await,
            (Native::DncAdd, Some(caller)) => {
                self.edit_list(desk, caller, &errand, ListEdit::Add).await
            }
            (Native::DncRemove, Some(caller)) => {
                self.edit_list(desk, caller, &errand, ListEdit::Remove)
                    .await
            }
            (Native::DncCheck, Some(caller)) => self.look_up_number(desk, caller, &errand).await,
            (Native::StateFact, Some(caller)) => self.take_fact(desk, caller, &errand).await,
            (
                Native::ComplianceCheck
                | Native::TimeCheck
                | Native::StateRules
                | Native::ComplianceSummary
                | Native::RiskScore
                | Native::FactsOf,
                Some(caller),
            ) => self.read(desk, caller, &errand).await,
            (Native::AuditTrail, Some(caller)) => self.audit_trail(desk, caller, &errand).await,
            (Native::AuditStats, Some(caller)) => self.audit_stats(caller, &errand).await,
            (Native::AuditRow, Some(caller)) => self.audit_row(caller, &errand).await,
            (Native::CallLog, Some(caller)) => self.call_log(caller, &errand).await,
            (Native::Unmatched, Some(caller)) => self.unmatched(caller, &errand).await,
            (Native::ComplianceEvents, Some(caller)) => {
                self.compliance_events(desk, caller, &errand).await
            }
            (Native::Acknowledge, Some(caller)) => self.acknowledge(desk, caller, &errand).await,
            (
                Native::MonitoringOverview
                | Native::MonitoringDashboard
                | Native::MonitoringVolume
                | Native::MonitoringLatency
                | Native::MonitoringErrors,
                Some(caller),
            ) => self.monitoring(caller, &errand),
            (Native::SorOutbox, Some(caller)) => self.sor_outbox(caller, &errand).await,
            (Native::SorOutboxRetry, Some(caller)) => self.retry_letters(caller, &errand).await,
            (Native::OpenApi, _) => Ok(description()),
            (Native::Docs | Native::Redoc, _) => Ok(page()),
            _ => Err(NOT_FOUND),
        };
        answered.unwrap_or_else(|problem| problem.reply(id))
    }

    /// Asks the engine something that changes nothing; answered when what it saw is durable.
    async fn query(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        what: What,
        errand: &Errand<'_>,
    ) -> Result<Told, Problem> {
        self.query_since(desk, caller, what, errand.arrived).await
    }

    /// The same for one of several questions: each has a deadline of its own.
    async fn query_since(
        &self,
        desk: &Mailbox<Delivered>,
        caller: &Caller,
        what: What,
        asked: Instant,
    ) -> Result<Told, Problem> {
        let tenant = caller.tenant;
        let work = Work::Query(Box::new(Query { tenant, what }));
        match self.submit(desk, work, asked).await {
            Delivered::Told(told) => Ok(*told),
            Delivered::Refused(refused) => Err(fault(refused)),
            _ => Err(fault(SystemError::Internal)),
        }
    }
}

/// A fault of the house on a route that is not the gate: nothing was recorded, or nobody knows.
pub(in crate::gateway) fn fault(why: SystemError) -> Problem {
    let fault = why.fault();
    Problem::new(503, fault.code, fault.message)
}

/// An answer in JSON.
fn json<T: serde::Serialize>(answer: &T) -> Result<Reply, Problem> {
    let body = serde_json::to_vec(answer).map_err(|_cause| fault(SystemError::Internal))?;
    Ok(Reply::json(200, body))
}

/// The description of the interface; made once.
fn description() -> Reply {
    static DESCRIPTION: OnceLock<Bytes> = OnceLock::new();
    let bytes = DESCRIPTION.get_or_init(|| crate::wire::openapi::document().to_string().into());
    Reply::json(200, bytes.clone())
}

/// The same as a page; made once.
fn page() -> Reply {
    static PAGE: OnceLock<Bytes> = OnceLock::new();
    let bytes = PAGE.get_or_init(|| reference::page(&crate::wire::openapi::document()).into());
    Reply {
        content_type: reference::HTML,
        ..Reply::json(200, bytes.clone())
    }
    .with("content-security-policy", reference::NOTHING_FROM_ELSEWHERE)
}
