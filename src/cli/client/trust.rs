//! Whom a command believes to be the server: as the client does, in a command's words.

use std::path::Path;

use rustls::ClientConfig;

use crate::cli::exit::{Exit, Failure};
use crate::trust::{self, TrustFault};

/// The certificates in a file, else those the system trusts.
pub(super) fn configured(ca_file: Option<&Path>) -> Result<ClientConfig, Failure> {
    trust::configured(true, ca_file).map_err(|fault| match (fault, ca_file) {
        (TrustFault::Setup, _) => Failure::new(Exit::Fault, fault),
        (_, Some(path)) => {
            let told = format_args!("--ca-file {}: {fault}", path.display());
            Failure::new(Exit::InputOutput, told)
        }
        (_, None) => Failure::new(Exit::InputOutput, format_args!("{fault} (--ca-file)")),
    })
}

/// Nobody: for a server that is asked in cleartext.
pub(super) fn nobody() -> Result<ClientConfig, Failure> {
    trust::configured(false, None).map_err(|fault| Failure::new(Exit::Fault, fault))
}
