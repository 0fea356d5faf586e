//! What the consumer demanded: that contact cease, or that it go to an attorney.
//!
//! 12 CFR 1006.6(b)(2), (c)(1). Federally a cease is written and complete on receipt; where a state
//! takes a spoken one (WI, for telephone contact) any form counts. An attorney whose name and
//! address cannot be known does not bind federally; a state that takes the consumer's bare word
//! (AZ) binds all the same.

use super::{bound, purpose, state};
use crate::domain::case::Case;
use crate::domain::facts::{Attorney, Cease};
use crate::domain::rules::{AttorneyNotice, CeaseForm, FederalId, RuleKind, StateRule};
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{Form, PartyRole};

use crate::domain::gates::reach;

/// Asks for requests to cease and for attorneys.
pub(super) fn ask(case: &Case<'_>, found: &mut Findings) {
    if is_attorney(case) {
        return;
    }
    let ceased = |any_form: bool| {
        bound(case)
            .flat_map(|extras| &extras.ceases)
            .any(|cease| binds(case, cease, any_form))
    };
    let represented = |unknown_too: bool| {
        bound(case)
            .flat_map(|extras| &extras.attorneys)
            .any(|attorney| represents(case, attorney, unknown_too))
    };
    // Nearly every case ends here: nobody said anything.
    if !ceased(true) && !represented(true) {
        return;
    }
    let pack = case.world.pack;
    if ceased(false) {
        found.block_by(Code::Cease, pack.federal_no(FederalId::Cease));
    }
    if represented(false) {
        found.block_by(Code::Attorney, pack.federal_no(FederalId::Attorney));
    }
    for rule in reach::rules(case) {
        if let Some(code) = state_request(case, rule) {
            found.block_by(code, rule.no);
        }
    }
}

/// What a rule of a state on such requests blocks with.
pub fn state_request(case: &Case<'_>, rule: &StateRule) -> Option<Code> {
    if is_attorney(case) {
        return None;
    }
    match rule.kind {
        RuleKind::CeaseRequest {
            form,
            mail_per_month,
            personal_contacts_max,
        } => {
            // A certified letter is a written one; nobody tells how a written one was sent.
            let any_form = form == CeaseForm::OralOrWritten;
            let room = (mail_per_month, personal_contacts_max);
            let barred = |request: &Cease| {
                binds(case, request, any_form)
                    && (room == (0, 0) || state::room_is_used(case, request.received, room))
            };
            let mut ceases = bound(case).flat_map(|extras| &extras.ceases);
            ceases.any(barred).then_some(Code::Cease)
        }
        RuleKind::Attorney(notice) => {
            let unknown_too = notice == AttorneyNotice::OralByConsumer;
            let represented = |attorney: &Attorney| represents(case, attorney, unknown_too);
            let mut attorneys = bound(case).flat_map(|extras| &extras.attorneys);
            attorneys.any(represented).then_some(Code::Attorney)
        }
        _ => None,
    }
}

/// The attorney is whom the others are to be left to.
fn is_attorney(case: &Case<'_>) -> bool {
    case.role() == Some(PartyRole::Attorney) && !case.is_consumer()
}

fn binds(case: &Case<'_>, request: &Cease, any_form: bool) -> bool {
    (any_form || request.form == Form::Written)
        && case.is_concerned(&request.debts)
        && !purpose::notifies_after(case, request)
        && !purpose::answers_ceased(case, request)
}

fn represents(case: &Case<'_>, attorney: &Attorney, unknown_too: bool) -> bool {
    (attorney.contact_known || unknown_too)
        && !attorney.lifted_by_attorney
        && case.is_concerned(&attorney.debts)
        && !purpose::answers_represented(case, attorney)
}

#[cfg(test)]
mod tests;
