//! Surrogate numbers: what the engine and the ledger's chained bytes name things by.
//!
//! A surrogate says nothing about a person, so it may stand in bytes that are kept for ever while the
//! caller's own identifiers lie beside them and can be erased.

macro_rules! surrogate {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default,
            rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
        )]
        pub struct $name(pub $inner);
    };
}

surrogate!(
    /// A tenant: index into the declared tenants.
    TenantNo(u16)
);
surrogate!(
    /// An account of one tenant; unique over all tenants of one data directory.
    AccountNo(u32)
);
surrogate!(
    /// A person: consumer, co-debtor, spouse, executor, third party. Unique over all tenants.
    PersonNo(u32)
);
surrogate!(
    /// One particular debt in the sense of 12 CFR 1006.14(b)(4). Debts serviced as one share a number.
    ///
    /// The first debt of an account carries the account's number; further debts count down from
    /// [`DebtNo::FURTHER_BASE`], so that most accounts need no number of their own.
    DebtNo(u32)
);
surrogate!(
    /// A set of particular debts: one debt, or an entry of the engine's table of sets.
    DebtSet(u32)
);
surrogate!(
    /// Position of a caller's string in the engine's string arena.
    Sym(u32)
);
surrogate!(
    /// A name that policy speaks of (creditor, portfolio, source system), numbered per data directory.
    NameNo(u16)
);

impl DebtNo {
    /// First number given to a debt that is not an account's first.
    pub const FURTHER_BASE: u32 = 0x4000_0000;
}

impl DebtSet {
    const MANY: u32 = 0x8000_0000;

    /// The set of one debt.
    pub fn one(debt: DebtNo) -> Self {
        Self(debt.0)
    }

    /// Entry `index` of the table of sets.
    pub fn many(index: u32) -> Self {
        Self(index | Self::MANY)
    }

    /// The single debt, when the set has one member.
    pub fn single(self) -> Option<DebtNo> {
        (self.0 & Self::MANY == 0).then_some(DebtNo(self.0))
    }

    /// The table entry, when the set has several members.
    pub fn table_index(self) -> Option<u32> {
        (self.0 & Self::MANY != 0).then_some(self.0 & !Self::MANY)
    }
}

impl NameNo {
    /// No name given.
    pub const NONE: Self = Self(0);
}

impl Sym {
    /// No string.
    pub const NONE: Self = Self(u32::MAX);

    /// Whether a string is present.
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debt_set_is_one_debt_or_a_table_entry() {
        assert_eq!(DebtSet::one(DebtNo(7)).single(), Some(DebtNo(7)));
        assert_eq!(DebtSet::one(DebtNo(7)).table_index(), None);
        assert_eq!(DebtSet::many(7).single(), None);
        assert_eq!(DebtSet::many(7).table_index(), Some(7));
    }
}
