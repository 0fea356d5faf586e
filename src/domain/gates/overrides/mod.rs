//! Overrides: documented decisions that lift findings (GATES.md, semantics 8).
//!
//! GATES-3 holds here. A supervisor lifts agency policy in STRATEGY, ESCALATION, AUTHORITY, FAIRNESS
//! and PROMISE, never a finding behind which a rule stands. A court lifts what 12 CFR 1006.6(b) and
//! (d) say it may: hours, stated times and places, attorney, employer, third parties. The consumer's
//! direct consent lifts hours, stated times and places of their own (1006.6(b)(4)(i)), not those of
//! others, and the bar on third parties (1006.6(d)(2)). No override touches a rule of a state or a city.
//!
//! Each lifts only in the gates it names, within its dates (half-open), and with its document.

use super::reach::is_state_rule;
use crate::domain::case::Case;
use crate::domain::facts::Override;
use crate::domain::rules::RuleNo;
use crate::domain::verdict::{Code, Finding, Findings, Gate};
use crate::domain::words::OverrideKind;

/// Gates that are agency policy.
const POLICY_GATES: u16 = Gate::Strategy.bit()
    | Gate::Escalation.bit()
    | Gate::Authority.bit()
    | Gate::Fairness.bit()
    | Gate::Promise.bit();

/// Removes what the account's overrides lift.
pub fn apply(case: &Case<'_>, found: &mut Findings) {
    let Some(extras) = case.extras() else { return };
    if found.allow() {
        return;
    }
    for exemption in extras.overrides.iter().filter(|o| in_force(o, case)) {
        found.retain(|finding| !lifts(exemption, *finding, case));
    }
}

fn in_force(exemption: &Override, case: &Case<'_>) -> bool {
    let begun = exemption.since.get().is_none_or(|since| since <= case.now);
    let ends_later = exemption.until.get().is_some_and(|until| case.now < until);
    begun && ends_later && exemption.document.is_some()
}

fn lifts(exemption: &Override, finding: Finding, case: &Case<'_>) -> bool {
    let gate = finding.code.gate();
    exemption.gates & gate.bit() != 0
        && match exemption.kind {
            OverrideKind::Supervisor => is_policy(finding),
            OverrideKind::CourtPermission => !is_state_rule(finding.rule) && by_court(finding.code),
            OverrideKind::DirectConsent => {
                let own = case.is_consumer() || finding.code == Code::ThirdParty;
                own && !is_state_rule(finding.rule) && by_consent(finding.code)
            }
        }
}

fn is_policy(finding: Finding) -> bool {
    finding.code.gate().bit() & POLICY_GATES != 0
        && finding.rule == RuleNo::NONE
        && !matches!(
            finding.code,
            Code::NotLicensed | Code::LicenceUnknown | Code::StrategyRuleNotEvaluated
        )
}

fn by_consent(code: Code) -> bool {
    matches!(
        code,
        Code::CallHours | Code::InconvenientTime | Code::InconvenientPlace | Code::ThirdParty
    )
}

fn by_court(code: Code) -> bool {
    by_consent(code) || matches!(code, Code::Attorney | Code::Employer)
}

#[cfg(test)]
mod tests;
