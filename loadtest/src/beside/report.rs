//! What a run of `loadtest beside` prints of one crowd.

use super::{Crowd, Pair, UNDECIDED};
use crate::drive::Window;
use crate::drive::tally::{Summary, Tally};
use crate::figures::{Spread, ratios};

/// The windows of a pair, the quiet one first.
pub(super) const SIDES: [(&str, Side); 3] = [
    ("quiet", |pair| Some(&pair.quiet)),
    ("beside", |pair| Some(&pair.beside)),
    ("after", |pair| pair.after.as_ref()),
];

/// Chooses a window of a pair.
pub(super) type Side = fn(&Pair) -> Option<&Window>;

/// A figure of a summary.
type Quantile = fn(&Summary) -> f64;

/// The block of one crowd.
pub(super) fn of(crowd: Crowd, pairs: &[Pair]) -> anyhow::Result<()> {
    let pairs: Vec<&Pair> = pairs.iter().filter(|pair| pair.crowd == crowd).collect();
    let (name, unit) = crowd.words();
    let done = Spread::of(pairs.iter().filter_map(|pair| pair.crowd_per_second));
    let done = done.map_or(0.0, |spread| spread.median);
    println!(
        "\nlive traffic beside {name} ({done:.0} {unit}), {} pairs",
        pairs.len()
    );
    let refused = Spread::of(
        pairs
            .iter()
            .filter_map(|pair| pair.crowd_refused_per_second),
    );
    if let Some(refused) = refused.filter(|spread| spread.max > 0.0) {
        println!("    of the crowd's own refused a second: {refused}");
    }
    table(&pairs)?;
    let quantiles: [(&str, Quantile); 3] = [
        ("p50", |s| s.p50_us),
        ("p99", |s| s.p99_us),
        ("p999", |s| s.p999_us),
    ];
    for (side, pick) in SIDES.iter().skip(1) {
        for (name, of) in quantiles {
            let each = pairs.iter().filter_map(|pair| {
                let other = pick(pair)?;
                Some((of(&pair.quiet.summary), of(&other.summary)))
            });
            if let Some(spread) = ratios(each) {
                println!("{side}/quiet {name}, pair by pair: {spread}");
            }
        }
    }
    // Only where the crowd's own work costs the server next to nothing is its time that of decisions.
    if crowd == Crowd::Hanging {
        let cpu = |pair: &&Pair| pair.quiet.server_cpu_us.zip(pair.beside.server_cpu_us);
        if let Some(spread) = ratios(pairs.iter().filter_map(cpu)) {
            println!("beside/quiet server CPU a decision, pair by pair: {spread}");
        }
    }
    Ok(())
}

/// A line a kind of window, of all pairs together.
fn table(pairs: &[&Pair]) -> anyhow::Result<()> {
    println!(
        "{:8} {:>9} {:>9} {:>9} {:>9} {:>11} {:>8} {:>7}  others",
        "", "p50 us", "p99 us", "p999 us", "max us", "late p99 us", "errors", "unsent"
    );
    for (name, pick) in SIDES {
        let mut all = Tally::new()?;
        for window in pairs.iter().filter_map(|pair| pick(pair)) {
            all.add(&window.tally)?;
        }
        let windows = pairs.iter().filter_map(|pair| pick(pair));
        let others = Spread::of(windows.filter_map(|window| window.others_share));
        let all = all.summary();
        if all.requests == 0 {
            continue;
        }
        println!(
            "{name:8} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>11.1} {:>8} {:>7}  {}",
            all.p50_us,
            all.p99_us,
            all.p999_us,
            all.max_us,
            all.late_p99_us,
            all.errors,
            all.unsent,
            others.map_or(String::new(), |spread| spread.to_string())
        );
        if let Some(undecided) = all.mix.get(UNDECIDED) {
            println!("    answered without a decision: {undecided}");
        }
        if let Some(fault) = &all.first_fault {
            println!("    first fault: {fault}");
        }
    }
    Ok(())
}
