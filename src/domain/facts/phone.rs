//! A number on file for a person, and what is known of a number whoever it belongs to.

use super::At;
use crate::domain::ids::PersonNo;
use crate::domain::phone::PhoneNumber;
use crate::domain::words::LineType;

/// A number on an account's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Phone {
    /// Ten NANP digits.
    pub number: PhoneNumber,
    /// Whose it is.
    pub person: PersonNo,
    /// Prior express consent to autodialled calls (47 CFR 64.1200(a)(1)); never = none.
    pub autodial_consent: At,
    /// Direct consent to texts, or its last renewal (12 CFR 1006.6(d)(5)(ii)).
    pub text_consent: At,
    /// The consumer's newest text from it (1006.6(d)(5)(i)).
    pub inbound_text: At,
    /// The newest reassigned-number check; what it said is [`Phone::REASSIGNED`] (1006.6(d)(5);
    /// 64.1200(m)).
    pub checked: At,
    /// Line type by number, see [`LineType`].
    pub line_type: u8,
    /// Bits of [`Phone::WRONG`] and its siblings.
    pub flags: u8,
}

impl Phone {
    /// Known not to be the person's.
    pub const WRONG: u8 = 1;
    /// At a place of employment.
    pub const WORK: u8 = 2;
    /// At the residence.
    pub const HOME: u8 = 4;
    /// Consent covers prerecorded voice too.
    pub const PRERECORDED_CONSENT: u8 = 8;
    /// Consent to text was withdrawn; only a newer consent restores it.
    pub const TEXT_REVOKED: u8 = 16;
    /// Consent to autodialled or prerecorded calls was withdrawn.
    pub const CALL_REVOKED: u8 = 32;
    /// The consumer gave this number as a personal one.
    pub const PERSONAL: u8 = 64;
    /// The newest check said the number was reassigned.
    pub const REASSIGNED: u8 = 128;

    /// Whether a flag bit is set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The line type.
    pub fn line_type(&self) -> LineType {
        LineType::from_number(self.line_type).unwrap_or(LineType::Unknown)
    }
}

/// What is known of a number or an address for a whole tenant, whichever account names it. Only restrictions:
/// a refusal binds for any debt (12 CFR 1006.14(h)), and what is counted by number counts whoever was meant.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct NumberFacts {
    /// Bits of [`NumberFacts::NO_CALLS`] and its siblings.
    pub flags: u8,
    /// When the internal do-not-call entry ends; never = it does not end.
    pub do_not_call_until: At,
    /// When texts were refused, for the one confirmation (64.1200(a)(12)).
    pub refused_texts_at: At,
    /// The confirmation of the refusal has gone out.
    pub confirmed: bool,
    /// Persons it is known not to belong to.
    pub wrong_for: Vec<PersonNo>,
    /// Everybody a telephone number is on file for or was tried for, by number, when that is not one
    /// person on whose file it stands; empty otherwise. Longer than [`NumberFacts::SHARERS_MAX`]: some
    /// are not listed.
    pub shared_by: Box<[PersonNo]>,
    /// Sequence number (low 32 bits) of the newest row that touched it.
    pub touched: u32,
    /// The same of the newest row that restricted it.
    pub restricted: u32,
}

impl NumberFacts {
    /// Calls to it are refused.
    pub const NO_CALLS: u8 = 1;
    /// Texts to it are refused.
    pub const NO_TEXTS: u8 = 2;
    /// Internal do-not-call.
    pub const DO_NOT_CALL: u8 = 4;
    /// Fax to it is refused.
    pub const NO_FAX: u8 = 8;
    /// E-mail to it is refused (the facts are those of an address).
    pub const NO_EMAIL: u8 = 16;
    /// Reached somebody else when nobody could say whom it was meant for: wrong for everybody.
    pub const WRONG: u8 = 32;

    /// Persons who are looked at when a number is shared; more, and every count of it is full.
    pub const SHARERS_MAX: usize = 16;

    /// Whether more people share the number than are listed.
    pub fn crowded(&self) -> bool {
        self.shared_by.len() > Self::SHARERS_MAX
    }
}
