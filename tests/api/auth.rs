//! Credentials from outside: 401 and 403, and that nothing is asked without one.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dialgate::domain::time::UnixSeconds;
use dialgate::gateway::door::TokenCheck;
use dialgate::transport::Options;
use dialgate::transport::auth::{Auth, Expected, Keys, Signer, jwks, sign};
use serde_json::{Value, json};

use crate::client::Request;
use crate::stand_in::{
    House, NOW, asking, assert_problem, assert_system_error, intent, token, token_kind,
};

fn gate(token: Option<&str>) -> Request<'static> {
    let request = Request::new("POST", "/api/gate/contact-intent").json(intent("ACC-1"));
    match token {
        Some(token) => request.token(token),
        None => request,
    }
}

#[test]
fn the_gate_asks_for_a_good_token() {
    let house = House::open();
    let mut other = token_kind();
    other.secret = b"another secret, just as long as ours".as_slice().into();
    let forged = sign(&other, "demo", "gate:ask", NOW, 600).unwrap();
    let mut elsewhere = token_kind();
    elsewhere.audience = "elsewhere".into();
    let elsewhere = sign(&elsewhere, "demo", "gate:ask", NOW, 600).unwrap();
    let past = UnixSeconds(NOW.0 - 661);
    let expired = sign(&token_kind(), "demo", "gate:ask", past, 600).unwrap();
    for (token, code, field) in [
        (None, "NO_TOKEN", "Authorization"),
        (Some("x.y.z"), "TOKEN_MALFORMED", "Authorization"),
        (Some(&*forged), "TOKEN_FORGED", "Authorization"),
        (Some(&*elsewhere), "TOKEN_AUDIENCE", "aud"),
        (Some(&*expired), "TOKEN_EXPIRED", "exp"),
    ] {
        let heard = house.ask(&gate(token));
        assert_eq!(heard.status, 401, "{code}");
        assert!(
            heard
                .header("www-authenticate")
                .unwrap()
                .starts_with("Bearer ")
        );
        assert_system_error(&heard, code, Some(field));
        assert!(heard.json()["tenant_id"].is_null());
    }
    assert!(house.gateway.asked.lock().unwrap().is_empty());
}

#[test]
fn undeclared_tenants_and_missing_scopes_are_403() {
    let house = House::open();
    let nobody = sign(&token_kind(), "nobody", "gate:ask", NOW, 600).unwrap();
    let heard = house.ask(&gate(Some(&nobody)));
    assert_eq!(heard.status, 403);
    assert_system_error(&heard, "TENANT_UNDECLARED", Some("tenant_id"));
    assert!(heard.json()["tenant_id"].is_null());

    let heard = house.ask(&gate(Some(&token("admin facts:write gate:exception"))));
    assert_eq!(heard.status, 403);
    assert_system_error(&heard, "SCOPE_MISSING", Some("scope"));
    assert_eq!(heard.json()["tenant_id"], "demo");
    let challenge = heard.header("www-authenticate").unwrap();
    assert!(challenge.ends_with("error=\"insufficient_scope\", scope=\"gate:ask\""));
    assert!(house.gateway.asked.lock().unwrap().is_empty());
}

#[test]
fn other_routes_ask_for_their_own_scopes() {
    let house = House::open();
    for (path, scope, others) in [
        (
            "/api/queue/account/A/disposition",
            "outcome:write",
            "gate:ask gate:exception facts:write audit:read admin",
        ),
        (
            "/api/queue/ingest/json",
            "facts:write",
            "gate:ask gate:exception outcome:write audit:read admin",
        ),
        (
            "/api/queue/ingest",
            "facts:write",
            "gate:ask gate:exception outcome:write audit:read admin",
        ),
    ] {
        let heard = house.ask(&Request::new("POST", path).json("{}"));
        assert_problem(&heard, 401, "NO_TOKEN", Some("Authorization"));
        assert_eq!(
            heard.header("www-authenticate"),
            Some("Bearer realm=\"dialgate\"")
        );
        let heard = house.ask(&Request::new("POST", path).token(&token(others)).json("{}"));
        assert_problem(&heard, 403, "SCOPE_MISSING", Some("scope"));
        assert!(heard.header("www-authenticate").unwrap().contains(scope));
    }
    assert!(house.gateway.errands.lock().unwrap().is_empty());
}

#[test]
fn a_token_ends_in_the_middle_of_a_connection() {
    let house = House::open();
    let mut client = house.client();
    let request = asking(intent("ACC-1"));
    assert_eq!(client.ask(&request).status, 200);
    house.set_wall(NOW.plus(659));
    assert_eq!(client.ask(&request).status, 200);
    house.set_wall(NOW.plus(660));
    let heard = client.ask(&request);
    assert_eq!(heard.status, 401);
    assert_system_error(&heard, "TOKEN_EXPIRED", Some("exp"));
    house.set_wall(NOW.minus(61));
    assert_system_error(&client.ask(&request), "TOKEN_NOT_YET_VALID", Some("nbf"));
}

#[test]
fn two_tokens_are_none() {
    let house = House::open();
    let twice = gate(Some(&token("gate:ask"))).token(&token("gate:ask"));
    let heard = house.ask(&twice);
    assert_eq!(heard.status, 401);
    assert_system_error(&heard, "TOKEN_MALFORMED", Some("Authorization"));
}

/// A signer and the set of keys that believes it, and nobody else.
pub(crate) fn published() -> (Signer, Keys) {
    let der = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap();
    let body = STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let file = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]});
    let keys = jwks::read(file.to_string().as_bytes()).unwrap();
    let signer = Signer::pem("dialgate", "dialgate", pem.as_bytes(), Some("k")).unwrap();
    (signer, Keys::new(None, Some(keys)).unwrap())
}

/// A signer, and what believes it after a check on a thread of its own.
pub(crate) fn verifying() -> (Signer, Auth) {
    let expected = Expected {
        issuer: "dialgate".into(),
        audience: "dialgate".into(),
    };
    let (signer, keys) = published();
    (signer, Auth::with_verifiers(expected, keys, 1).unwrap())
}

#[test]
fn a_token_under_a_published_key_is_checked_beside_the_path_and_then_known() {
    let (signer, auth) = verifying();
    let (other, _) = published();
    let house = House::believing(auth, &Options::default());
    let token = signer.sign("demo", "gate:ask", NOW, 600).unwrap();
    let forged = other.sign("demo", "gate:ask", NOW, 600).unwrap();
    let mut client = house.client();
    for _ in 0..3 {
        assert_eq!(client.ask(&gate(Some(&token))).status, 200);
        let heard = client.ask(&gate(Some(&forged)));
        assert_system_error(&heard, "TOKEN_FORGED", Some("Authorization"));
    }
    house.auth.replace(published().1);
    let heard = client.ask(&gate(Some(&token)));
    assert_eq!(heard.status, 401);
    assert_system_error(&heard, "TOKEN_FORGED", Some("Authorization"));
    let (cached, refused) = (TokenCheck::Cached, TokenCheck::Refused);
    let checked = house.gateway.checked.lock().unwrap().clone();
    assert_eq!(
        checked,
        [
            TokenCheck::Verified,
            refused,
            cached,
            refused,
            cached,
            refused,
            refused
        ]
    );
    assert_eq!(house.gateway.asked.lock().unwrap().len(), 3);
}

/// A hundred connections that begin with one new token, and a hundred with forged ones.
#[test]
fn many_first_tokens_at_once_are_all_answered() {
    let (signer, auth) = verifying();
    let (other, _) = published();
    let house = House::believing(auth, &Options::default());
    let mut clients: Vec<_> = (0..200).map(|_| house.client()).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        let ttl_s = 600 + u32::try_from(number).unwrap();
        let token = match number % 2 {
            0 => signer.sign("demo", "gate:ask", NOW, 600).unwrap(),
            _ => other.sign("demo", "gate:ask", NOW, ttl_s).unwrap(),
        };
        client.send(gate(Some(&token)).bytes());
    }
    for (number, client) in clients.iter_mut().enumerate() {
        let heard = client.reply(false);
        let code: Value = heard.json()["error"]["code"].clone();
        match number % 2 {
            0 => assert_eq!((heard.status, code), (200, Value::Null)),
            _ => assert_eq!((heard.status, code), (401, json!("TOKEN_FORGED"))),
        }
    }
}

crate::protocols::over_each! {
    the_gate_asks_for_a_good_token,
    undeclared_tenants_and_missing_scopes_are_403,
    other_routes_ask_for_their_own_scopes,
    a_token_ends_in_the_middle_of_a_connection,
    two_tokens_are_none,
    a_token_under_a_published_key_is_checked_beside_the_path_and_then_known,
}
