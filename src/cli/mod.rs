//! Commands: what a person at a terminal asks of dialgate.
//!
//! `args` is the whole surface, one file a command behind it. What a command answers goes to
//! standard output, everything else to standard error; the exit code is one of [`Exit`].

mod admin;
mod args;
mod client;
mod console;
mod demo;
mod exit;
mod fact;
mod import;
mod ingest_answer;
mod ledger;
mod offline;
mod rules;
mod sandbox;
mod secret_file;
mod serve;
mod token;
mod upload;

use std::process::ExitCode;

use clap::Parser as _;

pub use args::Format;
use args::{Args, ClockCommand, Command, RulesCommand};
pub use exit::{Exit, Failure};
pub use ingest_answer::{IngestAnswer, Rejected};

/// Reads the command line, does what it says and returns the exit code.
pub fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // `--help` and `--version` come this way too and are no failure.
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            let shown = error.print();
            return if shown.is_ok() {
                exit.into()
            } else {
                Exit::Fault.into()
            };
        }
    };
    match dispatch(args.command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            console::error(&failure.message);
            failure.exit.into()
        }
    }
}

fn dispatch(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Sandbox(args) => sandbox::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Fact(args) => fact::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Ledger(command) => ledger::run(&command),
        Command::Kill(args) => admin::kill(&args),
        Command::Clock(ClockCommand::Accept(args)) => admin::accept_clock(&args),
        Command::Rules(RulesCommand::Check { dir }) => Ok(rules::check(&dir)),
        Command::Rules(RulesCommand::Diff(args)) => rules::diff(&args),
        Command::Rules(RulesCommand::List { dir }) => Ok(rules::list(dir.as_deref())),
    }
}
