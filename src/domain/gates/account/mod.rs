//! G1 ACCOUNT: the account may be worked, the contact point is the person's, and the person is one
//! the collector may speak to about these debts.
//!
//! Law: 12 CFR 1006.6(a), (d); 1006.10; 1006.30(b). An account the tenant does not have never gets
//! here: see [`Verdict::unknown_account`](super::Verdict::unknown_account).
//!
//! Mail and visits go to the account's address, whoever of the account is asked for: no other
//! address is kept.

mod party;

use crate::domain::case::Case;
use crate::domain::facts::{NumberFacts, Phone};
use crate::domain::intent::ContactPoint;
use crate::domain::phone::PhoneNumber;
use crate::domain::rules::FederalId;
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{AccountStatus, AddressStatus, Channel};

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    status(case, found);
    debts(case, found);
    contact_point(case, found);
    party::ask(case, found);
}

fn status(case: &Case<'_>, found: &mut Findings) {
    let satisfied = case.world.pack.federal_no(FederalId::DebtSatisfied);
    match case.account.status {
        AccountStatus::Open => {}
        AccountStatus::Closed => found.block(Code::AccountClosed),
        AccountStatus::Paid => found.block_by(Code::AccountPaid, satisfied),
        AccountStatus::Settled => found.block_by(Code::AccountSettled, satisfied),
        AccountStatus::Recalled => found.block(Code::AccountRecalled),
        AccountStatus::Sold => found.block(Code::AccountSold),
    }
}

fn debts(case: &Case<'_>, found: &mut Findings) {
    let satisfied = case.world.pack.federal_no(FederalId::DebtSatisfied);
    if case.unknown_debt {
        block(Code::UnknownDebt, case, found);
    }
    if case.closed_debt {
        found.block_by(Code::DebtClosed, satisfied);
    }
    if case.debts.is_empty() && !case.unknown_debt && !case.closed_debt {
        found.block_by(Code::NoOpenDebt, satisfied);
    }
}

fn contact_point(case: &Case<'_>, found: &mut Findings) {
    match case.intent.channel {
        Some(Channel::Phone | Channel::Sms | Channel::Fax) => by_number(case, found),
        Some(Channel::Email | Channel::Social) => by_address(case, found),
        Some(Channel::Mail | Channel::InPerson) => by_post(case, found),
        // CHANNEL blocks; what is plainly no contact point is said here all the same.
        None => match case.intent.contact {
            ContactPoint::BadPhone => found.block(Code::InvalidPhone),
            ContactPoint::BadEmail => found.block(Code::InvalidEmail),
            _ => {}
        },
    }
}

fn by_number(case: &Case<'_>, found: &mut Findings) {
    match case.intent.contact {
        ContactPoint::Phone(number) => on_file(number, case, found),
        ContactPoint::BadPhone => found.block(Code::InvalidPhone),
        ContactPoint::Email(_) | ContactPoint::BadEmail | ContactPoint::Absent => {
            found.block(Code::ContactPointMissing);
        }
    }
}

fn on_file(number: PhoneNumber, case: &Case<'_>, found: &mut Findings) {
    if !case.world.pack.places().npas().classify(number).is_us() {
        found.block(Code::InvalidPhone);
    }
    let Some(phone) = case.phone else {
        block(Code::UnknownPhone, case, found);
        return;
    };
    if phone.has(Phone::WRONG) || known_wrong(case) {
        block(Code::WrongNumber, case, found);
    }
    if phone.person != case.person_no {
        block(Code::PersonMismatch, case, found);
    }
}

fn by_address(case: &Case<'_>, found: &mut Findings) {
    match case.intent.contact {
        ContactPoint::Email(_) => {}
        ContactPoint::BadEmail => {
            found.block(Code::InvalidEmail);
            return;
        }
        ContactPoint::Phone(_) | ContactPoint::BadPhone | ContactPoint::Absent => {
            found.block(Code::ContactPointMissing);
            return;
        }
    }
    let Some(email) = case.email else {
        block(Code::UnknownEmail, case, found);
        return;
    };
    if email.wrong || known_wrong(case) {
        block(Code::WrongEmail, case, found);
    }
    if email.person != case.person_no {
        block(Code::PersonMismatch, case, found);
    }
}

fn by_post(case: &Case<'_>, found: &mut Findings) {
    if case.intent.contact != ContactPoint::Absent {
        found.block(Code::ContactPointUnexpected);
    }
    if case.account.address != AddressStatus::OnFile {
        found.block(Code::UnknownAddress);
    }
}

/// Whether the tenant learnt, on any account, that the contact point is not this person's.
fn known_wrong(case: &Case<'_>) -> bool {
    case.number.is_some_and(|known| {
        known.has(NumberFacts::WRONG) || known.wrong_for().contains(&case.person_no)
    })
}

/// Blocks by the rule on who may be spoken to.
fn block(code: Code, case: &Case<'_>, found: &mut Findings) {
    found.block_by(
        code,
        case.world.pack.federal_no(FederalId::PartyNotPermitted),
    );
}

#[cfg(test)]
mod tests;
