//! The printed table of a level.

use std::fmt::Write;

use super::{Measured, Pair};
use crate::drive::Window;
use crate::drive::tally::Tally;
use crate::figures::{Spread, per, ratios};

/// Chooses a window of a pair.
type Pick = fn(&Pair) -> &Window;

/// The bare side first.
const SIDES: [(&str, Pick); 2] = [("bare", |pair| &pair.bare), ("dialgate", |pair| &pair.gate)];

/// The block of one level.
pub(super) fn level(measured: &Measured) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail, and a histogram of these bounds can be made.
    write_level(measured, &mut text).map_or_else(|_| String::new(), |()| text)
}

fn write_level(measured: &Measured, text: &mut String) -> anyhow::Result<()> {
    let pairs = &measured.pairs;
    writeln!(text, "\n{}, {} pairs", measured.level, pairs.len())?;
    writeln!(
        text,
        "{:9} {:>30} {:>9} {:>9} {:>9} {:>22} {:>11} {:>8} {:>7}",
        "",
        "answers/s",
        "p50 us",
        "p99 us",
        "p999 us",
        "srv us each",
        "cli us each",
        "B/reply",
        "errors"
    )?;
    for (name, pick) in SIDES {
        write_side(pairs, name, pick, text)?;
    }
    let rate = ratios(
        pairs
            .iter()
            .filter_map(|pair| pair.bare.rps.zip(pair.gate.rps)),
    );
    let cpu = |pair: &Pair| pair.bare.server_cpu_us.zip(pair.gate.server_cpu_us);
    let cpu = ratios(pairs.iter().filter_map(cpu));
    let added = |pair: &Pair| pair.gate.summary.p50_us - pair.bare.summary.p50_us;
    let flushes = |pair: &Pair| per(added(pair), pair.flush.p50_us);
    writeln!(
        text,
        "dialgate/bare, median [min..max]: answers/s {}, server CPU {}",
        words(rate),
        words(cpu)
    )?;
    writeln!(
        text,
        "dialgate p50 - bare p50: {} us = {} x fdatasync p50 ({} us)",
        words(Spread::of(pairs.iter().map(added))),
        words(Spread::of(pairs.iter().filter_map(flushes))),
        words(Spread::of(pairs.iter().map(|pair| pair.flush.p50_us))),
    )?;
    let others = |pair: &Pair| [pair.bare.others_share, pair.gate.others_share];
    let others = Spread::of(pairs.iter().flat_map(others).flatten());
    writeln!(
        text,
        "share of the processors others took: {}",
        words(others)
    )?;
    Ok(())
}

fn write_side(pairs: &[Pair], name: &str, pick: Pick, text: &mut String) -> anyhow::Result<()> {
    let windows = || pairs.iter().map(pick);
    let mut all = Tally::new()?;
    for window in windows() {
        all.add(&window.tally)?;
    }
    let all = all.summary();
    let of = |value: fn(&Window) -> Option<f64>| Spread::of(windows().filter_map(value));
    let rate = of(|window| window.rps).map_or(String::new(), |s| {
        format!("{:.0} [{:.0}..{:.0}]", s.median, s.min, s.max)
    });
    writeln!(
        text,
        "{name:9} {rate:>30} {:>9.1} {:>9.1} {:>9.1} {:>22} {:>11.2} {:>8.0} {:>7}",
        all.p50_us,
        all.p99_us,
        all.p999_us,
        words(of(|window| window.server_cpu_us)),
        of(|window| window.client_cpu_us).map_or(0.0, |spread| spread.median),
        all.response_bytes.unwrap_or(0.0),
        all.errors,
    )?;
    if let Some(fault) = &all.first_fault {
        writeln!(text, "    first fault: {fault}")?;
    }
    if let Some(share) = all.allow_share.filter(|_| name == "dialgate") {
        writeln!(text, "    {:.1} % ALLOW", 100.0 * share)?;
    }
    Ok(())
}

fn words(spread: Option<Spread>) -> String {
    spread.map_or_else(|| "-".to_owned(), |spread| spread.to_string())
}
