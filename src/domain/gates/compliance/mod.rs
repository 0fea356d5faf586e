//! G3 COMPLIANCE: standing prohibitions of law.
//!
//! Bankruptcy, death, minority, requests to cease, attorneys, disputes, identity theft, holds of
//! courts and states, and military service where policy protects it. No time cures them: only facts
//! do. Regulation F is applied whoever collects; a state's own rule to whom it binds.

mod bankruptcy;
mod dispute;
mod requests;
mod state;

pub use dispute::validation_period_open;
pub use requests::state_request;
pub use state::{mailed, state_rule};

use crate::domain::case::Case;
use crate::domain::facts::{Hold, Person, PersonExtras};
use crate::domain::rules::FederalId;
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{HoldKind, PartyRole};

use super::purpose;

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    bankruptcy::ask(case, found);
    capacity(case, found);
    requests::ask(case, found);
    dispute::ask(case, found);
    identity_theft(case, found);
    holds(case, found);
    military(case, found);
}

/// Whose statements bind this contact: those of the person asked for, and of the consumer they
/// stand for. A co-debtor owes on their own; the attorney is whom the others are to be left to.
fn bound<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a PersonExtras> {
    let alone = matches!(case.role(), Some(PartyRole::CoDebtor | PartyRole::Attorney));
    let consumer = (!case.is_consumer() && !alone).then_some(case.consumer);
    [Some(case.person), consumer]
        .into_iter()
        .flatten()
        .filter_map(|person: &Person| person.extras.as_deref())
}

/// Death and minority (12 CFR 1006.6(a)(2), (4)).
fn capacity(case: &Case<'_>, found: &mut Findings) {
    let deceased = case.world.pack.federal_no(FederalId::Deceased);
    let minor = case.world.pack.federal_no(FederalId::Minor);
    let own = case.person_extras();
    let consumer = case.consumer.extras.as_deref();
    // ACCOUNT has the role checked against the file.
    let role = case.role().filter(|_| !case.is_consumer());
    let authorised = case.party().is_some_and(|party| party.authorised) || purpose::locates(case);
    let stands_in = authorised
        || matches!(
            role,
            Some(
                PartyRole::Spouse
                    | PartyRole::Parent
                    | PartyRole::Guardian
                    | PartyRole::Executor
                    | PartyRole::Successor
                    | PartyRole::Attorney
                    | PartyRole::CoDebtor
            )
        );
    if own.is_some_and(|e| e.deceased) || (consumer.is_some_and(|e| e.deceased) && !stands_in) {
        found.block_by(Code::Deceased, deceased);
    }
    let of_age = stands_in && (authorised || role != Some(PartyRole::Spouse));
    if own.is_some_and(|e| e.minor) || (consumer.is_some_and(|e| e.minor) && !of_age) {
        found.block_by(Code::Minor, minor);
    }
}

fn identity_theft(case: &Case<'_>, found: &mut Findings) {
    let claimed = case.extras().is_some_and(|extras| {
        let mut scopes = extras.identity_theft.iter();
        scopes.any(|scope| scope.touches(case.account_no, case.debts))
    });
    if claimed {
        let rule = case.world.pack.federal_no(FederalId::IdentityTheft);
        found.block_by(Code::IdentityTheft, rule);
    }
}

/// Whether a hold lies on the account now: half-open, `until` is the first instant without it.
pub fn in_force(hold: &Hold, case: &Case<'_>) -> bool {
    hold.until.get().is_none_or(|until| case.now < until)
}

fn holds(case: &Case<'_>, found: &mut Findings) {
    let Some(extras) = case.extras() else { return };
    for hold in extras.holds.iter().filter(|hold| in_force(hold, case)) {
        match hold.kind {
            HoldKind::Court => found.block(Code::CourtHold),
            HoldKind::Litigation => found.block(Code::LitigationHold),
            // What was asked for may itself be mailed.
            HoldKind::Itemisation
                if state::stated_since(case, hold) || state::is_the_notice(case) => {}
            HoldKind::CharityCare | HoldKind::Itemisation => found.block(Code::StateHold),
            HoldKind::Creditor => {} // STRATEGY
        }
    }
}

/// Military service protects through its last local date, in the place where that comes last.
fn military(case: &Case<'_>, found: &mut Findings) {
    let serves = || {
        bound(case)
            .filter_map(|extras| extras.military)
            .any(|until| until.is_none_or(|last| case.local_dates().0 <= last))
    };
    if case.policy.military_blocks && serves() {
        let rule = case.world.pack.federal_no(FederalId::Military);
        found.block_by(Code::Military, rule);
    }
}

#[cfg(test)]
mod tests;
