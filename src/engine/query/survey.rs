//! What a tenant's tables hold, counted some rows at a time.
//!
//! A count of a million accounts is asked for in pieces, each as long as a slice of an import, with
//! other work between them. So a survey is no picture of one instant: what changes while it runs is
//! counted before or after the change.

use crate::domain::facts::{Account, At, NumberFacts, Person, Phone};
use crate::domain::ids::TenantNo;
use crate::domain::time::UnixSeconds;
use crate::domain::words::{AccountStatus, EscalationKind, HoldKind};
use crate::engine::Engine;

/// Rows one piece looks at: some 50 µs.
pub const SURVEY_ROWS_MAX: u32 = 512;

/// Where a survey goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// From this account on.
    Accounts(u32),
    /// From this person on.
    Persons(u32),
    /// From this number or address on.
    Contacts(u32),
}

impl Place {
    /// Where every survey begins.
    pub const START: Self = Self::Accounts(0);
}

/// Counts of a tenant. Of persons and numbers each is counted once, whatever names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holdings {
    /// Accounts by [`AccountStatus`] number.
    pub accounts: [u64; AccountStatus::ALL.len()],
    /// Accounts with a dispute that is not answered.
    pub disputes_open: u64,
    /// Accounts with identity theft claimed.
    pub identity_theft: u64,
    /// Accounts with a hold in force, by [`HoldKind`] number.
    pub holds: [u64; HoldKind::ALL.len()],
    /// Accounts with an open escalation, by [`EscalationKind`] number.
    pub escalations: [u64; EscalationKind::ALL.len()],
    /// Accounts with an override in force.
    pub overrides: u64,
    /// Accounts with a number known to be somebody else's.
    pub wrong_numbers: u64,
    /// Persons known.
    pub persons: u64,
    /// Persons who asked that contact cease.
    pub ceases: u64,
    /// Persons an attorney represents.
    pub attorneys: u64,
    /// Persons in a bankruptcy that is filed or discharged.
    pub bankruptcies: u64,
    /// Persons who died.
    pub deceased: u64,
    /// Minors.
    pub minors: u64,
    /// Persons who refused a medium.
    pub refused_media: u64,
    /// Persons with times or places known to be inconvenient.
    pub inconvenient: u64,
    /// Persons flagged vulnerable.
    pub vulnerable: u64,
    /// Numbers on the do-not-call list.
    pub do_not_call: u64,
    /// Numbers and addresses that refused calls, texts, faxes or e-mail.
    pub opt_outs: u64,
}

impl Holdings {
    /// Adds what another piece counted.
    pub fn add(&mut self, other: &Self) {
        let sums = [
            (&mut self.disputes_open, other.disputes_open),
            (&mut self.identity_theft, other.identity_theft),
            (&mut self.overrides, other.overrides),
            (&mut self.wrong_numbers, other.wrong_numbers),
            (&mut self.persons, other.persons),
            (&mut self.ceases, other.ceases),
            (&mut self.attorneys, other.attorneys),
            (&mut self.bankruptcies, other.bankruptcies),
            (&mut self.deceased, other.deceased),
            (&mut self.minors, other.minors),
            (&mut self.refused_media, other.refused_media),
            (&mut self.inconvenient, other.inconvenient),
            (&mut self.vulnerable, other.vulnerable),
            (&mut self.do_not_call, other.do_not_call),
            (&mut self.opt_outs, other.opt_outs),
        ];
        for (sum, more) in sums {
            *sum += more;
        }
        let lists = self.accounts.iter_mut().zip(&other.accounts);
        let lists = lists.chain(self.holds.iter_mut().zip(&other.holds));
        for (sum, more) in lists.chain(self.escalations.iter_mut().zip(&other.escalations)) {
            *sum += more;
        }
    }

    fn account(&mut self, account: &Account, now: UnixSeconds) {
        bump(&mut self.accounts, account.status.number());
        let wrong = account.phones.iter().any(|phone| phone.has(Phone::WRONG));
        self.wrong_numbers += u64::from(wrong);
        let Some(extras) = account.extras.as_deref() else {
            return;
        };
        let open = extras.disputes.iter().any(|d| !d.answered.is_set());
        self.disputes_open += u64::from(open);
        self.identity_theft += u64::from(!extras.identity_theft.is_empty());
        for kind in HoldKind::ALL {
            let mut holds = extras.holds.iter();
            if holds.any(|hold| hold.kind == *kind && lasts(hold.since, hold.until, now)) {
                bump(&mut self.holds, kind.number());
            }
        }
        for kind in EscalationKind::ALL {
            if extras.escalations.iter().any(|one| one.kind == *kind) {
                bump(&mut self.escalations, kind.number());
            }
        }
        let mut lifts = extras.overrides.iter();
        let lifted = lifts.any(|o| lasts(o.since, o.until, now));
        self.overrides += u64::from(lifted);
    }

    fn person(&mut self, person: &Person) {
        self.persons += 1;
        let Some(extras) = person.extras.as_deref() else {
            return;
        };
        let represented = extras.attorneys.iter().any(|a| !a.lifted_by_attorney);
        let inconvenient = !extras.inconvenient_times.is_empty() || extras.inconvenient_places != 0;
        self.ceases += u64::from(!extras.ceases.is_empty());
        self.attorneys += u64::from(represented);
        self.bankruptcies += u64::from(extras.is_bankrupt());
        self.deceased += u64::from(extras.deceased);
        self.minors += u64::from(extras.minor);
        self.refused_media += u64::from(extras.refused_media != 0);
        self.inconvenient += u64::from(inconvenient);
        self.vulnerable += u64::from(extras.vulnerable != 0);
    }

    fn contact(&mut self, facts: &NumberFacts, now: UnixSeconds) {
        self.do_not_call += u64::from(facts.is_listed(now));
        self.opt_outs += u64::from(facts.flags & !NumberFacts::DO_NOT_CALL != 0);
    }
}

fn bump(counts: &mut [u64], number: u8) {
    if let Some(count) = counts.get_mut(usize::from(number)) {
        *count += 1;
    }
}

fn lasts(since: At, until: At, now: UnixSeconds) -> bool {
    since.get().is_none_or(|since| since <= now) && until.get().is_none_or(|until| now < until)
}

impl Engine {
    /// Counts the tenant's rows among the next [`SURVEY_ROWS_MAX`], and says where to go on.
    pub(super) fn survey(
        &self,
        tenant: TenantNo,
        from: Place,
        now: UnixSeconds,
    ) -> (Holdings, Option<Place>) {
        let (mut held, state) = (Holdings::default(), &self.state);
        let (first, len) = match from {
            Place::Accounts(row) => (row, state.accounts.len()),
            Place::Persons(row) => (row, state.persons.len()),
            Place::Contacts(row) => (row, state.contacts.len()),
        };
        let end = first.saturating_add(SURVEY_ROWS_MAX);
        for row in first..end {
            match from {
                Place::Accounts(_) => {
                    let mine = |a: &&Account| a.tenant == tenant && a.id.is_some();
                    if let Some(account) = state.accounts.get(row).filter(mine) {
                        held.account(account, now);
                    }
                }
                Place::Persons(_) => {
                    let mine = |p: &&Person| p.tenant == tenant;
                    if let Some(person) = state.persons.get(row).filter(mine) {
                        held.person(person);
                    }
                }
                Place::Contacts(_) => {
                    if let Some(known) = state.contacts.get(row)
                        && known.tenant == tenant
                    {
                        held.contact(known, now);
                    }
                }
            }
        }
        let more = (end as usize) < len;
        let next = match from {
            Place::Accounts(_) if more => Some(Place::Accounts(end)),
            Place::Accounts(_) => Some(Place::Persons(0)),
            Place::Persons(_) if more => Some(Place::Persons(end)),
            Place::Persons(_) => Some(Place::Contacts(0)),
            Place::Contacts(_) => more.then_some(Place::Contacts(end)),
        };
        (held, next)
    }
}
