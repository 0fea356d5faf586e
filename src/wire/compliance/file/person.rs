//! A person of the account's file.

use serde::Serialize;

use super::{Fact, named, scope, when};
use crate::domain::facts::{
    AccountFile, InconvenientTime, Party, Person, PersonExtras, PersonFile,
};
use crate::domain::time::{CivilDate, Zones};
use crate::domain::words::{Inbound, Medium, PlaceKind, Vulnerability};

/// A person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PersonFacts {
    /// The tenant's name for them; null: never named.
    pub person_id: Option<String>,
    /// In what relation to the account.
    pub role: &'static str,
    /// The collector may speak to them about the debt; always for the consumer.
    pub authorised: bool,
    /// The zone they stated.
    pub stated_zone: Option<String>,
    /// Plain facts that hold.
    pub flags: Vec<&'static str>,
    /// Why they need more care.
    pub vulnerable: Vec<&'static str>,
    /// Media they refused.
    pub refused_media: Vec<&'static str>,
    /// Places known to be inconvenient.
    pub inconvenient_places: Vec<&'static str>,
    /// Times known to be inconvenient.
    pub inconvenient_times: Vec<InconvenientFacts>,
    /// Requests, representation, bankruptcies, consents.
    pub standing: Vec<Fact>,
    /// What they started last, by medium.
    pub last_inbound: Vec<InboundFacts>,
    /// Attempts that are remembered.
    pub attempts: usize,
    /// The newest row that touched them.
    pub touched_by: Option<u64>,
    /// The newest that restricted them.
    pub restricted_by: Option<u64>,
}

/// A stated inconvenient time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct InconvenientFacts {
    /// Binds from here on.
    pub since: Option<String>,
    /// First local date.
    pub from_date: Option<String>,
    /// Last local date.
    pub until_date: Option<String>,
    /// Weekly periods: ISO weekdays, first second of the day, first second after it.
    pub periods: Vec<PeriodFacts>,
}

/// A weekly period of the local clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PeriodFacts {
    /// ISO weekdays.
    pub days: Vec<u8>,
    /// `HH:MM:SS`.
    pub from: String,
    /// `HH:MM:SS`, not part of it.
    pub to: String,
}

/// The newest thing a person started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct InboundFacts {
    /// What.
    pub kind: &'static str,
    /// When.
    pub at: Option<String>,
    /// When it was answered.
    pub answered: Option<String>,
}

impl PersonFacts {
    /// Of a person of the file.
    pub(super) fn of(file: &AccountFile, one: &PersonFile) -> Self {
        let Person { attempts, .. } = &one.person;
        let party = party(file, one);
        let none = PersonExtras::default();
        let extras = one.person.extras.as_deref().unwrap_or(&none);
        let zone = extras.stated_zone;
        Self {
            person_id: one.id.as_deref().map(str::to_owned),
            role: party.map_or("consumer", |party| party.role.as_str()),
            authorised: party.is_none_or(|party| party.authorised),
            stated_zone: zone.map(|zone| Zones::bundled().name(zone).to_owned()),
            flags: flags(extras),
            vulnerable: set(
                extras.vulnerable,
                Vulnerability::ALL.iter().map(|word| word.as_str()),
            ),
            refused_media: set(
                extras.refused_media,
                Medium::ALL.iter().map(|word| word.as_str()),
            ),
            inconvenient_places: set(
                extras.inconvenient_places,
                PlaceKind::ALL.iter().map(|word| word.as_str()),
            ),
            inconvenient_times: extras.inconvenient_times.iter().map(inconvenient).collect(),
            standing: standing(file, extras),
            last_inbound: inbound(extras),
            attempts: attempts.len(),
            touched_by: file.row(one.person.touched),
            restricted_by: file.row(one.person.restricted),
        }
    }
}

fn party<'f>(file: &'f AccountFile, one: &PersonFile) -> Option<&'f Party> {
    if one.no == file.account.consumer {
        return None;
    }
    let extras = file.account.extras.as_deref()?;
    extras.parties.iter().find(|party| party.person == one.no)
}

/// Words by their bits.
fn set(bits: u8, words: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let numbered = words.enumerate();
    let held = numbered.filter(|(n, _)| {
        bits.checked_shr(u32::try_from(*n).unwrap_or(8))
            .is_some_and(|bits| bits & 1 == 1)
    });
    held.map(|(_, word)| word).collect()
}

fn flags(extras: &PersonExtras) -> Vec<&'static str> {
    named(&[
        (extras.deceased, "deceased"),
        (extras.minor, "minor"),
        (extras.employer_prohibits, "employer_prohibits"),
        (extras.work_request.is_some(), "no_contact_at_work"),
        (extras.unreachable_at_home, "unreachable_at_home"),
        (extras.military.is_some(), "military"),
        (extras.location_answered, "location_answered"),
    ])
}

fn inconvenient(time: &InconvenientTime) -> InconvenientFacts {
    let date = |date: Option<CivilDate>| date.map(|date| date.to_string());
    let clock = |second: u32| {
        format!(
            "{:02}:{:02}:{:02}",
            second / 3_600,
            second / 60 % 60,
            second % 60
        )
    };
    let periods = time.periods.iter().map(|period| PeriodFacts {
        days: (1..=7)
            .filter(|day| period.days >> (day - 1) & 1 == 1)
            .collect(),
        from: clock(period.from),
        to: clock(period.to),
    });
    InconvenientFacts {
        since: when(time.since),
        from_date: date(time.from_date),
        until_date: date(time.until_date),
        periods: periods.collect(),
    }
}

fn standing(file: &AccountFile, extras: &PersonExtras) -> Vec<Fact> {
    let mut all = Vec::new();
    all.extend(extras.ceases.iter().map(|one| Fact {
        fact: "cease",
        kind: Some(one.form.as_str().to_owned()),
        since: when(one.received),
        debts: Some(scope(file, &one.debts)),
        ..Fact::default()
    }));
    all.extend(extras.attorneys.iter().map(|one| Fact {
        fact: "attorney",
        kind: Some(one.form.as_str().to_owned()),
        since: when(one.since),
        state: one.lifted_by_attorney.then_some("lifted_by_attorney"),
        debts: Some(scope(file, &one.debts)),
        ..Fact::default()
    }));
    all.extend(extras.bankruptcies.iter().map(|one| Fact {
        fact: "bankruptcy",
        kind: (one.chapter != 0).then(|| format!("chapter {}", one.chapter)),
        since: when(one.since),
        state: Some(one.status.as_str()),
        debts: Some(scope(file, &one.debts)),
        ..Fact::default()
    }));
    all.extend(extras.prior_consents.iter().map(|one| Fact {
        fact: "prior_consent",
        kind: Some(one.given_to.as_str().to_owned()),
        since: when(one.at),
        until: when(one.until),
        state: match (one.times, one.places) {
            (true, true) => Some("times_and_places"),
            (true, false) => Some("times"),
            (false, true) => Some("places"),
            (false, false) => None,
        },
        ..Fact::default()
    }));
    all.extend(extras.call_consents.iter().map(|one| Fact {
        fact: "call_consent",
        since: when(one.at),
        until: when(one.revoked).or_else(|| one.last_day.map(|day| day.to_string())),
        state: one.revoked.is_set().then_some("revoked"),
        debts: Some(scope(file, &one.debts)),
        ..Fact::default()
    }));
    all
}

fn inbound(extras: &PersonExtras) -> Vec<InboundFacts> {
    let kinds = Inbound::ALL.iter().zip(&extras.last_inbound);
    let known = kinds.filter(|(_, last)| last.at.is_set());
    let told = known.map(|(kind, last)| InboundFacts {
        kind: kind.as_str(),
        at: when(last.at),
        answered: when(last.answered),
    });
    told.collect()
}
