//! `GET /api/compliance/check/{account_id}`: what each contact on file would be answered now.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Reason, Span, flags, gates, instant};
use crate::domain::gates::Verdict;
use crate::domain::gates::windows::{self, CountWindow};
use crate::domain::intent::{ContactPoint, Intent};
use crate::domain::rules::RuleText;
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::Gate;
use crate::domain::words::{Action, Channel, DialMode, PartyRole};

/// The answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Check {
    /// The account.
    pub account_id: String,
    /// The caller's tenant.
    pub tenant_id: String,
    /// One entry a contact asked about.
    pub checks: Vec<OneCheck>,
    /// There are more contact points on file than one answer tells of.
    pub truncated: bool,
}

/// What one intent would be answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OneCheck {
    /// Channel of the intent.
    pub channel: Option<&'static str>,
    /// Its action.
    pub action_type: Option<&'static str>,
    /// Its party role; null: the consumer.
    pub party_role: Option<&'static str>,
    /// Its dial mode; null: the tenant's own.
    pub dial_mode: Option<&'static str>,
    /// Its purpose.
    pub purpose: &'static str,
    /// Its number, E.164.
    pub phone: Option<String>,
    /// Its address.
    pub email: Option<String>,
    /// The person it reaches, where the tenant named them.
    pub person_id: Option<String>,
    /// Engine time.
    pub as_of: String,
    /// `would_allow` or `would_block`.
    pub verdict: &'static str,
    /// Gates that would block, in order.
    pub blocked_by: Vec<&'static str>,
    /// When TIMING, FAIRNESS and CONCURRENCY would pass, if they alone block.
    pub next_allowed_at: Option<String>,
    /// Until when an ALLOW of now could be used.
    pub use_by: Option<String>,
    /// All twelve gates, as an explained answer of the gate lists them.
    #[schema(value_type = Vec<Object>)]
    pub gates: Box<RawValue>,
    /// Rules that are only noted, likewise.
    #[schema(value_type = Vec<Object>)]
    pub flags: Box<RawValue>,
    /// The counts and rests that apply.
    pub windows: Vec<WindowLeft>,
}

/// A count or a rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WindowLeft {
    /// What it blocks with.
    #[serde(flatten)]
    pub reason: Reason,
    /// Contacts in the window; null where it has no such number.
    pub limit: Option<u32>,
    /// Its length; null where it has none.
    pub window: Option<Span>,
    /// Further contacts of this kind before it blocks; null: more than 32, or only a conversation
    /// starts it.
    pub left: Option<u16>,
    /// When it blocks now and time cures it: from when on it does not.
    pub free_at: Option<String>,
}

impl OneCheck {
    /// Of what the engine found. `texts` are those of the pack that was in force.
    pub fn of(
        intent: &Intent,
        (verdict, windows, person_id): (&Verdict, &[CountWindow], Option<&str>),
        at: UnixSeconds,
        texts: &[RuleText],
    ) -> Self {
        let found = &verdict.findings;
        let blocking = Gate::ALL.iter().filter(|gate| found.blocks(**gate));
        let (phone, email) = match &intent.contact {
            ContactPoint::Phone(number) => (Some(number.e164().as_str().to_owned()), None),
            ContactPoint::Email(address) => (None, Some(address.to_string())),
            ContactPoint::BadPhone | ContactPoint::BadEmail | ContactPoint::Absent => (None, None),
        };
        Self {
            channel: intent.channel.map(Channel::as_str),
            action_type: intent.action.map(Action::as_str),
            party_role: intent.role.known().map(PartyRole::as_str),
            dial_mode: intent.dial_mode.known().map(DialMode::as_str),
            purpose: intent.purpose.as_str(),
            phone,
            email,
            person_id: person_id.map(str::to_owned),
            as_of: instant(at),
            verdict: if found.allow() {
                "would_allow"
            } else {
                "would_block"
            },
            blocked_by: blocking.map(|gate| gate.as_str()).collect(),
            next_allowed_at: verdict.next_allowed_at.map(instant),
            use_by: found.allow().then(|| instant(verdict.use_by)),
            gates: gates(found, texts),
            flags: flags(found, texts),
            windows: windows.iter().map(|one| left(one, texts)).collect(),
        }
    }
}

fn left(one: &CountWindow, texts: &[RuleText]) -> WindowLeft {
    WindowLeft {
        reason: Reason::of(one.finding, texts),
        limit: one.limit,
        window: one.span.map(|span| match span {
            windows::Span::Window(window) => Span::of(window),
            windows::Span::Seconds(count) => Span {
                kind: "seconds",
                count,
            },
        }),
        left: one.left,
        free_at: one.free_at.map(instant),
    }
}
