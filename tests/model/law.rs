//! The enforced rules of states and the city, read from the pack as plain data.

use std::sync::LazyLock;

use super::local::day_of;
use super::places::pack_file;

/// One enforced rule.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rule {
    pub jurisdiction: String,
    pub kind: String,
    pub gate: String,
    /// None: any form.
    pub channels: Option<Vec<String>>,
    pub covered: Vec<String>,
    /// First and last day in force.
    pub from: Option<i64>,
    pub to: Option<i64>,
    /// Whether it forbids what federal law allows.
    pub stricter: bool,
    /// Its figures.
    pub values: toml::Table,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| read("enforce"));

/// Every enforced rule.
pub(crate) fn rules() -> &'static [Rule] {
    &RULES
}

fn read(action: &str) -> Vec<Rule> {
    let file: toml::Table = pack_file("states.toml").parse().expect("TOML");
    let all = file["rule"].as_array().expect("rules").iter();
    all.filter(|rule| rule["action"].as_str() == Some(action))
        .filter(|rule| rule["applies_to"].as_str() != Some("telemarketing"))
        .map(rule)
        .collect()
}

fn text(rule: &toml::Value, key: &str) -> String {
    let found = rule.get(key).and_then(toml::Value::as_str);
    found.unwrap_or_default().to_owned()
}

fn texts(value: Option<&toml::Value>) -> Vec<String> {
    let list = value.and_then(toml::Value::as_array);
    let all = list.into_iter().flatten();
    all.filter_map(toml::Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn day(rule: &toml::Value, key: &str) -> Option<i64> {
    let date = rule.get(key)?.as_datetime()?.date?;
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    Some(day_of(i64::from(date.year), month, day))
}

fn rule(rule: &toml::Value) -> Rule {
    let listed = rule.get("channels").filter(|channels| channels.is_array());
    let values = rule.get("values").and_then(toml::Value::as_table);
    Rule {
        jurisdiction: text(rule, "jurisdiction"),
        kind: text(rule, "kind"),
        gate: text(rule, "gate"),
        channels: listed.map(|channels| texts(Some(channels))),
        covered: texts(rule.get("covered_persons")),
        from: day(rule, "effective_from"),
        to: day(rule, "effective_to"),
        stricter: rule["stricter_than_federal"].as_bool() == Some(true),
        values: values.cloned().unwrap_or_default(),
    }
}

/// Kinds of rule whose text is modelled.
const MODELLED: &[&str] = &[
    "call_hours",
    "frequency",
    "licence",
    "attorney",
    "cease_request",
];

impl Rule {
    /// Whether the model says all that the rule says.
    pub(crate) fn modelled(&self) -> bool {
        MODELLED.contains(&&*self.kind)
    }

    /// A whole number among its figures.
    pub(crate) fn number(&self, key: &str) -> Option<i64> {
        self.values.get(key)?.as_integer()
    }

    /// A word among its figures.
    pub(crate) fn word(&self, key: &str) -> &str {
        let word = self.values.get(key).and_then(toml::Value::as_str);
        word.unwrap_or_default()
    }

    /// Whether its figures say so.
    pub(crate) fn says(&self, key: &str) -> bool {
        self.values.get(key).and_then(toml::Value::as_bool) == Some(true)
    }

    /// A window's days: `rolling_days`, `calendar_days`, `after_conversation_days`.
    pub(crate) fn window(&self, key: &str) -> Option<i64> {
        self.values.get("window")?.get(key)?.as_integer()
    }
}
