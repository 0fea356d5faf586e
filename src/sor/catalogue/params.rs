//! The parameters of a path that was found.

use crate::sor::call::PARAMS_MAX;

/// Names and values, still percent-encoded, in the path's order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Params<'a> {
    pairs: [(&'a str, &'a str); PARAMS_MAX],
    len: usize,
}

impl<'a> Params<'a> {
    /// Names with their values, [`PARAMS_MAX`] at most.
    pub(super) fn of(names: impl Iterator<Item = &'a str>, values: &Values<'a>) -> Self {
        let mut all = Self::default();
        for (slot, pair) in all.pairs.iter_mut().zip(names.zip(values.as_slice())) {
            *slot = (pair.0, *pair.1);
            all.len += 1;
        }
        all
    }

    /// As [`Call`](crate::sor::call::Call) takes them.
    pub fn as_slice(&self) -> &[(&'a str, &'a str)] {
        self.pairs.get(..self.len).unwrap_or_default()
    }

    /// One by its name.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let pair = self.as_slice().iter().find(|(known, _)| *known == name);
        pair.map(|(_, value)| *value)
    }
}

/// The segments that stand for parameters, as the walk through the tree takes them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Values<'p> {
    values: [&'p str; PARAMS_MAX],
    len: usize,
}

impl<'p> Values<'p> {
    /// These and one more; `None` when there is no room.
    pub(super) fn with(mut self, value: &'p str) -> Option<Self> {
        *self.values.get_mut(self.len)? = value;
        self.len += 1;
        Some(self)
    }

    pub(super) fn as_slice(&self) -> &[&'p str] {
        self.values.get(..self.len).unwrap_or_default()
    }
}
