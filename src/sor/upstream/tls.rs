//! Whom the gateway believes to be a system of record.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// Why nobody can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTrust {
    /// The file cannot be read.
    #[error("cannot be read")]
    Unreadable,
    /// The file has a section that is no certificate.
    #[error("holds a broken PEM section or a certificate that cannot be read")]
    Broken,
    /// There is no certificate.
    #[error("holds no certificate to trust")]
    Empty,
}

/// Trusts the certificates in a file, else those the system trusts. Blocks on files.
///
/// # Errors
/// [`NoTrust`].
pub fn trust(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, NoTrust> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(path) => {
            let all = CertificateDer::pem_file_iter(path).map_err(|_io| NoTrust::Unreadable)?;
            for one in all {
                let one = one.map_err(|_broken| NoTrust::Broken)?;
                roots.add(one).map_err(|_broken| NoTrust::Broken)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(NoTrust::Empty);
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut trusting = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_none| NoTrust::Empty)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    trusting.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(trusting))
}
