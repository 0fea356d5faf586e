//! How long a killed server needs until it may answer again.

use std::time::Duration;

use anyhow::bail;

use crate::drive::{self, Load};
use crate::portfolio::{ACCOUNTS_MAX, Portfolio};
use crate::server::{self, Server};
use crate::{ingest, interrupt, machine, progress};

/// Longest wait for readiness after the kill; recovery slower than this is a failure.
const READY_TIMEOUT_MAX: Duration = Duration::from_mins(5);
/// Longest window of asking; several are run until the rows are there.
const WINDOW: Duration = Duration::from_secs(10);
/// Most windows; a server slower than that is not worth waiting for.
const WINDOWS_MAX: u64 = 120;

/// Options of `loadtest recovery`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    server: server::ServerOptions,
    /// How many accounts.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=ACCOUNTS_MAX))]
    accounts: u64,
    /// How many decisions before the kill.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    rows: u64,
    /// Connections while deciding.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    connections: u16,
    /// Seed of the portfolio and of the choice of accounts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs and prints.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    println!("{}\nseed {}", machine::describe(), options.seed);
    let mut server = Server::start(&options.server)?;
    let portfolio = Portfolio::new(options.seed, options.accounts);
    let bar = progress::bar(options.accounts + options.rows);
    let loaded = ingest::load(&server.target(), portfolio, &|done| bar.set_position(done))?;
    let mut rows = 0;
    for window in 0..WINDOWS_MAX {
        if rows >= options.rows {
            break;
        }
        interrupt::check()?;
        let load = Load {
            portfolio,
            seed: options.seed.wrapping_add(window),
            batch: None,
            mixed: false,
            agents: None,
            connections: usize::from(options.connections),
            threads: 1,
            span: WINDOW,
            rate: None,
            requests_max: options.rows - rows,
        };
        let asked = drive::window(&server.target(), &load)?;
        if asked.summary.requests == 0 {
            bail!(
                "no decision in {} s: {:?}",
                WINDOW.as_secs(),
                asked.summary.first_fault
            );
        }
        rows += asked.summary.requests;
        bar.set_position(options.accounts + rows);
    }
    bar.finish_and_clear();
    if rows < options.rows {
        bail!("only {rows} decisions in {WINDOWS_MAX} windows");
    }
    println!("{loaded}\n{rows} decisions, then SIGKILL");
    let ready = server.kill_and_restart(READY_TIMEOUT_MAX)?;
    println!("ready {:.3} s after the restart", ready.as_secs_f64());
    server.stop()
}
