//! Every value a label can have.

use crate::domain::words::words;

words!(
    /// How a decision came out.
    VerdictLabel { Allow = "allow", Block = "block", Fault = "system_error" }
);
words!(
    /// The inbox's lanes.
    Lane { Live = "live", Bulk = "bulk" }
);
words!(
    /// Why something was refused before it was decided, or answered before it was durable.
    Shed {
        /// The inbox is full.
        InboxFull = "inbox_full",
        /// The tenant's share of the inbox is full.
        TenantQuota = "tenant_quota",
        /// The tenant asks for more than its turns while others ask.
        NoTurn = "no_turn",
        /// It waited longer than `deadline_ms`.
        Deadline = "deadline",
        /// Its commit took longer than `commit_wait_max_ms`.
        CommitWait = "commit_wait",
        /// The ledger is sealed.
        Sealed = "sealed",
        /// The house is still recovering, or stopping.
        NotReady = "not_ready",
        /// More connections than `connections_max`.
        Connections = "connections"
    }
);
words!(
    /// What came of a call to a system of record.
    SystemCall {
        Answered = "answered",
        Unreachable = "unreachable",
        Timeout = "timeout",
        Busy = "busy",
        Retried = "retried",
        BrokenOff = "broken_off",
        Login = "login"
    }
);
words!(
    /// What came of asking a system of record for an account.
    SystemRead { Asked = "asked", Absent = "absent", Unreadable = "unreadable", Unheard = "unheard" }
);
words!(
    /// What a record read from a system of record was.
    SystemRecord { Changed = "changed", Unchanged = "unchanged", Refused = "refused" }
);
words!(
    /// What came of a letter to a system of record, and rows whose words are erased.
    OutboxLetter { Confirmed = "confirmed", Unsure = "unsure", Silent = "silent", Erased = "erased" }
);
words!(
    /// Route templates; never a path.
    Route {
        ContactIntent = "/api/gate/contact-intent",
        /// Batches.
        ContactIntents = "/api/gate/contact-intents",
        /// Intents line by line; counted once a stream.
        IntentStream = "/api/gate/stream",
        /// Outcomes line by line; counted once a stream.
        OutcomeStream = "/api/dispositions/stream",
        AccountOutcome = "/api/queue/account/{account_id}/disposition",
        WidgetOutcome = "/api/widget/{account_id}/disposition",
        DialerOutcome = "/api/connectors/dialer/{dialer_id}/disposition",
        RecordAttempt = "/api/compliance/record-attempt",
        WebhookFive9 = "/api/dialer/webhook/five9",
        WebhookConvoso = "/api/dialer/webhook/convoso",
        WebhookGeneric = "/api/dialer/webhook/generic",
        WebhookOf = "/api/connectors/dialer/{dialer_id}/webhook",
        CallLog = "/api/dialer/call-log",
        DialerConfig = "/api/dialer/config",
        DncAdd = "/api/compliance/dnc/add",
        DncRemove = "/api/compliance/dnc/remove",
        DncCheck = "/api/compliance/dnc/check/{phone}",
        StateFact = "/api/facts",
        FactsOf = "/api/facts/{account_id}",
        ComplianceEvents = "/api/compliance",
        ComplianceSummary = "/api/compliance/summary",
        ComplianceCheck = "/api/compliance/check/{account_id}",
        TimeCheck = "/api/compliance/time-check",
        StateRules = "/api/compliance/state-rules/{state}",
        RiskScore = "/api/compliance/risk-score/{account_id}",
        Acknowledge = "/api/compliance/acknowledge",
        Unmatched = "/api/compliance/unmatched",
        AuditTrail = "/api/audit/trail",
        AuditStats = "/api/audit/stats",
        AuditRow = "/api/audit/{audit_id}",
        FloorEvents = "/api/events/floor",
        MonitoringOverview = "/api/monitoring/overview",
        MonitoringDashboard = "/api/monitoring/dashboard",
        MonitoringVolume = "/api/monitoring/volume",
        MonitoringLatency = "/api/monitoring/latency",
        MonitoringErrors = "/api/monitoring/errors",
        SorOutbox = "/api/sor/outbox",
        SorOutboxRetry = "/api/sor/outbox/retry",
        OpenApi = "/openapi.json",
        Docs = "/docs",
        Redoc = "/redoc",
        /// Both formats.
        Ingest = "/api/queue/ingest",
        /// All of health, and version.
        Health = "/api/health",
        Metrics = "/metrics",
        /// Forwarded to a system of record.
        Whl = "sor:whl",
        Scollect = "sor:scollect",
        Portal = "sor:portal",
        /// None of the others.
        Unknown = "unknown"
    }
);
words!(
    /// The first digit of a status.
    StatusClass { Success = "2xx", Redirect = "3xx", Client = "4xx", Server = "5xx" }
);
words!(
    /// What became of an uploaded row.
    Ingested { Applied = "applied", Unchanged = "unchanged", Rejected = "rejected" }
);
words!(
    /// What became of files that were read again.
    Reload { Applied = "applied", Refused = "refused" }
);
words!(
    /// How a credential was checked.
    TokenCheck {
        /// Found among the verified ones.
        Cached = "cached",
        /// Its signature was computed.
        Verified = "verified",
        /// Not believed.
        Refused = "refused",
        /// Given up: too many were being checked.
        Busy = "busy"
    }
);
words!(
    /// How a TLS handshake came out.
    Handshake {
        Done = "done",
        /// The client does not speak TLS, or nothing both sides know, or refuses the certificate.
        Failed = "failed",
        /// It took longer than `handshake_timeout_ms`, or the house closed.
        TooSlow = "too_slow",
        /// More than `handshakes_max` were under way.
        TooMany = "too_many"
    }
);
words!(
    /// What came of changed certificate files.
    Renewal { Renewed = "renewed", Refused = "refused" }
);

impl StatusClass {
    /// The class of a status; anything unexpected counts as a server's fault.
    pub fn of(status: u16) -> Self {
        match status / 100 {
            2 => Self::Success,
            3 => Self::Redirect,
            4 => Self::Client,
            _ => Self::Server,
        }
    }
}
