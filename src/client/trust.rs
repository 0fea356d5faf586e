//! Whom the client believes to be the gateway.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{TransportConfig, VarInt};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::limits::{KEEP_ALIVE_MS, SILENCE_MS_MAX};
use crate::wire::frame::ALPN;

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

/// The certificates in a file, else those the system trusts; nobody where there is no TLS. Reads
/// files.
pub(super) fn configured(tls: bool, ca_file: Option<&Path>) -> Result<ClientConfig, TrustFault> {
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

/// The same for frames over QUIC. No early data: a question that arrives twice is asked twice.
pub(super) fn over_quic(trust: &ClientConfig) -> Result<quinn::ClientConfig, TrustFault> {
    let mut trust = trust.clone();
    trust.alpn_protocols = vec![ALPN.to_vec()];
    trust.enable_early_data = false;
    let crypto = QuicClientConfig::try_from(trust).map_err(|_no_suite| TrustFault::Setup)?;
    let mut transport = TransportConfig::default();
    let silence = Duration::from_millis(SILENCE_MS_MAX).try_into();
    transport
        .max_idle_timeout(Some(silence.map_err(|_too_long| TrustFault::Setup)?))
        .keep_alive_interval(Some(Duration::from_millis(KEEP_ALIVE_MS)))
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(0));
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport));
    Ok(config)
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
