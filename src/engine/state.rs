//! All gate state: the tables, and finding rows by what callers call them.

use std::collections::BTreeMap;

use super::index::RowIndex;
use super::persist::Pages;
use super::sharers::FirstFiled;
use super::strings::Strings;
use super::table::Table;
use crate::domain::case::DebtSets;
use crate::domain::facts::{Account, ContactKey, NumberFacts, Person, Phone};
use crate::domain::hash::{StableHash, stable_hash};
use crate::domain::ids::{AccountNo, DebtNo, DebtSet, NameNo, PersonNo, Sym, TenantNo};
use crate::domain::phone::PhoneNumber;
use crate::domain::place::{PlacesId, PlacesTable, Zip5};
use crate::domain::rules::RulePack;

/// How much was interned at some moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    strings: (usize, usize),
    names: usize,
    debt_sets: usize,
}

/// The tables. Nothing outside the engine sees them.
#[derive(Debug)]
pub struct State {
    pub(super) accounts: Table<Account>,
    pub(super) persons: Table<Person>,
    pub(super) contacts: Table<NumberFacts>,
    pub(super) strings: Strings,
    pub(super) debt_sets: DebtSets,
    pub(super) places: PlacesTable,
    pub(super) names: Vec<Box<str>>,
    /// Groups of debts serviced as one: particular debt by hash of tenant and group name.
    pub(super) groups: BTreeMap<u64, DebtNo>,
    pub(super) further_debts: u32,
    pub(super) pages: Pages,
    account_index: RowIndex,
    person_index: RowIndex,
    contact_index: RowIndex,
    set_index: RowIndex,
    first_filed: FirstFiled,
}

impl State {
    /// Empty tables with room for `accounts_expected` without a rehash.
    pub fn with_room_for(accounts_expected: usize) -> Self {
        Self {
            accounts: Table::with_room_for(accounts_expected),
            persons: Table::with_room_for(accounts_expected),
            contacts: Table::default(),
            strings: Strings::default(),
            debt_sets: DebtSets::default(),
            places: PlacesTable::new(),
            names: vec!["".into()],
            groups: BTreeMap::new(),
            further_debts: 0,
            pages: Pages::default(),
            account_index: RowIndex::with_room_for(accounts_expected),
            person_index: RowIndex::with_room_for(accounts_expected / 16),
            contact_index: RowIndex::with_room_for(accounts_expected / 16),
            set_index: RowIndex::with_room_for(1024),
            first_filed: FirstFiled::with_room_for(accounts_expected),
        }
    }

    /// Finds an account by the caller's id.
    pub fn account(&self, tenant: TenantNo, id: &str) -> Option<AccountNo> {
        self.account_at(id_hash(tenant, id), tenant, id)
    }

    /// The same with the [`id_hash`] made before.
    pub(super) fn account_at(&self, hash: u64, tenant: TenantNo, id: &str) -> Option<AccountNo> {
        debug_assert_eq!(hash, id_hash(tenant, id));
        let same = |row| {
            self.accounts
                .get(row)
                .is_some_and(|a| a.tenant == tenant && self.strings.is(a.id, id))
        };
        self.account_index.find(hash, same).map(AccountNo)
    }

    /// The account whose id probably has this [`id_hash`], without looking at its row.
    pub(super) fn guess(&self, hash: u64) -> Option<u32> {
        self.account_index.guess(hash)
    }

    /// Finds a person that a caller named.
    pub fn person(&self, tenant: TenantNo, id: &str) -> Option<PersonNo> {
        let same = |row| {
            self.persons
                .get(row)
                .is_some_and(|p| p.tenant == tenant && self.strings.is(p.id, id))
        };
        self.person_index
            .find(id_hash(tenant, id), same)
            .map(PersonNo)
    }

    /// Finds what is known of a contact point for the whole tenant.
    pub fn contact(&self, tenant: TenantNo, key: ContactKey) -> Option<u32> {
        self.contact_at(contact_hash(tenant, key), tenant, key)
    }

    /// The same with the [`contact_hash`] made before.
    pub(super) fn contact_at(&self, hash: u64, tenant: TenantNo, key: ContactKey) -> Option<u32> {
        debug_assert_eq!(hash, contact_hash(tenant, key));
        let same = |row| {
            self.contacts
                .get(row)
                .is_some_and(|c| c.tenant == tenant && c.key == key)
        };
        self.contact_index.find(hash, same)
    }

    /// The row of a contact point, made now if there is none.
    pub fn contact_or_new(&mut self, tenant: TenantNo, key: ContactKey) -> u32 {
        if let Some(row) = self.contact(tenant, key) {
            return row;
        }
        let row = self
            .contacts
            .push(NumberFacts::of(tenant, key), &mut self.pages);
        self.contact_index.insert(contact_hash(tenant, key), row);
        row
    }

    /// The account on whose file a number stood first.
    pub(super) fn first_filed(&self, tenant: TenantNo, number: PhoneNumber) -> Option<AccountNo> {
        self.first_filed.find(&self.accounts, tenant, number)
    }

    /// Makes the numbers of an account findable.
    pub(super) fn file_numbers(&mut self, no: AccountNo) {
        self.first_filed.add(&self.accounts, no);
    }

    /// Keeps a string.
    pub fn keep(&mut self, text: &str) -> Sym {
        let pages = &mut self.pages;
        self.strings
            .add(text, |chunk, bytes| pages.strings(chunk, bytes))
    }

    /// Adds an account row and makes it findable.
    pub fn add_account(&mut self, account: Account) -> AccountNo {
        let hash = id_hash(account.tenant, self.strings.get(account.id));
        let row = self.accounts.push(account, &mut self.pages);
        self.account_index.insert(hash, row);
        AccountNo(row)
    }

    /// Takes an account's name away: nobody finds it any more.
    pub(super) fn unname(&mut self, no: AccountNo) {
        if let Some(row) = self.accounts.get_mut(no.0, &mut self.pages) {
            let hash = id_hash(row.tenant, self.strings.get(row.id));
            row.id = Sym::NONE;
            self.account_index.remove(hash, no.0);
        }
    }

    /// Adds a person row and makes it findable when it has a name.
    pub fn add_person(&mut self, person: Person) -> PersonNo {
        let named = person.id.is_some();
        let hash = id_hash(person.tenant, self.strings.get(person.id));
        let row = self.persons.push(person, &mut self.pages);
        if named {
            self.person_index.insert(hash, row);
        }
        PersonNo(row)
    }

    /// The number of a name, given out now if it is new. Beyond 65,535 names: the last one.
    pub fn name(&mut self, text: &str) -> NameNo {
        if let Some(at) = self.names.iter().position(|known| &**known == text) {
            return NameNo(u16::try_from(at).unwrap_or(u16::MAX));
        }
        if self.names.len() < usize::from(u16::MAX) {
            self.names.push(text.into());
            return NameNo(u16::try_from(self.names.len() - 1).unwrap_or(u16::MAX));
        }
        NameNo(u16::MAX)
    }

    /// The number of a name that is known; [`NameNo::NONE`] otherwise.
    pub fn known_name(&self, text: &str) -> NameNo {
        let at = self
            .names
            .iter()
            .position(|known| &**known == text)
            .unwrap_or(0);
        NameNo(u16::try_from(at).unwrap_or(0))
    }

    /// Interns a set of particular debts. `debts` must not be empty.
    pub fn debt_set(&mut self, debts: &[DebtNo]) -> DebtSet {
        if let [only] = debts {
            return DebtSet::one(*only);
        }
        let mut sorted: Vec<DebtNo> = debts.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        if let [only] = sorted.as_slice() {
            return DebtSet::one(*only);
        }
        let hash = set_hash(&sorted);
        let known = self
            .set_index
            .find(hash, |n| self.debt_sets.get(n) == sorted.as_slice());
        DebtSet::many(known.unwrap_or_else(|| {
            let index = self.debt_sets.push(sorted.into_boxed_slice());
            self.set_index.insert(hash, index);
            index
        }))
    }

    /// How much is interned.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            strings: self.strings.end(),
            names: self.names.len(),
            debt_sets: self.debt_sets.len(),
        }
    }

    /// Forgets what was interned since: the record it was for changed nothing (ENGINE-3).
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.strings.cut(mark.strings);
        self.names.truncate(mark.names);
        while self.debt_sets.len() > mark.debt_sets
            && let Some(set) = self.debt_sets.pop()
        {
            let row = u32::try_from(self.debt_sets.len()).unwrap_or(u32::MAX);
            self.set_index.remove(set_hash(&set), row);
        }
    }

    /// The particular debt that debts of this group share.
    pub fn known_group(&self, tenant: TenantNo, name: &str) -> Option<DebtNo> {
        self.groups.get(&group_hash(tenant, name)).copied()
    }

    /// Makes `own` the particular debt of a group, unless the group has one.
    pub fn group(&mut self, tenant: TenantNo, name: &str, own: DebtNo) {
        self.groups.entry(group_hash(tenant, name)).or_insert(own);
    }

    /// Where an account's facts suggest its people are, interned.
    pub fn suggest(&mut self, pack: &RulePack, account: &Account) -> PlacesId {
        let zip = Zip5::from_number(account.zip);
        let phones = account.phones.iter().filter(|p| !p.has(Phone::WRONG));
        let places = pack
            .places()
            .suggest(zip, account.state, None, phones.map(|p| p.number));
        self.places.intern(places).unwrap_or(PlacesId::NOWHERE)
    }

    /// Rebuilds every index after the tables were restored.
    pub fn reindex(&mut self) {
        let (accounts, persons) = (self.accounts.len(), self.persons.len());
        self.account_index = RowIndex::with_room_for(accounts + accounts / 8);
        self.person_index = RowIndex::with_room_for(persons / 16);
        self.contact_index = RowIndex::with_room_for(self.contacts.len());
        for (row, account) in self.accounts.iter().filter(|(_, a)| a.id.is_some()) {
            let hash = id_hash(account.tenant, self.strings.get(account.id));
            self.account_index.insert(hash, row);
        }
        self.first_filed = FirstFiled::of(&self.accounts);
        for (row, person) in self.persons.iter().filter(|(_, p)| p.id.is_some()) {
            let hash = id_hash(person.tenant, self.strings.get(person.id));
            self.person_index.insert(hash, row);
        }
        for (row, contact) in self.contacts.iter() {
            self.contact_index
                .insert(contact_hash(contact.tenant, contact.key), row);
        }
        for (index, set) in (0..).zip(self.debt_sets.chunks().iter().flatten()) {
            self.set_index.insert(set_hash(set), index);
        }
    }
}

const ID: StableHash = StableHash::of(b"id");
const CONTACT: StableHash = StableHash::of(b"contact");

/// 39-bit hash of a lower-cased address, as attempts and links name it.
pub fn address_hash(address: &str) -> u64 {
    stable_hash(&[b"address", address.as_bytes()]) & ((1 << 39) - 1)
}

/// 32-bit hash of a call id; never 0, which means none.
pub fn call_hash(call_id: &str) -> u32 {
    let hash = stable_hash(&[b"call", call_id.as_bytes()]) >> 32;
    u32::try_from(hash).unwrap_or(1).max(1)
}

/// Posting key of an account.
pub fn account_key(tenant: TenantNo, id: &str) -> u64 {
    posting(id_hash(tenant, id))
}

/// Posting key of a contact point; 0 for none.
pub fn contact_key(tenant: TenantNo, key: ContactKey) -> u64 {
    if key == ContactKey::NONE {
        0
    } else {
        posting(contact_hash(tenant, key))
    }
}

/// The posting key of what has this hash: 0 is none.
pub(super) fn posting(hash: u64) -> u64 {
    hash.max(1)
}

fn group_hash(tenant: TenantNo, name: &str) -> u64 {
    stable_hash(&[b"group", &tenant.0.to_be_bytes(), name.as_bytes()])
}

/// Hash of an account's or a person's id.
pub(super) fn id_hash(tenant: TenantNo, id: &str) -> u64 {
    ID.then(&[&tenant.0.to_be_bytes(), id.as_bytes()])
}

/// Hash of a contact point.
pub(super) fn contact_hash(tenant: TenantNo, key: ContactKey) -> u64 {
    CONTACT.then(&[&tenant.0.to_be_bytes(), &key.0])
}

fn set_hash(debts: &[DebtNo]) -> u64 {
    debts.iter().fold(debts.len() as u64, |hash, debt| {
        stable_hash(&[&hash.to_be_bytes(), &debt.0.to_be_bytes()])
    })
}
