//! A configured dialgate in a directory of its own, and the real program run on it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_dialgate");
/// A Tuesday, eleven in the morning in California.
pub(crate) const MAY: &str = "2026-05-05T18:00:00Z";
/// What tokens are signed with.
pub(crate) const SECRET: &str = "a signing secret of more than 32 bytes";
/// Longest wait for a server to say where it listens.
const READY_MAX: Duration = Duration::from_mins(1);
/// Every scope.
pub(crate) const ALL: &str = "gate:ask gate:exception facts:write outcome:write audit:read admin";

/// A tenant with the agency's own gates open: only the law is left.
pub(crate) const OPEN: &str = "name = \"open\"\n[authority]\ndial_mode = \"manual\"\n[fairness]\ngap_s = 0\n\
    phone_per_day = 0\nperson_per_day = 0\nvoicemails_per_week = 0\nvulnerable_blocks = []\n\
    [concurrency]\none_at_a_time = false\n";
/// A tenant with the published defaults.
const GUARDED: &str = "name = \"guarded\"\n[authority]\ndial_mode = \"manual\"\n";

/// Configuration, secret, tenants and data of one deployment.
#[derive(Debug)]
pub(crate) struct House {
    dir: TempDir,
    environment: Vec<(String, String)>,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl House {
    /// With `DIALGATE_*` overrides.
    pub(crate) fn with(environment: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/rules");
        fs::create_dir(root.join("tenants")).unwrap();
        fs::write(root.join("tenants/open.toml"), OPEN).unwrap();
        fs::write(root.join("tenants/guarded.toml"), GUARDED).unwrap();
        fs::write(root.join("jwt.key"), SECRET).unwrap();
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[auth]\nsecret_file = \"{root}/jwt.key\"\n\
             [engine]\ndeadline_ms = 10000\ncommit_wait_max_ms = 20000\naccounts_expected = 1000\n\
             [ledger]\ndata_dir = \"{root}/data\"\nsegment_bytes = 1048576\nlow_water_bytes = 0\n\
             [rules]\ndir = \"{rules}\"\n[tenants]\ndir = \"{root}/tenants\"\n\
             [dev]\nallow_clock = true\n",
            root = root.display(),
            rules = rules.display(),
        );
        fs::write(root.join("dialgate.toml"), config).unwrap();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = environment.iter().map(owned).collect();
        Self { dir, environment }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The path as an argument.
    pub(crate) fn arg(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// The program, without this process's environment: a stray `DIALGATE_*` would be refused.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let environment = self.environment.iter().cloned();
        command
            .env_clear()
            .envs(environment)
            .current_dir(self.dir.path());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let output = self.command(PROGRAM).args(args).output().unwrap();
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// A token as `dialgate token` signs it.
    pub(crate) fn token(&self, tenant: &str, scope: &str) -> String {
        let config = self.arg("dialgate.toml");
        let args = [
            "token", "--config", &config, "--tenant", tenant, "--scope", scope,
        ];
        let ran = self.run(&args);
        assert_eq!((ran.code, &*ran.err), (Some(0), ""));
        ran.out.trim_end().to_owned()
    }

    /// A ledger command on the data directory.
    pub(crate) fn ledger(&self, what: &str) -> Ran {
        self.run(&["ledger", what, "--data-dir", &self.arg("data")])
    }

    /// Every row of the ledger, `body` parsed from `bytes`.
    pub(crate) fn rows(&self) -> Vec<Value> {
        let ran = self.ledger("export");
        assert_eq!((ran.code, &*ran.err), (Some(0), ""));
        let parsed = |line: &str| {
            let mut row: Value = serde_json::from_str(line).unwrap();
            row["body"] = serde_json::from_str(row["bytes"].as_str().unwrap()).unwrap();
            row
        };
        ran.out.lines().map(parsed).collect()
    }

    /// `serve`, not waited for.
    pub(crate) fn spawn(&self, clock: Option<&str>) -> Started {
        let config = self.arg("dialgate.toml");
        let mut command = self.command(PROGRAM);
        command.args(["serve", "--config", &config]);
        if let Some(clock) = clock {
            command.args(["--clock", clock]);
        }
        Started::new(command)
    }

    /// `serve`, listening.
    pub(crate) fn start(&self, clock: Option<&str>) -> Server {
        self.spawn(clock).ready()
    }
}

/// A started process.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    pub(crate) ready: Receiver<SocketAddr>,
    reader: Option<JoinHandle<()>>,
}

impl Started {
    pub(crate) fn new(mut command: Command) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (tell, ready) = sync_channel(1);
        let kept = Arc::clone(&lines);
        let reader = std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                if let Some(address) = address_of(&line) {
                    // Told once; whoever waits has it.
                    let _told = tell.try_send(address);
                }
                kept.lock().unwrap().push(line);
            }
        });
        Self {
            child,
            lines,
            ready,
            reader: Some(reader),
        }
    }

    /// Waits until it listens.
    pub(crate) fn ready(self) -> Server {
        let Ok(address) = self.ready.recv_timeout(READY_MAX) else {
            panic!("not ready: {:?}", self.lines.lock().unwrap());
        };
        Server {
            started: self,
            address,
        }
    }

    /// Ends it with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.ended();
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> (ExitStatus, Vec<String>) {
        let status = self.child.wait().unwrap();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        (status, self.lines.lock().unwrap().clone())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // Already ended is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn address_of(line: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    let told = (line["message"] == "ready").then(|| line["address"].as_str())?;
    told?.parse().ok()
}

/// A listening server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) started: Started,
    pub(crate) address: SocketAddr,
}
