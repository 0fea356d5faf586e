//! Restrictions of accounts nobody has read yet: kept until the account is read, and taken in with it.
//!
//! A public route may name any account, so what is kept is bounded, and what the system says it does not
//! have is owed nothing. Kept in memory only: after a restart the system's own reads have to tell.
//!
//! Invariants
//! - OWED-1: at most [`SOR_OWED_MAX`] restrictions of a tenant are kept; a call that brings another is
//!   not sent, so that none is ever dropped.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::record::Line;
use crate::wire::limits::SOR_OWED_MAX;

/// What a tenant's accounts are owed.
type Accounts = BTreeMap<Box<str>, Vec<Line>>;

/// What is owed, of a house.
#[derive(Debug, Default)]
pub(super) struct Owed {
    by_tenant: Mutex<BTreeMap<Arc<str>, Accounts>>,
}

impl Owed {
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

    /// These are on record, or were refused.
    pub(super) fn done(&self, tenant: &str, account: &str, lines: &[Line]) {
        self.with(tenant, account, |kept| {
            kept.retain(|line| !lines.contains(line));
        });
    }

    /// The system has no such account.
    pub(super) fn forget(&self, tenant: &str, account: &str) {
        self.with(tenant, account, Vec::clear);
    }

    fn with(&self, tenant: &str, account: &str, act: impl FnOnce(&mut Vec<Line>)) {
        let mut all = self.lock();
        let Some(accounts) = all.get_mut(tenant) else {
            return;
        };
        if let Some(lines) = accounts.get_mut(account) {
            act(lines);
            if lines.is_empty() {
                accounts.remove(account);
            }
        }
        if accounts.is_empty() {
            all.remove(tenant);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Accounts>> {
        self.by_tenant
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::record::{AccountRecord, FactKind, FactRecord, Personal};

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
        owed.done("t", "A", &[dispute]);
        assert_eq!(owed.of("t", "A"), [cease]);
        owed.forget("t", "A");
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
        owed.forget("t", "0");
        assert!(owed.keep(&tenant, "one more", &dispute));
    }
}
