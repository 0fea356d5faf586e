//! What a rule demands: one variant a kind, each with its figures.

use super::frequency::{Frequency, Window};
use super::hours::{CallHours, HolidayBan};
use crate::domain::words::NoticeKind;

/// The kinds by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[expect(
    missing_docs,
    reason = "each is documented at the variant of RuleKind that bears its name"
)]
pub enum KindName {
    CallHours,
    HolidayBan,
    Frequency,
    FrequencyQualitative,
    Licence,
    EmailConsent,
    WorkplaceLimit,
    ValidationHold,
    AccountHold,
    VisitBan,
    EmergencyMoratorium,
    Attorney,
    CeaseRequest,
    PrerecordedConsent,
    PreContactMoratorium,
    RecordingConsent,
    Language,
    RecordRetention,
    CallerId,
    ThirdParty,
    WirelessBan,
    Consent,
    NoneFound,
    Scope,
    IncorporatesFederal,
}

/// A rule's kind and figures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RuleKind {
    /// Hours of contact.
    CallHours(CallHours),
    /// Days without contact.
    HolidayBan(HolidayBan),
    /// How often.
    Frequency(Frequency),
    /// "Too often" without a number.
    FrequencyQualitative,
    /// The agency needs a licence where the consumer lives.
    Licence {
        /// The licence, in few words.
        licence: Box<str>,
        /// Its number must stand in what is written to the consumer.
        display: bool,
    },
    /// Electronic messages need a consent.
    EmailConsent(MessageConsent),
    /// Contact at or through the workplace.
    WorkplaceLimit(WorkplaceLimit),
    /// Collection rests until information asked for was given.
    ValidationHold {
        /// Only debts of this type.
        debt_type: DebtType,
        /// A spoken request is enough.
        oral_request: bool,
    },
    /// Collection rests while an application for charity care is pending.
    AccountHold {
        /// Only debts of this type.
        debt_type: DebtType,
    },
    /// No visits.
    VisitBan {
        /// Not to the household.
        household: bool,
        /// Not to the workplace.
        workplace: bool,
    },
    /// No contact during a declared public emergency.
    EmergencyMoratorium {
        /// Nor for so many days afterwards.
        plus_days: u16,
    },
    /// Represented consumers.
    Attorney(AttorneyNotice),
    /// Requests to cease.
    CeaseRequest {
        /// The form the request needs.
        form: CeaseForm,
        /// Letters still allowed in a month.
        mail_per_month: u16,
        /// Personal contacts still allowed in all.
        personal_contacts_max: u16,
    },
    /// Prerecorded voices need a consent.
    PrerecordedConsent {
        /// Not where there is a current business or personal relationship.
        relationship_exempt: bool,
    },
    /// No contact for a time after a notice was mailed.
    PreContactMoratorium {
        /// Contact is free on the mailing date + so many calendar days.
        days: u16,
        /// Only debts of this type.
        debt_type: DebtType,
        /// Which notice.
        notice: Option<NoticeKind>,
        /// An unknown mailing date blocks.
        unknown_blocks: bool,
    },
    /// Recording a call needs a consent.
    RecordingConsent(RecordingParties),
    /// The consumer's language is recorded and services are disclosed.
    Language,
    /// Records are kept.
    RecordRetention {
        /// For so many years.
        years: u16,
    },
    /// Caller identification may not be hidden.
    CallerId,
    /// Contacts with persons who do not owe.
    ThirdParty,
    /// No sales calls to wireless numbers.
    WirelessBan,
    /// Automated sales calls need a consent.
    Consent,
    /// Nothing stricter than federal law was found.
    NoneFound,
    /// Says which debts a law covers.
    Scope,
    /// State law that takes over the federal one.
    IncorporatesFederal,
    /// The kind is known, the figures were never verified: can never be enforced.
    Unverified(KindName),
}

/// What a consumer must have given before an electronic message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one requirement of a text"
)]
pub struct MessageConsent {
    /// The consumer gave the address.
    pub address_from_consumer: bool,
    /// In writing.
    pub written: bool,
    /// To this collector, for this address and medium.
    pub direct: bool,
    /// A notice was mailed first.
    pub mailed_notice_first: bool,
    /// Which one.
    pub notice: Option<NoticeKind>,
    /// Messages that ask for the consent, allowed in the window without it.
    pub ask: Option<(u16, Window)>,
}

/// Contact at or through the workplace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum WorkplaceLimit {
    /// A request to stop holds.
    OnRequest {
        /// A spoken one for so many days.
        oral_days: u16,
        /// For good when confirmed in writing within so many days.
        confirm_within_days: u16,
    },
    /// The employer may not be contacted about the debt before judgment.
    NoEmployerContact,
    /// So many contacts in the window.
    Count {
        /// Contacts allowed.
        limit: u16,
        /// The window.
        window: Window,
        /// And only if the consumer cannot be reached at home.
        only_if_unreachable_at_home: bool,
        /// Answers to a contact the consumer began neither count nor are blocked.
        replies_exempt: bool,
    },
    /// Not against the consumer's instruction, unless there is no other number.
    AgainstInstruction,
}

/// Which debts a rule is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DebtType {
    /// All.
    Any,
    /// Medical debts, hospital debts among them.
    Medical,
}

impl DebtType {
    /// All kinds, in order.
    pub const ALL: [Self; 2] = [Self::Any, Self::Medical];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Medical => "medical",
        }
    }
}

/// Which notice of representation suffices.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AttorneyNotice {
    /// Any knowledge.
    Any,
    /// The attorney's, in writing.
    WrittenByAttorney,
    /// The consumer's, spoken.
    OralByConsumer,
}

impl AttorneyNotice {
    /// All forms, in order.
    pub const ALL: [Self; 3] = [Self::Any, Self::WrittenByAttorney, Self::OralByConsumer];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::WrittenByAttorney => "written_by_attorney",
            Self::OralByConsumer => "oral_by_consumer",
        }
    }
}

/// Which form a request to cease needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CeaseForm {
    /// Spoken or written.
    OralOrWritten,
    /// Certified mail.
    CertifiedMail,
}

impl CeaseForm {
    /// All forms, in order.
    pub const ALL: [Self; 2] = [Self::OralOrWritten, Self::CertifiedMail];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OralOrWritten => "oral_or_written",
            Self::CertifiedMail => "certified_mail",
        }
    }
}

/// Whose consent a recording needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RecordingParties {
    /// Everyone's.
    All,
    /// One party's on the telephone, everyone's face to face.
    OneByTelephone,
    /// The sources disagree.
    Contested,
}

impl RecordingParties {
    /// All answers, in order.
    pub const ALL: [Self; 3] = [Self::All, Self::OneByTelephone, Self::Contested];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::OneByTelephone => "one_by_telephone",
            Self::Contested => "contested",
        }
    }
}

impl KindName {
    /// All kinds in order.
    pub const ALL: [Self; 25] = [
        Self::CallHours,
        Self::HolidayBan,
        Self::Frequency,
        Self::FrequencyQualitative,
        Self::Licence,
        Self::EmailConsent,
        Self::WorkplaceLimit,
        Self::ValidationHold,
        Self::AccountHold,
        Self::VisitBan,
        Self::EmergencyMoratorium,
        Self::Attorney,
        Self::CeaseRequest,
        Self::PrerecordedConsent,
        Self::PreContactMoratorium,
        Self::RecordingConsent,
        Self::Language,
        Self::RecordRetention,
        Self::CallerId,
        Self::ThirdParty,
        Self::WirelessBan,
        Self::Consent,
        Self::NoneFound,
        Self::Scope,
        Self::IncorporatesFederal,
    ];

    /// The name in rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CallHours => "call_hours",
            Self::HolidayBan => "holiday_ban",
            Self::Frequency => "frequency",
            Self::FrequencyQualitative => "frequency_qualitative",
            Self::Licence => "licence",
            Self::EmailConsent => "email_consent",
            Self::WorkplaceLimit => "workplace_limit",
            Self::ValidationHold => "validation_hold",
            Self::AccountHold => "account_hold",
            Self::VisitBan => "visit_ban",
            Self::EmergencyMoratorium => "emergency_moratorium",
            Self::Attorney => "attorney",
            Self::CeaseRequest => "cease_request",
            Self::PrerecordedConsent => "prerecorded_consent",
            Self::PreContactMoratorium => "pre_contact_moratorium",
            Self::RecordingConsent => "recording_consent",
            Self::Language => "language",
            Self::RecordRetention => "record_retention",
            Self::CallerId => "caller_id",
            Self::ThirdParty => "third_party",
            Self::WirelessBan => "wireless_ban",
            Self::Consent => "consent",
            Self::NoneFound => "none_found",
            Self::Scope => "scope",
            Self::IncorporatesFederal => "incorporates_federal",
        }
    }
}

impl RuleKind {
    /// The kind's name.
    pub const fn name(&self) -> KindName {
        match self {
            Self::CallHours(_) => KindName::CallHours,
            Self::HolidayBan(_) => KindName::HolidayBan,
            Self::Frequency(_) => KindName::Frequency,
            Self::FrequencyQualitative => KindName::FrequencyQualitative,
            Self::Licence { .. } => KindName::Licence,
            Self::EmailConsent(_) => KindName::EmailConsent,
            Self::WorkplaceLimit(_) => KindName::WorkplaceLimit,
            Self::ValidationHold { .. } => KindName::ValidationHold,
            Self::AccountHold { .. } => KindName::AccountHold,
            Self::VisitBan { .. } => KindName::VisitBan,
            Self::EmergencyMoratorium { .. } => KindName::EmergencyMoratorium,
            Self::Attorney(_) => KindName::Attorney,
            Self::CeaseRequest { .. } => KindName::CeaseRequest,
            Self::PrerecordedConsent { .. } => KindName::PrerecordedConsent,
            Self::PreContactMoratorium { .. } => KindName::PreContactMoratorium,
            Self::RecordingConsent(_) => KindName::RecordingConsent,
            Self::Language => KindName::Language,
            Self::RecordRetention { .. } => KindName::RecordRetention,
            Self::CallerId => KindName::CallerId,
            Self::ThirdParty => KindName::ThirdParty,
            Self::WirelessBan => KindName::WirelessBan,
            Self::Consent => KindName::Consent,
            Self::NoneFound => KindName::NoneFound,
            Self::Scope => KindName::Scope,
            Self::IncorporatesFederal => KindName::IncorporatesFederal,
            Self::Unverified(name) => *name,
        }
    }
}
