//! The routes of a system of record, as `config/sor/NAME.toml` lists them.

use std::collections::BTreeMap;

use super::route::{Class, Duty, System};

/// One route of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its number in the system's documents, from 1.
    pub no: u16,
    /// The method, upper case.
    pub method: Box<str>,
    /// The path behind the mount; `{name}` stands for one segment that is not empty.
    pub template: Box<str>,
    /// What the gateway owes it.
    pub class: Class,
    /// What it does, where a dialect has to know.
    pub duty: Option<Duty>,
    /// Everybody may call it: it carries no credential of this gateway.
    pub public: bool,
}

/// Every route of one system.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The system.
    pub system: System,
    /// Its routes, in the order of their numbers.
    pub routes: Vec<Route>,
    /// What bodies call things, where a system does not document them: `[fields]` of the file, a list
    /// of names for each key. Read by the dialect.
    pub fields: BTreeMap<String, Vec<String>>,
    /// By which words of a system a restriction is known: `[words]`, in the same form.
    pub words: BTreeMap<String, Vec<String>>,
}
