//! Calls a person consented to beyond the frequencies, 12 CFR 1006.14(b)(3)(i) and its comment.
//!
//! A consent runs from its receipt, whose local date is day one of at most seven, to a last day the
//! person stated, if sooner, and ends when it is revoked or when a conversation about the debt takes
//! place after it; the call that became that conversation is still within it.

use super::local::zones;
use super::tally;
use crate::domain::case::Case;
use crate::domain::facts::CallConsent;
use crate::domain::ids::DebtNo;
use crate::domain::phone::PhoneNumber;
use crate::domain::time::UnixSeconds;

/// Whether a consent covers a call about `debt` to `number`, placed at `at`.
pub(super) fn cover(
    case: &Case<'_>,
    debt: DebtNo,
    number: Option<PhoneNumber>,
    at: UnixSeconds,
) -> bool {
    case.person_extras().is_some_and(|extras| {
        extras
            .call_consents
            .iter()
            .any(|consent| covers(case, consent, debt, number, at))
    })
}

/// Whether a consent covers the call that is asked for, about `debt`.
pub(super) fn cover_asked(case: &Case<'_>, debt: DebtNo) -> bool {
    // A conversation in this very second has already ended it.
    let number = case.phone.map(|phone| phone.number);
    cover(case, debt, number, case.now) && !talked_at(case, debt, case.now)
}

/// The first instant after now from which a consent on file may cover a call about `debt` that is
/// not covered now; whether it then does is to be asked again.
pub(super) fn may_cover_from(case: &Case<'_>, debt: DebtNo) -> Option<UnixSeconds> {
    let consents = &case.person_extras()?.call_consents;
    let received = consents
        .iter()
        .filter_map(|consent| consent.at.get())
        .filter(|received| *received > case.now)
        .min();
    // A consent received in the second of the conversation outlives it.
    let next_second =
        (!consents.is_empty() && talked_at(case, debt, case.now)).then(|| case.now.plus(1));
    next_second.or(received)
}

fn covers(
    case: &Case<'_>,
    consent: &CallConsent,
    debt: DebtNo,
    number: Option<PhoneNumber>,
    at: UnixSeconds,
) -> bool {
    let Some(received) = consent.at.get() else {
        return false;
    };
    received <= at
        && consent.revoked.get().is_none_or(|revoked| at < revoked)
        && consent.number.is_none_or(|only| Some(only) == number)
        && consent.debts.touches(case.account_no, &[debt])
        && within_days(case, consent, received, at)
        && !talked_between(case, debt, received, at)
}

fn within_days(
    case: &Case<'_>,
    consent: &CallConsent,
    received: UnixSeconds,
    at: UnixSeconds,
) -> bool {
    let days = i32::from(case.world.pack.federal().prior_consent_days);
    let zones = zones(case);
    !zones.is_empty()
        && zones.iter().all(|zone| {
            let first = case.world.zones.local_date(*zone, received);
            let seventh = first.plus_days(days - 1);
            let last = consent.last_day.map_or(seventh, |day| day.min(seventh));
            case.world.zones.local_date(*zone, at) <= last
        })
}

fn talked_between(case: &Case<'_>, debt: DebtNo, after: UnixSeconds, before: UnixSeconds) -> bool {
    case.person.attempts.iter().any(|attempt| {
        tally::conversation(attempt)
            && after < tally::at(attempt)
            && tally::at(attempt) < before
            && tally::about(case, attempt, debt)
    })
}

fn talked_at(case: &Case<'_>, debt: DebtNo, at: UnixSeconds) -> bool {
    case.person.attempts.iter().any(|attempt| {
        tally::conversation(attempt)
            && tally::at(attempt) == at
            && tally::about(case, attempt, debt)
    })
}
