//! To whom or where a contact goes, as far as state counts ask.
//!
//! What is not known to be of the other kind is of the kind that blocks, so that a number nobody
//! described is personal and workplace at once.

use crate::domain::case::Case;
use crate::domain::facts::{Attempt, Phone};
use crate::domain::gates::workplace;
use crate::domain::intent::Asked;
use crate::domain::phone::PhoneNumber;
use crate::domain::rules::Target;
use crate::domain::words::{LineType, PartyRole, PlaceKind};

/// Whether the target is the household.
pub(super) fn is_household(target: Target) -> bool {
    matches!(
        target,
        Target::HouseholdAtResidence | Target::HouseholdElsewhere
    )
}

/// Whether somebody in this role may be a member of the household other than the consumer. A
/// co-debtor is a debtor, an attorney no member.
pub(super) fn of_household(role: PartyRole) -> bool {
    !matches!(
        role,
        PartyRole::Consumer | PartyRole::CoDebtor | PartyRole::Attorney
    )
}

/// Whether the contact asked for may be of the target.
pub(super) fn asked(case: &Case<'_>, target: Target) -> bool {
    if target == Target::Workplace {
        return workplace::may_be_asked(case);
    }
    if is_household(target) && !case.role().is_none_or(of_household) {
        return false;
    }
    let elsewhere = match case.intent.to_place {
        Asked::Known(PlaceKind::Employment) => {
            matches!(
                target,
                Target::PersonalNumber | Target::HouseholdAtResidence
            )
        }
        Asked::Known(PlaceKind::Home) => {
            matches!(target, Target::OtherNumber | Target::HouseholdElsewhere)
        }
        Asked::Known(_) | Asked::Absent | Asked::Unknown => false,
    };
    !elsewhere && may_be(case.phone, target)
}

/// Whether a past attempt may have been of the target.
pub(super) fn attempt(case: &Case<'_>, attempt: &Attempt, target: Target) -> bool {
    match target {
        Target::Anyone => return true,
        Target::Workplace => return workplace::may_be_attempt(case, attempt),
        _ => {}
    }
    if attempt.has(Attempt::WORKPLACE) {
        return matches!(target, Target::OtherNumber | Target::HouseholdElsewhere);
    }
    may_be(on_file(case, attempt.contact.as_phone()), target)
}

fn on_file<'a>(case: &Case<'a>, number: Option<PhoneNumber>) -> Option<&'a Phone> {
    let number = number?;
    case.account
        .phones
        .iter()
        .find(|phone| phone.number == number)
}

fn may_be(phone: Option<&Phone>, target: Target) -> bool {
    let Some(phone) = phone else { return true };
    let wireless = phone.line_type == LineType::Wireless;
    let given = phone.has(Phone::HOME) || phone.has(Phone::PERSONAL);
    match target {
        Target::Anyone | Target::Workplace => true,
        Target::PersonalNumber => given || !phone.has(Phone::WORK),
        Target::OtherNumber => !(given || wireless) || phone.has(Phone::WORK),
        Target::HouseholdAtResidence => {
            phone.has(Phone::HOME) || !(wireless || phone.has(Phone::WORK))
        }
        Target::HouseholdElsewhere => !phone.has(Phone::HOME),
    }
}
