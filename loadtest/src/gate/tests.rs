//! The figures of a level, from windows made by hand.

use super::report;
use super::result::{Level, Pair};
use crate::disk::Flush;
use crate::drive::Window;
use crate::drive::tally::Tally;

fn window(rps: f64, cpu: f64, p50_us: f64) -> Window {
    let tally = Tally::new().unwrap();
    let mut summary = tally.summary();
    summary.p50_us = p50_us;
    Window {
        seconds: 1.0,
        rps: Some(rps),
        server_cpu_us: Some(cpu),
        client_cpu_us: None,
        others_share: None,
        summary,
        tally,
    }
}

fn level() -> Level {
    let pair = |scale: f64| Pair {
        flush: Flush {
            writes: 1,
            p50_us: 100.0 * scale,
            p99_us: 0.0,
            max_us: 0.0,
        },
        bare: window(100.0 / scale, 8.0 * scale, 50.0 * scale),
        gate: window(50.0 / scale, 12.0 * scale, 250.0 * scale),
    };
    let mut level = Level::new(16);
    level.pairs.extend([pair(1.0), pair(2.0), pair(4.0)]);
    level
}

#[test]
fn a_host_that_slows_down_moves_no_ratio() {
    let level = level();
    for (got, want) in [
        (level.rps_ratio().unwrap(), 0.5),
        (level.cpu_ratio().unwrap(), 1.5),
        (level.added_flushes().unwrap(), 2.0),
    ] {
        assert!(
            [got.median, got.min, got.max]
                .iter()
                .all(|x| (x - want).abs() < 1e-12),
            "{got}"
        );
    }
}

#[test]
fn the_table_shows_ratios_and_leaves_out_what_was_not_measured() {
    let text = report::level(&level());
    assert!(text.contains("16 connections, 3 pairs"), "{text}");
    assert!(text.contains("rps 0.50 [0.50..0.50]"), "{text}");
    assert!(
        text.contains("server CPU per request 1.50 [1.50..1.50]"),
        "{text}"
    );
    assert!(text.contains("fdatasync p50: 2.00 [2.00..2.00]"), "{text}");
}
