//! Facts that came with an outcome: what they leave out is that of the contact they came with.
//!
//! The row keeps them as they were stated. Completing them looks at nothing but the row and the
//! state before it, so recovery completes them alike.

use super::draft::{Draft, Refused};
use super::state::{State, address_hash};
use super::{facts, facts_contact};
use crate::domain::facts::{At, ContactKey};
use crate::domain::ids::PersonNo;
use crate::domain::outcome::PROMISE_DAYS_DEFAULT;
use crate::domain::phone::PhoneNumber;
use crate::domain::record::{FactKind, FactRecord, Personal};
use crate::domain::time::{CivilDate, UnixSeconds};
use crate::domain::words::{
    AddressStatus, Channel, EscalationKind, Form, Inbound, Medium, PartyRole,
};

/// The contact that facts came with.
#[derive(Debug, Clone)]
pub(super) struct Around {
    pub(super) channel: Channel,
    pub(super) phone: Option<PhoneNumber>,
    pub(super) address: Option<Box<str>>,
    pub(super) at: At,
}

impl Around {
    /// Whether it goes to a number.
    fn to_number(&self) -> bool {
        matches!(self.channel, Channel::Phone | Channel::Sms | Channel::Fax)
    }
}

/// Applies the facts to an account's draft, as far as there is something they can be about.
pub(super) fn apply(
    state: &mut State,
    draft: &mut Draft,
    (around, person): (&Around, PersonNo),
    stated: &[FactRecord],
) -> Result<(), Refused> {
    // Facts take the consumer where nobody is named; the contact may have been with another.
    let named = state.persons.get(person.0).map(|row| row.id);
    let named = named.filter(|id| id.is_some() && person != draft.account.consumer);
    let named = named.map(|id| Personal::from(state.strings.get(id)));
    for fact in stated {
        let Some(mut fact) = completed(fact, around) else {
            continue;
        };
        fact.person_id = fact.person_id.or_else(|| named.clone());
        let teller = match fact.fact {
            Some(kind) if of_the_consumer(kind) => teller(state, draft, &fact)?,
            _ => PartyRole::Consumer,
        };
        let by_another = !matches!(teller, PartyRole::Consumer | PartyRole::CoDebtor);
        let of_a_client = teller == PartyRole::Attorney;
        if by_another && (of_a_client || fact.fact.is_some_and(never_of_the_teller)) {
            fact.person_id = None;
        }
        match fact.fact {
            Some(FactKind::WrongNumber) => wrong(state, draft, &fact, person, around)?,
            // Nothing of the account's to withdraw it from: it binds the number or address itself.
            Some(FactKind::Revocation) if !on_file(state, draft, around) => {
                let key = facts_contact::key(&fact)?;
                let at = facts::effective(draft, &fact);
                let known = draft.contact(state, key);
                facts_contact::refuse(known, FactKind::Revocation, &fact, (at, true));
                draft.restricts = true;
            }
            Some(FactKind::Promise) if stands_longer(draft, &fact) => {}
            _ => facts::apply(state, draft, &fact)?,
        }
        if by_another && fact.person_id.take().is_some() {
            facts::apply(state, draft, &fact)?;
        }
    }
    draft.bounds()
}

/// News of the consumer, whoever tells it: an attorney whose client went bankrupt, a widow.
fn of_the_consumer(kind: FactKind) -> bool {
    matches!(
        kind,
        FactKind::Attorney
            | FactKind::Bankruptcy
            | FactKind::Cease
            | FactKind::Deceased
            | FactKind::Military
            | FactKind::Minor
    )
}

/// What nobody says of themselves to a collector who asks for the consumer: a widow is alive, a parent of
/// age, and they are whom the law leaves to speak with (12 CFR 1006.6(a)(2), (4)).
fn never_of_the_teller(kind: FactKind) -> bool {
    matches!(kind, FactKind::Deceased | FactKind::Minor)
}

/// As whom somebody told it. The consumer and co-debtors each speak for themselves, an attorney for the
/// client alone.
fn teller(state: &State, draft: &Draft, fact: &FactRecord) -> Result<PartyRole, Refused> {
    let person = draft.party(state, fact.person_id.as_ref())?;
    if person == draft.account.consumer {
        return Ok(PartyRole::Consumer);
    }
    let extras = draft.account.extras.as_deref();
    let parties = extras.map_or(&[][..], |extras| &extras.parties);
    let party = parties.iter().find(|party| party.person == person);
    Ok(party.map_or(PartyRole::Unknown, |party| party.role))
}

/// Reports come late and twice: none of them shortens a promise, which only blocks.
fn stands_longer(draft: &Draft, fact: &FactRecord) -> bool {
    let known = draft.account.extras.as_deref();
    let known = known.and_then(|extras| extras.promise.as_ref());
    known.is_some_and(|known| fact.until_date.is_none_or(|said| known.until >= said))
}

/// What stands in for a request that an account has no room for: somebody has to look.
pub(super) fn for_a_supervisor() -> FactRecord {
    FactRecord {
        fact: Some(FactKind::Escalation),
        escalation: Some(EscalationKind::SupervisorReview),
        ..FactRecord::default()
    }
}

/// A fact with what it left out; `None` when the contact has nothing it could be about.
pub(super) fn completed(fact: &FactRecord, around: &Around) -> Option<FactRecord> {
    let mut fact = fact.clone();
    fact.at = fact.at.or_else(|| around.at.get());
    let medium = Medium::from_number(around.channel.number());
    let aloud = matches!(around.channel, Channel::Phone | Channel::InPerson);
    match fact.fact? {
        // What was asked aloud refuses no medium of writing.
        FactKind::MediumOptOut if fact.form == Some(Form::Oral) && !aloud => return None,
        FactKind::MediumOptOut => fact.medium = fact.medium.or(medium),
        FactKind::DoNotCall => {
            let number = around.phone.filter(|_| around.channel == Channel::Phone)?;
            fact.phone = Some(spelt(number));
        }
        FactKind::WrongNumber => fact.phone = Some(spelt(around.phone?)),
        FactKind::ContactOptOut | FactKind::Revocation => {
            if around.to_number() || fact.medium == Some(Medium::Texts) {
                fact.phone = Some(spelt(around.phone?));
                if fact.fact == Some(FactKind::ContactOptOut) {
                    fact.medium = fact.medium.or(medium);
                }
            } else {
                fact.address = Some(Personal(around.address.clone()?));
            }
        }
        FactKind::Cease | FactKind::Attorney | FactKind::Dispute => {
            let form = if aloud { Form::Oral } else { Form::Written };
            fact.form = fact.form.or(Some(form));
        }
        FactKind::Promise if fact.until_date.is_none() => {
            fact.until_date = Some(last_day(around.at));
        }
        _ => {}
    }
    Some(fact)
}

/// Binds what can be bound when nobody knows whose it was: the number, the address.
pub(super) fn of_contact(fact: &FactRecord) -> bool {
    matches!(
        fact.fact,
        Some(
            FactKind::DoNotCall
                | FactKind::ContactOptOut
                | FactKind::Revocation
                | FactKind::WrongNumber
        )
    )
}

/// A number learnt to be wrong: for whoever the file gives it, and for the person called.
fn wrong(
    state: &State,
    draft: &mut Draft,
    fact: &FactRecord,
    person: PersonNo,
    around: &Around,
) -> Result<(), Refused> {
    let Some(number) = around.phone else {
        return Ok(());
    };
    let mut owners = vec![person];
    if fact.person_id.is_none() {
        let here = draft.account.phones.iter().filter(|p| p.number == number);
        owners.extend(here.map(|p| p.person).filter(|p| *p != person));
    }
    for owner in owners {
        facts_contact::note_wrong(state, draft, number, owner, true)?;
    }
    Ok(())
}

/// The address takes nothing any more: the one e-mailed, or the one on file for post.
pub(super) fn unusable(state: &State, draft: &mut Draft, around: &Around) {
    draft.restricts = true;
    match around.channel {
        Channel::Mail if draft.account.address == AddressStatus::OnFile => {
            draft.account.address = AddressStatus::Returned;
        }
        Channel::Email | Channel::Social => {
            let extras = draft.account.extras.as_deref_mut();
            let emails = extras.into_iter().flat_map(|extras| &mut extras.emails);
            let here = around.address.as_deref();
            for email in emails.filter(|e| Some(state.strings.get(e.address)) == here) {
                email.wrong = true;
            }
        }
        _ => {}
    }
}

/// What the consumer started, as the kind a reply may answer.
pub(super) fn inbound(channel: Channel) -> Option<Inbound> {
    match channel {
        Channel::Phone => Some(Inbound::Call),
        Channel::Sms => Some(Inbound::Text),
        Channel::Email => Some(Inbound::Email),
        Channel::Mail => Some(Inbound::Letter),
        Channel::Fax | Channel::InPerson | Channel::Social => None,
    }
}

/// The address of a contact point that is kept as its hash.
pub(super) fn address_of(
    state: &State,
    account: &crate::domain::facts::Account,
    contact: ContactKey,
) -> Option<Box<str>> {
    let emails = &account.extras.as_deref()?.emails;
    let email = emails
        .iter()
        .find(|e| ContactKey::address(e.hash) == contact)?;
    Some(state.strings.get(email.address).into())
}

/// A contact point as said.
pub(super) fn key(phone: Option<PhoneNumber>, email: Option<&str>) -> ContactKey {
    match (phone, email) {
        (Some(number), _) => ContactKey::phone(number),
        (None, Some(address)) => ContactKey::address(address_hash(address)),
        (None, None) => ContactKey::NONE,
    }
}

fn on_file(state: &State, draft: &Draft, around: &Around) -> bool {
    if around.to_number() {
        let phones = &draft.account.phones;
        return around
            .phone
            .is_some_and(|number| phones.iter().any(|p| p.number == number));
    }
    let emails = draft
        .account
        .extras
        .as_deref()
        .map_or(&[][..], |extras| &extras.emails);
    let here = around.address.as_deref();
    emails
        .iter()
        .any(|e| Some(state.strings.get(e.address)) == here)
}

fn spelt(number: PhoneNumber) -> Personal {
    Personal::from(number.e164().as_str())
}

/// The last day of a promise without one, counted from the day in UTC: what is too long by some
/// hours only blocks.
fn last_day(at: At) -> CivilDate {
    let at = at.get().unwrap_or(UnixSeconds(0));
    let days = at.0.div_euclid(86_400) + i64::from(PROMISE_DAYS_DEFAULT);
    CivilDate::from_days_clamped(days)
}
