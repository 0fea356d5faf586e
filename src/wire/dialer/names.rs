//! Names as dialers spell them, and what each means.
//!
//! Letter case, blanks and punctuation do not count: `No Answer`, `no_answer` and `NOANSWER` are one
//! name. A name that ends in `*` stands for every name that begins so; an exact one goes first, then
//! the longest beginning.

use std::collections::{BTreeMap, HashMap};

use serde::{Serialize, Serializer};

/// A name without what does not count. A name of nothing else is kept as it is.
pub(super) fn normal(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    let normal: String = letters.flat_map(char::to_lowercase).collect();
    if normal.is_empty() {
        name.to_owned()
    } else {
        normal
    }
}

/// Names and their meanings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names<T> {
    /// As written, in the order of the file.
    written: Vec<(Box<str>, T)>,
    exact: HashMap<Box<str>, T>,
    /// Beginnings, the longest first.
    beginnings: Vec<(Box<str>, T)>,
}

/// Why a name is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Empty, or longer than a caller's text.
    #[error("a name needs 1 to 64 bytes")]
    Length,
    /// A star anywhere but at the end, or nothing else.
    #[error("a star stands only at the end of a name")]
    Star,
    /// It stands there already.
    #[error("a name stands there twice")]
    Twice,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self {
            written: Vec::new(),
            exact: HashMap::new(),
            beginnings: Vec::new(),
        }
    }
}

impl<T: Copy> Names<T> {
    /// Adds a name.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn add(&mut self, name: &str, means: T) -> Result<(), NameError> {
        if name.trim().is_empty() || name.len() > crate::wire::limits::CALLER_TEXT_BYTES_MAX {
            return Err(NameError::Length);
        }
        let (stem, is_beginning) = match name.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (name, false),
        };
        if stem.contains('*') || !stem.chars().any(char::is_alphanumeric) && is_beginning {
            return Err(NameError::Star);
        }
        let key: Box<str> = normal(stem).into();
        if is_beginning {
            if self.beginnings.iter().any(|(known, _)| *known == key) {
                return Err(NameError::Twice);
            }
            self.beginnings.push((key, means));
            self.beginnings
                .sort_by_key(|(key, _)| usize::MAX - key.len());
        } else {
            if self.exact.contains_key(&key) {
                return Err(NameError::Twice);
            }
            self.exact.insert(key, means);
        }
        self.written.push((name.into(), means));
        Ok(())
    }

    /// What a name means.
    pub fn find(&self, name: &str) -> Option<T> {
        let name = normal(name);
        let beginning = || {
            let mut all = self.beginnings.iter();
            all.find(|(beginning, _)| name.starts_with(&**beginning))
        };
        let exact = self.exact.get(&*name).copied();
        exact.or_else(|| beginning().map(|(_, means)| *means))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.written.len()
    }

    /// The names of each meaning, as written.
    pub fn by_meaning<K: Ord>(&self, key: impl Fn(T) -> K) -> BTreeMap<K, Vec<&str>> {
        let mut all: BTreeMap<K, Vec<&str>> = BTreeMap::new();
        for (name, means) in &self.written {
            all.entry(key(*means)).or_default().push(name);
        }
        all
    }
}

impl<T: Copy + Ord + Serialize> Serialize for Names<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.by_meaning(|means| means).serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[(&str, u8)]) -> Names<u8> {
        let mut names = Names::default();
        for (name, means) in all {
            names.add(name, *means).unwrap();
        }
        names
    }

    #[test]
    fn spelling_does_not_count_and_exact_goes_before_longest() {
        let names = names(&[
            ("CP*", 1),
            ("CPDNA", 2),
            ("CPD*", 3),
            ("No Answer", 4),
            ("---", 5),
        ]);
        for (name, expected) in [
            ("cpdna", Some(2)),
            ("CPDREJ", Some(3)),
            ("CPA", Some(1)),
            ("cp", Some(1)),
            ("C", None),
            ("no_answer", Some(4)),
            ("NOANSWER", Some(4)),
            (" No-Answer. ", Some(4)),
            ("No Answers", None),
            ("---", Some(5)),
            ("--", None),
            ("", None),
        ] {
            assert_eq!(names.find(name), expected, "{name}");
        }
    }

    #[test]
    fn names_that_cannot_be_meant_are_refused() {
        let mut names = names(&[("No Answer", 1), ("A*", 1)]);
        for (name, why) in [
            ("", NameError::Length),
            (" ", NameError::Length),
            ("no-answer", NameError::Twice),
            ("a*", NameError::Twice),
            ("*", NameError::Star),
            ("-*", NameError::Star),
            ("a*b", NameError::Star),
            ("**", NameError::Star),
        ] {
            assert_eq!(names.add(name, 2), Err(why), "{name}");
        }
        assert_eq!(names.add(&"x".repeat(65), 2), Err(NameError::Length));
        assert_eq!(names.len(), 2);
        assert_eq!(
            names.find("no answer"),
            Some(1),
            "a refused name leaves none behind"
        );
    }
}
