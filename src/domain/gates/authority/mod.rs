//! G5 AUTHORITY: whether this source system, dial mode and action are permitted, and approved.
//!
//! Agency policy. The newest approval that speaks of the action decides: a refusal blocks whether or
//! not the action needs an approval, since somebody who may decide did; what is pending or has
//! ended is as good as missing. An approval for a purpose serves only contacts of that purpose.

use super::purpose;
use crate::domain::case::Case;
use crate::domain::facts::Approval;
use crate::domain::policy::permits_action;
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{Action, ApprovalState, Channel};

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    source(case, found);
    dial_mode(case, found);
    if let Some(action) = case.intent.action {
        approval(action, case, found);
    }
}

fn source(case: &Case<'_>, found: &mut Findings) {
    let permitted = match (case.policy.source(case.source), case.intent.action) {
        (None, _) => !case.policy.sources_closed,
        (Some(rule), Some(action)) => permits_action(rule.actions, action),
        (Some(_), None) => true, // CHANNEL blocks the unknown action
    };
    if !permitted {
        found.block(Code::SourceNotPermitted);
    }
}

/// A word nobody knows blocks in every channel; a known mode is weighed only where something is
/// dialled.
fn dial_mode(case: &Case<'_>, found: &mut Findings) {
    let Some(mode) = case.dial_mode() else {
        found.block(Code::UnknownDialMode);
        return;
    };
    let by_source = case.policy.source(case.source);
    let modes = case.policy.dial_modes & by_source.map_or(u8::MAX, |rule| rule.dial_modes);
    let dialled = case.intent.channel == Some(Channel::Phone);
    if dialled && modes & (1 << mode.number()) == 0 {
        found.block(Code::DialModeNotPermitted);
    }
}

fn approval(action: Action, case: &Case<'_>, found: &mut Findings) {
    let newest = case.extras().and_then(|extras| {
        let mut approvals = extras.approvals.iter().rev();
        approvals.find(|approval| speaks_of(approval, action, case))
    });
    let in_force = newest.filter(|a| a.until.get().is_none_or(|until| case.now < until));
    let state = in_force.map(|approval| approval.state);
    if state == Some(ApprovalState::Refused) {
        found.block(Code::ApprovalRefused);
    } else if permits_action(case.policy.approval_actions, action)
        && state != Some(ApprovalState::Approved)
    {
        found.block(Code::ApprovalMissing);
    }
}

fn speaks_of(approval: &Approval, action: Action, case: &Case<'_>) -> bool {
    let of_action = [action.number(), u8::MAX].contains(&approval.action);
    let of_purpose = [purpose::claimed(case).number(), u8::MAX].contains(&approval.purpose);
    let spent = approval.used && approval.purpose != u8::MAX;
    of_action && of_purpose && !spent
}

#[cfg(test)]
mod tests;
