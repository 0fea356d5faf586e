//! What an account's reads and the export say.

use super::*;
use crate::domain::place::StateCode;
use crate::domain::record::{AccountRecord, FactKind, Personal};
use crate::domain::words::{AccountStatus, Outcome};

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

/// What is listed under a name nobody knows, or on a further page, may be what forbids.
#[test]
fn half_a_list_is_none() {
    let card = (200, r#"{"account_id":"A-1"}"#);
    let whl = dialect();
    let disputes = |list| read(&whl, [card, NONE, NONE, (200, list), NONE]);
    let calls = |list| read(&whl, [card, NONE, NONE, NONE, (200, list)]);
    let alerts = |list| read(&whl, [card, (200, list), NONE, NONE, NONE]);
    for list in [
        r#"{"call_records":[{"account_id":"A-1","date":"2026-05-02","disposition":"busy"}]}"#,
        r#"{"items":[],"call_records":[{"account_id":"A-1"}]}"#,
        r#"{"items":[],"next_cursor":"n"}"#,
        r#"{"data":{"items":[],"pagination":{"next":"/x?page=2"}}}"#,
        r#"{"items":[],"has_more":true}"#,
        r#"{"items":[],"total":3}"#,
        r#"{"items":[],"meta":{"total_pages":2}}"#,
        r#"{"account_id":"A-1"}"#,
        "{}",
        "null",
    ] {
        assert_eq!(disputes(list), Hydrated::Unreadable, "{list}");
        assert_eq!(calls(list), Hydrated::Unreadable, "{list}");
    }
    for list in [
        "[]",
        r#"{"items":[]}"#,
        r#"{"data":{"items":[]},"total":0,"next":null,"has_more":false}"#,
        r#"{"items":[],"links":[{"rel":"self"}],"page":1,"pages":1}"#,
    ] {
        assert_eq!(known(disputes(list)).facts, [], "{list}");
        assert_eq!(known(calls(list)).attempts, [], "{list}");
        assert_eq!(known(alerts(list)).facts, [], "{list}");
    }
    for list in [
        r#"{"account_alerts":[{"type":"CEASE"}]}"#,
        r#"{"account_id":"A-1"}"#,
        r#"{"alerts":[{"shown":"cease"}]}"#,
        r#"{"alerts":[],"next_page":2}"#,
    ] {
        assert_eq!(alerts(list), Hydrated::Unreadable, "{list}");
    }
    for list in [
        r#"{"warnings":[{"type":"CEASE"}]}"#,
        r#"{"alerts":["cease"]}"#,
        r#"{"cease":true}"#,
    ] {
        let facts = known(alerts(list)).facts;
        let kinds: Vec<_> = facts.iter().filter_map(|fact| fact.fact).collect();
        assert_eq!(kinds, [FactKind::Cease], "{list}");
    }
    assert_eq!(known(alerts("{}")).facts, []);
}

/// Each place counts; a record that cannot hold them all holds the account.
#[test]
fn no_place_of_a_card_is_passed_over() {
    let whl = dialect();
    let place = |rest: &str| {
        let card = format!(r#"{{"account_id":"A-1",{rest}}}"#);
        let record = known(read(&whl, [(200, &card), NONE, NONE, NONE, NONE]));
        let held = crate::sor::dialect::is_held(&record);
        let zip = record.zip.map(|zip| zip.as_str().to_owned());
        (record.state.map(StateCode::as_str), zip, held)
    };
    let zip = |text: &str| Some(text.to_owned());
    assert!(place(r#""state":"NY","mailing_state":"FL","phones":["4155550142"]"#).2);
    let both = place(r#""state":"NY","mailing_zip":33101"#);
    assert_eq!(both, (Some("NY"), zip("33101"), false));
    let spelt = place(r#""state":"Massachusetts","zip":2139"#);
    assert_eq!(spelt, (Some("MA"), zip("02139"), false));
    let within = place(r#""state":{"code":"NY","name":"New York"}"#);
    assert_eq!(within, (Some("NY"), None, false));
    for odd in [
        r#""state":"Ontario""#,
        r#""zip":"M5V 2T6""#,
        r#""zip":90210.5"#,
    ] {
        assert!(place(odd).2, "{odd}");
    }
    for none in [r#""state":null"#, r#""state":"","zip":"00000""#] {
        assert_eq!(place(none), (None, None, false), "{none}");
    }
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
    for body in [
        r#"{"listed":false}"#,
        r#"{"do_not_call":null}"#,
        r#"{"phone":"3125550101","data":{"isListed":"no"}}"#,
        r#"{"status":"clear"}"#,
    ] {
        assert_eq!(listed(heard(200, body)), [""; 0], "{body}");
    }
    // Whoever says nothing of it has not said that it is not.
    for body in [
        "{}",
        "[]",
        "null",
        r#"{"phone":"3125550101"}"#,
        r#"{"entry":{"reason":"asked"}}"#,
    ] {
        assert_eq!(listed(heard(200, body)), ["Unreadable"], "{body}");
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
