//! By which words a status, an alert or a disposition is understood.
//!
//! The system documents no list of its statuses; agencies name their own, and a catalogue's `[words]`
//! adds them to those that are known in any case. A word that is in neither says nothing. One that is
//! restricts, also where a sentence negates it: an alert nobody needed costs a call, a missed one breaks
//! the law.

use super::conditions::Condition;
use crate::domain::words::AccountStatus;
use crate::sor::catalogue::Catalogue;
use crate::sor::dialect::formats::Spoken;

/// Words of one key at most.
const WORDS_MAX: usize = 64;

/// What is spoken of, its key in a catalogue's `[words]`, and by which words it is known in any case.
const WORDS: [(Condition, &str, &[&str]); 14] = [
    (
        Condition::Bankruptcy,
        "bankruptcy",
        &[
            "BANKRUPT*",
            "BK",
            "BKY",
            "BK7",
            "BK13",
            "CHAPTER 7",
            "CHAPTER 11",
            "CHAPTER 13",
            "CH 7",
            "CH 11",
            "CH 13",
            "CH7",
            "CH13",
        ],
    ),
    (
        Condition::Deceased,
        "deceased",
        &["DECEASED", "DECEDENT", "DIED", "DEATH", "PROBATE", "ESTATE"],
    ),
    (
        Condition::Attorney,
        "attorney",
        &["ATTORNEY*", "ATTY*", "LAWYER*", "REPRESENTED"],
    ),
    (
        Condition::Cease,
        "cease",
        &[
            "CEASE*",
            "C D",
            "DO NOT CONTACT",
            "DONT CONTACT",
            "NO CONTACT",
        ],
    ),
    (
        Condition::NoCalls,
        "do_not_call",
        &["DO NOT CALL", "DONT CALL", "DNC", "NO CALLS"],
    ),
    (
        Condition::NoTexts,
        "no_texts",
        &["DO NOT TEXT", "DONT TEXT", "NO TEXTS"],
    ),
    (
        Condition::NoEmail,
        "no_email",
        &["DO NOT EMAIL", "DONT EMAIL", "NO EMAIL*", "DO NOT E MAIL"],
    ),
    (Condition::Dispute, "dispute", &["DISPUTE*", "DISPUTING"]),
    (
        Condition::IdentityTheft,
        "identity_theft",
        &["FRAUD*", "IDENTITY THEFT", "ID THEFT", "IDENTITY FRAUD"],
    ),
    (
        Condition::Minor,
        "minor",
        &["MINOR", "UNDERAGE", "UNDER AGE"],
    ),
    (
        Condition::Military,
        "military",
        &["MILITARY", "SCRA", "ACTIVE DUTY", "DEPLOYED"],
    ),
    (
        Condition::Litigation,
        "litigation",
        &["LITIGA*", "LITIGIOUS", "LAWSUIT*", "SUED"],
    ),
    (
        Condition::Complaint,
        "complaint",
        &["COMPLAINT*", "COMPLAINED", "BBB"],
    ),
    (
        Condition::Regulator,
        "regulator",
        &["CFPB", "REGULATOR*", "ATTORNEY GENERAL", "AG COMPLAINT"],
    ),
];

/// The same of an account that is not worked any more; keys are the statuses' own.
const CLOSING: [(AccountStatus, &[&str]); 5] = [
    (
        AccountStatus::Recalled,
        &["RECALL*", "RETURNED TO CLIENT", "WITHDRAWN", "PULLED BACK"],
    ),
    (AccountStatus::Sold, &["SOLD"]),
    (
        AccountStatus::Settled,
        &["SETTLED", "SIF", "SETTLED IN FULL"],
    ),
    (
        AccountStatus::Paid,
        &["PAID IN FULL", "PIF", "PAID OFF", "PAID"],
    ),
    (
        AccountStatus::Closed,
        &["CLOSED", "CANCEL*", "INACTIVE", "UNCOLLECTIBLE"],
    ),
];

/// A fault of a catalogue's `[fields]` or `[words]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct WordFinding {
    /// The key.
    pub key: String,
    /// What is wrong with it.
    pub problem: WordProblem,
}

/// What is wrong with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WordProblem {
    /// Nobody would read it: the fields of this system are documented.
    #[error("is no key")]
    Unknown,
    /// Without letters or digits.
    #[error("has a word that cannot be looked for")]
    BadWord,
    /// More than are looked for.
    #[error("lists too many")]
    TooMany,
}

/// What a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    Against(Condition),
    Closing(AccountStatus),
}

impl Means {
    /// The meaning a key names.
    fn of(key: &str) -> Option<Self> {
        let against = WORDS.iter().find(|(_, name, _)| *name == key);
        let closing = CLOSING.iter().find(|(status, _)| status.as_str() == key);
        against
            .map(|(condition, _, _)| Self::Against(*condition))
            .or_else(|| closing.map(|(status, _)| Self::Closing(*status)))
    }
}

/// Words an agency added.
#[derive(Debug, Clone, Default)]
pub(super) struct Words(Vec<(Means, String)>);

impl Words {
    /// Reads `[words]`.
    pub(super) fn of(catalogue: &Catalogue) -> Result<Self, Vec<WordFinding>> {
        let mut words = Self::default();
        let mut findings = Vec::new();
        let mut note = |key: &str, problem| {
            findings.push(WordFinding {
                key: key.to_owned(),
                problem,
            });
        };
        for key in catalogue.fields.keys() {
            note(key, WordProblem::Unknown);
        }
        for (key, list) in &catalogue.words {
            let Some(means) = Means::of(key) else {
                note(key, WordProblem::Unknown);
                continue;
            };
            if list.len() > WORDS_MAX {
                note(key, WordProblem::TooMany);
                continue;
            }
            for written in list {
                match Spoken::wanted(written) {
                    Some(wanted) => words.0.push((means, wanted)),
                    None => note(key, WordProblem::BadWord),
                }
            }
        }
        if findings.is_empty() {
            Ok(words)
        } else {
            Err(findings)
        }
    }

    /// All that a text speaks of.
    pub(super) fn conditions(&self, text: &str) -> Vec<Condition> {
        let spoken = Spoken::of(text);
        let said = WORDS.iter().filter(|(condition, _, words)| {
            spoken.says_any(words) || self.adds(&spoken, Means::Against(*condition))
        });
        said.map(|(condition, _, _)| *condition).collect()
    }

    /// Whether a status says that the account is not worked any more, and how.
    pub(super) fn closing(&self, text: &str) -> Option<AccountStatus> {
        let spoken = Spoken::of(text);
        let said = CLOSING.iter().find(|(status, words)| {
            spoken.says_any(words) || self.adds(&spoken, Means::Closing(*status))
        });
        said.map(|(status, _)| *status)
    }

    /// Whether a text says an added word of this meaning.
    fn adds(&self, spoken: &Spoken, meaning: Means) -> bool {
        let mut added = self.0.iter();
        added.any(|(means, words)| *means == meaning && spoken.says(words))
    }
}
