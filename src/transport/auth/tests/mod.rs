//! Tokens good and bad, and keys of every kind to sign them with.

mod algorithms;
mod replaced;
mod secret;
mod vectors;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Auth, AuthError, Credential, Expected, Key, Keys, Signer, TokenKind, jwks};
use crate::domain::ids::TenantNo;
use crate::domain::time::UnixSeconds;

const NOW: UnixSeconds = UnixSeconds(1_778_004_000);

fn kind() -> TokenKind {
    TokenKind {
        secret: b"0123456789abcdef0123456789abcdef".as_slice().into(),
        issuer: "dialgate".into(),
        audience: "dialgate-gate".into(),
    }
}

fn expected() -> Expected {
    Expected {
        issuer: kind().issuer,
        audience: kind().audience,
    }
}

fn declared(name: &str) -> Option<TenantNo> {
    (name == "demo").then_some(TenantNo(3))
}

fn claims() -> Value {
    json!({"iss": "dialgate", "aud": "dialgate-gate", "exp": NOW.0 + 600, "nbf": NOW.0,
        "tenant_id": "demo", "scope": "gate:ask admin"})
}

fn changed(field: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[field] = value;
    claims
}

fn check_at(auth: &Auth, token: &str, now: UnixSeconds) -> Result<Credential, AuthError> {
    auth.check(Some(format!("Bearer {token}").as_bytes()), now, declared)
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A private key and what its owner publishes of it.
struct Pair {
    pem: String,
    jwk: Value,
}

impl Pair {
    fn new(der: &[u8], jwk: Value) -> Self {
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(der)
        );
        Self { pem, jwk }
    }

    fn ed25519() -> Self {
        let der = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap();
        let x = base64url(pair.public_key());
        Self::new(
            der.as_ref(),
            json!({"kty": "OKP", "crv": "Ed25519", "x": x}),
        )
    }

    fn p256() -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let der = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, der.as_ref()).unwrap();
        let point = pair.public_key().as_ref();
        let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
        Self::new(der.as_ref(), jwk)
    }

    fn rsa() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = pair.as_der().unwrap();
        let public = pair.public_key();
        let n = base64url(public.modulus().big_endian_without_leading_zero());
        let e = base64url(public.exponent().big_endian_without_leading_zero());
        Self::new(der.as_ref(), json!({"kty": "RSA", "n": n, "e": e}))
    }

    /// The published key under a name.
    fn named(&self, kid: &str) -> Value {
        let mut jwk = self.jwk.clone();
        jwk["kid"] = json!(kid);
        jwk
    }

    fn signer(&self, kid: Option<&str>) -> Signer {
        let expected = expected();
        Signer::pem(
            &expected.issuer,
            &expected.audience,
            self.pem.as_bytes(),
            kid,
        )
        .unwrap()
    }

    /// A good token.
    fn token(&self, kid: Option<&str>) -> String {
        self.signer(kid).sign("demo", "gate:ask", NOW, 600).unwrap()
    }
}

fn file(keys: &[Value]) -> Vec<Key> {
    jwks::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

/// A checker with a key file and no secret.
fn with_file(keys: &[Value]) -> Auth {
    Auth::inline(expected(), Keys::new(None, Some(file(keys))).unwrap())
}
