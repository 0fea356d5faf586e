//! A ledger some of whose personal fields were erased still recovers, and allows nothing on what
//! is gone.

use dialgate::engine::commands::Answer;

use super::dice::Dice;
use super::ops::{self, Op};
use super::run::{self, Run, START};
use super::seeds::each_seed;

#[test]
fn engine_5_later_rows_apply_to_what_was_erased() {
    each_seed(40, |seed| {
        let mut one = Run::new();
        for op in &ops::sequence(&mut Dice::of_seed(seed), START, 400) {
            one.step(op);
        }
        let (mut two, mut dice) = (run::fresh(), Dice::of_seed(!seed));
        let share = dice.of(&[2, 10, 40]);
        let mut erased_accounts = Vec::new();
        for row in &one.rows.0 {
            let gone = dice.one_in(share);
            let kept = |subject| (!gone).then_some(subject);
            let subjects: Vec<_> = row.subjects.iter().map(|s| kept(&**s)).collect();
            if gone {
                erased_accounts.extend(named(row));
            }
            let applied = two.apply_row(row.tenant, &row.body, &subjects);
            assert_eq!(applied, Ok(()), "{}", String::from_utf8_lossy(&row.body));
        }
        assert_eq!(
            (two.accounts(), two.persons()),
            (one.engine.accounts(), one.engine.persons())
        );
        one.engine = two;
        for (tenant, account) in erased_accounts {
            let mut intent = ops::intent(&mut dice);
            intent.account_id = account.into();
            let told = one.step(&Op::Ask(tenant, None, Box::new(intent)));
            let run::Told::Ask(Answer::Decided(decision)) = told else {
                continue;
            };
            assert!(!decision.allow(), "{decision:?}");
        }
    });
}

/// The accounts an erased fact row spoke of.
fn named(row: &run::Row) -> Vec<(usize, String)> {
    if dialgate::engine::kind_of(&row.body) != Some(b'f') {
        return Vec::new();
    }
    let texts = row.subjects.iter().map(|subject| {
        let texts: Vec<String> = serde_json::from_slice(subject).unwrap_or_default();
        texts.into_iter().next().unwrap_or_default()
    });
    let accounts = texts.filter(|text| text.starts_with('A'));
    accounts
        .map(|account| (usize::from(row.tenant.0), account))
        .collect()
}
