//! What an import must not undo: other accounts' calls of the same id, outcomes and talks reported
//! before; and what stays of an attempt too old to be counted.

use super::*;

fn import(one: &mut Run, account: &str, attempts: Vec<AttemptRecord>) {
    let record = AccountRecord {
        account_id: Some(account.into()),
        attempts,
        ..AccountRecord::default()
    };
    let page = Op::Page(OPEN, vec![Line::Account(Box::new(record))]);
    let Told::Page(result) = one.step(&page) else {
        panic!("a page was answered otherwise");
    };
    assert_eq!(result.rejected, vec![]);
}

fn call(one: &Run, id: &str, outcome: Outcome) -> AttemptRecord {
    AttemptRecord {
        at: Some(one.now.minus(DAY)),
        call_id: Some(id.into()),
        outcome: Some(outcome),
        phone: Some(N1.into()),
        ..AttemptRecord::default()
    }
}

fn seven(one: &Run) -> Vec<AttemptRecord> {
    let ids = (0..7).map(|n| format!("c{n}"));
    ids.map(|id| call(one, &id, Outcome::NoAnswer)).collect()
}

fn found(one: &mut Run, account: &str, code: Code) -> bool {
    let ask = run::ask(OPEN, None, &run::call(account, N2, &[]));
    one.engine.find(&ask, None, one.now).has(code)
}

/// Names invariant REPORT-3.
#[test]
fn an_import_leaves_the_calls_of_another_account_that_have_the_same_ids() {
    let mut one = begun();
    let calls = seven(&one);
    import(&mut one, "A", calls.clone());
    assert!(found(&mut one, "A", Code::Call7In7));
    import(&mut one, "B", calls.clone());
    assert!(found(&mut one, "A", Code::Call7In7));
    assert!(found(&mut one, "B", Code::Call7In7));
    // And the same of each again is the same.
    let before = attempts(&mut one).len();
    import(&mut one, "B", calls.clone());
    import(&mut one, "A", calls);
    assert_eq!((before, attempts(&mut one).len()), (14, 14));
    rows_agree(&mut one);
}

#[test]
fn an_import_leaves_the_decision_of_another_account_and_what_was_talked_of() {
    let mut one = begun();
    let audit = allowed(&mut one, &run::call("A", N1, &["D1"]));
    let settles = Disposition {
        audit_id: Some(audit),
        conversation_about: vec!["D2".into()],
        ..said("A", Some("c1"), Reported::Conversation)
    };
    report(&mut one, settles.clone());
    assert!(rests(&mut one, "A", &["D2"]));
    let other = call(&one, "c1", Outcome::NoAnswer);
    import(&mut one, "B", vec![other]);
    assert!(rests(&mut one, "A", &["D2"]), "{:?}", attempts(&mut one));
    assert!(!rests(&mut one, "B", &["D9"]));
    assert_eq!(
        try_report(&mut one, settles).map(|taken| taken.row),
        Ok(None)
    );
    rows_agree(&mut one);
}

#[test]
fn an_import_makes_no_known_call_count_less() {
    for lesser in [
        Outcome::NotDialed,
        Outcome::NotConnected,
        Outcome::NoAnswer,
        Outcome::Voicemail,
    ] {
        let mut one = begun();
        let spoke = AttemptRecord {
            debts: vec!["D1".into()],
            conversation_about: vec!["D2".into()],
            ..call(&one, "c1", Outcome::Conversation)
        };
        let other = AttemptRecord {
            debts: vec!["D2".into()],
            inbound: Some(true),
            in_response_to: Some(dialgate::domain::words::Inbound::Call),
            ..call(&one, "c1", lesser)
        };
        import(&mut one, "A", vec![spoke.clone()]);
        import(&mut one, "A", vec![other.clone()]);
        assert!(rests(&mut one, "A", &["D2"]), "{lesser:?}");
        assert!(!rests(&mut one, "A", &["D1"]), "{lesser:?}");
        let known = attempts(&mut one);
        assert_eq!(known.len(), 2, "{known:?}");
        assert!(!known[0].has(Attempt::INBOUND | Attempt::REPLY | Attempt::WITHDRAWN));
        // In whichever order they come.
        let mut two = begun();
        import(&mut two, "A", vec![other]);
        import(&mut two, "A", vec![spoke]);
        assert_eq!(attempts(&mut two).len(), known.len());
        assert!(rests(&mut two, "A", &["D2"]), "{lesser:?}");
        rows_agree(&mut one);
        rows_agree(&mut two);
    }
}

#[test]
fn an_attempt_too_old_to_count_still_uses_up_what_it_used() {
    let mut one = begun();
    let cease = FactRecord {
        at: Some(one.now.minus(70 * DAY)),
        fact: Some(FactKind::Cease),
        ..FactRecord::default()
    };
    let record = AccountRecord {
        account_id: Some("A".into()),
        facts: vec![cease],
        ..AccountRecord::default()
    };
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    let notice = Intent {
        channel: Some(Channel::Mail),
        action: Some(dialgate::domain::words::Action::Letter),
        contact: dialgate::domain::intent::ContactPoint::Absent,
        purpose: Purpose::TerminateEfforts,
        exception_scope: true,
        ..run::call("A", N1, &[])
    };
    let ask = run::ask(OPEN, None, &notice);
    assert!(!one.engine.find(&ask, None, one.now).has(Code::Cease));
    let sent = AttemptRecord {
        at: Some(one.now.minus(65 * DAY)),
        channel: Some(Channel::Mail),
        outcome: Some(Outcome::Sent),
        purpose: Some(Purpose::TerminateEfforts),
        ..AttemptRecord::default()
    };
    import(&mut one, "A", vec![sent]);
    assert!(one.engine.find(&ask, None, one.now).has(Code::Cease));
    assert_eq!(attempts(&mut one), []);
    // What lacks something to be counted is not refused for it when it is too old to be.
    let unheard = AttemptRecord {
        at: Some(one.now.minus(65 * DAY)),
        debts: vec!["D77".into()],
        ..call(&one, "c9", Outcome::NoAnswer)
    };
    import(&mut one, "A", vec![unheard]);
    rows_agree(&mut one);
}
