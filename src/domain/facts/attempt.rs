//! One attempt in a person's ring: 24 bytes.

use super::At;
use crate::domain::ids::DebtSet;
use crate::domain::phone::PhoneNumber;
use crate::domain::words::{Action, Channel, Outcome};

/// The contact point of an attempt in five bytes: a phone number, or a hash of an address.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct ContactKey(pub [u8; 5]);

impl ContactKey {
    /// No contact point (mail, in person).
    pub const NONE: Self = Self([0; 5]);

    /// A number (below 2^34, so the top bit is free).
    pub fn phone(number: PhoneNumber) -> Self {
        let [_, _, _, low @ ..] = number.digits().to_be_bytes();
        Self(low)
    }

    /// An e-mail address, by its 39-bit hash.
    pub fn address(hash: u64) -> Self {
        let [_, _, _, low @ ..] = (hash | (1 << 39)).to_be_bytes();
        Self(low)
    }

    /// The number, when the contact point is one.
    pub fn as_phone(self) -> Option<PhoneNumber> {
        let digits = self
            .0
            .iter()
            .fold(0, |all, byte| all << 8 | u64::from(*byte));
        PhoneNumber::from_digits(digits).ok()
    }
}

/// One contact with a person, or one live reservation of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Attempt {
    /// When: the decision's instant for a reservation, the reported one for history.
    pub at: At,
    /// Reserved: `use_by` as unix seconds. Otherwise a hash of the call id, 0 = none.
    pub call: u32,
    /// The debts it counts toward (or, for a conversation, was about).
    pub debts: DebtSet,
    /// Low 32 bits of the decision's `audit_id`; 0 for history that was imported.
    pub audit: u32,
    /// Where it went.
    pub contact: ContactKey,
    /// Channel in the low, action in the high nibble.
    pub kind: u8,
    /// [`Outcome`] by number, and the bits of [`Attempt::WHEN_GUESSED`] and its sibling.
    pub outcome: u8,
    /// Bits of [`Attempt::INBOUND`] and its siblings.
    pub flags: u8,
}

impl Attempt {
    /// The consumer started it: not placed by the collector.
    pub const INBOUND: u8 = 1;
    /// A reservation that no outcome has settled.
    pub const RESERVED: u8 = 2;
    /// Prerecorded or artificial voice (47 CFR 64.1200(a)(3)).
    pub const PRERECORDED: u8 = 4;
    /// Answers something the consumer started.
    pub const REPLY: u8 = 8;
    /// A conversation about debts the call does not count toward (comment 14(b)(4)-2.vi).
    pub const TALK_ONLY: u8 = 16;
    /// Location information asked of a third party (1006.10).
    pub const LOCATION: u8 = 32;
    /// Went to a place of employment.
    pub const WORKPLACE: u8 = 64;
    /// Withdrawn: not dialled, or found to have reached somebody else. Never counts for the person;
    /// what was dialled counts for the number.
    pub const WITHDRAWN: u8 = 128;

    /// In `outcome`: nobody has said when it was; `at` is when it was allowed or reported.
    pub const WHEN_GUESSED: u8 = 128;
    /// In `outcome`: nobody has said which debts it counts toward.
    pub const DEBTS_GUESSED: u8 = 64;

    /// Packs channel and action.
    pub fn pack_kind(channel: Channel, action: Action) -> u8 {
        channel.number() | (action.number() << 4)
    }

    /// The channel.
    pub fn channel(&self) -> Option<Channel> {
        Channel::from_number(self.kind & 0x0f)
    }

    /// The action.
    pub fn action(&self) -> Option<Action> {
        Action::from_number(self.kind >> 4)
    }

    /// The outcome.
    pub fn outcome(&self) -> Outcome {
        let number = self.outcome & !(Self::WHEN_GUESSED | Self::DEBTS_GUESSED);
        Outcome::from_number(number).unwrap_or(Outcome::Pending)
    }

    /// What of it nobody has said.
    pub fn guessed(&self) -> u8 {
        self.outcome & (Self::WHEN_GUESSED | Self::DEBTS_GUESSED)
    }

    /// Whether a flag bit is set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether this is a reservation that still blocks others at `now` (GATES.md, semantics 6).
    pub fn is_live(&self, now: crate::domain::time::UnixSeconds) -> bool {
        self.has(Self::RESERVED) && i64::from(self.call) > now.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_24_bytes() {
        assert_eq!(size_of::<Attempt>(), 24);
    }

    #[test]
    fn a_contact_key_tells_numbers_from_addresses() {
        let n = PhoneNumber::from_digits(8_185_551_234).unwrap();
        assert_eq!(ContactKey::phone(n).as_phone(), Some(n));
        assert_eq!(ContactKey::address(8_185_551_234).as_phone(), None);
        assert_eq!(ContactKey::NONE.as_phone(), None);
    }
}
