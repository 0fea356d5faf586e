//! Rules of states at home in CONSENT: messages, recordings, machines.
//!
//! A consent is for its own medium and address, and only one given to this collector counts; what a
//! consumer sent is none. No purpose lifts such a rule unless its own text leaves room for it: one
//! message in a while that asks for the consent, made with purpose `consent_request`.

use super::{Dialled, dialled, is_void, reassigned_elsewhere, takes_recordings};
use crate::domain::case::Case;
use crate::domain::facts::{Consent, ConsentTo, Phone};
use crate::domain::gates::compliance::mailed;
use crate::domain::gates::purpose;
use crate::domain::gates::timing::{Ready, fewer_than, tally};
use crate::domain::rules::{MediumSet, MessageConsent, RuleKind, StateRule};
use crate::domain::verdict::Code;
use crate::domain::words::{Channel, CollectorRole, DialMode, PartyRole};

/// What the rule blocks with.
pub fn state_rule(case: &Case<'_>, rule: &StateRule) -> Option<Code> {
    match rule.kind {
        RuleKind::EmailConsent(needs) => {
            let notified = !needs.mailed_notice_first
                || mailed(case).any(|notice| Some(notice.kind) == needs.notice);
            let permitted = notified && (agreed(case, needs) || may_ask(case, rule.media, needs));
            (!permitted).then_some(Code::StateMessageConsent)
        }
        RuleKind::PrerecordedConsent {
            relationship_exempt,
        } => {
            let free = !plays_recording(case)
                || takes_recordings(case)
                || (relationship_exempt && is_customer(case));
            (!free).then_some(Code::StatePrerecordedConsent)
        }
        RuleKind::Consent => {
            let by_machine = match case.intent.channel {
                Some(Channel::Phone) => dialled(case) != Dialled::ByHand,
                _ => true,
            };
            (by_machine && !agreed_in_writing(case)).then_some(Code::StateMachineConsent)
        }
        _ => None,
    }
}

/// Whether the consumer gave the consent the rule asks for.
fn agreed(case: &Case<'_>, needs: MessageConsent) -> bool {
    match case.intent.channel {
        Some(Channel::Sms) => case.phone.is_some_and(|phone| {
            let consent = phone.consent(ConsentTo::Texts);
            let given = consent.given(case.now);
            given.is_some_and(|given| !is_void(case, phone, given, consent.undated))
                && (!needs.written || agreed_in_writing(case))
                && (!needs.address_from_consumer || phone.has(Phone::PERSONAL))
        }),
        Some(Channel::Email) => case.email.is_some_and(|email| {
            let stands = |consent: Consent| consent.given_after(email.opted_out, case.now);
            let given = stands(email.written_consent)
                .or_else(|| stands(email.consent).filter(|_| !needs.written));
            let own = email.from_consumer && !email.employer_provided;
            given.is_some() && (!needs.address_from_consumer || own)
        }),
        // Nothing on file says that a consent to social media was written.
        Some(Channel::Social) => case.email.is_some_and(|email| {
            let own = email.from_consumer && !email.employer_provided;
            let given = email.social_consent.given_after(email.opted_out, case.now);
            given.is_some() && !needs.written && (!needs.address_from_consumer || own)
        }),
        _ => false,
    }
}

/// Whether the message only asks for the consent, and the rule leaves room for one more. Without
/// consent no other message is permitted, so every message in the window was one that asked.
fn may_ask(case: &Case<'_>, media: MediumSet, needs: MessageConsent) -> bool {
    let Some((limit, window)) = needs.ask.filter(|_| purpose::asks_consent(case)) else {
        return false;
    };
    let past = case.person.attempts.iter().filter(|attempt| {
        let channel = attempt.channel();
        let medium = channel.map(|channel| tally::medium(channel, attempt.action()));
        tally::placed(attempt) && medium.is_some_and(|medium| media.contains(medium))
    });
    fewer_than(case, limit, window, past.map(tally::at)) == Ready::Now
}

fn plays_recording(case: &Case<'_>) -> bool {
    matches!(
        case.dial_mode(),
        Some(DialMode::Prerecorded | DialMode::Ringless) | None
    )
}

/// Whether caller and subscriber are in a current business relationship: the creditor and whoever
/// owes it. A collector for others has none of its own.
fn is_customer(case: &Case<'_>) -> bool {
    let theirs = |phone: &Phone| {
        !phone.has(Phone::REASSIGNED)
            && !phone.has(Phone::CALL_REVOKED)
            && reassigned_elsewhere(case, phone).is_none()
    };
    case.collector() == CollectorRole::FirstParty
        && matches!(case.role(), Some(PartyRole::Consumer | PartyRole::CoDebtor))
        && case.phone.is_some_and(theirs)
}

fn agreed_in_writing(case: &Case<'_>) -> bool {
    let agreed = case
        .extras()
        .map_or(&[][..], |extras| &extras.written_consents);
    case.phone.is_some_and(|phone| {
        let mut here = agreed
            .iter()
            .filter(|written| written.number == phone.number);
        here.any(|written| {
            let given = written.consent.given(case.now);
            given.is_some_and(|given| !is_void(case, phone, given, written.consent.undated))
        })
    })
}
