//! What callers get wrong: each row of the table of bad input, at the real server.

use std::time::SystemTime;

use dialgate::domain::time::UnixSeconds;
use dialgate::transport::auth::{TokenKind, sign};
use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE};
use crate::house::{House, SECRET};
use crate::http::{Reply, Request};
use crate::words::{codes, facts, gate, intent};

const GATE: &str = "/api/gate/contact-intent";
/// Bytes of a gate's body, and of one ingested row.
const BODY_MAX: usize = 64 * 1024;
const ROW_MAX: usize = 16 * 1024;
/// The other routes that want a credential, with what they read and the scope they ask for.
const OTHERS: [(&str, &str, &str); 3] = [
    ("/api/queue/ingest", "text/csv", "facts:write"),
    ("/api/queue/ingest/json", "application/json", "facts:write"),
    (
        "/api/queue/account/A/disposition",
        "application/json",
        "outcome:write",
    ),
];

/// Twelve fields that allow nothing, and why.
fn assert_refused(reply: &Reply, status: u16, code: &str, field: Option<&str>) {
    let said = reply.json();
    assert_eq!(
        (reply.status, &said["error"]["code"]),
        (status, &json!(code)),
        "{said}"
    );
    assert_eq!(
        (&said["allow"], &said["decision"]),
        (&json!(false), &json!("BLOCK"))
    );
    assert_eq!(said["blocked_by"], json!(["SYSTEM_ERROR"]));
    assert_eq!(said["reason"], "Blocked by: SYSTEM_ERROR");
    for name in ["audit_id", "evaluation_id", "next_allowed_at", "expires_at"] {
        assert_eq!(said[name], Value::Null, "{name}");
    }
    assert_eq!(
        said["error"]["field"],
        field.map_or(Value::Null, Value::from)
    );
    assert!(
        said["error"]["request_id"]
            .as_str()
            .is_some_and(|id| !id.is_empty())
    );
    assert!(
        said["error"]["message"]
            .as_str()
            .is_some_and(|text| text.ends_with('.'))
    );
    assert_eq!(said.as_object().unwrap().len(), 13);
}

/// A problem document.
fn assert_problem(reply: &Reply, status: u16, code: &str, field: Option<&str>) {
    let said = reply.json();
    assert_eq!(
        (reply.status, &said["code"]),
        (status, &json!(code)),
        "{said}"
    );
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(
        (&said["status"], said["field"].as_str()),
        (&json!(status), field),
        "{said}"
    );
    assert!(
        said["type"].is_string() && said["title"].is_string(),
        "{said}"
    );
    assert!(said["request_id"].is_string(), "{said}");
}

fn kind() -> TokenKind {
    TokenKind {
        secret: SECRET.as_bytes().into(),
        issuer: "dialgate".into(),
        audience: "dialgate".into(),
    }
}

fn token(kind: &TokenKind, tenant: &str, from_now_s: i64) -> String {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let from = UnixSeconds(i64::try_from(now).unwrap() + from_now_s);
    sign(
        kind,
        tenant,
        "gate:ask facts:write outcome:write",
        from,
        600,
    )
    .unwrap()
}

#[test]
fn without_a_good_token_it_is_401_everywhere() {
    let floor = Floor::open();
    let with = |change: fn(&mut TokenKind)| {
        let mut kind = kind();
        change(&mut kind);
        token(&kind, "open", 0)
    };
    // {"alg":"none"} and {"alg":"HS512"} over our claims.
    let good = token(&kind(), "open", 0);
    let claims = good.split('.').nth(1).unwrap();
    let none = format!("eyJhbGciOiJub25lIn0.{claims}.");
    let other = format!(
        "eyJhbGciOiJIUzUxMiJ9.{claims}.{}",
        good.split('.').nth(2).unwrap()
    );
    for (sent, code, field) in [
        (None, "NO_TOKEN", "Authorization"),
        (Some("x.y.z".to_owned()), "TOKEN_MALFORMED", "Authorization"),
        (Some(none), "TOKEN_ALGORITHM", "Authorization"),
        (Some(other), "TOKEN_ALGORITHM", "Authorization"),
        (
            Some(with(|kind| kind.secret = [7; 40].into())),
            "TOKEN_FORGED",
            "Authorization",
        ),
        (
            Some(with(|kind| kind.audience = "elsewhere".into())),
            "TOKEN_AUDIENCE",
            "aud",
        ),
        (
            Some(with(|kind| kind.issuer = "somebody".into())),
            "TOKEN_ISSUER",
            "iss",
        ),
        (Some(token(&kind(), "open", -700)), "TOKEN_EXPIRED", "exp"),
        (
            Some(token(&kind(), "open", 120)),
            "TOKEN_NOT_YET_VALID",
            "nbf",
        ),
    ] {
        let send = |path: &str, kind: &str| {
            let request = Request::new("POST", path).with("content-type", kind);
            floor.server.ask(&match &sent {
                Some(token) => request.token(token),
                None => request,
            })
        };
        let heard = send(GATE, "application/json");
        assert_refused(&heard, 401, code, Some(field));
        assert_eq!(heard.json()["tenant_id"], Value::Null);
        assert!(
            heard
                .header("www-authenticate")
                .unwrap()
                .starts_with("Bearer ")
        );
        for (path, kind, _) in OTHERS {
            let heard = send(path, kind);
            assert_problem(&heard, 401, code, Some(field));
            assert!(
                heard
                    .header("www-authenticate")
                    .unwrap()
                    .starts_with("Bearer ")
            );
        }
    }
    assert_eq!(floor.rows_of("d"), 0);
}

#[test]
fn a_token_is_good_for_a_minute_past_its_end() {
    let floor = Floor::open();
    // Within the leeway of a minute.
    let just = token(&kind(), "open", -630);
    assert_eq!(
        floor
            .server
            .ask(&gate(&just, &intent(ACCOUNT, PHONE)))
            .status,
        200
    );
    assert_eq!(floor.rows_of("d"), 1);
}

#[test]
fn undeclared_tenants_and_missing_scopes_are_403() {
    let floor = Floor::open();
    let nobody = token(&kind(), "nobody", 0);
    let heard = floor.server.ask(&gate(&nobody, &intent(ACCOUNT, PHONE)));
    assert_refused(&heard, 403, "TENANT_UNDECLARED", Some("tenant_id"));
    assert_eq!(heard.json()["tenant_id"], Value::Null);
    let auditor = floor.house.token("open", "audit:read admin gate:exception");
    let heard = floor.server.ask(&gate(&auditor, &intent(ACCOUNT, PHONE)));
    assert_refused(&heard, 403, "SCOPE_MISSING", Some("scope"));
    assert_eq!(heard.json()["tenant_id"], "open");
    for (path, kind, scope) in OTHERS {
        let send = |token: &str| {
            let request = Request::new("POST", path).token(token);
            floor.server.ask(&request.with("content-type", kind))
        };
        assert_problem(&send(&nobody), 403, "TENANT_UNDECLARED", Some("tenant_id"));
        assert_problem(&send(&auditor), 403, "SCOPE_MISSING", Some("scope"));
        assert_ne!(
            send(&floor.house.token("open", scope)).status,
            403,
            "{path}"
        );
    }
    assert_eq!(floor.rows_of("d"), 0);
}

#[test]
fn bodies_that_do_not_fit_are_refused_and_the_field_named() {
    let floor = Floor::open();
    let send = |body: &str| {
        let request = Request::new("POST", GATE).token(&floor.token);
        floor.server.ask(&request.json(body))
    };
    for (body, code) in [
        ("", "INVALID_JSON"),
        ("{", "INVALID_JSON"),
        ("[]", "NOT_AN_OBJECT"),
        ("\u{feff}{}", "INVALID_JSON"),
    ] {
        assert_refused(&send(body), 422, code, None);
    }
    let deep = "[".repeat(30_000);
    assert_eq!(send(&deep).status, 422);
    for field in [
        "account_id",
        "channel",
        "action_type",
        "source_system",
        "phone",
    ] {
        let mut asked = intent(ACCOUNT, PHONE);
        asked[field] = json!(7);
        assert_refused(&send(&asked.to_string()), 422, "WRONG_TYPE", Some(field));
        asked[field] = json!("x".repeat(65));
        assert_refused(&send(&asked.to_string()), 422, "TOO_LONG", Some(field));
        asked.as_object_mut().unwrap().remove(field);
        assert_refused(&send(&asked.to_string()), 422, "MISSING", Some(field));
    }
    let padded = |length: usize| {
        let mut asked = intent(ACCOUNT, PHONE);
        asked["note"] = json!("");
        let short = asked.to_string().len();
        asked["note"] = json!("n".repeat(length - short));
        asked.to_string()
    };
    assert_refused(&send(&padded(BODY_MAX + 1)), 413, "BODY_TOO_LARGE", None);
    assert_eq!(floor.rows_of("d"), 0);
    assert_eq!(send(&padded(BODY_MAX)).status, 200);
    let typed = |kind: &str| {
        let request = Request::new("POST", GATE).token(&floor.token);
        floor.server.ask(&request.with("content-type", kind))
    };
    assert_refused(
        &typed("text/plain"),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        Some("Content-Type"),
    );
    for (path, kind, _) in OTHERS {
        let other = if kind == "text/csv" {
            "application/json"
        } else {
            "text/csv"
        };
        let request = Request::new("POST", path).token(&floor.token);
        let heard = floor.server.ask(&request.with("content-type", other));
        assert_problem(&heard, 415, "UNSUPPORTED_MEDIA_TYPE", Some("Content-Type"));
    }
}

#[test]
fn what_a_gate_must_say_no_to_is_200_and_on_record() {
    let floor = Floor::open();
    let asked = |field: &str, value: &str| {
        let mut asked = intent(ACCOUNT, PHONE);
        asked[field] = json!(value);
        let heard = floor.server.ask(&gate(&floor.token, &asked));
        assert_eq!(heard.status, 200, "{field}");
        let said = heard.json();
        assert!(said["audit_id"].is_u64(), "{said}");
        (said["blocked_by"].clone(), codes(&said))
    };
    for (field, value, gate, code) in [
        ("account_id", "NOBODY", "ACCOUNT", "UNKNOWN_ACCOUNT"),
        ("phone", "call me", "ACCOUNT", "INVALID_PHONE"),
        ("phone", "+44 20 7946 0000", "ACCOUNT", "INVALID_PHONE"),
        ("phone", "(818) 555-9999", "ACCOUNT", "UNKNOWN_PHONE"),
        ("channel", "pigeon", "CHANNEL", "UNKNOWN_CHANNEL"),
        ("action_type", "shout", "CHANNEL", "UNKNOWN_ACTION"),
        ("dial_mode", "psychic", "AUTHORITY", "UNKNOWN_DIAL_MODE"),
    ] {
        let (gates, codes) = asked(field, value);
        assert!(
            gates.as_array().unwrap().contains(&json!(gate)),
            "{value}: {gates}"
        );
        assert!(
            codes.iter().any(|known| known == code),
            "{value}: {codes:?}"
        );
    }
    assert_eq!(floor.rows_of("d"), 7);
}

#[test]
fn uploads_name_their_bad_rows_and_keep_the_good_ones() {
    let floor = Floor::of(
        House::with(&[("DIALGATE_INGEST__INGEST_BYTES_MAX", "65536")]),
        "open",
    );
    let good = |id: &str| json!({ "account_id": id, "state": "CA" });
    let mut long = good("LONG");
    long["portfolio"] = json!("p".repeat(ROW_MAX));
    let lines = format!(
        "{}\nnonsense\n{}\n{}\n{}\n",
        good("G-1"),
        json!({ "account_id": "B", "state": "CA", "surprise": 1 }),
        long,
        good("G-2"),
    );
    let request = Request::new("POST", "/api/queue/ingest/json").token(&floor.token);
    let heard = floor.server.ask(&request.json(lines)).json();
    assert_eq!(
        (&heard["applied"], &heard["unchanged"]),
        (&json!(2), &json!(0)),
        "{heard}"
    );
    let said: Vec<(u64, &str)> = heard["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["line"].as_u64().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        said,
        [
            (2, "INVALID_JSON"),
            (3, "UNKNOWN_FIELD"),
            (4, "ROW_TOO_LARGE")
        ]
    );
    let records: Vec<Value> = (0..4_000).map(|n| good(&format!("M-{n}"))).collect();
    let heard = floor.server.ask(&facts(&floor.token, &json!(records)));
    assert_problem(&heard, 413, "BODY_TOO_LARGE", None);
    let heard = floor.server.ask(&facts(&floor.token, &json!(7)));
    assert_eq!(heard.status, 422, "{}", heard.json());
    assert_eq!(floor.house.ledger("verify").code, Some(0));
}

/// WIRE-2, and TELEMETRY-1 in the log.
#[test]
fn no_refusal_repeats_what_the_caller_wrote() {
    let floor = Floor::open();
    let mut asked = intent("SECRET-ACCOUNT", "818-555-0199");
    asked["channel"] = json!({ "SECRET-CHANNEL": 1 });
    let heard = floor.server.ask(&gate(&floor.token, &asked));
    let body = String::from_utf8(heard.body).unwrap();
    assert!(!body.contains("SECRET") && !body.contains("555"), "{body}");
    let records = json!([{ "account_id": "SECRET-ACCOUNT", "state": "SECRET" }]);
    let heard = floor.server.ask(&facts(&floor.token, &records));
    let body = String::from_utf8(heard.body).unwrap();
    assert!(!body.contains("SECRET"), "{body}");
    let heard = floor
        .server
        .ask(&Request::new("GET", "/api/SECRET?phone=8185550199"));
    assert_problem(&heard, 404, "NOT_FOUND", None);
    let body = String::from_utf8(heard.body).unwrap();
    assert!(!body.contains("SECRET") && !body.contains("555"), "{body}");
    let (_, lines) = floor.server.terminated();
    let log = lines.concat();
    assert!(!log.contains("SECRET") && !log.contains("5550199"), "{log}");
}
