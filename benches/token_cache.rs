//! `Auth::check` of a token seen before, among ten thousand of them, and of one never seen, under
//! each algorithm.

use std::hint::black_box;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use dialgate::domain::ids::TenantNo;
use dialgate::domain::time::UnixSeconds;
use dialgate::transport::auth::{Auth, Expected, Keys, Signer, TokenKind, jwks};
use serde_json::{Value, json};

const NOW: UnixSeconds = UnixSeconds(1_778_004_000);
const TOKENS: u32 = 10_000;
/// Tokens of one run under a key that is slow to sign with.
const FRESH: u32 = 2_000;

#[expect(
    clippy::unnecessary_wraps,
    reason = "a tenant may be unknown to the check"
)]
fn tenant(_name: &str) -> Option<TenantNo> {
    Some(TenantNo(0))
}

#[expect(clippy::panic, reason = "a bench that cannot begin stops")]
fn sure<T, E: std::fmt::Debug>(made: Result<T, E>) -> T {
    made.unwrap_or_else(|why| panic!("{why:?}"))
}

fn expected() -> Expected {
    Expected {
        issuer: "dialgate".into(),
        audience: "dialgate".into(),
    }
}

fn header(signer: &Signer, ttl_s: u32) -> Vec<u8> {
    let token = sure(signer.sign("bench", "gate:ask", NOW, ttl_s));
    format!("Bearer {token}").into_bytes()
}

fn shared(c: &mut Criterion) {
    let kind = TokenKind {
        secret: vec![b'k'; 32].into(),
        issuer: expected().issuer,
        audience: expected().audience,
    };
    let (auth, signer) = (sure(Auth::new(&kind)), sure(Signer::secret(&kind)));
    let headers: Vec<Vec<u8>> = (0..TOKENS).map(|n| header(&signer, 600 + n)).collect();
    for header in &headers {
        assert!(auth.check(Some(header), NOW, tenant).is_ok());
    }
    let mut all = headers.iter().cycle();
    c.bench_function("token seen before, of 10,000", |b| {
        b.iter(|| auth.check(black_box(all.next().map(|h| &**h)), NOW, tenant));
    });
    let mut ttl_s = 600 + TOKENS;
    c.bench_function("token never seen, HS256", |b| {
        let fresh = || {
            ttl_s += 1;
            header(&signer, ttl_s)
        };
        let check = |header: Vec<u8>| auth.check(Some(&header), NOW, tenant).is_ok();
        b.iter_batched(fresh, check, BatchSize::SmallInput);
    });
}

/// Name, private key, published key.
fn pairs() -> [(&'static str, Vec<u8>, Value); 3] {
    let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let random = SystemRandom::new();
    let rsa = sure(RsaKeyPair::generate(KeySize::Rsa2048));
    let (n, e) = (rsa.public_key().modulus(), rsa.public_key().exponent());
    let (n, e) = (
        n.big_endian_without_leading_zero(),
        e.big_endian_without_leading_zero(),
    );
    let ec = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let ec_der = sure(EcdsaKeyPair::generate_pkcs8(ec, &random));
    let ec = sure(EcdsaKeyPair::from_pkcs8(ec, ec_der.as_ref()));
    let (x, y) = ec.public_key().as_ref().split_at(33);
    let x = x.get(1..).unwrap_or_default();
    let okp_der = sure(Ed25519KeyPair::generate_pkcs8v1(&random));
    let ed = sure(Ed25519KeyPair::from_pkcs8(okp_der.as_ref()));
    let ed = encoded(ed.public_key().as_ref());
    [
        (
            "RS256, 2048 bits",
            sure(rsa.as_der()).as_ref().to_vec(),
            json!({"kty": "RSA", "n": encoded(n), "e": encoded(e)}),
        ),
        (
            "ES256",
            ec_der.as_ref().to_vec(),
            json!({"kty": "EC", "crv": "P-256", "x": encoded(x), "y": encoded(y)}),
        ),
        (
            "EdDSA",
            okp_der.as_ref().to_vec(),
            json!({"kty": "OKP", "crv": "Ed25519", "x": ed}),
        ),
    ]
}

fn published(c: &mut Criterion) {
    for (name, der, jwk) in pairs() {
        let body = STANDARD.encode(der);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let signer = sure(Signer::pem("dialgate", "dialgate", pem.as_bytes(), None));
        let headers: Vec<Vec<u8>> = (0..FRESH).map(|n| header(&signer, 600 + n)).collect();
        let file = json!({ "keys": [jwk] }).to_string();
        // A checker that has seen none of them, as often as they have all been seen.
        let fresh = || {
            let keys = sure(jwks::read(file.as_bytes()));
            Auth::inline(expected(), sure(Keys::new(None, Some(keys))))
        };
        let (mut auth, mut next) = (fresh(), 0);
        c.bench_function(&format!("token never seen, {name}"), |b| {
            b.iter(|| {
                let header = headers.get(next).map(|header| &**header);
                next += 1;
                if next == headers.len() {
                    (auth, next) = (fresh(), 0);
                }
                assert!(auth.check(black_box(header), NOW, tenant).is_ok());
            });
        });
    }
}

criterion_group!(benches, shared, published);
criterion_main!(benches);
