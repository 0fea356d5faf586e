//! Whom and what a rule binds: media, persons, dates, and how far it is trusted.

use crate::domain::time::CivilDate;

/// A medium as rules name them. An intent's channel and action together give one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Medium {
    /// A call, answered or not, and whatever else goes over the channel `phone`.
    Phone,
    /// The action `voicemail` on the channel `phone`.
    Voicemail,
    /// A text message.
    Sms,
    /// An e-mail.
    Email,
    /// A letter.
    Mail,
    /// A visit.
    InPerson,
    /// A direct message in a social network.
    Social,
    /// A fax.
    Fax,
}

impl Medium {
    /// All media in order.
    pub const ALL: [Self; 8] = [
        Self::Phone,
        Self::Voicemail,
        Self::Sms,
        Self::Email,
        Self::Mail,
        Self::InPerson,
        Self::Social,
        Self::Fax,
    ];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Voicemail => "voicemail",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Mail => "mail",
            Self::InPerson => "in_person",
            Self::Social => "social",
            Self::Fax => "fax",
        }
    }
}

/// A set of media. A set with [`Medium::Phone`] always has [`Medium::Voicemail`]: a message left
/// is a call placed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct MediumSet(u8);

impl MediumSet {
    /// Every medium: a rule about contact "in any form".
    pub const ANY_FORM: Self = Self(0xff);
    /// No medium.
    pub const EMPTY: Self = Self(0);

    /// This set and `medium`, and voicemail with phone.
    #[must_use]
    pub const fn with(self, medium: Medium) -> Self {
        let also = if matches!(medium, Medium::Phone) {
            1 << Medium::Voicemail as u8
        } else {
            0
        };
        Self(self.0 | 1 << medium as u8 | also)
    }

    /// Whether `medium` is in the set.
    pub const fn contains(self, medium: Medium) -> bool {
        self.0 >> medium as u8 & 1 == 1
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The bits, in order of [`Medium::ALL`].
    pub const fn bits(self) -> u8 {
        self.0
    }
}

impl FromIterator<Medium> for MediumSet {
    fn from_iter<I: IntoIterator<Item = Medium>>(media: I) -> Self {
        media.into_iter().fold(Self::EMPTY, Self::with)
    }
}

/// Who is bound by a rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum CoveredPerson {
    /// Collects for another.
    ThirdParty,
    /// Collects debts bought in default.
    DebtBuyer,
    /// Collects what was always owed to it (first party).
    Creditor,
    /// Sells over the telephone: never a collector, kept for telemarketing rules.
    Solicitor,
}

impl CoveredPerson {
    /// All kinds in order.
    pub const ALL: [Self; 4] = [
        Self::ThirdParty,
        Self::DebtBuyer,
        Self::Creditor,
        Self::Solicitor,
    ];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ThirdParty => "third_party",
            Self::DebtBuyer => "debt_buyer",
            Self::Creditor => "creditor",
            Self::Solicitor => "solicitor",
        }
    }
}

/// A set of covered persons.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct CoveredPersons(u8);

impl CoveredPersons {
    /// Whether such a person is bound.
    pub const fn contains(self, person: CoveredPerson) -> bool {
        self.0 >> person as u8 & 1 == 1
    }

    /// Whether nobody is bound.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<CoveredPerson> for CoveredPersons {
    fn from_iter<I: IntoIterator<Item = CoveredPerson>>(persons: I) -> Self {
        Self(
            persons
                .into_iter()
                .fold(0, |bits, person| bits | 1 << person as u8),
        )
    }
}

/// What is done with a rule unless a tenant says otherwise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DefaultAction {
    /// Blocks.
    Enforce,
    /// Is noted in the row and in explanations, blocks nothing.
    Flag,
    /// Blocks when an operator has switched it on.
    Switch,
    /// Is kept for the record only.
    Off,
}

impl DefaultAction {
    /// All actions in order.
    pub const ALL: [Self; 4] = [Self::Enforce, Self::Flag, Self::Switch, Self::Off];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Flag => "flag",
            Self::Switch => "switch",
            Self::Off => "off",
        }
    }
}

/// How well the source of a rule was read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Confidence {
    /// The text itself was read.
    High,
    /// A secondary page was read.
    Medium,
    /// From memory or unverified; never enforced by default.
    Low,
}

impl Confidence {
    /// All levels in order.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// What kind of contact a rule is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AppliesTo {
    /// Collection of debts.
    DebtCollection,
    /// Sales calls; never applied to collection by default.
    Telemarketing,
    /// Every call, whatever its purpose.
    AllCalls,
}

impl AppliesTo {
    /// All kinds in order.
    pub const ALL: [Self; 3] = [Self::DebtCollection, Self::Telemarketing, Self::AllCalls];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DebtCollection => "debt_collection",
            Self::Telemarketing => "telemarketing",
            Self::AllCalls => "all_calls",
        }
    }
}

/// The dates in which a rule is in force; both ends belong to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct InForce {
    /// First date; `None` = since always, as far as a decision can tell.
    pub from: Option<CivilDate>,
    /// Last date; `None` = open.
    pub to: Option<CivilDate>,
}

impl InForce {
    /// Whether the rule is in force on `date` (the consumer's local date).
    pub fn on(self, date: CivilDate) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_the_time_in_force() {
        let date = |text: &str| CivilDate::parse(text).unwrap();
        let in_force = InForce {
            from: Some(date("2026-01-02")),
            to: Some(date("2026-01-04")),
        };
        for (day, on) in [("01", false), ("02", true), ("04", true), ("05", false)] {
            assert_eq!(in_force.on(date(&format!("2026-01-{day}"))), on, "{day}");
        }
        assert!(InForce::default().on(CivilDate::MIN) && InForce::default().on(CivilDate::MAX));
    }

    #[test]
    fn phone_brings_voicemail_and_nothing_brings_phone() {
        let phone = MediumSet::EMPTY.with(Medium::Phone);
        assert!(phone.contains(Medium::Voicemail) && !phone.contains(Medium::Sms));
        let voicemail = MediumSet::EMPTY.with(Medium::Voicemail);
        assert!(!voicemail.contains(Medium::Phone));
        assert!(
            Medium::ALL
                .iter()
                .all(|&medium| MediumSet::ANY_FORM.contains(medium))
        );
        assert_eq!(
            Medium::ALL.into_iter().collect::<MediumSet>(),
            MediumSet::ANY_FORM
        );
    }
}
