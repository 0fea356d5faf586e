//! Whether a contact reaches the place of employment, or the employer, as far as states ask.
//!
//! What nobody stated is at work where it may be: a landline or a number of unknown kind that is
//! neither the home's nor a personal one, a visit without a place. A letter goes to the residence, a
//! message to no place at all unless the employer provided the address.

use crate::domain::case::Case;
use crate::domain::facts::{Attempt, ContactKey, Phone};
use crate::domain::intent::Asked;
use crate::domain::words::{Channel, LineType, PartyRole, PlaceKind};

/// Whether the contact asked for may reach the person at work.
pub fn may_be_asked(case: &Case<'_>) -> bool {
    let work_number = case.phone.is_some_and(|phone| phone.has(Phone::WORK));
    match case.intent.to_place {
        Asked::Known(place) => place == PlaceKind::Employment || work_number,
        Asked::Unknown => true,
        Asked::Absent => match case.intent.channel {
            Some(Channel::Mail) => false,
            Some(Channel::Email | Channel::Social) => {
                case.email.is_none_or(|email| email.employer_provided)
            }
            Some(Channel::Phone | Channel::Sms | Channel::Fax) => {
                case.phone.is_none_or(may_be_number)
            }
            Some(Channel::InPerson) | None => true,
        },
    }
}

/// Whether a past attempt may have reached the person at work.
pub fn may_be_attempt(case: &Case<'_>, attempt: &Attempt) -> bool {
    if attempt.has(Attempt::WORKPLACE) {
        return true;
    }
    match attempt.channel() {
        Some(Channel::Mail) => false,
        Some(Channel::Email | Channel::Social) => {
            let emails = case.extras().map_or(&[][..], |extras| &extras.emails);
            let same = |hash| ContactKey::address(hash) == attempt.contact;
            let known = emails.iter().find(|email| same(email.hash));
            known.is_some_and(|email| email.employer_provided)
        }
        Some(Channel::Phone | Channel::Sms | Channel::Fax) => {
            let number = attempt.contact.as_phone();
            let on_file = |phone: &&Phone| Some(phone.number) == number;
            let known = case.account.phones.iter().find(on_file);
            known.is_none_or(may_be_number)
        }
        Some(Channel::InPerson) | None => true,
    }
}

fn may_be_number(phone: &Phone) -> bool {
    let elsewhere = phone.has(Phone::HOME)
        || phone.has(Phone::PERSONAL)
        || phone.line_type == LineType::Wireless;
    phone.has(Phone::WORK) || !elsewhere
}

/// Whether whoever is asked for may be the consumer's employer: a third party of whom nobody said
/// that they are not, or nobody knows who.
pub fn may_be_employer(case: &Case<'_>) -> bool {
    match case.role() {
        Some(PartyRole::ThirdParty) => case.party().and_then(|party| party.employer) != Some(false),
        Some(PartyRole::Unknown) | None => true,
        Some(_) => false,
    }
}

/// Whether final judgment was given on every debt asked about.
pub fn judged(case: &Case<'_>) -> bool {
    let judgments = case.extras().map_or(&[][..], |extras| &extras.judgments);
    let given = |debt: &_| {
        let of = std::slice::from_ref(debt);
        judgments
            .iter()
            .any(|scope| scope.touches(case.account_no, of))
    };
    !case.debts.is_empty() && case.debts.iter().all(given)
}
