//! Batches: many intents in one request, against a bare server that reads the same body and answers
//! a constant of the same size, in alternating windows of one run.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use serde::Serialize;

use crate::drive::{self, CLIENT_THREADS_MAX, CONNECTIONS_MAX, Load, Target, Window};
use crate::figures::{Spread, float, ratios};
use crate::gate::{ask_for, start_bare, write_json};
use crate::machine::{self, Machine};
use crate::portfolio::{ACCOUNTS_MAX, Portfolio};
use crate::request::{BATCH_MAX, BATCH_PATH, Requests};
use crate::server::{Server, ServerOptions};
use crate::{ingest, interrupt, progress};

/// Longest run in seconds.
const SECONDS_MAX: u64 = 3_600;

/// Options of `loadtest batch`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    server: ServerOptions,
    /// How many accounts.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=ACCOUNTS_MAX))]
    accounts: u64,
    /// Seed of the portfolio and of the choice of accounts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Intents of one batch.
    #[arg(long, default_value_t = 100)]
    size: usize,
    /// Connections, each with one batch under way.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Measured seconds, both servers together.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX))]
    seconds: u64,
    /// Seconds of one window.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX))]
    window_seconds: u64,
    /// Client threads.
    #[arg(long, default_value_t = 1)]
    client_threads: usize,
    /// Write the result, with every window, to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// A whole run.
#[derive(Serialize)]
struct RunResult {
    machine: Machine,
    seed: u64,
    accounts: u64,
    size: usize,
    connections: usize,
    pairs: Vec<Pair>,
}

/// Neighbours in time.
#[derive(Serialize)]
struct Pair {
    bare: Window,
    gate: Window,
}

/// Runs, prints the table, writes the JSON file.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    check(options)?;
    let mut server = Server::start(&options.server)?;
    match run_against(options, &server.target()) {
        Err(error) => Err(server.explain(error)),
        Ok(()) => server.stop(),
    }
}

fn check(options: &Options) -> anyhow::Result<()> {
    for (name, given, most) in [
        ("--size", options.size, BATCH_MAX),
        ("--connections", options.connections, CONNECTIONS_MAX),
        (
            "--client-threads",
            options.client_threads,
            CLIENT_THREADS_MAX,
        ),
    ] {
        if !(1..=most).contains(&given) {
            bail!("{name} {given}: 1 to {most}");
        }
    }
    if options.seconds < 2 * options.window_seconds {
        bail!("--seconds must hold at least two windows");
    }
    Ok(())
}

fn run_against(options: &Options, target: &Target) -> anyhow::Result<()> {
    let machine = machine::describe();
    println!("{machine}\nseed {}", options.seed);
    let portfolio = Portfolio::new(options.seed, options.accounts);
    let bar = progress::bar(options.accounts);
    let loaded = ingest::load(target, portfolio, &|done| bar.set_position(done))?;
    bar.finish_and_clear();
    println!("{loaded}");
    let mut requests = Requests::batches(portfolio, target, options.seed, options.size);
    let (_words, bytes) = ask_for(target, BATCH_PATH, requests.next())?;
    let (_bare, bare) = start_bare(bytes, None)?;
    let run = RunResult {
        machine,
        seed: options.seed,
        accounts: options.accounts,
        size: options.size,
        connections: options.connections,
        pairs: measure(options, portfolio, [&bare, target])?,
    };
    report(&run);
    options
        .json
        .as_deref()
        .map_or(Ok(()), |path| write_json(path, &run))
}

/// Pairs of windows; which server goes first alternates.
fn measure(
    options: &Options,
    portfolio: Portfolio,
    targets: [&Target; 2],
) -> anyhow::Result<Vec<Pair>> {
    let pairs = options.seconds / (2 * options.window_seconds);
    let bar = progress::bar(pairs);
    let mut all = Vec::new();
    for pair in 0..pairs {
        interrupt::check()?;
        let load = Load {
            portfolio,
            seed: options.seed ^ pair << 16,
            batch: Some(options.size),
            mixed: false,
            agents: None,
            connections: options.connections,
            threads: options.client_threads,
            span: Duration::from_secs(options.window_seconds),
            rate: None,
            requests_max: u64::MAX,
        };
        let bare_first = pair % 2 == 0;
        let first = drive::window(targets[usize::from(!bare_first)], &load)?;
        let second = drive::window(targets[usize::from(bare_first)], &load)?;
        let (bare, gate) = if bare_first {
            (first, second)
        } else {
            (second, first)
        };
        all.push(Pair { bare, gate });
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(all)
}

/// Chooses one server of a pair.
type Pick = fn(&Pair) -> &Window;

fn report(run: &RunResult) {
    let size = float(run.size as u64);
    println!(
        "\nbatches of {}, {} connections, {} pairs; medians [min..max] over windows",
        run.size,
        run.connections,
        run.pairs.len()
    );
    let sides: [(&str, Pick); 2] = [("bare", |pair| &pair.bare), ("dialgate", |pair| &pair.gate)];
    for (name, pick) in sides {
        let of = |value: fn(&Window) -> Option<f64>| {
            let spread = Spread::of(run.pairs.iter().filter_map(|pair| value(pick(pair))));
            spread.map_or((0.0, 0.0, 0.0), |s| (s.median, s.min, s.max))
        };
        let rate = of(|window| window.rps);
        let server = of(|window| window.server_cpu_us);
        let client = of(|window| window.client_cpu_us);
        println!(
            "{name:9} intents/s {:.0} [{:.0}..{:.0}]; server us/intent {:.3} [{:.3}..{:.3}]; \
             client us/intent {:.3}; batch p50 {:.0} us, p99 {:.0} us",
            rate.0 * size,
            rate.1 * size,
            rate.2 * size,
            server.0 / size,
            server.1 / size,
            server.2 / size,
            client.0 / size,
            of(|window| Some(window.summary.p50_us)).0,
            of(|window| Some(window.summary.p99_us)).0,
        );
        for window in run.pairs.iter().map(pick) {
            if let Some(fault) = &window.summary.first_fault {
                println!("    {} faults; first: {fault}", window.summary.errors);
            }
        }
    }
    let cpu = |pair: &Pair| pair.bare.server_cpu_us.zip(pair.gate.server_cpu_us);
    if let Some(ratio) = ratios(run.pairs.iter().filter_map(cpu)) {
        println!("dialgate/bare: server processor time {ratio}");
    }
    if let Some(last) = run.pairs.last() {
        println!(
            "verdicts of each batch's first intent, last window: {:?}",
            last.gate.summary.mix
        );
    }
}
