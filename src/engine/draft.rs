//! A record applied to copies first, so that it lands whole or not at all (ENGINE-3).

use super::case::{DEBTS_MAX, debt_is};
use super::commands::Refusal;
use super::erased::Numbers;
use super::state::State;
use crate::domain::facts::{
    Account, AccountExtras, At, ContactKey, DebtScope, Debts, NumberFacts, Person, PersonExtras,
    Phone, Phones,
};
use crate::domain::ids::{AccountNo, DebtNo, NameNo, PersonNo, Sym, TenantNo};
use crate::domain::phone::PhoneNumber;
use crate::domain::place::PlacesId;
use crate::domain::record::Personal;
use crate::domain::time::UnixSeconds;
use crate::domain::words::{AccountStatus, AddressStatus};

/// Numbers an account holds at most.
pub(super) const PHONES_MAX: usize = 32;
/// Addresses an account holds at most.
pub(super) const EMAILS_MAX: usize = 16;
/// Parties of an account at most.
pub(super) const PARTIES_MAX: usize = 32;
/// Entries of any one rare fact at most; intake refuses more.
pub(super) const FACTS_MAX: usize = 64;

/// A refusal and the field it is about.
pub(super) type Refused = (&'static str, Refusal);

/// A person being changed.
#[derive(Debug)]
pub(super) struct DraftPerson {
    pub(super) no: PersonNo,
    pub(super) new: bool,
    pub(super) row: Person,
}

/// What a record would make of the rows it touches.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) tenant: TenantNo,
    pub(super) now: UnixSeconds,
    pub(super) no: AccountNo,
    pub(super) new: bool,
    pub(super) account: Account,
    pub(super) persons: Vec<DraftPerson>,
    pub(super) contacts: Vec<(ContactKey, NumberFacts)>,
    pub(super) groups: Vec<(Box<str>, DebtNo)>,
    /// Particular debts that became one: attempts must follow.
    pub(super) merged_debts: Vec<(DebtNo, DebtNo)>,
    pub(super) further_debts: u32,
    /// Numbers the record files or reports calls to, and whom there.
    pub(super) reached: Vec<(PhoneNumber, PersonNo)>,
    /// Of these, the numbers whose rows say who shares them.
    pub(super) shared: Vec<ContactKey>,
    /// Somebody without a name who turned out to be somebody known.
    pub(super) joined: Option<PersonNo>,
    /// The record gives a reason for lifting.
    pub(super) reason: bool,
    /// Something in it restricts.
    pub(super) restricts: bool,
    /// A row says that it was taken: what would be refused today changes nothing instead.
    pub(super) recorded: bool,
    pub(super) attempts_max: usize,
    /// It says that the account's facts are up to date. An outcome does not, nor does a single fact.
    pub(super) confirms: bool,
}

impl Draft {
    /// A draft of an account that exists.
    pub(super) fn of(state: &State, no: AccountNo, account: &Account, now: UnixSeconds) -> Self {
        Self {
            tenant: account.tenant,
            now,
            no,
            new: false,
            account: account.clone(),
            persons: Vec::new(),
            contacts: Vec::new(),
            groups: Vec::new(),
            merged_debts: Vec::new(),
            further_debts: state.further_debts,
            reached: Vec::new(),
            shared: Vec::new(),
            joined: None,
            reason: false,
            restricts: false,
            recorded: false,
            attempts_max: 256,
            confirms: true,
        }
    }

    /// A draft of an account that does not exist yet.
    pub(super) fn new_account(
        state: &mut State,
        tenant: TenantNo,
        id: &str,
        person: Option<&str>,
        now: UnixSeconds,
    ) -> Self {
        let no = AccountNo(u32::try_from(state.accounts.len()).unwrap_or(u32::MAX));
        let known = person.and_then(|name| state.person(tenant, name));
        let next_person = PersonNo(u32::try_from(state.persons.len()).unwrap_or(u32::MAX));
        let consumer = known.unwrap_or(next_person);
        let account = blank_account(tenant, state.keep(id), consumer, AccountStatus::Open);
        let mut draft = Self::of(state, no, &account, now);
        draft.new = true;
        if known.is_none() {
            let name = person.map_or(Sym::NONE, |name| state.keep(name));
            draft.persons.push(DraftPerson {
                no: next_person,
                new: true,
                row: blank(tenant, name),
            });
        }
        draft
    }

    /// The person with this number, copied into the draft on first use.
    pub(super) fn person(&mut self, state: &State, no: PersonNo) -> Result<&mut Person, Refused> {
        let at = if let Some(at) = self.persons.iter().position(|p| p.no == no) {
            at
        } else {
            let row = state.persons.get(no.0).cloned();
            let row = row.ok_or(("person_id", Refusal::UnknownPerson))?;
            self.persons.push(DraftPerson {
                no,
                new: false,
                row,
            });
            self.persons.len() - 1
        };
        let found = self.persons.get_mut(at).map(|p| &mut p.row);
        found.ok_or(("person_id", Refusal::UnknownPerson))
    }

    /// Copies every person of the account into the draft.
    pub(super) fn everybody(&mut self, state: &State) -> Result<(), Refused> {
        let parties = self
            .account
            .extras
            .as_deref()
            .map_or(&[][..], |extras| &extras.parties);
        let mut people: Vec<PersonNo> = parties.iter().map(|party| party.person).collect();
        people.push(self.account.consumer);
        for no in people {
            self.person(state, no)?;
        }
        Ok(())
    }

    /// Rare facts of a person, made on first use.
    pub(super) fn person_extras(
        &mut self,
        state: &State,
        no: PersonNo,
    ) -> Result<&mut PersonExtras, Refused> {
        Ok(self.person(state, no)?.extras.get_or_insert_default())
    }

    /// Rare facts of the account, made on first use.
    pub(super) fn extras(&mut self) -> &mut AccountExtras {
        self.account.extras.get_or_insert_default()
    }

    /// A person of the account by the caller's id; none named: the consumer.
    pub(super) fn party(&self, state: &State, id: Option<&Personal>) -> Result<PersonNo, Refused> {
        let Some(id) = id else {
            return Ok(self.account.consumer);
        };
        let known = state.person(self.tenant, id.as_str());
        let drafted = self
            .persons
            .iter()
            .find(|p| p.new && p.row.id.is_some() && state.strings.get(p.row.id) == id.as_str());
        let no = known.or_else(|| drafted.map(|p| p.no));
        no.filter(|no| super::case::belongs(&self.account, *no))
            .ok_or(("person_id", Refusal::UnknownPerson))
    }

    /// A person by the caller's id, made now if nobody is called so.
    pub(super) fn person_or_new(&mut self, state: &mut State, id: &str) -> PersonNo {
        if let Some(no) = state.person(self.tenant, id) {
            return no;
        }
        let drafted = self
            .persons
            .iter()
            .find(|p| p.new && state.strings.get(p.row.id) == id)
            .map(|p| p.no);
        drafted.unwrap_or_else(|| {
            let new = self.persons.iter().filter(|p| p.new).count();
            let no = PersonNo(u32::try_from(state.persons.len() + new).unwrap_or(u32::MAX));
            let row = blank(self.tenant, state.keep(id));
            self.persons.push(DraftPerson { no, new: true, row });
            no
        })
    }

    /// What is known of a contact point for the tenant, copied into the draft on first use.
    pub(super) fn contact(&mut self, state: &State, key: ContactKey) -> &mut NumberFacts {
        let at = self
            .contacts
            .iter()
            .position(|(k, _)| *k == key)
            .unwrap_or_else(|| {
                let known = state
                    .contact(self.tenant, key)
                    .and_then(|row| state.contacts.get(row));
                let blank = || NumberFacts::of(self.tenant, key);
                let facts = known.cloned().unwrap_or_else(blank);
                self.contacts.push((key, facts));
                self.contacts.len() - 1
            });
        // The entry was found or pushed just now.
        #[expect(
            clippy::indexing_slicing,
            reason = "position of an entry found or pushed above"
        )]
        &mut self.contacts[at].1
    }

    /// The account's entries for a number.
    pub(super) fn phones(&mut self, number: PhoneNumber) -> Result<Vec<&mut Phone>, Refused> {
        let entries: Vec<&mut Phone> = self
            .account
            .phones
            .iter_mut()
            .filter(|p| p.number == number)
            .collect();
        if entries.is_empty() {
            Err(("phone", Refusal::UnknownPhone))
        } else {
            Ok(entries)
        }
    }

    /// Particular debts named by the caller.
    pub(super) fn debts(&self, state: &State, names: &[Personal]) -> Result<Vec<DebtNo>, Refused> {
        let find = |name: &Personal| {
            let same = |d: &&crate::domain::facts::Debt| {
                debt_is(state, &self.account, d.id, name.as_str())
            };
            self.account.debts.iter().find(same).map(|d| d.no)
        };
        let found: Option<Vec<DebtNo>> = names.iter().map(find).collect();
        let mut found = found.ok_or(("debts", Refusal::UnknownDebt))?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The account's particular debts, by every number that attempts know them by until it is
    /// committed.
    pub(super) fn particular_debts(&self) -> Vec<DebtNo> {
        let mut all: Vec<DebtNo> = self.account.debts.iter().map(|debt| debt.no).collect();
        all.extend(self.merged_debts.iter().map(|(old, _)| *old));
        all
    }

    /// The scope of a fact: the debts named, else the whole account.
    pub(super) fn scope(&self, state: &State, names: &[Personal]) -> Result<DebtScope, Refused> {
        if names.is_empty() {
            return Ok(DebtScope::Account(self.no));
        }
        Ok(DebtScope::Debts(
            self.debts(state, names)?.into_boxed_slice(),
        ))
    }

    /// Refuses a lift without a reason.
    pub(super) fn may_lift(&self, fact_reason: bool) -> Result<(), Refused> {
        if self.reason || fact_reason {
            Ok(())
        } else {
            Err(("reason", Refusal::LiftNeedsReason))
        }
    }

    /// Whether a restriction may be ended: with a reason. Without one it is refused, unless a row
    /// that earlier code took says so: then it stays as it is.
    pub(super) fn may_end(&self, fact_reason: bool) -> Result<bool, Refused> {
        match self.may_lift(fact_reason) {
            Err(_) if self.recorded => Ok(false),
            answer => answer.map(|()| true),
        }
    }

    /// Adds a debt with the next free particular number.
    pub(super) fn next_debt(&mut self) -> DebtNo {
        if self.account.debts.is_empty() {
            return DebtNo(self.no.0);
        }
        let no = DebtNo(DebtNo::FURTHER_BASE + self.further_debts);
        self.further_debts += 1;
        no
    }

    /// Rare facts that say nothing are none: asking for them to change them made them.
    pub(super) fn tidy(&mut self) {
        self.account
            .extras
            .take_if(|extras| **extras == AccountExtras::default());
        for phone in self.account.phones.iter_mut() {
            phone.tidy();
        }
        for (_, facts) in &mut self.contacts {
            facts.tidy();
        }
        for person in &mut self.persons {
            // Rows stay for years: room to grow would be a good part of one.
            person.row.attempts.shrink_to_fit();
            person
                .row
                .extras
                .take_if(|extras| **extras == PersonExtras::default());
        }
    }

    /// The surrogates it is about and gives out.
    pub(super) fn numbers(&self, state: &State) -> Numbers {
        let persons = self.persons.iter().filter(|p| p.new).count();
        Numbers {
            account: Some(self.no),
            persons: u32::try_from(persons).unwrap_or(u32::MAX),
            debts: self.further_debts - state.further_debts,
        }
    }

    /// Whether a particular debt is that of a group.
    pub(super) fn is_grouped(&self, state: &State, no: DebtNo) -> bool {
        let drafted = self.groups.iter().any(|(_, known)| *known == no);
        drafted || state.groups.values().any(|known| *known == no)
    }

    /// Follows a debt that became one with another: facts about the old number are about the new.
    pub(super) fn rename_debt(&mut self, old: DebtNo, new: DebtNo) {
        let mut scopes: Vec<&mut DebtScope> = Vec::new();
        if let Some(extras) = self.account.extras.as_deref_mut() {
            scopes.extend(extras.disputes.iter_mut().map(|d| &mut d.debts));
            scopes.extend(&mut extras.identity_theft);
            scopes.extend(&mut extras.judgments);
        }
        for person in &mut self.persons {
            let Some(extras) = person.row.extras.as_deref_mut() else {
                continue;
            };
            scopes.extend(extras.attorneys.iter_mut().map(|a| &mut a.debts));
            scopes.extend(extras.ceases.iter_mut().map(|c| &mut c.debts));
            scopes.extend(extras.bankruptcies.iter_mut().map(|b| &mut b.debts));
            scopes.extend(extras.call_consents.iter_mut().map(|c| &mut c.debts));
            scopes.extend(extras.consent_revocations.iter_mut().map(|r| &mut r.debts));
        }
        for scope in scopes {
            rename_in(scope, old, new);
        }
    }

    /// Refuses a list that outgrew its bound.
    pub(super) fn bounds(&self) -> Result<(), Refused> {
        let too_many = |field| Err((field, Refusal::TooMany));
        if self.account.phones.len() > PHONES_MAX {
            return too_many("phones");
        }
        if self.account.debts.len() > DEBTS_MAX {
            return too_many("debts");
        }
        let Some(extras) = self.account.extras.as_deref() else {
            return Ok(());
        };
        if extras.parties.len() > PARTIES_MAX {
            return too_many("parties");
        }
        if extras.emails.len() > EMAILS_MAX {
            return too_many("emails");
        }
        let lists = [
            extras.disputes.len(),
            extras.notices.len(),
            extras.holds.len(),
            extras.overrides.len(),
            extras.approvals.len(),
            extras.identity_theft.len(),
            extras.judgments.len(),
            extras.written_consents.len(),
        ];
        if lists.iter().any(|n| *n > FACTS_MAX) {
            too_many("facts")
        } else {
            Ok(())
        }
    }
}

fn rename_in(scope: &mut DebtScope, old: DebtNo, new: DebtNo) {
    let DebtScope::Debts(named) = scope else {
        return;
    };
    if !named.contains(&old) {
        return;
    }
    let renamed = named
        .iter()
        .map(|debt| if *debt == old { new } else { *debt });
    let mut renamed: Vec<DebtNo> = renamed.collect();
    renamed.sort_unstable();
    renamed.dedup();
    *named = renamed.into_boxed_slice();
}

/// Adds an entry. Where there is no more room, entries alike but for their instants make it: of those
/// only the first and the last still tell something. Nothing alike: the list outgrows its bound.
pub(super) fn push_bounded<T>(
    list: &mut Vec<T>,
    said: T,
    alike: impl Fn(&T) -> bool,
    at: impl Fn(&T) -> At,
) {
    if list.len() >= FACTS_MAX {
        let known = list.iter().enumerate().filter(|(_, one)| alike(one));
        let mut known: Vec<(At, usize)> = known.map(|(n, one)| (at(one), n)).collect();
        known.sort_unstable();
        if let [(first, first_n), .., (last, last_n)] = *known.as_slice() {
            let said_at = at(&said);
            if (first..=last).contains(&said_at) {
                return;
            }
            list.remove(if said_at > last { last_n } else { first_n });
        }
    }
    list.push(said);
}

/// A person nobody knows anything about.
pub(super) fn blank(tenant: TenantNo, id: Sym) -> Person {
    Person {
        id,
        tenant,
        touched: 0,
        restricted: 0,
        attempts: Vec::new(),
        extras: None,
    }
}

/// An account nobody knows anything about.
pub(super) fn blank_account(
    tenant: TenantNo,
    id: Sym,
    consumer: PersonNo,
    status: AccountStatus,
) -> Account {
    Account {
        id,
        tenant,
        consumer,
        places: PlacesId::NOWHERE,
        touched: 0,
        restricted: 0,
        facts_at: At::NEVER,
        zip: 0,
        creditor: NameNo::NONE,
        portfolio: NameNo::NONE,
        state: None,
        role: None,
        status,
        address: AddressStatus::None,
        phones: Phones::default(),
        debts: Debts::default(),
        extras: None,
    }
}

/// What stands where an erased account stood: closed, nameless, with its one debt.
pub(super) fn erased_account(tenant: TenantNo, consumer: PersonNo, row: usize) -> Account {
    let mut account = blank_account(tenant, Sym::NONE, consumer, AccountStatus::Closed);
    account.debts.push(crate::domain::facts::Debt {
        id: Sym::NONE,
        no: DebtNo(u32::try_from(row).unwrap_or(u32::MAX)),
        status: AccountStatus::Closed,
        kind: crate::domain::words::DebtKind::Other,
    });
    account
}
