//! Reads `states.toml`: the rules of states and of the city.

use std::collections::BTreeSet;

use super::error::RuleProblem;
use super::fields::Fields;
use super::kinds;
use super::source::Source;
use crate::domain::place::Jurisdiction;
use crate::domain::rules::{
    AppliesTo, Confidence, CoveredPerson, DefaultAction, Gate, InForce, KindName, Medium,
    MediumSet, RuleNo, RuleText, StateRule, Unenforceable,
};

/// Reads the file; `None` when it is no TOML. Other faults are noted and the rule left out.
pub(super) fn read(source: &Source<'_>) -> Option<Vec<(StateRule, RuleText)>> {
    let root = source.parse()?;
    let file = Fields::new(source, root.get_ref(), root.span(), "");
    let mut rules = Vec::new();
    let mut seen = BTreeSet::new();
    for rule in file.tables("rule") {
        if let Some(id) = rule.text("id")
            && !seen.insert(id.to_owned())
        {
            rule.fault("id", RuleProblem::Duplicate(id.to_owned()));
        }
        rules.extend(read_rule(rule));
    }
    file.finish();
    Some(rules)
}

fn read_rule(rule: Fields<'_>) -> Option<(StateRule, RuleText)> {
    let id = rule.text("id");
    let jurisdiction = rule.parsed(
        "jurisdiction",
        "a USPS code or US-NY-NYC",
        Jurisdiction::parse,
    );
    let kind_name = rule.choice("kind", &KindName::ALL, KindName::name);
    let gate = read_gate(&rule);
    let action = rule.choice("action", &DefaultAction::ALL, DefaultAction::name);
    let applies_to = rule.choice("applies_to", &AppliesTo::ALL, AppliesTo::name);
    let media = read_media(&rule);
    let covers = rule.choices("covered_persons", &CoveredPerson::ALL, CoveredPerson::name);
    let stricter = rule.truth("stricter_than_federal");
    let citation = rule.text("citation");
    let sentence = rule.text("sentence");
    let confidence = rule.choice("confidence", &Confidence::ALL, Confidence::name);
    let in_force = read_dates(&rule);
    let kind = kind_name
        .zip(media)
        .and_then(|(name, media)| kinds::read(name, media, rule.opt_table("values"), &rule));
    let assemble = || {
        Some(StateRule {
            no: RuleNo(0),
            jurisdiction: jurisdiction?,
            action: action?,
            applies_to: applies_to?,
            media: media?,
            covers: covers?.into_iter().collect(),
            gate: gate?,
            stricter_than_federal: stricter?,
            confidence: confidence?,
            in_force: in_force?,
            kind: kind?,
        })
    };
    let read = assemble();
    if let Some(read) = read
        .as_ref()
        .filter(|read| read.action == DefaultAction::Enforce)
    {
        refuse_unenforceable(&rule, read);
    }
    rule.finish();
    let read = read?;
    let text = RuleText {
        id: id?.into(),
        citation: citation?.into(),
        sentence: sentence?.into(),
        gate: read.gate,
        confidence: read.confidence,
        in_force: read.in_force,
    };
    Some((read, text))
}

/// What may never block by default.
fn refuse_unenforceable(rule: &Fields<'_>, read: &StateRule) {
    if read.confidence == Confidence::Low {
        rule.fault("confidence", RuleProblem::EnforcedLowConfidence);
    }
    if read.applies_to == AppliesTo::Telemarketing {
        rule.fault("applies_to", RuleProblem::EnforcedTelemarketing);
    }
    if let Err(why) = read.enforceable() {
        let field = match why {
            Unenforceable::WithoutGate | Unenforceable::OtherGate { .. } => "gate",
            Unenforceable::ForbidsNothing(_) | Unenforceable::WithoutFigures(_) => "kind",
            Unenforceable::NotMessages => "channels",
            Unenforceable::Unverified
            | Unenforceable::StateHolidays
            | Unenforceable::NoticeUnnamed
            | Unenforceable::Enforced => "values",
        };
        let id = rule.opt_text("id").unwrap_or_default().to_owned();
        rule.fault(field, RuleProblem::CannotBeEvaluated { id, why });
    }
}

/// `gate`: one of the twelve; `AUDIT` (a duty the ledger meets) and absence are none of them. The
/// outer `None` is a fault.
#[expect(
    clippy::option_option,
    reason = "outer: readable or not; inner: has a gate or not"
)]
pub(super) fn read_gate(rule: &Fields<'_>) -> Option<Option<Gate>> {
    if !rule.has("gate") || rule.is_text("gate", "AUDIT") {
        return Some(None);
    }
    rule.choice("gate", &Gate::ALL, Gate::name).map(Some)
}

/// `effective_from` and `effective_to`; `None` is a fault.
pub(super) fn read_dates(rule: &Fields<'_>) -> Option<InForce> {
    let from = rule.opt_date("effective_from");
    let to = rule.opt_date("effective_to");
    if (rule.has("effective_from") && from.is_none()) || (rule.has("effective_to") && to.is_none())
    {
        return None;
    }
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        rule.fault("effective_to", RuleProblem::EndsBeforeStart);
        return None;
    }
    Some(InForce { from, to })
}

/// `channels`: a list of media, or `"any_form"` for every one.
fn read_media(rule: &Fields<'_>) -> Option<MediumSet> {
    if rule.is_text("channels", "any_form") {
        return Some(MediumSet::ANY_FORM);
    }
    let media = rule.choices("channels", &Medium::ALL, Medium::name)?;
    Some(media.into_iter().collect())
}
