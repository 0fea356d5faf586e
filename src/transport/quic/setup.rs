//! What QUIC endpoints are set up with: bounds, keys, and the certificate in force.

use std::io;
use std::net::SocketAddr;
use std::net::UdpSocket;
use std::sync::Arc;

use quinn::crypto::rustls::QuicServerConfig;
use quinn::{EndpointConfig, IdleTimeout, ServerConfig, TransportConfig, VarInt};
use socket2::{Domain, Protocol, Socket, Type};

use crate::transport::options::Options;
use crate::transport::tls::Certificate;
use crate::wire::{frame, limits};

/// What ALPN calls HTTP/3 (RFC 9114, 3.1).
pub(super) const H3: &[u8] = b"h3";
/// What ALPN calls frames.
pub(super) const FRAMES: &[u8] = frame::ALPN;

/// Binds a socket that shares its port with those of the other threads.
///
/// # Errors
/// What the system says: the port is in use by another, or not ours.
pub(in crate::transport) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    // The kernel gives as much as it permits: less costs speed, not correctness.
    drop(socket.set_recv_buffer_size(limits::QUIC_SOCKET_BYTES));
    drop(socket.set_send_buffer_size(limits::QUIC_SOCKET_BYTES));
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// What all threads share.
#[derive(Clone)]
pub(in crate::transport) struct QuicSetup {
    endpoint: EndpointConfig,
    /// But for its certificate.
    server: ServerConfig,
    protocols: Vec<Vec<u8>>,
}

impl QuicSetup {
    /// By these options; `None` when nothing is to be spoken.
    ///
    /// # Errors
    /// When the certificate's provider has no cipher that QUIC begins with.
    pub(in crate::transport) fn new(
        options: &Options,
        certificate: &Certificate,
    ) -> io::Result<Option<Self>> {
        let wanted = [(options.http3, H3), (options.frames, FRAMES)];
        let wanted = wanted.iter().filter(|(on, _)| *on);
        let protocols: Vec<_> = wanted.map(|(_, name)| name.to_vec()).collect();
        if protocols.is_empty() {
            return Ok(None);
        }
        let crypto = crypto(certificate.quic().as_ref(), &protocols)?;
        let mut server = ServerConfig::with_crypto(crypto);
        server
            .transport_config(Arc::new(transport(options)))
            .migration(false)
            .max_incoming(limits::QUIC_INCOMING_MAX)
            .incoming_buffer_size(limits::QUIC_INCOMING_BYTES_MAX)
            .incoming_buffer_size_total(limits::QUIC_INCOMING_BYTES_TOTAL_MAX);
        Ok(Some(Self {
            endpoint: EndpointConfig::default(),
            server,
            protocols,
        }))
    }

    /// With the key for stateless resets that all threads have.
    pub(super) fn endpoint(&self) -> EndpointConfig {
        self.endpoint.clone()
    }
}

/// The bounds of a connection.
fn transport(options: &Options) -> TransportConfig {
    let mut transport = TransportConfig::default();
    let idle = u32::try_from(options.idle_timeout.as_millis()).unwrap_or(u32::MAX);
    transport
        .max_concurrent_bidi_streams(VarInt::from_u32(options.streams_max))
        .max_concurrent_uni_streams(VarInt::from_u32(limits::QUIC_UNI_STREAMS_MAX))
        .stream_receive_window(VarInt::from_u32(limits::QUIC_STREAM_WINDOW_BYTES))
        .receive_window(VarInt::from_u32(limits::QUIC_CONNECTION_WINDOW_BYTES))
        .send_window(limits::QUIC_SEND_BYTES_MAX)
        // A peer that is gone is noticed by this; one that is there and asks nothing, by the watch.
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(idle))))
        .keep_alive_interval(Some(options.idle_timeout / 3))
        .datagram_receive_buffer_size(None);
    transport
}

/// TLS of the certificate in force, for these protocols.
fn crypto(
    setup: &rustls::ServerConfig,
    protocols: &[Vec<u8>],
) -> io::Result<Arc<QuicServerConfig>> {
    let mut setup = setup.clone();
    setup.alpn_protocols = protocols.to_vec();
    // As the certificate says already; QUIC libraries like to turn it on (QUIC-1).
    setup.max_early_data_size = 0;
    let crypto = QuicServerConfig::try_from(setup);
    crypto.map(Arc::new).map_err(io::Error::other)
}

/// What new connections are greeted with.
pub(super) struct Greeting {
    setup: QuicSetup,
    /// Of which the configuration was made.
    made_of: Arc<rustls::ServerConfig>,
    config: Arc<ServerConfig>,
}

impl Greeting {
    pub(super) fn new(setup: &QuicSetup, certificate: &Certificate) -> io::Result<Self> {
        let made_of = certificate.quic();
        let config = Arc::new(with(setup, &made_of)?);
        Ok(Self {
            setup: setup.clone(),
            made_of,
            config,
        })
    }

    pub(super) fn config(&self) -> &Arc<ServerConfig> {
        &self.config
    }

    /// Of the certificate in force now.
    pub(super) fn current(&mut self, certificate: &Certificate) -> Arc<ServerConfig> {
        let in_force = certificate.quic();
        if !Arc::ptr_eq(&in_force, &self.made_of)
            && let Ok(config) = with(&self.setup, &in_force)
        {
            self.config = Arc::new(config);
            self.made_of = in_force;
        }
        Arc::clone(&self.config)
    }
}

fn with(setup: &QuicSetup, certificate: &rustls::ServerConfig) -> io::Result<ServerConfig> {
    let mut server = setup.server.clone();
    server.crypto = crypto(certificate, &setup.protocols)?;
    Ok(server)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::tls::PemFiles;

    /// QUIC-2: every bound that quinn leaves wide is set.
    #[test]
    fn what_a_connection_can_make_us_hold_is_bounded() {
        let options = Options {
            streams_max: 77,
            idle_timeout: std::time::Duration::from_secs(30),
            ..Options::default()
        };
        let bounds = format!("{:?},", transport(&options));
        for (name, bound) in [
            ("max_concurrent_bidi_streams", 77),
            (
                "max_concurrent_uni_streams",
                u64::from(limits::QUIC_UNI_STREAMS_MAX),
            ),
            (
                "stream_receive_window",
                u64::from(limits::QUIC_STREAM_WINDOW_BYTES),
            ),
            (
                "receive_window",
                u64::from(limits::QUIC_CONNECTION_WINDOW_BYTES),
            ),
            ("send_window", limits::QUIC_SEND_BYTES_MAX),
        ] {
            let told = format!(" {name}: {bound},");
            assert!(bounds.contains(&told), "{told} {bounds}");
        }
        assert!(
            bounds.contains(" max_idle_timeout: Some(30000)"),
            "{bounds}"
        );
        assert!(
            bounds.contains(" datagram_receive_buffer_size: None"),
            "{bounds}"
        );
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let files = PemFiles {
            cert: dir.path().join("cert.pem"),
            key: dir.path().join("key.pem"),
        };
        std::fs::write(&files.cert, pair.cert.pem()).unwrap();
        std::fs::write(&files.key, pair.signing_key.serialize_pem()).unwrap();
        let certificate = Certificate::open(files).unwrap();
        let setup = QuicSetup::new(&options, &certificate).unwrap().unwrap();
        let bounds = format!("{:?},", setup.server);
        for told in [
            format!(" max_incoming: {},", limits::QUIC_INCOMING_MAX),
            format!(
                " incoming_buffer_size: {},",
                limits::QUIC_INCOMING_BYTES_MAX
            ),
            format!(
                " incoming_buffer_size_total: {},",
                limits::QUIC_INCOMING_BYTES_TOTAL_MAX
            ),
            " migration: false,".to_owned(),
        ] {
            assert!(bounds.contains(&told), "{told} {bounds}");
        }
    }
}
