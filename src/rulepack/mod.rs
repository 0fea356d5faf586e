//! Reads, checks and archives rule packs: the only room that knows their files.
//!
//! A pack is refused as a whole, with every fault named by file, line and field. Nothing is
//! guessed: unknown keys, words and zones are faults, and so is an enforced rule that has no
//! business blocking (unverified, about telemarketing, without figures or gate).

mod error;
mod federal;
mod fields;
mod files;
mod holidays;
mod hours;
mod kinds;
mod limits;
mod listing;
mod places;
mod rows;
mod source;
mod states;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

pub use error::{Place, RuleError, RuleProblem};
pub use files::{FILE_BYTES_MAX, FILES, PackFiles};
pub use listing::markdown;

use crate::domain::rules::{PackEdition, PackParts, RulePack, RuleText, SEMANTICS, StateRule};
use fields::Fields;
use source::Source;

/// Most rules a pack may hold, federal ones included: rule numbers are 16 bits wide.
pub const RULES_MAX: usize = 4_096;

/// Reads the pack in a directory.
///
/// # Errors
/// Every fault found.
pub fn load(dir: &Path) -> Result<RulePack, Vec<RuleError>> {
    read(&PackFiles::from_dir(dir)?)
}

/// Reads the pack compiled into the program: works without any file.
///
/// # Errors
/// Every fault found; a test keeps it at none.
pub fn embedded() -> Result<RulePack, Vec<RuleError>> {
    read(&PackFiles::embedded())
}

/// Reads the pack in an archive.
///
/// # Errors
/// Every fault found.
pub fn from_archive(bytes: &[u8]) -> Result<RulePack, Vec<RuleError>> {
    read(&PackFiles::from_archive(bytes)?)
}

/// Reads and checks a pack's files.
///
/// # Errors
/// Every fault found.
pub fn read(files: &PackFiles) -> Result<RulePack, Vec<RuleError>> {
    let errors = RefCell::new(Vec::new());
    let source = |file: &'static str| Source {
        file,
        text: files.text(file),
        errors: &errors,
    };
    let edition = read_edition(&source("pack.toml"), files.hash());
    let federal = federal::read(&source("federal.toml"));
    let states = source("states.toml");
    let state_rules = states::read(&states);
    let holidays = holidays::read(&source("holidays.toml"));
    let places = places::read(&source("places.toml"));
    let npas = places::read_npas(&source("npa.csv"));
    let areas = places::read_areas(&source("zip3.csv"));
    if let (Some(federal), Some(rules)) = (&federal, &state_rules) {
        check_ids(&states, &federal.texts, rules);
    }
    let errors = errors.into_inner();
    match (edition, federal, state_rules, holidays, places) {
        (Some(edition), Some(federal), Some(state_rules), Some(holidays), Some(places))
            if errors.is_empty() =>
        {
            Ok(RulePack::new(PackParts {
                edition,
                federal_texts: federal.texts,
                federal: federal.figures,
                state_rules,
                holidays,
                places: places::assemble(places, npas, areas),
            }))
        }
        _ => Err(errors),
    }
}

/// Ids are unique over the whole pack, and rules are no more than numbers can name.
fn check_ids(states: &Source<'_>, federal: &[RuleText], rules: &[(StateRule, RuleText)]) {
    let taken: BTreeSet<&str> = federal.iter().map(|text| &*text.id).collect();
    for (_, text) in rules.iter().filter(|(_, text)| taken.contains(&*text.id)) {
        states.fault_at_line(0, "rule.id", RuleProblem::Duplicate(text.id.to_string()));
    }
    if federal.len() + rules.len() > RULES_MAX {
        let max = i64::try_from(RULES_MAX).unwrap_or(i64::MAX);
        states.fault_at_line(0, "rule", RuleProblem::OutOfRange { min: 1, max });
    }
}

fn read_edition(source: &Source<'_>, hash: [u8; 32]) -> Option<PackEdition> {
    let root = source.parse()?;
    let file = Fields::new(source, root.get_ref(), root.span(), "");
    let version = file.text("version");
    let as_of = file.date("as_of");
    let review_by = file.date("review_by");
    let effective_from = file.opt_instant("effective_from");
    let semantics: Option<u32> = file.number("semantics", 1, i64::from(u32::MAX));
    if let Some(found) = semantics.filter(|found| *found != SEMANTICS) {
        file.fault(
            "semantics",
            RuleProblem::OtherSemantics {
                found,
                known: SEMANTICS,
            },
        );
    }
    if as_of
        .zip(review_by)
        .is_some_and(|(as_of, review_by)| review_by < as_of)
    {
        file.fault("review_by", RuleProblem::EndsBeforeStart);
    }
    file.finish();
    Some(PackEdition {
        version: version?.into(),
        as_of: as_of?,
        review_by: review_by?,
        effective_from,
        semantics: semantics?,
        hash,
    })
}
