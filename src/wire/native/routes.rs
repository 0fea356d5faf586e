//! The table. A route is added here and answered in `gateway::native`.

use super::{Access, Body, Native, Op, Spec};
use crate::wire::limits::GATE_BODY_BYTES_MAX;
use crate::wire::scopes::Scope;

const OUTCOME: Access = Access::AnyOf(&[Scope::OutcomeWrite]);
const FACTS: Access = Access::AnyOf(&[Scope::FactsWrite]);
const ADMIN: Access = Access::AnyOf(&[Scope::Admin]);
/// Reads that show rows or facts of persons.
const READ: Access = Access::AnyOf(&[Scope::AuditRead]);
/// Reads that say no more than an intent would have been told.
const ASK: Access = Access::AnyOf(&[Scope::GateAsk, Scope::AuditRead]);
/// Figures without persons.
const FIGURES: Access = Access::AnyOf(&[Scope::AuditRead, Scope::Admin]);

const JSON: Body = Body::Json {
    bytes_max: GATE_BODY_BYTES_MAX,
};
const JSON_OR_CSV: Body = Body::JsonOrCsv {
    bytes_max: GATE_BODY_BYTES_MAX,
};
const JSON_OR_FORM: Body = Body::JsonOrForm {
    bytes_max: GATE_BODY_BYTES_MAX,
};

const fn get(does: Native, access: Access) -> Op {
    Op {
        method: "GET",
        does,
        access,
        body: Body::None,
    }
}

const fn post(does: Native, access: Access, body: Body) -> Op {
    Op {
        method: "POST",
        does,
        access,
        body,
    }
}

const fn put(does: Native, access: Access, body: Body) -> Op {
    Op {
        method: "PUT",
        does,
        access,
        body,
    }
}

const fn at(template: &'static str, ops: &'static [Op]) -> Spec {
    Spec {
        template,
        parameter: super::parameter_of(template),
        ops,
    }
}

/// Every native route that is answered on behalf of a caller, the gate's own and uploads aside.
pub const ROUTES: &[Spec] = &[
    at(
        "/api/queue/account/{account_id}/disposition",
        &[post(Native::AccountOutcome, OUTCOME, JSON)],
    ),
    at(
        "/api/widget/{account_id}/disposition",
        &[post(Native::WidgetOutcome, OUTCOME, JSON)],
    ),
    at(
        "/api/connectors/dialer/{dialer_id}/disposition",
        &[post(Native::DialerOutcome, OUTCOME, JSON)],
    ),
    at(
        "/api/compliance/record-attempt",
        &[post(Native::RecordAttempt, OUTCOME, JSON)],
    ),
    at(
        "/api/dialer/webhook/five9",
        &[post(Native::WebhookFive9, Access::Dialer, JSON_OR_FORM)],
    ),
    at(
        "/api/dialer/webhook/convoso",
        &[post(Native::WebhookConvoso, Access::Dialer, JSON_OR_FORM)],
    ),
    at(
        "/api/dialer/webhook/generic",
        &[post(Native::WebhookGeneric, Access::Dialer, JSON_OR_FORM)],
    ),
    at(
        "/api/connectors/dialer/{dialer_id}/webhook",
        &[post(Native::WebhookOf, Access::Dialer, JSON_OR_FORM)],
    ),
    at("/api/dialer/call-log", &[get(Native::CallLog, READ)]),
    at(
        "/api/dialer/config",
        &[
            get(Native::DialerConfig, FIGURES),
            put(Native::PutDialerConfig, ADMIN, JSON),
        ],
    ),
    at(
        "/api/compliance/dnc/add",
        &[post(Native::DncAdd, FACTS, JSON_OR_CSV)],
    ),
    at(
        "/api/compliance/dnc/remove",
        &[post(Native::DncRemove, FACTS, JSON_OR_CSV)],
    ),
    at(
        "/api/compliance/dnc/check/{phone}",
        &[get(Native::DncCheck, ASK)],
    ),
    at("/api/facts", &[post(Native::StateFact, FACTS, JSON)]),
    at("/api/facts/{account_id}", &[get(Native::FactsOf, READ)]),
    at("/api/compliance", &[get(Native::ComplianceEvents, READ)]),
    at(
        "/api/compliance/summary",
        &[get(Native::ComplianceSummary, READ)],
    ),
    at(
        "/api/compliance/check/{account_id}",
        &[get(Native::ComplianceCheck, ASK)],
    ),
    at("/api/compliance/time-check", &[get(Native::TimeCheck, ASK)]),
    at(
        "/api/compliance/state-rules/{state}",
        &[get(Native::StateRules, ASK)],
    ),
    at(
        "/api/compliance/risk-score/{account_id}",
        &[get(Native::RiskScore, READ)],
    ),
    at(
        "/api/compliance/acknowledge",
        &[post(Native::Acknowledge, FACTS, JSON)],
    ),
    at("/api/compliance/unmatched", &[get(Native::Unmatched, READ)]),
    at("/api/audit/trail", &[get(Native::AuditTrail, READ)]),
    at("/api/audit/stats", &[get(Native::AuditStats, READ)]),
    at("/api/audit/{audit_id}", &[get(Native::AuditRow, READ)]),
    at("/api/events/floor", &[get(Native::FloorEvents, READ)]),
    at(
        "/api/monitoring/overview",
        &[get(Native::MonitoringOverview, FIGURES)],
    ),
    at(
        "/api/monitoring/dashboard",
        &[get(Native::MonitoringDashboard, FIGURES)],
    ),
    at(
        "/api/monitoring/volume",
        &[get(Native::MonitoringVolume, FIGURES)],
    ),
    at(
        "/api/monitoring/latency",
        &[get(Native::MonitoringLatency, FIGURES)],
    ),
    at(
        "/api/monitoring/errors",
        &[get(Native::MonitoringErrors, FIGURES)],
    ),
    at("/api/sor/outbox", &[get(Native::SorOutbox, FIGURES)]),
    at(
        "/api/sor/outbox/retry",
        &[post(Native::SorOutboxRetry, ADMIN, JSON)],
    ),
    at("/openapi.json", &[get(Native::OpenApi, Access::Open)]),
    at("/docs", &[get(Native::Docs, Access::Open)]),
    at("/redoc", &[get(Native::Redoc, Access::Open)]),
];
