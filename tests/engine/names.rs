//! The few names that random commands speak of, so that they meet each other often.

use dialgate::domain::record::Personal;

use super::dice::Dice;

/// Tenants of a run.
pub(crate) const TENANTS: [&str; 2] = ["north", "south"];
/// Accounts a tenant may come to have.
pub(crate) const ACCOUNTS: u64 = 90;

const PHONES: [&str; 6] = [
    "+14045550100",
    "+14045550101",
    "+14045550102",
    "+18185550103",
    "+16175550104",
    "+13035550105",
];
const ADDRESSES: [&str; 3] = ["ann@example.com", "bob@example.com", "cy@example.org"];

/// An account: mostly one of the first few.
pub(crate) fn account(dice: &mut Dice) -> String {
    let many = if dice.one_in(4) { ACCOUNTS } else { 5 };
    format!("A{}", dice.below(many))
}

/// A person.
pub(crate) fn person(dice: &mut Dice) -> Personal {
    Personal(format!("P{}", dice.below(9)).into())
}

/// A debt of an account.
pub(crate) fn debt(dice: &mut Dice) -> Personal {
    Personal(format!("D{}", dice.below(4)).into())
}

/// A group of debts serviced as one.
pub(crate) fn group(dice: &mut Dice) -> Personal {
    Personal(format!("G{}", dice.below(3)).into())
}

/// A number in E.164.
pub(crate) fn phone(dice: &mut Dice) -> Personal {
    let many = if dice.one_in(3) { PHONES.len() } else { 1 };
    dice.of(&PHONES[..many]).into()
}

/// An address.
pub(crate) fn address(dice: &mut Dice) -> Personal {
    dice.of(&ADDRESSES).into()
}
