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
//! - OWED-3: what is written down and cannot be kept again stops the start; it is never passed over.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::domain::record::{AccountRecord, Line};
use crate::sor::outbox::{Book, BookError};
use crate::wire::limits::SOR_OWED_MAX;
use crate::wire::record;

/// What is owed cannot be taken up again.
#[derive(Debug, thiserror::Error)]
pub enum OwedError {
    /// The database failed.
    #[error(transparent)]
    Book(#[from] BookError),
    /// A restriction is not what a version of this program that could be followed wrote.
    #[error(
        "sor.redb holds a restriction that cannot be read; without it a contact could be allowed"
    )]
    Unreadable,
    /// There are more than [`SOR_OWED_MAX`] of a tenant.
    #[error("sor.redb holds more restrictions of a tenant than can be kept")]
    TooMany,
}

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
    /// [`OwedError`].
    pub(super) fn keep_in(&self, book: &Arc<Book>) -> Result<(), OwedError> {
        for (tenant, account, body, subject) in book.owed()? {
            let record = record::restore::<AccountRecord>(&body, &subject);
            let record = record.map_err(|_| OwedError::Unreadable)?;
            let line = Line::Account(Box::new(record));
            if !self.keep(&Arc::from(tenant), &account, &line) {
                return Err(OwedError::TooMany);
            }
        }
        // A second house has no business here.
        drop(self.book.set(Arc::clone(book)));
        Ok(())
    }

    /// Writes down what an account is owed; false when not all of it could be. Blocks on the disk.
    #[must_use]
    pub(super) fn save(&self, tenant: &str, account: &str) -> bool {
        let Some(book) = self.book.get() else {
            return true;
        };
        let kept = || self.of(tenant, account).iter().map(written).collect();
        matches!(book.set_owed(tenant, account, kept), Ok(true))
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

/// A line as the book keeps it, which is as a row does; none of what is of no account, or too long.
fn written(line: &Line) -> Option<(Vec<u8>, Vec<u8>)> {
    let Line::Account(record) = line else {
        return None;
    };
    let (mut body, mut subject) = (Vec::new(), Vec::new());
    record::write(record, &mut body, &mut subject).ok()?;
    Some((body, subject))
}

#[cfg(test)]
mod tests;
