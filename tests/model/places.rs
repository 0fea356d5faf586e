//! Where the facts suggest that somebody is, read from the pack's tables as plain text.
//!
//! The ZIP (the state where there is none, or where the two disagree), and the area code of every
//! number. New York City by its own list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

/// What is suggested.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suggested {
    /// IANA names.
    pub zones: BTreeSet<String>,
    /// States and the city.
    pub law: BTreeSet<String>,
    /// Those of the residence alone.
    pub residence: BTreeSet<String>,
}

/// The city that makes law of its own.
pub(crate) const CITY: &str = "US-NY-NYC";

struct Tables {
    us_codes: BTreeSet<String>,
    area_codes: BTreeMap<String, (Option<String>, Vec<String>)>,
    zips: BTreeMap<String, (Vec<String>, Vec<String>)>,
    states: BTreeMap<String, Vec<String>>,
    city_prefixes: Vec<String>,
    city_zips: Vec<String>,
    city_codes: Vec<String>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(read);

/// A file of the pack.
pub(crate) fn pack_file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/rules");
    std::fs::read_to_string(path.join(name)).expect("a file of the pack")
}

fn rows(name: &str) -> Vec<Vec<String>> {
    let text = pack_file(name);
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

fn list(cell: &str) -> Vec<String> {
    let parts = cell.split(';').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

fn texts(value: &toml::Value) -> Vec<String> {
    let list = value.as_array().expect("a list").iter();
    list.map(|one| one.as_str().expect("a text").to_owned())
        .collect()
}

fn read() -> Tables {
    let us = |row: &Vec<String>| (row[1] == "US" || row[1].is_empty()) && row[4] == "true";
    let us_codes = rows("npa.csv").into_iter().filter(us);
    let us_codes = us_codes.map(|row| row[0].clone()).collect();
    let area_codes = rows("npa.csv").into_iter().map(|row| {
        let state = (row[1] == "US" && !row[2].is_empty()).then(|| row[2].clone());
        (row[0].clone(), (state, list(&row[5])))
    });
    let zips = rows("zip3.csv")
        .into_iter()
        .map(|row| (row[0].clone(), (list(&row[1]), list(&row[2]))));
    let places: toml::Table = pack_file("places.toml").parse().expect("TOML");
    let states = places["state_zones"].as_table().expect("a table").iter();
    let city = &places["city"];
    Tables {
        us_codes,
        area_codes: area_codes.collect(),
        zips: zips.collect(),
        states: states.map(|(s, z)| (s.clone(), texts(z))).collect(),
        city_prefixes: texts(&city["zip_prefixes"]),
        city_zips: texts(&city["zips"]),
        city_codes: texts(&city["area_codes"]),
    }
}

/// Every zone a table names.
pub(crate) fn zone_names() -> BTreeSet<String> {
    let codes = TABLES.area_codes.values().flat_map(|(_, zones)| zones);
    let zips = TABLES.zips.values().flat_map(|(_, zones)| zones);
    let states = TABLES.states.values().flatten();
    codes.chain(zips).chain(states).cloned().collect()
}

/// Whether a number is one of the United States, its territories or its toll-free codes.
pub(crate) fn is_us(number: &str) -> bool {
    let code: String = number.chars().skip(2).take(3).collect();
    TABLES.us_codes.contains(&code)
}

/// What a ZIP, a state and telephone numbers (`+1` and ten digits) suggest.
pub(crate) fn suggest(zip: Option<&str>, state: Option<&str>, numbers: &[&str]) -> Suggested {
    let mut all = residence(zip, state);
    all.residence = all.law.clone();
    for number in numbers {
        let code: String = number.chars().skip(2).take(3).collect();
        if let Some((state, zones)) = TABLES.area_codes.get(&code) {
            all.law.extend(state.clone());
            all.zones.extend(zones.iter().cloned());
        }
        if TABLES.city_codes.contains(&code) {
            all.law.insert(CITY.to_owned());
        }
    }
    all
}

/// A ZIP and a state that contradict each other suggest both.
fn residence(zip: Option<&str>, state: Option<&str>) -> Suggested {
    let mut found = Suggested::default();
    let row = zip.and_then(|zip| TABLES.zips.get(&zip.chars().take(3).collect::<String>()));
    let agrees =
        row.is_some_and(|(states, _)| state.is_some_and(|s| states.iter().any(|one| one == s)));
    if let Some((states, zones)) = row {
        found.zones.extend(zones.iter().cloned());
        if !agrees {
            found.law.extend(states.iter().cloned());
        }
    }
    if let Some(state) = state {
        found.law.insert(state.to_owned());
        if !agrees {
            found.zones.extend(TABLES.states[state].iter().cloned());
        }
    }
    let in_city = |zip: &str| {
        let within = TABLES.city_prefixes.iter().any(|p| zip.starts_with(p));
        within || TABLES.city_zips.iter().any(|city| city == zip)
    };
    if zip.is_some_and(in_city) || (zip.is_none() && state == Some("NY")) {
        found.law.insert(CITY.to_owned());
    }
    found
}
