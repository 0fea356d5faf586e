//! Rules of states laid out for the gates: by jurisdiction, so that a case looks at its own only.

use super::own::OwnRules;
use super::pack::RulePack;
use super::scope::{AppliesTo, CoveredPerson, DefaultAction};
use super::state::StateRule;
use crate::domain::place::{Jurisdiction, JurisdictionSet};

/// The rules that decide: the pack's own, or those of a tenant that took further ones on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleSet {
    enforced: ByPlace,
    flagged: ByPlace,
}

/// Rules sorted by jurisdiction.
#[derive(Clone, PartialEq, Eq, Debug)]
struct ByPlace {
    rules: Box<[StateRule]>,
    spans: Box<[(u16, u16)]>,
    places: JurisdictionSet,
}

impl RuleSet {
    /// What the pack enforces and flags of `rules`, telemarketing left out.
    pub(super) fn by_default(rules: &[StateRule]) -> Self {
        let of_action = |action| {
            let meant = rules.iter().filter(|rule| {
                rule.action == action && rule.applies_to != AppliesTo::Telemarketing
            });
            ByPlace::new(meant.cloned().collect())
        };
        Self {
            enforced: of_action(DefaultAction::Enforce),
            flagged: of_action(DefaultAction::Flag),
        }
    }

    /// The same with what a tenant took on; `None` when it took nothing on.
    pub fn of_tenant(pack: &RulePack, own: &OwnRules) -> Option<Self> {
        if own.enforce.is_empty() && own.flag.is_empty() {
            return None;
        }
        let named = |ids: &[Box<str>]| -> Vec<&StateRule> {
            let numbers: Vec<_> = ids.iter().filter_map(|id| pack.find(id)).collect();
            let all = pack.all_state_rules().iter();
            all.filter(|rule| numbers.contains(&rule.no)).collect()
        };
        let (enforce, flag) = (named(&own.enforce), named(&own.flag));
        let kept = |rules: &ByPlace, but: &[&[&StateRule]]| -> Vec<StateRule> {
            let taken = |rule: &&StateRule| !but.iter().flat_map(|b| *b).any(|b| b.no == rule.no);
            rules.rules.iter().filter(taken).cloned().collect()
        };
        let pack = pack.rules();
        let mut enforced = kept(&pack.enforced, &[&enforce]);
        enforced.extend(enforce.iter().map(|rule| taken_on(rule)));
        let mut flagged = kept(&pack.flagged, &[&enforce, &flag]);
        let enforced_anyway = |rule: &&&StateRule| enforced.iter().all(|e| e.no != rule.no);
        let noted = flag.iter().filter(enforced_anyway);
        flagged.extend(noted.map(|rule| taken_on(rule)));
        Some(Self {
            enforced: ByPlace::new(enforced),
            flagged: ByPlace::new(flagged),
        })
    }

    /// Every enforced rule.
    pub fn enforced(&self) -> &[StateRule] {
        &self.enforced.rules
    }

    /// Every rule that is only noted.
    pub fn flagged(&self) -> &[StateRule] {
        &self.flagged.rules
    }

    /// The enforced rules of every jurisdiction in the set, jurisdiction by jurisdiction, each in order
    /// of number. Media, persons and dates are the caller's to ask.
    pub fn enforced_in(&self, set: JurisdictionSet) -> impl Iterator<Item = &StateRule> {
        self.enforced.within(set)
    }

    /// The rules of every jurisdiction in the set that are only noted.
    pub fn flagged_in(&self, set: JurisdictionSet) -> impl Iterator<Item = &StateRule> {
        self.flagged.within(set)
    }
}

/// A rule a tenant took on. One about sales calls binds only those who sell; whoever takes it on
/// wants to be held to it as if they did.
fn taken_on(rule: &StateRule) -> StateRule {
    let mut rule = rule.clone();
    if rule.covers.contains(CoveredPerson::Solicitor) {
        rule.covers = CoveredPerson::ALL.into_iter().collect();
    }
    rule
}

impl ByPlace {
    fn new(mut rules: Vec<StateRule>) -> Self {
        rules.sort_by_key(|rule| (rule.jurisdiction, rule.no));
        Self {
            spans: spans(&rules),
            places: rules.iter().map(|rule| rule.jurisdiction).collect(),
            rules: rules.into_boxed_slice(),
        }
    }

    fn of(&self, jurisdiction: Jurisdiction) -> &[StateRule] {
        self.spans
            .get(usize::from(jurisdiction.raw()))
            .and_then(|&(from, to)| self.rules.get(usize::from(from)..usize::from(to)))
            .unwrap_or(&[])
    }

    fn within(&self, set: JurisdictionSet) -> impl Iterator<Item = &StateRule> {
        let places = set.intersection(self.places);
        places.iter().flat_map(|one| self.of(one))
    }
}

/// For every jurisdiction, where its rules begin and end in the sorted list.
fn spans(rules: &[StateRule]) -> Box<[(u16, u16)]> {
    let at = |bound: u8| {
        let position = rules.partition_point(|rule| rule.jurisdiction.raw() < bound);
        u16::try_from(position).unwrap_or(u16::MAX)
    };
    (0..Jurisdiction::COUNT)
        .map(|raw| (at(raw), at(raw + 1)))
        .collect()
}
