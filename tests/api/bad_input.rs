//! What callers get wrong, and what they hear.

use crate::client::Request;
use crate::stand_in::{House, asking, assert_problem, assert_system_error, intent, token};

const GATE: &str = "/api/gate/contact-intent";
const BODY_MAX: usize = 64 * 1024;

/// The sample with a note that makes it `length` bytes long.
fn of_length(length: usize) -> Vec<u8> {
    let body = intent("ACC-1").replacen('{', "{\"note\":\"\",", 1);
    let note = "n".repeat(length - body.len());
    let body = body.replacen("\"note\":\"", &format!("\"note\":\"{note}"), 1);
    assert_eq!(body.len(), length);
    body.into_bytes()
}

/// RFC 9112, 3.2: over HTTP/1.1 a request says once which host it is for, or is answered no other way.
#[test]
fn a_request_without_a_host_or_with_two_is_refused_and_its_connection_closed() {
    let house = House::open();
    let body = intent("ACC-1");
    let length = format!("content-length: {}\r\n", body.len());
    let kind = "content-type: application/json\r\n";
    for (hosts, twelve) in [("", true), ("host: a\r\nhost: b\r\n", true), ("", false)] {
        let path = if twelve { GATE } else { "/api/version" };
        let credential = format!("authorization: {}\r\n", token("gate:ask"));
        let mut client = house.client();
        client.send(format!(
            "POST {path} HTTP/1.1\r\n{hosts}{credential}{kind}{length}\r\n{body}"
        ));
        let heard = client.reply(false);
        assert_eq!(heard.status, 400, "{path} {hosts}");
        assert_eq!(heard.header("connection"), Some("close"));
        if twelve {
            assert_system_error(&heard, "AMBIGUOUS_HOST", None);
        } else {
            assert_problem(&heard, 400, "AMBIGUOUS_HOST", None);
        }
    }
    assert_eq!(house.gateway.asked.lock().unwrap().len(), 0);
    let mut client = house.client();
    client.send("GET /api/version HTTP/1.0\r\n\r\n");
    assert_eq!(client.reply(false).status, 200);
}

#[test]
fn bodies_that_do_not_fit_are_422_and_name_the_field() {
    let house = House::open();
    for (body, code, field) in [
        ("", "INVALID_JSON", None),
        ("{\"account_id\"", "INVALID_JSON", None),
        ("[1]", "NOT_AN_OBJECT", None),
        ("{}", "MISSING", Some("account_id")),
        (
            &*intent("A").replace("\"A\"", "7"),
            "WRONG_TYPE",
            Some("account_id"),
        ),
        (
            &*intent("A").replace("\"phone\":", "\"fon\":"),
            "MISSING",
            Some("phone"),
        ),
        (&*intent(&"a".repeat(65)), "TOO_LONG", Some("account_id")),
        (
            &*intent("A\",\"dry_run\":\"yes"),
            "WRONG_TYPE",
            Some("dry_run"),
        ),
        (
            &*intent("A\",\"account_id\":\"B"),
            "DUPLICATE",
            Some("account_id"),
        ),
    ] {
        let heard = house.ask(&asking(body));
        assert_eq!(heard.status, 422, "{body}");
        assert_system_error(&heard, code, field);
        assert_eq!(heard.json()["tenant_id"], "demo");
    }
    let reused = house.ask(&asking(intent("REUSED")));
    assert_eq!(reused.status, 422);
    assert_system_error(&reused, "IDEMPOTENCY_KEY_REUSED", Some("Idempotency-Key"));
    let key = house.ask(&asking(intent("A")).with("Idempotency-Key", "k".repeat(65)));
    assert_system_error(&key, "TOO_LONG", Some("Idempotency-Key"));
    for second in ["k1", "k2"] {
        let keys = asking(intent("A")).with("Idempotency-Key", "k1");
        let heard = house.ask(&keys.with("Idempotency-Key", second));
        assert_eq!(heard.status, 422, "{second}");
        assert_system_error(&heard, "DUPLICATE", Some("Idempotency-Key"));
    }
}

#[test]
fn what_a_gate_refuses_is_200() {
    let house = House::open();
    let pigeon = intent("A").replace("\"channel\":\"phone\"", "\"channel\":\"pigeon\"");
    let heard = house.ask(&asking(pigeon));
    assert_eq!(
        (heard.status, heard.json()["channel"].clone()),
        (200, "pigeon".into())
    );
    assert_eq!(heard.json()["blocked_by"], serde_json::json!(["CHANNEL"]));
    let bad_phone = intent("A").replace("(818) 555-1234", "call me");
    assert_eq!(house.ask(&asking(bad_phone)).status, 200);
}

#[test]
fn a_body_of_64_kib_is_read_and_one_more_byte_is_413() {
    let house = House::open();
    assert_eq!(house.ask(&asking(of_length(BODY_MAX))).status, 200);
    let heard = house.ask(&asking(of_length(BODY_MAX + 1)));
    assert_eq!(heard.status, 413);
    assert_system_error(&heard, "BODY_TOO_LARGE", None);
    let disposition = Request::new("POST", "/api/queue/account/A/disposition")
        .token(&token("outcome:write"))
        .json(vec![b' '; BODY_MAX + 1]);
    assert_problem(&house.ask(&disposition), 413, "BODY_TOO_LARGE", None);
    assert_eq!(house.gateway.asked.lock().unwrap().len(), 1);
}

#[test]
fn a_body_of_unknown_length_is_counted() {
    let house = House::open();
    for (length, status) in [(BODY_MAX, 200), (BODY_MAX + 1, 413)] {
        let mut request = asking("").with("transfer-encoding", "chunked");
        request.body = format!("{length:x}\r\n").into_bytes();
        request.body.extend_from_slice(&of_length(length));
        request.body.extend_from_slice(b"\r\n0\r\n\r\n");
        assert_eq!(house.ask(&request).status, status);
    }
}

#[test]
fn a_client_that_asks_first_is_refused_before_it_sends() {
    let house = House::open();
    let mut client = house.client();
    let token = token("gate:ask");
    client.send(format!(
        "POST {GATE} HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: 1000000\r\nexpect: 100-continue\r\n\r\n"
    ));
    let heard = client.reply(false);
    assert_eq!(heard.status, 413);
    assert_system_error(&heard, "BODY_TOO_LARGE", None);
}

#[test]
fn other_content_types_are_415() {
    let house = House::open();
    let send = |path: &'static str, scope: &str, kind: Option<&str>| {
        let mut request = Request::new("POST", path).token(&token(scope));
        request.body = b"{}".to_vec();
        match kind {
            Some(kind) => house.ask(&request.with("content-type", kind)),
            None => house.ask(&request),
        }
    };
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let heard = send(GATE, "gate:ask", kind);
        assert_eq!(heard.status, 415);
        assert_system_error(&heard, "UNSUPPORTED_MEDIA_TYPE", Some("Content-Type"));
        let heard = send("/api/queue/account/A/disposition", "outcome:write", kind);
        assert_problem(&heard, 415, "UNSUPPORTED_MEDIA_TYPE", Some("Content-Type"));
    }
    let json_as_csv = send("/api/queue/ingest", "facts:write", Some("application/json"));
    assert_problem(
        &json_as_csv,
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        Some("Content-Type"),
    );
    let csv_as_json = send("/api/queue/ingest/json", "facts:write", Some("text/csv"));
    assert_problem(
        &csv_as_json,
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        Some("Content-Type"),
    );
    let zipped = asking(intent("A")).with("content-encoding", "gzip");
    assert_system_error(
        &house.ask(&zipped),
        "UNSUPPORTED_MEDIA_TYPE",
        Some("Content-Encoding"),
    );
}

#[test]
fn unknown_routes_and_methods() {
    let house = House::open();
    assert_problem(
        &house.ask(&Request::new("GET", "/")),
        404,
        "NOT_FOUND",
        None,
    );
    assert_problem(
        &house.ask(&Request::new("POST", "/api/gate")),
        404,
        "NOT_FOUND",
        None,
    );
    let heard = house.ask(&Request::new("DELETE", "/api/health"));
    assert_problem(&heard, 405, "METHOD_NOT_ALLOWED", None);
    assert_eq!(heard.header("allow"), Some("GET, HEAD"));
    let heard = house.ask(&Request::new("GET", "/api/queue/ingest"));
    assert_problem(&heard, 405, "METHOD_NOT_ALLOWED", None);
    assert_eq!(heard.header("allow"), Some("POST"));
    // On the gate's own path even this cannot be taken for an ALLOW.
    let heard = house.ask(&Request::new("GET", GATE));
    assert_eq!((heard.status, heard.header("allow")), (405, Some("POST")));
    assert_system_error(&heard, "METHOD_NOT_ALLOWED", None);
}

#[test]
fn dispositions_name_the_field() {
    let house = House::open();
    let send = |path: &str, body: &str| {
        let request = Request::new("POST", path)
            .token(&token("outcome:write"))
            .json(body);
        house.ask(&request)
    };
    let path = "/api/queue/account/A/disposition";
    assert_problem(&send(path, "{}"), 422, "MISSING", Some("outcome"));
    assert_problem(&send(path, "not json"), 422, "INVALID_JSON", None);
    let unknown = send(path, r#"{"audit_id":1,"outcome":"pending"}"#);
    assert_problem(&unknown, 422, "UNKNOWN_WORD", Some("outcome"));
    let settled = r#"{"audit_id":1,"outcome":"sent"}"#;
    let long = format!("/api/queue/account/{}/disposition", "a".repeat(65));
    assert_problem(&send(&long, settled), 404, "NOT_FOUND", None);
    let broken = "/api/queue/account/%zz/disposition";
    assert_problem(&send(broken, settled), 404, "NOT_FOUND", None);
    assert!(house.gateway.errands.lock().unwrap().is_empty());
}

#[test]
fn a_refusal_does_not_cost_the_connection() {
    let house = House::open();
    let mut client = house.client();
    assert_eq!(client.ask(&asking("nonsense")).status, 422);
    assert_eq!(client.ask(&asking(of_length(BODY_MAX + 1))).status, 413);
    assert_eq!(client.ask(&Request::new("GET", "/nowhere")).status, 404);
    assert_eq!(client.ask(&asking(intent("ACC-1"))).status, 200);
}

crate::protocols::over_each! {
    bodies_that_do_not_fit_are_422_and_name_the_field,
    what_a_gate_refuses_is_200,
    a_body_of_64_kib_is_read_and_one_more_byte_is_413,
    other_content_types_are_415,
    unknown_routes_and_methods,
    dispositions_name_the_field,
    a_refusal_does_not_cost_the_connection,
}
