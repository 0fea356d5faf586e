//! The main run: dialgate and the bare server in alternating windows, the disk in between.

mod report;
mod result;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::child::{self, Process};
use crate::disk::Probe;
use crate::drive::protocol::Protocol;
use crate::drive::{self, CLIENT_THREADS_MAX, CONNECTIONS_MAX, Load, Target};
use crate::plain::Plain;
use crate::portfolio::{ACCOUNTS_MAX, Portfolio};
use crate::request::{GATE_PATH, Requests};
use crate::server::{self, Server};
use crate::{bare, clock, ingest, interrupt, lag, machine, progress};
use result::{Level, Pair, RunResult};

/// Flushes measured between two pairs of windows.
const FLUSHES_BETWEEN: u32 = 200;
/// Longest run at one concurrency, in seconds.
const SECONDS_MAX: u64 = 3_600;

/// Options of `loadtest gate`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    server: server::ServerOptions,
    /// Address of a running dialgate instead of an own one; it must hold the portfolio.
    #[arg(long, requires = "token")]
    url: Option<String>,
    /// Bearer token for --url.
    #[arg(long)]
    token: Option<String>,
    /// Process id of the server at --url, to read its processor time.
    #[arg(long)]
    pid: Option<u32>,
    /// Load the portfolio into the server at --url first.
    #[arg(long)]
    ingest: bool,
    /// How many accounts.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=ACCOUNTS_MAX))]
    accounts: u64,
    /// Seed of the portfolio and of the choice of accounts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Connection counts, one after the other.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    connections: Vec<usize>,
    /// Measured seconds for each connection count, both servers together.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX))]
    seconds: u64,
    /// Seconds of one window.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX))]
    window_seconds: u64,
    /// Open loop at this many arrivals a second; closed loop when absent.
    #[arg(long)]
    open: Option<f64>,
    /// Half questions, 45 % outcomes, 5 % checks of an account instead of questions alone.
    #[arg(long)]
    mixed: bool,
    /// Client threads.
    #[arg(long, default_value_t = 1)]
    client_threads: usize,
    /// Runtimes of the bare server; default: one a core.
    #[arg(long)]
    bare_threads: Option<u16>,
    /// Write the result, with every window, to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Runs, prints the table, writes the JSON file.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    check(options)?;
    let mut own = if options.url.is_some() {
        None
    } else {
        Some(Server::start(&options.server)?)
    };
    let outcome = run_against(options, own.as_ref());
    match (outcome, &mut own) {
        (Err(error), Some(server)) => Err(server.explain(error)),
        (Err(error), None) => Err(error),
        (Ok(()), _) => own.map_or(Ok(()), Server::stop),
    }
}

fn run_against(options: &Options, own: Option<&Server>) -> anyhow::Result<()> {
    let machine = machine::describe();
    println!("{machine}\nseed {}", options.seed);
    let portfolio = Portfolio::new(options.seed, options.accounts);
    let target = if let Some(server) = own {
        server.target()
    } else {
        let target = given_target(options)?;
        server::wait_reachable(target.address)?;
        target
    };
    let mut loaded = None;
    if own.is_some() || options.ingest {
        let bar = progress::bar(options.accounts);
        let done = ingest::load(&target, portfolio, &|done| bar.set_position(done))?;
        bar.finish_and_clear();
        println!("{done}");
        loaded = Some(done);
    }
    let body_bytes = ask_once(&target, portfolio, options.seed)?;
    let (_bare, bare_target) = start_bare(body_bytes, options.bare_threads)?;
    let probe_dir = own.map_or(options.server.work_dir.as_path(), Server::dir);
    std::fs::create_dir_all(probe_dir)?;
    let mut probe = Probe::new(probe_dir)?;
    let mut run = RunResult::new(machine, options, loaded, body_bytes);
    let looking = lag::watch(target.address);
    for &connections in &options.connections {
        let level = measure(options, connections, [&bare_target, &target], &mut probe)?;
        print!("{}", report::level(&level));
        run.levels.push(level);
    }
    drop(probe);
    run.index_lag = looking.stop();
    print!("{}", report::closing(&run));
    if let Some(path) = &options.json {
        write_json(path, &run)?;
    }
    Ok(())
}

fn check(options: &Options) -> anyhow::Result<()> {
    if let Some(bad) = options
        .connections
        .iter()
        .find(|n| !(1..=CONNECTIONS_MAX).contains(*n))
    {
        bail!("--connections {bad}: 1 to {CONNECTIONS_MAX}");
    }
    if !(1..=CLIENT_THREADS_MAX).contains(&options.client_threads) {
        bail!(
            "--client-threads {}: 1 to {CLIENT_THREADS_MAX}",
            options.client_threads
        );
    }
    if options
        .open
        .is_some_and(|rate| !(1.0..=10_000_000.0).contains(&rate))
    {
        bail!("--open: 1 to 10000000 a second");
    }
    if options.seconds < 2 * options.window_seconds {
        bail!("--seconds must hold at least two windows");
    }
    Ok(())
}

fn given_target(options: &Options) -> anyhow::Result<Target> {
    let url = options.url.as_deref().unwrap_or_default();
    let place = url
        .strip_prefix("http://")
        .unwrap_or(url)
        .trim_end_matches('/');
    let address: SocketAddr = place
        .parse()
        .with_context(|| format!("--url {url}: expected http://ADDRESS:PORT"))?;
    let token = options.token.clone().unwrap_or_default();
    Ok(Target {
        address,
        protocol: Protocol::Http,
        token,
        process: options.pid,
    })
}

/// One decision before anything is measured: its body's size becomes the bare server's constant,
/// and a wrong token or route ends the run here with the server's words.
pub(crate) fn ask_once(target: &Target, portfolio: Portfolio, seed: u64) -> anyhow::Result<usize> {
    let mut requests = Requests::new(portfolio, target, seed);
    let (words, bytes) = ask_for(target, GATE_PATH, requests.next())?;
    println!("first answer: {words}");
    Ok(bytes)
}

/// The answer to one request, and its bytes.
pub(crate) fn ask_for(
    target: &Target,
    path: &str,
    request: &[u8],
) -> anyhow::Result<(String, usize)> {
    let mut plain = Plain::connect(target.address, &target.token)?;
    let answer = plain.post(path, "application/json", body_of(request))?;
    let words = String::from_utf8_lossy(&answer.body).into_owned();
    if answer.status != 200 {
        bail!("the gate answered {}: {words}", answer.status);
    }
    Ok((words, answer.body.len()))
}

fn body_of(request: &[u8]) -> &[u8] {
    let head = crate::reply::find(request, b"\r\n\r\n").map_or(0, |at| at + 4);
    request.get(head..).unwrap_or_default()
}

/// Starts this program as the bare server and reads the address it prints.
pub(crate) fn start_bare(
    body_bytes: usize,
    threads: Option<u16>,
) -> anyhow::Result<(Process, Target)> {
    let (program, mut arguments) = bare::command(body_bytes)?;
    if let Some(threads) = threads {
        arguments.extend(["--threads".to_owned(), threads.to_string()]);
    }
    let mut command = child::command(&program)?;
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut process = Process::start(&mut command)?;
    let mut line = String::new();
    let stdout = process
        .take_stdout()
        .context("bare server without output")?;
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line
        .trim()
        .strip_prefix("listening on ")
        .context("bare server did not start")?;
    let target = Target {
        address: address.parse()?,
        protocol: Protocol::Http,
        token: "none".to_owned(),
        process: Some(process.id()),
    };
    Ok((process, target))
}

/// All windows at one connection count. Which server goes first alternates too, so that neither
/// always follows the disk probe.
fn measure(
    options: &Options,
    connections: usize,
    targets: [&Target; 2],
    probe: &mut Probe,
) -> anyhow::Result<Level> {
    let pairs = options.seconds / (2 * options.window_seconds);
    let bar = progress::bar(pairs);
    bar.set_message(format!("{connections} connections"));
    let mut level = Level::new(connections);
    for pair in 0..pairs {
        interrupt::check()?;
        let flush = probe.measure(FLUSHES_BETWEEN)?;
        let load = Load {
            portfolio: Portfolio::new(options.seed, options.accounts),
            seed: options.seed ^ (connections as u64) << 40 ^ pair << 16,
            batch: None,
            mixed: options.mixed,
            agents: None,
            connections,
            threads: options.client_threads,
            span: Duration::from_secs(options.window_seconds),
            rate: options.open,
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
        level.pairs.push(Pair { flush, bare, gate });
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(level)
}

pub(crate) fn write_json(path: &Path, run: &impl serde::Serialize) -> anyhow::Result<()> {
    let file =
        std::fs::File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
    serde_json::to_writer_pretty(std::io::BufWriter::new(file), run)?;
    println!(
        "{} written at {}",
        path.display(),
        clock::utc(clock::unix_seconds())
    );
    Ok(())
}

#[cfg(test)]
mod tests;
