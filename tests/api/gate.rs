//! The gate's route when all is in order, and the other routes beside it.

use dialgate::domain::ids::TenantNo;
use dialgate::domain::intent::ContactPoint;
use dialgate::domain::outcome::Reported;
use dialgate::gateway::door::RouteName;
use dialgate::wire::disposition;
use dialgate::wire::native::Native;

use crate::client::Request;
use crate::stand_in::{House, NOW, asking, assert_system_error, intent, token};

#[test]
fn an_allow_is_200_with_a_use_by() {
    let house = House::open();
    let heard = house.ask(&asking(intent("ACC-1")).with("x-request-id", "call-17"));
    assert_eq!(heard.status, 200);
    assert_eq!(
        heard.header("dialgate-use-by"),
        Some("2026-05-05T18:05:00Z")
    );
    assert_eq!(heard.header("x-request-id"), Some("call-17"));
    assert_eq!(heard.header("content-type"), Some("application/json"));
    assert_eq!(
        heard.text(),
        concat!(
            r#"{"allow":true,"decision":"ALLOW","reason":"Allowed","blocked_by":[],"#,
            r#""audit_id":482,"evaluation_id":1537,"account_id":"ACC-1","tenant_id":"demo","#,
            r#""channel":"phone","source_system":"five9","next_allowed_at":null,"#,
            r#""expires_at":"2026-05-06T18:00:00Z"}"#
        )
    );
    let asked = house.gateway.asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].0, TenantNo(0));
    assert!(matches!(asked[0].1.intent.contact, ContactPoint::Phone(_)));
    assert!(!asked[0].1.intent.exception_scope);
}

#[test]
fn a_block_is_200_without_a_use_by() {
    let house = House::open();
    let heard = house.ask(&asking(intent("BLOCKED")));
    assert_eq!((heard.status, heard.header("dialgate-use-by")), (200, None));
    assert_eq!(
        heard.json()["blocked_by"],
        serde_json::json!(["COMPLIANCE"])
    );
    assert_eq!(heard.header("x-request-id").unwrap().len(), 16);
}

#[test]
fn explain_adds_the_twelve_gates() {
    let house = House::open();
    let mut request = asking(intent("BLOCKED"));
    request.path = "/api/gate/contact-intent?explain=true";
    let body = house.ask(&request).json();
    assert_eq!(body["gates"].as_array().unwrap().len(), 12);
    assert_eq!(body["gates"][2]["code"], "CEASE");
    assert_eq!(body.as_object().unwrap().len(), 15);
}

#[test]
fn the_tenant_is_the_credentials_and_never_the_bodys() {
    let house = House::open();
    let body = intent("ACC-1").replace("{\"", "{\"tenant_id\":\"demo-b\",\"");
    let heard = house.ask(&asking(body));
    assert_eq!(heard.json()["tenant_id"], "demo");
    assert_eq!(house.gateway.asked.lock().unwrap()[0].0, TenantNo(0));
}

#[test]
fn the_exception_scope_and_the_idempotency_key_reach_the_gateway() {
    let house = House::open();
    let request = Request::new("POST", "/api/gate/contact-intent")
        .token(&token("gate:ask gate:exception"))
        .with("Idempotency-Key", "key-1")
        .json(intent("ACC-1"));
    assert_eq!(house.ask(&request).status, 200);
    let asked = house.gateway.asked.lock().unwrap();
    assert!(asked[0].1.intent.exception_scope);
    assert_eq!(&*asked[0].1.key.as_ref().unwrap().text, "key-1");
}

#[test]
fn every_fault_of_the_house_is_a_block() {
    let house = House::open();
    let codes = [
        "OVERLOADED",
        "DEADLINE_PASSED",
        "COMMIT_TIMEOUT",
        "SEALED",
        "RECOVERING",
    ];
    for (n, code) in codes.into_iter().chain(["INTERNAL"]).enumerate() {
        let heard = house.ask(&asking(intent(&format!("FAULT-{n}"))));
        assert_eq!(heard.status, 200);
        assert_system_error(&heard, code, None);
        assert_eq!(heard.json()["tenant_id"], "demo");
        assert_eq!(heard.json()["source_system"], "five9");
    }
    let late = house.ask(&asking(intent("SILENT")));
    assert_eq!(late.status, 200);
    assert_system_error(&late, "COMMIT_TIMEOUT", None);
}

#[test]
fn requests_sent_together_are_answered_in_order() {
    let house = House::open();
    let mut client = house.client();
    let requests: Vec<_> = (0..16)
        .map(|n| asking(intent(&format!("ACC-{n}"))))
        .collect();
    let all: Vec<u8> = requests.iter().flat_map(Request::bytes).collect();
    client.send(all);
    for n in 0..16 {
        assert_eq!(client.reply(false).json()["account_id"], format!("ACC-{n}"));
    }
}

#[test]
fn a_chunked_body_is_a_body() {
    let house = House::open();
    let body = intent("ACC-1");
    let (left, right) = body.split_at(30);
    let mut request = asking("").with("transfer-encoding", "chunked");
    request.body = format!(
        "{:x}\r\n{left}\r\n{:x}\r\n{right}\r\n0\r\n\r\n",
        left.len(),
        right.len()
    )
    .into_bytes();
    let heard = house.ask(&request);
    assert_eq!(
        (heard.status, heard.json()["allow"].clone()),
        (200, true.into())
    );
}

#[test]
fn a_disposition_reaches_the_gateway_decoded() {
    let house = House::open();
    let request = Request::new("POST", "/api/queue/account/ACC%2F%C3%A9/disposition")
        .token(&token("outcome:write"))
        .json(r#"{"audit_id":482,"outcome":"no_answer"}"#);
    let heard = house.ask(&request);
    assert_eq!((heard.status, heard.text()), (200, r#"{"audit_id":483}"#));
    let errands = house.gateway.errands.lock().unwrap();
    let (does, account, body) = &errands[0];
    assert_eq!((*does, &**account), (Native::AccountOutcome, "ACC/\u{e9}"));
    let settled = disposition::decode(body).unwrap();
    assert_eq!(
        (settled.audit_id, settled.outcome),
        (Some(482), Reported::NoAnswer)
    );
}

#[test]
fn bodies_stream_into_ingest() {
    let house = House::open();
    for (path, kind, expected) in [
        (
            "/api/queue/ingest",
            "text/csv; charset=utf-8",
            "Csv 3000000",
        ),
        ("/api/queue/ingest/json", "application/json", "Json 3000000"),
        (
            "/api/queue/ingest/json",
            "application/x-ndjson",
            "Lines 3000000",
        ),
    ] {
        let mut request = Request::new("POST", path)
            .token(&token("facts:write"))
            .with("content-type", kind);
        request.body = vec![b' '; 3_000_000];
        let heard = house.ask(&request);
        assert_eq!((heard.status, heard.text()), (200, expected));
    }
}

#[test]
fn health_version_and_metrics_need_no_token() {
    let house = House::open();
    for (path, expected) in [
        ("/api/health", "Summary None"),
        ("/api/health/liveness", "Liveness None"),
        ("/api/health/readiness", "Readiness None"),
        ("/api/health/deep", "Deep None"),
        ("/liveness", "Liveness None"),
        ("/readiness", "Readiness None"),
        ("/deep", "Deep None"),
        ("/api/version", "version"),
        ("/metrics", "metrics"),
    ] {
        let heard = house.ask(&Request::new("GET", path));
        assert_eq!((heard.status, heard.text()), (200, expected));
        let bare = house.ask(&Request::new("HEAD", path));
        assert_eq!((bare.status, bare.text()), (200, ""));
        let length = expected.len().to_string();
        assert_eq!(bare.header("content-length"), Some(&*length));
    }
    let deep = Request::new("GET", "/api/health/deep").token(&token("admin"));
    assert_eq!(house.ask(&deep).text(), "Deep Some(\"demo\")");
    let forged = Request::new("GET", "/api/health/deep").token("a.b.c");
    assert_eq!(house.ask(&forged).status, 401);
    let probe = Request::new("GET", "/api/health/liveness").token("a.b.c");
    assert_eq!(house.ask(&probe).status, 200);
}

#[test]
fn answers_are_counted_by_route_and_status() {
    let house = House::open();
    house.ask(&asking(intent("ACC-1")));
    house.ask(&asking("nonsense"));
    house.ask(&Request::new("GET", "/nowhere"));
    let expected = [
        (RouteName::ContactIntent, 200),
        (RouteName::ContactIntent, 422),
        (RouteName::Unknown, 404),
    ];
    assert_eq!(*house.gateway.counted.lock().unwrap(), expected);
    assert_eq!(house.gateway.asked.lock().unwrap().len(), 1);
    assert_eq!(NOW.plus(86_400).rfc3339().as_str(), "2026-05-06T18:00:00Z");
}

crate::protocols::over_each! {
    an_allow_is_200_with_a_use_by,
    a_block_is_200_without_a_use_by,
    explain_adds_the_twelve_gates,
    the_tenant_is_the_credentials_and_never_the_bodys,
    the_exception_scope_and_the_idempotency_key_reach_the_gateway,
    every_fault_of_the_house_is_a_block,
    a_disposition_reaches_the_gateway_decoded,
    bodies_stream_into_ingest,
    health_version_and_metrics_need_no_token,
    answers_are_counted_by_route_and_status,
}
