//! Certificates made for a test, and clients that trust them.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};

/// The name certificates are made for.
const NAME: &str = "gate.test";

/// A certificate that vouches for itself, and its key.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) cert: String,
    pub(crate) key: String,
    pub(crate) der: CertificateDer<'static>,
}

impl Pair {
    pub(crate) fn new() -> Self {
        let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
        Self {
            cert: made.cert.pem(),
            key: made.signing_key.serialize_pem(),
            der: made.cert.der().clone(),
        }
    }

    /// Writes both files as an operator would: each whole, under its name at once.
    pub(crate) fn write(&self, dir: &Path) {
        for (name, text) in [("cert.pem", &self.cert), ("key.pem", &self.key)] {
            let fresh = dir.join("fresh");
            std::fs::write(&fresh, text).unwrap();
            std::fs::rename(&fresh, dir.join(name)).unwrap();
        }
    }

    pub(crate) fn name() -> ServerName<'static> {
        ServerName::try_from(NAME).unwrap()
    }

    /// A client that trusts this certificate alone.
    pub(crate) fn client(&self, protocols: &[&[u8]]) -> Arc<ClientConfig> {
        self.client_of(protocols, rustls::DEFAULT_VERSIONS)
    }

    /// The same, of some versions of TLS only.
    pub(crate) fn client_of(
        &self,
        protocols: &[&[u8]],
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> Arc<ClientConfig> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    }
}
