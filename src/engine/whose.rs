//! Which contact a report is about, and with whom.

use super::Engine;
use super::call::{Call, members, sort};
use super::case::belongs;
use super::commands::{NotTaken, Refusal};
use super::history::owner_of;
use super::report::channel;
use super::state::call_hash;
use super::stated;
use super::tenant::low32;
use crate::domain::facts::{Account, Attempt};
use crate::domain::ids::{DebtNo, PersonNo};
use crate::domain::time::UnixSeconds;
use crate::domain::words::Outcome;
use crate::wire::disposition::{Direction, Disposition};

/// Seconds after `use_by` in which a report without `audit_id` still settles a reservation: a call
/// placed in time may be as long. What comes later is taken for another call, which counts more.
const SETTLES_S: i64 = 3600;
/// Seconds within which a call reported by its decision and one reported by its id, each without
/// the other, are one: as long as a decision may be used.
const NEAR_S: i64 = 300;

/// Where a report belongs.
pub(super) struct Found {
    pub(super) person: PersonNo,
    pub(super) known: Option<Attempt>,
}

impl Engine {
    /// An attempt of an account with its debts, and its second entry.
    pub(super) fn call_of(&self, account: &Account, person: PersonNo, main: Attempt) -> Call {
        let ours = debts_of(account);
        let same = |a: &&Attempt| {
            let by_id = if main.audit == 0 {
                let own = self.state.debt_sets.meets(a.debts, &ours);
                own && a.audit == 0 && a.call == main.call && a.at == main.at
            } else {
                a.audit == main.audit
            };
            a.has(Attempt::TALK_ONLY) && by_id && a.contact == main.contact
        };
        let row = self.state.persons.get(person.0);
        let talks = row.into_iter().flat_map(|row| row.attempts.iter());
        let talks = talks.filter(same);
        let mut talk: Vec<DebtNo> = talks.flat_map(|a| members(&self.state, a)).collect();
        sort(&mut talk);
        Call {
            debts: members(&self.state, &main),
            talk,
            main,
        }
    }

    pub(super) fn by_id(&self, account: &Account, person: PersonNo, call: u32) -> Option<Attempt> {
        let known = debts_of(account);
        let row = self.state.persons.get(person.0)?;
        let mut all = row.attempts.iter().rev();
        let same = |a: &&Attempt| a.call == call && !a.has(Attempt::RESERVED | Attempt::TALK_ONLY);
        let found = all.find(|a| same(a) && self.state.debt_sets.meets(a.debts, &known))?;
        Some(*found)
    }

    /// Which contact a report is about: the decision's, the one with the call id, one to the same
    /// contact point that waits for its outcome; else none that is known.
    pub(super) fn find_call(
        &self,
        account: &Account,
        said: &Disposition,
        now: UnixSeconds,
    ) -> Result<Found, NotTaken> {
        let call = said.call_id.as_deref().map_or(0, call_hash);
        if let Some(audit) = said.audit_id {
            let found = self.by_decision(account, audit);
            let (person, known) = found.ok_or(NotTaken::UnknownDecision)?;
            let other = |number| said.phone.is_some_and(|said| said != number);
            if known.contact.as_phone().is_some_and(other) {
                // What is said of one number must not settle, or condemn, another.
                return Err(NotTaken::Field("phone", Refusal::Conflict));
            }
            let settled = known.call != 0 && !known.has(Attempt::RESERVED);
            if settled && call != 0 && known.call != call && said.actor.is_none() {
                // One decision, two calls: the second is one too many and counts as such.
                let known = self.by_id(account, person, call);
                return Ok(Found { person, known });
            }
            let known = Some(known);
            return Ok(Found { person, known });
        }
        let people = people(account);
        if call != 0 {
            let known = people
                .clone()
                .find_map(|no| Some((no, self.by_id(account, no, call)?)));
            if let Some((person, known)) = known {
                let known = Some(known);
                return Ok(Found { person, known });
            }
        }
        if said.direction == Direction::Outbound
            && let Some((person, known)) = self.waiting(account, said, call, now)
        {
            let known = Some(known);
            return Ok(Found { person, known });
        }
        let person = self.addressed(account, said)?;
        Ok(Found {
            person,
            known: None,
        })
    }

    /// The attempt of a decision, among the account's people.
    fn by_decision(&self, account: &Account, audit: u64) -> Option<(PersonNo, Attempt)> {
        let known = debts_of(account);
        people(account).find_map(|no| {
            let person = self.state.persons.get(no.0)?;
            let same =
                |a: &&Attempt| a.audit == low32(audit) && audit != 0 && !a.has(Attempt::TALK_ONLY);
            let found = person.attempts.iter().find(same)?;
            let ours = self.state.debt_sets.meets(found.debts, &known);
            ours.then_some((no, *found))
        })
    }

    /// The contact to the same point, allowed at or before the report's instant and nearest to it,
    /// that still waits for what this report says of it.
    fn waiting(
        &self,
        account: &Account,
        said: &Disposition,
        call: u32,
        now: UnixSeconds,
    ) -> Option<(PersonNo, Attempt)> {
        let at = said.occurred_at.map_or(now, |at| at.min(now)).0;
        let key = stated::key(said.phone, said.email.as_deref());
        let channel = channel(said);
        let debts = debts_of(account);
        let waits = |a: &Attempt| {
            let begun = i64::from(a.at.0);
            if a.has(Attempt::RESERVED) {
                return begun <= at && at < i64::from(a.call) + SETTLES_S;
            }
            let named = call != 0 && a.call != 0;
            let instant = begun == at && said.occurred_at.is_some() && !named;
            let near = a.audit != 0
                && call != 0
                && a.call == 0
                && begun.abs_diff(at) <= NEAR_S.unsigned_abs();
            instant || near
        };
        let fits = |a: &&Attempt| {
            a.contact == key
                && a.channel() == Some(channel)
                && !a.has(Attempt::INBOUND | Attempt::TALK_ONLY)
                && a.outcome() != Outcome::NotDialed
                && waits(a)
                && self.state.debt_sets.meets(a.debts, &debts)
        };
        let of = |no: PersonNo| {
            let row = self.state.persons.get(no.0)?;
            let nearest = row.attempts.iter().filter(fits).max_by_key(|a| a.at)?;
            Some((no, *nearest))
        };
        people(account).filter_map(of).max_by_key(|(_, a)| a.at)
    }

    /// Whom a report is about that belongs to nothing known.
    fn addressed(&self, account: &Account, said: &Disposition) -> Result<PersonNo, NotTaken> {
        if let Some(id) = said.person_id.as_deref() {
            let known = self.state.person(account.tenant, id);
            let known = known.filter(|no| belongs(account, *no));
            return known.ok_or(NotTaken::Field("person_id", Refusal::UnknownPerson));
        }
        let by_phone = said.phone.and_then(|number| {
            let entries = account.phones.iter().filter(|p| p.number == number);
            owner_of(entries.map(|p| p.person), account.consumer)
        });
        let by_email = said.email.as_deref().and_then(|address| {
            let emails = account.extras.as_deref()?.emails.iter();
            let entries = emails.filter(|e| self.state.strings.get(e.address) == address);
            owner_of(entries.map(|e| e.person), account.consumer)
        });
        Ok(by_phone.or(by_email).unwrap_or(account.consumer))
    }
}

/// The particular debts of an account.
pub(super) fn debts_of(account: &Account) -> Vec<DebtNo> {
    account.debts.iter().map(|d| d.no).collect()
}

/// The account's people, the consumer first.
pub(super) fn people(account: &Account) -> impl Iterator<Item = PersonNo> + Clone + '_ {
    let parties = account
        .extras
        .as_deref()
        .map_or(&[][..], |extras| &extras.parties);
    std::iter::once(account.consumer).chain(parties.iter().map(|p| p.person))
}
