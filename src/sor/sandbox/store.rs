//! Documents by collection and id, in redb: JSON objects, one transaction a call.

use std::path::Path;

use redb::backends::InMemoryBackend;
use redb::{Database, ReadableTable as _, TableDefinition, WriteTransaction};
use serde_json::Value;

use super::reply::Refusal;
use crate::wire::limits::{SANDBOX_DOCUMENT_BYTES_MAX, SANDBOX_DOCUMENTS_MAX};

/// JSON by collection and key.
const DOCUMENTS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("documents");
/// The last number given out, by collection.
const NUMBERS: TableDefinition<'_, &str, u64> = TableDefinition::new("numbers");

/// Under this name of [`NUMBERS`], how many documents there are.
const ALL: &str = "";

/// The database failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(#[source] Box<redb::Error>);

impl StoreError {
    /// Whether another process has the database.
    pub fn is_taken(&self) -> bool {
        matches!(*self.0, redb::Error::DatabaseAlreadyOpen)
    }
}

fn failed(error: impl Into<redb::Error>) -> StoreError {
    StoreError(Box::new(error.into()))
}

/// The database of a sandbox.
#[derive(Debug)]
pub(super) struct Store(Database);

impl Store {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        Database::create(path).map(Self).map_err(failed)
    }

    pub(super) fn in_memory() -> Result<Self, StoreError> {
        let made = Database::builder().create_with_backend(InMemoryBackend::new());
        made.map(Self).map_err(failed)
    }

    /// Runs `work` in a transaction, which is kept if it changed anything and did not fail.
    pub(super) fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Books) -> Result<T, E>,
    ) -> Result<T, E> {
        let tx = self.0.begin_write().map_err(failed)?;
        let mut books = Books { tx, changed: false };
        let worked = work(&mut books);
        // Dropping a transaction gives it up (SANDBOX-1).
        if worked.is_ok() && books.changed {
            books.tx.commit().map_err(failed)?;
        }
        worked
    }
}

/// The documents during one call.
pub(super) struct Books {
    tx: WriteTransaction,
    changed: bool,
}

/// Ids in the order people count in: numbers by their size, before everything else.
fn key(id: &str) -> String {
    let is_number = !id.is_empty() && id.len() <= 18 && id.bytes().all(|b| b.is_ascii_digit());
    if is_number {
        format!("{id:0>18}")
    } else {
        id.to_owned()
    }
}

impl Books {
    /// A document.
    pub(super) fn get(&self, collection: &str, id: &str) -> Result<Option<Value>, StoreError> {
        let table = self.tx.open_table(DOCUMENTS).map_err(failed)?;
        let held = table.get((collection, &*key(id))).map_err(failed)?;
        Ok(held.and_then(|bytes| serde_json::from_slice(bytes.value()).ok()))
    }

    /// Every document of a collection, by id.
    pub(super) fn all(&self, collection: &str) -> Result<Vec<Value>, StoreError> {
        let table = self.tx.open_table(DOCUMENTS).map_err(failed)?;
        let mut found = Vec::new();
        for entry in table.range((collection, "")..).map_err(failed)? {
            let (key, bytes) = entry.map_err(failed)?;
            if key.value().0 != collection {
                break;
            }
            found.extend(serde_json::from_slice::<Value>(bytes.value()));
            if found.len() >= SANDBOX_DOCUMENTS_MAX {
                break;
            }
        }
        Ok(found)
    }

    /// Those of a collection that say this under this name.
    pub(super) fn of(
        &self,
        collection: &str,
        name: &str,
        says: &str,
    ) -> Result<Vec<Value>, StoreError> {
        let mut found = self.all(collection)?;
        found.retain(|document| super::asked::text_of(document, name).as_deref() == Some(says));
        Ok(found)
    }

    /// Puts a document in the place of what was there.
    pub(super) fn put(
        &mut self,
        collection: &str,
        id: &str,
        document: &Value,
    ) -> Result<(), Refusal> {
        let bytes = document.to_string().into_bytes();
        if bytes.len() > SANDBOX_DOCUMENT_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        let is_new = {
            let mut table = self.tx.open_table(DOCUMENTS).map_err(failed)?;
            let old = table.insert((collection, &*key(id)), &*bytes);
            old.map_err(failed)?.is_none()
        };
        self.changed = true;
        if is_new && self.count(ALL, 1)? > SANDBOX_DOCUMENTS_MAX as u64 {
            return Err(Refusal::Full);
        }
        Ok(())
    }

    /// Takes a document out; whether it was there.
    pub(super) fn remove(&mut self, collection: &str, id: &str) -> Result<bool, StoreError> {
        let was = {
            let mut table = self.tx.open_table(DOCUMENTS).map_err(failed)?;
            let old = table.remove((collection, &*key(id)));
            old.map_err(failed)?.is_some()
        };
        if was {
            self.count(ALL, -1)?;
        }
        Ok(was)
    }

    /// The next number of a collection, from 1.
    pub(super) fn number(&mut self, collection: &str) -> Result<u64, StoreError> {
        self.count(collection, 1)
    }

    fn count(&mut self, what: &str, by: i64) -> Result<u64, StoreError> {
        let mut table = self.tx.open_table(NUMBERS).map_err(failed)?;
        let last = table.get(what).map_err(failed)?.map(|held| held.value());
        let next = last.unwrap_or(0).saturating_add_signed(by);
        table.insert(what, next).map_err(failed)?;
        self.changed = true;
        Ok(next)
    }

    /// Whether a collection ever had a number given out: an emptied one is not seeded again.
    pub(super) fn is_begun(&self, collection: &str) -> Result<bool, StoreError> {
        let table = self.tx.open_table(NUMBERS).map_err(failed)?;
        Ok(table.get(collection).map_err(failed)?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ids(store: &Store) -> Vec<Value> {
        store.write::<_, Refusal>(|b| Ok(b.all("c")?)).unwrap()
    }

    /// SANDBOX-1.
    #[test]
    fn a_call_that_fails_changes_nothing() {
        let store = Store::in_memory().unwrap();
        let failed = store.write::<(), Refusal>(|books| {
            books.put("c", "1", &json!(1))?;
            books.number("c")?;
            Err(Refusal::NotFound)
        });
        assert!(failed.is_err() && ids(&store).is_empty());
        let first = store.write::<_, Refusal>(|books| Ok(books.number("c")?));
        assert_eq!(first.unwrap(), 1);
    }

    #[test]
    fn a_collection_is_listed_in_the_order_of_its_numbers_and_ends_where_the_next_begins() {
        let store = Store::in_memory().unwrap();
        let put = |books: &mut Books| {
            for id in ["10", "9", "b", "2"] {
                books.put("c", id, &json!(id))?;
            }
            books.put("ca", "1", &json!("another"))?;
            books.remove("c", "b")?;
            Ok::<_, Refusal>(())
        };
        store.write(put).unwrap();
        assert_eq!(ids(&store), [json!("2"), json!("9"), json!("10")]);
    }

    #[test]
    fn a_document_has_a_bound() {
        let store = Store::in_memory().unwrap();
        let long = json!("x".repeat(SANDBOX_DOCUMENT_BYTES_MAX));
        let put = store.write(|books| books.put("c", "1", &long));
        assert!(matches!(put, Err(Refusal::TooLarge)));
    }
}
