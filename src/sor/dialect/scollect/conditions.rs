//! What the words of a status, an alert or a disposition say of an account.
//!
//! The system documents no list of its statuses; agencies name their own. A word that is not here says
//! nothing. One that is here restricts, also where a sentence negates it: an alert nobody needed costs
//! a call, a missed one breaks the law.

use crate::domain::record::{FactKind, FactRecord, Personal};
use crate::domain::words::{
    AccountStatus, Action, ApprovalState, EscalationKind, HoldKind, Medium,
};
use crate::sor::dialect::formats::Spoken;

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

/// By which words each is known.
const WORDS: [(Condition, &[&str]); 14] = [
    (
        Condition::Bankruptcy,
        &[
            "BANKRUPT*",
            "BK",
            "BKY",
            "BK7",
            "BK13",
            "CHAPTER 7",
            "CHAPTER 11",
            "CHAPTER 13",
            "CH 7",
            "CH 11",
            "CH 13",
            "CH7",
            "CH13",
        ],
    ),
    (
        Condition::Deceased,
        &["DECEASED", "DECEDENT", "DIED", "DEATH", "PROBATE", "ESTATE"],
    ),
    (
        Condition::Attorney,
        &["ATTORNEY*", "ATTY*", "LAWYER*", "REPRESENTED"],
    ),
    (
        Condition::Cease,
        &[
            "CEASE*",
            "C D",
            "DO NOT CONTACT",
            "DONT CONTACT",
            "NO CONTACT",
        ],
    ),
    (
        Condition::NoCalls,
        &["DO NOT CALL", "DONT CALL", "DNC", "NO CALLS"],
    ),
    (
        Condition::NoTexts,
        &["DO NOT TEXT", "DONT TEXT", "NO TEXTS"],
    ),
    (
        Condition::NoEmail,
        &["DO NOT EMAIL", "DONT EMAIL", "NO EMAIL*", "DO NOT E MAIL"],
    ),
    (Condition::Dispute, &["DISPUTE*", "DISPUTING"]),
    (
        Condition::IdentityTheft,
        &["FRAUD*", "IDENTITY THEFT", "ID THEFT", "IDENTITY FRAUD"],
    ),
    (Condition::Minor, &["MINOR", "UNDERAGE", "UNDER AGE"]),
    (
        Condition::Military,
        &["MILITARY", "SCRA", "ACTIVE DUTY", "DEPLOYED"],
    ),
    (
        Condition::Litigation,
        &["LITIGA*", "LITIGIOUS", "LAWSUIT*", "SUED"],
    ),
    (Condition::Complaint, &["COMPLAINT*", "COMPLAINED", "BBB"]),
    (
        Condition::Regulator,
        &["CFPB", "REGULATOR*", "ATTORNEY GENERAL", "AG COMPLAINT"],
    ),
];

impl Condition {
    /// All that a text speaks of.
    pub(super) fn all_in(text: &str) -> Vec<Self> {
        let spoken = Spoken::of(text);
        let said = WORDS.iter().filter(|(_, words)| spoken.says_any(words));
        said.map(|(condition, _)| *condition).collect()
    }

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

/// Whether a status says that the account is not worked any more, and how.
pub(super) fn closing(text: &str) -> Option<AccountStatus> {
    const WORDS: [(AccountStatus, &[&str]); 5] = [
        (
            AccountStatus::Recalled,
            &["RECALL*", "RETURNED TO CLIENT", "WITHDRAWN", "PULLED BACK"],
        ),
        (AccountStatus::Sold, &["SOLD"]),
        (
            AccountStatus::Settled,
            &["SETTLED", "SIF", "SETTLED IN FULL"],
        ),
        (
            AccountStatus::Paid,
            &["PAID IN FULL", "PIF", "PAID OFF", "PAID"],
        ),
        (
            AccountStatus::Closed,
            &["CLOSED", "CANCEL*", "INACTIVE", "UNCOLLECTIBLE"],
        ),
    ];
    let spoken = Spoken::of(text);
    let said = WORDS.iter().find(|(_, words)| spoken.says_any(words));
    said.map(|(status, _)| *status)
}
