//! PEM files: bytes, certificates, one private key. Messages never show contents.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroize as _;

use super::TlsReason;
use crate::wire::limits::PEM_BYTES_MAX;

/// Certificates of a chain at most.
const CHAIN_MAX: usize = 16;
const BROKEN: TlsReason = TlsReason::NotPem("holds a broken PEM section");

/// A whole file of at most [`PEM_BYTES_MAX`]. Room is made once, so that no copy of a key is left
/// behind where a buffer grew.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, TlsReason> {
    let unreadable = |error: std::io::Error| TlsReason::Unreadable(error.kind());
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    if length > PEM_BYTES_MAX {
        return Err(TlsReason::TooLong);
    }
    let most = usize::try_from(PEM_BYTES_MAX).unwrap_or(usize::MAX);
    let mut all = Vec::with_capacity(most.saturating_add(1));
    // A file that grows meanwhile is stopped at the bound, too.
    let read = file.take(PEM_BYTES_MAX + 1).read_to_end(&mut all);
    read.map_err(unreadable)?;
    if all.len() > most {
        return Err(TlsReason::TooLong);
    }
    Ok(all)
}

/// Every certificate of a file, at least one.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsReason> {
    let mut all = Vec::new();
    for one in CertificateDer::pem_slice_iter(pem) {
        all.push(one.map_err(|_broken| BROKEN)?);
        if all.len() > CHAIN_MAX {
            return Err(TlsReason::NotPem("holds more than 16 certificates"));
        }
    }
    if all.is_empty() {
        return Err(TlsReason::NotPem("holds no CERTIFICATE section"));
    }
    Ok(all)
}

/// The one private key of a file.
pub(super) fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsReason> {
    let mut all = PrivateKeyDer::pem_slice_iter(pem);
    let none = TlsReason::NotPem("holds no PRIVATE KEY section that is not encrypted");
    let mut first = all.next().ok_or(none)?.map_err(|_broken| BROKEN)?;
    if all.next().is_some() {
        first.zeroize();
        return Err(TlsReason::NotPem("holds more than one private key"));
    }
    Ok(first)
}
