//! What stands against contact, and the fact each is.

use crate::domain::record::{FactKind, FactRecord, Personal};
use crate::domain::words::{Action, ApprovalState, EscalationKind, HoldKind, Medium};

/// Where facts of this dialect were learnt.
pub(super) const SOURCE: &str = "sor:scollect";

/// Something that stands against contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    Bankruptcy,
    Deceased,
    Attorney,
    Cease,
    NoCalls,
    NoTexts,
    NoEmail,
    Dispute,
    IdentityTheft,
    Minor,
    Military,
    Litigation,
    Complaint,
    Regulator,
}

impl Condition {
    /// The fact it is.
    pub(super) fn fact(self) -> FactRecord {
        match self {
            Self::Bankruptcy => stated(FactKind::Bankruptcy),
            Self::Deceased => stated(FactKind::Deceased),
            Self::Attorney => stated(FactKind::Attorney),
            Self::Cease => stated(FactKind::Cease),
            Self::NoCalls => refused(Medium::Calls),
            Self::NoTexts => refused(Medium::Texts),
            Self::NoEmail => refused(Medium::Email),
            Self::Dispute => stated(FactKind::Dispute),
            Self::IdentityTheft => stated(FactKind::IdentityTheft),
            Self::Minor => stated(FactKind::Minor),
            Self::Military => stated(FactKind::Military),
            Self::Litigation => FactRecord {
                hold: Some(HoldKind::Litigation),
                ..stated(FactKind::Hold)
            },
            Self::Complaint => escalated(EscalationKind::Complaint),
            Self::Regulator => escalated(EscalationKind::RegulatorInquiry),
        }
    }
}

/// A fact of this kind.
pub(super) fn stated(kind: FactKind) -> FactRecord {
    FactRecord {
        fact: Some(kind),
        source: Some(Personal::from(SOURCE)),
        ..FactRecord::default()
    }
}

/// The person refuses a medium.
pub(super) fn refused(medium: Medium) -> FactRecord {
    FactRecord {
        medium: Some(medium),
        ..stated(FactKind::MediumOptOut)
    }
}

fn escalated(kind: EscalationKind) -> FactRecord {
    FactRecord {
        escalation: Some(kind),
        ..stated(FactKind::Escalation)
    }
}

/// What the agency allows of an action, by its own word rather than the consumer's.
pub(super) fn approval(action: Action, state: ApprovalState) -> FactRecord {
    FactRecord {
        action: Some(action),
        approval: Some(state),
        ..stated(FactKind::Approval)
    }
}

/// What takes a restriction back that the account did not have before; what permits is never taken back.
pub(super) fn undone(fact: &FactRecord) -> Option<FactRecord> {
    match fact.fact? {
        FactKind::Bankruptcy
        | FactKind::Deceased
        | FactKind::Attorney
        | FactKind::Cease
        | FactKind::Dispute
        | FactKind::IdentityTheft
        | FactKind::Minor
        | FactKind::Military
        | FactKind::Hold
        | FactKind::Escalation
        | FactKind::MediumOptOut
        | FactKind::ContactOptOut
        | FactKind::DoNotCall
        | FactKind::EmployerProhibits => Some(lifted(fact.clone())),
        // Pending permits nothing: it is as good as none.
        FactKind::Approval => Some(FactRecord {
            approval: Some(ApprovalState::Pending),
            ..fact.clone()
        }),
        _ => None,
    }
}

/// The fact turned off.
pub(super) fn lifted(fact: FactRecord) -> FactRecord {
    FactRecord {
        lifted: Some(true),
        reason: Some(Personal::from(SOURCE)),
        ..fact
    }
}
