//! `Settle`: an outcome settles a reservation and changes the next answer.

use super::Engine;
use super::case::debt_is;
use super::commands::{Decision, RowSink, Settle, Settled};
use super::state::{account_key, contact_key};
use super::tenant::low32;
use crate::domain::facts::{Account, At, Attempt};
use crate::domain::ids::{AccountNo, DebtNo, PersonNo};
use crate::domain::time::UnixSeconds;
use crate::domain::words::Outcome;

impl Engine {
    /// Settles, corrects or releases (GATES.md, semantics 5 and 6).
    pub fn settle(
        &mut self,
        settle: &Settle,
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> Settled {
        let now = self.begin(now, rows);
        let Some(no) = self.state.account(settle.tenant, &settle.account_id) else {
            return Settled::UnknownAccount;
        };
        let Some(account) = self.state.accounts.get(no.0) else {
            return Settled::UnknownAccount;
        };
        let Some((person, old)) = self.find_attempt(account, settle.audit_id) else {
            return Settled::UnknownDecision;
        };
        let Some(debts) = self.named_debts(account, &settle.debt_ids) else {
            return Settled::UnknownDebt;
        };
        if settle.outcome == Outcome::NotDialed && old.outcome() != Outcome::NotDialed {
            let fresh_until = i64::from(old.at.0) + Decision::FRESH_S;
            let late = !old.is_live(now);
            if late && now.0 >= fresh_until {
                return Settled::TooLate;
            }
            if late && !settle.has_actor {
                return Settled::ActorMissing;
            }
        }
        let set = if debts.is_empty() {
            old.debts
        } else {
            self.state.debt_set(&debts)
        };
        let new = settled(&old, settle, set, now);
        if new == old {
            return Settled::Unchanged;
        }
        let Some(tenant) = self.tenants.get_mut(usize::from(settle.tenant.0)) else {
            return Settled::UnknownAccount;
        };
        let seq = tenant.next_seq();
        tenant.tallies.outcome(settle.outcome.as_str(), now);
        self.outcome_row(settle, (no, person), &new, (seq, now), rows);
        self.put_attempt((no, person), settle.audit_id, new, seq);
        Settled::Applied(seq)
    }

    /// The attempt of a decision, among the account's people.
    fn find_attempt(&self, account: &Account, audit: u64) -> Option<(PersonNo, Attempt)> {
        let parties = account
            .extras
            .as_deref()
            .map_or(&[][..], |extras| &extras.parties);
        let people = std::iter::once(account.consumer).chain(parties.iter().map(|p| p.person));
        people.into_iter().find_map(|no| {
            let person = self.state.persons.get(no.0)?;
            let found = person
                .attempts
                .iter()
                .find(|a| a.audit == low32(audit) && audit != 0)?;
            let known: Vec<DebtNo> = account.debts.iter().map(|d| d.no).collect();
            self.state
                .debt_sets
                .meets(found.debts, &known)
                .then_some((no, *found))
        })
    }

    fn named_debts(&self, account: &Account, names: &[Box<str>]) -> Option<Vec<DebtNo>> {
        let find = |id: &str| {
            let mut all = account.debts.iter();
            all.find(|d| debt_is(&self.state, account, d.id, id))
                .map(|d| d.no)
        };
        names.iter().map(|name| find(name)).collect()
    }

    /// Puts a settled attempt where the reservation stood.
    pub(super) fn put_attempt(
        &mut self,
        (account, person): (AccountNo, PersonNo),
        audit: u64,
        new: Attempt,
        seq: u64,
    ) {
        let (state, stamp) = (&mut self.state, low32(seq));
        if let Some(row) = state.persons.get_mut(person.0, &mut state.pages) {
            row.touched = stamp;
            if let Some(at) = row.attempts.iter().position(|a| a.audit == low32(audit)) {
                row.attempts.remove(at);
                let place = row.attempts.partition_point(|a| a.at <= new.at);
                row.attempts.insert(place, new);
            }
        }
        if let Some(row) = state.accounts.get_mut(account.0, &mut state.pages) {
            row.touched = stamp;
        }
    }

    fn outcome_row(
        &mut self,
        settle: &Settle,
        (account, person): (AccountNo, PersonNo),
        new: &Attempt,
        (seq, now): (u64, UnixSeconds),
        rows: &mut impl RowSink,
    ) {
        let members = match (new.debts.single(), new.debts.table_index()) {
            (Some(only), _) => vec![only],
            (None, Some(index)) => self.state.debt_sets.get(index).to_vec(),
            (None, None) => Vec::new(),
        };
        let body = &mut self.body;
        body.begin();
        body.int("a", account.0);
        body.int("af", new.flags);
        body.int("at", new.at.0);
        body.int("ca", new.call);
        body.ints("d", members.iter().map(|d| u64::from(d.0)));
        body.word("k", "o");
        body.word("o", settle.outcome.as_str());
        body.int("p", person.0);
        body.int("q", seq);
        body.int("r", settle.audit_id);
        body.digests([&settle.subject.digest]);
        body.int("t", now.0);
        let keys = [
            account_key(settle.tenant, &settle.account_id),
            contact_key(settle.tenant, new.contact),
        ];
        rows.row(settle.tenant, seq, body.end(), &[&settle.subject], keys);
    }
}

/// What an attempt becomes by an outcome.
fn settled(
    old: &Attempt,
    settle: &Settle,
    debts: crate::domain::ids::DebtSet,
    now: UnixSeconds,
) -> Attempt {
    let known_call = if old.has(Attempt::RESERVED) {
        0
    } else {
        old.call
    };
    let mut new = *old;
    new.call = if settle.call == 0 {
        known_call
    } else {
        settle.call
    };
    new.debts = debts;
    new.outcome = settle.outcome.number();
    new.flags &= !(Attempt::RESERVED | Attempt::WITHDRAWN);
    if settle.outcome == Outcome::NotDialed {
        new.flags |= Attempt::WITHDRAWN;
    }
    if let Some(at) = settle.occurred_at {
        // A call happens after it was allowed and before it is reported; clocks that say otherwise
        // are read to the consumer's advantage: the later instant frees the slot later.
        new.at = At::of(at.min(now)).max(old.at);
    }
    new
}
