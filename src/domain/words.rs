//! The closed vocabularies callers speak: channels, actions, roles, modes, purposes, media, outcomes.
//!
//! One macro gives each its published spelling, so that parsing and printing cannot differ.

/// Declares a closed enum with its published spellings.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
            rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
        )]
        #[repr(u8)]
        pub enum $name { $(#[doc = concat!("`", $text, "`.")] $(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in numeric order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The published spelling.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Reads the published spelling; anything else is `None`.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }

            /// The value with this number, as kept in compact rows.
            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.get(usize::from(number)).copied()
            }

            /// The number kept in compact rows.
            pub fn number(self) -> u8 {
                self as u8
            }
        }
    };
}
pub(crate) use words;

words!(
    /// The channel column of an intent (GATES.md, request).
    Channel { Phone = "phone", Sms = "sms", Email = "email", Mail = "mail", Fax = "fax",
        InPerson = "in_person", Social = "social" }
);
words!(
    /// The action of an intent.
    Action { Call = "call", Voicemail = "voicemail", Text = "text", Email = "email",
        Letter = "letter", Fax = "fax", InPerson = "in_person" }
);
words!(
    /// Whom the contact is addressed to, in relation to the debt.
    PartyRole { Consumer = "consumer", CoDebtor = "co_debtor", Spouse = "spouse", Parent = "parent",
        Guardian = "guardian", Executor = "executor", Successor = "successor",
        Attorney = "attorney", ThirdParty = "third_party",
        /// Nobody knows; ACCOUNT blocks.
        Unknown = "unknown" }
);
words!(
    /// How the number is dialled.
    DialMode { Manual = "manual", Preview = "preview", Predictive = "predictive",
        Prerecorded = "prerecorded", Ringless = "ringless" }
);
words!(
    /// Why the contact is made. Collection is the default and stands for every unknown word.
    Purpose { Collection = "collection", Reminder = "reminder", NoticeOfRemedy = "notice_of_remedy",
        TerminateEfforts = "terminate_efforts", OptOutConfirmation = "opt_out_confirmation",
        LegallyRequired = "legally_required", LocationInformation = "location_information",
        Reply = "reply", ConsentRequest = "consent_request" }
);
words!(
    /// Something the consumer started, which a reply may answer once in the same medium.
    Inbound { Call = "inbound_call", Text = "inbound_text", Email = "inbound_email",
        Letter = "inbound_letter" }
);
words!(
    /// A kind of place (12 CFR 1006.6(b)(1)(ii), (b)(3)).
    PlaceKind { Home = "home", Employment = "employment", School = "school", Hospital = "hospital",
        Other = "other" }
);
words!(
    /// A medium a person may refuse (12 CFR 1006.14(h)).
    Medium { Calls = "phone", Texts = "sms", Email = "email", Mail = "mail", Fax = "fax",
        InPerson = "in_person", Social = "social" }
);
words!(
    /// Who collects (1006.2(i); state law also binds creditors).
    CollectorRole { ThirdParty = "third_party", DebtBuyer = "debt_buyer", FirstParty = "first_party" }
);
words!(
    /// Whether the agency may still work the account.
    AccountStatus { Open = "open", Closed = "closed", Paid = "paid", Settled = "settled",
        Recalled = "recalled", Sold = "sold" }
);
words!(
    /// What kind of line a number is. Unknown counts as wireless (GATES.md, gate 8).
    LineType { Unknown = "unknown", Wireless = "wireless", Landline = "landline", Voip = "voip" }
);
words!(
    /// What became of an attempt.
    Outcome {
        /// Nothing reported (yet): counts as placed.
        Pending = "pending",
        /// The dialer never placed it: releases the reservation.
        NotDialed = "not_dialed",
        /// Busy, not in service: 1006.14(b)(3)(ii), not counted.
        NotConnected = "not_connected",
        NoAnswer = "no_answer", Voicemail = "voicemail",
        /// Rang through to a machine that took no message: counts federally, not in MA and DC.
        VoicemailUnableToLeave = "voicemail_unable_to_leave",
        /// Answered and dropped without a conversation.
        Dropped = "dropped",
        Conversation = "conversation",
        /// Reached somebody else: leaves the consumer's counts (comment 14(b)(2)(i)-3).
        WrongNumber = "wrong_number",
        /// A message, letter or e-mail went out.
        Sent = "sent",
        /// Reached somebody who is not the consumer, at a number that may be right: this attempt
        /// leaves the consumer's counts (comment 14(b)(2)(i)-3).
        WrongParty = "wrong_party"
    }
);
words!(
    /// Which contact kinds a consent covers.
    ConsentKind { Autodialed = "autodialed", Prerecorded = "prerecorded", Text = "text",
        Email = "email", Fax = "fax", Social = "social" }
);
words!(
    /// To whom a consent was given. Only one given to this collector lifts Reg F rules.
    GivenTo { Collector = "collector", Creditor = "creditor", PriorCollector = "prior_collector" }
);
words!(
    /// Where a bankruptcy case stands.
    BankruptcyStatus { Filed = "filed", Discharged = "discharged", Dismissed = "dismissed",
        Reaffirmed = "reaffirmed" }
);
words!(
    /// Written or oral.
    Form { Written = "written", Oral = "oral" }
);
words!(
    /// What kind of hold lies on an account. `system_of_record`: the tenant's system does not have it, or
    /// says where it is in a way that cannot be read.
    HoldKind { Court = "court", Litigation = "litigation", CharityCare = "charity_care",
        Itemisation = "itemisation", Creditor = "creditor", SystemOfRecord = "system_of_record" }
);
words!(
    /// Who owns an escalated account (gate 4).
    EscalationKind { Complaint = "complaint", RegulatorInquiry = "regulator_inquiry",
        LegalReferral = "legal_referral", SupervisorReview = "supervisor_review" }
);
words!(
    /// An approval's state (gate 5).
    ApprovalState { Approved = "approved", Refused = "refused", Pending = "pending" }
);
words!(
    /// What an override rests on (GATES.md, semantics 8).
    OverrideKind { DirectConsent = "direct_consent", CourtPermission = "court_permission",
        Supervisor = "supervisor" }
);
words!(
    /// Why a person needs more care (gate 6).
    Vulnerability { Health = "health", Hardship = "hardship", Bereavement = "bereavement",
        Language = "language", Age = "age", Other = "other" }
);
words!(
    /// What a notice was.
    NoticeKind { Validation = "validation", NvMedical = "nv_medical", DcWritten = "dc_written",
        NyDisclosure = "ny_disclosure",
        /// The itemised statement of a medical debt: ends the hold that asked for it.
        ItemisedStatement = "itemised_statement" }
);
words!(
    /// Whether a postal address is usable.
    AddressStatus { OnFile = "on_file", Returned = "returned", None = "none" }
);
words!(
    /// The kind of debt, where a state rule asks. One that nobody stated is taken as the kind the
    /// rule is about.
    DebtKind {
        /// Stated to be none of the others.
        Other = "other",
        Medical = "medical", StudentLoan = "student_loan", Commercial = "commercial",
        /// Not stated: the default.
        Unknown = "unknown"
    }
);
words!(
    /// Something a state demands of the house rather than of one contact: met everywhere or nowhere.
    Duty {
        /// No call is recorded, or whoever is called is told at once.
        Recording = "recording_consent",
        /// Caller identification is shown.
        CallerId = "caller_id",
        /// The consumer's language is asked for and recorded, services are disclosed.
        Language = "language",
        /// What is written carries the licence number.
        LicenceDisplay = "licence_display"
    }
);
words!(
    /// What a kill switch stops.
    KillScope { Tenant = "tenant", Portfolio = "portfolio", State = "state", Channel = "channel" }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_as_itself() {
        for (n, channel) in Channel::ALL.iter().enumerate() {
            assert_eq!(Channel::parse(channel.as_str()), Some(*channel));
            assert_eq!(usize::from(channel.number()), n);
            assert_eq!(Channel::from_number(channel.number()), Some(*channel));
        }
        assert_eq!(Channel::parse("Phone"), None);
        assert_eq!(Channel::from_number(7), None);
    }
}
