//! Whom a guarded call would reach.

use super::*;
use crate::domain::intent::ContactPoint;
use crate::domain::words::{Channel, Purpose};
use crate::sor::dialect::{Points, Whose};

fn email(address: &str) -> Points {
    Points::One(ContactPoint::Email(address.into()))
}

fn account(id: &str) -> Whose {
    Whose::Account(id.into())
}

fn asks(path: &str) -> Whose {
    Whose::AskFirst(Request::get(path))
}

#[test]
fn an_email_is_asked_for_every_address() {
    let whl = dialect();
    let all = |body: &str| {
        call(&whl, ("POST", "/api/email/send", body), |call| {
            whl.contacts(call)
        })
    };
    for (body, whose, points) in [
        (
            r#"{"account_id":"A-1","to":"ann@x.co","cc":"B@x.co","subject":"s"}"#,
            account("A-1"),
            vec![email("ann@x.co"), email("b@x.co")],
        ),
        (
            r#"{"account_id":"A-1","template":"t"}"#,
            account("A-1"),
            vec![Points::OfAccount],
        ),
        (
            r#"{"account_id":"A-1","to":"nobody"}"#,
            account("A-1"),
            vec![Points::One(ContactPoint::BadEmail)],
        ),
        (
            r#"{"account_id":"A-1","accountId":"A-2","to":"ann@x.co"}"#,
            Whose::Unknown,
            vec![email("ann@x.co")],
        ),
        (
            r#"{"to":"ann@x.co"}"#,
            Whose::Unknown,
            vec![email("ann@x.co")],
        ),
        (
            r#"{"account_id":"A-1","to":{"ann@x.co":"Ann","b@x.co":"B"},"from":{"us@x.co":"Us"}}"#,
            account("A-1"),
            vec![email("ann@x.co"), email("b@x.co")],
        ),
        (
            r#"{"account_id":"A-1","to":"ann@x.co","headers":"X-A: c@x.co\r\nBcc: B <b@x.co>"}"#,
            account("A-1"),
            vec![email("ann@x.co"), email("b@x.co")],
        ),
        ("--x\r\nnot json", Whose::Unknown, vec![Points::OfAccount]),
        ("", Whose::Unknown, vec![Points::OfAccount]),
    ] {
        let found = all(body);
        assert!(
            found.iter().all(|one| one.whose == whose),
            "{body}: {found:?}"
        );
        assert!(
            found.iter().all(|one| one.channel == Channel::Email),
            "{body}"
        );
        assert!(
            found.iter().all(|one| one.purpose == Purpose::Collection),
            "{body}"
        );
        let reached: Vec<Points> = found.into_iter().map(|one| one.points).collect();
        assert_eq!(reached, points, "{body}");
    }
}

/// An address that is not the recipient's leaves the recipient to the system.
#[test]
fn a_copy_is_not_the_recipient() {
    let whl = dialect();
    let reached = |body: &str| {
        let asked = ("POST", "/api/email/send", body);
        let found = call(&whl, asked, |call| whl.contacts(call));
        found.into_iter().map(|one| one.points).collect::<Vec<_>>()
    };
    let both = [email("ok@x.co"), Points::OfAccount];
    for body in [
        r#"{"account_id":"A-1","cc":"ok@x.co"}"#,
        r#"{"account_id":"A-1","bcc":["ok@x.co"]}"#,
        r#"{"account_id":"A-1","note":"ok@x.co"}"#,
    ] {
        assert_eq!(reached(body), both, "{body}");
    }
    let named = r#"{"account_id":"A-1","data":{"recipient":{"email":"ok@x.co"}}}"#;
    assert_eq!(reached(named), [email("ok@x.co")]);
}

/// A body is read as its type says: what another reader might see in it is not looked for.
#[test]
fn a_body_of_another_type_names_nobody() {
    let whl = dialect();
    let body = "account_id=A-1&to=ann%40x.co";
    let whose = |kind: &str| {
        call(&whl, ("POST", "/api/email/send", body), |asked| {
            let asked = Call {
                content_type: kind,
                ..*asked
            };
            whl.contacts(&asked).remove(0).whose
        })
    };
    assert_eq!(whose("application/x-www-form-urlencoded"), account("A-1"));
    for kind in [
        "application/json",
        "",
        "text/plain",
        "multipart/form-data; boundary=x",
    ] {
        assert_eq!(whose(kind), Whose::Unknown, "{kind}");
    }
}

#[test]
fn a_letter_is_its_accounts() {
    let whl = dialect();
    for (target, body, whose) in [
        (
            "/api/letters/L%2F1/send",
            r#"{"account_id":"A-9"}"#,
            asks("/api/letters/L%2F1"),
        ),
        (
            "/api/letters/mail",
            r#"{"account_id":"A-1"}"#,
            account("A-1"),
        ),
        (
            "/api/letters/mail",
            r#"{"account_id":"A-1","letter_id":"L-2"}"#,
            Whose::Both(Request::get("/api/letters/L-2"), "A-1".into()),
        ),
        (
            "/api/letters/mail",
            r#"{"letter_id":"L-2"}"#,
            asks("/api/letters/L-2"),
        ),
        (
            "/api/letters/mail",
            r#"{"account_id":"A-1","accountId":"A-2","letter_id":"L-2"}"#,
            Whose::Unknown,
        ),
        (
            "/api/letters/mail",
            r#"{"letter_id":"L-1","letter":{"id":"L-2"}}"#,
            Whose::Unknown,
        ),
        (
            "/api/letters/mail",
            r#"{"to":{"name":"x"}}"#,
            Whose::Unknown,
        ),
    ] {
        let found = call(&whl, ("POST", target, body), |call| whl.contacts(call));
        assert_eq!(found.len(), 1, "{target}");
        let one = found.first().unwrap();
        assert_eq!(
            (&one.whose, one.channel),
            (&whose, Channel::Mail),
            "{target} {body}"
        );
        assert_eq!(one.points, Points::One(ContactPoint::Absent));
    }
    let read = Request::get("/api/letters/L-1");
    let named = |status, body| whl.named_in(&read, &heard(status, body));
    assert_eq!(
        named(200, r#"{"letter":{"id":"L-1","account_id":"A-1"}}"#),
        Some("A-1".into())
    );
    assert_eq!(named(404, r#"{"account_id":"A-1"}"#), None);
    assert_eq!(
        named(200, r#"{"account_id":"A-1","account":{"id":"A-2"}}"#),
        None
    );
}

#[test]
fn a_code_is_a_reply() {
    let whl = dialect();
    let all = |body: &str| {
        let asked = ("POST", "/api/consumer/verify/send", body);
        let found = call(&whl, asked, |call| whl.contacts(call));
        assert!(
            found.iter().all(|one| one.purpose == Purpose::Reply),
            "{body}"
        );
        found
            .into_iter()
            .map(|one| (one.channel, one.points))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        all(r#"{"account_id":"A-1","email":"ann@x.co"}"#),
        [(Channel::Email, email("ann@x.co"))]
    );
    assert_eq!(
        all(r#"{"account_id":"A-1"}"#),
        [(Channel::Email, Points::OfAccount)]
    );
    let number = crate::sor::dialect::field_map::number("8185551234").unwrap();
    assert_eq!(
        all(r#"{"account_id":"A-1","phone":"8185551234"}"#),
        [
            (Channel::Sms, Points::One(ContactPoint::Phone(number))),
            (Channel::Email, Points::OfAccount)
        ]
    );
    let both = all(r#"{"account_id":"A-1","email":"ann@x.co","phone":"555"}"#);
    assert_eq!(
        both,
        [
            (Channel::Sms, Points::One(ContactPoint::BadPhone)),
            (Channel::Email, email("ann@x.co"))
        ]
    );
}
