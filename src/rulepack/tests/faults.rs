//! Bad data: each fault is found, named by file, line and field, and none hides another.

use crate::rulepack::{self, FILE_BYTES_MAX, FILES, PackFiles};

/// The embedded pack with one text replaced in one file, once.
fn with(file: &str, old: &str, new: &str) -> PackFiles {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/rules");
    let text = std::fs::read_to_string(dir.join(file)).unwrap();
    assert!(text.contains(old), "{file} has no {old:?}");
    PackFiles::embedded().with(file, &text.replacen(old, new, 1))
}

/// The faults of the pack, as printed.
fn faults(files: &PackFiles) -> Vec<String> {
    match rulepack::read(files) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

const LOW: &str = "[[rule]]\nid = \"MA-FREQ-PERSONAL\"";

/// File, text, what stands there instead, part of the fault that must be found.
type Case = (&'static str, &'static str, &'static str, &'static str);

/// Faults in the rules of states.
const STATES: &[Case] = &[
    (
        "states.toml",
        "[[rule]]\nid = \"MA-FREQ-PERSONAL\"\njurisdiction = \"MA\"",
        "[[rule]]\nid = \"MA-FREQ-PERSONAL\"\njurisdiction = \"XX\"",
        "states.toml:6: rule.jurisdiction: \"XX\" is not a USPS code or US-NY-NYC",
    ),
    (
        "states.toml",
        "kind = \"frequency\"",
        "kind = \"frequncy\"",
        "states.toml:7: rule.kind: \"frequncy\" is not one of: call_hours,",
    ),
    (
        "states.toml",
        "gate = \"TIMING\"",
        "gate = \"TIME\"",
        "states.toml:8: rule.gate: \"TIME\" is not one of: ACCOUNT,",
    ),
    (
        "states.toml",
        "gate = \"TIMING\"\n",
        "",
        "states.toml:4: rule.gate: the enforced rule \"MA-FREQ-PERSONAL\" cannot be evaluated: it has no gate",
    ),
    (
        "states.toml",
        "action = \"enforce\"",
        "action = \"block\"",
        "states.toml:9: rule.action: \"block\" is not one of: enforce, flag, switch, off",
    ),
    (
        "states.toml",
        "applies_to = \"debt_collection\"",
        "applies_to = \"telemarketing\"",
        "states.toml:10: rule.applies_to: an enforced rule cannot apply to telemarketing",
    ),
    (
        "states.toml",
        "channels = [\"phone\", \"sms\"]",
        "channels = [\"phone\", \"telex\"]",
        "states.toml:11: rule.channels: \"telex\" is not one of: phone,",
    ),
    (
        "states.toml",
        "channels = [\"phone\", \"sms\"]",
        "channels = []",
        "states.toml:11: rule.channels: must be a list of texts",
    ),
    (
        "states.toml",
        "channels = [\"phone\", \"sms\"]",
        "channels = [\"sms\", \"sms\"]",
        "states.toml:11: rule.channels: \"sms\" occurs twice",
    ),
    (
        "states.toml",
        "\"debt_buyer\", \"creditor\"]",
        "\"debtor\"]",
        "states.toml:12: rule.covered_persons: \"debtor\" is not one of: third_party,",
    ),
    (
        "states.toml",
        "confidence = \"high\"",
        "confidence = \"low\"",
        "states.toml:15: rule.confidence: an enforced rule cannot have confidence \"low\"",
    ),
    (
        "states.toml",
        "stricter_than_federal = true",
        "stricter_than_federal = 1",
        "states.toml:13: rule.stricter_than_federal: must be true or false",
    ),
    (
        "states.toml",
        "limit = 2",
        "limit = -1",
        "states.toml:18: rule.values.limit: must be 0 to 1000",
    ),
    (
        "states.toml",
        "limit = 2",
        "limit = \"2\"",
        "states.toml:18: rule.values.limit: must be a whole number",
    ),
    (
        "states.toml",
        "limit = 2\n",
        "",
        "states.toml:17: rule.values.limit: missing",
    ),
    (
        "states.toml",
        "limit = 2",
        "limit = 2\nlimt = 3",
        "states.toml:19: rule.values.limt: unknown key",
    ),
    (
        "states.toml",
        "limit = 2",
        "known = false",
        "states.toml:17: rule.values: the enforced rule \"MA-FREQ-PERSONAL\" cannot be evaluated: it has no verified figures (known = false)",
    ),
    (
        "states.toml",
        "window = { rolling_days = 7 }",
        "window = { days = 7 }",
        "states.toml:19: rule.values.window: \"days\" is not one of: rolling_days,",
    ),
    (
        "states.toml",
        "window = { rolling_days = 7 }",
        "window = { rolling_days = 38 }",
        "states.toml:19: rule.values.window.rolling_days: must be 1 to 37",
    ),
    (
        "states.toml",
        "target = \"personal_number\"",
        "target = \"home\"",
        "states.toml:22: rule.values.target: \"home\" is not one of: anyone,",
    ),
    (
        "states.toml",
        "id = \"MA-FREQ-OTHER\"",
        "id = \"MA-FREQ-PERSONAL\"",
        "states.toml:26: rule.id: \"MA-FREQ-PERSONAL\" occurs twice",
    ),
    (
        "states.toml",
        "id = \"MA-FREQ-OTHER\"",
        "id = \"CALL_7_IN_7\"",
        "states.toml: rule.id: \"CALL_7_IN_7\" occurs twice",
    ),
    (
        "states.toml",
        LOW,
        "extra = 1\n\n[[rule]]\nid = \"MA-FREQ-PERSONAL\"",
        "states.toml:4: extra: unknown key",
    ),
    (
        "states.toml",
        "daily = [\"08:00\", \"21:00\"]",
        "daily = [\"21:00\", \"08:00\"]",
        "rule.values.daily: \"21:00 08:00\" is not two times of day",
    ),
    (
        "states.toml",
        "daily = [\"08:00\", \"21:00\"]",
        "daily = [\"08:00\", \"24:01\"]",
        "rule.values.daily: \"08:00 24:01\" is not two times of day",
    ),
    (
        "states.toml",
        "zone = \"America/New_York\"",
        "zone = \"America/Boston\"",
        "rule.values.zone: \"America/Boston\" is not an IANA zone",
    ),
    (
        "states.toml",
        "effective_from = 2026-09-01",
        "effective_from = \"2026-09-01\"",
        "rule.effective_from: must be a date without time",
    ),
    (
        "states.toml",
        "effective_from = 2026-09-01",
        "effective_from = 2026-09-01\neffective_to = 2026-08-31",
        "rule.effective_to: ends before it begins",
    ),
    (
        "states.toml",
        LOW,
        "[[rule]\nid = \"MA-FREQ-PERSONAL\"",
        "states.toml:4: ",
    ),
    (
        "states.toml",
        "daily = [\"08:00\", \"21:00\"]",
        "daily = [\"08:00\", \"08:00\"]",
        "rule.values.daily: \"08:00 08:00\" is not two times of day",
    ),
];

/// Faults in the other files.
const OTHERS: &[Case] = &[
    (
        "federal.toml",
        "id = \"CALL_7_IN_7\"",
        "id = \"CALL_8_IN_7\"",
        "rule.id: \"CALL_8_IN_7\" is not the id of a federal rule",
    ),
    (
        "federal.toml",
        "id = \"CALL_7_IN_7\"",
        "id = \"CALL_8_IN_7\"",
        "federal.toml: rule.id: \"CALL_7_IN_7\" is not given",
    ),
    (
        "federal.toml",
        "values = { open",
        "valus = { open",
        "rule.valus: unknown key",
    ),
    (
        "federal.toml",
        "close = \"21:00\"",
        "close = \"07:00\"",
        "rule.values.close: \"08:00 07:00\" is not a time of day",
    ),
    (
        "federal.toml",
        "limit = 3, days = 30",
        "limit = 3, days = 38",
        "rule.values.days: must be 1 to 37",
    ),
    (
        "federal.toml",
        "limit = 7",
        "limit = 0",
        "rule.values.limit: must be 1 to 100",
    ),
    (
        "federal.toml",
        "confidence = \"high\"",
        "confidence = \"low\"",
        "federal.toml:8: rule.confidence: an enforced rule cannot have confidence",
    ),
    (
        "pack.toml",
        "semantics = 5",
        "semantics = 6",
        "semantics: the pack was written for semantics 6, this program has 5",
    ),
    (
        "pack.toml",
        "review_by = 2027-06-30",
        "review_by = 2026-06-30",
        "review_by: ends before it begins",
    ),
    (
        "pack.toml",
        "version = ",
        "edition = ",
        "pack.toml:1: version: missing",
    ),
    (
        "holidays.toml",
        "day = 4",
        "day = 32",
        "holiday.day: must be 1 to 31",
    ),
    (
        "holidays.toml",
        "weekday = 1\nn = -1",
        "weekday = 1\nn = 0",
        "holiday.n: must be 1 to 4",
    ),
    (
        "holidays.toml",
        "id = \"MLK_DAY\"",
        "id = \"NEW_YEARS_DAY\"",
        "holiday.id: \"NEW_YEARS_DAY\" occurs twice",
    ),
    (
        "places.toml",
        "AK = [",
        "AB = [",
        "state_zones.AB: unknown key",
    ),
    (
        "places.toml",
        "America/Adak",
        "America/Adok",
        "is not IANA zones",
    ),
    (
        "places.toml",
        "\"11004\"",
        "\"1104\"",
        "city.zips: \"1104\" is not five digits",
    ),
    (
        "npa.csv",
        "npa,country",
        "npa,nation",
        "npa.csv:4: \"npa,nation,",
    ),
    (
        "npa.csv",
        "201,US,NJ",
        "201,US,NQ",
        "npa.csv:5: region: \"NQ\" is not a USPS code",
    ),
    (
        "npa.csv",
        "201,US,NJ",
        "0201,US,NJ",
        "npa.csv:5: npa: \"0201\" is not three digits",
    ),
    (
        "npa.csv",
        "202,US,DC",
        "201,US,DC",
        "npa.csv:6: npa: \"201\" occurs twice",
    ),
    (
        "npa.csv",
        "201,US,NJ,geographic,true",
        "201,US,NJ,geographic,yes",
        "npa.csv:5: in_service: \"yes\" is not one of: true, false",
    ),
    (
        "npa.csv",
        "201,US,NJ",
        "201,US,NJ,x",
        "npa.csv:5: malformed",
    ),
    (
        "zip3.csv",
        "006,PR",
        "006,PX",
        "zip3.csv:7: states: \"PX\" is not USPS codes",
    ),
    (
        "zip3.csv",
        "America/Puerto_Rico",
        "America/Puerto",
        "zip3.csv:7: zones: \"America/Puerto\" is not IANA zones",
    ),
    (
        "zip3.csv",
        "006,PR",
        "005,PR",
        "zip3.csv:7: zip3: \"005\" occurs twice",
    ),
];

/// RULES-2: confidence and telemarketing.
#[test]
fn every_kind_of_bad_data_has_its_fault() {
    let mut missed = Vec::new();
    for &(file, old, new, fault) in STATES.iter().chain(OTHERS) {
        let found = faults(&with(file, old, new));
        let named = |one: &String| one.starts_with(file) && one.contains(fault);
        if !found.iter().any(named) {
            missed.push((fault, found));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn a_rule_may_be_in_force_for_one_day() {
    let new = "effective_from = 2026-09-01\neffective_to = 2026-09-01";
    assert_eq!(
        faults(&with("states.toml", "effective_from = 2026-09-01", new)),
        [""; 0]
    );
}

#[test]
fn rules_that_hold_nothing_to_enforce_are_refused_by_kind() {
    let old = "kind = \"none_found\"\naction = \"off\"";
    let new = "kind = \"none_found\"\ngate = \"TIMING\"\naction = \"enforce\"";
    let found = faults(&with("states.toml", old, new));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].ends_with("it is of kind none_found, which forbids nothing"),
        "{found:?}"
    );
}

/// RULES-2: figures.
#[test]
fn an_enforced_rule_the_gates_cannot_evaluate_stops_the_start_by_name() {
    for (old, new, field, why) in [
        (
            "id = \"NY-FREQ-QUAL\"",
            "action = \"enforce\"",
            "kind",
            "it is of kind frequency_qualitative and carries no figures to measure a contact by",
        ),
        (
            "id = \"NV-MEDICAL-60\"",
            "notice = \"nv_medical\"",
            "values",
            "it demands a notice first and does not name it",
        ),
        (
            "id = \"DC-VISITS\"",
            "gate = \"CHANNEL\"",
            "gate",
            "it is of kind visit_ban, which TIMING does not evaluate",
        ),
        (
            "id = \"NYC-ELECTRONIC-CONSENT\"",
            "channels = [\"sms\", ",
            "channels",
            "it is about messages and binds a medium that carries none",
        ),
    ] {
        let id = old.split('"').nth(1).unwrap();
        let files = PackFiles::embedded();
        let text = files.text("states.toml").to_owned();
        let (before, after) = text.split_once(old).unwrap();
        let changed = match field {
            "kind" => after.replacen("action = \"flag\"", new, 1),
            "values" => after.replacen(&format!("{new}\n"), "", 1),
            "gate" => after.replacen(new, "gate = \"TIMING\"", 1),
            _ => after.replacen(new, "channels = [\"phone\", \"sms\", ", 1),
        };
        let found = faults(&files.with("states.toml", &format!("{before}{old}{changed}")));
        let expected = format!("rule.{field}: the enforced rule {id:?} cannot be evaluated: {why}");
        assert_eq!(found.len(), 1, "{id}: {found:?}");
        assert!(found[0].ends_with(&expected), "{found:?}");
    }
}

#[test]
fn faults_of_all_files_come_together() {
    let files = with("pack.toml", "version = ", "vers = ")
        .with("holidays.toml", "")
        .with("npa.csv", "npa\n")
        .with("zip3.csv", "")
        .with("places.toml", "= 1");
    let found = faults(&files);
    for file in [
        "pack.toml",
        "holidays.toml",
        "places.toml",
        "npa.csv",
        "zip3.csv",
    ] {
        assert!(
            found.iter().any(|one| one.starts_with(file)),
            "{file}: {found:#?}"
        );
    }
}

#[test]
fn files_that_cannot_be_read_are_all_named() {
    let dir = tempfile::tempdir().unwrap();
    let found = rulepack::load(dir.path()).unwrap_err();
    assert_eq!(found.len(), FILES.len());
    std::fs::write(dir.path().join("pack.toml"), vec![b'#'; FILE_BYTES_MAX + 1]).unwrap();
    let found = rulepack::load(dir.path()).unwrap_err();
    assert_eq!(
        found[0].to_string(),
        format!("pack.toml: larger than {FILE_BYTES_MAX} bytes")
    );
}
