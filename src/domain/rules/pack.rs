//! The rule pack: all law the gates apply, laid out for them, and its text for those who ask why.

use super::federal::{FederalFigures, FederalId};
use super::gate::Gate;
use super::scope::{Confidence, InForce};
use super::set::RuleSet;
use super::state::StateRule;
use crate::domain::place::PlaceTable;
use crate::domain::time::{CivilDate, Holidays, UnixSeconds};

/// Days before `review_by` from which on health warns.
pub const REVIEW_WARNING_DAYS: i32 = 30;

/// Longest window of a count in days, of federal and of state rules: attempts are remembered for forty
/// days, of which a window's first day, and a place whose date is another, take part.
pub const WINDOW_DAYS_MAX: i64 = 37;

/// The meaning the code gives to rules and rows. Raised whenever the same pack and facts could be
/// decided differently; rows of other semantics are not re-decided.
pub const SEMANTICS: u32 = 5;

/// A rule's number in its pack: federal rules in the order of [`FederalId::ALL`], then the rules of
/// states in the order of their file. Means nothing without the pack's hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleNo(pub u16);

impl RuleNo {
    /// No rule of the pack: agency policy, or the gate itself.
    pub const NONE: Self = Self(u16::MAX);
}

/// What is said of a rule when someone asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleText {
    /// Identifier, unique in the pack.
    pub id: Box<str>,
    /// Where the law says so.
    pub citation: Box<str>,
    /// What it says, in one sentence.
    pub sentence: Box<str>,
    /// The gate that applies it; `None`: none does.
    pub gate: Option<Gate>,
    /// How well the source was read.
    pub confidence: Confidence,
    /// When it is in force.
    pub in_force: InForce,
}

/// The edition of a pack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackEdition {
    /// Version of the pack.
    pub version: Box<str>,
    /// The date up to which the law was read.
    pub as_of: CivilDate,
    /// Past this date INFRASTRUCTURE blocks until a newer pack is loaded.
    pub review_by: CivilDate,
    /// The first instant at which the pack decides; `None`: as soon as it is loaded.
    pub effective_from: Option<UnixSeconds>,
    /// Which semantics of the code the pack was written for; equals [`SEMANTICS`].
    pub semantics: u32,
    /// SHA-256 over the pack's files in canonical form.
    pub hash: [u8; 32],
}

/// How far a pack is from its review.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Review {
    /// More than [`REVIEW_WARNING_DAYS`] away.
    Current,
    /// Due in so many days, 0 on the day itself.
    DueIn(i32),
    /// Past: block.
    Overdue,
}

/// Everything a pack is made of, as the loader hands it over.
#[derive(Clone, Debug)]
pub struct PackParts {
    /// The edition.
    pub edition: PackEdition,
    /// Texts of the federal rules in the order of [`FederalId::ALL`].
    pub federal_texts: Vec<RuleText>,
    /// Figures of the federal rules.
    pub federal: FederalFigures,
    /// The rules of states and cities with their texts; numbers are given here.
    pub state_rules: Vec<(StateRule, RuleText)>,
    /// Holidays.
    pub holidays: Holidays,
    /// Places.
    pub places: PlaceTable,
}

/// A loaded, checked rule pack.
#[derive(Clone, Debug)]
pub struct RulePack {
    edition: PackEdition,
    federal: FederalFigures,
    texts: Box<[RuleText]>,
    all: Box<[StateRule]>,
    rules: RuleSet,
    holidays: Holidays,
    places: PlaceTable,
}

impl RulePack {
    /// Lays out a pack. The loader has checked the parts.
    pub fn new(parts: PackParts) -> Self {
        let mut texts = parts.federal_texts;
        let mut all = Vec::with_capacity(parts.state_rules.len());
        for (mut rule, text) in parts.state_rules {
            rule.no = RuleNo(u16::try_from(texts.len()).unwrap_or(u16::MAX));
            texts.push(text);
            all.push(rule);
        }
        let rules = RuleSet::by_default(&all);
        Self {
            edition: parts.edition,
            federal: parts.federal,
            texts: texts.into_boxed_slice(),
            all: all.into_boxed_slice(),
            rules,
            holidays: parts.holidays,
            places: parts.places,
        }
    }

    /// Version, dates, hash.
    pub const fn edition(&self) -> &PackEdition {
        &self.edition
    }

    /// SHA-256 over the pack's files in canonical form.
    pub const fn hash(&self) -> &[u8; 32] {
        &self.edition.hash
    }

    /// The first eight bytes of the hash: tells the packs of one process apart.
    pub fn mark(&self) -> u64 {
        let first = self.edition.hash.first_chunk::<8>();
        first.map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// How far the pack is from its review on `today`.
    pub fn review(&self, today: CivilDate) -> Review {
        let left = self.edition.review_by.days_since(today);
        match left {
            ..0 => Review::Overdue,
            0..=REVIEW_WARNING_DAYS => Review::DueIn(left),
            _ => Review::Current,
        }
    }

    /// The figures of the federal rules.
    pub const fn federal(&self) -> &FederalFigures {
        &self.federal
    }

    /// The number of a federal rule.
    pub const fn federal_no(&self, id: FederalId) -> RuleNo {
        RuleNo(id as u16)
    }

    /// What is enforced and noted unless a tenant took more on.
    pub const fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Every rule of a state or city, whatever is done with it, in order of number.
    pub fn all_state_rules(&self) -> &[StateRule] {
        &self.all
    }

    /// What is said of a rule; `None` for a number of another pack.
    pub fn rule(&self, no: RuleNo) -> Option<&RuleText> {
        self.texts.get(usize::from(no.0))
    }

    /// The number of the rule with this id.
    pub fn find(&self, id: &str) -> Option<RuleNo> {
        let at = self.texts.iter().position(|text| &*text.id == id)?;
        u16::try_from(at).ok().map(RuleNo)
    }

    /// The texts of all rules in order of number.
    pub fn texts(&self) -> &[RuleText] {
        &self.texts
    }

    /// Holidays.
    pub const fn holidays(&self) -> &Holidays {
        &self.holidays
    }

    /// Places.
    pub const fn places(&self) -> &PlaceTable {
        &self.places
    }
}
