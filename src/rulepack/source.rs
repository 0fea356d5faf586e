//! One TOML or CSV file under reading, and where in it a fault stands.

use std::cell::RefCell;

use toml::Spanned;
use toml::de::DeTable;

use super::error::{Place, RuleError, RuleProblem};

/// Most syntax faults reported of one file: the first ones cause the rest.
const SYNTAX_FAULTS_MAX: usize = 8;

/// One file under reading, and the faults found so far.
pub(super) struct Source<'s> {
    pub(super) file: &'static str,
    pub(super) text: &'s str,
    pub(super) errors: &'s RefCell<Vec<RuleError>>,
}

impl<'s> Source<'s> {
    /// Notes a fault at a byte offset.
    pub(super) fn fault(&self, at: usize, field: &str, problem: RuleProblem) {
        let before = self
            .text
            .as_bytes()
            .get(..at)
            .unwrap_or(self.text.as_bytes());
        let line = before.split(|&byte| byte == b'\n').count();
        let line = u64::try_from(line).unwrap_or(u64::MAX);
        self.fault_at_line(line, field, problem);
    }

    /// Notes a fault at a line.
    pub(super) fn fault_at_line(&self, line: u64, field: &str, problem: RuleProblem) {
        let place = Place {
            file: self.file,
            line,
            field: field.to_owned(),
        };
        self.errors.borrow_mut().push(RuleError { place, problem });
    }

    /// Parses the file; syntax faults are noted and give `None`.
    pub(super) fn parse(&'s self) -> Option<Spanned<DeTable<'s>>> {
        let (table, faults) = DeTable::parse_recoverable(self.text);
        if faults.is_empty() {
            return Some(table);
        }
        for fault in faults.into_iter().take(SYNTAX_FAULTS_MAX) {
            let at = fault.span().map_or(0, |span| span.start);
            self.fault(at, "", RuleProblem::Malformed(fault.message().to_owned()));
        }
        None
    }
}
