//! A simulated floor that dials through `dialgate::client`: agents, pacing, answer rates.
//!
//! Every line asks the gate first, dials with a permit in hand and reports what came of it. Against
//! a demo (`dialgate demo` in another terminal):
//!
//!     dialgate token --tenant demo-b > token
//!     cargo run --release --example predictive_dialer -- --token-file token
//!
//! Nobody is called. The same `--seed` draws the same chances; how they fall in time depends on the
//! machine. `--url https://...` or `quic://...` with `--ca-file` asks over HTTP/2 or frames.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use dialgate::client::Verdict;
use dialgate::client::{Client, Disposition, Intent, Outcome, Reason, Settings, TokenSource};
use dialgate::domain::words::DialMode;

type Failed = Box<dyn Error>;

const USAGE: &str =
    "predictive_dialer --token-file FILE [--url http://127.0.0.1:9033] [--ca-file PEM]
  [--agents 12] [--seconds 30] [--seed N] [--answer-rate 0.3] [--speed 10] [--accounts 400]
  [--portfolio-url http://...|none] [--plain]";
/// How often the floor is paced and the view drawn.
const TICK: Duration = Duration::from_millis(50);
/// Ticks between two pictures, and between two plain lines.
const VIEW_TICKS: u64 = 5;
const LINE_TICKS: u64 = 20;
/// Of the answered calls, this share may find no agent; over it the floor dials less.
const ABANDONED_MAX: f64 = 0.03;
/// Lines a floor dials at once for each idle agent, at most.
const LINES_AN_AGENT_MAX: f64 = 4.0;
/// Calls that may ring at once.
const LINES_MAX: usize = 500;
/// Times a report is given to the client until it is on disk.
const REPORTS_MAX: u32 = 5;
/// Latencies kept for the percentiles.
const LATENCIES_MAX: usize = 10_000;

struct Options {
    url: String,
    token_file: String,
    ca_file: Option<String>,
    portfolio_url: Option<String>,
    agents: usize,
    seconds: u64,
    seed: u64,
    answer_rate: f64,
    speed: f64,
    accounts: usize,
    plain: bool,
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self, Failed> {
        let mut options = Self {
            url: "http://127.0.0.1:9033".to_owned(),
            token_file: String::new(),
            ca_file: None,
            portfolio_url: None,
            agents: 12,
            seconds: 30,
            seed: u64::from(std::process::id()),
            answer_rate: 0.3,
            speed: 10.0,
            accounts: 400,
            plain: false,
        };
        while let Some(name) = args.next() {
            if name == "--plain" {
                options.plain = true;
                continue;
            }
            let value = args.next().ok_or(USAGE)?;
            match &*name {
                "--url" => options.url = value,
                "--token-file" => options.token_file = value,
                "--ca-file" => options.ca_file = Some(value),
                "--portfolio-url" => options.portfolio_url = Some(value),
                "--agents" => options.agents = value.parse::<usize>()?.clamp(1, 1_000),
                "--seconds" => options.seconds = value.parse::<u64>()?.clamp(1, 3_600),
                "--seed" => options.seed = value.parse()?,
                "--answer-rate" => options.answer_rate = value.parse::<f64>()?.clamp(0.01, 1.0),
                "--speed" => options.speed = value.parse::<f64>()?.clamp(0.1, 1_000.0),
                "--accounts" => options.accounts = value.parse::<usize>()?.clamp(1, 100_000),
                _ => return Err(USAGE.into()),
            }
        }
        if options.token_file.is_empty() {
            return Err(USAGE.into());
        }
        Ok(options)
    }
}

/// splitmix64: enough for a floor, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }

    fn between(&mut self, from: f64, to: f64) -> f64 {
        from + self.share() * (to - from)
    }
}

/// Places across the country, so that hours are open somewhere most of the time.
const PLACES: [(&str, &str, &str); 8] = [
    ("GA", "30303", "404"),
    ("NY", "10001", "212"),
    ("TX", "75201", "214"),
    ("CO", "80202", "303"),
    ("CA", "90012", "213"),
    ("HI", "96813", "808"),
    ("PR", "00901", "787"),
    ("GU", "96910", "671"),
];

/// An account of the campaign and its number: fictional (555-01XX).
fn account(n: usize) -> (String, String) {
    let (_, _, area) = PLACES.get(n % PLACES.len()).unwrap_or(&PLACES[0]);
    (
        format!("floor-{n:05}"),
        format!("+1{area}55501{:02}", n / PLACES.len() % 100),
    )
}

/// The campaign as records: two in three consented to be called by machine.
fn portfolio(accounts: usize) -> String {
    let records: Vec<String> = (0..accounts)
        .map(|n| {
            let (id, phone) = account(n);
            let (state, zip, _) = PLACES.get(n % PLACES.len()).unwrap_or(&PLACES[0]);
            let consent = format!(
                "{{\"fact\":\"consent\",\"consent\":[\"autodialed\"],\"given_to\":\"collector\",\"phone\":\"{phone}\"}}"
            );
            let facts = if n % 3 == 0 { String::new() } else { consent };
            format!(
                "{{\"account_id\":\"{id}\",\"state\":\"{state}\",\"zip\":\"{zip}\",\
                 \"phones\":[{{\"number\":\"{phone}\",\"line_type\":\"wireless\"}}],\"facts\":[{facts}]}}"
            )
        })
        .collect();
    format!("[{}]", records.join(","))
}

/// Brings the campaign's accounts over cleartext HTTP/1.1; what the gateway said of them.
fn bring(url: &str, token: &str, records: &str) -> Result<String, Failed> {
    let host = url
        .strip_prefix("http://")
        .ok_or("a portfolio is brought over http://")?;
    let host = host.trim_end_matches('/');
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(
        stream,
        "POST /api/queue/ingest/json HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{records}",
        records.len()
    )?;
    let mut answer = String::new();
    stream.take(1024 * 1024).read_to_string(&mut answer)?;
    let (_, body) = answer
        .split_once("\r\n\r\n")
        .ok_or("no answer to the portfolio")?;
    Ok(body.chars().take(100).collect())
}

/// What the floor knows of itself.
struct Floor {
    random: Random,
    idle: usize,
    talking: usize,
    /// Asking or ringing.
    lines: usize,
    /// Lines for each idle agent.
    pace: f64,
    next: usize,
    asked: u64,
    dialed: u64,
    answered: u64,
    abandoned: u64,
    reported: u64,
    unreported: u64,
    outcomes: BTreeMap<&'static str, u64>,
    blocks: BTreeMap<String, u64>,
    micros: Vec<u128>,
}

impl Floor {
    /// How many lines to open now.
    fn wanted(&mut self) -> usize {
        let lost = ratio(self.abandoned, self.answered);
        let step = if lost > ABANDONED_MAX { 0.95 } else { 1.02 };
        self.pace = (self.pace * step).clamp(1.0, LINES_AN_AGENT_MAX);
        let idle = f64::from(u32::try_from(self.idle).unwrap_or(u32::MAX));
        let wanted = (idle * self.pace).min(500.0);
        let mut lines = 0;
        while lines < LINES_MAX && f64::from(u32::try_from(lines).unwrap_or(u32::MAX)) < wanted {
            lines += 1;
        }
        lines.saturating_sub(self.lines)
    }

    fn heard(&mut self, after: Duration) {
        self.asked += 1;
        if self.micros.len() == LATENCIES_MAX {
            self.micros.clear();
        }
        self.micros.push(after.as_micros());
    }

    fn blocked(&mut self, reason: &Reason) {
        let mut count = |word: &str| *self.blocks.entry(word.to_owned()).or_default() += 1;
        match reason {
            Reason::Gates(gates) => gates.iter().for_each(|gate| count(gate.as_str())),
            other => count(other.as_str()),
        }
    }

    /// A quantile of the newest latencies, milliseconds.
    fn quantile(&self, share: usize) -> String {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        let at = sorted.len() * share / 100;
        let micros = sorted
            .get(at.min(sorted.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0);
        format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
    }

    fn line(&self, seconds: u64) -> String {
        format!(
            "{seconds:>4} s  agents {} talking {} idle  lines {}  pace {:.2}  asked {}  dialed {}  \
             answered {}  abandoned {}  reported {}  ask p50 {} p99 {} ms",
            self.talking,
            self.idle,
            self.lines,
            self.pace,
            self.asked,
            self.dialed,
            self.answered,
            self.abandoned,
            self.reported,
            self.quantile(50),
            self.quantile(99),
        )
    }

    fn picture(&self, seconds: u64, seed: u64) -> Result<String, Failed> {
        let mut out = String::from("\x1b[H\x1b[2J");
        let agents = "#".repeat(self.talking) + &".".repeat(self.idle);
        writeln!(out, "predictive floor   seed {seed}   {seconds} s\n")?;
        writeln!(out, "  agents     {agents}   ({} talking)", self.talking)?;
        writeln!(out, "  lines      {}", "~".repeat(self.lines.min(100)))?;
        writeln!(out, "  pace       {:.2} lines an idle agent", self.pace)?;
        let lost = 100.0 * ratio(self.abandoned, self.answered);
        writeln!(out, "  answered   {}, {lost:.1} % abandoned", self.answered)?;
        writeln!(out, "  asked      {}, dialed {}", self.asked, self.dialed)?;
        let (p50, p99) = (self.quantile(50), self.quantile(99));
        writeln!(out, "  verdicts   p50 {p50} ms, p99 {p99} ms")?;
        writeln!(
            out,
            "  reported   {}, {} not",
            self.reported, self.unreported
        )?;
        for (title, counts) in [
            ("outcomes", self.outcome_lines()),
            ("blocked by", self.block_lines()),
        ] {
            writeln!(out, "\n  {title}")?;
            for (word, count) in counts {
                writeln!(out, "    {word:<16} {count}")?;
            }
        }
        Ok(out)
    }

    fn outcome_lines(&self) -> Vec<(String, u64)> {
        let lines = self.outcomes.iter();
        lines
            .map(|(word, count)| ((*word).to_owned(), *count))
            .collect()
    }

    fn block_lines(&self) -> Vec<(String, u64)> {
        let lines = self.blocks.iter();
        lines.map(|(word, count)| (word.clone(), *count)).collect()
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    let number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if whole == 0 {
        0.0
    } else {
        number(part) / number(whole)
    }
}

#[derive(Clone)]
struct Dialer {
    client: Client,
    floor: Rc<RefCell<Floor>>,
    accounts: usize,
    answer_rate: f64,
    speed: f64,
}

impl Dialer {
    /// One line: ask, dial, talk, report.
    async fn dial(self) {
        let n = {
            let mut floor = self.floor.borrow_mut();
            floor.next += 1;
            floor.next % self.accounts
        };
        let (id, phone) = account(n);
        let intent = Intent {
            dial_mode: Some(DialMode::Predictive),
            ..Intent::call(&id, &phone, "dialer")
        };
        let began = self.client.now().run;
        let verdict = self.client.ask(&intent).await;
        let took = self.client.now().run.saturating_duration_since(began);
        self.floor.borrow_mut().heard(took);
        let said = match verdict {
            Verdict::Permit(permit) => match permit.spend(self.client.now()) {
                Ok(spent) => {
                    let outcome = self.call().await;
                    spent.became(outcome)
                }
                Err(expired) => {
                    self.floor.borrow_mut().lines -= 1;
                    expired.into_permit().give_back("floor")
                }
            },
            Verdict::Block(block) => {
                let mut floor = self.floor.borrow_mut();
                floor.lines -= 1;
                floor.blocked(block.reason());
                drop(floor);
                let Some(unused) = block.give_back("floor") else {
                    return;
                };
                unused
            }
        };
        self.report(said).await;
    }

    /// Rings, and talks if somebody answers while an agent is free.
    async fn call(&self) -> Outcome {
        let (ring, fate) = {
            let mut floor = self.floor.borrow_mut();
            floor.dialed += 1;
            (floor.random.between(1.0, 6.0), floor.random.share())
        };
        self.pass(ring).await;
        self.floor.borrow_mut().lines -= 1;
        if fate >= self.answer_rate {
            let rest = (fate - self.answer_rate) / (1.0 - self.answer_rate).max(f64::EPSILON);
            return match rest {
                rest if rest < 0.6 => Outcome::NoAnswer,
                rest if rest < 0.85 => Outcome::Voicemail,
                rest if rest < 0.95 => Outcome::Busy,
                _ => Outcome::OutOfService,
            };
        }
        let talk = {
            let mut floor = self.floor.borrow_mut();
            floor.answered += 1;
            if floor.idle == 0 {
                floor.abandoned += 1;
                return Outcome::Dropped;
            }
            floor.idle -= 1;
            floor.talking += 1;
            floor.random.between(10.0, 60.0)
        };
        self.pass(talk).await;
        let mut floor = self.floor.borrow_mut();
        floor.idle += 1;
        floor.talking -= 1;
        match floor.random.share() {
            share if share < 0.7 => Outcome::Conversation,
            share if share < 0.85 => Outcome::Promise,
            share if share < 0.95 => Outcome::Refused,
            _ => Outcome::DoNotCall,
        }
    }

    /// Lets simulated seconds pass.
    async fn pass(&self, seconds: f64) {
        tokio::time::sleep(Duration::from_secs_f64(seconds / self.speed)).await;
    }

    async fn report(&self, said: Disposition) {
        let mut is_on_disk = false;
        for _ in 0..REPORTS_MAX {
            is_on_disk = self.client.report(&said).await.is_ok();
            if is_on_disk {
                break;
            }
        }
        let mut floor = self.floor.borrow_mut();
        *floor.outcomes.entry(said.outcome.as_str()).or_default() += 1;
        *if is_on_disk {
            &mut floor.reported
        } else {
            &mut floor.unreported
        } += 1;
    }
}

async fn work(options: &Options, dialer: &Dialer) -> Result<(), Failed> {
    let out = std::io::stdout();
    let (began, span) = (
        dialer.client.now().run,
        Duration::from_secs(options.seconds),
    );
    let passed = |now: Instant| now.saturating_duration_since(began);
    let mut calls = tokio::task::JoinSet::new();
    let mut ticks = tokio::time::interval(TICK);
    let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
    for tick in 0_u64.. {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = &mut stop => break,
        }
        let now = passed(dialer.client.now().run);
        if now >= span {
            break;
        }
        let wanted = dialer.floor.borrow_mut().wanted();
        for _ in 0..wanted {
            dialer.floor.borrow_mut().lines += 1;
            calls.spawn_local(dialer.clone().dial());
        }
        while calls.try_join_next().is_some() {}
        let floor = dialer.floor.borrow();
        if options.plain && tick % LINE_TICKS == LINE_TICKS - 1 {
            writeln!(out.lock(), "{}", floor.line(now.as_secs()))?;
        } else if !options.plain && tick % VIEW_TICKS == 0 {
            write!(
                out.lock(),
                "{}",
                floor.picture(now.as_secs(), options.seed)?
            )?;
            out.lock().flush()?;
        }
    }
    // Whoever is talking talks to the end, and is reported.
    while calls.join_next().await.is_some() {}
    let floor = dialer.floor.borrow();
    writeln!(
        out.lock(),
        "{}",
        floor.line(passed(dialer.client.now().run).as_secs())
    )?;
    for (title, counts) in [
        ("outcome", floor.outcome_lines()),
        ("blocked by", floor.block_lines()),
    ] {
        for (word, count) in counts {
            writeln!(out.lock(), "  {title} {word} {count}")?;
        }
    }
    if floor.unreported > 0 {
        return Err(format!("{} outcomes are not on disk", floor.unreported).into());
    }
    Ok(())
}

fn main() -> ExitCode {
    if let Err(failed) = run() {
        // Nobody is left to be told that nobody can be told.
        drop(writeln!(std::io::stderr(), "{failed}"));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run() -> Result<(), Failed> {
    let options = Options::read(std::env::args().skip(1))?;
    writeln!(std::io::stdout(), "seed {}", options.seed)?;
    let portfolio_url = options.portfolio_url.as_deref().unwrap_or(&options.url);
    if portfolio_url.starts_with("http://") {
        let token = std::fs::read_to_string(&options.token_file)?;
        let told = bring(portfolio_url, token.trim(), &portfolio(options.accounts))?;
        writeln!(std::io::stdout(), "portfolio {told}")?;
    }
    let mut settings = Settings::new(&options.url, TokenSource::file(&options.token_file))
        .connections(32)
        .deadline(Duration::from_secs(2));
    if let Some(ca_file) = &options.ca_file {
        settings = settings.ca_file(ca_file);
    }
    let client = Client::new(settings)?;
    let floor = Floor {
        random: Random(options.seed),
        idle: options.agents,
        talking: 0,
        lines: 0,
        pace: 1.0,
        next: 0,
        asked: 0,
        dialed: 0,
        answered: 0,
        abandoned: 0,
        reported: 0,
        unreported: 0,
        outcomes: BTreeMap::new(),
        blocks: BTreeMap::new(),
        micros: Vec::new(),
    };
    let dialer = Dialer {
        client,
        floor: Rc::new(RefCell::new(floor)),
        accounts: options.accounts,
        answer_rate: options.answer_rate,
        speed: options.speed,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    tokio::task::LocalSet::new().block_on(&runtime, work(&options, &dialer))
}
