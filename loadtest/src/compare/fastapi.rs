//! FastAPI with one worker and SQLite, synchronous=FULL: what a small team would write first.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::entrant::{self, Entrant, Start};
use crate::child::{self, Process};
use crate::drive::Target;
use crate::drive::protocol::Protocol;
use crate::plain::Plain;
use crate::server::free_address;

const PROGRAM: &str = include_str!("../../peers/fastapi_gate.py");
const SECRET: &str = "only-for-this-run-on-this-machine-0";
const NEEDED: &str = "import fastapi, uvicorn, uvloop, httptools, jwt; \
                      print('FastAPI', fastapi.__version__, 'uvicorn', uvicorn.__version__)";
const SIGN: &str = "import jwt, sys, time; print(jwt.encode({'tenant_id': 'load', 'aud': \
                    'dialgate', 'exp': int(time.time()) + 86400}, sys.argv[1], 'HS256'))";

/// Starts it with `python`, its files in `dir`.
pub(super) fn start(python: &Path, dir: &Path, accounts: &Path) -> anyhow::Result<Start> {
    let Some(version) = entrant::version(Command::new(python).args(["-c", NEEDED])) else {
        return Ok(Start::Skipped(format!(
            "{} has no fastapi, uvicorn[standard] and PyJWT",
            python.display()
        )));
    };
    println!("{version}");
    let signed = Command::new(python).args(["-c", SIGN, SECRET]).output()?;
    if !signed.status.success() {
        bail!("signing a token: {}", signed.status);
    }
    let token = String::from_utf8(signed.stdout)?.trim().to_owned();
    std::fs::write(dir.join("fastapi_gate.py"), PROGRAM)?;
    let address = free_address()?;
    let log = File::create(dir.join("fastapi.log"))?;
    let mut process = Process::start(
        child::command(python)?
            .args(["-m", "uvicorn", "fastapi_gate:app", "--workers", "1"])
            .args(["--loop", "uvloop", "--http", "httptools", "--no-access-log"])
            .args(["--log-level", "warning", "--host", "127.0.0.1", "--port"])
            .arg(address.port().to_string())
            .arg("--app-dir")
            .arg(dir)
            .env("GATE_SECRET", SECRET)
            .env("GATE_SHIFT", entrant::shift().to_string())
            .env("GATE_DB", dir.join("gate.sqlite"))
            .env("GATE_ACCOUNTS", accounts)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log),
    )?;
    let ready = |address| {
        let answer = Plain::connect(address, "").and_then(|mut plain| plain.get("/health"));
        answer.is_ok_and(|answer| answer.status == 200)
    };
    entrant::wait(&mut process, address, ready)
        .with_context(|| format!("FastAPI; see {}", dir.join("fastapi.log").display()))?;
    Ok(Start::Running(vec![Entrant {
        name: "FastAPI + SQLite",
        target: Target {
            address,
            protocol: Protocol::Http,
            token,
            process: Some(process.id()),
        },
        process: Some(process),
    }]))
}
