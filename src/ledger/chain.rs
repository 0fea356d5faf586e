//! The chains: one head per tenant, owned by whoever extends or checks them.
//!
//! The engine thread owns the copy that seals new rows; the store, the scanner and the recovery
//! each keep their own, so that no lock lies between them.

use super::limits::{TENANT_NAME_BYTES_MAX, TENANTS_MAX};
use super::row::{Head, RowRef, TenantNo, link};

/// Why a tenant or a row was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The number is not below [`TENANTS_MAX`].
    #[error("tenant number {0} is over the limit")]
    TenantNumber(TenantNo),
    /// The name is empty or over [`TENANT_NAME_BYTES_MAX`].
    #[error("the name of tenant number {0} has a bad length")]
    TenantName(TenantNo),
    /// The number stands for another tenant, or the name has another number.
    #[error("tenant number {0} is declared twice")]
    TenantTwice(TenantNo),
    /// No such tenant has been declared.
    #[error("tenant number {0} is not declared")]
    TenantUnknown(TenantNo),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tenant {
    name: Box<str>,
    head: Head,
}

/// Every declared tenant with the head of its chain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chains {
    tenants: Vec<Option<Tenant>>,
}

impl Chains {
    /// Adds a tenant whose chain is empty.
    ///
    /// # Errors
    /// [`ChainError`] when number or name are out of bounds or taken.
    pub fn declare(&mut self, tenant: TenantNo, name: &str) -> Result<(), ChainError> {
        self.declare_at(tenant, name, Head::default())
    }

    /// Adds a tenant whose chain already ends at `head`.
    ///
    /// # Errors
    /// As [`Chains::declare`].
    pub fn declare_at(
        &mut self,
        tenant: TenantNo,
        name: &str,
        head: Head,
    ) -> Result<(), ChainError> {
        if tenant >= TENANTS_MAX {
            return Err(ChainError::TenantNumber(tenant));
        }
        if name.is_empty() || name.len() > TENANT_NAME_BYTES_MAX {
            return Err(ChainError::TenantName(tenant));
        }
        if self.head(tenant).is_some() || self.number(name).is_some() {
            return Err(ChainError::TenantTwice(tenant));
        }
        let at = usize::from(tenant);
        if self.tenants.len() <= at {
            self.tenants.resize(at + 1, None);
        }
        self.tenants[at] = Some(Tenant {
            name: name.into(),
            head,
        });
        Ok(())
    }

    /// The head of a tenant's chain; `None` for an undeclared tenant.
    pub fn head(&self, tenant: TenantNo) -> Option<Head> {
        self.slot(tenant).map(|t| t.head)
    }

    /// The name of a tenant.
    pub fn name(&self, tenant: TenantNo) -> Option<&str> {
        self.slot(tenant).map(|t| &*t.name)
    }

    /// The number of the tenant called `name`.
    pub fn number(&self, name: &str) -> Option<TenantNo> {
        self.iter()
            .find(|(_, n, _)| *n == name)
            .map(|(no, _, _)| no)
    }

    /// Every tenant by number: number, name, head.
    pub fn iter(&self) -> impl Iterator<Item = (TenantNo, &str, Head)> {
        (0..TENANTS_MAX)
            .zip(&self.tenants)
            .filter_map(|(no, slot)| slot.as_ref().map(|t| (no, &*t.name, t.head)))
    }

    /// Extends the tenant's chain by `body`; the hash is SHA-256 over the previous hash and it.
    ///
    /// # Errors
    /// [`ChainError::TenantUnknown`].
    pub fn seal(&mut self, tenant: TenantNo, body: &[u8]) -> Result<RowRef, ChainError> {
        let slot = self
            .tenants
            .get_mut(usize::from(tenant))
            .and_then(Option::as_mut)
            .ok_or(ChainError::TenantUnknown(tenant))?;
        slot.head = Head {
            seq: slot.head.seq + 1,
            hash: link(&slot.head.hash, body),
        };
        Ok(slot.head)
    }

    /// Moves a declared tenant's head, forward after a write or back after a refused frame.
    pub(crate) fn set_head(&mut self, tenant: TenantNo, head: Head) {
        if let Some(slot) = self
            .tenants
            .get_mut(usize::from(tenant))
            .and_then(Option::as_mut)
        {
            slot.head = head;
        }
    }

    /// Forgets a tenant declared by a frame that turned out not to be whole.
    pub(crate) fn undeclare(&mut self, tenant: TenantNo) {
        if let Some(slot) = self.tenants.get_mut(usize::from(tenant)) {
            *slot = None;
        }
        while self.tenants.last().is_some_and(Option::is_none) {
            self.tenants.pop();
        }
    }

    fn slot(&self, tenant: TenantNo) -> Option<&Tenant> {
        self.tenants
            .get(usize::from(tenant))
            .and_then(Option::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hex::hex;
    use crate::ledger::row::ZERO_HASH;

    #[test]
    fn first_link_starts_from_32_zero_bytes() {
        let mut chains = Chains::default();
        chains.declare(3, "acme").unwrap();
        let row = chains.seal(3, b"{}").unwrap();
        assert_eq!(row.seq, 1);
        // (head -c 32 /dev/zero; printf "{}") | sha256sum
        assert_eq!(
            hex(&row.hash),
            "fb1634c4e6cd4b1f1afe3ce2d6ef080f7ac5d1f357d723ad4dfca782733b62db",
        );
        assert_eq!(row.hash, link(&ZERO_HASH, b"{}"));
        let second = chains.seal(3, b"{}").unwrap();
        assert_eq!((second.seq, second.hash), (2, link(&row.hash, b"{}")));
    }

    #[test]
    fn declaring_is_bounded_and_unique() {
        let mut chains = Chains::default();
        assert_eq!(chains.declare(TENANTS_MAX - 1, "last"), Ok(()));
        assert_eq!(
            chains.declare(TENANTS_MAX, "x"),
            Err(ChainError::TenantNumber(TENANTS_MAX))
        );
        assert_eq!(chains.declare(0, ""), Err(ChainError::TenantName(0)));
        assert_eq!(
            chains.declare(0, &"n".repeat(65)),
            Err(ChainError::TenantName(0))
        );
        assert_eq!(chains.declare(0, &"n".repeat(64)), Ok(()));
        assert_eq!(chains.declare(1, "last"), Err(ChainError::TenantTwice(1)));
        assert_eq!(chains.declare(0, "other"), Err(ChainError::TenantTwice(0)));
        assert_eq!(chains.seal(1, b"x"), Err(ChainError::TenantUnknown(1)));
        assert_eq!(chains.number("last"), Some(TENANTS_MAX - 1));
    }
}
