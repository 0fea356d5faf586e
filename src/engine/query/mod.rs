//! Questions that change nothing, answered from the state the gates decide by.
//!
//! They take their turn among the commands, so what they tell is what the next intent would meet.
//!
//! Invariants
//! - QUERY-1: a question leaves no row of its own and no trace in state.

mod check;
mod file;
mod hours;
mod law;
mod listing;
mod stale;
mod survey;

pub use check::{CHECK_INTENTS_MAX, Checked};
pub use hours::{Opening, PlaceAsked, PlaceHours, ZoneHours};
pub use law::{RuleStanding, Standing, jurisdictions};
pub use listing::{Listing, widened};
pub use survey::{Holdings, Place, SURVEY_ROWS_MAX};

use super::Engine;
use super::commands::RowSink;
use super::figures::Figures;
use crate::domain::facts::{AccountFile, ContactKey, NumberFacts};
use crate::domain::ids::{AccountNo, TenantNo};
use crate::domain::intent::Intent;
use crate::domain::phone::PhoneNumber;
use crate::domain::place::StateCode;
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
    /// What these intents would be answered, [`CHECK_INTENTS_MAX`] at most; further ones are not
    /// looked at.
    Check(Box<[Intent]>),
    /// Whether hours let a call be made to a place.
    Hours(PlaceAsked),
    /// Which rules of a state bind.
    Law(StateCode),
    /// What is held of the account of this name.
    File(Box<str>),
    /// How much is held, from here on.
    Survey(Place),
    /// Which open accounts were not confirmed since an instant, from a row on.
    Stale {
        /// The row.
        from: u32,
        /// The instant.
        since: UnixSeconds,
    },
    /// What was decided and reported.
    Figures,
    /// How a number stands on the tenant's do-not-call list.
    Listing(PhoneNumber),
    /// The number the rows of an account go by.
    AccountNumber(Box<str>),
    /// Whose telephone number it is.
    Holder(PhoneNumber),
}

/// What is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// What binds the number; `None`: nothing was ever said of it.
    Number(Option<NumberFacts>),
    /// Of each intent in their order; `None`: the tenant has no such account.
    Check(Box<[Option<Checked>]>, Stamp),
    /// The hours; `None`: no such tenant.
    Hours(Option<PlaceHours>, Stamp),
    /// The rules; `None`: no such tenant.
    Law(Option<Vec<RuleStanding>>, Stamp),
    /// The file; `None`: no such account.
    File(Option<Box<AccountFile>>),
    /// What some rows hold, and where to go on.
    Survey(Box<Holdings>, Option<Place>, Stamp),
    /// Accounts that were not confirmed since, and the row to go on from.
    Stale(Vec<Box<str>>, Option<u32>),
    /// Today's figures and those since the start; `None`: no such tenant.
    Figures(Option<Box<(Figures, Figures)>>, Stamp),
    /// How the number stands on the do-not-call list.
    Listing(Listing),
    /// The account's number; `None`: the tenant has no such account.
    AccountNumber(Option<AccountNo>),
    /// The name of the account that has the number on file, the first of one person's; `None`: no
    /// account has it, or it rings with several people.
    Holder(Option<Box<str>>),
}

/// When something was told and by which law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Engine time.
    pub at: UnixSeconds,
    /// [`RulePack::mark`](crate::domain::rules::RulePack::mark) of the pack in force: what numbers of
    /// rules mean.
    pub law: u64,
}

impl Engine {
    /// Answers a question. A pack whose instant has come takes force first, as before a decision:
    /// its rows are the only ones that can be made here.
    pub fn tell(&mut self, query: &Query, now: UnixSeconds, rows: &mut impl RowSink) -> Told {
        let now = self.begin(now, rows);
        let (tenant, law) = (query.tenant, self.pack.mark());
        let stamp = Stamp { at: now, law };
        match &query.what {
            What::Check(intents) => {
                let asked = intents.iter().take(CHECK_INTENTS_MAX);
                let told = asked.map(|intent| self.check(tenant, intent, now));
                Told::Check(told.collect(), stamp)
            }
            What::Hours(asked) => Told::Hours(self.place_hours(tenant, *asked, now), stamp),
            What::Law(state) => Told::Law(self.standings(tenant, *state, now), stamp),
            What::File(id) => Told::File(self.file(tenant, id, now).map(Box::new)),
            What::Survey(from) => {
                let (held, next) = self.survey(tenant, *from, now);
                Told::Survey(Box::new(held), next, stamp)
            }
            What::Stale { from, since } => {
                let (accounts, next) = self.stale(tenant, *from, *since);
                Told::Stale(accounts, next)
            }
            What::Figures => {
                let row = self.tenants.get_mut(usize::from(tenant.0));
                let told = row.map(|tenant| Box::new(tenant.tallies.read(now)));
                Told::Figures(told, stamp)
            }
            What::AccountNumber(id) => Told::AccountNumber(self.state.account(query.tenant, id)),
            What::Number(number) => {
                let key = ContactKey::phone(*number);
                let row = self.state.contact(query.tenant, key);
                let row = row.and_then(|row| self.state.contacts.get(row));
                Told::Number(row.cloned())
            }
            What::Holder(number) => Told::Holder(self.holder(query.tenant, *number)),
            What::Listing(number) => Told::Listing(self.listing(query.tenant, *number)),
        }
    }

    fn holder(&self, tenant: TenantNo, number: PhoneNumber) -> Option<Box<str>> {
        let row = self.state.contact(tenant, ContactKey::phone(number));
        let row = row.and_then(|row| self.state.contacts.get(row));
        if row.is_some_and(|facts| facts.shared_by().len() > 1) {
            return None;
        }
        let account = self.state.first_filed(tenant, number)?;
        let account = self.state.accounts.get(account.0)?;
        Some(self.state.strings.get(account.id).into())
    }
}
