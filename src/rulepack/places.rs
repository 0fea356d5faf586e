//! Reads `places.toml`, `npa.csv` and `zip3.csv`.

use std::collections::{BTreeMap, BTreeSet};

use super::error::RuleProblem;
use super::fields::Fields;
use super::kinds::find_zone;
use super::rows::{Row, Rows};
use super::source::Source;
use crate::domain::place::{
    Area, City, Jurisdiction, JurisdictionSet, NpaEntry, NpaKind, NpaTable, PlaceTable, StateCode,
    Zip5,
};
use crate::domain::time::ZoneId;

type StateZones = Vec<(StateCode, Box<[ZoneId]>)>;

/// What `places.toml` holds.
pub(super) struct Places {
    city: City,
    city_area_codes: BTreeSet<u16>,
    state_zones: StateZones,
}

/// Lays out the three files.
pub(super) fn assemble(
    places: Places,
    npas: impl IntoIterator<Item = (u16, NpaEntry)>,
    areas: impl IntoIterator<Item = (u16, Area)>,
) -> PlaceTable {
    let city = places.city.jurisdiction;
    let npas = npas.into_iter().map(|(code, mut entry)| {
        if let NpaEntry::UsGeographic { jurisdictions, .. } = &mut entry
            && places.city_area_codes.contains(&code)
        {
            *jurisdictions = jurisdictions.with(city);
        }
        (code, entry)
    });
    let npas = NpaTable::from_entries(npas);
    PlaceTable::new(areas, places.state_zones, places.city, npas)
}

/// Reads `places.toml`; `None` after noted faults.
pub(super) fn read(source: &Source<'_>) -> Option<Places> {
    let root = source.parse()?;
    let file = Fields::new(source, root.get_ref(), root.span(), "");
    let state_zones = file.table("state_zones").map(read_state_zones);
    let city = file.table("city").and_then(read_city);
    file.finish();
    let (city, city_area_codes) = city?;
    Some(Places {
        city,
        city_area_codes,
        state_zones: state_zones?,
    })
}

fn read_state_zones(table: Fields<'_>) -> StateZones {
    let mut found = Vec::new();
    for state in StateCode::all() {
        let key = state.as_str();
        if let Some(names) = table.has(key).then(|| table.texts(key)).flatten() {
            let zones: Option<Vec<ZoneId>> = names.iter().map(|name| find_zone(name)).collect();
            match zones {
                Some(zones) => found.push((state, sorted(zones))),
                None => table.fault(
                    key,
                    RuleProblem::Unparsable {
                        found: names.join(", "),
                        wanted: "IANA zones",
                    },
                ),
            }
        }
    }
    table.finish();
    found
}

fn read_city(table: Fields<'_>) -> Option<(City, BTreeSet<u16>)> {
    let jurisdiction = table.parsed("id", "US-NY-NYC", |text| {
        Jurisdiction::parse(text).filter(|city| *city == Jurisdiction::NEW_YORK_CITY)
    });
    let state = table.parsed("state", "a USPS code", StateCode::parse);
    let zip_prefixes = numbers(&table, "zip_prefixes", 3, "three digits");
    let zips = numbers(&table, "zips", 5, "five digits");
    let area_codes = numbers(&table, "area_codes", 3, "three digits");
    let state_without_zip = table.truth("state_without_zip");
    table.finish();
    let narrow = |numbers: Vec<u32>| -> Box<[u16]> {
        numbers
            .into_iter()
            .filter_map(|number| u16::try_from(number).ok())
            .collect()
    };
    let city = City {
        jurisdiction: jurisdiction?,
        state: state?,
        zip_prefixes: narrow(zip_prefixes?),
        zips: zips?.into_iter().filter_map(Zip5::from_number).collect(),
        state_without_zip: state_without_zip?,
    };
    Some((city, narrow(area_codes?).into_iter().collect()))
}

/// A list of texts of so many digits, sorted.
fn numbers(
    table: &Fields<'_>,
    key: &'static str,
    digits: usize,
    wanted: &'static str,
) -> Option<Vec<u32>> {
    let mut found = Vec::new();
    for text in table.texts(key)? {
        let number = text.parse().ok().filter(|_: &u32| is_digits(text, digits));
        let Some(number) = number else {
            table.fault(
                key,
                RuleProblem::Unparsable {
                    found: text.to_owned(),
                    wanted,
                },
            );
            return None;
        };
        found.push(number);
    }
    found.sort_unstable();
    Some(found)
}

/// Reads `npa.csv`.
pub(super) fn read_npas(source: &Source<'_>) -> BTreeMap<u16, NpaEntry> {
    let mut found = BTreeMap::new();
    let columns = ["npa", "country", "region", "kind", "in_service", "zones"];
    for row in Rows::read(source, columns) {
        let code = three_digits(&row, "npa", 200);
        let entry = npa_entry(&row);
        let (Some(code), Some(entry)) = (code, entry) else {
            continue;
        };
        if found.insert(code, entry).is_some() {
            row.fault("npa", RuleProblem::Duplicate(code.to_string()));
        }
    }
    let in_service = |(code, entry): (u16, Option<NpaEntry>)| entry.map(|entry| (code, entry));
    found.into_iter().filter_map(in_service).collect()
}

/// One area code; the inner `None` is a code not in service.
#[expect(
    clippy::option_option,
    reason = "outer: readable or not; inner: in service or not"
)]
fn npa_entry(row: &Row<'_>) -> Option<Option<NpaEntry>> {
    let kind = row.choice("kind", &NPA_KINDS, npa_kind_name);
    let in_service = row.choice("in_service", &[true, false], |yes| {
        if yes { "true" } else { "false" }
    });
    let zones = zones(row);
    let (country, region) = (row.get("country"), row.get("region"));
    let entry = match (country, kind?) {
        ("US", NpaKind::Geographic) => {
            let Some(state) = StateCode::parse(region) else {
                let found = region.to_owned();
                row.fault(
                    "region",
                    RuleProblem::Unparsable {
                        found,
                        wanted: "a USPS code",
                    },
                );
                return None;
            };
            let zones = zones?;
            if zones.is_empty() {
                row.fault("zones", RuleProblem::Missing);
            }
            let jurisdictions = JurisdictionSet::EMPTY.with(Jurisdiction::of_state(state));
            NpaEntry::UsGeographic {
                state,
                zones,
                jurisdictions,
            }
        }
        ("US" | "", kind) if kind != NpaKind::Geographic => NpaEntry::UsNonGeographic(kind),
        ("", _) => {
            row.fault("country", RuleProblem::Missing);
            return None;
        }
        _ => NpaEntry::Foreign { zones: zones? },
    };
    Some(in_service?.then_some(entry))
}

const NPA_KINDS: [NpaKind; 6] = [
    NpaKind::Geographic,
    NpaKind::TollFree,
    NpaKind::NonGeographic,
    NpaKind::InterexchangeCarrier,
    NpaKind::UsGovernment,
    NpaKind::Premium,
];

const fn npa_kind_name(kind: NpaKind) -> &'static str {
    match kind {
        NpaKind::Geographic => "geographic",
        NpaKind::TollFree => "toll_free",
        NpaKind::NonGeographic => "non_geographic",
        NpaKind::InterexchangeCarrier => "interexchange_carrier",
        NpaKind::UsGovernment => "us_government",
        NpaKind::Premium => "premium",
    }
}

/// Reads `zip3.csv`.
pub(super) fn read_areas(source: &Source<'_>) -> BTreeMap<u16, Area> {
    let mut found = BTreeMap::new();
    for row in Rows::read(source, ["zip3", "states", "zones"]) {
        let prefix = three_digits(&row, "zip3", 0);
        let states: Option<JurisdictionSet> = row
            .list("states")
            .map(|text| StateCode::parse(text).map(Jurisdiction::of_state))
            .collect();
        if states.is_none_or(JurisdictionSet::is_empty) {
            let found = row.get("states").to_owned();
            row.fault(
                "states",
                RuleProblem::Unparsable {
                    found,
                    wanted: "USPS codes",
                },
            );
        }
        let (Some(prefix), Some(states), Some(zones)) = (prefix, states, zones(&row)) else {
            continue;
        };
        if found.insert(prefix, Area { states, zones }).is_some() {
            row.fault("zip3", RuleProblem::Duplicate(row.get("zip3").to_owned()));
        }
    }
    found
}

fn zones(row: &Row<'_>) -> Option<Box<[ZoneId]>> {
    let zones: Option<Vec<ZoneId>> = row.list("zones").map(find_zone).collect();
    if zones.is_none() {
        let found = row.get("zones").to_owned();
        row.fault(
            "zones",
            RuleProblem::Unparsable {
                found,
                wanted: "IANA zones",
            },
        );
    }
    zones.map(sorted)
}

fn three_digits(row: &Row<'_>, column: &'static str, min: u16) -> Option<u16> {
    let text = row.get(column);
    let number = text
        .parse()
        .ok()
        .filter(|&number| is_digits(text, 3) && number >= min);
    if number.is_none() {
        let found = text.to_owned();
        row.fault(
            column,
            RuleProblem::Unparsable {
                found,
                wanted: "three digits",
            },
        );
    }
    number
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn sorted(mut zones: Vec<ZoneId>) -> Box<[ZoneId]> {
    zones.sort_unstable();
    zones.dedup();
    zones.into_boxed_slice()
}
