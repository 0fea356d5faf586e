//! Seven calls in seven days, seven days after a conversation: 12 CFR 1006.14(b).
//!
//! Counted by person and particular debt; a call about several debts must suit each of them. Only
//! the channel `phone` is counted and bound. A purpose lifts nothing here: that a call answers the
//! consumer or is required by law may rebut a presumption afterwards (comment 14(b)(2)(ii)-2), which
//! is not for a gate to weigh. Every collector is held to the counts, first party too. Calls to the
//! consumer's attorney are not counted (1006.14(b)(3)(iii)).

use super::consents;
use super::local::fewer_than;
use super::ready::{Ready, Visit};
use super::tally;
use crate::domain::case::Case;
use crate::domain::ids::DebtNo;
use crate::domain::rules::FederalId;
use crate::domain::verdict::{Code, Finding};
use crate::domain::words::{Channel, PartyRole};

/// Shows both conditions for a call.
pub(super) fn each(case: &Case<'_>, visit: &mut (impl Visit + ?Sized)) {
    if case.intent.channel != Some(Channel::Phone) {
        return;
    }
    let (mut calls, mut talk) = (Ready::Now, Ready::Now);
    let attorney = case.party().is_some_and(|p| p.role == PartyRole::Attorney);
    if !case.person.attempts.is_empty() && !attorney {
        for debt in case.debts {
            let (of_calls, of_talk) = (calls_about(case, *debt), talk_about(case, *debt));
            let free = of_calls.and(of_talk) == Ready::Now;
            if free || consents::cover_asked(case, *debt) {
                continue;
            }
            let consented = consents::may_cover_from(case, *debt);
            let or_consented =
                |ready: Ready| consented.map_or(ready, |instant| ready.or_from(instant));
            calls = calls.and(or_consented(of_calls));
            talk = talk.and(or_consented(of_talk));
        }
    }
    let pack = case.world.pack;
    let code = Code::Call7In7;
    let rule = pack.federal_no(FederalId::CallSevenInSeven);
    visit(Finding { code, rule }, calls);
    let code = Code::CallAfterConversation;
    let rule = pack.federal_no(FederalId::CallAfterConversation);
    visit(Finding { code, rule }, talk);
}

fn calls_about(case: &Case<'_>, debt: DebtNo) -> Ready {
    let federal = case.world.pack.federal();
    if case.person.attempts.len() < usize::from(federal.calls_limit) {
        return Ready::Now;
    }
    let counted = case.person.attempts.iter().filter(|attempt| {
        attempt.channel() == Some(Channel::Phone)
            && tally::connected(attempt)
            && tally::about(case, attempt, debt)
            && !consents::cover(case, debt, attempt.contact.as_phone(), tally::at(attempt))
    });
    fewer_than(
        case,
        federal.calls_limit,
        federal.calls_window,
        counted.map(tally::at),
    )
}

fn talk_about(case: &Case<'_>, debt: DebtNo) -> Ready {
    let talks = case
        .person
        .attempts
        .iter()
        .filter(|attempt| tally::conversation(attempt) && tally::about(case, attempt, debt));
    let window = case.world.pack.federal().after_conversation;
    fewer_than(case, 1, window, talks.map(tally::at))
}
