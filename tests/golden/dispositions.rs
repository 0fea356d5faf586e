//! The page of dispositions says what the table in the code does.

use dialgate::domain::outcome::{Reached, Reported, States};

fn row(word: Reported) -> String {
    let does = word.does();
    let reached = match does.reached {
        Reached::As(outcome) => format!("`{}`", outcome.as_str()),
        Reached::Spoken => "spoken".to_owned(),
    };
    let states = does.states.iter().map(|one| match one {
        States::Fact(kind) => format!("`{}`", kind.as_str()),
        States::Care(which) => format!("`vulnerability` {}", which.as_str()),
        States::Escalated(which) => format!("`escalation` {}", which.as_str()),
        States::Unusable => "address unusable".to_owned(),
    });
    let states: Vec<String> = states.collect();
    let states = states.join(", ");
    format!(
        "| `{}` | {reached} | {states} | {} |",
        word.as_str(),
        does.says
    )
}

#[test]
fn every_word_is_described_as_it_is() {
    let page = crate::docs::page("docs/dispositions.md");
    let head = "| `outcome` | attempt | states | |\n|---|---|---|---|\n";
    let (_, rest) = page.split_once(head).unwrap();
    let described: Vec<&str> = rest
        .lines()
        .take_while(|line| line.starts_with("| `"))
        .collect();
    let expected: Vec<String> = Reported::ALL.iter().map(|word| row(*word)).collect();
    assert_eq!(described, expected, "{}", expected.join("\n"));
}
