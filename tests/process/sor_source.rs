//! Whose word what a caller says is told to be.

use serde_json::{Value, json};

use crate::http::Request;
use crate::proxy::Before;
use crate::sor_kit::{Answer, Gate, PHONE};
use crate::words::account;

fn taking(_line: &str) -> Answer {
    (200, "{}")
}

/// OUTBOX-5: by such a source it would not be told, so nobody but the gateway may name one.
#[test]
fn a_caller_may_not_speak_as_a_system_of_record() {
    let gate = Gate::whl(taking);
    let said = |mut body: Value, more: Value| {
        let fields = body.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        body
    };
    let source = || json!({ "source": "sor:whl" });
    let fact = json!({ "account_id": "A", "fact": "cease" });
    let number = json!({ "phone": PHONE });
    let outcome = json!({ "account_id": "A", "outcome": "do_not_call", "phone": PHONE });
    let by_system = json!({ "source_system": "sor:whl:83" });
    for (path, body, field) in [
        ("/api/facts", said(fact.clone(), source()), "source"),
        ("/api/compliance/dnc/add", said(number, source()), "source"),
        (
            "/api/compliance/dnc/add",
            said(json!({ "phones": [PHONE] }), source()),
            "source",
        ),
        (
            "/api/compliance/record-attempt",
            said(outcome.clone(), by_system),
            "source_system",
        ),
        (
            "/api/connectors/dialer/sor:whl/disposition",
            outcome,
            "dialer_id",
        ),
    ] {
        let reply = gate.post(path, &body);
        let heard = reply.json();
        assert_eq!(reply.status, 422, "{path}: {heard}");
        let (code, named) = (&heard["code"], &heard["field"]);
        assert_eq!((code, named), (&json!("RESERVED"), &json!(field)), "{path}");
    }
    assert_eq!(gate.stops(), Vec::<String>::new());
    // Behind the colon, or without it, it is a word like any other.
    let own = said(fact, json!({ "source": "sor" }));
    assert_eq!(gate.post("/api/facts", &own).status, 200);
}

/// The lines of a file are named, and the others are taken in.
#[test]
fn a_line_that_speaks_as_a_system_of_record_is_refused() {
    let before = Before::bound("", &[]);
    let of = |id: &str, source: &str| {
        let mut record = account(id, PHONE);
        record["facts"] = json!([{ "fact": "cease", "source": source }]);
        record
    };
    let file = json!([of("A", "letter"), of("B", "sor:whl")]);
    let ask = Request::new("POST", "/api/queue/ingest/json").token(&before.token);
    let reply = before.server.ask(&ask.json(file.to_string()));
    let heard = reply.json();
    assert_eq!(
        (reply.status, &heard["applied"]),
        (200, &json!(1)),
        "{heard}"
    );
    let refused = &heard["rejected"][0];
    assert_eq!(
        (&refused["line"], &refused["field"], &refused["code"]),
        (&json!(2), &json!("facts.0.source"), &json!("RESERVED")),
        "{heard}"
    );
}
