//! What the reads of an account come to.

use super::account::filed;
use super::samples::{
    ATTEMPTS, BANKRUPT, EMAILS, NOTES, NOTHING, PAYMENTS, PHONES, REPRESENTED, heard, now, result,
    scollect,
};
use super::*;
use crate::domain::record::{AccountRecord, FactKind, FactRecord};
use crate::domain::time::Zones;
use crate::domain::words::{AccountStatus, Channel, LineType, Medium, Outcome};

/// The reads of one account: its columns, and lists that are empty unless given.
fn read(account: &str, lists: &[(usize, &str)]) -> Vec<Heard> {
    let mut answers = vec![result(account)];
    answers.extend((0..5).map(|_| result(NOTHING)));
    for (at, rows) in lists {
        answers[*at] = result(rows);
    }
    answers
}

fn record_in(account: &str, heard: &[Heard], zone: &str) -> AccountRecord {
    let zone = Zones::bundled().find(zone);
    match scollect().account(account, heard, zone, now()) {
        Hydrated::Known(record) => *record,
        other => panic!("{other:?}"),
    }
}

fn record(account: &str, heard: &[Heard]) -> AccountRecord {
    record_in(account, heard, "America/Chicago")
}

fn kinds(record: &AccountRecord) -> Vec<FactKind> {
    record.facts.iter().filter_map(|fact| fact.fact).collect()
}

/// An account of which nothing is known but one column.
fn with(column: &str, value: &str) -> AccountRecord {
    let body = serde_json::json!([{ "filenumber": "R1", "address": "x", column: value }]);
    record("R1", &read(&body.to_string(), &[]))
}

#[test]
fn an_account_is_read_by_six_requests() {
    let paths: Vec<String> = scollect()
        .reads("R 1/2")
        .into_iter()
        .map(|r| r.path)
        .collect();
    assert_eq!(
        paths,
        [
            "/getaccount/R%201%2F2",
            "/getphones/R%201%2F2",
            "/getattempts/R%201%2F2",
            "/getemails/R%201%2F2",
            "/getnotes/R%201%2F2",
            "/getpayments/R%201%2F2",
        ]
    );
}

#[test]
fn the_bankrupt_sample() {
    let record = record(
        "R1001",
        &read(BANKRUPT, &[(1, PHONES), (4, NOTES), (5, PAYMENTS)]),
    );
    assert_eq!(record.account_id.as_ref().unwrap().as_str(), "R1001");
    assert_eq!(record.state.unwrap().as_str(), "AL");
    // `ZIP` is none, and a state stays without it.
    assert_eq!(record.zip, None);
    assert_eq!(record.creditor.as_ref().unwrap().as_str(), "C2C");
    assert_eq!(record.portfolio.as_ref().unwrap().as_str(), "C2C PDL TEST");
    assert_eq!(record.status, None);
    assert_eq!(
        record.emails[0].address.as_ref().unwrap().as_str(),
        "email@email.com"
    );
    let known = kinds(&record);
    let count = |kind| known.iter().filter(|known| **known == kind).count();
    // Status, docket and alert say the same.
    assert_eq!(count(FactKind::Bankruptcy), 1);
    assert_eq!(count(FactKind::Attorney), 0);
    assert_eq!(
        count(FactKind::Dispute),
        0,
        "a note that is no alert says nothing"
    );
    let promise = record
        .facts
        .iter()
        .find(|f| f.fact == Some(FactKind::Promise))
        .unwrap();
    assert_eq!(promise.until_date.unwrap().to_string(), "2024-02-27");
}

#[test]
fn the_represented_sample() {
    let record = record("R1050", &read(REPRESENTED, &[]));
    assert_eq!(kinds(&record), [FactKind::Attorney]);
    assert_eq!(record.zip.as_ref().unwrap().as_str(), "12345");
    assert_eq!((record.status, record.address), (None, None));
    // The spouse's number is nobody's who may be called.
    assert_eq!(record.phones, []);
}

#[test]
fn numbers_are_filed_unless_dead_or_another_persons() {
    let record = record("R1001", &read(BANKRUPT, &[(1, PHONES)]));
    let numbers: Vec<u64> = filed(&record)
        .into_iter()
        .map(crate::domain::phone::PhoneNumber::digits)
        .collect();
    assert_eq!(numbers, [2_223_334_444, 7_166_289_899]);
    assert_eq!(record.phones[1].line_type, Some(LineType::Wireless));
    let dead: Vec<&FactRecord> = record
        .facts
        .iter()
        .filter(|f| f.fact == Some(FactKind::ContactOptOut))
        .collect();
    assert_eq!(dead.len(), 2);
    for (fact, medium) in dead.iter().zip([Medium::Calls, Medium::Texts]) {
        assert_eq!(fact.phone.as_ref().unwrap().as_str(), "+14072537828");
        assert_eq!(fact.medium, Some(medium));
    }
}

#[test]
fn more_numbers_than_a_record_holds_keep_those_that_may_be_called() {
    let phone = |n: usize, status: &str| {
        format!(r#"{{"phonenumber": "716-628-{n:04}", "phonestatus": "{status}"}}"#)
    };
    let mut rows: Vec<String> = (0..40).map(|n| phone(n, "Disconnected")).collect();
    rows.extend((100..140).map(|n| phone(n, "Good Number")));
    let record = record(
        "R1001",
        &read(BANKRUPT, &[(1, &format!("[{}]", rows.join(",")))]),
    );
    assert_eq!(record.phones.len(), 32);
    assert!(record.phones.iter().all(|phone| phone.wrong.is_none()));
    assert!(record.facts.len() <= 64);
}

#[test]
fn attempts_count_a_day_longer_and_never_from_later_than_now() {
    let record = record_in(
        "R1001",
        &read(BANKRUPT, &[(2, ATTEMPTS)]),
        "America/New_York",
    );
    // The first is older than any window; the newest stands first.
    assert_eq!(record.attempts.len(), 2);
    let [newest, talk] = &*record.attempts else {
        panic!("attempts");
    };
    // 07:24 of the day before: a day later is still before now.
    let at = UnixSeconds::parse("2024-01-24T12:24:59Z").unwrap();
    assert_eq!(
        (newest.at, newest.outcome),
        (Some(at), Some(Outcome::Voicemail))
    );
    assert_eq!(newest.phone.as_ref().unwrap().as_str(), "+12222222222");
    let at = UnixSeconds::parse("2024-01-23T15:23:59Z").unwrap();
    assert_eq!(
        (talk.at, talk.outcome),
        (Some(at), Some(Outcome::Conversation))
    );
    // Today's: by now.
    let today = ATTEMPTS.replace("Tue, 23 Jan", "Wed, 24 Jan");
    let today = record_in("R1001", &read(BANKRUPT, &[(2, &today)]), "America/New_York");
    assert_eq!(today.attempts[0].at, Some(now()));
    // Without a zone: as far west as there are clocks.
    let Hydrated::Known(nowhere) =
        scollect().account("R1001", &read(BANKRUPT, &[(2, ATTEMPTS)]), None, now())
    else {
        panic!("known");
    };
    let at = UnixSeconds::parse("2024-01-24T18:24:59Z").unwrap();
    assert_eq!(nowhere.attempts[0].at, Some(at));
    let at = UnixSeconds::parse("2024-01-23T21:23:59Z").unwrap();
    assert_eq!(nowhere.attempts[1].at, Some(at));
}

#[test]
fn an_attempt_keeps_its_name_and_one_listed_twice_is_two() {
    let names = |rows: &str| -> Vec<_> {
        let record = record("R1001", &read(BANKRUPT, &[(2, rows)]));
        record
            .attempts
            .into_iter()
            .map(|a| a.call_id.unwrap())
            .collect()
    };
    let once = names(ATTEMPTS);
    assert_eq!(once, names(ATTEMPTS));
    let row = r#"{"date": "Tue, 23 Jan 2024 00:00:00 GMT", "time": "07:24", "dispo": "BUSY",
        "phonenumber": "716-628-9899", "type": "MANUAL"}"#;
    let twice = names(&format!("[{row},{row}]"));
    assert_eq!(twice.len(), 2);
    assert_ne!(twice[0], twice[1]);
    // The gateway's own are known already.
    assert_eq!(
        names(&format!("[{}]", row.replace("MANUAL", "DIALGATE"))),
        []
    );
}

#[test]
fn an_attempt_that_was_inserted_through_the_gateway_is_the_one_that_is_read_later() {
    let body = r#"{"phonenumber": "716-628-9899", "dispo": "SPOKE TO DEBTOR", "agent": "agent",
        "type": "MANUAL", "filenumber": "R1001"}"#;
    let body = fields::Body::read(body.as_bytes()).unwrap();
    let inserted = attempts::inserted("R1001", &body.fields(), now());
    let row = r#"[{"date": "Wed, 24 Jan 2024 00:00:00 GMT", "time": "12:30", "agent": "agent",
        "dispo": "SPOKE TO DEBTOR", "phonenumber": "716-628-9899", "type": "MANUAL"}]"#;
    let read = record("R1001", &read(BANKRUPT, &[(2, row)]));
    assert_eq!(read.attempts[0].call_id, inserted.call_id);
    assert_eq!(read.attempts[0].outcome, inserted.outcome);
}

#[test]
fn an_undated_attempt_counts_from_when_it_was_seen_first() {
    let row = r#"[{"date": "0000-00-00 00:00:00", "dispo": "SPOKE TO DEBTOR"}]"#;
    let first = record("R1001", &read(BANKRUPT, &[(2, row)]));
    assert_eq!(first.attempts[0].at, Some(now()));
    let Hydrated::Known(later) = scollect().account(
        "R1001",
        &read(BANKRUPT, &[(2, row)]),
        Zones::bundled().find("America/Chicago"),
        now().plus(3_600),
    ) else {
        panic!("known");
    };
    // Known by the same name, so the engine keeps the first instant.
    assert_eq!(later.attempts[0].call_id, first.attempts[0].call_id);
}

#[test]
fn dispositions_are_conversations_unless_they_are_known_to_be_less() {
    for (dispo, expected) in [
        ("LEFT MESSAGE MACHINE", Outcome::Voicemail),
        ("SPOKE TO DEBTOR", Outcome::Conversation),
        ("No Answer", Outcome::NoAnswer),
        ("BUSY", Outcome::NoAnswer),
        ("HUNG UP", Outcome::Dropped),
        ("WRONG NUMBER", Outcome::Dropped),
        ("XYZ-17", Outcome::Conversation),
        ("", Outcome::Conversation),
    ] {
        assert_eq!(attempts::outcome(dispo), expected, "{dispo}");
    }
}

#[test]
fn the_events_of_an_email_are_one_attempt() {
    let mails = record("R1001", &read(BANKRUPT, &[(3, EMAILS)]));
    assert_eq!(mails.attempts.len(), 1);
    let sent = &mails.attempts[0];
    assert_eq!(
        (sent.channel, sent.outcome),
        (Some(Channel::Email), Some(Outcome::Sent))
    );
    assert_eq!(sent.address.as_ref().unwrap().as_str(), "email@email.com");
    let bounced = EMAILS
        .replace("Open", "Bounce")
        .replace("Delivery", "Unsubscribe");
    let bounced = record("R1001", &read(BANKRUPT, &[(3, &bounced)]));
    assert_eq!(bounced.emails[0].wrong, Some(true));
    assert!(kinds(&bounced).contains(&FactKind::ContactOptOut));
}

#[test]
fn columns_that_stand_against_contact() {
    for (column, value, expected) in [
        ("statusname", "OUTSOURCE", vec![]),
        ("statusname", "Bankruptcy", vec![FactKind::Bankruptcy]),
        ("statusname", "BK13 Filed", vec![FactKind::Bankruptcy]),
        ("statusname", "CEASE & DESIST", vec![FactKind::Cease]),
        (
            "statusname",
            "Disputed - DNC",
            vec![FactKind::MediumOptOut, FactKind::Dispute],
        ),
        ("statusname", "SCRA", vec![FactKind::Military]),
        ("statusname", "Active - CFPB", vec![FactKind::Escalation]),
        (
            "groupname",
            "|Added Alert| DECEASED",
            vec![FactKind::Deceased],
        ),
        ("deceased", "YES", vec![FactKind::Deceased]),
        ("deceased", "MAYBE", vec![FactKind::Deceased]),
        ("deceased", "NO", vec![]),
        ("deceaseddate", "null", vec![]),
        ("deceaseddate", "3/4/2023", vec![FactKind::Deceased]),
        ("deceaseddate", "1900-01-01", vec![]),
        ("bankruptcytype", "CHAPTER 7", vec![FactKind::Bankruptcy]),
        ("bankruptcytype", "N/A", vec![]),
        (
            "bankruptcyverificationstatus",
            "PENDING",
            vec![FactKind::Bankruptcy],
        ),
        ("docketnumber", "dgmhdm", vec![FactKind::Bankruptcy]),
        ("datefiled", "10/26/2023", vec![]),
        (
            "attorneyname",
            " ATTORNEY CONTACT",
            vec![FactKind::Attorney],
        ),
        ("attorneyphone", "1112223333", vec![FactKind::Attorney]),
        ("attorneyfees", "0.00", vec![]),
        ("birthdate", "1/25/2006", vec![FactKind::Minor]),
        ("birthdate", "1/24/2006", vec![]),
        ("birthdate", "10/18/65", vec![]),
        ("birthdate", "1/1/1900", vec![]),
    ] {
        assert_eq!(kinds(&with(column, value)), expected, "{column} {value}");
    }
}

#[test]
fn columns_that_close_an_account() {
    for (column, value, expected) in [
        ("dateclosed", "1900-01-01", None),
        ("dateclosed", "2024-01-02", Some(AccountStatus::Closed)),
        ("dateclosed", "closed", Some(AccountStatus::Closed)),
        ("closedreason", "", None),
        (
            "closedreason",
            "Client recall",
            Some(AccountStatus::Recalled),
        ),
        ("closedreason", "other", Some(AccountStatus::Closed)),
        ("statusname", "PIF", Some(AccountStatus::Paid)),
        ("statusname", "UNPAID", None),
        (
            "statusname",
            "Settled In Full",
            Some(AccountStatus::Settled),
        ),
        ("currentbalance", "0.00", Some(AccountStatus::Paid)),
        ("currentbalance", "-12.00", Some(AccountStatus::Paid)),
        ("currentbalance", "809.00", None),
        ("currentbalance", "", None),
    ] {
        assert_eq!(with(column, value).status, expected, "{column} {value}");
    }
    // Reading never opens what something closed.
    assert_ne!(
        record("R1001", &read(BANKRUPT, &[])).status,
        Some(AccountStatus::Open)
    );
}

#[test]
fn one_file_has_one_name() {
    let answers = read(BANKRUPT, &[]);
    let read = |account| scollect().account(account, &answers, None, now());
    assert!(matches!(read("R1001"), Hydrated::Known(_)));
    // The system finds it by this name, too: an account of that name would have counts of its own.
    assert_eq!(read("r1001"), Hydrated::NoSuchAccount);
    assert_eq!(read(" R1001"), Hydrated::NoSuchAccount);
    // Another's file is no answer.
    assert_eq!(read("R1002"), Hydrated::Unreadable);
}

#[test]
fn nobodys_file_and_unreadable_answers() {
    let nobody = |answer: Heard| {
        let mut answers = read(BANKRUPT, &[]);
        answers[0] = answer;
        scollect().account("R1001", &answers, None, now())
    };
    assert_eq!(nobody(result(NOTHING)), Hydrated::NoSuchAccount);
    assert_eq!(nobody(result("[]")), Hydrated::NoSuchAccount);
    assert_eq!(
        nobody(result(r#"[{"error": "x"}, 404]"#)),
        Hydrated::NoSuchAccount
    );
    assert_eq!(
        nobody(result(r#"[{"error": "x"}, 401]"#)),
        Hydrated::Unreadable
    );
    assert_eq!(
        nobody(heard(r#"{"state": "TIMEOUT", "status": "x"}"#)),
        Hydrated::Unreadable
    );
    assert_eq!(nobody(heard("<html>")), Hydrated::Unreadable);

    // No list may be missing: what it holds might forbid.
    for at in 1..6 {
        for (answer, is_read) in [
            (result(r#"{"error": "R1001 does not have any"}"#), true),
            (result(r#"[{"error": "it does not exist"}, 404]"#), true),
            (result(r#"{"error": "database away"}"#), false),
            (result(r#"[{"error": "expired"}, 401]"#), false),
            (result("[1, 2]"), false),
            (heard(r#"{"state": "SUCCESS"}"#), false),
            (
                Heard {
                    status: 500,
                    body: "{}".into(),
                },
                false,
            ),
        ] {
            let mut answers = read(BANKRUPT, &[]);
            answers[at] = answer.clone();
            let read = scollect().account("R1001", &answers, None, now());
            assert_eq!(
                matches!(read, Hydrated::Known(_)),
                is_read,
                "{at} {answer:?}"
            );
        }
    }
    let answers = read(BANKRUPT, &[]);
    assert_eq!(
        scollect().account("R1001", &answers[..5], None, now()),
        Hydrated::Unreadable
    );
}
