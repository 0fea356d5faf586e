//! What of a row can be read before the rows in front of it are applied, and which rows of state it
//! will touch: so that a recovery reads on one core and applies on another.

use std::hint::black_box;

use super::Engine;
use super::commands::{Key, Stated};
use super::erased::Numbers;
use super::replay::{
    DecisionRow, FactsRow, RowDamage, Subjects, key_of, kind_of, parse, stated_of,
};
use crate::domain::facts::ContactKey;
use crate::domain::ids::TenantNo;

/// Rows touched together: more do not overlap.
pub const AHEAD_MAX: usize = 64;

/// A row read without the state. Nothing is judged here: what does not read is found when it is applied.
#[derive(Debug)]
pub struct ReadRow {
    pub(super) tenant: TenantNo,
    pub(super) read: Read,
}

/// What was read of it.
#[derive(Debug)]
pub(super) enum Read {
    /// A decision, and the key it is kept under.
    Decision(Box<DecisionRow>, Option<Key>),
    /// A page of facts.
    Facts(FactsRead),
    /// Seldom, or not readable: read when it is applied.
    Later,
}

/// A page of facts: position, time, and of each record the numbers it was given and what it states;
/// `None` where that is erased.
#[derive(Debug)]
pub(super) struct FactsRead {
    pub(super) q: u64,
    pub(super) t: i64,
    pub(super) records: Vec<(Numbers, Option<Result<Stated, RowDamage>>)>,
}

impl ReadRow {
    /// Reads a row's body and subjects.
    pub fn read(tenant: TenantNo, body: &[u8], subjects: Subjects<'_>) -> Self {
        let read = match kind_of(body) {
            Some(b'd') => parse(body).map(|row| Read::Decision(Box::new(row), key_of(subjects))),
            Some(b'f') => parse(body).map(|row| Read::Facts(FactsRead::of(&row, subjects))),
            _ => Ok(Read::Later),
        };
        let read = read.unwrap_or(Read::Later);
        Self { tenant, read }
    }
}

impl FactsRead {
    pub(super) fn of(row: &FactsRow<'_>, subjects: Subjects<'_>) -> Self {
        let records = row.r.iter().enumerate().map(|(at, landed)| {
            let subject = subjects.get(at).copied().flatten();
            let stated = subject.map(|subject| stated_of(landed, subject));
            (landed.numbers(), stated)
        });
        Self {
            q: row.q,
            t: row.t,
            records: records.collect(),
        }
    }
}

impl Engine {
    /// Touches what applying these will change, stage by stage, so that the waits for memory of one
    /// stage overlap. Nothing is changed, and what is touched in vain only costs time.
    pub fn touch_ahead(&self, rows: &[ReadRow]) {
        let mut touched = 0_u64;
        let decisions = || {
            rows.iter().filter_map(|row| match &row.read {
                Read::Decision(decision, key) => Some((row.tenant, decision, key)),
                _ => None,
            })
        };
        for ((tenant, row, key), ahead) in decisions().zip(0..) {
            if let Some(account) = row.a.and_then(|a| self.state.accounts.get(a)) {
                touched = touched.wrapping_add(u64::from(account.zip));
            }
            if let Some(person) = row.p.and_then(|p| self.state.persons.get(p)) {
                touched = touched.wrapping_add(u64::from(person.touched));
            }
            if let Some(key) = key {
                touched ^= self.keys.touch(tenant, key.key, ahead);
            }
        }
        for (tenant, row, _) in decisions() {
            let account = row.a.and_then(|a| self.state.accounts.get(a));
            let phone = account.and_then(|account| account.phones.get(row.h?));
            if let Some(phone) = phone {
                let contact = self.state.contact(tenant, ContactKey::phone(phone.number));
                touched = touched.wrapping_add(contact.map_or(0, u64::from));
            }
            if let Some(person) = row.p.and_then(|p| self.state.persons.get(p)) {
                for attempt in [person.attempts.first(), person.attempts.last()] {
                    touched = touched.wrapping_add(attempt.map_or(0, |a| u64::from(a.at.0)));
                }
            }
        }
        black_box(touched);
    }
}
