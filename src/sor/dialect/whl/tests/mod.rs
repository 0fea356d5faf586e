//! WHL: contacts, taps, accounts, letters. Bodies are made up, since none is documented.

mod accounts;
mod contacts;
mod tapped;

use super::*;
use crate::sor::catalogue::shipped;
use crate::sor::dialect::fixture::{self, NOW, heard};

pub(super) fn dialect() -> Whl {
    let catalogue = Catalogue::parse(System::Whl, "whl", shipped(System::Whl)).unwrap();
    Whl::new(Arc::new(catalogue)).unwrap()
}

/// Finds the route of a call and hands the call over.
fn call<T>(whl: &Whl, asked: (&str, &str, &str), then: impl FnOnce(&Call<'_>) -> T) -> T {
    fixture::call(&whl.catalogue, asked, then)
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
