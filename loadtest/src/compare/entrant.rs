//! One server of a comparison: started for the run, asked like all the others, stopped with it.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::bail;

use crate::child::Process;
use crate::drive::Target;
use crate::{clock, interrupt};

/// Longest start of a server, its data loaded.
const START_TIMEOUT_MAX: Duration = Duration::from_mins(5);
const START_POLL: Duration = Duration::from_millis(50);

/// A running server.
pub(super) struct Entrant {
    /// What it is called in the table.
    pub(super) name: &'static str,
    /// Where to ask.
    pub(super) target: Target,
    /// Kept so that it ends with the run; none where another entrant's process serves it.
    pub(super) process: Option<Process>,
}

/// A server, or why there is none.
pub(super) enum Start {
    /// It runs and holds the portfolio.
    Running(Vec<Entrant>),
    /// What is not installed.
    Skipped(String),
}

/// The first line a program prints when asked `arguments`; `None` when it cannot be run or fails.
pub(super) fn version(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|out| out.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// Waits until `process` accepts connections and `ready` says so too.
pub(super) fn wait(
    process: &mut Process,
    address: SocketAddr,
    ready: impl Fn(SocketAddr) -> bool,
) -> anyhow::Result<()> {
    let until = clock::now() + START_TIMEOUT_MAX;
    while clock::now() < until {
        interrupt::check()?;
        process.still_running()?;
        if ready(address) {
            return Ok(());
        }
        std::thread::sleep(START_POLL);
    }
    bail!("not ready within {} s", START_TIMEOUT_MAX.as_secs())
}

/// Seconds from now to the engine's clock of the run: the stand-ins' clocks are moved by it, so
/// that all servers answer at the same hour of the same day.
pub(super) fn shift() -> i64 {
    let signed = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
    signed(crate::portfolio::START) - signed(clock::unix_seconds())
}
