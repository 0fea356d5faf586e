//! The printed table of a run.

use std::fmt::Write;

use super::result::{Level, RunResult, Side};
use crate::figures::{Spread, float, per};

/// Verdicts named; the rest are added up.
const MIX_LINES_MAX: usize = 8;

/// The block of one connection count.
pub(super) fn level(level: &Level) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    write_level(level, &mut text).map_or_else(|_| String::new(), |()| text)
}

fn write_level(level: &Level, text: &mut String) -> std::fmt::Result {
    let (Ok(bare), Ok(gate)) = (level.side(|pair| &pair.bare), level.side(|pair| &pair.gate))
    else {
        return writeln!(text, "{} connections: no histogram", level.connections);
    };
    let plural = if level.connections == 1 { "" } else { "s" };
    writeln!(
        text,
        "\n{} connection{plural}, {} pairs",
        level.connections,
        level.pairs.len()
    )?;
    writeln!(
        text,
        "{:9} {:>9} {:>9} {:>9} {:>9} {:>11} {:>11} {:>8} {:>7} {:>7}",
        "",
        "rps",
        "p50 us",
        "p99 us",
        "p999 us",
        "srv us/req",
        "cli us/req",
        "B/reply",
        "errors",
        "unsent"
    )?;
    side("bare", &bare, text)?;
    side("dialgate", &gate, text)?;
    let spread = |value: Option<Spread>| value.map_or_else(|| "-".to_owned(), |s| s.to_string());
    writeln!(
        text,
        "dialgate/bare, median [min..max]: rps {}",
        spread(level.rps_ratio())
    )?;
    writeln!(
        text,
        "    server CPU per request {}",
        spread(level.cpu_ratio())
    )?;
    if let Some((p50, p99)) = level.flush() {
        writeln!(text, "4 KiB write + fdatasync us: p50 {p50}, p99 {p99}")?;
    }
    let added = spread(level.added_flushes());
    writeln!(text, "(dialgate p50 - bare p50) / fdatasync p50: {added}")?;
    mix(&gate, text)?;
    for (name, side) in [("bare", &bare), ("dialgate", &gate)] {
        if let Some(fault) = &side.all.first_fault {
            writeln!(text, "first fault of {name}: {fault}")?;
        }
    }
    Ok(())
}

fn side(name: &str, side: &Side, text: &mut String) -> std::fmt::Result {
    let median = |value: Option<Spread>, digits: usize| {
        value.map_or_else(
            || "-".to_owned(),
            |spread| format!("{:.digits$}", spread.median),
        )
    };
    writeln!(
        text,
        "{name:9} {:>9} {:>9.1} {:>9.1} {:>9.1} {:>11} {:>11} {:>8.0} {:>7} {:>7}",
        median(side.rps, 0),
        side.all.p50_us,
        side.all.p99_us,
        side.all.p999_us,
        median(side.server_cpu, 2),
        median(side.client_cpu, 2),
        side.all.response_bytes.unwrap_or(0.0),
        side.all.errors,
        side.all.unsent
    )
}

fn mix(gate: &Side, text: &mut String) -> std::fmt::Result {
    let share = |count: u64| 100.0 * per(float(count), float(gate.all.requests)).unwrap_or(0.0);
    let mut verdicts: Vec<(&String, u64)> = gate.all.mix.iter().map(|(k, &v)| (k, v)).collect();
    verdicts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    write!(text, "verdicts:")?;
    for (name, count) in verdicts.iter().take(MIX_LINES_MAX) {
        write!(text, " {name} {:.1}%", share(*count))?;
    }
    let rest: u64 = verdicts
        .iter()
        .skip(MIX_LINES_MAX)
        .map(|(_, count)| count)
        .sum();
    if rest > 0 {
        write!(text, " others {:.1}%", share(rest))?;
    }
    writeln!(text)
}

/// What concerns the run as a whole: the index's lag, and warnings.
pub(super) fn closing(run: &RunResult) -> String {
    let warning = |level: &Level| {
        let gate = level.side(|pair| &pair.gate).ok()?;
        let share = 100.0 * gate.all.allow_share.unwrap_or(0.0);
        let connections = level.connections;
        (share < 50.0).then(|| {
            format!("warning: only {share:.1}% ALLOW at {connections} connections: more accounts\n")
        })
    };
    let lag = &run.index_lag;
    let seen = format!(
        "\nindex lag: at most {:.2} s, {} frames ({} looks)\n",
        lag.max_s, lag.max_frames, lag.looks
    );
    let warnings: String = run.levels.iter().filter_map(warning).collect();
    seen + &warnings
}
