//! `wire::intent::decode`: a request's body to an intent, the idempotency key's body hash included
//! where there is one.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use dialgate::wire::intent;

const BARE: &[u8] = br#"{"account_id":"ACC-00004711","phone":"+14045550100","channel":"phone","action_type":"call","source_system":"five9"}"#;
const FULL: &[u8] = br#"{"account_id":"ACC-00004711","phone":"(404) 555-0100","channel":"phone","action_type":"call","source_system":"five9","request_id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","dial_mode":"manual","purpose":"collection","campaign_id":"spring","agent_id":"kim","debt_ids":["D-1","D-2"]}"#;

fn decode(c: &mut Criterion) {
    for (name, body) in [
        ("five published fields", BARE),
        ("with key, mode and debts", FULL),
    ] {
        assert!(intent::decode(body, None, false).is_ok());
        c.bench_function(
            &format!("decode intent, {name}, {} bytes", body.len()),
            |b| {
                b.iter(|| intent::decode(black_box(body), None, false));
            },
        );
    }
}

criterion_group!(benches, decode);
criterion_main!(benches);
