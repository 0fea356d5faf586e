//! Facts as they arrive: one record an account, in the form that is also recorded in the ledger.
//!
//! The engine applies a record whole or not at all. Applying is deterministic and is the same
//! function at intake, in recovery and in replay, so the record itself is the recorded effect.
//!
//! Invariants
//! - RECORD-1: fields stand in ASCII order of their published names, so that serialising a record
//!   gives canonical JSON. Tested in `wire`.
//! - RECORD-2: every string a caller chose is [`Personal`]; closed words and instants are not.

use serde::{Deserialize, Serialize};

use super::phone::PhoneNumber;
use super::place::StateCode;
use super::time::{CivilDate, UnixSeconds, ZoneId};
use super::words::{
    AccountStatus, Action, AddressStatus, ApprovalState, BankruptcyStatus, Channel, CollectorRole,
    ConsentKind, DebtKind, EscalationKind, Form, GivenTo, HoldKind, Inbound, KillScope, LineType,
    Medium, NoticeKind, Outcome, OverrideKind, PartyRole, PlaceKind, Purpose, Vulnerability,
};

/// How the source begins of facts and outcomes that a system of record told or caused. They are not told
/// to it, so no caller's may begin so.
pub const SYSTEM_SOURCE_MARK: &str = "sor:";

/// A string that may identify somebody, at most 64 bytes. It is kept beside the chained bytes, in
/// the row's subject, never in them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Personal(pub Box<str>);

impl Personal {
    /// Name under which serialisers meet a personal string as a newtype.
    pub const MARK: &'static str = "$personal";

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Personal {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Serialize for Personal {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_newtype_struct(Self::MARK, &*self.0)
    }
}

impl<'de> Deserialize<'de> for Personal {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(Box::<str>::deserialize(d)?))
    }
}

/// One line of an ingest: what is to be applied as a unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Line {
    /// Facts of one account.
    #[serde(rename = "account")]
    Account(Box<AccountRecord>),
    /// A restriction of a number or an address for the whole tenant.
    #[serde(rename = "contact")]
    Contact(Box<FactRecord>),
    /// A kill switch.
    #[serde(rename = "kill")]
    Kill(KillRecord),
    /// `clock accept`.
    #[serde(rename = "clock_accept")]
    ClockAccept,
}

/// A kill switch thrown or released (scope `admin`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KillRecord {
    /// Thrown or released.
    pub on: bool,
    /// Releasing needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Personal>,
    /// What is stopped.
    pub scope: KillScope,
    /// Which one: portfolio name, state code or channel; the tenant's own name for `tenant`.
    pub value: Personal,
}

macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident : $ty:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $($(#[$fdoc])* #[serde(skip_serializing_if = "Absent::is_absent")] pub $field: $ty,)+
        }
    };
}

/// Whether a field says nothing and is left out of the canonical form.
trait Absent {
    fn is_absent(&self) -> bool;
}
impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}
impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

record!(
    /// Everything a line says about one account. Absent fields change nothing.
    AccountRecord {
        /// Required.
        account_id: Option<Personal>,
        /// Whether mail can reach the consumer.
        address: Option<AddressStatus>,
        /// History, or outcomes known elsewhere.
        attempts: Vec<AttemptRecord>,
        /// Who collects.
        collector_role: Option<CollectorRole>,
        /// The creditor's name, as tenant policy spells it.
        creditor: Option<Personal>,
        /// Debts; the first stands for the account when none is named.
        debts: Vec<DebtRecord>,
        /// E-mail addresses.
        emails: Vec<EmailRecord>,
        /// Everything else, applied in order.
        facts: Vec<FactRecord>,
        /// Co-debtors, spouses, executors, third parties.
        parties: Vec<PartyRecord>,
        /// The consumer's id, when several accounts share a consumer.
        person_id: Option<Personal>,
        /// Numbers.
        phones: Vec<PhoneRecord>,
        /// The portfolio's name.
        portfolio: Option<Personal>,
        /// Needed when the record lifts a restriction (reopens, un-marks a wrong number).
        reason: Option<Personal>,
        /// State of residence.
        state: Option<StateCode>,
        /// Whether it may be worked.
        status: Option<AccountStatus>,
        /// Five digits.
        zip: Option<Personal>,
    }
);

record!(
    /// One attempt with its outcome, reported from elsewhere.
    AttemptRecord {
        /// The action; default by channel.
        action_type: Option<Action>,
        /// Address, for e-mail.
        address: Option<Personal>,
        /// Required: when.
        at: Option<UnixSeconds>,
        /// The dialer's call id; the same one again is the same attempt.
        call_id: Option<Personal>,
        /// Default phone.
        channel: Option<Channel>,
        /// What a conversation was about, when that differs from `debts`.
        conversation_about: Vec<Personal>,
        /// What it counts toward; absent: every open debt.
        debts: Vec<Personal>,
        /// Answers something the consumer started.
        in_response_to: Option<Inbound>,
        /// The consumer started it.
        inbound: Option<bool>,
        /// Required unless inbound.
        outcome: Option<Outcome>,
        /// Whom; default the consumer.
        person_id: Option<Personal>,
        /// The number, for phone and sms.
        phone: Option<Personal>,
        /// Prerecorded or artificial voice.
        prerecorded: Option<bool>,
        /// Its purpose.
        purpose: Option<Purpose>,
    }
);

record!(
    /// One debt.
    DebtRecord {
        /// Required.
        debt_id: Option<Personal>,
        /// Debts with the same group were serviced under one account number when obtained:
        /// they are one particular debt (comment 14(b)(4)-2.vii).
        group: Option<Personal>,
        /// Kind, where a state rule asks.
        kind: Option<DebtKind>,
        /// Whether it may be collected.
        status: Option<AccountStatus>,
    }
);

record!(
    /// One e-mail address.
    EmailRecord {
        /// Required.
        address: Option<Personal>,
        /// Known to be provided by the employer.
        employer_provided: Option<bool>,
        /// The consumer gave it and affirmed that it is not the employer's (NY).
        from_consumer: Option<bool>,
        /// Whose; default the consumer.
        person_id: Option<Personal>,
        /// Bounced or known wrong; `false` lifts and needs the record's reason.
        wrong: Option<bool>,
    }
);

record!(
    /// Somebody besides the consumer.
    PartyRecord {
        /// The collector may speak to them about the debt.
        authorised: Option<bool>,
        /// Whether they are the consumer's employer; not said: they may be.
        employer: Option<bool>,
        /// Required.
        person_id: Option<Personal>,
        /// Required.
        role: Option<PartyRole>,
    }
);

record!(
    /// One number.
    PhoneRecord {
        /// Line type.
        line_type: Option<LineType>,
        /// Required.
        number: Option<Personal>,
        /// Whose; default the consumer.
        person_id: Option<Personal>,
        /// The consumer gave it as a personal number (MA).
        personal: Option<bool>,
        /// Home or employment.
        place: Option<PlaceKind>,
        /// Known not to be the person's; `false` lifts and needs the record's reason.
        wrong: Option<bool>,
    }
);

super::words::words!(
    /// What a [`FactRecord`] states. `lifted` turns each of the restrictive ones off again.
    FactKind {
        /// A zone the consumer stated: `zone`.
        StatedZone = "stated_zone",
        /// `periods`, `from_date`, `until_date`; lifting clears all of the person's.
        InconvenientTime = "inconvenient_time",
        /// `place`; for the place of employment `form`, the form of the request.
        InconvenientPlace = "inconvenient_place",
        EmployerProhibits = "employer_prohibits",
        /// The consumer cannot be reached at home between eight and nine.
        UnreachableAtHome = "unreachable_at_home",
        /// `debts` or `all_debts`, `form`, `contact_known`; lifting: unresponsive or consents.
        Attorney = "attorney",
        /// `debts`, `form`.
        Cease = "cease",
        /// `debts` (absent: everything), `chapter`, `status`.
        Bankruptcy = "bankruptcy",
        Deceased = "deceased",
        Minor = "minor",
        /// `debts`.
        IdentityTheft = "identity_theft",
        /// `until_date`.
        Military = "military",
        /// `vulnerability`.
        Vulnerability = "vulnerability",
        /// `medium`: never again through it, for any debt.
        MediumOptOut = "medium_opt_out",
        /// `phone` and `medium` (phone, sms, fax), or `address`.
        ContactOptOut = "contact_opt_out",
        /// `phone`, `until`.
        DoNotCall = "do_not_call",
        /// `phone` or `address`, `consent` kinds, `given_to`.
        Consent = "consent",
        /// `phone` or `address`, `consent` kinds (none: all).
        Revocation = "revocation",
        /// Times and places otherwise inconvenient (1006.6(b)(4)(i)): `given_to`, `until`,
        /// `times`, `places`.
        PriorConsent = "prior_consent",
        /// Calls beyond the frequencies (1006.14(b)(3)(i)): `debts`, `until_date`, `phone`.
        CallConsent = "call_consent",
        /// Ends every prior and call consent for `debts`.
        ConsentRevoked = "consent_revoked",
        /// `inbound`, `phone` or `address`.
        Inbound = "inbound",
        /// `phone`, `reassigned`.
        NumberCheck = "number_check",
        /// `phone`: belongs to somebody else; past calls to it leave the person's counts.
        WrongNumber = "wrong_number",
        /// `address` and the (d)(4) facts: `creditor_notice`, `obtained_properly`,
        /// `immediately_prior_used`, `opted_out`.
        EmailProcedure = "email_procedure",
        /// `debts`, `form`, `in_period`.
        Dispute = "dispute",
        /// `debts`: verification, judgment copy or duplicative notice went out.
        Verification = "verification",
        /// `notice`.
        NoticeSent = "notice_sent",
        /// `notice`.
        NoticeReturned = "notice_returned",
        /// `debts`: a court gave final judgment.
        Judgment = "judgment",
        /// `escalation`.
        Escalation = "escalation",
        /// `hold`, `until`.
        Hold = "hold",
        /// `action` or `purpose`, `approval`, `until`, `document_id`.
        Approval = "approval",
        /// `override`, `gates`, `until`, `actor`, `document_id`.
        Override = "override",
        /// `until_date`, `reminder`.
        Promise = "promise",
        /// A third party answered a location contact.
        LocationAnswered = "location_answered",
    }
);

record!(
    /// One fact. Which fields belong to which kind is checked at intake.
    FactRecord {
        /// For approval: the action.
        action: Option<Action>,
        /// Who stated or decided it.
        actor: Option<Personal>,
        /// E-mail address.
        address: Option<Personal>,
        /// Attorney: represents the consumer for every debt.
        all_debts: Option<bool>,
        /// State of an approval.
        approval: Option<ApprovalState>,
        /// Effective at; absent: when applied.
        at: Option<UnixSeconds>,
        /// Bankruptcy chapter.
        chapter: Option<u8>,
        /// Consent or revocation kinds.
        consent: Vec<ConsentKind>,
        /// Attorney's name and address are known.
        contact_known: Option<bool>,
        /// E-mail: the creditor's notice went out at.
        creditor_notice: Option<UnixSeconds>,
        /// Debts concerned.
        debts: Vec<Personal>,
        /// Document it rests on.
        document_id: Option<Personal>,
        /// Kind of escalation.
        escalation: Option<EscalationKind>,
        /// Required: what is stated.
        fact: Option<FactKind>,
        /// Written or oral.
        form: Option<Form>,
        /// First local date.
        from_date: Option<CivilDate>,
        /// Gate numbers an override reaches.
        gates: Vec<u8>,
        /// To whom a consent was given.
        given_to: Option<GivenTo>,
        /// Kind of hold.
        hold: Option<HoldKind>,
        /// E-mail: the immediately prior collector used it.
        immediately_prior_used: Option<bool>,
        /// Dispute: the source says it came within the validation period.
        in_period: Option<bool>,
        /// What the consumer started.
        inbound: Option<Inbound>,
        /// Turns the restriction off; needs `reason`.
        lifted: Option<bool>,
        /// Refused medium.
        medium: Option<Medium>,
        /// Notice kind.
        notice: Option<NoticeKind>,
        /// E-mail: some earlier collector obtained it properly.
        obtained_properly: Option<bool>,
        /// E-mail: opted out toward an earlier collector.
        opted_out: Option<bool>,
        /// Kind of override.
        #[serde(rename = "override")]
        override_kind: Option<OverrideKind>,
        /// Inconvenient periods.
        periods: Vec<PeriodRecord>,
        /// Whom it is about; default the consumer.
        person_id: Option<Personal>,
        /// Number.
        phone: Option<Personal>,
        /// Kind of place.
        place: Option<PlaceKind>,
        /// Prior consent covers places.
        places: Option<bool>,
        /// For approval: the purpose.
        purpose: Option<Purpose>,
        /// Why a restriction is lifted.
        reason: Option<Personal>,
        /// The check said reassigned.
        reassigned: Option<bool>,
        /// The plan asked for reminders.
        reminder: Option<bool>,
        /// Where it was learnt: a list, a system, a letter.
        source: Option<Personal>,
        /// Where a bankruptcy stands.
        status: Option<BankruptcyStatus>,
        /// Prior consent covers times.
        times: Option<bool>,
        /// Ends at.
        until: Option<UnixSeconds>,
        /// Last local date.
        until_date: Option<CivilDate>,
        /// Vulnerability.
        vulnerability: Option<Vulnerability>,
        /// Consent in writing (NY; telemarketing rules a tenant took on).
        written: Option<bool>,
        /// Stated zone.
        zone: Option<ZoneId>,
    }
);

record!(
    /// A weekly inconvenient period.
    PeriodRecord {
        /// ISO weekdays; empty = every day.
        days: Vec<u8>,
        /// `HH:MM` or `HH:MM:SS`; absent with `to`: the whole day.
        from: Option<ClockTime>,
        /// Half-open end; `24:00` = midnight.
        to: Option<ClockTime>,
    }
);

/// A local time of day in seconds, 0..=86400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockTime(pub u32);

impl ClockTime {
    /// Reads `HH:MM` or `HH:MM:SS`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let mut next = |max: u32| {
            let part = parts.next()?;
            let two_digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            part.parse::<u32>().ok().filter(|n| two_digits && *n <= max)
        };
        let (hour, minute) = (next(24)?, next(59)?);
        let second = if text.len() > 5 { next(59)? } else { 0 };
        let total = hour * 3600 + minute * 60 + second;
        (parts.next().is_none() && total <= 86_400).then_some(Self(total))
    }
}

impl Serialize for ClockTime {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let (h, m, sec) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        if sec == 0 {
            s.collect_str(&format_args!("{h:02}:{m:02}"))
        } else {
            s.collect_str(&format_args!("{h:02}:{m:02}:{sec:02}"))
        }
    }
}

impl<'de> Deserialize<'de> for ClockTime {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected HH:MM or HH:MM:SS"))
    }
}

/// A phone number as a record spells it.
pub fn phone_of(text: &Personal) -> Option<PhoneNumber> {
    PhoneNumber::parse(text.as_str()).ok()
}
