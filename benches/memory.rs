//! Resident bytes an account with two numbers, five attempts and its ids. Floor 384.
//!
//! `DIALGATE_BENCH_ACCOUNTS` sets how many accounts there are (default 1,000,000).

use std::io::Write as _;

mod floor;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Resident bytes of this process (Linux), by /proc/self/statm in pages of 4 KiB.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4_096)
}

fn main() -> std::io::Result<()> {
    let accounts = floor::accounts();
    // Pack, zones and the allocator's own are not the accounts'.
    let empty = floor::engine(1);
    let before = resident().unwrap_or(0);
    let mut engine = floor::engine(accounts);
    let after = resident().unwrap_or(0);
    let each = after.saturating_sub(before) / accounts.max(1);
    let mut out = std::io::stdout();
    writeln!(
        out,
        "memory: {each} bytes an account resident ({accounts} accounts)"
    )?;
    // Twice as many questions as accounts: reservations and keys beside them.
    let (mut rows, mut uniform) = (floor::Counted::default(), floor::Uniform(7));
    for n in 0..accounts / 4 {
        engine.ask(
            &floor::ask(uniform.below(accounts), n),
            floor::NOON,
            &mut rows,
        );
    }
    let asked = resident().unwrap_or(0).saturating_sub(before) / accounts.max(1);
    writeln!(
        out,
        "memory: {asked} bytes an account after {} questions",
        rows.rows
    )?;
    drop((empty, engine));
    Ok(())
}
