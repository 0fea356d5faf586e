//! What has to be read again from a system of record: marks left by calls that passed, taken up by
//! whoever reads.
//!
//! A mark is written down beside what is owed before the call that may need it is sent, and goes only with
//! a read that began behind it. So neither a kill nor a system that could not be read loses one.
//!
//! Invariants
//! - AGAIN-1: at most [`SOR_MARKS_MAX`] accounts of a tenant are marked; beyond that everything is, so
//!   that no mark is ever lost. Public routes may name any account, so a flood of them costs one reading
//!   of everything, at the rate that has. A name that is too long for an account marks nothing.
//! - AGAIN-2: a mark ends with a read that succeeded and began after it was made, never otherwise. That of
//!   everything ends when everything was asked for: what could not be read is marked by itself, up to
//!   [`SOR_MARKS_BY_THEMSELVES_MAX`] accounts, and the rest is read when it is old.
//! - AGAIN-3: what is written down is, when it is written, what is marked or may yet be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::sor::outbox::{Book, BookError};
use crate::wire::limits::{CALLER_TEXT_BYTES_MAX, SOR_MARKS_BY_THEMSELVES_MAX, SOR_MARKS_MAX};

/// The name under which everything is marked: no account is called so.
pub(super) const EVERYTHING: &str = "";

/// What of a tenant's is to be read again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// Everything, whatever the list says.
    pub all: bool,
    /// These accounts.
    pub accounts: BTreeSet<Box<str>>,
}

/// One account, or everything, that is marked or may yet be.
#[derive(Debug, Default)]
struct Open {
    /// The newest mark; 0: none yet.
    number: u64,
    /// Calls on their way that may leave one.
    coming: u32,
    is_written: bool,
}

#[derive(Debug, Default)]
struct OfTenant {
    /// The newest mark of all.
    last: u64,
    open: BTreeMap<Box<str>, Open>,
    /// What nobody has taken up yet.
    untaken: Marked,
}

/// The marks of a house.
#[derive(Debug, Default)]
pub struct Marks {
    /// Where they are written down; none before the house has one.
    book: OnceLock<Arc<Book>>,
    by_tenant: Mutex<BTreeMap<Arc<str>, OfTenant>>,
}

/// A call's hand on a mark it may leave; let go when dropped.
#[derive(Debug)]
pub(super) struct Coming {
    marks: Arc<Marks>,
    pub(super) tenant: Arc<str>,
    pub(super) name: Box<str>,
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.marks.with(&self.tenant, |of| {
            if let Some(open) = of.open.get_mut(&self.name) {
                open.coming = open.coming.saturating_sub(1);
            }
            of.close(&self.name);
        });
    }
}

impl OfTenant {
    /// The name itself, or everything's where there is no more room.
    fn room_for<'n>(&self, name: &'n str) -> &'n str {
        let fits = self.open.len() < SOR_MARKS_MAX || self.open.contains_key(name);
        if fits { name } else { EVERYTHING }
    }

    fn mark(&mut self, name: &str) -> Box<str> {
        let name = self.room_for(name);
        self.last += 1;
        let number = self.last;
        let open = self.open.entry(name.into()).or_default();
        open.number = number;
        if name == EVERYTHING {
            // Reading everything reads these.
            self.open
                .retain(|name, open| &**name == EVERYTHING || open.coming > 0);
            self.untaken.accounts.clear();
            self.untaken.all = true;
        } else if !self.untaken.all {
            self.untaken.accounts.insert(name.into());
        }
        name.into()
    }

    /// Forgets what is neither marked nor may yet be; whether it did.
    fn close(&mut self, name: &str) -> bool {
        let is_over = |open: &Open| open.number == 0 && open.coming == 0;
        let is_over = self.open.get(name).is_some_and(is_over);
        is_over && self.open.remove(name).is_some()
    }
}

impl Marks {
    /// Takes up what is written down, and writes there from now on. Blocks on the disk.
    ///
    /// # Errors
    /// [`BookError`].
    pub(super) fn keep_in(&self, book: &Arc<Book>) -> Result<(), BookError> {
        for (tenant, account) in book.marked()? {
            let tenant = Arc::from(tenant);
            self.with(&tenant, |of| {
                let name = of.mark(&account);
                if let Some(open) = of.open.get_mut(&name) {
                    open.is_written = true;
                }
            });
        }
        // A second house has no business here.
        drop(self.book.set(Arc::clone(book)));
        Ok(())
    }

    /// Marks an account; what of it has to be written down, if anything.
    pub fn account(&self, tenant: &Arc<str>, account: &str) -> Option<Box<str>> {
        let fits = !account.is_empty() && account.len() <= CALLER_TEXT_BYTES_MAX;
        fits.then(|| self.with(tenant, |of| of.mark(account)))
    }

    /// Marks everything.
    pub fn all(&self, tenant: &Arc<str>) -> Box<str> {
        self.with(tenant, |of| of.mark(EVERYTHING))
    }

    /// Holds the place of a mark that a call may leave.
    pub(super) fn expect(self: &Arc<Self>, tenant: &Arc<str>, name: &str) -> Option<Coming> {
        if name.len() > CALLER_TEXT_BYTES_MAX {
            return None;
        }
        let name = self.with(tenant, |of| {
            let name = of.room_for(name);
            of.open.entry(name.into()).or_default().coming += 1;
            name.into()
        });
        Some(Coming {
            marks: Arc::clone(self),
            tenant: Arc::clone(tenant),
            name,
        })
    }

    /// Whether fewer than [`SOR_MARKS_BY_THEMSELVES_MAX`] accounts are marked.
    pub(super) fn has_much_room(&self, tenant: &str) -> bool {
        let marks = self.lock();
        let open = marks.get(tenant).map_or(0, |of| of.open.len());
        open < SOR_MARKS_BY_THEMSELVES_MAX
    }

    /// The newest mark of an account, or of everything; 0: none. A read that begins now ends it.
    pub(super) fn begun(&self, tenant: &str, name: &str) -> u64 {
        let marks = self.lock();
        let open = marks.get(tenant).and_then(|of| of.open.get(name));
        open.map_or(0, |open| open.number)
    }

    /// A read that began when this was the newest mark has succeeded; whether that was to be written
    /// down.
    pub(super) fn ended(&self, tenant: &Arc<str>, name: &str, number: u64) -> bool {
        number != 0
            && self.with(tenant, |of| {
                if let Some(open) = of.open.get_mut(name)
                    && open.number == number
                {
                    open.number = 0;
                }
                of.close(name)
            })
    }

    /// Takes a tenant's marks away; whoever does answers for the reading.
    pub fn take(&self, tenant: &str) -> Option<Marked> {
        let mut marks = self.lock();
        let untaken = std::mem::take(&mut marks.get_mut(tenant)?.untaken);
        (untaken != Marked::default()).then_some(untaken)
    }

    /// Whether something is marked under a name, or may yet be.
    pub(super) fn is_open(&self, tenant: &str, name: &str) -> bool {
        let marks = self.lock();
        let of = marks.get(tenant);
        of.is_some_and(|of| of.open.contains_key(name))
    }

    /// Whether what is marked under a name stands in the book as it is.
    pub(super) fn is_written(&self, tenant: &str, name: &str) -> bool {
        let marks = self.lock();
        let open = marks.get(tenant).and_then(|of| of.open.get(name));
        self.book.get().is_none() || open.is_some_and(|open| open.is_written)
    }

    /// Writes down how it stands under a name; false when that failed. Blocks on the disk.
    #[must_use]
    pub(super) fn save(&self, tenant: &Arc<str>, name: &str) -> bool {
        let Some(book) = self.book.get() else {
            return true;
        };
        let is_open = || self.is_open(tenant, name);
        let mut stood = false;
        let written = if name == EVERYTHING && !is_open() {
            // Everything was read: what stood there beside it is over as well.
            let open = || {
                let marks = self.lock();
                let open = marks
                    .get(tenant)
                    .map(|of| of.open.keys().cloned().collect());
                open.unwrap_or_default()
            };
            book.set_all_marked(tenant, open)
        } else {
            book.set_marked(tenant, name, || {
                stood = is_open();
                stood
            })
        };
        // What was opened since has a write of its own to wait for.
        let is_written = stood && written.is_ok();
        self.with(tenant, |of| {
            if let Some(open) = of.open.get_mut(name) {
                open.is_written = is_written;
            }
        });
        written.is_ok()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Arc<str>, OfTenant>> {
        self.by_tenant
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, tenant: &Arc<str>, change: impl FnOnce(&mut OfTenant) -> T) -> T {
        change(self.lock().entry(Arc::clone(tenant)).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_once_and_never_lost() {
        let (marks, tenant) = (Marks::default(), Arc::<str>::from("t"));
        marks.account(&tenant, "A");
        marks.account(&tenant, "A");
        let taken = marks.take("t").unwrap();
        assert_eq!((taken.all, taken.accounts.len()), (false, 1));
        assert_eq!(marks.take("t"), None);
        for n in 0..=SOR_MARKS_MAX {
            marks.account(&tenant, &n.to_string());
        }
        // AGAIN-1
        let taken = marks.take("t").unwrap();
        assert_eq!((taken.all, taken.accounts.len()), (true, 0));
        marks.account(&tenant, &"x".repeat(CALLER_TEXT_BYTES_MAX + 1));
        assert_eq!(marks.take("t"), None);
        marks.account(&tenant, "B");
        marks.all(&tenant);
        assert!(marks.take("t").unwrap().all);
    }

    /// Names invariants AGAIN-2 and AGAIN-3.
    #[test]
    fn a_mark_outlives_the_program_until_a_read_that_began_behind_it_has_succeeded() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sor.redb");
        let tenant = Arc::<str>::from("t");
        let open = || {
            let (book, marks) = (
                Arc::new(Book::open(&path).unwrap()),
                Arc::<Marks>::default(),
            );
            marks.keep_in(&book).unwrap();
            marks
        };
        let marks = open();
        // A call on its way: after a kill the account is read, whatever came of the call.
        let coming = marks.expect(&tenant, "A").unwrap();
        assert!(marks.save(&tenant, "A"));
        assert_eq!((marks.take("t"), marks.begun("t", "A")), (None, 0));
        let before = marks.begun("t", "A");
        marks.account(&tenant, "A");
        drop(coming);
        // A read that began before the mark does not end it, nor one that another mark came behind.
        assert!(!marks.ended(&tenant, "A", before));
        let first = marks.begun("t", "A");
        marks.account(&tenant, "A");
        assert!(!marks.ended(&tenant, "A", first));
        assert!(marks.save(&tenant, "A"));
        drop(marks);
        let marks = open();
        assert!(marks.take("t").unwrap().accounts.contains("A"));
        assert!(marks.ended(&tenant, "A", marks.begun("t", "A")));
        assert!(marks.save(&tenant, "A"));
        drop(marks);
        let marks = open();
        assert_eq!(marks.take("t"), None);
        // A refused call leaves nothing behind.
        let coming = marks.expect(&tenant, EVERYTHING).unwrap();
        assert!(marks.save(&tenant, EVERYTHING));
        drop(coming);
        assert!(marks.save(&tenant, EVERYTHING));
        drop(marks);
        assert_eq!(open().take("t"), None);
    }
}
