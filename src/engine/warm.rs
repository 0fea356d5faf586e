//! Touching the rows of a batch before it is decided.
//!
//! A decision at a million accounts is mostly waiting for memory: index, row, strings, person,
//! attempts, each found through the one before. Done for a whole batch stage by stage, the waits of
//! one stage overlap, since none of its loads depends on another. Nothing is decided or changed here,
//! and what is touched in vain only costs time.

use std::hint::black_box;

use super::Engine;
use super::commands::Ask;
use super::state::id_hash;

/// Commands whose rows are touched together: more do not overlap, and their lines would be evicted
/// before they are used.
pub const BATCH_MAX: usize = 64;

impl Engine {
    /// Touches what deciding these will read.
    pub fn warm<'a>(&self, asks: impl Iterator<Item = &'a Ask>) {
        let mut batch: [Option<&Ask>; BATCH_MAX] = [None; BATCH_MAX];
        let mut hashes = [0; BATCH_MAX];
        let mut rows = [u32::MAX; BATCH_MAX];
        let mut persons = [u32::MAX; BATCH_MAX];
        let mut used = 0;
        let (mut touched, mut keys) = (0_u64, 0_u32);
        // Hashing is work without memory: between the look-ups it would keep their waits apart.
        for ((slot, hash), ask) in batch.iter_mut().zip(&mut hashes).zip(asks) {
            *hash = id_hash(ask.tenant, &ask.intent.account_id);
            *slot = Some(ask);
            used += 1;
        }
        for (row, hash) in rows.iter_mut().zip(&hashes).take(used) {
            *row = self.state.guess(*hash).unwrap_or(u32::MAX);
        }
        for ask in batch.iter().flatten() {
            if let Some(key) = &ask.key {
                touched ^= self.keys.touch(ask.tenant, key.key, keys);
                keys += 1;
            }
        }
        for (row, person) in rows.iter().zip(persons.iter_mut()).take(used) {
            if let Some(account) = self.state.accounts.get(*row) {
                *person = account.consumer.0;
                // A row is longer than a line of memory; its numbers are most of it.
                let phone = account.phones.first().map_or(0, |p| p.number.digits());
                let debt = account.debts.first().map_or(0, |debt| u64::from(debt.no.0));
                touched = touched.wrapping_add(u64::from(account.zip));
                touched = touched.wrapping_add(phone).wrapping_add(debt);
            }
        }
        for (row, person) in rows.iter().zip(&persons).take(used) {
            if let Some(account) = self.state.accounts.get(*row) {
                touched = touched.wrapping_add(self.state.strings.bytes(account.id).len() as u64);
            }
            if let Some(person) = self.state.persons.get(*person) {
                touched = touched.wrapping_add(u64::from(person.touched));
            }
        }
        for person in persons.iter().take(used) {
            let Some(person) = self.state.persons.get(*person) else {
                continue;
            };
            for attempt in [person.attempts.first(), person.attempts.last()] {
                touched = touched.wrapping_add(attempt.map_or(0, |a| u64::from(a.at.0)));
            }
        }
        black_box(touched);
    }
}
