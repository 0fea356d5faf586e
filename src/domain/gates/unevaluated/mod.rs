//! Enforced rules no gate can work out: each blocks in its own gate where it might apply.
//!
//! A rule might apply unless what is on file says it cannot: debts all stated to be of another kind,
//! a contact that is certainly not at work, a call that certainly plays no recording. What nobody
//! stated counts as what the rule is about.

use super::reach;
use crate::domain::case::Case;
use crate::domain::facts::Phone;
use crate::domain::intent::Asked;
use crate::domain::rules::{DebtType, Gate, RuleKind, StateRule};
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{Channel, DebtKind, DialMode, LineType, PartyRole, PlaceKind};

/// Blocks for every such rule that reaches the case.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    for rule in reach::rules(case).filter(|rule| !rule.kind.evaluated()) {
        if may_apply(rule, case) {
            found.block_by(code_in(rule.gate), rule.no);
        }
    }
}

/// A gate without such a code leaves its rule to COMPLIANCE: it blocks all the same.
fn code_in(gate: Option<Gate>) -> Code {
    match gate {
        Some(Gate::Strategy) => Code::StrategyRuleNotEvaluated,
        Some(Gate::Timing) => Code::TimingRuleNotEvaluated,
        Some(Gate::Consent) => Code::ConsentRuleNotEvaluated,
        Some(Gate::Channel) => Code::ChannelRuleNotEvaluated,
        _ => Code::ComplianceRuleNotEvaluated,
    }
}

fn may_apply(rule: &StateRule, case: &Case<'_>) -> bool {
    match rule.kind {
        RuleKind::ValidationHold { debt_type, .. }
        | RuleKind::AccountHold { debt_type }
        | RuleKind::PreContactMoratorium { debt_type, .. } => may_be(debt_type, case),
        RuleKind::WorkplaceLimit(_) => may_be_at_work(case),
        RuleKind::PrerecordedConsent { .. } => may_be_recorded(case),
        _ => true,
    }
}

fn may_be(debt_type: DebtType, case: &Case<'_>) -> bool {
    debt_type == DebtType::Any
        || case.debts.iter().any(|debt| {
            let mut known = case.account.debts.iter().filter(|d| d.no == *debt);
            !known.any(|d| !matches!(d.kind, DebtKind::Medical | DebtKind::Unknown))
        })
}

/// Whether the contact may reach the person at work, or their employer: a third party may be one.
fn may_be_at_work(case: &Case<'_>) -> bool {
    if case.role() == Some(PartyRole::ThirdParty) {
        return true;
    }
    let work_number = case.phone.is_some_and(|phone| phone.has(Phone::WORK));
    match case.intent.to_place {
        Asked::Known(place) => place == PlaceKind::Employment || work_number,
        Asked::Unknown => true,
        Asked::Absent => match case.intent.channel {
            Some(Channel::Mail) => false,
            Some(Channel::Email | Channel::Social) => {
                case.email.is_none_or(|email| email.employer_provided)
            }
            Some(Channel::Phone | Channel::Sms | Channel::Fax) => case.phone.is_none_or(|phone| {
                work_number
                    || !(phone.has(Phone::HOME)
                        || phone.has(Phone::PERSONAL)
                        || phone.line_type() == LineType::Wireless)
            }),
            Some(Channel::InPerson) | None => true,
        },
    }
}

fn may_be_recorded(case: &Case<'_>) -> bool {
    !matches!(case.dial_mode(), Some(DialMode::Manual | DialMode::Preview))
}

#[cfg(test)]
mod tests;
