//! What is wrong with a catalogue, and where.

use std::fmt;

use crate::sor::route::{Class, Duty, System};

/// One fault of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Finding {
    /// The file, or the system whose shipped catalogue it is.
    pub file: String,
    /// The number of the route; `None`: the whole file is meant.
    pub route: Option<u16>,
    /// What.
    pub problem: Problem,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(no) = self.route {
            write!(f, ": route {no}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// What a fault is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file or directory could not be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// More bytes than a catalogue may have.
    #[error("is larger than {0} bytes")]
    TooLarge(usize),
    /// More routes than a catalogue may have.
    #[error("has more than {0} routes")]
    TooMany(usize),
    /// Not TOML, or a key nobody reads.
    #[error("cannot be understood: {0}")]
    Malformed(String),
    /// A file of the directory that is no system's.
    #[error("is named after no system of record")]
    NoSystem,
    /// A file of another system than its name says.
    #[error("says system = {found:?} and has to say {wanted:?}", found = .found, wanted = .wanted.as_str())]
    OtherSystem {
        /// What it says.
        found: String,
        /// What it has to say.
        wanted: System,
    },
    /// A prefix that is no path.
    #[error("optional_prefix has to be a path of literal segments: {0}")]
    BadPrefix(&'static str),
    /// A number that does not exist or stands twice.
    #[error("the number stands twice or is 0")]
    BadNumber,
    /// A method no route can have.
    #[error("the method is none of: {0}")]
    BadMethod(String),
    /// A path that is no template.
    #[error("the path {0}")]
    BadTemplate(&'static str),
    /// The same method and path, whatever its parameters are called.
    #[error("method and path are those of route {0}")]
    Doubled(u16),
    /// A word that is no class.
    #[error("the class is none of: {0}")]
    UnknownClass(String),
    /// A word that is no duty.
    #[error("{0:?} is no duty")]
    UnknownDuty(String),
    /// A class that must have a duty.
    #[error("a route of class {} needs a duty", .0.as_str())]
    NoDuty(Class),
    /// A duty the class cannot have.
    #[error("a route of class {} cannot have the duty {}", .0.as_str(), .1.as_str())]
    WrongDuty(Class, Duty),
    /// A duty of the gateway's own at two routes.
    #[error("the duty {} is that of route {other}", .duty.as_str())]
    DoubledDuty {
        /// The duty.
        duty: Duty,
        /// The route that has it.
        other: u16,
    },
    /// A duty of the gateway's own that it has no use for at this system.
    #[error("the duty {} has no effect at {}", .1.as_str(), .0.as_str())]
    IdleDuty(System, Duty),
    /// `public` where it changes nothing.
    #[error("public has no effect with class {}", .0.as_str())]
    PublicWithoutEffect(Class),
    /// A time that is none, or of a route that is not forwarded.
    #[error("timeout_ms has to be 1 to {0}, of a route that is forwarded")]
    BadTimeout(u32),
    /// `once` where it changes nothing.
    #[error("once has an effect with GET only")]
    OnceWithoutEffect,
}

/// Everything that is wrong; never empty where it is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct CatalogueErrors(pub Vec<Finding>);

impl CatalogueErrors {
    pub(super) fn add(&mut self, file: &str, route: Option<u16>, problem: Problem) {
        self.0.push(Finding {
            file: file.to_owned(),
            route,
            problem,
        });
    }
}

impl fmt::Display for CatalogueErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, one) in self.0.iter().enumerate() {
            let between = if n == 0 { "" } else { "; " };
            write!(f, "{between}{one}")?;
        }
        Ok(())
    }
}
