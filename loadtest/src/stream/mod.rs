//! Streams: frames over QUIC, HTTP/3 and NDJSON on one connection, each beside a bare echo of the same
//! bytes, in alternating windows of one run, the disk in between.

mod echo;
mod frames;
mod http3;
mod lines;
mod pump;
mod quic;
mod report;
mod schedule;
mod window;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Serialize;

use crate::child::{self, Process};
use crate::disk::{Flush, Probe};
use crate::drive::protocol::Protocol;
use crate::drive::tally::Tally;
use crate::drive::{Sample, Target, Window, judge};
use crate::gate::write_json;
use crate::machine::{self, Machine};
use crate::portfolio::{ACCOUNTS_MAX, Portfolio};
use crate::request::{BODY, LINE, Requests};
use crate::server::{Manner, Server, ServerOptions};
use crate::workdir::WorkDir;
use crate::{ingest, interrupt, progress, rest};
pub(crate) use echo::{Options as EchoOptions, run as run_echo};
use frames::Frames;
use lines::Lines;
use pump::{Pump, Speech, WINDOW_MAX};
pub(crate) use quic::Identity;
pub(crate) use window::frames as frames_window;

/// Flushes measured between two pairs of windows.
const FLUSHES_BETWEEN: u32 = 200;
/// Longest run of one level in seconds.
const SECONDS_MAX: u64 = 3_600;
/// Questions asked before the clocks start.
const WARM: u64 = 64;
/// Longest a connection may take for them.
const WARM_MAX: Duration = Duration::from_secs(5);
const READY_PATH: &str = "/api/health/readiness";

/// Options of `loadtest stream`.
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
    /// Measured seconds of each level, both servers together.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX))]
    seconds: u64,
    /// Seconds of one window.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX))]
    window_seconds: u64,
    /// What is measured: how it is spoken, how many questions are under way, and when it is answered.
    #[arg(long, value_delimiter = ',', default_values = LEVELS)]
    levels: Vec<Level>,
    /// Write the result, with every window, to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// What is measured if nothing else is said.
const LEVELS: [&str; 5] = [
    "lines:256",
    "frames:1",
    "frames:256",
    "http3:64",
    "frames:1:relaxed",
];

/// One thing to be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Level {
    way: Way,
    /// Questions under way.
    window: usize,
    /// Answered before the row is on the disk.
    relaxed: bool,
}

/// How it is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Way {
    /// `dialgate/1` on a QUIC stream.
    Frames,
    /// A request a question.
    Http3,
    /// NDJSON over HTTP/1.1 without TLS.
    Lines,
}

impl std::str::FromStr for Level {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let mut parts = text.split(':');
        let way = match parts.next() {
            Some("frames") => Way::Frames,
            Some("http3") => Way::Http3,
            Some("lines") => Way::Lines,
            _ => bail!("{text}: begins with frames, http3 or lines"),
        };
        let window: usize = parts.next().context("WAY:WINDOW")?.parse()?;
        if !(1..=WINDOW_MAX).contains(&window) {
            bail!("{text}: a window of 1 to {WINDOW_MAX}");
        }
        let relaxed = match (parts.next(), parts.next()) {
            (None, _) => false,
            (Some("relaxed"), None) => true,
            _ => bail!("{text}: ends in nothing or in relaxed"),
        };
        Ok(Self {
            way,
            window,
            relaxed,
        })
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.way {
            Way::Frames => "frames on a QUIC stream",
            Way::Http3 => "HTTP/3",
            Way::Lines => "NDJSON over HTTP/1.1",
        })?;
        let when = if self.relaxed { "relaxed" } else { "durable" };
        write!(f, ", window {}, {when}", self.window)
    }
}

impl Level {
    /// How the server has to be started for it.
    fn manner(self, identity: &Identity) -> Manner {
        Manner {
            identity: (self.way != Way::Lines).then(|| identity.clone()),
            relaxed: self.relaxed,
        }
    }
}

/// A whole run.
#[derive(Serialize)]
struct RunResult {
    machine: Machine,
    seed: u64,
    accounts: u64,
    levels: Vec<Measured>,
}

/// All windows of a level.
#[derive(Serialize)]
struct Measured {
    level: Level,
    pairs: Vec<Pair>,
}

/// Neighbours in time.
#[derive(Serialize)]
struct Pair {
    /// The disk just before.
    flush: Flush,
    bare: Window,
    gate: Window,
}

/// Runs, prints the tables, writes the JSON file.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    if options.seconds < 2 * options.window_seconds {
        bail!("--seconds must hold at least two windows");
    }
    let mut server = Server::start(&options.server)?;
    match run_against(options, &mut server) {
        Err(error) => Err(server.explain(error)),
        Ok(()) => server.stop(),
    }
}

fn run_against(options: &Options, server: &mut Server) -> anyhow::Result<()> {
    let machine = machine::describe();
    println!("{machine}\nseed {}", options.seed);
    let dir = WorkDir::create(&options.server.work_dir, false)?;
    let identity = Identity::make(dir.path())?;
    let portfolio = Portfolio::new(options.seed, options.accounts);
    let bar = progress::bar(options.accounts);
    let loaded = ingest::load(&server.target(), portfolio, &|done| bar.set_position(done))?;
    bar.finish_and_clear();
    println!("{loaded}");
    let (_bare, bare) = start_echo(dir.path(), &server.target().token)?;
    let mut probe = Probe::new(server.dir())?;
    let mut run = RunResult {
        machine,
        seed: options.seed,
        accounts: options.accounts,
        levels: Vec::new(),
    };
    for &level in &options.levels {
        let manner = level.manner(&identity);
        if *server.manner() != manner {
            server.restart(manner, &|target| is_ready(target, &identity))?;
        }
        let scene = Scene {
            options,
            level,
            portfolio,
            identity: &identity,
        };
        let measured = scene.measure([&bare, &server.target()], &mut probe)?;
        print!("{}", report::level(&measured));
        run.levels.push(measured);
    }
    drop(probe);
    options
        .json
        .as_deref()
        .map_or(Ok(()), |path| write_json(path, &run))
}

/// Starts this program as the echo and reads the address it prints. It is sent the same token, which it reads
/// as it reads every header and does not check.
fn start_echo(identity: &std::path::Path, token: &str) -> anyhow::Result<(Process, Target)> {
    let (program, arguments) = echo::command(identity)?;
    let mut command = child::command(&program)?;
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut process = Process::start(&mut command)?;
    let stdout = process.take_stdout().context("an echo without output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line.trim().strip_prefix("listening on ");
    let target = Target {
        address: address.context("the echo did not start")?.parse()?,
        protocol: Protocol::Http,
        token: token.to_owned(),
        process: Some(process.id()),
    };
    Ok((process, target))
}

/// Whether a server that speaks only TLS is ready.
pub(crate) fn is_ready(target: &Target, identity: &Identity) -> bool {
    let asked = block_on(async {
        let mut connection = Box::pin(http3::Connection::open(target, identity)).await?;
        connection.get(READY_PATH).await
    });
    asked.is_ok_and(|status| status == 200)
}

/// Runs on this thread, whose tasks it may spawn.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

/// What every window of a level needs.
struct Scene<'a> {
    options: &'a Options,
    level: Level,
    portfolio: Portfolio,
    identity: &'a Identity,
}

impl Scene<'_> {
    /// Pairs of windows; which server goes first alternates.
    fn measure(&self, targets: [&Target; 2], probe: &mut Probe) -> anyhow::Result<Measured> {
        let pairs = self.options.seconds / (2 * self.options.window_seconds);
        let bar = progress::bar(pairs);
        let mut all = Vec::new();
        for pair in 0..pairs {
            interrupt::check()?;
            // What loading and a start leave behind (a snapshot, an index that catches up) is no window's.
            for target in targets {
                rest::wait(target.process)?;
            }
            let flush = probe.measure(FLUSHES_BETWEEN)?;
            let bare_first = pair % 2 == 0;
            let window = |gate: bool| {
                let target = targets[usize::from(gate)];
                self.window(target, pair, !gate).with_context(|| {
                    format!("{}, {}", self.level, if gate { "dialgate" } else { "bare" })
                })
            };
            let first = window(!bare_first)?;
            let second = window(bare_first)?;
            let (bare, gate) = if bare_first {
                (first, second)
            } else {
                (second, first)
            };
            all.push(Pair { flush, bare, gate });
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(Measured {
            level: self.level,
            pairs: all,
        })
    }

    /// Connects, asks a few questions, then for a window's length.
    fn window(&self, target: &Target, pair: u64, bare: bool) -> anyhow::Result<Window> {
        let seed = crate::random::mix(self.options.seed ^ pair << 16 ^ u64::from(bare) << 48);
        block_on(async {
            match self.level.way {
                Way::Frames => {
                    let connected = quic::connect(target.address, self.identity, quic::FRAMES);
                    let (_endpoint, connection) = connected.await?;
                    let (writer, reader) = connection.open_bi().await?;
                    let requests = Requests::patching(self.portfolio, seed, frames::QUESTION)?;
                    let speech = Frames::new(target, requests)?;
                    let window = self.pumped(target, speech, (reader, writer)).await;
                    connection.close(0_u32.into(), b"");
                    window
                }
                Way::Lines => {
                    let stream = tokio::net::TcpStream::connect(target.address).await?;
                    stream.set_nodelay(true)?;
                    let requests = Requests::patching(self.portfolio, seed, LINE)?;
                    let speech = Lines::new(target, requests, bare);
                    self.pumped(target, speech, stream.into_split()).await
                }
                Way::Http3 => {
                    let requests = Requests::patching(self.portfolio, seed, BODY)?;
                    Box::pin(self.asked(target, &requests, bare)).await
                }
            }
        })
    }

    async fn pumped<S, R, W>(
        &self,
        target: &Target,
        speech: S,
        stream: (R, W),
    ) -> anyhow::Result<Window>
    where
        S: Speech,
        R: tokio::io::AsyncRead + Unpin,
        W: tokio::io::AsyncWrite + Unpin,
    {
        let mut pump = Pump::new(speech, stream, self.level.window);
        sound(&pump.run(WARM_MAX, WARM).await.context("first questions")?)?;
        let before = Sample::take(target);
        let tally = pump.run(self.span(), u64::MAX).await?;
        Ok(judge(tally, &before, &Sample::take(target)))
    }

    async fn asked(
        &self,
        target: &Target,
        requests: &Requests,
        bare: bool,
    ) -> anyhow::Result<Window> {
        let connection = Box::pin(http3::Connection::open(target, self.identity)).await?;
        let run = |span, most| connection.run(requests, (self.level.window, span, most), bare);
        sound(&run(WARM_MAX, WARM).await.context("first questions")?)?;
        let before = Sample::take(target);
        let tally = run(self.span(), u64::MAX).await?;
        Ok(judge(tally, &before, &Sample::take(target)))
    }

    fn span(&self) -> Duration {
        Duration::from_secs(self.options.window_seconds)
    }
}

/// A run whose first questions are not decided ends here, with the server's words.
fn sound(first: &Tally) -> anyhow::Result<()> {
    match first.summary().first_fault {
        Some(fault) => bail!("{fault}"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{LEVELS, Level, Way};

    #[test]
    fn levels_are_read() {
        let level = |text: &str| text.parse::<Level>();
        let read = level("frames:256:relaxed").unwrap();
        assert_eq!(
            (read.way, read.window, read.relaxed),
            (Way::Frames, 256, true)
        );
        assert_eq!(
            level("lines:4096").unwrap().to_string(),
            "NDJSON over HTTP/1.1, window 4096, durable"
        );
        for bad in [
            "",
            "frames",
            "frames:0",
            "lines:4097",
            "http2:1",
            "http3:1:durable",
            "http3:1:relaxed:x",
        ] {
            assert!(level(bad).is_err(), "{bad}");
        }
        assert!(LEVELS.iter().all(|text| level(text).is_ok()));
    }
}
