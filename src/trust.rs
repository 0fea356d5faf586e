//! Whom this process believes to be another one, over TLS: the only place that reads trusted certificates.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// Why nobody can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustFault {
    /// The file cannot be read.
    #[error("cannot be read")]
    Unreadable,
    /// Not PEM.
    #[error("holds a broken PEM section")]
    Pem,
    /// PEM, and no certificate in it.
    #[error("holds a certificate that cannot be read")]
    Certificate,
    /// Nothing.
    #[error("holds no CERTIFICATE section")]
    Empty,
    /// The system believes nobody.
    #[error("this system trusts no certificate: name a file")]
    NoSystemRoots,
    /// The cryptography refuses to be set up.
    #[error("TLS cannot be set up")]
    Setup,
}

/// Believes the certificates in a file, else those the system trusts; nobody where there is no TLS.
/// Blocks on files.
///
/// # Errors
/// [`TrustFault`].
pub fn configured(tls: bool, ca_file: Option<&Path>) -> Result<ClientConfig, TrustFault> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(path) => from_file(&mut roots, path)?,
        None if tls => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(TrustFault::NoSystemRoots);
            }
        }
        None => {}
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_refused| TrustFault::Setup)?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn from_file(roots: &mut RootCertStore, path: &Path) -> Result<(), TrustFault> {
    let all = CertificateDer::pem_file_iter(path).map_err(|_error| TrustFault::Unreadable)?;
    for one in all {
        let one = one.map_err(|_broken| TrustFault::Pem)?;
        roots.add(one).map_err(|_none| TrustFault::Certificate)?;
    }
    if roots.is_empty() {
        return Err(TrustFault::Empty);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_believed_alone_or_refused_with_its_fault() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let told = |text: &str| {
            std::fs::write(&path, text).unwrap();
            configured(true, Some(&path)).map(|_| ())
        };
        let section = |text: &str| {
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        };
        assert_eq!(told("nothing"), Err(TrustFault::Empty));
        assert_eq!(told(&section("***")), Err(TrustFault::Pem));
        assert_eq!(told(&section("AAAA")), Err(TrustFault::Certificate));
        let made = rcgen::generate_simple_self_signed(["gate.test".to_owned()]).unwrap();
        assert_eq!(told(&made.cert.pem()), Ok(()));
        let absent = configured(true, Some(&dir.path().join("absent")));
        assert_eq!(absent.map(|_| ()), Err(TrustFault::Unreadable));
        assert!(configured(false, None).is_ok());
    }
}
