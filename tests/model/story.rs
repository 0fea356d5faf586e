//! A story: what was told, asked and reported, one step after the other.

use dialgate::domain::record::{AccountRecord, FactRecord, KillRecord};
use dialgate::domain::words::{Action, Channel, Inbound, Outcome, Purpose};
use serde::{Deserialize, Serialize};

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Story {
    /// Which tenant's policy, a position in `policy::all`.
    pub policy: usize,
    /// Unix seconds at which it begins.
    pub start: i64,
    /// In their order.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// A record of facts, attempts, or the account itself.
    Tell(Box<AccountRecord>),
    /// A restriction of a number or address for the whole tenant.
    TellAll(Box<FactRecord>),
    /// A question.
    Ask(Question),
    /// An outcome.
    Settle(Report),
    /// Seconds pass.
    Wait(i64),
    /// A kill switch.
    Kill(KillRecord),
    /// The clock comes to be in doubt, or to be trusted.
    Clock(bool),
}

/// An intent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Question {
    pub account: String,
    pub person: Option<String>,
    /// `+1` and ten digits.
    pub phone: Option<String>,
    pub email: Option<String>,
    /// None: a word nobody published.
    pub channel: Option<Channel>,
    pub action: Option<Action>,
    pub source: String,
    /// Empty: absent.
    pub role: String,
    /// Empty: absent.
    pub dial_mode: String,
    pub purpose: Option<Purpose>,
    pub in_response_to: Option<Inbound>,
    /// Empty: absent.
    pub to_place: String,
    pub debts: Vec<String>,
    pub dry_run: bool,
    /// The credential carries `gate:exception`.
    pub scope: bool,
    /// What a dialer sends again with a question it heard no answer to.
    pub key: Option<u64>,
}

/// The outcome of an ALLOW.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Which: a position among the ALLOWs so far, from the newest.
    pub back: usize,
    pub outcome: Outcome,
    /// Seconds before now at which it happened; none: not said.
    pub ago: Option<i64>,
    /// What it was about; empty: not said.
    pub debts: Vec<String>,
    /// Somebody is named as the actor.
    pub actor: bool,
}
