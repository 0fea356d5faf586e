//! The table of a run with listeners.

use std::fmt::Write as _;

use super::{Pair, RunResult, Side};
use crate::drive::tally::Summary;
use crate::figures::{Spread, ratios};

/// What the decision's own path is made of.
const PATH: [&str; 2] = ["engine", "ledger-commit"];

/// Chooses a window of a pair.
type Pick = fn(&Pair) -> &Side;

const SIDES: [(&str, Pick); 2] = [
    ("alone", |pair| &pair.alone),
    ("listened", |pair| &pair.listened),
];

/// Processor time of the threads whose name begins so, microseconds a decision.
fn spent(side: &Side, names: &[&str]) -> f64 {
    let chosen = |name: &str| names.iter().any(|known| name.starts_with(known));
    let threads = side.threads.iter().filter(|(name, _)| chosen(name));
    threads.map(|(_, each)| each).sum()
}

/// The figures as text.
pub(super) fn table(run: &RunResult) -> String {
    let mut out = String::new();
    let shape = run.shape;
    // Writing to a string cannot fail.
    let _written = writeln!(
        out,
        "\n{:.0} decisions/s, {} listeners to one of {} agents each and {} to everything, {} pairs; \
         medians [min..max] over windows",
        run.rate,
        shape.filtered,
        shape.agents,
        shape.unfiltered,
        run.pairs.len()
    );
    for (name, pick) in SIDES {
        let of = |value: &dyn Fn(&Side) -> f64| {
            let spread = Spread::of(run.pairs.iter().map(|pair| value(pick(pair))));
            spread.map_or_else(String::new, |spread| spread.to_string())
        };
        let quantile = |value: fn(&Summary) -> f64| of(&|side| value(&side.window.summary));
        let _written = writeln!(
            out,
            "{name}: p50 {} us, p99 {} us, p999 {} us, late p99 {} us, others {}",
            quantile(|s| s.p50_us),
            quantile(|s| s.p99_us),
            quantile(|s| s.p999_us),
            quantile(|s| s.late_p99_us),
            of(&|side| side.window.others_share.unwrap_or(f64::NAN)),
        );
        let _written = writeln!(
            out,
            "    processor time, us/decision: server {}, engine + committer {}, floor {}, listening threads {}; client {}",
            of(&|side| side.window.server_cpu_us.unwrap_or(f64::NAN)),
            of(&|side| spent(side, &PATH)),
            of(&|side| spent(side, &["floor"])),
            of(&|side| spent(side, &["http-"])),
            of(&|side| side.window.client_cpu_us.unwrap_or(f64::NAN)),
        );
    }
    for (name, value) in FIGURES {
        let pairs = run.pairs.iter();
        if let Some(spread) = ratios(pairs.map(|pair| (value(&pair.alone), value(&pair.listened))))
        {
            let _written = writeln!(out, "listened/alone {name}, pair by pair: {spread}");
        }
    }
    for (name, pick) in HEARD {
        let each = run.pairs.iter().filter_map(|pair| {
            let told = pair.listened.told.as_ref()?;
            Some(pick(told)?.median / pair.listened.window.seconds)
        });
        if let Some(spread) = Spread::of(each) {
            let _written = writeln!(out, "events/s a listener to {name} heard: {spread}");
        }
    }
    out
}

/// A figure of a window.
type Figure = fn(&Side) -> f64;

const FIGURES: [(&str, Figure); 4] = [
    ("p50", |side| side.window.summary.p50_us),
    ("p99", |side| side.window.summary.p99_us),
    ("engine + committer", |side| spent(side, &PATH)),
    ("server", |side| {
        side.window.server_cpu_us.unwrap_or(f64::NAN)
    }),
];

/// What listeners of a kind heard.
type Hearing = fn(&super::Told) -> Option<Spread>;

const HEARD: [(&str, Hearing); 2] = [
    ("an agent", |told| told.filtered),
    ("everything", |told| told.unfiltered),
];

/// Why the run is no figure, if it is none.
pub(super) fn faults(run: &RunResult) -> Option<String> {
    for (number, pair) in run.pairs.iter().enumerate() {
        for (name, pick) in SIDES {
            let summary = &pick(pair).window.summary;
            if summary.errors > 0 || summary.unsent > 0 {
                let first = summary.first_fault.as_deref().unwrap_or("none");
                return Some(format!(
                    "pair {number}, {name}: {} errors, {} unsent; first fault: {first}",
                    summary.errors, summary.unsent
                ));
            }
        }
        let told = pair.listened.told.as_ref()?;
        if !told.is_whole() {
            return Some(format!("pair {number}: {told:?}"));
        }
    }
    None
}
