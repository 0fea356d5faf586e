//! Every code of the checks, and both sides of every bound.

use super::kinds;
use super::limits::{ATTEMPTS_MAX, DEBTS_MAX, EMAILS_MAX, FACTS_MAX, PARTIES_MAX, PHONES_MAX};
use super::row;
use crate::domain::record::FactKind;

/// `ok`, or the field and code.
fn read(text: &str) -> String {
    match row::read(text.as_bytes()) {
        Ok(_) => "ok".to_owned(),
        Err(fault) => format!("{} {}", fault.field, fault.code.as_str()),
    }
}

fn account(fields: &str) -> String {
    read(&format!("{{\"account_id\":\"a\",{fields}}}"))
}

fn fact(fields: &str) -> String {
    account(&format!("\"facts\":[{{{fields}}}]"))
}

const FORMS: &[(&str, &str)] = &[
    (r"{}", "account_id MISSING"),
    (r#"["a"]"#, " WRONG_TYPE"),
    (r#"{"account_id":"a""#, " INVALID_JSON"),
    (r#"{"account_id":"a"} {}"#, " INVALID_JSON"),
    (r#"{"account_id":"a","account_id":"b"}"#, " DUPLICATE_FIELD"),
    (
        r#"{"account_id":"a","state":"Georgia"}"#,
        "state UNKNOWN_WORD",
    ),
    (r#"{"account_id":"a","status":7}"#, "status WRONG_TYPE"),
    (
        r#"{"account_id":"a","shoe_size":7}"#,
        "shoe_size UNKNOWN_FIELD",
    ),
    (r#"{"account_id":"a","404-555-0100":7}"#, "? UNKNOWN_FIELD"),
    (
        r#"{"account_id":"a","phones":[{"number":"4045550100"},{"number":7}]}"#,
        "phones.1.number WRONG_TYPE",
    ),
    (
        r#"{"account_id":"a","facts":[{"fact":"cease","at":"yesterday"}]}"#,
        "facts.0.at INVALID_DATE",
    ),
    (
        r#"{"account_id":"a","facts":[{"fact":"bankruptcy","chapter":300}]}"#,
        "facts.0.chapter OUT_OF_RANGE",
    ),
    (
        r#"{"account_id":"a","facts":[{"fact":"inconvenient_time","periods":[{"from":"9","to":"10:00"}]}]}"#,
        "facts.0.periods.0.from INVALID_TIME",
    ),
    (r#"{"record":"bill"}"#, "record UNKNOWN_WORD"),
    (
        r#"{"record":"attempt","account_id":"a","fact":"cease"}"#,
        "fact UNKNOWN_FIELD",
    ),
    (r#"{"record":"attempt","account_id":7}"#, " DUPLICATE_FIELD"),
    (
        r#"{"record":"kill","scope":"state","value":"GA"}"#,
        "on MISSING",
    ),
    (r#"{"record":"clock_accept","on":true}"#, "on UNKNOWN_FIELD"),
    (r#"{"record":"account","account_id":"a","zip":null}"#, "ok"),
    (r#"{"account_id":"record","creditor":"\"record\""}"#, "ok"),
];

/// WIRE-2: a field is named where its name can be nothing else.
#[test]
fn what_types_refuse_is_named() {
    for (text, expected) in FORMS {
        assert_eq!(read(text), *expected, "{text}");
    }
}

type Item<'a> = &'a dyn Fn(usize) -> String;

#[test]
fn texts_and_lists_are_bounded() {
    for (len, expected) in [
        (0, "creditor EMPTY"),
        (1, "ok"),
        (64, "ok"),
        (65, "creditor TOO_LONG"),
    ] {
        assert_eq!(
            account(&format!(
                "\"creditor\":\"{}\"",
                "é".repeat(len / 2) + &"x".repeat(len % 2)
            )),
            expected
        );
    }
    let list = |name: &str, count: usize, item: Item<'_>| {
        let items: Vec<_> = (0..count).map(item).collect();
        account(&format!("\"{name}\":[{}]", items.join(",")))
    };
    let bounds: [(&str, usize, Item<'_>); 6] = [
        ("attempts", ATTEMPTS_MAX, &|_| {
            r#"{"at":"2026-05-05T18:00:00Z","outcome":"sent"}"#.to_owned()
        }),
        ("debts", DEBTS_MAX, &|n| format!("{{\"debt_id\":\"{n}\"}}")),
        ("emails", EMAILS_MAX, &|n| {
            format!("{{\"address\":\"a{n}@b.co\"}}")
        }),
        ("facts", FACTS_MAX, &|_| r#"{"fact":"cease"}"#.to_owned()),
        ("parties", PARTIES_MAX, &|n| {
            format!("{{\"person_id\":\"{n}\",\"role\":\"spouse\"}}")
        }),
        ("phones", PHONES_MAX, &|n| {
            format!("{{\"number\":\"40455501{n:02}\"}}")
        }),
    ];
    for (name, max, item) in bounds {
        assert_eq!(list(name, max, item), "ok", "{name}");
        assert_eq!(list(name, max + 1, item), format!("{name} TOO_MANY"));
    }
}

const PARTS: &[(&str, &str)] = &[
    (r#""zip":"30301""#, "ok"),
    (r#""zip":"30301-0001""#, "ok"),
    (r#""zip":"30301-001""#, "zip INVALID_ZIP"),
    (r#""zip":"3O301""#, "zip INVALID_ZIP"),
    (
        r#""phones":[{"line_type":"voip"}]"#,
        "phones.0.number MISSING",
    ),
    (
        r#""phones":[{"number":"112"}]"#,
        "phones.0.number INVALID_PHONE",
    ),
    (
        r#""phones":[{"number":"4045550100"},{"number":"+1 404 555 0100"}]"#,
        "phones.1.number CONFLICT",
    ),
    (
        r#""phones":[{"number":"4045550100"},{"number":"4045550100","person_id":"p"}]"#,
        "ok",
    ),
    (
        r#""attempts":[{"at":"2026-05-05T18:00:00Z","outcome":"pending"}]"#,
        "attempts.0.outcome UNEXPECTED",
    ),
    (
        r#""phones":[{"number":"4045550100","place":"school"}]"#,
        "phones.0.place UNEXPECTED",
    ),
    (
        r#""emails":[{"address":"x"}]"#,
        "emails.0.address INVALID_EMAIL",
    ),
    (
        r#""emails":[{"address":"A@b.co"},{"address":"a@B.co"}]"#,
        "emails.1.address CONFLICT",
    ),
    (r#""debts":[{"kind":"medical"}]"#, "debts.0.debt_id MISSING"),
    (
        r#""debts":[{"debt_id":"d"},{"debt_id":"d"}]"#,
        "debts.1.debt_id CONFLICT",
    ),
    (
        r#""parties":[{"role":"spouse"}]"#,
        "parties.0.person_id MISSING",
    ),
    (r#""parties":[{"person_id":"p"}]"#, "parties.0.role MISSING"),
    (
        r#""parties":[{"person_id":"p","role":"consumer"}]"#,
        "parties.0.role UNEXPECTED",
    ),
    (
        r#""person_id":"p","parties":[{"person_id":"p","role":"spouse"}]"#,
        "parties.0.person_id CONFLICT",
    ),
    (
        r#""attempts":[{"outcome":"sent"}]"#,
        "attempts.0.at MISSING",
    ),
    (
        r#""attempts":[{"at":"2026-05-05T18:00:00Z"}]"#,
        "attempts.0.outcome MISSING",
    ),
    (
        r#""attempts":[{"at":"2026-05-05T18:00:00Z","inbound":true}]"#,
        "ok",
    ),
    (
        r#""attempts":[{"at":"2026-05-05T18:00:00Z","outcome":"sent","channel":"mail","phone":"4045550100"}]"#,
        "attempts.0.phone UNEXPECTED",
    ),
    (
        r#""attempts":[{"at":"2026-05-05T18:00:00Z","outcome":"sent","address":"a@b.co"}]"#,
        "attempts.0.address UNEXPECTED",
    ),
    (
        r#""attempts":[{"at":"2026-05-05T18:00:00Z","outcome":"sent","channel":"sms","prerecorded":true}]"#,
        "attempts.0.prerecorded UNEXPECTED",
    ),
    (
        r#""attempts":[{"at":"2026-05-05T18:00:00Z","outcome":"sent","debts":["d","d"]}]"#,
        "attempts.0.debts.1 CONFLICT",
    ),
];

#[test]
fn parts_of_an_account_are_checked() {
    for (fields, expected) in PARTS {
        assert_eq!(account(fields), *expected, "{fields}");
    }
}

const FACTS: &[(&str, &str)] = &[
    (r#""at":"2026-05-05T18:00:00Z""#, "facts.0.fact MISSING"),
    (
        r#""fact":"cease","chapter":7"#,
        "facts.0.chapter UNEXPECTED",
    ),
    (
        r#""fact":"cease","lifted":true"#,
        "facts.0.reason LIFT_NEEDS_REASON",
    ),
    (r#""fact":"cease","lifted":true,"reason":"r""#, "ok"),
    (r#""fact":"cease","lifted":false"#, "ok"),
    (
        r#""fact":"notice_sent","notice":"validation","lifted":true"#,
        "facts.0.lifted UNEXPECTED",
    ),
    (r#""fact":"stated_zone""#, "facts.0.zone MISSING"),
    (r#""fact":"stated_zone","lifted":true,"reason":"r""#, "ok"),
    (
        r#""fact":"hold","lifted":true,"reason":"r""#,
        "facts.0.hold MISSING",
    ),
    (r#""fact":"inconvenient_time""#, "facts.0.from_date MISSING"),
    (
        r#""fact":"inconvenient_time","from_date":"2026-05-05","until_date":"2026-05-05""#,
        "ok",
    ),
    (
        r#""fact":"inconvenient_time","from_date":"2026-05-05","until_date":"2026-05-04""#,
        "facts.0.until_date INVALID_DATE",
    ),
    (
        r#""fact":"inconvenient_time","periods":[{"days":[1,7],"from":"23:59:59","to":"24:00"}]"#,
        "ok",
    ),
    (
        r#""fact":"inconvenient_time","periods":[{"days":[0]}]"#,
        "facts.0.periods.0.days.0 OUT_OF_RANGE",
    ),
    (
        r#""fact":"inconvenient_time","periods":[{"days":[1,8]}]"#,
        "facts.0.periods.0.days.1 OUT_OF_RANGE",
    ),
    (
        r#""fact":"inconvenient_time","periods":[{"from":"09:00"}]"#,
        "facts.0.periods.0.to MISSING",
    ),
    (
        r#""fact":"inconvenient_time","periods":[{"to":"09:00"}]"#,
        "facts.0.periods.0.from MISSING",
    ),
    (
        r#""fact":"inconvenient_time","periods":[{"from":"09:00","to":"09:00:00"}]"#,
        "facts.0.periods.0.to INVALID_TIME",
    ),
    (
        r#""fact":"inconvenient_time","periods":[{"from":"24:00","to":"09:00"}]"#,
        "facts.0.periods.0.from INVALID_TIME",
    ),
    (
        r#""fact":"inconvenient_place","place":"employment","form":"oral""#,
        "ok",
    ),
    (
        r#""fact":"inconvenient_place","place":"home","form":"oral""#,
        "facts.0.form UNEXPECTED",
    ),
    (
        r#""fact":"consent","consent":["social"],"address":"a@b.co""#,
        "ok",
    ),
    (
        r#""fact":"consent","consent":["social"],"phone":"4045550100""#,
        "facts.0.consent.0 UNEXPECTED",
    ),
    (r#""fact":"bankruptcy","chapter":9"#, "ok"),
    (
        r#""fact":"bankruptcy","chapter":10"#,
        "facts.0.chapter OUT_OF_RANGE",
    ),
    (
        r#""fact":"attorney","all_debts":true,"debts":["d"]"#,
        "facts.0.debts UNEXPECTED",
    ),
    (
        r#""fact":"prior_consent","given_to":"collector","times":false"#,
        "facts.0.times MISSING",
    ),
    (
        r#""fact":"do_not_call","phone":"911""#,
        "facts.0.phone INVALID_PHONE",
    ),
    (
        r#""fact":"hold","hold":"court","at":"2026-05-05T18:00:00Z","until":"2026-05-05T18:00:00Z""#,
        "facts.0.until INVALID_DATE",
    ),
    (
        r#""fact":"hold","hold":"court","at":"2026-05-05T18:00:00Z","until":"2026-05-05T18:00:01Z""#,
        "ok",
    ),
];

#[test]
fn facts_have_their_own_fields() {
    for (fields, expected) in FACTS {
        assert_eq!(fact(fields), *expected, "{fields}");
    }
}

/// `UNTIL` and `WHO` stand for what overrides need.
const AGREEMENTS: &[(&str, &str)] = &[
    (
        r#""fact":"consent","consent":["text"],"phone":"4045550100""#,
        "ok",
    ),
    (
        r#""fact":"consent","consent":["text"]"#,
        "facts.0.phone MISSING",
    ),
    (
        r#""fact":"consent","phone":"4045550100""#,
        "facts.0.consent MISSING",
    ),
    (
        r#""fact":"consent","consent":["text","email"],"phone":"4045550100""#,
        "facts.0.consent.1 UNEXPECTED",
    ),
    (
        r#""fact":"consent","consent":["text"],"address":"a@b.co""#,
        "facts.0.consent.0 UNEXPECTED",
    ),
    (
        r#""fact":"revocation","phone":"4045550100","address":"a@b.co""#,
        "facts.0.address UNEXPECTED",
    ),
    (r#""fact":"revocation","address":"a@b.co""#, "ok"),
    (
        r#""fact":"contact_opt_out","phone":"4045550100""#,
        "facts.0.medium MISSING",
    ),
    (
        r#""fact":"contact_opt_out","phone":"4045550100","medium":"email""#,
        "facts.0.medium UNEXPECTED",
    ),
    (
        r#""fact":"contact_opt_out","address":"a@b.co","medium":"sms""#,
        "facts.0.medium UNEXPECTED",
    ),
    (r#""fact":"contact_opt_out","address":"a@b.co""#, "ok"),
    (
        r#""fact":"approval","approval":"approved""#,
        "facts.0.action MISSING",
    ),
    (
        r#""fact":"approval","approval":"approved","action":"call""#,
        "ok",
    ),
    (
        r#""fact":"approval","approval":"approved","purpose":"legally_required""#,
        "facts.0.document_id MISSING",
    ),
    (
        r#""fact":"approval","approval":"approved","purpose":"reply","action":"call""#,
        "facts.0.purpose UNEXPECTED",
    ),
    (
        r#""fact":"override","override":"supervisor","gates":[1,12],WHO"#,
        "ok",
    ),
    (
        r#""fact":"override","override":"supervisor","gates":[1,13],WHO"#,
        "facts.0.gates.1 OUT_OF_RANGE",
    ),
    (
        r#""fact":"override","override":"supervisor","gates":[0],WHO"#,
        "facts.0.gates.0 OUT_OF_RANGE",
    ),
    (
        r#""fact":"override","override":"supervisor",WHO"#,
        "facts.0.gates MISSING",
    ),
    (
        r#""fact":"override","override":"supervisor","gates":[2],UNTIL"#,
        "facts.0.document_id MISSING",
    ),
];

#[test]
fn consents_approvals_and_overrides_agree_with_themselves() {
    let until = r#""until":"2026-05-05T18:00:00Z""#;
    let who = r#"UNTIL,"actor":"kim","document_id":"doc""#;
    for (fields, expected) in AGREEMENTS {
        let fields = fields.replace("WHO", who).replace("UNTIL", until);
        assert_eq!(fact(&fields), *expected, "{fields}");
    }
}

const ROWS: &[(&str, &str)] = &[
    (
        r#"{"record":"contact","fact":"do_not_call","phone":"4045550100"}"#,
        "ok",
    ),
    (r#"{"record":"contact","fact":"cease"}"#, "fact UNEXPECTED"),
    (r#"{"record":"contact"}"#, "fact MISSING"),
    (
        r#"{"record":"contact","fact":"do_not_call"}"#,
        "phone MISSING",
    ),
    (
        r#"{"record":"contact","account_id":"a","fact":"do_not_call"}"#,
        "account_id UNKNOWN_FIELD",
    ),
    (
        r#"{"record":"kill","scope":"state","value":"GA","on":true}"#,
        "ok",
    ),
    (
        r#"{"record":"kill","scope":"state","value":"Georgia","on":true}"#,
        "value UNKNOWN_WORD",
    ),
    (
        r#"{"record":"kill","scope":"channel","value":"pigeon","on":true}"#,
        "value UNKNOWN_WORD",
    ),
    (
        r#"{"record":"kill","scope":"portfolio","value":"","on":true}"#,
        "value EMPTY",
    ),
    (
        r#"{"record":"kill","scope":"channel","value":"sms","on":false}"#,
        "reason LIFT_NEEDS_REASON",
    ),
    (
        r#"{"record":"kill","scope":"channel","value":"sms","on":false,"reason":"r"}"#,
        "ok",
    ),
    (r#"{"record":"fact","fact":"cease"}"#, "account_id MISSING"),
    (r#"{"record":"clock_accept"}"#, "ok"),
];

#[test]
fn rows_without_an_account() {
    for (text, expected) in ROWS {
        assert_eq!(read(text), *expected, "{text}");
    }
}

#[test]
fn every_kind_can_be_stated_with_what_it_needs() {
    let needs = |kind: FactKind| match kind {
        FactKind::StatedZone => r#","zone":"America/New_York""#,
        FactKind::InconvenientTime => r#","periods":[{"days":[1]}]"#,
        FactKind::InconvenientPlace => r#","place":"school""#,
        FactKind::Vulnerability => r#","vulnerability":"health""#,
        FactKind::MediumOptOut => r#","medium":"mail""#,
        FactKind::ContactOptOut => r#","phone":"4045550100","medium":"fax""#,
        FactKind::DoNotCall | FactKind::WrongNumber | FactKind::Revocation => {
            r#","phone":"4045550100""#
        }
        FactKind::Consent => r#","phone":"4045550100","consent":["autodialed"]"#,
        FactKind::PriorConsent => r#","given_to":"collector","places":true"#,
        FactKind::Inbound => r#","inbound":"inbound_letter""#,
        FactKind::NumberCheck => r#","phone":"4045550100","reassigned":true"#,
        FactKind::EmailProcedure => r#","address":"a@b.co","opted_out":true"#,
        FactKind::NoticeSent | FactKind::NoticeReturned => r#","notice":"validation""#,
        FactKind::Escalation => r#","escalation":"complaint""#,
        FactKind::Hold => r#","hold":"court""#,
        FactKind::Approval => r#","approval":"refused","action":"call""#,
        FactKind::Override => {
            r#","override":"court_permission","gates":[7],"until":"2026-05-05T18:00:00Z","actor":"k","document_id":"d""#
        }
        FactKind::Promise => r#","until_date":"2026-06-01""#,
        FactKind::LocationAnswered => r#","person_id":"t""#,
        _ => "",
    };
    for kind in FactKind::ALL {
        let stated = format!("\"fact\":\"{}\"{}", kind.as_str(), needs(*kind));
        assert_eq!(fact(&stated), "ok", "{stated}");
        let shape = kinds::of(*kind);
        assert_eq!(shape.needed.without(shape.allowed).first_name(), None);
    }
}

/// INGEST-2: numbers, addresses, ZIP codes and instants, wherever a record has them.
#[test]
fn the_same_facts_spelt_otherwise_are_the_same_record() {
    let account = |phone: &str, address: &str, zip: &str, at: &str| {
        let text = format!(
            r#"{{"account_id":"a","zip":"{zip}","phones":[{{"number":"{phone}"}}],
            "emails":[{{"address":"{address}"}}],
            "attempts":[{{"at":"{at}","outcome":"no_answer","phone":"{phone}"}},
              {{"at":"{at}","outcome":"sent","channel":"email","address":"{address}"}}],
            "facts":[{{"fact":"do_not_call","phone":"{phone}"}},
              {{"fact":"contact_opt_out","address":"{address}","medium":"email"}},
              {{"fact":"consent","phone":"{phone}","consent":["text"],"at":"{at}"}}]}}"#
        );
        row::read(text.as_bytes()).unwrap()
    };
    let contact = |phone: &str| {
        let text = format!(r#"{{"record":"contact","fact":"do_not_call","phone":"{phone}"}}"#);
        row::read(text.as_bytes()).unwrap()
    };
    let (number, address) = ("+14045550100", "ann@mail.example");
    let normal = account(number, address, "30301", "2026-05-05T18:00:00Z");
    assert_eq!(format!("{normal:?}").matches(number).count(), 4);
    for (phone, other) in [
        ("4045550100", "Ann@Mail.Example"),
        ("(404) 555-0100", "ANN@mail.example"),
        ("1-404-555-0100", "ann@MAIL.EXAMPLE"),
        ("404.555.0100", address),
    ] {
        let told = account(phone, other, "30301-0001", "2026-05-05T14:00:00-04:00");
        assert_eq!(told, normal, "{phone} {other}");
        assert_eq!(contact(phone), contact(number), "{phone}");
    }
}
