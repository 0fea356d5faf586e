//! What an ALLOW uses up: each exception of law works once (GATES.md, semantics 8).

use super::Engine;
use super::kin::kin;
use crate::domain::facts::{At, Cease, ContactKey, PersonExtras};
use crate::domain::gates::purpose::Consumed;
use crate::domain::ids::{AccountNo, DebtNo, PersonNo};
use crate::domain::time::UnixSeconds;
use crate::domain::words::{Inbound, Medium};

/// As the row keeps it: which kind, and its argument.
pub(super) fn pack(consumed: Consumed) -> [u64; 2] {
    match consumed {
        Consumed::Reminder => [1, 0],
        Consumed::RemedyNotice => [2, 0],
        Consumed::TerminationNotice => [3, 0],
        Consumed::OptOutConfirmation(medium) => [4, u64::from(medium.number())],
        Consumed::Approval(at) => [5, at as u64],
        Consumed::Answer(inbound) => [6, u64::from(inbound.number())],
    }
}

/// As the row kept it.
pub(super) fn unpack(words: &[u64]) -> Option<Consumed> {
    let [kind, argument] = words else { return None };
    let number = u8::try_from(*argument).ok()?;
    Some(match kind {
        1 => Consumed::Reminder,
        2 => Consumed::RemedyNotice,
        3 => Consumed::TerminationNotice,
        4 => Consumed::OptOutConfirmation(Medium::from_number(number)?),
        5 => Consumed::Approval(usize::from(number)),
        6 => Consumed::Answer(Inbound::from_number(number)?),
        _ => return None,
    })
}

impl Engine {
    /// Marks it used. Marking more than was needed only restricts.
    pub(super) fn consume(
        &mut self,
        account: AccountNo,
        person: PersonNo,
        contact: ContactKey,
        debts: &[DebtNo],
        (consumed, now): (Consumed, UnixSeconds),
    ) {
        let kin = self.kin(account, person, debts);
        let concerned = |cease: &&mut Cease| cease.debts.reaches(account, &kin, debts);
        match consumed {
            Consumed::Reminder | Consumed::Approval(_) => {
                self.consume_of_account(account, consumed);
            }
            Consumed::RemedyNotice => {
                self.on_people(account, person, |extras| {
                    let ceases = extras.ceases.iter_mut().filter(concerned);
                    ceases.for_each(|cease| cease.remedy_used = true);
                });
            }
            Consumed::TerminationNotice => {
                self.on_people(account, person, |extras| {
                    let ceases = extras.ceases.iter_mut().filter(concerned);
                    ceases.for_each(|cease| cease.terminate_used = true);
                });
            }
            Consumed::OptOutConfirmation(medium) => {
                self.on_people(account, person, |extras| {
                    extras.confirmed_media |= 1 << medium.number();
                });
                self.confirm_contact(account, contact);
            }
            Consumed::Answer(inbound) => {
                let at = At::of(now);
                self.on_people(account, person, |extras| answered(extras, inbound, at));
            }
        }
    }

    /// [`kin`] by the requests of the person and of the account's consumer.
    fn kin(&self, account: AccountNo, person: PersonNo, debts: &[DebtNo]) -> Vec<AccountNo> {
        let consumer = self.state.accounts.get(account.0).map(|row| row.consumer);
        let people = [Some(person), consumer].into_iter().flatten();
        let people = people.map(|no| self.state.persons.get(no.0)?.extras.as_deref());
        kin(&self.state, account, debts, people)
    }

    fn consume_of_account(&mut self, account: AccountNo, consumed: Consumed) {
        let state = &mut self.state;
        let row = state.accounts.get_mut(account.0, &mut state.pages);
        let Some(extras) = row.and_then(|row| row.extras.as_deref_mut()) else {
            return;
        };
        match consumed {
            Consumed::Reminder => {
                if let Some(promise) = &mut extras.promise {
                    promise.reminder_used = true;
                }
            }
            Consumed::Approval(at) => {
                if let Some(approval) = extras.approvals.get_mut(at) {
                    approval.used = true;
                }
            }
            _ => {}
        }
    }

    /// Rare facts of the person and of the account's consumer, where there are any.
    fn on_people(
        &mut self,
        account: AccountNo,
        person: PersonNo,
        mut change: impl FnMut(&mut PersonExtras),
    ) {
        let state = &mut self.state;
        let consumer = state.accounts.get(account.0).map(|row| row.consumer);
        for no in [Some(person), consumer.filter(|c| *c != person)]
            .into_iter()
            .flatten()
        {
            let has_facts = state
                .persons
                .get(no.0)
                .is_some_and(|row| row.extras.is_some());
            if has_facts
                && let Some(row) = state.persons.get_mut(no.0, &mut state.pages)
                && let Some(extras) = row.extras.as_deref_mut()
            {
                change(extras);
            }
        }
    }

    fn confirm_contact(&mut self, account: AccountNo, contact: ContactKey) {
        let state = &mut self.state;
        let Some(row) = state.accounts.get(account.0) else {
            return;
        };
        let (tenant, emails) = (row.tenant, row.extras.as_deref().map(|e| e.emails.len()));
        if let Some(known) = state.contact(tenant, contact)
            && let Some(row) = state.contacts.get_mut(known, &mut state.pages)
        {
            row.rare().confirmed = true;
        }
        if emails.is_some_and(|n| n > 0)
            && let Some(row) = state.accounts.get_mut(account.0, &mut state.pages)
            && let Some(extras) = row.extras.as_deref_mut()
        {
            let same =
                |e: &&mut crate::domain::facts::Email| ContactKey::address(e.hash) == contact;
            extras
                .emails
                .iter_mut()
                .filter(same)
                .for_each(|email| email.confirmed = true);
        }
    }
}

fn answered(extras: &mut PersonExtras, inbound: Inbound, at: At) {
    if let Some(known) = extras.last_inbound.get_mut(usize::from(inbound.number())) {
        known.answered = at;
    }
    extras
        .attorneys
        .iter_mut()
        .for_each(|attorney| attorney.answered = at);
    extras
        .ceases
        .iter_mut()
        .for_each(|cease| cease.answered = at);
}
