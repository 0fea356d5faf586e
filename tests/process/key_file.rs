//! A file of public keys under a running server: exchanged, half written, wrong, and signed for by
//! `dialgate token`.

use std::fs;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::house::{ALL, House, MAY, Server};
use crate::http::{Client, Request};
use crate::words::{gate, intent};

/// How often a server is asked whether it has seen a change.
const LOOKS_MAX: u32 = 60;

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Writes a private key and returns what is published of it.
fn private(house: &House, name: &str, der: &[u8], jwk: Value) -> Value {
    let body = STANDARD.encode(der);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    fs::write(house.path(&format!("{name}.pem")), pem).unwrap();
    let mut jwk = jwk;
    jwk["kid"] = json!(name);
    jwk
}

fn ed25519(house: &House, name: &str) -> Value {
    let der = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap();
    let x = base64url(pair.public_key().as_ref());
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    private(house, name, der.as_ref(), jwk)
}

pub(crate) fn p256(house: &House, name: &str) -> Value {
    let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let der = EcdsaKeyPair::generate_pkcs8(kind, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(kind, der.as_ref()).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    private(house, name, der.as_ref(), jwk)
}

/// Puts keys in the place of those there are, as an operator should: by renaming.
pub(crate) fn publish(house: &House, keys: &[&Value]) {
    let text = json!({ "keys": keys }).to_string();
    fs::write(house.path("new.json"), text).unwrap();
    fs::rename(house.path("new.json"), house.path("jwks.json")).unwrap();
}

/// A token signed with the private key `name`.
pub(crate) fn token(house: &House, name: &str, scope: &str) -> String {
    let (config, key) = (
        house.arg("dialgate.toml"),
        house.arg(&format!("{name}.pem")),
    );
    let ran = house.run(&[
        "token", "--config", &config, "--tenant", "open", "--scope", scope, "--key", &key, "--kid",
        name,
    ]);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
    ran.out.trim_end().to_owned()
}

/// A house that reads `jwks.json` again every `interval_s` seconds.
fn house(interval_s: &str) -> House {
    House::with(&[
        ("DIALGATE_AUTH__JWKS_FILE", "jwks.json"),
        ("DIALGATE_AUTH__RELOAD_INTERVAL_S", interval_s),
    ])
}

/// What health says of the keys, once it says what is waited for.
fn keys_when(server: &Server, token: &str, mut fits: impl FnMut(&Value) -> bool) -> Value {
    let mut said = Value::Null;
    for _ in 0..LOOKS_MAX {
        let deep = Request::new("GET", "/api/health/deep").token(token);
        said = server.ask(&deep).json()["keys"].clone();
        if fits(&said) {
            return said;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(250));
    }
    panic!("not seen: {said}");
}

/// Asks to telephone: the status, and the code of the refusal if it is one.
fn asked(client: &mut Client, token: &str) -> (u16, Value) {
    let heard = client
        .ask(&gate(token, &intent("ACC-001", "+18185551234")))
        .unwrap();
    let said = heard.json();
    assert_eq!(said["allow"], false, "the account is not on file");
    (heard.status, said["error"]["code"].clone())
}

#[test]
fn a_listener_hears_nothing_more_once_its_key_is_gone() {
    let house = house("0");
    let one = ed25519(&house, "one");
    publish(&house, &[&one]);
    let server = house.start(Some(MAY));
    let admin = house.token("open", ALL);
    let listening = token(&house, "one", "audit:read");
    let mut listener = server.client();
    let listen = Request::new("GET", "/api/events/floor").token(&listening);
    assert_eq!(listener.ask(&listen).unwrap().status, 200);
    publish(&house, &[]);
    server.signal("HUP");
    keys_when(&server, &admin, |keys| keys["keys"] == 1);
    // The credential is looked at once a second, while there is something to tell.
    let mut asking = server.client();
    let ended = (0..10_000).any(|_| {
        assert_eq!(asked(&mut asking, &admin), (200, Value::Null));
        let heard = listener.more().unwrap();
        heard.ends_with(b"\r\n0\r\n\r\n") || heard == b"0\r\n\r\n"
    });
    assert!(ended);
}

#[test]
fn a_key_removed_between_two_requests_of_a_connection_ends_its_tokens() {
    let house = house("0");
    let (one, two) = (ed25519(&house, "one"), p256(&house, "two"));
    publish(&house, &[&one, &two]);
    let server = house.start(Some(MAY));
    let (a, b) = (
        token(&house, "one", "gate:ask"),
        token(&house, "two", "gate:ask"),
    );
    let admin = house.token("open", ALL);
    let mut client = server.client();
    for token in [&a, &b, &admin] {
        assert_eq!(asked(&mut client, token), (200, Value::Null));
    }
    publish(&house, &[&two]);
    // Nobody looks by himself: only when told.
    assert_eq!(asked(&mut client, &a), (200, Value::Null));
    server.signal("HUP");
    let said = keys_when(&server, &admin, |keys| keys["keys"] == 2);
    assert_eq!(said["state"], "current");
    assert_eq!(asked(&mut client, &a), (401, json!("TOKEN_KEY_UNKNOWN")));
    assert_eq!(asked(&mut client, &b), (200, Value::Null));
    // The secret beside the file is exchanged in the same way.
    fs::write(
        house.path("jwt.key"),
        "another secret, just as long as the first",
    )
    .unwrap();
    server.signal("HUP");
    keys_when(&server, &b, |_| {
        asked(&mut client, &admin) == (401, json!("TOKEN_FORGED"))
    });
    assert_eq!(asked(&mut client, &b), (200, Value::Null));
    let (status, lines) = server.terminated();
    assert_eq!(status.code(), Some(0), "{lines:?}");
    let lines = lines.concat();
    assert!(lines.contains("new keys are in force"), "{lines}");
    for secret in [one["x"].as_str().unwrap(), "another secret", &a, &b] {
        assert!(!lines.contains(secret));
    }
}

#[test]
fn what_is_faulty_changes_nothing_until_it_is_mended() {
    let house = house("1");
    let (one, two) = (ed25519(&house, "one"), ed25519(&house, "two"));
    publish(&house, &[&one]);
    let server = house.start(Some(MAY));
    let admin = house.token("open", ALL);
    let (a, b) = (
        token(&house, "one", "gate:ask"),
        token(&house, "two", "gate:ask"),
    );
    let mut client = server.client();
    // Half a file, as one sees it that is being written.
    let text = json!({ "keys": [&two] }).to_string();
    fs::write(house.path("jwks.json"), &text.as_bytes()[..text.len() / 2]).unwrap();
    let said = keys_when(&server, &admin, |keys| keys["state"] == "refused");
    assert!(
        said["refused"]["findings"][0]
            .as_str()
            .unwrap()
            .contains("is no JSON object")
    );
    assert_eq!(
        (&said["keys"], &said["refused"]["count"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(asked(&mut client, &a), (200, Value::Null));
    assert_eq!(asked(&mut client, &b), (401, json!("TOKEN_KEY_UNKNOWN")));
    // Nobody but an administrator reads names of files and keys.
    let said = keys_when(&server, &a, |keys| keys["state"] == "refused");
    assert_eq!(said["refused"]["findings"], Value::Null);
    let mut private = two.clone();
    private["d"] = json!("AQAB");
    publish(&house, &[&private, &private]);
    let said = keys_when(&server, &admin, |keys| keys["refused"]["count"] == 2);
    let found = said["refused"]["findings"].as_array().unwrap();
    let line = "jwks.json: auth.jwks_file: key 1 (\"two\"): d is a private part, \
                which does not belong in this file";
    assert_eq!(found[0], line);
    publish(&house, &[&two]);
    keys_when(&server, &admin, |keys| keys["state"] == "current");
    assert_eq!(asked(&mut client, &a), (401, json!("TOKEN_KEY_UNKNOWN")));
    assert_eq!(asked(&mut client, &b), (200, Value::Null));
}

#[test]
fn a_start_with_a_faulty_file_tells_everything_and_is_64() {
    let house = house("0");
    let mut weak = ed25519(&house, "weak");
    weak["x"] = json!(base64url(&[0; 32]));
    publish(
        &house,
        &[
            &weak,
            &json!({"kty": "RSA", "kid": "short", "n": "AQAB", "e": "AQAB"}),
        ],
    );
    fs::write(house.path("jwt.key"), "short").unwrap();
    let ran = house.run(&["serve", "--config", &house.arg("dialgate.toml")]);
    assert_eq!(ran.code, Some(64), "{ran:?}");
    for told in [
        "auth.secret_file: needs 32 bytes",
        "jwks.json: auth.jwks_file: key 1 (\"weak\"): x is a weak or ill-formed Ed25519 key",
        "jwks.json: auth.jwks_file: key 2 (\"short\"): n has 17 bits, not 2048 to 4096",
    ] {
        assert!(ran.err.contains(told), "{told}: {}", ran.err);
    }
    fs::remove_file(house.path("jwks.json")).unwrap();
    let ran = house.run(&["serve", "--config", &house.arg("dialgate.toml")]);
    assert_eq!(ran.code, Some(64));
    assert!(
        ran.err
            .contains("jwks.json: auth.jwks_file: cannot be read"),
        "{}",
        ran.err
    );
}

#[test]
fn a_file_alone_is_enough_and_then_nothing_is_signed_without_a_key() {
    let house = house("0");
    let one = ed25519(&house, "one");
    publish(&house, &[&one]);
    let config = fs::read_to_string(house.path("dialgate.toml")).unwrap();
    let without: String = config
        .lines()
        .filter(|line| !line.contains("secret_file"))
        .fold(String::new(), |text, line| text + line + "\n");
    fs::write(house.path("dialgate.toml"), without).unwrap();
    let server = house.start(Some(MAY));
    let good = token(&house, "one", "gate:ask");
    assert_eq!(asked(&mut server.client(), &good), (200, Value::Null));
    let config = house.arg("dialgate.toml");
    let ran = house.run(&["token", "--config", &config, "--tenant", "open"]);
    assert_eq!(ran.code, Some(64), "{ran:?}");
    assert!(ran.err.contains("--key"), "{}", ran.err);
    let ran = house.run(&[
        "token", "--config", &config, "--tenant", "open", "--key", &config,
    ]);
    assert_eq!(ran.code, Some(65), "{ran:?}");
    let ran = house.run(&[
        "token", "--config", &config, "--tenant", "open", "--key", "none.pem",
    ]);
    assert_eq!(ran.code, Some(74), "{ran:?}");
}
