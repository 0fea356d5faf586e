//! The federal rules: a closed list of ids, and the figures among them.

use super::frequency::Window;
use super::hours::DayWindow;

macro_rules! federal_rules {
    ($($(#[$doc:meta])* $variant:ident = $id:literal,)*) => {
        /// A federal rule by id. The pack must hold each of them exactly once.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum FederalId { $($(#[$doc])* $variant,)* }

        impl FederalId {
            /// All federal rules, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The id in rule files and answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }
        }
    };
}

federal_rules! {
    /// Only the consumer and those who stand for them may be spoken to: 1006.6(a), (d).
    PartyNotPermitted = "PARTY_NOT_PERMITTED",
    /// One location contact a third party: 1006.10(c).
    LocationContactOnce = "LOCATION_CONTACT_ONCE",
    /// Paid, settled and discharged debts are not collected: 1006.30(b)(1).
    DebtSatisfied = "DEBT_SATISFIED",
    /// Stay of acts to collect: 11 USC 362.
    BankruptcyStay = "BANKRUPTCY_STAY",
    /// Stay for co-debtors: 11 USC 1201, 1301.
    CodebtorStay = "CODEBTOR_STAY",
    /// Discharge: 11 USC 524, 1006.30(b)(1).
    BankruptcyDischarge = "BANKRUPTCY_DISCHARGE",
    /// The consumer has died: 1006.6(a)(4).
    Deceased = "DECEASED",
    /// The consumer is a minor: 1006.6(a)(2).
    Minor = "MINOR",
    /// Request to cease: 1006.6(c)(1).
    Cease = "CEASE",
    /// What may still be sent after it: 1006.6(c)(2).
    CeaseException = "CEASE_EXCEPTION",
    /// Representation by an attorney: 1006.6(b)(2).
    Attorney = "ATTORNEY",
    /// Written dispute in the validation period: 1006.38(c), (d).
    DisputePending = "DISPUTE_PENDING",
    /// The validation period: 1006.34(b)(5).
    ValidationPeriod = "VALIDATION_PERIOD",
    /// Identity theft: 15 USC 1681m(f), (g).
    IdentityTheft = "IDENTITY_THEFT",
    /// Servicemembers: noted, blocks by tenant policy only.
    Military = "MILITARY",
    /// Hours of the day: 1006.6(b)(1)(i).
    CallHours = "CALL_HOURS",
    /// Times the consumer called inconvenient: 1006.6(b)(1).
    InconvenientTime = "INCONVENIENT_TIME",
    /// Seven calls in seven days: 1006.14(b)(2)(i)(A).
    CallSevenInSeven = "CALL_7_IN_7",
    /// Seven days after a conversation: 1006.14(b)(2)(i)(B).
    CallAfterConversation = "CALL_AFTER_CONVERSATION",
    /// Calls with prior consent are not counted: 1006.14(b)(3)(i).
    ExcludedPriorConsent = "EXCLUDED_PRIOR_CONSENT",
    /// Calls that do not connect are not counted: 1006.14(b)(3)(ii).
    ExcludedNotConnected = "EXCLUDED_NOT_CONNECTED",
    /// Prerecorded calls to a residence, three in thirty days: 64.1200(a)(3).
    PrerecordedThreeInThirty = "PRERECORDED_3_IN_30",
    /// Consent for autodialled or prerecorded calls to wireless: 64.1200(a)(1)(iii).
    WirelessConsent = "WIRELESS_CONSENT",
    /// Grace for ported numbers: 64.1200(a)(1)(iv).
    PortedNumberGrace = "PORTED_NUMBER_GRACE",
    /// Text messages, sixty days: 1006.6(d)(5).
    TextProcedure = "TEXT_PROCEDURE",
    /// E-mail addresses: 1006.6(d)(4).
    EmailProcedure = "EMAIL_PROCEDURE",
    /// Consent withdrawn: 64.1200(a)(10).
    ConsentRevoked = "CONSENT_REVOKED",
    /// A stop on one topic stops all: 64.1200(a)(10), in force later.
    RevokeAll = "REVOKE_ALL",
    /// Medium or address refused: 1006.14(h)(1).
    MediumOptOut = "MEDIUM_OPT_OUT",
    /// One confirmation of an opt-out: 1006.14(h)(2)(i), 64.1200(a)(12).
    OptOutConfirmation = "OPT_OUT_CONFIRMATION",
    /// One answer to a contact the consumer began: 1006.14(h)(2)(ii).
    ConsumerInitiatedResponse = "CONSUMER_INITIATED_RESPONSE",
    /// What other law requires to be delivered: 1006.14(h)(2)(iii).
    LegallyRequired = "LEGALLY_REQUIRED",
    /// Workplace: 1006.6(b)(3).
    Employer = "EMPLOYER",
    /// Addresses an employer provides: 1006.22(f)(3).
    EmployerEmail = "EMPLOYER_EMAIL",
    /// Places the consumer called inconvenient: 1006.6(b)(1)(ii).
    InconvenientPlace = "INCONVENIENT_PLACE",
    /// The caller's own do-not-call list: 64.1200(d).
    InternalDnc = "INTERNAL_DNC",
    /// No postcards: 1006.22(f)(1).
    Postcard = "POSTCARD",
    /// No messages others can see: 1006.22(f)(4).
    SocialPublic = "SOCIAL_PUBLIC",
    /// Evidence is kept three years: 1006.100.
    RecordRetention = "RECORD_RETENTION",
}

impl FederalId {
    /// Whether the gates block on it (or lift a block by it) without being told to. The others
    /// are noted only.
    pub const fn enforced(self) -> bool {
        !matches!(
            self,
            Self::Military | Self::PortedNumberGrace | Self::RecordRetention
        )
    }

    /// Reads an id.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.as_str() == id)
    }
}

/// The figures of the federal rules. Where each stands in the law is the rule of the same name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FederalFigures {
    /// `CALL_HOURS`: hours in every place the facts suggest.
    pub hours: DayWindow,
    /// `CALL_7_IN_7`: calls allowed in the window, a person and debt.
    pub calls_limit: u16,
    /// `CALL_7_IN_7`: the window, [`Window::RollingDays`].
    pub calls_window: Window,
    /// `CALL_AFTER_CONVERSATION`: [`Window::AfterConversationDays`].
    pub after_conversation: Window,
    /// `EXCLUDED_PRIOR_CONSENT`: consecutive days a consent to more calls lasts, its date day 1.
    pub prior_consent_days: u16,
    /// `PRERECORDED_3_IN_30`: calls allowed to a residential line, a caller.
    pub prerecorded_limit: u16,
    /// `PRERECORDED_3_IN_30`: the window, [`Window::RollingDays`].
    pub prerecorded_window: Window,
    /// `PORTED_NUMBER_GRACE`: days after a number was ported to wireless.
    pub ported_grace_days: u16,
    /// `TEXT_PROCEDURE`: most local days between the consumer's last text (or the last check of the
    /// number) and a message.
    pub text_fresh_days: u16,
    /// `EMAIL_PROCEDURE`: days of the opt-out period in the creditor's notice.
    pub email_opt_out_days: u16,
    /// `CONSENT_REVOKED`: business days within which a revocation must be honoured at the latest.
    pub revocation_business_days: u16,
    /// `INTERNAL_DNC`: business days within which a request must be honoured at the latest.
    pub dnc_business_days: u16,
    /// `OPT_OUT_CONFIRMATION`: seconds after the request within which the one confirmation goes out.
    pub confirmation_seconds: u32,
    /// `VALIDATION_PERIOD`: business days from sending to assumed receipt.
    pub receipt_business_days: u16,
    /// `VALIDATION_PERIOD`: calendar days from receipt to the last day.
    pub validation_days: u16,
    /// `LOCATION_CONTACT_ONCE`: contacts allowed with one third party.
    pub location_contacts_limit: u16,
    /// `RECORD_RETENTION`: years after the last act of collection.
    pub retention_years: u16,
}
