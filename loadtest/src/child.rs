//! A server process started by this run; it never outlives it.
//!
//! The program is started through this one (`child PROGRAM ARGS`), which first asks the kernel for
//! SIGKILL when its parent ends and then becomes the program: even a killed run leaves no server.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

use crate::clock;

/// How long a server may take to drain, commit and snapshot after SIGTERM before SIGKILL.
const STOP_TIMEOUT_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(5);

/// What to become; only this program itself uses it.
#[derive(clap::Args)]
pub(crate) struct BecomeOptions {
    /// Program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<OsString>,
}

/// Becomes the program, bound to the life of the thread that started it; returns only on failure.
pub(crate) fn become_program(options: &BecomeOptions) -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let (program, arguments) = options.program.split_first().context("no program")?;
    let error = Command::new(program).args(arguments).exec();
    Err(error).with_context(|| format!("cannot start {}", program.display()))
}

/// A command that will run `program` as a child of this run, in a process group of its own: a
/// terminal's Ctrl-C reaches only this program, which then stops its children in order.
pub(crate) fn command(program: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("child").arg(program).process_group(0);
    Ok(command)
}

/// A child process, stopped when dropped.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts `command`, made by [`command`]. Must be called on the main thread, since the child
    /// lives no longer than the thread that starts it.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        Ok(Self {
            child: command.spawn().context("cannot start a server process")?,
        })
    }

    /// Process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The child's standard output, if it was piped; only once.
    pub(crate) fn take_stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// Fails when the process has already ended.
    pub(crate) fn still_running(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("the server ended early: {status}"),
        }
    }

    /// SIGKILL, and waits for the end.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM, then SIGKILL after [`STOP_TIMEOUT_MAX`].
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let until = clock::now() + STOP_TIMEOUT_MAX;
        while clock::now() < until {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(POLL);
        }
        self.kill()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.stop().is_err() {
            drop(self.kill());
        }
    }
}
