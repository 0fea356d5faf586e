//! The table: one row a code, in gate order.

use dialgate::domain::verdict::Code;

use crate::house::{Row, row};
use crate::rules;

macro_rules! rows {
    ($($code:ident { $($field:ident : $value:expr),* $(,)? })+) => {
        vec![$(Row { $($field: $value,)* ..row(Code::$code) }),+]
    };
}

const LETTER: &str = r#"{"channel":"mail","action_type":"letter","phone":null}"#;
const TEXT: &str = r#"{"channel":"sms","action_type":"text"}"#;
const EMAIL: &str =
    r#"{"channel":"email","action_type":"email","phone":null,"email":"c@mail.example"}"#;
const TO_T1: &str = r#"{"person_id":"T1","party_role":"third_party","phone":"+14045550102"}"#;
const ASKS_T1: &str = r#"{"person_id":"T1","party_role":"third_party","phone":"+14045550102",
    "purpose":"location_information"}"#;
/// A third party and their number.
const T1: &str = r#"{"account_id":"A","parties":[{"person_id":"T1","role":"third_party"}],
    "phones":[{"number":"+14045550102","person_id":"T1","line_type":"wireless"}]}"#;
/// A number whose line is known and which nobody consented to.
const LANDLINE: &str =
    r#"{"account_id":"A","phones":[{"number":"+14045550103","line_type":"landline"}]}"#;
const PLAIN_MOBILE: &str = r#"{"account_id":"A","phones":[{"number":"+14045550104","line_type":"wireless","personal":true}]}"#;

macro_rules! fact {
    ($rest:literal) => {
        concat!(r#"{"record":"fact","account_id":"A","fact":"#, $rest, "}")
    };
}
macro_rules! attempt {
    ($day:literal, $time:literal, $rest:literal) => {
        concat!(
            r#"{"record":"attempt","account_id":"A","phone":"+14045550100","at":"2026-"#,
            $day,
            "T",
            $time,
            r#":00Z","#,
            $rest,
            "}"
        )
    };
}

/// Gate one.
pub(crate) fn account() -> Vec<Row> {
    rows! {
        UnknownAccount { intent: r#"{"account_id":"B"}"# }
        AccountClosed { lines: &[r#"{"account_id":"A","status":"closed"}"#] }
        AccountPaid { lines: &[r#"{"account_id":"A","status":"paid"}"#] }
        AccountSettled { lines: &[r#"{"account_id":"A","status":"settled"}"#] }
        AccountRecalled { lines: &[r#"{"account_id":"A","status":"recalled"}"#] }
        AccountSold { lines: &[r#"{"account_id":"A","status":"sold"}"#] }
        InvalidPhone { intent: r#"{"phone":"12345"}"# }
        UnknownPhone { intent: r#"{"phone":"+14045550199"}"# }
        WrongNumber { lines: &[fact!(r#""wrong_number","phone":"+14045550100""#)] }
        InvalidEmail {
            with: &[Code::EmailProcedure],
            intent: r#"{"channel":"email","action_type":"email","phone":null,"email":"x"}"#,
        }
        UnknownEmail {
            with: &[Code::EmailProcedure],
            intent: r#"{"channel":"email","action_type":"email","phone":null,"email":"d@mail.example"}"#,
        }
        WrongEmail {
            lines: &[r#"{"account_id":"A","emails":[{"address":"c@mail.example","wrong":true}]}"#],
            intent: EMAIL,
        }
        UnknownAddress { lines: &[r#"{"account_id":"A","address":"returned"}"#], intent: LETTER }
        UnknownPerson { intent: r#"{"person_id":"X"}"# }
        PersonMismatch { lines: &[T1], intent: r#"{"person_id":"C","phone":"+14045550102"}"# }
        PartyMismatch { intent: r#"{"party_role":"spouse"}"# }
        PartyUnknown { intent: r#"{"party_role":"unknown"}"# }
        ThirdParty { lines: &[T1], intent: TO_T1 }
        LocationUsed {
            lines: &[T1, fact!(r#""location_answered","person_id":"T1""#)],
            intent: ASKS_T1,
        }
        LocationAttorney {
            with: &[Code::Attorney],
            lines: &[T1, fact!(r#""attorney","contact_known":true"#)],
            intent: ASKS_T1,
        }
        UnknownDebt { intent: r#"{"debt_ids":["D9"]}"# }
        DebtClosed {
            lines: &[r#"{"account_id":"A","debts":[{"debt_id":"D2","status":"paid"}]}"#],
            intent: r#"{"debt_ids":["D2"]}"#,
        }
        NoOpenDebt {
            lines: &[r#"{"account_id":"A","debts":[{"debt_id":"D1","status":"paid"}]}"#],
        }

    }
}

/// Gates two to five.
pub(crate) fn standing() -> Vec<Row> {
    rows! {
        PortfolioHold {
            lines: &[r#"{"account_id":"A","portfolio":"P"}"#],
            policy: &[("strategy.portfolio", r#"[{ name = "P", hold = true }]"#)],
        }
        ChannelNotPermitted { policy: &[("strategy.channels", r#"["mail"]"#)] }
        ActionNotPermitted {
            lines: &[r#"{"account_id":"A","creditor":"B"}"#],
            policy: &[("strategy.creditor", r#"[{ name = "B", actions = ["letter"] }]"#)],
        }
        NotLicensed {
            states: Some(rules::LICENCE),
            policy: &[("strategy.licences", r#"["NY"]"#)],
        }
        LicenceUnknown { states: Some(rules::LICENCE) }
        CreditorHold { lines: &[fact!(r#""hold","hold":"creditor""#)] }

        Bankruptcy { lines: &[fact!(r#""bankruptcy","chapter":7"#)] }
        BankruptcyCoDebtor {
            lines: &[
                r#"{"account_id":"A","parties":[{"person_id":"B","role":"co_debtor"}]}"#,
                fact!(r#""bankruptcy","chapter":13,"person_id":"B""#),
            ],
        }
        BankruptcyDischarged { lines: &[fact!(r#""bankruptcy","chapter":7,"status":"discharged""#)] }
        Deceased { lines: &[fact!(r#""deceased""#)] }
        Minor { lines: &[fact!(r#""minor""#)] }
        Cease { lines: &[fact!(r#""cease""#)] }
        Attorney { lines: &[fact!(r#""attorney""#)] }
        DisputePending { lines: &[fact!(r#""dispute""#)] }
        IdentityTheft { lines: &[fact!(r#""identity_theft""#)] }
        CourtHold { lines: &[fact!(r#""hold","hold":"court""#)] }
        LitigationHold { lines: &[fact!(r#""hold","hold":"litigation""#)] }
        Military { lines: &[fact!(r#""military""#)] }
        StateHold { lines: &[fact!(r#""hold","hold":"charity_care""#)] }

        Complaint { lines: &[fact!(r#""escalation","escalation":"complaint""#)] }
        RegulatorInquiry { lines: &[fact!(r#""escalation","escalation":"regulator_inquiry""#)] }
        LegalReferral { lines: &[fact!(r#""escalation","escalation":"legal_referral""#)] }
        SupervisorReview { lines: &[fact!(r#""escalation","escalation":"supervisor_review""#)] }

        ApprovalMissing { policy: &[("authority.approval_actions", r#"["call"]"#)] }
        ApprovalRefused {
            lines: &[fact!(r#""approval","action":"call","approval":"refused""#)],
            policy: &[("authority.approval_actions", r#"["call"]"#)],
        }
        SourceNotPermitted { policy: &[("authority.sources_closed", "true")] }
        DialModeNotPermitted { policy: &[("authority.dial_modes", r#"["preview"]"#)] }
        UnknownDialMode { intent: r#"{"dial_mode":"robot"}"# }
    }
}

/// Gates six and seven.
pub(crate) fn timing() -> Vec<Row> {
    rows! {
        AttemptGap {
            policy: &[("fairness.gap_s", "300")],
            asked: "2026-05-05T16:04:59Z",
            lines: &[attempt!("05-05", "16:00", r#""outcome":"no_answer""#)],
        }
        PhoneDayCap {
            policy: &[("fairness.phone_per_day", "1")],
            lines: &[attempt!("05-05", "15:00", r#""outcome":"no_answer""#)],
        }
        PersonDayCap {
            policy: &[("fairness.person_per_day", "1")],
            lines: &[attempt!("05-05", "15:00", r#""outcome":"no_answer""#)],
        }
        VoicemailWeekCap {
            policy: &[("fairness.voicemails_per_week", "1")],
            lines: &[attempt!("05-01", "15:00", r#""outcome":"voicemail""#)],
            intent: r#"{"action_type":"voicemail"}"#,
        }
        Vulnerable { lines: &[fact!(r#""vulnerability","vulnerability":"health""#)] }

        CallHours { asked: "2026-05-06T01:00:00Z" }
        InconvenientTime {
            lines: &[fact!(r#""inconvenient_time","periods":[{"days":[2]}]"#)],
        }
        LocationUnknown {
            account: Some(r#"{"account_id":"A","person_id":"C","emails":[{"address":"c@mail.example"}],
                "facts":[{"fact":"consent","address":"c@mail.example","consent":["email"],
                "given_to":"collector"}]}"#),
            intent: EMAIL,
        }
        Call7In7 {
            lines: &[
                attempt!("04-29", "15:00", r#""outcome":"no_answer""#),
                attempt!("04-30", "15:00", r#""outcome":"no_answer""#),
                attempt!("05-01", "15:00", r#""outcome":"no_answer""#),
                attempt!("05-02", "15:00", r#""outcome":"no_answer""#),
                attempt!("05-03", "15:00", r#""outcome":"no_answer""#),
                attempt!("05-04", "15:00", r#""outcome":"no_answer""#),
                attempt!("05-05", "15:00", r#""outcome":"no_answer""#),
            ],
        }
        CallAfterConversation {
            lines: &[attempt!("04-29", "15:00", r#""outcome":"conversation""#)],
        }
        Prerecorded3In30 {
            lines: &[
                LANDLINE,
                r#"{"record":"attempt","account_id":"A","phone":"+14045550103","prerecorded":true,"at":"2026-04-10T15:00:00Z","outcome":"no_answer"}"#,
                r#"{"record":"attempt","account_id":"A","phone":"+14045550103","prerecorded":true,"at":"2026-04-17T15:00:00Z","outcome":"no_answer"}"#,
                r#"{"record":"attempt","account_id":"A","phone":"+14045550103","prerecorded":true,"at":"2026-04-24T15:00:00Z","outcome":"no_answer"}"#,
            ],
            intent: r#"{"phone":"+14045550103","dial_mode":"prerecorded"}"#,
        }
        StateHours { states: Some(rules::HOURS) }
        StateQuietDay { states: Some(rules::QUIET_DAY) }
        StateFrequency {
            states: Some(rules::ONE_A_WEEK),
            lines: &[attempt!("05-01", "15:00", r#""outcome":"no_answer""#)],
        }
        StateAfterConversation {
            states: Some(rules::AFTER_TALK),
            lines: &[attempt!("04-28", "15:00", r#""outcome":"conversation""#)],
        }
        AttemptsAtCap {
            attempts_max: 1,
            lines: &[attempt!("05-01", "15:00", r#""outcome":"no_answer""#)],
        }
    }
}

/// Gates eight to twelve.
pub(crate) fn ways() -> Vec<Row> {
    rows! {
        PrerecordedConsent {
            lines: &[PLAIN_MOBILE],
            intent: r#"{"phone":"+14045550104","dial_mode":"prerecorded"}"#,
        }
        AutodialConsent {
            lines: &[PLAIN_MOBILE],
            intent: r#"{"phone":"+14045550104","dial_mode":"predictive"}"#,
        }
        ConsentRevoked {
            lines: &[fact!(r#""revocation","phone":"+14045550100""#)],
            intent: TEXT,
        }
        NumberReassigned {
            lines: &[fact!(r#""number_check","phone":"+14045550100","reassigned":true"#)],
            intent: TEXT,
        }
        TextProcedure {
            lines: &[PLAIN_MOBILE],
            intent: r#"{"channel":"sms","action_type":"text","phone":"+14045550104"}"#,
        }
        EmailProcedure {
            lines: &[r#"{"account_id":"A","emails":[{"address":"d@mail.example"}]}"#],
            intent: r#"{"channel":"email","action_type":"email","phone":null,"email":"d@mail.example"}"#,
        }

        MediumOptOut { lines: &[fact!(r#""medium_opt_out","medium":"phone""#)] }
        DoNotCall {
            lines: &[r#"{"record":"contact","fact":"do_not_call","phone":"+14045550100"}"#],
        }
        Employer {
            lines: &[fact!(r#""employer_prohibits""#)],
            intent: r#"{"to_place":"employment"}"#,
        }
        EmployerEmail {
            lines: &[
                r#"{"account_id":"A","emails":[{"address":"w@work.example","employer_provided":true}]}"#,
            ],
            with: &[Code::EmailProcedure],
            intent: r#"{"channel":"email","action_type":"email","phone":null,"email":"w@work.example"}"#,
        }
        InconvenientPlace {
            lines: &[fact!(r#""inconvenient_place","place":"hospital""#)],
            intent: r#"{"to_place":"hospital"}"#,
        }
        LineCannotText {
            lines: &[LANDLINE, fact!(r#""consent","phone":"+14045550103","consent":["text"],"given_to":"collector""#)],
            intent: r#"{"channel":"sms","action_type":"text","phone":"+14045550103"}"#,
        }
        LineCannotFax { intent: r#"{"channel":"fax","action_type":"fax"}"# }
        UnknownChannel { intent: r#"{"channel":"pigeon"}"# }
        UnknownAction { intent: r#"{"action_type":"shout"}"# }
        ChannelActionUnfit { intent: r#"{"action_type":"letter"}"# }
        UnknownPlace { intent: r#"{"to_place":"moon"}"# }
        SocialNotPermitted {
            intent: r#"{"channel":"social","action_type":"text","phone":null,"email":"c@mail.example"}"#,
        }

        PromiseCurrent { lines: &[fact!(r#""promise","until_date":"2026-05-05""#)] }

        ReservationLive { policy: &[("concurrency.one_at_a_time", "true")], twice: true }

        FactsStale {
            policy: &[("infrastructure.facts_age_max_s", "3600")],
            asked: "2026-05-05T17:00:01Z",
        }
        RulesPastReview { asked: "2027-07-01T18:00:00Z" }
        ClockNotTrusted { clock: false }
        KillSwitch { lines: &[r#"{"record":"kill","on":true,"scope":"state","value":"GA"}"#] }
    }
}

/// Rules of states at home in COMPLIANCE and TIMING.
pub(crate) fn of_states() -> Vec<Row> {
    rows! {
        ItemisationPending {
            states: Some(rules::ITEMISATION),
            lines: &[fact!(r#""hold","hold":"itemisation""#)],
            with: &[Code::StateHold],
        }
        CharityCare {
            states: Some(rules::CHARITY),
            lines: &[fact!(r#""hold","hold":"charity_care""#)],
            with: &[Code::StateHold],
        }
        NoticePeriod {
            states: Some(rules::SIXTY_DAYS),
            lines: &[fact!(r#""notice_sent","notice":"nv_medical","at":"2026-04-01T18:00:00Z""#)],
        }
        EmergencyMoratorium { states: Some(rules::EMERGENCY) }
        RecordingConsent { states: Some(rules::RECORDING) }
        LicenceDisplay { states: Some(rules::DISPLAY), intent: LETTER }
        CallerId { states: Some(rules::CALLER_ID) }
        LanguageRecord { states: Some(rules::LANGUAGE) }
        WorkFrequency {
            states: Some(rules::WORK_WEEKLY),
            lines: &[
                r#"{"account_id":"A","phones":[{"number":"+14045550105","line_type":"landline","place":"employment"}]}"#,
                r#"{"record":"attempt","account_id":"A","phone":"+14045550105","at":"2026-05-01T18:00:00Z","outcome":"no_answer"}"#,
            ],
            intent: r#"{"phone":"+14045550105"}"#,
        }
    }
}

/// Rules of states at home in CONSENT and CHANNEL.
pub(crate) fn of_states_on_ways() -> Vec<Row> {
    rows! {
        StateMessageConsent { states: Some(rules::TEXT_CONSENT), intent: TEXT }
        StatePrerecordedConsent {
            states: Some(rules::RECORDED_VOICE),
            lines: &[LANDLINE],
            intent: r#"{"phone":"+14045550103","dial_mode":"prerecorded"}"#,
        }
        StateMachineConsent { states: Some(rules::MACHINES), intent: r#"{"dial_mode":"predictive"}"# }
        EmployerContact {
            states: Some(rules::EMPLOYERS),
            lines: &[T1],
            intent: ASKS_T1,
        }
        WorkRefused {
            states: Some(rules::WORK_REQUEST),
            lines: &[fact!(r#""inconvenient_place","place":"employment","form":"oral""#)],
            with: &[Code::Employer],
            intent: r#"{"to_place":"employment"}"#,
        }
        WorkLimit { states: Some(rules::WORK_LIMIT), intent: r#"{"to_place":"employment"}"# }
        VisitBan {
            states: Some(rules::VISITS),
            intent: r#"{"channel":"in_person","action_type":"in_person","phone":null}"#,
        }
        WirelessBan { states: Some(rules::WIRELESS) }
        ThirdPartyLimit {
            states: Some(rules::THIRD_PARTIES),
            lines: &[T1],
            intent: ASKS_T1,
        }
    }
}
