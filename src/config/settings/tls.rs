//! `[tls]`: what goes together, what is read, and where cleartext may be spoken.

use super::{Quic, Settings, Tls};
use crate::config::error::ConfigErrors;
use crate::transport::tls::{Certificate, PemFile, PemFiles, TlsFault};

impl Settings {
    /// Notes a listening address at which tokens and phone numbers would cross a network in
    /// cleartext. Asked once the command line has had its say.
    pub fn refuse_cleartext(&self, file: &str, errors: &mut ConfigErrors) {
        let tls = &self.tls;
        let secret = tls.offloaded || tls.cert_file.is_some() || tls.key_file.is_some();
        if !secret && !self.server.listen.ip().to_canonical().is_loopback() {
            errors.add(
                file,
                "server.listen",
                "is not a loopback address: give tls.cert_file and tls.key_file, or say \
                 tls.offloaded = true where something before dialgate ends TLS",
            );
        }
    }
}

impl Quic {
    /// What is spoken over UDP where there is a certificate, by the names ALPN has for it.
    pub fn spoken(&self) -> &'static [&'static str] {
        match (self.http3, self.frames) {
            (true, true) => &["h3", "dialgate/1"],
            (true, false) => &["h3"],
            (false, true) => &["dialgate/1"],
            (false, false) => &[],
        }
    }
}

impl Tls {
    pub(super) fn check(&self, file: &str, errors: &mut ConfigErrors) {
        let (key, what) = match (&self.cert_file, &self.key_file, self.offloaded) {
            (Some(_), None, _) => ("tls.key_file", "is needed beside tls.cert_file"),
            (None, Some(_), _) => ("tls.cert_file", "is needed beside tls.key_file"),
            (Some(_), Some(_), true) => ("tls.offloaded", "is true beside tls.cert_file"),
            _ => return,
        };
        errors.add(file, key, what);
    }

    /// Reads certificate and key, where there are any.
    ///
    /// # Errors
    /// One finding. It never shows what is in the files.
    pub fn certificate(&self) -> Result<Option<Certificate>, ConfigErrors> {
        let (Some(cert), Some(key)) = (&self.cert_file, &self.key_file) else {
            return Ok(None);
        };
        let files = PemFiles {
            cert: cert.clone(),
            key: key.clone(),
        };
        let faulty = |fault: TlsFault| {
            let path = match fault.file {
                PemFile::Cert => cert,
                PemFile::Key => key,
            };
            let mut errors = ConfigErrors::default();
            errors.add(
                &path.display().to_string(),
                fault.file.as_str(),
                fault.reason,
            );
            errors
        };
        Certificate::open(files).map(Some).map_err(faulty)
    }
}
