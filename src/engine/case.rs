//! Putting a case together: whom the contact point belongs to, which debts are asked about.

use super::kin::kin;
use super::state::{State, contact_hash};
use super::tenant::Tenant;
use crate::domain::case::{Case, World};
use crate::domain::facts::{Account, ContactKey, Email, NumberFacts, Person, Phone};
use crate::domain::ids::{AccountNo, DebtNo, PersonNo};
use crate::domain::intent::{Asked, ContactPoint, Intent};
use crate::domain::place::Places;
use crate::domain::time::UnixSeconds;
use crate::domain::words::{AccountStatus, PartyRole};

/// Debts an account holds at most; an intent names at most as many.
pub const DEBTS_MAX: usize = 32;

/// Particular debts on the stack.
#[derive(Debug, Clone)]
pub(super) struct DebtList {
    list: [DebtNo; DEBTS_MAX],
    len: usize,
}

impl Default for DebtList {
    fn default() -> Self {
        Self {
            list: [DebtNo(0); DEBTS_MAX],
            len: 0,
        }
    }
}

impl DebtList {
    /// Adds a debt once.
    pub(super) fn add(&mut self, debt: DebtNo) {
        if self.as_slice().contains(&debt) {
            return;
        }
        if let Some(slot) = self.list.get_mut(self.len) {
            *slot = debt;
            self.len += 1;
        }
    }

    /// The debts.
    pub(super) fn as_slice(&self) -> &[DebtNo] {
        self.list.get(..self.len).unwrap_or_default()
    }
}

/// Who is asked for, about what, through which entry of the account's file.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) account: AccountNo,
    pub(super) person: PersonNo,
    pub(super) phone_slot: Option<usize>,
    pub(super) email_slot: Option<usize>,
    pub(super) contact: ContactKey,
    /// [`contact_hash`] of the contact point; 0 without one.
    pub(super) contact_hash: u64,
    /// The row of what is known of it for the whole tenant.
    pub(super) number: Option<u32>,
    pub(super) debts: DebtList,
    pub(super) account_debts: DebtList,
    unknown_debt: bool,
    closed_debt: bool,
    unknown_person: bool,
    named: Option<PersonNo>,
}

impl Target {
    /// The contact point, when it is on the account's file.
    pub(super) fn filed_contact(&self) -> ContactKey {
        if self.is_filed() {
            self.contact
        } else {
            ContactKey::NONE
        }
    }

    /// What is known of the contact point for the whole tenant, when it is on the account's file.
    pub(super) fn filed_number(&self) -> Option<u32> {
        self.number.filter(|_| self.is_filed())
    }

    fn is_filed(&self) -> bool {
        self.phone_slot.is_some() || self.email_slot.is_some()
    }
}

/// Finds out what an intent means for an account.
pub(super) fn target(state: &State, no: AccountNo, account: &Account, intent: &Intent) -> Target {
    let mut t = Target {
        account: no,
        person: account.consumer,
        phone_slot: None,
        email_slot: None,
        contact: ContactKey::NONE,
        contact_hash: 0,
        number: None,
        debts: DebtList::default(),
        account_debts: DebtList::default(),
        unknown_debt: false,
        closed_debt: false,
        unknown_person: false,
        named: None,
    };
    let named = named_person(state, account, intent, &mut t.unknown_person);
    t.named = named;
    let by_role = named.or_else(|| person_of_role(account, intent));
    contact_point(state, account, intent, by_role, &mut t);
    if t.contact != ContactKey::NONE {
        t.contact_hash = contact_hash(account.tenant, t.contact);
        t.number = state.contact_at(t.contact_hash, account.tenant, t.contact);
    }
    debts(state, account, intent, &mut t);
    t
}

fn named_person(
    state: &State,
    account: &Account,
    intent: &Intent,
    unknown: &mut bool,
) -> Option<PersonNo> {
    let id = intent.person_id.as_deref()?;
    let found = state
        .person(account.tenant, id)
        .filter(|p| belongs(account, *p));
    *unknown = found.is_none();
    found
}

/// Whether a person is the account's consumer or one of its parties.
pub(super) fn belongs(account: &Account, person: PersonNo) -> bool {
    let parties = account
        .extras
        .as_deref()
        .map_or(&[][..], |extras| &extras.parties);
    account.consumer == person || parties.iter().any(|party| party.person == person)
}

/// The one party in the role asked for, when the intent names nobody.
fn person_of_role(account: &Account, intent: &Intent) -> Option<PersonNo> {
    let Asked::Known(role) = intent.role else {
        return None;
    };
    if role == PartyRole::Consumer {
        return None;
    }
    let parties = account
        .extras
        .as_deref()
        .map_or(&[][..], |extras| &extras.parties);
    let mut in_role = parties.iter().filter(|party| party.role == role);
    let first = in_role.next()?;
    in_role.next().is_none().then_some(first.person)
}

fn contact_point(
    state: &State,
    account: &Account,
    intent: &Intent,
    wanted: Option<PersonNo>,
    t: &mut Target,
) {
    // Who names nobody asks for the consumer, if the contact point is theirs at all.
    let consumer = matches!(
        intent.role,
        Asked::Absent | Asked::Known(PartyRole::Consumer)
    );
    let preferred = wanted.or_else(|| consumer.then_some(account.consumer));
    let owner = match &intent.contact {
        ContactPoint::Phone(number) => {
            t.contact = ContactKey::phone(*number);
            let on_file = |p: &(usize, &Phone)| p.1.number == *number;
            let entries = || account.phones.iter().enumerate().filter(on_file);
            let slot = entries()
                .find(|(_, p)| Some(p.person) == preferred)
                .or_else(|| entries().next());
            t.phone_slot = slot.map(|(n, _)| n);
            slot.map(|(_, p)| p.person)
        }
        ContactPoint::Email(address) => {
            let hash = super::state::address_hash(address);
            t.contact = ContactKey::address(hash);
            let emails = account
                .extras
                .as_deref()
                .map_or(&[][..], |extras| &extras.emails);
            let on_file =
                |e: &(usize, &Email)| e.1.hash == hash && state.strings.is(e.1.address, address);
            let entries = || emails.iter().enumerate().filter(on_file);
            let slot = entries()
                .find(|(_, e)| Some(e.person) == preferred)
                .or_else(|| entries().next());
            t.email_slot = slot.map(|(n, _)| n);
            slot.map(|(_, e)| e.person)
        }
        ContactPoint::BadPhone | ContactPoint::BadEmail | ContactPoint::Absent => None,
    };
    // A person named by id stays the one asked for; that somebody else owns the contact point is
    // then G1's to see.
    let named = wanted.filter(|_| intent.person_id.is_some());
    t.person = named.or(owner).or(wanted).unwrap_or(account.consumer);
}

fn debts(state: &State, account: &Account, intent: &Intent, t: &mut Target) {
    for debt in &account.debts {
        t.account_debts.add(debt.no);
    }
    if intent.debt_ids.is_empty() {
        for debt in account
            .debts
            .iter()
            .filter(|d| d.status == AccountStatus::Open)
        {
            t.debts.add(debt.no);
        }
        return;
    }
    for id in &intent.debt_ids {
        match account
            .debts
            .iter()
            .find(|d| debt_is(state, account, d.id, id))
        {
            None => t.unknown_debt = true,
            Some(debt) => {
                t.closed_debt |= debt.status != AccountStatus::Open;
                t.debts.add(debt.no);
            }
        }
    }
}

/// Whether a debt is called `id`; the unnamed debt of an account is called as the account.
pub(super) fn debt_is(
    state: &State,
    account: &Account,
    name: crate::domain::ids::Sym,
    id: &str,
) -> bool {
    let name = if name.is_some() { name } else { account.id };
    state.strings.is(name, id)
}

/// The persons of an account besides one.
fn others<'a>(
    state: &'a State,
    account: &'a Account,
    but: PersonNo,
) -> Vec<(PartyRole, &'a Person)> {
    let parties = account
        .extras
        .as_deref()
        .map_or(&[][..], |extras| &extras.parties);
    if parties.is_empty() {
        return Vec::new();
    }
    let consumer = [(PartyRole::Consumer, account.consumer)];
    let named = parties.iter().map(|party| (party.role, party.person));
    named
        .chain(consumer)
        .filter(|(_, person)| *person != but)
        .filter_map(|(role, person)| Some((role, state.persons.get(person.0)?)))
        .collect()
}

/// The people of other accounts with whom a number is shared.
fn sharers<'a>(
    state: &'a State,
    account: &Account,
    known: Option<&NumberFacts>,
) -> Vec<&'a Person> {
    let listed = known.map_or(&[][..], NumberFacts::shared_by);
    let elsewhere = listed.iter().filter(|person| !belongs(account, **person));
    elsewhere
        .filter_map(|person| state.persons.get(person.0))
        .collect()
}

/// Puts the case together and asks `f` about it. `None` only when a row is missing, which the
/// engine's own invariants exclude.
pub(super) fn with_case<R>(
    state: &State,
    tenant: &Tenant,
    world: World<'_>,
    asked: (&Intent, &Target, UnixSeconds),
    f: impl FnOnce(&Case<'_>) -> R,
) -> Option<R> {
    let (intent, t, now) = asked;
    let account = state.accounts.get(t.account.0)?;
    let person = state.persons.get(t.person.0)?;
    let consumer = state.persons.get(account.consumer.0)?;
    let emails = account
        .extras
        .as_deref()
        .map_or(&[][..], |extras| &extras.emails);
    let suggested = state.places.get(account.places)?;
    let stated = person
        .extras
        .as_deref()
        .and_then(|extras| extras.stated_zone)
        .map(|zone| Places::new(vec![zone], suggested.jurisdictions(), suggested.residence()));
    let number = t.number.and_then(|row| state.contacts.get(row));
    let others = others(state, account, t.person);
    let sharers = sharers(state, account, number);
    let people = [person, consumer].map(|who| who.extras.as_deref());
    let kin = kin(state, t.account, t.debts.as_slice(), people);
    let case = Case {
        world,
        rules: tenant
            .rules
            .as_deref()
            .unwrap_or_else(|| world.pack.rules()),
        policy: &tenant.policy,
        kills: &tenant.kills,
        intent,
        source: state.known_name(&intent.source_system),
        now,
        account_no: t.account,
        account,
        person_no: t.person,
        person,
        consumer,
        others: &others,
        sharers: &sharers,
        phone: t.phone_slot.and_then(|slot| account.phones.get(slot)),
        email: t.email_slot.and_then(|slot| emails.get(slot)),
        number,
        places: stated.as_ref().unwrap_or(suggested),
        debts: t.debts.as_slice(),
        account_debts: t.account_debts.as_slice(),
        kin: &kin,
        unknown_debt: t.unknown_debt,
        closed_debt: t.closed_debt,
        unknown_person: t.unknown_person,
        named_person: t.named,
    };
    Some(f(&case))
}
