//! One JSON object under translation: what is read is ticked off, what is left over is a fault.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A translation or its fault, in words.
pub(crate) type Said<T> = Result<T, String>;

/// Words about the vector itself, which state nothing.
const REMARKS: [&str; 6] = ["note", "why", "soft_factor", "source", "kind", "comment"];

/// One object of a vector.
pub(crate) struct Fields<'v> {
    what: String,
    map: &'v Map<String, Value>,
    read: RefCell<BTreeSet<String>>,
}

impl<'v> Fields<'v> {
    /// The fields of `value`, called `what` in faults.
    pub(crate) fn of(value: &'v Value, what: &str) -> Said<Self> {
        let map = value
            .as_object()
            .ok_or_else(|| format!("{what}: not an object"))?;
        let read = RefCell::new(BTreeSet::new());
        let what = what.to_owned();
        Ok(Self { what, map, read })
    }

    /// The first of these fields that says something; all of them count as read.
    pub(crate) fn value(&self, names: &[&str]) -> Option<&'v Value> {
        let mut read = self.read.borrow_mut();
        read.extend(names.iter().map(|name| (*name).to_owned()));
        let mut said = names.iter().filter_map(|name| self.map.get(*name));
        said.find(|value| !value.is_null())
    }

    /// The same as a text.
    pub(crate) fn text(&self, names: &[&str]) -> Said<Option<&'v str>> {
        match self.value(names) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.fault(&format!("{names:?} is {other}, not a text"))),
        }
    }

    /// The same, which must be there.
    pub(crate) fn needed(&self, names: &[&str]) -> Said<&'v str> {
        let said = self.text(names)?;
        said.ok_or_else(|| self.fault(&format!("{names:?} is missing")))
    }

    /// The same as yes or no.
    pub(crate) fn flag(&self, names: &[&str]) -> Said<Option<bool>> {
        match self.value(names) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(word)) => match word.as_str() {
                "known" | "yes" | "true" => Ok(Some(true)),
                "unknown" | "not_known" | "suspected" | "no" | "false" => Ok(Some(false)),
                other => Err(self.fault(&format!("{names:?} is {other}, not yes or no"))),
            },
            Some(other) => Err(self.fault(&format!("{names:?} is {other}, not yes or no"))),
        }
    }

    /// Every text of these fields, each of them one text or several.
    pub(crate) fn texts(&self, names: &[&str]) -> Said<Vec<&'v str>> {
        let mut all = Vec::new();
        for name in names {
            match self.value(&[name]) {
                None => {}
                Some(Value::String(text)) => all.push(text.as_str()),
                Some(Value::Array(list)) => {
                    for item in list {
                        let text = item.as_str();
                        all.push(text.ok_or_else(|| self.fault(&format!("{name}: {item}")))?);
                    }
                }
                Some(other) => return Err(self.fault(&format!("{name} is {other}"))),
            }
        }
        Ok(all)
    }

    /// A list of objects.
    pub(crate) fn objects(&self, names: &[&str]) -> Said<Vec<Self>> {
        match self.value(names) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => list
                .iter()
                .map(|item| Self::of(item, &format!("{} {names:?}", self.what)))
                .collect(),
            Some(other) => Err(self.fault(&format!("{names:?} is {other}, not a list"))),
        }
    }

    /// A whole number.
    pub(crate) fn number(&self, names: &[&str]) -> Said<Option<u64>> {
        match self.value(names) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.fault(&format!("{names:?} is {value}, not a number"))),
            },
        }
    }

    /// Fields that decide nothing.
    pub(crate) fn idle(&self, names: &[&str]) {
        self.value(names);
    }

    /// Faults whatever was not read.
    pub(crate) fn finish(self) -> Said<()> {
        let read = self.read.borrow();
        let left: Vec<&String> = self
            .map
            .keys()
            .filter(|name| !read.contains(*name) && !REMARKS.contains(&name.as_str()))
            .collect();
        if left.is_empty() {
            Ok(())
        } else {
            Err(self.fault(&format!("fields without a meaning: {left:?}")))
        }
    }

    /// A fault of this object.
    pub(crate) fn fault(&self, text: &str) -> String {
        format!("{}: {text}", self.what)
    }
}
