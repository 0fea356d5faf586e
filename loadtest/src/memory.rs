//! Resident memory an account: `VmRSS` of the server before and after loading a portfolio.

use anyhow::Context;

use crate::figures::{float, per};
use crate::portfolio::{ACCOUNTS_MAX, ATTEMPTS_EACH, PHONES_EACH, Portfolio};
use crate::server::{self, Server};
use crate::{cpu, ingest, machine, progress};

/// Options of `loadtest memory`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    server: server::ServerOptions,
    /// How many accounts.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=ACCOUNTS_MAX))]
    accounts: u64,
    /// Seed of the portfolio.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs and prints.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    println!("{}\nseed {}", machine::describe(), options.seed);
    let server = Server::start(&options.server)?;
    let before = cpu::resident_bytes(server.id())?;
    let portfolio = Portfolio::new(options.seed, options.accounts);
    let bar = progress::bar(options.accounts);
    let loaded = ingest::load(&server.target(), portfolio, &|done| bar.set_position(done))?;
    bar.finish_and_clear();
    let after = cpu::resident_bytes(server.id())?;
    let grown = float(after.saturating_sub(before));
    let each = per(grown, float(options.accounts)).context("no accounts")?;
    println!("{loaded}");
    println!(
        "resident {} MiB before, {} MiB after",
        before >> 20,
        after >> 20
    );
    println!("{each:.0} bytes an account of {PHONES_EACH} phones and {ATTEMPTS_EACH} attempts");
    server.stop()
}
