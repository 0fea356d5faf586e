//! Disputes and the validation period.

use super::{ask, validation_period_open};
use crate::domain::facts::{At, DebtScope, Dispute, Notice};
use crate::domain::gates::fixture::{ACCOUNT, Fixture, at, places};
use crate::domain::ids::{AccountNo, DebtNo};
use crate::domain::verdict::Code;
use crate::domain::words::{Form, NoticeKind};

fn notice(sent: &str) -> Notice {
    Notice {
        kind: NoticeKind::Validation,
        sent: At::of(at(sent)),
        returned: At::NEVER,
    }
}

fn dispute(received: &str) -> Dispute {
    Dispute {
        debts: DebtScope::Account(ACCOUNT),
        received: At::of(at(received)),
        form: Form::Written,
        answered: At::NEVER,
        said_in_period: false,
    }
}

fn open_at(fixture: &mut Fixture, now: &str) -> bool {
    fixture.now = at(now);
    fixture.with(validation_period_open)
}

#[test]
fn the_period_runs_from_the_newest_notice_that_did_not_come_back() {
    let mut fixture = Fixture::neutral();
    fixture.places = places("NY", &["America/New_York"]);
    assert!(!open_at(&mut fixture, "2026-01-20T17:00:00Z"), "no notice");
    // Thursday 15 January; weekend and Dr King's Monday do not count: received on Friday the 23rd.
    let mut returned = notice("2026-01-20T14:00:00Z");
    returned.returned = At::of(at("2026-01-25T14:00:00Z"));
    let other = Notice {
        kind: NoticeKind::DcWritten,
        ..notice("2026-02-01T14:00:00Z")
    };
    fixture.extras().notices = vec![
        notice("2026-01-01T14:00:00Z"),
        notice("2026-01-15T14:00:00Z"),
        returned,
        other,
    ];
    assert!(open_at(&mut fixture, "2026-02-20T17:00:00Z"));
    assert!(
        open_at(&mut fixture, "2026-02-23T04:59:59Z"),
        "the 22nd belongs to it"
    );
    assert!(!open_at(&mut fixture, "2026-02-23T05:00:00Z"));
    fixture.places = places("NY", &["America/New_York", "America/Chicago"]);
    assert!(
        open_at(&mut fixture, "2026-02-23T05:00:00Z"),
        "the later place"
    );
}

#[test]
fn a_written_dispute_of_the_period_stops_collection_until_answered() {
    let mut fixture = Fixture::neutral();
    fixture.places = places("NY", &["America/New_York"]);
    fixture.now = at("2026-03-10T17:00:00Z");
    fixture.extras().notices = vec![notice("2026-01-15T14:00:00Z")];
    for (received, expected) in [
        ("2026-01-10T17:00:00Z", vec![Code::DisputePending]),
        ("2026-02-23T04:59:59Z", vec![Code::DisputePending]),
        ("2026-02-23T05:00:00Z", vec![]),
    ] {
        fixture.extras().disputes = vec![dispute(received)];
        assert_eq!(fixture.ask(ask), expected, "{received}");
    }
    fixture.extras().disputes[0].said_in_period = true;
    assert_eq!(fixture.ask(ask), [Code::DisputePending]);
    fixture.extras().disputes[0].answered = At::of(at("2026-03-01T12:00:00Z"));
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn without_a_notice_a_written_dispute_counts_as_in_time() {
    let mut fixture = Fixture::neutral();
    fixture.extras().disputes = vec![dispute("2026-05-01T12:00:00Z")];
    assert_eq!(fixture.ask(ask), [Code::DisputePending]);
    fixture.extras().disputes[0].form = Form::Oral;
    assert_eq!(fixture.ask(ask), []);
}

#[test]
fn a_dispute_is_about_its_debts() {
    let mut fixture = Fixture::neutral();
    for (scope, expected) in [
        (
            DebtScope::Debts([DebtNo(1)].into()),
            vec![Code::DisputePending],
        ),
        (DebtScope::Debts([DebtNo(2)].into()), vec![]),
        (DebtScope::Account(AccountNo(2)), vec![]),
    ] {
        fixture.extras().disputes = vec![dispute("2026-05-01T12:00:00Z")];
        fixture.extras().disputes[0].debts = scope;
        assert_eq!(fixture.ask(ask), expected);
    }
}
