//! Facts about numbers and addresses: refusals, consents, checks, what the consumer used.

use super::commands::Refusal;
use super::draft::{Draft, Refused};
use super::facts::{effective, newer, newest_come};
use super::state::{State, address_hash};
use crate::domain::facts::{
    At, Consent, ConsentTo, ContactKey, Email, LastInbound, NumberFacts, Phone, WrittenConsent,
};
use crate::domain::ids::PersonNo;
use crate::domain::phone::PhoneNumber;
use crate::domain::record::{FactKind, FactRecord, phone_of};
use crate::domain::words::{ConsentKind, GivenTo, Inbound, Medium, Outcome};

/// The flag of a refused address.
pub(super) const NO_EMAIL: u8 = NumberFacts::NO_EMAIL;

/// Applies one of an account.
pub(super) fn apply(
    state: &mut State,
    draft: &mut Draft,
    kind: FactKind,
    fact: &FactRecord,
) -> Result<(), Refused> {
    let at = effective(draft, fact);
    let on = fact.lifted != Some(true);
    let number = number(fact)?;
    match kind {
        FactKind::ContactOptOut | FactKind::DoNotCall => {
            let key = key(fact)?;
            refuse(draft.contact(state, key), kind, fact, (at, on));
            let now = At::of(draft.now);
            if let Some(email) = email(state, draft, fact) {
                forget_ahead(email, if on { now } else { At(u32::MAX) });
                email.opted_out = match (on, email.opted_out.is_set()) {
                    (false, _) => At::NEVER,
                    (true, false) => at,
                    (true, true) => email.opted_out,
                };
                if on && email.opted_out == at {
                    email.confirmed = false;
                }
            }
            Ok(())
        }
        FactKind::Consent => consent(state, draft, fact, number, at),
        FactKind::Revocation => revocation(state, draft, fact, number, at),
        FactKind::Inbound => inbound(state, draft, fact, number, at),
        FactKind::NumberCheck => {
            let number = number.ok_or(("phone", Refusal::Missing))?;
            let now = At::of(draft.now);
            let mut found = false;
            for phone in draft.phones(number)? {
                found |= check(phone, fact, at, now);
            }
            if found {
                // Whoever else has it on file spoke of the number before it was somebody else's.
                let rare = draft.contact(state, ContactKey::phone(number)).rare();
                newer(&mut rare.reassigned_at, at);
            }
            Ok(())
        }
        FactKind::WrongNumber => {
            let number = number.ok_or(("phone", Refusal::Missing))?;
            for person in owners(state, draft, fact, number)? {
                set_wrong(state, draft, number, person, on)?;
            }
            Ok(())
        }
        FactKind::EmailProcedure => procedure(state, draft, fact),
        _ => Ok(()),
    }
}

/// The newest check decides, of two at once the worse; one without an instant never undoes another,
/// nor does one that has not been made yet. Whether it found the number reassigned, as news.
fn check(phone: &mut Phone, fact: &FactRecord, at: At, now: At) -> bool {
    let was = phone.has(Phone::REASSIGNED);
    if fact.reassigned == Some(true) {
        // Said again without an instant it says nothing new.
        let news = fact.at.is_some() || !was;
        let known = phone.dates().checked;
        let stale = at < known && (was || known <= now);
        if news && !stale {
            phone.dates_mut().checked = at;
            phone.set(Phone::REASSIGNED, true);
        }
        return news && !stale;
    }
    if !was {
        fresh(&mut phone.dates_mut().checked, fact, (at, now));
    } else if fact.at.is_some() && at > phone.dates().checked && at <= now {
        phone.dates_mut().checked = at;
        phone.set(Phone::REASSIGNED, false);
    }
    false
}

/// For whom a number is found wrong: the person named, else everybody the account's file gives it.
fn owners(
    state: &State,
    draft: &mut Draft,
    fact: &FactRecord,
    number: PhoneNumber,
) -> Result<Vec<PersonNo>, Refused> {
    if fact.person_id.is_some() {
        return Ok(vec![draft.party(state, fact.person_id.as_ref())?]);
    }
    let entries = draft.phones(number)?;
    Ok(entries.into_iter().map(|phone| phone.person).collect())
}

/// The contact point a fact names.
pub(super) fn key(fact: &FactRecord) -> Result<ContactKey, Refused> {
    if let Some(number) = number(fact)? {
        return Ok(ContactKey::phone(number));
    }
    let address = fact.address.as_ref().ok_or(("phone", Refusal::Missing))?;
    Ok(ContactKey::address(address_hash(address.as_str())))
}

fn number(fact: &FactRecord) -> Result<Option<PhoneNumber>, Refused> {
    match &fact.phone {
        None => Ok(None),
        Some(text) => phone_of(text)
            .map(Some)
            .ok_or(("phone", Refusal::UnknownPhone)),
    }
}

/// A refusal of a number or address, for every account of the tenant.
pub(super) fn refuse(
    known: &mut NumberFacts,
    kind: FactKind,
    fact: &FactRecord,
    (at, on): (At, bool),
) {
    let mut bits = match (kind, fact.medium) {
        (FactKind::DoNotCall, _) => NumberFacts::DO_NOT_CALL,
        _ if fact.address.is_some() => NO_EMAIL,
        (_, Some(Medium::Calls)) => NumberFacts::NO_CALLS,
        (_, Some(Medium::Texts)) => NumberFacts::NO_TEXTS,
        (_, Some(Medium::Fax)) => NumberFacts::NO_FAX,
        _ => NumberFacts::NO_CALLS | NumberFacts::NO_TEXTS,
    };
    if kind == FactKind::Revocation && fact.address.is_none() {
        // A revocation for the whole tenant binds as a refusal: the wider reading.
        let texts = fact.consent.is_empty() || fact.consent.contains(&ConsentKind::Text);
        let calls = fact.consent.is_empty()
            || fact
                .consent
                .iter()
                .any(|k| *k != ConsentKind::Text && *k != ConsentKind::Email);
        bits = if texts { NumberFacts::NO_TEXTS } else { 0 };
        bits |= if calls { NumberFacts::NO_CALLS } else { 0 };
    }
    let news = bits & !known.flags;
    let before = known.listing();
    known.flags = super::record::with(known.flags, bits, on);
    if kind == FactKind::DoNotCall {
        known.do_not_call_until = if on {
            listed_until(before, fact.until.map_or(At::NEVER, At::of))
        } else {
            At::NEVER
        };
    }
    if bits & (NumberFacts::NO_TEXTS | NO_EMAIL) != 0 {
        if !on {
            if let Some(rare) = &mut known.rare {
                rare.refused_texts_at = At::NEVER;
            }
        } else if news != 0 || (fact.at.is_some() && at > known.refused_texts_at()) {
            let rare = known.rare();
            rare.refused_texts_at = at;
            rare.confirmed = false;
        }
    }
}

/// When a number that is put on the do-not-call list is off it again. One that is listed already stays
/// for as long as either says: a second, shorter listing lifts nothing.
fn listed_until((listed, known): (bool, At), said: At) -> At {
    match (listed, known, said) {
        (false, _, _) => said,
        (true, At::NEVER, _) | (true, _, At::NEVER) => At::NEVER,
        (true, known, said) => known.max(said),
    }
}

fn email<'d>(state: &State, draft: &'d mut Draft, fact: &FactRecord) -> Option<&'d mut Email> {
    let address = fact.address.as_ref()?;
    let strings = &state.strings;
    let same = |e: &&mut Email| strings.get(e.address) == address.as_str();
    let extras = draft.account.extras.as_deref_mut()?;
    extras.emails.iter_mut().find(same)
}

fn consent(
    state: &State,
    draft: &mut Draft,
    fact: &FactRecord,
    number: Option<PhoneNumber>,
    at: At,
) -> Result<(), Refused> {
    let direct = fact.given_to == Some(GivenTo::Collector);
    let written = fact.written == Some(true);
    let dated = fact.at.is_some();
    let now = At::of(draft.now);
    if let Some(number) = number {
        // A consent to texts is one only if it was given to this collector.
        let counts = |to: &&ConsentTo| direct || **to != ConsentTo::Texts;
        let given = || {
            fact.consent
                .iter()
                .flat_map(|kind| media(*kind))
                .filter(counts)
        };
        for phone in draft.phones(number)? {
            for to in given() {
                let mut known = phone.consent(*to);
                known.give(at, dated, now);
                phone.set_consent(*to, known);
            }
        }
        if written && direct {
            in_writing(draft, number).give(at, dated, now);
        }
        return Ok(());
    }
    let email = email(state, draft, fact).ok_or(("address", Refusal::UnknownEmail))?;
    let refused = email.opted_out;
    // What restores is dated after the refusal, and has come.
    let after = !refused.is_set() || (dated && at > refused && at <= now);
    if direct && after {
        // Consent is per medium: one to a social network is none to e-mail.
        let social = fact.consent.contains(&ConsentKind::Social);
        let mail = fact.consent.iter().any(|kind| *kind != ConsentKind::Social);
        for (given, known) in [
            (social, &mut email.social_consent),
            (mail, &mut email.consent),
            (mail && written, &mut email.written_consent),
        ] {
            if given {
                known.give(at, dated, now);
            }
        }
    }
    Ok(())
}

/// What a kind of consent to a number permits; whoever takes recordings takes machines.
fn media(kind: ConsentKind) -> &'static [ConsentTo] {
    match kind {
        ConsentKind::Text => &[ConsentTo::Texts],
        ConsentKind::Prerecorded => &[ConsentTo::Calls, ConsentTo::Recordings],
        _ => &[ConsentTo::Calls],
    }
}

/// The consent in writing to a number.
fn in_writing(draft: &mut Draft, number: PhoneNumber) -> &mut Consent {
    let known = &mut draft.extras().written_consents;
    let at = known.iter().position(|written| written.number == number);
    let at = at.unwrap_or_else(|| {
        let consent = Consent::default();
        known.push(WrittenConsent { number, consent });
        known.len() - 1
    });
    // The entry was found or pushed just now.
    #[expect(
        clippy::indexing_slicing,
        reason = "position of an entry found or pushed above"
    )]
    &mut known[at].consent
}

fn revocation(
    state: &State,
    draft: &mut Draft,
    fact: &FactRecord,
    number: Option<PhoneNumber>,
    at: At,
) -> Result<(), Refused> {
    let covers = |kind| fact.consent.is_empty() || fact.consent.contains(&kind);
    let dated = fact.at.is_some();
    let now = At::of(draft.now);
    if let Some(number) = number {
        let calls = covers(ConsentKind::Autodialed) || covers(ConsentKind::Prerecorded);
        let texts = covers(ConsentKind::Text);
        let mut owners = Vec::new();
        for phone in draft.phones(number)? {
            owners.push(phone.person);
            let media = [
                (calls, ConsentTo::Calls),
                (calls, ConsentTo::Recordings),
                (texts, ConsentTo::Texts),
            ];
            for (_, to) in media.into_iter().filter(|(covered, _)| *covered) {
                let mut known = phone.consent(to);
                known.revoke(at, dated, now);
                phone.set_consent(to, known);
            }
            if texts && phone.has(Phone::TEXT_REVOKED) {
                let known = phone.dates_mut();
                known.inbound_text = known.inbound_text.min(at);
            }
        }
        in_writing(draft, number).revoke(at, dated, now);
        if calls || texts {
            for person in owners {
                let stopped = &mut draft.person_extras(state, person)?.stopped_at;
                if dated || !stopped.is_set() {
                    newer(stopped, at);
                }
            }
        }
        return Ok(());
    }
    let email = email(state, draft, fact).ok_or(("address", Refusal::UnknownEmail))?;
    email.social_consent.revoke(at, dated, now);
    if fact.consent.iter().all(|kind| *kind == ConsentKind::Social) && !fact.consent.is_empty() {
        return Ok(());
    }
    email.consent.revoke(at, dated, now);
    email.written_consent.revoke(at, dated, now);
    if !email.opted_out.is_set() || (dated && at > email.opted_out) {
        email.opted_out = at;
        email.confirmed = false;
    }
    Ok(())
}

/// A consent dated ahead does not outlive a refusal that comes before it.
fn forget_ahead(email: &mut Email, now: At) {
    for known in [
        &mut email.consent,
        &mut email.written_consent,
        &mut email.social_consent,
    ] {
        if !known.revoked && known.at > now {
            *known = Consent::default();
        }
    }
}

fn inbound(
    state: &State,
    draft: &mut Draft,
    fact: &FactRecord,
    number: Option<PhoneNumber>,
    at: At,
) -> Result<(), Refused> {
    let kind = fact.inbound.ok_or(("inbound", Refusal::Missing))?;
    let now = At::of(draft.now);
    if let (Some(number), Inbound::Text) = (number, kind) {
        for phone in draft.phones(number)? {
            fresh(&mut phone.dates_mut().inbound_text, fact, (at, now));
        }
    }
    if kind == Inbound::Email
        && let Some(email) = email(state, draft, fact)
    {
        fresh(&mut email.used, fact, (at, now));
    }
    let person = draft.party(state, fact.person_id.as_ref())?;
    let known = &mut draft.person_extras(state, person)?.last_inbound;
    let Some(slot) = known.get_mut(usize::from(kind.number())) else {
        return Ok(());
    };
    if at > now && slot.at.is_set() && slot.at <= now {
        return Ok(());
    }
    if slot.at > now && at <= now {
        *slot = LastInbound::default();
    }
    let told = slot.at.is_set();
    if fact.at.is_some() || !told {
        note_inbound(known, kind, at);
    }
    Ok(())
}

/// Takes the newer instant that has come. A statement without one says nothing new where one is known:
/// said again it must not renew what the consumer did or a check found.
fn fresh(known: &mut At, fact: &FactRecord, (at, now): (At, At)) {
    if fact.at.is_some() || !known.is_set() {
        newest_come(known, at, now);
    }
}

/// Keeps the newest inbound of a kind; a newer one may be answered again.
pub(super) fn note_inbound(known: &mut [LastInbound; 4], kind: Inbound, at: At) {
    if let Some(slot) = known.get_mut(usize::from(kind.number()))
        && at > slot.at
    {
        *slot = LastInbound {
            at,
            answered: At::NEVER,
        };
    }
}

fn procedure(state: &State, draft: &mut Draft, fact: &FactRecord) -> Result<(), Refused> {
    let (opted_at, now) = (effective(draft, fact), At::of(draft.now));
    let email = email(state, draft, fact).ok_or(("address", Refusal::UnknownEmail))?;
    if let Some(sent) = fact.creditor_notice {
        email.creditor_notice = At::of(sent);
    }
    let prior = &mut email.prior;
    prior.obtained_properly = fact.obtained_properly.unwrap_or(prior.obtained_properly);
    prior.immediately_prior_used = fact
        .immediately_prior_used
        .unwrap_or(prior.immediately_prior_used);
    // An opt-out toward an earlier collector is never undone by its absence.
    prior.opted_out |= fact.opted_out == Some(true);
    if fact.opted_out == Some(true) && !email.opted_out.is_set() {
        email.opted_out = opted_at;
        forget_ahead(email, now);
    }
    Ok(())
}

/// A number found to be somebody else's: flagged here and for the whole tenant, and past calls to
/// it leave the person's counts (comment 14(b)(2)(i)-3).
pub(super) fn mark_wrong(
    state: &State,
    draft: &mut Draft,
    number: PhoneNumber,
    person: PersonNo,
) -> Result<(), Refused> {
    set_wrong(state, draft, number, person, true)
}

/// The opposite, with a reason: the calls count again.
pub(super) fn unmark_wrong(
    state: &State,
    draft: &mut Draft,
    number: PhoneNumber,
    person: PersonNo,
) -> Result<(), Refused> {
    set_wrong(state, draft, number, person, false)
}

fn set_wrong(
    state: &State,
    draft: &mut Draft,
    number: PhoneNumber,
    person: PersonNo,
    wrong: bool,
) -> Result<(), Refused> {
    draft.phones(number)?;
    note_wrong(state, draft, number, person, wrong)
}

/// The same for a number that need not be on the account's file.
pub(super) fn note_wrong(
    state: &State,
    draft: &mut Draft,
    number: PhoneNumber,
    person: PersonNo,
    wrong: bool,
) -> Result<(), Refused> {
    use crate::domain::facts::Attempt;
    draft.restricts = true;
    let here = |p: &&mut Phone| p.number == number && p.person == person;
    for phone in draft.account.phones.iter_mut().filter(here) {
        phone.set(Phone::WRONG, wrong);
    }
    let key = ContactKey::phone(number);
    let known = draft.contact(state, key);
    if let Some(rare) = &mut known.rare {
        rare.wrong_for.retain(|p| *p != person);
    }
    if wrong {
        known.rare().wrong_for.push(person);
    }
    for attempt in &mut draft.person(state, person)?.attempts {
        let to_it = attempt.contact == key && !attempt.has(Attempt::INBOUND);
        if to_it && attempt.outcome() != Outcome::NotDialed {
            attempt.flags = super::record::with(attempt.flags, Attempt::WITHDRAWN, wrong);
        }
    }
    Ok(())
}
