//! Whom a command believes to be the server.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::cli::exit::{Exit, Failure};

/// The certificates in a file, else those the system trusts.
pub(super) fn configured(ca_file: Option<&Path>) -> Result<ClientConfig, Failure> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = ca_file {
        let unusable = |what: &str| {
            Failure::new(
                Exit::InputOutput,
                format_args!("--ca-file {}: {what}", path.display()),
            )
        };
        let all = CertificateDer::pem_file_iter(path);
        for one in all.map_err(|_unreadable| unusable("cannot be read"))? {
            let one = one.map_err(|_broken| unusable("holds a broken PEM section"))?;
            let added = roots.add(one);
            added.map_err(|_none| unusable("holds a certificate that cannot be read"))?;
        }
        if roots.is_empty() {
            return Err(unusable("holds no CERTIFICATE section"));
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            let what = "this system trusts no certificate: give --ca-file";
            return Err(Failure::new(Exit::InputOutput, what));
        }
    }
    trusting(roots)
}

/// Nobody: for a server that is asked in cleartext.
pub(super) fn nobody() -> Result<ClientConfig, Failure> {
    trusting(RootCertStore::empty())
}

fn trusting(roots: RootCertStore) -> Result<ClientConfig, Failure> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::new(Exit::Fault, error))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
