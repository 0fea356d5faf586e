//! G8 CONSENT: a consent the action needs is absent, revoked or stale.
//!
//! Calls (47 CFR 64.1200(a)(1)(iii), (a)(10), (m)): a prerecorded, ringless or autodialled call to a
//! line that is not known to be a landline needs prior express consent. Internet telephony numbers are held to the
//! same, for nothing tells the mobile ones. A landline needs none: prerecorded calls to a residence are
//! exempt up to a count, which is TIMING's, but whoever withdrew consent is not called so at all.
//! Manual and previewed calls need none, an unknown dial mode is taken for an autodialler.
//!
//! A check that found the number reassigned, on whichever account, voids every consent that is not
//! newer. From the date of `REVOKE_ALL` on, who took back consent at one number has taken it back for
//! machines and texts at all of theirs; at each only a consent dated later counts.
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
use crate::domain::facts::{At, Consent, ConsentTo, Email, Phone};
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
    if let Some((code, rule)) = reason {
        found.block_by(code, case.world.pack.federal_no(rule));
    }
}

/// What is found, and the rule that says so.
type Reason = (Code, FederalId);

const REVOKED: Reason = (Code::ConsentRevoked, FederalId::ConsentRevoked);
const REASSIGNED: Reason = (Code::NumberReassigned, FederalId::WirelessConsent);
const STOPPED: Reason = (Code::ConsentRevoked, FederalId::RevokeAll);

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

fn call(case: &Case<'_>) -> Option<Reason> {
    let how = dialled(case);
    let (absent, to) = match how {
        Dialled::ByHand => return None,
        Dialled::Automatically => (Code::AutodialConsent, ConsentTo::Calls),
        Dialled::Prerecorded => (Code::PrerecordedConsent, ConsentTo::Recordings),
    };
    let absent = (absent, FederalId::WirelessConsent);
    let Some(phone) = case.phone else {
        return Some(absent);
    };
    let landline = phone.line_type == LineType::Landline;
    if landline && how == Dialled::Automatically {
        return None;
    }
    if phone.has(Phone::CALL_REVOKED) {
        return Some(REVOKED);
    }
    let consent = phone.consent(to);
    let stopped = || stopped(case, consent).then_some(STOPPED);
    if landline {
        return stopped();
    }
    let Some(given) = consent.given(case.now) else {
        return Some(absent);
    };
    if is_void(case, phone, given, consent.undated) {
        return Some(REASSIGNED);
    }
    stopped()
}

/// Whether the number was found reassigned since: what was said of it before was another's to say.
/// Its own newer check clears it here, a consent given later is the new holder's.
fn is_void(case: &Case<'_>, phone: &Phone, given: At, undated: bool) -> bool {
    let since = |found: At| given <= found || undated;
    reassigned_here(phone).is_some_and(since)
        || reassigned_elsewhere(case, phone).is_some_and(since)
}

/// When this account's newest check found the number reassigned; nobody knows when: always.
fn reassigned_here(phone: &Phone) -> Option<At> {
    let found = phone.has(Phone::REASSIGNED);
    let checked = phone.dates().checked;
    found.then(|| At(checked.get().map_or(u32::MAX, |_| checked.0)))
}

/// When another account's check found the number reassigned, unless this account's is newer.
fn reassigned_elsewhere(case: &Case<'_>, phone: &Phone) -> Option<At> {
    let found = case.number?.reassigned_at();
    let checked = phone.dates().checked;
    let cleared = checked > found && checked.get().is_some_and(|at| at <= case.now);
    (found.is_set() && !cleared).then_some(found)
}

/// Whether the person took back consent at one number, and gave none for this one since.
fn stopped(case: &Case<'_>, consent: Consent) -> bool {
    let stopped = case
        .person_extras()
        .map_or(At::NEVER, |extras| extras.stopped_at);
    let newer = consent
        .given(case.now)
        .is_some_and(|given| given > stopped && !consent.undated);
    stopped.is_set() && !newer && in_force(case, FederalId::RevokeAll)
}

/// Whether a federal rule is in force on the consumer's date; in doubt it is.
fn in_force(case: &Case<'_>, rule: FederalId) -> bool {
    let pack = case.world.pack;
    let text = pack.rule(pack.federal_no(rule));
    let (first, last) = case.local_dates();
    text.is_none_or(|text| text.in_force.on(first) || text.in_force.on(last))
}

/// Whether a consent to prerecorded voices stands on the number that is asked.
pub(super) fn takes_recordings(case: &Case<'_>) -> bool {
    case.phone.is_some_and(|phone| {
        let consent = phone.consent(ConsentTo::Recordings);
        let given = consent.given(case.now);
        given.is_some_and(|given| !is_void(case, phone, given, consent.undated))
            && !phone.has(Phone::CALL_REVOKED)
    })
}

fn text(case: &Case<'_>) -> Option<Reason> {
    if purpose::confirms_refusal(case) {
        return None;
    }
    let absent = Some((Code::TextProcedure, FederalId::TextProcedure));
    let Some(phone) = case.phone else {
        return absent;
    };
    if phone.has(Phone::TEXT_REVOKED) {
        return Some(REVOKED);
    }
    let found = phone.has(Phone::REASSIGNED);
    let dates = phone.dates();
    let checked = !found && fresh(case, dates.checked);
    let consent = phone.consent(ConsentTo::Texts);
    let covers = |basis: &(At, bool)| {
        come(case, basis.0) && (fresh(case, basis.0) || (checked && dates.checked >= basis.0))
    };
    let bases = [
        // Of a number that was found reassigned nobody knows who wrote, however new it is.
        (dates.inbound_text, true),
        (dates.text_consent, consent.undated),
    ];
    let mut covering = bases.into_iter().filter(covers).peekable();
    if covering.peek().is_none() {
        return if found { Some(REASSIGNED) } else { absent };
    }
    if covering.all(|(given, undated)| is_void(case, phone, given, undated)) {
        return Some(REASSIGNED);
    }
    stopped(case, consent).then_some(STOPPED)
}

/// Within the past sixty days: local dates at most so far apart, in every place. What is dated ahead
/// is not past.
fn fresh(case: &Case<'_>, at: At) -> bool {
    let days = case.world.pack.federal().text_fresh_days;
    come(case, at) && at.get().is_some_and(|at| within_days(case, at, days))
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

fn email(case: &Case<'_>) -> Option<Reason> {
    let absent = (Code::EmailProcedure, FederalId::EmailProcedure);
    let Some(email) = case.email else {
        return Some(absent);
    };
    let opted_out = if purpose::confirms_refusal(case) {
        At::NEVER
    } else {
        email.opted_out
    };
    let social = case.intent.channel == Some(Channel::Social)
        && (email.social_consent)
            .given_after(opted_out, case.now)
            .is_some();
    let covered = social
        || by_consumer(case, email, opted_out)
        || by_creditor(case, email, opted_out)
        || by_prior_collector(email, opted_out);
    (!covered).then_some(absent)
}

/// Whether an instant is there and has come.
fn come(case: &Case<'_>, at: At) -> bool {
    at.get().is_some_and(|at| at <= case.now)
}

/// (d)(4)(i): the consumer used or consented to it and has not opted out since.
fn by_consumer(case: &Case<'_>, email: &Email, opted_out: At) -> bool {
    let mut consents = [email.consent, email.written_consent].into_iter();
    (come(case, email.used) && email.used > opted_out)
        || consents.any(|consent| consent.given_after(opted_out, case.now).is_some())
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
