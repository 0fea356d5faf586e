//! CONSENT by the text.

use dialgate::domain::verdict::Code;
use dialgate::domain::words::{Channel, ConsentKind, DialMode, LineType, Purpose};

use super::case::{Case, Codes, note};
use super::world::{Email, Phone};

const FRESH_DAYS: i64 = 60;
const OPT_OUT_DAYS: i64 = 35;

pub(crate) fn codes(case: &Case<'_>, at: i64) -> Codes {
    let mut found = Codes::new();
    match case.q.channel {
        Some(Channel::Phone) => call(case, at, &mut found),
        Some(Channel::Sms) => text(case, at, &mut found),
        Some(Channel::Email | Channel::Social) => email(case, at, &mut found),
        _ => {}
    }
    found
}

/// The newest consent to one of these kinds and the newest revocation of one, as far as told by
/// then.
fn newest(
    phone: &Phone,
    kinds: &[ConsentKind],
    direct: bool,
    at: i64,
) -> (Option<i64>, Option<i64>) {
    let given = phone
        .consents
        .iter()
        .filter(|(kind, since, to)| kinds.contains(kind) && *since <= at && (*to || !direct));
    let taken = phone.revocations.iter().filter(|(list, since)| {
        *since <= at && (list.is_empty() || list.iter().any(|kind| kinds.contains(kind)))
    });
    (
        given.map(|(_, since, _)| *since).max(),
        taken.map(|(_, since)| *since).max(),
    )
}

const CALLS: [ConsentKind; 2] = [ConsentKind::Autodialed, ConsentKind::Prerecorded];

/// A consent to calls that no revocation of calls has followed.
fn stands(phone: &Phone, at: i64) -> bool {
    let (given, revoked) = newest(phone, &CALLS, false, at);
    given.is_some_and(|given| revoked.is_none_or(|revoked| given > revoked))
}

/// Whether consent to calls was revoked and none was given since.
pub(crate) fn calls_revoked(phone: &Phone, at: i64) -> bool {
    newest(phone, &CALLS, false, at).1.is_some() && !stands(phone, at)
}

/// The newest check decides; of two at once the worse.
fn reassigned(phone: &Phone) -> bool {
    phone
        .checks
        .iter()
        .max()
        .is_some_and(|(_, reassigned)| *reassigned)
}

impl Case<'_> {
    /// Whether the number's holder consented to a prerecorded voice.
    pub(crate) fn prerecorded_consent(&self, at: i64) -> bool {
        let consents = |p: &Phone| p.recorded && !calls_revoked(p, at);
        self.phone.is_some_and(consents)
    }
}

fn call(case: &Case<'_>, at: i64, found: &mut Codes) {
    let recorded = case.prerecorded();
    let automatic = match case.dial_mode() {
        Some(DialMode::Predictive) => case.world.policy.predictive,
        None => true,
        _ => false,
    };
    let code = if recorded {
        Code::PrerecordedConsent
    } else {
        Code::AutodialConsent
    };
    let landline = case.line() == LineType::Landline;
    if !recorded && (!automatic || landline) {
        return;
    }
    let Some(phone) = case.phone else {
        found.insert(code);
        return;
    };
    let given = if recorded {
        phone.recorded
    } else {
        stands(phone, at)
    };
    if calls_revoked(phone, at) {
        found.insert(Code::ConsentRevoked);
    } else if landline {
        // A residence may be called so, up to a count that is TIMING's.
    } else if given {
        note(found, reassigned(phone), Code::NumberReassigned);
    } else {
        found.insert(code);
    }
}

/// Within the past sixty days: local dates at most sixty apart, in every place suggested.
fn fresh(case: &Case<'_>, since: i64, at: i64) -> bool {
    let mut zones = case.zones.iter();
    !case.zones.is_empty() && zones.all(|zone| zone.day(at) - zone.day(since) <= FRESH_DAYS)
}

fn text(case: &Case<'_>, at: i64, found: &mut Codes) {
    if case.purpose(at) == Purpose::OptOutConfirmation {
        return;
    }
    let Some(phone) = case.phone else {
        found.insert(Code::TextProcedure);
        return;
    };
    let (given, revoked) = newest(phone, &[ConsentKind::Text], true, at);
    let after = |since: &i64| revoked.is_none_or(|revoked| *since > revoked);
    let given = given.filter(after);
    if revoked.is_some() && given.is_none() {
        found.insert(Code::ConsentRevoked);
        return;
    }
    if reassigned(phone) {
        found.insert(Code::NumberReassigned);
        return;
    }
    let written = phone.inbound_texts.iter().copied().filter(after).max();
    let recent = |since: Option<i64>| since.is_some_and(|since| fresh(case, since, at));
    let checked = phone
        .checks
        .iter()
        .filter(|(_, bad)| !bad)
        .map(|(since, _)| *since)
        .max();
    let ever = written.or(given).is_some();
    let covered = ever && (recent(written) || recent(given) || recent(checked));
    note(found, !covered, Code::TextProcedure);
}

fn email(case: &Case<'_>, at: i64, found: &mut Codes) {
    let covered = case.email.is_some_and(|known| {
        let mut email = known.clone();
        if case.purpose(at) == Purpose::OptOutConfirmation {
            email.opted_out = None;
        }
        let after_refusal = |given: i64| email.opted_out.is_none_or(|out| given > out);
        let social = case.channel_is(Channel::Social) && email.social.is_some_and(after_refusal);
        social || used_or_consented(&email) || passed_on(case, &email, at)
    });
    note(found, !covered, Code::EmailProcedure);
}

/// (d)(4)(i): the consumer wrote from it, or consented to its use.
fn used_or_consented(email: &Email) -> bool {
    let since = email
        .used
        .max(email.consents.iter().map(|(at, _)| *at).max());
    since.is_some_and(|since| email.opted_out.is_none_or(|out| since > out))
}

/// (d)(4)(ii) and (iii): passed on by the creditor, or by an earlier collector.
fn passed_on(case: &Case<'_>, email: &Email, at: i64) -> bool {
    // The last day to opt out belongs to the consumer.
    let waited = email.creditor_notice;
    let waited = waited.is_some_and(|sent| !case.within(sent, OPT_OUT_DAYS + 1, at));
    let creditor = waited && !email.employer && email.opted_out.is_none();
    creditor || by_earlier_collector(email)
}

/// (d)(4)(iii).
fn by_earlier_collector(email: &Email) -> bool {
    email.obtained_properly
        && email.prior_used
        && !email.prior_opted_out
        && email.opted_out.is_none()
}
