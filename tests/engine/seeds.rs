//! Which seeds a property runs under, and saying which one failed.

use std::io::Write as _;

const FIRST: u64 = 20_261_121;

#[expect(
    clippy::disallowed_methods,
    reason = "a test takes its seeds from outside, so that a failure can be run again"
)]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs a property under each seed: `SIM_SEED` alone when it is set, else `SIM_SEEDS` of them
/// (default `many`). Says how many there were.
pub(crate) fn each_seed(many: u64, property: impl Fn(u64)) -> u64 {
    let (first, many) = match number("SIM_SEED") {
        Some(seed) => (seed, 1),
        None => (FIRST, number("SIM_SEEDS").unwrap_or(many)),
    };
    for seed in first..first + many {
        let told = Told(seed);
        property(seed);
        drop(told);
    }
    many
}

/// Names the seed when what runs under it panics.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let told = writeln!(std::io::stderr(), "run again with SIM_SEED={}", self.0);
            drop(told);
        }
    }
}
