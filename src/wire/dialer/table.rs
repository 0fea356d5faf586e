//! Reading a mapping key by key, so that one bad key does not hide the next.

use std::fmt;

use serde_json::{Map, Value};

/// Findings kept at most; the first ones say what is wrong.
const FINDINGS_MAX: usize = 64;
/// Bytes of a key that a finding repeats.
const KEY_BYTES_MAX: usize = 96;

/// One thing that is wrong with a mapping. Never repeats a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The key in dotted form; empty when the whole is meant.
    pub key: String,
    /// What is wrong.
    pub what: String,
}

/// Everything that is wrong with a mapping; never empty where it is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Adds one, while there is room.
    pub fn add(&mut self, key: &str, what: impl fmt::Display) {
        if self.0.len() < FINDINGS_MAX {
            self.0.push(Finding {
                key: cut(key, KEY_BYTES_MAX).to_owned(),
                what: what.to_string(),
            });
        }
    }

    /// A single one.
    pub fn one(key: &str, what: impl fmt::Display) -> Self {
        let mut findings = Self::default();
        findings.add(key, what);
        findings
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, one) in self.0.iter().enumerate() {
            let between = if n == 0 { "" } else { "; " };
            let colon = if one.key.is_empty() { "" } else { ": " };
            write!(f, "{between}{}{colon}{}", one.key, one.what)?;
        }
        Ok(())
    }
}

/// The longest beginning of at most `bytes_max` that ends between two characters.
pub(super) fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A table being read.
pub(super) struct Table<'f> {
    /// Dotted, with a dot at its end; empty at the top.
    prefix: String,
    left: Map<String, Value>,
    pub(super) findings: &'f mut Findings,
}

impl<'f> Table<'f> {
    pub(super) fn new(left: Map<String, Value>, findings: &'f mut Findings) -> Self {
        let prefix = String::new();
        Self {
            prefix,
            left,
            findings,
        }
    }

    /// Notes a finding at a key.
    pub(super) fn refuse(&mut self, key: &str, what: impl fmt::Display) {
        let key = format!("{}{key}", self.prefix);
        self.findings.add(&key, what);
    }

    /// Takes a text; one that is absent or none is nothing.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let value = self.left.remove(key)?;
        if let Value::String(text) = value {
            return Some(text);
        }
        self.refuse(key, "is not a text");
        None
    }

    /// Takes a word of a closed list.
    pub(super) fn word<T>(&mut self, key: &str, parse: fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(key)?;
        let word = parse(&text);
        if word.is_none() {
            self.refuse(key, "is not one of its words");
        }
        word
    }

    /// Takes a word that must be there.
    pub(super) fn required_word<T>(
        &mut self,
        key: &str,
        parse: fn(&str) -> Option<T>,
    ) -> Option<T> {
        if !self.left.contains_key(key) {
            self.refuse(key, "is required");
        }
        self.word(key, parse)
    }

    /// Takes a text or a list of at most `many_max`.
    pub(super) fn texts(&mut self, key: &str, many_max: usize) -> Vec<String> {
        let all = match self.left.remove(key) {
            None => return Vec::new(),
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => {
                let texts = items.into_iter().map(|item| match item {
                    Value::String(text) => Some(text),
                    _ => None,
                });
                let Some(texts) = texts.collect::<Option<Vec<_>>>() else {
                    self.refuse(key, "is not a list of texts");
                    return Vec::new();
                };
                texts
            }
            Some(_) => {
                self.refuse(key, "is neither a text nor a list of texts");
                return Vec::new();
            }
        };
        if all.len() > many_max {
            self.refuse(key, format_args!("has more than {many_max} entries"));
            return Vec::new();
        }
        all
    }

    /// Takes a number within bounds.
    pub(super) fn number(&mut self, key: &str, min: u32, max: u32) -> Option<u32> {
        let number = self.left.remove(key)?.as_u64();
        let number = number.and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| (min..=max).contains(number));
        if number.is_none() {
            self.refuse(key, format_args!("is not a whole number in {min}..={max}"));
        }
        number
    }

    /// Takes a table and reads it; what nobody took of it is refused.
    pub(super) fn section<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Table<'_>) -> T,
    ) -> Option<T> {
        let Value::Object(left) = self.left.remove(key)? else {
            self.refuse(key, "is not a table");
            return None;
        };
        let mut inner = Table {
            prefix: format!("{}{key}.", self.prefix),
            left,
            findings: self.findings,
        };
        let value = read(&mut inner);
        inner.finish();
        Some(value)
    }

    /// Keys that nobody took yet.
    pub(super) fn keys(&self) -> Vec<String> {
        self.left.keys().cloned().collect()
    }

    /// Refuses every key that nobody took.
    pub(super) fn finish(self) {
        for key in self.left.keys() {
            let key = format!("{}{key}", self.prefix);
            self.findings.add(&key, "unknown key");
        }
    }
}
