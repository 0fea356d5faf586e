//! Applying an account's record: its own fields, parties, contact points, debts; then facts and
//! attempts in their own files.

use super::case::debt_is;
use super::commands::Refusal;
use super::draft::{Draft, Refused};
use super::state::{State, address_hash};
use crate::domain::facts::{At, ContactKey, Debt, Email, Party, Phone};
use crate::domain::ids::{PersonNo, Sym};
use crate::domain::record::{
    AccountRecord, AttemptRecord, DebtRecord, EmailRecord, PartyRecord, PhoneRecord, phone_of,
};
use crate::domain::words::{AccountStatus, AddressStatus, DebtKind, PlaceKind};

/// Applies a whole record to its draft.
pub(super) fn apply(
    state: &mut State,
    draft: &mut Draft,
    record: &AccountRecord,
) -> Result<(), Refused> {
    draft.reason = record.reason.is_some();
    own_fields(state, draft, record)?;
    for party in &record.parties {
        apply_party(state, draft, party)?;
    }
    for debt in &record.debts {
        apply_debt(state, draft, debt)?;
    }
    if draft.account.debts.is_empty() {
        let no = draft.next_debt();
        let status = AccountStatus::Open;
        draft.account.debts.push(Debt {
            id: Sym::NONE,
            no,
            status,
            kind: DebtKind::Unknown,
        });
    }
    for phone in &record.phones {
        apply_phone(state, draft, phone)?;
    }
    for email in &record.emails {
        apply_email(state, draft, email)?;
    }
    for fact in &record.facts {
        super::facts::apply(state, draft, fact)?;
    }
    // An answer is recognised only after what it answers.
    let mut attempts: Vec<&AttemptRecord> = record.attempts.iter().collect();
    attempts.sort_by_key(|attempt| attempt.at);
    for attempt in attempts {
        super::history::apply(state, draft, attempt)?;
    }
    draft.bounds()?;
    super::sharers::list(state, draft);
    Ok(())
}

fn own_fields(state: &mut State, draft: &mut Draft, record: &AccountRecord) -> Result<(), Refused> {
    if let Some(status) = record.status {
        reopen(draft, draft.account.status, status)?;
        draft.account.status = status;
    }
    let account = &mut draft.account;
    account.role = record.collector_role.or(account.role);
    account.state = record.state.or(account.state);
    if let Some(name) = &record.creditor {
        account.creditor = state.name(name.as_str());
    }
    if let Some(name) = &record.portfolio {
        account.portfolio = state.name(name.as_str());
    }
    if let Some(zip) = &record.zip {
        let zip = crate::domain::place::Zip5::parse(zip.as_str());
        account.zip = zip.ok_or(("zip", Refusal::Missing))?.number();
        if account.address == AddressStatus::None && draft.new {
            account.address = AddressStatus::OnFile;
        }
    }
    account.address = record.address.unwrap_or(account.address);
    if let (Some(id), false) = (&record.person_id, draft.new) {
        relink(state, draft, id.as_str())?;
    }
    Ok(())
}

/// Opening what was closed lifts a restriction.
fn reopen(draft: &Draft, was: AccountStatus, is: AccountStatus) -> Result<(), Refused> {
    if is == AccountStatus::Open && was != AccountStatus::Open && !draft.new {
        draft.may_lift(false)?;
    }
    Ok(())
}

/// Names the consumer of an account that named none, or joins it with the person called so: their
/// attempts become one history.
fn relink(state: &mut State, draft: &mut Draft, id: &str) -> Result<(), Refused> {
    let old = draft.account.consumer;
    let name = draft.person(state, old)?.id;
    if name.is_some() {
        let same = state.strings.get(name) == id;
        return if same {
            Ok(())
        } else {
            Err(("person_id", Refusal::Conflict))
        };
    }
    let new = draft.person_or_new(state, id);
    let attempts = std::mem::take(&mut draft.person(state, old)?.attempts);
    let extras = draft.person(state, old)?.extras.take();
    let (now, max) = (draft.now, draft.attempts_max);
    let row = draft.person(state, new)?;
    let called: Vec<_> = attempts.iter().map(|a| a.contact.as_phone()).collect();
    for attempt in attempts {
        super::ring::insert(&mut row.attempts, attempt, now, max);
    }
    if row.extras.is_some() && extras.is_some() {
        // Two sets of stated wishes cannot be joined without guessing.
        return Err(("person_id", Refusal::Conflict));
    }
    row.extras = row.extras.take().or(extras);
    draft.account.consumer = new;
    draft.joined = Some(old);
    let called = called.into_iter().flatten();
    draft.reached.extend(called.map(|number| (number, new)));
    let mut wrong = Vec::new();
    for phone in draft.account.phones.iter_mut().filter(|p| p.person == old) {
        phone.person = new;
        draft.reached.push((phone.number, new));
        wrong.extend(phone.has(Phone::WRONG).then_some(phone.number));
    }
    for number in wrong {
        let known = &mut draft
            .contact(state, ContactKey::phone(number))
            .rare()
            .wrong_for;
        if !known.contains(&new) {
            known.push(new);
        }
    }
    let emails = draft
        .account
        .extras
        .iter_mut()
        .flat_map(|extras| extras.emails.iter_mut());
    for email in emails.filter(|e| e.person == old) {
        email.person = new;
    }
    Ok(())
}

fn apply_party(state: &mut State, draft: &mut Draft, said: &PartyRecord) -> Result<(), Refused> {
    let id = said
        .person_id
        .as_ref()
        .ok_or(("parties.person_id", Refusal::Missing))?;
    let role = said.role.ok_or(("parties.role", Refusal::Missing))?;
    let person = draft.person_or_new(state, id.as_str());
    if person == draft.account.consumer {
        return Err(("parties.person_id", Refusal::Conflict));
    }
    let parties = &mut draft.extras().parties;
    match parties.iter_mut().find(|party| party.person == person) {
        Some(party) => {
            party.role = role;
            party.authorised = said.authorised.unwrap_or(party.authorised);
            party.employer = said.employer.or(party.employer);
        }
        None => {
            parties.push(Party {
                person,
                role,
                authorised: said.authorised.unwrap_or(false),
                employer: said.employer,
            });
        }
    }
    Ok(())
}

fn apply_debt(state: &mut State, draft: &mut Draft, said: &DebtRecord) -> Result<(), Refused> {
    let id = said
        .debt_id
        .as_ref()
        .ok_or(("debts.debt_id", Refusal::Missing))?
        .as_str();
    let known = |d: &Debt| debt_is(state, &draft.account, d.id, id);
    let at = if let Some(at) = draft.account.debts.iter().position(known) {
        at
    } else {
        let no = draft.next_debt();
        let name = if id == state.strings.get(draft.account.id) {
            Sym::NONE
        } else {
            state.keep(id)
        };
        let status = AccountStatus::Open;
        draft.account.debts.push(Debt {
            id: name,
            no,
            status,
            kind: DebtKind::Unknown,
        });
        draft.account.debts.len() - 1
    };
    let Some(mut debt) = draft.account.debts.get(at).copied() else {
        return Ok(());
    };
    if let Some(status) = said.status {
        reopen(draft, debt.status, status)?;
        debt.status = status;
    }
    debt.kind = said.kind.unwrap_or(debt.kind);
    if let Some(group) = &said.group {
        let drafted = draft
            .groups
            .iter()
            .find(|(name, _)| **name == *group.as_str());
        let shared = state.known_group(draft.tenant, group.as_str());
        let shared = shared.or_else(|| drafted.map(|(_, no)| *no));
        // A debt that is already one with others cannot become one with yet others: whose calls
        // would be counted together, nobody could say.
        if shared != Some(debt.no) && draft.is_grouped(state, debt.no) {
            return Err(("debts.group", Refusal::Conflict));
        }
        match shared {
            Some(no) if no != debt.no => {
                draft.merged_debts.push((debt.no, no));
                debt.no = no;
                draft.everybody(state)?;
            }
            Some(_) => {}
            None => draft.groups.push((group.as_str().into(), debt.no)),
        }
    }
    if let Some(slot) = draft.account.debts.get_mut(at) {
        *slot = debt;
    }
    Ok(())
}

fn apply_phone(state: &mut State, draft: &mut Draft, said: &PhoneRecord) -> Result<(), Refused> {
    let text = said
        .number
        .as_ref()
        .ok_or(("phones.number", Refusal::Missing))?;
    let number = phone_of(text).ok_or(("phones.number", Refusal::UnknownPhone))?;
    let person = owner(state, draft, said.person_id.as_ref())?;
    let same = |p: &Phone| p.number == number && (said.person_id.is_none() || p.person == person);
    let at = draft
        .account
        .phones
        .iter()
        .position(same)
        .unwrap_or_else(|| {
            draft.account.phones.push(Phone::of(number, person));
            draft.reached.push((number, person));
            draft.account.phones.len() - 1
        });
    let Some(mut phone) = draft.account.phones.get(at).cloned() else {
        return Ok(());
    };
    phone.line_type = said.line_type.unwrap_or(phone.line_type);
    if let Some(place) = said.place {
        phone.set(Phone::WORK, place == PlaceKind::Employment);
        phone.set(Phone::HOME, place == PlaceKind::Home);
    }
    if let Some(personal) = said.personal {
        phone.set(Phone::PERSONAL, personal);
    }
    let was_wrong = phone.has(Phone::WRONG);
    // Whoever the file says it belongs to, when the record does not.
    let person = phone.person;
    if let Some(slot) = draft.account.phones.get_mut(at) {
        *slot = phone;
    }
    match said.wrong {
        Some(true) if !was_wrong => super::facts_contact::mark_wrong(state, draft, number, person),
        Some(false) if was_wrong => {
            draft.may_lift(false)?;
            super::facts_contact::unmark_wrong(state, draft, number, person)
        }
        _ => Ok(()),
    }
}

fn apply_email(state: &mut State, draft: &mut Draft, said: &EmailRecord) -> Result<(), Refused> {
    let text = said
        .address
        .as_ref()
        .ok_or(("emails.address", Refusal::Missing))?
        .as_str();
    let person = owner(state, draft, said.person_id.as_ref())?;
    let hash = address_hash(text);
    let emails = draft
        .account
        .extras
        .as_deref()
        .map_or(&[][..], |extras| &extras.emails);
    let known = emails
        .iter()
        .position(|e| e.hash == hash && state.strings.get(e.address) == text);
    let at = if let Some(at) = known {
        at
    } else {
        let address = state.keep(text);
        let emails = &mut draft.extras().emails;
        emails.push(Email::of(address, hash, person));
        emails.len() - 1
    };
    let was_wrong = draft.extras().emails.get(at).is_some_and(|e| e.wrong);
    if said.wrong == Some(false) && was_wrong {
        draft.may_lift(false)?;
    }
    if let Some(email) = draft.extras().emails.get_mut(at) {
        email.wrong = said.wrong.unwrap_or(email.wrong);
        email.employer_provided = said.employer_provided.unwrap_or(email.employer_provided);
        email.from_consumer = said.from_consumer.unwrap_or(email.from_consumer);
    }
    // A refusal that came before the address was on file binds it now.
    if draft.contact(state, ContactKey::address(hash)).flags & super::facts_contact::NO_EMAIL != 0
        && let Some(email) = draft.extras().emails.get_mut(at)
        && !email.opted_out.is_set()
    {
        email.opted_out = At(1);
    }
    Ok(())
}

fn owner(
    state: &mut State,
    draft: &mut Draft,
    id: Option<&crate::domain::record::Personal>,
) -> Result<PersonNo, Refused> {
    draft.party(state, id)
}

/// Sets or clears a flag bit.
pub(super) fn with(flags: u8, bit: u8, on: bool) -> u8 {
    if on { flags | bit } else { flags & !bit }
}
