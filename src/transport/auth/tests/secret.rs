//! Tokens good and bad, and both sides of every time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use jsonwebtoken::{Algorithm, EncodingKey, Header};

use super::{NOW, changed, check_at, claims, declared, kind};
use crate::domain::ids::TenantNo;
use crate::domain::time::UnixSeconds;
use crate::gateway::door::Caller;
use crate::transport::auth::cache::TokenCache;
use crate::transport::auth::{Auth, AuthError, TokenKindError, sign};
use crate::wire::limits::TOKEN_BYTES_MAX;
use crate::wire::scopes::{Scope, Scopes};
use std::sync::Arc;

fn without(field: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(field);
    claims
}

fn signed_by(secret: &[u8], algorithm: Algorithm, claims: &Value) -> String {
    let key = EncodingKey::from_secret(secret);
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
}

fn signed(claims: &Value) -> String {
    signed_by(&kind().secret, Algorithm::HS256, claims)
}

fn refused(token: &str) -> AuthError {
    check_at(&Auth::new(&kind()).unwrap(), token, NOW).unwrap_err()
}

#[test]
fn a_good_token_names_tenant_and_scopes() {
    let auth = Auth::new(&kind()).unwrap();
    let expected = Caller {
        tenant: TenantNo(3),
        tenant_name: "demo".into(),
        scopes: Scopes::NONE.with(Scope::GateAsk).with(Scope::Admin),
    };
    let token = signed(&claims());
    assert_eq!(check_at(&auth, &token, NOW).unwrap().caller, expected);
    for scheme in ["bearer", "BEARER", "Bearer  "] {
        let header = format!("{scheme} {token}");
        let found = auth.check(Some(header.as_bytes()), NOW, declared).unwrap();
        assert_eq!(found.caller, expected);
    }
    assert_eq!(auth.verified.len(), 1);
    let list = signed(&changed("aud", json!(["other", "dialgate-gate"])));
    assert!(check_at(&auth, &list, NOW).is_ok());
    assert!(check_at(&auth, &signed(&without("nbf")), NOW).is_ok());
    let none = check_at(&auth, &signed(&without("scope")), NOW).unwrap();
    assert_eq!(none.caller.scopes, Scopes::NONE);
}

#[test]
fn what_we_sign_we_accept() {
    let auth = Auth::new(&kind()).unwrap();
    let token = sign(&kind(), "demo", "facts:write", NOW, 3_600).unwrap();
    let found = check_at(&auth, &token, NOW).unwrap();
    assert_eq!(&*found.caller.tenant_name, "demo");
    assert_eq!(found.caller.scopes, Scopes::NONE.with(Scope::FactsWrite));
    let known = auth.verified.get(&token).unwrap();
    assert_eq!((known.expires, known.not_before), (NOW.0 + 3_600, NOW.0));
}

#[test]
fn headers_that_are_no_bearer_token() {
    let auth = Auth::new(&kind()).unwrap();
    let long = format!("Bearer {}", "a".repeat(TOKEN_BYTES_MAX + 1));
    for (header, error) in [
        (None, AuthError::NoToken),
        (Some("Basic dXNlcjpwYXNz"), AuthError::NoToken),
        (Some("Bearer"), AuthError::Malformed),
        (Some("Bearer "), AuthError::Malformed),
        (Some("Bearer a"), AuthError::Malformed),
        (Some("Bearer a.b.c"), AuthError::Malformed),
        (Some("Bearer \u{e9}.b.c"), AuthError::Malformed),
        (Some(&long), AuthError::Malformed),
    ] {
        let found = auth.check(header.map(str::as_bytes), NOW, declared);
        assert_eq!(found.unwrap_err(), error, "{header:?}");
    }
}

#[test]
fn forged_and_misdirected_tokens_are_refused() {
    let other = b"another secret, just as long as ours";
    assert_eq!(
        refused(&signed_by(other, Algorithm::HS256, &claims())),
        AuthError::Forged
    );
    let mut tampered = signed(&claims());
    let payload = URL_SAFE_NO_PAD.encode(changed("tenant_id", json!("demo-b")).to_string());
    let parts: Vec<_> = tampered.split('.').map(str::to_owned).collect();
    tampered = format!("{}.{payload}.{}", parts[0], parts[2]);
    assert_eq!(refused(&tampered), AuthError::Forged);
    for (claims, error) in [
        (changed("aud", json!("other")), AuthError::WrongAudience),
        (changed("aud", json!([])), AuthError::WrongAudience),
        (changed("iss", json!("other")), AuthError::WrongIssuer),
        (
            changed("tenant_id", json!("nobody")),
            AuthError::UndeclaredTenant,
        ),
        (changed("tenant_id", json!("")), AuthError::UndeclaredTenant),
        (changed("tenant_id", json!(7)), AuthError::Malformed),
        (changed("exp", json!("soon")), AuthError::Malformed),
        (changed("nbf", json!("soon")), AuthError::Malformed),
        (changed("scope", json!(["admin"])), AuthError::Malformed),
        (without("exp"), AuthError::Malformed),
        (without("iss"), AuthError::Malformed),
        (without("aud"), AuthError::Malformed),
        (without("tenant_id"), AuthError::Malformed),
    ] {
        assert_eq!(refused(&signed(&claims)), error, "{claims}");
    }
}

#[test]
fn the_algorithm_is_not_the_tokens_choice() {
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let token = signed_by(&kind().secret, algorithm, &claims());
        assert_eq!(refused(&token), AuthError::WrongAlgorithm);
    }
    let payload = URL_SAFE_NO_PAD.encode(claims().to_string());
    for (header, error) in [
        (r#"{"alg":"none"}"#, AuthError::WrongAlgorithm),
        (r#"{"alg":"NONE","typ":"JWT"}"#, AuthError::WrongAlgorithm),
        (r#"{"alg":"hs256"}"#, AuthError::WrongAlgorithm),
        (r#"{"alg":["HS256"]}"#, AuthError::Malformed),
        (r#"{"alg":"none","alg":"HS256"}"#, AuthError::Malformed),
        (r#"{"typ":"JWT"}"#, AuthError::Malformed),
    ] {
        let unsigned = format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header));
        assert_eq!(refused(&unsigned), error, "{header}");
    }
    let mut header = Header::new(Algorithm::HS256);
    header.crit = Some(vec!["exp".to_owned()]);
    let key = EncodingKey::from_secret(&kind().secret);
    let token = jsonwebtoken::encode(&header, &claims(), &key).unwrap();
    assert_eq!(refused(&token), AuthError::Malformed);
}

/// AUTH-2: to the second, for a token that is known and one that is not.
#[test]
fn auth_2_times_hold_to_the_second_cached_or_not() {
    let token = signed(&claims());
    let (expires, begins) = (NOW.0 + 600, NOW.0);
    let cached = Auth::new(&kind()).unwrap();
    assert!(check_at(&cached, &token, NOW).is_ok());
    for auth in [&cached, &Auth::new(&kind()).unwrap()] {
        for (now, expected) in [
            (expires + 60, Some(AuthError::Expired)),
            (expires + 59, None),
            (begins - 60, None),
            (begins - 61, Some(AuthError::NotYetValid)),
            (i64::MAX, Some(AuthError::Expired)),
        ] {
            assert_eq!(
                check_at(auth, &token, UnixSeconds(now)).err(),
                expected,
                "{now}"
            );
        }
    }
    for exp in [i64::MAX, i64::MIN] {
        let token = signed(&changed("exp", json!(exp)));
        let error = check_at(&cached, &token, NOW).err();
        assert_eq!(error.is_some(), exp == i64::MIN);
    }
}

/// AUTH-1: what is refused is not remembered; what is forged is not either.
#[test]
fn auth_1_refused_tokens_leave_nothing_behind() {
    let auth = Auth::new(&kind()).unwrap();
    for token in [
        signed(&changed("exp", json!(NOW.0 - 60))),
        signed(&changed("aud", json!("other"))),
        signed_by(&[7; 32], Algorithm::HS256, &claims()),
    ] {
        assert!(check_at(&auth, &token, NOW).is_err());
    }
    assert_eq!(auth.verified.len(), 0);
}

#[test]
fn the_cache_stays_within_its_bound() {
    let mut auth = Auth::new(&kind()).unwrap();
    auth.verified = Arc::new(TokenCache::new(8));
    for n in 0..100 {
        let token = signed(&changed("exp", json!(NOW.0 + 600 + n)));
        assert!(check_at(&auth, &token, NOW).is_ok());
        assert!(auth.verified.len() <= 8, "{n}");
        assert!(check_at(&auth, &token, NOW).is_ok());
    }
}

#[test]
fn short_secrets_are_refused() {
    let mut kind = kind();
    kind.secret = vec![7; 31].into();
    assert_eq!(Auth::new(&kind).err(), Some(TokenKindError::SecretTooShort));
    assert_eq!(
        sign(&kind, "demo", "", NOW, 1),
        Err(TokenKindError::SecretTooShort)
    );
    kind.secret = vec![7; 32].into();
    assert!(Auth::new(&kind).is_ok());
}

#[test]
fn challenges_name_the_error_and_the_scope() {
    assert_eq!(AuthError::NoToken.challenge(), "Bearer realm=\"dialgate\"");
    assert_eq!(
        AuthError::Expired.challenge(),
        "Bearer realm=\"dialgate\", error=\"invalid_token\", error_description=\"expired token\""
    );
    let missing = AuthError::MissingScope(Scope::FactsWrite);
    assert_eq!(
        (missing.status(), AuthError::UndeclaredTenant.status()),
        (403, 403)
    );
    assert_eq!(
        missing.challenge(),
        "Bearer realm=\"dialgate\", error=\"insufficient_scope\", scope=\"facts:write\""
    );
    assert_eq!(AuthError::Forged.status(), 401);
}

#[test]
fn a_tenant_is_looked_up_at_every_use() {
    let auth = Auth::new(&kind()).unwrap();
    let header = format!("Bearer {}", signed(&claims()));
    let ask = |tenant: Option<u16>| {
        let found = auth.check(Some(header.as_bytes()), NOW, |_name| tenant.map(TenantNo));
        found.map(|credential| credential.caller.tenant.0)
    };
    assert_eq!(ask(None), Err(AuthError::UndeclaredTenant));
    assert_eq!(ask(Some(7)), Ok(7));
    assert_eq!(ask(Some(8)), Ok(8));
    assert_eq!(ask(None), Err(AuthError::UndeclaredTenant));
}
