//! Templates as a tree of segments.

use std::collections::BTreeMap;

use super::params::Values;

/// Every template of a catalogue, segment by segment from the left.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    root: Node,
}

/// What may follow behind one slash.
#[derive(Debug, Clone, Default)]
struct Node {
    literals: BTreeMap<Box<str>, Self>,
    parameter: Option<Box<Self>>,
    /// Numbers of the routes whose template ends here, each of another method.
    ends: Vec<usize>,
}

impl Tree {
    /// Adds a route's template.
    pub(super) fn add(&mut self, template: &str, route: usize) {
        let mut node = &mut self.root;
        for segment in template.split('/').skip(1) {
            node = if super::parameter(segment).is_some() {
                node.parameter.get_or_insert_default()
            } else {
                node.literals.entry(segment.into()).or_default()
            };
        }
        node.ends.push(route);
    }

    /// The first place where `path` ends and that `accept` takes, by what it makes of the routes that
    /// end there, with the parameters on the way. At every segment the literal is tried before the
    /// parameter. No node is looked at twice.
    pub(super) fn find<'p>(
        &self,
        path: &'p str,
        mut accept: impl FnMut(&[usize]) -> Option<usize>,
    ) -> Option<(usize, Values<'p>)> {
        let rest = path.strip_prefix('/')?;
        self.root.find(rest, Values::default(), &mut accept)
    }
}

impl Node {
    fn find<'p>(
        &self,
        rest: &'p str,
        values: Values<'p>,
        accept: &mut impl FnMut(&[usize]) -> Option<usize>,
    ) -> Option<(usize, Values<'p>)> {
        let (segment, rest) = match rest.split_once('/') {
            Some((segment, rest)) => (segment, Some(rest)),
            None => (rest, None),
        };
        let literal = self.literals.get(segment);
        if let Some(found) = literal.and_then(|next| next.go_on(rest, values, accept)) {
            return Some(found);
        }
        let next = self.parameter.as_deref()?;
        if segment.is_empty() {
            return None;
        }
        next.go_on(rest, values.with(segment)?, accept)
    }

    fn go_on<'p>(
        &self,
        rest: Option<&'p str>,
        values: Values<'p>,
        accept: &mut impl FnMut(&[usize]) -> Option<usize>,
    ) -> Option<(usize, Values<'p>)> {
        match rest {
            Some(rest) => self.find(rest, values, accept),
            None => accept(&self.ends).map(|route| (route, values)),
        }
    }
}
