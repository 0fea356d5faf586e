//! What health says of the keys tokens are checked with. The gateway is told; it knows no files.

use std::sync::PoisonError;

use serde_json::{Value, json};

use super::running::Gateway;
use crate::domain::time::UnixSeconds;

/// How the keys stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysReport {
    /// Keys in force.
    pub keys: usize,
    /// Since when.
    pub since: UnixSeconds,
    /// When newer files were refused and every finding, while they still lie there.
    pub refused: Option<(UnixSeconds, Vec<String>)>,
}

impl KeysReport {
    /// Findings name files and keys, so only `admin` reads them; that there are some, everybody.
    fn shown(&self, admin: bool) -> Value {
        let refused = self.refused.as_ref().map(|(at, found)| {
            let findings = admin.then_some(found);
            json!({ "at": at.to_string(), "count": found.len(), "findings": findings })
        });
        json!({
            "state": if refused.is_some() { "refused" } else { "current" },
            "keys": self.keys,
            "since": self.since.to_string(),
            "refused": refused,
        })
    }
}

impl Gateway {
    /// Keeps what health is to say of the keys.
    pub fn tell_keys(&self, report: KeysReport) {
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }

    /// The subsystem `keys` of health.
    pub(super) fn keys(&self, admin: bool) -> Value {
        let told = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        told.as_ref()
            .map_or(Value::Null, |report| report.shown(admin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_for_admins_and_their_number_for_all() {
        let mut report = KeysReport {
            keys: 2,
            since: UnixSeconds(0),
            refused: None,
        };
        let since = "1970-01-01T00:00:00Z";
        let current = json!({ "state": "current", "keys": 2, "since": since, "refused": null });
        assert_eq!(report.shown(true), current);
        report.refused = Some((UnixSeconds(60), vec!["f: what".to_owned()]));
        for (admin, findings) in [(true, json!(["f: what"])), (false, Value::Null)] {
            let refused = json!({ "at": "1970-01-01T00:01:00Z", "count": 1, "findings": findings });
            assert_eq!(
                report.shown(admin),
                json!({ "state": "refused", "keys": 2, "since": since, "refused": refused })
            );
        }
    }
}
