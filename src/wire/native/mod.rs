//! The native routes besides the gate's own: path, method, scope and body of each, in one table.
//!
//! Listeners admit requests by it, and the description of the interface is generated from it, so
//! that neither can say anything else than the other. Literal segments are found before parameters.

mod routes;

pub use routes::ROUTES;

use super::scopes::{Scope, Scopes};

crate::domain::words::words!(
    /// What a native route does; `as_str` is its operation id.
    Native {
        AccountOutcome = "accountDisposition",
        WidgetOutcome = "widgetDisposition",
        DialerOutcome = "dialerDisposition",
        RecordAttempt = "recordAttempt",
        WebhookFive9 = "webhookFive9",
        WebhookConvoso = "webhookConvoso",
        WebhookGeneric = "webhookGeneric",
        WebhookOf = "webhookOfDialer",
        CallLog = "callLog",
        DialerConfig = "dialerConfig",
        PutDialerConfig = "putDialerConfig",
        DncAdd = "doNotCallAdd",
        DncRemove = "doNotCallRemove",
        DncCheck = "doNotCallCheck",
        StateFact = "stateFact",
        FactsOf = "factsOfAccount",
        ComplianceEvents = "complianceEvents",
        ComplianceSummary = "complianceSummary",
        ComplianceCheck = "complianceCheck",
        TimeCheck = "timeCheck",
        StateRules = "stateRules",
        RiskScore = "riskScore",
        Acknowledge = "acknowledge",
        Unmatched = "unmatchedOutcomes",
        AuditTrail = "auditTrail",
        AuditStats = "auditStats",
        AuditRow = "auditRow",
        FloorEvents = "floorEvents",
        MonitoringOverview = "monitoringOverview",
        MonitoringDashboard = "monitoringDashboard",
        MonitoringVolume = "monitoringVolume",
        MonitoringLatency = "monitoringLatency",
        MonitoringErrors = "monitoringErrors",
        SorOutbox = "sorOutbox",
        SorOutboxRetry = "sorOutboxRetry",
        OpenApi = "openapi",
        Docs = "docs",
        Redoc = "redoc"
    }
);

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever holds a token with one of these scopes.
    AnyOf(&'static [Scope]),
    /// A dialer, by the credential its mapping names.
    Dialer,
    /// Everybody.
    Open,
}

impl Access {
    /// Whether a token with these scopes may. Never, where no token is asked for.
    pub fn admits(self, scopes: Scopes) -> bool {
        matches!(self, Self::AnyOf(any) if any.iter().any(|scope| scopes.has(*scope)))
    }
}

/// What a route takes as a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// None; one that is sent is not read.
    None,
    /// JSON, read whole.
    Json {
        /// Bytes at most.
        bytes_max: usize,
    },
    /// JSON read whole, or CSV taken as it comes.
    JsonOrCsv {
        /// Bytes of JSON at most; CSV has the bound of an upload.
        bytes_max: usize,
    },
    /// JSON or a form, read whole and kept as it came: a signature covers its bytes.
    JsonOrForm {
        /// Bytes at most.
        bytes_max: usize,
    },
}

/// One method of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Op {
    /// `GET` stands for `HEAD` too.
    pub method: &'static str,
    /// What it does.
    pub does: Native,
    /// Who may.
    pub access: Access,
    /// What it takes.
    pub body: Body,
}

/// A path and its methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// The path; `{name}` stands for one segment that is not empty.
    pub template: &'static str,
    /// What of the template stands before its parameter and behind it; nothing where it has none.
    parameter: Option<(&'static str, &'static str)>,
    /// Its methods, each once.
    pub ops: &'static [Op],
}

impl Spec {
    /// The operation for a method.
    pub fn op(&self, method: &str) -> Option<&'static Op> {
        let named = |op: &&Op| op.method == method || (op.method == "GET" && method == "HEAD");
        self.ops.iter().find(named)
    }

    /// The methods as an `Allow` header lists them.
    pub fn allow(&self) -> String {
        let mut list = String::new();
        for op in self.ops {
            if !list.is_empty() {
                list.push_str(", ");
            }
            list.push_str(if op.method == "GET" {
                "GET, HEAD"
            } else {
                op.method
            });
        }
        list
    }

    /// The segment that stands for the parameter, still percent-encoded, when `path` is of this
    /// template.
    fn segment<'p>(&self, path: &'p str) -> Option<&'p str> {
        let (before, after) = self.parameter?;
        let segment = path.strip_prefix(before)?.strip_suffix(after)?;
        let one = !segment.is_empty() && !segment.contains('/');
        one.then_some(segment)
    }
}

/// A template taken apart at its parameter once, so that a look-up compares and searches nothing.
const fn parameter_of(template: &'static str) -> Option<(&'static str, &'static str)> {
    let (mut open, mut at) = (0, 0);
    while at < template.len() {
        match template.as_bytes()[at] {
            b'{' => open = at,
            b'}' => return Some((template.split_at(open).0, template.split_at(at + 1).1)),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The path's row in the table and its parameter, still percent-encoded. No trailing slash, no dot
/// segments: a path names a route or it does not.
pub fn find(path: &str) -> Option<(&'static Spec, &str)> {
    let literal = ROUTES.iter().find(|spec| spec.template == path);
    if let Some(spec) = literal {
        return Some((spec, ""));
    }
    let of = |spec: &'static Spec| Some((spec, spec.segment(path)?));
    ROUTES.iter().find_map(of)
}

#[cfg(test)]
mod tests;
