//! Entries of one contact: a call that was reported by its id before anybody said which decision it
//! was; one that accounts which share a debt, serviced as one, reported each for itself.

use super::Engine;
use super::call::{Call, joined, members, sort};
use super::effect::Gone;
use super::report::as_news;
use super::whose::{Found, debts_of};
use crate::domain::facts::{Account, Attempt};
use crate::domain::ids::{DebtNo, PersonNo};
use crate::domain::time::UnixSeconds;

/// What is known of a contact by all of its entries.
pub(super) struct Gathered {
    pub(super) call: Call,
    /// The entry that no decision names and whose place it takes, with those beside it.
    pub(super) gone: Option<Attempt>,
    /// It was in several.
    pub(super) merged: bool,
}

impl Engine {
    /// Joins what is known of a contact with its other entries; `id` is the call's as reported now.
    pub(super) fn gathered(
        &self,
        account: &Account,
        found: &Found,
        (mut call, id): (Call, u32),
        now: UnixSeconds,
    ) -> Gathered {
        let folded = self.same_call(account, found, id);
        if let Some(other) = folded {
            // Reported by its id before anybody said which decision it was.
            let other = self.call_of(account, found.person, other);
            call = joined(&call, &as_news(&other), now).0;
            call.talk.extend(other.talk);
            sort(&mut call.talk);
        }
        let gone = folded.or_else(|| found.known.filter(|a| a.audit == 0));
        let beside = gone.map_or_else(Vec::new, |a| self.beside(account, found.person, &a));
        for other in &beside {
            let debts = call.debts.clone();
            let news = as_news(&self.call_of(account, found.person, *other));
            call = joined(&call, &news, now).0;
            // What was only guessed of either was a guess about that account's own debts.
            call.debts.extend(debts);
            call.debts.extend(members(&self.state, other));
            sort(&mut call.debts);
        }
        let merged = folded.is_some() || !beside.is_empty();
        Gathered { call, gone, merged }
    }

    /// Another entry of the same call, which was a contact of its own until now.
    fn same_call(&self, account: &Account, found: &Found, call: u32) -> Option<Attempt> {
        let main = found.known?;
        if call == 0 || main.audit == 0 || (main.call == call && !main.has(Attempt::RESERVED)) {
            return None;
        }
        let other = self.by_id(account, found.person, call)?;
        (other.audit == 0).then_some(other)
    }

    /// Other entries that go when this one does.
    fn beside(&self, account: &Account, person: PersonNo, main: &Attempt) -> Vec<Attempt> {
        let gone = Gone::of(main, debts_of(account));
        let row = self.state.persons.get(person.0);
        let all = row.into_iter().flat_map(|row| row.attempts.iter());
        let other = |a: &&Attempt| !a.has(Attempt::TALK_ONLY) && *a != main;
        let all = all.filter(other);
        all.filter(|a| gone.is(a, &self.state.debt_sets))
            .copied()
            .collect()
    }
}

/// Keeps what a contact was known to count toward on other accounts: a report speaks of its own
/// account's debts.
pub(super) fn keep_others(account: &Account, known: &Call, call: &mut Call) {
    let ours = debts_of(account);
    let other = |debt: &&DebtNo| !ours.contains(debt);
    call.debts.extend(known.debts.iter().filter(other));
    sort(&mut call.debts);
    call.talk.extend(known.talk.iter().filter(other));
    sort(&mut call.talk);
}
