//! Both sides of every bound of TIMING, by the clock of the person.

mod counts;
mod hours;
mod inconvenient;
mod next;
mod random;
mod state;

use super::{ask, next_allowed_at, use_by};
use crate::domain::facts::{At, Attempt, ContactKey};
use crate::domain::gates::fixture::{Fixture, at};
use crate::domain::gates::{concurrency, fairness};
use crate::domain::ids::{DebtNo, DebtSet};
use crate::domain::time::UnixSeconds;
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::{Action, Channel, Outcome};

/// Codes of the gate at an instant.
fn codes(fixture: &Fixture, when: &str) -> Vec<Code> {
    let mut fixture = fixture.clone();
    fixture.now = at(when);
    fixture.ask(ask)
}

/// Asks the three gates that time cures, then when they would pass.
fn next(fixture: &Fixture, when: &str) -> Option<UnixSeconds> {
    let mut fixture = fixture.clone();
    fixture.now = at(when);
    fixture.with(|case| {
        let mut found = Findings::default();
        fairness::ask(case, &mut found);
        ask(case, &mut found);
        concurrency::ask(case, &mut found);
        next_allowed_at(case, &found)
    })
}

/// Until when an ALLOW of this instant may be used.
fn until(fixture: &Fixture, when: &str) -> UnixSeconds {
    let mut fixture = fixture.clone();
    fixture.now = at(when);
    fixture.with(use_by)
}

/// A call to the consumer's number about the first debt.
pub(in crate::domain::gates) fn call(when: &str, outcome: Outcome) -> Attempt {
    Attempt {
        at: At::of(at(when)),
        call: 0,
        debts: DebtSet::one(DebtNo(1)),
        audit: 0,
        contact: ContactKey::phone(crate::domain::gates::fixture::number(8_185_551_234)),
        kind: Attempt::pack_kind(Channel::Phone, Action::Call),
        outcome: outcome.number(),
        flags: 0,
    }
}

/// The same with flags.
fn flagged(when: &str, outcome: Outcome, flags: u8) -> Attempt {
    Attempt {
        flags,
        ..call(when, outcome)
    }
}
