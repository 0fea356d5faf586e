//! Envelopes, login, contacts, reading everything, letters.

use base64::Engine as _;
use proptest::prelude::*;

use super::samples::{ATTEMPTS, DAMAGED_TOKEN, NOTHING, call, heard, now, result, scollect};
use super::*;
use crate::domain::outcome::Reported;
use crate::domain::phone::PhoneNumber;
use crate::domain::record::{AccountRecord, FactRecord, Line};
use crate::domain::words::{Action, Channel, Medium, Purpose};
use crate::sor::dialect::{Points, Whose};
use crate::sor::route::Duty;
use crate::wire::disposition::Disposition;

/// Answers with status 200, and what each says.
const BODIES: &[(&str, Verdict)] = &[
    // The shapes of success.
    (
        r#"{"result": {"success": "inserted"}, "state": "SUCCESS"}"#,
        Verdict::Done,
    ),
    (
        r#"{"result": {"Success": "uploaded"}, "state": "SUCCESS"}"#,
        Verdict::Done,
    ),
    (
        r#"{"result": {"success": true}, "state": "SUCCESS"}"#,
        Verdict::Done,
    ),
    (
        r#"{"result": {"data": [{"paymentdate": ""}]}, "state": "SUCCESS"}"#,
        Verdict::Done,
    ),
    (
        r#"{"result": {"access_token": "a.b.c"}, "state": "SUCCESS"}"#,
        Verdict::Done,
    ),
    (
        r#"{"result": [{"filenumber": "R1"}], "state": "SUCCESS"}"#,
        Verdict::Done,
    ),
    (r#"{"result": [{"filenumber": "R1"}]}"#, Verdict::Done),
    (
        r#"{"state": "SUCCESS", "message": "inserted"}"#,
        Verdict::Done,
    ),
    (
        r#"{"result": "APPROVED", "approvalcode": "123", "error": "123"}"#,
        Verdict::Done,
    ),
    (
        r#"{"result": [{"success": "inserted"}, 200], "state": "SUCCESS"}"#,
        Verdict::Done,
    ),
    (
        r#"{"result": {"response": {"ErrorMessage": null, "Errors": null, "Success": true},
                "success": true}, "state": "SUCCESS"}"#,
        Verdict::Done,
    ),
    // The shapes of an error.
    (
        r#"{"result": {"error": "not found"}, "state": "SUCCESS"}"#,
        Verdict::Refused,
    ),
    (
        r#"{"result": {"error": ""}, "state": "SUCCESS"}"#,
        Verdict::Refused,
    ),
    (
        r#"{"result": [{"error": "x"}, 400], "state": "SUCCESS"}"#,
        Verdict::Refused,
    ),
    (
        r#"{"result": [{"error": "x"}, 401], "state": "SUCCESS"}"#,
        Verdict::Refused,
    ),
    (
        r#"{"result": [{"error": "x"}, 404], "state": "SUCCESS"}"#,
        Verdict::Refused,
    ),
    (
        r#"{"result": {"success": false}, "state": "SUCCESS"}"#,
        Verdict::Refused,
    ),
    (
        r#"{"result": {"success": true}, "state": "FAILURE"}"#,
        Verdict::Refused,
    ),
    // What nobody can tell.
    (
        r#"{"state": "TIMEOUT", "status": "one field"}"#,
        Verdict::Unsure,
    ),
    (
        r#"{"result": {"success": true}, "state": "PENDING"}"#,
        Verdict::Unsure,
    ),
    (
        r#"{"result": [{"error": "x"}, 500], "state": "SUCCESS"}"#,
        Verdict::Unsure,
    ),
    (
        r#"{"result": {"result": []}, "state": "SUCCESS"}"#,
        Verdict::Unsure,
    ),
    (r#"{"result": [], "state": "SUCCESS"}"#, Verdict::Unsure),
    (r#"{"result": "done", "state": "SUCCESS"}"#, Verdict::Unsure),
    (
        r#"{"result": {"success": null}, "state": "SUCCESS"}"#,
        Verdict::Unsure,
    ),
    (
        r#"{"result": {"success": "yes", "error": "no"}, "state": "SUCCESS"}"#,
        Verdict::Unsure,
    ),
    (
        r#"{"result": {"response": {"Success": false}, "success": true}, "state": "SUCCESS"}"#,
        Verdict::Unsure,
    ),
    (r#"{"state": "SUCCESS"}"#, Verdict::Unsure),
    ("[]", Verdict::Unsure),
    ("<html>", Verdict::Unsure),
    ("", Verdict::Unsure),
];

#[test]
fn the_envelope_tells_and_the_status_only_where_it_is_an_error() {
    use Verdict::{Refused, Unsure};
    for (body, expected) in BODIES {
        assert_eq!(scollect().verdict(&heard(body)), *expected, "{body}");
    }
    let done = r#"{"result": {"success": "inserted"}, "state": "SUCCESS"}"#;
    for (status, body, expected) in [
        (400, r#"{"msg": "x"}"#, Refused),
        (401, "", Refused),
        (422, "<html>", Refused),
        (404, done, Unsure),
        (408, "", Unsure),
        (429, "", Unsure),
        (500, done, Unsure),
        (502, r#"{"result": {"error": "x"}}"#, Unsure),
        (302, done, Unsure),
    ] {
        let heard = Heard {
            status,
            body: body.into(),
        };
        assert_eq!(scollect().verdict(&heard), expected, "{status} {body}");
    }
}

#[test]
fn login_takes_key_and_pin_and_the_token_its_end() {
    let request = scollect().login("key", Some("C2C")).unwrap();
    assert_eq!((request.method, &*request.path), ("POST", "/login"));
    assert_eq!(request.body.unwrap(), r#"{"apikey":"key","pin":"C2C"}"#);
    assert_eq!(scollect().login("key", None), None);

    let token =
        |bearer: &str| scollect().token(&result(&format!(r#"{{"access_token": "{bearer}"}}"#)));
    let damaged = token(DAMAGED_TOKEN).unwrap();
    assert_eq!(
        (damaged.bearer.as_str(), damaged.ends),
        (DAMAGED_TOKEN, None)
    );
    let jwt = |claims: &str| {
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
        token(&format!("e30.{payload}.c2ln")).unwrap().ends
    };
    assert_eq!(
        jwt(r#"{"iat": 1742222907, "exp": 1742223807}"#),
        Some(UnixSeconds(1_742_223_807))
    );
    // As the sample says it: it ends before it begins.
    assert_eq!(jwt(r#"{"iat": 1742222907, "exp": 1742222807}"#), None);
    assert_eq!(jwt(r#"{"exp": "soon"}"#), None);
    assert_eq!(token("a\\r\\nb"), None);
    assert_eq!(token(""), None);
    assert_eq!(scollect().token(&result(r#"[{"error": "x"}, 401]"#)), None);
}

#[test]
fn a_text_goes_to_whatever_numbers_the_system_chooses() {
    let text = |body: &str| scollect().contacts(&call(Duty::SendTemplateText, body));
    let contacts = text(
        r#"{"filenumber": " r316620", "textTemplate": "Missed 1", "messageType": "Multicast",
            "sbt_env": "LIVE"}"#,
    );
    let expected = Contacting {
        whose: Whose::Account("R316620".into()),
        channel: Channel::Sms,
        action: Action::Text,
        purpose: Purpose::Collection,
        points: Points::AllOfAccount,
    };
    assert_eq!(contacts, [expected]);
    let asked = Call {
        query: "filenumber=R2",
        ..call(Duty::SendTemplateText, r#"{"filenumber": "R1"}"#)
    };
    assert_eq!(scollect().contacts(&asked), []);
    assert_eq!(
        text(r#"{"filenumber": 316620}"#)[0].whose,
        Whose::Account("316620".into())
    );
    // Which of two accounts the system would take, nobody can tell.
    for body in [
        r#"{"filenumber": "R1", "filenumber": "R2"}"#,
        r#"{"filenumber": "R1", "FileNumber": "R2"}"#,
        r#"{"filenumber": ["R1"]}"#,
        r#"{"filenumber": ""}"#,
        "{}",
    ] {
        assert_eq!(text(body)[0].whose, Whose::Unknown, "{body}");
    }
    assert_eq!(text("filenumber=R1"), []);
    let body = r#"{"filenumber": "R1"}"#;
    let form = Call {
        content_type: "application/x-www-form-urlencoded",
        ..call(Duty::SendTemplateText, body)
    };
    assert_eq!(scollect().contacts(&form), []);
}

#[test]
fn an_email_names_its_accounts_in_a_list() {
    let mail = |body: &str| {
        let contacts = scollect().contacts(&call(Duty::SendTemplateEmail, body));
        let whose = contacts
            .iter()
            .map(|c| (c.whose.clone(), c.channel, c.points.clone()));
        whose.collect::<Vec<_>>()
    };
    let to = |account: &str| {
        (
            Whose::Account(account.into()),
            Channel::Email,
            Points::OfAccount,
        )
    };
    assert_eq!(
        mail(
            r#"{"sendType": "email", "emailTemplate": "t", "referenceNumbers": ["R1", "R2", "r1"],
                "updateap": false}"#
        ),
        [to("R1"), to("R2")]
    );
    assert_eq!(
        mail(r#"{"sendType": "Email", "referenceNumbers": "R1"}"#),
        [to("R1")]
    );
    let unknown = (Whose::Unknown, Channel::Email, Points::OfAccount);
    for body in [
        r#"{"sendType": "email"}"#,
        r#"{"sendType": "email", "referenceNumbers": []}"#,
        r#"{"sendType": "email", "referenceNumbers": [["R1"]]}"#,
    ] {
        assert_eq!(mail(body), std::slice::from_ref(&unknown), "{body}");
    }
    assert_eq!(
        mail(r#"{"sendType": "sms", "referenceNumbers": ["R1"]}"#),
        []
    );
    assert_eq!(mail(r#"{"referenceNumbers": ["R1"]}"#), []);
}

#[test]
fn an_answer_names_an_account_when_it_names_one() {
    let named = |answer: &Heard| scollect().named_in(&Request::get("/searchbyphone"), answer);
    let one = result(r#"{"success": [{"filenumber": "R1005", "state": "MT", "zip": "79843"}]}"#);
    assert_eq!(named(&one).as_deref(), Some("R1005"));
    let two = result(r#"{"success": [{"filenumber": "R1005"}, {"filenumber": "R1006"}]}"#);
    assert_eq!(named(&two), None);
    assert_eq!(named(&result(r#"[{"error": "x"}, 404]"#)), None);
    assert_eq!(named(&result(NOTHING)), None);
}

#[test]
fn everything_is_read_portfolio_by_portfolio() {
    let list = result(
        r#"[{"client": "C2C", "id": 707, "portfolio": "C2CLA 12.1.22"},
            {"client": "C2C", "id": 708, "portfolio": "C2C PDL TEST"},
            {"client": "Other", "id": 710, "portfolio": "C2C PDL TEST"}]"#,
    );
    let step = |place: &Place, heard: &Heard| scollect().step(place, heard, None, now());
    let mut place = Place::default();
    let mut visited = Vec::new();
    // Two portfolios are five steps; a step that leads back would have no end.
    for _ in 0..8 {
        let request = scollect().everything(&place).unwrap();
        let answer = match &request.body {
            None => {
                assert_eq!(
                    (request.method, &*request.path),
                    ("GET", "/getportfoliolist")
                );
                list.clone()
            }
            Some(body) => {
                assert_eq!(request.path, "/get_accounts_in_portfolio");
                visited.push(String::from_utf8(body.to_vec()).unwrap());
                result(
                    r#"[{"lotno": "R1050", "MM State": "AL"}, {"lotno": "R1051"}, {"lotno": ""}]"#,
                )
            }
        };
        let told = step(&place, &answer).unwrap();
        assert_eq!(told.lines, []);
        assert_eq!(
            told.accounts.len(),
            if request.body.is_some() { 2 } else { 0 }
        );
        match told.next {
            Some(next) => place = next,
            None => break,
        }
    }
    assert_eq!(
        visited,
        [
            r#"{"portfolio":"C2C PDL TEST"}"#,
            r#"{"portfolio":"C2CLA 12.1.22"}"#
        ]
    );
    // What cannot be read is tried again; what is refused is passed over.
    let within = Place("in:C2C PDL TEST".to_owned());
    assert_eq!(step(&Place::default(), &heard("<html>")), None);
    assert_eq!(step(&within, &heard("")), None);
    let passed = step(&within, &result(r#"{"error": "Missing"}"#)).unwrap();
    assert_eq!(passed.next, Some(Place("after:C2C PDL TEST".to_owned())));
}

fn told(what: &Outgoing) -> Vec<(String, serde_json::Value)> {
    let letters = scollect().letters(Some("R1000"), what, now());
    let body = |letter: &Request| serde_json::from_slice(letter.body.as_ref().unwrap()).unwrap();
    letters
        .iter()
        .map(|l| (format!("{} {}", l.method, l.path), body(l)))
        .collect()
}

fn outcome(said: Disposition) -> Outgoing {
    Outgoing::Outcome(Box::new(said))
}

#[test]
fn outcomes_become_attempts_permissions_and_lines() {
    let number = PhoneNumber::parse("7166289899").ok();
    let by_phone = |reported| Disposition {
        phone: number,
        agent_id: Some("agent".into()),
        ..Disposition::of(reported)
    };
    let letters = told(&outcome(by_phone(Reported::Voicemail)));
    assert_eq!(letters.len(), 1);
    let (path, body) = &letters[0];
    assert_eq!(path, "POST /insertattempt");
    assert_eq!(
        body,
        &serde_json::json!({
            "phonenumber": "716-628-9899", "dispo": "LEFT MESSAGE MACHINE", "agent": "agent",
            "type": "DIALGATE", "filenumber": "R1000",
        })
    );
    assert_eq!(told(&outcome(by_phone(Reported::NotDialed))), []);
    let paths = |what: &Outgoing| {
        told(what)
            .into_iter()
            .map(|(path, _)| path)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        paths(&outcome(by_phone(Reported::WrongNumber))),
        [
            "POST /insertattempt",
            "PUT /updatephone",
            "POST /InsertNoteline"
        ]
    );
    let stop = Disposition {
        channel: Some(Channel::Sms),
        ..by_phone(Reported::OptOut)
    };
    let letters = told(&outcome(stop));
    assert_eq!(letters[0].0, "POST /InsertNoteline");
    assert_eq!(letters[1].0, "PUT /updatepermissions");
    assert_eq!(letters[1].1["fieldname"], "donottext");
    assert_eq!(letters[1].1["fieldvalue"], "1");
}

#[test]
fn facts_and_lists_are_told_where_there_is_a_place() {
    let texts = FactRecord {
        medium: Some(Medium::Texts),
        ..conditions::stated(crate::domain::record::FactKind::MediumOptOut)
    };
    let line = Line::Account(Box::new(AccountRecord {
        facts: vec![texts],
        ..AccountRecord::default()
    }));
    let letters = told(&Outgoing::Stated(Box::new(line)));
    assert_eq!(letters[0].1["fieldname"], "donottext");
    assert_eq!(letters[1].0, "POST /InsertNoteline");
    let listed = Outgoing::DoNotCall {
        phone: "7166289899".to_owned(),
        on: true,
        reason: Some("asked by CLAUDIA".to_owned()),
    };
    let letters = told(&listed);
    assert_eq!(letters[0].1["phonestatus"], "DO NOT CALL");
    let note = letters[1].1["logmessage"].as_str().unwrap();
    assert!(!note.contains("CLAUDIA") && !note.contains("716"), "{note}");
    assert_eq!(scollect().letters(None, &listed, now()), []);
}

#[test]
fn every_letter_is_confirmed_by_the_answers_of_its_route() {
    for body in [
        r#"{"success": "Attempt inserted"}"#,
        r#"{"success": "Account permissions updated"}"#,
        r#"{"success": "Dbase updated"}"#,
    ] {
        assert_eq!(scollect().verdict(&result(body)), Verdict::Done);
    }
}

/// JSON of any shape, with the names that mean something in it.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let word = prop::sample::select(vec![
        "result",
        "state",
        "success",
        "Success",
        "error",
        "filenumber",
        "filename",
        "fieldname",
        "fieldvalue",
        "statusname",
        "deceased",
        "SUCCESS",
        "R1",
        "1900-01-01",
        "date",
        "time",
        "404",
        "phonenumber",
        "716-628-9899",
        "dispo",
        "referenceNumbers",
        "sendType",
        "email",
        "portfolio",
    ]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        word.clone().prop_map(Into::into),
        "\\PC{0,20}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((word.clone(), inner), 0..6).prop_map(|pairs| {
                let pairs = pairs
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                serde_json::Value::Object(pairs.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_makes_it_panic_and_every_line_is_in_form(
        bodies in prop::collection::vec(any_json(), 6), tail in "\\PC{0,8}",
    ) {
        let heard: Vec<Heard> = bodies.iter().map(|body| result(&body.to_string())).collect();
        let plain = Heard { status: 200, body: format!("{}{tail}", bodies[0]).into() };
        let _verdict = scollect().verdict(&plain);
        let _token = scollect().token(&plain);
        let _step = scollect().step(&Place::default(), &heard[0], None, now());
        if let Hydrated::Known(record) = scollect().account("R1", &heard, None, now()) {
            prop_assert_eq!(crate::wire::ingest::check(&mut Line::Account(record)), Ok(()));
        }
        let body = bodies[1].to_string();
        for duty in Duty::ALL {
            let call = call(*duty, &body);
            let _contacts = scollect().contacts(&call);
            let tapped = scollect().tapped(&call);
            let undos = tapped.restrict.iter().filter_map(|change| change.undo.clone());
            let applied = tapped.restrict.iter().map(|change| change.apply.clone());
            for mut line in applied.chain(undos).chain(tapped.permit.clone()) {
                prop_assert_eq!(crate::wire::ingest::check(&mut line), Ok(()));
            }
        }
    }

    #[test]
    fn rows_are_the_same_in_every_shape(count in 0_usize..4) {
        let rows: Vec<_> = (0..count).map(|n| format!(r#"{{"lotno": "R{n}"}}"#)).collect();
        let rows = format!("[{}]", rows.join(","));
        let expected = envelope::rows(&result(&rows));
        for name in ["result", "success", "Success", "data", "rows"] {
            let inner = envelope::rows(&result(&format!(r#"{{"{name}": {rows}}}"#)));
            prop_assert_eq!(&inner, &expected);
        }
        prop_assert_eq!(&envelope::rows(&heard(&format!(r#"{{"result": {rows}}}"#))), &expected);
    }
}

#[test]
fn an_agency_adds_words_and_every_fault_is_named() {
    let all = crate::sor::catalogue::Catalogues::read(None).unwrap();
    let shipped = all.of(System::Scollect);
    assert!(Scollect::new(Arc::new(shipped.clone())).is_ok());
    let catalogue = |words: &[(&str, &str)], fields: &[&str]| {
        let mut changed = shipped.clone();
        let list = |(key, word): &(&str, &str)| ((*key).to_owned(), vec![(*word).to_owned()]);
        changed.words = words.iter().map(list).collect();
        changed.fields = fields
            .iter()
            .map(|f| ((*f).to_owned(), Vec::new()))
            .collect();
        Arc::new(changed)
    };
    let own = Scollect::new(catalogue(&[("bankruptcy", "Z-17*"), ("sold", "XFER")], &[])).unwrap();
    let body = r#"{"filenumber": "R1", "fieldname": "statusname", "fieldvalue": "z 17b / xfer"}"#;
    let told = |dialect: &Scollect| {
        dialect
            .tapped(&call(Duty::UpdateAccount, body))
            .restrict
            .len()
    };
    assert_eq!((told(&own), told(&scollect())), (2, 0));

    let findings = Scollect::new(catalogue(&[("bankrupt", "x"), ("cease", "!")], &["phone"]));
    let mut said: Vec<String> = findings
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect();
    said.sort();
    assert_eq!(
        said,
        [
            "bankrupt: is no key",
            "cease: has a word that cannot be looked for",
            "phone: is no key"
        ]
    );
}

/// Where an installation's paths differ, the gateway's own requests go there, too.
#[test]
fn the_catalogue_says_where_its_own_requests_go() {
    let text = crate::sor::catalogue::shipped(System::Scollect)
        .replace("/getnotes/{filenumber}", "/v2/notes/{filenumber}")
        .replace("\"/login\"", "\"/v2/login\"")
        .replace("\"/getportfoliolist\"", "\"/v2/portfolios\"")
        .replace("\"/insertattempt\"", "\"/v2/attempts\"");
    let catalogue = Catalogue::parse(System::Scollect, "own", &text).unwrap();
    let own = Scollect::new(Arc::new(catalogue)).unwrap();
    let reads = own.reads("R1");
    assert_eq!((reads.len(), &*reads[4].path), (6, "/v2/notes/R1"));
    assert_eq!(own.login("k", Some("p")).unwrap().path, "/v2/login");
    let list = own.everything(&Place::default()).unwrap();
    assert_eq!((list.method, &*list.path), ("GET", "/v2/portfolios"));
    let said = Disposition {
        phone: PhoneNumber::parse("2125550100").ok(),
        ..Disposition::of(Reported::NoAnswer)
    };
    let letters = own.letters(Some("R1"), &Outgoing::Outcome(Box::new(said)), now());
    assert_eq!(letters[0].path, "/v2/attempts");
    // Without the route of one of its reads an account is not read.
    let text = text.replace(", duty = \"notes\"", "");
    let catalogue = Catalogue::parse(System::Scollect, "own", &text).unwrap();
    let less = Scollect::new(Arc::new(catalogue)).unwrap();
    let answers = vec![result(NOTHING); less.reads("R1").len()];
    let read = less.account("R1", &answers, None, now());
    assert_eq!((answers.len(), read), (5, Hydrated::Unreadable));
}

#[test]
fn the_sample_of_attempts_reads_in_both_shapes() {
    let nested = envelope::rows(&result(ATTEMPTS));
    let flat = serde_json::from_str::<serde_json::Value>(ATTEMPTS).unwrap()["result"].to_string();
    assert_eq!(nested, envelope::rows(&result(&flat)));
    let envelope::Rows::Found(rows) = nested else {
        panic!("rows");
    };
    assert_eq!(rows.len(), 3);
}
