//! The columns of an account, as `updatedbase` sets them one at a time and `getaccount` shows them all.

use super::conditions::{Condition, SOURCE, lifted, stated};
use super::fields::{Fields, TEXT_BYTES_MAX};
use super::numbers::Number;
use super::taps::Told;
use super::words::Words;
use crate::domain::record::{AccountRecord, EmailRecord, FactKind, FactRecord, Personal};
use crate::domain::time::{CivilDate, UnixSeconds};
use crate::domain::words::{AccountStatus, AddressStatus, LineType, PlaceKind};
use crate::sor::dialect::formats::{Said, Spoken, cents, date, flag, phone, text};
use crate::sor::dialect::whereabouts;
use crate::wire::email;

/// Columns that hold an attorney as soon as one of them holds anything.
pub(super) const ATTORNEY: [&str; 8] = [
    "attorneyname",
    "attorneyphone",
    "attorneycellphone",
    "attorneybeepernumber",
    "attorneyemailaddress",
    "attorneyfax",
    "attorneyaddress",
    "attorneyaddress2",
];

/// Columns that speak of a bankruptcy as soon as they hold anything.
pub(super) const BANKRUPTCY: [&str; 3] = [
    "bankruptcytype",
    "bankruptcyverificationstatus",
    "docketnumber",
];

/// Columns whose words may speak of anything.
pub(super) const WORDY: [&str; 5] = [
    "statusname",
    "statustype",
    "closedreason",
    "groupname",
    "hotlistcomments",
];

/// Years at which somebody is of age.
const FULL_AGE_YEARS: i32 = 18;

/// What setting one column says. `again` always: a column may mean what only the whole tells.
pub(super) fn told(fields: &Fields<'_>, words: &Words, now: UnixSeconds) -> Told {
    let mut told = Told {
        again: true,
        ..Told::default()
    };
    let Some(name) = fields.text("fieldname") else {
        return told;
    };
    let name = name.to_ascii_lowercase();
    let value = match fields.said(&["fieldvalue"]) {
        Said::This(value) => value,
        Said::Nothing | Said::Unreadable => "".into(),
    };
    told.facts = restrictions(&name, &value, words, now);
    if let Some(status) = closed(&name, &value, words) {
        let record = AccountRecord {
            status: Some(status),
            ..AccountRecord::default()
        };
        // What it was before, nobody could say: opening it would reopen what was recalled.
        told.records.push((record, None));
    }
    told.permits.extend(permits(&name, &value));
    told
}

/// What a column holds against contact.
pub(super) fn restrictions(
    name: &str,
    value: &str,
    words: &Words,
    now: UnixSeconds,
) -> Vec<FactRecord> {
    let Some(value) = text(value) else {
        return Vec::new();
    };
    let one = |holds: bool, kind| {
        if holds {
            vec![stated(kind)]
        } else {
            Vec::new()
        }
    };
    match name {
        // Whatever stands there and is not plainly a no.
        "deceased" => one(flag(value) != Said::This(false), FactKind::Deceased),
        "deceaseddate" => one(date(value) != Said::Nothing, FactKind::Deceased),
        "birthdate" => one(is_minor(value, now), FactKind::Minor),
        _ if ATTORNEY.contains(&name) => one(true, FactKind::Attorney),
        _ if BANKRUPTCY.contains(&name) => one(!denies(value), FactKind::Bankruptcy),
        _ if WORDY.contains(&name) => words
            .conditions(value)
            .into_iter()
            .map(Condition::fact)
            .collect(),
        _ => Vec::new(),
    }
}

/// A column that holds a word for nothing.
fn denies(value: &str) -> bool {
    let spoken = Spoken::of(value);
    flag(value) == Said::This(false) || spoken.says_any(&["N A", "NA", "NOT FOUND", "NOT FILED"])
}

fn is_minor(birthdate: &str, now: UnixSeconds) -> bool {
    let Said::This(born) = date(birthdate) else {
        return false;
    };
    // Of two digits, a year to come is of the century before.
    if born > now.utc_date() {
        return false;
    }
    let (year, month, day) = born.ymd();
    // Born on a leap day: of age with the first of March.
    let of_age = CivilDate::from_ymd(year + FULL_AGE_YEARS, month, day)
        .or_else(|| CivilDate::from_ymd(year + FULL_AGE_YEARS, 3, 1));
    of_age.is_some_and(|of_age| now.utc_date() < of_age)
}

/// Whether a column says that the account is not worked any more.
pub(super) fn closed(name: &str, value: &str, words: &Words) -> Option<AccountStatus> {
    let value = text(value)?;
    match name {
        "statusname" => words.closing(value),
        "closedreason" => Some(words.closing(value).unwrap_or(AccountStatus::Closed)),
        // One that cannot be read is some date.
        "dateclosed" => (date(value) != Said::Nothing).then_some(AccountStatus::Closed),
        "currentbalance" => match cents(value) {
            Said::This(..=0) => Some(AccountStatus::Paid),
            _ => None,
        },
        _ => None,
    }
}

/// What a column permits or only tells, once it has been set.
fn permits(name: &str, value: &str) -> Option<AccountRecord> {
    let reason = Some(Personal::from(SOURCE));
    match name {
        "deceased" if flag(value) == Said::This(false) => Some(AccountRecord {
            facts: vec![lifted(stated(FactKind::Deceased))],
            ..AccountRecord::default()
        }),
        // A sentinel, plainly written: opened again. An empty text may be a slip.
        "dateclosed" if text(value).is_some() && date(value) == Said::Nothing => {
            Some(AccountRecord {
                status: Some(AccountStatus::Open),
                reason,
                ..AccountRecord::default()
            })
        }
        _ => plain(name, value),
    }
}

/// What a column tells without lifting or forbidding anything.
pub(super) fn plain(name: &str, value: &str) -> Option<AccountRecord> {
    let value = text(value)?;
    let mut record = AccountRecord::default();
    match name {
        "state" => record.state = Some(whereabouts::state(value).known()?),
        "zip" => {
            let zip = whereabouts::zip(value).known()?;
            record.zip = Some(Personal(zip.to_string().into()));
        }
        "clientname" => record.creditor = Some(name_of(value)?),
        "portfolio" => record.portfolio = Some(name_of(value)?),
        "emailaddress" => record.emails.push(EmailRecord {
            address: Some(address(value)?),
            ..EmailRecord::default()
        }),
        _ => record.phones.push(number(name, value)?.record()),
    }
    Some(record)
}

/// A number that stands in a column of its own.
pub(super) fn number(name: &str, value: &str) -> Option<Number> {
    let (place, line) = match name {
        "primaryphone" => (None, None),
        "cellphone" => (None, Some(LineType::Wireless)),
        "workphone" => (Some(PlaceKind::Employment), None),
        _ => return None,
    };
    Some(Number::plain(phone(value).known()?, place, line))
}

/// Whether mail can reach anybody: an empty address is known to be none.
pub(super) fn address_status(fields: &Fields<'_>) -> Option<AddressStatus> {
    let is_empty =
        fields.said(&["address"]) == Said::Nothing && fields.said(&["address2"]) == Said::Nothing;
    is_empty.then_some(AddressStatus::None)
}

fn name_of(value: &str) -> Option<Personal> {
    (value.len() <= TEXT_BYTES_MAX).then(|| Personal::from(value))
}

pub(super) fn address(value: &str) -> Option<Personal> {
    Some(Personal(email::normalise(value)?.into()))
}
