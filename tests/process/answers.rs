//! The gate's answer to the letter: fields, order, echo, what comes with an explanation.

use dialgate::domain::time::UnixSeconds;
use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE};
use crate::house::House;
use crate::http::Request;
use crate::words::{codes, gate, intent};

/// The published fields in their published order.
const FIELDS: [&str; 12] = [
    "allow",
    "decision",
    "reason",
    "blocked_by",
    "audit_id",
    "evaluation_id",
    "account_id",
    "tenant_id",
    "channel",
    "source_system",
    "next_allowed_at",
    "expires_at",
];

/// The names of an object's own fields, in the order they stand in the text.
fn fields(body: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(body).unwrap();
    let object: Value = serde_json::from_str(text).unwrap();
    let mut named: Vec<(usize, String)> = object
        .as_object()
        .unwrap()
        .keys()
        .map(|name| (text.find(&format!("\"{name}\":")).unwrap(), name.clone()))
        .collect();
    named.sort_unstable();
    named.into_iter().map(|(_, name)| name).collect()
}

fn plain(token: &str, intent: &Value) -> Request {
    Request::new("POST", "/api/gate/contact-intent")
        .token(token)
        .json(intent.to_string())
}

#[test]
fn the_published_sample_is_answered_in_twelve_fields() {
    let floor = Floor::open();
    let asked = intent(ACCOUNT, "(818) 555-1234");
    let heard = floor.server.ask(&plain(&floor.token, &asked));
    assert_eq!(
        (heard.status, heard.header("content-type")),
        (200, Some("application/json"))
    );
    assert_eq!(fields(&heard.body), FIELDS);
    let mut said = heard.json();
    let expires = said["expires_at"].take();
    assert!(expires.is_string());
    assert_eq!(
        said,
        json!({
            "allow": true, "decision": "ALLOW", "reason": "Allowed", "blocked_by": [],
            "audit_id": 3, "evaluation_id": 1, "account_id": ACCOUNT, "tenant_id": "open",
            "channel": "phone", "source_system": "five9", "next_allowed_at": null,
            "expires_at": null,
        })
    );
    assert!(heard.header("dialgate-use-by").is_some());
    let row = floor.house.rows().pop().unwrap();
    assert!(
        row["subjects"][0]["subject"]
            .as_str()
            .unwrap()
            .contains(PHONE),
        "normalised"
    );
}

#[test]
fn a_block_names_every_gate_in_order_and_takes_no_tenant_from_the_body() {
    let floor = Floor::of(House::with(&[]), "guarded");
    floor.state(&json!([{ "account_id": ACCOUNT, "facts": [
        { "fact": "escalation", "escalation": "complaint" }, { "fact": "cease" },
    ]}]));
    let mut asked = intent(ACCOUNT, PHONE);
    asked["tenant_id"] = json!("open");
    let heard = floor.server.ask(&plain(&floor.token, &asked));
    assert_eq!(fields(&heard.body), FIELDS);
    let said = heard.json();
    assert_eq!(said["blocked_by"], json!(["COMPLIANCE", "ESCALATION"]));
    assert_eq!(said["reason"], "Blocked by: COMPLIANCE, ESCALATION");
    assert_eq!(
        (&said["decision"], &said["tenant_id"]),
        (&json!("BLOCK"), &json!("guarded"))
    );
    assert_eq!(said["next_allowed_at"], Value::Null);
    assert_eq!(heard.header("dialgate-use-by"), None);
}

#[test]
fn an_explanation_adds_twelve_gates_with_the_law_behind_them() {
    let floor = Floor::open();
    floor.state(&json!([{ "account_id": ACCOUNT, "facts": [{ "fact": "cease" }] }]));
    let heard = floor
        .server
        .ask(&gate(&floor.token, &intent(ACCOUNT, PHONE)));
    assert_eq!(
        fields(&heard.body)[12..],
        ["use_by", "gates", "flags"].map(str::to_owned)
    );
    let said = heard.json();
    assert_eq!(
        (&said["use_by"], codes(&said)),
        (&Value::Null, vec!["CEASE".to_owned()])
    );
    let gates = said["gates"].as_array().unwrap();
    let names: Vec<&str> = gates
        .iter()
        .map(|gate| gate["gate"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "ACCOUNT",
            "STRATEGY",
            "COMPLIANCE",
            "ESCALATION",
            "AUTHORITY",
            "FAIRNESS",
            "TIMING",
            "CONSENT",
            "CHANNEL",
            "PROMISE",
            "CONCURRENCY",
            "INFRASTRUCTURE",
        ]
    );
    for (n, gate) in gates.iter().enumerate() {
        assert_eq!(gate["ordinal"], n + 1);
        assert_eq!(gate["outcome"], if n == 2 { "block" } else { "pass" });
    }
    let code = &gates[2]["codes"][0];
    assert_eq!(
        (&code["code"], &gates[2]["code"]),
        (&json!("CEASE"), &json!("CEASE"))
    );
    assert!(
        code["citation"].as_str().unwrap().contains("1006.6(c)"),
        "{code}"
    );
    assert!(
        code["sentence"]
            .as_str()
            .is_some_and(|sentence| sentence.ends_with('.'))
    );
}

#[test]
fn an_allow_says_until_when_it_may_be_used() {
    let floor = Floor::open();
    let heard = floor
        .server
        .ask(&gate(&floor.token, &intent(ACCOUNT, PHONE)));
    let said = heard.json();
    assert_eq!(said["use_by"].as_str(), heard.header("dialgate-use-by"));
    let row = floor.house.rows().pop().unwrap();
    let decided = row["body"]["t"].as_i64().unwrap();
    assert_eq!(row["body"]["u"], decided + 300);
    let use_by = UnixSeconds(decided + 300).rfc3339();
    assert_eq!(said["use_by"], use_by.as_str());
    let fresh_until = UnixSeconds(decided + 86_400).rfc3339();
    assert_eq!(said["expires_at"], fresh_until.as_str());
}

#[test]
fn use_by_is_cut_where_calling_hours_end() {
    let late = Some("2026-05-06T03:58:00Z");
    let floor = Floor::open().restarted(late, |server| server.started.kill());
    let said = floor.call();
    assert_eq!(
        (&said["allow"], &said["use_by"]),
        (&json!(true), &json!("2026-05-06T04:00:00Z"))
    );
}

#[test]
fn an_unknown_account_ends_at_the_first_gate() {
    let floor = Floor::open();
    let heard = floor
        .server
        .ask(&gate(&floor.token, &intent("NOBODY", PHONE)));
    let said = heard.json();
    assert_eq!(
        (heard.status, &said["blocked_by"]),
        (200, &json!(["ACCOUNT"]))
    );
    assert_eq!(codes(&said), ["UNKNOWN_ACCOUNT"]);
    let outcomes: Vec<&Value> = said["gates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gate| &gate["outcome"])
        .collect();
    assert_eq!(outcomes[0], "block");
    assert!(
        outcomes[1..]
            .iter()
            .all(|outcome| *outcome == "not_evaluated")
    );
}

#[test]
fn outside_calling_hours_it_says_when_to_ask_again() {
    let floor = Floor::open().restarted(Some("2026-05-06T04:00:00Z"), |server| {
        server.started.kill();
    });
    // Nine in the evening in California: closed to the second, open again at eight.
    let said = floor.call();
    assert_eq!(codes(&said)[0], "CALL_HOURS");
    assert_eq!(said["blocked_by"], json!(["TIMING"]));
    assert_eq!(said["next_allowed_at"], "2026-05-06T15:00:00Z");
}
