//! What came of a contact, and the bytes that say it.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::key::{self, NoChance};
use super::now::Now;
use crate::domain::outcome::Reported as Outcome;
use crate::domain::time::{Rfc3339, UnixSeconds};
use crate::domain::words::Channel;
use crate::wire::limits::{CALLER_TEXT_BYTES_MAX, DEBT_IDS_MAX};

/// A report of one contact. Fields and words: `docs/dispositions.md`.
#[derive(Clone, PartialEq, Eq)]
pub struct Disposition {
    /// The account.
    pub account_id: String,
    /// The decision it settles.
    pub audit_id: Option<u64>,
    /// What happened.
    pub outcome: Outcome,
    /// The number, where no decision is named.
    pub phone: Option<String>,
    /// The address, where no decision is named.
    pub email: Option<String>,
    /// Absent: the decision's.
    pub channel: Option<Channel>,
    /// Absent: the decision's instant; where no decision is named, when it is reported.
    pub occurred_at: Option<UnixSeconds>,
    /// How long, seconds.
    pub duration_s: Option<u32>,
    /// The agent.
    pub agent_id: Option<String>,
    /// Who answers for it, where it makes a contact count less.
    pub actor: Option<String>,
    /// The caller's id of the call. Absent where no decision is named either: the client makes one,
    /// so that a repeat of the report is not counted twice.
    pub call_id: Option<String>,
    /// The debts it was about; empty: the intent's.
    pub debt_ids: Vec<String>,
    /// Campaign.
    pub campaign_id: Option<String>,
    /// The reporting system.
    pub source_system: Option<String>,
    /// Why, in the caller's words.
    pub reason: Option<String>,
}

impl Disposition {
    /// Of a decision.
    pub fn of_decision(account_id: &str, audit_id: u64, outcome: Outcome) -> Self {
        Self {
            audit_id: Some(audit_id),
            ..Self::bare(account_id, outcome)
        }
    }

    /// Of a call that nobody asked the gate about.
    pub fn of_call(account_id: &str, phone: &str, outcome: Outcome) -> Self {
        Self {
            phone: Some(phone.to_owned()),
            ..Self::bare(account_id, outcome)
        }
    }

    fn bare(account_id: &str, outcome: Outcome) -> Self {
        Self {
            account_id: account_id.to_owned(),
            audit_id: None,
            outcome,
            phone: None,
            email: None,
            channel: None,
            occurred_at: None,
            duration_s: None,
            agent_id: None,
            actor: None,
            call_id: None,
            debt_ids: Vec::new(),
            campaign_id: None,
            source_system: None,
            reason: None,
        }
    }

    /// The first field that no gateway would take.
    fn fault(&self) -> Option<&'static str> {
        let fits = |text: &str| (1..=CALLER_TEXT_BYTES_MAX).contains(&text.len());
        let absent_or_fits = |text: &Option<String>| text.as_deref().is_none_or(fits);
        let fields = [
            ("account_id", fits(&self.account_id)),
            ("phone", absent_or_fits(&self.phone)),
            ("email", absent_or_fits(&self.email)),
            ("agent_id", absent_or_fits(&self.agent_id)),
            ("actor", absent_or_fits(&self.actor)),
            ("call_id", absent_or_fits(&self.call_id)),
            ("campaign_id", absent_or_fits(&self.campaign_id)),
            ("source_system", absent_or_fits(&self.source_system)),
            ("reason", absent_or_fits(&self.reason)),
            (
                "debt_ids",
                self.debt_ids.len() <= DEBT_IDS_MAX && self.debt_ids.iter().all(|id| fits(id)),
            ),
        ];
        let mut wrong = fields.into_iter().filter(|(_, fits)| !fits);
        wrong.next().map(|(field, _)| field)
    }

    /// Its bytes, the same in every repeat.
    ///
    /// # Errors
    /// [`ReportError::Unusable`], [`ReportError::NoName`].
    pub(super) fn bytes(&self, now: Now) -> Result<Bytes, ReportError> {
        if let Some(field) = self.fault() {
            return Err(ReportError::Unusable(field));
        }
        let unasked = self.audit_id.is_none();
        // A decision's number already makes a repeat a repeat, and an id of our own would part the
        // call from the dialer's own report of it.
        let made = match &self.call_id {
            None if unasked => Some(key::fresh().map_err(|NoChance| ReportError::NoName)?),
            _ => None,
        };
        let at = self.occurred_at.or_else(|| unasked.then_some(now.wall));
        let at = at.map(UnixSeconds::rfc3339);
        let spelt = Spelt {
            account_id: &self.account_id,
            audit_id: self.audit_id,
            outcome: self.outcome.as_str(),
            phone: self.phone.as_deref(),
            email: self.email.as_deref(),
            channel: self.channel.map(Channel::as_str),
            occurred_at: at.as_ref().map(Rfc3339::as_str),
            duration_s: self.duration_s,
            agent_id: self.agent_id.as_deref(),
            actor: self.actor.as_deref(),
            call_id: self.call_id.as_deref().or(made.as_deref()),
            debt_ids: &self.debt_ids,
            campaign_id: self.campaign_id.as_deref(),
            source_system: self.source_system.as_deref(),
            reason: self.reason.as_deref(),
        };
        let json = serde_json::to_vec(&spelt);
        json.map(Bytes::from)
            .map_err(|_never| ReportError::Unusable("body"))
    }
}

/// Names nobody.
impl fmt::Debug for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disposition")
            .field("audit_id", &self.audit_id)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Spelt<'d> {
    account_id: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_id: Option<u64>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_s: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_id: Option<&'d str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    debt_ids: &'d [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_id: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_system: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'d str>,
}

/// A report that is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    /// Its row; `None` where it said nothing new.
    pub row_id: Option<u64>,
    /// The decision it settled.
    pub audit_id: Option<u64>,
    /// Something that counts more is known of the call, and stands.
    pub kept: bool,
    /// Its instant lay ahead of the gateway's and counts as now.
    pub clock_ahead: bool,
}

/// Why a report was not answered with "on disk".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The gateway refuses it, whenever it comes.
    #[error("the report is refused with status {status}: {code}")]
    Refused {
        /// Of HTTP.
        status: u16,
        /// The gateway's word for it.
        code: super::verdict::ErrorCode,
    },
    /// Perhaps it is on record and perhaps not. Keep it, and report again: it is not counted twice.
    #[error("the report may not have arrived: {0}")]
    Unheard(super::verdict::Reason),
    /// No gateway would take a field of it.
    #[error("the report's {0} is not acceptable")]
    Unusable(&'static str),
    /// The machine gave no random bytes to name it by.
    #[error("the report cannot be named")]
    NoName,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::wire::disposition::decode;

    fn read(said: &Disposition) -> crate::wire::disposition::Disposition {
        let now = Now::read(&Clock::manual(UnixSeconds(1_800_000_000)));
        decode(&said.bytes(now).unwrap()).unwrap()
    }

    #[test]
    fn a_report_of_a_decision_is_named_by_it_and_by_nothing_of_ours() {
        let read = read(&Disposition::of_decision("A-1", 7, Outcome::NoAnswer));
        assert_eq!((read.audit_id, read.outcome), (Some(7), Outcome::NoAnswer));
        assert_eq!((read.call_id, read.occurred_at), (None, None));
    }

    #[test]
    fn an_unasked_call_is_named_and_has_its_instant_from_the_first_try() {
        let said = Disposition::of_call("A-1", "8185551234", Outcome::Conversation);
        let one = read(&said);
        assert_eq!(one.call_id.unwrap().len(), 32);
        assert_eq!(one.occurred_at, Some(UnixSeconds(1_800_000_000)));
        let named = Disposition {
            call_id: Some("c-9".to_owned()),
            ..said
        };
        assert_eq!(read(&named).call_id.as_deref(), Some("c-9"));
    }

    #[test]
    fn what_no_gateway_takes_is_not_sent() {
        let now = Now::read(&Clock::manual(UnixSeconds(1_800_000_000)));
        let said = Disposition::of_decision("", 7, Outcome::NoAnswer);
        assert_eq!(said.bytes(now), Err(ReportError::Unusable("account_id")));
    }
}
