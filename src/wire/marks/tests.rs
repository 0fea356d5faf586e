//! Marks of the bodies this program writes.

use super::*;

fn classes(body: &str) -> Vec<Class> {
    let mut all = Vec::new();
    let marks = Marks::read(body.as_bytes()).unwrap();
    marks.classes(body.as_bytes(), |class| all.push(class));
    all
}

fn spoken_of(body: &str) -> Vec<u64> {
    let marks = Marks::read(body.as_bytes()).unwrap();
    acknowledged(&marks, body.as_bytes())
}

#[test]
fn decisions_by_verdict_and_law() {
    let allow = r#"{"a":1,"af":4,"b":0,"e":2,"g":4095,"i":[1],"k":"d","p":1,"q":9,"t":77,"u":78}"#;
    let marks = Marks::read(allow.as_bytes()).unwrap();
    assert_eq!(
        (marks.kind, marks.at, marks.blocked),
        (RowKind::Decision, 77, 0)
    );
    assert_eq!(classes(allow), []);
    // FAIRNESS is the agency's own, TIMING is law.
    let own = r#"{"a":1,"b":32,"c":[601],"cr":[0],"e":2,"g":4095,"i":[1],"k":"d","q":9,"t":77}"#;
    assert_eq!(classes(own), [Class::Blocked]);
    let law = r#"{"a":1,"b":96,"c":[601,701],"e":2,"g":4095,"i":[1],"k":"d","q":9,"t":77}"#;
    assert_eq!(
        classes(law),
        [Class::Blocked, Class::Event(EventKind::Block)]
    );
    let noted = r#"{"a":1,"b":0,"e":2,"f":[3],"g":4095,"i":[1],"k":"d","q":9,"t":77}"#;
    assert_eq!(classes(noted), [Class::Event(EventKind::Flag)]);
}

#[test]
fn outcomes_with_and_without_an_account() {
    let known = r#"{"a":3,"af":0,"at":70,"ca":0,"k":"o","o":"no_answer","p":1,"q":2,"r":1,"t":77}"#;
    assert_eq!(classes(known), [Class::Kind(RowKind::Outcome)]);
    let marks = Marks::read(known.as_bytes()).unwrap();
    assert_eq!((marks.outcome, marks.unmatched), (Some("no_answer"), false));
    let unknown = r#"{"f":[{"r":{"fact":"do_not_call","phone":"$0"}}],"k":"o","o":"do_not_call","q":2,"t":-7}"#;
    assert_eq!(Marks::read(unknown.as_bytes()).unwrap().at, -7);
    assert_eq!(
        classes(unknown),
        [
            Class::Kind(RowKind::Outcome),
            Class::Event(EventKind::Restriction),
            Class::Unmatched
        ]
    );
}

#[test]
fn fact_rows_stand_under_each_account() {
    let body = concat!(
        r#"{"k":"f","q":2,"r":[{"a":5,"d":1,"r":{"account_id":"$0"}},{"a":5,"r":{"facts":["#,
        r#"{"fact":"consent"}]}},{"a":7,"r":{"facts":[{"fact":"cease"}]}},{"r":{"fact":"inbound"}}],"t":5}"#
    );
    let kind = Class::Kind(RowKind::Facts);
    assert_eq!(
        classes(body),
        [
            kind,
            Class::Event(EventKind::Restriction),
            Class::Account(5),
            Class::Account(7)
        ]
    );
    let restrictive: Vec<_> = restrictive_facts(body.as_bytes()).collect();
    assert_eq!(restrictive, [FactKind::Cease]);
    let mild = r#"{"k":"f","q":2,"r":[{"a":5,"r":{"facts":[{"fact":"consent"}]}}],"t":5}"#;
    assert_eq!(classes(mild), [kind, Class::Account(5)]);
}

/// Records of an account need not stand side by side in their row.
#[test]
fn an_account_is_told_once_wherever_its_records_stand() {
    let body = concat!(
        r#"{"k":"f","q":2,"r":[{"a":7,"r":{}},{"a":5,"r":{}},{"r":{}},{"a":7,"r":{}},"#,
        r#"{"a":5,"r":{}}],"t":5}"#
    );
    assert_eq!(
        classes(body),
        [
            Class::Kind(RowKind::Facts),
            Class::Account(5),
            Class::Account(7)
        ]
    );
}

#[test]
fn an_acknowledgement_is_no_event_and_a_kill_switch_is_one() {
    let ack = r#"{"k":"a","op":"ack","q":9,"r":[3,5],"sd":[],"t":1}"#;
    assert_eq!(classes(ack), [Class::Kind(RowKind::Admin)]);
    assert_eq!(spoken_of(ack), [3, 5]);
    let kill = r#"{"k":"a","on":true,"op":"kill","q":9,"sc":"tenant","t":1,"v":"\"op\":\"ack\" \"t\":9}"}"#;
    assert_eq!(
        classes(kill),
        [
            Class::Kind(RowKind::Admin),
            Class::Event(EventKind::Operation)
        ]
    );
    assert_eq!(Marks::read(kill.as_bytes()).unwrap().at, 1);
    assert!(spoken_of(kill).is_empty());
}

#[test]
fn whatever_is_no_row_has_no_marks() {
    for body in [
        "",
        "{}",
        "x",
        r#"{"k":"z","t":1}"#,
        r#"{"k":"d","t":1}"#,
        r#"{"k":"u"}"#,
    ] {
        assert_eq!(Marks::read(body.as_bytes()), None, "{body}");
    }
}

#[test]
fn counts_add_up() {
    let mut counts = Counts::default();
    for body in [
        r#"{"a":1,"b":0,"e":2,"g":1,"i":[1],"k":"d","q":1,"t":70}"#,
        r#"{"a":1,"b":96,"e":2,"g":1,"i":[1],"k":"d","q":2,"t":71}"#,
        r#"{"a":1,"b":64,"e":2,"g":1,"i":[1],"k":"d","q":3,"t":72}"#,
        r#"{"k":"o","o":"refused","q":4,"t":73}"#,
    ] {
        counts.add(Marks::read(body.as_bytes()).as_ref());
    }
    counts.add(None);
    assert_eq!((counts.rows, counts.allowed, counts.blocked), (5, 1, 2));
    assert_eq!(
        (counts.gates[5], counts.gates[6], counts.gates[7]),
        (1, 2, 0)
    );
    assert_eq!(counts.outcomes, [("refused".into(), 1)]);
    assert_eq!((counts.unmatched, counts.events), (1, 2));
    assert_eq!(counts.span, Some((70, 73)));
    assert_eq!(counts.kinds, [3, 1, 0, 0, 0, 0, 0]);
}
