//! What a protocol can do for a story.

use std::rc::Rc;

use serde_json::Value;

use super::frames::Frames;
use super::http::{Http1, Http2, OverHttp};
use super::http3::Http3;
use super::lines::Lines;
use super::site::Site;
use super::told::Told;

/// What is spoken, all of it under TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
    Http3,
    /// ALPN `dialgate/1`.
    Frames,
    /// NDJSON over HTTP/1.1.
    Lines,
}

impl Protocol {
    pub(crate) const ALL: [Self; 5] = [
        Self::Http1,
        Self::Http2,
        Self::Http3,
        Self::Frames,
        Self::Lines,
    ];

    /// Its tenant.
    pub(crate) fn tenant(self) -> &'static str {
        match self {
            Self::Http1 => "over-http1",
            Self::Http2 => "over-http2",
            Self::Http3 => "over-http3",
            Self::Frames => "over-frame",
            Self::Lines => "over-lines",
        }
    }

    /// Somebody who speaks it.
    pub(crate) fn speaker(self, site: &Rc<Site>) -> Box<dyn Speaker> {
        match self {
            Self::Http1 => Box::new(OverHttp::<Http1>::new(site)),
            Self::Http2 => Box::new(OverHttp::<Http2>::new(site)),
            Self::Http3 => Box::new(OverHttp::<Http3>::new(site)),
            Self::Frames => Box::new(Frames::new(site)),
            Self::Lines => Box::new(Lines::new(site)),
        }
    }
}

/// With what one asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// Every scope.
    Good,
    /// Not the scope that is needed.
    Narrow,
    /// Its time was over long before.
    Expired,
    /// Of a tenant nobody declared.
    Undeclared,
    /// Signed by somebody else.
    Forged,
    /// None at all.
    Absent,
}

/// Asks over one protocol, and waits for the answer. Keeps its connection.
pub(crate) trait Speaker {
    /// Asks the gate about one intent.
    fn ask(&mut self, token: &str, intent: &Value) -> Told;

    /// Asks with bytes that need be no intent; `None` where the protocol has no such thing.
    fn ask_raw(&mut self, token: &str, body: &[u8]) -> Option<Told>;

    /// Asks about many; one answer for all when none was decided.
    fn ask_all(&mut self, token: &str, intents: &[Value]) -> Vec<Told>;

    /// Reports an outcome, the account in its body.
    fn report(&mut self, token: &str, said: &Value) -> Told;
}
