//! A call of a system's route and its answer, as a dialect sees them: bytes, no sockets.

use bytes::Bytes;

use super::route::{Duty, System};
use crate::domain::time::UnixSeconds;

/// Parameters of a path at most.
pub const PARAMS_MAX: usize = 4;

/// A request of a catalogued route that a dialect has to understand.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The system.
    pub system: System,
    /// What the route does.
    pub duty: Duty,
    /// The route's path as its catalogue spells it: what distinguishes routes of one duty.
    pub template: &'a str,
    /// The path's parameters by name, still percent-encoded, in the path's order.
    pub params: &'a [(&'a str, &'a str)],
    /// The query without its question mark.
    pub query: &'a str,
    /// What the caller says the body is, its `content-type` as sent; empty: it does not say. A body is
    /// read as the system will read it, or not at all.
    pub content_type: &'a str,
    /// The body, whole.
    pub body: &'a [u8],
    /// Whether anybody may call it: then it never permits anything.
    pub public: bool,
    /// Engine time of the call.
    pub now: UnixSeconds,
}

impl Call<'_> {
    /// A parameter of the path, percent-decoded; `None` when there is none or it is no UTF-8.
    pub fn param(&self, name: &str) -> Option<String> {
        let (_, raw) = self.params.iter().find(|(known, _)| *known == name)?;
        crate::wire::query::percent_decoded(raw).map(|text| text.to_string())
    }
}

/// A system's answer, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The status.
    pub status: u16,
    /// The body, at most [`HEARD_BYTES_MAX`](crate::wire::limits::HEARD_BYTES_MAX) bytes.
    pub body: Bytes,
}

/// A request the gateway makes of a system of its own accord.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// Path and query at the system, encoded, beginning with a slash.
    pub path: String,
    /// A JSON body, if it has one.
    pub body: Option<Bytes>,
    /// Whether sending it twice is the same as once.
    pub idempotent: bool,
}

impl Request {
    /// A read.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            body: None,
            idempotent: true,
        }
    }
}
