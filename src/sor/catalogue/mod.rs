//! The routes of a system of record, as `config/sor/NAME.toml` lists them.
//!
//! A path is compared byte for byte (SOR-2): nothing is decoded, joined or dropped on the way to a
//! route, and an encoded slash belongs to its segment. What a system could take for another path than
//! the one that was found here is refused ([`Catalogue::find`]).

mod error;
mod folder;
mod params;
mod path;
mod read;
#[cfg(test)]
mod tests;
mod tree;

pub use error::{CatalogueErrors, Finding, Problem};
pub use folder::{Catalogues, shipped};
pub use params::Params;

use std::collections::BTreeMap;

use super::route::{Class, Duty, System};
use tree::Tree;

/// One route of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its number in the system's documents, from 1.
    pub no: u16,
    /// The method, upper case. `GET` stands for `HEAD` too.
    pub method: Box<str>,
    /// The path behind the mount; `{name}` stands for one segment that is not empty.
    pub template: Box<str>,
    /// What the gateway owes it.
    pub class: Class,
    /// What it does, where a dialect has to know.
    pub duty: Option<Duty>,
    /// Everybody may call it: it carries no credential of this gateway.
    pub public: bool,
    /// Reading it changes something, so that it is never sent a second time.
    pub once: bool,
    /// Milliseconds for the head of an answer and between two pieces of it; none: as its class has it.
    pub timeout_ms: Option<u32>,
}

impl Route {
    /// Whether a call of it may be sent again when the first one failed: reads, unless reading
    /// changes something. What changes or moves anything is sent once.
    pub fn may_repeat(&self) -> bool {
        &*self.method == "GET" && !self.once
    }

    /// The names of its parameters, in the path's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.template.split('/').filter_map(parameter)
    }

    /// Its path with these values, percent-encoded, in the place of its parameters; `None` when there
    /// are more or fewer of them, or one is empty or a dot segment, which would be another path.
    pub fn filled(&self, values: &[&str]) -> Option<String> {
        let mut values = values.iter();
        let mut filled = String::with_capacity(self.template.len() + 16);
        for (n, segment) in self.template.split('/').enumerate() {
            if n > 0 {
                filled.push('/');
            }
            if parameter(segment).is_some() {
                let value = values.next()?;
                if matches!(*value, "" | "." | "..") {
                    return None;
                }
                path::encode(value, &mut filled);
            } else {
                filled.push_str(segment);
            }
        }
        values.next().is_none().then_some(filled)
    }
}

/// The name in `{name}`.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// Every route of one system.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The system.
    pub system: System,
    routes: Vec<Route>,
    tree: Tree,
    optional_prefix: Option<Box<str>>,
    /// What bodies call things, where a system does not document them: `[fields]` of the file, a list
    /// of names for each key. Read by the dialect.
    pub fields: BTreeMap<String, Vec<String>>,
    /// By which words of a system a restriction is known: `[words]`, in the same form.
    pub words: BTreeMap<String, Vec<String>>,
}

/// What a method and a path came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// A route.
    Match(Match<'a>),
    /// The path has routes, but by other methods: these, as an `Allow` header lists them.
    OtherMethod(String),
    /// No route.
    Nothing,
}

/// A route and the parameters of its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<'a> {
    /// The route.
    pub route: &'a Route,
    /// Its parameters.
    pub params: Params<'a>,
}

impl Catalogue {
    /// Its routes, in the order of their numbers.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// What its paths may have in front of them, beginning with a slash.
    pub fn optional_prefix(&self) -> Option<&str> {
        self.optional_prefix.as_deref()
    }

    /// The first route that does something; the only one for what is of the kind
    /// [`DutyKind::Own`](super::route::DutyKind::Own).
    pub fn of(&self, duty: Duty) -> Option<&Route> {
        self.routes.iter().find(|route| route.duty == Some(duty))
    }

    /// The route of a call. `path` is what stands behind the mount, as it came and without the query.
    ///
    /// Literal segments are found before parameters at every level, and only together with the
    /// method: a literal path that lacks the method leaves the path to a parameter that has it.
    /// Nothing is found for a path with dot segments, control characters or broken escapes, in
    /// whatever encoding, nor for one that decoded would be another route: the system behind might
    /// follow the other reading, and with it pass the gate by.
    ///
    /// Takes one look at each segment and allocates nothing, unless the path has an escape or the
    /// method is another.
    pub fn find<'a>(&'a self, method: &str, path: &'a str) -> Lookup<'a> {
        let path = self.bare(path);
        if !path::is_plain(path) {
            return Lookup::Nothing;
        }
        let Some((at, values)) = self.tree.find(path, |ends| self.by(ends, method)) else {
            return self.other_methods(path);
        };
        if path.contains('%') && !self.means_the_same(method, path, at) {
            return Lookup::Nothing;
        }
        let Some(route) = self.routes.get(at) else {
            return Lookup::Nothing;
        };
        Lookup::Match(Match {
            route,
            params: Params::of(route.names(), &values),
        })
    }

    /// The path without the prefix it need not have.
    fn bare<'p>(&self, path: &'p str) -> &'p str {
        let stripped = self.optional_prefix.as_deref().and_then(|prefix| {
            let rest = path.strip_prefix(prefix)?;
            rest.starts_with('/').then_some(rest)
        });
        stripped.unwrap_or(path)
    }

    /// Whether the path decoded names no other route by this method.
    fn means_the_same(&self, method: &str, path: &str, at: usize) -> bool {
        let decoded = crate::wire::query::percent_decoded(path);
        decoded.is_some_and(|decoded| {
            let other = self.tree.find(&decoded, |ends| self.by(ends, method));
            other.is_none_or(|(other, _)| other == at)
        })
    }

    /// Of the routes that end at one place, the one with this method.
    fn by(&self, ends: &[usize], method: &str) -> Option<usize> {
        let method = if method == "HEAD" { "GET" } else { method };
        let has = |at: &&usize| {
            let route = self.routes.get(**at);
            route.is_some_and(|route| &*route.method == method)
        };
        ends.iter().find(has).copied()
    }

    fn other_methods(&self, path: &str) -> Lookup<'_> {
        let mut methods: Vec<&str> = Vec::new();
        let all = |ends: &[usize]| {
            let routes = ends.iter().filter_map(|at| self.routes.get(*at));
            methods.extend(routes.map(|route| &*route.method));
            None
        };
        self.tree.find(path, all);
        if methods.is_empty() {
            return Lookup::Nothing;
        }
        methods.sort_unstable();
        methods.dedup();
        let listed = methods.join(", ");
        Lookup::OtherMethod(listed.replace("GET", "GET, HEAD"))
    }
}
