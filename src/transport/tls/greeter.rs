//! Greeting a connection: a bounded number of handshakes, and what was agreed on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::{Certificate, H2};
use crate::gateway::door::Handshake;
use crate::wire::limits::QUIC_UNPROVEN_SHARE;

/// What one listening thread greets with.
pub(crate) struct Greeter {
    certificate: Arc<Certificate>,
    /// Handshakes under way on all threads.
    under_way: Arc<AtomicUsize>,
    at_once_max: usize,
    count: Box<dyn Fn(Handshake)>,
}

impl Greeter {
    pub(crate) fn new(
        certificate: Arc<Certificate>,
        under_way: Arc<AtomicUsize>,
        at_once_max: usize,
        count: impl Fn(Handshake) + 'static,
    ) -> Self {
        Self {
            certificate,
            under_way,
            at_once_max,
            count: Box::new(count),
        }
    }

    /// Shakes hands; the connection, and whether it speaks HTTP/2. `None` when there are too many
    /// already or the client does not get through it. Dropped when it takes too long.
    pub(crate) async fn greet(
        &self,
        stream: TcpStream,
    ) -> Option<(Box<TlsStream<TcpStream>>, bool)> {
        let mut counted = self.enter()?;
        let acceptor = TlsAcceptor::from(self.certificate.setup());
        let shaken = acceptor.accept(stream).await;
        counted.result = match shaken {
            Ok(_) => Handshake::Done,
            Err(_) => Handshake::Failed,
        };
        let stream = shaken.ok()?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(H2);
        Some((Box::new(stream), is_http2))
    }

    /// Counts a handshake in; `None` when there are too many already.
    pub(crate) fn enter(&self) -> Option<Counted<'_>> {
        let mut counted = Counted {
            greeter: self,
            result: Handshake::TooSlow,
        };
        if self.under_way.fetch_add(1, Ordering::Relaxed) >= self.at_once_max {
            counted.result = Handshake::TooMany;
            return None;
        }
        Some(counted)
    }

    /// Whether so many are under way that who comes now should first prove its address.
    pub(crate) fn is_pressed(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) >= self.at_once_max / QUIC_UNPROVEN_SHARE
    }

    /// What is greeted with.
    pub(crate) fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

/// One handshake under way; too slow, unless it is said how it ended.
pub(crate) struct Counted<'g> {
    greeter: &'g Greeter,
    pub(crate) result: Handshake,
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.greeter.under_way.fetch_sub(1, Ordering::Relaxed);
        (self.greeter.count)(self.result);
    }
}
