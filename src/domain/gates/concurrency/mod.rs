//! G11 CONCURRENCY: one contact with a consumer at a time, over all accounts and channels.
//!
//! A reservation lives until its `use_by` and blocks no longer from that second on.

use super::timing::{Ready, Visit};
use crate::domain::case::Case;
use crate::domain::rules::RuleNo;
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::{Code, Finding, Findings};

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    each(case, &mut |finding: Finding, ready| {
        if ready != Ready::Now {
            found.block_by(finding.code, finding.rule);
        }
    });
}

/// Shows the condition.
pub(super) fn each(case: &Case<'_>, visit: &mut (impl Visit + ?Sized)) {
    if !case.policy.one_at_a_time {
        return;
    }
    let ready = case
        .person
        .attempts
        .iter()
        .filter(|attempt| attempt.is_live(case.now))
        .map(|attempt| Ready::NotBefore(UnixSeconds(i64::from(attempt.call))))
        .fold(Ready::Now, Ready::and);
    let (code, rule) = (Code::ReservationLive, RuleNo::NONE);
    visit(Finding { code, rule }, ready);
}

#[cfg(test)]
mod tests;
