//! Resident bytes a number that is on the do-not-call list and nothing else, and how many a second the
//! engine puts there.
//!
//! `DIALGATE_BENCH_NUMBERS` sets how many there are (default 10,000,000).

use std::io::Write as _;
use std::time::Instant;

use dialgate::domain::ids::TenantNo;
use dialgate::domain::record::{FactKind, FactRecord};
use dialgate::engine::commands::{FactsPage, Item, SealedSubject, Stated};

#[expect(dead_code, reason = "nothing is asked here")]
mod floor;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Area codes of the numbers, 7,900,000 numbers each.
const AREA_CODES: [u64; 5] = [404, 214, 614, 305, 615];

/// Resident bytes of this process (Linux), by /proc/self/statm in pages of 4 KiB.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4_096)
}

#[expect(clippy::disallowed_methods, reason = "a bench is sized from outside")]
fn numbers() -> u64 {
    let asked = std::env::var("DIALGATE_BENCH_NUMBERS").ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(10_000_000)
}

/// The last seven digits of the `n`-th number of an area: no exchange is 211, 311 and so on.
fn line(n: u64) -> u64 {
    let (block, exchange) = (n / 990_000, n / 10_000 % 99);
    let exchange = 200 + 100 * block + exchange + u64::from(exchange >= 11);
    exchange * 10_000 + n % 10_000
}

fn item(n: u64) -> Item {
    let area = AREA_CODES[usize::try_from(n % 5).unwrap_or(0)];
    let line = line(n / 5);
    Item {
        line: 1,
        what: Stated::Contact(Box::new(FactRecord {
            fact: Some(FactKind::DoNotCall),
            phone: Some(format!("+1{area}{line:07}").as_str().into()),
            ..FactRecord::default()
        })),
        body: br#"{"fact":"do_not_call","phone":"$0"}"#.to_vec(),
        subject: SealedSubject::default(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn main() -> std::io::Result<()> {
    let numbers = numbers();
    let mut engine = floor::engine(1);
    let mut rows = floor::Counted::default();
    let before = resident().unwrap_or(0);
    let began = Instant::now();
    let mut n = 0;
    while n < numbers {
        let end = (n + 64).min(numbers);
        let page = FactsPage {
            tenant: TenantNo(0),
            items: (n..end).map(item).collect(),
        };
        engine.apply_page(&page, floor::NOON, &mut rows);
        n = end;
    }
    let seconds = began.elapsed().as_secs_f64();
    let after = resident().unwrap_or(0);
    let each = after.saturating_sub(before) / numbers.max(1);
    let mut out = std::io::stdout();
    writeln!(
        out,
        "numbers: {each} bytes a number resident ({numbers} numbers, {} MiB before, {} MiB after)",
        before >> 20,
        after >> 20
    )?;
    writeln!(
        out,
        "numbers: {seconds:.1} s, rows and making the records included; {} rows of {} bytes",
        rows.rows,
        rows.bytes / rows.rows.max(1)
    )
}
