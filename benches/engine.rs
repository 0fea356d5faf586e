//! `engine.ask` for accounts uniform at random: look-up, twelve gates, reservation, row body,
//! idempotency key. Floor 1.5 us at 1 M accounts, 2.5 us at 10 M.
//!
//! `DIALGATE_BENCH_ACCOUNTS` sets how many accounts there are (default 1,000,000).
//! `DIALGATE_BENCH_QUESTIONS` asks that many once and times nothing, for counting instructions:
//! `valgrind --tool=callgrind --toggle-collect='*Floor*decide*' BENCH --bench`.

use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dialgate::domain::time::UnixSeconds;
use dialgate::engine::Engine;
use dialgate::engine::commands::{Answer, Ask};

mod floor;

/// The product's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use floor::{Counted, NOON, Uniform};

/// Questions made ahead of a timed stretch: few enough to stay near the core, as decoded requests do.
const AHEAD: u64 = 64;
/// Questions of a day; at half an account's worth a day a person stays under the counts.
const DAY_SHARE: u64 = 2;

struct Floor {
    engine: Engine,
    accounts: u64,
    asked: u64,
    allowed: u64,
    rows: Counted,
    uniform: Uniform,
}

impl Floor {
    #[expect(
        clippy::disallowed_methods,
        reason = "a bench measures by the machine's clock"
    )]
    fn time(&mut self, questions: u64) -> Duration {
        let (mut spent, mut left) = (Duration::ZERO, questions);
        while left > 0 {
            let many = left.min(AHEAD);
            let asks: Vec<Ask> = (0..many)
                .map(|n| floor::ask(self.uniform.below(self.accounts), self.asked + n))
                .collect();
            let day = i64::try_from(self.asked * DAY_SHARE / self.accounts).unwrap_or(0);
            let now = NOON.plus(day * 86_400);
            let start = Instant::now();
            self.decide(&asks, now);
            spent += start.elapsed();
            self.asked += many;
            left -= many;
        }
        spent
    }

    /// What is measured, in a function of its own so that a profiler finds it.
    #[inline(never)]
    fn decide(&mut self, asks: &[Ask], now: UnixSeconds) {
        // As the engine thread does with what waits.
        self.engine.warm(asks.iter());
        for ask in asks {
            let answer = black_box(self.engine.ask(black_box(ask), now, &mut self.rows));
            let Answer::Decided(decision) = answer else {
                continue;
            };
            self.allowed += u64::from(decision.allow());
        }
    }
}

/// How many questions are only to be counted.
#[expect(clippy::disallowed_methods, reason = "a bench is sized from outside")]
fn counted() -> Option<u64> {
    let asked = std::env::var("DIALGATE_BENCH_QUESTIONS").ok();
    asked.and_then(|text| text.parse().ok())
}

fn engine(c: &mut Criterion) {
    let accounts = floor::accounts();
    let mut floor = Floor {
        engine: floor::engine(accounts),
        accounts,
        asked: 0,
        allowed: 0,
        rows: Counted::default(),
        uniform: Uniform(20_261_121),
    };
    if let Some(questions) = counted() {
        floor.time(questions);
        return;
    }
    let mut group = c.benchmark_group("engine");
    group.throughput(Throughput::Elements(1));
    group.measurement_time(Duration::from_secs(8));
    group.bench_function(format!("ask, {accounts} accounts uniform at random"), |b| {
        b.iter_custom(|questions| floor.time(questions));
    });
    group.finish();
    let told = writeln!(
        std::io::stderr(),
        "{} asked, {} allowed, {} bytes a row body",
        floor.asked,
        floor.allowed,
        floor.rows.bytes / floor.rows.rows.max(1),
    );
    drop(told);
}

criterion_group!(benches, engine);
criterion_main!(benches);
