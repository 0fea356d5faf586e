//! One intent a gate, each blocked by that gate alone at any hour, and two that are allowed.

use super::{GUARDED, open_side};
use crate::domain::time::UnixSeconds;

/// One intent of the printed table. They are asked in order: the reservation that CONCURRENCY
/// shows is made by the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli::demo) struct Sample {
    /// The gate it shows, or `ALLOW`.
    pub(in crate::cli::demo) gate: &'static str,
    /// The tenant that asks.
    pub(in crate::cli::demo) tenant: &'static str,
    /// The body.
    pub(in crate::cli::demo) intent: String,
    /// What is special about it.
    pub(in crate::cli::demo) note: &'static str,
}

/// The samples at an instant. All but the one that reserves are dry runs, so that asking them
/// again answers the same.
#[expect(clippy::too_many_lines, reason = "one table")]
pub(in crate::cli::demo) fn samples(now: UnixSeconds) -> Vec<Sample> {
    let (side, _, number) = open_side(now);
    let text_to = format!(
        "{{\"account_id\":\"g8-{side}\",\"channel\":\"sms\",\"action_type\":\"text\",\
         \"phone\":\"{number}\",\"source_system\":\"dialer\",\"dry_run\":true}}"
    );
    let call = "{\"account_id\":\"g7-never\",\"channel\":\"phone\",\"action_type\":\"call\",\
                \"phone\":\"(404) 555-0100\",\"source_system\":\"dialer\",\"dry_run\":true}";
    vec![
        sample(
            "ALLOW",
            letter("plain", "dialer", DRY),
            "a letter, at any hour",
        ),
        sample(
            "ACCOUNT",
            letter("nobody", "dialer", DRY),
            "an account nobody knows",
        ),
        sample(
            "STRATEGY",
            letter("g2-on-hold", "dialer", DRY),
            "its portfolio is on hold",
        ),
        sample(
            "COMPLIANCE",
            letter("g3-cease", "dialer", DRY),
            "the consumer asked to cease",
        ),
        sample(
            "ESCALATION",
            letter("g4-complaint", "dialer", DRY),
            "a complaint is open",
        ),
        sample(
            "AUTHORITY",
            letter("plain", "ivr", DRY),
            "this source may only call",
        ),
        sample(
            "FAIRNESS",
            letter("g6-vulnerable", "dialer", DRY),
            "a bereaved consumer",
        ),
        sample(
            "TIMING",
            call.to_owned(),
            "every time of day is inconvenient",
        ),
        sample("CONSENT", text_to, "a text nobody consented to"),
        sample(
            "CHANNEL",
            letter("g9-no-mail", "dialer", DRY),
            "the consumer refused letters",
        ),
        sample(
            "PROMISE",
            letter("g10-promise", "dialer", DRY),
            "a promise to pay is current",
        ),
        sample(
            "ALLOW",
            letter("g11-busy", "dialer", KEYED),
            "reserves the consumer for 300 s",
        ),
        sample(
            "CONCURRENCY",
            letter("g11-busy", "dialer", DRY),
            "the reservation before is live",
        ),
        sample(
            "INFRASTRUCTURE",
            letter("g12-frozen", "dialer", DRY),
            "a kill switch is on",
        ),
    ]
}

const DRY: &str = "\"dry_run\":true";
/// Asked again while the reservation lives, the key gives the same answer.
const KEYED: &str = "\"request_id\":\"demo-busy\"";

fn sample(gate: &'static str, intent: String, note: &'static str) -> Sample {
    Sample {
        gate,
        tenant: GUARDED,
        intent,
        note,
    }
}

fn letter(account: &str, source: &str, further: &str) -> String {
    format!(
        "{{\"account_id\":\"{account}\",\"channel\":\"mail\",\"action_type\":\"letter\",\
         \"source_system\":\"{source}\",{further}}}"
    )
}
