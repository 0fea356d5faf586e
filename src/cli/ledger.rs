//! `dialgate ledger`: reads segments and archived packs only. No lock, no index; works beside a
//! running server, up to the last whole frame.

use std::io::Write as _;
use std::path::Path;

use super::args::{LedgerArgs, LedgerCommand, ReplayArgs};
use super::console;
use super::exit::{Exit, Failure};
use crate::config::{Settings, environment};
use crate::engine::Options;
use crate::gateway::redecide::replay;
use crate::ledger::export::{ExportError, export};
use crate::ledger::verify::{Finding, VerifyReport, heads, verify};

/// Does what the subcommand says.
pub(super) fn run(command: &LedgerCommand) -> Result<Exit, Failure> {
    match command {
        LedgerCommand::Verify(args) => Ok(verify_chains(args)),
        LedgerCommand::Head(args) => Ok(print_heads(args)),
        LedgerCommand::Export(args) => export_rows(args),
        LedgerCommand::Replay(args) => replay_decisions(args),
    }
}

fn verify_chains(args: &LedgerArgs) -> Exit {
    match verify(&args.data_dir, tenant(args)) {
        Ok(report) => {
            for one in &report.tenants {
                console::line(&format!(
                    "{}: {} rows whole, head {} {}, {} subjects erased",
                    one.name, one.rows, one.head_seq, one.head_hash, one.erased
                ));
            }
            console::line(&format!("{} frames whole", report.frames));
            tell_tail(&report);
            Exit::Done
        }
        Err(finding) => found(&finding),
    }
}

fn print_heads(args: &LedgerArgs) -> Exit {
    match heads(&args.data_dir) {
        Ok(report) => {
            let wanted = |name: &str| tenant(args).is_none_or(|tenant| tenant == name);
            for one in report.tenants.iter().filter(|one| wanted(&one.name)) {
                console::line(&format!("{} {} {}", one.name, one.head_seq, one.head_hash));
            }
            tell_tail(&report);
            Exit::Done
        }
        Err(finding) => found(&finding),
    }
}

fn replay_decisions(args: &ReplayArgs) -> Result<Exit, Failure> {
    let options = engine_options(args.config.as_deref())?;
    let found = replay(&args.ledger.data_dir, options, tenant(&args.ledger));
    let found = found.map_err(|error| Failure::new(Exit::Finding, error))?;
    console::line(&format!(
        "{} decisions equal, {} not re-decided, {} other rows applied",
        found.equal, found.not_redecided, found.applied
    ));
    if found.incomplete_tail {
        console::line("an incomplete last frame follows");
    }
    if let Some((tenant, seq)) = &found.differs {
        console::line(&format!("{tenant}: row {seq} is decided differently now"));
        return Ok(Exit::Finding);
    }
    Ok(Exit::Done)
}

/// What the engine that decided kept.
pub(super) fn engine_options(config: Option<&Path>) -> Result<Options, Failure> {
    let settings = match config {
        Some(path) => Settings::load(path, environment())?,
        None => Settings::default(),
    };
    Ok(settings.engine())
}

fn export_rows(args: &LedgerArgs) -> Result<Exit, Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match export(&args.data_dir, tenant(args), &mut out) {
        Ok(_) => {
            out.flush()
                .map_err(|error| Failure::new(Exit::InputOutput, error))?;
            Ok(Exit::Done)
        }
        Err(error @ ExportError::Write(_)) => Err(Failure::new(Exit::InputOutput, error)),
        Err(error) => Err(Failure::new(Exit::Finding, error)),
    }
}

fn tenant(args: &LedgerArgs) -> Option<&str> {
    args.tenant.as_deref()
}

fn found(finding: &Finding) -> Exit {
    console::line(&finding.to_string());
    Exit::Finding
}

/// A frame cut short at the end is what a running or killed server leaves; no fault.
fn tell_tail(report: &VerifyReport) {
    if report.incomplete_tail {
        console::line("an incomplete last frame follows");
    }
}
