//! The generated portfolio: any account can be computed from the seed and its index alone, so the
//! client that asks needs no table of a million phones and costs next to nothing.

mod cities;
mod record;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;

use crate::random::mix;
use cities::{CITIES, City};
pub(crate) use record::{DAY, START};

/// Phones of one account.
pub(crate) const PHONES_EACH: u8 = 2;
/// Earlier attempts of one account; one of them inside the last seven days.
pub(crate) const ATTEMPTS_EACH: u64 = 5;
/// Most accounts one portfolio may have.
pub(crate) const ACCOUNTS_MAX: u64 = 100_000_000;
/// Usable exchanges: 200-999 without the eight N11 codes and without 555 (directory numbers).
const EXCHANGES: u64 = 791;
/// Numbers in one area code.
const NUMBERS: u64 = EXCHANGES * 10_000;
/// A prime that does not divide `NUMBERS`: multiplying by it scatters numbers without collision.
const SCATTER: u64 = 2_654_435_761;

/// Options of `loadtest portfolio`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many accounts.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=ACCOUNTS_MAX))]
    accounts: u64,
    /// Seed of the portfolio.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// File to write; standard output when absent.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Accounts `1..=accounts` of a seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portfolio {
    seed: u64,
    accounts: u64,
}

/// One account, computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    /// Number of the account, from 1.
    pub(crate) number: u64,
    /// Digits of the account id, so that every request of a run has one length.
    pub(crate) digits: usize,
    /// Where the consumer lives.
    city: City,
    /// The ten digits of each phone.
    pub(crate) phones: [u64; PHONES_EACH as usize],
}

impl Portfolio {
    /// A portfolio of `accounts` accounts.
    pub(crate) const fn new(seed: u64, accounts: u64) -> Self {
        Self { seed, accounts }
    }

    /// How many accounts it has.
    pub(crate) const fn accounts(&self) -> u64 {
        self.accounts
    }

    /// The account at `index` (from 0); numbers are unique for up to 3.9 million accounts, after
    /// that two accounts of one city may share a phone.
    pub(crate) fn account(&self, index: u64) -> Account {
        let choice = mix(self.seed ^ mix(index));
        let cities = CITIES.len() as u64;
        let city = usize::try_from(choice % cities).unwrap_or(0);
        let city = CITIES.get(city).copied().unwrap_or(CITIES[0]);
        let first = index * u64::from(PHONES_EACH);
        let digits = self
            .accounts
            .checked_ilog10()
            .map_or(1, |log| log as usize + 1)
            .max(7);
        let phones = [ten_digits(city.2, first), ten_digits(city.2, first + 1)];
        Account {
            number: index + 1,
            digits,
            city,
            phones,
        }
    }

    /// Appends the ingest record of the account at `index`, with its newline.
    pub(crate) fn write_record(&self, index: u64, out: &mut Vec<u8>) -> std::io::Result<()> {
        record::write(&self.account(index), out)
    }
}

impl Account {
    /// Seconds east of UTC in May, by the state alone: near enough for servers that only stand in.
    pub(crate) fn utc_offset_s(&self) -> i64 {
        let hours = match self.city.0 {
            "OH" | "GA" | "VA" | "IN" | "KY" | "SC" | "NJ" | "CT" | "PA" | "MI" | "WV" | "MA"
            | "NY" => -4,
            "UT" | "NM" | "CO" | "ID" | "MT" => -6,
            "CA" => -7,
            _ => -5,
        };
        hours * 3_600
    }
}

/// The `n`th number of an area code, scattered over its exchanges.
fn ten_digits(area_code: u16, n: u64) -> u64 {
    let place = (n % NUMBERS) * SCATTER % NUMBERS;
    u64::from(area_code) * 10_000_000 + exchange(place / 10_000) * 10_000 + place % 10_000
}

/// The `rank`th usable exchange, in rising order.
fn exchange(rank: u64) -> u64 {
    // Eight N11 codes and 555 are skipped by counting how many lie at or below the candidate.
    const SKIPPED: [u64; 9] = [211, 311, 411, 511, 555, 611, 711, 811, 911];
    SKIPPED.iter().fold(
        200 + rank,
        |code, &skipped| if code >= skipped { code + 1 } else { code },
    )
}

/// Writes the portfolio, streaming.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let portfolio = Portfolio::new(options.seed, options.accounts);
    match &options.out {
        Some(path) => {
            let file = std::fs::File::create(path)
                .with_context(|| format!("cannot create {}", path.display()))?;
            write_all(portfolio, std::io::BufWriter::with_capacity(1 << 20, file))?;
            println!(
                "{} accounts, seed {}: {}",
                options.accounts,
                options.seed,
                path.display()
            );
            Ok(())
        }
        None => write_all(portfolio, std::io::stdout().lock()),
    }
}

fn write_all(portfolio: Portfolio, mut out: impl Write) -> anyhow::Result<()> {
    let mut line = Vec::with_capacity(1024);
    for index in 0..portfolio.accounts() {
        line.clear();
        portfolio.write_record(index, &mut line)?;
        out.write_all(&line)?;
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests;
