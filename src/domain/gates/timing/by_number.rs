//! What is counted by telephone number: it rang there, whoever was meant.
//!
//! The attempts looked at are those of everybody of the account and of everybody else of the tenant
//! with whom the number is shared. Which counts these are: docs/gates.md, "Counted by number".
//!
//! Where not all of it is known, the count is full: a number shared by more people than are listed,
//! or a history longer than could be kept that reaches into the window.

use super::local::fewer_than_in;
use super::ready::Ready;
use super::tally;
use crate::domain::case::Case;
use crate::domain::facts::{Attempt, NumberFacts, Person};
use crate::domain::phone::PhoneNumber;
use crate::domain::rules::Window;
use crate::domain::time::ZoneId;

/// Ready while fewer than `limit` of the attempts at `number` that `counts` names lie in the window,
/// by the calendars of `zones`.
pub(in crate::domain::gates) fn fewer_to(
    zones: &[ZoneId],
    case: &Case<'_>,
    number: PhoneNumber,
    (limit, window): (u16, Window),
    counts: impl Fn(&Attempt) -> bool,
) -> Ready {
    if case.number.is_some_and(NumberFacts::crowded) {
        return Ready::Never;
    }
    let to_it = |attempt: &&Attempt| attempt.contact.as_phone() == Some(number);
    let known = everybody(case)
        .flat_map(|person| &person.attempts)
        .filter(to_it)
        .filter(|attempt| counts(attempt))
        .map(tally::at);
    // What was dropped came before the oldest that was kept. The person's own is G7's to see.
    let forgotten = everybody(case)
        .filter(|person| !std::ptr::eq(*person, case.person))
        .filter(|person| person.attempts.len() >= case.world.attempts_per_person_max)
        .filter_map(|person| person.attempts.first().map(tally::at))
        .flat_map(|oldest| std::iter::repeat_n(oldest, usize::from(limit)));
    fewer_than_in(zones, case, limit, window, known.chain(forgotten))
}

fn everybody<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Person> {
    let own = tally::everybody(case).map(|(_, person)| person);
    own.chain(case.sharers.iter().copied())
}
