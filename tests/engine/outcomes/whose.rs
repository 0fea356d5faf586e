//! Reports whose account is not named, or is nobody's.

use super::*;

#[test]
fn a_report_of_an_account_nobody_knows_leaves_one_row_and_no_second_effect() {
    let mut one = begun();
    let ghost = said("GHOST", Some("c1"), Reported::DoNotCall);
    let first = report(&mut one, ghost.clone());
    assert!(first.row.is_some() && !first.matched);
    let again = report(&mut one, ghost.clone());
    assert_eq!((again.row, again.matched), (None, false));
    // Recovery knows it from its row.
    let mut two = roomy();
    run::replay(&mut two, &one.rows.0);
    one.engine = two;
    assert_eq!(report(&mut one, ghost).row, None);
    let other = said("GHOST", Some("c2"), Reported::DoNotCall);
    assert!(report(&mut one, other).row.is_some());
    // Without an id and an instant nobody can tell.
    let nameless = said("GHOST", None, Reported::NoAnswer);
    for _ in 0..2 {
        assert!(report(&mut one, nameless.clone()).row.is_some());
    }
    rows_agree(&mut one);
}

fn holder(one: &mut Run, phone: &str) -> Option<Box<str>> {
    let what = What::Holder(number(phone));
    let tenant = TenantNo(1);
    match one
        .engine
        .tell(&Query { tenant, what }, one.now, &mut one.rows)
    {
        Heard::Holder(account) => account,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_number_says_whose_account_it_is_where_it_is_one_persons() {
    let mut one = begun();
    assert_eq!(holder(&mut one, N1).as_deref(), Some("A"));
    assert_eq!(holder(&mut one, STRAY), None);
    let record = AccountRecord {
        account_id: Some("C".into()),
        phones: vec![PhoneRecord {
            number: Some(N1.into()),
            ..PhoneRecord::default()
        }],
        ..AccountRecord::default()
    };
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    assert_eq!(holder(&mut one, N1), None);
    assert_eq!(holder(&mut one, N2).as_deref(), Some("A"));
}
