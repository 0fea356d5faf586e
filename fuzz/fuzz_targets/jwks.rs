//! Whatever the file: no panic; what is read is within its bounds, has names that differ, and
//! believes no signature that nobody made; what is refused says where.

#![no_main]

use std::collections::HashSet;

use dialgate::domain::time::UnixSeconds;
use dialgate::transport::auth::{Auth, Expected, Keys, jwks};
use dialgate::wire::limits::{JWKS_BYTES_MAX, KEYS_MAX, KID_BYTES_MAX};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let keys = match jwks::read(bytes) {
        Ok(keys) => keys,
        Err(findings) => {
            assert!(!findings.is_empty());
            for finding in findings {
                assert!(finding.to_string().is_ascii());
            }
            return;
        }
    };
    assert!(bytes.len() <= JWKS_BYTES_MAX && keys.len() <= KEYS_MAX);
    let mut kids = HashSet::new();
    for kid in keys.iter().filter_map(|key| key.kid()) {
        assert!((1..=KID_BYTES_MAX).contains(&kid.len()) && kid.is_ascii());
        assert!(kids.insert(kid.to_owned()));
    }
    let algs: Vec<_> = keys.iter().map(|key| key.alg().as_str()).collect();
    let expected = Expected {
        issuer: "i".into(),
        audience: "a".into(),
    };
    let keys = Keys::new(None, Some(keys)).expect("no secret");
    let auth = Auth::inline(expected, keys);
    // {"iss":"i","aud":"a","exp":9999999999,"tenant_id":"t"}
    let claims = "eyJpc3MiOiJpIiwiYXVkIjoiYSIsImV4cCI6OTk5OTk5OTk5OSwidGVuYW50X2lkIjoidCJ9";
    for alg in algs {
        let header = match alg {
            "HS256" => "eyJhbGciOiJIUzI1NiJ9",
            "RS256" => "eyJhbGciOiJSUzI1NiJ9",
            "ES256" => "eyJhbGciOiJFUzI1NiJ9",
            _ => "eyJhbGciOiJFZERTQSJ9",
        };
        let signature = "AA".repeat(32);
        let token = format!("Bearer {header}.{claims}.{signature}");
        assert!(
            auth.check(Some(token.as_bytes()), UnixSeconds(0), |_| None)
                .is_err()
        );
    }
});
