//! `dialgate rules check`: reads a pack as a start would and names every fault.

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
        Err(faults) => {
            for fault in faults {
                console::line(&fault.to_string());
            }
            Exit::Finding
        }
    }
}
