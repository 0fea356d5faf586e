//! Lists that are short for nearly every account, kept inside its row: a list of its own would take a
//! pointer, a length, a capacity, and what the allocator rounds up to, and cost a decision another
//! wait for memory.

use std::ops::{Deref, DerefMut};

use super::{Debt, Phone};

/// An account's numbers: two of them lie inside the row.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub enum Phones {
    /// None.
    #[default]
    None,
    /// One.
    One([Phone; 1]),
    /// Two.
    Two([Phone; 2]),
    /// More, in a list of their own.
    Many(Box<[Phone]>),
}

/// An account's debts: the only one lies inside the row.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub enum Debts {
    /// The only one.
    One([Debt; 1]),
    /// More, or none yet, in a list of their own; behind one pointer, which is what there is room for.
    Many(Box<Vec<Debt>>),
}

impl Default for Debts {
    fn default() -> Self {
        Self::Many(Box::default())
    }
}

impl Deref for Phones {
    type Target = [Phone];

    fn deref(&self) -> &[Phone] {
        match self {
            Self::None => &[],
            Self::One(all) => all,
            Self::Two(all) => all,
            Self::Many(all) => all,
        }
    }
}

impl DerefMut for Phones {
    fn deref_mut(&mut self) -> &mut [Phone] {
        match self {
            Self::None => &mut [],
            Self::One(all) => all,
            Self::Two(all) => all,
            Self::Many(all) => all,
        }
    }
}

impl Deref for Debts {
    type Target = [Debt];

    fn deref(&self) -> &[Debt] {
        match self {
            Self::One(only) => only,
            Self::Many(all) => all,
        }
    }
}

impl DerefMut for Debts {
    fn deref_mut(&mut self) -> &mut [Debt] {
        match self {
            Self::One(only) => only,
            Self::Many(all) => all,
        }
    }
}

impl From<Vec<Phone>> for Phones {
    fn from(all: Vec<Phone>) -> Self {
        match <[Phone; 2]>::try_from(all) {
            Ok(two) => Self::Two(two),
            Err(all) => match <[Phone; 1]>::try_from(all) {
                Ok(one) => Self::One(one),
                Err(all) if all.is_empty() => Self::None,
                Err(all) => Self::Many(all.into_boxed_slice()),
            },
        }
    }
}

impl From<Vec<Debt>> for Debts {
    fn from(mut all: Vec<Debt>) -> Self {
        if let [only] = *all {
            return Self::One([only]);
        }
        all.shrink_to_fit();
        Self::Many(Box::new(all))
    }
}

impl Phones {
    /// Adds a number behind the others.
    pub fn push(&mut self, phone: Phone) {
        let mut all = match std::mem::take(self) {
            Self::None => Vec::new(),
            Self::One(all) => Vec::from(all),
            Self::Two(all) => Vec::from(all),
            Self::Many(all) => all.into_vec(),
        };
        all.push(phone);
        *self = Self::from(all);
    }
}

impl Debts {
    /// Adds a debt behind the others.
    pub fn push(&mut self, debt: Debt) {
        let mut all = self.to_vec();
        all.push(debt);
        *self = Self::from(all);
    }
}

impl<'a> IntoIterator for &'a Phones {
    type Item = &'a Phone;
    type IntoIter = std::slice::Iter<'a, Phone>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a Debts {
    type Item = &'a Debt;
    type IntoIter = std::slice::Iter<'a, Debt>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::{Account, Person};
    use crate::domain::ids::{DebtNo, PersonNo, Sym};
    use crate::domain::phone::PhoneNumber;
    use crate::domain::words::{AccountStatus, DebtKind};

    /// What a decision reads of an ordinary account; the page of 32 is of a size the allocator has.
    #[test]
    fn a_row_is_as_small_as_it_is_said_to_be() {
        let sizes = [
            ("number", size_of::<Phone>(), 24),
            ("numbers", size_of::<Phones>(), 48),
            ("debt", size_of::<Debt>(), 12),
            ("debts", size_of::<Debts>(), 16),
            ("account", size_of::<Account>(), 112),
            ("person", size_of::<Person>(), 48),
        ];
        for (what, is, said) in sizes {
            assert_eq!(is, said, "{what}");
        }
    }

    #[test]
    fn numbers_stay_in_order_and_leave_the_row_when_they_are_many() {
        let mut phones = Phones::default();
        let number = |n: u64| PhoneNumber::from_digits(8_185_550_100 + n).unwrap();
        for n in 0..5 {
            phones.push(Phone::of(number(n), PersonNo(1)));
            let held: Vec<_> = phones.iter().map(|phone| phone.number).collect();
            assert_eq!(held, (0..=n).map(number).collect::<Vec<_>>());
            assert_eq!(matches!(phones, Phones::Many(_)), n > 1);
            if let Some(last) = phones.last_mut() {
                last.set(Phone::WORK, true);
            }
            assert!(phones.iter().all(|phone| phone.has(Phone::WORK)));
            assert_eq!(Phones::from(phones.to_vec()), phones);
        }
    }

    #[test]
    fn the_only_debt_lies_in_the_row() {
        let mut debts = Debts::default();
        assert!(debts.is_empty());
        for n in 0..4 {
            debts.push(Debt {
                id: Sym(n),
                no: DebtNo(n),
                status: AccountStatus::Open,
                kind: DebtKind::Other,
            });
            let held: Vec<_> = debts.iter().map(|debt| debt.no.0).collect();
            assert_eq!(held, (0..=n).collect::<Vec<_>>());
            assert_eq!(matches!(debts, Debts::One(_)), n == 0);
            assert_eq!(Debts::from(debts.to_vec()), debts);
        }
    }
}
