//! HTTP/3 with clients nobody here wrote: aioquic, and Chromium without a window. Where one is not there,
//! its test says so and passes; `.ci/run` installs what it can.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::house::{ALL, House, MAY};

/// A house with a certificate for `localhost`, and what a browser knows that certificate's key by.
fn with_certificate(more: &[(&str, &str)]) -> (House, String) {
    let (house, made) = House::with_tls(more);
    let key = Sha256::digest(rcgen::PublicKeyData::subject_public_key_info(
        &made.signing_key,
    ));
    (house, STANDARD.encode(key))
}

/// Says on the real standard error, which the test harness does not keep to itself, what was not tried.
fn skipped(why: &str) {
    drop(writeln!(std::io::stderr(), "skipped: {why}"));
}

/// A Python that has aioquic.
fn python() -> Option<PathBuf> {
    let target = option_env!("CARGO_TARGET_DIR").unwrap_or("target");
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join(target);
    let beside = target.join("tools/aioquic/bin/python");
    let has = |python: &PathBuf| {
        let asked = Command::new(python).args(["-c", "import aioquic"]).output();
        asked.is_ok_and(|asked| asked.status.success())
    };
    [beside, PathBuf::from("python3")].into_iter().find(has)
}

/// What aioquic heard: all of them asked at once, on one connection.
fn asked(python: &Path, house: &House, port: u16, requests: Vec<Value>) -> Vec<Value> {
    let port = port.to_string();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/process/foreign/ask_http3.py");
    let mut asking = Command::new(python)
        .arg(script)
        .args(["127.0.0.1", &port, &house.arg("cert.pem")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = Value::from(requests).to_string();
    asking
        .stdin
        .take()
        .unwrap()
        .write_all(asked.as_bytes())
        .unwrap();
    let heard = asking.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&heard.stderr);
    assert!(heard.status.success(), "{errors}");
    serde_json::from_slice(&heard.stdout).unwrap()
}

#[test]
fn aioquic_asks_everything() {
    let Some(python) = python() else {
        skipped("no Python here has aioquic");
        return;
    };
    let (house, _) = with_certificate(&[]);
    let server = house.start(Some(MAY));
    let token = format!("Bearer {}", house.token("open", ALL));
    let intent = json!({
        "account_id": "ACC-1", "phone": "(818) 555-1234", "channel": "phone",
        "action_type": "call", "source_system": "five9"
    });
    let ask = |method: &str, path: &str, token: &str, body: String| {
        let headers = json!({
            "authorization": token, "content-type": "application/json"
        });
        json!({ "method": method, "path": path, "headers": headers, "body": body })
    };
    let gate = "/api/gate/contact-intent";
    let many: Vec<Value> = vec![intent.clone(); 500];
    // No HEAD: this client takes an answer's length for that of a body that is to come.
    let mut requests = vec![
        ask("POST", gate, &token, intent.to_string()),
        ask("POST", gate, "Bearer x", intent.to_string()),
        ask("POST", gate, &token, "{".to_owned()),
        ask("GET", "/api/version", &token, String::new()),
        ask("GET", "/nowhere", &token, String::new()),
        ask(
            "POST",
            "/api/gate/contact-intents",
            &token,
            Value::from(many).to_string(),
        ),
        ask("POST", gate, &token, " ".repeat(70_000)),
    ];
    // As many as may be under way at once, and more.
    requests.extend((0..200).map(|_| ask("POST", gate, &token, intent.to_string())));
    let answers = asked(&python, &house, server.address.port(), requests);
    let status: Vec<_> = answers
        .iter()
        .map(|answer| answer["status"].as_u64())
        .collect();
    let first = [200, 401, 422, 200, 404, 200, 413].map(Some);
    assert_eq!(status[..7], first, "{:?}", answers.last());
    assert!(
        status[7..].iter().all(|status| *status == Some(200)),
        "{status:?}"
    );
    let body = |n: usize| answers[n]["body"].as_str().unwrap();
    let decision: Value = serde_json::from_str(body(0)).unwrap();
    assert_eq!(decision["account_id"], "ACC-1");
    assert!(!decision["audit_id"].is_null(), "{decision}");
    let batch: Value = serde_json::from_str(body(5)).unwrap();
    let batch = batch.as_array().or_else(|| batch["answers"].as_array());
    assert_eq!(batch.map(Vec::len), Some(500));
    let (ended, lines) = server.terminated();
    assert_eq!(ended.code(), Some(0), "{lines:?}");
    let ready = lines
        .iter()
        .find(|line| line.contains("\"ready\""))
        .unwrap();
    assert!(ready.contains("h3, dialgate/1"), "{ready}");
}

/// A browser that can do without a window.
fn chromium() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.into_iter().find(|name| {
        let asked = Command::new(name).arg("--version").output();
        asked.is_ok_and(|asked| asked.status.success())
    })
}

#[test]
fn chromium_asks_over_quic_and_nothing_else() {
    let Some(chromium) = chromium() else {
        skipped("no Chromium here");
        return;
    };
    for http3 in ["true", "false"] {
        let (house, key) = with_certificate(&[("DIALGATE_QUIC__HTTP3", http3)]);
        let server = house.start(Some(MAY));
        let port = server.address.port();
        let asked = Command::new("timeout")
            .args([
                "60",
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
            ])
            .arg(format!("--user-data-dir={}", house.arg("browser")))
            .arg(format!("--origin-to-force-quic-on=localhost:{port}"))
            .arg(format!("--ignore-certificate-errors-spki-list={key}"))
            .args([
                "--host-resolver-rules=MAP localhost 127.0.0.1",
                "--dump-dom",
            ])
            .arg(format!("https://localhost:{port}/api/version"))
            .output()
            .unwrap();
        let page = String::from_utf8_lossy(&asked.stdout);
        // Told to use QUIC for it, the browser has nothing to fall back on.
        let answered = page.contains("semantics");
        assert_eq!(
            answered,
            http3 == "true",
            "{page}\n{}",
            String::from_utf8_lossy(&asked.stderr)
        );
    }
}
