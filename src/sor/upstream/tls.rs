//! Whom the gateway believes to be a system of record.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;

use crate::trust::{self, TrustFault};

/// Trusts the certificates in a file, else those the system trusts. Blocks on files.
///
/// # Errors
/// [`TrustFault`].
pub fn trust(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, TrustFault> {
    let mut trusting = trust::configured(true, ca_file)?;
    trusting.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(trusting))
}
