//! A row in the trail: what it says, in a line.

use serde::Serialize;

use super::body::Bodies;
use super::facts::{self, FactsSaid};
use super::{RowSeen, instant};
use crate::domain::words::{Action, Channel};
use crate::wire::marks::{Marks, RowKind};

/// See the file's own page. Fields that do not belong to the kind, or were not said, are missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TrailItem {
    /// Position in the tenant's chain.
    pub audit_id: u64,
    /// Engine time.
    pub at: String,
    /// Kind of row.
    pub kind: &'static str,
    /// Of a decision, `ALLOW` or `BLOCK`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<&'static str>,
    /// Of a decision, the gates that block.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<&'static str>,
    /// Of a decision, its codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<&'static str>,
    /// Of a decision, how many rules were noted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<usize>,
    /// Of a decision that reserved nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<&'static str>,
    /// Action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_type: Option<&'static str>,
    /// Of an outcome, its word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Of an outcome, when it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<String>,
    /// Of an outcome, the decision it settles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_id: Option<u64>,
    /// Account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Number, as the caller wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Address, as the caller wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// System that asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_system: Option<String>,
    /// Agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// Campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<String>,
    /// The dialer's call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Of a fact row, records of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<FactsSaid>,
    /// Of a fact row, how many records there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<usize>,
    /// Of an act, what was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Of a kill switch, whether it was thrown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<bool>,
    /// Of a kill switch, its scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Of a kill switch, its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Of an activation, SHA-256 of the pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// What a caller wrote was destroyed.
    pub erased: bool,
    /// Hash of the row.
    pub hash: String,
}

impl TrailItem {
    /// Tells a row; of fact rows, the records of `account` (its number) if one is meant. `None` when
    /// the row does not read.
    pub fn of(row: &RowSeen<'_>, marks: &Marks<'_>, account: Option<u32>) -> Option<Self> {
        let item = Self {
            audit_id: row.seq,
            at: instant(marks.at),
            kind: marks.kind.as_str(),
            erased: row.erased(),
            hash: row.hash(),
            ..Self::default()
        };
        if marks.kind == RowKind::Facts {
            let (facts, records) = facts::records(row, account);
            return Some(Self {
                account_id: facts.first().and_then(|first| first.account_id.clone()),
                facts,
                records: Some(records),
                ..item
            });
        }
        if marks.kind == RowKind::Unchanged {
            return Some(item);
        }
        Some(item.with(row, marks, Bodies::read(row.body)?))
    }

    fn with(self, row: &RowSeen<'_>, marks: &Marks<'_>, body: Bodies) -> Self {
        let said = row.said();
        let decision = marks.kind == RowKind::Decision;
        let outcome = marks.kind == RowKind::Outcome;
        let verdict = if marks.blocked == 0 { "ALLOW" } else { "BLOCK" };
        let word = |at: usize| u8::try_from(body.i.get(at)?.checked_sub(1)?).ok();
        let channel = word(0).and_then(Channel::from_number);
        let action = word(1).and_then(Action::from_number);
        Self {
            decision: decision.then_some(verdict),
            blocked_by: body.blocked_by(),
            codes: body.codes(),
            flags: (decision && !body.f.is_empty()).then_some(body.f.len()),
            dry_run: body.dr != 0,
            channel: channel.map(Channel::as_str),
            action_type: action.map(Action::as_str),
            occurred_at: body.at.filter(|_| outcome).map(instant),
            decision_id: body.r.filter(|row| outcome && *row != 0),
            outcome: body.w.or(body.o),
            account_id: said.account_id,
            person_id: said.person_id,
            phone: said.phone.filter(|text| !text.is_empty()),
            email: said.email.filter(|text| !text.is_empty()),
            source_system: said.source_system,
            agent_id: said.agent_id,
            campaign_id: said.campaign_id,
            call_id: said.call_id,
            actor: said.actor,
            reason: said.reason.or(said.note),
            operation: body.op,
            on: body.on,
            scope: body.sc,
            value: body.v.as_str().map(str::to_owned),
            pack: body.pack,
            ..self
        }
    }
}
