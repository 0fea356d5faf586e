//! What a path leads to where nothing native answers, and what goes back and forth on the way.

use std::time::Instant;

use http::request::Parts;
use http::{HeaderValue, Response};

use crate::gateway::door::RouteName;
use crate::gateway::running::Gateway;
use crate::sor::catalogue::{Lookup, Match};
use crate::sor::route::{Class, System};
use crate::sor::upstream::{Inbound, Outbound};
use crate::wire::reply::Reply;
use crate::wire::scopes::Scope;

/// What a method and a path lead to.
#[derive(Debug)]
pub enum Passage<'a> {
    /// No tenant of this house has a system of record.
    Nowhere,
    /// No catalogue has the path.
    Unknown(System),
    /// The path has these methods only.
    OtherMethod(System, String),
    /// The route is refused to everybody.
    Denied(System),
    /// A route for whoever has a credential.
    Closed(Way<'a>),
    /// A route for everybody.
    Open(Way<'a>),
}

/// A route of a system, found.
#[derive(Debug)]
pub struct Way<'a> {
    pub(super) system: System,
    pub(super) found: Match<'a>,
}

impl Way<'_> {
    /// What metrics call it.
    pub fn label(&self) -> RouteName {
        label(self.system)
    }
}

impl Passage<'_> {
    /// What metrics call it.
    pub fn label(&self) -> RouteName {
        match self {
            Self::Nowhere | Self::Unknown(_) | Self::OtherMethod(..) => RouteName::Unknown,
            Self::Denied(system) => label(*system),
            Self::Closed(way) | Self::Open(way) => way.label(),
        }
    }
}

fn label(system: System) -> RouteName {
    match system {
        System::Whl => RouteName::Whl,
        System::Scollect => RouteName::Scollect,
        System::Portal => RouteName::Portal,
    }
}

/// A request on its way through: what concerned only the client's connection is gone from its head.
#[derive(Debug)]
pub struct Passing {
    /// Method, path and headers.
    pub head: Parts,
    /// The body.
    pub body: Outbound,
    /// The name the client asked for, without port.
    pub host: Box<str>,
    /// The request's id.
    pub request_id: HeaderValue,
    /// When its head was there.
    pub arrived: Instant,
}

/// What a forwarded call came to.
#[derive(Debug)]
pub enum Returned {
    /// The system's own answer.
    System(Box<Response<Inbound>>),
    /// The gateway's answer: the system was not asked, or there was none.
    Own(Reply),
    /// The caller lacks a scope.
    Missing(Scope),
}

impl Gateway {
    /// What a method and a path lead to.
    pub(in crate::gateway) fn passage_of<'a>(&'a self, method: &str, path: &'a str) -> Passage<'a> {
        if self.sor.bindings.load().is_empty() {
            return Passage::Nowhere;
        }
        let (system, lookup) = self.sor.catalogues.find(method, path);
        match lookup {
            Lookup::Nothing => Passage::Unknown(system),
            Lookup::OtherMethod(allow) => Passage::OtherMethod(system, allow),
            Lookup::Match(found) => match found.route.class {
                // Answered natively or not at all: it is nowhere else.
                Class::Hot => Passage::Unknown(system),
                Class::Denied => Passage::Denied(system),
                Class::Public => Passage::Open(Way { system, found }),
                _ if found.route.public => Passage::Open(Way { system, found }),
                _ => Passage::Closed(Way { system, found }),
            },
        }
    }
}
