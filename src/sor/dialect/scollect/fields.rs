//! The fields of one object, found whatever the letter case of their names.
//!
//! The document writes one thing as `filenumber`, `filename`, `FileNumber`, and as `success`, `Success`.
//! Where two spellings, or one name twice, say different things, nothing is taken: which of them the
//! system goes by, nobody could tell.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::sor::dialect::formats::{Said, scalar, text};

/// Spellings of an account's file number.
pub(super) const FILE_NUMBER: [&str; 4] = ["filenumber", "filename", "lotno", "referencenumber"];

/// Longest text that is kept of a field, bytes: what a record may hold.
pub(super) const TEXT_BYTES_MAX: usize = crate::wire::limits::CALLER_TEXT_BYTES_MAX;

/// A body as it was sent: every field in its order, repeated names too.
#[derive(Debug, Default)]
pub(super) struct Body(Vec<(String, Value)>);

impl Body {
    /// Reads one JSON object.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut parser = serde_json::Deserializer::from_slice(bytes);
        let body = parser.deserialize_map(Pairs).ok()?;
        parser.end().ok()?;
        Some(body)
    }

    /// Its fields.
    pub(super) fn fields(&self) -> Fields<'_> {
        let pairs = self.0.iter();
        Fields(pairs.map(|(name, value)| (name.as_str(), value)).collect())
    }
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Body;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Body(pairs))
    }
}

/// The fields of an object.
#[derive(Debug, Clone)]
pub(super) struct Fields<'v>(Vec<(&'v str, &'v Value)>);

impl<'v> Fields<'v> {
    /// Of an object of an answer.
    pub(super) fn of(object: &'v Map<String, Value>) -> Self {
        Self(
            object
                .iter()
                .map(|(name, value)| (name.as_str(), value))
                .collect(),
        )
    }

    /// The values under any of these names that are not `null`.
    pub(super) fn values(&self, names: &[&str]) -> impl Iterator<Item = &'v Value> {
        let is_meant = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let meant = self
            .0
            .iter()
            .filter(move |(name, value)| is_meant(name) && !value.is_null());
        meant.map(|(_, value)| *value)
    }

    /// Whether a field has this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The value under these names; `None` also when there are several that differ.
    pub(super) fn value(&self, names: &[&str]) -> Option<&'v Value> {
        let mut values = self.values(names);
        let first = values.next()?;
        values.all(|other| other == first).then_some(first)
    }

    /// The text under these names, without blanks around it.
    pub(super) fn said(&self, names: &[&str]) -> Said<Cow<'v, str>> {
        let mut found: Option<Cow<'v, str>> = None;
        for value in self.values(names) {
            let Some(raw) = scalar(value) else {
                return Said::Unreadable;
            };
            let Some(plain) = text(&raw) else {
                continue;
            };
            if found.as_deref().is_some_and(|known| known != plain) {
                return Said::Unreadable;
            }
            found = Some(match &raw {
                Cow::Borrowed(raw) => Cow::Borrowed(text(raw).unwrap_or_default()),
                Cow::Owned(_) => Cow::Owned(plain.to_owned()),
            });
        }
        found.map_or(Said::Nothing, Said::This)
    }

    /// The same where only what can be read is of use.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'v, str>> {
        self.said(&[name]).known()
    }

    /// Whether any of these fields holds anything.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.said(&[name]) != Said::Nothing)
    }

    /// The file number, in the one spelling the gate keeps accounts by.
    pub(super) fn file_number(&self) -> Option<Box<str>> {
        canonical(&self.said(&FILE_NUMBER).known()?)
    }
}

/// A file number as the system itself spells it: `r1000` reaches the file of `R1000`, and must not be
/// an account of its own beside it.
pub(super) fn canonical(raw: &str) -> Option<Box<str>> {
    let plain = text(raw)?;
    // What is all dots would be a step in a path.
    let fits = plain.len() <= TEXT_BYTES_MAX
        && !plain.bytes().any(|b| b.is_ascii_control())
        && plain.bytes().any(|b| b != b'.');
    fits.then(|| plain.to_ascii_uppercase().into())
}
