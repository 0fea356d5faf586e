//! Calls as the listener hands them over, against a sandbox in memory; and one through a socket.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use super::asked::Knock;
use super::keeper::answer_to;
use super::reply::Content;
use super::store::Store;
use super::{API_KEY, Options, PIN, Sandbox, seed};
use crate::clock::Clock;
use crate::domain::time::UnixSeconds;
use crate::sor::catalogue::Catalogues;
use crate::sor::route::System;

pub(super) const NOW: UnixSeconds = UnixSeconds(1_795_000_000);

/// A sandbox without a socket.
pub(super) struct Bench {
    store: Store,
    pub(super) catalogues: Catalogues,
    bearer: Option<String>,
}

impl Bench {
    pub(super) fn new() -> Self {
        let store = Store::in_memory().unwrap();
        store.write(|books| seed::portfolio(books, NOW)).unwrap();
        let catalogues = Catalogues::read(None).unwrap();
        let mut new = Self {
            store,
            catalogues,
            bearer: None,
        };
        let login = json!({ "apikey": API_KEY, "pin": PIN });
        let (_, told) = new.call("POST", "/scollect/login", &login);
        new.bearer = told["result"]["access_token"].as_str().map(str::to_owned);
        assert!(new.bearer.is_some(), "{told}");
        new
    }

    pub(super) fn knock(&self, method: &str, target: &str, kind: &str, body: &[u8]) -> Knock {
        Knock {
            method: method.to_owned(),
            target: target.to_owned(),
            authorization: self.bearer.as_ref().map(|token| format!("Bearer {token}")),
            api_key: Some(API_KEY.to_owned()),
            content_type: kind.to_owned(),
            body: Bytes::copy_from_slice(body),
            body_bytes: body.len() as u64,
        }
    }

    pub(super) fn raw(&self, knock: &Knock) -> (u16, &'static str, Bytes) {
        let reply = answer_to(&self.store, &self.catalogues, knock, NOW);
        let body = match reply.body {
            Content::Whole(bytes) => bytes,
            Content::Events(_) => Bytes::new(),
        };
        (reply.status, reply.content_type, body)
    }

    pub(super) fn call(&self, method: &str, target: &str, body: &Value) -> (u16, Value) {
        let bytes = body.to_string();
        let bytes = if body.is_null() { "" } else { &bytes };
        let knock = self.knock(method, target, "application/json", bytes.as_bytes());
        let (status, _, told) = self.raw(&knock);
        (status, serde_json::from_slice(&told).unwrap_or_default())
    }

    fn get(&self, target: &str) -> Value {
        let (status, told) = self.call("GET", target, &Value::Null);
        assert!(status < 300, "{target}: {status} {told}");
        told
    }
}

/// Whether every field of a shape is there, with its type. Null is any type; a list that has nothing
/// shows nothing.
fn misfit(shape: &Value, told: &Value, path: &str) -> Option<String> {
    match (shape, told) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Object(shown), Value::Object(held)) => shown.iter().find_map(|(name, inner)| {
            let path = format!("{path}.{name}");
            let Some(held) = held.get(name) else {
                return Some(format!("{path} is missing"));
            };
            misfit(inner, held, &path)
        }),
        (Value::Array(shown), Value::Array(held)) => {
            let (shown, held) = (shown.first()?, held.first()?);
            misfit(shown, held, &format!("{path}[]"))
        }
        (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) => None,
        _ => Some(format!("{path} is of another type")),
    }
}

#[test]
fn every_route_of_every_catalogue_is_answered() {
    let sandbox = Bench::new();
    let mut seen = 0;
    for system in System::ALL.iter().copied() {
        for route in sandbox.catalogues.of(system).routes() {
            let values: Vec<&str> = route
                .names()
                .map(|name| match (system, name) {
                    (System::Whl, "account_id") => "ACC-002",
                    (System::Scollect, "filenumber") => "R1001",
                    _ => "1",
                })
                .collect();
            let path = format!("{}{}", system.mount(), route.filled(&values).unwrap());
            let body = json!({ "account_id": "ACC-003", "filenumber": "R1001" });
            let body = if &*route.method == "GET" {
                Value::Null
            } else {
                body
            };
            let (status, told) = sandbox.call(&route.method, &path, &body);
            let is_told = status < 500 && !matches!(status, 401 | 405);
            assert!(is_told, "{} {path}: {status} {told}", route.method);
            // What was not found is a thing of a collection, and no route.
            let has_parameter = path != format!("{}{}", system.mount(), route.template);
            assert!(status != 404 || has_parameter, "{} {path}", route.method);
            seen += 1;
        }
    }
    assert!(seen >= 446, "{seen}");
}

#[test]
fn the_portal_answers_in_the_shapes_its_documents_show() {
    let sandbox = Bench::new();
    let mut matched = 0;
    let mut wrong = Vec::new();
    for route in sandbox.catalogues.of(System::Portal).routes() {
        // Documents are removed while others are looked at.
        if &*route.method == "DELETE" {
            continue;
        }
        let known = super::samples::portal(route.no);
        let Some(shape) = known.get("sample") else {
            continue;
        };
        let mut body = json!({ "name": "x" });
        for name in known
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            body[name.as_str().unwrap()] = "1".into();
        }
        let names: Vec<&str> = route.names().map(|_| "1").collect();
        let path = format!("/portal{}", route.filled(&names).unwrap());
        let (status, told) = sandbox.call(&route.method, &path, &body);
        match misfit(shape, &told, "") {
            Some(why) => wrong.push(format!("{} {path} {status}: {why}", route.method)),
            None => matched += 1,
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(matched > 100, "{matched}");
}

#[test]
fn credentials_are_asked_for_as_each_system_does() {
    let mut sandbox = Bench::new();
    sandbox.bearer = None;
    let none = Value::Null;
    let (status, told) = sandbox.call("GET", "/api/disputes", &none);
    assert_eq!(
        (status, told),
        (401, json!({ "detail": "Not authenticated" }))
    );
    let (status, told) = sandbox.call("GET", "/portal/clients", &none);
    assert_eq!(
        (status, told),
        (401, json!({ "message": "Unauthenticated." }))
    );
    let (status, _) = sandbox.call("GET", "/scollect/getaccount/R1001", &none);
    assert_eq!(status, 401);
    sandbox.bearer = Some("anybody".to_owned());
    let (status, _) = sandbox.call("GET", "/scollect/getaccount/R1001", &none);
    assert_eq!(status, 401);
    assert_eq!(sandbox.call("GET", "/api/disputes", &none).0, 200);
    let (status, told) = sandbox.call("POST", "/scollect/login", &json!({ "apikey": "x" }));
    let refused =
        json!({"result": [{"error": "Invalid API Credentials."}, 401], "state": "SUCCESS"});
    assert_eq!((status, told), (200, refused));
    let mut knock = sandbox.knock("GET", "/portal/clients", "", b"");
    knock.api_key = None;
    assert_eq!(sandbox.raw(&knock).0, 401);
}

#[test]
fn a_dispute_marks_its_account_until_it_is_resolved() {
    let sandbox = Bench::new();
    let is_disputed = || sandbox.get("/api/queue/account/ACC-001")["disputed"].clone();
    assert_eq!(is_disputed(), false);
    let (status, told) = sandbox.call("POST", "/api/disputes", &json!({ "account_id": "ACC-001" }));
    assert_eq!((status, &told["status"]), (201, &json!("open")));
    assert_eq!(is_disputed(), true);
    let alerts = sandbox.get("/api/widget/ACC-001/alerts");
    assert_eq!(
        alerts["alerts"],
        json!([{ "type": "disputed", "active": true }])
    );
    let dispute = told["dispute_id"].as_str().unwrap();
    let listed = sandbox.get("/api/disputes?account_id=ACC-001");
    assert_eq!(
        (&listed["total"], &listed["items"][0]["dispute_id"]),
        (&json!(1), &json!(dispute))
    );
    let resolve = format!("/api/disputes/{dispute}/resolve");
    assert_eq!(sandbox.call("POST", &resolve, &Value::Null).0, 200);
    assert_eq!(is_disputed(), false);
    assert_eq!(sandbox.call("POST", &resolve, &Value::Null).0, 409);
    let unknown = sandbox.call("POST", "/api/disputes", &json!({ "account_id": "nobody" }));
    assert_eq!(unknown.0, 404);
    assert_eq!(sandbox.call("POST", "/api/disputes", &json!([1])).0, 422);
}

#[test]
fn payments_reduce_what_is_owed() {
    let sandbox = Bench::new();
    let plan = json!({ "account_id": "ACC-001", "amount": "100.00" });
    let (_, plan) = sandbox.call("POST", "/api/payment-plans", &plan);
    let path = format!("/api/payments/plans/{}", plan["plan_id"].as_str().unwrap());
    let pay = |amount| {
        sandbox.call(
            "POST",
            &format!("{path}/payment"),
            &json!({ "amount": amount }),
        )
    };
    assert_eq!(pay(60).1["remaining"], "40.00");
    assert_eq!(pay(40).1["status"], "completed");
    assert_eq!(pay(1).0, 409);
    assert_eq!(
        sandbox.get("/api/queue/account/ACC-001")["balance"],
        "350.00"
    );
    let rest = json!({ "account_id": "ACC-001", "amount": 350 });
    assert_eq!(sandbox.call("POST", "/api/consumer/payment", &rest).0, 201);
    assert_eq!(sandbox.get("/api/queue/account/ACC-001")["status"], "paid");
}

#[test]
fn numbers_are_listed_and_attempts_are_counted_once() {
    let sandbox = Bench::new();
    let listed =
        || sandbox.get("/api/compliance/dnc/check/(212)%20555-0199")["do_not_call"].clone();
    assert_eq!(listed(), false);
    sandbox.call(
        "POST",
        "/api/compliance/dnc/add",
        &json!({ "phone": "+12125550199" }),
    );
    assert_eq!(listed(), true);
    sandbox.call(
        "POST",
        "/api/compliance/dnc/remove",
        &json!({ "phone": "212-555-0199" }),
    );
    assert_eq!(listed(), false);
    let told = json!({ "outcome": "no_answer", "call_id": "c1" });
    let path = "/api/queue/account/ACC-002/disposition";
    assert_eq!(sandbox.call("POST", path, &told).0, 201);
    assert_eq!(sandbox.call("POST", path, &told).0, 200);
    let log = sandbox.get("/api/dialer/call-log?account_id=ACC-002");
    assert_eq!(
        (&log["total"], &log["items"][0]["outcome"]),
        (&json!(1), &json!("no_answer"))
    );
}

#[test]
fn files_bring_accounts_and_erasure_takes_them() {
    let sandbox = Bench::new();
    let form = b"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\
        account_id,state,phone\r\nX-1,NY,2125550188\r\n,TX,\r\n--b--\r\n";
    let knock = sandbox.knock(
        "POST",
        "/api/queue/ingest",
        "multipart/form-data; boundary=b",
        form,
    );
    let (status, _, told) = sandbox.raw(&knock);
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(
        (status, &told["accepted"], &told["rejected"]),
        (202, &json!(1), &json!(1))
    );
    let card = sandbox.get("/api/queue/account/X-1");
    assert_eq!(card["phones"], json!([{ "number": "2125550188" }]));
    let all = sandbox.get("/api/exports/accounts?format=json&limit=20");
    assert_eq!(
        (
            all["accounts"].as_array().unwrap().len(),
            &all["next_cursor"]
        ),
        (20, &json!("20"))
    );
    let rest = sandbox.get("/api/exports/accounts?format=json&limit=20&cursor=20");
    assert_eq!(
        (
            rest["accounts"].as_array().unwrap().len(),
            &rest["next_cursor"]
        ),
        (5, &json!(null))
    );
    assert_eq!(
        sandbox
            .call("DELETE", "/api/consumer/data/X-1", &Value::Null)
            .0,
        200
    );
    let gone = sandbox.call("GET", "/api/queue/account/X-1", &Value::Null);
    assert_eq!(gone.0, 404);
}

#[test]
fn downloads_are_of_their_kind() {
    let sandbox = Bench::new();
    for (path, kind, begins) in [
        ("/api/exports/accounts", "text/csv", "account_id,"),
        ("/api/exports/full", "application/zip", "PK"),
        ("/api/letters/LET-1/pdf", "application/pdf", "%PDF-"),
        ("/api/recordings/c1", "audio/wav", "RIFF"),
        ("/portal/imports/example-csv", "text/csv", "id,"),
        ("/portal/attachments/1/download", "application/pdf", "%PDF-"),
    ] {
        let (status, told, body) = sandbox.raw(&sandbox.knock("GET", path, "", b""));
        assert_eq!((status, told), (200, kind), "{path}");
        assert!(body.starts_with(begins.as_bytes()), "{path}");
    }
}

#[test]
fn scollect_keeps_what_it_is_told() {
    let sandbox = Bench::new();
    let phone = json!({ "filenumber": "R1001", "phonenumber": "212-555-0199",
        "phonetype": "UNKNOWN", "phonestatus": "UNKNOWN" });
    let (_, told) = sandbox.call("POST", "/scollect/api/insertphone", &phone);
    assert_eq!(
        told["result"]["success"],
        "Phone number inserted successfully"
    );
    let found = json!({ "PhoneNumber": "(212) 555-0199" });
    let (_, told) = sandbox.call("POST", "/scollect/searchbyphone", &found);
    assert_eq!(told["result"]["success"][0]["filenumber"], "R1001");
    let attempt = json!({ "filenumber": "R1001", "phonenumber": "212-555-0199",
        "dispo": "SPOKE TO DEBTOR" });
    sandbox.call("POST", "/scollect/insertattempt", &attempt);
    let told = sandbox.get("/scollect/getattempts/R1001");
    assert_eq!(told["result"]["result"][0]["dispo"], "SPOKE TO DEBTOR");
    assert!(
        misfit(
            super::samples::row("attempt"),
            &told["result"]["result"][0],
            ""
        )
        .is_none()
    );
    let change = json!({ "filenumber": "R1001", "fieldname": "deceased", "fieldvalue": "YES" });
    sandbox.call("PUT", "/scollect/updatedbase", &change);
    let account = sandbox.get("/scollect/getaccount/R1001")["result"][0].clone();
    assert_eq!(account["deceased"], "YES");
    assert!(misfit(super::samples::row("account"), &account, "").is_none());
    let nothing = json!({ "result": { "result": [] }, "state": "SUCCESS" });
    assert_eq!(sandbox.get("/scollect/getaccount/nobody"), nothing);
    let unknown = sandbox.call(
        "POST",
        "/scollect/insertattempt",
        &json!({ "filenumber": "x" }),
    );
    assert_eq!(unknown.1["result"][1], 400);
    let odd = sandbox.call("PUT", "/scollect/update_payment_external", &Value::Null);
    assert_eq!(odd.0, 405);
    let empty = json!({ "filenumber": "R1001" });
    let (_, told) = sandbox.call("POST", "/scollect/update_payment_external", &empty);
    assert_eq!(told["state"], "TIMEOUT");
    let (_, told) = sandbox.call("POST", "/scollect/send_email_c2c", &json!({}));
    assert_eq!(told["result"]["success"], false);
    let bulk = sandbox.call(
        "POST",
        "/scollect/get_accounts_in_portfolio",
        &json!({ "portfolio": "SANDBOX 2026" }),
    );
    let numbers: BTreeSet<&str> = bulk.1["result"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["phone1"].as_str())
        .collect();
    assert_eq!(numbers.len(), seed::PEOPLE);
}

#[test]
fn the_portal_names_what_is_missing_and_keeps_what_it_sends() {
    let sandbox = Bench::new();
    let (status, told) = sandbox.call("POST", "/portal/correspondence/send", &json!({}));
    let errors = json!({ "type": ["The type field is required."] });
    assert_eq!((status, &told["errors"]), (422, &errors));
    let text = json!({ "type": "sms", "client_id": 3,
        "sms": { "number": "3055550102", "body": "x" } });
    let (status, told) = sandbox.call("POST", "/portal/correspondence/send", &text);
    assert_eq!(status, 201, "{told}");
    let listed = sandbox.get("/portal/correspondence?client_id=3");
    assert_eq!(listed["meta"]["total"], 1);
    let number = json!({ "name": "number", "value": "3055550102" });
    assert!(
        listed["data"][0]["attributes"]
            .as_array()
            .unwrap()
            .contains(&number)
    );
    let change = json!({ "mobile_phone": "6145550177", "attributes": { "MailingState": "OH" } });
    assert_eq!(
        sandbox
            .call("PUT", "/portal/customer-portal/clients/3", &change)
            .0,
        200
    );
    let card = sandbox.get("/portal/clients/3");
    assert_eq!(card["mobile_phone"], "6145550177");
    assert_eq!(card["attributes"]["MailingState"], "OH");
    assert_ne!(card["attributes"]["FirstName"], "string");
    let page = sandbox.get("/portal/clients?per_page=10&page=3");
    assert_eq!(page["data"][0]["data"].as_array().unwrap().len(), 4);
    assert_eq!(page["data"][0]["meta"]["last_page"], 3);
}

#[test]
fn a_collection_is_created_in_changed_and_emptied() {
    let sandbox = Bench::new();
    assert_eq!(sandbox.get("/api/tickets")["total"], 2);
    let (status, told) = sandbox.call("POST", "/api/tickets", &json!({ "name": "x", "id": 9 }));
    assert_eq!((status, &told["id"]), (201, &json!(3)));
    let (_, told) = sandbox.call("PUT", "/api/tickets/3", &json!({ "name": "y" }));
    assert_eq!((&told["name"], &told["id"]), (&json!("y"), &json!(3)));
    assert_eq!(
        sandbox.call("DELETE", "/portal/goals/1", &Value::Null).0,
        200
    );
    assert_eq!(sandbox.call("GET", "/portal/goals/1", &Value::Null).0, 404);
    assert_eq!(
        sandbox
            .call("PUT", "/api/theme", &json!({ "colour": "red" }))
            .0,
        200
    );
    assert_eq!(sandbox.get("/api/theme")["colour"], "red");
}

/// SANDBOX-2: whatever the answer.
#[test]
fn over_a_socket_every_answer_says_what_it_is_and_a_restart_forgets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let start = || {
        let options = Options {
            listen: ([127, 0, 0, 1], 0).into(),
            data_dir: Some(dir.path().to_owned()),
            catalogues: Arc::new(Catalogues::read(None).unwrap()),
            clock: Clock::manual(NOW),
        };
        Sandbox::start(options).unwrap()
    };
    let sandbox = start();
    let recalled = "POST /api/data-enrichment/rdn/recall/ACC-001";
    let told = over(&sandbox, recalled);
    assert!(told.starts_with("HTTP/1.1 200 OK\r\n"), "{told}");
    assert!(told.contains("x-dialgate-sandbox: 1\r\n"), "{told}");
    drop(sandbox);
    let sandbox = start();
    assert!(over(&sandbox, recalled).starts_with("HTTP/1.1 409 "));
    let events = over(&sandbox, "GET /api/events/floor?events=1");
    assert!(events.contains("content-type: text/event-stream") && events.contains("event: beat"));
    assert!(over(&sandbox, "GET /nowhere").contains("x-dialgate-sandbox: 1\r\n"));
    let head = over(&sandbox, "HEAD /api/disputes");
    assert!(
        head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
}

/// One request on a connection of its own, and everything that came back.
fn over(sandbox: &Sandbox, line: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(sandbox.address()).unwrap();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).unwrap();
    told
}
