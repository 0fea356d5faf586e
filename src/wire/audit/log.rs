//! The dialer's call log: outcomes as they were reported.

use serde::Serialize;
use serde_json::Value;

use super::{RowSeen, instant};
use crate::wire::marks::Marks;

/// An outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CallLogItem {
    /// Its row.
    pub row_id: u64,
    /// When it was recorded.
    pub at: String,
    /// When it happened.
    pub occurred_at: Option<String>,
    /// Its word.
    pub outcome: Option<String>,
    /// The decision it settles; `None`: nobody asked.
    pub decision_id: Option<u64>,
    /// An account was known.
    pub matched: bool,
    /// Account.
    pub account_id: Option<String>,
    /// Number, as reported.
    pub phone: Option<String>,
    /// Address, as reported.
    pub email: Option<String>,
    /// The dialer's call.
    pub call_id: Option<String>,
    /// The dialer, or whichever system reported it.
    pub dialer: Option<String>,
    /// Agent, or whoever reported it.
    pub agent_id: Option<String>,
    /// Campaign.
    pub campaign_id: Option<String>,
    /// Seconds.
    pub duration_s: Option<u64>,
    /// What was reported was destroyed.
    pub erased: bool,
    /// Hash of the row.
    pub hash: String,
}

impl CallLogItem {
    /// Tells an outcome; `None` when the row does not read.
    pub fn of(row: &RowSeen<'_>, marks: &Marks<'_>) -> Option<Self> {
        let body: Value = serde_json::from_slice(row.body).ok()?;
        let number = |name: &str| body.get(name).and_then(Value::as_u64);
        let said = row.said();
        let occurred = body.get("at").and_then(Value::as_i64);
        Some(Self {
            row_id: row.seq,
            at: instant(marks.at),
            occurred_at: occurred.map(instant),
            outcome: marks.outcome.map(str::to_owned),
            decision_id: number("r").filter(|row| *row != 0),
            matched: !marks.unmatched,
            account_id: said.account_id,
            phone: said.phone,
            email: said.email,
            call_id: said.call_id,
            dialer: said.source_system,
            agent_id: said.agent_id.or(said.actor),
            campaign_id: said.campaign_id,
            duration_s: number("du"),
            erased: row.erased(),
            hash: row.hash(),
        })
    }
}
