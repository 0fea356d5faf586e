//! What an upstream tells of itself: counts, and how its addresses stand.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Upstream;

/// Calls by what came of them, since the upstream was made.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) answered: AtomicU64,
    pub(super) unreachable: AtomicU64,
    pub(super) timeouts: AtomicU64,
    pub(super) busy: AtomicU64,
    pub(super) retried: AtomicU64,
    pub(super) broken_off: AtomicU64,
    pub(super) logins: AtomicU64,
}

/// Counts one.
pub(super) fn one(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

/// Calls by what came of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// An answer came, whatever it says.
    pub answered: u64,
    /// Nobody took the connection, or it broke before an answer.
    pub unreachable: u64,
    /// No answer in time.
    pub timeouts: u64,
    /// Not tried: too many under way, or every breaker open.
    pub busy: u64,
    /// Tried again after a failure.
    pub retried: u64,
    /// The caller's body broke off.
    pub broken_off: u64,
    /// Exchanges of the tenant's secret for a token.
    pub logins: u64,
}

/// How one address stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteReport {
    /// Scheme, host, port, base.
    pub address: String,
    /// The last probe was answered.
    pub healthy: bool,
    /// Too many failures in a row: it is left alone.
    pub breaker_open: bool,
    /// Calls under way.
    pub calls: u32,
}

/// How an upstream stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamReport {
    /// Its addresses, in their order.
    pub sites: Vec<SiteReport>,
    /// Calls under way.
    pub calls: usize,
    /// Calls so far.
    pub tally: Tally,
}

impl Upstream {
    /// How it stands.
    pub fn report(&self) -> UpstreamReport {
        let (order, rule) = (Ordering::Relaxed, self.rule());
        let sites = self.sites.iter().map(|site| SiteReport {
            address: site.address.to_string(),
            healthy: site.healthy.load(order),
            breaker_open: site.breaker.is_open(rule),
            calls: site.calls.load(order),
        });
        UpstreamReport {
            sites: sites.collect(),
            calls: self.calls.load(order),
            tally: self.tally(),
        }
    }

    /// Calls so far.
    pub fn tally(&self) -> Tally {
        let (order, counts) = (Ordering::Relaxed, &self.counts);
        Tally {
            answered: counts.answered.load(order),
            unreachable: counts.unreachable.load(order),
            timeouts: counts.timeouts.load(order),
            busy: counts.busy.load(order),
            retried: counts.retried.load(order),
            broken_off: counts.broken_off.load(order),
            logins: counts.logins.load(order),
        }
    }
}
