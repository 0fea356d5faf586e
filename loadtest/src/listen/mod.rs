//! What listeners cost the decisions they hear of: live traffic at a fixed rate in windows by turns,
//! one without anybody and one with a floor of listeners, most of them with a filter.
//!
//! Every decision names one of a number of agents, evenly, and every agent has as many listeners, so
//! what all of them together are owed follows from the number of decisions. A run in which they did
//! not hear exactly that, each event once and in order, is no figure and ends with an error.

mod crowd;
mod heard;
mod report;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::Serialize;

use crate::drive::{self, CONNECTIONS_MAX, Load, Target, Window};
use crate::figures::float;
use crate::gate::write_json;
use crate::machine::{self, Machine};
use crate::portfolio::{ACCOUNTS_MAX, Portfolio};
use crate::request::AGENTS_MAX;
use crate::server::{Server, ServerOptions};
use crate::{cpu, ingest, interrupt, progress, rest};
use crowd::{Crowd, Rows, Shape, Told};

/// Longest run in seconds.
const SECONDS_MAX: u64 = 3_600;
/// Listeners the server lets in for one tenant.
const LISTENERS_MAX: u64 = 1_536;
/// Descriptors beside those of listeners and connections.
const DESCRIPTORS_BESIDE: u64 = 256;
/// From the last listener's arrival to the window: what letting them in leaves behind is over.
const LEAD: Duration = Duration::from_millis(300);

/// Options of `loadtest listen`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    server: ServerOptions,
    /// How many accounts.
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(1..=ACCOUNTS_MAX))]
    accounts: u64,
    /// Seed of the portfolio and of the choice of accounts and agents.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Intents a second.
    #[arg(long, default_value_t = 5_000.0)]
    rate: f64,
    /// Connections they come over.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Agents they are asked for.
    #[arg(long, default_value_t = 250, value_parser = clap::value_parser!(u64).range(1..=AGENTS_MAX))]
    agents: u64,
    /// Listeners to one agent each; a multiple of the agents.
    #[arg(long, default_value_t = 1_000)]
    filtered: u64,
    /// Listeners to everything.
    #[arg(long, default_value_t = 10)]
    unfiltered: u64,
    /// Pairs of windows.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pairs: u64,
    /// Seconds of one window.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX))]
    window_seconds: u64,
    /// Niceness of the listeners' thread.
    #[arg(long, default_value_t = 19, value_parser = clap::value_parser!(i32).range(0..=19))]
    nice: i32,
    /// Write the result, with every window, to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// A whole run.
#[derive(Serialize)]
struct RunResult {
    machine: Machine,
    seed: u64,
    rate: f64,
    shape: Shape,
    pairs: Vec<Pair>,
}

/// Neighbours in time.
#[derive(Serialize)]
struct Pair {
    alone: Side,
    listened: Side,
}

/// A window and what the server's threads spent in it.
#[derive(Serialize)]
struct Side {
    window: Window,
    /// Microseconds of processor time a decision, by thread.
    threads: BTreeMap<String, f64>,
    /// What the listeners heard, if there were any.
    told: Option<Told>,
}

/// Runs, prints the table, writes the JSON file; an error when somebody did not hear what was owed.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    check(options)?;
    // Before the server starts: it inherits the limit.
    let descriptors = options.filtered + options.unfiltered + options.connections as u64;
    permit_descriptors(descriptors + DESCRIPTORS_BESIDE)?;
    let mut server = Server::start(&options.server)?;
    match run_against(options, &server.target()) {
        Err(error) => Err(server.explain(error)),
        Ok(()) => server.stop(),
    }
}

fn check(options: &Options) -> anyhow::Result<()> {
    let listeners = options.filtered + options.unfiltered;
    if !(1..=LISTENERS_MAX).contains(&listeners) {
        bail!("--filtered and --unfiltered: 1 to {LISTENERS_MAX} together");
    }
    if !options.filtered.is_multiple_of(options.agents) {
        bail!("--filtered must be a multiple of --agents: every agent has as many listeners");
    }
    if !(1..=CONNECTIONS_MAX / 2).contains(&options.connections) {
        bail!("--connections: 1 to {}", CONNECTIONS_MAX / 2);
    }
    if !(1.0..=1_000_000.0).contains(&options.rate) {
        bail!("--rate: 1 to 1000000 a second");
    }
    Ok(())
}

/// Raises the limit of open files as far as this process may, if it has to be.
fn permit_descriptors(wanted: u64) -> anyhow::Result<()> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    if let Some(maximum) = maximum.filter(|&maximum| maximum < wanted) {
        bail!("{wanted} open files are needed and at most {maximum} permitted (ulimit -Hn)");
    }
    let current = Some(wanted);
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).context("raising the limit of files")
}

fn run_against(options: &Options, target: &Target) -> anyhow::Result<()> {
    let machine = machine::describe();
    println!("{machine}\nseed {}", options.seed);
    let portfolio = Portfolio::new(options.seed, options.accounts);
    println!("{}", ingest::load(target, portfolio, &|_done| {})?);
    let shape = Shape {
        filtered: options.filtered,
        unfiltered: options.unfiltered,
        agents: options.agents,
    };
    let bar = progress::bar(options.pairs);
    let mut pairs = Vec::new();
    for number in 0..options.pairs {
        interrupt::check()?;
        pairs.push(pair(options, target, shape, number)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let run = RunResult {
        machine,
        seed: options.seed,
        rate: options.rate,
        shape,
        pairs,
    };
    print!("{}", report::table(&run));
    if let Some(path) = &options.json {
        write_json(path, &run)?;
    }
    report::faults(&run).map_or(Ok(()), |fault| bail!("this is no figure: {fault}"))
}

/// Two windows; which of them comes first alternates.
fn pair(options: &Options, target: &Target, shape: Shape, number: u64) -> anyhow::Result<Pair> {
    let load = |side: u64| load(options, options.seed ^ number << 16 ^ side << 8);
    let alone = || {
        rest::wait(target.process)?;
        side(target, &load(0))
    };
    let first = number.is_multiple_of(2).then(alone).transpose()?;
    rest::wait(target.process)?;
    let crowd = Crowd::open(target, shape)?;
    std::thread::sleep(LEAD);
    let listened = beside(target, &load(1), crowd, options.nice)?;
    Ok(Pair {
        alone: first.map_or_else(alone, Ok)?,
        listened,
    })
}

fn load(options: &Options, seed: u64) -> Load {
    Load {
        portfolio: Portfolio::new(options.seed, options.accounts),
        seed,
        batch: None,
        mixed: false,
        agents: Some(options.agents),
        connections: options.connections,
        threads: 1,
        span: Duration::from_secs(options.window_seconds),
        rate: Some(options.rate),
        requests_max: u64::MAX,
    }
}

fn side(target: &Target, load: &Load) -> anyhow::Result<Side> {
    let spent = || target.process.map_or(Ok(BTreeMap::new()), cpu::by_thread);
    let before = spent()?;
    let window = drive::window(target, load)?;
    let mut threads = BTreeMap::new();
    for (name, after) in spent()? {
        let span = after.saturating_sub(before.get(&name).copied().unwrap_or_default());
        let each = span.as_secs_f64() * 1e6 / float(rows(&window, load).max(1));
        threads.insert(name, each);
    }
    Ok(Side {
        window,
        threads,
        told: None,
    })
}

/// Decisions made from the first connection of a window to its end.
fn rows(window: &Window, load: &Load) -> u64 {
    // Each connection has asked once before the window.
    window.tally.requests + load.connections as u64
}

fn beside(target: &Target, load: &Load, crowd: Crowd, nice: i32) -> anyhow::Result<Side> {
    let open = Rows::open();
    std::thread::scope(|scope| {
        let hearing = scope.spawn(|| crowd.hear(nice, &open));
        let measured = side(target, load);
        open.close(measured.as_ref().map_or(0, |side| rows(&side.window, load)));
        let told = hearing
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok(Side {
            told: Some(told),
            ..measured?
        })
    })
}
