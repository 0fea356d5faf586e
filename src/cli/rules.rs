//! `dialgate rules`: a pack read as a start would, printed, and asked about decisions already made.

use std::path::Path;
use std::sync::Arc;

use super::args::RulesDiffArgs;
use super::console;
use super::exit::{Exit, Failure};
use super::ledger::engine_options;
use crate::gateway::law_diff::{Differences, Reason, Wanted, diff as differences};
use crate::rulepack;

/// Prints every fault, or that there is none.
pub(super) fn check(dir: &Path) -> Exit {
    match rulepack::load(dir) {
        Ok(_pack) => {
            console::line("no fault found");
            Exit::Done
        }
        Err(faults) => named(&faults),
    }
}

/// Prints what the last decisions would have been under another pack. Reads, and changes nothing.
pub(super) fn diff(args: &RulesDiffArgs) -> Result<Exit, Failure> {
    let pack = rulepack::load(&args.new).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failure::new(Exit::BadInput, lines.join("\n"))
    })?;
    let wanted = Wanted {
        tenant: args.tenant.as_deref(),
        last: args.last,
        examples_max: args.examples,
    };
    let options = engine_options(args.config.as_deref())?;
    let found = differences(&args.data_dir, options, Arc::new(pack), wanted);
    let found = found.map_err(|error| Failure::new(Exit::Finding, error))?;
    for line in lines(&found) {
        console::line(&line);
    }
    Ok(Exit::Done)
}

fn lines(found: &Differences) -> Vec<String> {
    let asked: u64 = found.verdicts.values().sum();
    let mut all = vec![format!(
        "{asked} decisions asked again, {} would change, {} not re-decided",
        found.changed, found.not_redecided
    )];
    for ((was, is), count) in &found.verdicts {
        all.push(format!("{} -> {}: {count}", word(*was), word(*is)));
    }
    for (what, reasons) in [("gained", &found.gained), ("lost", &found.lost)] {
        for (reason, count) in reasons {
            all.push(format!("{what} {}: {count}", spelt(reason)));
        }
    }
    for one in &found.examples {
        let (was, is) = one.allow;
        let mut line = format!("{} {}: {} -> {}", one.tenant, one.seq, word(was), word(is));
        for (sign, reasons) in [("+", &one.gained), ("-", &one.lost)] {
            for reason in reasons {
                line.extend([" ", sign, &spelt(reason)]);
            }
        }
        all.push(line);
    }
    all
}

fn word(allow: bool) -> &'static str {
    if allow { "ALLOW" } else { "BLOCK" }
}

/// A code and the rule behind it.
fn spelt((code, rule): &Reason) -> String {
    format!("{code}[{rule}]")
}

/// Prints every rule of a pack, or of the one that comes with the program.
pub(super) fn list(dir: Option<&Path>) -> Exit {
    match dir.map_or_else(rulepack::embedded, rulepack::load) {
        Ok(pack) => {
            console::line(rulepack::markdown(&pack).trim_end());
            Exit::Done
        }
        Err(faults) => named(&faults),
    }
}

fn named(faults: &[rulepack::RuleError]) -> Exit {
    for fault in faults {
        console::line(&fault.to_string());
    }
    Exit::Finding
}
