//! What a call restricts by its request, and what it lifts once it was confirmed.

use super::*;
use crate::domain::record::{AccountRecord, FactKind, Line};
use crate::domain::words::{AccountStatus, HoldKind};
use crate::sor::dialect::{Again, Whose};

fn record(line: &Line) -> &AccountRecord {
    match line {
        Line::Account(record) => record,
        other => panic!("{other:?}"),
    }
}

/// Every restriction with what takes it back: account or number, fact.
fn restricted(tapped: &Tapped) -> Vec<(String, FactKind)> {
    let each = tapped.restrict.iter().map(|change| match &change.apply {
        Line::Account(record) => {
            let fact = record.facts.first().and_then(|fact| fact.fact).unwrap();
            (
                record.account_id.as_ref().unwrap().as_str().to_owned(),
                fact,
            )
        }
        Line::Contact(fact) => (
            fact.phone.as_ref().unwrap().as_str().to_owned(),
            fact.fact.unwrap(),
        ),
        other => panic!("{other:?}"),
    });
    each.collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn restrictions_apply_by_the_request_alone() {
    let whl = dialect();
    let again = |id: &str| Again::Account(id.into());
    let ask = |path: &str| Again::AskFirst(Request::get(path));
    for (method, target, body, expected, reread) in [
        (
            "POST",
            "/api/disputes",
            r#"{"account_id":"A-1","reason":"not mine"}"#,
            vec![("A-1", FactKind::Dispute)],
            again("A-1"),
        ),
        (
            "POST",
            "/api/consumer/dispute",
            r#"{"account_id":"A-1","account":"A-2"}"#,
            vec![("A-2", FactKind::Dispute), ("A-1", FactKind::Dispute)],
            Again::Nothing,
        ),
        (
            "POST",
            "/api/compliance/dnc/add",
            r#"{"phone":"(818) 555-1234"}"#,
            vec![("+18185551234", FactKind::DoNotCall)],
            Again::Nothing,
        ),
        (
            "DELETE",
            "/api/consumer/data/A-1",
            "",
            vec![("A-1", FactKind::Cease)],
            Again::Nothing,
        ),
        (
            "POST",
            "/api/data-enrichment/rdn/recall/A-1",
            r#"{"account_id":"A-2"}"#,
            vec![("A-1", FactKind::Hold)],
            again("A-1"),
        ),
        (
            "POST",
            "/api/data-enrichment/rdn/webhook",
            r#"{"event":"account.recalled","data":{"account_id":"A-1"}}"#,
            vec![("A-1", FactKind::Hold)],
            again("A-1"),
        ),
        (
            "POST",
            "/api/data-enrichment/rdn/webhook",
            r#"{"event_type":"compliance","account_id":"A-1","bankruptcy":true,"status":"deceased"}"#,
            vec![("A-1", FactKind::Bankruptcy), ("A-1", FactKind::Deceased)],
            again("A-1"),
        ),
        (
            "PUT",
            "/api/disputes/D-1",
            r#"{"status":"open","account_id":"A-1"}"#,
            vec![("A-1", FactKind::Dispute)],
            ask("/api/disputes/D-1"),
        ),
        (
            "PUT",
            "/api/disputes/D-1",
            r#"{"status":"resolved","account_id":"A-1"}"#,
            vec![],
            ask("/api/disputes/D-1"),
        ),
        (
            "POST",
            "/api/disputes/D-1/resolve",
            "",
            vec![],
            ask("/api/disputes/D-1"),
        ),
        (
            "POST",
            "/api/consumer/disputes/D-1/resolve",
            "",
            vec![],
            ask("/api/disputes/D-1"),
        ),
        (
            "POST",
            "/api/payment-plans/P-1/payment",
            r#"{"amount":10}"#,
            vec![],
            ask("/api/payment-plans/P-1"),
        ),
        (
            "POST",
            "/api/payments/plans/P-1/payment",
            "",
            vec![],
            ask("/api/payments/plans/P-1"),
        ),
        (
            "POST",
            "/api/payment-plans",
            r#"{"account_id":"A-1"}"#,
            vec![],
            again("A-1"),
        ),
        ("POST", "/api/retention/purge", "", vec![], Again::All),
        ("DELETE", "/auth/api-keys/K-1", "", vec![], Again::Nothing),
    ] {
        let tapped = call(&whl, (method, target, body), |call| whl.tapped(call));
        let expected: Vec<(String, FactKind)> = expected
            .into_iter()
            .map(|(id, fact)| (id.to_owned(), fact))
            .collect();
        let mut found = restricted(&tapped);
        found.sort();
        let mut expected = expected;
        expected.sort();
        assert_eq!(found, expected, "{target} {body}");
        assert_eq!(tapped.again, reread, "{target} {body}");
        assert!(tapped.permit.is_empty(), "{target}");
    }
}

/// A dispute that comes with documents restricts; nothing is permitted or contacted by such a body.
#[test]
fn a_form_with_files_restricts() {
    let whl = dialect();
    let body = "--b\r\nContent-Disposition: form-data; name=\"account_id\"\r\n\r\nA-1\r\n\
        --b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"account_id\"\r\n\
        Content-Type: application/pdf\r\n\r\nA-2\r\n--b--\r\n";
    let typed = |asked: &Call<'_>, then: &dyn Fn(&Call<'_>) -> Tapped| {
        let content_type = "multipart/form-data; boundary=\"b\"";
        then(&Call {
            content_type,
            body: body.as_bytes(),
            ..*asked
        })
    };
    let opened = call(&whl, ("POST", "/api/disputes", ""), |asked| {
        typed(asked, &|c| whl.tapped(c))
    });
    assert_eq!(restricted(&opened), [("A-1".to_owned(), FactKind::Dispute)]);
    let placed = call(
        &whl,
        ("POST", "/api/data-enrichment/rdn/placement", ""),
        |asked| typed(asked, &|c| whl.tapped_after(c, &heard(200, "{}"))),
    );
    assert!(placed.permit.is_empty());
    let sent = call(&whl, ("POST", "/api/email/send", ""), |asked| {
        let content_type = "multipart/form-data; boundary=b";
        whl.contacts(&Call {
            content_type,
            body: body.as_bytes(),
            ..*asked
        })
    });
    assert!(sent.iter().all(|one| one.whose == Whose::Unknown) && !sent.is_empty());
}

/// What is applied and what takes it back are both lines the intake takes, of the same fact.
#[test]
fn an_undo_lifts_what_was_applied() {
    let whl = dialect();
    for (target, body) in [
        ("/api/disputes", r#"{"account_id":"A-1"}"#),
        (
            "/api/compliance/dnc/add",
            r#"{"numbers":["8185551234","8185551235"]}"#,
        ),
        (
            "/api/data-enrichment/rdn/webhook",
            r#"{"event":"recall attorney cease dnc","account_id":"A-1"}"#,
        ),
    ] {
        let tapped = call(&whl, ("POST", target, body), |call| whl.tapped(call));
        assert!(!tapped.restrict.is_empty(), "{target}");
        for change in tapped.restrict {
            let (mut apply, mut undo) = (change.apply, change.undo.unwrap());
            crate::wire::ingest::check(&mut apply).unwrap();
            crate::wire::ingest::check(&mut undo).unwrap();
            let fact = |line: &Line| match line {
                Line::Account(record) => record.facts.first().cloned().unwrap(),
                Line::Contact(fact) => (**fact).clone(),
                other => panic!("{other:?}"),
            };
            let (apply, undo) = (fact(&apply), fact(&undo));
            assert_eq!((apply.fact, apply.lifted), (undo.fact, None));
            assert_eq!((undo.lifted, undo.reason.is_some()), (Some(true), true));
            assert_eq!(
                (apply.hold, apply.phone, apply.medium),
                (undo.hold, undo.phone, undo.medium)
            );
        }
    }
}

#[test]
fn what_was_confirmed_counts_and_lifts() {
    let whl = dialect();
    let after = |method, target, body, answer| {
        call(&whl, (method, target, body), |call| {
            whl.tapped_after(call, &heard(200, answer))
        })
    };
    let recalled = after("POST", "/api/data-enrichment/rdn/recall/A-1", "", "{}");
    let statuses: Vec<_> = recalled
        .restrict
        .iter()
        .map(|c| record(&c.apply).status)
        .collect();
    assert_eq!(statuses, [Some(AccountStatus::Recalled)]);
    assert!(recalled.restrict.iter().all(|change| change.undo.is_none()));

    let placed = after(
        "POST",
        "/api/data-enrichment/rdn/placement",
        "",
        r#"{"account_id":"A-1"}"#,
    );
    let [line] = placed.permit.as_slice() else {
        panic!("{placed:?}")
    };
    let placed = record(line);
    assert_eq!(
        (placed.status, placed.reason.is_some()),
        (Some(AccountStatus::Open), true)
    );
    let lift = placed.facts.first().unwrap();
    assert_eq!(
        (lift.hold, lift.lifted),
        (Some(HoldKind::Creditor), Some(true))
    );

    let two = r#"{"account_id":"A-1","account":"A-2"}"#;
    assert!(
        after("POST", "/api/data-enrichment/rdn/placement", two, "{}")
            .permit
            .is_empty()
    );

    let removed = after(
        "POST",
        "/api/compliance/dnc/remove",
        r#"{"phone":"8185551234"}"#,
        "",
    );
    let [Line::Contact(fact)] = removed.permit.as_slice() else {
        panic!("{removed:?}")
    };
    assert_eq!(
        (fact.fact, fact.lifted),
        (Some(FactKind::DoNotCall), Some(true))
    );

    let answered = after(
        "POST",
        "/api/disputes",
        "{}",
        r#"{"dispute":{"account_id":"A-7"}}"#,
    );
    assert_eq!(
        restricted(&answered),
        [("A-7".to_owned(), FactKind::Dispute)]
    );
    assert_eq!(answered.again, Again::Account("A-7".into()));
}

/// SOR-3, and the rule for public routes: whatever the answer, nothing is permitted.
/// TAP-3, of every public route.
#[test]
fn a_public_route_permits_nothing() {
    let whl = dialect();
    let body = r#"{"account_id":"A-1","phone":"8185551234","status":"open"}"#;
    let public = whl
        .catalogue
        .routes()
        .iter()
        .filter(|route| route.public && route.duty.is_some());
    let mut seen = 0;
    for route in public {
        let values: Vec<&str> = route.names().map(|_| "A-1").collect();
        let path = route.filled(&values).unwrap();
        let tapped = call(&whl, (&route.method, &path, body), |call| {
            whl.tapped_after(call, &heard(200, body))
        });
        assert!(tapped.permit.is_empty(), "{path}");
        seen += 1;
    }
    assert!(seen >= 6, "{seen}");
}
