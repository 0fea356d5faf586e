//! Which attempts count: 12 CFR 1006.14(b)(3), comment 14(b)(2)(i)-3, and what no rule counts.

use crate::domain::case::Case;
use crate::domain::facts::{Attempt, Person};
use crate::domain::ids::DebtNo;
use crate::domain::rules::Medium;
use crate::domain::time::UnixSeconds;
use crate::domain::words::{Action, Channel, Outcome, PartyRole};

/// The collector placed it, as far as is known: reservations count, live or lapsed.
pub(in crate::domain::gates) fn placed(attempt: &Attempt) -> bool {
    !attempt.has(Attempt::INBOUND | Attempt::WITHDRAWN | Attempt::TALK_ONLY)
        && !matches!(
            attempt.outcome(),
            Outcome::NotDialed | Outcome::WrongNumber | Outcome::WrongParty
        )
}

/// It went out to the number, whoever was reached: for the person it was meant for a wrong number
/// counts nowhere, but it rang there.
pub(in crate::domain::gates) fn rang(attempt: &Attempt) -> bool {
    !attempt.has(Attempt::INBOUND | Attempt::TALK_ONLY) && attempt.outcome() != Outcome::NotDialed
}

/// It rang, and it connected to the number dialled.
pub(in crate::domain::gates) fn rang_through(attempt: &Attempt) -> bool {
    rang(attempt) && attempt.outcome() != Outcome::NotConnected
}

/// Placed, and it connected to the number dialled.
pub(in crate::domain::gates) fn connected(attempt: &Attempt) -> bool {
    placed(attempt) && attempt.outcome() != Outcome::NotConnected
}

/// A telephone conversation with the person, whoever called.
pub(in crate::domain::gates) fn conversation(attempt: &Attempt) -> bool {
    attempt.channel() == Some(Channel::Phone)
        && attempt.outcome() == Outcome::Conversation
        && !attempt.has(Attempt::WITHDRAWN)
}

/// Left, or was to leave, a voice message.
pub(in crate::domain::gates) fn voicemail(attempt: &Attempt) -> bool {
    attempt.outcome() == Outcome::Voicemail
        || (attempt.action() == Some(Action::Voicemail)
            && matches!(attempt.outcome(), Outcome::Pending | Outcome::Sent))
}

/// Whether the attempt was about the debt.
pub(in crate::domain::gates) fn about(case: &Case<'_>, attempt: &Attempt, debt: DebtNo) -> bool {
    case.world.debt_sets.contains(attempt.debts, debt)
}

/// When it was.
pub(in crate::domain::gates) fn at(attempt: &Attempt) -> UnixSeconds {
    UnixSeconds(i64::from(attempt.at.0))
}

/// The medium of a channel and action, as rules name it.
pub(in crate::domain::gates) fn medium(channel: Channel, action: Option<Action>) -> Medium {
    match channel {
        Channel::Phone if action == Some(Action::Voicemail) => Medium::Voicemail,
        Channel::Phone => Medium::Phone,
        Channel::Sms => Medium::Sms,
        Channel::Email => Medium::Email,
        Channel::Mail => Medium::Mail,
        Channel::Fax => Medium::Fax,
        Channel::InPerson => Medium::InPerson,
        Channel::Social => Medium::Social,
    }
}

/// Everybody of the account the case knows: the person, the consumer, spouse and co-debtors.
pub(in crate::domain::gates) fn everybody<'a>(
    case: &Case<'a>,
) -> impl Iterator<Item = (PartyRole, &'a Person)> {
    let (person, consumer) = (case.person, case.consumer);
    let role = case.role().unwrap_or(PartyRole::Unknown);
    let besides = (!case.is_consumer()).then_some((PartyRole::Consumer, consumer));
    let others =
        case.others.iter().copied().filter(move |(_, other)| {
            !std::ptr::eq(*other, person) && !std::ptr::eq(*other, consumer)
        });
    std::iter::once((role, person)).chain(besides).chain(others)
}
