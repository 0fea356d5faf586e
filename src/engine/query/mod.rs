//! Questions that change nothing, answered from the state the gates decide by.
//!
//! They take their turn among the commands, so what they tell is what the next intent would meet.
//!
//! Invariants
//! - QUERY-1: a question leaves no row of its own and no trace in state.

use super::Engine;
use super::commands::RowSink;
use crate::domain::facts::{ContactKey, NumberFacts};
use crate::domain::ids::TenantNo;
use crate::domain::phone::PhoneNumber;
use crate::domain::time::UnixSeconds;

/// A question of a tenant.
#[derive(Debug, Clone)]
pub struct Query {
    /// Whose.
    pub tenant: TenantNo,
    /// What is asked.
    pub what: What,
}

/// What can be asked.
#[derive(Debug, Clone)]
pub enum What {
    /// What binds a number for the whole tenant.
    Number(PhoneNumber),
}

/// What is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// What binds the number; `None`: nothing was ever said of it.
    Number(Option<NumberFacts>),
}

impl Engine {
    /// Answers a question. A pack whose instant has come takes force first, as before a decision:
    /// its rows are the only ones that can be made here.
    pub fn tell(&mut self, query: &Query, now: UnixSeconds, rows: &mut impl RowSink) -> Told {
        self.begin(now, rows);
        match &query.what {
            What::Number(number) => {
                let key = ContactKey::phone(*number);
                let row = self.state.contact(query.tenant, key);
                let row = row.and_then(|row| self.state.contacts.get(row));
                Told::Number(row.map(|row| row.facts.clone()))
            }
        }
    }
}
