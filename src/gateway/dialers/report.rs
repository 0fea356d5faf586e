//! What health says of the files of mappings.

use std::sync::PoisonError;

use serde_json::{Value, json};

use super::{Dialers, FileFinding};
use crate::domain::time::UnixSeconds;

/// Findings kept; their number is told of all.
const FINDINGS_TOLD_MAX: usize = 20;

/// How the files stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialersReport {
    /// Since when those in force are so.
    since: UnixSeconds,
    /// When newer files were refused, the first findings and how many there are.
    refused: Option<(UnixSeconds, Vec<String>, usize)>,
}

impl DialersReport {
    pub(super) fn new(since: UnixSeconds) -> Self {
        Self {
            since,
            refused: None,
        }
    }

    pub(super) fn refuse(&mut self, now: UnixSeconds, findings: &[FileFinding]) {
        let told = findings.iter().take(FINDINGS_TOLD_MAX);
        let told = told.map(ToString::to_string).collect();
        self.refused = Some((now, told, findings.len()));
    }

    pub(super) fn accept(&mut self, changed: Option<UnixSeconds>) {
        self.refused = None;
        self.since = changed.unwrap_or(self.since);
    }

    pub(super) fn changed(&mut self, now: UnixSeconds) {
        self.since = now;
    }
}

impl Dialers {
    /// `current` or `refused`, and since when those in force are so.
    pub fn files(&self) -> (&'static str, UnixSeconds) {
        let report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        let word = if report.refused.is_some() {
            "refused"
        } else {
            "current"
        };
        (word, report.since)
    }

    /// The subsystem `dialers` of health. Findings name files, so only `admin` reads them; that there
    /// are some, everybody.
    pub(in crate::gateway) fn page(&self, admin: bool) -> Value {
        let set = self.in_force();
        let open = set.all().iter().filter(|dialer| dialer.is_open()).count();
        let (state, since) = self.files();
        let report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = report.refused.as_ref().map(|(at, findings, count)| {
            let findings = admin.then_some(findings);
            json!({ "at": at.to_string(), "count": count, "findings": findings })
        });
        json!({
            "state": state,
            "open": open,
            "closed": set.all().len() - open,
            "since": since.to_string(),
            "refused": refused,
        })
    }
}
