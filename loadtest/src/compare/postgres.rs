//! PostgreSQL, one function call and so one transaction and one row a request.
//!
//! Twice: with one chain, whose head is locked until each commit is on disk, and without any chain,
//! where commits of many connections share a flush.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::entrant::{self, Entrant, Start};
use crate::child::{self, Process};
use crate::drive::Target;
use crate::drive::protocol::Protocol;
use crate::server::free_address;

const SCHEMA: &str = include_str!("../../peers/gate.sql");
/// Where Debian keeps the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// The user PostgreSQL runs as when this program is root, which it refuses to be.
const USER: &str = "postgres";
const SETTINGS: [&str; 9] = [
    "synchronous_commit=on",
    "fsync=on",
    "shared_buffers=1GB",
    "max_wal_size=16GB",
    "checkpoint_timeout=1h",
    "max_connections=300",
    "jit=off",
    "autovacuum=off",
    "unix_socket_directories=",
];

/// Starts it, its files in `dir`, and loads the portfolio from `accounts`.
pub(super) fn start(dir: &Path, accounts: &Path) -> anyhow::Result<Start> {
    let Some(programs) = programs() else {
        let why = format!("PostgreSQL is not installed in PATH or {DEBIAN}");
        return Ok(Start::Skipped(why));
    };
    let user = if rustix::process::geteuid().is_root() {
        match user(USER) {
            Some(user) => Some(user),
            None => {
                return Ok(Start::Skipped(format!(
                    "no user {USER}, and root may not run it"
                )));
            }
        }
    } else {
        None
    };
    let data = dir.join("postgres");
    std::fs::create_dir(&data)?;
    if let Some((uid, gid)) = user {
        chown(&data, Some(uid), Some(gid))?;
    }
    let mut initdb = Command::new(programs.join("initdb"));
    initdb.args([
        "--username=gate",
        "--auth=trust",
        "--no-sync",
        "--encoding=UTF8",
        "-D",
    ]);
    run(as_user(initdb.arg(&data), user)).context("initdb")?;
    let (mut process, address) = serve(&programs, &data, dir, user)?;
    let ready = |address| TcpStream::connect(address).is_ok();
    entrant::wait(&mut process, address, ready).context("PostgreSQL")?;
    let schema = SCHEMA
        .replace("@SHIFT@", &entrant::shift().to_string())
        .replace("@ACCOUNTS@", &accounts.display().to_string());
    let file = dir.join("gate.sql");
    std::fs::write(&file, schema)?;
    let mut load = psql(&programs, address);
    run(load.arg("--file").arg(&file)).context("loading PostgreSQL")?;
    if let Some(version) =
        entrant::version(Command::new(programs.join("postgres")).arg("--version"))
    {
        println!("{version}");
    }
    let entrant = |name, chained: bool, process: u32| Entrant {
        name,
        target: Target {
            address,
            protocol: Protocol::Postgres,
            token: format!("SELECT gate($1, $2, {chained})"),
            process: Some(process),
        },
        process: None,
    };
    let id = process.id();
    let mut first = entrant("PostgreSQL, chained", true, id);
    first.process = Some(process);
    Ok(Start::Running(vec![
        first,
        entrant("PostgreSQL, no chain", false, id),
    ]))
}

/// The server on a free port, its messages in `dir`.
fn serve(
    programs: &Path,
    data: &Path,
    dir: &Path,
    user: Option<(u32, u32)>,
) -> anyhow::Result<(Process, SocketAddr)> {
    let address = free_address()?;
    let log = File::create(dir.join("postgres.log"))?;
    let mut command = child::command(&programs.join("postgres"))?;
    command.arg("-D").arg(data).args(["-h", "127.0.0.1", "-p"]);
    command.arg(address.port().to_string());
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    Ok((Process::start(as_user(&mut command, user))?, address))
}

fn psql(programs: &Path, address: SocketAddr) -> Command {
    let mut command = Command::new(programs.join("psql"));
    command.args(["--quiet", "--set=ON_ERROR_STOP=1", "--username=gate"]);
    command.args(["--host=127.0.0.1", "--dbname=postgres", "--port"]);
    command.arg(address.port().to_string());
    command
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn as_user(command: &mut Command, user: Option<(u32, u32)>) -> &mut Command {
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

/// The directory of the programs: that of the newest version.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN).ok()?;
    versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("postgres").exists())
        .max()
}

/// User and group id of a name.
fn user(name: &str) -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(':'))
    })?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}
