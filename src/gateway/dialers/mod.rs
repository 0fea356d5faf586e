//! The dialers that may report by themselves: their mappings and credentials, swapped whole, read
//! without a lock; kept as files, re-read when those change, and written by `PUT /api/dialer/config`.
//!
//! A dialer belongs to a tenant and is named within it, so two tenants may each have a `five9`; a
//! request's path says which dialers it may come from, and its credential which one it is.
//!
//! Invariants
//! - DIALERS-1: a set is in force whole or not at all; what is refused leaves the one before.
//! - DIALERS-2: no two dialers have a secret in common, so a credential is one dialer's.
//! - DIALERS-3: a secret is in memory alone: not in a mapping, finding, answer or log line.

mod dialer;
mod folder;
mod put;
mod report;
mod secret;
mod set;
mod shown;
#[cfg(test)]
mod tests;
mod unmapped;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

pub use dialer::{Dialer, DialerSecret};
pub use folder::{DialerFolder, FileFinding, Look};
pub use put::PutError;
pub use report::DialersReport;
pub use set::{DialerSet, WebhookPath};

use self::unmapped::Unmapped;
use crate::domain::time::UnixSeconds;

/// Dialers in force, and what is kept beside them.
#[derive(Debug)]
pub struct Dialers {
    set: ArcSwap<DialerSet>,
    /// Where they are kept; nothing where mappings cannot be changed.
    folder: Option<DialerFolder>,
    /// Held by whoever replaces the set, never by whoever reads it.
    changing: Mutex<()>,
    unmapped: Unmapped,
    report: Mutex<DialersReport>,
}

/// What came of reading the files again.
#[derive(Debug, PartialEq, Eq)]
pub enum Reread {
    /// They say what was in force.
    Unchanged,
    /// What they say is in force now.
    Changed,
    /// Somebody is writing.
    Unsettled,
    /// Every finding; what was in force stays, and health tells it.
    Refused(Vec<FileFinding>),
}

impl Default for Dialers {
    fn default() -> Self {
        Self::new(DialerSet::default(), None, UnixSeconds(0))
    }
}

impl Dialers {
    /// Those that were read at `since`, and where they are kept.
    pub fn new(set: DialerSet, folder: Option<DialerFolder>, since: UnixSeconds) -> Self {
        Self {
            set: ArcSwap::from_pointee(set),
            folder,
            changing: Mutex::new(()),
            unmapped: Unmapped::default(),
            report: Mutex::new(DialersReport::new(since)),
        }
    }

    /// Those in force.
    pub fn in_force(&self) -> Arc<DialerSet> {
        self.set.load_full()
    }

    /// Where they are kept.
    pub fn folder(&self) -> Option<&DialerFolder> {
        self.folder.as_ref()
    }

    /// Makes what the files say decide from the next request on, if they are still as they were when
    /// `seen` was told of them. Blocks on files.
    pub fn reread(&self, seen: [u8; 32], now: UnixSeconds) -> Reread {
        let Some(folder) = &self.folder else {
            return Reread::Unchanged;
        };
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, so that a mapping just put is among what is seen.
        let look = folder.look();
        if look.fingerprint != seen {
            return Reread::Unsettled;
        }
        let in_force = self.in_force();
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        let read = match look.read {
            // Dialers are closed by taking their files away, not by losing the folder.
            Ok(_) if look.is_absent && !in_force.all().is_empty() => Err(vec![folder.lost()]),
            read => read,
        };
        match read {
            Err(findings) => {
                report.refuse(now, &findings);
                Reread::Refused(findings)
            }
            Ok(set) => {
                let changed = *in_force != set;
                report.accept(changed.then_some(now));
                if changed {
                    self.replace(set);
                    return Reread::Changed;
                }
                Reread::Unchanged
            }
        }
    }

    fn replace(&self, set: DialerSet) {
        self.unmapped
            .keep(|tenant, id| set.find(tenant, id).is_some());
        self.set.store(Arc::new(set));
    }
}
