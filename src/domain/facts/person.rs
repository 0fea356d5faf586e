//! A person: the attempts made toward them and what they told the collector.

use super::{At, Attempt, DebtScope};
use crate::domain::ids::{Sym, TenantNo};
use crate::domain::phone::PhoneNumber;
use crate::domain::time::{CivilDate, ZoneId};
use crate::domain::words::{BankruptcyStatus, Form, GivenTo};

/// A person of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Person {
    /// The caller's id; none when the account's primary consumer was never named.
    pub id: Sym,
    /// Whose.
    pub tenant: TenantNo,
    /// Sequence number (low 32 bits) of the newest row that touched this person.
    pub touched: u32,
    /// The same of the newest row that brought a restriction.
    pub restricted: u32,
    /// Attempts and live reservations, oldest first.
    pub attempts: Vec<Attempt>,
    /// Rare facts.
    pub extras: Option<Box<PersonExtras>>,
}

/// Rare facts about a person.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct PersonExtras {
    /// A zone the consumer stated: replaces every guessed one (comment 6(b)(1)(i)-2).
    pub stated_zone: Option<ZoneId>,
    /// Times the collector knows to be inconvenient.
    pub inconvenient_times: Vec<InconvenientTime>,
    /// Places, one bit per `PlaceKind` number.
    pub inconvenient_places: u8,
    /// The consumer asked not to be contacted at work.
    pub work_request: Option<WorkRequest>,
    /// The employer prohibits such contacts (1006.6(b)(3)).
    pub employer_prohibits: bool,
    /// Cannot be reached at home in the hours contact is permitted (OR).
    pub unreachable_at_home: bool,
    /// Died.
    pub deceased: bool,
    /// Under age.
    pub minor: bool,
    /// Refused media, one bit per `Medium` number (1006.14(h)).
    pub refused_media: u8,
    /// When media were refused, by `Medium` number.
    pub refused_at: [At; 7],
    /// Media whose refusal has been confirmed once.
    pub confirmed_media: u8,
    /// Vulnerability flags, one bit per `Vulnerability` number.
    pub vulnerable: u8,
    /// Military service that policy protects; the date it ends, if known.
    pub military: Option<Option<CivilDate>>,
    /// Represented by an attorney (1006.6(b)(2)).
    pub attorneys: Vec<Attorney>,
    /// Requests to cease (1006.6(c)).
    pub ceases: Vec<Cease>,
    /// What became of bankruptcy cases, each event an entry: a discharge is not forgotten for what
    /// comes after it.
    pub bankruptcies: Vec<Bankruptcy>,
    /// Consents to be contacted at times or places otherwise inconvenient (1006.6(b)(4)(i)).
    pub prior_consents: Vec<PriorConsent>,
    /// Consents to further calls (1006.14(b)(3)(i)).
    pub call_consents: Vec<CallConsent>,
    /// Revocations of both, for what is told later and was given before.
    pub consent_revocations: Vec<ConsentRevocation>,
    /// When consent to be called or texted automatically was last taken back, at whichever number:
    /// it ends for all of them (47 CFR 64.1200(a)(10), from the date of `REVOKE_ALL`).
    pub stopped_at: At,
    /// The newest thing the consumer started, by `Inbound` number.
    pub last_inbound: [LastInbound; 4],
    /// Location contact: the third party answered and it was complete (1006.10(c)).
    pub location_answered: bool,
}

/// A stated inconvenient time (1006.6(b)(1)(i)).
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct InconvenientTime {
    /// Binds from here on.
    pub since: At,
    /// First local date it holds, if not at once.
    pub from_date: Option<CivilDate>,
    /// Last local date it holds; the day belongs to it.
    pub until_date: Option<CivilDate>,
    /// The weekly periods; any match makes the instant inconvenient.
    pub periods: Vec<InconvenientPeriod>,
}

/// A weekly period in the consumer's local time, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct InconvenientPeriod {
    /// Bit n-1 = ISO weekday n; 0x7f = every day.
    pub days: u8,
    /// First second of the day.
    pub from: u32,
    /// First second after it; 86400 = to midnight. `from > to` wraps into the next day.
    pub to: u32,
}

/// A request not to be contacted at the place of employment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct WorkRequest {
    /// When it was made.
    pub at: At,
    /// Known to be spoken only: some states let it lapse (940 CMR 7.04(1)(h)).
    pub oral: bool,
}

/// Attorney representation.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Attorney {
    /// For which debts.
    pub debts: DebtScope,
    /// Known since.
    pub since: At,
    /// How the collector learnt of it (AZ: an oral statement suffices).
    pub form: Form,
    /// Name and address are known or readily ascertained.
    pub contact_known: bool,
    /// The attorney did not answer within a reasonable time, or consents to direct contact.
    pub lifted_by_attorney: bool,
    /// The consumer-initiated contact that was answered since, by its instant.
    pub answered: At,
}

/// A request to cease.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Cease {
    /// For which debts.
    pub debts: DebtScope,
    /// Complete on receipt (1006.6(c)).
    pub received: At,
    /// Reg F asks for writing; WI takes an oral one for calls.
    pub form: Form,
    /// The notice of a remedy went out.
    pub remedy_used: bool,
    /// The notice that efforts end went out.
    pub terminate_used: bool,
    /// The consumer-initiated contact that was answered since, by its instant.
    pub answered: At,
}

/// What became of a bankruptcy case of the person.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct Bankruptcy {
    /// Which debts it reaches.
    pub debts: DebtScope,
    /// Chapter (7, 11, 12, 13); 0 = not known, which stays co-debtors too.
    pub chapter: u8,
    /// Where it stands.
    pub status: BankruptcyStatus,
    /// When that became so.
    pub since: At,
}

impl Bankruptcy {
    /// Whether both may be about one case: as far as chapters are known, they are the same.
    pub fn same_case(&self, other: &Self) -> bool {
        self.chapter == other.chapter || self.chapter == 0 || other.chapter == 0
    }
}

impl PersonExtras {
    /// Whether a petition nothing closed or a discharge nothing reaffirmed stands for any debts.
    pub fn is_bankrupt(&self) -> bool {
        let events = || self.bankruptcies.iter().enumerate();
        events().any(|(n, one)| {
            let mut later = events().filter(|(m, other)| {
                other.debts == one.debts && (other.since, *m) > (one.since, n)
            });
            match one.status {
                BankruptcyStatus::Filed => !later.any(|(_, other)| {
                    other.status != BankruptcyStatus::Filed && other.same_case(one)
                }),
                BankruptcyStatus::Discharged => {
                    !later.any(|(_, other)| other.status == BankruptcyStatus::Reaffirmed)
                }
                _ => false,
            }
        })
    }
}

/// Consent to inconvenient times or places.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct PriorConsent {
    /// Only [`GivenTo::Collector`] lifts anything here.
    pub given_to: GivenTo,
    /// Given at.
    pub at: At,
    /// Ends; never = until revoked.
    pub until: At,
    /// Covers times of day.
    pub times: bool,
    /// Covers places.
    pub places: bool,
    /// Nobody said when it was given: any revocation ends it.
    pub undated: bool,
}

/// Consent to calls beyond the frequencies.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct CallConsent {
    /// For which debts.
    pub debts: DebtScope,
    /// Received; that local date is day one of at most seven.
    pub at: At,
    /// A last day the consumer stated, if any.
    pub last_day: Option<CivilDate>,
    /// Only for this number, if any.
    pub number: Option<PhoneNumber>,
    /// Revoked at, if it was.
    pub revoked: At,
    /// Nobody said when it was given: any revocation ends it.
    pub undated: bool,
}

/// Prior consents, and consents to further calls, taken back.
#[derive(Debug, Clone, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub struct ConsentRevocation {
    /// For which debts; a prior consent is for none in particular, and ends with any.
    pub debts: DebtScope,
    /// When.
    pub at: At,
}

/// The newest thing the consumer started in a medium.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct LastInbound {
    /// When; never = nothing.
    pub at: At,
    /// Answered at; never = not yet.
    pub answered: At,
}
