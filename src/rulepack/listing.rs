//! A pack as a table to read: what `dialgate rules list` prints, and README.md beside the rules holds.

use std::fmt::Write as _;

use crate::domain::rules::{DefaultAction, FederalId, InForce, RulePack, RuleText, StateRule};

/// Every rule with its gate, default, citation and confidence, as a table in Markdown. The last
/// column says why no tenant can have it block; empty: it blocks already, or a tenant may.
pub fn markdown(pack: &RulePack) -> String {
    let mut out = String::from(
        "| rule | of | kind | gate | default | confidence | in force | citation | says | never blocks: it |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for (id, text) in FederalId::ALL.iter().zip(pack.texts()) {
        let default = if id.enforced() {
            DefaultAction::Enforce
        } else {
            DefaultAction::Flag
        };
        row(&mut out, text, ["US", "federal", default.name(), ""]);
    }
    for rule in pack.all_state_rules() {
        if let Some(text) = pack.rule(rule.no) {
            let why = why_not(rule);
            let place = rule.jurisdiction.as_str();
            let kind = rule.kind.name().name();
            row(&mut out, text, [place, kind, rule.action.name(), &why]);
        }
    }
    out
}

fn row(out: &mut String, text: &RuleText, [place, kind, default, why]: [&str; 4]) {
    let gate = text.gate.map_or("-", |gate| gate.name());
    let confidence = text.confidence.name();
    let dates = dates(text.in_force);
    // Writing to a String never fails.
    let _written = writeln!(
        out,
        "| `{}` | {place} | `{kind}` | {gate} | {default} | {confidence} | {dates} | {} | {} | {why} |",
        text.id,
        cell(&text.citation),
        cell(&text.sentence),
    );
}

fn why_not(rule: &StateRule) -> String {
    rule.enforceable()
        .err()
        .map_or_else(String::new, |why| why.to_string())
}

fn dates(in_force: InForce) -> String {
    let date = |word, date: Option<crate::domain::time::CivilDate>| {
        date.map_or_else(String::new, |date| format!("{word} {date}"))
    };
    let both = [date("from", in_force.from), date("to", in_force.to)];
    both.join(" ").trim().to_owned()
}

/// A text that does not end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
