//! A decision row's canonical bytes and its link in the chain: SHA-256 over the previous hash and
//! the bytes.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dialgate::ledger::row::link;
use dialgate::wire::row::RowBody;

fn decision(body: &mut RowBody, seq: u64) -> &[u8] {
    body.begin();
    body.int("a", 4_711_u32);
    body.int("af", 0_u8);
    body.int("b", 0_u16);
    body.ints("c", [701_u64, 704]);
    body.ints("cr", [3_u64, 4]);
    body.ints("d", [4_711_u64]);
    body.int("e", seq);
    body.int("g", 4_095_u16);
    body.int("h", 1_u64);
    body.ints("i", [1_u64, 1, 0, 3, 1, 0, 0]);
    body.word("k", "d");
    body.int("p", 4_711_u32);
    body.int("q", seq);
    body.digests([&[0xab; 32]]);
    body.int("t", 1_778_004_000_i64);
    body.int("u", 1_778_004_300_i64);
    body.int("v", 1_u64);
    body.end()
}

fn canonical(c: &mut Criterion) {
    let mut body = RowBody::default();
    let bytes = decision(&mut body, 1).to_vec();
    let mut group = c.benchmark_group("canonical");
    group.throughput(Throughput::Elements(1));
    let mut seq = 0;
    group.bench_function("decision row body", |b| {
        b.iter(|| {
            seq += 1;
            decision(&mut body, black_box(seq)).len()
        });
    });
    let mut head = [0; 32];
    group.bench_function(format!("chain link over {} bytes", bytes.len()), |b| {
        b.iter(|| head = link(&head, black_box(&bytes)));
    });
    group.bench_function("decision row body and its chain link", |b| {
        b.iter(|| {
            seq += 1;
            head = link(&head, decision(&mut body, black_box(seq)));
        });
    });
    group.finish();
}

criterion_group!(benches, canonical);
criterion_main!(benches);
