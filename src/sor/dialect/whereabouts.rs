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
mod tests {
    use super::*;

    fn put(states: &[&str], zips: &[&str]) -> (Option<&'static str>, Option<String>, bool) {
        let mut all = Whereabouts::default();
        for text in states {
            all.state(text);
        }
        for text in zips {
            all.zip(text);
        }
        let mut record = AccountRecord::default();
        all.put(&mut record);
        let zip = record.zip.as_ref().map(|zip| zip.as_str().to_owned());
        (record.state.map(StateCode::as_str), zip, is_held(&record))
    }

    #[test]
    fn a_state_is_known_by_its_code_and_its_name() {
        for (text, code) in [
            ("ny", "NY"),
            ("N.Y.", "NY"),
            ("New York", "NY"),
            (" new  york ", "NY"),
            ("NY - New York", "NY"),
            ("US-NY", "NY"),
            ("District of Columbia", "DC"),
            ("AE", "AE"),
        ] {
            assert_eq!(
                state(text).known().map(StateCode::as_str),
                Some(code),
                "{text}"
            );
        }
        for text in ["", "null", "N/A", "--", "00", "unknown", "XX"] {
            assert_eq!(state(text), Said::Nothing, "{text}");
        }
        for text in ["Ontario", "ON", "NY - Florida", "active", "NY/FL", "36"] {
            assert_eq!(state(text), Said::Unreadable, "{text}");
        }
        for (name, code) in NAMES {
            assert_eq!(state(name).known(), StateCode::parse(code), "{name}");
            assert!(StateCode::parse(code).is_some(), "{name}");
        }
    }

    #[test]
    fn a_zip_has_lost_its_zeros_where_it_was_a_number() {
        for (text, wanted) in [
            ("90210", "90210"),
            ("90210-1234", "90210"),
            ("90210 1234", "90210"),
            ("902101234", "90210"),
            ("2139", "02139"),
            ("501", "00501"),
            ("21391234", "02139"),
            ("2139-1234", "02139"),
        ] {
            let read = zip(text).known().map(|zip| zip.to_string());
            assert_eq!(read.as_deref(), Some(wanted), "{text}");
        }
        for text in ["", "00000", "N/A", "-"] {
            assert_eq!(zip(text), Said::Nothing, "{text}");
        }
        for text in ["M5V 2T6", "12", "9021O", "90210-12", "12345678901"] {
            assert_eq!(zip(text), Said::Unreadable, "{text}");
        }
    }

    #[test]
    fn every_place_is_kept_or_the_account_is_held() {
        let zip = |text: &str| Some(text.to_owned());
        assert_eq!(put(&["NY"], &["10001"]), (Some("NY"), zip("10001"), false));
        assert_eq!(put(&[], &[]), (None, None, false));
        // A state and a ZIP may differ: the gate takes both.
        assert_eq!(put(&["FL"], &["10001"]), (Some("FL"), zip("10001"), false));
        assert_eq!(
            put(&["NY", "FL"], &["10001"]),
            (Some("FL"), zip("10001"), false)
        );
        // The ZIP that lies in a city is the one to be kept; of the other its state says enough.
        assert_eq!(
            put(&["FL", "NY"], &["33101", "10001"]),
            (Some("FL"), zip("10001"), false)
        );
        assert_eq!(put(&[], &["33101", "33199"]), (None, zip("33101"), false));
        assert_eq!(put(&["FL"], &["33101", "32501"]), (Some("FL"), None, false));
        assert_eq!(put(&[], &["33101", "32501"]), (Some("FL"), None, false));
        // No pair says all of it.
        assert!(put(&["NY", "FL"], &[]).2);
        assert!(put(&["NY", "FL", "CA"], &["10001", "33101", "90210"]).2);
        assert!(put(&["Ontario"], &[]).2);
        assert!(put(&["NY"], &["M5V 2T6"]).2);
    }
}
