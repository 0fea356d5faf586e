//! The connections of one thread to systems of record, kept between calls.
//!
//! No thread shares a connection with another, so taking one and giving it back costs no lock and no
//! hand-over. Connections are driven by tasks of the thread's own runtime: it has to be a local one.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hyper::client::conn::{http1, http2};

use super::body::Outbound;
use super::site::{Admitted, Placed, SiteKey};
use crate::wire::limits::{SOR_IDLE_CONNECTIONS_MAX, SOR_IDLE_MS};

/// The connections of one thread. Cloning gives another hand on the same ones; dropping the last
/// closes those that idle.
#[derive(Clone, Default)]
pub struct Lines(Rc<RefCell<HashMap<SiteKey, Kept>>>);

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}

/// What is kept for one address.
#[derive(Default)]
struct Kept {
    /// The one used last at the end.
    idle: Vec<(http1::SendRequest<Outbound>, Instant)>,
    /// Serves any number of calls at once.
    http2: Option<http2::SendRequest<Outbound>>,
}

/// A connection a call may use.
pub(super) enum Line {
    Http1(http1::SendRequest<Outbound>),
    Http2(http2::SendRequest<Outbound>),
}

impl Lines {
    /// A connection to an address that is ready for a call.
    pub(super) fn take(&self, key: SiteKey) -> Option<Line> {
        let mut all = self.0.borrow_mut();
        let kept = all.get_mut(&key)?;
        if let Some(line) = &kept.http2 {
            if line.is_closed() {
                kept.http2 = None;
            } else {
                return Some(Line::Http2(line.clone()));
            }
        }
        // The one used last first: those at the other end may idle away.
        for at in (0..kept.idle.len()).rev() {
            let Some((line, _)) = kept.idle.get(at) else {
                break;
            };
            // Neither: it is still at the end of its last call.
            if line.is_ready() {
                return Some(Line::Http1(kept.idle.remove(at).0));
            }
            if line.is_closed() {
                kept.idle.remove(at);
            }
        }
        None
    }

    /// Keeps a connection over HTTP/2 for every further call.
    pub(super) fn keep_http2(&self, key: SiteKey, line: &http2::SendRequest<Outbound>) {
        self.0.borrow_mut().entry(key).or_default().http2 = Some(line.clone());
    }

    fn keep(&self, key: SiteKey, line: http1::SendRequest<Outbound>, now: Instant) {
        let mut all = self.0.borrow_mut();
        if !all.contains_key(&key) {
            // What nobody is bound to any more is closed by its other end in time.
            all.retain(|_, kept| kept.is_alive());
        }
        let idle = &mut all.entry(key).or_default().idle;
        let age = |since: &Instant| now.saturating_duration_since(*since);
        let idle_max = Duration::from_millis(SOR_IDLE_MS);
        // The one that has idled longest stands first.
        if idle.len() >= SOR_IDLE_CONNECTIONS_MAX
            || idle.first().is_some_and(|(_, since)| age(since) > idle_max)
        {
            idle.remove(0);
        }
        idle.push((line, now));
    }
}

impl Kept {
    fn is_alive(&self) -> bool {
        self.http2.as_ref().is_some_and(|line| !line.is_closed())
            || self.idle.iter().any(|(line, _)| !line.is_closed())
    }
}

/// A call's connection, and its places in the counts.
pub(super) struct Lease {
    pub(super) lines: Lines,
    pub(super) key: SiteKey,
    pub(super) line: Line,
    pub(super) _admitted: Admitted,
    pub(super) _placed: Placed,
    /// When the call began: near enough to tell how long a connection idles.
    pub(super) began: Instant,
}

impl Lease {
    /// The call is over and its connection is whole.
    pub(super) fn give_back(self) {
        if let Line::Http1(line) = self.line
            && !line.is_closed()
        {
            self.lines.keep(self.key, line, self.began);
        }
    }
}
