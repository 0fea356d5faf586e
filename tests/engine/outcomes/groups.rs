//! Calls about debts of two accounts that are serviced as one: what a report of either account leaves
//! of what the call counts toward on the other.

use super::*;

/// `A` with `D1` and `D2`, `B` with `D8` and `D9`; `D1` and `D9` are one.
fn grouped() -> Run {
    let mut one = begun();
    for (id, own, shared) in [("A", "D2", "D1"), ("B", "D8", "D9")] {
        let debt = |id: &str, group: Option<&str>| DebtRecord {
            debt_id: Some(id.into()),
            group: group.map(Into::into),
            ..DebtRecord::default()
        };
        let record = AccountRecord {
            account_id: Some(id.into()),
            debts: vec![debt(own, None), debt(shared, Some("G"))],
            ..AccountRecord::default()
        };
        one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    }
    one
}

fn talk(one: &Run, account: &str, debts: &[&str]) -> Disposition {
    Disposition {
        occurred_at: Some(one.now.minus(60)),
        debt_ids: debts.iter().map(|id| (*id).into()).collect(),
        ..said(account, Some("c1"), Reported::Conversation)
    }
}

fn all_rest(one: &mut Run) {
    for (account, debt) in [("A", "D1"), ("B", "D9"), ("B", "D8")] {
        let known = attempts(one);
        assert!(rests(one, account, &[debt]), "{account} {debt}: {known:?}");
    }
    assert!(!rests(one, "A", &["D2"]));
    rows_agree(one);
}

/// Names invariant REPORT-3.
#[test]
fn a_report_leaves_what_a_call_of_its_id_counts_toward_on_another_account() {
    let one = grouped();
    let said = [
        talk(&one, "B", &["D8"]),
        talk(&one, "A", &["D1"]),
        talk(&one, "B", &["D9"]),
    ];
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let mut one = grouped();
        for n in order {
            report(&mut one, said[n].clone());
        }
        all_rest(&mut one);
        for n in order {
            assert_eq!(report(&mut one, said[n].clone()).row, None, "{order:?}");
        }
    }
}

#[test]
fn a_guess_about_one_account_or_an_actor_of_another_unsays_nothing() {
    for actor in [None, Some("kim")] {
        let mut one = grouped();
        let guessed = talk(&one, "B", &[]);
        report(&mut one, guessed);
        let named = Disposition {
            actor: actor.map(Into::into),
            ..talk(&one, "A", &["D1"])
        };
        report(&mut one, named);
        all_rest(&mut one);
    }
}

/// Two records of one instant without ids, of a call about either debt.
#[test]
fn a_report_without_an_id_takes_the_place_of_all_entries_of_its_instant() {
    let mut one = begun();
    let at = one.now.minus(60);
    let record = |debt: &str| AttemptRecord {
        at: Some(at),
        outcome: Some(Outcome::NoAnswer),
        phone: Some(N1.into()),
        debts: vec![debt.into()],
        ..AttemptRecord::default()
    };
    let record = AccountRecord {
        account_id: Some("A".into()),
        attempts: vec![record("D1"), record("D2")],
        ..AccountRecord::default()
    };
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    assert_eq!(attempts(&mut one).len(), 2);
    let spoke = Disposition {
        occurred_at: Some(at),
        ..said("A", None, Reported::Conversation)
    };
    report(&mut one, spoke);
    assert!(rests(&mut one, "A", &["D1"]));
    assert!(rests(&mut one, "A", &["D2"]));
    rows_agree(&mut one);
}
