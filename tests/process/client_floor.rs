//! The simulated floor of `examples/`, against the program.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::client::Gateway;

/// Where the examples of this build lie: beside the folder of this test's own program.
fn example(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let build = own.parent().and_then(Path::parent).unwrap();
    build.join("examples").join(name)
}

#[test]
fn the_floor_dials_reports_everything_and_ends() {
    let program = example("predictive_dialer");
    if !program.exists() {
        writeln!(
            std::io::stderr(),
            "skipped: the example is not built; `cargo test` without --test builds it"
        )
        .unwrap();
        return;
    }
    let gate = Gateway::open(&[]);
    fs::write(gate.house.path("token"), &gate.token).unwrap();
    let url = format!("http://{}", gate.server.address);
    let ran = gate
        .house
        .command(&program.display().to_string())
        .args([
            "--url",
            &url,
            "--token-file",
            "token",
            "--seconds",
            "2",
            "--plain",
        ])
        .args([
            "--seed",
            "7",
            "--speed",
            "50",
            "--agents",
            "6",
            "--accounts",
            "200",
        ])
        .output()
        .unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(
        ran.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(
        said.starts_with("seed 7\nportfolio {\"applied\":200,"),
        "{said}"
    );
    assert!(!said.contains('\x1b'), "plain");
    let last = said
        .lines()
        .rfind(|line| line.contains(" s  agents "))
        .unwrap();
    let count = |name: &str| -> u64 {
        let words: Vec<&str> = last.split_whitespace().collect();
        let at = words.iter().position(|word| *word == name).unwrap();
        words[at + 1].parse().unwrap()
    };
    assert!(count("asked") > 0, "{said}");
    assert_eq!(count("dialed"), count("reported"), "{said}");
    // At any hour of the day: nothing was blocked for a fault of the floor's own.
    for fault in [
        "timeout",
        "busy",
        "refused",
        "garbled",
        "not_decided",
        "no_token",
    ] {
        assert!(!said.contains(&format!("blocked by {fault}")), "{said}");
    }
    let decided = gate.decisions() as u64;
    assert_eq!(decided, count("asked"), "{said}");
}
