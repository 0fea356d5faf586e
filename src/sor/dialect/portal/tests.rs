//! The portal: its documented samples, and what could be made of them.

use super::*;
use crate::domain::intent::ContactPoint;
use crate::domain::phone::PhoneNumber;
use crate::domain::record::{AccountRecord, FactKind, Personal};
use crate::domain::words::Channel;
use crate::sor::catalogue::shipped;
use crate::sor::dialect::fixture::{self, NOW, heard};
use crate::sor::dialect::{Points, Whose};

fn dialect() -> Portal {
    let catalogue = Catalogue::parse(System::Portal, "portal", shipped(System::Portal)).unwrap();
    Portal::new(Arc::new(catalogue))
}

fn call<T>(portal: &Portal, asked: (&str, &str, &str), then: impl FnOnce(&Call<'_>) -> T) -> T {
    fixture::call(&portal.catalogue, asked, then)
}

fn phone(text: &str) -> ContactPoint {
    ContactPoint::Phone(PhoneNumber::parse(text).unwrap())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_correspondence_is_asked_by_its_type() {
    let portal = dialect();
    let client = Whose::Account("7".into());
    let email = |address: &str| ContactPoint::Email(address.into());
    for (body, channel, points, whose) in [
        (
            r#"{"type":"email","client_id":7,"email":{"to":"Test@nomail.com","subject":"s"},
                "sms":{"number":"8185551234"}}"#,
            Channel::Email,
            vec![email("test@nomail.com")],
            client.clone(),
        ),
        (
            r#"{"type":"email","client_id":7,"email":{"to":"a@x.co, b@x.co"}}"#,
            Channel::Email,
            vec![email("a@x.co"), email("b@x.co")],
            client.clone(),
        ),
        (
            r#"{"type":"email","client_id":7}"#,
            Channel::Email,
            vec![ContactPoint::BadEmail],
            client.clone(),
        ),
        // The sample of the documents: no number of the numbering plan.
        (
            r#"{"type":"sms","client_id":7,"sms":{"number":"0(987)654321","tfn_id":"TFN5"}}"#,
            Channel::Sms,
            vec![ContactPoint::BadPhone],
            client.clone(),
        ),
        (
            r#"{"type":"sms","sms":{"number":"(818) 555-1234"}}"#,
            Channel::Sms,
            vec![phone("8185551234")],
            Whose::AskFirst(Request::get("/clients?search=8185551234")),
        ),
        (
            r#"{"type":"email","email":{"to":"a+b@x.co"}}"#,
            Channel::Email,
            vec![email("a+b@x.co")],
            Whose::AskFirst(Request::get("/clients?search=a%2Bb%40x.co")),
        ),
        (
            r#"{"type":"letter","letter":{"content":"c","postal_address":"p"}}"#,
            Channel::Mail,
            vec![ContactPoint::Absent],
            Whose::Unknown,
        ),
        (
            r#"{"type":"fax","client_id":7,"fax":{"fax_number":"8185551234","recipient":"r"}}"#,
            Channel::Fax,
            vec![phone("8185551234")],
            client,
        ),
        (
            r#"{"type":"sms","client_id":7,"client_id":8,"sms":{"number":"8185551234"}}"#,
            Channel::Sms,
            vec![phone("8185551234")],
            Whose::Unknown,
        ),
    ] {
        let asked = ("POST", "/correspondence/send", body);
        let found = call(&portal, asked, |call| portal.contacts(call));
        assert!(
            found
                .iter()
                .all(|one| (one.channel, &one.whose) == (channel, &whose)),
            "{found:?}"
        );
        let reached: Vec<Points> = found.into_iter().map(|one| one.points).collect();
        let points: Vec<Points> = points.into_iter().map(Points::One).collect();
        assert_eq!(reached, points, "{body}");
    }
    let fax =
        r#"{"type":"fax","client_id":7,"attributes":{"fax_number":"8185551234","furnisher":"f"}}"#;
    let created = call(&portal, ("POST", "/correspondence", fax), |call| {
        portal.contacts(call)
    });
    assert_eq!(created.first().map(|one| one.channel), Some(Channel::Fax));
}

/// What cannot be told blocks.
#[test]
fn what_says_no_type_reaches_nobody_known() {
    let portal = dialect();
    for body in [
        "",
        "{}",
        "x",
        r#"{"type":"pigeon","client_id":7}"#,
        r#"{"type":"email","type":"sms","client_id":7,"email":{"to":"a@x.co"}}"#,
    ] {
        let asked = ("POST", "/correspondence/send", body);
        assert!(
            call(&portal, asked, |call| portal.contacts(call)).is_empty(),
            "{body}"
        );
    }
}

#[test]
fn a_search_names_a_client_only_by_the_very_point() {
    let portal = dialect();
    let named = |search: &str, body: &str| {
        portal.named_in(
            &Request::get(format!("/clients?search={search}")),
            &heard(200, body),
        )
    };
    let list = r#"{"data":[{"data":[
        {"id":7,"email":"a@x.co","mobile_phone":"(818) 555-1234","attributes":{}},
        {"id":8,"email":"aa@x.co","attributes":{"HomePhone":"8185551235","Email":"B@x.co"}}]}],
        "links":{},"meta":{"last_page":1}}"#;
    assert_eq!(named("a%40x.co", list), Some("7".into()));
    assert_eq!(named("b%40x.co", list), Some("8".into()));
    assert_eq!(named("8185551234", list), Some("7".into()));
    assert_eq!(named("8185551235", list), Some("8".into()));
    assert_eq!(named("x.co", list), None);
    let two = r#"{"data":[{"id":7,"email":"a@x.co"},{"id":8,"email":"a@x.co"}]}"#;
    assert_eq!(named("a%40x.co", two), None);
    assert_eq!(named("a%40x.co", r#"{"message":"Unauthenticated."}"#), None);
}

const CARD: &str = r#"{"attributes":{"Email":"Ann@x.co","FirstName":"f","MailingState":"tx",
    "MailingPostalCode":2134,"HomePhone":"8185551235","HasOptedOutOfEmail":true,"DoNotCall":"0"},
    "client_key":"k","email":"ann@x.co","id":7,"mobile_phone":"8185551234","ssn":1}"#;

fn read(reads: [(u16, &str); 2]) -> Hydrated {
    let answers = reads.map(|(status, body)| heard(status, body));
    dialect().account("7", &answers, None, NOW)
}

fn known(hydrated: Hydrated) -> AccountRecord {
    match hydrated {
        Hydrated::Known(record) => *record,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_client_becomes_an_account() {
    let reads: Vec<String> = dialect()
        .reads("7")
        .into_iter()
        .map(|read| read.path)
        .collect();
    let list = "/correspondence?client_id=7&sort_by=created_at&sort_direction=desc&per_page=100";
    assert_eq!(reads, ["/clients/7", list]);
    let sent = r#"{"data":[{"id":3,"client_id":7,"type":"sms"},
        {"id":4,"client_id":7,"type":"email","created_at":"2026-05-01T10:00:00Z"},
        {"id":5,"client_id":8,"type":"email","created_at":"2026-05-01T10:00:00Z"}]}"#;
    for card in [CARD.to_owned(), format!(r#"{{"data":{CARD}}}"#)] {
        let record = known(read([(200, &card), (200, sent)]));
        assert_eq!(record.account_id, Some(Personal::from("7")));
        assert_eq!(record.state.unwrap().as_str(), "TX");
        assert_eq!(record.zip, Some(Personal::from("02134")));
        assert_eq!((record.phones.len(), record.emails.len()), (2, 1));
        let facts: Vec<_> = record
            .facts
            .iter()
            .map(|fact| (fact.fact, fact.medium))
            .collect();
        let no_email = Some(crate::domain::words::Medium::Email);
        assert_eq!(facts, [(Some(FactKind::MediumOptOut), no_email)]);
        let calls: Vec<_> = record
            .attempts
            .iter()
            .map(|attempt| attempt.call_id.clone())
            .collect();
        assert_eq!(calls, [Some(Personal::from("correspondence 4"))]);
    }
}

#[test]
fn what_cannot_be_read_is_no_client() {
    for (card, expected) in [
        ((404, "{}"), Hydrated::NoSuchAccount),
        ((200, r#"{"message":"x"}"#), Hydrated::Unreadable),
        ((200, r#"{"id":8,"email":"a@x.co"}"#), Hydrated::Unreadable),
        (
            (401, r#"{"message":"Unauthenticated."}"#),
            Hydrated::Unreadable,
        ),
        ((500, ""), Hydrated::Unreadable),
    ] {
        assert_eq!(read([card, (200, r#"{"data":[]}"#)]), expected, "{card:?}");
    }
    assert_eq!(read([(200, CARD), (500, "")]), Hydrated::Unreadable);
}

#[test]
fn an_update_is_told_once_it_was_made() {
    let portal = dialect();
    let body = r#"{"attributes":{"MailingState":"NY"},"mobile_phone":"8185551234","ssn":"1"}"#;
    let asked = ("PUT", "/customer-portal/clients/7", body);
    let before = call(&portal, asked, |call| portal.tapped(call));
    assert_eq!(before.again, Again::Account("7".into()));
    assert!(before.permit.is_empty() && before.restrict.is_empty());
    let after = call(&portal, asked, |call| {
        portal.tapped_after(call, &heard(200, "{}"))
    });
    let [Line::Account(record)] = after.permit.as_slice() else {
        panic!("{after:?}")
    };
    assert_eq!(
        record.state.map(crate::domain::place::StateCode::as_str),
        Some("NY")
    );
    assert_eq!(record.phones.len(), 1);
    let import = ("POST", "/imports", r#"{"type":"delete","attachment_id":1}"#);
    assert_eq!(
        call(&portal, import, |call| portal.tapped(call)).again,
        Again::All
    );
}

#[test]
fn the_list_of_clients_is_read_page_by_page() {
    let portal = dialect();
    let path = |place: &str| {
        portal
            .everything(&Place(place.into()))
            .map(|read| read.path)
    };
    let page =
        |page: u32| format!("/clients?sort_by=id&sort_direction=asc&page={page}&per_page=100");
    assert_eq!(path(""), Some(page(1)));
    assert_eq!(path("3"), Some(page(3)));
    assert_eq!(path("x"), None);
    let body = r#"{"data":[{"id":7,"email":"a@x.co"}],"meta":{"current_page":2,"last_page":3}}"#;
    let step = |place: &str, body| portal.step(&Place(place.into()), &heard(200, body), None, NOW);
    let second = step("2", body).unwrap();
    assert_eq!(
        (second.accounts, second.next),
        (vec!["7".into()], Some(Place("3".into())))
    );
    assert_eq!(step("3", body).unwrap().next, None);
    assert_eq!(step("1", r#"{"message":"x"}"#), None);
}

#[test]
fn it_logs_in_with_an_address_and_a_password() {
    let portal = dialect();
    let login = portal.login("key", Some("a@x.co:p:w")).unwrap();
    assert_eq!((login.method, login.path.as_str()), ("POST", "/auth/login"));
    let body = String::from_utf8(login.body.unwrap().to_vec()).unwrap();
    assert_eq!(body, r#"{"email":"a@x.co","password":"p:w"}"#);
    assert_eq!(portal.login("key", None), None);
    let token = portal
        .token(&heard(200, r#"{"token":"t","user":{"id":1}}"#))
        .unwrap();
    assert_eq!((token.bearer.as_str(), token.ends), ("t", None));
    assert_eq!(portal.token(&heard(401, r#"{"token":"t"}"#)), None);
}

#[test]
fn it_is_told_by_notes() {
    use crate::domain::outcome::Reported;
    use crate::wire::disposition::Disposition;
    let portal = dialect();
    let said = Outgoing::Outcome(Box::new(Disposition {
        channel: Some(Channel::Email),
        ..Disposition::of(Reported::OptOut)
    }));
    let letters = portal.letters(Some("7"), &said, NOW);
    let [letter] = letters.as_slice() else {
        panic!("{letters:?}")
    };
    assert_eq!((letter.method, letter.path.as_str()), ("POST", "/notes"));
    let body = String::from_utf8(letter.body.clone().unwrap().to_vec()).unwrap();
    let text = "dialgate: email: opt_out at 2026-05-05T18:00:00Z.";
    assert_eq!(body, format!(r#"{{"client_id":7,"note_text":"{text}"}}"#));
    assert!(portal.letters(Some("not a number"), &said, NOW).is_empty());
    assert!(portal.letters(None, &said, NOW).is_empty());
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// No body and no answer makes it panic.
        #[test]
        fn nothing_that_comes_in_panics(
            body in "[\\[{\"a-z_:,}\\]0-9@. ]{0,80}",
            status in 0_u16..700,
            at in 0_usize..40,
        ) {
            let portal = dialect();
            let with_duty = portal.catalogue.routes().iter().filter(|route| route.duty.is_some());
            let routes: Vec<_> = with_duty.collect();
            let route = &routes[at % routes.len()];
            let params: Vec<(&str, &str)> = route.names().map(|name| (name, "7%")).collect();
            let call = Call {
                system: System::Portal,
                duty: route.duty.unwrap(),
                template: &route.template,
                params: &params,
                query: &body,
                content_type: "",
                body: body.as_bytes(),
                public: route.public,
                now: NOW,
            };
            let answer = heard(status, &body);
            portal.contacts(&call);
            portal.tapped(&call);
            portal.tapped_after(&call, &answer);
            portal.named_in(&Request::get(format!("/clients?search={body}")), &answer);
            portal.step(&Place::default(), &answer, None, NOW);
            portal.account("7", &[answer.clone(), answer], None, NOW);
        }
    }
}
