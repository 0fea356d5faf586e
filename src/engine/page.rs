//! A page of facts: drafted, compared, committed; one row for what changed, one for what did not.

use super::Engine;
use super::commands::{FactsPage, Item, PageResult, RowSink, SealedSubject, Stated};
use super::draft::{Draft, DraftPerson, Refused};
use super::erased::Numbers;
use super::state::{State, account_key, contact_key};
use super::tenant::low32;
use super::{facts_contact, history, record};
use crate::domain::facts::{Account, At, ContactKey, NumberFacts};
use crate::domain::ids::{AccountNo, TenantNo};
use crate::domain::record::{AccountRecord, FactRecord};
use crate::domain::time::UnixSeconds;

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Landed {
    /// It changed something; surrogates newly given: persons, further debts.
    Changed {
        /// The account, if it was about one.
        account: Option<AccountNo>,
        /// Persons newly given a number.
        persons: u32,
        /// Debts newly given a number of their own.
        debts: u32,
        /// Of every number whose place on the do-not-call list it changed, the row (low 32 bits of
        /// its position) that had said how it stood there; 0 = none had. So each change names the
        /// one before it, and a number's history is read backwards from row to row.
        listed_by: Vec<u32>,
    },
    /// It said what was known.
    Unchanged(Option<AccountNo>),
}

impl Engine {
    /// Applies a page in order.
    pub fn apply_page(
        &mut self,
        page: &FactsPage,
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> PageResult {
        self.apply_items(page.tenant, &page.items, now, rows)
    }

    /// Applies a part of a page: its items in order, at most [`FactsPage::ITEMS_MAX`] of them. A
    /// part has rows of its own, so what is decided between two parts lies between them in the
    /// chain too.
    pub fn apply_items(
        &mut self,
        tenant_no: TenantNo,
        items: &[Item],
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> PageResult {
        let now = self.begin(now, rows);
        let mut result = PageResult::default();
        let Some(tenant) = self.tenant(tenant_no) else {
            return result;
        };
        let seq = tenant.seq + 1;
        let mut changed: Vec<(&Item, Landed)> = Vec::new();
        let mut same: Vec<AccountNo> = Vec::new();
        for item in items.iter().take(FactsPage::ITEMS_MAX) {
            match self.land(tenant_no, &item.what, now, seq, None) {
                Ok(landed @ Landed::Changed { .. }) => {
                    changed.push((item, landed));
                    result.applied += 1;
                    self.landed += 1;
                }
                Ok(Landed::Unchanged(account)) => {
                    same.extend(account);
                    result.unchanged += 1;
                }
                Err((field, cause)) => result.rejected.push((item.line, field, cause)),
            }
        }
        if !changed.is_empty() {
            self.facts_row(tenant_no, now, &changed, rows);
        }
        if result.unchanged > 0 {
            self.unchanged_row(tenant_no, now, &same, rows);
        }
        result
    }

    /// Applies one item at a row's instant and position. In recovery `recorded` says what its row
    /// gave; a record that would give something else is refused.
    pub(super) fn land(
        &mut self,
        tenant: TenantNo,
        what: &Stated,
        now: UnixSeconds,
        seq: u64,
        recorded: Option<Numbers>,
    ) -> Result<Landed, Refused> {
        let mark = self.state.mark();
        let landed = match what {
            Stated::Account(record) => {
                let draft = self.draft(tenant, record, now, recorded.is_some());
                draft.and_then(|draft| match recorded {
                    Some(numbers) if numbers != draft.numbers(&self.state) => {
                        Err(("account_id", super::commands::Refusal::Conflict))
                    }
                    _ => Ok(self.commit(draft, seq)),
                })
            }
            Stated::Contact(fact) => self.land_contact(tenant, fact, now, seq),
        };
        if !matches!(landed, Ok(Landed::Changed { .. })) {
            self.state.back_to(mark);
        }
        landed
    }

    /// What an account's record would make of the rows it touches.
    fn draft(
        &mut self,
        tenant: TenantNo,
        said: &AccountRecord,
        now: UnixSeconds,
        recorded: bool,
    ) -> Result<Draft, Refused> {
        use super::commands::Refusal::Missing;
        let id = said
            .account_id
            .as_ref()
            .ok_or(("account_id", Missing))?
            .as_str();
        let known = self.state.account(tenant, id);
        let known = known.and_then(|no| Some((no, self.state.accounts.get(no.0)?)));
        let mut draft = if let Some((no, account)) = known {
            Draft::of(&self.state, no, account, now)
        } else {
            let person = said
                .person_id
                .as_ref()
                .map(crate::domain::record::Personal::as_str);
            Draft::new_account(&mut self.state, tenant, id, person, now)
        };
        draft.attempts_max = self.options.attempts_per_person_max;
        draft.recorded = recorded;
        draft.confirms = draft.new || !said.is_news_alone();
        record::apply(&mut self.state, &mut draft, said)?;
        Ok(draft)
    }

    pub(super) fn land_contact(
        &mut self,
        tenant: TenantNo,
        fact: &FactRecord,
        now: UnixSeconds,
        seq: u64,
    ) -> Result<Landed, Refused> {
        use super::commands::Refusal::{LiftNeedsReason, Missing};
        let kind = fact.fact.ok_or(("fact", Missing))?;
        let on = fact.lifted != Some(true);
        if !on && fact.reason.is_none() {
            return Err(("reason", LiftNeedsReason));
        }
        let key = facts_contact::key(fact)?;
        let at = At::of(fact.at.unwrap_or(now));
        let row = self.state.contact(tenant, key);
        let old = row.and_then(|row| self.state.contacts.get(row)).cloned();
        let old = old.unwrap_or_else(|| NumberFacts::of(tenant, key));
        let mut new = old.clone();
        facts_contact::refuse(&mut new, kind, fact, (at, on));
        new.tidy();
        if new == old {
            return Ok(Landed::Unchanged(None));
        }
        Ok(Landed::Changed {
            account: None,
            persons: 0,
            debts: 0,
            listed_by: self.put_contact(new, seq, on).into_iter().collect(),
        })
    }

    /// Keeps what is known of a number or address now. If that changes its place on the do-not-call
    /// list: the row that had said how it stood there.
    pub(super) fn put_contact(
        &mut self,
        mut facts: NumberFacts,
        seq: u64,
        restricts: bool,
    ) -> Option<u32> {
        facts.touched = low32(seq);
        if restricts {
            facts.restricted = low32(seq);
        }
        let row = self.state.contact_or_new(facts.tenant, facts.key);
        let slot = self.state.contacts.get_mut(row, &mut self.state.pages)?;
        let before = slot.listed_by;
        let relisted = slot.listing() != facts.listing();
        if relisted {
            facts.listed_by = low32(seq);
        }
        *slot = facts;
        relisted.then_some(before)
    }

    /// Writes a draft back if it changed anything.
    pub(super) fn commit(&mut self, mut draft: Draft, seq: u64) -> Landed {
        draft.tidy();
        let state = &mut self.state;
        for (old, new) in std::mem::take(&mut draft.merged_debts) {
            draft.rename_debt(old, new);
            for person in &mut draft.persons {
                history::merge_debt(state, &mut person.row.attempts, old, new);
            }
        }
        let old = state.accounts.get(draft.no.0);
        let own_change = draft.new || old != Some(&draft.account);
        draft
            .persons
            .retain(|p| p.new || state.persons.get(p.no.0) != Some(&p.row));
        let known = |key| {
            let row = state
                .contact(draft.tenant, key)
                .and_then(|row| state.contacts.get(row));
            row.cloned()
                .unwrap_or_else(|| NumberFacts::of(draft.tenant, key))
        };
        let contacts: Vec<_> = draft
            .contacts
            .iter()
            .filter(|(key, facts)| known(*key) != *facts)
            .cloned()
            .collect();
        let facts_at = if draft.confirms {
            At::of(draft.now)
        } else {
            draft.account.facts_at
        };
        // The first debt of a group is as it was, and yet the next one is one with it.
        let grouped = !draft.groups.is_empty();
        if !own_change && !grouped && draft.persons.is_empty() && contacts.is_empty() {
            if let Some(account) = state.accounts.get_mut(draft.no.0, &mut state.pages) {
                account.facts_at = facts_at;
            }
            return Landed::Unchanged(draft.confirms.then_some(draft.no));
        }
        let stamp = low32(seq);
        let (persons, restricts) = (
            draft.persons.iter().filter(|p| p.new).count(),
            draft.restricts,
        );
        let debts = draft.further_debts - state.further_debts;
        for (name, debt) in &draft.groups {
            state.group(draft.tenant, name, *debt);
        }
        state.further_debts = draft.further_debts;
        // Base fields may restrict as well as facts: a closed status, a new place, a new number.
        let restricts = restricts || own_change;
        put_persons(state, draft.persons, stamp, restricts);
        draft.account.touched = stamp;
        draft.account.facts_at = facts_at;
        if restricts {
            draft.account.restricted = stamp;
        }
        draft.account.places = state.suggest(&self.pack, &draft.account);
        put_account(state, draft.new, (draft.no, draft.account));
        let put = |(_, facts)| self.put_contact(facts, seq, restricts);
        let listed_by = contacts.into_iter().filter_map(put).collect();
        self.answer_anew(draft.tenant, &draft.shared, stamp);
        Landed::Changed {
            account: Some(draft.no),
            persons: u32::try_from(persons).unwrap_or(u32::MAX),
            debts,
            listed_by,
        }
    }

    /// Whoever was answered about one of these numbers through another account is answered anew.
    fn answer_anew(&mut self, tenant: TenantNo, shared: &[ContactKey], stamp: u32) {
        let state = &mut self.state;
        for key in shared {
            let row = state.contact(tenant, *key);
            if let Some(slot) = row.and_then(|row| state.contacts.get_mut(row, &mut state.pages)) {
                (slot.touched, slot.restricted) = (stamp, stamp);
            }
        }
    }

    fn facts_row(
        &mut self,
        no: TenantNo,
        now: UnixSeconds,
        changed: &[(&Item, Landed)],
        rows: &mut impl RowSink,
    ) {
        let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) else {
            return;
        };
        let seq = tenant.next_seq();
        let body = &mut self.body;
        body.begin();
        body.word("k", "f");
        body.int("q", seq);
        body.raw("r", |out| {
            for (n, (item, landed)) in changed.iter().enumerate() {
                out.push(if n == 0 { b'[' } else { b',' });
                push_landed(out, item, landed);
            }
            out.push(b']');
        });
        body.digests(changed.iter().map(|(item, _)| &item.subject.digest));
        body.int("t", now.0);
        let subjects: Vec<&SealedSubject> = changed.iter().map(|(item, _)| &item.subject).collect();
        let keys = changed
            .first()
            .map_or([0, 0], |(item, _)| posting(no, &item.what));
        rows.row(no, seq, body.end(), &subjects, keys);
    }

    /// What accounts are known to say is not stale any more: who was refused for that is answered
    /// anew.
    pub(super) fn still_true(&mut self, same: impl Iterator<Item = AccountNo>, stamp: u32) {
        let state = &mut self.state;
        for account in same {
            if let Some(row) = state.accounts.get_mut(account.0, &mut state.pages) {
                row.touched = stamp;
            }
        }
    }

    fn unchanged_row(
        &mut self,
        no: TenantNo,
        now: UnixSeconds,
        same: &[AccountNo],
        rows: &mut impl RowSink,
    ) {
        let Some(tenant) = self.tenants.get_mut(usize::from(no.0)) else {
            return;
        };
        let seq = tenant.next_seq();
        self.still_true(same.iter().copied(), low32(seq));
        let body = &mut self.body;
        body.begin();
        body.ints("a", same.iter().map(|a| u64::from(a.0)));
        body.word("k", "u");
        body.int("q", seq);
        body.int("t", now.0);
        rows.row(no, seq, body.end(), &[], [0, 0]);
    }
}

/// The posting keys of a row whose first item says this.
fn posting(tenant: TenantNo, what: &Stated) -> [u64; 2] {
    match what {
        Stated::Account(record) => {
            let id = record.account_id.as_ref();
            [id.map_or(0, |id| account_key(tenant, id.as_str())), 0]
        }
        Stated::Contact(fact) => {
            let key = facts_contact::key(fact);
            [0, key.map_or(0, |key| contact_key(tenant, key))]
        }
    }
}

/// `{"a":account,"d":new debts,"p":new persons,"r":record,"w":rows that said it before}`.
fn push_landed(out: &mut Vec<u8>, item: &Item, landed: &Landed) {
    use crate::wire::row::push_int;
    let Landed::Changed {
        account,
        persons,
        debts,
        listed_by,
    } = landed
    else {
        return;
    };
    out.push(b'{');
    if let Some(account) = account {
        out.extend_from_slice(b"\"a\":");
        push_int(out, i128::from(account.0));
        out.push(b',');
    }
    for (name, n) in [("\"d\":", debts), ("\"p\":", persons)] {
        if *n > 0 {
            out.extend_from_slice(name.as_bytes());
            push_int(out, i128::from(*n));
            out.push(b',');
        }
    }
    out.extend_from_slice(b"\"r\":");
    out.extend_from_slice(&item.body);
    if listed_by.iter().any(|row| *row > 0) {
        out.extend_from_slice(b",\"w\":");
        for (n, row) in listed_by.iter().enumerate() {
            out.push(if n == 0 { b'[' } else { b',' });
            push_int(out, i128::from(*row));
        }
        out.push(b']');
    }
    out.push(b'}');
}

/// Writes a drafted account back, and makes what it has filed anew findable.
fn put_account(state: &mut State, new: bool, (no, account): (AccountNo, Account)) {
    let filed = account.phones.len();
    let mut known = 0;
    if new {
        state.add_account(account);
    } else if let Some(slot) = state.accounts.get_mut(no.0, &mut state.pages) {
        known = slot.phones.len();
        *slot = account;
    }
    if filed > known {
        state.file_numbers(no);
    }
}

/// Writes drafted people back.
fn put_persons(state: &mut State, persons: Vec<DraftPerson>, stamp: u32, restricts: bool) {
    for mut person in persons {
        person.row.touched = stamp;
        if restricts {
            person.row.restricted = stamp;
        }
        if person.new {
            state.add_person(person.row);
        } else if let Some(slot) = state.persons.get_mut(person.no.0, &mut state.pages) {
            *slot = person.row;
        }
    }
}
