//! The file of one account, copied out.

use std::collections::BTreeMap;

use crate::domain::facts::{AccountFile, ContactKey, NumberFacts, PersonFile};
use crate::domain::ids::{NameNo, Sym, TenantNo};
use crate::domain::time::UnixSeconds;
use crate::engine::Engine;

impl Engine {
    /// What is held of an account; `None`: the tenant has none of that name.
    pub(super) fn file(&self, tenant: TenantNo, id: &str, now: UnixSeconds) -> Option<AccountFile> {
        let no = self.state.account(tenant, id)?;
        let account = self.state.accounts.get(no.0)?.clone();
        let extras = account.extras.as_deref();
        let parties = extras.map_or(&[][..], |extras| &extras.parties);
        let mut persons: Vec<PersonFile> = Vec::with_capacity(parties.len() + 1);
        let people = std::iter::once(account.consumer).chain(parties.iter().map(|p| p.person));
        for person_no in people {
            if persons.iter().any(|known| known.no == person_no) {
                continue;
            }
            let Some(person) = self.state.persons.get(person_no.0) else {
                continue;
            };
            let named = person.id.is_some();
            persons.push(PersonFile {
                no: person_no,
                id: named.then(|| self.state.strings.get(person.id).into()),
                person: person.clone(),
            });
        }
        let bound = |key| {
            let row = self.state.contact(tenant, key)?;
            self.state.contacts.get(row).cloned()
        };
        let mut numbers: Vec<(_, NumberFacts)> = Vec::new();
        for phone in &account.phones {
            let known = numbers.iter().any(|(number, _)| *number == phone.number);
            if let Some(facts) = bound(ContactKey::phone(phone.number)).filter(|_| !known) {
                numbers.push((phone.number, facts));
            }
        }
        let emails = extras.map_or(&[][..], |extras| &extras.emails);
        let addresses = emails.iter().filter_map(|email| {
            let facts = bound(ContactKey::address(email.hash))?;
            Some((email.address, facts))
        });
        let addresses = addresses.collect();
        let mut texts = BTreeMap::new();
        let debts = account.debts.iter().map(|debt| debt.id);
        let approvals = extras.map_or(&[][..], |extras| &extras.approvals);
        let overrides = extras.map_or(&[][..], |extras| &extras.overrides);
        let named = emails.iter().map(|email| email.address);
        let named = named
            .chain(debts)
            .chain(approvals.iter().map(|a| a.document));
        let named = named.chain(overrides.iter().flat_map(|o| [o.actor, o.document]));
        for name in named.filter(|name| *name != Sym::NONE) {
            texts.insert(name, self.state.strings.get(name).into());
        }
        let places = self.state.places.get(account.places).cloned();
        Some(AccountFile {
            at: now,
            no,
            id: id.into(),
            creditor: self.name_of(account.creditor),
            portfolio: self.name_of(account.portfolio),
            persons,
            places: places.unwrap_or_default(),
            numbers,
            addresses,
            texts,
            seq: self.tenant(tenant)?.seq,
            account,
        })
    }

    fn name_of(&self, no: NameNo) -> Box<str> {
        let name = self.state.names.get(usize::from(no.0));
        name.cloned().unwrap_or_default()
    }
}
