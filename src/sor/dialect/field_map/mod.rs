//! What bodies that nobody documented call things.
//!
//! The names are configuration (`[fields]` and `[words]` of a catalogue). Every name of a key is looked
//! for, in the body and in whatever wraps it, and everything found counts: what differs is not chosen
//! between. A restriction is known by a name or a word; what is not known by either permits nothing.

mod asked;
pub mod keys;
mod look;
mod signs;
#[cfg(test)]
pub(super) mod tests;
mod tree;

use std::collections::BTreeMap;

pub(super) use asked::Asked;
pub(super) use keys::{Field, Meaning, OUTCOMES, Sign};
pub(super) use look::{Found, named, number};
pub(super) use signs::{fact_of, restrict, status_of};
pub(super) use tree::{Tree, bare};

use crate::sor::catalogue::Catalogue;

/// Names of one key at most, and words of one meaning.
const NAMES_MAX: usize = 64;
/// Names behind each other in a path at most: `account.contact.phone`.
const PATH_NAMES_MAX: usize = 4;

/// A name, or names behind each other, as [`bare`] leaves them.
type Path = Box<[Box<str>]>;

/// The names and words of one system.
#[derive(Debug, Clone)]
pub(super) struct FieldMap {
    fields: Vec<Vec<Path>>,
    flags: Vec<Vec<Path>>,
    signs: Vec<Vec<Box<str>>>,
    meanings: Vec<Vec<Box<str>>>,
}

/// One fault of `[fields]` or `[words]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("[{table}] {key}: {problem}")]
pub struct FieldFinding {
    /// `fields` or `words`.
    pub table: &'static str,
    /// The key.
    pub key: String,
    /// What is wrong with it.
    pub problem: FieldProblem,
}

/// What is wrong with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    /// Nobody would read it.
    #[error("is no key")]
    Unknown,
    /// A restriction nobody names would never be noticed.
    #[error("is missing")]
    Missing,
    /// An empty list.
    #[error("lists nothing")]
    Empty,
    /// A name without letters or digits, or with too many parts.
    #[error("has a name that cannot be looked for")]
    BadName,
    /// More than are looked for.
    #[error("lists too many")]
    TooMany,
}

impl FieldMap {
    /// Reads the names and words of a catalogue. Every key is needed: a key that is left out would
    /// leave a restriction unseen.
    ///
    /// # Errors
    /// Every fault.
    pub(super) fn of(catalogue: &Catalogue) -> Result<Self, Vec<FieldFinding>> {
        let mut findings = Vec::new();
        let mut fields = Table::new("fields", &catalogue.fields, &mut findings);
        let by_field = fields.lists(Field::ALL, Field::as_str, path);
        let flags = fields.lists(Sign::ALL, Sign::as_str, path);
        fields.end();
        let mut words = Table::new("words", &catalogue.words, &mut findings);
        let signs = words.lists(&SPOKEN, Sign::as_str, phrase);
        let meanings = words.lists(Meaning::ALL, Meaning::as_str, phrase);
        words.end();
        let map = Self {
            fields: by_field,
            flags,
            signs,
            meanings,
        };
        if findings.is_empty() {
            Ok(map)
        } else {
            Err(findings)
        }
    }

    /// The names of a field.
    fn names(&self, field: Field) -> &[Path] {
        list(&self.fields, field.number())
    }

    /// The names under which a restriction is stated.
    fn flags(&self, sign: Sign) -> &[Path] {
        list(&self.flags, sign.number())
    }

    /// Whether a text speaks of it.
    pub(super) fn speaks_of(&self, text: &str, sign: Sign) -> bool {
        says_any(text, list(&self.signs, sign.number()))
    }

    /// Whether a text has this meaning.
    pub(super) fn means(&self, text: &str, meaning: Meaning) -> bool {
        says_any(text, list(&self.meanings, meaning.number()))
    }
}

/// Every sign is known by words, too.
const SPOKEN: [Sign; 24] = {
    let mut all = [Sign::Closed; 24];
    let mut at = 0;
    while at < all.len() {
        all[at] = Sign::ALL[at];
        at += 1;
    }
    all
};
const _: () = assert!(SPOKEN.len() == Sign::ALL.len());

fn list<T>(lists: &[Vec<T>], number: u8) -> &[T] {
    lists.get(usize::from(number)).map_or(&[], Vec::as_slice)
}

fn says_any(text: &str, words: &[Box<str>]) -> bool {
    let spoken = super::formats::Spoken::of(text);
    words.iter().any(|wanted| spoken.says(wanted))
}

/// A table of the file while its keys are taken.
struct Table<'a> {
    name: &'static str,
    rows: BTreeMap<&'a str, &'a [String]>,
    findings: &'a mut Vec<FieldFinding>,
}

impl<'a> Table<'a> {
    fn new(
        name: &'static str,
        rows: &'a BTreeMap<String, Vec<String>>,
        findings: &'a mut Vec<FieldFinding>,
    ) -> Self {
        let rows = rows
            .iter()
            .map(|(key, list)| (key.as_str(), list.as_slice()));
        Self {
            name,
            rows: rows.collect(),
            findings,
        }
    }

    fn note(&mut self, key: &str, problem: FieldProblem) {
        self.findings.push(FieldFinding {
            table: self.name,
            key: key.to_owned(),
            problem,
        });
    }

    /// Takes the lists of these keys.
    fn lists<K: Copy, T>(
        &mut self,
        keys: &[K],
        named: impl Fn(K) -> &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Vec<Vec<T>> {
        let mut all = Vec::with_capacity(keys.len());
        for key in keys {
            let name = named(*key);
            let listed = self.rows.remove(name);
            let problem = match listed {
                None => Some(FieldProblem::Missing),
                Some([]) => Some(FieldProblem::Empty),
                Some(list) if list.len() > NAMES_MAX => Some(FieldProblem::TooMany),
                Some(_) => None,
            };
            let read: Option<Vec<T>> = listed
                .unwrap_or_default()
                .iter()
                .map(|one| read(one))
                .collect();
            let bad = || read.is_none().then_some(FieldProblem::BadName);
            if let Some(problem) = problem.or_else(bad) {
                self.note(name, problem);
            }
            all.push(read.unwrap_or_default());
        }
        all
    }

    /// What nobody took is no key.
    fn end(mut self) {
        for key in std::mem::take(&mut self.rows).into_keys() {
            self.note(key, FieldProblem::Unknown);
        }
    }
}

/// `account.id` as names behind each other.
fn path(text: &str) -> Option<Path> {
    let names: Vec<Box<str>> = text.split('.').map(bare).collect();
    let right = names.len() <= PATH_NAMES_MAX && names.iter().all(|name| !name.is_empty());
    right.then(|| names.into())
}

/// Words as they are looked for: in upper case, one blank between; a `*` at the end stays.
fn phrase(text: &str) -> Option<Box<str>> {
    let (words, star) = match text.strip_suffix('*') {
        Some(stem) => (stem, "*"),
        None => (text, ""),
    };
    let words: Vec<String> = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_uppercase)
        .collect();
    (!words.is_empty()).then(|| format!("{}{star}", words.join(" ")).into())
}
