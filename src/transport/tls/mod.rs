//! TLS: the certificate new connections are greeted with, read again while it runs.
//!
//! TLS 1.2 and 1.3 by rustls over aws-lc; no early data, because a replayed intent would be asked
//! twice. A new certificate is a whole new set-up with its own ticket keys: nobody resumes a session
//! that an old certificate began. Connections keep what they were greeted with.
//!
//! Invariants
//! - TLS-1: certificate and key are in force together or not at all, and only if they belong
//!   together; what is refused leaves the old pair in force.
//! - TLS-2: the key's bytes are in no message; the file's bytes and the decoded key are wiped once it
//!   is loaded. What the PEM reader and aws-lc keep for themselves is theirs.

mod greeter;
mod pem;
#[cfg(test)]
mod tests;
mod validity;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rustls::crypto::aws_lc_rs;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

pub(super) use greeter::Greeter;
pub use validity::Validity;

use crate::domain::time::UnixSeconds;
use crate::wire::limits::PEM_BYTES_MAX;

/// What ALPN calls HTTP/2.
const H2: &[u8] = b"h2";
const HTTP_1_1: &[u8] = b"http/1.1";

/// One of the two files, by the key that names it: a path is nobody's business who asks for health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PemFile {
    /// `tls.cert_file`.
    Cert,
    /// `tls.key_file`.
    Key,
}

impl PemFile {
    /// The configuration key.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cert => "tls.cert_file",
            Self::Key => "tls.key_file",
        }
    }
}

/// Why a pair of files is not taken. Never shows what is in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", .file.as_str())]
pub struct TlsFault {
    /// The file at fault.
    pub file: PemFile,
    /// What is wrong with it.
    pub reason: TlsReason,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsReason {
    /// The system does not give it.
    #[error("cannot be read: {0}")]
    Unreadable(std::io::ErrorKind),
    /// It is longer than a file of its kind may be.
    #[error("has more than {PEM_BYTES_MAX} bytes")]
    TooLong,
    /// It is no PEM, or PEM of something else.
    #[error("{0}")]
    NotPem(&'static str),
    /// Its first certificate is none.
    #[error("the first certificate cannot be read")]
    NotACertificate,
    /// The key can sign nothing here.
    #[error("the key is of no supported kind")]
    KeyKind,
    /// The two do not belong together.
    #[error("is not the key of the certificate in tls.cert_file")]
    Mismatch,
    /// rustls has something against it.
    #[error("cannot be used: {0}")]
    Setup(String),
}

/// Where certificate and key lie, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PemFiles {
    /// The certificate, then whatever chain is to be sent with it.
    pub cert: PathBuf,
    /// The private key: PKCS #8, PKCS #1 or SEC 1, not encrypted.
    pub key: PathBuf,
}

/// What reading the files again led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reread {
    /// They are what is in force.
    Unchanged,
    /// A new pair is in force.
    Renewed(Validity),
    /// A new pair was refused; told once for each content of the files.
    Refused(TlsFault),
    /// What is there was refused before.
    StillRefused,
}

/// A loaded pair.
struct Loaded {
    setup: Arc<ServerConfig>,
    /// For QUIC: TLS 1.3 only, and tickets of its own.
    quic: Arc<ServerConfig>,
    validity: Validity,
    digest: [u8; 32],
}

/// What was last refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub fault: TlsFault,
    /// When.
    pub at: UnixSeconds,
}

/// The certificate and key in force. Shared by all listening threads.
pub struct Certificate {
    files: PemFiles,
    loaded: ArcSwap<Loaded>,
    /// With the digest of what was refused; unreadable files have none.
    refused: Mutex<Option<(Option<[u8; 32]>, Refused)>>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("files", &self.files)
            .field("validity", &self.validity())
            .finish_non_exhaustive()
    }
}

impl Certificate {
    /// Reads and checks both files. Blocks on the disk.
    ///
    /// # Errors
    /// What is wrong with the first file that is wrong, or that they do not belong together.
    pub fn open(files: PemFiles) -> Result<Self, TlsFault> {
        let read = Files::read(&files)?;
        let loaded = load(&read)?;
        Ok(Self {
            files,
            loaded: ArcSwap::from_pointee(loaded),
            refused: Mutex::new(None),
        })
    }

    /// From when to when the certificate in force is valid. It is served outside that time, too: a
    /// client refuses it, and that is better than no answer to those who do not look.
    pub fn validity(&self) -> Validity {
        self.loaded.load().validity
    }

    /// What was refused since the last pair came into force, if what lies there is still refused.
    pub fn refused(&self) -> Option<Refused> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.as_ref().map(|(_, refused)| refused.clone())
    }

    /// Reads the files again; a changed pair that is in order is what the next connection is
    /// greeted with. Blocks on the disk.
    pub fn reread(&self, now: UnixSeconds) -> Reread {
        let read = Files::read(&self.files);
        let digest = read.as_ref().ok().map(Files::digest);
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if digest == Some(self.loaded.load().digest) {
            *refused = None;
            return Reread::Unchanged;
        }
        match read.and_then(|read| load(&read)) {
            Ok(loaded) => {
                let validity = loaded.validity;
                self.loaded.store(Arc::new(loaded));
                *refused = None;
                Reread::Renewed(validity)
            }
            Err(fault) => {
                let known = refused.as_ref();
                if known.is_some_and(|(of, known)| *of == digest && known.fault == fault) {
                    return Reread::StillRefused;
                }
                let told = Refused {
                    fault: fault.clone(),
                    at: now,
                };
                *refused = Some((digest, told));
                Reread::Refused(fault)
            }
        }
    }

    /// What connections over QUIC are greeted with, but for what they may speak. The same as long as
    /// the pair in force is.
    pub(super) fn quic(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.loaded.load().quic)
    }

    fn setup(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.loaded.load().setup)
    }
}

/// Both files' bytes.
struct Files {
    cert: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

impl Files {
    fn read(files: &PemFiles) -> Result<Self, TlsFault> {
        Ok(Self {
            cert: pem::bytes(&files.cert).map_err(|reason| reason.of(PemFile::Cert))?,
            key: Zeroizing::new(pem::bytes(&files.key).map_err(|reason| reason.of(PemFile::Key))?),
        })
    }

    fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        // Each by its own digest, so that no byte can move from one file to the other unseen.
        digest.update(Sha256::digest(&self.cert));
        digest.update(Sha256::digest(&*self.key));
        digest.finalize().into()
    }
}

/// Checks a pair and makes what rustls greets with.
fn load(read: &Files) -> Result<Loaded, TlsFault> {
    let chain = pem::certificates(&read.cert).map_err(|reason| reason.of(PemFile::Cert))?;
    let mut private = pem::private_key(&read.key).map_err(|reason| reason.of(PemFile::Key))?;
    let signing = aws_lc_rs::sign::any_supported_type(&private);
    private.zeroize();
    let signing = signing.map_err(|_unsupported| TlsReason::KeyKind.of(PemFile::Key))?;
    let validity = chain.first().and_then(|first| Validity::of(first));
    let validity = validity.ok_or_else(|| TlsReason::NotACertificate.of(PemFile::Cert))?;
    let pair = CertifiedKey::new(chain, signing);
    match pair.keys_match() {
        Ok(()) => {}
        Err(rustls::Error::InconsistentKeys(_)) => {
            return Err(TlsReason::Mismatch.of(PemFile::Key));
        }
        Err(_unreadable) => return Err(TlsReason::NotACertificate.of(PemFile::Cert)),
    }
    let refused = |error: rustls::Error| TlsReason::Setup(error.to_string()).of(PemFile::Cert);
    let pair = Arc::new(SingleCertAndKey::from(pair));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let setup = |versions: &[&'static SupportedProtocolVersion]| {
        let mut setup = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&pair) as _);
        setup.max_early_data_size = 0;
        setup.ticketer = aws_lc_rs::Ticketer::new()?;
        Ok(setup)
    };
    let mut tcp = setup(&[&TLS13, &TLS12]).map_err(refused)?;
    tcp.alpn_protocols = vec![H2.to_vec(), HTTP_1_1.to_vec()];
    Ok(Loaded {
        setup: Arc::new(tcp),
        quic: Arc::new(setup(&[&TLS13]).map_err(refused)?),
        validity,
        digest: read.digest(),
    })
}

impl TlsReason {
    fn of(self, file: PemFile) -> TlsFault {
        TlsFault { file, reason: self }
    }
}
