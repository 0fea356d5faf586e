//! What is wrong with a rule pack, and where.

use std::fmt;

use crate::domain::rules::Unenforceable;

/// One fault of a rule pack. A loader reports all it finds.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct RuleError {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: RuleProblem,
}

/// Where a fault stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// File name within the pack.
    pub file: &'static str,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: u64,
    /// Field, dotted from the file's root (`rule.values.limit`); empty when the line is meant.
    pub field: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if self.field.is_empty() {
            Ok(())
        } else {
            write!(f, ": {}", self.field)
        }
    }
}

/// What a fault is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RuleProblem {
    /// The file could not be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// The file exceeds the limit.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// Not TOML, or not CSV.
    #[error("malformed: {0}")]
    Malformed(String),
    /// A key nobody reads.
    #[error("unknown key")]
    UnknownKey,
    /// A key that must be there.
    #[error("missing")]
    Missing,
    /// A value of another type.
    #[error("must be {0}")]
    WrongType(&'static str),
    /// A value that is none of the known ones.
    #[error("{found:?} is not one of: {known}")]
    UnknownValue {
        /// What stands there.
        found: String,
        /// What could.
        known: String,
    },
    /// A number out of bounds.
    #[error("must be {min} to {max}")]
    OutOfRange {
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
    },
    /// A text that does not read as what it should be.
    #[error("{found:?} is not {wanted}")]
    Unparsable {
        /// What stands there.
        found: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// Given twice.
    #[error("{0:?} occurs twice")]
    Duplicate(String),
    /// Something that must be given once was not.
    #[error("{0:?} is not given")]
    NotGiven(String),
    /// An enforced rule whose source was not verified.
    #[error("an enforced rule cannot have confidence \"low\"")]
    EnforcedLowConfidence,
    /// An enforced rule that is not about collection.
    #[error("an enforced rule cannot apply to telemarketing")]
    EnforcedTelemarketing,
    /// An enforced rule without a gate that could enforce it.
    #[error("an enforced rule needs one of the twelve gates")]
    EnforcedWithoutGate,
    /// An enforced rule the gates cannot evaluate.
    #[error("the enforced rule {id:?} cannot be evaluated: it {why}")]
    CannotBeEvaluated {
        /// The rule.
        id: String,
        /// Why.
        why: Unenforceable,
    },
    /// An end before its beginning.
    #[error("ends before it begins")]
    EndsBeforeStart,
    /// A pack for other code.
    #[error("the pack was written for semantics {found}, this program has {known}")]
    OtherSemantics {
        /// Of the pack.
        found: u32,
        /// Of the program.
        known: u32,
    },
}

/// The one of `all` that is called `text`.
///
/// # Errors
/// [`RuleProblem::UnknownValue`], with all that could stand there.
pub(super) fn one_of<T: Copy>(
    all: &[T],
    name: fn(T) -> &'static str,
    text: &str,
) -> Result<T, RuleProblem> {
    let found = all.iter().copied().find(|&one| name(one) == text);
    found.ok_or_else(|| {
        let known: Vec<_> = all.iter().map(|&one| name(one)).collect();
        RuleProblem::UnknownValue {
            found: text.to_owned(),
            known: known.join(", "),
        }
    })
}
