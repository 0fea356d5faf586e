//! What accounts are owed: kept once, within a bound, and taken up again by the next house.

use super::*;
use crate::domain::record::{FactKind, FactRecord, Personal};

fn line(kind: FactKind) -> Line {
    Line::Account(Box::new(AccountRecord {
        account_id: Some(Personal::from("A")),
        facts: vec![FactRecord {
            fact: Some(kind),
            ..FactRecord::default()
        }],
        ..AccountRecord::default()
    }))
}

#[test]
fn what_is_owed_is_kept_once_and_until_it_is_done() {
    let (owed, tenant) = (Owed::default(), Arc::<str>::from("t"));
    let (dispute, cease) = (line(FactKind::Dispute), line(FactKind::Cease));
    for one in [&dispute, &dispute, &cease] {
        assert!(owed.keep(&tenant, "A", one));
    }
    assert_eq!(owed.of("t", "A"), [dispute.clone(), cease.clone()]);
    assert_eq!(owed.of("t", "B"), []);
    assert_eq!(owed.of("other", "A"), []);
    assert!(owed.done("t", "A", std::slice::from_ref(&dispute)));
    assert!(!owed.done("t", "A", &[dispute]));
    assert_eq!(owed.of("t", "A"), [cease]);
    assert!(owed.forget("t", "A"));
    assert!(owed.lock().is_empty());
}

#[test]
fn a_tenant_has_a_bound_and_nothing_within_it_is_dropped() {
    let (owed, tenant) = (Owed::default(), Arc::<str>::from("t"));
    let dispute = line(FactKind::Dispute);
    for n in 0..SOR_OWED_MAX {
        assert!(owed.keep(&tenant, &n.to_string(), &dispute));
    }
    // OWED-1
    assert!(!owed.keep(&tenant, "one more", &dispute));
    assert!(owed.keep(&tenant, "0", &dispute), "it is kept already");
    assert!(owed.keep(&Arc::from("another"), "0", &dispute));
    assert_eq!(owed.of("t", "0"), std::slice::from_ref(&dispute));
    assert!(owed.forget("t", "0"));
    assert!(owed.keep(&tenant, "one more", &dispute));
}

#[test]
fn what_is_written_down_is_kept_again_by_the_next_house() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sor.redb");
    let tenant = Arc::<str>::from("t");
    let (dispute, cease) = (line(FactKind::Dispute), line(FactKind::Cease));
    let first = Owed::default();
    let book = Arc::new(Book::open(&path).unwrap());
    first.keep_in(&book).unwrap();
    for (account, one) in [("A", &dispute), ("A", &cease), ("B", &cease), ("C", &cease)] {
        assert!(first.keep(&tenant, account, one) && first.save("t", account));
    }
    assert!(first.done("t", "A", std::slice::from_ref(&dispute)) && first.save("t", "A"));
    assert!(first.forget("t", "B") && first.save("t", "B"));
    drop((first, book));
    let next = Owed::default();
    next.keep_in(&Arc::new(Book::open(&path).unwrap())).unwrap();
    // OWED-2
    assert_eq!(next.of("t", "A"), std::slice::from_ref(&cease));
    assert_eq!(next.of("t", "B"), []);
    assert_eq!(next.of("t", "C"), [cease]);
}
#[test]
fn what_is_written_down_and_cannot_be_kept_again_is_not_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let book = Arc::new(Book::open(&dir.path().join("sor.redb")).unwrap());
    let many = |n: usize| {
        let lines = (0..n).map(|n| {
            let Line::Account(mut record) = line(FactKind::Cease) else {
                return None;
            };
            record.facts[0].source = Some(Personal::from(n.to_string().as_str()));
            written(&Line::Account(record))
        });
        lines.collect::<Option<Vec<_>>>()
    };
    let read = |kept: Option<Vec<_>>| {
        assert!(book.set_owed("t", "A", || kept).unwrap());
        Owed::default().keep_in(&book)
    };
    // OWED-3
    let mut torn = many(1).unwrap();
    torn.push((b"{".to_vec(), b"[]".to_vec()));
    assert!(matches!(read(Some(torn)), Err(OwedError::Unreadable)));
    read(many(SOR_OWED_MAX)).unwrap();
    assert!(matches!(
        read(many(SOR_OWED_MAX + 1)),
        Err(OwedError::TooMany)
    ));
}

#[test]
fn what_cannot_be_written_is_said_and_leaves_what_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let book = Arc::new(Book::open(&dir.path().join("sor.redb")).unwrap());
    let (owed, tenant) = (Owed::default(), Arc::<str>::from("t"));
    owed.keep_in(&book).unwrap();
    assert!(owed.keep(&tenant, "A", &line(FactKind::Cease)) && owed.save("t", "A"));
    assert!(owed.keep(&tenant, "A", &Line::ClockAccept));
    assert!(!owed.save("t", "A"));
    assert_eq!(book.owed().unwrap().len(), 1);
}
