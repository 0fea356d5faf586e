//! The wall between the rooms, and the sizes of files. rustc cannot check layers inside one crate.
//!
//! Reads every source file of the crate as text. A line that breaks a rule is named by file and
//! line. The rules themselves are tested on samples at the end: a wall that cannot fail is none.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file at most, inline tests not counted.
const FILE_LINES_MAX: usize = 500;
/// Lines of inline tests at most; longer ones go to a sibling `tests.rs`.
const INLINE_TEST_LINES_MAX: usize = 100;

/// What each room may import of this crate (ARCHITECTURE.md, "Rooms"). A room may always import
/// itself. `telemetry` and `clock` are handed down as arguments, so the rooms that take them name
/// their types.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("wire", &["domain"]),
    ("engine", &["domain", "wire"]),
    ("ledger", &["domain", "wire", "clock"]),
    ("rulepack", &["domain"]),
    ("sor", &["domain", "wire", "clock", "trust"]),
    (
        "gateway",
        &[
            "domain",
            "wire",
            "engine",
            "ledger",
            "rulepack",
            "sor",
            "clock",
            "telemetry",
        ],
    ),
    ("transport", &["domain", "wire", "gateway"]),
    ("client", &["domain", "wire", "clock", "trust"]),
    ("clock", &["domain"]),
    ("trust", &[]),
    ("telemetry", &["domain"]),
];

/// Crates that only some rooms may name: the pure rooms know no socket, file, thread, lock, log.
const PURE_ROOMS: &[&str] = &["domain", "wire", "engine"];
const IMPURE: &[&str] = &[
    "tokio::",
    "hyper::",
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
    "std::process",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "tracing::",
    "metrics::",
    "redb::",
    "crossbeam::",
    "SystemTime",
    "Instant::now",
];
/// Crates that have one file or room of their own.
const OWN_PLACE: &[(&str, &[&str])] = &[
    ("jsonwebtoken::", &["transport/auth"]),
    (
        "aws_lc_rs::",
        &[
            "transport/auth",
            "transport/tls",
            "transport/webhook",
            "sor/upstream",
            "trust.rs",
        ],
    ),
    ("redb::", &["ledger/", "sor/sandbox/", "sor/outbox/"]),
    ("clap::", &["cli/"]),
    ("h3::", &["transport/h3/"]),
    ("h3_quinn::", &[]),
    ("metrics_exporter_prometheus::", &["telemetry/"]),
];

/// Names that say nothing.
const EMPTY_NAMES: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "misc", "manager",
];
/// Words that leave work behind.
const UNFINISHED: &[&str] = &["TODO", "FIXME", "XXX", "HACK", "#[ignore", "#[should_panic"];

/// Every finding in one file. `path` is relative to `src/`.
fn findings(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (body, tests) = split_tests(text);
    let mut note = |line: usize, what: &str| found.push(format!("src/{path}:{line}: {what}"));
    if !text.starts_with("//!") {
        note(1, "does not begin with a //! line");
    }
    if body.len() > FILE_LINES_MAX && !is_tests(path) {
        note(body.len(), "is longer than a file may be");
    }
    if tests > INLINE_TEST_LINES_MAX {
        note(
            body.len(),
            "has inline tests that belong into a sibling tests.rs",
        );
    }
    let stem = path.trim_end_matches(".rs").split('/');
    for name in stem.filter(|name| EMPTY_NAMES.contains(name)) {
        note(1, &format!("{name} says nothing"));
    }
    for (number, line) in text.lines().enumerate() {
        for what in line_findings(path, line, number < body.len() && !is_tests(path)) {
            note(number + 1, &what);
        }
    }
    found
}

/// What one line breaks. Tests may reach further, but leave no work behind either.
fn line_findings(path: &str, line: &str, is_body: bool) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(word) = UNFINISHED.iter().find(|word| contains_word(line, word)) {
        found.push(format!("{word} leaves work behind"));
    }
    if line.contains("super::super") {
        found.push("super::super: name the path from the crate".to_owned());
    }
    let code = line.split("//").next().unwrap_or_default();
    if !is_body || code.trim().is_empty() {
        return found;
    }
    let room = room_of(path);
    if let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) {
        for named in rooms_named(code) {
            if named != room && is_room(named) && !may.contains(&named) {
                found.push(format!("{room} may not import {named}"));
            }
        }
    }
    if PURE_ROOMS.contains(&room) {
        let impure = IMPURE.iter().filter(|name| code.contains(**name));
        found.extend(impure.map(|name| format!("{room} is pure and names {name}")));
    }
    for (name, places) in OWN_PLACE {
        if code.contains(name) && !places.iter().any(|place| path.starts_with(place)) {
            found.push(format!("{name} is named outside {}", places.join(", ")));
        }
    }
    found
}

/// Whether `word` stands in the line on its own: `XXX` is not in `NXXXXXX`.
fn contains_word(line: &str, word: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line.get(..at), line.get(at + word.len()..));
        let before = before.and_then(|text| text.chars().next_back());
        !letter(before) && !letter(after.and_then(|text| text.chars().next()))
    })
}

/// Rooms a line names after `crate::`, also within braces: `use crate::{domain::x, wire};`.
fn rooms_named(code: &str) -> Vec<&str> {
    let mut all = Vec::new();
    for after in code.split("crate::").skip(1) {
        if let Some(list) = after.strip_prefix('{') {
            all.extend(list.split(['{', '}', ',']).map(first_word));
        } else {
            all.push(first_word(after));
        }
    }
    all
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default()
}

/// Whether a name after `crate::` is a room; macros and re-exports are not.
fn is_room(name: &str) -> bool {
    ROOMS.iter().any(|(room, _)| *room == name) || matches!(name, "app" | "app_parts" | "cli")
}

fn room_of(path: &str) -> &str {
    path.split('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".rs")
}

fn is_tests(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

/// The lines before the inline test module, and how many lines that module has.
fn split_tests(text: &str) -> (Vec<&str>, usize) {
    let lines: Vec<&str> = text.lines().collect();
    let inline = lines.windows(2).position(|pair| {
        pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
    });
    let at = inline.unwrap_or(lines.len());
    let tests = lines.len() - at;
    (lines[..at].to_vec(), tests)
}

fn rust_files(dir: &Path, into: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, into)?;
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            into.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_keeps_the_rules() {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        rust_files(&src, &mut files).unwrap();
        files.sort();
        assert!(files.len() > 50, "only {} files found", files.len());
        let mut told = String::new();
        for file in &files {
            let text = fs::read_to_string(file).unwrap();
            let path = file.strip_prefix(&src).unwrap().to_str().unwrap();
            for line in findings(path, &text) {
                writeln!(told, "{line}").unwrap();
            }
        }
        assert!(told.is_empty(), "\n{told}");
    }

    #[test]
    fn what_stands_beside_the_source_leaves_no_work_behind() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        for dir in ["tests", "benches", "fuzz/fuzz_targets", "loadtest/src"] {
            let dir = root.join(dir);
            if dir.is_dir() {
                rust_files(&dir, &mut files).unwrap();
            }
        }
        files.sort();
        files.retain(|file| !file.ends_with("tests/tidy.rs"));
        let mut told = String::new();
        for file in &files {
            let text = fs::read_to_string(file).unwrap();
            let path = file.strip_prefix(root).unwrap().display();
            if !text
                .trim_start_matches("#![no_main]")
                .trim_start()
                .starts_with("//!")
            {
                writeln!(told, "{path}: does not begin with a //! line").unwrap();
            }
            for (number, line) in text.lines().enumerate() {
                for what in line_findings("", line, false) {
                    writeln!(told, "{path}:{}: {what}", number + 1).unwrap();
                }
            }
        }
        assert!(told.is_empty(), "\n{told}");
    }

    /// The wall can fail, for each reason.
    #[test]
    fn each_rule_finds_its_breach() {
        let long = format!("//! x\n{}", "fn x() {}\n".repeat(FILE_LINES_MAX));
        let body = "#[cfg(test)]\nmod tests {\n";
        let long_tests = format!(
            "//! x\n{body}{}}}\n",
            "// x\n".repeat(INLINE_TEST_LINES_MAX)
        );
        for (path, text, expected) in [
            ("domain/x.rs", "fn x() {}\n", "begin with"),
            ("domain/x.rs", long.as_str(), "longer"),
            ("domain/x.rs", long_tests.as_str(), "sibling"),
            ("wire/utils.rs", "//! x\n", "utils says nothing"),
            ("wire/x.rs", "//! x\n// TODO later\n", "TODO"),
            ("wire/x.rs", "//! x\nuse super::super::y;\n", "super::super"),
            (
                "domain/x.rs",
                "//! x\nuse crate::wire::y;\n",
                "domain may not import wire",
            ),
            (
                "wire/x.rs",
                "//! x\nuse crate::{domain::a, ledger::b};\n",
                "may not import ledger",
            ),
            (
                "transport/x.rs",
                "//! x\nlet a = crate::engine::y();\n",
                "may not import engine",
            ),
            (
                "ledger/x.rs",
                "//! x\nuse crate::gateway::y;\n",
                "may not import gateway",
            ),
            (
                "gateway/x.rs",
                "//! x\nuse crate::cli::y;\n",
                "may not import cli",
            ),
            (
                "engine/x.rs",
                "//! x\nuse std::fs::File;\n",
                "engine is pure and names std::fs",
            ),
            (
                "domain/x.rs",
                "//! x\nfn x() { tokio::spawn(y) }\n",
                "pure and names tokio::",
            ),
            (
                "gateway/x.rs",
                "//! x\nuse jsonwebtoken::encode;\n",
                "outside transport/auth",
            ),
        ] {
            let found = findings(path, text);
            assert!(
                found.iter().any(|line| line.contains(expected)),
                "{expected}: {found:?}"
            );
        }
    }

    #[test]
    fn what_is_permitted_passes() {
        for (path, text) in [
            ("wire/x.rs", "//! x\nuse crate::domain::y;\n"),
            (
                "gateway/x.rs",
                "//! x\nuse crate::{engine::a, ledger::b};\n",
            ),
            (
                "domain/x.rs",
                "//! x\n// speaks of crate::wire and std::fs\n",
            ),
            (
                "domain/x.rs",
                "//! x\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n",
            ),
            ("domain/tests.rs", "//! x\nuse crate::rulepack;\n"),
            ("domain/x.rs", "//! x\n// NPA is NXXXXXX\n"),
            ("cli/x.rs", "//! x\nuse crate::transport::auth::sign;\n"),
        ] {
            assert_eq!(findings(path, text), Vec::<String>::new(), "{path}: {text}");
        }
    }
}
