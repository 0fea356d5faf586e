//! Places that suggest one zone and bring no law of their own: what a vector leaves unsaid.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::fields::Said;

const AREA_CODES: &str = include_str!("../../config/rules/npa.csv");
const ZIPS: &str = include_str!("../../config/rules/zip3.csv");
const STATES: &str = include_str!("../../config/rules/states.toml");

/// An area code of the zone.
pub(crate) fn area_code(zone: &str) -> Said<String> {
    let rows = rows(AREA_CODES).filter_map(|row| {
        let [npa, country, region, kind, in_service, zones] = row[..] else {
            return None;
        };
        let used = (country, kind, in_service) == ("US", "geographic", "true");
        used.then_some((npa, region, zones))
    });
    best(rows, zone).map(|(npa, _)| npa.to_owned())
}

/// A ZIP code of the zone, and its state.
pub(crate) fn zip(zone: &str) -> Said<(String, String)> {
    let rows = rows(ZIPS).filter_map(|row| match row[..] {
        [zip3, states, zones] => Some((zip3, states, zones)),
        _ => None,
    });
    best(rows, zone).map(|(zip3, state)| (format!("{zip3}01"), state.to_owned()))
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(',').collect())
}

/// The row that suggests the fewest zones besides, in a place without rules if there is one.
fn best(
    rows: impl Iterator<Item = (&'static str, &'static str, &'static str)>,
    zone: &str,
) -> Said<(&'static str, &'static str)> {
    rows.filter(|(_, _, zones)| zones.split(';').any(|known| known == zone))
        .min_by_key(|(_, place, zones)| {
            let several = place.contains(';') || place.is_empty();
            (
                zones.split(';').count(),
                several,
                has_rules(place),
                // Always the same one of New York's zone.
                *place != "GA",
            )
        })
        .map(|(code, place, _)| (code, place))
        .ok_or_else(|| format!("no American place keeps the time of {zone}"))
}

fn has_rules(place: &str) -> bool {
    RULED.contains(place)
}

/// States with an enforced rule of their own or of a city.
static RULED: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    STATES
        .split("[[rule]]")
        .filter(|rule| rule.contains("action = \"enforce\""))
        .filter_map(|rule| rule.split_once("jurisdiction = \"")?.1.split('"').next())
        .map(|place| {
            place
                .trim_start_matches("US-")
                .split('-')
                .next()
                .unwrap_or(place)
        })
        .collect()
});

#[test]
fn the_usual_places_are_free_of_state_rules() {
    assert_eq!(
        zip("America/New_York").unwrap(),
        ("30001".to_owned(), "GA".to_owned())
    );
    for zone in [
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Los_Angeles",
    ] {
        let (_, state) = zip(zone).unwrap();
        assert!(!has_rules(&state), "{zone}: {state}");
        assert!(area_code(zone).is_ok());
    }
    assert!(zip("Europe/Paris").is_err());
}
