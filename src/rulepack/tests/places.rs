//! What the embedded tables of places suggest.

use crate::domain::phone::PhoneNumber;
use crate::domain::place::{Jurisdiction, NpaClass, NpaKind, StateCode, Zip5};
use crate::domain::time::Zones;
use crate::rulepack;

fn phone(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

/// Zones and jurisdictions by name.
fn suggested(zip: &str, state: &str, phones: &[&str]) -> (Vec<&'static str>, Vec<&'static str>) {
    let pack = rulepack::embedded().unwrap();
    let (zip, state) = (Zip5::parse(zip), StateCode::parse(state));
    let places = pack
        .places()
        .suggest(zip, state, None, phones.iter().map(|text| phone(text)));
    let zones = places
        .zones()
        .iter()
        .map(|&zone| Zones::bundled().name(zone))
        .collect();
    (
        zones,
        places
            .jurisdictions()
            .iter()
            .map(Jurisdiction::as_str)
            .collect(),
    )
}

#[test]
fn every_fact_adds_its_places() {
    for (zip, state, phones, zones, jurisdictions) in [
        (
            "90210",
            "CA",
            &["212-555-0100"][..],
            &["America/Los_Angeles", "America/New_York"][..],
            &["CA", "NY", "US-NY-NYC"][..],
        ),
        ("90210", "", &[], &["America/Los_Angeles"], &["CA"]),
        (
            "",
            "TX",
            &[],
            &["America/Chicago", "America/Denver"],
            &["TX"],
        ),
        ("", "", &["800-555-0100", "500-555-0100"], &[], &[]),
        ("", "", &[], &[], &[]),
        // Military mail has no geography.
        ("09012", "AE", &[], &[], &["AE"]),
        // A Canadian number speaks of time, not of any state's law.
        (
            "",
            "NV",
            &["416-555-0100"],
            &["America/Denver", "America/Los_Angeles", "America/Toronto"],
            &["NV"],
        ),
        // The ZIP is unknown: the state's zones stand in.
        ("00099", "OH", &[], &["America/New_York"], &["OH"]),
        // ZIP and state contradict each other: both.
        (
            "90210",
            "NV",
            &[],
            &["America/Denver", "America/Los_Angeles"],
            &["CA", "NV"],
        ),
        // A prefix in three jurisdictions: the state decides, else all three.
        ("20505", "VA", &[], &["America/New_York"], &["VA"]),
        ("20505", "", &[], &["America/New_York"], &["DC", "MD", "VA"]),
        (
            "",
            "",
            &["928-555-0100"],
            &["America/Denver", "America/Phoenix"],
            &["AZ"],
        ),
    ] {
        let found = suggested(zip, state, phones);
        let expected: (Vec<_>, Vec<_>) = (zones.to_vec(), jurisdictions.to_vec());
        let by_name = |mut names: Vec<&'static str>| {
            names.sort_unstable();
            names
        };
        assert_eq!(by_name(found.0), expected.0, "{zip} {state} {phones:?}");
        assert_eq!(by_name(found.1), expected.1, "{zip} {state} {phones:?}");
    }
}

#[test]
fn new_york_city_by_zip_by_area_code_and_by_state_alone() {
    for (zip, state, phones, city) in [
        ("", "NY", &[][..], true),
        ("10001", "NY", &[], true),
        ("10499", "", &[], true),
        ("10501", "NY", &[], false),
        ("11004", "NY", &[], true),
        ("11005", "NY", &[], true),
        ("11003", "NY", &[], false),
        ("11101", "NY", &[], true),
        ("11501", "NY", &[], false),
        ("11601", "NY", &[], true),
        ("14201", "NY", &["917-555-0100"], true),
        ("14201", "NY", &["716-555-0100"], false),
        ("", "NJ", &[], false),
        ("", "", &["465-555-0100"], true),
    ] {
        assert_eq!(
            suggested(zip, state, phones).1.contains(&"US-NY-NYC"),
            city,
            "{zip} {state}"
        );
    }
}

#[test]
fn a_stated_zone_replaces_zones_and_no_law() {
    let pack = rulepack::embedded().unwrap();
    let stated = Zones::bundled().find("America/Denver").unwrap();
    let (zip, state) = (Zip5::parse("90210"), StateCode::parse("CA"));
    let places = pack
        .places()
        .suggest(zip, state, Some(stated), [phone("212-555-0100")]);
    assert_eq!(places.zones(), [stated]);
    let law: Vec<_> = places
        .jurisdictions()
        .iter()
        .map(Jurisdiction::as_str)
        .collect();
    assert_eq!(law, ["CA", "NY", "US-NY-NYC"]);
    let residence: Vec<_> = places
        .residence()
        .iter()
        .map(Jurisdiction::as_str)
        .collect();
    assert_eq!(residence, ["CA"]);
}

#[test]
fn area_codes_are_classified() {
    let pack = rulepack::embedded().unwrap();
    let class = |text| pack.places().npas().classify(phone(text));
    let state = |text| match class(text) {
        NpaClass::UsGeographic { state, .. } => state.as_str(),
        _ => "",
    };
    assert_eq!(
        [
            state("818-555-0100"),
            state("787-555-0100"),
            state("671-555-0100")
        ],
        ["CA", "PR", "GU"]
    );
    assert_eq!(
        class("833-555-0100"),
        NpaClass::UsNonGeographic(NpaKind::TollFree)
    );
    assert_eq!(
        class("500-555-0100"),
        NpaClass::UsNonGeographic(NpaKind::NonGeographic)
    );
    assert_eq!(
        class("710-555-0100"),
        NpaClass::UsNonGeographic(NpaKind::UsGovernment)
    );
    for foreign in ["416-555-0100", "242-555-0100", "600-555-0100"] {
        assert!(
            matches!(class(foreign), NpaClass::Foreign { .. }),
            "{foreign}"
        );
        assert!(!class(foreign).is_us());
    }
    // Not assigned; assigned but not yet in service.
    for unassigned in [
        "200-555-0100",
        "883-555-0100",
        "565-555-0100",
        "822-555-0100",
        "273-555-0100",
    ] {
        assert_eq!(class(unassigned), NpaClass::Unassigned, "{unassigned}");
    }
}
