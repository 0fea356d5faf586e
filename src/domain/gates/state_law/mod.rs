//! Rules of states and cities at home in COMPLIANCE, CONSENT and CHANNEL, and those only noted.
//!
//! TIMING and STRATEGY ask for theirs themselves; requests to cease and attorneys are COMPLIANCE's
//! own. What is left is asked here in one pass, each rule answered by its home gate. A rule's own
//! wording says what an absent fact means; where it is silent the contact is blocked.

use super::{channel, compliance, consent, reach, strategy, timing};
use crate::domain::case::Case;
use crate::domain::rules::{Gate, RuleKind, StateRule};
use crate::domain::verdict::{Code, Findings};

/// Blocks by every rule that forbids the contact.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    for rule in reach::rules(case) {
        let code = match rule.gate {
            Some(Gate::Compliance) => compliance::state_rule(case, rule),
            Some(Gate::Consent) => consent::state_rule(case, rule),
            Some(Gate::Channel) => channel::state_rule(case, rule),
            _ => None,
        };
        if let Some(code) = code {
            found.block_by(code, rule.no);
        }
    }
}

/// Notes every flagged rule that would block, or that says nothing a gate could measure.
pub fn flag(case: &Case<'_>, found: &mut Findings) {
    for rule in reach::flagged(case).filter(|rule| rule.gate.is_some()) {
        if matches!(rule.kind, RuleKind::FrequencyQualitative) || forbids(case, rule).is_some() {
            found.flag(rule.no);
        }
    }
}

/// What a rule that reaches the case would block with.
fn forbids(case: &Case<'_>, rule: &StateRule) -> Option<Code> {
    match rule.gate? {
        Gate::Strategy => strategy::state_rule(case, rule),
        Gate::Compliance => {
            compliance::state_rule(case, rule).or_else(|| compliance::state_request(case, rule))
        }
        Gate::Timing => timing::state_rule(case, rule),
        Gate::Consent => consent::state_rule(case, rule),
        Gate::Channel => channel::state_rule(case, rule),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
