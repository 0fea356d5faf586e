//! Every code a gate can block with: stable number, spelling, gate, sentence, source.
//!
//! Numbers and spellings are for ever: they stand in ledgers. A code whose rule comes from the pack
//! takes sentence and citation from there; the ones here serve where no pack rule stands behind it.

use super::Gate;

/// The texts of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeText {
    /// One sentence for a person.
    pub sentence: &'static str,
    /// Law or `agency policy`.
    pub source: &'static str,
}

macro_rules! codes {
    ($($number:literal $variant:ident $text:literal $gate:ident $sentence:literal $source:literal;)+) => {
        /// A machine code (GATES.md, semantics 9).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Code { $(#[doc = $sentence] $variant = $number),+ }

        impl Code {
            /// Every code, in gate order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The published spelling.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The gate it belongs to.
            pub fn gate(self) -> Gate {
                match self { $(Self::$variant => Gate::$gate),+ }
            }

            /// The code with this number, as rows keep it.
            pub fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }

            /// The number rows keep.
            pub fn number(self) -> u16 {
                self as u16
            }

            /// Sentence and source where no pack rule says better.
            pub fn text(self) -> CodeText {
                match self {
                    $(Self::$variant => CodeText { sentence: $sentence, source: $source }),+
                }
            }
        }
    };
}

codes! {
    101 UnknownAccount "UNKNOWN_ACCOUNT" Account "The tenant has no such account." "12 CFR 1006.6(d)(1)";
    102 AccountClosed "ACCOUNT_CLOSED" Account "The account is closed." "agency policy";
    103 AccountPaid "ACCOUNT_PAID" Account "The account is paid." "12 CFR 1006.30(b)(1)";
    104 AccountSettled "ACCOUNT_SETTLED" Account "The account is settled." "12 CFR 1006.30(b)(1)";
    105 AccountRecalled "ACCOUNT_RECALLED" Account "The creditor recalled the account." "agency policy";
    106 AccountSold "ACCOUNT_SOLD" Account "The account was sold." "agency policy";
    107 InvalidPhone "INVALID_PHONE" Account "The number is not a valid US number." "47 CFR 52.5(c)";
    108 UnknownPhone "UNKNOWN_PHONE" Account "The number is not on the account's file." "12 CFR 1006.6(d)(1)";
    109 WrongNumber "WRONG_NUMBER" Account "The number is known to be somebody else's." "12 CFR 1006.6(d)(1); 1006.14(b)(2)(i)";
    110 InvalidEmail "INVALID_EMAIL" Account "The address is not an e-mail address." "12 CFR 1006.6(d)(1)";
    111 UnknownEmail "UNKNOWN_EMAIL" Account "The address is not on the account's file." "12 CFR 1006.6(d)(1)";
    112 WrongEmail "WRONG_EMAIL" Account "The address is known to be wrong." "12 CFR 1006.6(d)(1)";
    113 UnknownAddress "UNKNOWN_ADDRESS" Account "No usable postal address is on file." "12 CFR 1006.42(a)";
    114 ContactPointMissing "CONTACT_POINT_MISSING" Account "The channel needs a number or address and none was given." "12 CFR 1006.6(d)(1)";
    115 ContactPointUnexpected "CONTACT_POINT_UNEXPECTED" Account "The channel takes no such number or address." "12 CFR 1006.6(d)(1)";
    116 UnknownPerson "UNKNOWN_PERSON" Account "The person named does not belong to the account." "12 CFR 1006.6(d)(1)";
    117 PersonMismatch "PERSON_MISMATCH" Account "The contact point belongs to somebody else." "12 CFR 1006.6(d)(1)";
    118 PartyMismatch "PARTY_MISMATCH" Account "The party role is not the one on file." "12 CFR 1006.6(a), (d)(1)";
    119 PartyUnknown "PARTY_UNKNOWN" Account "Nobody knows who would be reached." "12 CFR 1006.6(d)(1)";
    120 ThirdParty "THIRD_PARTY" Account "The collector may not speak to this party about the debt." "12 CFR 1006.6(d)(1)";
    121 LocationUsed "LOCATION_USED" Account "The third party was already asked for location information." "12 CFR 1006.10(c)";
    122 LocationAttorney "LOCATION_ATTORNEY" Account "The attorney is known: location information is asked of nobody else." "12 CFR 1006.10(d)";
    123 UnknownDebt "UNKNOWN_DEBT" Account "A debt named does not belong to the account." "12 CFR 1006.6(d)(1)";
    124 DebtClosed "DEBT_CLOSED" Account "A debt named is closed, paid, settled, recalled or sold." "12 CFR 1006.30(b)(1)";
    125 NoOpenDebt "NO_OPEN_DEBT" Account "The account has no open debt." "12 CFR 1006.30(b)(1)";

    201 PortfolioHold "PORTFOLIO_HOLD" Strategy "The portfolio is on hold." "creditor rule";
    202 ChannelNotPermitted "CHANNEL_NOT_PERMITTED" Strategy "The creditor or portfolio does not permit the channel." "creditor rule";
    203 ActionNotPermitted "ACTION_NOT_PERMITTED" Strategy "The creditor or portfolio does not permit the action." "creditor rule";
    204 NotLicensed "NOT_LICENSED" Strategy "The agency is not licensed where the consumer lives." "state licence rule";
    205 LicenceUnknown "LICENCE_UNKNOWN" Strategy "The state asks for a licence and the tenant lists none." "state licence rule";
    206 CreditorHold "CREDITOR_HOLD" Strategy "The creditor put the account on hold." "creditor rule";
    290 StrategyRuleNotEvaluated "RULE_NOT_EVALUATED" Strategy "An enforced rule here was not evaluated; rows of earlier code only." "rule pack";

    301 Bankruptcy "BANKRUPTCY" Compliance "A bankruptcy stay is in force." "11 USC 362(a)(6)";
    302 BankruptcyCoDebtor "BANKRUPTCY_CO_DEBTOR" Compliance "The stay protects the co-debtor." "11 USC 1201, 1301";
    303 BankruptcyDischarged "BANKRUPTCY_DISCHARGED" Compliance "The debt was discharged." "11 USC 524(a)(2)";
    304 Deceased "DECEASED" Compliance "The consumer died and the party is not one who acts for them." "12 CFR 1006.6(a)(4)";
    305 Minor "MINOR" Compliance "The consumer is a minor and the party is not a parent or guardian." "12 CFR 1006.6(a)(2)";
    306 Cease "CEASE" Compliance "The consumer asked that contact cease." "12 CFR 1006.6(c)(1)";
    307 Attorney "ATTORNEY" Compliance "An attorney represents the consumer for this debt." "12 CFR 1006.6(b)(2)";
    308 DisputePending "DISPUTE_PENDING" Compliance "A written dispute awaits verification." "12 CFR 1006.38(d)(2)";
    309 IdentityTheft "IDENTITY_THEFT" Compliance "Identity theft is claimed." "15 USC 1681m(g)";
    310 CourtHold "COURT_HOLD" Compliance "A court hold lies on the account." "court order";
    311 LitigationHold "LITIGATION_HOLD" Compliance "The account is in litigation." "agency policy";
    312 Military "MILITARY" Compliance "Policy protects the consumer's military service." "50 USC 3901 ff. (policy)";
    313 StateHold "STATE_HOLD" Compliance "A hold of state law lies on the account." "state rule";
    314 ItemisationPending "ITEMISATION_PENDING" Compliance "More was asked about the medical debt and not given yet." "state rule";
    315 CharityCare "CHARITY_CARE" Compliance "An application for charity care is pending." "state rule";
    316 NoticePeriod "NOTICE_PERIOD" Compliance "The notice that must come first was not mailed long enough ago." "state rule";
    317 EmergencyMoratorium "EMERGENCY_MORATORIUM" Compliance "A declared emergency bars collection." "state rule";
    318 RecordingConsent "RECORDING_CONSENT" Compliance "Everyone on the call must know that it is recorded." "state rule";
    319 LicenceDisplay "LICENCE_DISPLAY" Compliance "What is written must carry the licence number." "state rule";
    320 CallerId "CALLER_ID" Compliance "Caller identification must be shown." "state rule";
    321 LanguageRecord "LANGUAGE_RECORD" Compliance "The consumer's language must be asked for and recorded." "state rule";
    390 ComplianceRuleNotEvaluated "RULE_NOT_EVALUATED" Compliance "An enforced rule here was not evaluated; rows of earlier code only." "rule pack";

    401 Complaint "COMPLAINT" Escalation "A complaint is open." "agency policy";
    402 RegulatorInquiry "REGULATOR_INQUIRY" Escalation "A regulator's inquiry is open." "agency policy";
    403 LegalReferral "LEGAL_REFERRAL" Escalation "The account is with counsel." "agency policy";
    404 SupervisorReview "SUPERVISOR_REVIEW" Escalation "A supervisor is reviewing the account." "agency policy";

    501 ApprovalMissing "APPROVAL_MISSING" Authority "The action needs an approval." "agency policy";
    502 ApprovalRefused "APPROVAL_REFUSED" Authority "The approval was refused." "agency policy";
    503 SourceNotPermitted "SOURCE_NOT_PERMITTED" Authority "This source system may not take the action." "agency policy";
    504 DialModeNotPermitted "DIAL_MODE_NOT_PERMITTED" Authority "This dial mode may not be used." "agency policy";
    505 UnknownDialMode "UNKNOWN_DIAL_MODE" Authority "The dial mode is not a known one." "agency policy";

    601 AttemptGap "ATTEMPT_GAP" Fairness "Too soon after the attempt before." "agency policy (12 CFR 1006.14(a))";
    602 PhoneDayCap "PHONE_DAY_CAP" Fairness "The number's attempts for the day are used." "agency policy (12 CFR 1006.14(a))";
    603 PersonDayCap "PERSON_DAY_CAP" Fairness "The consumer's attempts for the day are used." "agency policy (12 CFR 1006.14(a))";
    604 VoicemailWeekCap "VOICEMAIL_WEEK_CAP" Fairness "The week's voicemails are used." "agency policy (12 CFR 1006.14(a))";
    605 Vulnerable "VULNERABLE" Fairness "The consumer is flagged vulnerable." "agency policy (12 CFR 1006.14(a))";

    701 CallHours "CALL_HOURS" Timing "It is before 8 a.m. or after 9 p.m. where the consumer may be." "12 CFR 1006.6(b)(1)(i)";
    702 InconvenientTime "INCONVENIENT_TIME" Timing "The consumer's time is known to be inconvenient." "12 CFR 1006.6(b)(1)(i)";
    703 LocationUnknown "LOCATION_UNKNOWN" Timing "Nothing says where the consumer is." "12 CFR 1006.6(b)(1)(i)";
    704 Call7In7 "CALL_7_IN_7" Timing "Seven calls about the debt were made within seven days." "12 CFR 1006.14(b)(2)(i)(A)";
    705 CallAfterConversation "CALL_AFTER_CONVERSATION" Timing "A conversation about the debt took place within seven days." "12 CFR 1006.14(b)(2)(i)(B)";
    706 Prerecorded3In30 "PRERECORDED_3_IN_30" Timing "Three prerecorded calls to the residence within thirty days." "47 CFR 64.1200(a)(3)(iii)";
    707 StateHours "STATE_HOURS" Timing "State or city hours are closed." "state rule";
    708 StateQuietDay "STATE_QUIET_DAY" Timing "State law keeps the day quiet." "state rule";
    709 StateFrequency "STATE_FREQUENCY" Timing "A state or city count is used up." "state rule";
    710 StateAfterConversation "STATE_AFTER_CONVERSATION" Timing "A conversation closed the state's window." "state rule";
    711 AttemptsAtCap "ATTEMPTS_AT_CAP" Timing "More attempts than can be kept: every window counts as full." "12 CFR 1006.14(b)(1)";
    712 WorkFrequency "WORK_FREQUENCY" Timing "The contacts at work a state allows are used up." "state rule";
    790 TimingRuleNotEvaluated "RULE_NOT_EVALUATED" Timing "An enforced rule here was not evaluated; rows of earlier code only." "rule pack";

    801 PrerecordedConsent "PREREC_CONSENT" Consent "A prerecorded voice to this line needs consent." "47 CFR 64.1200(a)(1)(iii)";
    802 AutodialConsent "AUTODIAL_CONSENT" Consent "An autodialled call to this line needs consent." "47 CFR 64.1200(a)(1)(iii)";
    803 ConsentRevoked "CONSENT_REVOKED" Consent "The consent was revoked." "47 CFR 64.1200(a)(10)";
    804 NumberReassigned "NUMBER_REASSIGNED" Consent "The number was reassigned after the consent." "47 CFR 64.1200(m)";
    805 TextProcedure "TEXT_PROCEDURE" Consent "Neither a text nor a consent of the last sixty days covers the number." "12 CFR 1006.6(d)(5)";
    806 EmailProcedure "EMAIL_PROCEDURE" Consent "No procedure covers the address." "12 CFR 1006.6(d)(4)";
    807 StateMessageConsent "STATE_MESSAGE_CONSENT" Consent "A state or city asks for a consent to messages that is not on file." "state rule";
    808 StatePrerecordedConsent "STATE_PREREC_CONSENT" Consent "A state asks for a consent to prerecorded voices that is not on file." "state rule";
    809 StateMachineConsent "STATE_MACHINE_CONSENT" Consent "A rule on sales calls asks for a written consent to machines." "state rule";
    890 ConsentRuleNotEvaluated "RULE_NOT_EVALUATED" Consent "An enforced rule here was not evaluated; rows of earlier code only." "rule pack";

    901 MediumOptOut "MEDIUM_OPT_OUT" Channel "The person refused the medium, the number or the address." "12 CFR 1006.14(h)(1)";
    902 DoNotCall "DO_NOT_CALL" Channel "The number is on the do-not-call list." "47 CFR 64.1200(d)(3)";
    903 Employer "EMPLOYER" Channel "The employer prohibits contact at work." "12 CFR 1006.6(b)(3)";
    904 EmployerEmail "EMPLOYER_EMAIL" Channel "The address is the employer's." "12 CFR 1006.22(f)(3)";
    905 InconvenientPlace "INCONVENIENT_PLACE" Channel "The place is known to be inconvenient." "12 CFR 1006.6(b)(1)(ii)";
    906 LineCannotText "LINE_CANNOT_TEXT" Channel "A landline cannot receive texts." "agency policy";
    907 LineCannotFax "LINE_CANNOT_FAX" Channel "The line cannot carry a fax." "agency policy";
    908 UnknownChannel "UNKNOWN_CHANNEL" Channel "The channel is not a known one." "agency policy";
    909 UnknownAction "UNKNOWN_ACTION" Channel "The action is not a known one." "agency policy";
    910 ChannelActionUnfit "CHANNEL_ACTION_UNFIT" Channel "The action cannot go through the channel." "agency policy";
    911 UnknownPlace "UNKNOWN_PLACE" Channel "The place is not a known one." "12 CFR 1006.6(b)(1)(ii)";
    912 SocialNotPermitted "SOCIAL_NOT_PERMITTED" Channel "The tenant does not permit social media." "12 CFR 1006.22(f)(4)";
    913 EmployerContact "EMPLOYER_CONTACT" Channel "The employer may not be contacted before judgment." "state rule";
    914 WorkRefused "WORK_REFUSED" Channel "The consumer asked not to be contacted at work." "state rule";
    915 WorkLimit "WORK_LIMIT" Channel "A state's conditions for contact at work are not met." "state rule";
    916 VisitBan "VISIT_BAN" Channel "Visits are banned." "state rule";
    917 WirelessBan "WIRELESS_BAN" Channel "A rule on sales calls bars wireless numbers." "state rule";
    918 ThirdPartyLimit "THIRD_PARTY_LIMIT" Channel "A state limits contact with those who do not owe." "state rule";
    990 ChannelRuleNotEvaluated "RULE_NOT_EVALUATED" Channel "An enforced rule here was not evaluated; rows of earlier code only." "rule pack";

    1001 PromiseCurrent "PROMISE_CURRENT" Promise "A promise to pay or a plan is current." "agency policy";

    1101 ReservationLive "RESERVATION_LIVE" Concurrency "Another contact with the consumer is under way." "agency policy";

    1201 FactsStale "FACTS_STALE" Infrastructure "The account's facts are older than policy allows." "agency policy";
    1202 RulesPastReview "RULES_PAST_REVIEW" Infrastructure "The rule pack is past its review date." "agency policy";
    1203 ClockNotTrusted "CLOCK_NOT_TRUSTED" Infrastructure "The clock is not to be trusted." "agency policy";
    1204 KillSwitch "KILL_SWITCH" Infrastructure "A kill switch is on." "agency policy";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_and_belong_to_their_gate() {
        for code in Code::ALL {
            assert_eq!(Code::from_number(code.number()), Some(*code));
            assert_eq!(u16::from(code.gate().ordinal()), code.number() / 100);
        }
    }

    #[test]
    fn one_spelling_is_one_code_but_for_rules_not_evaluated() {
        for code in Code::ALL {
            let same = Code::ALL.iter().filter(|c| c.as_str() == code.as_str());
            let expected = if code.as_str() == "RULE_NOT_EVALUATED" {
                5
            } else {
                1
            };
            assert_eq!(same.count(), expected, "{}", code.as_str());
        }
    }
}
