//! G8 CONSENT: a consent the action needs is absent, revoked or stale.
//!
//! Calls (47 CFR 64.1200(a)(1)(iii), (a)(10), (m)): a prerecorded, ringless or autodialled call to a
//! line that is not known to be a landline needs prior express consent. Internet telephony numbers are held to the
//! same, for nothing tells the mobile ones. A landline needs none: prerecorded calls to a residence are
//! exempt up to a count, which is TIMING's, but whoever withdrew consent is not called so at all.
//! Manual and previewed calls need none, an unknown dial mode is taken for an autodialler.
//!
//! Texts (12 CFR 1006.6(d)(5)): the consumer's own text or direct consent, renewed or the number
//! checked within sixty days. Whoever satisfies that has the consent that an autodialled text needs
//! (a number given in connection with the debt, or for texts), so the dial mode asks nothing more.
//!
//! E-mail (1006.6(d)(4)): the consumer's use or consent, the creditor's notice, or earlier
//! collectors' use. Social media go as e-mail. Letters, visits and fax need no consent here.

mod state;

pub use state::state_rule;

use super::purpose;
use super::timing::{Ready, days_after, zones};
use crate::domain::case::Case;
use crate::domain::facts::{At, Email, Phone};
use crate::domain::rules::FederalId;
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{Channel, DialMode, LineType};

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    let reason = match case.intent.channel {
        Some(Channel::Phone) => call(case),
        Some(Channel::Sms) => text(case),
        Some(Channel::Email | Channel::Social) => email(case),
        Some(Channel::Mail | Channel::Fax | Channel::InPerson) | None => None,
    };
    if let Some(code) = reason {
        found.block_by(code, case.world.pack.federal_no(rule_of(code)));
    }
}

fn rule_of(code: Code) -> FederalId {
    match code {
        Code::ConsentRevoked => FederalId::ConsentRevoked,
        Code::TextProcedure => FederalId::TextProcedure,
        Code::EmailProcedure => FederalId::EmailProcedure,
        _ => FederalId::WirelessConsent,
    }
}

/// How a call is made, as consent asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialled {
    ByHand,
    Automatically,
    Prerecorded,
}

fn dialled(case: &Case<'_>) -> Dialled {
    match case.dial_mode() {
        Some(DialMode::Manual | DialMode::Preview) => Dialled::ByHand,
        Some(DialMode::Predictive) if !case.policy.predictive_is_autodialled => Dialled::ByHand,
        Some(DialMode::Predictive) | None => Dialled::Automatically,
        Some(DialMode::Prerecorded | DialMode::Ringless) => Dialled::Prerecorded,
    }
}

fn call(case: &Case<'_>) -> Option<Code> {
    let how = dialled(case);
    let absent = match how {
        Dialled::ByHand => return None,
        Dialled::Automatically => Code::AutodialConsent,
        Dialled::Prerecorded => Code::PrerecordedConsent,
    };
    let Some(phone) = case.phone else {
        return Some(absent);
    };
    let landline = phone.line_type() == LineType::Landline;
    if landline && how == Dialled::Automatically {
        return None;
    }
    if phone.has(Phone::CALL_REVOKED) {
        return Some(Code::ConsentRevoked);
    }
    if landline {
        return None;
    }
    let given = match how {
        Dialled::Prerecorded => phone.has(Phone::PRERECORDED_CONSENT),
        Dialled::ByHand | Dialled::Automatically => phone.autodial_consent.is_set(),
    };
    if !given {
        return Some(absent);
    }
    phone
        .has(Phone::REASSIGNED)
        .then_some(Code::NumberReassigned)
}

fn text(case: &Case<'_>) -> Option<Code> {
    if purpose::confirms_refusal(case) {
        return None;
    }
    let Some(phone) = case.phone else {
        return Some(Code::TextProcedure);
    };
    if phone.has(Phone::TEXT_REVOKED) {
        return Some(Code::ConsentRevoked);
    }
    if phone.has(Phone::REASSIGNED) {
        return Some(Code::NumberReassigned);
    }
    let checked = fresh(case, phone.checked);
    let covered = [phone.inbound_text, phone.text_consent]
        .into_iter()
        .any(|basis| basis.is_set() && (fresh(case, basis) || (checked && phone.checked >= basis)));
    (!covered).then_some(Code::TextProcedure)
}

/// Within the past sixty days: local dates at most so far apart, in every place.
fn fresh(case: &Case<'_>, at: At) -> bool {
    let days = case.world.pack.federal().text_fresh_days;
    at.get().is_some_and(|at| within_days(case, at, days))
}

/// Whether the local date of `at` is at most `days` ago in every place.
fn within_days(case: &Case<'_>, at: UnixSeconds, days: u16) -> bool {
    let zones = zones(case);
    !zones.is_empty()
        && zones.iter().all(|zone| {
            let clock = case.world.zones;
            let past = clock
                .local_date(*zone, case.now)
                .days_since(clock.local_date(*zone, at));
            past <= i32::from(days)
        })
}

fn email(case: &Case<'_>) -> Option<Code> {
    let Some(email) = case.email else {
        return Some(Code::EmailProcedure);
    };
    let opted_out = if purpose::confirms_refusal(case) {
        At::NEVER
    } else {
        email.opted_out
    };
    let social = case.intent.channel == Some(Channel::Social) && email.social_consent > opted_out;
    let covered = social
        || by_consumer(email, opted_out)
        || by_creditor(case, email, opted_out)
        || by_prior_collector(email, opted_out);
    (!covered).then_some(Code::EmailProcedure)
}

/// (d)(4)(i): the consumer used or consented to it and has not opted out since.
fn by_consumer(email: &Email, opted_out: At) -> bool {
    [email.used, email.consent, email.written_consent]
        .into_iter()
        .any(|basis| basis.is_set() && basis > opted_out)
}

/// (d)(4)(ii): the creditor's notice went out and its time to opt out has passed.
fn by_creditor(case: &Case<'_>, email: &Email, opted_out: At) -> bool {
    let period = case.world.pack.federal().email_opt_out_days;
    !email.employer_provided
        && !opted_out.is_set()
        && email
            .creditor_notice
            .get()
            .is_some_and(|sent| days_after(case, sent, period + 1) == Ready::Now)
}

/// (d)(4)(iii): some earlier collector obtained it properly, the one before used it, no opt-out.
fn by_prior_collector(email: &Email, opted_out: At) -> bool {
    email.prior.obtained_properly
        && email.prior.immediately_prior_used
        && !email.prior.opted_out
        && !opted_out.is_set()
}

#[cfg(test)]
mod tests;
