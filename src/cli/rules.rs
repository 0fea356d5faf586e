//! `dialgate rules check` reads a pack as a start would and names every fault; `rules list` prints it.

use std::path::Path;

use super::console;
use super::exit::Exit;
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
