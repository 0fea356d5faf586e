//! The command line, whole.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgGroup, Parser, Subcommand, ValueEnum};

use crate::domain::time::UnixSeconds;
use crate::domain::words::KillScope;

/// Asked before every collection contact: ALLOW or BLOCK, with the law behind it and a row to prove it.
#[derive(Debug, Parser)]
#[command(name = "dialgate", version)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve with a configuration.
    Serve(ServeArgs),
    /// Serve a generated portfolio with nothing configured.
    Demo(DemoArgs),
    /// Serve a system of record to try the gateway with (see docs/sandbox.md).
    Sandbox(SandboxArgs),
    /// Bring a file of facts (see config/portfolio.md).
    Import(ImportArgs),
    /// State one fact to a running server, or lift one, and print its row (see config/portfolio.md).
    Fact(Box<FactArgs>),
    /// Sign a token for development and print it.
    Token(TokenArgs),
    /// Read the ledger; works beside a running server.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Throw or release a kill switch.
    Kill(KillArgs),
    /// Settle a doubt about the clock.
    #[command(subcommand)]
    Clock(ClockCommand),
    /// Look at rule packs.
    #[command(subcommand)]
    Rules(RulesCommand),
}

#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
    /// The configuration file.
    #[arg(long)]
    pub(super) config: PathBuf,
    /// Address to listen on instead of the configured one.
    #[arg(long)]
    pub(super) listen: Option<SocketAddr>,
    /// Engine time starts here and runs on; needs `[dev] allow_clock = true`.
    #[arg(long, value_parser = instant)]
    pub(super) clock: Option<UnixSeconds>,
}

#[derive(Debug, clap::Args)]
pub(super) struct DemoArgs {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:9033")]
    pub(super) listen: SocketAddr,
    /// Where the demo keeps its ledger and its secret.
    #[arg(long, default_value = "./data/demo")]
    pub(super) data_dir: PathBuf,
    /// Engine time starts here and runs on, as in 2026-05-05T18:00:00Z.
    #[arg(long, value_parser = instant)]
    pub(super) clock: Option<UnixSeconds>,
}

#[derive(Debug, clap::Args)]
pub(super) struct SandboxArgs {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:9133")]
    pub(super) listen: SocketAddr,
    /// Where its database lies. Absent: in memory, gone when it stops.
    #[arg(long)]
    pub(super) data_dir: Option<PathBuf>,
    /// Directory whose files of routes take the place of the built-in ones, as `[sor] dir`.
    #[arg(long)]
    pub(super) routes: Option<PathBuf>,
}

/// Where a command that changes something goes: to a running server or into a stopped one's data.
#[derive(Debug, Clone, clap::Args)]
#[command(group = ArgGroup::new("target").required(true).args(["server", "data_dir"]))]
pub(super) struct TargetArgs {
    /// The tenant.
    #[arg(long)]
    pub(super) tenant: String,
    /// A running server, as in `http://127.0.0.1:9033` or `https://gate.example:9033`.
    #[arg(long)]
    pub(super) server: Option<String>,
    /// The credential for --server.
    #[arg(long, conflicts_with = "token_file")]
    pub(super) token: Option<String>,
    /// File that holds the credential, so that it does not show in process lists.
    #[arg(long)]
    pub(super) token_file: Option<PathBuf>,
    /// Certificates (PEM) an https server is believed by, instead of those the system trusts.
    #[arg(long, conflicts_with = "data_dir")]
    pub(super) ca_file: Option<PathBuf>,
    /// The data directory of a server that is not running.
    #[arg(long, conflicts_with_all = ["token", "token_file"])]
    pub(super) data_dir: Option<PathBuf>,
    /// The configuration of that server: its tenants, rules and limits. Absent: the demo's.
    #[arg(long, requires = "data_dir")]
    pub(super) config: Option<PathBuf>,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A header row and columns.
    Csv,
    /// An array of records, an object with `records`, or a record a line.
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// The file.
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) target: TargetArgs,
    /// Absent: csv for *.csv, json for everything else.
    #[arg(long)]
    pub(super) format: Option<Format>,
    /// Say nothing of the progress.
    #[arg(long)]
    pub(super) quiet: bool,
    /// Begin at the beginning, even where an interrupted import of this file could go on.
    #[arg(long)]
    pub(super) no_resume: bool,
    /// Bytes brought, and acknowledged, at a time.
    #[arg(long, default_value_t = 8 * 1024 * 1024, value_parser = clap::value_parser!(u32).range(1..=256 * 1024 * 1024))]
    pub(super) part_bytes: u32,
    /// Seconds in which a part that is not acknowledged is sent again.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub(super) retry_for: u32,
}

#[derive(Debug, clap::Args)]
pub(super) struct FactArgs {
    /// The running server, as in `http://127.0.0.1:9033` or `https://gate.example:9033`.
    #[arg(long, visible_alias = "url")]
    pub(super) server: String,
    /// The credential; its tenant is the one the fact is stated to.
    #[arg(
        long,
        conflicts_with = "token_file",
        required_unless_present = "token_file"
    )]
    pub(super) token: Option<String>,
    /// File that holds the credential, so that it does not show in process lists.
    #[arg(long)]
    pub(super) token_file: Option<PathBuf>,
    /// Certificates (PEM) an https server is believed by, instead of those the system trusts.
    #[arg(long)]
    pub(super) ca_file: Option<PathBuf>,
    /// The account; absent: a number or address for the whole tenant.
    #[arg(long)]
    pub(super) account: Option<String>,
    /// What is stated, as in `cease`.
    #[arg(long)]
    pub(super) fact: String,
    /// Turn it off again; needs --reason.
    #[arg(long, requires = "reason")]
    pub(super) lift: bool,
    /// Why.
    #[arg(long)]
    pub(super) reason: Option<String>,
    /// Who states it.
    #[arg(long)]
    pub(super) actor: Option<String>,
    /// The document it rests on.
    #[arg(long)]
    pub(super) document: Option<String>,
    /// Where it was learnt.
    #[arg(long)]
    pub(super) source: Option<String>,
    /// When it took effect, as in 2026-05-05T18:00:00Z; absent: now.
    #[arg(long)]
    pub(super) at: Option<String>,
    /// When it ends.
    #[arg(long)]
    pub(super) until: Option<String>,
    /// `written` or `oral`.
    #[arg(long)]
    pub(super) form: Option<String>,
    /// The number it is about.
    #[arg(long)]
    pub(super) phone: Option<String>,
    /// The e-mail address it is about.
    #[arg(long)]
    pub(super) address: Option<String>,
    /// The person it is about; absent: the consumer.
    #[arg(long)]
    pub(super) person: Option<String>,
    /// Any other field of the fact, spelt as in CSV: `--with gates=4|6`. May be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = field)]
    pub(super) with: Vec<(String, String)>,
}

#[derive(Debug, clap::Args)]
pub(super) struct TokenArgs {
    /// The tenant the token speaks for.
    #[arg(long)]
    pub(super) tenant: String,
    /// Scopes; give it several times or separate them by spaces.
    #[arg(long, default_value = "gate:ask outcome:write facts:write audit:read")]
    pub(super) scope: Vec<String>,
    /// Sign as the demo with this data directory would.
    #[arg(long, default_value = "./data/demo", conflicts_with = "config")]
    pub(super) data_dir: PathBuf,
    /// Sign as the server with this configuration would.
    #[arg(long)]
    pub(super) config: Option<PathBuf>,
    /// Sign with this private key instead of the shared secret: PEM, PKCS#8, of RSA, P-256 or
    /// Ed25519.
    #[arg(long)]
    pub(super) key: Option<PathBuf>,
    /// The name of that key in the server's `jwks_file`.
    #[arg(long, requires = "key")]
    pub(super) kid: Option<String>,
    /// Lifetime, seconds.
    #[arg(long, default_value_t = 86_400, value_parser = clap::value_parser!(u32).range(1..=31_536_000))]
    pub(super) ttl: u32,
}

#[derive(Debug, clap::Args)]
pub(super) struct LedgerArgs {
    /// The data directory.
    #[arg(long)]
    pub(super) data_dir: PathBuf,
    /// Only this tenant's chain.
    #[arg(long)]
    pub(super) tenant: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ReplayArgs {
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
    /// The configuration of the server that decided: what it keeps decides too. Absent: the published
    /// defaults.
    #[arg(long)]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum LedgerCommand {
    /// Check every link; exit code 1 names the first that is broken.
    Verify(LedgerArgs),
    /// Print the last row of each chain.
    Head(LedgerArgs),
    /// Write every row as one JSON object a line.
    Export(LedgerArgs),
    /// Decide every decision again; exit code 1 names the first that differs.
    Replay(ReplayArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    /// Stop contacts.
    On,
    /// Permit them again; needs --reason.
    Off,
}

#[derive(Debug, clap::Args)]
pub(super) struct KillArgs {
    /// Throw it or release it.
    pub(super) switch: Switch,
    /// tenant, portfolio, state or channel.
    #[arg(value_parser = kill_scope)]
    pub(super) scope: KillScope,
    /// Which one: a portfolio's name, a state's code, a channel; the tenant's own name for `tenant`.
    pub(super) value: String,
    #[command(flatten)]
    pub(super) target: TargetArgs,
    /// Why it is released.
    #[arg(long, required_if_eq("switch", "off"))]
    pub(super) reason: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum ClockCommand {
    /// Take the clock for right as it stands; recorded as a row.
    Accept(TargetArgs),
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Read a rule pack and name every fault.
    Check {
        /// Its directory.
        dir: PathBuf,
    },
    /// Ask the last decisions again under another pack and print what would change.
    Diff(RulesDiffArgs),
    /// Every rule with its gate, default, citation and confidence, as a table in Markdown.
    List {
        /// The pack's directory. Absent: the rules that come with the program.
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct RulesDiffArgs {
    /// The other pack's directory.
    pub(super) new: PathBuf,
    /// So many of the newest decisions.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) last: u64,
    /// The data directory; a server may be running on it.
    #[arg(long)]
    pub(super) data_dir: PathBuf,
    /// Only this tenant's decisions.
    #[arg(long)]
    pub(super) tenant: Option<String>,
    /// The configuration of the server that decided: what it keeps decides too. Absent: the published
    /// defaults.
    #[arg(long)]
    pub(super) config: Option<PathBuf>,
    /// Decisions shown one by one at most.
    #[arg(long, default_value_t = 10)]
    pub(super) examples: usize,
}

fn field(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn instant(text: &str) -> Result<UnixSeconds, String> {
    UnixSeconds::parse(text).map_err(|error| error.to_string())
}

fn kill_scope(text: &str) -> Result<KillScope, String> {
    let words = || {
        KillScope::ALL
            .iter()
            .map(|word| word.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    KillScope::parse(text).ok_or_else(|| format!("expected one of {}", words()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, clap::error::ErrorKind> {
        Args::try_parse_from(line.split(' '))
            .map(|args| args.command)
            .map_err(|e| e.kind())
    }

    #[test]
    fn the_surface_is_consistent() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }

    #[test]
    fn every_published_line_parses() {
        for line in [
            "dialgate serve --config f",
            "dialgate serve --config f --listen 0.0.0.0:1 --clock 2026-05-05T18:00:00Z",
            "dialgate demo",
            "dialgate demo --listen 127.0.0.1:0 --data-dir d --clock 2026-05-05T18:00:00Z",
            "dialgate import f.csv --tenant t --server http://127.0.0.1:9033 --token x",
            "dialgate import f.csv --tenant t --data-dir d --format json",
            "dialgate import f --tenant t --data-dir d --quiet --no-resume --part-bytes 1 --retry-for 0",
            "dialgate fact --server http://h --token x --account A --fact cease --form written --actor m",
            "dialgate fact --url http://h --token-file f --fact do_not_call --phone 1 --lift --reason r",
            "dialgate fact --url http://h --token x --account A --fact override --with gates=4|6",
            "dialgate token --tenant t --scope admin --scope gate:ask --data-dir d --ttl 60",
            "dialgate ledger verify --data-dir d --tenant t",
            "dialgate ledger head --data-dir d",
            "dialgate ledger export --data-dir d",
            "dialgate ledger replay --data-dir d --config f",
            "dialgate kill on state NV --tenant t --data-dir d",
            "dialgate kill off channel sms --tenant t --server http://h --reason done",
            "dialgate clock accept --tenant t --server http://h --token-file f",
            "dialgate rules check config/rules",
            "dialgate rules diff new --last 100 --data-dir d --config f --tenant t --examples 3",
            "dialgate rules list",
            "dialgate rules list config/rules",
        ] {
            assert!(
                parsed(line).is_ok(),
                "{line}: {:?}",
                parsed(line).map(|_| ())
            );
        }
    }

    #[test]
    fn contradictions_are_usage_errors() {
        use clap::error::ErrorKind::{ArgumentConflict, MissingRequiredArgument, ValueValidation};
        for (line, kind) in [
            ("dialgate import f --tenant t", MissingRequiredArgument),
            (
                "dialgate import f --server http://h",
                MissingRequiredArgument,
            ),
            (
                "dialgate import f --tenant t --server h --data-dir d",
                ArgumentConflict,
            ),
            (
                "dialgate kill off state NV --tenant t --data-dir d",
                MissingRequiredArgument,
            ),
            (
                "dialgate kill on planet x --tenant t --data-dir d",
                ValueValidation,
            ),
            (
                "dialgate import f --tenant t --data-dir d --part-bytes 268435457",
                ValueValidation,
            ),
            ("dialgate token --tenant t --ttl 0", ValueValidation),
            ("dialgate token --tenant t --ttl 31536001", ValueValidation),
            (
                "dialgate token --tenant t --config c --data-dir d",
                ArgumentConflict,
            ),
            (
                "dialgate fact --server h --token x --account A --fact cease --lift",
                MissingRequiredArgument,
            ),
            (
                "dialgate fact --server h --fact cease",
                MissingRequiredArgument,
            ),
            (
                "dialgate fact --server h --token x --fact cease --with gates",
                ValueValidation,
            ),
            ("dialgate serve", MissingRequiredArgument),
            ("dialgate demo --clock yesterday", ValueValidation),
        ] {
            assert_eq!(parsed(line).map(|_| ()), Err(kind), "{line}");
        }
    }
}
