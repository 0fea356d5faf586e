//! Every invariant that ARCHITECTURE.md lists is named by a test: in its comment or a message, as
//! `ENGINE-2`, or in its own name, as in `engine_2_an_allow_leaves_exactly_one_reservation`.

use std::path::{Path, PathBuf};

use super::docs;

/// The names in the table of ARCHITECTURE.md, which holds all that `src` numbers.
fn listed() -> Vec<String> {
    let page = docs::page("ARCHITECTURE.md");
    let (_, table) = page
        .split_once("| invariants | in | gist |\n|---|---|---|\n")
        .unwrap();
    let rows = table.lines().take_while(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.strip_prefix("| ")?.split(" | ").next());
    cells.flat_map(docs::names).collect()
}

/// Every source file below a folder of the crate.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// What of a file of `src` is tests.
fn tests_of<'t>(path: &str, text: &'t str) -> &'t str {
    let whole = path.ends_with("tests.rs") || path.contains("/tests/");
    if whole {
        return text;
    }
    text.split_once("\n#[cfg(test)]\nmod tests {")
        .map_or("", |(_, tests)| tests)
}

/// Whether tests say an invariant's name, or a function's begins with it.
fn is_named(tests: &str, name: &str) -> bool {
    let in_a_name = format!("fn {}_", name.to_lowercase().replace('-', "_"));
    let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let bytes = tests.as_bytes();
    let alone = |(at, _): (usize, &str)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let after = bytes.get(at + name.len());
        !before.is_some_and(goes_on) && !after.is_some_and(u8::is_ascii_digit)
    };
    tests.contains(&in_a_name) || tests.match_indices(name).any(alone)
}

#[test]
fn every_invariant_is_named_by_a_test() {
    let mut tests = String::new();
    for path in sources("src") {
        let text = std::fs::read_to_string(&path).unwrap();
        tests.push_str(tests_of(path.to_str().unwrap(), &text));
    }
    for path in sources("tests") {
        if !path.ends_with("golden/invariants.rs") {
            tests.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
    let listed = listed();
    assert!(listed.len() >= 140, "only {} were found", listed.len());
    let unnamed = listed.iter().filter(|name| !is_named(&tests, name));
    let unnamed: Vec<&String> = unnamed.collect();
    assert_eq!(unnamed, [""; 0], "named by no test");
}

#[test]
fn a_name_counts_where_a_test_says_it_and_nowhere_else() {
    for (text, counts) in [
        ("/// SOR-1: so it is.", true),
        ("    // SOR-1", true),
        ("fn sor_1_so_it_is() {", true),
        ("assert!(is_so, \"SOR-1\");", true),
        ("/// INGEST-SOR-1 and SOR-12.", false),
        ("fn ingest_sor_1_so_it_is() {", false),
    ] {
        assert_eq!(is_named(text, "SOR-1"), counts, "{text}");
    }
    let file = "//! - SOR-1: so it is.\n\n#[cfg(test)]\nmod tests {\n    /// SOR-2.\n}\n";
    assert_eq!(tests_of("src/sor/mod.rs", file), "\n    /// SOR-2.\n}\n");
    assert_eq!(tests_of("src/sor/tests.rs", file), file);
    assert_eq!(tests_of("src/sor/mod.rs", "//! - SOR-1: so.\n"), "");
}
