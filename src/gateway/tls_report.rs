//! What health says of the certificate. The gateway is told; it knows no files.

use std::sync::PoisonError;

use serde_json::{Value, json};

use super::running::Gateway;
use crate::domain::time::UnixSeconds;

/// A certificate expires within this many seconds: time to say so.
const DUE_S: i64 = 14 * 86_400;

/// How the certificate stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsReport {
    /// Valid from this instant.
    pub not_before: UnixSeconds,
    /// Valid until this instant.
    pub not_after: UnixSeconds,
    /// What is spoken over QUIC, by the names ALPN has for it; none: no UDP socket.
    pub quic: &'static [&'static str],
    /// When a new pair of files was last refused, and why, while it still lies there.
    pub refused: Option<(UnixSeconds, String)>,
}

impl TlsReport {
    fn word(&self, now: UnixSeconds) -> &'static str {
        if now > self.not_after {
            "expired"
        } else if now < self.not_before {
            "not_yet_valid"
        } else if now.plus(DUE_S) > self.not_after {
            "due"
        } else {
            "current"
        }
    }

    fn shown(&self, now: UnixSeconds) -> Value {
        let refused = self
            .refused
            .as_ref()
            .map(|(at, why)| json!({ "at": at.to_string(), "why": why }));
        json!({
            "state": if refused.is_some() { "refused" } else { "on" },
            "certificate": self.word(now),
            "not_after": self.not_after.to_string(),
            "quic": self.quic,
            "refused": refused,
        })
    }
}

impl Gateway {
    /// Keeps what health is to say of the certificate; whether the same was told before.
    pub fn tell_tls(&self, report: TlsReport) -> bool {
        let mut told = self.tls.lock().unwrap_or_else(PoisonError::into_inner);
        let before = told.as_ref() == Some(&report);
        *told = Some(report);
        before
    }

    /// The subsystem `tls` of health.
    pub(super) fn tls(&self) -> Value {
        let told = self.tls.lock().unwrap_or_else(PoisonError::into_inner);
        told.as_ref().map_or_else(
            || json!({ "state": "off" }),
            |report| report.shown(self.clock.wall()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_called_due_expired_or_early_at_its_bounds() {
        let report = TlsReport {
            not_before: UnixSeconds(1_000),
            not_after: UnixSeconds(9_000_000),
            quic: &[],
            refused: None,
        };
        let due = 9_000_000 - DUE_S;
        for (now, word) in [
            (999, "not_yet_valid"),
            (1_000, "current"),
            (due, "current"),
            (due + 1, "due"),
            (9_000_000, "due"),
            (9_000_001, "expired"),
        ] {
            assert_eq!(report.word(UnixSeconds(now)), word, "{now}");
        }
    }

    #[test]
    fn a_refusal_is_shown_beside_what_stays_in_force() {
        let report = TlsReport {
            not_before: UnixSeconds(0),
            not_after: UnixSeconds(86_400_000),
            quic: &["h3"],
            refused: Some((UnixSeconds(60), "key.pem: why".to_owned())),
        };
        assert_eq!(
            report.shown(UnixSeconds(60)),
            json!({
                "state": "refused",
                "certificate": "current",
                "not_after": "1972-09-27T00:00:00Z",
                "quic": ["h3"],
                "refused": { "at": "1970-01-01T00:01:00Z", "why": "key.pem: why" },
            })
        );
    }
}
