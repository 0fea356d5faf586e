//! The printed table of a comparison.

use std::fmt::Write;

use super::{DIALGATE, Level};
use crate::drive::Window;
use crate::drive::tally::{Summary, Tally};
use crate::figures::{Spread, ratios};

/// The table of one connection count; each ratio is formed round by round.
pub(super) fn level(level: &Level) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    write_level(level, &mut text).map_or_else(|_| String::new(), |()| text)
}

fn write_level(level: &Level, text: &mut String) -> std::fmt::Result {
    let flush = Spread::of(level.rounds.iter().map(|round| round.flush.p50_us));
    writeln!(
        text,
        "\n{} connections, {} rounds; 4 KiB write + fdatasync p50 us: {}\n",
        level.connections,
        level.rounds.len(),
        flush.map_or_else(|| "-".to_owned(), |spread| spread.to_string())
    )?;
    writeln!(
        text,
        "| server | answers/s | p50 us | p99 us | server CPU us | ALLOW | dialgate is |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|---|")?;
    for (at, name) in level.names.iter().enumerate() {
        let Some(all) = summary(level, at) else {
            continue;
        };
        let median = |pick: fn(&Window) -> Option<f64>| {
            let values = windows(level, at).filter_map(pick);
            Spread::of(values).map_or(f64::NAN, |spread| spread.median)
        };
        let ratio = ratio_to_dialgate(level, at)
            .filter(|_| *name != DIALGATE)
            .map_or_else(|| "-".to_owned(), |spread| format!("{spread} x"));
        writeln!(
            text,
            "| {name} | {:.0} | {:.0} | {:.0} | {:.1} | {:.0} % | {ratio} |",
            median(|window| window.rps),
            all.p50_us,
            all.p99_us,
            median(|window| window.server_cpu_us),
            100.0 * all.allow_share.unwrap_or(0.0),
        )?;
        if let Some(fault) = &all.first_fault {
            writeln!(text, "{name}: {} errors, the first: {fault}", all.errors)?;
        }
    }
    Ok(())
}

fn windows(level: &Level, at: usize) -> impl Iterator<Item = &Window> {
    level
        .rounds
        .iter()
        .filter_map(move |round| round.windows.get(at))
}

fn summary(level: &Level, at: usize) -> Option<Summary> {
    let mut all = Tally::new().ok()?;
    for window in windows(level, at) {
        all.add(&window.tally).ok()?;
    }
    Some(all.summary())
}

/// dialgate's answers a second over those of the server at `at`.
fn ratio_to_dialgate(level: &Level, at: usize) -> Option<Spread> {
    let dialgate = level.names.iter().position(|name| *name == DIALGATE)?;
    ratios(
        windows(level, at)
            .zip(windows(level, dialgate))
            .filter_map(|(other, dialgate)| other.rps.zip(dialgate.rps)),
    )
}

#[cfg(test)]
mod tests {
    use super::level;
    use crate::compare::{Level, Round};
    use crate::disk::Flush;
    use crate::drive::Window;
    use crate::drive::tally::Tally;

    fn window(rps: f64) -> Window {
        let tally = Tally::new().unwrap();
        Window {
            seconds: 1.0,
            rps: Some(rps),
            server_cpu_us: Some(5.0),
            client_cpu_us: None,
            others_share: None,
            summary: tally.summary(),
            tally,
        }
    }

    #[test]
    fn each_server_has_a_line_and_its_ratio() {
        let round = |scale: f64| Round {
            flush: Flush {
                writes: 1,
                p50_us: 100.0,
                p99_us: 0.0,
                max_us: 0.0,
            },
            windows: vec![window(60.0 * scale), window(2.0 * scale)],
        };
        let text = level(&Level {
            connections: 64,
            names: vec!["dialgate", "other"],
            rounds: vec![round(1.0), round(0.5), round(2.0)],
        });
        assert!(text.contains("64 connections, 3 rounds"), "{text}");
        assert!(text.contains("| dialgate | 60 |"), "{text}");
        assert!(text.contains("| - |"), "{text}");
        assert!(text.contains("| 30.00 [30.00..30.00] x |"), "{text}");
    }
}
