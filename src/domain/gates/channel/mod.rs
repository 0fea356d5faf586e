//! G9 CHANNEL: whether this medium may be used to reach this person here.
//!
//! Refusals (12 CFR 1006.14(h)), internal do-not-call (47 CFR 64.1200(d)), places of employment and
//! inconvenient places (1006.6(b)(1)(ii), (b)(3)), addresses an employer provides (1006.22(f)(3)),
//! and what a line can carry. By the table of channels: do-not-call binds calls and fax; a refusal
//! binds its own medium and nothing else.
//!
//! Actions that fit: phone takes call and voicemail; sms text; email email; mail letter; fax fax;
//! `in_person` `in_person`; social, whose messages have no word of their own, text and email.

mod place;
mod state;

pub use state::state_rule;

use super::purpose;
use crate::domain::case::Case;
use crate::domain::facts::{At, Email};
use crate::domain::rules::FederalId;
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{Action, Channel, LineType};

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    words(case, found);
    refused(case, found);
    do_not_call(case, found);
    place::ask(case, found);
    employer_address(case, found);
    line(case, found);
    if case.intent.channel == Some(Channel::Social) && !case.policy.social_permitted {
        found.block(Code::SocialNotPermitted);
    }
}

fn words(case: &Case<'_>, found: &mut Findings) {
    if case.intent.channel.is_none() {
        found.block(Code::UnknownChannel);
    }
    if case.intent.action.is_none() {
        found.block(Code::UnknownAction);
    }
    if case
        .contact()
        .is_some_and(|(channel, action)| !fits(channel, action))
    {
        found.block(Code::ChannelActionUnfit);
    }
}

/// Whether the action can go through the channel.
pub fn fits(channel: Channel, action: Action) -> bool {
    match channel {
        Channel::Phone => matches!(action, Action::Call | Action::Voicemail),
        Channel::Sms => action == Action::Text,
        Channel::Email => action == Action::Email,
        Channel::Mail => action == Action::Letter,
        Channel::Fax => action == Action::Fax,
        Channel::InPerson => action == Action::InPerson,
        Channel::Social => matches!(action, Action::Text | Action::Email),
    }
}

fn refused(case: &Case<'_>, found: &mut Findings) {
    let refused = purpose::refusals(case).iter().any(Option::is_some);
    if refused && !purpose::lifts_refusals(case) {
        let rule = case.world.pack.federal_no(FederalId::MediumOptOut);
        found.block_by(Code::MediumOptOut, rule);
    }
}

/// Half-open: at `do_not_call_until` the entry has ended. No purpose lifts it.
fn do_not_call(case: &Case<'_>, found: &mut Findings) {
    let listed = case.number.is_some_and(|known| known.is_listed(case.now));
    if listed && matches!(case.intent.channel, Some(Channel::Phone | Channel::Fax)) {
        let rule = case.world.pack.federal_no(FederalId::InternalDnc);
        found.block_by(Code::DoNotCall, rule);
    }
}

fn employer_address(case: &Case<'_>, found: &mut Findings) {
    let Some(email) = case.email.filter(|email| email.employer_provided) else {
        return;
    };
    if !is_cleared(email, case.now) {
        let rule = case.world.pack.federal_no(FederalId::EmployerEmail);
        found.block_by(Code::EmployerEmail, rule);
    }
}

/// An employer's address is open only by 1006.6(d)(4)(i), the consumer used it toward this collector
/// or consented, or (iii), an earlier collector did properly; a creditor's notice does not open it.
fn is_cleared(email: &Email, now: UnixSeconds) -> bool {
    let come = |at: At| at.get().is_some_and(|at| at <= now);
    let by_consumer = come(email.used) || email.consent.given(now).is_some();
    let prior = email.prior;
    by_consumer || (prior.obtained_properly && prior.immediately_prior_used && !prior.opted_out)
}

/// A line of unknown kind can carry what is asked: ACCOUNT, CONSENT and the rest still judge it.
fn line(case: &Case<'_>, found: &mut Findings) {
    let line_type = case.phone.map(|phone| phone.line_type);
    match (case.intent.channel, line_type) {
        (Some(Channel::Sms), Some(LineType::Landline)) => found.block(Code::LineCannotText),
        (Some(Channel::Fax), Some(LineType::Wireless)) => found.block(Code::LineCannotFax),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
