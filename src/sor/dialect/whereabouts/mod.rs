//! Where an account says its consumer is: every state and every ZIP it names, in however many spellings.
//!
//! A record has room for one state and one ZIP, and the gate takes both as suggestions. Two states, or
//! two ZIPs, are kept where one pair suggests all of them; where none does, and where a text is no place,
//! the account is held, because an hour or a count of the place that was left out would be broken.

use super::formats::{Said, Spoken, text};
use crate::domain::place::{StateCode, Zip5};
use crate::domain::record::{AccountRecord, FactKind, FactRecord, Personal};
use crate::domain::words::HoldKind;

/// Which states a three-digit prefix lies in: the table of the bundled rules.
const PREFIXES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/config/rules/zip3.csv"
));

/// Words that say of a place that it is not known.
const UNKNOWN: [&str; 9] = [
    "UNKNOWN",
    "UNK",
    "NA",
    "N A",
    "NOT AVAILABLE",
    "NOT PROVIDED",
    "TBD",
    "XX",
    "XXXXX",
];

/// States by their names; their codes are read as they are.
const NAMES: [(&str, &str); 59] = [
    ("ALABAMA", "AL"),
    ("ALASKA", "AK"),
    ("AMERICAN SAMOA", "AS"),
    ("ARIZONA", "AZ"),
    ("ARKANSAS", "AR"),
    ("CALIFORNIA", "CA"),
    ("COLORADO", "CO"),
    ("CONNECTICUT", "CT"),
    ("DELAWARE", "DE"),
    ("DISTRICT OF COLUMBIA", "DC"),
    ("FEDERATED STATES OF MICRONESIA", "FM"),
    ("FLORIDA", "FL"),
    ("GEORGIA", "GA"),
    ("GUAM", "GU"),
    ("HAWAII", "HI"),
    ("IDAHO", "ID"),
    ("ILLINOIS", "IL"),
    ("INDIANA", "IN"),
    ("IOWA", "IA"),
    ("KANSAS", "KS"),
    ("KENTUCKY", "KY"),
    ("LOUISIANA", "LA"),
    ("MAINE", "ME"),
    ("MARSHALL ISLANDS", "MH"),
    ("MARYLAND", "MD"),
    ("MASSACHUSETTS", "MA"),
    ("MICHIGAN", "MI"),
    ("MINNESOTA", "MN"),
    ("MISSISSIPPI", "MS"),
    ("MISSOURI", "MO"),
    ("MONTANA", "MT"),
    ("NEBRASKA", "NE"),
    ("NEVADA", "NV"),
    ("NEW HAMPSHIRE", "NH"),
    ("NEW JERSEY", "NJ"),
    ("NEW MEXICO", "NM"),
    ("NEW YORK", "NY"),
    ("NORTH CAROLINA", "NC"),
    ("NORTH DAKOTA", "ND"),
    ("NORTHERN MARIANA ISLANDS", "MP"),
    ("OHIO", "OH"),
    ("OKLAHOMA", "OK"),
    ("OREGON", "OR"),
    ("PALAU", "PW"),
    ("PENNSYLVANIA", "PA"),
    ("PUERTO RICO", "PR"),
    ("RHODE ISLAND", "RI"),
    ("SOUTH CAROLINA", "SC"),
    ("SOUTH DAKOTA", "SD"),
    ("TENNESSEE", "TN"),
    ("TEXAS", "TX"),
    ("UTAH", "UT"),
    ("VERMONT", "VT"),
    ("VIRGIN ISLANDS", "VI"),
    ("VIRGINIA", "VA"),
    ("WASHINGTON", "WA"),
    ("WEST VIRGINIA", "WV"),
    ("WISCONSIN", "WI"),
    ("WYOMING", "WY"),
];

/// Everything an account says of its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Whereabouts {
    states: Vec<StateCode>,
    zips: Vec<Zip5>,
    /// Something stood there that is no place of this country.
    is_unread: bool,
}

impl Whereabouts {
    /// Takes in what stands where a state stands.
    pub(super) fn state(&mut self, text: &str) {
        match state(text) {
            Said::This(state) if !self.states.contains(&state) => self.states.push(state),
            Said::This(_) | Said::Nothing => {}
            Said::Unreadable => self.is_unread = true,
        }
    }

    /// Takes in what stands where a ZIP stands.
    pub(super) fn zip(&mut self, text: &str) {
        match zip(text) {
            Said::This(zip) if !self.zips.contains(&zip) => self.zips.push(zip),
            Said::This(_) | Said::Nothing => {}
            Said::Unreadable => self.is_unread = true,
        }
    }

    /// Something stands there that is no text.
    pub(super) fn unread(&mut self) {
        self.is_unread = true;
    }

    /// Puts the place into a record; where the record cannot hold all of it, the account is held.
    pub(super) fn put(&self, record: &mut AccountRecord) {
        let whole = self.whole();
        let first = (self.states.first().copied(), self.zips.first().copied());
        let (state, zip) = whole.unwrap_or(first);
        record.state = state;
        record.zip = zip.map(|zip| Personal(zip.to_string().into()));
        if whole.is_none() || self.is_unread {
            record.facts.push(held());
        }
    }

    /// A state and a ZIP that suggest everything that was said; none: no such pair.
    fn whole(&self) -> Option<(Option<StateCode>, Option<Zip5>)> {
        let mut zips: Vec<Option<Zip5>> = self.zips.iter().copied().map(Some).collect();
        zips.push(None);
        // Of a ZIP that is left out, its state says as much, and more.
        let of_zips = self.zips.iter().filter_map(|zip| only_state(*zip));
        let mut states: Vec<Option<StateCode>> = self.states.iter().copied().map(Some).collect();
        states.push(None);
        states.extend(of_zips.map(Some));
        let pairs = zips
            .iter()
            .flat_map(|zip| states.iter().map(move |state| (*state, *zip)));
        let mut pairs = pairs.filter(|(state, zip)| self.suggests_all(*state, *zip));
        pairs.next()
    }

    fn suggests_all(&self, state: Option<StateCode>, zip: Option<Zip5>) -> bool {
        let of_zip = zip.map(states_of).unwrap_or_default();
        // Within the state of the ZIP a state adds no zone of its own.
        let adds = state.filter(|state| !of_zip.contains(state));
        let has_state = |said: &StateCode| state == Some(*said) || of_zip.contains(said);
        let has_zip = |said: &Zip5| {
            zip.is_some_and(|zip| zip.prefix() == said.prefix())
                || (adds.is_some()
                    && only_state(*said) == adds
                    && (zip.is_none() || !is_city(*said)))
        };
        self.states.iter().all(has_state) && self.zips.iter().all(has_zip)
    }
}

/// An account that may not be contacted as long as its system says no more.
pub(crate) fn held() -> FactRecord {
    FactRecord {
        fact: Some(FactKind::Hold),
        hold: Some(HoldKind::SystemOfRecord),
        ..FactRecord::default()
    }
}

/// Whether a record itself says that its account is held for its system's sake.
pub(crate) fn is_held(record: &AccountRecord) -> bool {
    let own = |fact: &FactRecord| {
        fact.hold == Some(HoldKind::SystemOfRecord) && fact.lifted != Some(true)
    };
    record.facts.iter().any(own)
}

/// A state by its code or its name.
pub(super) fn state(raw: &str) -> Said<StateCode> {
    let Some(text) = said(raw) else {
        return Said::Nothing;
    };
    let plain = text.trim_end_matches('.').replace('.', "");
    let words: Vec<String> = plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_uppercase)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let by_words = |words: &[&str]| match words {
        [] => None,
        [code] if StateCode::parse(code).is_some() => StateCode::parse(code),
        ["US", code] => StateCode::parse(code),
        words => {
            let name = words.join(" ");
            let known = NAMES.iter().find(|(known, _)| *known == name);
            known.and_then(|(_, code)| StateCode::parse(code))
        }
    };
    // `NY - New York`: both have to say the same.
    let twice = || {
        let (code, name) = words.split_first()?;
        let code = StateCode::parse(code)?;
        (by_words(name) == Some(code)).then_some(code)
    };
    by_words(&words)
        .or_else(twice)
        .map_or(Said::Unreadable, Said::This)
}

/// A ZIP, with or without four digits behind it. One that was kept as a number has lost its leading
/// zeros.
pub(super) fn zip(raw: &str) -> Said<Zip5> {
    let Some(text) = said(raw) else {
        return Said::Nothing;
    };
    let (five, four) = text.split_once(['-', ' ']).unwrap_or((text, ""));
    let (five, four) = (five.trim(), four.trim());
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(five) || !digits(four) {
        return Said::Unreadable;
    }
    let five = match (five.len(), four.len()) {
        (3..=5, 0 | 4) => format!("{five:0>5}"),
        (7..=9, 0) => format!("{five:0>9}").chars().take(5).collect(),
        _ => return Said::Unreadable,
    };
    Zip5::parse(&five).map_or(Said::Unreadable, Said::This)
}

/// A text that says anything of a place.
fn said(raw: &str) -> Option<&str> {
    let text = text(raw)?;
    let spoken = Spoken::of(text);
    let nothing = UNKNOWN.iter().any(|word| spoken == Spoken::of(word));
    let blank = text.chars().all(|c| c == '0' || !c.is_alphanumeric());
    (!nothing && !blank).then_some(text)
}

/// The states a ZIP may lie in.
fn states_of(zip: Zip5) -> Vec<StateCode> {
    let prefix = format!("{:03}", zip.prefix());
    let mut rows = PREFIXES.lines().map(|line| line.split(','));
    let row = rows.find_map(|mut cells| (cells.next() == Some(&*prefix)).then(|| cells.next()));
    let states = row.flatten().unwrap_or_default().split(';');
    states.filter_map(StateCode::parse).collect()
}

/// Its state, where there is but one.
fn only_state(zip: Zip5) -> Option<StateCode> {
    match states_of(zip).as_slice() {
        [state] => Some(*state),
        _ => None,
    }
}

/// Whether a city that makes law of its own may be there: its state alone would not say so beside a ZIP.
fn is_city(zip: Zip5) -> bool {
    matches!(zip.prefix(), 100..=104 | 110..=114 | 116)
}

#[cfg(test)]
mod tests;
