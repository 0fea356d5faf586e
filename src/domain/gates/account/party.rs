//! Who is asked for: the consumer, those who stand for the consumer, and nobody else.
//!
//! 12 CFR 1006.6(a) counts as the consumer: the spouse, a minor's parent, a guardian, whoever acts
//! for a dead consumer's estate, a confirmed successor in interest. A co-debtor owes and is a
//! consumer; the consumer's attorney may always be spoken to (1006.6(d)(1)(ii)).

use crate::domain::case::Case;
use crate::domain::facts::{Party, Person};
use crate::domain::rules::FederalId;
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::PartyRole;

use super::block;
use crate::domain::gates::purpose;

/// Asks whether the party may be spoken to.
pub(super) fn ask(case: &Case<'_>, found: &mut Findings) {
    if case.unknown_person {
        block(Code::UnknownPerson, case, found);
    }
    if case
        .named_person
        .is_some_and(|named| named != case.person_no)
    {
        block(Code::PersonMismatch, case, found);
    }
    let Some(role) = case.role().filter(|role| *role != PartyRole::Unknown) else {
        block(Code::PartyUnknown, case, found);
        return;
    };
    if case.is_consumer() {
        if role != PartyRole::Consumer {
            block(Code::PartyMismatch, case, found);
        }
        return;
    }
    let Some(party) = entry(case, role) else {
        let code = if case.party().is_some() {
            Code::PartyMismatch
        } else {
            Code::PartyUnknown
        };
        block(code, case, found);
        return;
    };
    if !may_be_told(party, case) {
        third_party(case, found);
    }
}

/// The person's entry in this role: one person may stand in several.
fn entry<'a>(case: &Case<'a>, role: PartyRole) -> Option<&'a Party> {
    case.extras()?
        .parties
        .iter()
        .find(|party| party.person == case.person_no && party.role == role)
}

/// Whether the party is one the debt may be discussed with.
fn may_be_told(party: &Party, case: &Case<'_>) -> bool {
    if party.authorised {
        return true;
    }
    match party.role {
        PartyRole::Consumer
        | PartyRole::CoDebtor
        | PartyRole::Spouse
        | PartyRole::Guardian
        | PartyRole::Executor
        | PartyRole::Successor
        | PartyRole::Attorney => true,
        PartyRole::Parent => is_minor(case.consumer),
        PartyRole::ThirdParty | PartyRole::Unknown => false,
    }
}

fn is_minor(person: &Person) -> bool {
    person.extras.as_deref().is_some_and(|extras| extras.minor)
}

/// A third party may only be asked where the consumer is, and only until they have answered; never
/// once the consumer's attorney is known (1006.10(c), (d)).
fn third_party(case: &Case<'_>, found: &mut Findings) {
    if !purpose::locates(case) {
        block(Code::ThirdParty, case, found);
        return;
    }
    let once = case.world.pack.federal_no(FederalId::LocationContactOnce);
    if case.person_extras().is_some_and(|e| e.location_answered) {
        found.block_by(Code::LocationUsed, once);
    }
    let represented = case.consumer.extras.as_deref().is_some_and(|extras| {
        extras.attorneys.iter().any(|attorney| {
            attorney.contact_known
                && !attorney.lifted_by_attorney
                && case.is_concerned(&attorney.debts)
        })
    });
    if represented {
        found.block(Code::LocationAttorney);
    }
}
