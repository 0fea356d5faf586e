//! Limits that run from an exchange with the consumer: so many contacts until the days are over.
//!
//! An exchange is a conversation, or anything the consumer began, in a medium the rule counts. Its
//! date is day one. What is counted is every attempt about the account after it.

use super::local::days_after;
use super::ready::Ready;
use super::tally;
use crate::domain::case::Case;
use crate::domain::facts::Attempt;
use crate::domain::rules::{Frequency, Limit, Window};
use crate::domain::time::UnixSeconds;

/// When the limit permits another contact.
pub(super) fn ready(case: &Case<'_>, rule: &Frequency, limit: Limit) -> Ready {
    let Window::AfterExchangeDays(days) = limit.window else {
        return Ready::Now;
    };
    // Also what lies ahead of a clock that was set back since.
    exchanges(case, rule)
        .filter(|exchange| after(case, rule, *exchange) >= usize::from(limit.limit))
        .fold(Ready::Now, |ready, exchange| {
            ready.and(days_after(case, exchange, days))
        })
}

fn exchanges<'a>(case: &Case<'a>, rule: &Frequency) -> impl Iterator<Item = UnixSeconds> + use<'a> {
    let (case, media) = (*case, rule.counted);
    let begun = move |attempt: &&Attempt| {
        let inbound = attempt.has(Attempt::INBOUND) && !attempt.has(Attempt::WITHDRAWN);
        let medium = attempt
            .channel()
            .map(|channel| tally::medium(channel, attempt.action()));
        (inbound || tally::conversation(attempt)) && medium.is_some_and(|one| media.contains(one))
    };
    let inbound = case.person_extras().into_iter();
    let inbound = inbound.flat_map(|extras| &extras.last_inbound);
    let attempts = case.person.attempts.iter().filter(begun).map(tally::at);
    attempts.chain(inbound.filter_map(|last| last.at.get()))
}

fn after(case: &Case<'_>, rule: &Frequency, exchange: UnixSeconds) -> usize {
    let counts = |attempt: &&Attempt| {
        let medium = attempt
            .channel()
            .map(|channel| tally::medium(channel, attempt.action()));
        tally::at(attempt) > exchange
            && tally::connected(attempt)
            && medium.is_some_and(|one| rule.counted.contains(one))
            && case
                .world
                .debt_sets
                .meets(attempt.debts, case.account_debts)
    };
    case.person.attempts.iter().filter(counts).count()
}
