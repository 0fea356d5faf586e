//! dialgate beside what a user would build or take instead, all in one run.
//!
//! Every server gets the same portfolio, the same questions over TCP on loopback, one request in
//! flight a connection and one flush before an answer. The stand-ins evaluate two gates where dialgate
//! evaluates twelve. Windows go round all servers, and each round starts with the next server, so a
//! slow spell of the machine falls on all of them alike.

mod accounts;
mod entrant;
mod fastapi;
mod postgres;
mod redis;
mod report;

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use serde::Serialize;

use crate::disk::{Flush, Probe};
use crate::drive::{self, CONNECTIONS_MAX, Load, Window};
use crate::machine::Machine;
use crate::portfolio::{ACCOUNTS_MAX, Portfolio};
use crate::server::{self, Server};
use crate::workdir::WorkDir;
use crate::{gate, ingest, interrupt, machine, progress};
use entrant::{Entrant, Start};

/// Flushes measured before each round.
const FLUSHES_BETWEEN: u32 = 200;
/// Longest measurement of one server at one concurrency, in seconds.
const SECONDS_MAX: u64 = 600;
/// The server all others are compared with.
const DIALGATE: &str = "dialgate";

/// Options of `loadtest compare`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    server: server::ServerOptions,
    /// How many accounts.
    #[arg(long, default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(1..=ACCOUNTS_MAX))]
    accounts: u64,
    /// Seed of the portfolio and of the choice of accounts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Connection counts, one after the other.
    #[arg(long, value_delimiter = ',', default_values_t = [64])]
    connections: Vec<usize>,
    /// Measured seconds of each server at each connection count.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX))]
    seconds: u64,
    /// Seconds of one window.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX))]
    window_seconds: u64,
    /// The Python that has `fastapi`, `uvicorn[standard]` and `PyJWT`.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Write the result, with every window, to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Everything a run found.
#[derive(Serialize)]
struct Comparison {
    machine: Machine,
    seed: u64,
    accounts: u64,
    skipped: Vec<String>,
    levels: Vec<Level>,
}

/// All rounds at one connection count.
#[derive(Serialize)]
struct Level {
    connections: usize,
    names: Vec<&'static str>,
    rounds: Vec<Round>,
}

/// A window of each server, in the order of the names, and the disk just before.
#[derive(Serialize)]
struct Round {
    flush: Flush,
    windows: Vec<Window>,
}

/// Runs, prints the tables, writes the JSON file.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let bad = |n: &&usize| !(1..=CONNECTIONS_MAX).contains(*n);
    if let Some(bad) = options.connections.iter().find(bad) {
        bail!("--connections {bad}: 1 to {CONNECTIONS_MAX}");
    }
    let machine = machine::describe();
    println!("{machine}\nseed {}", options.seed);
    let portfolio = Portfolio::new(options.seed, options.accounts);
    let dir = WorkDir::create(&options.server.work_dir, options.server.keep)?;
    let mut dialgate = Server::start(&options.server)?;
    let outcome = start_all(options, portfolio, &dialgate, &dir).and_then(|(entrants, skipped)| {
        let mut probe = Probe::new(dir.path())?;
        let mut comparison = Comparison {
            machine,
            seed: options.seed,
            accounts: options.accounts,
            skipped,
            levels: Vec::new(),
        };
        for &connections in &options.connections {
            let level = measure(options, portfolio, connections, &entrants, &mut probe)?;
            print!("{}", report::level(&level));
            comparison.levels.push(level);
        }
        for why in &comparison.skipped {
            println!("skipped: {why}");
        }
        Ok(comparison)
    });
    let comparison = match outcome {
        Ok(comparison) => comparison,
        Err(error) => return Err(dialgate.explain(error)),
    };
    if let Some(path) = &options.json {
        gate::write_json(path, &comparison)?;
    }
    dialgate.stop()
}

/// Bare hyper, dialgate and whatever else is installed, loaded; and what is not.
fn start_all(
    options: &Options,
    portfolio: Portfolio,
    dialgate: &Server,
    dir: &WorkDir,
) -> anyhow::Result<(Vec<Entrant>, Vec<String>)> {
    let target = dialgate.target();
    let bar = progress::bar(options.accounts);
    println!(
        "{}",
        ingest::load(&target, portfolio, &|done| bar.set_position(done))?
    );
    bar.finish_and_clear();
    let body_bytes = gate::ask_once(&target, portfolio, options.seed)?;
    let (bare, bare_target) = gate::start_bare(body_bytes, None)?;
    let entrant = |name, target, process| Entrant {
        name,
        target,
        process,
    };
    let mut running = vec![
        entrant("bare hyper", bare_target, Some(bare)),
        entrant(DIALGATE, target, None),
    ];
    let accounts_file = dir.path().join("accounts.csv");
    accounts::write(portfolio, BufWriter::new(File::create(&accounts_file)?))?;
    let mut skipped = Vec::new();
    let starts: [&dyn Fn() -> anyhow::Result<Start>; 3] = [
        &|| fastapi::start(&options.python, dir.path(), &accounts_file),
        &|| redis::start(dir.path(), portfolio),
        &|| postgres::start(dir.path(), &accounts_file),
    ];
    for start in starts {
        interrupt::check()?;
        match start()? {
            Start::Running(entrants) => running.extend(entrants),
            Start::Skipped(why) => skipped.push(why),
        }
    }
    Ok((running, skipped))
}

fn measure(
    options: &Options,
    portfolio: Portfolio,
    connections: usize,
    entrants: &[Entrant],
    probe: &mut Probe,
) -> anyhow::Result<Level> {
    let rounds = options.seconds.div_ceil(options.window_seconds);
    let bar = progress::bar(rounds * entrants.len() as u64);
    bar.set_message(format!("{connections} connections"));
    let mut level = Level {
        connections,
        names: entrants.iter().map(|entrant| entrant.name).collect(),
        rounds: Vec::new(),
    };
    for round in 0..rounds {
        let flush = probe.measure(FLUSHES_BETWEEN)?;
        let load = Load {
            portfolio,
            seed: options.seed ^ (connections as u64) << 40 ^ round << 16,
            batch: None,
            mixed: false,
            agents: None,
            connections,
            threads: 1,
            span: Duration::from_secs(options.window_seconds),
            rate: None,
            requests_max: u64::MAX,
        };
        let mut windows: Vec<(usize, Window)> = Vec::with_capacity(entrants.len());
        for turn in 0..entrants.len() {
            interrupt::check()?;
            let at = (turn + usize::try_from(round)?) % entrants.len();
            if let Some(entrant) = entrants.get(at) {
                windows.push((at, drive::window(&entrant.target, &load)?));
            }
            bar.inc(1);
        }
        windows.sort_by_key(|(at, _)| *at);
        let windows = windows.into_iter().map(|(_, window)| window).collect();
        level.rounds.push(Round { flush, windows });
    }
    bar.finish_and_clear();
    Ok(level)
}
