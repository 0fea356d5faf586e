//! An answer before it is anybody's protocol.

use bytes::Bytes;

/// Content type of the gate's and most other answers.
pub const JSON: &str = "application/json";
/// Content type of RFC 9457 errors.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// Content type of the metrics page.
pub const METRICS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Status, type, further headers and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Status code, 200..=599.
    pub status: u16,
    /// `content-type`.
    pub content_type: &'static str,
    /// Further headers: lower-case names, values in visible ASCII. Most answers have none.
    pub headers: Vec<(&'static str, Box<str>)>,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content_type: JSON,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// The same answer with one header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Box<str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
