//! G2 STRATEGY: what creditor, portfolio and tenant permit, and where the agency is licensed.
//!
//! Licences are asked for where the consumer lives, and only where nothing says so, wherever a fact
//! suggests: a licence follows the residence, not an area code. A creditor that collects its own
//! debts is not asked for one unless the state's rule binds it.

use super::reach;
use crate::domain::case::Case;
use crate::domain::ids::NameNo;
use crate::domain::place::{Jurisdiction, JurisdictionSet};
use crate::domain::policy::{PortfolioRule, permits_action, permits_channel};
use crate::domain::rules::{Gate, RuleKind, StateRule};
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{CollectorRole, HoldKind};

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    let account = case.account;
    if let Some(rule) = named(account.portfolio).and_then(|name| case.policy.portfolio(name)) {
        permitted(rule, Code::PortfolioHold, case, found);
    }
    if let Some(rule) = named(account.creditor).and_then(|name| case.policy.creditor(name)) {
        permitted(rule, Code::CreditorHold, case, found);
    }
    if let Some(channel) = case.intent.channel
        && !permits_channel(case.policy.channels, channel)
    {
        found.block(Code::ChannelNotPermitted);
    }
    let held = case.extras().is_some_and(|extras| {
        let stops = |kind| matches!(kind, HoldKind::Creditor | HoldKind::SystemOfRecord);
        let mut holds = extras.holds.iter();
        holds.any(|hold| stops(hold.kind) && super::compliance::in_force(hold, case))
    });
    if held {
        found.block(Code::CreditorHold);
    }
    licences(case, found);
}

fn named(name: NameNo) -> Option<NameNo> {
    (name != NameNo::NONE).then_some(name)
}

fn permitted(rule: &PortfolioRule, hold: Code, case: &Case<'_>, found: &mut Findings) {
    if rule.hold {
        found.block(hold);
    }
    if let Some(channel) = case.intent.channel
        && !permits_channel(rule.channels, channel)
    {
        found.block(Code::ChannelNotPermitted);
    }
    if let Some(action) = case.intent.action
        && !permits_action(rule.actions, action)
    {
        found.block(Code::ActionNotPermitted);
    }
}

fn licences(case: &Case<'_>, found: &mut Findings) {
    let home = home(case);
    let enforced = case
        .rules
        .enforced_in(home)
        .filter(|rule| rule.gate == Some(Gate::Strategy))
        .filter(|rule| reach::reaches(rule, case));
    for rule in enforced {
        if let Some(code) = state_rule(case, rule) {
            found.block_by(code, rule.no);
        }
    }
    if let Some(held) = case.policy.licences
        && !held.is_empty()
        && case.collector() != CollectorRole::FirstParty
        && home
            .iter()
            .any(|place| is_state(place) && !held.contains(place))
    {
        found.block(Code::NotLicensed);
    }
}

/// What a rule of a state that asks for a licence blocks with.
pub fn state_rule(case: &Case<'_>, rule: &StateRule) -> Option<Code> {
    if !matches!(rule.kind, RuleKind::Licence { .. }) || !home(case).contains(rule.jurisdiction) {
        return None;
    }
    match case.policy.licences {
        None => Some(Code::LicenceUnknown),
        Some(held) if !held.contains(rule.jurisdiction) => Some(Code::NotLicensed),
        Some(_) => None,
    }
}

fn home(case: &Case<'_>) -> JurisdictionSet {
    let residence = case.places.residence();
    if residence.is_empty() {
        case.places.jurisdictions()
    } else {
        residence
    }
}

/// A city asks for a licence of its own only by a rule of the pack.
fn is_state(place: Jurisdiction) -> bool {
    place.state().is_some()
}

#[cfg(test)]
mod tests;
