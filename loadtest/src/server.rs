//! Starting dialgate for a run: its configuration, its token, waiting until it is ready.
//!
//! Everything that depends on the server's configuration format stands in this one file.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::child::{self, Process};
use crate::drive::Target;
use crate::drive::protocol::Protocol;
use crate::plain::Plain;
use crate::stream::Identity;
use crate::workdir::WorkDir;
use crate::{clock, interrupt};

/// Tenant of the run.
const TENANT: &str = "load";
/// A second one, whose work is done beside that of the first.
pub(crate) const CROWD: &str = "crowd";
/// Engine time at start: inside 8:00-21:00 in every mainland zone.
pub(crate) const CLOCK: &str = "2026-05-05T18:00:00Z";
const SCOPES: &str = "gate:ask facts:write outcome:write audit:read admin";
const READY_PATH: &str = "/api/health/readiness";
const READY_POLL: Duration = Duration::from_millis(2);
/// Longest wait for readiness at a first start.
pub(crate) const READY_TIMEOUT_MAX: Duration = Duration::from_mins(1);

/// Where the server program is and where its files go; part of several commands.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ServerOptions {
    /// The server program.
    #[arg(long, default_value = "target/release/dialgate")]
    pub(crate) dialgate: PathBuf,
    /// Directory whose filesystem holds the ledger during the run.
    #[arg(long, default_value = "target/loadtest")]
    pub(crate) work_dir: PathBuf,
    /// The rule pack.
    #[arg(long, default_value = "config/rules")]
    pub(crate) rules_dir: PathBuf,
    /// Keep the run's directory (ledger, configuration, server log).
    #[arg(long)]
    pub(crate) keep: bool,
    /// Records after which a snapshot is taken; the server's own default if not named.
    #[arg(long)]
    pub(crate) snapshot_rows: Option<u64>,
    /// Where the system of record of [`CROWD`] is, if that tenant has one.
    #[arg(skip)]
    pub(crate) crowd_system: Option<SocketAddr>,
}

/// In what a server of one run may differ from that of another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    /// Its certificate, without which it speaks neither TLS nor QUIC.
    pub(crate) identity: Option<Identity>,
    /// It answers before rows are on the disk.
    pub(crate) relaxed: bool,
}

/// The main configuration file. The secret is the one `dialgate token --data-dir` signs with.
fn config(
    address: SocketAddr,
    (data, tenants): (&Path, &Path),
    rules: &Path,
    snapshot_rows: Option<u64>,
    manner: &Manner,
) -> String {
    let tls = manner.identity.as_ref().map_or(String::new(), |files| {
        let (cert, key) = (files.cert.display(), files.key.display());
        format!("[tls]\ncert_file = \"{cert}\"\nkey_file = \"{key}\"\n\n")
    });
    let durability = if manner.relaxed { "relaxed" } else { "commit" };
    let rows = snapshot_rows.map_or(String::new(), |rows| format!("suffix_rows_max = {rows}\n"));
    format!(
        "[server]\n\
         listen = \"{address}\"\n\
         \n\
         {tls}[auth]\n\
         secret_file = \"{}\"\n\
         \n\
         [ledger]\n\
         data_dir = \"{}\"\n\
         durability = \"{durability}\"\n\
         {rows}\n\
         [rules]\n\
         dir = \"{}\"\n\
         \n\
         [tenants]\n\
         dir = \"{}\"\n\
         \n\
         [dev]\n\
         allow_clock = true\n",
        data.join("secrets/jwt.key").display(),
        data.display(),
        rules.display(),
        tenants.display()
    )
}

/// Both tenants' policy: the agency's own gates open, so that the law's gates decide and most
/// questions take the long way to ALLOW.
const POLICY: &str = "\
[authority]\n\
dial_mode = \"manual\"\n\
\n\
[fairness]\n\
gap_s = 0\n\
phone_per_day = 0\n\
person_per_day = 0\n\
voicemails_per_week = 0\n\
\n\
[concurrency]\n\
one_at_a_time = false\n";

/// A running dialgate and its files.
pub(crate) struct Server {
    // Declared first: the process must end before its directory is removed.
    process: Process,
    options: ServerOptions,
    address: SocketAddr,
    token: String,
    manner: Manner,
    dir: WorkDir,
}

impl Server {
    /// Writes the configuration, signs a token, starts the server and waits until it is ready.
    pub(crate) fn start(options: &ServerOptions) -> anyhow::Result<Self> {
        let dir = WorkDir::create(&options.work_dir, options.keep)?;
        let (data, tenants) = (dir.path().join("data"), dir.path().join("tenants"));
        std::fs::create_dir(&data)?;
        std::fs::create_dir(&tenants)?;
        let address = free_address()?;
        configure(options, dir.path(), address, &Manner::default())?;
        for tenant in [TENANT, CROWD] {
            let system = options.crowd_system.filter(|_| tenant == CROWD);
            let system = system.map_or(String::new(), |address| {
                format!("\n[sor]\nsystem = \"whl\"\naddresses = [\"http://{address}\"]\n")
            });
            let text = format!("name = \"{tenant}\"\n\n{POLICY}{system}");
            std::fs::write(tenants.join(format!("{tenant}.toml")), text)?;
        }
        let token = sign_token(&options.dialgate, &data, TENANT)?;
        let process = spawn(options, dir.path())?;
        let mut server = Self {
            process,
            options: options.clone(),
            address,
            token,
            manner: Manner::default(),
            dir,
        };
        server.wait_ready(READY_TIMEOUT_MAX)?;
        Ok(server)
    }

    /// Where to ask, and whose processor time to read.
    pub(crate) fn target(&self) -> Target {
        Target {
            address: self.address,
            protocol: Protocol::Http,
            token: self.token.clone(),
            process: Some(self.process.id()),
        }
    }

    /// The same for another tenant.
    pub(crate) fn target_of(&self, tenant: &str) -> anyhow::Result<Target> {
        let data = self.dir.path().join("data");
        Ok(Target {
            token: sign_token(&self.options.dialgate, &data, tenant)?,
            ..self.target()
        })
    }

    /// The run's directory: the ledger lies on its filesystem.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// SIGKILL, start again on the same data, wait until ready: how long from start to ready.
    pub(crate) fn kill_and_restart(&mut self, timeout: Duration) -> anyhow::Result<Duration> {
        self.process.kill()?;
        let began = clock::now();
        self.process = spawn(&self.options, self.dir.path())?;
        self.wait_ready(timeout)?;
        Ok(clock::now().duration_since(began))
    }

    /// The same, but by SIGTERM.
    pub(crate) fn stop_and_restart(&mut self, timeout: Duration) -> anyhow::Result<Duration> {
        self.process.stop()?;
        let began = clock::now();
        self.process = spawn(&self.options, self.dir.path())?;
        self.wait_ready(timeout)?;
        Ok(clock::now().duration_since(began))
    }

    /// SIGTERM, and the rows of the run's tenant as `dialgate ledger export` writes them. The chain is
    /// verified before.
    pub(crate) fn stop_and_export(mut self) -> anyhow::Result<String> {
        self.process.stop()?;
        let ledger = |what: &[&str]| -> anyhow::Result<Vec<u8>> {
            let output = Command::new(&self.options.dialgate)
                .arg("ledger")
                .args(what)
                .arg("--data-dir")
                .arg(self.dir.path().join("data"))
                .stdin(Stdio::null())
                .output()?;
            if !output.status.success() {
                let words = String::from_utf8_lossy(&output.stderr);
                bail!("dialgate ledger: {}: {}", output.status, words.trim());
            }
            Ok(output.stdout)
        };
        ledger(&["verify"])?;
        Ok(String::from_utf8(ledger(&["export", "--tenant", TENANT])?)?)
    }

    /// How it was started.
    pub(crate) const fn manner(&self) -> &Manner {
        &self.manner
    }

    /// SIGTERM, start again on the same data in another manner, wait until `ready`.
    pub(crate) fn restart(
        &mut self,
        manner: Manner,
        ready: &dyn Fn(&Target) -> bool,
    ) -> anyhow::Result<()> {
        self.process.stop()?;
        configure(&self.options, self.dir.path(), self.address, &manner)?;
        let cleartext = manner.identity.is_none();
        self.manner = manner;
        self.process = spawn(&self.options, self.dir.path())?;
        if cleartext {
            return self.wait_ready(READY_TIMEOUT_MAX);
        }
        let target = self.target();
        self.wait(READY_TIMEOUT_MAX, &|| ready(&target))
    }

    /// Adds the server's last words to an error if it has ended.
    pub(crate) fn explain(&mut self, error: anyhow::Error) -> anyhow::Error {
        match self.process.still_running() {
            Ok(()) => error,
            Err(end) => error.context(format!("{end}; its last words:\n{}", self.last_words())),
        }
    }

    /// SIGTERM and wait; an error names a server that could not be stopped.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        self.process.stop()
    }

    fn wait_ready(&mut self, timeout: Duration) -> anyhow::Result<()> {
        let address = self.address;
        self.wait(timeout, &|| is_ready(address))
    }

    fn wait(&mut self, timeout: Duration, ready: &dyn Fn() -> bool) -> anyhow::Result<()> {
        let until: Instant = clock::now() + timeout;
        while clock::now() < until {
            interrupt::check()?;
            if let Err(error) = self.process.still_running() {
                bail!("{error}; its last words:\n{}", self.last_words());
            }
            if ready() {
                return Ok(());
            }
            std::thread::sleep(READY_POLL);
        }
        bail!(
            "not ready within {} s; its last words:\n{}",
            timeout.as_secs(),
            self.last_words()
        )
    }

    /// The end of the server's log.
    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.dir.path().join("server.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines
            .get(lines.len().saturating_sub(20)..)
            .unwrap_or_default()
            .join("\n")
    }
}

/// Waits until a server started by somebody else is ready, at most [`READY_TIMEOUT_MAX`].
pub(crate) fn wait_reachable(address: SocketAddr) -> anyhow::Result<()> {
    let until = clock::now() + READY_TIMEOUT_MAX;
    while clock::now() < until {
        interrupt::check()?;
        if is_ready(address) {
            return Ok(());
        }
        std::thread::sleep(READY_POLL);
    }
    bail!(
        "{address} not ready within {} s",
        READY_TIMEOUT_MAX.as_secs()
    )
}

/// Whether the server answers 200 on its readiness route.
fn is_ready(address: SocketAddr) -> bool {
    let asked = Plain::connect(address, "").and_then(|mut plain| plain.get(READY_PATH));
    asked.is_ok_and(|answer| answer.status == 200)
}

fn configure(
    options: &ServerOptions,
    dir: &Path,
    address: SocketAddr,
    manner: &Manner,
) -> anyhow::Result<()> {
    let folders = (&*dir.join("data"), &*dir.join("tenants"));
    let rules = std::path::absolute(&options.rules_dir)?;
    let text = config(address, folders, &rules, options.snapshot_rows, manner);
    Ok(std::fs::write(dir.join("dialgate.toml"), text)?)
}

fn spawn(options: &ServerOptions, dir: &Path) -> anyhow::Result<Process> {
    let log = File::options()
        .create(true)
        .append(true)
        .open(dir.join("server.log"))?;
    Process::start(
        child::command(&options.dialgate)?
            .args(["serve", "--clock", CLOCK, "--config"])
            .arg(dir.join("dialgate.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log),
    )
}

/// Asks the server program for a development token; it prints nothing else.
fn sign_token(program: &Path, data_dir: &Path, tenant: &str) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(["token", "--tenant", tenant, "--scope", SCOPES, "--data-dir"])
        .arg(data_dir)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("dialgate token: {}: {}", output.status, words.trim());
    }
    let token = String::from_utf8(output.stdout)?.trim().to_owned();
    if token.is_empty() || token.contains(char::is_whitespace) {
        bail!("dialgate token printed no token");
    }
    Ok(token)
}

/// A loopback port that is free at this moment. Another program could take it before the server
/// does; the start then fails and says so.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
