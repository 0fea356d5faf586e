//! Bankruptcy: stay, discharge, co-debtors.

use super::ask;
use crate::domain::facts::{At, Bankruptcy, DebtScope};
use crate::domain::gates::fixture::{CONSUMER, Fixture, debt};
use crate::domain::ids::{DebtNo, PersonNo};
use crate::domain::verdict::Code;
use crate::domain::words::{BankruptcyStatus as Status, DebtKind, PartyRole};

fn event(chapter: u8, status: Status, since: u32) -> Bankruptcy {
    Bankruptcy {
        debts: DebtScope::Everything,
        chapter,
        status,
        since: At(since),
    }
}

fn of_debt(no: u32, mut event: Bankruptcy) -> Bankruptcy {
    event.debts = DebtScope::Debts([DebtNo(no)].into());
    event
}

fn asked(debtor: PersonNo, events: Vec<Bankruptcy>, fixture: &mut Fixture) -> Vec<Code> {
    fixture.of(debtor).bankruptcies = events;
    fixture.ask(ask)
}

#[test]
fn a_case_is_judged_by_its_newest_event() {
    let stay = || vec![Code::Bankruptcy];
    let discharged = || vec![Code::BankruptcyDischarged];
    let mut fixture = Fixture::neutral();
    for (events, expected) in [
        (vec![], vec![]),
        (vec![event(7, Status::Filed, 1)], stay()),
        (vec![event(7, Status::Dismissed, 1)], vec![]),
        (vec![event(7, Status::Reaffirmed, 1)], vec![]),
        (vec![event(7, Status::Discharged, 1)], discharged()),
        (
            vec![event(7, Status::Filed, 1), event(7, Status::Dismissed, 2)],
            vec![],
        ),
        (
            vec![event(7, Status::Dismissed, 1), event(7, Status::Filed, 2)],
            stay(),
        ),
        (
            vec![event(7, Status::Filed, 1), event(7, Status::Dismissed, 1)],
            vec![],
        ),
        (
            vec![event(7, Status::Filed, 1), event(7, Status::Discharged, 2)],
            discharged(),
        ),
        (
            vec![
                event(7, Status::Discharged, 1),
                event(7, Status::Reaffirmed, 2),
            ],
            vec![],
        ),
        (
            vec![
                event(7, Status::Discharged, 1),
                event(13, Status::Dismissed, 2),
            ],
            discharged(),
        ),
        (
            vec![event(7, Status::Filed, 1), event(13, Status::Dismissed, 2)],
            stay(),
        ),
        (
            vec![event(0, Status::Filed, 1), event(13, Status::Dismissed, 2)],
            vec![],
        ),
    ] {
        let what = format!("{events:?}");
        assert_eq!(asked(CONSUMER, events, &mut fixture), expected, "{what}");
    }
}

#[test]
fn a_reaffirmation_before_the_discharge_counts_in_its_own_case_only() {
    let discharged = || vec![Code::BankruptcyDischarged];
    let mut fixture = Fixture::neutral();
    for (events, expected) in [
        // Agreed in the same case, before its discharge.
        (
            vec![
                event(7, Status::Filed, 1),
                event(0, Status::Reaffirmed, 2),
                event(7, Status::Discharged, 3),
            ],
            vec![],
        ),
        // In no case anybody knows, or in an earlier one.
        (
            vec![
                event(7, Status::Reaffirmed, 2),
                event(7, Status::Discharged, 3),
            ],
            discharged(),
        ),
        (
            vec![
                event(7, Status::Filed, 1),
                event(7, Status::Reaffirmed, 2),
                event(7, Status::Filed, 3),
                event(7, Status::Discharged, 4),
            ],
            discharged(),
        ),
        (
            vec![
                event(7, Status::Filed, 1),
                event(13, Status::Reaffirmed, 2),
                event(7, Status::Discharged, 3),
            ],
            discharged(),
        ),
    ] {
        let what = format!("{events:?}");
        assert_eq!(asked(CONSUMER, events, &mut fixture), expected, "{what}");
    }
}

#[test]
fn a_case_reaches_its_own_debts() {
    let mut fixture = Fixture::neutral();
    fixture.account.debts.push(debt(2));
    let reaffirmed = vec![
        event(7, Status::Discharged, 1),
        of_debt(2, event(7, Status::Reaffirmed, 2)),
    ];
    for (no, expected) in [(1, vec![Code::BankruptcyDischarged]), (2, vec![])] {
        fixture.debts = Some(vec![DebtNo(no)]);
        assert_eq!(asked(CONSUMER, reaffirmed.clone(), &mut fixture), expected);
    }
    fixture.debts = None;
    assert_eq!(
        asked(CONSUMER, reaffirmed, &mut fixture),
        [Code::BankruptcyDischarged]
    );
    let filed = vec![of_debt(2, event(7, Status::Filed, 1))];
    fixture.debts = Some(vec![DebtNo(1)]);
    assert_eq!(asked(CONSUMER, filed, &mut fixture), []);
}

#[test]
fn chapters_12_and_13_and_an_unknown_one_protect_co_debtors() {
    for (chapter, protects) in [(0, true), (7, false), (11, false), (12, true), (13, true)] {
        let expected = if protects {
            vec![Code::BankruptcyCoDebtor]
        } else {
            vec![]
        };
        let filed = vec![event(chapter, Status::Filed, 1)];

        let mut fixture = Fixture::neutral();
        let debtor = fixture.party(PartyRole::CoDebtor);
        let found = asked(debtor, filed.clone(), &mut fixture);
        assert_eq!(found, expected, "the consumer, chapter {chapter}");

        let mut fixture = Fixture::neutral();
        fixture.ask_for(PartyRole::CoDebtor);
        let found = asked(CONSUMER, filed.clone(), &mut fixture);
        assert_eq!(found, expected, "the co-debtor, chapter {chapter}");
        fixture.account.debts[0].kind = DebtKind::Commercial;
        assert_eq!(asked(CONSUMER, filed, &mut fixture), [], "commercial");
    }
}

#[test]
fn a_closed_case_or_one_of_a_spouse_protects_no_other_debtor() {
    let mut fixture = Fixture::neutral();
    let debtor = fixture.party(PartyRole::CoDebtor);
    let closed = vec![
        event(13, Status::Filed, 1),
        event(13, Status::Discharged, 2),
    ];
    assert_eq!(asked(debtor, closed, &mut fixture), []);
    let mut fixture = Fixture::neutral();
    let spouse = fixture.party(PartyRole::Spouse);
    let filed = vec![event(13, Status::Filed, 1)];
    assert_eq!(asked(spouse, filed, &mut fixture), []);
}

#[test]
fn whoever_stands_for_the_debtor_is_stayed_with_them() {
    for role in [PartyRole::Spouse, PartyRole::Attorney, PartyRole::Executor] {
        let mut fixture = Fixture::neutral();
        fixture.ask_for(role);
        let filed = vec![event(7, Status::Filed, 1)];
        assert_eq!(asked(CONSUMER, filed, &mut fixture), [Code::Bankruptcy]);
    }
    let mut fixture = Fixture::neutral();
    let debtor = fixture.ask_for(PartyRole::CoDebtor);
    let filed = vec![event(7, Status::Filed, 1)];
    assert_eq!(asked(debtor, filed, &mut fixture), [Code::Bankruptcy]);
}
