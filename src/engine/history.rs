//! Attempts reported from elsewhere: each counted once, in whatever order they arrive.

use super::call::{Call, News, When, astray, joined, members, sort};
use super::commands::Refusal;
use super::draft::{Draft, Refused};
use super::effect::{Gone, Place, interned, put};
use super::facts_contact::note_inbound;
use super::kin::kin;
use super::report::as_news;
use super::ring;
use super::state::{State, address_hash, call_hash};
use crate::domain::facts::{At, Attempt, Cease, ContactKey, Phone};
use crate::domain::ids::{DebtNo, DebtSet, PersonNo};
use crate::domain::record::{AttemptRecord, phone_of};
use crate::domain::time::UnixSeconds;
use crate::domain::words::{AccountStatus, Action, Channel, Inbound, Outcome, Purpose};

/// What a record says of one attempt, with names looked up.
struct Told {
    person: PersonNo,
    call: Call,
    /// As said; the attempt of a conversation about other debts was answered, and no more.
    outcome: Outcome,
}

/// Applies one. What is too old for any window is not kept; what it used up, or answered, stays so.
pub(super) fn apply(
    state: &mut State,
    draft: &mut Draft,
    said: &AttemptRecord,
) -> Result<(), Refused> {
    let at = said.at.ok_or(("attempts.at", Refusal::Missing))?;
    let old = at.0 < draft.now.0 - ring::REMEMBERED_S;
    // A clock ahead of ours reports the future: it happened by now.
    let at = At::of(at.min(draft.now));
    let told = match read(state, draft, said, at) {
        // Nothing of it would be kept: what it lacks to be counted is no reason to refuse a record.
        Err(_) if old => return Ok(()),
        told => told?,
    };
    if !old {
        place(state, draft, &told)?;
    }
    use_up(state, draft, said, &told)?;
    note(state, draft, said, told.person, at)
}

fn read(state: &State, draft: &Draft, said: &AttemptRecord, at: At) -> Result<Told, Refused> {
    let channel = said.channel.unwrap_or(Channel::Phone);
    let action = said.action_type.unwrap_or_else(|| default_action(channel));
    let (contact, owner, at_work) = contact(state, draft, said)?;
    let person = match (&said.person_id, owner) {
        (None, Some(owner)) => owner,
        (id, _) => draft.party(state, id.as_ref())?,
    };
    let inbound = said.inbound == Some(true);
    let outcome = outcome(said, channel, inbound)?;
    let debts = counted(state, draft, said)?;
    let about = draft.debts(state, &said.conversation_about)?;
    let astray = astray(outcome);
    // Whoever says what was spoken about says that somebody spoke.
    let outcome = if about.is_empty() || astray {
        outcome
    } else {
        Outcome::Conversation
    };
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
    if debts.is_empty() {
        return Err(("attempts.debts", Refusal::UnknownDebt));
    }
    // The conversation was about other debts than the call counts toward: two entries.
    let elsewhere = outcome == Outcome::Conversation && !about.is_empty() && about != debts;
    let main = Attempt {
        at,
        call: said.call_id.as_ref().map_or(0, |id| call_hash(id.as_str())),
        // Interned when it is put in its place.
        debts: DebtSet::one(DebtNo(0)),
        audit: 0,
        contact,
        kind: Attempt::pack_kind(channel, action),
        outcome: if elsewhere { Outcome::Dropped } else { outcome }.number(),
        flags,
    };
    let talk = if elsewhere { about } else { Vec::new() };
    let call = Call { main, debts, talk };
    Ok(Told {
        person,
        call,
        outcome,
    })
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
    let consumer = draft.account.consumer;
    if let Some(text) = &said.phone {
        let number = phone_of(text).ok_or(("attempts.phone", Refusal::UnknownPhone))?;
        let entries = || draft.account.phones.iter().filter(|p| p.number == number);
        let at_work = entries().any(|p| p.has(Phone::WORK));
        let owner = owner_of(entries().map(|p| p.person), consumer);
        return Ok((ContactKey::phone(number), owner, at_work));
    }
    let Some(address) = &said.address else {
        return Ok((ContactKey::NONE, None, false));
    };
    let emails = draft
        .account
        .extras
        .as_deref()
        .map_or(&[][..], |extras| &extras.emails);
    let entries = emails
        .iter()
        .filter(|e| state.strings.get(e.address) == address.as_str());
    Ok((
        ContactKey::address(address_hash(address.as_str())),
        owner_of(entries.map(|e| e.person), consumer),
        false,
    ))
}

/// Whose a contact point is, of those for whom the file has it, when nobody is named: the
/// consumer's, if it is theirs at all.
pub(super) fn owner_of(
    mut owners: impl Iterator<Item = PersonNo>,
    consumer: PersonNo,
) -> Option<PersonNo> {
    let first = owners.next()?;
    let theirs = first == consumer || owners.any(|owner| owner == consumer);
    Some(if theirs { consumer } else { first })
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

/// Puts a contact into the person's ring. One that is there is joined with what is said of it now,
/// as reports are: nobody answers for a record, so it makes no contact count less.
fn place(state: &mut State, draft: &mut Draft, told: &Told) -> Result<(), Refused> {
    let (now, max) = (draft.now, draft.attempts_max);
    let said = &told.call.main;
    let number = said.contact.as_phone();
    draft.reached.extend(number.map(|n| (n, told.person)));
    draft.restricts = true;
    let ours = draft.particular_debts();
    let entries = interned(state, &told.call);
    let ring = &mut draft.person(state, told.person)?.attempts;
    // What is about to be forgotten is nobody's other report.
    let remembered = |a: &Attempt| i64::from(a.at.0) >= now.0 - ring::REMEMBERED_S;
    if said.call == 0 {
        for entry in [Some(entries.0), entries.1].into_iter().flatten() {
            match ring
                .iter_mut()
                .find(|a| remembered(a) && very_same(a, &entry))
            {
                Some(known) => known.flags = both(known.flags, entry.flags),
                None => ring::insert(ring, entry, now, max),
            }
        }
        return Ok(());
    }
    let sets = &state.debt_sets;
    // Two accounts of one person may each have a call of this id.
    let same = |a: &&Attempt| {
        a.call == said.call
            && !a.has(Attempt::RESERVED)
            && remembered(a)
            && sets.meets(a.debts, &ours)
    };
    let (talks, mains): (Vec<Attempt>, Vec<Attempt>) = ring
        .iter()
        .filter(same)
        .partition(|a| a.has(Attempt::TALK_ONLY));
    let Some(known) = mains.first().copied() else {
        ring::insert(ring, entries.0, now, max);
        if let Some(talk) = entries.1 {
            ring::insert(ring, talk, now, max);
        }
        return Ok(());
    };
    let talks = talks.iter().flat_map(|talk| members(state, talk));
    let mut call = as_known(state, known, talks.collect());
    // Debts that became one may have made one call of two.
    for other in mains.iter().skip(1) {
        call = with(&call, &as_known(state, *other, Vec::new()), now);
    }
    let place = Place {
        gone: Some(Gone::of(&known, ours)),
        changed: true,
        call: with(&call, &told.call, now),
    };
    let entries = interned(state, &place.call);
    let ring = &mut draft.person(state, told.person)?.attempts;
    put(ring, &state.debt_sets, &place, entries, (now, max));
    Ok(())
}

/// What is known of a call, before a record says more of it: what it counts toward is not only guessed
/// any more, and none of it is taken back.
fn as_known(state: &State, main: Attempt, talk: Vec<DebtNo>) -> Call {
    Call {
        debts: members(state, &main),
        talk,
        main: Attempt {
            outcome: main.outcome & !Attempt::DEBTS_GUESSED,
            ..main
        },
    }
}

/// A known call with what a record says of it besides. Its instant stays: rows name the call by it.
fn with(known: &Call, said: &Call, now: UnixSeconds) -> Call {
    let news = News {
        when: When::Unsaid,
        ..as_news(said)
    };
    let mut call = joined(known, &news, now).0;
    call.talk.extend(&said.talk);
    sort(&mut call.talk);
    if call.main.contact == ContactKey::NONE {
        call.main.contact = said.main.contact;
    }
    if !said.main.has(Attempt::REPLY) {
        call.main.flags &= !Attempt::REPLY;
    }
    call.main.flags |= said.main.flags & Attempt::LOCATION;
    call
}

/// Whether two attempts without a call id are one.
fn very_same(known: &Attempt, said: &Attempt) -> bool {
    let talk = |a: &Attempt| a.has(Attempt::TALK_ONLY);
    talk(known) == talk(said)
        && (known.at, known.kind, known.contact) == (said.at, said.kind, said.contact)
        && (known.outcome(), known.debts) == (said.outcome(), said.debts)
}

/// Of what was said twice of one attempt: what exempts it only when both say so, what counts it more
/// when either does.
fn both(known: u8, said: u8) -> u8 {
    let exempts = Attempt::INBOUND | Attempt::REPLY;
    let either = (known | said) & !(exempts | Attempt::WITHDRAWN);
    either | known & said & exempts | said & Attempt::WITHDRAWN
}

/// Uses up what an exception rests on, each of it once: the confirmation of a refusal, the notices
/// that a cease leaves room for. What came after the attempt is not touched.
fn use_up(
    state: &State,
    draft: &mut Draft,
    said: &AttemptRecord,
    told: &Told,
) -> Result<(), Refused> {
    let (attempt, debts, person) = (&told.call.main, &told.call.debts, told.person);
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
    if purpose == Purpose::LocationInformation && told.outcome == Outcome::Conversation {
        draft.person_extras(state, person)?.location_answered = true;
    }
    // Channels and media share their numbers.
    let medium = attempt.channel().map(Channel::number);
    let (account, consumer) = (draft.no, draft.account.consumer);
    for no in [person, consumer] {
        let Some(extras) = draft.person(state, no)?.extras.as_deref_mut() else {
            continue;
        };
        let kin = kin(state, account, debts, [Some(&*extras)]);
        let concerned =
            |cease: &&mut Cease| cease.received <= at && cease.debts.reaches(account, &kin, debts);
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
