//! What a deployment may set about listening.

use std::time::Duration;

use crate::wire::limits;

/// Bounds of the listeners. The defaults are those of [`limits`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Listening threads, at least one.
    pub threads: usize,
    /// Connections open at once over all threads; further ones are closed at once.
    pub connections_max: usize,
    /// Bytes of request line and headers; never under 8192.
    pub header_bytes_max: usize,
    /// From a request's first byte to the end of its headers; for a new connection from accepting.
    pub header_timeout: Duration,
    /// From a request's first byte to its body's last; for a streamed body between two pieces.
    pub body_timeout: Duration,
    /// Silence between requests.
    pub idle_timeout: Duration,
    /// For a client to take an answer that does not fit its socket.
    pub write_timeout: Duration,
    /// From accepting to the end of the TLS handshake.
    pub handshake_timeout: Duration,
    /// TLS handshakes under way at once over all threads; further connections are closed at once.
    pub handshakes_max: usize,
    /// Streams a client may have open on one connection of HTTP/2 or QUIC.
    pub streams_max: u32,
    /// HTTP/3 is spoken wherever there is a certificate.
    pub http3: bool,
    /// Frames are spoken wherever there is a certificate.
    pub frames: bool,
    /// Bytes of one streamed body.
    pub ingest_bytes_max: u64,
    /// Longest time one streamed body may take.
    pub ingest_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: 2,
            connections_max: limits::CONNECTIONS_MAX,
            header_bytes_max: limits::HEADER_BYTES_MAX,
            header_timeout: Duration::from_millis(limits::HEADER_TIMEOUT_MS),
            body_timeout: Duration::from_millis(limits::BODY_TIMEOUT_MS),
            idle_timeout: Duration::from_millis(limits::IDLE_TIMEOUT_MS),
            write_timeout: Duration::from_millis(limits::WRITE_TIMEOUT_MS),
            handshake_timeout: Duration::from_millis(limits::HANDSHAKE_TIMEOUT_MS),
            handshakes_max: limits::HANDSHAKES_MAX,
            streams_max: limits::H2_STREAMS_MAX,
            http3: true,
            frames: true,
            ingest_bytes_max: limits::INGEST_BYTES_MAX,
            ingest_timeout: Duration::from_millis(limits::INGEST_BODY_MS_MAX),
        }
    }
}

impl Options {
    /// Whether anything is spoken over QUIC.
    pub fn wants_quic(&self) -> bool {
        self.http3 || self.frames
    }

    /// How often a connection's limits are looked at: a limit is overrun by a quarter at most.
    pub(super) fn tick(&self) -> Duration {
        let shortest = self
            .header_timeout
            .min(self.body_timeout)
            .min(self.idle_timeout)
            .min(self.write_timeout)
            .min(self.handshake_timeout);
        (shortest / 4).max(Duration::from_millis(1))
    }
}
