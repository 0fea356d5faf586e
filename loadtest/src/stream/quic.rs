//! QUIC as both sides of a run use it: one self-signed certificate, and quinn as it comes.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use socket2::{Domain, Protocol, Socket, Type};

/// Protocol names of both sides.
pub(super) const HTTP3: &[u8] = b"h3";
pub(super) const FRAMES: &[u8] = b"dialgate/1";
/// The name in the certificate.
pub(super) const HOST: &str = "localhost";
/// Longest wait for a connection to open.
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(5);
/// Streams a client may open at once.
const STREAMS_MAX: u32 = 1_024;

/// A certificate and its key, as files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

impl Identity {
    /// Files of these names in a directory.
    pub(crate) fn of(dir: &Path) -> Self {
        Self {
            cert: dir.join("cert.pem"),
            key: dir.join("key.pem"),
        }
    }

    /// Makes a certificate for [`HOST`] in a directory.
    pub(crate) fn make(dir: &Path) -> anyhow::Result<Self> {
        let made = rcgen::generate_simple_self_signed([HOST.to_owned(), "127.0.0.1".to_owned()])?;
        let files = Self::of(dir);
        std::fs::write(&files.cert, made.cert.pem())?;
        std::fs::write(&files.key, made.signing_key.serialize_pem())?;
        Ok(files)
    }

    fn certificate(&self) -> anyhow::Result<CertificateDer<'static>> {
        let read = CertificateDer::from_pem_file(&self.cert);
        read.with_context(|| format!("cannot read {}", self.cert.display()))
    }
}

/// Opens a connection to `address`. Cancelling it leaves nothing open.
pub(super) async fn connect(
    address: SocketAddr,
    identity: &Identity,
    protocol: &[u8],
) -> anyhow::Result<(quinn::Endpoint, quinn::Connection)> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(identity.certificate()?)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![protocol.to_vec()];
    let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls)?));
    let endpoint = quinn::Endpoint::client((Ipv4Addr::LOCALHOST, 0).into())?;
    let connecting = endpoint.connect_with(config, address, HOST)?;
    let connection = tokio::time::timeout(CONNECT_TIMEOUT_MAX, connecting)
        .await
        .context("connecting took too long")?
        .context("cannot connect")?;
    Ok((endpoint, connection))
}

/// The bare server's side of TLS and of streams.
pub(super) fn server_config(identity: &Identity) -> anyhow::Result<quinn::ServerConfig> {
    let key = PrivateKeyDer::from_pem_file(&identity.key);
    let key = key.with_context(|| format!("cannot read {}", identity.key.display()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate()?], key)?;
    tls.alpn_protocols = vec![HTTP3.to_vec(), FRAMES.to_vec()];
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    let mut transport = quinn::TransportConfig::default();
    transport.max_concurrent_bidi_streams(STREAMS_MAX.into());
    config.transport_config(Arc::new(transport));
    Ok(config)
}

/// An endpoint on a UDP port that threads share, as dialgate's do. Must be called inside a runtime.
pub(super) fn endpoint(
    socket: UdpSocket,
    config: quinn::ServerConfig,
) -> anyhow::Result<quinn::Endpoint> {
    let runtime = Arc::new(quinn::TokioRuntime);
    let settings = quinn::EndpointConfig::default();
    Ok(quinn::Endpoint::new(
        settings,
        Some(config),
        socket,
        runtime,
    )?)
}

/// A UDP socket that others may share.
pub(super) fn socket(address: SocketAddr) -> anyhow::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    socket.set_reuse_port(true)?;
    socket
        .bind(&address.into())
        .with_context(|| format!("cannot bind {address}"))?;
    Ok(socket.into())
}

/// What a connection was opened to speak.
pub(super) fn protocol_of(connection: &quinn::Connection) -> Option<Vec<u8>> {
    let data = connection.handshake_data()?;
    let data = data
        .downcast::<quinn::crypto::rustls::HandshakeData>()
        .ok()?;
    data.protocol
}

#[cfg(test)]
mod tests {
    use super::Identity;
    use crate::workdir::WorkDir;

    #[test]
    fn a_certificate_is_made_and_read_again() {
        let dir = WorkDir::create(&std::env::temp_dir(), false).unwrap();
        let files = Identity::make(dir.path()).unwrap();
        assert!(!files.certificate().unwrap().is_empty());
        super::server_config(&files).unwrap();
        std::fs::write(&files.cert, "nothing").unwrap();
        assert!(files.certificate().is_err());
    }
}
