//! Everything the gate holds of one account, copied out for whoever reads it.
//!
//! Names are the tenant's own; surrogates that stand in the facts are resolved beside them.

use std::collections::BTreeMap;

use super::{Account, NumberFacts, Person};
use crate::domain::ids::{AccountNo, DebtNo, PersonNo, Sym};
use crate::domain::phone::PhoneNumber;
use crate::domain::place::Places;
use crate::domain::time::UnixSeconds;

/// An account's file at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFile {
    /// Engine time.
    pub at: UnixSeconds,
    /// The number the ledger's rows name the account by.
    pub no: AccountNo,
    /// The account's name.
    pub id: Box<str>,
    /// The account.
    pub account: Account,
    /// The creditor's name; empty: none.
    pub creditor: Box<str>,
    /// The portfolio's name; empty: none.
    pub portfolio: Box<str>,
    /// The consumer first, then the parties, each once.
    pub persons: Vec<PersonFile>,
    /// Where the facts suggest the consumer is.
    pub places: Places,
    /// What binds a number of the account for the whole tenant.
    pub numbers: Vec<(PhoneNumber, NumberFacts)>,
    /// What binds an address of the account for the whole tenant, by its place in the string arena.
    pub addresses: Vec<(Sym, NumberFacts)>,
    /// Strings the facts name.
    pub texts: BTreeMap<Sym, Box<str>>,
    /// The tenant's newest row: what the low halves of row numbers are completed by.
    pub seq: u64,
}

/// A person of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonFile {
    /// Who.
    pub no: PersonNo,
    /// The tenant's name for them; `None`: never named.
    pub id: Option<Box<str>>,
    /// What is known.
    pub person: Person,
}

impl AccountFile {
    /// A string the facts name; empty when there is none.
    pub fn text(&self, name: Sym) -> &str {
        self.texts.get(&name).map_or("", |text| text)
    }

    /// What a debt of the account is called: its own name, or the account's when it has none.
    pub fn debt(&self, no: DebtNo) -> Option<&str> {
        let debt = self.account.debts.iter().find(|debt| debt.no == no)?;
        let name = self.text(debt.id);
        Some(if name.is_empty() { &self.id } else { name })
    }

    /// A row of the tenant's chain by the low half of its number.
    pub fn row(&self, low: u32) -> Option<u64> {
        let full = (self.seq & !0xffff_ffff) | u64::from(low);
        let full = if full > self.seq {
            full.checked_sub(1 << 32)
        } else {
            Some(full)
        };
        full.filter(|row| *row != 0)
    }
}
