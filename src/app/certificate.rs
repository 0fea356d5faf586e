//! The certificate while the house serves: read again, and told of.

use std::sync::Arc;

use crate::clock::Clock;
use crate::gateway::running::Gateway;
use crate::gateway::tls_report::TlsReport;
use crate::telemetry::{Metrics, Renewal};
use crate::transport::tls::{Certificate, Reread};

/// Who reads the certificate again and tells gateway, metrics and log.
#[derive(Debug, Clone)]
pub(super) struct CertificateWatch {
    pub(super) certificate: Arc<Certificate>,
    pub(super) gateway: Arc<Gateway>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Clock,
    /// What is spoken over QUIC with it.
    pub(super) quic: &'static [&'static str],
}

impl CertificateWatch {
    /// Looks at the files.
    pub(super) fn look(&self) {
        match self.certificate.reread(self.clock.wall()) {
            Reread::Unchanged | Reread::StillRefused => {}
            Reread::Renewed(validity) => {
                self.metrics.renewal(Renewal::Renewed);
                tracing::info!(not_after = %validity.not_after, "a new certificate is in force");
            }
            Reread::Refused(fault) => {
                self.metrics.renewal(Renewal::Refused);
                tracing::error!(%fault, "a new certificate is refused: the old one stays");
            }
        }
        self.tell();
    }

    /// Tells how things stand; warns of a certificate whose time has not come or is over.
    pub(super) fn tell(&self) {
        let validity = self.certificate.validity();
        let now = self.clock.wall();
        let report = TlsReport {
            not_before: validity.not_before,
            not_after: validity.not_after,
            quic: self.quic,
            refused: self
                .certificate
                .refused()
                .map(|refused| (refused.at, refused.fault.to_string())),
        };
        let not_after = u32::try_from(validity.not_after.0).unwrap_or(u32::MAX);
        self.metrics.certificate_not_after.set(f64::from(not_after));
        let told_before = self.gateway.tell_tls(report);
        if !told_before && !validity.holds(now) {
            tracing::warn!(not_after = %validity.not_after, "the certificate is not valid now");
        }
    }
}
