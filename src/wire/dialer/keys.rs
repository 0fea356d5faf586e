//! The closed words of a mapping.

use crate::domain::words::words;

/// Heads the names, among `outcomes`, of what is no call to a consumer at all.
pub const NOT_A_CALL: &str = "not_a_call";

words!(
    /// Whose product a dialer is.
    DialerKind { Five9 = "five9", Convoso = "convoso", Generic = "generic" }
);
words!(
    /// What a body may say.
    DialerField {
        CallId = "call_id",
        AccountId = "account_id",
        Phone = "phone",
        Email = "email",
        /// The name of what became of the call.
        Disposition = "disposition",
        OccurredAt = "occurred_at",
        Duration = "duration",
        AgentId = "agent_id",
        CampaignId = "campaign_id",
        Direction = "direction",
        Channel = "channel",
        /// The decision that allowed the call.
        AuditId = "audit_id",
        /// The telephony's own reason: a SIP status or a Q.850 cause.
        Cause = "cause"
    }
);
words!(
    /// How a body writes instants.
    InstantFormat {
        /// Told by its shape, which is never ambiguous: any of the others.
        Auto = "auto",
        Rfc3339 = "rfc3339",
        UnixSeconds = "unix_s",
        UnixMillis = "unix_ms",
        /// Date and time of day in the mapping's `time_zone`.
        Local = "local"
    }
);
words!(
    /// What a bare number of talk time counts.
    DurationUnit { Seconds = "s", Millis = "ms" }
);
words!(
    /// How a dialer proves who it is.
    CredentialKind {
        /// HMAC-SHA256 over id, instant and body: Standard Webhooks.
        Hmac = "hmac",
        /// A static token in a header or in the query.
        Token = "token",
        /// HTTP Basic.
        Basic = "basic"
    }
);
