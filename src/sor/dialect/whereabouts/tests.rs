//! Places in every spelling, and what a record holds of them.

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
