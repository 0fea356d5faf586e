//! What one tenant's work costs another's calls: live traffic at a fixed rate, measured quiet and
//! beside batches, an import and a flood of a second tenant, by turns in one run.
//!
//! The second tenant's own client runs at a low priority: it shares the cores here as it would not
//! in earnest, and what is to be measured is how the server shares, not how the machine does. How
//! much it got done is printed beside, since a load that did nothing disturbs nobody; and how late the
//! live client itself was, since that is no server's doing.
//!
//! No window begins before the server has come to rest from the one before. What an import leaves
//! behind, which is a snapshot, is measured in a window of its own directly after it.

mod report;

use std::path::PathBuf;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::bail;
use serde::Serialize;

use crate::drive::{self, CONNECTIONS_MAX, Load, Target, Window};
use crate::figures::{float, per};
use crate::gate::write_json;
use crate::machine::{self, Machine};
use crate::portfolio::{ACCOUNTS_MAX, Portfolio};
use crate::request::BATCH_MAX;
use crate::server::{CROWD, Manner, Server, ServerOptions};
use crate::stream::{Identity, frames_window, is_ready};
use crate::workdir::WorkDir;
use crate::{clock, hanging, ingest, interrupt, progress, rest};

/// Between the second tenant's start and the live window.
const LEAD: Duration = Duration::from_millis(300);
/// Longest run in seconds.
const SECONDS_MAX: u64 = 3_600;
/// Records after which the server takes a snapshot: fewer than one window's import brings.
const SNAPSHOT_ROWS: u64 = 100_000;
/// Accounts a second an import is prepared for: more than it reaches.
const IMPORT_RATE_MAX: u64 = 200_000;
/// Share of the processors from which on other programs spoil a pair, where `--again` permits another.
const OTHERS_SHARE_MAX: f64 = 0.1;

/// What an answer over HTTP that is no decision is counted as.
const UNDECIDED: &str = "SYSTEM_ERROR";
/// Live questions under way at most on each connection that speaks frames.
const FRAMES_LIVE_WINDOW: usize = 64;

/// Options of `loadtest beside`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    server: ServerOptions,
    /// Accounts of each tenant before anything is measured.
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(1..=ACCOUNTS_MAX))]
    accounts: u64,
    /// Accounts the import has at its disposal.
    #[arg(long, default_value_t = 5_000_000, value_parser = clap::value_parser!(u64).range(1..=ACCOUNTS_MAX))]
    import_accounts: u64,
    /// Seed of the portfolios and of the choice of accounts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Live intents a second.
    #[arg(long, default_value_t = 2_000.0)]
    rate: f64,
    /// Connections of the live traffic.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Intents of each batch beside it.
    #[arg(long, default_value_t = BATCH_MAX)]
    batch: usize,
    /// Connections the batches come over, back to back.
    #[arg(long, default_value_t = 1)]
    batch_connections: usize,
    /// Connections of the flood, each asking again as soon as it has its answer.
    #[arg(long, default_value_t = 64)]
    flood_connections: usize,
    /// Questions under way on each connection of a flood in frames.
    #[arg(long, default_value_t = 16)]
    frames_window: usize,
    /// How many rounds of quiet, batches, quiet, import, quiet, flood.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    rounds: u64,
    /// Seconds of one window.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=SECONDS_MAX))]
    window_seconds: u64,
    /// Niceness of the second tenant's client.
    #[arg(long, default_value_t = 19, value_parser = clap::value_parser!(i32).range(0..=19))]
    nice: i32,
    /// How often a pair is measured again that other programs disturbed.
    #[arg(long, default_value_t = 0)]
    again: u32,
    /// Calls that wait for a system of record which answers none.
    #[arg(long, default_value_t = 256)]
    hanging_connections: usize,
    /// Only these of `batches`, `import`, `flood`; or `hanging`, or `frames-flood`, which are measured alone.
    #[arg(long, value_delimiter = ',', value_enum, default_values_t = Crowd::ALL)]
    only: Vec<Crowd>,
    /// Write the result, with every window, to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// What the second tenant does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
enum Crowd {
    /// Full batches, back to back.
    Batches,
    /// Facts of accounts that are new.
    Import,
    /// Single intents over many connections.
    Flood,
    /// Calls to a system of record that takes them and never answers.
    Hanging,
    /// Single intents in frames over QUIC, each connection with its window full; the live traffic is in
    /// frames, too.
    FramesFlood,
}

impl Crowd {
    const ALL: [Self; 3] = [Self::Batches, Self::Import, Self::Flood];

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Batches => ("batches", "intents/s"),
            Self::Import => ("an import", "accounts/s"),
            Self::Flood => ("a flood", "intents/s"),
            Self::Hanging => ("calls of a system that hangs", "answered a second"),
            Self::FramesFlood => ("a flood in frames", "intents/s"),
        }
    }
}

impl std::fmt::Display for Crowd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Batches => "batches",
            Self::Import => "import",
            Self::Flood => "flood",
            Self::Hanging => "hanging",
            Self::FramesFlood => "frames-flood",
        })
    }
}

/// A whole run.
#[derive(Serialize)]
struct RunResult {
    machine: Machine,
    seed: u64,
    rate: f64,
    nice: i32,
    pairs: Vec<Pair>,
}

/// A quiet window and its neighbour beside a crowd.
#[derive(Serialize)]
struct Pair {
    crowd: Crowd,
    quiet: Window,
    beside: Window,
    /// Directly after an import.
    after: Option<Window>,
    /// What the crowd got done a second.
    crowd_per_second: Option<f64>,
    /// What of the crowd's was refused a second.
    crowd_refused_per_second: Option<f64>,
}

/// What every window needs.
struct Scene<'a> {
    options: &'a Options,
    live: Target,
    crowd: Target,
    /// The next page of the import.
    page: AtomicU64,
    /// The server's certificate where everybody speaks frames.
    identity: Option<Identity>,
}

/// Runs, prints the table, writes the JSON file.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    check(options)?;
    let mut with = options.server.clone();
    with.snapshot_rows.get_or_insert(SNAPSHOT_ROWS);
    if options.only.contains(&Crowd::Hanging) {
        with.crowd_system = Some(hanging::upstream()?);
    }
    let mut server = Server::start(&with)?;
    match run_against(options, &mut server) {
        Err(error) => Err(server.explain(error)),
        Ok(()) => server.stop(),
    }
}

fn check(options: &Options) -> anyhow::Result<()> {
    for (name, given, most) in [
        ("--connections", options.connections, CONNECTIONS_MAX / 2),
        ("--batch", options.batch, BATCH_MAX),
        (
            "--batch-connections",
            options.batch_connections,
            CONNECTIONS_MAX / 2,
        ),
        (
            "--flood-connections",
            options.flood_connections,
            CONNECTIONS_MAX / 2,
        ),
        ("--frames-window", options.frames_window, CONNECTIONS_MAX),
        (
            "--hanging-connections",
            options.hanging_connections,
            CONNECTIONS_MAX / 4,
        ),
    ] {
        if !(1..=most).contains(&given) {
            bail!("{name} {given}: 1 to {most}");
        }
    }
    for alone in [Crowd::Hanging, Crowd::FramesFlood] {
        if options.only.contains(&alone) && options.only.len() > 1 {
            bail!(
                "--only {alone}: nothing beside it, since the server is started otherwise for it"
            );
        }
    }
    if !(1.0..=1_000_000.0).contains(&options.rate) {
        bail!("--rate: 1 to 1000000 a second");
    }
    Ok(())
}

fn run_against(options: &Options, server: &mut Server) -> anyhow::Result<()> {
    let machine = machine::describe();
    println!("{machine}\nseed {}", options.seed);
    let [live, crowd] = [server.target(), server.target_of(CROWD)?];
    // The second tenant of a system that hangs has no accounts: it calls that system, and asks nothing.
    let hangs = options.only.contains(&Crowd::Hanging);
    for target in [Some(&live), (!hangs).then_some(&crowd)]
        .into_iter()
        .flatten()
    {
        let portfolio = Portfolio::new(options.seed, options.accounts);
        println!("{}", ingest::load(target, portfolio, &|_done| {})?);
    }
    let dir = WorkDir::create(&options.server.work_dir, false)?;
    let identity = options.only.contains(&Crowd::FramesFlood);
    let identity = identity.then(|| Identity::make(dir.path())).transpose()?;
    if let Some(identity) = &identity {
        let manner = Manner {
            identity: Some(identity.clone()),
            relaxed: false,
        };
        server.restart(manner, &|target| is_ready(target, identity))?;
    }
    let process = server.target().process;
    let scene = Scene {
        options,
        live: Target { process, ..live },
        crowd: Target { process, ..crowd },
        page: AtomicU64::new(options.accounts.div_ceil(ingest::PAGE_ACCOUNTS)),
        identity,
    };
    let bar = progress::bar(options.rounds * options.only.len() as u64);
    let mut pairs = Vec::new();
    for round in 0..options.rounds {
        for &crowd in &options.only {
            interrupt::check()?;
            let mut pair = scene.pair(crowd, round)?;
            for again in 1..=options.again {
                if !pair.disturbed() {
                    break;
                }
                pair = scene.pair(crowd, round + u64::from(again) * 1_000)?;
            }
            pairs.push(pair);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    for &crowd in &options.only {
        report::of(crowd, &pairs)?;
    }
    let run = RunResult {
        machine,
        seed: options.seed,
        rate: options.rate,
        nice: options.nice,
        pairs,
    };
    options
        .json
        .as_deref()
        .map_or(Ok(()), |path| write_json(path, &run))
}

impl Pair {
    fn disturbed(&self) -> bool {
        let windows = report::SIDES.iter().filter_map(|(_, pick)| pick(self));
        windows
            .filter_map(|window| window.others_share)
            .any(|share| share > OTHERS_SHARE_MAX)
    }
}

impl Scene<'_> {
    /// Which of the two comes first alternates.
    fn pair(&self, crowd: Crowd, round: u64) -> anyhow::Result<Pair> {
        let seed = self.options.seed ^ (round << 16) ^ ((crowd as u64) << 32);
        let quiet = || {
            rest::wait(self.live.process)?;
            self.window(&self.live, &self.live_load(seed))
        };
        let first = round.is_multiple_of(2).then(quiet).transpose()?;
        rest::wait(self.live.process)?;
        let (beside, [crowd_per_second, crowd_refused_per_second]) = self.beside(crowd, seed)?;
        let after = (crowd == Crowd::Import)
            .then(|| self.window(&self.live, &self.live_load(seed + 3)))
            .transpose()?;
        Ok(Pair {
            crowd,
            quiet: first.map_or_else(quiet, Ok)?,
            beside,
            after,
            crowd_per_second,
            crowd_refused_per_second,
        })
    }

    fn beside(&self, crowd: Crowd, seed: u64) -> anyhow::Result<(Window, [Option<f64>; 2])> {
        let (stop, ready) = (AtomicBool::new(false), Barrier::new(2));
        std::thread::scope(|scope| {
            let other = scope.spawn(|| self.crowd(crowd, seed, (&ready, &stop)));
            ready.wait();
            std::thread::sleep(LEAD);
            let live = self.window(&self.live, &self.live_load(seed + 1));
            stop.store(true, Ordering::Relaxed);
            let done = other
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            Ok((live?, done))
        })
    }

    /// The second tenant's work until told to stop; what it got done a second, and what of it was refused. It passes `ready`
    /// whatever happens, else the live side hangs.
    fn crowd(
        &self,
        crowd: Crowd,
        seed: u64,
        (ready, stop): (&Barrier, &AtomicBool),
    ) -> anyhow::Result<[Option<f64>; 2]> {
        let options = self.options;
        let pages = (crowd == Crowd::Import).then(|| {
            let seconds = options.window_seconds + 1;
            let count = (seconds * IMPORT_RATE_MAX).div_ceil(ingest::PAGE_ACCOUNTS);
            let portfolio = Portfolio::new(options.seed, options.import_accounts);
            ingest::Pages::make(portfolio, &self.page, count)
        });
        // Of this thread and those it starts.
        let niced = rustix::process::setpriority_process(None, options.nice);
        if crowd == Crowd::Hanging {
            let hung = self.hang(ready, stop, niced.map_err(Into::into));
            return hung.map(|done| [done, None]);
        }
        ready.wait();
        niced?;
        let (connections, batch) = match crowd {
            Crowd::Import => {
                let Some(pages) = pages.transpose()? else {
                    return Ok([None; 2]);
                };
                let began = clock::now();
                let taken = pages.send(&self.crowd, stop)?;
                let seconds = clock::now().duration_since(began).as_secs_f64();
                return Ok([per(float(taken), seconds), None]);
            }
            Crowd::Batches => (options.batch_connections, Some(options.batch)),
            Crowd::Flood | Crowd::FramesFlood | Crowd::Hanging => (options.flood_connections, None),
        };
        let load = Load {
            batch,
            connections,
            rate: None,
            span: 2 * LEAD + self.span(),
            ..self.live_load(seed + 2)
        };
        let window = self.window(&self.crowd, &load)?;
        let summary = &window.summary;
        let refused = *summary.mix.get(UNDECIDED).unwrap_or(&0);
        if batch.is_none() {
            // A flood's excess may be refused; what counts is what was decided.
            let refused = float(refused + summary.errors);
            let decided = float(summary.requests + summary.errors) - refused;
            return Ok([decided, refused].map(|count| per(count, window.seconds)));
        }
        if let Some(fault) = &summary.first_fault {
            bail!("the second tenant heard: {fault}");
        }
        let each = batch.map_or(1.0, |size| float(size as u64));
        Ok([
            window.rps.map(|rps| rps * each),
            per(float(refused), window.seconds),
        ])
    }

    /// Calls that hang, until told to stop; how many were answered a second. It passes `ready` whatever
    /// happens.
    fn hang(
        &self,
        ready: &Barrier,
        stop: &AtomicBool,
        begin: anyhow::Result<()>,
    ) -> anyhow::Result<Option<f64>> {
        let (started, passed) = (clock::now(), std::cell::Cell::new(false));
        let pass = || {
            passed.set(true);
            ready.wait();
        };
        let connections = self.options.hanging_connections;
        let answered = begin.and_then(|()| hanging::call(&self.crowd, connections, stop, pass));
        if !passed.get() {
            ready.wait();
        }
        let seconds = clock::now().duration_since(started).as_secs_f64();
        Ok(per(float(answered?), seconds))
    }

    /// One window, the way everybody speaks in this run.
    fn window(&self, target: &Target, load: &Load) -> anyhow::Result<Window> {
        let Some(identity) = &self.identity else {
            return drive::window(target, load);
        };
        let live = load.rate.is_some();
        let window = if live {
            FRAMES_LIVE_WINDOW
        } else {
            self.options.frames_window
        };
        frames_window(target, identity, load, window)
    }

    fn span(&self) -> Duration {
        Duration::from_secs(self.options.window_seconds)
    }

    fn live_load(&self, seed: u64) -> Load {
        Load {
            portfolio: Portfolio::new(self.options.seed, self.options.accounts),
            seed,
            batch: None,
            mixed: false,
            agents: None,
            connections: self.options.connections,
            threads: 1,
            span: self.span(),
            rate: Some(self.options.rate),
            requests_max: u64::MAX,
        }
    }
}
