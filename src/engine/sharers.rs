//! Who shares a telephone number, so that what is counted by number counts every call to it.
//!
//! Nothing is kept of a number that is one person's but where it was filed first, in an index that
//! intake alone asks: six bytes and what it leaves empty. As soon as a second person has
//! the number, or somebody was called at one that is on no file, the number's row lists them, and
//! decisions look at that row anyway.
//!
//! Nobody leaves a list: calls made before still count. A list one longer than
//! [`NumberFacts::SHARERS_MAX`] says that there are more.

use super::draft::Draft;
use super::index::RowIndex;
use super::state::{State, contact_hash};
use super::table::Table;
use crate::domain::facts::{Account, ContactKey, NumberFacts};
use crate::domain::ids::{AccountNo, PersonNo, TenantNo};
use crate::domain::phone::PhoneNumber;

/// Bits of an entry that say which of the account's numbers it is about; the rest are its row.
const SLOT_BITS: u32 = 5;
const _: () = assert!(super::draft::PHONES_MAX <= 1 << SLOT_BITS);

/// Where each number was filed first: account and place in its file.
#[derive(Debug)]
pub(super) struct FirstFiled(RowIndex);

impl FirstFiled {
    /// No numbers, and room for those of this many accounts.
    pub(super) fn with_room_for(accounts: usize) -> Self {
        Self(RowIndex::with_room_for(accounts * 2))
    }

    /// The numbers of all these accounts.
    pub(super) fn of(accounts: &Table<Account>) -> Self {
        let numbers = accounts.iter().map(|(_, account)| account.phones.len());
        let mut filed = Self(RowIndex::with_room_for(numbers.sum()));
        for (row, _) in accounts.iter() {
            filed.add(accounts, AccountNo(row));
        }
        filed
    }

    /// The account on whose file a number of a tenant stood first.
    pub(super) fn find(
        &self,
        accounts: &Table<Account>,
        tenant: TenantNo,
        number: PhoneNumber,
    ) -> Option<AccountNo> {
        let same = |entry| filed(accounts, entry) == Some((tenant, number));
        let entry = self.0.find(hash(tenant, number), same)?;
        Some(AccountNo(entry >> SLOT_BITS))
    }

    /// Adds the numbers of an account that stand on no file yet. A row too high for an entry cannot
    /// be reached: memory ends long before 134 million accounts.
    pub(super) fn add(&mut self, accounts: &Table<Account>, no: AccountNo) {
        let Some(account) = accounts.get(no.0) else {
            return;
        };
        for (slot, phone) in (0..).zip(&account.phones) {
            let Some(row) = no.0.checked_mul(1 << SLOT_BITS) else {
                return;
            };
            if self.find(accounts, account.tenant, phone.number).is_none() {
                self.0
                    .insert(hash(account.tenant, phone.number), row | slot);
            }
        }
    }
}

fn filed(accounts: &Table<Account>, entry: u32) -> Option<(TenantNo, PhoneNumber)> {
    let account = accounts.get(entry >> SLOT_BITS)?;
    let phone = account.phones.get(entry as usize % (1 << SLOT_BITS))?;
    Some((account.tenant, phone.number))
}

fn hash(tenant: TenantNo, number: PhoneNumber) -> u64 {
    contact_hash(tenant, ContactKey::phone(number))
}

/// Lists the people of the numbers a record filed or reported calls to, where they are several or
/// the number stands on no file.
pub(super) fn list(state: &State, draft: &mut Draft) {
    let mut reached = std::mem::take(&mut draft.reached);
    reached.sort_unstable();
    reached.dedup();
    for (number, person) in reached {
        let key = ContactKey::phone(number);
        let known = known(state, draft, key);
        if !known.is_empty() {
            draft.shared.push(key);
        }
        if known.len() > NumberFacts::SHARERS_MAX {
            continue;
        }
        let mut people = known.to_vec();
        let filed = state.first_filed(draft.tenant, number);
        if known.is_empty() {
            // Whoever else has it on file is the one whom the first file names.
            let elsewhere = filed.filter(|no| *no != draft.no);
            let account = elsewhere.and_then(|no| state.accounts.get(no.0));
            people.extend(account.into_iter().flat_map(|a| owners(a, number)));
        }
        people.extend(owners(&draft.account, number));
        people.push(person);
        people.retain(|one| Some(*one) != draft.joined);
        people.sort_unstable();
        people.dedup();
        people.truncate(NumberFacts::SHARERS_MAX + 1);
        let on_file = filed.is_some() || owners(&draft.account, number).next().is_some();
        if *known != *people && (!known.is_empty() || people.len() > 1 || !on_file) {
            draft.contact(state, key).rare().shared_by = people.into_boxed_slice();
        }
    }
}

fn known(state: &State, draft: &Draft, key: ContactKey) -> Box<[PersonNo]> {
    let drafted = draft.contacts.iter().find(|(known, _)| *known == key);
    let kept = || {
        let row = state.contact(draft.tenant, key)?;
        state.contacts.get(row)
    };
    let facts = drafted.map(|(_, facts)| facts).or_else(kept);
    facts.map_or_else(Box::default, |facts| facts.shared_by().into())
}

fn owners(account: &Account, number: PhoneNumber) -> impl Iterator<Item = PersonNo> {
    let entries = account.phones.iter().filter(move |p| p.number == number);
    entries.map(|phone| phone.person)
}
