//! The export against an independent program.

use std::path::Path;

use super::fixtures::*;
use crate::ledger::export::export;
use crate::ledger::verify::verify;
use crate::ledger::*;

/// The export, recomputed by a program that shares no code with this one.
fn recomputed(ndjson: &[u8]) -> (bool, String) {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_export.py");
    let mut child = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may end before it has read everything: that is a finding, not a failure to write.
    drop(stdin.write_all(ndjson));
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    (
        output.status.success(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn ledger_7_an_export_is_recomputed_by_an_outsider_also_after_erasing() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), 5);
    let exported = || {
        let mut out = Vec::new();
        assert_eq!(export(dir.path(), Some("acme"), &mut out).unwrap().rows, 15);
        String::from_utf8(out).unwrap()
    };
    let head = verify(dir.path(), None).unwrap().tenants[0]
        .head_hash
        .clone();
    let text = exported();
    let line = format!("acme rows 15 head {head} erased 0\n");
    assert_eq!(recomputed(text.as_bytes()), (true, line));
    for (from, to) in [
        ("\\\"n\\\":7", "\\\"n\\\":8"),
        ("+15550000007", "+15550000008"),
        ("\"seq\":7,", "\"seq\":8,"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(
            !recomputed(text.replacen(from, to, 1).as_bytes()).0,
            "{from}"
        );
    }
    let without_one: Vec<&str> = text.lines().filter(|l| !l.contains("\"seq\":7,")).collect();
    assert!(!recomputed(without_one.join("\n").as_bytes()).0);
    assert_eq!(erase::erase(dir.path(), "acme", 7).unwrap(), 1);
    assert!(matches!(
        erase::erase(dir.path(), "acme", 16),
        Err(erase::EraseError::RowUnknown)
    ));
    assert!(matches!(
        erase::erase(dir.path(), "acne", 7),
        Err(erase::EraseError::RowUnknown)
    ));
    let text = exported();
    assert!(!text.contains("+15550000007") && text.contains("{\"erased\":true}"));
    assert_eq!(
        recomputed(text.as_bytes()),
        (true, format!("acme rows 15 head {head} erased 1\n"))
    );
    assert_eq!(verify(dir.path(), None).unwrap().tenants[0].erased, 1);
}
