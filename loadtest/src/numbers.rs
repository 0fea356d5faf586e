//! Numbers put on the do-not-call list by CSV: how many a second, and `VmRSS` of the server before and
//! after.

use std::io::Write as _;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::figures::{float, per};
use crate::plain::Plain;
use crate::server::{self, Server};
use crate::{clock, cpu, interrupt, machine, progress};

const PATH: &str = "/api/compliance/dnc/add";
const CONTENT_TYPE: &str = "text/csv";
/// Numbers there are in the area codes used.
const NUMBERS_MAX: u64 = 5 * 7_900_000;
/// Area codes of the numbers.
const AREA_CODES: [u64; 5] = [404, 214, 614, 305, 615];

/// Options of `loadtest numbers`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    server: server::ServerOptions,
    /// How many numbers.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=NUMBERS_MAX))]
    numbers: u64,
    /// Numbers of one file.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=2_000_000))]
    file: u64,
}

/// What the server says about a file.
#[derive(Deserialize)]
struct FileAnswer {
    applied: u64,
    unchanged: u64,
    #[serde(default)]
    rejected: Vec<serde_json::Value>,
}

/// Runs and prints.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    println!("{}", machine::describe());
    let server = Server::start(&options.server)?;
    let before = cpu::resident_bytes(server.id())?;
    let target = server.target();
    let mut plain = Plain::connect(target.address, &target.token)?;
    let bar = progress::bar(options.numbers);
    let (mut first, mut seconds, mut bytes) = (0, 0.0, 0_u64);
    while first < options.numbers {
        interrupt::check()?;
        let end = (first + options.file).min(options.numbers);
        let body = file(first, end)?;
        let began = clock::now();
        let answer = plain.post(PATH, CONTENT_TYPE, &body)?;
        seconds += clock::now().duration_since(began).as_secs_f64();
        bytes += body.len() as u64;
        if answer.status != 200 {
            bail!("the file was answered {}", answer.status);
        }
        let told: FileAnswer = serde_json::from_slice(&answer.body).context("the answer")?;
        if told.applied != end - first || told.unchanged > 0 || !told.rejected.is_empty() {
            bail!("applied {} of {}", told.applied, end - first);
        }
        first = end;
        bar.set_position(first);
    }
    bar.finish_and_clear();
    let after = cpu::resident_bytes(server.id())?;
    let grown = float(after.saturating_sub(before));
    let each = per(grown, float(options.numbers)).context("no numbers")?;
    let rate = per(float(options.numbers), seconds).unwrap_or(0.0);
    println!(
        "{} numbers in {seconds:.1} s ({rate:.0}/s), {} MiB of CSV, a file of {} at a time",
        options.numbers,
        bytes >> 20,
        options.file
    );
    println!(
        "resident {} MiB before, {} MiB after: {each:.1} bytes a number",
        before >> 20,
        after >> 20
    );
    server.stop()
}

/// The last seven digits of the `n`-th number of an area: no exchange is 211, 311 and so on.
fn line(n: u64) -> u64 {
    let (block, exchange) = (n / 990_000, n / 10_000 % 99);
    let exchange = 200 + 100 * block + exchange + u64::from(exchange >= 11);
    exchange * 10_000 + n % 10_000
}

/// The numbers from `first` to before `end`, each with a reason and where it was learnt.
fn file(first: u64, end: u64) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::with_capacity(usize::try_from((end - first) * 32).unwrap_or(0));
    body.extend_from_slice(b"phone,reason,source\n");
    for n in first..end {
        let area = AREA_CODES[usize::try_from(n % 5).unwrap_or(0)];
        let line = line(n / 5);
        writeln!(body, "+1{area}{line:07},asked,list 7")?;
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn files_are_a_header_and_their_numbers() {
        let body = String::from_utf8(file(4, 6).unwrap()).unwrap();
        let expected =
            "phone,reason,source\n+16152000000,asked,list 7\n+14042000001,asked,list 7\n";
        assert_eq!(body, expected);
    }
}
