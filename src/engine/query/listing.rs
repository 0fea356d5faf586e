//! How a number stands on the do-not-call list, and which row says so.

use super::Engine;
use crate::domain::facts::{At, ContactKey, NumberFacts};
use crate::domain::ids::TenantNo;
use crate::domain::phone::PhoneNumber;
use crate::domain::time::UnixSeconds;

/// A number's place on the do-not-call list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing {
    /// Whether CHANNEL would find it there now.
    pub listed: bool,
    /// When the entry ends or ended; `None`: it does not end, or there is none.
    pub until: Option<UnixSeconds>,
    /// Position of the row that put it there as it stands, or took it off; 0: none ever did.
    pub row: u64,
}

impl Engine {
    /// Where a number stands on the list of a tenant.
    pub(super) fn listing(&self, tenant: TenantNo, number: PhoneNumber) -> Listing {
        let row = self.state.contact(tenant, ContactKey::phone(number));
        let known = row.and_then(|row| self.state.contacts.get(row));
        let (on_list, until) = known.map_or((false, At::NEVER), NumberFacts::listing);
        let head = self.tenant(tenant).map_or(0, |tenant| tenant.seq);
        Listing {
            listed: known.is_some_and(|known| known.is_listed(self.last)),
            until: until.get().filter(|_| on_list),
            row: known.map_or(0, |known| widened(known.listed_by, head)),
        }
    }
}

/// The position at or before `newest` with these low bits; 0 for 0, which stands for none.
///
/// Chains are shorter than 2^32 rows between a fact and whoever asks for it, as the stamps of rows
/// assume too.
pub fn widened(low: u32, newest: u64) -> u64 {
    if low == 0 {
        return 0;
    }
    let same = (newest & !0xffff_ffff) | u64::from(low);
    if same > newest {
        same.saturating_sub(1 << 32)
    } else {
        same
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_bits_are_widened_to_the_newest_position_that_has_them() {
        assert_eq!(widened(0, 9), 0);
        assert_eq!(widened(9, 9), 9);
        assert_eq!(widened(7, (1 << 32) + 9), (1 << 32) + 7);
        assert_eq!(widened(10, (1 << 32) + 9), 10);
    }
}
