//! Bankruptcy: the stay, the discharge, and the stay that protects co-debtors.
//!
//! 11 USC 362(a)(6), 524(a)(2), 1201, 1301. A petition stays until the case is closed by a later
//! event; a discharge holds for ever for each debt it reached, unless that debt was reaffirmed: after
//! it or, as 11 USC 524(c)(1) asks, before it in the same case, that is since its petition. In
//! chapters 12 and 13, and where the chapter is not known, the stay of one debtor protects everyone
//! who owes the same consumer debt.

use crate::domain::case::Case;
use crate::domain::facts::{Bankruptcy, Person};
use crate::domain::ids::DebtNo;
use crate::domain::rules::FederalId;
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{BankruptcyStatus, DebtKind, PartyRole};

/// Asks for every case that reaches the debts.
pub(super) fn ask(case: &Case<'_>, found: &mut Findings) {
    let pack = case.world.pack;
    // Whoever stands for the consumer is asked to pay the consumer's debt.
    let owes_alone = case.role() == Some(PartyRole::CoDebtor);
    let debtors = [Some(case.person), (!owes_alone).then_some(case.consumer)];
    for person in debtors.into_iter().flatten() {
        if any_debt(case, |debt| is_stayed(case, person, debt, |_| true)) {
            found.block_by(Code::Bankruptcy, pack.federal_no(FederalId::BankruptcyStay));
        }
        if any_debt(case, |debt| is_discharged(case, person, debt)) {
            found.block_by(
                Code::BankruptcyDischarged,
                pack.federal_no(FederalId::BankruptcyDischarge),
            );
        }
    }
    let consumer = (owes_alone && !case.is_consumer()).then_some(case.consumer);
    let co_debtors = case
        .others
        .iter()
        .filter(|(role, _)| *role == PartyRole::CoDebtor)
        .map(|(_, person)| *person);
    for person in consumer.into_iter().chain(co_debtors) {
        let protects =
            |debt| is_consumer_debt(case, debt) && is_stayed(case, person, debt, stays_co_debtors);
        if any_debt(case, protects) {
            found.block_by(
                Code::BankruptcyCoDebtor,
                pack.federal_no(FederalId::CodebtorStay),
            );
        }
    }
}

fn any_debt(case: &Case<'_>, test: impl Fn(DebtNo) -> bool) -> bool {
    case.debts.iter().any(|debt| test(*debt))
}

fn stays_co_debtors(petition: &Bankruptcy) -> bool {
    matches!(petition.chapter, 0 | 12 | 13)
}

/// The co-debtor stay is for consumer debts; one of unstated kind counts as such.
fn is_consumer_debt(case: &Case<'_>, debt: DebtNo) -> bool {
    let mut debts = case.account.debts.iter().filter(|known| known.no == debt);
    !debts.any(|known| known.kind == DebtKind::Commercial)
}

/// Whether a petition reaches the debt and nothing closed that case afterwards.
fn is_stayed(
    case: &Case<'_>,
    person: &Person,
    debt: DebtNo,
    counts: impl Fn(&Bankruptcy) -> bool,
) -> bool {
    let entries = || touching(case, person, debt);
    entries()
        .filter(|(_, entry)| entry.status == BankruptcyStatus::Filed && counts(entry))
        .any(|(at, petition)| {
            !entries().any(|(later, entry)| {
                entry.status != BankruptcyStatus::Filed
                    && is_after((later, entry), (at, petition))
                    && entry.same_case(petition)
            })
        })
}

/// Whether a discharge reached the debt and no later reaffirmation brought it back.
fn is_discharged(case: &Case<'_>, person: &Person, debt: DebtNo) -> bool {
    let entries = || touching(case, person, debt);
    entries()
        .filter(|(_, entry)| entry.status == BankruptcyStatus::Discharged)
        .any(|(at, discharge)| {
            let petition = entries()
                .filter(|(_, entry)| entry.status == BankruptcyStatus::Filed)
                .filter(|(_, entry)| entry.same_case(discharge))
                .filter(|petition| is_after((at, discharge), *petition))
                .max_by_key(|(n, entry)| (entry.since, *n));
            !entries().any(|agreed| {
                agreed.1.status == BankruptcyStatus::Reaffirmed
                    && (is_after(agreed, (at, discharge))
                        || petition.is_some_and(|petition| {
                            is_after(agreed, petition) && agreed.1.same_case(discharge)
                        }))
            })
        })
}

fn touching<'a>(
    case: &Case<'a>,
    person: &'a Person,
    debt: DebtNo,
) -> impl Iterator<Item = (usize, &'a Bankruptcy)> {
    let account = case.account_no;
    person
        .extras
        .as_deref()
        .into_iter()
        .flat_map(|extras| extras.bankruptcies.iter().enumerate())
        .filter(move |(_, entry)| entry.debts.touches(account, &[debt]))
}

fn is_after(entry: (usize, &Bankruptcy), than: (usize, &Bankruptcy)) -> bool {
    (entry.1.since, entry.0) > (than.1.since, than.0)
}

#[cfg(test)]
mod tests;
