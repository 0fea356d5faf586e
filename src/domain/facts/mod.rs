//! What the gate remembers: compact rows, read by the gates, written only by the engine.
//!
//! Common facts lie inline; rare ones in boxed extras, so that an ordinary account stays under the
//! memory budget (384 bytes resident with two phones, five attempts and its ids).

mod account;
mod attempt;
mod consent;
mod email;
mod few;
mod file;
mod person;
mod phone;

pub use account::{
    Account, AccountExtras, Approval, Debt, Dispute, Escalation, Hold, Notice, Override, Party,
    Promise, WrittenConsent,
};
pub use attempt::{Attempt, ContactKey};
pub use consent::Consent;
pub use email::{Email, PriorCollectorUse};
pub use few::{Debts, Phones};
pub use file::{AccountFile, PersonFile};
pub use person::{
    Attorney, Bankruptcy, CallConsent, Cease, ConsentRevocation, InconvenientPeriod,
    InconvenientTime, LastInbound, Person, PersonExtras, PriorConsent, WorkRequest,
};
pub use phone::{ConsentTo, NumberFacts, Phone, PhoneDates, RareNumberFacts};

use super::time::UnixSeconds;

/// An instant as rows keep it: unix seconds in 32 bits, 0 = never. Good until 2106.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    rkyv::Archive,
    rkyv::Serialize,
    rkyv::Deserialize,
)]
pub struct At(pub u32);

impl At {
    /// No such instant.
    pub const NEVER: Self = Self(0);

    /// Keeps an instant; before 1970 and after 2106 are clamped.
    pub fn of(t: UnixSeconds) -> Self {
        Self(u32::try_from(t.0.max(1)).unwrap_or(u32::MAX))
    }

    /// The instant, unless never.
    pub fn get(self) -> Option<UnixSeconds> {
        (self.0 != 0).then(|| UnixSeconds(i64::from(self.0)))
    }

    /// Whether the instant is present.
    pub fn is_set(self) -> bool {
        self.0 != 0
    }
}

/// Which debts of an account a fact speaks of.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub enum DebtScope {
    /// Every debt of every account of the person.
    Everything,
    /// Every debt of the account the fact came with.
    Account(super::ids::AccountNo),
    /// These particular debts.
    Debts(Box<[super::ids::DebtNo]>),
}

impl DebtScope {
    /// Whether the scope touches any of `debts`, which belong to `account`.
    pub fn touches(&self, account: super::ids::AccountNo, debts: &[super::ids::DebtNo]) -> bool {
        match self {
            Self::Everything => true,
            Self::Account(a) => *a == account,
            Self::Debts(named) => debts.iter().any(|d| named.contains(d)),
        }
    }

    /// The same of what the person asked for: told for the whole of an account it is told for each of
    /// its debts, so it reaches one serviced as one with them on another. `kin` are accounts that have
    /// some of `debts`.
    pub fn reaches(
        &self,
        account: super::ids::AccountNo,
        kin: &[super::ids::AccountNo],
        debts: &[super::ids::DebtNo],
    ) -> bool {
        self.touches(account, debts) || matches!(self, Self::Account(a) if kin.contains(a))
    }
}
