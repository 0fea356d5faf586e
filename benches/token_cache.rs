//! `Auth::check` of a token seen before, among ten thousand of them, and of one never seen.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use dialgate::domain::ids::TenantNo;
use dialgate::domain::time::UnixSeconds;
use dialgate::transport::auth::{Auth, TokenKind, sign};

const NOW: UnixSeconds = UnixSeconds(1_778_004_000);
const TOKENS: u32 = 10_000;

#[expect(
    clippy::unnecessary_wraps,
    reason = "a tenant may be unknown to the check"
)]
fn tenant(_name: &str) -> Option<TenantNo> {
    Some(TenantNo(0))
}

#[expect(clippy::panic, reason = "a bench that cannot begin stops")]
fn token_cache(c: &mut Criterion) {
    let kind = TokenKind {
        secret: vec![b'k'; 32].into(),
        issuer: "dialgate".into(),
        audience: "dialgate".into(),
    };
    let auth = Auth::new(&kind).unwrap_or_else(|why| panic!("{why}"));
    let header = |ttl_s| {
        let token = sign(&kind, "bench", "gate:ask", NOW, ttl_s);
        format!("Bearer {}", token.unwrap_or_else(|why| panic!("{why}"))).into_bytes()
    };
    let headers: Vec<Vec<u8>> = (0..TOKENS).map(|n| header(600 + n)).collect();
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
            header(ttl_s)
        };
        let check = |header: Vec<u8>| auth.check(Some(&header), NOW, tenant).is_ok();
        b.iter_batched(fresh, check, BatchSize::SmallInput);
    });
}

criterion_group!(benches, token_cache);
criterion_main!(benches);
