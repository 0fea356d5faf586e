//! Accounts that share debts with another, serviced as one, as far as requests name them.

use super::state::State;
use crate::domain::facts::{DebtScope, PersonExtras};
use crate::domain::ids::{AccountNo, DebtNo};

/// The accounts for the whole of which somebody asked for something, besides `account`, that have some
/// of `debts`: what was asked reaches these. Nearly always there are none.
pub(super) fn kin<'e>(
    state: &State,
    account: AccountNo,
    debts: &[DebtNo],
    people: impl IntoIterator<Item = Option<&'e PersonExtras>>,
) -> Vec<AccountNo> {
    let mut kin = Vec::new();
    for extras in people.into_iter().flatten() {
        let ceases = extras.ceases.iter().map(|cease| &cease.debts);
        let attorneys = extras.attorneys.iter().map(|attorney| &attorney.debts);
        for scope in ceases.chain(attorneys) {
            if let DebtScope::Account(named) = scope
                && *named != account
                && !kin.contains(named)
                && has_any(state, *named, debts)
            {
                kin.push(*named);
            }
        }
    }
    kin
}

fn has_any(state: &State, account: AccountNo, debts: &[DebtNo]) -> bool {
    let row = state.accounts.get(account.0);
    row.is_some_and(|row| row.debts.iter().any(|debt| debts.contains(&debt.no)))
}
