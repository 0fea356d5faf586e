//! Attempts reported from elsewhere: each counted once, in whatever order they arrive.

use super::commands::Refusal;
use super::draft::{Draft, Refused};
use super::facts_contact::note_inbound;
use super::ring;
use super::state::{State, address_hash, call_hash};
use crate::domain::facts::{At, Attempt, Cease, ContactKey, Phone};
use crate::domain::ids::{DebtNo, DebtSet, PersonNo};
use crate::domain::record::{AttemptRecord, phone_of};
use crate::domain::words::{AccountStatus, Action, Channel, Inbound, Outcome, Purpose};

/// Applies one.
pub(super) fn apply(
    state: &mut State,
    draft: &mut Draft,
    said: &AttemptRecord,
) -> Result<(), Refused> {
    let at = said.at.ok_or(("attempts.at", Refusal::Missing))?;
    if at.0 < draft.now.0 - ring::REMEMBERED_S {
        return Ok(());
    }
    // A clock ahead of ours reports the future: it happened by now.
    let at = At::of(at.min(draft.now));
    let channel = said.channel.unwrap_or(Channel::Phone);
    let action = said.action_type.unwrap_or_else(|| default_action(channel));
    let (contact, owner, at_work) = contact(state, draft, said)?;
    let person = match (&said.person_id, owner) {
        (None, Some(owner)) => owner,
        (id, _) => draft.party(state, id.as_ref())?,
    };
    let inbound = said.inbound == Some(true);
    let outcome = outcome(said, channel, inbound)?;
    let counted = counted(state, draft, said)?;
    let about = draft.debts(state, &said.conversation_about)?;
    let astray = super::call::astray(outcome);
    // Whoever says what was spoken about says that somebody spoke.
    let outcome = if about.is_empty() || astray {
        outcome
    } else {
        Outcome::Conversation
    };
    let talk_elsewhere = outcome == Outcome::Conversation && !about.is_empty() && about != counted;
    let mut flags = 0;
    for (on, flag) in [
        (inbound, Attempt::INBOUND),
        (said.prerecorded == Some(true), Attempt::PRERECORDED),
        (said.in_response_to.is_some(), Attempt::REPLY),
        (
            said.purpose == Some(Purpose::LocationInformation),
            Attempt::LOCATION,
        ),
        (at_work, Attempt::WORKPLACE),
        (astray, Attempt::WITHDRAWN),
    ] {
        flags |= if on { flag } else { 0 };
    }
    if counted.is_empty() {
        return Err(("attempts.debts", Refusal::UnknownDebt));
    }
    let attempt = Attempt {
        at,
        call: said.call_id.as_ref().map_or(0, |id| call_hash(id.as_str())),
        debts: state.debt_set(&counted),
        audit: 0,
        contact,
        kind: Attempt::pack_kind(channel, action),
        // The conversation was about other debts than the call counts toward: two entries.
        outcome: if talk_elsewhere {
            Outcome::Dropped
        } else {
            outcome
        }
        .number(),
        flags,
    };
    place(state, draft, person, attempt)?;
    if talk_elsewhere {
        let debts = state.debt_set(&about);
        let talk = Attempt {
            debts,
            outcome: Outcome::Conversation.number(),
            flags: flags | Attempt::TALK_ONLY,
            ..attempt
        };
        place(state, draft, person, talk)?;
    } else {
        forget_talk(state, draft, person, &attempt)?;
    }
    use_up(state, draft, &attempt, (said, outcome), (person, &counted))?;
    note(state, draft, said, person, at)
}

pub(super) fn default_action(channel: Channel) -> Action {
    match channel {
        Channel::Phone => Action::Call,
        Channel::Sms => Action::Text,
        Channel::Email | Channel::Social => Action::Email,
        Channel::Mail => Action::Letter,
        Channel::Fax => Action::Fax,
        Channel::InPerson => Action::InPerson,
    }
}

fn contact(
    state: &State,
    draft: &Draft,
    said: &AttemptRecord,
) -> Result<(ContactKey, Option<PersonNo>, bool), Refused> {
    if let Some(text) = &said.phone {
        let number = phone_of(text).ok_or(("attempts.phone", Refusal::UnknownPhone))?;
        let entry = draft.account.phones.iter().find(|p| p.number == number);
        let at_work = entry.is_some_and(|p| p.has(Phone::WORK));
        return Ok((ContactKey::phone(number), entry.map(|p| p.person), at_work));
    }
    let Some(address) = &said.address else {
        return Ok((ContactKey::NONE, None, false));
    };
    let emails = draft
        .account
        .extras
        .as_deref()
        .map_or(&[][..], |extras| &extras.emails);
    let entry = emails
        .iter()
        .find(|e| state.strings.get(e.address) == address.as_str());
    Ok((
        ContactKey::address(address_hash(address.as_str())),
        entry.map(|e| e.person),
        false,
    ))
}

fn outcome(said: &AttemptRecord, channel: Channel, inbound: bool) -> Result<Outcome, Refused> {
    match said.outcome {
        Some(Outcome::Pending) => Err(("attempts.outcome", Refusal::Missing)),
        Some(outcome) => Ok(outcome),
        None if !said.conversation_about.is_empty() => Ok(Outcome::Conversation),
        None if channel != Channel::Phone => Ok(Outcome::Sent),
        None if inbound => Ok(Outcome::Dropped),
        None => Err(("attempts.outcome", Refusal::Missing)),
    }
}

fn counted(state: &State, draft: &Draft, said: &AttemptRecord) -> Result<Vec<DebtNo>, Refused> {
    if !said.debts.is_empty() {
        return draft.debts(state, &said.debts);
    }
    let open = draft
        .account
        .debts
        .iter()
        .filter(|d| d.status == AccountStatus::Open);
    let mut open: Vec<DebtNo> = open.map(|d| d.no).collect();
    if open.is_empty() {
        open = draft.account.debts.iter().map(|d| d.no).collect();
    }
    open.sort_unstable();
    open.dedup();
    Ok(open)
}

/// Puts an attempt into the person's ring unless it is there; a known call with another outcome is
/// corrected where it stands.
fn place(
    state: &State,
    draft: &mut Draft,
    person: PersonNo,
    attempt: Attempt,
) -> Result<(), Refused> {
    let (now, max) = (draft.now, draft.attempts_max);
    let number = attempt.contact.as_phone();
    draft.reached.extend(number.map(|number| (number, person)));
    let row = draft.person(state, person)?;
    let talk = |a: &Attempt| a.has(Attempt::TALK_ONLY);
    // What is about to be forgotten is nobody's other report.
    let remembered = |a: &Attempt| i64::from(a.at.0) >= now.0 - ring::REMEMBERED_S;
    let same = |a: &&mut Attempt| {
        remembered(a)
            && talk(a) == talk(&attempt)
            && if attempt.call == 0 {
                (a.at, a.kind, a.contact, a.outcome(), a.debts)
                    == (
                        attempt.at,
                        attempt.kind,
                        attempt.contact,
                        attempt.outcome(),
                        attempt.debts,
                    )
            } else {
                !a.has(Attempt::RESERVED) && a.call == attempt.call
            }
    };
    match row.attempts.iter_mut().find(same) {
        Some(known) => {
            let audit = known.audit;
            *known = Attempt {
                audit,
                at: known.at,
                ..attempt
            };
        }
        None => ring::insert(&mut row.attempts, attempt, now, max),
    }
    Ok(())
}

/// A call reported again without a conversation about other debts had none: what an earlier report
/// said of one goes.
fn forget_talk(
    state: &State,
    draft: &mut Draft,
    person: PersonNo,
    attempt: &Attempt,
) -> Result<(), Refused> {
    if attempt.call != 0 {
        let same = |a: &Attempt| a.has(Attempt::TALK_ONLY) && a.call == attempt.call;
        let row = draft.person(state, person)?;
        row.attempts.retain(|a| !same(a));
    }
    Ok(())
}

/// Uses up what an exception rests on, each of it once: the confirmation of a refusal, the notices
/// that a cease leaves room for. What came after the attempt is not touched.
fn use_up(
    state: &State,
    draft: &mut Draft,
    attempt: &Attempt,
    (said, outcome): (&AttemptRecord, Outcome),
    (person, debts): (PersonNo, &[DebtNo]),
) -> Result<(), Refused> {
    if attempt.has(Attempt::INBOUND | Attempt::WITHDRAWN) {
        return Ok(());
    }
    let at = attempt.at;
    let Some(purpose) = said.purpose else {
        return Ok(());
    };
    if purpose == Purpose::OptOutConfirmation && attempt.contact != ContactKey::NONE {
        let known = draft.contact(state, attempt.contact);
        let refused = known.refused_texts_at();
        if refused.is_set() && refused <= at {
            known.rare().confirmed = true;
        }
        let emails = draft.account.extras.as_deref_mut();
        for email in emails.into_iter().flat_map(|extras| &mut extras.emails) {
            let here = ContactKey::address(email.hash) == attempt.contact;
            email.confirmed |= here && email.opted_out.is_set() && email.opted_out <= at;
        }
    }
    if purpose == Purpose::LocationInformation && outcome == Outcome::Conversation {
        draft.person_extras(state, person)?.location_answered = true;
    }
    // Channels and media share their numbers.
    let medium = attempt.channel().map(Channel::number);
    let (account, consumer) = (draft.no, draft.account.consumer);
    for no in [person, consumer] {
        let Some(extras) = draft.person(state, no)?.extras.as_deref_mut() else {
            continue;
        };
        let concerned =
            |cease: &&mut Cease| cease.received <= at && cease.debts.touches(account, debts);
        let ceases = extras.ceases.iter_mut().filter(concerned);
        match (purpose, medium) {
            (Purpose::NoticeOfRemedy, _) => ceases.for_each(|cease| cease.remedy_used = true),
            (Purpose::TerminateEfforts, _) => {
                ceases.for_each(|cease| cease.terminate_used = true);
            }
            (Purpose::OptOutConfirmation, Some(medium)) => {
                let refused = extras.refused_at.get(usize::from(medium));
                if refused.is_some_and(|refused| refused.is_set() && *refused <= at) {
                    extras.confirmed_media |= 1 << medium;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// What an attempt says besides: an inbound contact, or the answer to one.
fn note(
    state: &State,
    draft: &mut Draft,
    said: &AttemptRecord,
    person: PersonNo,
    at: At,
) -> Result<(), Refused> {
    let kind = match said.channel.unwrap_or(Channel::Phone) {
        Channel::Phone => Some(Inbound::Call),
        Channel::Sms => Some(Inbound::Text),
        Channel::Email => Some(Inbound::Email),
        Channel::Mail => Some(Inbound::Letter),
        Channel::Fax | Channel::InPerson | Channel::Social => None,
    };
    if said.inbound == Some(true)
        && let Some(kind) = kind
    {
        note_inbound(
            &mut draft.person_extras(state, person)?.last_inbound,
            kind,
            at,
        );
    }
    if let Some(answered) = said.in_response_to {
        let known = &mut draft.person_extras(state, person)?.last_inbound;
        if let Some(slot) = known.get_mut(usize::from(answered.number()))
            && slot.at.is_set()
            && slot.at <= at
            && !slot.answered.is_set()
        {
            slot.answered = at;
        }
    }
    Ok(())
}

/// Follows debts that became one: every set that names the old one names the new one.
pub(super) fn merge_debt(state: &mut State, ring: &mut [Attempt], old: DebtNo, new: DebtNo) {
    for attempt in ring {
        if !state.debt_sets.contains(attempt.debts, old) {
            continue;
        }
        let members: Vec<DebtNo> = match attempt.debts.table_index() {
            Some(index) => state.debt_sets.get(index).to_vec(),
            None => vec![old],
        };
        let renamed: Vec<DebtNo> = members
            .into_iter()
            .map(|debt| if debt == old { new } else { debt })
            .collect();
        attempt.debts = if renamed.is_empty() {
            DebtSet::one(new)
        } else {
            state.debt_set(&renamed)
        };
    }
}
