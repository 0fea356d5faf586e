//! A number on file for a person, and what is known of a number whoever it belongs to.

use super::{At, Consent, ContactKey};
use crate::domain::ids::{PersonNo, TenantNo};
use crate::domain::phone::PhoneNumber;
use crate::domain::time::UnixSeconds;
use crate::domain::words::LineType;

/// A number on an account's file.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Phone {
    /// Ten NANP digits.
    pub number: PhoneNumber,
    /// Whose it is.
    pub person: PersonNo,
    /// Line type.
    pub line_type: LineType,
    /// Bits of [`Phone::WRONG`] and its siblings.
    pub flags: u16,
    /// What most numbers have nothing of; never empty where it is present, see [`Phone::tidy`].
    pub dates: Option<Box<PhoneDates>>,
}

/// When something was said about a number on file.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct PhoneDates {
    /// Prior express consent to autodialled calls (47 CFR 64.1200(a)(1)); never = none.
    pub autodial_consent: At,
    /// Prior express consent to prerecorded voices; never = none.
    pub recorded_consent: At,
    /// Direct consent to texts, or its last renewal (12 CFR 1006.6(d)(5)(ii)).
    pub text_consent: At,
    /// The consumer's newest text from it (1006.6(d)(5)(i)).
    pub inbound_text: At,
    /// The newest reassigned-number check; what it said is [`Phone::REASSIGNED`] (1006.6(d)(5);
    /// 64.1200(m)).
    pub checked: At,
}

/// A medium consent to which stands on a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentTo {
    /// Autodialled calls.
    Calls,
    /// Prerecorded or artificial voices.
    Recordings,
    /// Texts.
    Texts,
}

impl Phone {
    /// Known not to be the person's.
    pub const WRONG: u16 = 1;
    /// At a place of employment.
    pub const WORK: u16 = 2;
    /// At the residence.
    pub const HOME: u16 = 4;
    /// Consent to prerecorded voices was withdrawn; only a newer one to them restores it.
    pub const RECORDED_REVOKED: u16 = 8;
    /// Consent to text was withdrawn; only a newer consent restores it.
    pub const TEXT_REVOKED: u16 = 16;
    /// Consent to autodialled or prerecorded calls was withdrawn.
    pub const CALL_REVOKED: u16 = 32;
    /// The consumer gave this number as a personal one.
    pub const PERSONAL: u16 = 64;
    /// The newest check said the number was reassigned.
    pub const REASSIGNED: u16 = 128;
    /// Nobody said when consent to autodialled calls was given.
    pub const CALL_UNDATED: u16 = 256;
    /// The same of prerecorded voices.
    pub const RECORDED_UNDATED: u16 = 512;
    /// The same of texts.
    pub const TEXT_UNDATED: u16 = 1_024;

    /// A number, and whose it is said to be: nothing else is known.
    pub fn of(number: PhoneNumber, person: PersonNo) -> Self {
        Self {
            number,
            person,
            line_type: LineType::Unknown,
            flags: 0,
            dates: None,
        }
    }

    /// When something was said about it; nothing said: never.
    pub fn dates(&self) -> PhoneDates {
        self.dates.as_deref().copied().unwrap_or_default()
    }

    /// The same to be changed, made on first use.
    pub fn dates_mut(&mut self) -> &mut PhoneDates {
        self.dates.get_or_insert_default()
    }

    /// Dates that say nothing are none: asking for them to change them made them.
    pub fn tidy(&mut self) {
        self.dates.take_if(|dates| **dates == PhoneDates::default());
    }

    /// Whether a flag bit is set.
    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// Sets or clears a flag bit.
    pub fn set(&mut self, flag: u16, on: bool) {
        self.flags = if on {
            self.flags | flag
        } else {
            self.flags & !flag
        };
    }

    /// The consent to a medium.
    pub fn consent(&self, to: ConsentTo) -> Consent {
        let dates = self.dates();
        let (at, revoked, undated) = match to {
            ConsentTo::Calls => (
                dates.autodial_consent,
                Self::CALL_REVOKED,
                Self::CALL_UNDATED,
            ),
            ConsentTo::Recordings => (
                dates.recorded_consent,
                Self::RECORDED_REVOKED,
                Self::RECORDED_UNDATED,
            ),
            ConsentTo::Texts => (dates.text_consent, Self::TEXT_REVOKED, Self::TEXT_UNDATED),
        };
        Consent {
            at,
            revoked: self.has(revoked),
            undated: self.has(undated),
        }
    }

    /// Keeps the consent to a medium.
    pub fn set_consent(&mut self, to: ConsentTo, consent: Consent) {
        let dates = self.dates_mut();
        let (at, revoked, undated) = match to {
            ConsentTo::Calls => (
                &mut dates.autodial_consent,
                Self::CALL_REVOKED,
                Self::CALL_UNDATED,
            ),
            ConsentTo::Recordings => (
                &mut dates.recorded_consent,
                Self::RECORDED_REVOKED,
                Self::RECORDED_UNDATED,
            ),
            ConsentTo::Texts => (
                &mut dates.text_consent,
                Self::TEXT_REVOKED,
                Self::TEXT_UNDATED,
            ),
        };
        *at = consent.at;
        self.set(revoked, consent.revoked);
        self.set(undated, consent.undated);
        self.tidy();
    }
}

/// What is known of a number or an address for a whole tenant, whichever account names it. Only restrictions:
/// a refusal binds for any debt (12 CFR 1006.14(h)), and what is counted by number counts whoever was meant.
///
/// A list of numbers not to be called may have millions of entries, and most say nothing else: what
/// is rare lies in a box, and 32 bytes are all that such an entry takes.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct NumberFacts {
    /// Whose knowledge it is.
    pub tenant: TenantNo,
    /// The number or address.
    pub key: ContactKey,
    /// Bits of [`NumberFacts::NO_CALLS`] and its siblings.
    pub flags: u8,
    /// When the internal do-not-call entry ends; never = it does not end.
    pub do_not_call_until: At,
    /// Sequence number (low 32 bits) of the row that put it on the do-not-call list as it stands
    /// there, or took it off; 0 = it was never on it.
    pub listed_by: u32,
    /// Sequence number (low 32 bits) of the newest row that touched it.
    pub touched: u32,
    /// The same of the newest row that restricted it.
    pub restricted: u32,
    /// What most have nothing of; never empty where it is present, see [`NumberFacts::tidy`].
    pub rare: Option<Box<RareNumberFacts>>,
}

/// What is rarely known of a number or address.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct RareNumberFacts {
    /// When texts were refused, for the one confirmation (64.1200(a)(12)).
    pub refused_texts_at: At,
    /// The confirmation of the refusal has gone out.
    pub confirmed: bool,
    /// The newest check, on whichever account, that found it reassigned: consents not newer are
    /// void on every account (12 CFR 1006.6(d)(5); 47 CFR 64.1200(m)).
    pub reassigned_at: At,
    /// Persons it is known not to belong to.
    pub wrong_for: Vec<PersonNo>,
    /// Everybody a telephone number is on file for or was tried for, by number, when that is not one
    /// person on whose file it stands; empty otherwise. Longer than [`NumberFacts::SHARERS_MAX`]: some
    /// are not listed.
    pub shared_by: Box<[PersonNo]>,
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
        self.shared_by().len() > Self::SHARERS_MAX
    }

    /// Everybody who shares the number, see [`RareNumberFacts::shared_by`].
    pub fn shared_by(&self) -> &[PersonNo] {
        self.rare.as_deref().map_or(&[][..], |rare| &rare.shared_by)
    }

    /// Nothing, of a number or address.
    pub fn of(tenant: TenantNo, key: ContactKey) -> Self {
        Self {
            tenant,
            key,
            ..Self::default()
        }
    }

    /// Whether a flag bit is set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// How it stands on the do-not-call list: whether it is there, and until when.
    pub fn listing(&self) -> (bool, At) {
        (self.has(Self::DO_NOT_CALL), self.do_not_call_until)
    }

    /// Whether it is on the do-not-call list. Half-open: at its end the entry has ended.
    pub fn is_listed(&self, now: UnixSeconds) -> bool {
        let (listed, until) = self.listing();
        listed && until.get().is_none_or(|until| now < until)
    }

    /// When texts were refused; never = they were not.
    pub fn refused_texts_at(&self) -> At {
        self.rare
            .as_deref()
            .map_or(At::NEVER, |rare| rare.refused_texts_at)
    }

    /// When a check last found it reassigned; never = none did.
    pub fn reassigned_at(&self) -> At {
        self.rare
            .as_deref()
            .map_or(At::NEVER, |rare| rare.reassigned_at)
    }

    /// The confirmation of the refusal has gone out.
    pub fn confirmed(&self) -> bool {
        self.rare.as_deref().is_some_and(|rare| rare.confirmed)
    }

    /// Persons it is known not to belong to.
    pub fn wrong_for(&self) -> &[PersonNo] {
        self.rare.as_deref().map_or(&[][..], |rare| &rare.wrong_for)
    }

    /// Rare facts, made on first use.
    pub fn rare(&mut self) -> &mut RareNumberFacts {
        self.rare.get_or_insert_default()
    }

    /// Rare facts that say nothing are none: asking for them to change them made them.
    pub fn tidy(&mut self) {
        self.rare
            .take_if(|rare| **rare == RareNumberFacts::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_only_listed_takes_32_bytes() {
        assert_eq!(size_of::<NumberFacts>(), 32);
    }

    #[test]
    fn a_listing_ends_at_its_end() {
        let mut known = NumberFacts::default();
        let now = UnixSeconds(1_000);
        known.do_not_call_until = At::of(now.plus(1));
        assert!(!known.is_listed(now));
        known.flags = NumberFacts::DO_NOT_CALL;
        assert!(known.is_listed(now) && !known.is_listed(now.plus(1)));
        known.do_not_call_until = At::NEVER;
        assert!(known.is_listed(now.plus(1)));
    }
}
