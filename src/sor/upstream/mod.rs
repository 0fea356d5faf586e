//! A tenant's system of record at its addresses: asking it over the network.
//!
//! A call's way: counted in ([`Options::calls_max`]) -> given its credential -> an address chosen (the
//! one with fewest calls whose breaker is closed) -> a connection this thread kept, or a new one -> the
//! answer's head within its time -> its body piece by piece. What was not sent is sent elsewhere; what
//! was sent is sent again only if doing it twice is doing it once, and within a budget.
//!
//! Everything runs on the thread that asks; what threads share is counted in atomics and never locked.
//! Written on hyper's connections and not on its pooled client, because a pool of one thread needs no
//! lock, and because a request that was not sent comes back whole.
//!
//! Invariants
//! - UPSTREAM-1: at most `calls_max` calls of an upstream are under way, answers being read included.
//!   Beside them are a login, one at a time, and probes.
//! - UPSTREAM-2: a request is sent once, unless it is repeatable, certainly was not sent, or the system
//!   says that it does not take the exchanged token it came with: then it is sent once more.
//! - UPSTREAM-3: nobody is waited for without a limit: connecting, the answer's head, its next piece.
//!   Only an answer that is to go on (a stream) may be silent, as long as its connection lives.
//! - UPSTREAM-4: no error here holds a byte of a request, an answer or a credential.

mod address;
mod ask;
mod body;
mod breaker;
mod call;
mod connect;
mod credential;
mod lines;
mod probe;
mod report;
mod site;
#[cfg(test)]
mod tests;
mod tls;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::uri::PathAndQuery;
use rustls::ClientConfig;

pub use address::{Address, NoAddress};
pub use ask::{AskError, Asking};
pub use body::{Answer, BodyFault, Inbound, Outbound, Pieces, Through};
pub use call::{As, CallError, Manner};
pub use credential::{Credential, Exchange, bearer, secret};
pub use lines::Lines;
pub use report::{SiteReport, Tally, UpstreamReport};
pub use tls::trust;

use self::breaker::{Budget, Rule};
use self::credential::TokenCell;
use self::report::Counts;
use self::site::Site;
use super::dialect::Dialect;
use super::route::System;
use crate::clock::Clock;

/// Addresses of one system at most.
pub const ADDRESSES_MAX: usize = 8;

/// How a system is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// For a connection to be there and greeted.
    pub connect_timeout: Duration,
    /// For the head of an answer, and between two pieces of its body.
    pub timeout: Duration,
    /// For the head of the answer to an upload, from its first byte.
    pub upload_timeout: Duration,
    /// Calls under way at most.
    pub calls_max: usize,
    /// Calls that may be tried again, of a hundred.
    pub retries_percent: u32,
    /// Failures in a row after which an address is left alone.
    pub breaker_failures: u32,
    /// For how long.
    pub breaker_open: Duration,
}

/// What an upstream is made of.
pub struct Setting {
    /// The system.
    pub system: System,
    /// One to [`ADDRESSES_MAX`].
    pub addresses: Vec<Address>,
    /// How its tenant is believed.
    pub credential: Credential,
    /// How its bodies are read, where a token is exchanged.
    pub dialect: Option<Arc<dyn Dialect>>,
    /// What a probe asks for; nothing: a connection is enough.
    pub health_path: Option<PathAndQuery>,
    /// Whom `https` addresses have to be.
    pub tls: Option<Arc<ClientConfig>>,
    /// Limits.
    pub options: Options,
    /// Instants, and the wall time tokens end by.
    pub clock: Clock,
}

/// One system of record as one tenant reaches it. Shared by threads; see [`Lines`] for what is not.
pub struct Upstream {
    /// Its number in this process.
    no: u64,
    system: System,
    sites: Box<[Arc<Site>]>,
    credential: Credential,
    dialect: Option<Arc<dyn Dialect>>,
    token: TokenCell,
    health_path: Option<PathAndQuery>,
    tls: Option<Arc<ClientConfig>>,
    options: Options,
    clock: Clock,
    base: Instant,
    calls: Arc<AtomicUsize>,
    turn: AtomicUsize,
    budget: Budget,
    counts: Counts,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream")
            .field("no", &self.no)
            .field("system", &self.system)
            .finish_non_exhaustive()
    }
}

/// Counts upstreams up, so that connections kept for one are never taken for another's.
static NEXT: AtomicU64 = AtomicU64::new(0);

impl Upstream {
    /// An upstream nobody has asked yet. Opens nothing.
    pub fn new(setting: Setting) -> Self {
        let sites = setting.addresses.into_iter().take(ADDRESSES_MAX);
        Self {
            no: NEXT.fetch_add(1, Ordering::Relaxed),
            system: setting.system,
            sites: sites.map(|address| Arc::new(Site::new(address))).collect(),
            credential: setting.credential,
            dialect: setting.dialect,
            token: TokenCell::default(),
            health_path: setting.health_path,
            tls: setting.tls,
            base: setting.clock.instant(),
            clock: setting.clock,
            calls: Arc::default(),
            turn: AtomicUsize::new(0),
            budget: Budget::new(setting.options.retries_percent),
            counts: Counts::default(),
            options: setting.options,
        }
    }

    /// Its number in this process.
    pub fn no(&self) -> u64 {
        self.no
    }

    /// Which system.
    pub fn system(&self) -> System {
        self.system
    }

    /// How its tenant is believed.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Limits.
    pub fn options(&self) -> &Options {
        &self.options
    }

    fn rule(&self) -> Rule {
        Rule {
            failures: self.options.breaker_failures,
            open_ms: millis(self.options.breaker_open),
        }
    }

    /// Milliseconds of its own time.
    fn ms(&self, now: Instant) -> u64 {
        millis(now.saturating_duration_since(self.base))
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
