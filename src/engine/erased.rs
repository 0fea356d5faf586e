//! Fact rows whose personal fields were erased, and what later rows make of the gap.
//!
//! An erased record still takes the numbers it took, so that later rows name the same things. What
//! cannot be known any more fails closed: the account is closed and nobody finds it by name, until
//! somebody states its facts again as a new one.
//!
//! A later record may rest on what is gone: a number of the file, a person, the account itself. It
//! then no longer gives what its row says it gave, and stands in the same way.

use super::Engine;
use super::draft::{blank, erased_account};
use super::tenant::low32;
use crate::domain::ids::{AccountNo, PersonNo, Sym, TenantNo};
use crate::domain::words::AccountStatus;

/// The surrogates a recorded record concerns and gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) account: Option<AccountNo>,
    pub(super) persons: u32,
    pub(super) debts: u32,
}

impl Engine {
    /// Stands in for a record that cannot be applied.
    pub(super) fn stand_in(&mut self, tenant: TenantNo, numbers: Numbers, seq: u64) {
        let state = &mut self.state;
        let first_person = u32::try_from(state.persons.len()).unwrap_or(u32::MAX);
        for _ in 0..numbers.persons {
            state.add_person(blank(tenant, Sym::NONE));
        }
        state.further_debts += numbers.debts;
        let Some(AccountNo(no)) = numbers.account else {
            return;
        };
        if no as usize == state.accounts.len() {
            // Whose it was when nobody came with it: nobody's.
            let consumer = if numbers.persons > 0 {
                first_person
            } else {
                u32::MAX
            };
            let row = erased_account(tenant, PersonNo(consumer), state.accounts.len());
            state.accounts.push(row, &mut state.pages);
            return;
        }
        state.unname(AccountNo(no));
        if let Some(row) = state.accounts.get_mut(no, &mut state.pages) {
            row.status = AccountStatus::Closed;
            row.touched = low32(seq);
            row.restricted = low32(seq);
        }
    }
}
