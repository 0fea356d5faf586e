//! A third party is asked once where the consumer is (12 CFR 1006.10(c)).

use super::*;

/// A neighbour on file, and the question where the consumer is.
fn neighbour(one: &mut Run) -> Intent {
    let record = AccountRecord {
        account_id: Some("A".into()),
        phones: vec![PhoneRecord {
            number: Some(STRAY.into()),
            line_type: Some(LineType::Landline),
            person_id: Some("T".into()),
            ..PhoneRecord::default()
        }],
        parties: vec![PartyRecord {
            person_id: Some("T".into()),
            role: Some(PartyRole::ThirdParty),
            ..PartyRecord::default()
        }],
        ..AccountRecord::default()
    };
    one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
    Intent {
        role: Asked::Known(PartyRole::ThirdParty),
        purpose: Purpose::LocationInformation,
        exception_scope: true,
        ..run::call("A", STRAY, &[])
    }
}

#[test]
fn a_third_party_who_was_spoken_with_is_not_asked_again_where_the_consumer_is() {
    for (word, spoke_with, used) in [
        (Reported::NoAnswer, None, false),
        (Reported::Dropped, None, false),
        (Reported::Conversation, None, true),
        (Reported::Callback, Some(SpokeWith::ThirdParty), true),
        (Reported::ThirdParty, None, true),
    ] {
        let mut one = begun();
        let asking = neighbour(&mut one);
        let audit = allowed(&mut one, &asking);
        let answer = Disposition {
            audit_id: Some(audit),
            phone: None,
            spoke_with,
            ..said("A", Some("c1"), word)
        };
        report(&mut one, answer);
        let ask = run::ask(OPEN, None, &asking);
        let found = one.engine.find(&ask, None, one.now);
        assert_eq!(found.has(Code::LocationUsed), used, "{word:?}");
        rows_agree(&mut one);
    }
}

#[test]
fn a_location_call_that_was_imported_answered_is_not_repeated() {
    for (outcome, used) in [(Outcome::NoAnswer, false), (Outcome::Conversation, true)] {
        let mut one = begun();
        let asking = neighbour(&mut one);
        let record = AccountRecord {
            account_id: Some("A".into()),
            attempts: vec![AttemptRecord {
                at: Some(one.now.minus(8 * DAY)),
                outcome: Some(outcome),
                phone: Some(STRAY.into()),
                purpose: Some(Purpose::LocationInformation),
                ..AttemptRecord::default()
            }],
            ..AccountRecord::default()
        };
        one.step(&Op::Page(OPEN, vec![Line::Account(Box::new(record))]));
        let ask = run::ask(OPEN, None, &asking);
        let found = one.engine.find(&ask, None, one.now);
        assert_eq!(found.has(Code::LocationUsed), used, "{outcome:?}");
        rows_agree(&mut one);
    }
}
