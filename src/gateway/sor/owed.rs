//! Restrictions of accounts nobody has read yet: kept until the account is read, and taken in with it.
//!
//! A public route may name any account, so what is kept is bounded, and what the system says it does not
//! have is owed nothing. Written down before the call is sent, in the database beside the ledger, and gone
//! from there once the account was read.
//!
//! Invariants
//! - OWED-1: at most [`SOR_OWED_MAX`] restrictions of a tenant are kept; a call that brings another is
//!   not sent, so that none is ever dropped.
//! - OWED-2: what is written down of an account is what is kept of it when it is written.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::domain::record::{AccountRecord, Line};
use crate::sor::outbox::{Book, BookError};
use crate::wire::limits::SOR_OWED_MAX;
use crate::wire::record;

/// What a tenant's accounts are owed.
type Accounts = BTreeMap<Box<str>, Vec<Line>>;

/// What is owed, of a house.
#[derive(Debug, Default)]
pub(super) struct Owed {
    /// Where it is written down; none before the house has one.
    book: OnceLock<Arc<Book>>,
    by_tenant: Mutex<BTreeMap<Arc<str>, Accounts>>,
}

impl Owed {
    /// Takes up what is written down, and writes there from now on. Blocks on the disk.
    ///
    /// # Errors
    /// [`BookError`].
    pub(super) fn keep_in(&self, book: &Arc<Book>) -> Result<(), BookError> {
        for (tenant, account, body, subject) in book.owed()? {
            let record = record::restore::<AccountRecord>(&body, &subject);
            let Ok(record) = record else {
                tracing::error!("what an account is owed cannot be read");
                continue;
            };
            let line = Line::Account(Box::new(record));
            if !self.keep(&Arc::from(tenant), &account, &line) {
                tracing::error!("an account is owed more than can be kept");
            }
        }
        // A second house has no business here.
        drop(self.book.set(Arc::clone(book)));
        Ok(())
    }

    /// Writes down what an account is owed; false when it could not be. Blocks on the disk.
    #[must_use]
    pub(super) fn save(&self, tenant: &str, account: &str) -> bool {
        let Some(book) = self.book.get() else {
            return true;
        };
        let kept = || self.of(tenant, account).iter().map(written).collect();
        book.set_owed(tenant, account, kept).is_ok()
    }

    /// Keeps a restriction of an account; false when there is no room for it.
    #[must_use]
    pub(super) fn keep(&self, tenant: &Arc<str>, account: &str, line: &Line) -> bool {
        let mut all = self.lock();
        let accounts = all.entry(Arc::clone(tenant)).or_default();
        if accounts
            .get(account)
            .is_some_and(|lines| lines.contains(line))
        {
            return true;
        }
        if accounts.values().map(Vec::len).sum::<usize>() >= SOR_OWED_MAX {
            return false;
        }
        let lines = accounts.entry(account.into()).or_default();
        lines.push(line.clone());
        true
    }

    /// What an account is owed.
    pub(super) fn of(&self, tenant: &str, account: &str) -> Vec<Line> {
        let all = self.lock();
        let lines = all.get(tenant).and_then(|accounts| accounts.get(account));
        lines.cloned().unwrap_or_default()
    }

    /// These are on record, or were refused; whether any was owed.
    pub(super) fn done(&self, tenant: &str, account: &str, lines: &[Line]) -> bool {
        self.with(tenant, account, |kept| {
            kept.retain(|line| !lines.contains(line));
        })
    }

    /// The system has no such account; whether it was owed anything.
    pub(super) fn forget(&self, tenant: &str, account: &str) -> bool {
        self.with(tenant, account, Vec::clear)
    }

    fn with(&self, tenant: &str, account: &str, act: impl FnOnce(&mut Vec<Line>)) -> bool {
        let mut all = self.lock();
        let Some(accounts) = all.get_mut(tenant) else {
            return false;
        };
        let mut changed = false;
        if let Some(lines) = accounts.get_mut(account) {
            let before = lines.len();
            act(lines);
            changed = lines.len() != before;
            if lines.is_empty() {
                accounts.remove(account);
            }
        }
        if accounts.is_empty() {
            all.remove(tenant);
        }
        changed
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Accounts>> {
        self.by_tenant
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line as the book keeps it: as a row does, and empty for what is of no account.
fn written(line: &Line) -> (Vec<u8>, Vec<u8>) {
    let (mut body, mut subject) = (Vec::new(), Vec::new());
    if let Line::Account(record) = line
        && record::write(record, &mut body, &mut subject).is_err()
    {
        tracing::error!("what an account is owed cannot be written");
    }
    (body, subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::record::{FactKind, FactRecord, Personal};

    fn line(kind: FactKind) -> Line {
        Line::Account(Box::new(AccountRecord {
            account_id: Some(Personal::from("A")),
            facts: vec![FactRecord {
                fact: Some(kind),
                ..FactRecord::default()
            }],
            ..AccountRecord::default()
        }))
    }

    #[test]
    fn what_is_owed_is_kept_once_and_until_it_is_done() {
        let (owed, tenant) = (Owed::default(), Arc::<str>::from("t"));
        let (dispute, cease) = (line(FactKind::Dispute), line(FactKind::Cease));
        for one in [&dispute, &dispute, &cease] {
            assert!(owed.keep(&tenant, "A", one));
        }
        assert_eq!(owed.of("t", "A"), [dispute.clone(), cease.clone()]);
        assert_eq!(owed.of("t", "B"), []);
        assert_eq!(owed.of("other", "A"), []);
        assert!(owed.done("t", "A", std::slice::from_ref(&dispute)));
        assert!(!owed.done("t", "A", &[dispute]));
        assert_eq!(owed.of("t", "A"), [cease]);
        assert!(owed.forget("t", "A"));
        assert!(owed.lock().is_empty());
    }

    #[test]
    fn a_tenant_has_a_bound_and_nothing_within_it_is_dropped() {
        let (owed, tenant) = (Owed::default(), Arc::<str>::from("t"));
        let dispute = line(FactKind::Dispute);
        for n in 0..SOR_OWED_MAX {
            assert!(owed.keep(&tenant, &n.to_string(), &dispute));
        }
        // OWED-1
        assert!(!owed.keep(&tenant, "one more", &dispute));
        assert!(owed.keep(&tenant, "0", &dispute), "it is kept already");
        assert!(owed.keep(&Arc::from("another"), "0", &dispute));
        assert_eq!(owed.of("t", "0"), std::slice::from_ref(&dispute));
        assert!(owed.forget("t", "0"));
        assert!(owed.keep(&tenant, "one more", &dispute));
    }

    #[test]
    fn what_is_written_down_is_kept_again_by_the_next_house() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sor.redb");
        let tenant = Arc::<str>::from("t");
        let (dispute, cease) = (line(FactKind::Dispute), line(FactKind::Cease));
        let first = Owed::default();
        let book = Arc::new(Book::open(&path).unwrap());
        first.keep_in(&book).unwrap();
        for (account, one) in [("A", &dispute), ("A", &cease), ("B", &cease), ("C", &cease)] {
            assert!(first.keep(&tenant, account, one) && first.save("t", account));
        }
        assert!(first.done("t", "A", std::slice::from_ref(&dispute)) && first.save("t", "A"));
        assert!(first.forget("t", "B") && first.save("t", "B"));
        drop((first, book));
        let next = Owed::default();
        next.keep_in(&Arc::new(Book::open(&path).unwrap())).unwrap();
        // OWED-2
        assert_eq!(next.of("t", "A"), std::slice::from_ref(&cease));
        assert_eq!(next.of("t", "B"), []);
        assert_eq!(next.of("t", "C"), [cease]);
    }
}
