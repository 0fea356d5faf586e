//! Which rules of states and cities reach a case.
//!
//! A rule reaches where its jurisdiction is suggested, its medium is asked, the collector is one it
//! binds, and it is in force on the consumer's date. When suggested places are on different dates, a
//! rule in force on any of them reaches.

use crate::domain::case::Case;
use crate::domain::gates::timing::tally;
use crate::domain::rules::{CoveredPerson, FederalId, InForce, Medium, RuleNo, StateRule};
use crate::domain::words::CollectorRole;

/// The enforced rules of every suggested jurisdiction that reach the case.
pub fn rules<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a StateRule> {
    case.rules
        .enforced_in(case.places.jurisdictions())
        .filter(|rule| reaches(rule, case))
}

/// The rules that are only noted and reach the case.
pub fn flagged<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a StateRule> {
    case.rules
        .flagged_in(case.places.jurisdictions())
        .filter(|rule| reaches(rule, case))
}

/// Whether a rule of a suggested jurisdiction reaches the case.
pub fn reaches(rule: &StateRule, case: &Case<'_>) -> bool {
    let Some(medium) = medium(case) else {
        return false;
    };
    rule.media.contains(medium)
        && rule.covers.contains(covered(case.collector()))
        && (rule.in_force == InForce::default() || {
            let (first, last) = case.local_dates();
            rule.in_force.on(first) || rule.in_force.on(last)
        })
}

/// The medium rules speak of; `None` when the channel is not a published word.
pub fn medium(case: &Case<'_>) -> Option<Medium> {
    let channel = case.intent.channel?;
    Some(tally::medium(channel, case.intent.action))
}

/// The collector in the words of rules.
pub fn covered(role: CollectorRole) -> CoveredPerson {
    match role {
        CollectorRole::ThirdParty => CoveredPerson::ThirdParty,
        CollectorRole::DebtBuyer => CoveredPerson::DebtBuyer,
        CollectorRole::FirstParty => CoveredPerson::Creditor,
    }
}

/// Whether a rule's number is that of a state or a city.
pub fn is_state_rule(no: RuleNo) -> bool {
    no != RuleNo::NONE && usize::from(no.0) >= FederalId::ALL.len()
}
