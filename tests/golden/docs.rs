//! `docs/`: every gate, code, word, scope, fault and metric stands there as the program spells it.

use std::path::Path;

use dialgate::domain::verdict::{Code, Gate};
use dialgate::domain::words::{
    Action, Channel, DialMode, Inbound, KillScope, PartyRole, PlaceKind, Purpose,
};
use dialgate::gateway::door::SystemError;
use dialgate::telemetry::Metrics;
use dialgate::wire::disposition;
use dialgate::wire::scopes::Scope;

pub(crate) fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(path).unwrap()
}

/// The rows of the code table in a gate's section.
fn rows(page: &str, gate: Gate) -> Vec<&str> {
    let heading = format!("\n## G{} {}\n", gate.ordinal(), gate.as_str());
    let (_, section) = page
        .split_once(&heading)
        .unwrap_or_else(|| panic!("no {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let numbered = |line: &&str| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit();
    section.lines().filter(numbered).collect()
}

/// Words that do not stand in the page as code.
fn missing<'w>(page: &str, words: impl IntoIterator<Item = &'w str>) -> Vec<&'w str> {
    let said = |word: &&str| !page.contains(&format!("`{word}`"));
    words.into_iter().filter(said).collect()
}

#[test]
fn every_code_is_described_under_its_gate_in_order() {
    let page = page("docs/gates.md");
    for gate in Gate::ALL {
        let codes = Code::ALL.iter().filter(|code| code.gate() == gate);
        let expected: Vec<String> = codes
            .map(|code| {
                let (number, word, text) = (code.number(), code.as_str(), code.text());
                format!(
                    "| {number} | `{word}` | {} | {} |",
                    text.sentence, text.source
                )
            })
            .collect();
        assert_eq!(rows(&page, gate), expected, "{}", gate.as_str());
    }
}

#[test]
fn integrators_find_every_word_scope_and_fault() {
    let page = page("docs/integrating.md");
    let words: [Vec<&str>; 7] = [
        Channel::ALL.iter().map(|word| word.as_str()).collect(),
        Action::ALL.iter().map(|word| word.as_str()).collect(),
        PartyRole::ALL.iter().map(|word| word.as_str()).collect(),
        DialMode::ALL.iter().map(|word| word.as_str()).collect(),
        Purpose::ALL.iter().map(|word| word.as_str()).collect(),
        Inbound::ALL.iter().map(|word| word.as_str()).collect(),
        PlaceKind::ALL.iter().map(|word| word.as_str()).collect(),
    ];
    assert_eq!(missing(&page, words.concat()), [""; 0]);
    assert_eq!(missing(&page, Scope::ALL.map(Scope::as_str)), [""; 0]);
    let faults = SystemError::ALL.map(|error| error.fault().code);
    assert_eq!(missing(&page, faults), [""; 0]);
}

#[test]
fn every_outcome_described_is_one_that_may_be_reported() {
    let page = page("docs/integrating.md");
    let (_, table) = page
        .split_once("| `outcome` | when | counts |\n|---|---|---|\n")
        .unwrap();
    let rows = table.lines().take_while(|line| line.starts_with("| `"));
    let words: Vec<&str> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    assert_eq!(words.len(), 6);
    for word in words {
        let body = format!(r#"{{"audit_id":1,"outcome":"{word}"}}"#);
        assert!(disposition::decode(body.as_bytes()).is_ok(), "{word}");
    }
}

/// TELEMETRY-2: each stands on the operators' page.
#[test]
fn operators_find_every_metric_and_switch() {
    let page = page("docs/operating.md");
    let metrics = Metrics::new().render();
    let typed = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "));
    let names: Vec<&str> = typed.filter_map(|rest| rest.split(' ').next()).collect();
    assert_eq!(names.len(), 33);
    assert_eq!(missing(&page, names), [""; 0]);
    assert_eq!(
        missing(&page, KillScope::ALL.iter().map(|word| word.as_str())),
        [""; 0]
    );
}

/// Targets of a page's links that are paths, without fragments.
fn links(page: &str) -> Vec<&str> {
    let targets = page
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let local = |target: &&str| !target.contains("://") && !target.is_empty();
    targets
        .filter(local)
        .map(|target| target.split('#').next().unwrap_or(target))
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut followed = 0;
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "config/README.md",
        "config/portfolio.md",
        "config/rules/README.md",
        "docs/api.md",
        "docs/dialers.md",
        "docs/gates.md",
        "docs/integrating.md",
        "docs/ledger.md",
        "docs/operating.md",
        "docs/transport.md",
        "loadtest/README.md",
    ] {
        let text = page(name);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let folder = folder.parent().unwrap();
        for target in links(&text) {
            assert!(folder.join(target).exists(), "{name}: {target}");
            followed += 1;
        }
    }
    assert!(followed >= 20, "{followed} links seen");
}

/// `PREFIX-1`..`9` or `PREFIX-1` as the names it stands for.
pub(crate) fn names(cell: &str) -> Vec<String> {
    let mut all = Vec::new();
    for part in cell.split(", ") {
        let mut ends = part.split("..").map(|end| end.trim_matches('`'));
        let (prefix, first) = ends.next().unwrap().rsplit_once('-').unwrap();
        let (first, last): (u8, u8) = (
            first.parse().unwrap(),
            ends.next().unwrap_or(first).parse().unwrap(),
        );
        all.extend((first..=last).map(|n| format!("{prefix}-{n}")));
    }
    all
}

#[test]
fn every_invariant_listed_stands_in_the_file_named() {
    let page = page("ARCHITECTURE.md");
    let (_, table) = page
        .split_once("| invariants | in | gist |\n|---|---|---|\n")
        .unwrap();
    let mut seen = 0;
    for row in table.lines().take_while(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let files = cells[1]
            .split(", ")
            .map(|file| self::page(file.trim_matches('`')));
        let text: String = files.collect();
        for name in names(cells[0].trim_start_matches("| ")) {
            assert!(text.contains(&name), "{name} is not in {}", cells[1]);
            seen += 1;
        }
    }
    assert!(seen >= 130, "only {seen} were found");
}

/// The other way round: what a room numbers is listed.
#[test]
fn every_invariant_of_a_file_is_listed() {
    let page = page("ARCHITECTURE.md");
    let (_, table) = page.split_once("| invariants | in | gist |\n").unwrap();
    let cells = table.lines().take_while(|line| line.starts_with('|'));
    let listed = cells.filter_map(|row| row.strip_prefix("| `")?.split(" | ").next());
    let listed: Vec<String> = listed.flat_map(|cell| names(&format!("`{cell}"))).collect();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                let Some(numbered) = line.strip_prefix("//! - ") else {
                    continue;
                };
                let (name, _) = numbered.split_once(": ").unwrap_or_default();
                let number = name
                    .rsplit_once('-')
                    .map(|(_, number)| number.parse::<u8>());
                if number.is_some_and(|number| number.is_ok()) {
                    assert!(listed.iter().any(|one| one == name), "{path:?}: {name}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen >= 120, "only {seen} were found");
}
