//! What a run found: pairs of neighbouring windows, and the figures drawn from them.

use serde::Serialize;

use super::Options;
use crate::disk::Flush;
use crate::drive::Window;
use crate::drive::tally::{Summary, Tally};
use crate::figures::{Spread, per, ratios};
use crate::ingest::Loaded;
use crate::lag::Lag;
use crate::machine::Machine;

/// A whole run.
#[derive(Serialize)]
pub(super) struct RunResult {
    machine: Machine,
    seed: u64,
    accounts: u64,
    client_threads: usize,
    window_seconds: u64,
    /// Arrivals a second; null for closed loop.
    open_rate: Option<f64>,
    /// Bytes of the body of both servers' answers.
    body_bytes: usize,
    loaded: Option<Loaded>,
    /// How far the index lagged behind, over the whole run.
    pub(super) index_lag: Lag,
    /// One entry per connection count.
    pub(super) levels: Vec<Level>,
}

impl RunResult {
    pub(super) fn new(
        machine: Machine,
        options: &Options,
        loaded: Option<Loaded>,
        body_bytes: usize,
    ) -> Self {
        Self {
            machine,
            seed: options.seed,
            accounts: options.accounts,
            client_threads: options.client_threads,
            window_seconds: options.window_seconds,
            open_rate: options.open,
            body_bytes,
            loaded,
            index_lag: Lag::default(),
            levels: Vec::new(),
        }
    }
}

/// Neighbours in time.
#[derive(Serialize)]
pub(super) struct Pair {
    /// The disk just before.
    pub(super) flush: Flush,
    /// The bare server's window.
    pub(super) bare: Window,
    /// dialgate's window.
    pub(super) gate: Window,
}

/// All windows at one connection count.
#[derive(Serialize)]
pub(super) struct Level {
    /// Connections.
    pub(super) connections: usize,
    /// The windows.
    pub(super) pairs: Vec<Pair>,
}

/// The figures of one server at one connection count.
pub(super) struct Side {
    /// Requests a second, over windows.
    pub(super) rps: Option<Spread>,
    /// Server processor time per request, microseconds.
    pub(super) server_cpu: Option<Spread>,
    /// Client processor time per request, microseconds.
    pub(super) client_cpu: Option<Spread>,
    /// All windows together.
    pub(super) all: Summary,
}

impl Level {
    /// No windows yet.
    pub(super) const fn new(connections: usize) -> Self {
        Self {
            connections,
            pairs: Vec::new(),
        }
    }

    /// The figures of the server that `pick` chooses of each pair.
    pub(super) fn side(&self, pick: impl Fn(&Pair) -> &Window) -> anyhow::Result<Side> {
        let windows = || self.pairs.iter().map(&pick);
        let mut all = Tally::new()?;
        for window in windows() {
            all.add(&window.tally)?;
        }
        Ok(Side {
            rps: Spread::of(windows().filter_map(|window| window.rps)),
            server_cpu: Spread::of(windows().filter_map(|window| window.server_cpu_us)),
            client_cpu: Spread::of(windows().filter_map(|window| window.client_cpu_us)),
            all: all.summary(),
        })
    }

    /// dialgate's requests a second over the bare server's, pair by pair.
    pub(super) fn rps_ratio(&self) -> Option<Spread> {
        ratios(
            self.pairs
                .iter()
                .filter_map(|pair| pair.bare.rps.zip(pair.gate.rps)),
        )
    }

    /// dialgate's processor time per request over the bare server's, pair by pair.
    pub(super) fn cpu_ratio(&self) -> Option<Spread> {
        let costs = |pair: &Pair| pair.bare.server_cpu_us.zip(pair.gate.server_cpu_us);
        ratios(self.pairs.iter().filter_map(costs))
    }

    /// How much later the median answer comes than the bare server's, in flushes of the same
    /// minute, pair by pair.
    pub(super) fn added_flushes(&self) -> Option<Spread> {
        Spread::of(self.pairs.iter().filter_map(|pair| {
            per(
                pair.gate.summary.p50_us - pair.bare.summary.p50_us,
                pair.flush.p50_us,
            )
        }))
    }

    /// Medians of write + fdatasync p50 and p99 over the pairs.
    pub(super) fn flush(&self) -> Option<(Spread, Spread)> {
        let p50 = Spread::of(self.pairs.iter().map(|pair| pair.flush.p50_us))?;
        Some((
            p50,
            Spread::of(self.pairs.iter().map(|pair| pair.flush.p99_us))?,
        ))
    }
}
