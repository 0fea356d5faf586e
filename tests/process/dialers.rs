//! Dialers that report by themselves: credentials, mappings, reloads, and what a report changes.

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::floor::{ACCOUNT, Floor, PHONE, audit};
use crate::house::{ALL, House};
use crate::http::{Reply, Request};
use crate::words::{codes, gate, intent};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const TOKEN: &str = "a-token-of-24-characters";
const PASSWORD: &str = "a-password-of-some-length";
const FORM: &str = "application/x-www-form-urlencoded";
/// Looks before a change counts as not noticed, and the time between them: half a minute.
const LOOKS_MAX: u32 = 1_500;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Shipped mappings of the tenant `open`, each with a credential of another kind.
fn house() -> House {
    let house = House::with(&[
        ("DIALGATE_DIALERS__DIR", "dialers"),
        ("DIALGATE_DIALERS__SECRETS_DIR", "secrets"),
        ("DIALGATE_DIALERS__RELOAD_INTERVAL_S", "0"),
    ]);
    fs::create_dir(house.path("dialers")).unwrap();
    fs::create_dir_all(house.path("secrets/open")).unwrap();
    for (name, credential, secret) in [
        ("five9", "kind = \"basic\"\nuser = \"five9\"", PASSWORD),
        ("convoso", "kind = \"token\"\nquery = \"key\"", TOKEN),
        ("generic", "kind = \"hmac\"", KEY),
    ] {
        let text = shipped(name).replace("\"demo\"", "\"open\"");
        let text = format!("{text}\n[credential]\n{credential}\nsecret_files = [\"{name}\"]\n");
        fs::write(house.path(&format!("dialers/{name}.toml")), text).unwrap();
        fs::write(house.path(&format!("secrets/open/{name}")), secret).unwrap();
    }
    house
}

fn shipped(name: &str) -> String {
    let file = format!("config/dialers/{name}.toml");
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn floor() -> Floor {
    Floor::of(house(), "open")
}

fn post(path: &str) -> Request {
    Request::new("POST", path)
}

/// Of Five9, under HTTP Basic.
fn five9(body: &Value) -> Request {
    let pair = STANDARD.encode(format!("five9:{PASSWORD}"));
    let request = post("/api/dialer/webhook/five9").with("authorization", format!("Basic {pair}"));
    request.json(body.to_string())
}

/// Of Convoso, under a token in the query.
fn convoso(form: &str) -> Request {
    post(&format!("/api/dialer/webhook/convoso?key={TOKEN}")).typed(FORM, form)
}

/// Of the generic dialer, signed `ago` seconds ago.
fn signed(path: &str, id: &str, ago: i64, body: &str) -> Request {
    let wall = UNIX_EPOCH.elapsed().unwrap().as_secs();
    let at = i64::try_from(wall).unwrap() - ago;
    let key = STANDARD
        .decode(KEY.strip_prefix("whsec_").unwrap())
        .unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let made = hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes());
    post(path)
        .with("webhook-id", id)
        .with("webhook-timestamp", at.to_string())
        .with("webhook-signature", format!("v1,{}", STANDARD.encode(made)))
        .json(body)
}

fn generic(id: &str, body: &Value) -> Request {
    signed("/api/dialer/webhook/generic", id, 0, &body.to_string())
}

fn code(reply: &Reply) -> (u16, String) {
    let kind = reply.header("content-type");
    assert_eq!(kind, Some("application/problem+json"), "{:?}", reply.json());
    (
        reply.status,
        reply.json()["code"].as_str().unwrap().to_owned(),
    )
}

impl Floor {
    fn heard(&self, request: &Request) -> Value {
        let heard = self.server.ask(request);
        assert_eq!(heard.status, 200, "{:?}", heard.json());
        heard.json()
    }

    fn config(&self) -> Value {
        self.heard(&Request::new("GET", "/api/dialer/config").token(&self.token))
    }

    /// A dialer as its tenant sees it.
    fn dialer(&self, id: &str) -> Value {
        let all = self.config();
        let mut all = all["dialers"].as_array().unwrap().iter();
        let found = all.find(|one| one["dialer_id"] == id);
        found.unwrap_or_else(|| panic!("no {id}")).clone()
    }

    fn put(&self, form: &Value) -> Reply {
        let request = Request::new("PUT", "/api/dialer/config").token(&self.token);
        self.server.ask(&request.json(form.to_string()))
    }

    /// Has the mappings read again, until health says what is wanted.
    fn mappings_reread(&self, state: &str) -> Value {
        let pid = self.server.started.child.id().to_string();
        let sent = std::process::Command::new("sh")
            .args(["-c", "kill -HUP \"$0\"", &pid])
            .status();
        assert!(sent.unwrap().success());
        for _ in 0..LOOKS_MAX {
            let asked = Request::new("GET", "/api/health/deep").token(&self.token);
            let dialers = self.server.ask(&asked).json()["dialers"].clone();
            if dialers["state"] == state {
                return dialers;
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        panic!("not {state}: {}", self.deep()["dialers"]);
    }
}

#[test]
fn each_credential_admits_its_dialer_and_its_report_changes_the_next_answer() {
    let floor = floor();
    let allowed = audit(&floor.call());
    // A call that never connected leaves the count, one that did not ring through stays in it.
    let body = json!({ "call": { "call_id": "F-1", "number": PHONE, "disposition_name": "Busy" },
        "account_id": ACCOUNT, "audit_id": allowed });
    let heard = floor.heard(&five9(&body));
    assert_eq!(heard["outcome"], "busy");
    assert_eq!(
        (&heard["matched"], &heard["unchanged"], &heard["mapped"]),
        (&json!(true), &json!(false), &json!(true))
    );
    assert!(heard["row_id"].is_u64());
    let form = format!(
        "call_log_id=C-1&vendor_lead_code={ACCOUNT}&number_dialed=%2B18185551234&status=NA"
    );
    assert_eq!(floor.heard(&convoso(&form))["outcome"], "no_answer");
    let body = json!({ "call_id": "G-1", "account_id": ACCOUNT, "phone": PHONE, "outcome": "do_not_call" });
    assert_eq!(
        floor.heard(&generic("m-1", &body))["outcome"],
        "do_not_call"
    );
    let answer = floor.call();
    assert_eq!(answer["allow"], false);
    assert!(
        codes(&answer)
            .iter()
            .any(|code| code.contains("DO_NOT_CALL") || code.contains("OPT_OUT")),
        "{answer}"
    );
    assert_eq!(floor.rows_of("o"), 3);
}

/// Names invariant WEBHOOK-1.
#[test]
fn whoever_is_not_believed_hears_the_same() {
    let house = house();
    let closed = shipped("generic").replace("\"demo\"", "\"open\"");
    fs::write(house.path("dialers/closed.toml"), closed).unwrap();
    let floor = Floor::of(house, "open");
    let body =
        json!({ "call_id": "1", "account_id": ACCOUNT, "phone": PHONE, "outcome": "no_answer" })
            .to_string();
    let path = |id: &str| format!("/api/connectors/dialer/{id}/webhook");
    let good = signed(&path("generic"), "m", 0, &body);
    assert_eq!(floor.server.ask(&good).status, 200, "its own path");
    let told = |request: &Request| {
        let heard = floor.server.ask(request);
        let mut body = heard.json();
        body["request_id"] = Value::Null;
        (
            heard.status,
            heard.header("www-authenticate").map(str::to_owned),
            body,
        )
    };
    let wrong = |request: &Request| {
        let (status, challenge, body) = told(request);
        assert_eq!((status, challenge.is_some()), (401, true), "{body}");
        (challenge, body)
    };
    let first = wrong(&post(&path("generic")).json(&*body));
    let changed = good.json(body.replace("no_answer", "voicemail"));
    for request in [
        signed(&path("none"), "m", 0, &body),
        signed(&path("closed"), "m", 0, &body),
        signed(&path("five9"), "m", 0, &body),
        signed("/api/dialer/webhook/convoso", "m", 0, &body),
        signed(&path("%FF"), "m", 0, &body),
        signed(&path(&"x".repeat(300)), "m", 0, &body),
        signed(&path("generic"), "m", 302, &body),
        signed(&path("generic"), "m", -302, &body),
        post(&path("generic")).token(&floor.token).json(&*body),
        post("/api/dialer/webhook/convoso?key=a-token-of-24-characterz").json(&*body),
        changed,
    ] {
        assert_eq!(wrong(&request), first);
    }
    assert_eq!(
        floor
            .server
            .ask(&signed(&path("generic"), "n", 295, &body))
            .status,
        200
    );
    assert_eq!(
        floor
            .server
            .ask(&signed(&path("generic"), "n", -295, &body))
            .status,
        200
    );
    assert_eq!(floor.rows_of("o"), 1);
}

#[test]
fn a_replay_has_no_second_effect_with_a_call_id_and_without_one() {
    let floor = floor();
    let with =
        json!({ "call_id": "G-1", "account_id": ACCOUNT, "phone": PHONE, "outcome": "no_answer" });
    let mut without = with.clone();
    without.as_object_mut().unwrap().remove("call_id");
    for (request, same) in [
        (generic("m-1", &with), generic("m-2", &with)),
        (generic("m-3", &without), generic("m-3", &without)),
    ] {
        assert_eq!(floor.heard(&request)["unchanged"], false);
        for again in [&request, &same] {
            let heard = floor.heard(again);
            assert_eq!(
                (&heard["unchanged"], &heard["row_id"]),
                (&json!(true), &Value::Null)
            );
        }
    }
    // Another message is another call.
    assert_eq!(floor.heard(&generic("m-4", &without))["unchanged"], false);
    let timed = format!(
        "vendor_lead_code={ACCOUNT}&phone=8185551234&status=NA&call_date=2026-05-05 10:00:00"
    );
    let timed = timed.replace(' ', "+");
    assert_eq!(floor.heard(&convoso(&timed))["unchanged"], false);
    assert_eq!(
        floor.heard(&convoso(&timed))["unchanged"],
        true,
        "the same bytes"
    );
    assert_eq!(floor.rows_of("o"), 4);
}

#[test]
fn an_unknown_account_is_heard_and_a_body_that_says_too_little_is_not() {
    let floor = floor();
    let body =
        json!({ "call_id": "G-1", "account_id": "NOBODY", "phone": PHONE, "outcome": "no_answer" });
    assert_eq!(floor.heard(&generic("m-1", &body))["matched"], false);
    for (body, wanted, field) in [
        ("{", "INVALID_JSON", Value::Null),
        ("[]", "NOT_AN_OBJECT", Value::Null),
        (r#"{"outcome":"no_answer"}"#, "MISSING", json!("account_id")),
        (r#"{"account_id":"A"}"#, "MISSING", json!("disposition")),
        (
            r#"{"account_id":"A","phone":"12","outcome":"no_answer"}"#,
            "INVALID_PHONE",
            json!("phone"),
        ),
        (
            r#"{"account_id":"A","outcome":"no_answer","occurred_at":"noon"}"#,
            "INVALID_INSTANT",
            json!("occurred_at"),
        ),
    ] {
        let heard = floor
            .server
            .ask(&signed("/api/dialer/webhook/generic", "m", 0, body));
        assert_eq!(code(&heard), (422, wanted.to_owned()), "{body}");
        assert_eq!(heard.json()["field"], field);
    }
    let typed = post("/api/dialer/webhook/generic").typed("text/plain", "x");
    assert_eq!(floor.server.ask(&typed).status, 415);
    let large = signed(
        "/api/dialer/webhook/generic",
        "m",
        0,
        &" ".repeat(64 * 1024 + 1),
    );
    assert_eq!(floor.server.ask(&large).status, 413);
    assert_eq!(
        floor
            .server
            .ask(&Request::new("GET", "/api/dialer/webhook/generic"))
            .status,
        405
    );
}

#[test]
fn a_report_that_names_a_number_alone_is_about_whoever_has_it_on_file() {
    let floor = floor();
    let body = json!({ "call_id": "G-1", "phone": PHONE, "outcome": "conversation" });
    assert_eq!(floor.heard(&generic("m-1", &body))["matched"], true);
    assert_eq!(codes(&floor.call()), ["CALL_AFTER_CONVERSATION"]);
    let body = json!({ "call_id": "G-2", "phone": "+14045550199", "outcome": "conversation" });
    assert_eq!(floor.heard(&generic("m-2", &body))["matched"], false);
}

#[test]
fn an_unknown_name_counts_and_is_listed_until_it_is_mapped() {
    let floor = floor();
    let body = |call: &str, talk: &str| {
        json!({ "call": { "call_id": call, "number": PHONE, "disposition_name": "Spoke To Mum", "length": talk },
            "account_id": ACCOUNT })
    };
    let heard = floor.heard(&five9(&body("1", "00:00:29")));
    assert_eq!(
        (&heard["outcome"], &heard["mapped"]),
        (&json!("dropped"), &json!(false))
    );
    floor.heard(&five9(&body("2", "5")));
    floor.heard(&five9(&body("2", "5")));
    let listed = floor.dialer("five9")["unmapped"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(
        (&listed[0]["name"], &listed[0]["count"]),
        (&json!("Spoke To Mum"), &json!(2))
    );
    assert!(
        listed[0]["first_seen"]
            .as_str()
            .unwrap()
            .starts_with("2026-05-05T18:0")
    );
    let heard = floor.heard(&five9(&body("3", "00:00:30")));
    assert_eq!(heard["outcome"], "conversation", "long talk");
    assert_eq!(codes(&floor.call()), ["CALL_AFTER_CONVERSATION"]);
    let path = floor.house.path("dialers/five9.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("\"Third Party\",", "\"Third Party\", \"spoke-to-mum\","),
    )
    .unwrap();
    let before = floor.config()["files"]["since"].clone();
    floor.mappings_reread("current");
    for _ in 0..LOOKS_MAX {
        if floor.config()["files"]["since"] != before {
            break;
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    assert_eq!(floor.dialer("five9")["unmapped"], json!([]));
    assert_eq!(
        floor.heard(&five9(&body("4", "30")))["outcome"],
        "third_party"
    );
}

#[test]
fn what_was_not_dialed_under_no_permit_gives_nothing_back() {
    let floor = floor();
    let allowed = audit(&floor.call());
    let mut tried = intent(ACCOUNT, PHONE);
    tried["dry_run"] = json!(true);
    let tried = floor.server.ask(&gate(&floor.token, &tried)).json();
    let body = |audit_id: u64| {
        json!({ "call_id": "G-1", "account_id": ACCOUNT, "phone": PHONE, "outcome": "not_dialed",
            "audit_id": audit_id })
    };
    let heard = floor.heard(&generic("m-1", &body(audit(&tried))));
    assert_eq!(
        heard,
        json!({ "outcome": "not_dialed", "row_id": null, "matched": true, "unchanged": true,
            "mapped": true })
    );
    assert_eq!(floor.rows_of("o"), 0);
    let heard = floor.heard(&generic("m-2", &body(allowed)));
    assert_eq!(heard["unchanged"], false, "its own was still reserved");
}

#[test]
fn a_bad_mapping_is_refused_by_file_and_key_and_the_old_one_stays() {
    let floor = floor();
    let path = floor.house.path("dialers/generic.toml");
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, good.replace("no_answer = ", "no_anser = ")).unwrap();
    let told = floor.mappings_reread("refused");
    let finding = told["refused"]["findings"][0].as_str().unwrap();
    assert!(
        finding.ends_with("generic.toml: outcomes.no_anser: unknown key"),
        "{finding}"
    );
    assert_eq!(
        floor.deep()["dialers"]["refused"]["findings"],
        Value::Null,
        "not for everybody"
    );
    assert_eq!(floor.config()["files"]["state"], "refused");
    let body =
        json!({ "call_id": "1", "account_id": ACCOUNT, "phone": PHONE, "outcome": "no_answer" });
    assert_eq!(floor.heard(&generic("m", &body))["outcome"], "no_answer");
    fs::write(&path, good).unwrap();
    floor.mappings_reread("current");
    // A start is refused for the same reason.
    let house = house();
    fs::write(house.path("dialers/x.toml"), "tenant = 7\n").unwrap();
    let (status, lines) = house.spawn(None).ended();
    assert_eq!(status.code(), Some(64));
    assert!(
        lines.concat().contains("x.toml: tenant: is not a text"),
        "{lines:?}"
    );
}

#[test]
fn a_mapping_that_is_put_decides_at_once_and_after_a_restart() {
    let floor = floor();
    fs::write(
        floor.house.path("secrets/open/ivr"),
        "a-token-for-the-ivr-alone",
    )
    .unwrap();
    let mut form = json!({
        "dialer_id": "ivr", "kind": "generic",
        "fields": { "account_id": "who", "disposition": "what", "call_id": "/call/0/id" },
        "outcomes": { "no_answer": ["rang"] },
        "credential": { "kind": "token", "header": "X-Ivr", "secret_files": ["ivr"] },
    });
    let put = floor.put(&form);
    assert_eq!(put.status, 200, "{}", put.json());
    assert_eq!(put.json()["dialer"]["state"], "open");
    let report = |floor: &Floor, call: &str, what: &str| {
        let body = json!({ "who": ACCOUNT, "what": what, "call": [{ "id": call }] });
        let request =
            post("/api/connectors/dialer/ivr/webhook").with("x-ivr", "a-token-for-the-ivr-alone");
        floor.heard(&request.json(body.to_string()))["outcome"].clone()
    };
    assert_eq!(report(&floor, "1", "Rang"), "no_answer");
    assert_eq!(report(&floor, "2", "beeped"), "dropped");
    form["outcomes"]["voicemail"] = json!("beep*");
    form.as_object_mut().unwrap().remove("credential");
    assert_eq!(floor.put(&form).status, 200);
    assert_eq!(floor.put(&form).json()["unchanged"], true);
    assert_eq!(
        report(&floor, "3", "beeped"),
        "voicemail",
        "and the credential stays"
    );
    refuses_bad_mappings(&floor, &form);
    let reader = floor.house.token("open", "audit:read");
    let asked = Request::new("PUT", "/api/dialer/config")
        .token(&reader)
        .json(form.to_string());
    assert_eq!(floor.server.ask(&asked).status, 403);
    let other = floor.house.token("guarded", ALL);
    let shown = floor.heard(&Request::new("GET", "/api/dialer/config").token(&other));
    assert_eq!(shown["dialers"], json!([]), "another tenant's do not exist");
    let all = floor.config().to_string();
    for secret in [KEY, TOKEN, PASSWORD, "a-token-for-the-ivr-alone"] {
        assert!(!all.contains(secret));
    }
    let floor = floor.restarted(Some(crate::house::MAY), |server| server.started.kill());
    assert_eq!(report(&floor, "4", "beeped"), "voicemail");
}

/// Each by the key that is at fault; what was in force stays so.
fn refuses_bad_mappings(floor: &Floor, form: &Value) {
    for (key, value, finding) in [
        ("kind", json!("x"), "kind"),
        (
            "outcomes",
            json!({ "no_answer": ["a"], "voicemail": ["A"] }),
            "outcomes.voicemail",
        ),
        (
            "credential",
            json!({ "kind": "hmac", "secret_env": "HOME" }),
            "credential",
        ),
        (
            "credential",
            json!({ "kind": "hmac", "secret_files": ["/etc/passwd"] }),
            "credential",
        ),
        ("tenant", json!("guarded"), "-"),
    ] {
        let mut bad = form.clone();
        bad[key] = value;
        let refused = floor.put(&bad);
        assert_eq!(refused.status, 422, "{key}");
        let told = refused.json();
        let keys: Vec<_> = told["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| one["key"].clone())
            .collect();
        assert!(finding == "-" || keys == [finding], "{told}");
    }
}
