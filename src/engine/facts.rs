//! Facts by kind: which file applies which, and which of them restrict.

use super::draft::{Draft, Refused};
use super::state::State;
use super::{facts_account, facts_contact, facts_person};
use crate::domain::facts::At;
use crate::domain::record::{FactKind, FactRecord};
use crate::domain::words::{ApprovalState, BankruptcyStatus};

/// Applies one fact of an account.
pub(super) fn apply(
    state: &mut State,
    draft: &mut Draft,
    fact: &FactRecord,
) -> Result<(), Refused> {
    use super::commands::Refusal::Missing;
    let kind = fact.fact.ok_or(("fact", Missing))?;
    if fact.lifted == Some(true) {
        draft.may_lift(fact.reason.is_some())?;
    }
    draft.restricts |= restricts(kind, fact);
    match kind {
        FactKind::StatedZone
        | FactKind::InconvenientTime
        | FactKind::InconvenientPlace
        | FactKind::EmployerProhibits
        | FactKind::UnreachableAtHome
        | FactKind::Attorney
        | FactKind::Cease
        | FactKind::Bankruptcy
        | FactKind::Deceased
        | FactKind::Minor
        | FactKind::Military
        | FactKind::Vulnerability
        | FactKind::MediumOptOut
        | FactKind::PriorConsent
        | FactKind::CallConsent
        | FactKind::ConsentRevoked
        | FactKind::LocationAnswered => facts_person::apply(state, draft, kind, fact),
        FactKind::ContactOptOut
        | FactKind::DoNotCall
        | FactKind::Consent
        | FactKind::Revocation
        | FactKind::Inbound
        | FactKind::NumberCheck
        | FactKind::WrongNumber
        | FactKind::EmailProcedure => facts_contact::apply(state, draft, kind, fact),
        FactKind::IdentityTheft
        | FactKind::Judgment
        | FactKind::Dispute
        | FactKind::Verification
        | FactKind::NoticeSent
        | FactKind::NoticeReturned
        | FactKind::Escalation
        | FactKind::Hold
        | FactKind::Approval
        | FactKind::Override
        | FactKind::Promise => facts_account::apply(state, draft, kind, fact),
    }
}

/// Whether a fact can take an ALLOW away (GATES.md, semantics 7: "no restrictive fact has come").
/// In doubt it does.
pub fn restricts(kind: FactKind, fact: &FactRecord) -> bool {
    if fact.lifted == Some(true) {
        // What permits something while it is stated.
        return matches!(
            kind,
            FactKind::StatedZone | FactKind::UnreachableAtHome | FactKind::Judgment
        );
    }
    match kind {
        FactKind::Consent
        | FactKind::PriorConsent
        | FactKind::CallConsent
        | FactKind::Inbound
        | FactKind::Judgment
        | FactKind::UnreachableAtHome
        | FactKind::Verification
        | FactKind::Override => false,
        FactKind::NumberCheck => fact.reassigned == Some(true),
        FactKind::Approval => fact.approval != Some(ApprovalState::Approved),
        FactKind::Bankruptcy => !matches!(
            fact.status,
            Some(BankruptcyStatus::Dismissed | BankruptcyStatus::Reaffirmed)
        ),
        _ => true,
    }
}

/// When a fact took effect: as stated, else now.
pub(super) fn effective(draft: &Draft, fact: &FactRecord) -> At {
    At::of(fact.at.unwrap_or(draft.now))
}

/// The newer of two instants; what is still to come gives way to what has come.
pub(super) fn newest_come(known: &mut At, said: At, now: At) {
    let rank = |at: At| (at.is_set() && at <= now, at);
    if rank(said) > rank(*known) {
        *known = said;
    }
}

/// The newer of two instants.
pub(super) fn newer(known: &mut At, said: At) {
    if said > *known {
        *known = said;
    }
}
