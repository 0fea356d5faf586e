//! `wire::intent::decode`: a request's body to an intent, the idempotency key's body hash included
//! where there is one; and `wire::batch`: a hundred of them out of one body.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dialgate::wire::batch::Batch;
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

/// Intents of the batch.
const BATCH: usize = 100;

fn read(body: &[u8]) -> usize {
    let Ok(mut batch) = Batch::open(body, false) else {
        return 0;
    };
    let mut read = 0;
    while let Ok(Some(Ok(ask))) = batch.next_intent() {
        black_box(ask);
        read += 1;
    }
    read
}

fn decode_batch(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode batch");
    for (name, body) in [
        ("five published fields", BARE),
        ("with key, mode and debts", FULL),
    ] {
        let body = [&b"["[..], &vec![body; BATCH].join(&b","[..]), b"]"].concat();
        assert_eq!(read(&body), BATCH);
        group.throughput(Throughput::Elements(BATCH as u64));
        group.bench_function(format!("{BATCH} intents, {name}"), |b| {
            b.iter(|| read(black_box(&body)));
        });
    }
    group.finish();
}

criterion_group!(benches, decode, decode_batch);
criterion_main!(benches);
