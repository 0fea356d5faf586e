//! What has to be read again from a system of record: marks left by calls that passed, taken up by
//! whoever reads.
//!
//! Invariants
//! - AGAIN-1: at most [`SOR_MARKS_MAX`] accounts of a tenant are marked; beyond that everything is, so
//!   that no mark is ever lost. Public routes may name any account, so a flood of them costs one reading
//!   of everything, at the rate that has. A name that is too long for an account marks nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::wire::limits::{CALLER_TEXT_BYTES_MAX, SOR_MARKS_MAX};

/// What of a tenant's is to be read again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// Everything, whatever the list says.
    pub all: bool,
    /// These accounts.
    pub accounts: BTreeSet<Box<str>>,
}

/// The marks of a house.
#[derive(Debug, Default)]
pub struct Marks {
    by_tenant: Mutex<BTreeMap<Arc<str>, Marked>>,
}

impl Marks {
    /// Marks an account.
    pub fn account(&self, tenant: &Arc<str>, account: &str) {
        if account.len() > CALLER_TEXT_BYTES_MAX {
            return;
        }
        self.with(tenant, |marked| {
            if marked.all || marked.accounts.contains(account) {
                return;
            }
            if marked.accounts.len() >= SOR_MARKS_MAX {
                marked.accounts.clear();
                marked.all = true;
            } else {
                marked.accounts.insert(account.into());
            }
        });
    }

    /// Marks everything.
    pub fn all(&self, tenant: &Arc<str>) {
        self.with(tenant, |marked| {
            marked.accounts.clear();
            marked.all = true;
        });
    }

    /// Takes a tenant's marks away; whoever does answers for the reading.
    pub fn take(&self, tenant: &str) -> Option<Marked> {
        let mut marks = self
            .by_tenant
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        marks.remove(tenant)
    }

    fn with(&self, tenant: &Arc<str>, change: impl FnOnce(&mut Marked)) {
        let mut marks = self
            .by_tenant
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        change(marks.entry(Arc::clone(tenant)).or_default());
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
}
