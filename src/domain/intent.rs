//! What a caller asks: one contact, about to be made.

use super::phone::PhoneNumber;
use super::words::{Action, Channel, DialMode, Inbound, PartyRole, PlaceKind, Purpose};

/// The contact point an intent names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactPoint {
    /// A number that normalises to ten NANP digits.
    Phone(PhoneNumber),
    /// A text that is not a telephone number; ACCOUNT blocks.
    BadPhone,
    /// An e-mail address, lower-cased.
    Email(Box<str>),
    /// A text that is not an e-mail address; ACCOUNT blocks.
    BadEmail,
    /// The channel needs none (mail, `in_person`) or none was given.
    Absent,
}

/// A word of a closed vocabulary as a caller spelt it: absent, known or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked<T> {
    /// Not in the request.
    Absent,
    /// One of the published words.
    Known(T),
    /// Something else: the gate in charge blocks.
    Unknown,
}

impl<T: Copy> Asked<T> {
    /// The known word.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(word) => Some(word),
            Self::Absent | Self::Unknown => None,
        }
    }
}

/// A contact intent after decoding and normalising. Strings of the caller that decide nothing
/// (agent, campaign) are not here; they go beside the row as its subject.
#[derive(Debug, Clone)]
pub struct Intent {
    /// The caller's account id.
    pub account_id: Box<str>,
    /// The person asked for, when the caller names one.
    pub person_id: Option<Box<str>>,
    /// Number or address.
    pub contact: ContactPoint,
    /// `channel`, `None` when it is not a published word.
    pub channel: Option<Channel>,
    /// `action_type`, `None` when it is not a published word.
    pub action: Option<Action>,
    /// `source_system` as asked.
    pub source_system: Box<str>,
    /// `party_role`; absent means the consumer.
    pub role: Asked<PartyRole>,
    /// `dial_mode`.
    pub dial_mode: Asked<DialMode>,
    /// `purpose`; unknown words are collection.
    pub purpose: Purpose,
    /// `in_response_to`; naming one implies purpose reply.
    pub in_response_to: Option<Inbound>,
    /// `to_place`.
    pub to_place: Asked<PlaceKind>,
    /// `debt_ids`; empty means every open debt of the account.
    pub debt_ids: Vec<Box<str>>,
    /// Decide and record, reserve nothing.
    pub dry_run: bool,
    /// Whether the credential carries `gate:exception`.
    pub exception_scope: bool,
}
