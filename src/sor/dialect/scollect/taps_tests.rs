//! What follows from calls that change something.

use super::samples::{call, scollect};
use super::*;
use crate::domain::record::{AccountRecord, FactKind, Line};
use crate::domain::words::{AccountStatus, Action, ApprovalState, Medium, Outcome};
use crate::sor::dialect::{Again, Change};
use crate::sor::route::Duty;

fn account(line: &Line) -> &AccountRecord {
    match line {
        Line::Account(record) => record,
        other => panic!("{other:?}"),
    }
}

fn kind(line: &Line) -> Option<FactKind> {
    account(line).facts.first()?.fact
}

fn tapped(duty: Duty, body: &str) -> Tapped {
    scollect().tapped(&call(duty, body))
}

fn set(duty: Duty, field: &str, value: &str) -> Tapped {
    let body = serde_json::json!({
        "filenumber": "r1000", "fieldname": field, "fieldvalue": value,
    });
    tapped(duty, &body.to_string())
}

fn kinds(changes: &[Change]) -> Vec<FactKind> {
    changes
        .iter()
        .filter_map(|change| kind(&change.apply))
        .collect()
}

#[test]
fn permissions_that_forbid() {
    for (field, value, expected) in [
        ("cantext", "0", vec![FactKind::Approval]),
        ("cantext", "1", vec![]),
        ("cantext", "perhaps", vec![FactKind::Approval]),
        ("cantext", "", vec![FactKind::Approval]),
        ("donottext", "1", vec![FactKind::MediumOptOut]),
        ("donottext", "0", vec![]),
        ("donottext", "perhaps", vec![FactKind::MediumOptOut]),
        ("canemail", "0", vec![FactKind::Approval]),
        ("donotemail", "1", vec![FactKind::MediumOptOut]),
        (
            "cancallcell",
            "0",
            vec![FactKind::Approval, FactKind::Approval],
        ),
        ("callwork", "Allowed", vec![]),
        ("callwork", "Not Allowed", vec![FactKind::EmployerProhibits]),
        ("CONT_DEBTOR", "0", vec![FactKind::Cease]),
        ("cont_debtor", "1", vec![]),
        ("callspouse", "0", vec![]),
        ("hotnotes", "x", vec![]),
    ] {
        let told = set(Duty::UpdatePermissions, field, value);
        assert_eq!(kinds(&told.restrict), expected, "{field} {value}");
        for change in &told.restrict {
            assert_eq!(
                account(&change.apply).account_id.as_ref().unwrap().as_str(),
                "R1000"
            );
            assert!(change.undo.is_some());
        }
    }
}

#[test]
fn of_an_opposite_pair_either_forbids_and_only_the_agencys_half_is_given_back() {
    let forbids = |field: &str, value: &str| {
        set(Duty::UpdatePermissions, field, value).restrict[0]
            .apply
            .clone()
    };
    let (agency, consumer) = (forbids("cantext", "0"), forbids("donottext", "1"));
    let refused = &account(&agency).facts[0];
    assert_eq!(
        (refused.action, refused.approval),
        (Some(Action::Text), Some(ApprovalState::Refused))
    );
    assert_eq!(account(&consumer).facts[0].medium, Some(Medium::Texts));
    // Given back: the agency's word, as if it had not been said. It approves nothing.
    let given = set(Duty::UpdatePermissions, "cantext", "1");
    assert_eq!(given.permit.len(), 1);
    assert_eq!(
        account(&given.permit[0]).facts[0].approval,
        Some(ApprovalState::Pending)
    );
    for (field, value) in [
        ("donottext", "0"),
        ("cont_debtor", "1"),
        ("callwork", "Allowed"),
    ] {
        let told = set(Duty::UpdatePermissions, field, value);
        assert_eq!((told.restrict, told.permit), (vec![], vec![]), "{field}");
    }
}

#[test]
fn columns_restrict_at_once_and_lift_what_the_system_owns() {
    for (field, value, expected) in [
        ("statusname", "Bankruptcy", vec![FactKind::Bankruptcy]),
        ("StatusName", "ATTORNEY REP", vec![FactKind::Attorney]),
        ("deceased", "YES", vec![FactKind::Deceased]),
        ("bankruptcytype", "13", vec![FactKind::Bankruptcy]),
        ("attorneyname", "X", vec![FactKind::Attorney]),
        ("firstname", "IVANA", vec![]),
        ("attorneyname", " ", vec![]),
    ] {
        let told = set(Duty::UpdateAccount, field, value);
        assert_eq!(kinds(&told.restrict), expected, "{field} {value}");
        assert_eq!(told.permit, [], "{field} {value}");
        assert_eq!(told.again, Again::Account("R1000".into()));
        let undo = told
            .restrict
            .first()
            .and_then(|change| change.undo.as_ref());
        assert!(undo.is_none_or(|undo| account(undo).facts[0].lifted == Some(true)));
    }
    let alive = set(Duty::UpdateAccount, "deceased", "NO");
    assert_eq!(alive.restrict, []);
    let lifted = &account(&alive.permit[0]).facts[0];
    assert_eq!(
        (lifted.fact, lifted.lifted),
        (Some(FactKind::Deceased), Some(true))
    );
    assert!(lifted.reason.is_some());
    for (field, value) in [
        ("state", "GA"),
        ("zip", "30301-1234"),
        ("emailaddress", "A@B.co"),
    ] {
        let told = set(Duty::UpdateAccount, field, value);
        assert_eq!((told.restrict.len(), told.permit.len()), (0, 1), "{field}");
    }
    assert_eq!(set(Duty::UpdateAccount, "state", "ST").permit, []);
}

#[test]
fn closing_closes_and_only_a_plain_sentinel_opens() {
    let status = |line: &Line| account(line).status;
    for (field, value, expected) in [
        ("dateclosed", "2024-01-20", AccountStatus::Closed),
        ("closedreason", "SOLD", AccountStatus::Sold),
        ("statusname", "Recalled by client", AccountStatus::Recalled),
    ] {
        let told = set(Duty::UpdateAccount, field, value);
        let change = told.restrict.last().unwrap();
        assert_eq!(status(&change.apply), Some(expected), "{field}");
        // What it was before is not known here.
        assert_eq!(change.undo, None);
    }
    let opened = set(Duty::UpdateAccount, "dateclosed", "1900-01-01");
    assert_eq!(opened.restrict, []);
    assert_eq!(status(&opened.permit[0]), Some(AccountStatus::Open));
    assert!(account(&opened.permit[0]).reason.is_some());
    let blank = set(Duty::UpdateAccount, "dateclosed", "");
    assert_eq!((blank.restrict, blank.permit), (vec![], vec![]));
}

#[test]
fn numbers_are_put_on_file_once_confirmed_and_forbidden_at_once() {
    let body = |status: &str| {
        format!(
            r#"{{"filenumber": "R1000", "phonenumber": "716-628-9899", "phonetype": "CELL",
                "phonestatus": "{status}", "source": "LOAD"}}"#
        )
    };
    let good = tapped(Duty::InsertPhone, &body("UNKNOWN"));
    assert_eq!(good.restrict, []);
    let phone = &account(&good.permit[0]).phones[0];
    assert_eq!(phone.number.as_ref().unwrap().as_str(), "+17166289899");
    assert_eq!(good.again, Again::Account("R1000".into()));

    for duty in [Duty::InsertPhone, Duty::UpdatePhone] {
        let dead = tapped(duty, &body("Disconnected"));
        assert_eq!(
            kinds(&dead.restrict),
            [FactKind::ContactOptOut, FactKind::ContactOptOut]
        );
        assert_eq!(dead.permit, []);
        let wrong = tapped(duty, &body("WRONG NUMBER"));
        assert_eq!(
            account(&wrong.restrict[0].apply).phones[0].wrong,
            Some(true)
        );
        assert_eq!(wrong.permit, []);
        // A number that was never put on file stays forbidden.
        assert_eq!(wrong.restrict[0].undo.is_some(), duty == Duty::UpdatePhone);
        let listed = tapped(duty, &body("DO NOT CALL"));
        assert_eq!(kinds(&listed.restrict), [FactKind::DoNotCall]);
        assert_eq!(listed.permit, []);
    }
    // No number of the numbering plan: there is nothing to say of it.
    let none = tapped(
        Duty::UpdatePhone,
        r#"{"filenumber": "R1000", "phonenumber": "123-456-7890"}"#,
    );
    assert_eq!((none.restrict, none.permit), (vec![], vec![]));
}

#[test]
fn an_attempt_counts_and_what_it_says_stays() {
    let body = |dispo: &str, kind: &str| {
        format!(
            r#"{{"phonenumber": "716-628-9899", "dispo": "{dispo}", "agent": "agent",
                "type": "{kind}", "filenumber": "R1000"}}"#
        )
    };
    let told = tapped(Duty::InsertAttempt, &body("SPOKE TO DEBTOR", "MANUAL"));
    let [change] = &*told.restrict else {
        panic!("one");
    };
    let attempt = &account(&change.apply).attempts[0];
    assert_eq!(
        (attempt.outcome, attempt.at),
        (Some(Outcome::Conversation), Some(samples::now()))
    );
    // Whether or not the system takes it down, it happened.
    assert_eq!(
        (&change.undo, told.permit.len(), told.again),
        (&None, 0, Again::Nothing)
    );
    let told = tapped(Duty::InsertAttempt, &body("DECEASED", "MANUAL"));
    assert_eq!(kinds(&told.restrict), [FactKind::Deceased]);
    assert!(told.restrict.iter().all(|change| change.undo.is_none()));
    // The gateway's own letter, should it come this way.
    assert_eq!(
        tapped(Duty::InsertAttempt, &body("NO ANSWER", "DIALGATE")).restrict,
        []
    );
}

#[test]
fn payments_have_the_account_read_again() {
    let body = r#"{"filenumber": "r456456", "paymentdata": [{"paymentdate": "2025-09-01"}]}"#;
    let told = tapped(Duty::Payment, body);
    assert_eq!(told.again, Again::Account("R456456".into()));
    assert_eq!((told.restrict, told.permit), (vec![], vec![]));
}

#[test]
fn a_body_of_two_accounts_restricts_both_and_permits_for_none() {
    let body = |value: &str| {
        format!(
            r#"{{"filenumber": "R1", "filename": "R2", "fieldname": "deceased",
                "fieldvalue": "{value}"}}"#
        )
    };
    let told = tapped(Duty::UpdateAccount, &body("YES"));
    assert_eq!(
        kinds(&told.restrict),
        [FactKind::Deceased, FactKind::Deceased]
    );
    assert_eq!(told.again, Again::All);
    assert_eq!(tapped(Duty::UpdateAccount, &body("NO")).permit, []);
}

#[test]
fn nothing_is_permitted_by_whoever_knows_the_path() {
    let body = r#"{"filenumber": "R1", "fieldname": "deceased", "fieldvalue": "NO"}"#;
    let public = Call {
        public: true,
        ..call(Duty::UpdateAccount, body)
    };
    assert_eq!(scollect().tapped(&public).permit, []);
    for (body, is_unreadable) in [
        ("", true),
        ("[]", true),
        ("{}", false),
        ("filenumber=R1", true),
    ] {
        let none = Tapped {
            is_unreadable,
            ..Tapped::default()
        };
        assert_eq!(tapped(Duty::UpdateAccount, body), none, "{body}");
    }
}

/// A form, a list or a query may say what a JSON object would have said.
#[test]
fn a_change_that_is_not_told_in_json_is_not_sent() {
    let told = |body: &str, kind: &'static str, query: &'static str, duty| {
        let asked = Call {
            content_type: kind,
            query,
            ..call(duty, body)
        };
        scollect().tapped(&asked)
    };
    let right = r#"{"filenumber":"R1","fieldname":"donottext","fieldvalue":"1"}"#;
    let json = "application/json; charset=utf-8";
    let plain = told(right, json, "", Duty::UpdatePermissions);
    assert!(!plain.is_unreadable && !plain.restrict.is_empty());
    // A query that names nothing of it says nothing.
    let beside = told(right, json, "a=1;b&c=%20", Duty::UpdatePermissions);
    assert_eq!(beside.restrict, plain.restrict);
    let form = "filenumber=R1&fieldname=donottext&fieldvalue=1";
    for (body, kind, query) in [
        (form, "application/x-www-form-urlencoded", ""),
        (form, "", ""),
        (right, "text/plain", ""),
        (right, json, "fieldvalue=1"),
        (right, json, "a=1&%46ileNumber=R2"),
        (right, json, "%ff=1"),
        ("[{}]", json, ""),
        ("", "", form),
    ] {
        let tapped = told(body, kind, query, Duty::UpdatePermissions);
        assert!(
            tapped.is_unreadable && tapped.restrict.is_empty(),
            "{body} {kind}"
        );
        let paid = told(body, kind, query, Duty::Payment);
        assert_eq!(
            (paid.is_unreadable, paid.again),
            (false, Again::All),
            "{body}"
        );
    }
}
