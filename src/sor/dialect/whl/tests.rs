//! WHL: contacts, taps, accounts, letters. Bodies are made up, since none is documented.

use super::*;
use crate::domain::intent::ContactPoint;
use crate::domain::record::{AccountRecord, FactKind, Line, Personal};
use crate::domain::words::{AccountStatus, Channel, HoldKind, Outcome, Purpose};
use crate::sor::catalogue::{Lookup, shipped};
use crate::sor::dialect::{Again, Points, Whose};
use bytes::Bytes;

const NOW: UnixSeconds = UnixSeconds(1_778_004_000);

pub(super) fn dialect() -> Whl {
    let catalogue = Catalogue::parse(System::Whl, "whl", shipped(System::Whl)).unwrap();
    Whl::new(Arc::new(catalogue)).unwrap()
}

/// Finds the route of a call and hands the call over.
fn call<T>(whl: &Whl, asked: (&str, &str, &str), then: impl FnOnce(&Call<'_>) -> T) -> T {
    let (method, target, body) = asked;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Lookup::Match(found) = whl.catalogue.find(method, path) else {
        panic!("{method} {path} is no route");
    };
    then(&Call {
        system: System::Whl,
        duty: found.route.duty.unwrap(),
        template: &found.route.template,
        params: found.params.as_slice(),
        query,
        content_type: "application/json; charset=utf-8",
        body: body.as_bytes(),
        public: found.route.public,
        now: NOW,
    })
}

fn heard(status: u16, body: &str) -> Heard {
    Heard {
        status,
        body: Bytes::from(body.to_owned()),
    }
}

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
            asks("/api/letters/L-2"),
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
    let both = all(r#"{"account_id":"A-1","email":"ann@x.co","phone":"555"}"#);
    assert_eq!(
        both,
        [
            (Channel::Sms, Points::One(ContactPoint::BadPhone)),
            (Channel::Email, email("ann@x.co"))
        ]
    );
}

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

const CARD: &str = r#"{"data":{"account_id":"A-1","status":"active","state":"ca","zip":"90210-1234",
    "creditor_name":"First Bank","consumer":{"id":"C-1","email":"Ann@x.co"},
    "phones":[{"number":"(818) 555-1234","type":"mobile"},
        {"number":"8185551235","type":"work","do_not_call":true},
        {"number":"8185551236","status":"disconnected"},{"number":"none"}],
    "flags":["hardship"],"attorney":{"name":null},"bankruptcy":{"chapter":7,"active":false}}}"#;

fn read(whl: &Whl, bodies: [(u16, &str); 5]) -> Hydrated {
    let mut answers = bodies.map(|(status, body)| heard(status, body)).to_vec();
    // None of the numbers is on the list.
    let lists = whl.reads_more("A-1", &answers).len();
    answers.resize(answers.len() + lists, heard(404, ""));
    whl.account("A-1", &answers, None, NOW)
}

fn known(hydrated: Hydrated) -> AccountRecord {
    match hydrated {
        Hydrated::Known(record) => *record,
        other => panic!("{other:?}"),
    }
}

const NONE: (u16, &str) = (404, "");

#[test]
fn an_account_is_read_by_the_catalogues_paths() {
    let paths: Vec<String> = dialect()
        .reads("A/1 ?")
        .into_iter()
        .map(|read| read.path)
        .collect();
    let expected = [
        "/api/queue/account/A%2F1%20%3F",
        "/api/widget/A%2F1%20%3F/alerts",
        "/api/data-enrichment/rdn/compliance/A%2F1%20%3F",
        "/api/disputes?account_id=A%2F1%20%3F",
        "/api/dialer/call-log?account_id=A%2F1%20%3F",
    ];
    assert_eq!(paths, expected);
    assert!(dialect().reads("..").len() < 5);
}

#[test]
fn a_card_becomes_an_account() {
    let record = known(read(&dialect(), [(200, CARD), NONE, NONE, NONE, NONE]));
    assert_eq!(record.status, None);
    assert_eq!(record.state.unwrap().as_str(), "CA");
    assert_eq!(record.zip, Some(Personal::from("90210")));
    assert_eq!(record.creditor, Some(Personal::from("First Bank")));
    assert_eq!(record.person_id, Some(Personal::from("C-1")));
    let numbers: Vec<&str> = record
        .phones
        .iter()
        .map(|p| p.number.as_ref().unwrap().as_str())
        .collect();
    assert_eq!(numbers, ["+18185551234", "+18185551235", "+18185551236"]);
    let wrong: Vec<bool> = record
        .phones
        .iter()
        .map(|p| p.wrong == Some(true))
        .collect();
    assert_eq!(wrong, [false, false, true]);
    let facts: Vec<FactKind> = record.facts.iter().map(|fact| fact.fact.unwrap()).collect();
    assert_eq!(facts, [FactKind::Vulnerability, FactKind::DoNotCall]);
    assert_eq!(record.emails.len(), 1);
}

#[test]
fn what_restricts_is_gathered_from_every_read() {
    let card = r#"{"account_id":"A-1","status":"Recalled by client"}"#;
    let alerts = r#"[{"type":"CEASE"},{"type":"deceased","resolved":true}]"#;
    let compliance = r#"{"represented":"yes","bankrupt":"no"}"#;
    let disputes = r#"{"disputes":[{"id":1,"account_id":"A-1","status":"investigating"},
        {"id":2,"account_id":"A-2","status":"open"}]}"#;
    let calls = r#"[{"account_id":"A-1","call_id":"c","started_at":"2026-05-01T10:00:00Z",
        "phone":"8185551234","disposition":"NO ANSWER"},
        {"account_id":"A-1","call_id":"d","date":"2026-05-02","disposition":"???"},
        {"account_id":"A-2","call_id":"e","date":"2026-05-02","disposition":"busy"}]"#;
    let reads = [card, alerts, compliance, disputes, calls].map(|body| (200, body));
    let record = known(read(&dialect(), reads));
    assert_eq!(record.status, Some(AccountStatus::Recalled));
    let facts: Vec<FactKind> = record.facts.iter().map(|fact| fact.fact.unwrap()).collect();
    assert_eq!(
        facts,
        [FactKind::Cease, FactKind::Attorney, FactKind::Dispute]
    );
    let outcomes: Vec<_> = record
        .attempts
        .iter()
        .map(|attempt| attempt.outcome.unwrap())
        .collect();
    assert_eq!(outcomes, [Outcome::Conversation, Outcome::NoAnswer]);
    // A day without a clock or a zone ends when it ends in the west.
    let latest = record
        .attempts
        .first()
        .and_then(|attempt| attempt.at)
        .unwrap();
    assert_eq!(latest.rfc3339().as_str(), "2026-05-03T10:59:59Z");
}

#[test]
fn disputes_are_answered_as_of_when_the_system_says() {
    let card = (200, r#"{"account_id":"A-1"}"#);
    let facts = |list| known(read(&dialect(), [card, NONE, NONE, (200, list), NONE])).facts;
    let answered = facts(
        r#"[{"account_id":"A-1","status":"resolved","resolved_at":"2026-05-01T00:00:00Z"},
            {"account_id":"A-1","status":"closed","resolved_at":"2026-04-01T00:00:00Z"}]"#,
    );
    let [fact] = answered.as_slice() else {
        panic!("{answered:?}")
    };
    assert_eq!(fact.fact, Some(FactKind::Verification));
    assert_eq!(fact.at.unwrap().rfc3339().as_str(), "2026-05-01T00:00:00Z");
    // Nobody says when, or not all of them: nothing is lifted.
    for list in [
        r#"[{"account_id":"A-1","status":"resolved"}]"#,
        r#"[{"account_id":"A-1","status":"resolved","resolved_at":"2026-05-01T00:00:00Z"},
            {"account_id":"A-1","status":"resolved"}]"#,
        "[]",
        r#"[{"account_id":"A-2","status":"resolved","resolved_at":"2026-05-01T00:00:00Z"}]"#,
    ] {
        assert_eq!(facts(list), [], "{list}");
    }
    let open = facts(
        r#"[{"account_id":"A-1","status":"resolved","resolved_at":"2026-05-01T00:00:00Z"},
            {"account_id":"A-1","status":"reopened"}]"#,
    );
    assert_eq!(
        open.first().and_then(|fact| fact.fact),
        Some(FactKind::Dispute)
    );
    assert_eq!(open.len(), 1);
}

/// Without its instant a call would not be counted.
#[test]
fn a_log_that_does_not_say_when_is_not_read() {
    let card = (200, r#"{"account_id":"A-1"}"#);
    let calls = |log| read(&dialect(), [card, NONE, NONE, NONE, (200, log)]);
    let undated = r#"[{"account_id":"A-1","disposition":"busy"}]"#;
    assert_eq!(calls(undated), Hydrated::Unreadable);
    let another = r#"[{"account_id":"A-2","disposition":"busy"}]"#;
    assert_eq!(known(calls(another)).attempts, []);
    let old = r#"[{"account_id":"A-1","date":"2026-01-02","disposition":"busy"}]"#;
    assert_eq!(known(calls(old)).attempts, []);
}

/// An error that is told with status 200 must not become an account.
/// Whether each number of a card is on the system's list is asked once the card is there.
#[test]
fn every_number_of_a_card_is_looked_up_on_the_list() {
    let whl = dialect();
    let card = r#"{"account_id":"A-1","phones":["(212) 555-0100",{"number":"+13125550101"},"12"]}"#;
    let mut answers = vec![heard(404, ""); whl.reads("A-1").len()];
    answers[0] = heard(200, card);
    let more = whl.reads_more("A-1", &answers);
    let paths: Vec<&str> = more.iter().map(|read| &*read.path).collect();
    let list = "/api/compliance/dnc/check/";
    let expected = ["2125550100", "3125550101"].map(|number| format!("{list}{number}"));
    assert_eq!(paths, expected);
    // An account that is half read is none.
    assert_eq!(
        whl.account("A-1", &answers, None, NOW),
        Hydrated::Unreadable
    );
    let listed = |answer: Heard| {
        let heard = [&answers[..], &[heard(404, ""), answer]].concat();
        match whl.account("A-1", &heard, None, NOW) {
            Hydrated::Known(record) => record
                .facts
                .iter()
                .filter_map(|fact| Some(fact.phone.as_ref()?.as_str().to_owned()))
                .collect(),
            other => vec![format!("{other:?}")],
        }
    };
    let on = vec!["+13125550101".to_owned()];
    for body in [
        r#"{"phone":"3125550101","listed":true}"#,
        r#"{"do_not_call":true}"#,
        r#"{"data":{"on_list":"yes"}}"#,
        r#"{"status":"DNC"}"#,
        r#"{"listed":"2026-01-01"}"#,
    ] {
        assert_eq!(listed(heard(200, body)), on, "{body}");
    }
    for body in [r#"{"listed":false}"#, r#"{"do_not_call":null}"#, "{}"] {
        assert_eq!(listed(heard(200, body)), [""; 0], "{body}");
    }
    assert_eq!(listed(heard(405, "")), [""; 0]);
    for status in [200, 403, 500] {
        assert_eq!(listed(heard(status, "<html>")), ["Unreadable"], "{status}");
    }
}

#[test]
fn what_cannot_be_read_is_no_account() {
    let whl = dialect();
    let card = |status, body| read(&whl, [(status, body), NONE, NONE, NONE, NONE]);
    for (status, body, expected) in [
        (404, "", Hydrated::NoSuchAccount),
        (200, r#"{"error":"not found"}"#, Hydrated::Unreadable),
        (200, r#"{"account_id":"A-2"}"#, Hydrated::Unreadable),
        (
            200,
            r#"{"account_id":"A-1","data":{"account_id":"A-2"}}"#,
            Hydrated::Unreadable,
        ),
        (200, "<html>", Hydrated::Unreadable),
        (401, "", Hydrated::Unreadable),
        (503, "", Hydrated::Unreadable),
        (302, "", Hydrated::Unreadable),
    ] {
        assert_eq!(card(status, body), expected, "{status} {body}");
    }
    // Nor is an account known whose alerts were refused.
    let refused = read(&whl, [(200, CARD), (403, ""), NONE, NONE, NONE]);
    assert_eq!(refused, Hydrated::Unreadable);
    assert_eq!(whl.account("A-1", &[], None, NOW), Hydrated::Unreadable);
}

#[test]
fn an_export_is_read_in_every_form() {
    let whl = dialect();
    let first = whl.everything(&Place::default()).unwrap();
    assert_eq!(first.path, "/api/exports/accounts?format=json");
    let later = whl.everything(&Place("c 2".into())).unwrap();
    assert_eq!(later.path, "/api/exports/accounts?format=json&cursor=c%202");
    for body in [
        r#"[{"account_id":"A-1"},{"id":"A-2"}]"#,
        r#"{"accounts":[{"account_id":"A-1"},{"account_id":"A-2"}]}"#,
        "{\"account_id\":\"A-1\"}\n{\"account_id\":\"A-2\"}\n",
        "Account ID,Name\nA-1,\"x,y\"\nA-2,z\n",
    ] {
        let step = whl
            .step(&Place::default(), &heard(200, body), None, NOW)
            .unwrap();
        assert_eq!(step.accounts, ["A-1".into(), "A-2".into()], "{body}");
        assert_eq!((step.lines.len(), step.next), (0, None), "{body}");
    }
    let paged = r#"{"accounts":[{"account_id":"A-1"}],"next_cursor":"n"}"#;
    let step = whl
        .step(&Place::default(), &heard(200, paged), None, NOW)
        .unwrap();
    assert_eq!(step.next, Some(Place("n".into())));
    for (status, body) in [
        (500, "[]"),
        (200, "name,x\na,b\n"),
        (200, "PK\u{3}\u{4}\n"),
        (200, r#"{"error":"x"}"#),
    ] {
        let step = whl.step(&Place::default(), &heard(status, body), None, NOW);
        assert_eq!(step, None, "{body}");
    }
}

#[test]
fn the_system_is_told_where_it_has_a_place() {
    use crate::domain::outcome::Reported;
    use crate::wire::disposition::Disposition;
    let whl = dialect();
    let said = Disposition {
        call_id: Some("c-1".into()),
        ..Disposition::of(Reported::NoAnswer)
    };
    let letters = whl.letters(Some("A-1"), &Outgoing::Outcome(Box::new(said.clone())), NOW);
    let [letter] = letters.as_slice() else {
        panic!("{letters:?}")
    };
    assert_eq!(
        (letter.method, letter.path.as_str()),
        ("POST", "/api/queue/account/A-1/disposition")
    );
    let body = String::from_utf8(letter.body.clone().unwrap().to_vec()).unwrap();
    assert_eq!(
        body,
        r#"{"account_id":"A-1","call_id":"c-1","occurred_at":"2026-05-05T18:00:00Z","outcome":"no_answer"}"#
    );
    assert!(
        whl.letters(None, &Outgoing::Outcome(Box::new(said)), NOW)
            .is_empty()
    );

    let dnc = |on| Outgoing::DoNotCall {
        phone: "8185551234".into(),
        on,
        reason: None,
    };
    let path = |on| whl.letters(None, &dnc(on), NOW).remove(0).path;
    assert_eq!(path(true), "/api/compliance/dnc/add");
    assert_eq!(path(false), "/api/compliance/dnc/remove");
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// No body, no query and no answer makes it panic, and what it taps the intake would take.
        #[test]
        fn nothing_that_comes_in_panics(
            body in "[\\[{\"a-z:,}\\]0-9@. ]{0,80}",
            query in "[a-z=&%+0-9]{0,20}",
            status in 0_u16..700,
            at in 0_usize..200,
        ) {
            let whl = dialect();
            let with_duty = whl.catalogue.routes().iter().filter(|route| route.duty.is_some());
            let routes: Vec<_> = with_duty.collect();
            let route = &routes[at % routes.len()];
            let params: Vec<(&str, &str)> = route.names().map(|name| (name, "%zz")).collect();
            let call = Call {
                system: System::Whl,
                duty: route.duty.unwrap(),
                template: &route.template,
                params: &params,
                query: &query,
                content_type: "",
                body: body.as_bytes(),
                public: route.public,
                now: NOW,
            };
            let answer = heard(status, &body);
            whl.contacts(&call);
            let tapped = [whl.tapped(&call), whl.tapped_after(&call, &answer)];
            for change in tapped.into_iter().flat_map(|tapped| tapped.restrict) {
                prop_assert!(crate::wire::ingest::check(&mut change.apply.clone()).is_ok());
            }
            whl.named_in(&Request::get("/"), &answer);
            whl.step(&Place::default(), &answer, None, NOW);
            let answers = vec![answer; 5];
            whl.account("A-1", &answers, None, NOW);
        }
    }
}
