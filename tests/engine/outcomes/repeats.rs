//! A stored answer is given again to who asks again, and to nobody once something has come that
//! would change it (GATES.md, semantics 7).

use super::*;

/// Asks with a key; whether the answer was a stored one, and whether it permits.
fn asked(one: &mut Run, key: u64, intent: &Intent) -> (bool, bool) {
    match one.step(&Op::Ask(OPEN, Some(key), Box::new(intent.clone()))) {
        Told::Ask(Answer::Repeated(decision)) => (true, decision.allow()),
        Told::Ask(Answer::Decided(decision)) => (false, decision.allow()),
        other => panic!("{other:?}"),
    }
}

fn tell(one: &mut Run, record: AccountRecord) {
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
}

fn fact(account: &str, fact: FactRecord) -> AccountRecord {
    AccountRecord {
        account_id: Some(account.into()),
        facts: vec![fact],
        ..AccountRecord::default()
    }
}

#[test]
fn an_allow_is_not_repeated_once_a_conversation_became_known() {
    let talk = |direction| Disposition {
        direction,
        ..said("A", Some("other"), Reported::Conversation)
    };
    let news: [&dyn Fn(&mut Run); 4] = [
        &|one| {
            report(one, talk(Direction::Inbound));
        },
        // Through another account of the person, about a debt of that one.
        &|one| {
            let about = Disposition {
                account_id: Some("B".into()),
                ..talk(Direction::Outbound)
            };
            report(one, about);
        },
        // To a number that is not on file, which is reported another way.
        &|one| {
            let stray = Disposition {
                phone: Some(number(STRAY)),
                ..talk(Direction::Outbound)
            };
            report(one, stray);
        },
        &|one| {
            let attempt = AttemptRecord {
                at: Some(one.now.minus(60)),
                outcome: Some(Outcome::Conversation),
                phone: Some(N2.into()),
                ..AttemptRecord::default()
            };
            tell(
                one,
                AccountRecord {
                    account_id: Some("A".into()),
                    attempts: vec![attempt],
                    ..AccountRecord::default()
                },
            );
        },
    ];
    for (n, news) in news.iter().enumerate() {
        let mut one = begun();
        let intent = run::call("A", N1, &[]);
        assert_eq!(asked(&mut one, 1, &intent), (false, true));
        assert_eq!(asked(&mut one, 1, &intent), (true, true), "a plain retry");
        news(&mut one);
        let again = asked(&mut one, 1, &intent);
        // A conversation about B's debt alone leaves A's free.
        assert_eq!(again, (false, n == 1), "{n}");
        rows_agree(&mut one);
    }
}

#[test]
fn an_allow_is_repeated_after_what_says_nothing_new() {
    let mut one = begun();
    let first = said("A", Some("c0"), Reported::NoAnswer);
    report(&mut one, first.clone());
    let intent = run::call("A", N1, &[]);
    assert_eq!(asked(&mut one, 1, &intent), (false, true));
    report(&mut one, first);
    let other = run::call("B", N1, &[]);
    assert_eq!(asked(&mut one, 2, &other), (false, true));
    assert_eq!(asked(&mut one, 1, &intent), (true, true));
}

#[test]
fn an_allow_for_a_co_debtor_is_not_repeated_once_the_consumer_is_bankrupt() {
    let mut one = begun();
    tell(
        &mut one,
        AccountRecord {
            account_id: Some("A".into()),
            parties: vec![PartyRecord {
                person_id: Some("Q".into()),
                role: Some(PartyRole::CoDebtor),
                ..PartyRecord::default()
            }],
            phones: vec![PhoneRecord {
                number: Some(STRAY.into()),
                line_type: Some(LineType::Landline),
                person_id: Some("Q".into()),
                ..PhoneRecord::default()
            }],
            ..AccountRecord::default()
        },
    );
    let intent = Intent {
        role: Asked::Known(PartyRole::CoDebtor),
        person_id: Some("Q".into()),
        ..run::call("A", STRAY, &[])
    };
    assert_eq!(asked(&mut one, 1, &intent), (false, true));
    assert_eq!(asked(&mut one, 1, &intent), (true, true));
    // By the consumer's other account.
    let bankrupt = FactRecord {
        chapter: Some(13),
        fact: Some(FactKind::Bankruptcy),
        ..FactRecord::default()
    };
    tell(&mut one, fact("B", bankrupt));
    assert_eq!(asked(&mut one, 1, &intent), (false, false));
    rows_agree(&mut one);
}

#[test]
fn news_of_an_account_says_nothing_of_the_age_of_its_other_facts() {
    let mut one = begun();
    let tenant = one.engine.tenant(TenantNo(1)).unwrap();
    let (name, mut policy) = (tenant.name.to_string(), tenant.policy.clone());
    policy.facts_age_max_s = 3 * 86_400;
    one.engine.declare(&name, policy);
    one.now = one.now.plus(7 * DAY);
    let news = FactRecord {
        fact: Some(FactKind::Judgment),
        at: Some(one.now),
        ..FactRecord::default()
    };
    let intent = run::call("A", N1, &[]);
    // Changed or not.
    for _ in 0..2 {
        tell(&mut one, fact("A", news.clone()));
        assert!(!asked(&mut one, 1, &intent).1);
    }
    let file = AccountRecord {
        account_id: Some("A".into()),
        zip: Some("30301".into()),
        ..AccountRecord::default()
    };
    assert!(!file.is_news_alone());
    tell(&mut one, file);
    assert_eq!(asked(&mut one, 2, &intent), (false, true));
    rows_agree(&mut one);
}

#[test]
fn a_block_for_stale_facts_is_not_repeated_once_they_were_found_unchanged() {
    let mut one = begun();
    let tenant = one.engine.tenant(TenantNo(1)).unwrap();
    let (name, mut policy) = (tenant.name.to_string(), tenant.policy.clone());
    policy.facts_age_max_s = 3 * 86_400;
    one.engine.declare(&name, policy);
    one.now = one.now.plus(7 * DAY);
    let intent = run::call("A", N1, &[]);
    assert_eq!(asked(&mut one, 1, &intent), (false, false));
    assert_eq!(asked(&mut one, 1, &intent), (true, false));
    tell(
        &mut one,
        AccountRecord {
            account_id: Some("A".into()),
            zip: Some("30301".into()),
            ..AccountRecord::default()
        },
    );
    assert_eq!(asked(&mut one, 1, &intent), (false, true));
    rows_agree(&mut one);
}
