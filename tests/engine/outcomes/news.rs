//! What somebody else tells of the consumer binds the consumer (docs/dispositions.md).

use super::*;

fn with_party(role: PartyRole) -> Run {
    let mut one = begun();
    let record = AccountRecord {
        account_id: Some("A".into()),
        parties: vec![PartyRecord {
            person_id: Some("T".into()),
            role: Some(role),
            ..PartyRecord::default()
        }],
        phones: vec![PhoneRecord {
            number: Some(STRAY.into()),
            line_type: Some(LineType::Landline),
            person_id: Some("T".into()),
            ..PhoneRecord::default()
        }],
        ..AccountRecord::default()
    };
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    one
}

fn consumer_is(one: &mut Run, code: Code) -> bool {
    let ask = run::ask(OPEN, None, &run::call("A", N1, &[]));
    one.engine.find(&ask, None, one.now).has(code)
}

#[test]
fn news_of_the_consumer_binds_the_consumer_whoever_tells_it() {
    use dialgate::domain::words::Form;
    let words = [
        (Reported::Bankruptcy, Code::Bankruptcy),
        (Reported::Deceased, Code::Deceased),
        (Reported::Minor, Code::Minor),
        (Reported::AttorneyRepresented, Code::Attorney),
        (Reported::CeaseRequested, Code::Cease),
    ];
    for (word, code) in words {
        for (role, both) in [
            (PartyRole::Attorney, true),
            (PartyRole::Spouse, true),
            (PartyRole::CoDebtor, false),
        ] {
            for named in [false, true] {
                let mut one = with_party(role);
                assert!(!consumer_is(&mut one, code));
                let told = Disposition {
                    form: Some(Form::Written),
                    person_id: named.then(|| "T".into()),
                    phone: Some(number(STRAY)),
                    ..said("A", Some("c1"), word)
                };
                report(&mut one, told.clone());
                // A co-debtor speaks for themselves, and the stay of one protects the other.
                let expected = both || (code == Code::Bankruptcy && consumer_is(&mut one, code));
                assert_eq!(consumer_is(&mut one, code), expected, "{word:?} {role:?}");
                assert_eq!(report(&mut one, told).row, None, "{word:?} {role:?}");
                rows_agree(&mut one);
            }
        }
    }
}

#[test]
fn who_tells_of_a_death_or_of_minority_may_be_spoken_with() {
    for (word, role) in [
        (Reported::Deceased, PartyRole::Spouse),
        (Reported::Deceased, PartyRole::Executor),
        (Reported::Minor, PartyRole::Guardian),
    ] {
        let mut one = with_party(role);
        let told = Disposition {
            phone: Some(number(STRAY)),
            ..said("A", Some("c1"), word)
        };
        report(&mut one, told);
        let intent = Intent {
            role: Asked::Known(role),
            ..run::call("A", STRAY, &[])
        };
        let ask = run::ask(OPEN, None, &intent);
        let found = one.engine.find(&ask, None, one.now);
        assert!(
            !found.has(Code::Deceased) && !found.has(Code::Minor),
            "{word:?}"
        );
        let whose = if word == Reported::Deceased {
            Code::Deceased
        } else {
            Code::Minor
        };
        assert!(consumer_is(&mut one, whose));
        rows_agree(&mut one);
    }
}

#[test]
fn what_an_attorney_tells_is_of_the_client_alone() {
    let mut one = with_party(PartyRole::Attorney);
    let told = Disposition {
        phone: Some(number(STRAY)),
        person_id: Some("T".into()),
        ..said("A", Some("c1"), Reported::Bankruptcy)
    };
    report(&mut one, told);
    assert!(consumer_is(&mut one, Code::Bankruptcy));
    let over = FactRecord {
        fact: Some(FactKind::Bankruptcy),
        lifted: Some(true),
        reason: Some("over".into()),
        ..FactRecord::default()
    };
    let record = AccountRecord {
        account_id: Some("A".into()),
        facts: vec![over],
        ..AccountRecord::default()
    };
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    let intent = Intent {
        role: Asked::Known(PartyRole::Attorney),
        ..run::call("A", STRAY, &[])
    };
    let ask = run::ask(OPEN, None, &intent);
    let found = one.engine.find(&ask, None, one.now);
    assert!(!found.has(Code::Bankruptcy));
    rows_agree(&mut one);
}

#[test]
fn a_number_of_two_people_is_the_consumers_when_nobody_is_named() {
    // Filed for the spouse first.
    let mut one = with_party(PartyRole::Spouse);
    let again = AccountRecord {
        account_id: Some("A".into()),
        phones: vec![PhoneRecord {
            number: Some(STRAY.into()),
            person_id: Some("P".into()),
            ..PhoneRecord::default()
        }],
        ..AccountRecord::default()
    };
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(again))]));
    for (role, mismatch) in [
        (Asked::Absent, false),
        (Asked::Known(PartyRole::Consumer), false),
        (Asked::Known(PartyRole::Spouse), false),
        (Asked::Known(PartyRole::Executor), true),
    ] {
        let intent = Intent {
            role,
            ..run::call("A", STRAY, &[])
        };
        let ask = run::ask(OPEN, None, &intent);
        let found = one.engine.find(&ask, None, one.now);
        assert_eq!(found.has(Code::PartyMismatch), mismatch, "{role:?}");
    }
    // What is imported or reported of that number is of the consumer too.
    let attempt = AttemptRecord {
        at: Some(one.now.minus(60)),
        outcome: Some(Outcome::NoAnswer),
        phone: Some(STRAY.into()),
        ..AttemptRecord::default()
    };
    let record = AccountRecord {
        account_id: Some("A".into()),
        attempts: vec![attempt],
        ..AccountRecord::default()
    };
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    let unknown = Disposition {
        phone: Some(number(STRAY)),
        ..said("A", Some("c1"), Reported::NoAnswer)
    };
    report(&mut one, unknown);
    assert_eq!(attempts(&mut one).len(), 2);
    rows_agree(&mut one);
}

#[test]
fn a_late_copy_of_a_report_imposes_nothing_that_was_lifted_meanwhile() {
    let mut one = begun();
    let at = one.now.minus(60);
    let asked = Disposition {
        occurred_at: Some(at),
        ..said("A", Some("c1"), Reported::DoNotCall)
    };
    let listed = |one: &mut Run| {
        let ask = run::ask(OPEN, None, &run::call("A", N1, &[]));
        one.engine.find(&ask, None, one.now).has(Code::DoNotCall)
    };
    assert!(report(&mut one, asked.clone()).row.is_some());
    assert!(listed(&mut one));
    let lift = |kind, medium| FactRecord {
        fact: Some(kind),
        lifted: Some(true),
        medium,
        phone: (kind != FactKind::MediumOptOut).then(|| N1.into()),
        reason: Some("a mistake".into()),
        ..FactRecord::default()
    };
    let record = AccountRecord {
        account_id: Some("A".into()),
        facts: vec![lift(FactKind::DoNotCall, None)],
        ..AccountRecord::default()
    };
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    assert!(!listed(&mut one));
    // Also after a recovery from rows.
    let mut two = roomy();
    run::replay(&mut two, &one.rows.0);
    one.engine = two;
    assert_eq!(report(&mut one, asked.clone()).row, None);
    assert!(!listed(&mut one));
    // Another call is another request, and so is the same id of a later one.
    let later = Disposition {
        occurred_at: Some(at.plus(30)),
        ..asked
    };
    assert!(report(&mut one, later).row.is_some());
    assert!(listed(&mut one));
    rows_agree(&mut one);
}
