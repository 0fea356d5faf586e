//! The database beside the ledger: how far every tenant's system has been told, what was given up, and
//! how far reading it has come: numbers only, no word of anybody. And what accounts nobody has read yet
//! are owed, until they are read.
//!
//! | table | key | value |
//! |---|---|---|
//! | `places` | tenant | frame, segment, offset |
//! | `done` | tenant, seq, first letter | letters confirmed |
//! | `dead` | tenant, seq, first letter | letters confirmed, cause, tries, when |
//! | `reading` | tenant | opaque text of whoever reads |
//! | `owed` | tenant, account, number | a restriction, its words apart, as rows of the ledger have them |

use std::collections::BTreeMap;
use std::path::Path;

use redb::{Builder, Database, ReadableDatabase as _, TableDefinition};

use super::{Cause, Changes, Dead, LedgerPlace, ParcelId};

/// Tenant, seq, first letter.
type Key<'k> = (&'k str, u64, u32);
/// Tenant, account, number.
type OwedKey<'k> = (&'k str, &'k str, u32);
/// Tenant, account, body and words of a restriction.
pub type OwedRow = (String, String, Vec<u8>, Vec<u8>);
/// Letters confirmed, cause, tries, when.
type Gone = (u32, u8, u32, i64);

const PLACES: TableDefinition<'_, &str, (u64, u32, u32)> = TableDefinition::new("places");
const DONE: TableDefinition<'_, Key<'_>, u32> = TableDefinition::new("done");
const DEAD: TableDefinition<'_, Key<'_>, Gone> = TableDefinition::new("dead");
const READING: TableDefinition<'_, &str, &str> = TableDefinition::new("reading");

const OWED: TableDefinition<'_, OwedKey<'_>, (&[u8], &[u8])> = TableDefinition::new("owed");

/// Memory for pages of it.
const CACHE_BYTES: usize = 1024 * 1024;

/// The database could not do something. Nothing is lost by it: letters are sent again.
#[derive(Debug, thiserror::Error)]
#[error("the outbox's database failed")]
pub struct BookError(#[source] Box<redb::Error>);

fn failed(error: impl Into<redb::Error>) -> BookError {
    BookError(Box::new(error.into()))
}

/// What is known of one tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Its place; `None`: it has never been read.
    pub place: Option<LedgerPlace>,
    /// Letters confirmed beyond it.
    pub beyond: BTreeMap<ParcelId, u32>,
}

/// The database. Blocks on the disk: not for a listening thread.
#[derive(Debug)]
pub struct Book(Database);

impl Book {
    /// Opens or makes it.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn open(path: &Path) -> Result<Self, BookError> {
        let db = Builder::new()
            .set_cache_size(CACHE_BYTES)
            .create(path)
            .map_err(failed)?;
        let tx = db.begin_write().map_err(failed)?;
        tx.open_table(PLACES).map_err(failed)?;
        tx.open_table(DONE).map_err(failed)?;
        tx.open_table(DEAD).map_err(failed)?;
        tx.open_table(READING).map_err(failed)?;
        tx.open_table(OWED).map_err(failed)?;
        tx.commit().map_err(failed)?;
        Ok(Self(db))
    }

    /// What is known of a tenant.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn kept(&self, tenant: &str) -> Result<Kept, BookError> {
        let tx = self.0.begin_read().map_err(failed)?;
        let places = tx.open_table(PLACES).map_err(failed)?;
        let place = places.get(tenant).map_err(failed)?.map(|at| {
            let (frame, segment, offset) = at.value();
            LedgerPlace {
                frame,
                segment,
                offset,
            }
        });
        let done = tx.open_table(DONE).map_err(failed)?;
        let all = (tenant, 0, 0)..=(tenant, u64::MAX, u32::MAX);
        let mut beyond = BTreeMap::new();
        for entry in done.range(all).map_err(failed)? {
            let (key, confirmed) = entry.map_err(failed)?;
            let (_, seq, first) = key.value();
            beyond.insert((seq, first), confirmed.value());
        }
        Ok(Kept { place, beyond })
    }

    /// Writes changes of several tenants down, durably, all or none.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn write(&self, changes: &[(&str, &Changes)]) -> Result<(), BookError> {
        let tx = self.0.begin_write().map_err(failed)?;
        {
            let mut places = tx.open_table(PLACES).map_err(failed)?;
            let mut done = tx.open_table(DONE).map_err(failed)?;
            let mut dead = tx.open_table(DEAD).map_err(failed)?;
            for (tenant, changes) in changes {
                if let Some(at) = changes.place {
                    let place = (at.frame, at.segment, at.offset);
                    places.insert(tenant, place).map_err(failed)?;
                }
                // First: what is confirmed here was confirmed since.
                if let Some(before) = changes.forget_before {
                    let old = (*tenant, 0, 0)..(*tenant, before, 0);
                    done.retain_in(old, |_, _| false).map_err(failed)?;
                }
                for ((seq, first), confirmed) in &changes.done {
                    let key = (*tenant, *seq, *first);
                    done.insert(key, *confirmed).map_err(failed)?;
                }
                for one in &changes.dead {
                    let key = (*tenant, one.id.0, one.id.1);
                    let value = (one.confirmed, one.cause.number(), one.tries, one.at);
                    dead.insert(key, value).map_err(failed)?;
                }
                for (seq, first) in &changes.alive {
                    dead.remove((*tenant, *seq, *first)).map_err(failed)?;
                }
            }
        }
        tx.commit().map_err(failed)
    }

    /// Letters of a tenant that were given up, from a row on, at most so many; and how many there are.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn dead(
        &self,
        tenant: &str,
        from: u64,
        at_most: usize,
    ) -> Result<(Vec<Dead>, u64), BookError> {
        let tx = self.0.begin_read().map_err(failed)?;
        let table = tx.open_table(DEAD).map_err(failed)?;
        let all = (tenant, 0, 0)..=(tenant, u64::MAX, u32::MAX);
        let (mut list, mut count) = (Vec::new(), 0);
        for entry in table.range(all).map_err(failed)? {
            let (key, value) = entry.map_err(failed)?;
            count += 1;
            let (_, seq, first) = key.value();
            if seq < from || list.len() >= at_most {
                continue;
            }
            let (confirmed, cause, tries, at) = value.value();
            list.push(Dead {
                id: (seq, first),
                confirmed,
                cause: Cause::from_number(cause).unwrap_or(Cause::GivenUp),
                tries,
                at,
            });
        }
        Ok((list, count))
    }

    /// Everything that is owed.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn owed(&self) -> Result<Vec<OwedRow>, BookError> {
        let tx = self.0.begin_read().map_err(failed)?;
        let table = tx.open_table(OWED).map_err(failed)?;
        let mut rows = Vec::new();
        for entry in table.range::<OwedKey<'_>>(..).map_err(failed)? {
            let (key, value) = entry.map_err(failed)?;
            let ((tenant, account, _), (body, subject)) = (key.value(), value.value());
            let row = (tenant.into(), account.into(), body.into(), subject.into());
            rows.push(row);
        }
        Ok(rows)
    }

    /// Writes down what an account is owed, durably, in the place of what was written before. `lines`
    /// is asked once nobody else writes; where it has none, nothing changes and this is false.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn set_owed(
        &self,
        tenant: &str,
        account: &str,
        lines: impl FnOnce() -> Option<Vec<(Vec<u8>, Vec<u8>)>>,
    ) -> Result<bool, BookError> {
        let tx = self.0.begin_write().map_err(failed)?;
        let Some(lines) = lines() else {
            tx.abort().map_err(failed)?;
            return Ok(false);
        };
        {
            let mut table = tx.open_table(OWED).map_err(failed)?;
            let all = (tenant, account, 0)..=(tenant, account, u32::MAX);
            table.retain_in(all, |_, _| false).map_err(failed)?;
            for (number, (body, subject)) in (0..).zip(lines) {
                let value = (body.as_slice(), subject.as_slice());
                table
                    .insert((tenant, account, number), value)
                    .map_err(failed)?;
            }
        }
        tx.commit().map_err(failed)?;
        Ok(true)
    }

    /// How far reading a tenant's system has come, as it was noted.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn reading(&self, tenant: &str) -> Result<Option<String>, BookError> {
        let tx = self.0.begin_read().map_err(failed)?;
        let table = tx.open_table(READING).map_err(failed)?;
        let noted = table.get(tenant).map_err(failed)?;
        Ok(noted.map(|text| text.value().to_owned()))
    }

    /// Notes how far reading a tenant's system has come.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn note_reading(&self, tenant: &str, text: &str) -> Result<(), BookError> {
        let tx = self.0.begin_write().map_err(failed)?;
        tx.open_table(READING)
            .map_err(failed)?
            .insert(tenant, text)
            .map_err(failed)?;
        tx.commit().map_err(failed)
    }
}
