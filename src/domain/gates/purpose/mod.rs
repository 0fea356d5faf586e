//! Purposes that lift something (GATES.md, semantics 8), and what using one consumes.
//!
//! A purpose lifts only with the scope `gate:exception` and with the fact it rests on, and each fact
//! serves once. Without either it is collection: nothing is lifted, and nothing more is blocked.
//!
//! - `reminder` lifts PROMISE; rests on a plan that asked for reminders.
//! - `notice_of_remedy`, `terminate_efforts` lift the cease; rest on a cease that has not had that
//!   notice yet. They go by mail only: no other channel has an exception for such notices.
//! - `opt_out_confirmation` lifts that refusal and the consent to texts; rests on a refusal that is
//!   not confirmed yet.
//! - `legally_required` lifts refusals; rests on an approval with a document, for that purpose.
//! - `location_information` lifts the bar on third parties; rests on a third party on file who has
//!   not answered.
//! - `consent_request` lifts what a state's rule on messages itself leaves room for: asking for the
//!   consent. Rests on that rule, which counts it.
//! - `reply` lifts hours, stated times and places, a refusal of its medium, attorney and cease;
//!   rests on an unanswered contact the consumer began.

use crate::domain::case::Case;
use crate::domain::facts::{At, Attorney, Cease, Consent, LastInbound};
use crate::domain::words::{Action, ApprovalState, Channel, Inbound, Medium, PartyRole, Purpose};

/// What an allowed contact uses up: the engine marks it when the contact is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consumed {
    /// The plan's reminder (`Promise::reminder_used`).
    Reminder,
    /// The notice of a remedy, on every cease of the person or the consumer that touches the debts.
    RemedyNotice,
    /// The notice that efforts end, on the same.
    TerminationNotice,
    /// The confirmation of every open refusal of this medium: the person's, the contact point's.
    OptOutConfirmation(Medium),
    /// The approval at this place of the account's list.
    Approval(usize),
    /// The newest such contact; marks it on attorneys and ceases it went past, too.
    Answer(Inbound),
}

/// The purpose that is claimed. Naming what is answered makes a contact a reply.
pub fn claimed(case: &Case<'_>) -> Purpose {
    if case.intent.in_response_to.is_some() {
        Purpose::Reply
    } else {
        case.intent.purpose
    }
}

/// The purpose, when the credential may claim it.
fn permitted(case: &Case<'_>) -> Option<Purpose> {
    case.intent.exception_scope.then(|| claimed(case))
}

/// What an ALLOW of this case uses up; `None` when its purpose rests on nothing.
pub fn consumed(case: &Case<'_>) -> Option<Consumed> {
    match permitted(case)? {
        // The first rests on nothing, the others on what is counted, not used up.
        Purpose::Collection | Purpose::LocationInformation | Purpose::ConsentRequest => None,
        Purpose::Reminder => reminder(case).then_some(Consumed::Reminder),
        Purpose::NoticeOfRemedy => {
            open_cease(case, |cease| !cease.remedy_used).then_some(Consumed::RemedyNotice)
        }
        Purpose::TerminateEfforts => {
            open_cease(case, |cease| !cease.terminate_used).then_some(Consumed::TerminationNotice)
        }
        Purpose::OptOutConfirmation => {
            let medium = medium(case)?;
            confirms_refusal(case).then_some(Consumed::OptOutConfirmation(medium))
        }
        Purpose::LegallyRequired => legally_required(case).map(Consumed::Approval),
        Purpose::Reply => answered(case).map(|(inbound, _)| Consumed::Answer(inbound)),
    }
}

/// Whether the contact is something else than collection and rests on its fact.
pub fn is_excepted(case: &Case<'_>) -> bool {
    consumed(case).is_some() || locates(case)
}

/// Whether the contact is the reminder a plan asked for.
pub fn reminder(case: &Case<'_>) -> bool {
    permitted(case) == Some(Purpose::Reminder)
        && case
            .extras()
            .and_then(|extras| extras.promise.as_ref())
            .is_some_and(|promise| promise.reminder && !promise.reminder_used)
}

/// Whether the contact answers the newest thing the consumer began in that medium.
pub fn reply_covers(case: &Case<'_>) -> bool {
    answered(case).is_some()
}

/// What the contact answers: unanswered, of the same medium, at most `reply_age_max_s` old.
fn answered(case: &Case<'_>) -> Option<(Inbound, LastInbound)> {
    if permitted(case) != Some(Purpose::Reply) {
        return None;
    }
    let inbound = case.intent.in_response_to?;
    if case.intent.channel != Some(channel_of(inbound)) {
        return None;
    }
    let last = case
        .person_extras()?
        .last_inbound
        .get(usize::from(inbound.number()))?;
    let age = case.now.since(last.at.get()?);
    let fresh = (0..=i64::from(case.policy.reply_age_max_s)).contains(&age);
    (fresh && (!last.answered.is_set() || last.answered < last.at)).then_some((inbound, *last))
}

/// Whether the contact answers the represented consumer: once, something begun since.
pub fn answers_represented(case: &Case<'_>, attorney: &Attorney) -> bool {
    answers_since(case, attorney.since, attorney.answered)
}

/// Whether the contact answers the consumer who asked to cease: once, something begun since.
pub fn answers_ceased(case: &Case<'_>, request: &Cease) -> bool {
    answers_since(case, request.received, request.answered)
}

fn answers_since(case: &Case<'_>, since: At, used: At) -> bool {
    answered(case).is_some_and(|(_, last)| last.at >= since && last.at > used)
}

/// Whether the contact is the one notice of its kind that a cease leaves room for.
pub fn notifies_after(case: &Case<'_>, request: &Cease) -> bool {
    case.intent.channel == Some(Channel::Mail)
        && match permitted(case) {
            Some(Purpose::NoticeOfRemedy) => !request.remedy_used,
            Some(Purpose::TerminateEfforts) => !request.terminate_used,
            _ => false,
        }
}

fn open_cease(case: &Case<'_>, open: impl Fn(&Cease) -> bool) -> bool {
    let ceases = [case.person, case.consumer]
        .into_iter()
        .filter_map(|person| person.extras.as_deref())
        .flat_map(|extras| &extras.ceases);
    case.intent.channel == Some(Channel::Mail)
        && ceases
            .filter(|cease| case.is_concerned(&cease.debts))
            .any(open)
}

/// Whether the contact confirms the refusal of its own medium: by text or e-mail, once, and a text
/// within the time 47 CFR 64.1200(a)(12) gives. Every refusal that stands in the way must be open
/// to confirmation.
pub fn confirms_refusal(case: &Case<'_>) -> bool {
    let by_text = match case.intent.channel {
        Some(Channel::Sms) => true,
        Some(Channel::Email) => false,
        _ => return false,
    };
    if permitted(case) != Some(Purpose::OptOutConfirmation) {
        return false;
    }
    let refusals = refusals(case);
    let limit = i64::from(case.world.pack.federal().confirmation_seconds);
    let in_time = |refused: At| {
        let age = refused.get().map(|at| case.now.since(at));
        !by_text || age.is_some_and(|age| (0..=limit).contains(&age))
    };
    refusals.iter().flatten().count() > 0
        && refusals
            .iter()
            .flatten()
            .all(|refusal| !refusal.confirmed && in_time(refusal.at))
}

/// One refusal that stands in the way of the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// When, as far as it is kept.
    pub at: At,
    /// It was confirmed to the consumer.
    pub confirmed: bool,
}

/// The refusals in the way: of the medium, of the number or address by any account, of the address
/// on this account's file (12 CFR 1006.14(h)(1): for any debt).
pub fn refusals(case: &Case<'_>) -> [Option<Refusal>; 3] {
    use crate::domain::facts::NumberFacts as N;
    let Some(medium) = medium(case) else {
        return [None; 3];
    };
    let bit = 1 << medium.number();
    let by_medium = case.person_extras().and_then(|extras| {
        let at = extras.refused_at.get(usize::from(medium.number()))?;
        (extras.refused_media & bit != 0).then_some(Refusal {
            at: *at,
            confirmed: extras.confirmed_media & bit != 0,
        })
    });
    let flag = match medium {
        Medium::Calls => N::NO_CALLS,
        Medium::Texts => N::NO_TEXTS,
        Medium::Fax => N::NO_FAX,
        Medium::Email | Medium::Social => N::NO_EMAIL,
        Medium::Mail | Medium::InPerson => 0,
    };
    let by_point = case.number.and_then(|known| {
        (known.flags & flag != 0).then_some(Refusal {
            at: known.refused_texts_at(),
            confirmed: known.confirmed(),
        })
    });
    let by_address = case.email.and_then(|email| {
        let restored = match medium {
            Medium::Email => [email.consent, email.written_consent],
            Medium::Social => [email.social_consent; 2],
            _ => return None,
        };
        let since = |consent: &Consent| consent.given_after(email.opted_out, case.now).is_some();
        let stands = email.opted_out.is_set() && !restored.iter().any(since);
        stands.then_some(Refusal {
            at: email.opted_out,
            confirmed: email.confirmed,
        })
    });
    [by_medium, by_point, by_address]
}

/// Whether the refusals in the way are lifted for this contact.
pub fn lifts_refusals(case: &Case<'_>) -> bool {
    reply_covers(case) || confirms_refusal(case) || legally_required(case).is_some()
}

/// The approval a legally required contact rests on, by its place in the account's list.
pub fn legally_required(case: &Case<'_>) -> Option<usize> {
    if permitted(case) != Some(Purpose::LegallyRequired) {
        return None;
    }
    let action = case.intent.action.map(Action::number);
    case.extras()?.approvals.iter().position(|approval| {
        approval.purpose == Purpose::LegallyRequired.number()
            && approval.state == ApprovalState::Approved
            && approval.document.is_some()
            && !approval.used
            && (approval.action == u8::MAX || Some(approval.action) == action)
            && approval.until.get().is_none_or(|until| case.now < until)
    })
}

/// Whether the contact only asks for the consent a state's rule on messages demands.
pub fn asks_consent(case: &Case<'_>) -> bool {
    permitted(case) == Some(Purpose::ConsentRequest)
}

/// Whether the contact asks a third party on file where the consumer is (1006.10).
pub fn locates(case: &Case<'_>) -> bool {
    permitted(case) == Some(Purpose::LocationInformation)
        && case
            .party()
            .is_some_and(|party| party.role == PartyRole::ThirdParty)
}

/// The medium of the channel, as persons refuse it.
pub fn medium(case: &Case<'_>) -> Option<Medium> {
    Some(match case.intent.channel? {
        Channel::Phone => Medium::Calls,
        Channel::Sms => Medium::Texts,
        Channel::Email => Medium::Email,
        Channel::Mail => Medium::Mail,
        Channel::Fax => Medium::Fax,
        Channel::InPerson => Medium::InPerson,
        Channel::Social => Medium::Social,
    })
}

fn channel_of(inbound: Inbound) -> Channel {
    match inbound {
        Inbound::Call => Channel::Phone,
        Inbound::Text => Channel::Sms,
        Inbound::Email => Channel::Email,
        Inbound::Letter => Channel::Mail,
    }
}

#[cfg(test)]
mod tests;
