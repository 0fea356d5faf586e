//! A rule of a state or a city.

use super::gate::Gate;
use super::kinds::RuleKind;
use super::pack::RuleNo;
use super::scope::{AppliesTo, Confidence, CoveredPersons, DefaultAction, InForce, MediumSet};
use crate::domain::place::Jurisdiction;

/// A rule of a state or a city, with everything a gate must ask before it applies it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateRule {
    /// Its number in the pack; text and citation are found under it.
    pub no: RuleNo,
    /// Whose law it is.
    pub jurisdiction: Jurisdiction,
    /// What is done with it unless a tenant says otherwise.
    pub action: DefaultAction,
    /// What kind of contact it is about.
    pub applies_to: AppliesTo,
    /// The media it binds.
    pub media: MediumSet,
    /// The persons it binds.
    pub covers: CoveredPersons,
    /// The gate that evaluates it; `None` where there is nothing to evaluate.
    pub gate: Option<Gate>,
    /// Whether it forbids something federal law allows.
    pub stricter_than_federal: bool,
    /// How well its source was read.
    pub confidence: Confidence,
    /// When it is in force; asked with the consumer's local date.
    pub in_force: InForce,
    /// What it demands.
    pub kind: RuleKind,
}
